//! What is said of a sweep's store: what was damaged or is not of it, and how checkpoints served.

use crate::io::store::Store;
use crate::run::{Filled, counted};

/// What was found damaged in a store, and what is not of it.
pub fn of_damage(store: &Store, n_damaged: usize) -> Vec<String> {
    let path = store.path().display();
    let mut said = Vec::new();
    let (names, n) = (store.mended(), store.mended().len());
    if n > 0 {
        let shown = names.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
        let more = match n.saturating_sub(3) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let were = if n == 1 { "was" } else { "were" };
        said.push(format!(
            "{path}: {shown}{more} {were} damaged or missing, and {were} written anew"
        ));
    }
    said.extend(store.strange().map(|strange| {
        format!("{path} holds {strange}, which brainsweep did not write and leaves alone")
    }));
    said.extend(match n_damaged {
        0 => None,
        1 => Some(format!(
            "{path}: 1 chunk that was done is damaged; it is run again"
        )),
        n => Some(format!(
            "{path}: {n} chunks that were done are damaged; they are run again"
        )),
    });
    said
}

/// Where replicas went on from checkpoints, and where they could not.
pub fn of_checkpoints(filled: &Filled) -> Vec<String> {
    let mut said = Vec::new();
    if filled.n_resumed > 0 {
        let replicas = counted(filled.n_resumed, "replica");
        said.push(format!("{replicas} went on from checkpoints"));
    }
    said.extend(match filled.n_unsound {
        0 => None,
        1 => Some("1 checkpoint is damaged or of another sweep; its replicas began anew".into()),
        n => Some(format!(
            "{n} checkpoints are damaged or of another sweep; their replicas began anew"
        )),
    });
    said.extend(filled.unkept.iter().map(|error| {
        format!(
            "not every checkpoint could be written, so a killed run would go on from further back: {error}"
        )
    }));
    said
}

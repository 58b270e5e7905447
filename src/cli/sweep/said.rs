//! What `brainsweep sweep` notes of a store: what was damaged or is not of it, and how checkpoints served.

use crate::cli::output::note;
use crate::io::store::Store;
use crate::run::{Filled, counted};

/// Says what was found damaged in a store, and what is not of it.
pub(super) fn tell_damage(store: &Store, n_damaged: usize) {
    let path = store.path().display();
    let (names, n) = (store.mended(), store.mended().len());
    if n > 0 {
        let shown = names.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
        let more = match n.saturating_sub(3) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let were = if n == 1 { "was" } else { "were" };
        note(&format!(
            "{path}: {shown}{more} {were} damaged or missing, and {were} written anew"
        ));
    }
    if let Some(strange) = store.strange() {
        note(&format!(
            "{path} holds {strange}, which brainsweep did not write and leaves alone"
        ));
    }
    match n_damaged {
        0 => {}
        1 => note(&format!(
            "{path}: 1 chunk that was done is damaged; it is run again"
        )),
        n => note(&format!(
            "{path}: {n} chunks that were done are damaged; they are run again"
        )),
    }
}

/// Says where replicas went on from checkpoints, and where they could not.
pub(super) fn tell_checkpoints(filled: &Filled) {
    if filled.n_resumed > 0 {
        let replicas = counted(filled.n_resumed, "replica");
        note(&format!("{replicas} went on from checkpoints"));
    }
    match filled.n_unsound {
        0 => {}
        1 => note("1 checkpoint is damaged or of another sweep; its replicas began anew"),
        n => note(&format!(
            "{n} checkpoints are damaged or of another sweep; their replicas began anew"
        )),
    }
    if let Some(error) = &filled.unkept {
        note(&format!(
            "not every checkpoint could be written, so a killed run would go on from further back: {error}"
        ));
    }
}

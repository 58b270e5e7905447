//! Who is filling a store, and with what.

use std::path::Path;
use std::time::{Duration, SystemTime};

use super::claims::{self, Claim};
use crate::error::{Error, Result};
use crate::io::work;

/// A process that fills a store, or did.
#[derive(Debug, Clone)]
pub struct Holder {
    /// The name of its host, and its number there, where they are known.
    pub process: Option<(String, u32)>,
    /// How long ago it gave its last sign of life; none where there is none.
    pub silent: Option<Duration>,
    /// Whether it is at work, as far as can be told from here. What others have claimed is taken over.
    pub is_alive: bool,
    /// The parts that it has claimed, by number.
    pub parts: Vec<usize>,
}

/// The processes that fill the store at `path`, and the time there by the clock of its file system.
///
/// # Errors
/// [`Error::Disk`] if the folder cannot be read.
pub fn holders(path: &Path) -> Result<(Vec<Holder>, SystemTime)> {
    let failed = || Error::io("read", path);
    let workers = work::workers(path).map_err(failed())?;
    let claims = claims::list(path).map_err(failed())?;
    let of = |name: &str| {
        let own = claims.iter().filter(|claim| claim.holder == name);
        own.map(|claim| claim.part).collect()
    };
    let mut holders: Vec<Holder> = workers
        .iter()
        .map(|worker| Holder {
            process: worker.mark.as_ref().map(|m| (m.host.clone(), m.process)),
            silent: worker.silent,
            is_alive: worker.is_alive(),
            parts: of(&worker.name),
        })
        .collect();
    // Claims of processes whose folder is gone.
    let is_lost = |claim: &&Claim| workers.iter().all(|worker| worker.name != claim.holder);
    let parts: Vec<usize> = claims
        .iter()
        .filter(is_lost)
        .map(|claim| claim.part)
        .collect();
    if !parts.is_empty() {
        holders.push(Holder {
            process: None,
            silent: None,
            is_alive: false,
            parts,
        });
    }
    Ok((holders, work::now(path)))
}

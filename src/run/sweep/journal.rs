//! Which chunks of a sweep are done, by what the store holds of them.

use rayon::prelude::*;

use super::Shard;
use super::arrays::{DIVERGED, DIVERGED_AT, DONE, STATUS, UNHELD};
use crate::error::Result;
use crate::io::store::Store;
use crate::run::held::OfHeld;
use crate::sweep::Chunks;

/// What there is of a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Done,
    /// It was never finished.
    Missing,
    /// It was finished, for its status is there, and something happened to it since.
    Damaged,
}

/// What is left to do in a store.
#[derive(Debug, Default)]
pub struct Todo {
    /// Chunks that are not done, by number.
    pub chunks: Vec<usize>,
    /// How many of them were done once, and are damaged.
    pub n_damaged: usize,
}

impl Todo {
    /// Looks through a store; with a shard, for its own chunks.
    pub(super) fn new(store: &Store, chunks: &Chunks, shard: Option<Shard>) -> Result<Self> {
        let mut todo = Self::default();
        for chunk in (0..chunks.len()).filter(|&chunk| shard.is_none_or(|shard| shard.has(chunk))) {
            match standing(store, chunks, chunk)? {
                Standing::Done if is_recorded(store, chunks, chunk)? => continue,
                Standing::Missing => {}
                Standing::Done | Standing::Damaged => todo.n_damaged += 1,
            }
            todo.chunks.push(chunk);
        }
        Ok(todo)
    }
}

/// Reads every chunk of every array, of a shard's chunks where there is one. Those that are damaged are not done any more; how
/// many there are.
pub(super) fn verify(store: &Store, chunks: &Chunks, shard: Option<Shard>) -> Result<usize> {
    let all = (0..chunks.len()).into_par_iter();
    let own = all.filter(|&chunk| shard.is_none_or(|shard| shard.has(chunk)));
    let is_damaged = own.map(|chunk| {
        let indices = chunks.indices(chunk);
        // One that is not done is made anyway.
        if !is_done(store, chunks, chunk)? || store.is_sound(&indices)? {
            return Ok(0);
        }
        store.remove(STATUS, &indices)?;
        Ok(1)
    });
    is_damaged.try_reduce(|| 0, |a, b| Ok(a + b))
}

/// Whether a chunk that is done has its record, which is made where there is none. A chunk of which none can be made is not done any
/// more.
fn is_recorded(store: &Store, chunks: &Chunks, chunk: usize) -> Result<bool> {
    let indices = chunks.indices(chunk);
    if store.ensure_record(&indices)? {
        return Ok(true);
    }
    store.remove(STATUS, &indices)?;
    Ok(false)
}

/// Whether a chunk is done.
pub(super) fn is_done(store: &Store, chunks: &Chunks, chunk: usize) -> Result<bool> {
    Ok(standing(store, chunks, chunk)? == Standing::Done)
}

/// A chunk is done if every array has it whole and each of its replicas is marked, as diverged if and only if there is a time at
/// which it did, as unheld if and only if an output is to be held and no eigenvalue is there.
fn standing(store: &Store, chunks: &Chunks, chunk: usize) -> Result<Standing> {
    let indices = chunks.indices(chunk);
    if !store.has(STATUS, &indices) {
        return Ok(Standing::Missing);
    }
    if !store.is_whole(&indices) {
        return Ok(Standing::Damaged);
    }
    let status = store.sound::<u8>(STATUS, &indices)?;
    let diverged_at = store.sound::<f64>(DIVERGED_AT, &indices)?;
    let (Ok(status), Ok(diverged_at)) = (status, diverged_at) else {
        return Ok(Standing::Damaged);
    };
    let eigenvalue = OfHeld::Eigenvalue.name();
    let eigenvalues = match store.kind(eigenvalue) {
        Some(_) => Some(store.sound::<f64>(eigenvalue, &indices)?),
        None => None,
    };
    let Ok(eigenvalues) = eigenvalues.transpose() else {
        return Ok(Standing::Damaged);
    };
    let is_held = |place: usize| eigenvalues.as_ref().is_none_or(|all| !all[place].is_nan());
    let is_marked = |place: usize| match status[place] {
        DONE => is_held(place) && diverged_at[place].is_nan(),
        DIVERGED => is_held(place) && diverged_at[place].is_finite(),
        UNHELD => !is_held(place) && diverged_at[place].is_nan(),
        _ => false,
    };
    let mut n_replicas = 0;
    let all_marked = chunks.replicas(chunk).all(|replica| {
        n_replicas += 1;
        is_marked(replica.index)
    });
    // Places beyond the sweep's ends are empty.
    let n_marks = status.iter().filter(|mark| **mark != 0).count();
    Ok(match all_marked && n_marks == n_replicas {
        true => Standing::Done,
        false => Standing::Damaged,
    })
}

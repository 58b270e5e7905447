//! How far a store is filled, seen from outside.

use std::path::Path;
use std::time::{Duration, SystemTime};

use super::arrays::STATUS;
use crate::error::{Error, Result};
use crate::io::store::{Contents, Holder, checkpoints, holders};
use crate::sweep::unravel;

/// The rate is that of the chunks written in this time before now.
const RECENT: Duration = Duration::from_secs(3600);

/// A store that others are filling, at one moment.
#[derive(Debug)]
pub struct Watched {
    /// Replicas of the sweep.
    pub n_replicas: usize,
    /// Chunks of the store.
    pub n_chunks: usize,
    /// Chunks that are done: there in every array, as long as they should be.
    pub n_done: usize,
    /// Chunks that were done once, and are damaged.
    pub n_damaged: usize,
    /// Chunks in the making that have checkpoints.
    pub n_kept: usize,
    /// How long ago the last checkpoint was written, if there is one.
    pub kept: Option<Duration>,
    /// The processes that fill it, or did and left something behind.
    pub holders: Vec<Holder>,
    /// Chunks per second lately; none where too few were written to tell.
    pub rate: Option<f64>,
}

impl Watched {
    /// Looks at the store at `path`. Nothing there is changed, and no array is read but `status`.
    ///
    /// # Errors
    /// [`Error::Data`] if there is no store of a sweep, [`Error::Disk`] if it cannot be read.
    pub fn new(path: &Path) -> Result<Self> {
        let contents = Contents::look(path, &["sweep"])?;
        let Some((shape, chunk)) = contents.lengths(STATUS) else {
            let hint = "the sweep's command mends it";
            return Err(Error::data_hint(path, "zarr.json is damaged", hint));
        };
        let counts: Vec<usize> = shape
            .iter()
            .zip(chunk)
            .map(|(n, c)| n.div_ceil(*c))
            .collect();
        let n_chunks = counts.iter().product();
        let (holders, now) = holders(path)?;
        let kept = checkpoints(path);
        let newest = kept.iter().map(|(_, time)| *time).max();
        let mut written = Vec::new();
        let mut n_damaged = 0;
        for number in 0..n_chunks {
            let part = unravel(number, &counts);
            let Some(time) = contents.written(STATUS, &part) else {
                continue;
            };
            let marks = contents.sound::<u8>(STATUS, &part)?;
            let is_marked = marks.is_ok_and(|marks| marks.iter().any(|mark| *mark != 0));
            match is_marked && contents.is_whole(&part) {
                true => written.push(time),
                false => n_damaged += 1,
            }
        }
        Ok(Self {
            n_replicas: shape.iter().product(),
            n_chunks,
            n_done: written.len(),
            n_damaged,
            n_kept: kept.len(),
            kept: newest.map(|time| now.duration_since(time).unwrap_or_default()),
            holders,
            rate: rate(&mut written, now),
        })
    }

    /// Whether every chunk is done.
    pub fn is_complete(&self) -> bool {
        self.n_done == self.n_chunks
    }

    /// Processes that are at work.
    pub fn n_alive(&self) -> usize {
        self.holders.iter().filter(|holder| holder.is_alive).count()
    }

    /// Seconds until all is done, at the recent rate; none where nobody is at work.
    pub fn left_s(&self) -> Option<f64> {
        let left = (self.n_chunks - self.n_done) as f64;
        (self.n_alive() > 0).then(|| Some(left / self.rate?))?
    }
}

/// Chunks per second, by when they were written; none of chunks that were written, or copied, at once.
fn rate(written: &mut Vec<SystemTime>, now: SystemTime) -> Option<f64> {
    let is_recent = |time: &SystemTime| now.duration_since(*time).is_ok_and(|age| age < RECENT);
    written.retain(is_recent);
    written.sort();
    let (first, last) = (written.first()?, written.last()?);
    let seconds = last.duration_since(*first).ok()?.as_secs_f64();
    (seconds >= 1.0).then(|| (written.len() - 1) as f64 / seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_that_of_the_last_hour() {
        let now = SystemTime::now();
        let ago = |seconds: u64| now - Duration::from_secs(seconds);
        let mut written = vec![ago(100), ago(40), ago(70), ago(7200), ago(4000)];
        assert_eq!(rate(&mut written, now), Some(2.0 / 60.0));
        assert_eq!(rate(&mut vec![ago(10)], now), None);
        assert_eq!(rate(&mut vec![ago(10), ago(10)], now), None);
        let mut copied = vec![ago(10), ago(10) + Duration::from_millis(2)];
        assert_eq!(rate(&mut copied, now), None);
    }
}

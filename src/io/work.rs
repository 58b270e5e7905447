//! The folder of a process's half-written files, within the store that it fills, and the sign of
//! life that the process leaves in it.
//!
//! A process that fills a store touches the file `alive` in its folder again and again. Others on
//! the same host see from the folder's name whether the process runs ([`Mark`]); those elsewhere
//! see how old the sign is, by the clock of the file system, which all of them share. No lock is
//! taken. A process that is taken for dead though it lives, because its host was suspended say,
//! loses nothing: its folder is made again, and the bytes of a chunk do not depend on who writes
//! it.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, SystemTime};

use super::process::{Life, Mark};
use crate::error::{Error, Result};

const PREFIX: &str = ".work-";
/// The sign of life.
const SIGN: &str = "alive";
/// Between two signs of life.
const BEAT: Duration = Duration::from_secs(15);
/// A process elsewhere that gives no sign for so long is taken for dead: some beats, and what file
/// systems of clusters take to show a change.
pub(super) const SILENCE: Duration = Duration::from_secs(120);
/// The folder of a process elsewhere is removed after so long.
const FORGOTTEN: Duration = Duration::from_secs(24 * 3600);

/// A folder that belongs to this process while it lives.
#[derive(Debug)]
pub(super) struct Work {
    folder: PathBuf,
    name: String,
    next: AtomicU64,
    /// Dropped, it ends the thread that gives the signs of life.
    end: Option<Sender<()>>,
    heart: Option<JoinHandle<()>>,
}

impl Work {
    /// Makes a folder in `store`, and removes those of processes that are gone.
    pub fn join(store: &Path) -> Result<Self> {
        sweep_up(store)?;
        let folder = tempfile::Builder::new()
            .prefix(&Mark::prefix(PREFIX))
            .tempdir_in(store);
        let folder = folder.map_err(Error::io("write", store))?.keep();
        let name = folder.file_name().unwrap_or_default();
        let name = name.to_string_lossy().into_owned();
        give_sign(&folder).map_err(Error::io("write", &folder))?;
        let (end, ended) = mpsc::channel();
        let beating = folder.clone();
        let beat = move || {
            while ended.recv_timeout(BEAT) == Err(RecvTimeoutError::Timeout) {
                // What fails once may go well the next time; if it never does, others take over.
                let _ = give_sign(&beating);
            }
        };
        // Without a thread to be had there is one sign only, and others may repeat what this does.
        let heart = Builder::new().spawn(beat).ok();
        Ok(Self {
            folder,
            name,
            next: AtomicU64::new(0),
            end: Some(end),
            heart,
        })
    }

    /// Its name, by which others know the process.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A name for a new file.
    pub fn file(&self) -> PathBuf {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.folder.join(number.to_string())
    }

    /// Makes the folder again if it is gone.
    pub fn mend(&self) -> io::Result<()> {
        give_sign(&self.folder)
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        self.end = None;
        if let Some(heart) = self.heart.take() {
            // It ends at once.
            let _ = heart.join();
        }
        // What stays is removed by the next process.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Touches the sign of life, in a folder that is made again if it is gone. Written, not only
/// touched: its time is then the file system's, not this host's.
fn give_sign(folder: &Path) -> io::Result<()> {
    if !folder.is_dir() {
        // Not the store itself: that is not to come back.
        fs::create_dir(folder)?;
    }
    let mut sign = File::create(folder.join(SIGN))?;
    sign.write_all(b"alive\n")?;
    sign.sync_all()
}

/// A process that has a folder in a store.
#[derive(Debug, Clone)]
pub(super) struct Worker {
    /// The folder's name.
    pub name: String,
    /// Host and process, where the name says them.
    pub mark: Option<Mark>,
    /// How old its last sign of life is; none where there is none.
    pub silent: Option<Duration>,
}

impl Worker {
    /// The process of the folder `name` in `store`, at the time `now` of the file system.
    pub fn look(store: &Path, name: &str, now: SystemTime) -> Self {
        // Opened, not only looked up: a network file system then asks for the newest.
        let sign = File::open(store.join(name).join(SIGN)).and_then(|file| file.metadata());
        let given = sign.and_then(|sign| sign.modified()).ok();
        Self {
            name: name.into(),
            mark: Mark::in_name(name, PREFIX),
            silent: given.map(|given| now.duration_since(given).unwrap_or_default()),
        }
    }

    /// Whether it is at work, as far as can be told from here.
    pub fn is_alive(&self) -> bool {
        match self.life() {
            Life::Alive => true,
            Life::Dead => false,
            Life::Elsewhere => self.silent.is_some_and(|silent| silent < SILENCE),
        }
    }

    /// Whether there is neither a sign of life nor a way to see the process.
    pub fn is_unknown(&self) -> bool {
        self.silent.is_none() && self.life() == Life::Elsewhere
    }

    fn life(&self) -> Life {
        self.mark.as_ref().map_or(Life::Elsewhere, Mark::life)
    }

    /// Whether its folder may be removed: it ran here and ended, or has been silent for very long.
    fn is_forgotten(&self) -> bool {
        let is_of_this_host = self.mark.as_ref();
        let is_of_this_host = is_of_this_host.is_some_and(|mark| mark.host == Mark::own().host);
        match self.life() {
            Life::Alive => false,
            Life::Dead => true,
            // Before a restart of this host.
            Life::Elsewhere if is_of_this_host => self.silent.is_none_or(|s| s >= SILENCE),
            Life::Elsewhere => self.silent.is_some_and(|silent| silent >= FORGOTTEN),
        }
    }
}

/// The time by the clock of the file system that `folder` is on; this host's, where nothing can be
/// written there.
pub(super) fn now(folder: &Path) -> SystemTime {
    let written = || -> io::Result<SystemTime> {
        let mut file = tempfile::tempfile_in(folder)?;
        file.write_all(b" ")?;
        file.metadata()?.modified()
    };
    written().unwrap_or_else(|_| SystemTime::now())
}

/// The processes that have a folder in `store`, by name.
pub(super) fn workers(store: &Path) -> io::Result<Vec<Worker>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(store)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if is_folder(&name) {
            names.push(name);
        }
    }
    if names.is_empty() {
        return Ok(Vec::new());
    }
    names.sort();
    let now = now(store);
    let look = |name: &String| Worker::look(store, name, now);
    Ok(names.iter().map(look).collect())
}

/// Whether a folder of this name, within a store, is one of half-written files.
pub(super) fn is_folder(name: &str) -> bool {
    Mark::in_name(name, PREFIX).is_some() && !name.contains('/')
}

/// Whether the process that made `folder` is at work.
pub(super) fn is_busy(folder: &Path) -> bool {
    let (Some(store), Some(name)) = (folder.parent(), folder.file_name()) else {
        return false;
    };
    Worker::look(store, &name.to_string_lossy(), now(store)).is_alive()
}

/// Removes the folders of processes that are gone.
pub(super) fn sweep_up(store: &Path) -> Result<()> {
    let workers = workers(store).map_err(Error::io("read", store))?;
    for worker in workers.iter().filter(|worker| worker.is_forgotten()) {
        // What cannot be removed stays, under its hidden name.
        let _ = fs::remove_dir_all(store.join(&worker.name));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The folder of a process on another host, silent for so long.
    fn elsewhere(store: &Path, host: &str, silent: Duration) -> PathBuf {
        let folder = store.join(format!("{PREFIX}{host}-0badc0de-12-345-A1b2C3"));
        fs::create_dir(&folder).unwrap();
        let sign = File::create(folder.join(SIGN)).unwrap();
        sign.set_modified(SystemTime::now() - silent).unwrap();
        folder
    }

    #[test]
    fn folders_of_the_dead_go_and_those_of_the_living_stay() {
        let store = tempfile::tempdir().unwrap();
        let living = Work::join(store.path()).unwrap();
        fs::write(living.file(), "half").unwrap();
        // As this process was before its number was given again.
        let own = Mark::own().to_string();
        let (rest, start) = own.rsplit_once('-').unwrap();
        let earlier = start.parse::<u64>().unwrap().saturating_sub(1);
        let dead = store
            .path()
            .join(format!("{PREFIX}{rest}-{earlier}-A1b2C3"));
        if cfg!(target_os = "linux") {
            fs::create_dir(&dead).unwrap();
            fs::write(dead.join("0"), "half").unwrap();
        }
        let minute = Duration::from_secs(60);
        let awake = elsewhere(store.path(), "one", minute);
        let silent = elsewhere(store.path(), "two", 3 * minute);
        let forgotten = elsewhere(store.path(), "three", 1500 * minute);
        let before_restart = elsewhere(store.path(), &Mark::own().host, 3 * minute);
        assert!(is_busy(&awake) && is_busy(&living.folder));
        assert!(!is_busy(&silent) && !is_busy(&dead));

        let other = Work::join(store.path()).unwrap();
        assert!(!dead.exists() && !forgotten.exists() && !before_restart.exists());
        assert!(awake.exists() && silent.exists(), "another host's");
        assert!(living.folder.join("0").is_file());
        assert_ne!(living.folder, other.folder);
        drop((living, other));
        assert_eq!(fs::read_dir(store.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_folder_that_vanished_is_made_again_and_a_store_is_not() {
        let home = tempfile::tempdir().unwrap();
        let store = home.path().join("store");
        fs::create_dir(&store).unwrap();
        let work = Work::join(&store).unwrap();
        fs::remove_dir_all(&work.folder).unwrap();
        work.mend().unwrap();
        fs::write(work.file(), "half").unwrap();
        assert!(is_busy(&work.folder));
        fs::remove_dir_all(&store).unwrap();
        assert!(work.mend().is_err() && !store.exists());
    }

    #[test]
    fn many_come_and_go_at_the_same_time() {
        let store = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..100 {
                        let work = Work::join(store.path()).unwrap();
                        fs::write(work.file(), "half").unwrap();
                    }
                });
            }
        });
        assert_eq!(fs::read_dir(store.path()).unwrap().count(), 0);
    }
}

//! Which part of the work is whose: the store as a queue, for any number of processes on any hosts.
//!
//! A process claims a part by creating the file `.claims/PART.0`, which succeeds for one of all that
//! try, also over NFS. The file holds the name of the process's folder of half-written files, whose
//! sign of life tells whether the process is at work. Whoever finds that it is not takes over by
//! creating `.claims/PART.1`, and so on: the last of these files is the claim that counts.
//!
//! Claims save time and nothing else. A part that two processes fill nevertheless, because one was
//! taken for dead, gets the same bytes from both.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::io::plain;
use crate::io::work::{self, SILENCE, Work, Worker};

/// The folder of claims, within a store.
pub(super) const FOLDER: &str = ".claims";

/// The claims in one store, as one process sees them.
#[derive(Debug)]
pub(super) struct Claims<'a> {
    pub store: &'a Path,
    pub work: &'a Work,
}

impl Claims<'_> {
    /// Claims a part; whether it is this process's now.
    pub fn take(&self, part: usize) -> io::Result<bool> {
        let mut turn = 0;
        loop {
            let file = file(self.store, part, turn);
            match File::create_new(&file) {
                Ok(mut claim) => {
                    claim.write_all(self.work.name().as_bytes())?;
                    return Ok(true);
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    // One that is gone by now was given back, by a holder who is done with the part.
                    match Claim::read(self.store, &file)? {
                        Some(claim) if !claim.is_held() => turn += 1,
                        _ => return Ok(false),
                    }
                }
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    match fs::create_dir(self.store.join(FOLDER)) {
                        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                            return Err(error);
                        }
                        _ => {}
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Gives a part back. A claim that another process has taken over stays.
    pub fn release(&self, part: usize) {
        let files: Vec<PathBuf> = (0..)
            .map(|turn| file(self.store, part, turn))
            .take_while(|file| file.exists())
            .collect();
        let is_own = |file: &PathBuf| {
            fs::read_to_string(file).is_ok_and(|holder| holder == self.work.name())
        };
        if files.last().is_some_and(is_own) {
            for file in files {
                // What cannot be removed is taken over once this process has ended.
                let _ = fs::remove_file(file);
            }
        }
        // The last claim takes the folder with it; any other keeps it.
        let _ = fs::remove_dir(self.store.join(FOLDER));
    }
}

/// The file of a part's first claim, or of the one after so many that were taken over.
fn file(store: &Path, part: usize, turn: usize) -> PathBuf {
    store.join(FOLDER).join(format!("{part}.{turn}"))
}

/// The part and the turn of a claim by its file's name; `None` of any other name.
pub(super) fn numbers(name: &str) -> Option<(usize, usize)> {
    let (part, turn) = name.split_once('.')?;
    Some((part.parse().ok()?, turn.parse().ok()?))
}

/// Removes all claims of a store in which every part is done.
pub(super) fn clear(store: &Path) {
    let is_claim = |name: &str| numbers(name).is_some();
    super::remove_own(&store.join(FOLDER), is_claim);
}

/// One claim.
#[derive(Debug, Clone)]
pub(super) struct Claim {
    /// The part.
    pub part: usize,
    /// How many claims of the part were taken over before.
    turn: usize,
    /// The name of the holder's folder.
    pub holder: String,
    worker: Worker,
    /// When the claim was made, and the time now, by the clock of the file system.
    made: SystemTime,
    now: SystemTime,
}

impl Claim {
    /// Reads a claim; none if it is gone.
    fn read(store: &Path, file: &Path) -> io::Result<Option<Self>> {
        let gone = |error: io::Error| match error.kind() {
            ErrorKind::NotFound => Ok(None),
            _ => Err(error),
        };
        let name = file.file_name().and_then(|name| name.to_str());
        let Some((part, turn)) = name.and_then(numbers) else {
            return Ok(None);
        };
        // Where something lies that is no claim of ours, such as a folder, it is nobody's, and goes by its age like any other.
        let holder = match plain::read_own(file) {
            Ok(holder) => String::from_utf8(holder).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error),
        };
        let made = match fs::symlink_metadata(file).and_then(|found| found.modified()) {
            Ok(made) => made,
            Err(error) => return gone(error),
        };
        let now = work::now(store);
        // A holder that is no name of a folder, but a way out of the store, is nobody's.
        let name = match work::is_folder(&holder) {
            true => holder.as_str(),
            false => "",
        };
        Ok(Some(Self {
            part,
            turn,
            worker: Worker::look(store, name, now),
            holder,
            made,
            now,
        }))
    }

    /// Whether its holder is at work; one whose sign of life is missing has a while to give it.
    pub fn is_held(&self) -> bool {
        let age = self.now.duration_since(self.made).unwrap_or_default();
        self.worker.is_alive() || self.worker.is_unknown() && age < SILENCE
    }
}

/// The claims in a store that count, by part.
pub(super) fn list(store: &Path) -> io::Result<Vec<Claim>> {
    let folder = store.join(FOLDER);
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut claims = Vec::new();
    for entry in entries {
        claims.extend(Claim::read(store, &entry?.path())?);
    }
    claims.sort_by_key(|claim| (claim.part, std::cmp::Reverse(claim.turn)));
    claims.dedup_by_key(|claim| claim.part);
    Ok(claims)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn claims<'a>(store: &'a Path, work: &'a Work) -> Claims<'a> {
        Claims { store, work }
    }

    #[test]
    fn a_part_is_one_process_s_until_it_is_given_back() {
        let store = tempfile::tempdir().unwrap();
        let (one, two) = (
            Work::join(store.path()).unwrap(),
            Work::join(store.path()).unwrap(),
        );
        let (one, two) = (claims(store.path(), &one), claims(store.path(), &two));
        assert!(one.take(7).unwrap() && !two.take(7).unwrap() && !one.take(7).unwrap());
        assert!(two.take(8).unwrap());
        two.release(7);
        assert!(!two.take(7).unwrap(), "another's claim is not released");
        one.release(7);
        assert!(two.take(7).unwrap());
        let parts: Vec<usize> = list(store.path()).unwrap().iter().map(|c| c.part).collect();
        assert_eq!(parts, [7, 8]);
        clear(store.path());
        assert!(list(store.path()).unwrap().is_empty());
    }

    /// On another host, silent for as long as processes are waited for, and for less; and a claim
    /// whose holder never came to write its name.
    #[test]
    fn claims_of_the_dead_are_taken_over_and_those_of_the_living_are_not() {
        let store = tempfile::tempdir().unwrap();
        let work = Work::join(store.path()).unwrap();
        let claims = claims(store.path(), &work);
        assert!(claims.take(0).unwrap());
        let before = |age: Duration| SystemTime::now() - age;
        let claim = |part: usize, holder: &str, age: Duration| {
            let file = file(claims.store, part, 0);
            fs::write(&file, holder).unwrap();
            let file = File::options().write(true).open(file).unwrap();
            file.set_modified(before(age)).unwrap();
        };
        let short = SILENCE / 2;
        for (part, silent) in [(1, short), (2, 2 * SILENCE)] {
            let holder = format!(".work-other-0badc0de-{part}-345-A1b2C3");
            fs::create_dir(store.path().join(&holder)).unwrap();
            let sign = File::create(store.path().join(&holder).join("alive")).unwrap();
            sign.set_modified(before(silent)).unwrap();
            claim(part, &holder, 10 * SILENCE);
        }
        let unknown = ".work-other-0badc0de-3-345-A1b2C3";
        claim(3, unknown, short);
        claim(4, unknown, 2 * SILENCE);
        claim(5, "", short);
        claim(6, "", 2 * SILENCE);
        claim(7, "../elsewhere", 2 * SILENCE);
        let taken = (1..8).map(|part| claims.take(part).unwrap());
        let taken: Vec<bool> = taken.collect();
        assert_eq!(taken, [false, true, false, true, false, true, true]);
        let held = list(store.path()).unwrap();
        let own = held.iter().filter(|claim| claim.holder == work.name());
        let own: Vec<usize> = own.map(|claim| claim.part).collect();
        assert_eq!(own, [0, 2, 4, 6, 7]);
        claims.release(2);
        assert!(!file(store.path(), 2, 0).exists() && !file(store.path(), 2, 1).exists());
        claims.release(1);
        assert!(file(store.path(), 1, 0).exists());
    }

    /// However many try at the same time, for parts of the dead, too: nobody has a part twice.
    #[test]
    fn of_many_one_has_the_part() {
        let store = tempfile::tempdir().unwrap();
        let (n_parts, n_workers) = (40, 6);
        fs::create_dir(store.path().join(FOLDER)).unwrap();
        for part in (0..n_parts).step_by(2) {
            let file = file(store.path(), part, 0);
            fs::write(&file, ".work-other-0badc0de-1-2-A1b2C3").unwrap();
            let file = File::options().write(true).open(file).unwrap();
            file.set_modified(SystemTime::now() - 2 * SILENCE).unwrap();
        }
        let taken = std::sync::Mutex::new(vec![0; n_parts]);
        std::thread::scope(|scope| {
            for _ in 0..n_workers {
                scope.spawn(|| {
                    let work = Work::join(store.path()).unwrap();
                    let claims = claims(store.path(), &work);
                    for part in 0..n_parts {
                        let is_mine = claims.take(part).unwrap();
                        taken.lock().unwrap()[part] += usize::from(is_mine);
                    }
                    // Held until all have tried: what a process leaves behind is taken over.
                    let all = |taken: &[usize]| taken.iter().all(|n| *n > 0);
                    while !all(&taken.lock().unwrap()) {
                        std::thread::yield_now();
                    }
                    std::mem::forget(work);
                });
            }
        });
        assert_eq!(taken.into_inner().unwrap(), vec![1; n_parts]);
    }
}

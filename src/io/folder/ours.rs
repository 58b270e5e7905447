//! Which files of a folder are results, and which are somebody's own.
//!
//! A folder is one of results if its `manifest.json` has the key `brainsweep`. The manifest lists the files: what is not listed was
//! put there by somebody, and a folder that holds such a thing is never replaced. In the list `*` stands for digits, dots and dashes,
//! so that the chunks of a large array are one line of it.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use serde_json::{Map, Value};

use super::{MANIFEST, UNFINISHED_PREFIX};
use crate::io::process::Mark;
use crate::io::{store, work};

/// The manifest's key for the names of the folder's files.
pub const FILES: &str = "files";

/// A longer file is no metadata of ours, bytes.
const LONGEST: u64 = 256 << 20;

/// What file managers leave in every folder they show.
const OF_FILE_MANAGERS: [&str; 3] = [".DS_Store", "Thumbs.db", "desktop.ini"];
/// The folder that file systems keep at their root for what they find after a crash.
const OF_FILE_SYSTEMS: &str = "lost+found";

/// Strange files that are named in a message.
const NAMED: usize = 3;

/// Why a folder may not be replaced.
#[derive(Debug)]
pub(super) struct Refusal {
    /// What is the matter with it.
    pub reason: String,
    /// What can be done about it.
    pub way_out: &'static str,
}

impl Refusal {
    fn new(reason: impl Into<String>, way_out: &'static str) -> Self {
        let reason = reason.into();
        Self { reason, way_out }
    }
}

/// Whether the folder at `path` may be replaced: it is empty, or holds results and nothing else.
pub(super) fn check(path: &Path) -> Result<(), Refusal> {
    let elsewhere = "choose another --out";
    let failed = |error: io::Error| Refusal::new(format!("cannot be read ({error})"), elsewhere);
    let mut is_empty = true;
    for entry in fs::read_dir(path).map_err(failed)? {
        is_empty &= stays(&entry.map_err(failed)?.path());
    }
    if is_empty {
        return Ok(());
    }
    let manifest = json_object(&path.join(MANIFEST)).filter(|m| m.contains_key("brainsweep"));
    let Some(manifest) = manifest else {
        let reason = "is neither empty nor a folder of results";
        return Err(Refusal::new(reason, elsewhere));
    };
    let Some(Value::Array(names)) = manifest.get(FILES) else {
        let reason = "has a manifest.json that lists no files, so what is ours there is unknown";
        return Err(Refusal::new(reason, elsewhere));
    };
    let listed: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
    let mut strange = Strange::default();
    strange.look(path, "", &listed).map_err(failed)?;
    if strange.is_busy {
        let way_out = "wait for that one, or choose another --out";
        Err(Refusal::new("is being filled by another process", way_out))
    } else if strange.n > 0 {
        let reason = format!("holds {}, which brainsweep did not write", strange.list());
        let way_out = "move that elsewhere, or choose another --out";
        Err(Refusal::new(reason, way_out))
    } else {
        Ok(())
    }
}

/// What lies in the folder at `path` beside its own files, which are `listed`: the first few by name, and how many more; none where there
/// is nothing, or where it cannot be read. A pipe or a link under the name of a file is mended like the file, and not named.
pub(in crate::io) fn strange(path: &Path, listed: &[String]) -> Option<String> {
    let listed: Vec<&str> = listed.iter().map(String::as_str).collect();
    let mut strange = Strange {
        is_mended: true,
        ..Strange::default()
    };
    strange.look(path, "", &listed).ok()?;
    (strange.n > 0).then(|| strange.list())
}

/// The JSON object in a file; `None` if there is none, or it is no plain file, or far too long.
pub(in crate::io) fn json_object(path: &Path) -> Option<Map<String, Value>> {
    let found = fs::symlink_metadata(path).ok()?;
    if !found.is_file() || found.len() > LONGEST {
        return None;
    }
    let mut text = Vec::new();
    let file = File::open(path).ok()?;
    file.take(LONGEST).read_to_end(&mut text).ok()?;
    match serde_json::from_slice(&text) {
        Ok(Value::Object(object)) => Some(object),
        _ => None,
    }
}

/// What is found in a folder that is not of its results.
#[derive(Default)]
struct Strange {
    /// The first few, quoted.
    names: Vec<String>,
    /// All of them.
    n: usize,
    /// Whether a living process writes into the folder.
    is_busy: bool,
    /// Whether the folder is mended, so that it may hold something else in the place of a file.
    is_mended: bool,
}

impl Strange {
    /// Looks through `folder`, whose own files are `listed` with `prefix` before their names.
    fn look(&mut self, folder: &Path, prefix: &str, listed: &[&str]) -> io::Result<()> {
        let entries = match fs::read_dir(folder) {
            // Claims and checkpoints come and go with the work.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            if prefix.is_empty() && stays(&entry.path()) {
                continue;
            }
            // Of a link, what it is itself.
            let kind = entry.file_type()?;
            let name = entry.file_name().to_str().map(|n| format!("{prefix}{n}"));
            if let Some(name) = name {
                let inside = format!("{name}/");
                let is_file = kind.is_file() || self.is_mended && !kind.is_dir();
                if is_file && is_ours(&name, listed) {
                    continue;
                }
                if kind.is_dir() && work::is_folder(&name) {
                    self.is_busy |= work::is_busy(&entry.path());
                    continue;
                }
                let is_own = |inside: &str| listed.iter().any(|ours| ours.starts_with(inside));
                if kind.is_dir() && (is_own(&inside) || store::is_folder_of_work(&name)) {
                    self.look(&entry.path(), &inside, listed)?;
                    continue;
                }
            }
            self.n += 1;
            if self.names.len() < NAMED {
                let name = entry.file_name();
                let end = if kind.is_dir() { "/" } else { "" };
                let name = format!("{prefix}{}{end}", name.to_string_lossy());
                self.names.push(format!("{name:?}"));
            }
        }
        Ok(())
    }

    fn list(&self) -> String {
        let names = self.names.join(", ");
        match self.n - self.names.len() {
            0 => names,
            more => format!("{names} and {more} more"),
        }
    }
}

/// Whether something in a folder is neither results nor of any user: left by the system, or being filled just now (or by a process
/// that was killed).
pub(super) fn stays(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // Empty, or not to be looked into.
    let has_nothing = || fs::read_dir(path).map_or(true, |mut entries| entries.next().is_none());
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_file() => OF_FILE_MANAGERS.contains(&&*name),
        Ok(found) if found.is_dir() => {
            Mark::in_name(&name, UNFINISHED_PREFIX).is_some()
                || name == OF_FILE_SYSTEMS && has_nothing()
        }
        _ => false,
    }
}

fn is_ours(name: &str, listed: &[&str]) -> bool {
    let last = name.rsplit('/').next().unwrap_or(name);
    // Half a file of a process that was killed: `.NAME.RANDOM.tmp`.
    let half = last.strip_prefix('.').and_then(|n| n.strip_suffix(".tmp"));
    let half = half.and_then(|n| n.rsplit_once('.'));
    let whole = half.filter(|(_, random)| random.len() == 6);
    let whole = whole.map(|(whole, _)| format!("{}{whole}", &name[..name.len() - last.len()]));
    let is_listed = |name: &str| listed.iter().any(|ours| matches(ours, name));
    is_listed(name) || store::is_of_work(name) || whole.is_some_and(|whole| is_listed(&whole))
}

/// Whether `name` is `listed`, where `*` stands for digits, dots and dashes.
fn matches(listed: &str, name: &str) -> bool {
    let Some((start, end)) = listed.split_once('*') else {
        return listed == name;
    };
    let number = name.strip_prefix(start).and_then(|n| n.strip_suffix(end));
    number.is_some_and(|n| !n.is_empty() && n.chars().all(|c| "0123456789.-".contains(c)))
}

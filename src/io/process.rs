//! Marks that say which process made a folder, so that others can tell whether it still lives.
//!
//! A mark is `HOST-BOOT-PROCESS-START`: the host's name; a number of its boot and of the process's
//! namespace, since containers count their processes anew; the process, and when it started. None of
//! this needs a lock: on many cluster file systems a lock is seen on the node that took it only.

use std::fs;
use std::sync::LazyLock;

/// The longest name of a host in a mark; what is beyond does not tell hosts apart.
const LONGEST_HOST: usize = 64;

/// What is known of the process that a mark names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Life {
    /// It runs on this host.
    Alive,
    /// It ran on this host, and ended.
    Dead,
    /// It is on another host, or in another container, or this system does not tell.
    Elsewhere,
}

/// Where a process runs, and which it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    /// The host's name.
    pub host: String,
    /// A number of the host's boot and the process's namespace.
    boot: String,
    /// The process.
    pub process: u32,
    /// When it started, in the system's ticks since its boot; 0 where that is not known.
    start: u64,
}

impl Mark {
    /// That of this process.
    pub fn own() -> &'static Self {
        static OWN: LazyLock<Mark> = LazyLock::new(|| {
            let process = std::process::id();
            // The processes that are listed are those of this namespace only if this one is among them.
            let is_listed = fs::read_link("/proc/self")
                .is_ok_and(|found| found.as_os_str() == process.to_string().as_str());
            Mark {
                host: host(),
                boot: boot(),
                process,
                start: is_listed.then(|| start_of(process)).flatten().unwrap_or(0),
            }
        });
        &OWN
    }

    /// How the names of this process's folders of a kind begin; something random follows.
    pub fn prefix(kind: &str) -> String {
        format!("{kind}{}-", Self::own())
    }

    /// The mark in the name of a folder of a kind; `None` if the name is another's.
    pub fn in_name(name: &str, kind: &str) -> Option<Self> {
        let (mark, _) = name.strip_prefix(kind)?.rsplit_once('-')?;
        Self::read(mark)
    }

    /// The mark that `text` is.
    fn read(text: &str) -> Option<Self> {
        let mut parts = text.rsplitn(4, '-');
        let start = parts.next()?.parse().ok()?;
        let process = parts.next()?.parse().ok()?;
        let boot = parts.next()?.to_string();
        let host = parts.next()?.to_string();
        Some(Self {
            host,
            boot,
            process,
            start,
        })
    }

    /// Whether the process lives, as far as can be told from here.
    pub fn life(&self) -> Life {
        let own = Self::own();
        let is_here = self.host == own.host && self.boot == own.boot && own.start > 0;
        match is_here && self.start > 0 {
            true if start_of(self.process) == Some(self.start) => Life::Alive,
            true => Life::Dead,
            false => Life::Elsewhere,
        }
    }
}

impl std::fmt::Display for Mark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            host,
            boot,
            process,
            start,
        } = self;
        write!(f, "{host}-{boot}-{process}-{start}")
    }
}

/// The host's name, as far as it may stand in the name of a file.
fn host() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname");
    let name = name.or_else(|_| std::env::var("HOSTNAME"));
    let name = name.or_else(|_| std::env::var("COMPUTERNAME"));
    let name = name.unwrap_or_else(|_| "host".into());
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    name.trim().chars().take(LONGEST_HOST).map(plain).collect()
}

/// A number of this boot and this namespace of processes.
fn boot() -> String {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let namespace = fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    let text = format!("{} {}", boot.trim(), namespace.display());
    // Fowler, Noll & Vo's FNV-1a.
    let hash = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    format!("{hash:08x}")
}

/// When a process of this host started; `None` where there is no such process, or it has ended and
/// nobody has looked at that yet.
fn start_of(process: u32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The program's name, in brackets, may hold anything.
    let (_, fields) = text.rsplit_once(')')?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let has_ended = matches!(*fields.first()?, "Z" | "X");
    // Field 22 of `man proc_pid_stat`; the state is the third.
    let start = fields.get(19)?.parse().ok()?;
    (!has_ended).then_some(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_back_from_its_name() {
        let own = Mark::own();
        assert_eq!(Mark::read(&own.to_string()).as_ref(), Some(own));
        let other = Mark::read("gpu-node-7-0badc0de-12-34567").unwrap();
        assert_eq!((other.host.as_str(), other.process), ("gpu-node-7", 12));
        assert_eq!(other.life(), Life::Elsewhere);
        let name = format!("{}A1b2C3", Mark::prefix(".work-"));
        assert_eq!(Mark::in_name(&name, ".work-").as_ref(), Some(own));
        assert_eq!(Mark::in_name(&name, ".other-"), None);
        for wrong in ["", "a-b-c", "a-b-1-x", "a-b-x-1"] {
            assert_eq!(Mark::read(wrong), None, "{wrong}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_lives_and_one_that_ended_does_not() {
        let own = Mark::own();
        assert_eq!(own.life(), Life::Alive);
        let earlier = Mark {
            start: own.start - 1,
            ..own.clone()
        };
        assert_eq!(earlier.life(), Life::Dead, "the number was given again");
        let mut child = std::process::Command::new("sleep").arg("1000").spawn();
        let child = child.as_mut().unwrap();
        let mark = Mark {
            process: child.id(),
            start: start_of(child.id()).unwrap(),
            ..own.clone()
        };
        assert_eq!(mark.life(), Life::Alive);
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(mark.life(), Life::Dead);
        let rebooted = Mark {
            boot: "0badc0de".into(),
            ..mark
        };
        assert_eq!(rebooted.life(), Life::Elsewhere);
    }
}

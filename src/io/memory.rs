//! Asks the system how much memory this process has taken and may still take.

use std::fs;
use std::path::Path;

/// Bytes that this process may still take before the system swaps, refuses them or ends it; `None` where the system does not say.
///
/// On Linux the least of what the machine has available, what the process's control groups (of version 1 or 2) leave, and what its own
/// limits (`ulimit -v`, `ulimit -d`) do.
pub fn available_bytes() -> Option<u64> {
    let text = |file: &Path| fs::read_to_string(file).ok();
    let machine = text(Path::new("/proc/meminfo")).and_then(|text| available_in(&text));
    let groups = text(Path::new("/proc/self/cgroup")).unwrap_or_default();
    let groups = left_in_groups(&groups, Path::new("/sys/fs/cgroup"), text);
    let own = ["limits", "status"].map(|file| text(&Path::new("/proc/self").join(file)));
    let [limits, status] = own.map(Option::unwrap_or_default);
    machine
        .into_iter()
        .chain(groups)
        .chain(left_of_limits(&limits, &status))
        .min()
}

/// The most memory that this process has filled so far, bytes; `None` where the system does not say.
pub fn peak_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    Some(number_after(&status, "VmHWM:")? << 10)
}

/// Bytes of the files, this process's program and libraries above all, that it has in memory; `None` where the system does not say.
pub fn bytes_of_files() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    Some(number_after(&status, "RssFile:")? << 10)
}

/// `MemAvailable` of `/proc/meminfo`.
fn available_in(meminfo: &str) -> Option<u64> {
    let line = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes << 10)
}

/// What the control groups of this process, those listed in `groups`, leave of their limits; those above them, too. `text` reads a
/// file.
fn left_in_groups(
    groups: &str,
    root: &Path,
    text: impl Fn(&Path) -> Option<String>,
) -> Option<u64> {
    let mut least = None;
    for line in groups.lines() {
        // NUMBER:CONTROLLERS:/PATH; version 2 has no controllers in it.
        let mut parts = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (parts.next(), parts.next()) else {
            continue;
        };
        let (root, files) = match controllers {
            "" => (root.to_path_buf(), &GROUP_2),
            all if all.split(',').any(|one| one == "memory") => (root.join("memory"), &GROUP_1),
            _ => continue,
        };
        // In a container the path may be that outside of it: then the top is what holds here.
        for folder in Path::new(path.trim_start_matches('/')).ancestors() {
            let folder = root.join(folder);
            let Some((limit, taken)) =
                text(&folder.join(files.limit)).zip(text(&folder.join(files.taken)))
            else {
                continue;
            };
            let stat = text(&folder.join("memory.stat")).unwrap_or_default();
            let freed = number_after(&stat, files.freed).unwrap_or(0);
            least = least
                .into_iter()
                .chain(left_of(&limit, &taken, freed))
                .min();
        }
    }
    least
}

/// The files of a control group.
struct Group {
    limit: &'static str,
    taken: &'static str,
    /// What in `memory.stat` the system frees where it is needed: files that nobody reads just now.
    freed: &'static str,
}

const GROUP_1: Group = Group {
    limit: "memory.limit_in_bytes",
    taken: "memory.usage_in_bytes",
    freed: "total_inactive_file ",
};
const GROUP_2: Group = Group {
    limit: "memory.max",
    taken: "memory.current",
    freed: "inactive_file ",
};

/// The number in the line that begins with `start`.
fn number_after(text: &str, start: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(start))?;
    line.split_whitespace().next()?.parse().ok()
}

/// What the process's own limits leave: of its addresses and its data, by `/proc/self/limits` and `/proc/self/status`.
fn left_of_limits(limits: &str, status: &str) -> Option<u64> {
    let pairs = [
        ("Max address space", "VmSize:"),
        ("Max data size", "VmData:"),
    ];
    let left = pairs.iter().filter_map(|(limit, taken)| {
        // No number where there is no limit.
        let limit = number_after(limits, limit)?;
        Some(limit.saturating_sub(number_after(status, taken)? << 10))
    });
    left.min()
}

/// What is left of a limit, in bytes, if there is one: it may be the word "max".
fn left_of(limit: &str, taken: &str, freed: u64) -> Option<u64> {
    let number = |text: &str| text.trim().parse::<u64>().ok();
    let taken = number(taken)?.saturating_sub(freed);
    Some(number(limit)?.saturating_sub(taken))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meminfo_is_read_in_kibibytes() {
        let text = "MemTotal:  16000000 kB\nMemFree: 1 kB\nMemAvailable:    8000000 kB\n";
        assert_eq!(available_in(text), Some(8_000_000 * 1024));
        assert_eq!(available_in("MemTotal: 1 kB"), None);
    }

    #[test]
    fn a_group_without_a_limit_leaves_all_and_one_beyond_it_nothing() {
        assert_eq!(left_of("1000\n", "400\n", 0), Some(600));
        assert_eq!(left_of("1000\n", "400\n", 100), Some(700));
        assert_eq!(left_of("400\n", "1000\n", 0), Some(0));
        assert_eq!(left_of("max\n", "400\n", 0), None);
    }

    #[test]
    fn groups_of_both_versions_and_those_above_them_count() {
        let files = [
            ("/g/job/memory.max", "1000"),
            ("/g/job/memory.current", "400"),
            ("/g/job/memory.stat", "anon 1\ninactive_file 50\n"),
            ("/g/job/task/memory.max", "max"),
            ("/g/job/task/memory.current", "300"),
            ("/g/memory/job/memory.limit_in_bytes", "700"),
            ("/g/memory/job/memory.usage_in_bytes", "200"),
        ];
        let text = |file: &Path| {
            let found = files.iter().find(|(name, _)| Path::new(name) == file);
            found.map(|(_, text)| text.to_string())
        };
        let left = |groups: &str| left_in_groups(groups, Path::new("/g"), text);
        assert_eq!(left("0::/job/task\n"), Some(650));
        assert_eq!(left("4:cpu,memory:/job\n1:name=systemd:/job\n"), Some(500));
        assert_eq!(left("4:cpu:/job\n"), None);
        assert_eq!(left(""), None);
    }

    #[test]
    fn limits_of_the_process_leave_what_it_has_not_taken() {
        let limits = "Limit                     Soft Limit           Hard Limit           Units     \n\
            Max data size             unlimited            unlimited            bytes     \n\
            Max address space         10000000             20000000             bytes     \n";
        let status = "VmPeak:\t 9000 kB\nVmSize:\t    1000 kB\nVmData:\t 10 kB\n";
        assert_eq!(left_of_limits(limits, status), Some(10_000_000 - 1_024_000));
        assert_eq!(left_of_limits("", status), None);
    }

    /// There is no more to be had than the machine has.
    #[cfg(target_os = "linux")]
    #[test]
    fn this_machine_has_some() {
        let text = fs::read_to_string("/proc/meminfo").unwrap();
        let total = text.replacen("MemTotal:", "MemAvailable:", 1);
        let total = available_in(&total).unwrap();
        let available = available_bytes().unwrap();
        assert!(
            (1 << 20..=total).contains(&available),
            "{available} of {total}"
        );
    }
}

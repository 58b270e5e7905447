//! Asks the system how much memory this process may still take.

use std::fs;

/// Bytes that this process may still take before the system swaps or ends it; `None` where the system does not say.
///
/// On Linux the smaller of what the machine has available and what the process's control group has left.
pub fn available_bytes() -> Option<u64> {
    let machine = fs::read_to_string("/proc/meminfo")
        .ok()
        .and_then(|text| available_in(&text));
    machine.into_iter().chain(left_in_group()).min()
}

/// `MemAvailable` of `/proc/meminfo`.
fn available_in(meminfo: &str) -> Option<u64> {
    let line = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes << 10)
}

/// What the control group (version 2) of this process leaves of its limit, if it has one.
fn left_in_group() -> Option<u64> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let group = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let folder = std::path::Path::new("/sys/fs/cgroup").join(group);
    let text = |file: &str| fs::read_to_string(folder.join(file)).ok();
    left_of(&text("memory.max")?, &text("memory.current")?)
}

/// What is left of a limit, in bytes, if there is one: it may be the word "max".
fn left_of(limit: &str, taken: &str) -> Option<u64> {
    let number = |text: &str| text.trim().parse::<u64>().ok();
    Some(number(limit)?.saturating_sub(number(taken)?))
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
        assert_eq!(left_of("1000\n", "400\n"), Some(600));
        assert_eq!(left_of("400\n", "1000\n"), Some(0));
        assert_eq!(left_of("max\n", "400\n"), None);
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

//! Fits that end before they are done, and go on.

use super::*;
use crate::running::{Running, until};

/// How many ms each simulation lasts. A test that ends a fit halfway takes the first of these at which the fit was still at work.
const DURATIONS: [&str; 5] = [
    "protocol.duration=300",
    "protocol.duration=1200",
    "protocol.duration=4800",
    "protocol.duration=19200",
    "protocol.duration=76800",
];

const TABLE: &str = "state/evaluations.npz";

/// Length of the table of evaluations; 0 where there is none.
fn length(folder: &Path) -> u64 {
    std::fs::metadata(folder.join(TABLE)).map_or(0, |found| found.len())
}

/// Kills the fit twice, each time after another generation was kept. `None` if it was done before.
fn killed_twice(home: &Home, duration: &str, words: Words) -> Option<()> {
    let out = format!("killed-{duration}");
    let folder = home.at(&out);
    for _ in 0..2 {
        let before = length(&folder);
        let mut running =
            Running::start(&mut home.command(&words(&out, &["--set", duration, "--threads", "1"])));
        until("a generation is kept", || {
            (length(&folder) > before || running.is_over()).then_some(())
        });
        running.kill();
        if folder.join("report.md").exists() {
            return None;
        }
    }
    Some(())
}

#[test]
fn a_fit_killed_twice_ends_with_the_bytes_of_one_that_was_not() {
    ends_with_the_same_bytes(&Home::new(), fit);
}

#[test]
fn so_does_one_of_subjects_who_each_have_a_connectome() {
    let home = own_connectomes::people();
    ends_with_the_same_bytes(&home, own_connectomes::each);
}

#[test]
fn and_one_of_all_of_them_together() {
    let home = own_connectomes::people();
    ends_with_the_same_bytes(&home, own_connectomes::group);
}

/// The command line of a fit into a folder, with more words.
type Words = for<'a> fn(&'a str, &[&'a str]) -> Vec<&'a str>;

fn ends_with_the_same_bytes(home: &Home, words: Words) {
    let mut tried = DURATIONS.iter();
    let duration = tried
        .find(|duration| killed_twice(home, duration, words).is_some())
        .expect("a fit longer than the time to kill it");
    let out = format!("killed-{duration}");
    // On with two threads, where the others had one.
    home.json(&words(&out, &["--set", duration, "--threads", "2"]));
    home.json(&words("whole", &["--set", duration, "--threads", "1"]));
    let (killed, whole) = (bytes(&home.at(&out)), bytes(&home.at("whole")));
    assert!(whole.len() >= 13, "{}", whole.len());
    let names = |all: &[(String, Vec<u8>)]| -> Vec<String> {
        all.iter().map(|(name, _)| name.clone()).collect()
    };
    assert_eq!(names(&killed), names(&whole));
    for (killed, whole) in killed.iter().zip(&whole) {
        assert!(killed == whole, "{} differs", whole.0);
    }
}

/// Interrupts the fit once a generation is kept; how it ended. `None` if it was done before.
#[cfg(unix)]
fn interrupted(home: &Home, duration: &str) -> Option<std::process::Output> {
    let out = format!("interrupted-{duration}");
    let folder = home.at(&out);
    let mut running = Running::start(&mut home.command(&fit(&out, &["--set", duration])));
    until("a generation is kept", || {
        (length(&folder) > 0 || running.is_over()).then_some(())
    });
    running.signal("-INT");
    let output = running.end();
    (!folder.join("report.md").exists()).then_some(output)
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_fit_and_keeps_the_generations_that_are_whole() {
    let home = Home::new();
    let mut tried = DURATIONS.iter();
    let found = tried.find_map(|duration| Some((duration, interrupted(&home, duration)?)));
    let (duration, output) = found.expect("a fit longer than the time to interrupt it");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{stderr}");
    assert!(stderr.contains("what was finished is kept"), "{stderr}");
    let out = format!("interrupted-{duration}");
    assert!(length(&home.at(&out)) > 0 && !home.at(&out).join("best.toml").exists());
    home.json(&fit(&out, &["--set", duration]));
    home.json(&fit("whole", &["--set", duration]));
    assert_eq!(bytes(&home.at(&out)), bytes(&home.at("whole")));
}

/// On a device of exact numbers a fit is that of the CPU, and each goes on with what the other left.
#[test]
fn cpu_and_gpu_find_the_same_bytes() {
    let Some(gpu) = crate::common::gpu_of_equal_bits() else {
        return;
    };
    if !gpu.device_class().is_exact() {
        return;
    }
    let home = Home::new();
    let on = |backend: &'static str, out: &'static str, runs: &'static str| {
        let mut arguments = fit(out, &["--runs", runs]);
        let place = arguments.iter().position(|word| *word == "cpu").unwrap();
        arguments[place] = backend;
        home.json(&arguments)
    };
    assert_eq!(on("gpu", "gpu", "40")["backend"], "gpu");
    assert_eq!(on("cpu", "cpu", "40")["backend"], "cpu");
    assert_eq!(bytes(&home.at("gpu")), bytes(&home.at("cpu")));
    on("cpu", "gpu", "56");
    on("gpu", "cpu", "56");
    assert_eq!(bytes(&home.at("gpu")), bytes(&home.at("cpu")));
}

/// With more runs the same search goes on; what was tried stays.
#[test]
fn more_runs_go_on_with_the_same_search() {
    let home = Home::new();
    let few = home.json(&fit("few", &[]));
    let table = std::fs::read(home.at("few").join(TABLE)).unwrap();
    home.json(&fit("few", &["--runs", "80"]));
    let more = home.json(&fit("more", &["--runs", "80"]));
    assert!(more["candidates"].as_u64() > few["candidates"].as_u64());
    assert_eq!(bytes(&home.at("few")), bytes(&home.at("more")));
    assert!(std::fs::read(home.at("few").join(TABLE)).unwrap().len() > table.len());
}

#[test]
fn another_fit_is_not_gone_on_with_and_damage_is_said() {
    let home = Home::new();
    home.json(&fit("f", &[]));
    let (code, stdout, stderr) = home.run(&fit("f", &["--objective", "synchrony"]));
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    assert!(
        stderr.contains("holds another fit") && stderr.contains("fit.objective: there \"fc\""),
        "{stderr}"
    );
    let whole = bytes(&home.at("f"));
    std::fs::write(home.at("f").join(TABLE), b"rubbish").unwrap();
    let (code, _, stderr) = home.run(&fit("f", &[]));
    assert_eq!(code, Some(2));
    assert!(
        stderr.contains("is damaged") && stderr.contains("hint: remove it"),
        "{stderr}"
    );
    std::fs::remove_file(home.at("f").join(TABLE)).unwrap();
    home.json(&fit("f", &[]));
    assert_eq!(bytes(&home.at("f")), whole);
    // The state of another search is seen, too.
    home.json(&fit("g", &["--search", "1"]));
    std::fs::copy(home.at("g").join(TABLE), home.at("f").join(TABLE)).unwrap();
    let (code, _, stderr) = home.run(&fit("f", &[]));
    assert_eq!(code, Some(2), "{stderr}");
    // With --force there is a new fit, but not over what is somebody's own.
    home.json(&fit("f", &["--force"]));
    assert_eq!(bytes(&home.at("f")), whole);
    std::fs::write(home.at("f").join("notes.txt"), b"mine").unwrap();
    let (code, _, stderr) = home.run(&fit("f", &["--force"]));
    assert_eq!(code, Some(2));
    assert!(stderr.contains("notes.txt"), "{stderr}");
}

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
fn killed_twice(home: &Home, duration: &str) -> Option<()> {
    let out = format!("killed-{duration}");
    let folder = home.at(&out);
    for _ in 0..2 {
        let before = length(&folder);
        let mut running =
            Running::start(&mut home.command(&fit(&out, &["--set", duration, "--threads", "1"])));
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
    let home = Home::new();
    let mut tried = DURATIONS.iter();
    let duration = tried
        .find(|duration| killed_twice(&home, duration).is_some())
        .expect("a fit longer than the time to kill it");
    let out = format!("killed-{duration}");
    // On with two threads, where the others had one.
    home.json(&fit(&out, &["--set", duration, "--threads", "2"]));
    home.json(&fit("whole", &["--set", duration, "--threads", "1"]));
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

//! Sweeps that end before they are done, and go on.

use super::*;
use crate::running::{Running, until};

/// How many ms each simulation of a sweep lasts. A test that ends a sweep halfway takes the
/// first of these at which the sweep was still at work: how soon a sweep is done, the machine and
/// its load decide.
const DURATIONS: [&str; 11] = [
    "protocol.duration=30",
    "protocol.duration=60",
    "protocol.duration=120",
    "protocol.duration=240",
    "protocol.duration=480",
    "protocol.duration=960",
    "protocol.duration=1920",
    "protocol.duration=3840",
    "protocol.duration=7680",
    "protocol.duration=15360",
    "protocol.duration=30720",
];

/// Eight chunks of 64 replicas.
fn sweep<'a>(duration: &'a str, out: &'a str) -> Vec<&'a str> {
    let grid = ["--vary", "g=0:2:16", "--vary", "input=0.6:0.9:8"];
    let how = ["--seeds", "4", "--threads", "1", "--out", out];
    [&grid[..], &how, &["--set", duration]].concat()
}

fn chunks_in(store: &Path) -> usize {
    let entries = std::fs::read_dir(store.join("status"));
    entries.map_or(0, |entries| {
        entries
            .flatten()
            .filter(|entry| entry.file_name().to_string_lossy().starts_with("c."))
            .count()
    })
}

/// Starts the sweep and waits until `n` chunks are there, or the sweep is over.
fn start_until(home: &Home, sweep: &[&str], out: &str, n: usize) -> Running {
    let mut running = Running::start(&mut home.command(sweep));
    until(&format!("{n} chunks are written"), || {
        (chunks_in(&home.at(out)) >= n || running.is_over()).then_some(())
    });
    running
}

/// What the end of an unfinished sweep gives, with the duration at which it was unfinished.
fn unfinished<T>(ended: impl Fn(&str) -> Option<T>) -> (&'static str, T) {
    let mut found = DURATIONS
        .iter()
        .filter_map(|duration| Some((*duration, ended(duration)?)));
    found
        .next()
        .expect("a sweep longer than the time to end it")
}

/// Kills the sweep twice. `None` if it was done before.
fn killed_twice(home: &Home, duration: &str) -> Option<()> {
    let out = format!("killed-{duration}.zarr");
    for n in [1, 3] {
        start_until(home, &sweep(duration, &out), &out, n).kill();
        let done = chunks_in(&home.at(&out));
        assert!(done >= n, "{done} chunks were done");
        if done == 8 {
            return None;
        }
    }
    Some(())
}

#[test]
fn a_sweep_killed_twice_ends_with_the_bytes_of_one_that_was_not() {
    let home = Home::new();
    let (duration, ()) = unfinished(|duration| killed_twice(&home, duration));
    let killed = format!("killed-{duration}.zarr");
    let json = home.json(&sweep(duration, &killed));
    assert!(
        json["replicas_run"].as_u64().unwrap() < 512,
        "what was done is not done again"
    );
    assert_eq!(json["complete"], true);
    let whole = home.json(&sweep(duration, "whole.zarr"));
    assert_eq!(
        (&whole["chunks"], &whole["replicas_run"]),
        (&8.into(), &512.into())
    );
    assert_eq!(json["best"], whole["best"]);
    assert_same(&home.at(&killed), &home.at("whole.zarr"));

    // A sweep that is done has nothing left to do, and says the same of what it found.
    let again = home.json(&sweep(duration, "whole.zarr"));
    assert_eq!(
        (&again["replicas_run"], &again["best"]),
        (&0.into(), &whole["best"])
    );
    let refused = home.error(
        &["--vary", "g=0:2:17", "--seeds", "4", "--out", "whole.zarr"],
        2,
    );
    assert!(
        refused.contains("sweep.vary.coupling.g: there \"0:2:16\", here \"0:2:17\""),
        "{refused}"
    );
}

/// Interrupts the sweep; how it ended. `None` if it was done before.
#[cfg(unix)]
fn interrupted(home: &Home, duration: &str) -> Option<std::process::Output> {
    let out = format!("{duration}.zarr");
    let mut running = start_until(home, &sweep(duration, &out), &out, 1);
    running.signal("-INT");
    let output = running.end();
    (chunks_in(&home.at(&out)) < 8).then_some(output)
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_sweep_and_keeps_what_is_whole() {
    let home = Home::new();
    let (duration, output) = unfinished(|duration| interrupted(&home, duration));
    let (stdout, stderr) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert_eq!(output.status.code(), Some(130), "{stderr}");
    assert!(
        stdout.contains("of 8 chunks are done; the same command goes on from here"),
        "{stdout}"
    );
    assert!(stderr.contains("what was finished is kept"), "{stderr}");
    let store = home.at(&format!("{duration}.zarr"));
    assert!(chunks_in(&store) >= 1);
    let left = std::fs::read_dir(store).unwrap().flatten();
    assert!(
        left.map(|entry| entry.file_name())
            // Of a chunk that took long, and checksums of those that are done.
            .filter(|name| name != ".checkpoints" && name != ".record")
            .all(|name| !name.to_string_lossy().starts_with('.'))
    );
}

/// Not even by force.
#[test]
fn a_store_that_is_being_filled_is_not_replaced() {
    let home = Home::new();
    let store = home.at("s.zarr");
    // Hours to its first chunk.
    let mut running = Running::start(&mut home.command(&sweep("protocol.duration=3e7", "s.zarr")));
    let description = until("the store is described", || {
        assert!(!running.is_over(), "it runs for hours");
        std::fs::read(store.join("zarr.json")).ok()
    });
    let message = home.error(&["--vary", "g=1,2", "--out", "s.zarr", "--force"], 2);
    assert!(
        message.contains("is being filled by another process"),
        "{message}"
    );
    assert!(!running.is_over());
    running.kill();
    assert!(std::fs::read(store.join("zarr.json")).unwrap() == description);
    let forced = [
        "wilson_cowan",
        "--vary",
        "input=0:1:2",
        "--out",
        "s.zarr",
        "--force",
    ];
    assert_eq!(home.json(&forced)["complete"], true);
}

#[test]
fn shards_at_the_same_time_fill_the_same_bytes_and_name_those_that_are_missing() {
    let home = Home::new();
    let of = |shard| [&sweep(DURATIONS[0], "shards.zarr")[..], &["--shard", shard]].concat();
    let first = home.json(&of("2/3"));
    assert_eq!(first["shards_missing"], serde_json::json!(["1/3", "3/3"]));
    assert_eq!(
        (&first["chunks_missing"], &first["best"]),
        (&5.into(), &Value::Null)
    );
    let children = ["1/3", "3/3", "1/3"].map(|shard| {
        let arguments = [&of(shard)[..], &["--json"]].concat();
        Running::start(&mut home.command(&arguments))
    });
    let mut complete = 0;
    for child in children {
        let output = child.end();
        assert_eq!(
            output.status.code(),
            Some(0),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        complete += usize::from(json["complete"] == true);
    }
    assert!(complete >= 1, "the last to end finds it whole");
    home.json(&sweep(DURATIONS[0], "one.zarr"));
    assert_same(&home.at("shards.zarr"), &home.at("one.zarr"));
}

/// A point is simulated again for the picture of its FC. Ctrl-C then leaves out what is not drawn, says what that is, and the same command
/// draws it.
#[cfg(unix)]
#[test]
fn ctrl_c_leaves_out_figures_that_are_not_drawn() {
    let home = Home::new();
    fn asked(duration: &str) -> [&str; 6] {
        ["--vary", "g=1", "--set", duration, "--out", duration]
    }
    let (duration, output) = unfinished(|duration| {
        let mut running = Running::start(&mut home.command(&asked(duration)));
        let table = home.at(duration).join("best.csv");
        until("the table is written", || {
            (table.exists() || running.is_over()).then_some(())
        });
        running.signal("-TERM");
        let output = running.end();
        (output.status.code() == Some(130)).then_some(output)
    });
    let said = String::from_utf8(output.stderr).unwrap();
    let names = said.split_once("not drawn: ").unwrap().1;
    let (names, again) = names.split_once("; ").unwrap();
    assert!(again.starts_with("the same command draws them"), "{said}");
    let undrawn: Vec<&str> = names.split(", ").collect();
    assert!(undrawn.ends_with(&["report.html"]), "{said}");
    let out = home.at(duration);
    let is_there = |name: &&str| out.join(name).exists();
    assert!(!undrawn.iter().any(is_there), "{said}");
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed.contains("best mean score"), "{printed}");
    let json = home.json(&asked(duration));
    assert_eq!(json["replicas_run"], 0);
    assert!(undrawn.iter().all(is_there), "{said}");
}

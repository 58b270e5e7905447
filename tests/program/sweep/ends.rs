//! Sweeps that end before they are done, and go on.

use std::time::{Duration, Instant};

use super::*;

/// Eight chunks of 64 replicas.
const SWEEP: &[&str] = &[
    "--vary",
    "g=0:2:16",
    "--vary",
    "input=0.6:0.9:8",
    "--seeds",
    "4",
    "--set",
    "protocol.duration=300",
    "--threads",
    "1",
];

fn chunks_in(store: &Path) -> usize {
    let entries = std::fs::read_dir(store.join("status"));
    entries.map_or(0, |entries| {
        entries
            .flatten()
            .filter(|entry| entry.file_name().to_string_lossy().starts_with("c."))
            .count()
    })
}

/// Starts the sweep and waits until `n` chunks are there.
fn start_until(home: &Home, out: &str, n: usize) -> Child {
    let child = home.spawn(&[SWEEP, &["--out", out]].concat());
    let start = Instant::now();
    while chunks_in(&home.at(out)) < n {
        assert!(
            start.elapsed() < Duration::from_secs(120),
            "no {n} chunks after two minutes"
        );
        std::thread::sleep(Duration::from_millis(2));
    }
    child
}

#[test]
fn a_sweep_killed_twice_ends_with_the_bytes_of_one_that_was_not() {
    let home = Home::new();
    for n in [1, 3] {
        let mut child = start_until(&home, "killed.zarr", n);
        child.kill().unwrap();
        child.wait().unwrap();
        let done = chunks_in(&home.at("killed.zarr"));
        assert!((n..8).contains(&done), "{done} chunks were done");
    }
    let json = home.json(&[SWEEP, &["--out", "killed.zarr"]].concat());
    assert!(
        json["replicas_run"].as_u64().unwrap() < 512,
        "what was done is not done again"
    );
    assert_eq!(json["complete"], true);
    let whole = home.json(&[SWEEP, &["--out", "whole.zarr"]].concat());
    assert_eq!(
        (&whole["chunks"], &whole["replicas_run"]),
        (&8.into(), &512.into())
    );
    assert_eq!(json["best"], whole["best"]);
    assert_same(&home.at("killed.zarr"), &home.at("whole.zarr"));

    // A sweep that is done has nothing left to do, and says the same of what it found.
    let again = home.json(&[SWEEP, &["--out", "whole.zarr"]].concat());
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

#[cfg(unix)]
#[test]
fn ctrl_c_ends_soon_and_keeps_what_is_whole() {
    let home = Home::new();
    let child = start_until(&home, "s.zarr", 1);
    let asked = Instant::now();
    let interrupt = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(interrupt.success());
    let output = child.wait_with_output().unwrap();
    assert!(
        asked.elapsed() < Duration::from_secs(2),
        "{:?}",
        asked.elapsed()
    );
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
    assert!(chunks_in(&home.at("s.zarr")) >= 1);
    let left = std::fs::read_dir(home.at("s.zarr")).unwrap().flatten();
    assert!(
        left.map(|entry| entry.file_name())
            .all(|name| !name.to_string_lossy().starts_with('.'))
    );
}

/// Not even by force.
#[test]
fn a_store_that_is_being_filled_is_not_replaced() {
    let home = Home::new();
    let mut child = start_until(&home, "s.zarr", 1);
    let message = home.error(&["--vary", "g=1,2", "--out", "s.zarr", "--force"], 2);
    assert!(
        message.contains("is being filled by another process"),
        "{message}"
    );
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(chunks_in(&home.at("s.zarr")) >= 1);
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
    let of = |shard: &'static str| {
        [SWEEP, &["--out", "shards.zarr", "--json", "--shard", shard]].concat()
    };
    let first = home.json(&[SWEEP, &["--out", "shards.zarr", "--shard", "2/3"]].concat());
    assert_eq!(first["shards_missing"], serde_json::json!(["1/3", "3/3"]));
    assert_eq!(
        (&first["chunks_missing"], &first["best"]),
        (&5.into(), &Value::Null)
    );
    let children = [of("1/3"), of("3/3"), of("1/3")].map(|arguments| home.spawn(&arguments));
    let mut complete = 0;
    for child in children {
        let output = child.wait_with_output().unwrap();
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
    home.json(&[SWEEP, &["--out", "one.zarr"]].concat());
    assert_same(&home.at("shards.zarr"), &home.at("one.zarr"));
}

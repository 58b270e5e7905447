//! Where results go: never over anything, never in halves.

use super::*;

const SHORT: &[&str] = &[
    "simulate",
    "fitzhugh_nagumo",
    "--set",
    "protocol.duration=5",
];

fn short(home: &Home, arguments: &[&str]) -> Output {
    home.run(&[SHORT, arguments].concat())
}

#[test]
fn runs_without_a_place_count_up() {
    let home = Home::new();
    for n in 1..4 {
        let json = home.json(&[SHORT, &["--json"]].concat());
        assert_eq!(json["out"], format!("out/fitzhugh_nagumo-{n}"));
    }
    assert_eq!(entries(&home.path().join("out")).len(), 3);
}

#[test]
fn an_existing_folder_stays_unless_forced() {
    let home = Home::new();
    assert_eq!(
        short(&home, &["--seed", "1", "--out", "a/run"]).code,
        Some(0)
    );
    let results = Results(home.path().join("a/run"));
    let before = results.bytes();
    std::fs::write(results.0.join("notes.txt"), "old").unwrap();
    let output = short(&home, &["--seed", "2", "--out", "a/run"]);
    let message = output.error(2);
    assert!(
        message.contains("a/run exists already") && message.contains("--force"),
        "{message}"
    );
    assert!(results.bytes() == before);

    let output = short(&home, &["--seed", "2", "--out", "a/run", "--force"]);
    assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""));
    assert!(output.stdout.contains("written to a/run"), "{output:?}");
    assert!(results.bytes() != before);
    assert!(
        !results.0.join("notes.txt").exists(),
        "the old results went as a whole"
    );
    assert_eq!(entries(&home.path().join("a")), ["run"]);
}

#[test]
fn what_is_no_folder_of_results_is_not_even_replaced_by_force() {
    let home = Home::new();
    std::fs::create_dir(home.path().join("thesis")).unwrap();
    std::fs::write(home.path().join("thesis/chapter.tex"), "").unwrap();
    std::fs::write(home.path().join("file"), "").unwrap();
    for out in ["thesis", "file", ".", "/dev/null", "thesis/.."] {
        let forced = short(&home, &["--out", out, "--force"]);
        assert!(forced.error(2).contains("--out"), "{forced:?}");
        let output = short(&home, &["--out", out]);
        assert!(output.error(2).contains("exists already"), "{output:?}");
    }
    assert_eq!(home.entries(), ["file", "thesis"]);
    assert_eq!(entries(&home.path().join("thesis")), ["chapter.tex"]);
}

#[test]
fn a_place_that_cannot_be_is_known_before_the_run() {
    let home = Home::new();
    std::fs::write(home.path().join("file"), "").unwrap();
    let long = format!("new/{}", "x".repeat(300));
    let mut places = vec!["file/run", "file/a/b", "absent/..", &long];
    if cfg!(target_os = "linux") {
        places.extend(["/proc/run", "/sys/run", "/dev/null/run"]);
    }
    for out in places {
        // An hour of simulation: who got that far would not be back within the test.
        let arguments = [
            "simulate",
            "--set",
            "protocol.duration=3e7",
            "--set",
            "record.every=1000",
            "--out",
            out,
        ];
        let output = home.run(&arguments);
        let message = output.error(2);
        assert!(
            message.contains("--out") || message.contains("shorten the name"),
            "{message}"
        );
        assert_eq!(home.entries(), ["file"], "{out}");
    }
    // `out` itself may be in the way.
    std::fs::write(home.path().join("out"), "").unwrap();
    assert!(short(&home, &[]).error(2).contains("--out"));
    assert_eq!(home.entries(), ["file", "out"]);
}

/// A file system of 1 MiB, unmounted in the end.
#[cfg(target_os = "linux")]
struct SmallDisk(PathBuf);

#[cfg(target_os = "linux")]
impl SmallDisk {
    fn mount(at: PathBuf) -> Option<Self> {
        std::fs::create_dir(&at).unwrap();
        let mut command = Command::new("mount");
        command
            .args(["-t", "tmpfs", "-o", "size=1m", "none"])
            .arg(&at);
        let mounted = command.output().is_ok_and(|output| output.status.success());
        mounted.then_some(Self(at))
    }
}

#[cfg(target_os = "linux")]
impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg(&self.0).status();
        assert!(unmounted.is_ok_and(|status| status.success()) || std::thread::panicking());
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_what_was_there_and_nothing_else() {
    let home = Home::new();
    let Some(disk) = SmallDisk::mount(home.path().join("disk")) else {
        println!("skipped: no right to mount a small disk");
        return;
    };
    assert_eq!(
        short(&home, &["--set", "record.every=1", "--out", "disk/old"]).code,
        Some(0)
    );
    let old = Results(disk.0.join("old"));
    let before = old.bytes();
    // 320 bytes a step: arrays too large for the disk; then arrays that fit and figures that do not.
    for (duration, out) in [
        (1000, "new"),
        (1000, "deep/er/new"),
        (150, "new"),
        (1000, "old"),
    ] {
        let duration = format!("protocol.duration={duration}");
        let out = format!("disk/{out}");
        let mut arguments = vec!["simulate", "--set", &duration, "--out", &out];
        if out == "disk/old" {
            arguments.push("--force");
        }
        let output = home.run(&arguments);
        let message = output.error(2);
        assert!(
            message.contains("No space left") && message.contains("free some space"),
            "{message}"
        );
        assert_eq!(entries(&disk.0), ["old"], "{arguments:?}");
        assert!(old.bytes() == before);
    }
}

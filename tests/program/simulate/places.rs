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
        let output = home.run(&[LONG, &["--out", out]].concat());
        let code = if ["absent/..", "/proc/run"].contains(&out) {
            2
        } else {
            5
        };
        let message = output.error(code);
        assert!(
            message.contains("--out") || message.contains("shorten the name"),
            "{message}"
        );
        assert_eq!(home.entries(), ["file"], "{out}");
    }
    // `out` itself may be in the way.
    std::fs::write(home.path().join("out"), "").unwrap();
    assert!(short(&home, &[]).error(5).contains("--out"));
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

/// An hour of simulation: who gets that far is not back within the test.
const LONG: &[&str] = &[
    "simulate",
    "--set",
    "protocol.duration=3e7",
    "--set",
    "record.every=1000",
    "--backend",
    "cpu",
];

/// A container's volume cannot be moved, and is where its results belong.
#[cfg(target_os = "linux")]
#[test]
fn a_mount_point_is_filled_in_place() {
    let home = Home::new();
    let Some(disk) = SmallDisk::mount(home.path().join("disk")) else {
        println!("skipped: no right to mount a small disk");
        return;
    };
    let fill = |seed: &str| short(&home, &["--seed", seed, "--out", "disk", "--force"]);
    let output = fill("1");
    assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""));
    assert!(output.stdout.contains("written to disk"), "{output:?}");
    let results = Results(disk.0.clone());
    let (files, before) = (entries(&disk.0), results.bytes());
    assert_eq!(fill("2").code, Some(0));
    assert_eq!(entries(&disk.0), files);
    assert!(results.bytes() != before);
    // Other results, of other files.
    let other = ["phase-plane", "fitzhugh-nagumo", "--out", "disk", "--force"];
    assert_eq!(home.run(&other).code, Some(0));
    assert!(!disk.0.join("simulation.npz").exists() && disk.0.join("phase_plane.npz").exists());
    assert_eq!(fill("1").code, Some(0));
    assert_eq!((entries(&disk.0), results.bytes()), (files.clone(), before));
    std::fs::write(disk.0.join("notes.md"), "mine").unwrap();
    let output = home.run(&[LONG, &["--out", "disk", "--force"]].concat());
    assert!(output.error(2).contains("holds \"notes.md\""), "{output:?}");
    assert_eq!(home.entries(), ["disk"]);
    assert_eq!(entries(&disk.0).len(), files.len() + 1);
}

/// What the system says is told once, about the place that the user named.
#[cfg(target_os = "linux")]
#[test]
fn a_place_that_may_not_be_written_to_is_named_alone() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    let home = Home::new();
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(home.path(), mode).unwrap();
    std::fs::write(home.path().join("w.csv"), "0,1\n1,0\n").unwrap();
    let sweep = ["sweep", "wilson_cowan", "--vary", "input.x=0:1:2"];
    let sweep = [&sweep[..], &["--backend", "cpu", "--out", "run"]].concat();
    let import = ["connectome", "import", "w.csv", "--out", "run.npz"];
    for arguments in [
        &[SHORT, &["--out", "run"]].concat(),
        &sweep,
        &import.to_vec(),
    ] {
        let mut command = home.command(arguments);
        let Ok(output) = command.uid(65_534).gid(65_534).output() else {
            println!("skipped: no right to become another user");
            return;
        };
        let output = Output::of(output);
        let message = output.error(5);
        assert_eq!(message.matches("os error").count(), 1, "{message}");
        for hidden in ["at path", "unfinished", ".tmp"] {
            assert!(!message.contains(hidden), "{message}");
        }
        assert_eq!(home.entries(), ["w.csv"]);
    }
}

/// In a folder such as /tmp everybody may make folders, and nobody may move those of others.
#[cfg(target_os = "linux")]
#[test]
fn beside_a_folder_of_another_user_there_is_room() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    let home = Home::new();
    let mode = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    mode(home.path(), 0o1777);
    std::fs::create_dir(home.path().join("run")).unwrap();
    let manifest = "{\"brainsweep\": \"0.1.0\", \"files\": [\"manifest.json\"]}";
    std::fs::write(home.path().join("run/manifest.json"), manifest).unwrap();
    let mut command = home.command(&[SHORT, &["--out", "run", "--force"]].concat());
    let Ok(output) = command.uid(65_534).gid(65_534).output() else {
        println!("skipped: no right to become another user");
        return;
    };
    let output = Output::of(output);
    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(
        output.stderr.contains("cannot replace run") && output.stderr.contains("run-1"),
        "{output:?}"
    );
    assert!(output.stdout.contains("run-1"), "{output:?}");
    assert_eq!(home.entries(), ["run", "run-1"]);
    assert_eq!(entries(&home.path().join("run")), ["manifest.json"]);
    // A sweep goes on where it stopped, so it stays with the place it was given.
    let sweep = ["sweep", "wilson_cowan", "--vary", "input.x=0:1:2"];
    let sweep = [&sweep[..], &["--backend", "cpu", "--out", "run", "--force"]].concat();
    let output = home
        .command(&sweep)
        .uid(65_534)
        .gid(65_534)
        .output()
        .unwrap();
    assert!(Output::of(output).error(5).contains("cannot replace run"));
    assert_eq!(home.entries(), ["run", "run-1"]);
}

/// Whatever happens to its place while it runs: a result that is finished is kept, and the message says where.
#[test]
fn results_whose_place_changed_meanwhile_are_kept_beside_it() {
    let home = Home::new();
    let place = home.path().join("run");
    let waits = |done: &dyn Fn() -> bool| {
        let start = std::time::Instant::now();
        while !done() {
            assert!(start.elapsed().as_secs() < 60, "{:?}", home.entries());
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    };
    let changes: [(&dyn Fn(), &str); 3] = [
        (
            &|| std::fs::write(place.join("notes.md"), "mine").unwrap(),
            "now holds \"notes.md\"",
        ),
        (
            &|| std::fs::write(place.join("manifest.json"), "{}").unwrap(),
            "now is neither empty nor a folder of results",
        ),
        (
            &|| {
                std::fs::remove_dir_all(&place).unwrap();
                std::fs::write(&place, "a file").unwrap();
            },
            "now cannot be read",
        ),
    ];
    for (n, (change, reason)) in changes.iter().enumerate() {
        let _ = std::fs::remove_file(&place);
        let _ = std::fs::remove_dir_all(&place);
        assert_eq!(short(&home, &["--out", "run"]).code, Some(0));
        let arguments = [
            "simulate",
            "--set",
            "protocol.duration=4000",
            "--backend",
            "cpu",
            "--out",
            "run",
            "--force",
        ];
        let mut command = home.command(&arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        waits(&|| {
            let names = home.entries();
            names.iter().any(|name| name.starts_with(".unfinished-"))
        });
        change();
        let output = Output::of(child.wait_with_output().unwrap());
        let kept = format!("run-{}", n + 1);
        let message = output.error(5);
        assert!(
            message.contains(reason) && message.ends_with(&format!("{kept} instead")),
            "{message}"
        );
        let kept = Results(home.path().join(kept));
        assert_eq!(kept.manifest()["interrupted"], false);
        assert_eq!(kept.array("t").len(), 40_000);
    }
    assert_eq!(home.entries(), ["run", "run-1", "run-2", "run-3"]);
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
        let message = output.error(5);
        assert!(
            message.contains("No space left") && message.contains("free some space"),
            "{message}"
        );
        // It names the place that was asked for, not where the files lie until they are whole.
        assert!(
            message.contains(&format!("cannot write {out}")),
            "{message}"
        );
        assert!(!message.contains("unfinished"), "{message}");
        assert_eq!(entries(&disk.0), ["old"], "{arguments:?}");
        assert!(old.bytes() == before);
    }
}

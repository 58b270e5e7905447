//! Sweeps that are killed in the middle of a chunk, and go on from what was kept of it.

use std::fs;
use std::time::SystemTime;

use super::*;
use crate::running::{Running, until};

/// How many ms each simulation lasts: the first of these at which the sweep was still at work when
/// it was to be killed. How soon a sweep is done, the machine and its load decide.
const DURATIONS: [&str; 5] = ["2e3", "8e3", "4e4", "2e5", "1e6"];

/// Two delays, three couplings and four seeds: one chunk of two batches.
const GRID: [&str; 6] = [
    "--vary",
    "speed=5,10",
    "--vary",
    "g=0.1,0.2,0.3",
    "--seeds",
    "4",
];

/// BOLD and its FCD; a state's samples and its sums.
const STUDIES: [(&str, &str, &str); 2] = [
    (
        "bold",
        "bold,fcd",
        "[[monitor]]\nkind = \"balloon-windkessel\"\nsource = \"x\"\nscale = 0.2\noffset = 0.4\ntr = 250\n\
         [measure]\nmake = [\"fcd\"]\nfcd_window = 1000\nfcd_step = 250\n",
    ),
    (
        "state",
        "x",
        "[record]\nevery = 10\n[measure]\nmake = [\"kuramoto\"]\nband_low = 1\nband_high = 10\n",
    ),
];

/// Where there are both studies, of a ring of three regions.
fn home() -> Home {
    let home = Home::new();
    fs::create_dir(home.at("ring")).unwrap();
    fs::write(home.at("ring/weights.csv"), "0,1,0\n0,0,1\n1,0,0\n").unwrap();
    fs::write(
        home.at("ring/tract_lengths.csv"),
        "0,20,0\n0,0,31\n17,0,0\n",
    )
    .unwrap();
    for (name, _, text) in STUDIES {
        let study = format!(
            "model = \"fitzhugh-nagumo\"\nintegrator = \"heun\"\nconnectome = {{ file = \"ring\", symmetric = \"as-is\" }}\n\
             input.x = 0.75\nprotocol.transient = 250\n\
             noise = {{ kind = \"ornstein-uhlenbeck\", tau = 5, sigma.x = 0.05 }}\n{text}"
        );
        fs::write(home.at(&format!("{name}.toml")), study).unwrap();
    }
    home
}

fn sweep(k: usize, duration: &str, out: &str, flags: &[&str]) -> Vec<String> {
    let (name, keep, _) = STUDIES[k];
    let every = ["--every", "10"];
    let study = format!("{name}.toml");
    let duration = format!("protocol.duration={duration}");
    let mut command = vec![study.as_str()];
    command.extend(GRID);
    command.extend(["--keep", keep, "--set", &duration, "--out", out, "--json"]);
    command.extend(if name == "state" { &every[..] } else { &[] });
    command.extend(flags);
    command.into_iter().map(String::from).collect()
}

fn words(command: &[String]) -> Vec<&str> {
    command.iter().map(String::as_str).collect()
}

/// The checkpoints in a store, and when each was written.
fn checkpoints(store: &Path) -> Vec<(PathBuf, SystemTime)> {
    let entries = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries(&store.join(".checkpoints")).flat_map(|part| entries(&part.path()));
    let timed =
        files.filter_map(|file| Some((file.path(), file.metadata().ok()?.modified().ok()?)));
    timed.collect()
}

/// Runs the sweep until there is a checkpoint newer than all that were there, and kills it. `None` if it was done before.
fn kill(home: &Home, command: &[String], store: &Path) -> Option<()> {
    let newest = |store: &Path| checkpoints(store).into_iter().map(|(_, time)| time).max();
    let before = newest(store);
    let mut running = Running::start(&mut home.command(&words(command)));
    until("a checkpoint is written, or the sweep is done", || {
        (running.is_over() || newest(store) > before).then_some(())
    });
    let is_over = running.is_over();
    running.kill();
    (!is_over && !checkpoints(store).is_empty()).then_some(())
}

/// Runs the sweep to its end; its JSON, and what it noted.
fn end(home: &Home, command: &[String]) -> (Value, String) {
    let (code, stdout, stderr) = home.run(&words(command));
    assert_eq!(code, Some(0), "{stderr}");
    (serde_json::from_str(&stdout).unwrap(), stderr)
}

/// With one thread the replicas run side by side, with three one by one; a moment's checkpoints and none until it is killed.
#[test]
fn a_sweep_killed_in_the_middle_of_a_chunk_goes_on_with_the_same_bytes() {
    let home = home();
    for k in 0..STUDIES.len() {
        let killed = |duration: &&&str| {
            let out = format!("{k}-{duration}.zarr");
            for threads in ["1", "3", "1", "2"] {
                let flags = ["--threads", threads, "--checkpoint", "0.01"];
                kill(&home, &sweep(k, duration, &out, &flags), &home.at(&out))?;
            }
            Some(())
        };
        let duration = DURATIONS.iter().find(|duration| killed(duration).is_some());
        let duration = duration.expect("a sweep longer than it takes to kill it");
        let out = format!("{k}-{duration}.zarr");
        let program = Command::new(env!("CARGO_BIN_EXE_brainsweep"))
            .args(["status", &out])
            .current_dir(home.at(""))
            .output();
        let status = String::from_utf8(program.unwrap().stdout).unwrap();
        assert!(
            status.contains("1 chunk has checkpoints, the last written"),
            "{status}"
        );
        // What is there is used by a run that keeps nothing, too.
        let last = ["--threads", "1", "--checkpoint", "0"];
        let (json, said) = end(&home, &sweep(k, duration, &out, &last));
        let n_resumed = json["replicas_resumed"].as_u64().unwrap();
        // Those of the first kill at least.
        assert!((12..=24).contains(&n_resumed), "{n_resumed}");
        assert!(
            said.contains("went on from checkpoints") && !said.contains("damaged"),
            "{said}"
        );
        let (json, said) = end(
            &home,
            &sweep(k, duration, "whole.zarr", &["--checkpoint", "0"]),
        );
        assert_eq!((&json["replicas_resumed"], said.as_str()), (&0.into(), ""));
        assert_same(&home.at(&out), &home.at("whole.zarr"));
        assert!(!home.at(&out).join(".checkpoints").exists());
        fs::remove_dir_all(home.at("whole.zarr")).unwrap();
    }
}

/// Checkpoints that are cut, longer, changed by a bit, empty, of another sweep, and no files at all.
#[test]
fn checkpoints_that_cannot_be_believed_are_left_aside() {
    let home = home();
    let kept = ["--threads", "1", "--checkpoint", "0.01"];
    let tried = |duration: &&&str| {
        let sweep = sweep(0, duration, "a.zarr", &kept);
        let _ = fs::remove_dir_all(home.at("a.zarr"));
        kill(&home, &sweep, &home.at("a.zarr")).is_some()
    };
    let duration = DURATIONS.iter().find(tried);
    let duration = duration.expect("a sweep longer than it takes to kill it");
    let resume = |out: &str| end(&home, &sweep(0, duration, out, &["--threads", "1"]));
    let (file, _) = checkpoints(&home.at("a.zarr")).pop().unwrap();
    let sound = fs::read(&file).unwrap();
    let mut foreign = sound.clone();
    // The sweep's duration, as the checkpoint has it, and a checksum that is right.
    let at = foreign
        .windows(8)
        .position(|word| word == b"duration")
        .unwrap();
    foreign[at] = b'D';
    let end = foreign.len() - 4;
    let sum = crc32c(&foreign[..end]).to_le_bytes();
    foreign[end..].copy_from_slice(&sum);
    let mut flipped = sound.clone();
    flipped[end - 77] ^= 4;
    let longer = [&sound[..], &[0; 4]].concat();
    let damages = [
        ("cut", sound[..end - 8].to_vec()),
        ("longer", longer),
        ("flipped", flipped),
        ("empty", Vec::new()),
        ("foreign", foreign),
    ];
    let files = |store: &Path| checkpoints(store).into_iter().map(|(file, _)| file);
    for (what, bytes) in damages {
        let out = format!("{what}.zarr");
        assert!(
            Command::new("cp")
                .args(["-r", "a.zarr", &out])
                .current_dir(home.at(""))
                .status()
                .unwrap()
                .success()
        );
        for file in files(&home.at(&out)) {
            fs::write(file, &bytes).unwrap();
        }
        let n = files(&home.at(&out)).count();
        let (json, said) = resume(&out);
        assert_eq!(json["replicas_resumed"], 0, "{what}: {said}");
        let word = if n == 1 {
            "is damaged or of another sweep"
        } else {
            "are damaged or of another sweep"
        };
        assert!(said.contains(word), "{what}: {said}");
    }
    let out = "folder.zarr";
    assert!(
        Command::new("cp")
            .args(["-r", "a.zarr", out])
            .current_dir(home.at(""))
            .status()
            .unwrap()
            .success()
    );
    let own = home.at(out).join(".checkpoints/0/nothing");
    fs::create_dir(&own).unwrap();
    let (json, said) = resume(out);
    assert_ne!(json["replicas_resumed"], 0);
    let named = ".checkpoints/0/nothing/\", which brainsweep did not write and leaves alone";
    assert!(said.contains(named), "{said}");
    fs::remove_dir(own).expect("it was left alone");
    fs::remove_dir(home.at(out).join(".checkpoints/0")).unwrap();
    fs::remove_dir(home.at(out).join(".checkpoints")).unwrap();
    for what in ["cut", "longer", "flipped", "empty", "foreign", "folder"] {
        assert_same(&home.at("folder.zarr"), &home.at(&format!("{what}.zarr")));
    }
}

/// What Ctrl-C and the end of a job's time leave is kept, too.
#[cfg(unix)]
#[test]
fn a_sweep_that_is_stopped_keeps_its_chunk_as_far_as_it_is() {
    let home = home();
    let stopped = |duration: &&&str| {
        let out = format!("{duration}.zarr");
        let flags = ["--threads", "2", "--checkpoint", "0.01"];
        let mut running =
            Running::start(&mut home.command(&words(&sweep(1, duration, &out, &flags))));
        until("a checkpoint is written, or the sweep is done", || {
            (running.is_over() || !checkpoints(&home.at(&out)).is_empty()).then_some(())
        });
        running.signal("-TERM");
        running.end().status.code() == Some(130)
    };
    let duration = DURATIONS.iter().find(stopped);
    let duration = duration.expect("a sweep longer than it takes to stop it");
    let out = format!("{duration}.zarr");
    let (json, _) = end(&home, &sweep(1, duration, &out, &[]));
    assert_ne!(json["replicas_resumed"], 0);
    end(&home, &sweep(1, duration, "whole.zarr", &[]));
    assert_same(&home.at(&out), &home.at("whole.zarr"));
}

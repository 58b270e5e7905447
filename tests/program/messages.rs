//! What the program says on stderr: notes where it does less than asked, and errors that end.

use std::path::Path;

use super::program::run;

const WILSON_COWAN: &str = "model = \"wilson-cowan\"\n[connectome]\nnodes = 1\n";

fn brainsweep(arguments: &[&str], folder: &Path) -> (Option<i32>, String) {
    let (code, _, stderr) = run(&[], arguments, folder);
    (code, stderr)
}

/// A run that does not do what the study says does so with a note.
#[test]
fn what_is_asked_for_and_not_done_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let study = |name: &str, rest: &str| {
        let text = format!("{WILSON_COWAN}{rest}");
        std::fs::write(folder.join(name), text).unwrap();
    };
    study(
        "silent.toml",
        "[noise]\nkind = \"white\"\n[protocol]\nduration = 5\n",
    );
    study("short.toml", "[protocol]\nduration = 10.05\n");
    study("plain.toml", "[protocol]\nduration = 10\n");
    for (arguments, note) in [
        (
            &["silent.toml"][..],
            "note: noise.kind is \"white\", but every noise.sigma is 0: the run has no noise\n",
        ),
        (&["silent.toml", "--set", "sigma.x=0.1"], ""),
        (
            &["short.toml"],
            "note: protocol.duration = 10.05 ms is no whole number of steps of protocol.dt = 0.1 \
             ms: 100 steps are run\n",
        ),
        (&["short.toml", "--set", "dt=0.05"], ""),
        (
            &[
                "plain.toml",
                "--set",
                "coupling.kind=additive",
                "--set",
                "coupling.conduction_speed=5",
            ],
            "note: coupling.conduction_speed has no effect: the nodes are not coupled",
        ),
        (&["plain.toml"], ""),
        // Three steps of 0.3 ms, although 0.3 / 0.1 is a little less in binary.
        (&["plain.toml", "--set", "duration=0.3"], ""),
    ] {
        let arguments = [&["simulate"], arguments].concat();
        let (code, stderr) = brainsweep(&arguments, folder);
        assert_eq!(code, Some(0), "{arguments:?}: {stderr}");
        assert_eq!(
            stderr.is_empty(),
            note.is_empty(),
            "{arguments:?}: {stderr}"
        );
        assert!(stderr.contains(note), "{arguments:?}: {stderr}");
    }
    // A sweep may vary the strength of the noise.
    let arguments = [
        "sweep",
        "silent.toml",
        "--vary",
        "sigma.x=0.1,0.2",
        "--dry-run",
    ];
    let (code, stderr) = brainsweep(&arguments, folder);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
}

/// A file without end is refused after some MB: of a study, a model, a coupling, an .ode file.
#[cfg(target_os = "linux")]
#[test]
fn a_file_without_end_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/dev/zero", folder.path().join("zero.toml")).unwrap();
    for arguments in [
        &["simulate", "/dev/zero", "--dry-run"][..],
        &["sweep", "zero.toml", "--seeds", "2", "--dry-run"],
        &["bifurcate", "zero.toml", "--vary", "x_ext=0:1"],
        &["models", "check", "zero.toml"],
        &["models", "import", "/dev/zero"],
        &["couplings", "check", "zero.toml"],
    ] {
        let (code, stderr) = brainsweep(arguments, folder.path());
        assert_eq!(code, Some(2), "{arguments:?}: {stderr}");
        assert!(
            stderr.contains("is longer than 16 MiB\nhint: "),
            "{arguments:?}: {stderr}"
        );
    }
}

/// Whatever a user writes, a message repeats some of it only, and no control characters.
#[test]
fn messages_end_and_leave_the_terminal_alone() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (brackets, words) = ("[".repeat(100_000), "word ".repeat(20_000));
    let escape = "\x1b[31m";
    // As NumPy writes it: 500 axes of length 1.
    let axes = "1,".repeat(500);
    let mut header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({axes}), }}");
    header += &" ".repeat(63 - (header.len() + 10) % 64);
    header.push('\n');
    let length = u16::try_from(header.len()).unwrap().to_le_bytes();
    let npy = [
        b"\x93NUMPY\x01\x00",
        &length[..],
        header.as_bytes(),
        &[0; 8],
    ]
    .concat();
    std::fs::write(folder.join("m.npy"), npy).unwrap();
    std::fs::write(folder.join("long.toml"), format!("model = \"{words}\"\n")).unwrap();
    let odd = format!("model = \"{escape}\"\n");
    std::fs::write(folder.join("odd.toml"), odd).unwrap();
    for text in [brackets.as_str(), words.as_str(), escape] {
        let (key, value, short) = (
            format!("{text}x=1"),
            format!("g={text}"),
            format!("duration={text}"),
        );
        for arguments in [
            &["simulate", "--dry-run", "--set", &key][..],
            &["simulate", "--dry-run", "--set", &value],
            &["simulate", "--dry-run", "--set", &short],
            &["simulate", "--seed", text],
            &["simulate", "--backend", text],
            &["sweep", "--vary", &value],
            &["sweep", "--vary", "g=0:1:2", "--keep", text],
            &["sweep", "--vary", "g=0:1", "--sample", text],
            &["bifurcate", "wilson-cowan", "--vary", &value],
            &["bifurcate", "wilson-cowan", "--vary", &key],
            &["phase-plane", "wilson-cowan", "--from", text],
            &["models", "show", text],
            &["couplings", "eval", "diffusive", "--at", text],
            &["keys", text],
            &["bench", "--kernel", text],
            &[text],
        ] {
            let (code, stderr) = brainsweep(arguments, folder);
            let shown: Vec<String> = arguments
                .iter()
                .map(|a| a.chars().take(20).collect())
                .collect();
            assert_eq!(code, Some(2), "{shown:?}: {stderr}");
            assert!(
                stderr.len() < 3000,
                "{shown:?}: {} bytes: {stderr}",
                stderr.len()
            );
            assert!(!stderr.contains('\x1b'), "{shown:?}: {stderr:?}");
        }
    }
    for arguments in [
        &["connectome", "show", "m.npy"][..],
        &["simulate", "long.toml"],
        &["simulate", "odd.toml"],
        &["simulate", "--dry-run", "--set", "protocol.duration=1e300"],
    ] {
        let (code, stderr) = brainsweep(arguments, folder);
        assert_eq!(code, Some(2), "{arguments:?}: {stderr}");
        assert!(stderr.len() < 1500, "{arguments:?}: {stderr}");
        assert!(!stderr.contains('\x1b'), "{arguments:?}: {stderr:?}");
    }
}

/// A wrong command line is answered as everything else: what is wrong, and what to do.
#[test]
fn a_wrong_command_line_is_answered_in_two_lines() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, expected) in [
        (
            &["simulate", "--outt", "x"][..],
            "error: unexpected argument '--outt' found\nhint: did you mean \"--out\"?\n",
        ),
        (
            &["simulate", "--no-such-flag"],
            "error: unexpected argument '--no-such-flag' found\n\
             hint: `brainsweep simulate --help` explains it\n",
        ),
        (
            &["modles"],
            "error: unrecognized subcommand 'modles'\nhint: did you mean \"models\"?\n",
        ),
        (
            &["bifurcate", "wilson-cowan"],
            "error: the following required arguments were not provided: --vary \
             <NUMBER=LOW:HIGH>\nhint: `brainsweep bifurcate --help` explains it\n",
        ),
        (
            &["simulate", "--backend", "gpus"],
            "error: invalid value 'gpus' for '--backend <BACKEND>'\nhint: did you mean \"gpu\"?\n",
        ),
        (
            &["simulate", "--backend", "quantum"],
            "error: invalid value 'quantum' for '--backend <BACKEND>'\n\
             hint: it is one of auto, cpu, gpu\n",
        ),
        (
            &["models", "show", "wilson-cowan", "--json", "--wgsl"],
            "error: the argument '--json' cannot be used with '--wgsl'\n\
             hint: `brainsweep models show --help` explains it\n",
        ),
        (
            &["simulate", "--force"],
            "error: the following required arguments were not provided: --out <DIR>\n\
             hint: `brainsweep simulate --help` explains it\n",
        ),
        (
            &[
                "sweep",
                "--vary",
                "g=0:1:2",
                "--backend",
                "cpu",
                "--or-cpu",
                "--dry-run",
            ],
            "error: --or-cpu does not apply: --backend cpu takes no GPU that could fail\n\
             hint: leave out one of the two\n",
        ),
    ] {
        let (code, stderr) = brainsweep(arguments, folder.path());
        assert_eq!(
            (code, stderr.as_str()),
            (Some(2), expected),
            "{arguments:?}"
        );
    }
}

//! Studies and data that cannot be: one paragraph, the way out, exit code 2, and nothing written.

use brainsweep::io::npz::Writer;
use ndarray::{Array2, array};

use super::*;

/// Runs `simulate ARGUMENTS` in `home`, which must refuse with all of `parts` and leave the folder as it was.
fn refused(home: &Home, arguments: &[&str], parts: &[&str]) {
    let before = home.entries();
    let output = home.run(&[&["simulate"], arguments].concat());
    let message = output.error(2);
    for part in parts {
        assert!(message.contains(part), "{part:?} is not in: {message}");
    }
    assert_eq!(home.entries(), before, "{arguments:?}");
}

/// What a study asks of its integrator, its noise and its delays together.
#[test]
fn schemes_that_do_not_go_together() {
    let home = Home::new();
    let feedback = "model=feedback-fitzhugh-nagumo";
    let cases: [(&[&str], &[&str]); 7] = [
        (
            &["protocol.coupling_at=stages"],
            &[
                "protocol.coupling_at = \"stages\" does not go with this study",
                "exponential-euler takes the equations at the start of a step only",
                "hint: say integrator = \"heun\", or protocol.coupling_at = \"start\"",
            ],
        ),
        (
            &["protocol.coupling_at=stages", "integrator=rk4"],
            &["rk4 has stages in the middle of a step"],
        ),
        (
            &["noise.kind=white", "noise.scheme=exact", "integrator=heun"],
            &[
                "noise.scheme = \"exact\" does not go with this study",
                "heun is not",
                "hint: say integrator = \"exponential-euler\"",
            ],
        ),
        (
            &[
                feedback,
                "coupling.delay_rounding=interpolate",
                "parameters.delay=0.04",
            ],
            &[
                "parameters.delay is 0.04 ms",
                "whole number of steps of 0.1 ms",
            ],
        ),
        (
            &[
                feedback,
                "integrator=heun",
                "protocol.coupling_at=stages",
                "parameters.delay=0.04",
            ],
            &["parameters.delay", "one step of 0.1 ms or more"],
        ),
        (&["protocol.coupling_at=end"], &["\"start\", \"stages\""]),
        (
            &["coupling.delay_reads=x[n+2-d]"],
            &["\"x[n-d]\", \"x[n-1-d]\", \"x[n+1-d]\""],
        ),
    ];
    for (set, parts) in cases {
        let flags = set.iter().flat_map(|key| ["--set", *key]);
        refused(&home, &flags.collect::<Vec<_>>(), parts);
    }
    // An angle jumps by a turn between two samples.
    let angles = "model = \"kuramoto\"\n[coupling]\nkind = \"diffusive\"\ndelay_rounding = \"interpolate\"\n";
    std::fs::write(home.path().join("angles.toml"), angles).unwrap();
    refused(
        &home,
        &["angles.toml"],
        &[
            "coupling.delay_rounding = \"interpolate\" does not go with this study",
            "is an angle",
            "kuramoto",
        ],
    );
}

/// How far the noise strays stands in the text once: for all inputs where they agree, and of no other noise.
#[test]
fn the_strength_of_the_noise_is_printed() {
    let home = Home::new();
    let printed = |flags: &[&str]| {
        let set = flags.iter().flat_map(|key| ["--set", *key]);
        let all: Vec<&str> = ["simulate", "--set", "duration=5", "--set", "every=0.5"]
            .into_iter()
            .chain(set)
            .collect();
        let text = home.prints(&all);
        let lines = text.lines().filter(|line| line.starts_with("noise on"));
        lines.map(String::from).collect::<Vec<_>>()
    };
    // 0.01 sqrt(5/2) = 0.0158, 0.01 sqrt(5/(2 - 0.5/5)) = 0.0162, 0.02 sqrt(5/2) = 0.0316.
    assert_eq!(
        printed(&["dt=0.5"]),
        [
            "noise on x and y: stationary sd 0.0162 in Euler steps of 0.5 ms, 0.0158 with noise.scheme = \"exact\""
        ]
    );
    assert_eq!(
        printed(&["dt=0.5", "noise.scheme=exact", "noise.sigma.y[3]=0.02"]),
        [
            "noise on x: stationary sd 0.0158",
            "noise on y: stationary sd 0.0158 to 0.0316"
        ]
    );
    assert!(printed(&["noise.kind=white"]).is_empty());
}

#[test]
fn keys_and_numbers_that_cannot_be() {
    let home = Home::new();
    for (flag, parts) in [
        (
            "protcol.dt=1",
            &["protcol", "did you mean protocol.dt?"][..],
        ),
        ("protocol.dT=1", &["dT", "did you mean", "dt"]),
        ("parameters.alfa=1", &["alfa", "alpha"]),
        ("model=fitzhugh", &["fitzhugh-nagumo"]),
        (
            "protocol.dt=\"short\"",
            &["protocol.dt", "the text \"short\"", "expected a number"],
        ),
        ("protocol.seed=1.5", &["protocol.seed", "whole number"]),
        ("protocol.seed=-1", &["protocol.seed", "whole number"]),
        ("input.x=true", &["input.x", "expected"]),
        ("record.states=x", &["record.states", "list"]),
        ("protocol.dt=nan", &["protocol.dt", "finite"]),
        ("coupling.g=nan", &["coupling.g", "finite"]),
        ("input.x=inf", &["input.x", "finite"]),
        ("parameters.alpha=1e39", &["parameters.alpha", "3.4e38"]),
        ("noise.sigma.x=-1", &["noise.sigma.x", "0 or more"]),
        ("noise.tau=0", &["noise.tau", "greater than 0"]),
        ("parameters.tau=0", &["parameters.tau", "divides by it"]),
        ("protocol.dt=0", &["protocol.dt", "greater than 0"]),
        ("protocol.dt=-0.1", &["protocol.dt", "greater than 0"]),
        (
            "protocol.duration=0",
            &["protocol.duration", "greater than 0"],
        ),
        (
            "protocol.duration=0.05",
            &["protocol.duration", "at least one step"],
        ),
        ("protocol.duration=1e30", &["protocol.duration", "steps"]),
        (
            "protocol.transient=6000",
            &["protocol.transient", "duration"],
        ),
        ("record.every=0.15", &["record.every", "protocol.dt"]),
        ("record.every=7000", &["record.every", "protocol.duration"]),
        (
            "coupling.conduction_speed=0",
            &[
                "coupling.conduction_speed",
                "above 0",
                "inf means no delays",
            ],
        ),
        (
            "coupling.conduction_speed=-20",
            &["coupling.conduction_speed", "above 0"],
        ),
        (
            "coupling.conduction_speed=1e-9",
            &["coupling.conduction_speed", "at most 1e9 steps", "mm/ms"],
        ),
        (
            "coupling.conduction_speed=1e-5",
            &[
                "coupling.conduction_speed",
                "delay line",
                "raise coupling.conduction_speed",
            ],
        ),
        (
            "input.x=[1.0, 2.0]",
            &["input.x", "a list of 2", "80 numbers"],
        ),
        ("input.x[80]=1", &["80", "nodes 0 to 79"]),
        ("initial.x=[0.0]", &["initial.x", "80"]),
        ("connectome.nodes=100000", &["connectome.nodes", "4096"]),
        ("=1", &["=1"]),
        ("coupling.g", &["coupling.g", "="]),
    ] {
        refused(&home, &["--set", flag], parts);
    }
    refused(&home, &["absent.toml"], &["absent.toml", "hcp_network"]);
    refused(&home, &["."], &["is a folder"]);
}

#[test]
fn more_samples_than_memory_are_refused_before_the_run() {
    let home = Home::new();
    // 4e9 samples of 16 KiB each.
    let flags = [
        "--set",
        "connectome.nodes=4096",
        "--set",
        "protocol.duration=4e8",
    ];
    refused(&home, &flags, &["record", "GiB", "raise record.every"]);
    refused(&home, &[&flags[..], &["--dry-run"]].concat(), &["GiB"]);
}

#[test]
fn a_file_error_names_file_and_line() {
    let home = Home::new();
    let write = |text: &[u8]| std::fs::write(home.path().join("study.toml"), text).unwrap();
    for (text, parts) in [
        (
            &b"[protocol]\ndt = 0.1\ndration = 5\n"[..],
            &["study.toml:3", "dration", "duration"][..],
        ),
        (b"[protocol\ndt = 1", &["study.toml:1", "TOML"]),
        (b"dt = 1\ndt = 2", &["study.toml:2"]),
        (b"\n\ninput = \"\"\"\n\n\"\"\"", &["study.toml:3", "input"]),
        (b"\xff\xfe\x00", &["study.toml", "UTF-8"]),
        (b"model = \"\x07\"", &["study.toml:1"]),
    ] {
        write(text);
        refused(&home, &["study.toml"], parts);
    }
}

#[test]
fn a_damaged_or_unfit_npz_is_named_with_the_way_out() {
    let home = Home::new();
    let path = home.path().join("mine.npz");
    let save = |arrays: &[(&str, Array2<f64>)]| {
        let mut writer = Writer::create(&path).unwrap();
        for (key, values) in arrays {
            writer.add(key, values).unwrap();
        }
        writer.finish().unwrap();
        std::fs::read(&path).unwrap()
    };
    let run = [
        "--set",
        "connectome.file=\"mine.npz\"",
        "--set",
        "protocol.duration=1",
    ];
    let weights = array![[0.0, 1.0], [1.0, 0.0]];
    let whole = save(&[
        ("weights", weights.clone()),
        ("tract_lengths", 10.0 * &weights),
    ]);
    let output = home.run(&[&["simulate", "--out", "fine"], &run[..]].concat());
    assert_eq!(output.code, Some(0), "{output:?}");

    for length in [0, 1, 30, whole.len() / 2, whole.len() - 30, whole.len() - 1] {
        std::fs::write(&path, &whole[..length]).unwrap();
        refused(&home, &run, &["mine.npz", "copy or save it again"]);
    }
    // One bit of the weights themselves: the archive's checksum knows.
    let at = whole
        .windows(8)
        .position(|bytes| bytes == 1.0_f64.to_le_bytes())
        .unwrap();
    let mut changed = whole.clone();
    changed[at] ^= 1;
    std::fs::write(&path, changed).unwrap();
    refused(
        &home,
        &run,
        &["mine.npz", "weights", "copy or save the file again"],
    );

    save(&[("weights", Array2::zeros((2, 3)))]);
    refused(&home, &run, &["mine.npz", "weights", "[2, 3]"]);
    save(&[
        ("weights", weights.clone()),
        ("tract_lengths", Array2::zeros((3, 3))),
    ]);
    refused(&home, &run, &["mine.npz", "tract_lengths", "[3, 3]"]);
    save(&[("weights", array![[0.0, f64::NAN], [1.0, 0.0]])]);
    refused(&home, &run, &["mine.npz", "weights"]);
    // One array alone would be the weights.
    save(&[("matrix", weights.clone()), ("other", weights)]);
    refused(&home, &run, &["mine.npz", "weights = NAME"]);
    std::fs::remove_file(&path).unwrap();
    refused(&home, &run, &["mine.npz"]);
}

#[test]
fn flags_that_contradict_each_other() {
    let home = Home::new();
    refused(
        &home,
        &["--backend", "cpu", "--device", "llvmpipe"],
        &["--device", "--backend cpu"],
    );
    for arguments in [
        &["--force"][..],
        &["--backend", "tpu"],
        &["--threads", "0"],
        &["--seed", "x"],
        &["--out", ""],
    ] {
        let output = home.run(&[&["simulate"], arguments].concat());
        assert_eq!(
            (output.code, output.stdout.as_str()),
            (Some(2), ""),
            "{output:?}"
        );
        assert!(output.stderr.starts_with("error: "), "{output:?}");
    }
    assert!(home.entries().is_empty());
}

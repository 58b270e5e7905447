//! Sweeps that hold the mean of a noisy output: every point has rounds of its own, whatever the seed of a replica.

use super::*;

const STUDY: &str = "model = \"reduced-wong-wang-exc-inh\"\nconnectome.nodes = 2\n\
    noise = { kind = \"white\", sigma.S_E = 0.02 }\nprotocol = { duration = 20, dt = 1 }\n\
    hold = { output = \"r_E\", target = 3, by = \"J_i\", on = \"mean\", tolerance = 0.1, \
    round_duration = 300, round_transient = 100, round_seeds = 2 }\n";

fn home() -> Home {
    let home = Home::new();
    std::fs::write(home.at("held.toml"), STUDY).unwrap();
    home
}

/// Two points of two seeds have what `simulate` has of each, an interrupted sweep ends with the same bytes.
#[test]
fn points_have_the_rounds_of_simulations() {
    let home = home();
    let sweep = [
        "held.toml",
        "--vary",
        "hold.target=3,4",
        "--seeds",
        "2",
        "--out",
    ];
    let (code, _, stderr) = home.run(&[&sweep[..], &["swept.zarr"]].concat());
    assert_eq!(
        (code, stderr.contains("not held")),
        (Some(0), false),
        "{stderr}"
    );
    let of_store = |array: &str| home.doubles(&format!("swept.zarr/{array}"));
    let [rests, hold, left, rounds, converged] = [
        "hold_rests",
        "hold",
        "hold_left",
        "hold_rounds",
        "hold_converged",
    ]
    .map(of_store);
    assert_eq!((rests.len(), rounds.len()), (8, 4));
    assert_eq!(converged, [1.0; 4]);
    assert!(left.iter().all(|left| left.abs() <= 0.1), "{left:?}");
    for (k, target) in [3, 4].into_iter().enumerate() {
        let (out, set) = (format!("one{k}"), format!("hold.target={target}"));
        let arguments = [
            "simulate",
            "held.toml",
            "--set",
            &set,
            "--seed",
            "1",
            "--backend",
            "cpu",
            "--out",
            &out,
        ];
        assert_eq!(other(&home, &arguments), (Some(0), String::new()));
        let file = home.at(&out).join("simulation.npz");
        let of_run = |key: &str| brainsweep::io::npz::read_f64(&file, key).unwrap();
        for seed in 0..2 {
            let nodes = (2 * k + seed) * 2..(2 * k + seed + 1) * 2;
            assert_eq!(
                rests[nodes.clone()],
                of_run("hold_rests").into_raw_vec_and_offset().0
            );
            assert_eq!(
                hold[nodes.clone()],
                of_run("hold").into_raw_vec_and_offset().0
            );
            assert_eq!(left[nodes], of_run("hold_left").into_raw_vec_and_offset().0);
            assert_eq!(rounds[2 * k + seed], of_run("hold_rounds").sum());
        }
    }
    // A store of which a chunk is lost is made whole again, with the same bytes.
    let again = [&sweep[..], &["again.zarr"]].concat();
    assert_eq!(home.run(&again).0, Some(0));
    std::fs::remove_file(home.chunk("again.zarr/status")).unwrap();
    let (code, _, stderr) = home.run(&again);
    assert_eq!(code, Some(0), "{stderr}");
    assert_same(&home.at("swept.zarr"), &home.at("again.zarr"));
    let refused = home.error(&[&again[..], &["--set", "hold.rounds=3"]].concat(), 2);
    assert!(
        refused.contains("study.hold.rounds: there 20, here 3"),
        "{refused}"
    );
}

#[test]
fn points_whose_means_are_off_are_told_and_marked() {
    let home = home();
    let arguments = [
        "held.toml",
        "--vary",
        "hold.target=3,4",
        "--set",
        "hold.rounds=1",
        "--out",
        "off.zarr",
    ];
    let (code, _, stderr) = home.run(&arguments);
    assert_eq!(code, Some(0), "{stderr}");
    for part in [
        "not held at its target at 2 of 2 points",
        "hold.target = 3",
        "hold_converged is 0",
    ] {
        assert!(stderr.contains(part), "{stderr}");
    }
    assert_eq!(home.doubles("off.zarr/hold_converged"), [0.0; 2]);
    for (arguments, part) in [
        (
            &["bifurcate", "held.toml", "--vary", "input.I_E=0:0.1"][..],
            "no noise whose mean",
        ),
        (
            &[
                "fit",
                "held.toml",
                "--free",
                "input.I_E=0:0.1",
                "--objective",
                "mean",
            ],
            "needs rounds",
        ),
        (&["simulate", "held.toml", "--step-error"], "needs rounds"),
    ] {
        let (code, stderr) = other(&home, arguments);
        assert!(
            code == Some(2) && stderr.contains(part),
            "{arguments:?}: {stderr}"
        );
    }
}

/// Runs another command in the folder; its exit code, and what it says on stderr.
fn other(home: &Home, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_brainsweep"));
    let output = command
        .current_dir(&home.0)
        .args(arguments)
        .output()
        .unwrap();
    (
        output.status.code(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

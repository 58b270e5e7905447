//! Sweeps with points at which no state holds the output at its target.

use super::*;

const STUDY: &str = "model = \"reduced-wong-wang-exc-inh\"\nconnectome.nodes = 2\n\
    noise = { kind = \"white\", sigma.S_E = 0.01 }\nprotocol = { duration = 20, dt = 1 }\n\
    hold = { output = \"r_E\", target = 3, by = \"J_i\" }\n";

/// Few short rounds, after which every mean is near enough.
const ON_MEAN: [&str; 10] = [
    "--set",
    "hold.on=\"mean\"",
    "--set",
    "hold.tolerance=100",
    "--set",
    "hold.round_duration=30",
    "--set",
    "hold.round_transient=10",
    "--set",
    "hold.round_seeds=2",
];

fn home() -> Home {
    let home = Home::new();
    std::fs::write(home.at("held.toml"), STUDY).unwrap();
    home
}

/// A negative rate is out of reach: the points beside it have what they have without it, and the store is whole.
#[test]
fn points_out_of_reach_are_marked_and_the_others_run() {
    let home = home();
    for on in [&[][..], &ON_MEAN] {
        let sweep = |targets: &str, out: &str| {
            let vary = format!("hold.target={targets}");
            let flags = ["--vary", &vary, "--seeds", "2", "--force", "--out", out];
            home.run(&[&["held.toml"], on, &flags].concat())
        };
        let (code, _, stderr) = sweep("3,-1,4", "with.zarr");
        assert_eq!(code, Some(0), "{stderr}");
        for part in [
            "r_E cannot be held at its target at 1 of 3 points",
            "the first of them at hold.target = -1",
            "no convergence to parameters.J_i",
        ] {
            assert!(stderr.contains(part), "{stderr}");
        }
        let status = unsealed(&home.chunk("with.zarr/status"));
        assert_eq!(status, [1, 1, 3, 3, 1, 1]);
        let (code, _, stderr) = sweep("3,4", "without.zarr");
        assert_eq!((code, stderr.as_str()), (Some(0), ""));
        for (array, length) in [("mean", 2), ("sd", 2), ("hold", 2), ("hold_eigenvalue", 1)] {
            let [with, without] = ["with", "without"].map(|store| {
                let array = format!("{store}.zarr/{array}");
                match length == 2 && !array.ends_with("hold") {
                    true => home.singles(&array).into_iter().map(f64::from).collect(),
                    false => home.doubles(&array),
                }
            });
            assert_eq!(
                [with.len(), without.len()],
                [6 * length, 4 * length],
                "{array}"
            );
            let (first, rest) = with.split_at(2 * length);
            let (lost, last) = rest.split_at(2 * length);
            assert_eq!([first, last].concat(), without, "{array}");
            assert!(without.iter().all(|number| number.is_finite()), "{array}");
            assert!(lost.iter().all(|number| number.is_nan()), "{array}");
        }
        let at = home.doubles("with.zarr/diverged_at");
        assert!(at.iter().all(|ms| ms.is_nan()), "{at:?}");
    }
}

/// The store is done as it is; without its marks it is made again, with the same bytes.
#[test]
fn a_store_with_marked_points_is_done() {
    let home = home();
    let sweep = ["held.toml", "--vary", "hold.target=3,-1", "--out"];
    let run = |out: &str| home.run(&[&sweep[..], &[out]].concat());
    assert_eq!(run("a.zarr").0, Some(0));
    assert_eq!(run("b.zarr").0, Some(0));
    let (code, stdout, _) = run("b.zarr");
    assert_eq!(code, Some(0));
    assert!(
        stdout.contains("no replica was finished in this run"),
        "{stdout}"
    );
    let status = home.chunk("b.zarr/status");
    for wrong in [[1_u8, 1], [3, 3], [1, 2]] {
        let sum = crc32c(&wrong).to_le_bytes();
        std::fs::write(&status, [&wrong[..], &sum].concat()).unwrap();
        let (code, _, stderr) = run("b.zarr");
        assert_eq!(code, Some(0), "{stderr}");
        assert!(stderr.contains("is damaged"), "{stderr}");
        assert_same(&home.at("a.zarr"), &home.at("b.zarr"));
    }
}

#[test]
fn a_sweep_without_a_point_in_reach_is_refused() {
    let home = home();
    let vary = "hold.target=-1,-2";
    let stderr = home.error(&["held.toml", "--vary", vary, "--out", "none.zarr"], 2);
    assert!(stderr.contains("no convergence"), "{stderr}");
    assert!(
        stderr.contains("the first of them at hold.target = -1"),
        "{stderr}"
    );
    assert!(!home.at("none.zarr").exists());
}

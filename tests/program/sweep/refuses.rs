//! What is refused before anything is written.

use super::*;

#[test]
fn bad_sweeps_are_refused_with_the_way_out_and_leave_nothing() {
    let home = Home::new();
    std::fs::write(home.at("s.toml"), "[sweep]\nvari = 3\n").unwrap();
    std::fs::write(home.at("t.toml"), "[sweep.vary]\ng = \"0:2\"\n").unwrap();
    std::fs::write(home.at("u.toml"), "[sweep]\nsample = \"sobol\"\n").unwrap();
    let cases: &[(&[&str], &str)] = &[
        (&[], "--vary PATH=a:b:n"),
        (
            &["--vary", "dt=0.1,0.2"],
            "take their steps and samples together",
        ),
        (&["--vary", "g=1,2", "--keep", "z"], "known: x, y, fc"),
        (
            &["--vary", "g=1,2", "--every", "0.05"],
            "whole number of steps",
        ),
        (
            &["--vary", "g=1,2", "--shard", "4/3", "--out", "s.zarr"],
            "as in 3/16",
        ),
        (&["--vary", "speed=0.000001,5"], "delay"),
        (&["--vary", "g=1,2", "--sample", "grid:3"], "sobol:4096"),
        (
            &["--vary", "g=1:2", "--sample", "sobol:99999999999"],
            "99999999999 values of a sample are too many",
        ),
        (
            &["--vary", "g=1:2:99999999999"],
            "99999999999 values of g are too many",
        ),
        (
            &["--vary", "g=1:2:204000000"],
            "204000000 values of coupling.g are too many",
        ),
        (
            &["--vary", "g=1:2", "--sample", "sobol:20000000"],
            "20000000 values of a sample are too many",
        ),
        (
            &["--vary", "g=1,2", "--seed", "9223372036854775807"],
            "signed 64-bit number",
        ),
        (&["s.toml"], "did you mean sweep.vary?"),
        (&["t.toml"], "0:2:n"),
        (&["u.toml"], "u.toml:2:10: cannot read sweep.sample"),
    ];
    for (arguments, expected) in cases {
        let message = home.error(arguments, 2);
        assert!(message.contains(expected), "{arguments:?}: {message}");
    }
    let mut left: Vec<_> = std::fs::read_dir(home.0.path())
        .unwrap()
        .flatten()
        .map(|entry| entry.file_name())
        .collect();
    left.sort();
    assert_eq!(left, ["s.toml", "t.toml", "u.toml"]);

    std::fs::create_dir(home.at("thesis")).unwrap();
    std::fs::write(home.at("thesis/thesis.tex"), "").unwrap();
    for force in [&[][..], &["--force"]] {
        let message = home.error(
            &[&["--vary", "g=1,2", "--out", "thesis"], force].concat(),
            2,
        );
        assert!(message.contains("choose another --out"), "{message}");
    }
}

/// A flag of the command's own and a `--set` of the same key must agree; what only one of them says counts.
#[test]
fn flags_and_set_agree_on_the_sweep() {
    let home = Home::new();
    let grid = ["--vary", "g=0,1", "--vary", "input=1,2", "--dry-run"];
    let differing: &[(&[&str], &str, &str)] = &[
        (&["--seeds", "2"], "sweep.seeds=3", "--seeds"),
        (&["--own-seeds"], "sweep.own_seeds=false", "--own-seeds"),
        (&["--zip"], "sweep={ zip = false }", "--zip"),
        (&["--every", "2"], "sweep.every=1", "--every"),
        (&["--keep", "fc"], "sweep.keep=[\"x\"]", "--keep"),
        (&[], "sweep.vary={ alpha = \"1:2:3\" }", "--vary"),
        (
            &["--sample", "sobol:4"],
            "sweep.sample=\"lhs:4\"",
            "--sample",
        ),
    ];
    for (own, set, flag) in differing {
        for order in [
            [own, &["--set", set][..]].concat(),
            [&["--set", set], *own].concat(),
        ] {
            let message = home.error(&[&grid, &order[..]].concat(), 2);
            let expected = format!("{flag} and --set {set} say different things of sweep.");
            assert!(message.contains(&expected), "{order:?}: {message}");
        }
    }
    let same = ["--seeds", "2", "--set", "sweep.seeds=2"];
    let said = home.json(&[&grid, &same[..]].concat());
    assert_eq!((&said["seeds"], &said["points"]), (&2.into(), &4.into()));
    // Only the study's own words give way to --vary.
    std::fs::write(home.at("zip.toml"), "[sweep]\nzip = true\n").unwrap();
    let of_study = home.json(&[&["zip.toml"], &grid[..]].concat());
    assert_eq!(of_study["points"], 4);
    let set = home.json(&[&grid[..], &["--set", "sweep.zip=true"]].concat());
    assert_eq!(set["points"], 2);
}

#[test]
fn flags_of_a_table_that_is_not_read_are_said() {
    let home = Home::new();
    let flags = [
        "--vary",
        "g=0,1",
        "--dry-run",
        "--set",
        "fit.runs=300",
        "--set",
        "record.every=5",
    ];
    let (code, _, stderr) = home.run(&flags);
    let fit = "note: --set fit.runs=300 has no effect: only `brainsweep fit` reads [fit]";
    let every =
        "note: --set record.every=5 has no effect: how often samples are taken, sweep.every says";
    assert!(code == Some(0) && stderr.contains(fit), "{stderr}");
    assert!(stderr.contains(every), "{stderr}");
}

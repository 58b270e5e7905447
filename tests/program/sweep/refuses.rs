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

//! Complaints about files and flags.

use super::errors::{complaint, says};
use super::*;

#[test]
fn every_wrong_file_is_told_what_is_wrong_with_it() {
    for (text, parts) in [
        (
            "parameters.alpha = { file = \"data.npz\" }",
            &["study.toml:3:", "parameters.alpha: ", "data.npz", "add key"][..],
        ),
        (
            "parameters.alpha = { file = \"data.npz\", key = \"beta\" }",
            &["study.toml:3:", "data.npz", "beta"],
        ),
        (
            "parameters.alpha = { file = \"alpha.npy\", key = \"a\" }",
            &["leave out key"],
        ),
        (
            "parameters.alpha = { file = \"data.npz\", key = \"w\" }",
            &[
                "parameters.alpha is an array of shape [3, 3]",
                "[3], one number per node",
            ],
        ),
        (
            "parameters.alpha = { file = \"data.npz\", key = \"hole\" }",
            &["parameters.alpha is NaN at node 1", "finite"],
        ),
        (
            "parameters.alpha = { file = \"words.csv\" }",
            &[
                "study.toml:3:",
                "parameters.alpha: ",
                "words.csv",
                "line 2",
                "\"eight\"",
            ],
        ),
        (
            "initial.history.x = { file = \"data.npz\", key = \"column\" }",
            &[
                "initial.history.x is an array of shape [3, 1]",
                "[n_rows, 3]",
            ],
        ),
        (
            "noise.replay = { file = \"data.npz\", x = \"short\" }",
            &[
                "noise.replay.x is an array of shape [5, 3]",
                "at least 6 rows",
            ],
        ),
        (
            "noise.replay = { file = \"data.npz\", x = 3 }",
            &["noise.replay.x is the number 3, expected a text"],
        ),
    ] {
        says(&complaint(three(text).1), parts);
    }
    let folder = folder();
    let text =
        "[connectome]\nfile = \"data.npz\"\nweights = \"w\"\n[coupling]\nconduction_speed = 5\n";
    says(
        &complaint(parse(text, "s", folder.path(), NONE)),
        &["s:5:", "coupling.conduction_speed is 5", "tract_lengths"],
    );
}

#[test]
fn every_wrong_flag_is_named() {
    for (flag, parts) in [
        (
            "coupling.h=1",
            &["--set coupling.h=1", "unknown key coupling.h", "coupling.g"][..],
        ),
        ("coupling.g", &["--set coupling.g", "KEY=VALUE"]),
        ("coupling.g=", &["no value"]),
        ("=3", &["\"\" is not a key"]),
        ("coupling..g=3", &["\"coupling..g\" is not a key"]),
        ("a.b.c.d.e=3", &["is not a key"]),
        (
            "coupling.g=fast",
            &[
                "--set coupling.g=fast",
                "coupling.g is the text \"fast\", expected a number",
            ],
        ),
        (
            "coupling.g=1 2",
            &["coupling.g is the text \"1 2\", expected a number"],
        ),
        (
            "parameters.alpha=[1,",
            &["--set parameters.alpha=[1,", "not valid TOML"],
        ),
        (
            "parameters.alpha[80]=1",
            &["parameters.alpha is set at node 80", "nodes 0 to 79"],
        ),
        ("parameters.alpha[-1]=1", &["is not a key"]),
        ("parameters.alpha[1].b=1", &["is not a key"]),
        (
            "coupling.g[80]=1",
            &["coupling.g is set at node 80, but the network has nodes 0 to 79"],
        ),
        (
            "coupling.g.h=1",
            &["unknown key coupling.g.h (coupling.g has the keys file, key)"],
        ),
        ("initial.x[2]=1", &["initial.x", "drawn at random"]),
        (
            "model=wilson",
            &["--set model=wilson", "model is the text \"wilson\""],
        ),
        (
            "protocol.duration=0.01",
            &["--set protocol.duration=0.01", "protocol.dt = 0.1 ms"],
        ),
    ] {
        says(&complaint(load(None, &[flag])), parts);
    }
}

#[test]
fn a_study_that_is_not_there_is_told_which_there_are() {
    let message = complaint(load(Some(Path::new("hcp_netwrok")), NONE));
    says(
        &message,
        &[
            "\"hcp_netwrok\"",
            "did you mean \"hcp_network\"?",
            "wilson_cowan",
        ],
    );
    let folder = tempfile::tempdir().unwrap();
    says(
        &complaint(load(Some(folder.path()), NONE)),
        &["is a folder", "TOML"],
    );
}

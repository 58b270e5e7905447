//! Time series that a study has band-passed and freed of nuisance signals, against SciPy's and numpy's numbers
//! (`tests/reference/filter.npz`).

use std::path::Path;

use brainsweep::io::{npz, study};
use brainsweep::measure;
use brainsweep::study::Study;
use ndarray::Array2;

fn reference(key: &str) -> Array2<f64> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/filter.npz");
    let array = npz::read_f64(&path, key).unwrap();
    array.into_dimensionality().unwrap()
}

fn table(names: &[&str], values: &Array2<f64>) -> String {
    let mut text = names.join("\t");
    for row in values.outer_iter() {
        let cells: Vec<String> = row.iter().map(|x| format!("{x:e}")).collect();
        text += &format!("\n{}", cells.join("\t"));
    }
    text + "\n"
}

/// A folder with weights of four regions, their series, and confounds as fMRIPrep leaves them.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    file(
        "w.csv",
        ",a,b,c,d\na,0,1,1,1\nb,1,0,1,1\nc,1,1,0,1\nd,1,1,1,0\n",
    );
    let (x, nuisance) = (reference("x"), reference("nuisance"));
    file("sub-1_bold.tsv", &table(&["a", "b", "c", "d"], &x));
    let mut confounds = table(&["trans_x", "trans_y", "csf"], &nuisance);
    // A column whose first number is missing.
    confounds = confounds
        .lines()
        .enumerate()
        .map(|(n, line)| match n {
            0 => format!("{line}\ttrans_x_derivative1\n"),
            1 => format!("{line}\tn/a\n"),
            _ => format!("{line}\t{n}.5\n"),
        })
        .collect();
    file("sub-1_confounds.tsv", &confounds);
    folder
}

fn load(folder: &Path, functional: &str) -> brainsweep::Result<Study> {
    let text = format!("[connectome]\nfile = \"w.csv\"\nfunctional = {{ {functional} }}\n");
    std::fs::write(folder.join("s.toml"), text).unwrap();
    study::load(Some(&folder.join("s.toml")), &[] as &[&str])
}

#[test]
fn a_study_says_how_its_series_are_cleaned() {
    let folder = folder();
    let columns = "nuisance_columns = [\"trans_x\", \"trans_y\", \"csf\"]";
    let whole = format!(
        "bold = \"sub-*_bold.tsv\", tr = 2.0, band_pass = [0.01, 0.1], global_signal = true, nuisance = \"sub-*_confounds.tsv\", {columns}"
    );
    let only = format!("bold = \"sub-1_bold.tsv\", nuisance = \"sub-1_confounds.tsv\", {columns}");
    for (functional, expected, notes) in [
        (
            whole.as_str(),
            "filtered_and_cleaned",
            "from 0.01 to 0.1 Hz (Butterworth's filter of order 2, forwards and backwards), freed of 3 nuisance signals (trans_x, \
             trans_y, csf), freed of the mean over all regions",
        ),
        (
            &only,
            "cleaned",
            "time series are freed of 3 nuisance signals",
        ),
        (
            "bold = [\"sub-1_bold.tsv\"], global_signal = true",
            "cleaned_of_global",
            "time series are freed of the mean",
        ),
    ] {
        let study =
            load(folder.path(), functional).unwrap_or_else(|error| panic!("{}", error.report()));
        let connectome = &study.connectome;
        let expected = reference(expected);
        let off = (&connectome.bold[0].samples - &expected)
            .iter()
            .fold(0.0, |most: f64, d| d.abs().max(most));
        assert!(off < 1e-10, "{functional}: {off:e}");
        let fc = measure::fc(expected.view());
        let functional = connectome.functional.as_ref().unwrap();
        let off = (&functional.index_axis(ndarray::Axis(0), 0) - &fc)
            .iter()
            .fold(0.0, |most: f64, d| d.abs().max(most));
        assert!(off < 1e-10, "{off:e}");
        let said = connectome.notes.join("\n");
        assert!(said.contains(notes), "{notes:?} is not in: {said}");
        // Manifests keep it.
        let described = study::to_json(&study).to_string();
        assert!(described.contains("freed of"), "{described}");
    }
}

#[test]
fn what_cannot_be_cleaned_says_why() {
    let folder = folder();
    let file = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    file(
        "short.tsv",
        "a\tb\tc\td\n1\t2\t3\t5\n2\t1\t4\t1\n3\t5\t1\t2\n",
    );
    file("two.tsv", "x\n1\n2\n");
    file("fc.csv", "1,0,0,0\n0,1,0,0\n0,0,1,0\n0,0,0,1\n");
    let bold = "bold = \"sub-1_bold.tsv\"";
    for (functional, parts) in [
        (
            format!("{bold}, band_pass = [0.01, 0.1]"),
            vec!["sub-1_bold.tsv", "time between two samples", "tr = 2.0"],
        ),
        (
            format!("{bold}, tr = 2, band_pass = [0.01, 0.3]"),
            vec!["leaves in 0.01 to 0.3 Hz", "less than 0.25 Hz"],
        ),
        (
            format!("{bold}, tr = 2, band_pass = [0.1, 0.01]"),
            vec!["s.toml:3", "a lower and a higher frequency"],
        ),
        (
            format!("{bold}, tr = 2, band_pass = [0.01]"),
            vec!["two frequencies in Hz"],
        ),
        (
            format!("{bold}, tr = 2, band_pass = [0.01, 0.1], order = 11"),
            vec!["order", "11"],
        ),
        (
            format!("{bold}, tr = 2, band_pass = [0.01, 0.1], order = 0"),
            vec!["order 0", "orders from 1 to 10"],
        ),
        (format!("{bold}, order = 3"), vec!["no band_pass"]),
        (format!("{bold}, global_signal = 1"), vec!["true or false"]),
        (
            "bold = \"short.tsv\", tr = 2, band_pass = [0.01, 0.1]".into(),
            vec!["short.tsv", "3 samples are too few", "16 samples or more"],
        ),
        (
            format!("{bold}, nuisance = \"sub-1_confounds.tsv\""),
            vec![
                "trans_x_derivative1",
                "no number at sample 0",
                "nuisance_columns",
            ],
        ),
        (
            format!("{bold}, nuisance = \"sub-1_confounds.tsv\", nuisance_columns = [\"trans_z\"]"),
            vec!["trans_z", "trans_x"],
        ),
        (
            format!("{bold}, nuisance_columns = [\"csf\"]"),
            vec!["nuisance names no file"],
        ),
        (
            format!("{bold}, nuisance = [\"two.tsv\", \"two.tsv\"]"),
            vec!["2 files of nuisance signals beside 1 time series"],
        ),
        (
            format!("{bold}, nuisance = \"two.tsv\""),
            vec!["2 samples beside 150"],
        ),
        (
            "bold = \"sub-1_bold.tsv\", nuisance = \"sub-1_bold.tsv\"".into(),
            vec!["region a never changes once it is cleaned"],
        ),
        (
            "fc = \"fc.csv\", global_signal = true".into(),
            vec!["no time series", "bold = NAME"],
        ),
        ("global_signal = true".into(), vec!["no time series"]),
    ] {
        let said = load(folder.path(), &functional).unwrap_err().report();
        for part in parts {
            assert!(
                said.contains(part),
                "{functional}: {part:?} is not in: {said}"
            );
        }
    }
}

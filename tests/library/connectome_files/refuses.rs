//! What does not load, and what the message says.

use std::fs;

use brainsweep::connectome::Orientation;
use brainsweep::error::{DataError, Error};
use brainsweep::io::connectome::Functional;
use brainsweep::io::npy;
use ndarray::Array3;

use super::*;

#[test]
fn wrong_shapes() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(&folder, &[("W", &Array2::zeros((3, 4)))]);
    refused(
        &path,
        &Options::default(),
        &["study.npz", "\"W\"", "[3, 4]", "[n, n]"],
    );
    let path = write(
        &folder,
        &[("W", &weights()), ("Dmat", &Array2::zeros((4, 4)))],
    );
    refused(
        &path,
        &Options::default(),
        &["study.npz", "\"Dmat\"", "[4, 4]", "[3, 3]"],
    );
    let path = write(
        &folder,
        &[("W", &weights()), ("FC", &Array2::zeros((2, 2)))],
    );
    refused(
        &path,
        &Options::default(),
        &["study.npz", "\"FC\"", "[2, 2]", "[n_subjects, 3, 3]"],
    );
    let path = write(&folder, &[("W", &Array2::zeros((0, 0)))]);
    refused(&path, &Options::default(), &["\"W\"", "[0, 0]"]);
    let path = write(&folder, &[("W", &weights())]);
    fs::write(folder.path().join("study_labels.txt"), "a\nb\n").unwrap();
    refused(
        &path,
        &Options::default(),
        &["study_labels.txt", "[2]", "[3], one name per region"],
    );
}

#[test]
fn names_that_are_missing_or_found_twice() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(&folder, &[("Cmat", &weights()), ("x", &weights())]);
    refused(
        &path,
        &named("Cmta"),
        &["study.npz", "\"Cmta\"", "did you mean \"Cmat\"?", "Cmat, x"],
    );
    let path = write(&folder, &[("first", &weights()), ("second", &weights())]);
    refused(
        &path,
        &Options::default(),
        &["study.npz", "no weights", "first, second", "weights = NAME"],
    );
    let path = write(&folder, &[("SC", &weights()), ("W", &weights())]);
    refused(
        &path,
        &Options::default(),
        &["study.npz", "weights may be any of SC, W"],
    );
    refused(
        &folder.path().join("absent.npz"),
        &Options::default(),
        &["cannot read", "absent.npz"],
    );
    refused(&path, &named("absent.csv"), &["cannot read", "absent.csv"]);
    fs::write(folder.path().join("sc.mat"), "MATLAB 5.0").unwrap();
    refused(
        &folder.path().join("sc.mat"),
        &Options::default(),
        &["sc.mat", "cut short or damaged"],
    );
    fs::write(folder.path().join("sc.docx"), [0, 1, 2, 200]).unwrap();
    refused(
        &folder.path().join("sc.docx"),
        &Options::default(),
        &["sc.docx", "csv, tsv, txt, npy, npz, zip, mat"],
    );
}

#[test]
fn entries_that_cannot_be() {
    let folder = tempfile::tempdir().unwrap();
    let with = |mut array: Array2<f64>, at: [usize; 2], value: f64| {
        array[at] = value;
        array
    };
    let refuse = |arrays: &[(&str, &Array2<f64>)], parts: &[&str]| {
        refused(&write(&folder, arrays), &Options::default(), parts)
    };
    refuse(
        &[("W", &with(weights(), [1, 2], f64::NAN))],
        &["study.npz", "\"W\" is NaN at [1, 2]", "finite"],
    );
    refuse(
        &[("W", &with(weights(), [2, 0], -0.5))],
        &["study.npz", "\"W\" is -0.5 at [2, 0]", "not negative"],
    );
    refuse(
        &[
            ("W", &weights()),
            ("Dmat", &with(tract_lengths(), [0, 1], f64::INFINITY)),
        ],
        &["\"Dmat\" is inf at [0, 1]", "mm"],
    );
    refuse(
        &[
            ("W", &weights()),
            ("Dmat", &with(tract_lengths(), [0, 1], -3.0)),
        ],
        &["\"Dmat\" is -3 at [0, 1]", "not negative (mm)"],
    );
    refuse(
        &[("W", &weights()), ("FC", &with(fc(), [0, 1], 0.9))],
        &[
            "\"FC\" is 0.9 at [0, 0, 1]",
            "0.3 at [0, 1, 0]",
            "symmetric",
        ],
    );
    refuse(
        &[("W", &weights()), ("FC", &with(fc(), [2, 2], f64::NAN))],
        &["\"FC\" is NaN at [0, 2, 2]"],
    );
    let negative = with(tract_lengths(), [0, 1], -3.0);
    let path = write(&folder, &[("W", &weights()), ("D", &negative)]);
    let in_ms = Options {
        delays: Some("D".into()),
        ..Options::default()
    };
    refused(&path, &in_ms, &["-3 at [0, 1]", "not negative (ms)"]);
    let in_steps = Options {
        delay_steps: Some("D".into()),
        ..Options::default()
    };
    refused(&path, &in_steps, &["-3 at [0, 1]", "0 or more"]);
    // An entry is named as it stands in the file, whatever its orientation.
    let path = write(&folder, &[("W", &with(weights(), [1, 2], f64::NAN))]);
    let turned = Options {
        orientation: Orientation::SourceTarget,
        ..Options::default()
    };
    refused(&path, &turned, &["NaN at [1, 2]"]);
}

#[test]
fn delays_of_doubtful_unit() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(
        &folder,
        &[
            ("W", &weights()),
            (
                "D",
                &array![[0.0, 3.0, 4.0], [5.0, 0.0, 6.0], [7.0, 8.0, 0.0]],
            ),
        ],
    );
    refused(
        &path,
        &Options::default(),
        &[
            "\"D\" holds whole numbers",
            "tract_lengths = \"D\"",
            "delay_steps = \"D\"",
        ],
    );
    let mut options = Options {
        tract_lengths: Some("D".into()),
        ..Options::default()
    };
    assert_eq!(lengths(&load(&path, &options).unwrap())[[2, 1]], 8.0);
    options.delay_steps = Some("D".into());
    refused(&path, &options, &["exclude each other"]);
    let path = write(&folder, &[("W", &weights()), ("D", &tract_lengths())]);
    options.tract_lengths = None;
    refused(
        &path,
        &options,
        &["\"D\" is 10.5 at [0, 1]", "whole number"],
    );
}

#[test]
fn tables_whose_names_disagree() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weights.csv");
    fs::write(&path, ",a,b\nb,0,1\na,1,0\n").unwrap();
    refused(
        &path,
        &Options::default(),
        &["weights.csv", "row 0 is called \"b\"", "column 0 \"a\""],
    );
    fs::write(&path, "0,1\n1,x\n").unwrap();
    refused(
        &path,
        &Options::default(),
        &["weights.csv", "line 2, column 2", "\"x\""],
    );
    fs::write(&path, "0,1\n1,0\n").unwrap();
    fs::write(folder.path().join("labels.txt"), "a\nb\nc\n").unwrap();
    refused(
        folder.path(),
        &Options::default(),
        &["labels.txt", "[3]", "[2], one name per region"],
    );
}

#[test]
fn a_file_cut_short() {
    let folder = tempfile::tempdir().unwrap();
    let whole = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("data/hcp.npz")).unwrap();
    let path = folder.path().join("hcp.npz");
    for length in [0, 10, 1000, 100_000, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        refused(
            &path,
            &Options::default(),
            &["hcp.npz", "not an npz file, or cut short"],
        );
    }
    let mut damaged = whole;
    damaged[20_000] ^= 0xff;
    fs::write(&path, damaged).unwrap();
    refused(
        &path,
        &Options::default(),
        &["hcp.npz", "\"Cmat\"", "does not unpack"],
    );
}

#[test]
fn arrays_in_memory_alike() {
    let wrong = Connectome::new(
        None,
        weights(),
        Delays::TractLengths(Array2::zeros((2, 2))),
        None,
    )
    .unwrap_err();
    assert!(
        matches!(wrong, Error::Data(DataError::WrongShape { ref found, .. }) if *found == [2, 2]),
        "{wrong}"
    );
    let labels = Some(vec!["only one".to_string()]);
    assert!(Connectome::new(labels, weights(), Delays::None, None).is_err());
    assert!(
        Connectome::new(
            None,
            weights(),
            Delays::None,
            Some(Array3::zeros((0, 3, 3)))
        )
        .is_err()
    );
    assert!(Connectome::new(None, -weights(), Delays::None, None).is_err());
    let right =
        Connectome::new(None, weights(), Delays::Steps(Array2::ones((3, 3))), None).unwrap();
    assert_eq!(right.weights, weights());
}

/// Arrays of no and of too few dimensions, of types that are not read, and stacks of nobody.
#[test]
fn arrays_that_are_no_matrices() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sc.npy");
    let plain = Options::default();
    fs::write(&path, npy::to_bytes(&ndarray::arr0(2.0))).unwrap();
    refused(&path, &plain, &["\"sc\"", "shape []", "[n, n]"]);
    fs::write(&path, npy::to_bytes(&array![1.0, 2.0])).unwrap();
    refused(&path, &plain, &["shape [2]", "[n, n]"]);
    let of_type = |descr: &[u8; 3]| {
        let mut bytes = npy::to_bytes(&weights());
        let at = bytes.windows(3).position(|part| part == b"<f8").unwrap();
        bytes[at..at + 3].copy_from_slice(descr);
        fs::write(&path, bytes).unwrap();
    };
    of_type(b"<f2");
    refused(&path, &plain, &["a type that is not read", "astype('f8')"]);
    of_type(b"<M8");
    refused(&path, &plain, &["dates or times"]);
    fs::write(&path, npy::to_bytes(&weights())).unwrap();
    let nobody = folder.path().join("bold.npy");
    fs::write(&nobody, npy::to_bytes(&Array3::<f64>::zeros((0, 3, 3)))).unwrap();
    let measured = Options {
        functional: Some(Functional {
            names: vec!["bold.npy".into()],
            are_series: true,
        }),
        ..Options::default()
    };
    refused(
        &path,
        &measured,
        &["shape [0, 3, 3]", "[n_samples, n_regions]"],
    );
}

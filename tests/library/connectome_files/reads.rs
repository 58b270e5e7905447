//! What loads, and as what.

use std::fs;

use brainsweep::connectome::Orientation;
use brainsweep::connectome::{Normalise, Symmetric};
use brainsweep::io::npy;

use super::*;

#[test]
fn an_npz_under_the_usual_names() {
    let folder = tempfile::tempdir().unwrap();
    for (weights_key, lengths_key, fc_key) in [
        ("Cmat", "Dmat", "FCs"),
        ("SC", "lengths", "fc"),
        ("weights", "tract_lengths", "functional"),
    ] {
        let path = write(
            &folder,
            &[
                (weights_key, &weights()),
                (lengths_key, &tract_lengths()),
                (fc_key, &fc()),
            ],
        );
        let found = load(&path, &Options::default()).unwrap();
        assert_eq!(
            (&found.weights, lengths(&found)),
            (&weights(), &tract_lengths())
        );
        assert_eq!(
            found.functional.unwrap(),
            fc().insert_axis(ndarray::Axis(0)),
            "one matrix is one subject"
        );
        assert_eq!(found.labels, ["node 0", "node 1", "node 2"]);
    }
}

#[test]
fn either_orientation() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(&folder, &[("W", &weights()), ("lengths", &tract_lengths())]);
    let mut options = Options {
        orientation: Orientation::SourceTarget,
        ..Options::default()
    };
    let found = load(&path, &options).unwrap();
    assert_eq!(
        (&found.weights, lengths(&found)),
        (&weights().t().to_owned(), &tract_lengths().t().to_owned())
    );
    options.tract_orientation = Some(Orientation::TargetSource);
    let found = load(&path, &options).unwrap();
    assert_eq!(
        (&found.weights, lengths(&found)),
        (&weights().t().to_owned(), &tract_lengths())
    );
    // Rows are targets by the time they are scaled.
    options.normalise = Normalise::RowSum;
    let found = load(&path, &options).unwrap();
    assert!(
        found
            .weights
            .outer_iter()
            .all(|row| (row.sum() - 1.0).abs() < 1e-15)
    );
}

#[test]
fn delays_in_steps_and_other_files() {
    let folder = tempfile::tempdir().unwrap();
    let steps = array![[0_u32, 3, 4], [5, 0, 6], [7, 8, 0]];
    fs::write(folder.path().join("D.npy"), npy::to_bytes(&steps)).unwrap();
    fs::write(folder.path().join("fc.csv"), "1,0.5,0\n0.5,1,0\n0,0,1\n").unwrap();
    fs::write(
        folder.path().join("names.txt"),
        "left one\nright one\n\nstem\n",
    )
    .unwrap();
    let path = write(&folder, &[("W", &weights())]);
    let options = Options {
        delay_steps: Some("D.npy".into()),
        functional: Some("fc.csv".into()),
        labels: Some("names.txt".into()),
        ..Options::default()
    };
    let found = load(&path, &options).unwrap();
    assert!(matches!(&found.delays, Delays::Steps(found) if *found == steps));
    assert_eq!(found.functional.unwrap()[[0, 1, 0]], 0.5);
    assert_eq!(found.labels, ["left one", "right one", "stem"]);
}

#[test]
fn names_beside_an_npz_unless_others_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(&folder, &[("W", &weights())]);
    fs::write(folder.path().join("study_labels.txt"), "a\nb\nc\n").unwrap();
    let found = load(&path, &Options::default()).unwrap();
    assert_eq!(found.labels, ["a", "b", "c"]);
    fs::write(folder.path().join("mine.txt"), "x\ny\nz\n").unwrap();
    let options = Options {
        labels: Some("mine.txt".into()),
        ..Options::default()
    };
    assert_eq!(load(&path, &options).unwrap().labels, ["x", "y", "z"]);
}

#[test]
fn a_folder_of_tables_and_a_table_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    file("weights.csv", ",a,b\na,0,0.5\nb,0.25,0\n");
    file("tract_lengths.txt", "0 10.5\n11 0\n");
    file("FC.tsv", "1\t0.5\n0.5\t1\n");
    file("notes.md", "not an array");
    let found = load(folder.path(), &Options::default()).unwrap();
    assert_eq!(
        (&found.weights, lengths(&found)),
        (
            &array![[0.0, 0.5], [0.25, 0.0]],
            &array![[0.0, 10.5], [11.0, 0.0]]
        )
    );
    assert_eq!(found.labels, ["a", "b"]);
    assert_eq!(found.functional.as_ref().unwrap().dim(), (1, 2, 2));
    let options = Options {
        tract_lengths: Some("tract_lengths.txt".into()),
        ..Options::default()
    };
    let alone = load(&folder.path().join("weights.csv"), &options).unwrap();
    assert_eq!(
        (&alone.weights, lengths(&alone)),
        (&found.weights, lengths(&found))
    );
    assert!(alone.functional.is_none());
    file("labels.txt", "A\nB\n");
    assert_eq!(
        load(folder.path(), &Options::default()).unwrap().labels,
        ["A", "B"]
    );
}

#[test]
fn self_connections_away_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(&folder, &[("W", &(weights() + Array2::<f64>::eye(3)))]);
    let found = load(&path, &Options::default()).unwrap();
    assert_eq!(
        (&found.weights, found.self_connections_removed),
        (&weights(), 3)
    );
    let summary = found.summary(20.0, 0.1);
    assert!(summary.to_string().contains("3 self-connections set to 0"));
    assert!(summary.to_string().contains("delays       not known"));
    assert!(!summary.symmetric && summary.n_connections == 4);
}

#[test]
fn names_stored_as_numpy_text() {
    // numpy.savez(path, W=[[0., 1], [1, 0]], labels=["V1", "MT"]) as text of 2 characters, built by hand.
    let folder = tempfile::tempdir().unwrap();
    let mut bytes = npy::to_bytes(&array!["V1", "MT"].mapv(|_| 0_u64));
    let place = bytes.windows(3).position(|w| w == b"<u8").unwrap();
    bytes[place + 1] = b'U';
    bytes[place + 2] = b'2';
    let length = bytes.len();
    let text: Vec<u8> = "V1MT"
        .chars()
        .flat_map(|c| (c as u32).to_le_bytes())
        .collect();
    bytes[length - 16..].copy_from_slice(&text);
    fs::write(folder.path().join("labels.npy"), bytes).unwrap();
    fs::write(folder.path().join("weights.csv"), "0,1\n1,0\n").unwrap();
    assert_eq!(
        load(folder.path(), &Options::default()).unwrap().labels,
        ["V1", "MT"]
    );
}

/// As MRtrix's `tck2connectome` writes without `-symmetric`: each pair once, streamlines that come back on the diagonal.
const UPPER: [&str; 2] = [
    "# command_history: tck2connectome tracks.tck nodes.mif sc.csv\n7,5,0,2\n0,8,3,0\n0,0,9,4\n0,0,0,1\n",
    "18,50,0,20\n0,18,30,0\n0,0,18,40\n0,0,0,18\n",
];

#[test]
fn a_matrix_with_one_filled_half_is_mirrored_and_it_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    file("weights.csv", UPPER[0]);
    file("tract_lengths.csv", UPPER[1]);
    let half = array![
        [0.0, 5.0, 0.0, 2.0],
        [0.0, 0.0, 3.0, 0.0],
        [0.0, 0.0, 0.0, 4.0],
        [0.0; 4]
    ];
    let whole = &half + &half.t();
    let found = load(folder.path(), &Options::default()).unwrap();
    assert_eq!(found.weights, whole);
    for (edge, _) in whole.indexed_iter().filter(|(_, weight)| **weight > 0.0) {
        assert_eq!(lengths(&found)[edge], 10.0 * whole[edge]);
    }
    let summary = found.summary(20.0, 0.1);
    assert!(summary.symmetric && summary.n_connections == 8);
    let text = summary.to_string();
    for part in [
        "4 self-connections set to 0 in \"weights\": node 0, node 1, node 2, node 3",
        "\"weights\" has entries above its diagonal only: they are mirrored",
        "\"tract_lengths\" has entries above its diagonal only: they are mirrored",
        "symmetric = \"as-is\"",
    ] {
        assert!(text.contains(part), "{part:?} is not in: {text}");
    }
    // The same from the lower half, and sent the other way.
    let path = write(&folder, &[("SC", &half.t().to_owned()), ("lengths", &half)]);
    for orientation in [Orientation::TargetSource, Orientation::SourceTarget] {
        let options = Options {
            orientation,
            ..Options::default()
        };
        let found = load(&path, &options).unwrap();
        assert_eq!((&found.weights, lengths(&found)), (&whole, &whole));
        assert_eq!(found.notes.len(), 2, "{:?}", found.notes);
    }
}

#[test]
fn lengths_are_mirrored_beside_whole_weights_and_whole_lengths_stay() {
    let folder = tempfile::tempdir().unwrap();
    let half = array![[0.0, 5.0, 0.0], [0.0, 0.0, 3.0], [0.0; 3]];
    let whole = &half + &half.t();
    let path = write(&folder, &[("W", &whole), ("lengths", &half)]);
    let found = load(&path, &Options::default()).unwrap();
    assert_eq!((&found.weights, lengths(&found)), (&whole, &whole));
    assert_eq!(found.notes.len(), 1);
    let path = write(&folder, &[("W", &half), ("lengths", &tract_lengths())]);
    let found = load(&path, &Options::default()).unwrap();
    assert_eq!(
        (&found.weights, lengths(&found)),
        (&whole, &tract_lengths())
    );
    assert_eq!(found.notes.len(), 1);
    fs::write(folder.path().join("steps.csv"), "0,0,0\n7,0,0\n0,9,0\n").unwrap();
    let options = Options {
        delay_steps: Some("steps.csv".into()),
        ..Options::default()
    };
    let found = load(&path, &options).unwrap();
    let steps = array![[0, 7, 0], [7, 0, 9], [0, 9, 0]];
    assert!(matches!(found.delays, Delays::Steps(found) if found == steps));
}

#[test]
fn one_way_connections_stay_where_that_is_asked_for_and_a_half_may_be_chosen() {
    let folder = tempfile::tempdir().unwrap();
    let chain = array![[0.0, 0.0, 0.0], [0.8, 0.0, 0.0], [0.0, 0.8, 0.0]];
    let path = write(&folder, &[("W", &chain), ("lengths", &chain)]);
    let load = |path: &Path, symmetric| {
        let options = Options {
            symmetric,
            ..Options::default()
        };
        load(path, &options).unwrap()
    };
    let found = load(&path, Symmetric::AsIs);
    assert_eq!((&found.weights, lengths(&found)), (&chain, &chain));
    assert!(found.notes.is_empty());
    // `weights()` has 0.25, 2 below its diagonal and 0.5, 1 above.
    let path = write(&folder, &[("W", &weights())]);
    assert_eq!(load(&path, Symmetric::Auto).weights, weights());
    let lower = array![[0.0, 0.25, 2.0], [0.25, 0.0, 0.0], [2.0, 0.0, 0.0]];
    let upper = array![[0.0, 0.5, 0.0], [0.5, 0.0, 1.0], [0.0, 1.0, 0.0]];
    for (symmetric, expected) in [(Symmetric::Lower, lower), (Symmetric::Upper, upper)] {
        let found = load(&path, symmetric);
        assert_eq!(found.weights, expected);
        assert!(
            found.notes[0].contains("2 different entries"),
            "{:?}",
            found.notes
        );
    }
}

/// `write.csv` of a matrix and of a data frame without names of rows, as R, Julia and MATLAB number what has no name.
#[test]
fn numbers_in_the_place_of_names() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sc.csv");
    let numbers = ["0,0.5,0", "0.25,0,1", "2,0,0"];
    let named = |header: &str, rows: [&str; 3]| {
        let rows = rows.iter().zip(numbers);
        let rows: String = rows
            .map(|(name, numbers)| format!("{name},{numbers}\n"))
            .collect();
        fs::write(&path, format!("{header}\n{rows}")).unwrap();
        let options = Options {
            symmetric: Symmetric::AsIs,
            ..Options::default()
        };
        let found = load(&path, &options).unwrap();
        assert_eq!(found.weights, weights(), "{header}");
        found.labels
    };
    let counted = ["\"1\"", "\"2\"", "\"3\""];
    let words = ["\"c\"", "\"a\"", "\"b\""];
    let of_matrix = named("\"\",\"V1\",\"V2\",\"V3\"", counted);
    assert_eq!(of_matrix, ["V1", "V2", "V3"]);
    let of_frame = named("\"\",\"c\",\"a\",\"b\"", counted);
    assert_eq!(of_frame, ["c", "a", "b"]);
    let of_rows = named("\"\",\"X1\",\"X2\",\"X3\"", words);
    assert_eq!(of_rows, ["c", "a", "b"]);
    // Rows that are counted in another order are names.
    let moved = "\"\",\"a\",\"b\",\"c\"\n\"2\",0,1,2\n\"1\",1,0,3\n\"3\",2,3,0\n";
    fs::write(&path, moved).unwrap();
    refused(&path, &Options::default(), &["row 0 is called \"2\""]);
}

//! The default connectome is what `data/README.md` says, and connectome files are read right or refused with the reason.

use std::fs;
use std::path::{Path, PathBuf};

use brainsweep::Error;
use brainsweep::connectome::{Connectome, Delays, Normalise, synthetic};
use brainsweep::io::connectome::{Options, Orientation, hcp, load};
use brainsweep::io::{npy, npz};
use ndarray::{Array2, Array3, array};
use tempfile::TempDir;

fn lengths(connectome: &Connectome) -> &Array2<f64> {
    match &connectome.delays {
        Delays::TractLengths(lengths) => lengths,
        other => panic!("no tract lengths but {other:?}"),
    }
}

/// FNV-1a over the little-endian bytes: `functools.reduce(lambda h, b: (h ^ b) * 0x100000001b3 % 2**64, bytes, 0xcbf29ce484222325)`.
fn checksum<'a>(values: impl IntoIterator<Item = &'a f64>) -> u64 {
    let bytes = values.into_iter().flat_map(|value| value.to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    })
}

mod the_default_connectome {
    use super::*;

    #[test]
    fn is_bit_for_bit_what_the_script_wrote() {
        let connectome = hcp();
        assert_eq!(checksum(&connectome.weights), 0xf12e_ad8a_3135_15d9);
        assert_eq!(checksum(lengths(&connectome)), 0xc4f8_7a0d_5f9e_d851);
        assert_eq!(
            checksum(connectome.functional.as_ref().unwrap()),
            0x151b_dbc2_e0ba_ee5b
        );
    }

    #[test]
    fn has_the_published_weights_and_lengths() {
        let connectome = hcp();
        let (weights, lengths) = (&connectome.weights, lengths(&connectome));
        assert_eq!((weights.dim(), lengths.dim()), ((80, 80), (80, 80)));
        let positive: Vec<f64> = weights.iter().copied().filter(|&w| w > 0.0).collect();
        assert_eq!(positive.len(), 80 * 79);
        assert_eq!(positive.iter().copied().fold(0.0, f64::max), 1.0);
        assert!(
            (positive.iter().copied().fold(1.0, f64::min) - 2.251788800374836e-6).abs() < 1e-18
        );
        let sums: Vec<f64> = weights
            .columns()
            .into_iter()
            .map(|column| column.sum())
            .collect();
        assert!((sums.iter().copied().fold(9.0, f64::min) - 0.15686972446232736).abs() < 1e-14);
        assert!((sums.iter().copied().fold(0.0, f64::max) - 4.422576243156655).abs() < 1e-14);
        assert!((lengths.iter().copied().fold(0.0, f64::max) - 248.34679327314285).abs() < 1e-12);
        assert_eq!(
            (weights, lengths),
            (&weights.t().to_owned(), &lengths.t().to_owned())
        );
        assert_eq!(connectome.self_connections_removed, 0);
    }

    #[test]
    fn has_delays_of_3_to_124_steps() {
        let connectome = hcp();
        let lengths = lengths(&connectome)
            .indexed_iter()
            .filter(|((a, b), _)| a != b);
        let mut steps: Vec<u32> = lengths.map(|(_, mm)| (mm / 20.0 / 0.1) as u32).collect();
        assert_eq!(steps.iter().sum::<u32>(), 407_986);
        steps.sort_unstable();
        steps.dedup();
        assert_eq!(
            (steps[0], steps[steps.len() - 1], steps.len()),
            (3, 124, 121)
        );
    }

    #[test]
    fn has_seven_symmetric_functional_matrices_and_eighty_names() {
        let connectome = hcp();
        let functional = connectome.functional.as_ref().unwrap();
        assert_eq!(functional.dim(), (7, 80, 80));
        assert!((0..80).all(|node| (functional[[6, node, node]] - 1.0).abs() < 1e-15));
        assert!(functional.iter().all(|r| r.abs() <= 1.0 + 1e-15));
        assert_eq!(connectome.labels.len(), 80);
        assert_eq!(
            (
                connectome.labels[0].as_str(),
                connectome.labels[79].as_str()
            ),
            ("Precentral_L", "Temporal_Inf_R")
        );
        assert!((0..80).all(|node| connectome.labels[node].ends_with(["_L", "_R"][node % 2])));
        assert_eq!(
            connectome.labels[40], "Calcarine_L",
            "first after hippocampus to amygdala"
        );
        assert_eq!(
            connectome.labels[68], "Heschl_L",
            "first after caudate to thalamus"
        );
    }

    #[test]
    fn is_shared_and_equals_its_file() {
        assert!(std::sync::Arc::ptr_eq(&hcp(), &hcp()));
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/hcp.npz");
        let loaded = load(&file, &Options::default()).unwrap();
        assert_eq!(
            (&loaded.weights, lengths(&loaded), &loaded.functional),
            (&hcp().weights, lengths(&hcp()), &hcp().functional)
        );
        assert_eq!(npz::read_f64(&file, "FCs").unwrap().shape(), [7, 80, 80]);
    }

    #[test]
    fn prints_its_summary() {
        assert_eq!(hcp().summary(20.0, 0.1).to_string(), SUMMARY);
    }

    const SUMMARY: &str = "\
regions      80
connections  6320, density 1.000, symmetric
delays       at 20 mm/ms and steps of 0.1 ms
functional   7 subjects

                            min      25 %    median      75 %       max      mean
weight                  2.25e-6   6.05e-4  0.002374   0.01126     1.000   0.02278
incoming weight          0.1569     1.006     1.817     2.331     4.423     1.799
tract length, mm          6.832     94.78     137.3     170.5     248.3     130.1
delay, ms                0.3416     4.739     6.865     8.523     12.42     6.505
delay, steps              3.416     47.39     68.65     85.23     124.2     65.05
functional              -0.3674    0.1340    0.3383    0.5352    0.9734    0.3396";
}

/// Not symmetric, so that a lost transposition shows.
fn weights() -> Array2<f64> {
    array![[0.0, 0.5, 0.0], [0.25, 0.0, 1.0], [2.0, 0.0, 0.0]]
}

fn tract_lengths() -> Array2<f64> {
    array![[0.0, 10.5, 20.0], [11.0, 0.0, 30.0], [21.0, 31.0, 0.0]]
}

fn fc() -> Array2<f64> {
    array![[1.0, 0.3, 0.2], [0.3, 1.0, -0.1], [0.2, -0.1, 1.0]]
}

/// An npz of f64 matrices.
fn write(folder: &TempDir, arrays: &[(&str, &Array2<f64>)]) -> PathBuf {
    let path = folder.path().join("study.npz");
    let mut writer = npz::Writer::create(&path).unwrap();
    arrays
        .iter()
        .for_each(|(key, array)| writer.add(key, *array).unwrap());
    writer.finish().unwrap();
    path
}

/// The message of a failed load, checked to hold every one of `parts`.
fn refused(path: &Path, options: &Options, parts: &[&str]) {
    let message = load(path, options)
        .expect_err("this should not load")
        .to_string();
    for part in parts {
        assert!(message.contains(part), "{part:?} is not in: {message}");
    }
}

fn named(weights: &str) -> Options {
    Options {
        weights: Some(weights.into()),
        ..Options::default()
    }
}

mod reads {
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
}

mod refuses {
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
    }

    #[test]
    fn names_that_are_missing_or_found_twice() {
        let folder = tempfile::tempdir().unwrap();
        let path = write(&folder, &[("Cmat", &weights()), ("x", &weights())]);
        refused(
            &path,
            &named("Cmta"),
            &["study.npz", "\"Cmta\"", "nearest is \"Cmat\"", "Cmat, x"],
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
            &["sc.mat", "npz, npy, csv, tsv, txt"],
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
            matches!(wrong, Error::WrongShape { ref found, .. } if *found == [2, 2]),
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
}

#[test]
fn a_summary_counts_only_what_is_connected() {
    let summary = synthetic::pair(30.0).summary(3.0, 0.5);
    assert_eq!(
        (
            summary.n_nodes,
            summary.n_connections,
            summary.density,
            summary.symmetric
        ),
        (2, 2, 1.0, true)
    );
    assert_eq!(
        (
            summary.delays_ms.unwrap().median,
            summary.delay_steps.unwrap().max
        ),
        (10.0, 20.0)
    );
    let path =
        Connectome::new(None, weights(), Delays::TractLengths(tract_lengths()), None).unwrap();
    let lengths = path.summary(20.0, 0.1).tract_lengths_mm.unwrap();
    // Of 10.5, 11, 21 and 30 mm.
    assert_eq!(
        (
            lengths.min,
            lengths.lower_quartile,
            lengths.median,
            lengths.upper_quartile,
            lengths.max
        ),
        (10.5, 10.875, 16.0, 23.25, 30.0)
    );
    let json = serde_json::to_value(path.summary(20.0, 0.1)).unwrap();
    assert_eq!(
        (&json["n_connections"], &json["tract_lengths_mm"]["max"]),
        (&4.into(), &30.0.into())
    );
    assert!(
        Connectome::uncoupled(1)
            .summary(20.0, 0.1)
            .weights
            .is_none()
    );
}

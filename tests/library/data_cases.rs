//! Inputs that once came out wrong (`tests/cases`) are read right, or refused with the way out.

use std::path::{Path, PathBuf};

use brainsweep::connectome::{
    Connectome, Delays, MissingLengths, Normalise, Orientation, Symmetric,
};
use brainsweep::io::connectome::{Functional, Options, load, save};
use brainsweep::io::{npz, study, table};
use brainsweep::study::Values;
use ndarray::{Array2, array};

fn case(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/cases")
        .join(name)
}

fn reference() -> Array2<f64> {
    table::read(&case("fc_list/SC.csv")).unwrap().values
}

fn reference_lengths() -> Array2<f64> {
    table::read(&case("mrtrix_names/meanlength.csv"))
        .unwrap()
        .values
}

fn loaded(name: &str) -> Connectome {
    loaded_with(name, &Options::default())
}

fn loaded_with(name: &str, options: &Options) -> Connectome {
    load(&case(name), options).unwrap_or_else(|error| panic!("{name}: {}", error.report()))
}

fn lengths(connectome: &Connectome) -> &Array2<f64> {
    match &connectome.delays {
        Delays::TractLengths(lengths) => lengths,
        other => panic!("no tract lengths but {other:?}"),
    }
}

const NAMES: [&str; 6] = ["L.BSTS", "L.CACG", "L.CMFG", "R.BSTS", "R.CACG", "R.CMFG"];

#[test]
fn layouts_give_the_reference() {
    for name in [
        "mrtrix_upper",
        "nan_lengths",
        "tvb_connectivity_6.zip",
        "tvb_folder",
        "mrtrix_names",
    ] {
        let found = loaded(name);
        assert_eq!(found.weights, reference(), "{name}");
        assert_eq!(lengths(&found), &reference_lengths(), "{name}");
        assert_eq!(
            found.labels[0].starts_with("L."),
            name.starts_with("tvb"),
            "{name}"
        );
    }
    assert!(
        loaded("mrtrix_upper")
            .notes
            .iter()
            .any(|note| note.contains("mirrored"))
    );
    for name in ["tvb_connectivity_6.zip", "tvb_folder"] {
        assert_eq!(loaded(name).labels, NAMES);
        assert_eq!(
            loaded(name).centres.unwrap().row(2),
            array![20.0, 10.0, 1.0]
        );
    }
}

#[test]
fn names_of_arrays_in_files_of_toolboxes() {
    let options = Options {
        weights: Some("aal116_sift_radius2_count_connectivity".into()),
        ..Options::default()
    };
    let found = loaded_with("qsiprep.mat", &options);
    assert_eq!((&found.weights, found.labels.len()), (&reference(), 6));
    assert!(!found.labels[0].starts_with("node"), "{:?}", found.labels);
    let options = Options {
        weights: Some("strucMatrix_ctx".into()),
        labels: Some("strucLabels_ctx".into()),
        ..Options::default()
    };
    let found = loaded_with("enigma", &options);
    assert_eq!(
        (found.weights, found.labels),
        (reference(), NAMES.map(String::from).to_vec())
    );
}

#[test]
fn numbers_as_they_are_written() {
    let found = loaded("decimal_comma.csv");
    let far = (&found.weights - &reference()).mapv(f64::abs);
    assert!(far.iter().all(|far| *far < 5e-4), "{far}");
    assert_eq!(found.labels, NAMES);
    let options = Options {
        orientation: Orientation::SourceTarget,
        ..Options::default()
    };
    let found = loaded_with("fdt_network_matrix", &options);
    let as_written = loaded("fdt_network_matrix");
    assert_eq!(found.weights, as_written.weights.t());
    assert_eq!(
        found.weights.row(1),
        array![102.0, 0.0, 8.0, 210.0, 53.0, 89.0]
    );
}

#[test]
fn no_lengths_are_no_delays_and_it_is_said() {
    let found = loaded("empty_lengths");
    assert_eq!(found.weights, reference());
    assert!(matches!(found.delays, Delays::None));
    assert!(
        found
            .notes
            .iter()
            .any(|note| note.contains("no tract lengths")),
        "{:?}",
        found.notes
    );
}

#[test]
fn a_study_may_list_files_of_measured_connectivity() {
    let flags: [&str; 0] = [];
    let read = study::load(Some(&case("fc_list/study.toml")), &flags).unwrap();
    let functional = read.connectome.functional.as_ref().unwrap();
    assert_eq!(functional.dim(), (2, 6, 6));
    assert_eq!(functional[[1, 0, 1]], -0.011744448);
    // By a pattern, and the time between samples of series.
    let pattern = ["connectome.functional=\"sub-*_FC.csv\""];
    let read = study::load(Some(&case("fc_list/study.toml")), &pattern).unwrap();
    assert_eq!(read.connectome.functional.as_ref(), Some(functional));
    let none = ["connectome.functional=\"sub-*_BOLD.csv\""];
    let said = study::load(Some(&case("fc_list/study.toml")), &none)
        .unwrap_err()
        .report();
    assert!(said.contains("no file like \"sub-*_BOLD.csv\""), "{said}");
}

#[test]
fn a_windows_path_says_how_to_write_it() {
    let flags: [&str; 0] = [];
    let said = study::load(Some(&case("windows_path.toml")), &flags)
        .unwrap_err()
        .report();
    for part in ["windows_path.toml:2", "'C:\\Users\\me'", "\"C:/Users/me\""] {
        assert!(said.contains(part), "{part:?} is not in: {said}");
    }
}

/// Two people's time series beside weights: their correlation is what numpy's `corrcoef` gives.
#[test]
fn series_make_functional_connectivity_in_the_order_of_the_weights() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    file("weights.csv", ",a,b,c\na,0,1,2\nb,1,0,3\nc,2,3,0\n");
    // In another order, with a region more, [time, region].
    file(
        "sub-1_bold.tsv",
        "c\tx\tb\ta\n1\t9\t2\t1\n2\t7\t1\t3\n4\t8\t3\t2\n3\t1\t5\t6\n",
    );
    file(
        "study.toml",
        "[connectome]\nfile = \"weights.csv\"\nfunctional = { bold = \"sub-*_bold.tsv\", tr = 0.5 }\n",
    );
    let flags: [&str; 0] = [];
    let path = folder.path().join("study.toml");
    let read =
        study::load(Some(&path), &flags).unwrap_or_else(|error| panic!("{}", error.report()));
    let connectome = &read.connectome;
    let fc = connectome.functional.as_ref().unwrap();
    // numpy.corrcoef([[1, 3, 2, 6], [2, 1, 3, 5], [1, 2, 4, 3]])
    for (place, expected) in [
        ([0, 0, 1], 0.7228063223242011),
        ([0, 0, 2], 0.3585685828003181),
        ([0, 1, 2], 0.529150262212918),
    ] {
        assert!(
            (fc[place] - expected).abs() < 1e-12,
            "{place:?} {}",
            fc[place]
        );
    }
    assert_eq!(connectome.bold[0].step_s, Some(0.5));
    let notes = connectome.notes.join("\n");
    for part in [
        "by name; 1 region that the weights lack is dropped: ",
        "1 time series of 4 samples, 0.5 s apart",
    ] {
        assert!(notes.contains(part), "{part:?} is not in: {notes}");
    }
    // Regions that go by the numbers of an atlas: a header of numbers is no sample.
    file(
        "weights.csv",
        ",1001,2001,3001\n1001,0,1,2\n2001,1,0,3\n3001,2,3,0\n",
    );
    for header in ["3001\t2001\t1001", "3001.0\t2001.0\t1001.0"] {
        let samples = "2.5\t1.5\t1\n4.5\t3.5\t2.25\n3\t5\t6.5\n7\t1.5\t2.5\n";
        file("sub-1_bold.tsv", &format!("{header}\n{samples}"));
        let numbered = study::load(Some(&path), &flags).unwrap().connectome.clone();
        let expected = ndarray::array![
            [1.0, 1.5, 2.5],
            [2.25, 3.5, 4.5],
            [6.5, 5.0, 3.0],
            [2.5, 1.5, 7.0]
        ];
        assert_eq!(*numbered.bold[0].samples, expected);
        let notes = numbered.notes.join("\n");
        assert!(notes.contains("the first line, whole numbers"), "{notes}");
    }
    file(
        "sub-1_bold.tsv",
        "31\t21\t11\n2.5\t1.5\t1\n4.5\t3.5\t2\n3\t5\t6.5\n7\t1.5\t2\n",
    );
    let said = study::load(Some(&path), &flags).unwrap_err().report();
    assert!(said.contains("has no region 1001, 2001, 3001"), "{said}");
    file("weights.csv", ",a,b,c\na,0,1,2\nb,1,0,3\nc,2,3,0\n");
    // As many samples as regions, and no names: nobody knows which are which.
    file("sub-1_bold.tsv", "1\t2\t3\n2\t1\t1\n5\t4\t1\n");
    let said = study::load(Some(&path), &flags).unwrap_err().report();
    assert!(said.contains("may be its rows or its columns"), "{said}");
}

/// Lengths that are missing can be taken from the centres, or be one number.
#[test]
fn missing_lengths_have_three_ways_out() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    file("weights.csv", "0,1,2\n1,0,0\n2,0,0\n");
    file("tract_lengths.csv", "0,0,50\n0,0,0\n50,0,0\n");
    file("centres.txt", "V1 0 0 0\nMT 30 40 0\nPFC 0 0 90\n");
    let flags = |flag: &str| {
        let path = folder.path().join("study.toml");
        std::fs::write(&path, "[connectome]\nfile = \".\"\n").unwrap();
        study::load(Some(&path), &[flag])
    };
    let said = flags("protocol.seed=1").unwrap_err().report();
    for part in [
        "V1 - MT",
        "tract_lengths",
        "missing_lengths = \"euclidean\"",
    ] {
        assert!(said.contains(part), "{part:?} is not in: {said}");
    }
    for (flag, expected) in [
        ("connectome.missing_lengths=\"euclidean\"", 50.0),
        ("connectome.missing_lengths=12.5", 12.5),
        ("connectome.missing_lengths=\"zero\"", 0.0),
    ] {
        let study = flags(flag).unwrap();
        let found = lengths(&study.connectome);
        assert_eq!(
            (found[[0, 1]], found[[1, 0]], found[[0, 2]]),
            (expected, expected, 50.0),
            "{flag}"
        );
        assert!(
            study
                .connectome
                .notes
                .iter()
                .any(|note| note.contains("V1 - MT")),
            "{flag}"
        );
    }
    assert!(flags("connectome.missing_lengths=\"none\"").is_err());
    assert!(flags("connectome.missing_lengths=-1").is_err());
}

/// Lengths next to a single matrix are not used without a word.
#[test]
fn what_lies_beside_a_matrix_is_named() {
    let found = loaded("mrtrix_names/connectome.csv");
    let said = found.notes.join("\n");
    assert!(said.contains("meanlength.csv is not used"), "{said}");
}

/// `save` writes what `load` reads back the same, doubts settled, however the source was read.
#[test]
fn what_is_imported_reads_back_the_same() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.npz");
    for (name, options) in [
        ("tvb/connectivity_bz2.zip", Options::default()),
        ("bids/bep034", Options::default()),
        ("neurolib/dataset", Options::default()),
        ("traps/delays_in_ms", Options::default()),
        (
            "traps/length_missing",
            Options {
                missing_lengths: MissingLengths::Zero,
                ..Options::default()
            },
        ),
        (
            "traps/lower_triangle",
            Options {
                symmetric: Symmetric::AsIs,
                normalise: Normalise::Max,
                ..Options::default()
            },
        ),
    ] {
        let source = load(&samples.join(name), &options).unwrap();
        save(&source, &path, &serde_json::json!({ "file": name })).unwrap();
        let back =
            load(&path, &Options::default()).unwrap_or_else(|e| panic!("{name}: {}", e.report()));
        assert_eq!(back.weights, source.weights, "{name}");
        assert_eq!(
            format!("{:?}", back.delays),
            format!("{:?}", source.delays),
            "{name}"
        );
        assert_eq!(
            (&back.labels, &back.centres),
            (&source.labels, &source.centres),
            "{name}"
        );
        assert_eq!(back.functional, source.functional, "{name}");
        assert_eq!(back.bold.len(), source.bold.len(), "{name}");
        for (back, source) in back.bold.iter().zip(&source.bold) {
            assert_eq!(
                (&back.samples, back.step_s),
                (&source.samples, source.step_s),
                "{name}"
            );
        }
        // Only what holds for the data themselves.
        let holds = |note: &String| {
            ["counts of streamlines", "no delay"]
                .iter()
                .any(|part| note.contains(part))
        };
        assert!(back.notes.iter().all(holds), "{:?}", back.notes);
        let written = std::fs::read(&path).unwrap();
        save(&source, &path, &serde_json::json!({ "file": name })).unwrap();
        assert_eq!(
            std::fs::read(&path).unwrap(),
            written,
            "{name}: equal data give equal bytes"
        );
    }
}

/// A column of a table gives a number for each region, matched by name.
#[test]
fn parameters_come_from_a_column_of_a_table() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    file("weights.csv", ",V1,MT,PFC\nV1,0,1,2\nMT,1,0,3\nPFC,2,3,0\n");
    file(
        "maps.csv",
        "region,myelin,tau\nPFC,0.1,30\nV1,0.9,10\nMT,0.5,20\n",
    );
    let study = |key: &str| {
        let text = format!(
            "[parameters]\ntau = {{ file = \"maps.csv\", key = {key:?} }}\n[connectome]\nfile = \"weights.csv\"\n"
        );
        file("study.toml", &text);
        let flags: [&str; 0] = [];
        study::load(Some(&folder.path().join("study.toml")), &flags)
    };
    let read = study("tau").unwrap_or_else(|error| panic!("{}", error.report()));
    let tau = read
        .model
        .parameters
        .iter()
        .position(|p| p.name == "tau")
        .unwrap();
    assert_eq!(
        read.parameters[tau],
        Values::PerNode(vec![10.0, 20.0, 30.0])
    );
    let said = study("thickness").unwrap_err().report();
    assert!(
        said.contains("thickness") && said.contains("myelin, tau"),
        "{said}"
    );
    file("maps.csv", "region,tau\nPFC,30\nV1,10\n");
    let said = study("tau").unwrap_err().report();
    assert!(said.contains("has no region MT"), "{said}");
}

/// What is named is used, and what is not used is named.
#[test]
fn arrays_that_are_left_over_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    file("weights.csv", "0,1\n1,0\n");
    file("sub-01_SC.csv", "0,2\n2,0\n");
    file("my_correlations.csv", "1,0.5\n0.5,1\n");
    file("areas.txt", "3\n4\n");
    file("weights_distance_corrected.csv", "0,3\n3,0\n");
    let notes = |functional: Option<Functional>| {
        let options = Options {
            functional,
            ..Options::default()
        };
        load(folder.path(), &options).unwrap().notes.join("\n")
    };
    let left = "sub-01_SC, weights_distance_corrected are not used";
    assert!(notes(None).contains(left), "{}", notes(None));
    let named = notes(Some("my_correlations".into()));
    assert!(
        named.contains(left) && !named.contains("correlations"),
        "{named}"
    );
    for gone in ["sub-01_SC.csv", "weights_distance_corrected.csv"] {
        std::fs::remove_file(folder.path().join(gone)).unwrap();
    }
    file("FC.csv", "1,0.5\n0.5,1\n");
    assert_eq!(notes(Some("FC".into())), "");
    // A file of lengths alone is no weights.
    let lengths = folder.path().join("tract_lengths.csv");
    std::fs::write(&lengths, "0,9\n9,0\n").unwrap();
    let said = load(&lengths, &Options::default()).unwrap_err().report();
    assert!(said.contains("no weights under a usual name"), "{said}");
}

/// A usual name by chance: what it holds says that it is something else.
#[test]
fn arrays_with_a_usual_name_by_chance_are_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.npz");
    let mut writer = npz::Writer::create(&path).unwrap();
    writer
        .add(
            "SC",
            &array![[0.0, 1.0, 0.0], [1.0, 0.0, 2.0], [0.0, 2.0, 0.0]],
        )
        .unwrap();
    writer.add("regions", &array![1001, 1002, 1003]).unwrap();
    writer
        .add("coords", &array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
        .unwrap();
    writer.add("tc", &array![0.1, 0.2, 0.3, 0.4]).unwrap();
    writer.finish().unwrap();
    let found = load(&path, &Options::default()).unwrap_or_else(|e| panic!("{}", e.report()));
    assert_eq!(found.labels, ["node 0", "node 1", "node 2"]);
    let notes = found.notes.join("\n");
    for part in [
        "\"regions\" is not used",
        "\"coords\" is not used",
        "\"tc\" is not used",
    ] {
        assert!(notes.contains(part), "{part} is not in: {notes}");
    }
    let options = Options {
        labels: Some("regions".into()),
        ..Options::default()
    };
    assert!(
        load(&path, &options)
            .unwrap_err()
            .report()
            .contains("expected names")
    );
}

/// What a study names counts in every layout, beside what the layout finds.
#[test]
fn names_that_are_given_count_in_every_layout() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    std::fs::write(file("names.txt"), "a\nb\nc\nd\ne\nf\n").unwrap();
    let delays = Array2::from_shape_fn((6, 6), |(a, b)| f64::from(u8::from(a != b)) * 2.5);
    std::fs::write(file("delays.npy"), brainsweep::io::npy::to_bytes(&delays)).unwrap();
    let fc = Array2::from_shape_fn((6, 6), |(a, b)| if a == b { 1.0 } else { 0.25 });
    std::fs::write(file("fc.npy"), brainsweep::io::npy::to_bytes(&fc)).unwrap();
    for (name, weights) in [
        ("tables/edges.csv", None),
        ("neurolib/dataset", None),
        ("bids/bep034", None),
        (
            "qsirecon/sub-01_connectivity.mat",
            Some("sift_radius2_count"),
        ),
        ("tvb/connectivity_6.zip", None),
    ] {
        let options = Options {
            weights: weights.map(String::from),
            labels: Some(file("names.txt")),
            delays: Some(file("delays.npy")),
            functional: Some(file("fc.npy").into()),
            ..Options::default()
        };
        let found = load(&samples.join(name), &options)
            .unwrap_or_else(|e| panic!("{name}: {}", e.report()));
        assert_eq!(found.labels, ["a", "b", "c", "d", "e", "f"], "{name}");
        assert!(
            matches!(&found.delays, Delays::Milliseconds(ms) if *ms == delays),
            "{name}"
        );
        let functional = found.functional.as_ref().unwrap();
        assert_eq!(
            (functional.dim(), functional[[0, 0, 1]]),
            ((1, 6, 6), 0.25),
            "{name}"
        );
        assert!(found.bold.is_empty(), "{name}");
    }
}

/// The files of XCP-D, whose json files tell the step: the matrix stays a matrix.
#[test]
fn a_matrix_beside_series_is_no_series() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    let stem = "xcpd/func/sub-01_task-rest_space-MNI152NLin2009cAsym_seg-six_stat-";
    let folder = tempfile::tempdir().unwrap();
    let copy = |from: &str, to: &str| {
        let from = samples.join(format!("{stem}{from}"));
        std::fs::copy(from, folder.path().join(to)).unwrap();
    };
    copy("pearsoncorrelation_relmat.tsv", "matrix.tsv");
    copy("mean_timeseries.json", "matrix.json");
    copy("mean_timeseries.tsv", "series.tsv");
    copy("mean_timeseries.json", "series.json");
    std::fs::copy(
        samples.join("tables/pandas.csv"),
        folder.path().join("SC.csv"),
    )
    .unwrap();
    let with = |name: &str| {
        let options = Options {
            functional: Some(name.into()),
            ..Options::default()
        };
        load(&folder.path().join("SC.csv"), &options).unwrap_or_else(|e| panic!("{}", e.report()))
    };
    let (matrix, series) = (with("matrix.tsv"), with("series.tsv"));
    assert!(matrix.bold.is_empty() && series.bold[0].step_s == Some(2.0));
    let [a, b] = [matrix, series].map(|found| found.functional.unwrap());
    assert!((&a - &b).iter().all(|far| far.abs() < 1e-12), "{a} {b}");
}

/// A list of names renames the regions; tables are matched by the names that they share with the weights' table.
#[test]
fn a_list_of_names_renames_and_tables_are_matched_by_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    file("weights.csv", ",a,b,c\na,0,1,2\nb,1,0,3\nc,2,3,0\n");
    file(
        "tract_lengths.csv",
        ",b,a,c\nb,0,10,30\na,10,0,20\nc,30,20,0\n",
    );
    file("FC.csv", ",c,b,a\nc,1,0.3,0.2\nb,0.3,1,0.1\na,0.2,0.1,1\n");
    file("labels.txt", "Area A\nArea B\nArea C\n");
    let found =
        load(folder.path(), &Options::default()).unwrap_or_else(|e| panic!("{}", e.report()));
    assert_eq!(found.labels, ["Area A", "Area B", "Area C"]);
    assert_eq!(
        lengths(&found),
        &array![[0.0, 10.0, 20.0], [10.0, 0.0, 30.0], [20.0, 30.0, 0.0]]
    );
    let fc = found.functional.unwrap();
    assert_eq!(
        (fc[[0, 0, 1]], fc[[0, 0, 2]], fc[[0, 1, 2]]),
        (0.1, 0.2, 0.3)
    );
}

/// Sessions of a person are folders below theirs: one is named as the person is.
#[test]
fn sessions_of_bids_are_found() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples/bids/bep034");
    let expected = load(&sample, &Options::default()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let copy = |from: &Path, to: &Path| {
        std::fs::create_dir_all(to).unwrap();
        for file in std::fs::read_dir(from).unwrap() {
            let file = file.unwrap().path();
            std::fs::copy(&file, to.join(file.file_name().unwrap())).unwrap();
        }
    };
    copy(&sample.join("coord"), &folder.path().join("coord"));
    for session in ["ses-a", "ses-b"] {
        for part in ["net", "ts", "spatial"] {
            let to = folder.path().join("sub-01").join(session).join(part);
            copy(&sample.join("sub-01").join(part), &to);
        }
    }
    let several = load(folder.path(), &Options::default()).unwrap_err();
    let said = several.report();
    assert!(said.contains("weights may be any of"), "{said}");
    let options = Options {
        weights: Some("sub-01/ses-b".into()),
        ..Options::default()
    };
    let found = load(folder.path(), &options).unwrap_or_else(|error| panic!("{}", error.report()));
    assert_eq!(found.weights, expected.weights);
    assert_eq!(lengths(&found), lengths(&expected));
    assert_eq!(found.labels, expected.labels);
}

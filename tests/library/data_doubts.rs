//! Files that look alike and are not: order, names, units, kinds of matrices, sides of series.

use std::path::{Path, PathBuf};

use brainsweep::Result;
use brainsweep::connectome::{Connectome, Delays, LengthUnit, Symmetric};
use brainsweep::io::connectome::{Functional, Measured, Options, load, load_measured};
use brainsweep::io::{npz, study};
use brainsweep::study::Values;
use ndarray::{Array2, Array3, Axis, array};

const NAMES: [&str; 4] = ["V1", "MT", "A1", "PFC"];
/// An order that is not that of `NAMES`.
const OTHER: [usize; 4] = [2, 0, 3, 1];

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        std::fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    /// A table whose rows and columns have these names.
    fn named(&self, name: &str, values: &Array2<f64>, names: &[&str]) -> PathBuf {
        let mut text = format!(",{}\n", names.join(","));
        for (row, name) in values.outer_iter().zip(names) {
            text += &format!("{name},{}\n", cells(row.iter()));
        }
        self.write(name, &text)
    }

    /// A table with a header line, or without.
    fn table(&self, name: &str, values: &Array2<f64>, header: Option<&str>) -> PathBuf {
        let rows = values.outer_iter().map(|row| cells(row.iter()) + "\n");
        let header = header.map_or(String::new(), |line| format!("{line}\n"));
        self.write(name, &(header + &rows.collect::<String>()))
    }

    fn load(&self, options: &Options) -> Result<Connectome> {
        load(self.0.path(), options)
    }
}

fn cells<'a>(row: impl Iterator<Item = &'a f64>) -> String {
    row.map(f64::to_string).collect::<Vec<_>>().join(",")
}

fn weights() -> Array2<f64> {
    array![
        [0.0, 1.5, 2.5, 0.5],
        [1.5, 0.0, 0.0, 3.5],
        [2.5, 0.0, 0.0, 4.5],
        [0.5, 3.5, 4.5, 0.0],
    ]
}

/// A matrix with all entries different.
fn fc() -> Array2<f64> {
    let upper = array![
        [1.0, 0.1, 0.2, 0.3],
        [0.0, 1.0, 0.4, -0.5],
        [0.0, 0.0, 1.0, 0.6],
        [0.0, 0.0, 0.0, 1.0],
    ];
    &upper + &upper.t() - Array2::from_diag_elem(4, 1.0)
}

fn moved(values: &Array2<f64>) -> Array2<f64> {
    values.select(Axis(0), &OTHER).select(Axis(1), &OTHER)
}

fn moved_names<'a>(names: &[&'a str]) -> Vec<&'a str> {
    OTHER.iter().map(|&at| names[at]).collect()
}

fn report<T: std::fmt::Debug>(found: Result<T>) -> String {
    found.unwrap_err().report()
}

fn measured(path: &Path) -> Result<Measured> {
    load_measured(path, &Options::default())
}

#[test]
fn numbers_in_another_order_are_names() {
    let folder = Folder::new();
    let numbers = ["1", "2", "3", "4"];
    folder.named("weights.csv", &weights(), &numbers);
    folder.named("FC.csv", &moved(&fc()), &moved_names(&numbers));
    let connectome = folder.load(&Options::default()).unwrap();
    assert_eq!(connectome.functional.unwrap().index_axis(Axis(0), 0), fc());
}

#[test]
fn a_list_with_the_same_names_in_another_order_is_refused() {
    let folder = Folder::new();
    folder.named("weights.csv", &weights(), &NAMES);
    folder.write("labels.txt", &(moved_names(&NAMES).join("\n") + "\n"));
    let said = report(folder.load(&Options::default()));
    assert!(
        said.contains("calls region 0 \"A1\"") && said.contains("\"V1\""),
        "{said}"
    );
    folder.write("labels.txt", "a\nb\nc\nd\n");
    assert_eq!(
        folder.load(&Options::default()).unwrap().labels,
        ["a", "b", "c", "d"]
    );
}

#[test]
fn names_beside_weights_without_names_agree_or_are_refused() {
    let folder = Folder::new();
    folder.table("weights.csv", &weights(), None);
    let lengths = weights().mapv(|w| 100.0 * w);
    folder.named("tract_lengths.csv", &lengths, &NAMES);
    folder.named("FC.csv", &fc(), &NAMES);
    let notes = folder.load(&Options::default()).unwrap().notes.join("\n");
    assert!(
        notes.contains("\"tract_lengths\" has names of regions and the weights have none"),
        "{notes}"
    );
    folder.named("FC.csv", &moved(&fc()), &moved_names(&NAMES));
    let said = report(folder.load(&Options::default()));
    assert!(
        said.contains("in different orders: region 0 is \"V1\" or \"A1\""),
        "{said}"
    );
    folder.write("labels.txt", &(NAMES.join("\n") + "\n"));
    let connectome = folder.load(&Options::default()).unwrap();
    assert_eq!(connectome.functional.unwrap().index_axis(Axis(0), 0), fc());
}

#[test]
fn doubtful_networks_are_told_of() {
    let folder = Folder::new();
    folder.named("weights.csv", &weights(), &["V1", "MT", "V1", "PFC"]);
    let notes = folder.load(&Options::default()).unwrap().notes.join("\n");
    assert!(
        notes.contains("several regions are called \"V1\""),
        "{notes}"
    );
    folder.table("weights.csv", &Array2::zeros((4, 4)), None);
    let notes = folder.load(&Options::default()).unwrap().notes.join("\n");
    assert!(notes.contains("no region has a connection"), "{notes}");
    let mut nan = weights();
    nan.diag_mut().fill(f64::NAN);
    folder.table("weights.csv", &nan, None);
    assert_eq!(folder.load(&Options::default()).unwrap().weights, weights());
}

#[test]
fn pairs_that_are_listed_once_are_told_of_and_mirrored_when_asked_for() {
    let folder = Folder::new();
    let list = "source,target,weight\nV1,MT,1.5\nA1,V1,2.5\nV1,PFC,0.5\nPFC,MT,3.5\nA1,PFC,4.5\n";
    let path = folder.write("list.csv", list);
    let notes = load(&path, &Options::default()).unwrap().notes.join("\n");
    assert!(
        notes.contains("5 of 5 connected pairs") && notes.contains("\"either\""),
        "{notes}"
    );
    let either = Options {
        symmetric: Symmetric::Either,
        ..Options::default()
    };
    let connectome = load(&path, &either).unwrap();
    assert_eq!(connectome.labels, NAMES);
    assert_eq!(connectome.weights, weights());
    // As it is: that is an answer.
    let as_is = Options {
        symmetric: Symmetric::AsIs,
        ..Options::default()
    };
    assert!(load(&path, &as_is).unwrap().notes.is_empty());
}

#[test]
fn maps_are_matched_by_the_column_that_has_the_names() {
    let folder = Folder::new();
    folder.named("weights.csv", &weights(), &NAMES);
    let tau = |header: &str, row: &dyn Fn(usize, &str) -> String| {
        let rows = OTHER.iter().map(|&at| row(at, NAMES[at]) + "\n");
        folder.write(
            "maps.csv",
            &format!("{header}\n{}", rows.collect::<String>()),
        );
        let text = "[parameters]\ntau = { file = \"maps.csv\", key = \"tau\" }\n[connectome]\nfile = \"weights.csv\"\n";
        let path = folder.write("study.toml", text);
        let study = study::load(Some(&path), &[""; 0])?;
        let place = study.model.parameters.iter().position(|p| p.name == "tau");
        Ok(study.parameters[place.unwrap()].clone())
    };
    let expected = Values::PerNode(vec![10.0, 11.0, 12.0, 13.0]);
    for (header, row) in [
        (
            "id,region,tau",
            &(|at: usize, name: &str| format!("{},{name},{}", 7 - at, 10 + at))
                as &dyn Fn(usize, &str) -> String,
        ),
        ("tau,region", &|at, name| format!("{},{name}", 10 + at)),
        ("network,region,tau", &|at, name| {
            format!("Visual,{name},{}", 10 + at)
        }),
    ] {
        assert_eq!(tau(header, row).unwrap(), expected, "{header}");
    }
    let said = report(tau("id,region,tau", &|at, name| {
        format!("{at},{},{}", name.to_lowercase(), 10 + at)
    }));
    assert!(said.contains("has no region V1"), "{said}");
    // An npz may have the names, too.
    let values: ndarray::Array1<f64> = OTHER.iter().map(|&at| 10.0 + at as f64).collect();
    let names = moved_names(&NAMES)
        .iter()
        .map(|name| name.to_string())
        .collect::<Vec<_>>();
    let mut npz = npz::Writer::create(&folder.path("maps.npz")).unwrap();
    npz.add("tau", &values).unwrap();
    npz.add_texts("labels", &names).unwrap();
    npz.finish().unwrap();
    let text = "[parameters]\ntau = { file = \"maps.npz\", key = \"tau\" }\n[connectome]\nfile = \"weights.csv\"\n";
    let study = study::load(Some(&folder.write("npz.toml", text)), &[""; 0]).unwrap();
    assert!(
        study.parameters.contains(&expected),
        "{:?}",
        study.parameters
    );
    let said = report(tau("region,tau,tau", &|at, name| {
        format!("{name},{at},{at}")
    }));
    assert!(said.contains("two columns are called \"tau\""), "{said}");
}

/// What a matrix holds is seen from its diagonal and its entries; `correlations` has all cases.
#[test]
fn what_is_no_correlation_is_no_functional_connectivity() {
    let folder = Folder::new();
    let deviations = array![1.5, 0.5, 2.0, 1.2];
    let covariances = Array2::from_shape_fn((4, 4), |(a, b)| {
        fc()[[a, b]] * deviations[a] * deviations[b]
    });
    for (matrix, part) in [
        (covariances, "as covariances have"),
        (fc() * 100.0, "as covariances have"),
        (weights() * 100.0, "as large as 450"),
    ] {
        let said = report(measured(&folder.named("FC.csv", &matrix, &NAMES)));
        assert!(said.contains(part), "{part:?} is not in {said}");
    }
    // Without anything on the diagonal they are what they were.
    for diagonal in [0.0, f64::NAN] {
        let mut matrix = fc();
        matrix.diag_mut().fill(diagonal);
        let found = measured(&folder.named("FC.csv", &matrix, &NAMES)).unwrap();
        assert_eq!(found.functional[[0, 1, 3]], -0.5);
    }
    // Fisher's z of one person has entries beyond 1, that of the other has none: both are transformed.
    folder.named("weights.csv", &weights(), &NAMES);
    let mut small = fc().mapv(f64::atanh);
    small.diag_mut().fill(0.0);
    let mut large = (fc() * 1.5).mapv(f64::atanh);
    large.diag_mut().fill(0.0);
    folder.named("a_FC.csv", &small, &NAMES);
    folder.named("b_FC.csv", &large, &NAMES);
    let options = Options {
        functional: Some(Functional {
            names: vec!["a_FC.csv".into(), "b_FC.csv".into()],
            are_series: false,
        }),
        ..Options::default()
    };
    let found = load(&folder.path("weights.csv"), &options)
        .unwrap()
        .functional
        .unwrap();
    for (person, factor) in [(0, 1.0), (1, 1.5)] {
        let off = (found[[person, 1, 3]] - factor * -0.5).abs();
        assert!(off < 1e-12, "{off:e}");
    }
}

fn series() -> Array2<f64> {
    Array2::from_shape_fn((40, 4), |(t, region)| {
        let (t, region) = (t as f64, region as f64);
        (0.3 * t + region).sin() + (0.11 * (region + 1.0) * t).cos() / 3.0
    })
}

#[test]
fn times_and_counted_headers_are_no_signals() {
    let folder = Folder::new();
    let plain = measured(&folder.table("bold.csv", &series(), Some(&NAMES.join(",")))).unwrap();
    let times = Array2::from_shape_fn((40, 1), |(t, _)| 0.72 * (t + 1) as f64);
    let with_times = ndarray::concatenate(Axis(1), &[times.view(), series().view()]).unwrap();
    let header = format!("time,{}", NAMES.join(","));
    for (values, header, said) in [
        (&with_times, Some(header.as_str()), true),
        (&with_times, None, true),
        (&with_times.t().to_owned(), None, true),
        (&series(), Some("0,1,2,3"), false),
    ] {
        let found = measured(&folder.table("bold.csv", values, header)).unwrap();
        assert_eq!(found.functional, plain.functional, "{header:?}");
        assert_eq!(
            found.notes[0].contains("rises evenly"),
            said,
            "{:?}",
            found.notes
        );
    }
    // As many columns as regions: one is missing.
    folder.table("weights.csv", &weights(), None);
    folder.table(
        "bold.csv",
        &with_times.slice(ndarray::s![.., ..4]).to_owned(),
        None,
    );
    let said = report(folder.load(&Options::default()));
    assert!(said.contains("the regions are 4 with it"), "{said}");
}

#[test]
fn people_may_be_on_the_last_axis_and_steps_are_seconds() {
    let folder = Folder::new();
    folder.table("weights.csv", &weights(), None);
    let second = series().mapv(|x| x * x);
    let both = [series(), second];
    let last = Array3::from_shape_fn((40, 4, 2), |(t, region, person)| both[person][[t, region]]);
    let options = |step_s| Options {
        functional: Some(Functional {
            names: vec!["all.npy".into()],
            are_series: true,
        }),
        step_s: Some(step_s),
        ..Options::default()
    };
    let first = last
        .clone()
        .permuted_axes([2, 0, 1])
        .as_standard_layout()
        .into_owned();
    let mut found = Vec::new();
    for stack in [last, first] {
        ndarray_npy::write_npy(folder.path("all.npy"), &stack).unwrap();
        let connectome = load(&folder.path("weights.csv"), &options(2.0)).unwrap();
        assert_eq!(connectome.bold.len(), 2);
        found.push(connectome.functional.unwrap());
    }
    assert_eq!(found[0], found[1]);
    let said = report(load(&folder.path("weights.csv"), &options(2000.0)));
    assert!(
        said.contains("looks like ms") && said.contains("in s: 2"),
        "{said}"
    );
}

#[test]
fn lengths_and_delays_of_no_brain_are_refused() {
    let lengths = weights().mapv(|w| 40.0 * w);
    let load = |name: &str, factor: f64, options: &Options| {
        let folder = Folder::new();
        folder.table("weights.csv", &weights(), None);
        folder.table(name, &(&lengths * factor), None);
        folder.load(options)
    };
    let none = Options::default();
    for (name, factor, part) in [
        ("tract_lengths.csv", 1000.0, "length_unit = \"um\""),
        ("tract_lengths.csv", 0.001, "length_unit = \"m\""),
        ("delays.csv", 0.0002, "looks like seconds"),
        ("delays.csv", 200.0, "looks like microseconds"),
    ] {
        let said = report(load(name, factor, &none));
        assert!(said.contains(part), "{name} {factor}: {said}");
    }
    let in_unit = |unit: LengthUnit| Options {
        length_unit: Some(unit),
        ..Options::default()
    };
    let found = load(
        "tract_lengths.csv",
        1000.0,
        &in_unit(LengthUnit::Micrometres),
    )
    .unwrap();
    match found.delays {
        Delays::TractLengths(found) => assert!((&found - &lengths).iter().all(|d| d.abs() < 1e-9)),
        other => panic!("{other:?}"),
    }
    let said = report(load(
        "tract_lengths.csv",
        100.0,
        &in_unit(LengthUnit::Metres),
    ));
    assert!(said.contains("longer than any brain"), "{said}");
    // mm are taken at their word; a small brain's are told of.
    load(
        "tract_lengths.csv",
        1000.0,
        &in_unit(LengthUnit::Millimetres),
    )
    .unwrap();
    let folder = Folder::new();
    let all = Array2::from_shape_fn((6, 6), |(a, b)| 15.0 * f64::from(a != b));
    folder.table("weights.csv", &all, None);
    folder.table("tract_lengths.csv", &all, None);
    let notes = folder.load(&none).unwrap().notes.join("\n");
    assert!(notes.contains("as in a small brain"), "{notes}");
}

//! Every sample of `tests/samples` gives what its `expected.json` says.
//!
//! `table` prints one line for each, made from that file: `cargo test --test library samples -- --nocapture`.

use std::path::{Path, PathBuf};

use brainsweep::connectome::{Bold, Connectome, Delays, LengthUnit, MissingLengths, Orientation};
use brainsweep::io::connectome::{Measured, Options, load, load_measured};
use brainsweep::io::table;
use brainsweep::{Error, Result};
use ndarray::{Array2, ArrayView2};
use serde_json::{Map, Value};

/// Of weights, lengths and centres; files have at least ten digits.
const EXACT: f64 = 1e-12;
/// As a part of a tract length: samples in metres have ten digits.
const RELATIVE: f64 = 1e-9;
/// Correlations of files with 32-bit numbers, and of series with 3 decimals.
const CORRELATION: f64 = 1e-6;
/// Samples of 32 bits, near 10 000.
const SAMPLE: f64 = 1e-3;

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/samples");

fn truth(name: &str) -> Array2<f64> {
    let path = Path::new(SAMPLES).join(format!("truth/{name}.csv"));
    table::read(&path).unwrap().values
}

fn labels() -> Vec<String> {
    let text = std::fs::read_to_string(Path::new(SAMPLES).join("truth/labels.txt")).unwrap();
    text.lines().map(String::from).collect()
}

/// What one sample gives, whether it has weights or not.
enum Given {
    Connectome(Box<Connectome>),
    Measured(Measured),
}

/// What `gives` says, in place of the default.
fn options(gives: &Map<String, Value>) -> Options {
    let text = |key: &str| gives.get(key).and_then(Value::as_str);
    Options {
        weights: text("choose").map(String::from),
        orientation: match text("orientation") {
            Some("source-target") => Orientation::SourceTarget,
            _ => Orientation::TargetSource,
        },
        length_unit: match text("length_unit") {
            Some("m") => Some(LengthUnit::Metres),
            _ => None,
        },
        ..Options::default()
    }
}

fn read(path: &Path, gives: &Map<String, Value>) -> Result<Given> {
    let options = options(gives);
    let has_weights = gives.contains_key("weights") || gives.contains_key("note");
    // An error is one of weights where there are any.
    match has_weights || gives.contains_key("error") && path.is_dir() {
        true => load(path, &options).map(|connectome| Given::Connectome(Box::new(connectome))),
        false => load_measured(path, &options).map(Given::Measured),
    }
}

/// How far two arrays lie apart at most; infinity for other shapes or NaN.
fn apart(found: ArrayView2<f64>, expected: &Array2<f64>) -> f64 {
    if found.dim() != expected.dim() {
        return f64::INFINITY;
    }
    let pairs = found.iter().zip(expected);
    let far = |(a, b): (&f64, &f64)| match (a - b).abs() {
        far if far.is_nan() => f64::INFINITY,
        far => far,
    };
    pairs.map(far).fold(0.0, f64::max)
}

fn check(
    what: &str,
    found: ArrayView2<f64>,
    expected: &Array2<f64>,
    tolerance: f64,
) -> Result<(), String> {
    let far = apart(found, expected);
    match far <= tolerance {
        true => Ok(()),
        false => Err(format!("{what} is {far:e} off: {found}")),
    }
}

/// `values` in the order of the labels of the truth.
fn by_name(connectome: &Connectome, values: &Array2<f64>) -> Array2<f64> {
    let place = |label: &String| {
        connectome
            .labels
            .iter()
            .position(|own| own == label)
            .unwrap()
    };
    let places: Vec<usize> = labels().iter().map(place).collect();
    Array2::from_shape_fn(values.dim(), |(a, b)| values[[places[a], places[b]]])
}

fn names(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap())
        .collect()
}

fn check_bold(bold: &[Bold], expected: &[&str]) -> Result<(), String> {
    if bold.len() != expected.len() {
        return Err(format!(
            "{} time series, expected {}",
            bold.len(),
            expected.len()
        ));
    }
    for (one, name) in bold.iter().zip(expected) {
        // The truth is [region, time].
        check(name, one.samples.t(), &truth(name), SAMPLE)?;
    }
    Ok(())
}

/// Whether `given` is what `gives` says under `key`.
fn check_key(given: &Given, key: &str, value: &Value) -> Result<(), String> {
    let (connectome, measured) = match given {
        Given::Connectome(connectome) => (Some(connectome), None),
        Given::Measured(measured) => (None, Some(measured)),
    };
    let name = value.as_str().unwrap_or_default();
    match (key, connectome, measured) {
        ("weights", Some(found), _) => {
            let weights = match connectome
                .is_some_and(|c| c.labels[0].starts_with("node") || c.labels == labels())
            {
                true => found.weights.clone(),
                false => by_name(found, &found.weights),
            };
            check("weights", weights.view(), &truth(name), EXACT)
        }
        ("self_connections", Some(found), _) => {
            match found.self_connections_removed as u64 == value.as_u64().unwrap() {
                true => Ok(()),
                false => Err(format!(
                    "{} self-connections",
                    found.self_connections_removed
                )),
            }
        }
        ("tract_lengths", Some(found), _) => match &found.delays {
            Delays::TractLengths(found) => {
                let expected = truth(name);
                check_lengths(found, &expected)
            }
            other => Err(format!("no lengths but {other:?}")),
        },
        ("delays_ms", Some(found), _) => match &found.delays {
            Delays::Milliseconds(found) => {
                assert_eq!(name, "mean_lengths / 5");
                check(
                    "delays",
                    found.view(),
                    &(truth("mean_lengths") / 5.0),
                    EXACT,
                )
            }
            other => Err(format!("no delays but {other:?}")),
        },
        ("labels", _, _) => {
            let found = match given {
                Given::Connectome(found) => Some(&found.labels),
                Given::Measured(found) => found.labels.as_ref(),
            };
            let mut found = found.cloned().unwrap_or_default();
            let mut expected = labels();
            if name == "labels (by name)" {
                found.sort();
                expected.sort();
            }
            match found == expected {
                true => Ok(()),
                false => Err(format!("labels {found:?}")),
            }
        }
        ("centres", Some(found), _) => match &found.centres {
            Some(centres) => check("centres", centres.view(), &truth(name), EXACT),
            None => Err("no centres".into()),
        },
        ("functional", _, _) => {
            let found = match given {
                Given::Connectome(found) => found.functional.as_ref(),
                Given::Measured(found) => Some(&found.functional),
            };
            let found = found.ok_or("no functional connectivity")?;
            let expected = names(value);
            if found.len_of(ndarray::Axis(0)) != expected.len() {
                return Err(format!(
                    "functional connectivity of shape {:?}",
                    found.shape()
                ));
            }
            for (found, name) in found.outer_iter().zip(expected) {
                check(name, found, &truth(name), CORRELATION)?;
            }
            Ok(())
        }
        ("bold", Some(found), _) => check_bold(&found.bold, &names(value)),
        ("bold", _, Some(found)) => check_bold(&found.bold, &names(value)),
        ("tr_s", _, Some(found)) => match found.bold.iter().all(|one| one.step_s == value.as_f64())
        {
            true => Ok(()),
            false => Err("another step".into()),
        },
        ("note", Some(found), _) => match found
            .notes
            .iter()
            .any(|note| note.contains(&in_words_of(found, name)))
        {
            true => Ok(()),
            false => Err(format!("notes {:?}", found.notes)),
        },
        // What says how to read it.
        ("choose" | "orientation" | "length_unit" | "normalise", _, _) => Ok(()),
        _ => Err(format!("{key} is not known to this test")),
    }
}

fn check_lengths(found: &Array2<f64>, expected: &Array2<f64>) -> Result<(), String> {
    // Where there is no streamline, lengths are without meaning: nan_for_none leaves them out, others have 0.
    let far = |(a, b): (&f64, &f64)| (a - b).abs() > RELATIVE * b.abs().max(1.0);
    let is_off = found.dim() != expected.dim() || found.iter().zip(expected).any(far);
    match is_off {
        true => Err(format!("tract lengths {found}")),
        false => Ok(()),
    }
}

/// A note or error of the truth, whose names of regions are numbers where the sample has no names.
fn in_words_of(connectome: &Connectome, text: &str) -> String {
    match connectome.labels[0].starts_with("node ") {
        true => numbered(text),
        false => text.into(),
    }
}

fn numbered(text: &str) -> String {
    let mut text = text.to_string();
    for (index, label) in labels().iter().enumerate() {
        text = text.replace(label, &format!("node {index}"));
    }
    text
}

/// One sample: `Ok` if it is what is expected.
fn sample(name: &str, gives: &Map<String, Value>) -> Result<(), String> {
    let path: PathBuf = Path::new(SAMPLES).join(name);
    if let Some(expected) = gives.get("error").and_then(Value::as_str) {
        let error: Error = match read(&path, &Map::from_iter([("error".into(), expected.into())])) {
            Ok(_) => return Err("loads".into()),
            Err(error) => error,
        };
        let said = error.report();
        if !said.contains(expected) && !said.contains(&numbered(expected)) {
            return Err(format!("says {said}"));
        }
        let Some(weights) = gives.get("weights") else {
            return Ok(());
        };
        // What the error says to do opens it.
        let options = Options {
            missing_lengths: MissingLengths::Zero,
            ..Options::default()
        };
        let found = load(&path, &options).map_err(|error| error.report())?;
        return check_key(&Given::Connectome(Box::new(found)), "weights", weights);
    }
    let given = read(&path, gives).map_err(|error| error.report())?;
    gives
        .iter()
        .try_for_each(|(key, value)| check_key(&given, key, value))
}

#[test]
fn table() {
    let text = std::fs::read_to_string(Path::new(SAMPLES).join("expected.json")).unwrap();
    let expected: Map<String, Value> = serde_json::from_str(&text).unwrap();
    assert_eq!(expected.len(), 42);
    let mut failed = 0;
    for (name, about) in &expected {
        let gives = about["gives"].as_object().unwrap();
        let outcome = sample(name, gives);
        failed += usize::from(outcome.is_err());
        let keys: Vec<&str> = gives.keys().map(String::as_str).collect();
        match outcome {
            Ok(()) => println!("ok     {name:<42} {}", keys.join(", ")),
            Err(why) => println!("FAILED {name:<42} {why}"),
        }
    }
    assert_eq!(failed, 0, "of {} samples", expected.len());
}

/// What the errors of the traps say to do.
#[test]
fn errors_say_what_to_do() {
    for (name, parts) in [
        (
            "traps/lengths_in_metres",
            ["0.1725549", "length_unit = \"m\""],
        ),
        (
            "traps/length_missing",
            [
                "1 of the connected pairs",
                "missing_lengths = \"euclidean\"",
            ],
        ),
        (
            "traps/log_weights",
            ["\"weights\" is -inf at [0, 0]", "finite"],
        ),
        (
            "traps/fewer_in_fc",
            ["\"FC\" has no region L_V1", "matched by name"],
        ),
        (
            "xcpd/uncovered_timeseries.tsv",
            ["region R_PFC has no signal", "leave such regions out"],
        ),
        (
            "qsirecon/sub-01_connectivity.mat",
            ["sift_radius2_count", "weights = NAME"],
        ),
        (
            "cifti/fc.pconn.nii",
            ["no weights", "connectome.functional"],
        ),
    ] {
        let path = Path::new(SAMPLES).join(name);
        let said = match load(&path, &Options::default()) {
            Ok(_) => panic!("{name} loads"),
            Err(error) => error.report(),
        };
        let said = match name.starts_with("xcpd") {
            true => load_measured(&path, &Options::default())
                .unwrap_err()
                .report(),
            false => said,
        };
        for part in parts {
            assert!(said.contains(part), "{name}: {part:?} is not in: {said}");
        }
    }
}

//! The default connectome is what `data/README.md` says, and a summary says what a connectome holds.

use std::path::Path;

use brainsweep::connectome::{Connectome, Delays, synthetic};
use brainsweep::io::connectome::{Options, hcp, load, schaefer100};
use brainsweep::io::{npz, study};
use brainsweep::measure::fc;
use brainsweep::study::key::Purpose;
use ndarray::{Array2, array};

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
        assert_eq!(loaded.labels, hcp().labels);
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

/// Sums by numpy of the file that `data/build_schaefer100.py` writes.
#[test]
fn schaefer100_is_what_its_script_made() {
    let connectome = schaefer100();
    assert_eq!(connectome.n_nodes(), 100);
    assert_eq!(
        (
            connectome.labels[0].as_str(),
            connectome.labels[49].as_str(),
            connectome.labels[99].as_str()
        ),
        ("LH_Vis_1", "LH_Default_13", "RH_Default_11")
    );
    let (weights, lengths) = (&connectome.weights, lengths(&connectome));
    let functional = connectome.functional.as_ref().unwrap();
    assert_eq!(functional.dim(), (1, 100, 100));
    assert_eq!(weights.iter().filter(|w| **w > 0.0).count(), 9184);
    assert_eq!(weights, weights.t());
    for (found, expected) in [
        (weights.sum(), 159.5870081894991),
        (lengths.sum(), 1315569.6028289795),
        (functional.sum(), 2943.2536020092084),
        (weights[[0, 1]], 0.06218322366476059),
        (lengths[[98, 99]], 27.586761474609375),
    ] {
        assert!(
            (found - expected).abs() <= 1e-9 * expected,
            "{found} is not {expected}"
        );
    }
    assert!(connectome.notes.is_empty(), "{:?}", connectome.notes);
    // By its name, in a study and as a flag; what is not its own is refused.
    for flags in [
        vec!["connectome=schaefer100"],
        vec!["connectome.file=schaefer100"],
        vec![
            "connectome.file=schaefer100",
            "connectome.normalise=row-sum",
        ],
    ] {
        let study = study::load(None, &flags).unwrap_or_else(|error| panic!("{}", error.report()));
        assert_eq!(study.connectome.labels, connectome.labels, "{flags:?}");
    }
    let said = study::load(None, &["connectome={file=\"schaefer100\", weights=\"SC\"}"]);
    assert!(said.unwrap_err().report().contains("a file of your own"));
}

/// Measured data of one's own beside a connectome that comes along: by names of regions where the file has them, relative to the
/// study, and from anywhere in the text that stands for itself.
#[test]
fn a_connectome_that_comes_along_takes_other_measured_data() {
    let folder = tempfile::tempdir().unwrap();
    let labels = &hcp().labels;
    let value = |t: usize, node: usize| ((t * (node + 3)) as f64 * 0.37).sin() + 0.01 * t as f64;
    let series = Array2::from_shape_fn((60, 80), |(t, node)| value(t, node));
    let rows = |order: &dyn Fn(usize) -> usize| {
        let row = |t: usize| (0..80).map(|k| series[[t, order(k)]].to_string()).collect();
        let rows: Vec<Vec<String>> = (0..60).map(row).collect();
        rows.iter()
            .map(|row| row.join(",") + "\n")
            .collect::<String>()
    };
    let backwards: Vec<&str> = labels.iter().rev().map(String::as_str).collect();
    let named = format!("{}\n{}", backwards.join(","), rows(&|k| 79 - k));
    std::fs::write(folder.path().join("sub-0.csv"), named).unwrap();
    std::fs::write(folder.path().join("sub-1.csv"), rows(&|k| k)).unwrap();
    let text = "connectome.functional = { bold = \"sub-*.csv\", tr = 0.72 }";
    let of = |text: &str, folder: &Path| study::parse::<&str>(text, "own", folder, &[]);
    let expected = fc(series.view());
    let read = study::read_text::<&str>(text, "own", folder.path(), &[], Purpose::Set);
    let read = read.unwrap_or_else(|error| panic!("{}", error.report()));
    let elsewhere = of(&read.to_toml(), Path::new("")).unwrap();
    for study in [&read.study, &elsewhere] {
        let connectome = &study.connectome;
        assert_eq!(connectome.weights, hcp().weights);
        let functional = connectome.functional.as_ref().unwrap();
        assert_eq!(functional.dim(), (2, 80, 80));
        for (subject, bold) in functional.outer_iter().zip(&connectome.bold) {
            let furthest = |a: &f64, b: &f64| (a - b).abs() < 1e-12;
            assert!(subject.iter().zip(&expected).all(|(a, b)| furthest(a, b)));
            assert_eq!(bold.step_s, Some(0.72));
        }
    }
    assert_eq!(hcp().functional.as_ref().unwrap().dim(), (7, 80, 80));
    for (functional, said) in [
        ("{ tr = 0.72 }", "files with functional connectivity"),
        ("\"FC\"", "cannot read"),
        ("\"none-*.csv\"", "has no file like"),
    ] {
        let text = format!("connectome.functional = {functional}");
        let report = of(&text, folder.path()).unwrap_err().report();
        assert!(report.contains(said), "{report}");
    }
}

/// Not symmetric, so that a lost transposition shows.
fn weights() -> Array2<f64> {
    array![[0.0, 0.5, 0.0], [0.25, 0.0, 1.0], [2.0, 0.0, 0.0]]
}

fn tract_lengths() -> Array2<f64> {
    array![[0.0, 10.5, 20.0], [11.0, 0.0, 30.0], [21.0, 31.0, 0.0]]
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

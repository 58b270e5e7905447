//! What the couplings that come with the program give, and what the classes of The Virtual Brain give.
//!
//! `tests/reference/couplings.npz` holds random weights, signals and parameters; `tests/reference/README.md` has version and source.

use std::path::Path;

use brainsweep::coupling::{self, FORMS, Form};
use brainsweep::io::npz;
use ndarray::{Array1, ArrayD, ArrayView2, Axis, Ix1, Ix2, Ix3};

/// The largest distance, relative to the largest value: rounding in the order of terms.
const BOUND: f64 = 1e-12;

/// Ours, the parameters of theirs in their order by our names, what else is set, the array of results.
type Case<'c> = (&'c str, &'c [&'c str], &'c [(&'c str, f64)], &'c str);

const CASES: &[Case] = &[
    ("diffusive", &["g"], &[], "c"),
    ("linear", &["a", "b"], &[], "c"),
    ("scaling", &["a"], &[], "c"),
    (
        "sigmoidal",
        &["cmin", "cmax", "midpoint", "a", "sigma"],
        &[],
        "c",
    ),
    (
        "sigmoidal-jansen-rit",
        &["cmin", "cmax", "midpoint", "r", "a"],
        &[],
        "c",
    ),
    ("pre-sigmoidal", &["H", "Q", "G", "P", "theta"], &[], "c"),
    (
        "hyperbolic-tangent",
        &["a", "b", "midpoint", "sigma"],
        &[],
        "c",
    ),
    ("kuramoto", &["g"], &[], "c"),
    ("kuramoto", &["g"], &[("per_node", 1.0)], "c_documented"),
];

fn array(form: &str, key: &str) -> ArrayD<f64> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/couplings.npz");
    npz::read_f64(&path, &format!("{form}.{key}")).unwrap()
}

/// What a node receives over `weights` that transmits `own`, where `arriving` is what arrives of the others.
fn receives(
    form: &Form,
    weights: &Array1<f64>,
    arriving: &Array1<f64>,
    own: f64,
    parameters: &[f64],
) -> f64 {
    let coefficients = form.prepare(parameters, weights.len());
    let sent: Vec<Vec<f64>> = arriving
        .iter()
        .map(|&x| form.sent(x, &coefficients))
        .collect();
    let sums = form.sums.iter().map(|sum| {
        let weight = |w: f64| if sum.squared { w * w } else { w };
        weights
            .iter()
            .zip(&sent)
            .map(|(&w, sent)| weight(w) * sent[sum.sent])
            .sum()
    });
    let sums: Vec<f64> = sums.collect();
    let row_sums = [weights.sum(), weights.mapv(|w| w * w).sum()];
    form.received(&sums, own, row_sums, &coefficients)[0]
}

#[test]
fn forms_are_those_of_the_virtual_brain() {
    for &(name, theirs, more, results) in CASES {
        let form = coupling::find(name).unwrap();
        let weights = array(name, "weights").into_dimensionality::<Ix3>().unwrap();
        let arriving = array(name, "x_j").into_dimensionality::<Ix3>().unwrap();
        let own = array(name, "x_i").into_dimensionality::<Ix2>().unwrap();
        let given = array(name, "parameters")
            .into_dimensionality::<Ix2>()
            .unwrap();
        let expected = array(name, results).into_dimensionality::<Ix2>().unwrap();
        let scale = expected.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
        for ((case, node), &expected) in expected.indexed_iter() {
            let mut parameters = form.defaults();
            for (key, &value) in theirs.iter().zip(given.row(case)) {
                parameters[form.parameter(key).unwrap()] = value;
            }
            for &(key, value) in more {
                parameters[form.parameter(key).unwrap()] = value;
            }
            let row = |all: &ndarray::Array3<f64>| -> Array1<f64> {
                let of_case: ArrayView2<f64> = all.index_axis(Axis(0), case);
                of_case
                    .row(node)
                    .to_owned()
                    .into_dimensionality::<Ix1>()
                    .unwrap()
            };
            let (weights, arriving) = (row(&weights), row(&arriving));
            let own = own[[case, node]];
            let found = receives(form, &weights, &arriving, own, &parameters);
            let off = (found - expected).abs() / scale;
            assert!(
                off <= BOUND,
                "{name}, case {case}, node {node}: {found}, {expected}"
            );
        }
    }
}

#[test]
fn additive_is_scaling_without_its_scale() {
    let weights = array("scaling", "weights")
        .into_dimensionality::<Ix3>()
        .unwrap();
    let own = array("scaling", "x_i")
        .into_dimensionality::<Ix2>()
        .unwrap();
    let [additive, scaling] = ["additive", "scaling"].map(|name| coupling::find(name).unwrap());
    for case in 0..weights.len_of(Axis(0)) {
        let weights: Vec<f64> = weights.index_axis(Axis(0), case).iter().copied().collect();
        let own = own.row(case).to_vec();
        let received = additive.network(&weights, &own, &own, &[1.5]);
        let expected = scaling.network(&weights, &own, &own, &[1.5, 1.0]);
        for (node, (received, expected)) in received.iter().zip(&expected).enumerate() {
            assert_eq!(received[0], expected[0]);
            // Through squared weights: variances add so.
            let row = &weights[5 * node..5 * node + 5];
            let squares: f64 = row.iter().zip(&own).map(|(w, x)| w * w * x).sum();
            assert!((received[1] - 1.5 * 1.5 * squares).abs() < 1e-14);
        }
    }
}

#[test]
fn every_form_is_compared() {
    for form in FORMS.iter() {
        let is_compared = CASES.iter().any(|case| case.0 == form.name);
        assert!(is_compared || form.name == "additive", "{}", form.name);
    }
}

//! The measures against numpy's numbers for the same arrays, `tests/reference/measures.npz`.

use std::path::{Path, PathBuf};

use brainsweep::{io, measure};
use ndarray::{Array1, Array2, ArrayD, Ix1, Ix2};

/// Both sides are f64; what is left is the order of additions.
const TOLERANCE: f64 = 1e-12;

fn reference(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/reference")
        .join(file)
}

fn golden(key: &str) -> ArrayD<f64> {
    io::npz::read_f64(&reference("measures.npz"), key).unwrap()
}

fn matrix(key: &str) -> Array2<f64> {
    golden(key).into_dimensionality::<Ix2>().unwrap()
}

fn vector(key: &str) -> Array1<f64> {
    golden(key).into_dimensionality::<Ix1>().unwrap()
}

fn number(key: &str) -> f64 {
    *golden(key).first().unwrap()
}

fn assert_near<'a>(
    found: impl IntoIterator<Item = &'a f64>,
    expected: impl IntoIterator<Item = &'a f64>,
) {
    let (mut found, mut expected) = (found.into_iter(), expected.into_iter());
    loop {
        match (found.next(), expected.next()) {
            (None, None) => return,
            (Some(a), Some(b)) => assert!((a - b).abs() <= TOLERANCE, "{a} is not {b}"),
            (a, b) => panic!("different lengths: {a:?} against {b:?}"),
        }
    }
}

#[test]
fn fc_of_the_whole_run() {
    assert_near(&measure::fc(matrix("x").view()), &matrix("fc"));
}

#[test]
fn fc_of_the_run_as_it_comes() {
    let x = matrix("x");
    let mut stream = measure::FcStream::new(x.ncols());
    x.outer_iter()
        .for_each(|row| stream.push(row.as_slice().unwrap()));
    assert_near(&stream.finish(), &matrix("fc"));
}

#[test]
fn fc_of_single_precision_samples() {
    let found = measure::fc(matrix("x").mapv(|x| x as f32).view());
    let furthest = found
        .iter()
        .zip(&matrix("fc"))
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f64::max);
    // The samples are rounded at 3e-8 of about 0.5; they vary by about 0.3.
    assert!(furthest < 1e-6, "{furthest}");
}

#[test]
fn fc_with_a_node_that_never_changes() {
    let mut x = matrix("x");
    x.column_mut(3).fill(0.25);
    let mut fc = measure::fc(x.view());
    assert_eq!(measure::constant_nodes(fc.view()), [3]);
    // As numpy.corrcoef, with 0 in place of its NaN.
    fc.mapv_inplace(|r| if r.is_nan() { 0.0 } else { r });
    assert_near(&fc, &matrix("fc_const_node"));
}

#[test]
fn scores_against_every_subject() {
    let connectome = io::connectome::hcp();
    let functional = connectome.functional.as_ref().unwrap();
    let scores = measure::scores(matrix("fc").view(), functional.view()).unwrap();
    assert_near(&scores, &vector("scores"));
    assert_near(&[measure::mean(&scores)], &[number("mean_score")]);
}

#[test]
fn weighted_correlation_of_two_nodes() {
    let (x, weights) = (matrix("x"), vector("weights").to_vec());
    let (first, second) = (x.column(0).to_vec(), x.column(1).to_vec());
    let found = measure::weighted_correlation(&first, &second, &weights).unwrap();
    assert_near(&[found], &[number("weighted_corr_01")]);
}

#[test]
fn voltage_fluctuation_of_the_run() {
    assert_near(
        &[measure::voltage_fluctuation(matrix("x").view())],
        &[number("voltage_fluctuation")],
    );
}

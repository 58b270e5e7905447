//! Connectome files are read right, or refused with the file, the array, what was found and what was expected.

mod reads;
mod refuses;

use std::path::{Path, PathBuf};

use brainsweep::connectome::{Connectome, Delays};
use brainsweep::io::connectome::{Options, load};
use brainsweep::io::npz;
use ndarray::{Array2, array};
use tempfile::TempDir;

fn lengths(connectome: &Connectome) -> &Array2<f64> {
    match &connectome.delays {
        Delays::TractLengths(lengths) => lengths,
        other => panic!("no tract lengths but {other:?}"),
    }
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
        .report();
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

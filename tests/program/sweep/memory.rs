//! What `--dry-run` says of memory bounds what the sweep takes.

use brainsweep::io::npz;
use ndarray::Array2;

use super::*;
use crate::peak;

/// A network of many connections, and one of many regions of which few are connected.
#[test]
fn a_dry_run_says_what_a_sweep_takes() {
    for (n, is_connected) in [(600, 1), (2500, 40)] {
        let home = Home::new();
        let weight = |(i, k): (usize, usize)| f64::from(i != k && (i + k) % is_connected == 0);
        let mut file = npz::Writer::create(&home.at("network.npz")).unwrap();
        let weights = Array2::from_shape_fn((n, n), weight);
        file.add("weights", &weights).unwrap();
        file.add("tract_lengths", &(&weights * 100.0)).unwrap();
        file.finish().unwrap();
        let sweep = [
            "--vary",
            "g=0,0.001",
            "--set",
            "connectome={ file = \"network.npz\" }",
            "--set",
            "protocol.duration=3",
            "--set",
            "record.every=0.5",
            "--backend",
            "cpu",
            "--out",
            "s.zarr",
        ];
        let said = home.json(&[&sweep[..], &["--dry-run"]].concat())["host_bytes"].clone();
        peak::is_as_said(home.command(&sweep), said.as_f64().unwrap());
    }
}

//! A model whose equations look up tables, and its arrays: of one argument and of two; of states, of parameters, of both.
#![allow(dead_code, reason = "each test file uses its part")]

use std::path::Path;

use brainsweep::io::{model, npz};
use brainsweep::model::Model;
use ndarray::{Array1, Array2};

pub const TEXT: &str = r#"
name = "tabled"
summary = "a fast and a slow variable whose responses are tables"

equations = """
s = drive(x + x_ext, y) - 0.2*slope(x + x_ext, y)
dx/dt = (s - x)/tau + 0.1*gain(p*y)
dy/dt = (gain(p) + drive(p, x) + drive(0.3, -0.2) + 0.1*floor(3*x) - y)/8 + y_ext
"""

[states]
x = { unit = "1", meaning = "fast variable" }
y = { unit = "1", meaning = "slow variable" }

[parameters]
p = { unit = "1", default = 0.7, meaning = "where a table is looked up" }
tau = { unit = "ms", default = 5.0, range = "positive", meaning = "time constant" }

[inputs]
x_ext = { unit = "1", meaning = "input to x" }
y_ext = { unit = "1/ms", meaning = "input to y" }

[outputs]
s = { unit = "1", meaning = "response" }

[tables.drive]
file = "tables.npz"
key = "drive"
first = "u"
second = "v"
unit = "1"
meaning = "response to two things"

[tables.slope]
file = "tables.npz"
key = "slope"
first = "u"
second = "v"
unit = "1"
meaning = "another on the same grid"

[tables.gain]
file = "tables.npz"
key = "gain"
first = "w"
unit = "1/ms"
meaning = "response to one thing"

[coupling]
transmits = "x"
receives = "x_ext"
"#;

/// A table as numpy would look it up.
pub struct Grid {
    pub u: Array1<f64>,
    pub v: Array1<f64>,
    pub w: Array1<f64>,
    pub drive: Array2<f64>,
    pub slope: Array2<f64>,
    pub gain: Array1<f64>,
}

pub fn grid() -> Grid {
    let u = Array1::linspace(-1.0, 1.5, 26);
    let v = Array1::linspace(-0.5, 1.0, 7);
    let w = Array1::linspace(0.0, 2.0, 11);
    let on = |of: fn(f64, f64) -> f64| {
        Array2::from_shape_fn((u.len(), v.len()), |(i, j)| of(u[i], v[j]))
    };
    Grid {
        drive: on(|u, v| (2.0 * u).sin() * (1.0 + v * v)),
        slope: on(|u, v| 0.5 * u - v),
        gain: w.mapv(|w: f64| (-w).exp()),
        u,
        v,
        w,
    }
}

/// Writes the arrays, and the text as `tabled.toml` beside them.
pub fn write(folder: &Path, text: &str, grid: &Grid) {
    let mut writer = npz::Writer::create(&folder.join("tables.npz")).unwrap();
    for (key, array) in [("u", &grid.u), ("v", &grid.v), ("w", &grid.w)] {
        writer.add(key, array).unwrap();
    }
    writer.add("gain", &grid.gain).unwrap();
    writer.add("drive", &grid.drive).unwrap();
    writer.add("slope", &grid.slope).unwrap();
    writer.finish().unwrap();
    std::fs::write(folder.join("tabled.toml"), text).unwrap();
}

pub fn model() -> &'static Model {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), TEXT, &grid());
    model::load(&folder.path().join("tabled.toml")).unwrap()
}

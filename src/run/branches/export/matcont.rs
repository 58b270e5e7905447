//! A MATLAB file with the names and shapes of MatCont's curves: a struct for every branch.
//!
//! A. Dhooge, W. Govaerts, Yu. A. Kuznetsov, H. G. E. Meijer & B. Sautois (2008), New features of the software MatCont for bifurcation
//! analysis of dynamical systems, Math. Comput. Model. Dyn. Syst. 14, 147, and MatCont's manual: the arrays x, v, s, h and f.

use num_complex::Complex64;

use super::{Orbit, Row, mesh, rows};
use crate::branches::{Branch, Found, Kind};
use crate::continuation::{EventKind, Settings};
use crate::io::mat::{self, Value};

/// The fields of a branch.
const FIELDS: [&str; 12] = [
    "x",
    "v",
    "s",
    "h",
    "f",
    "kind",
    "states",
    "parameters",
    "times",
    "ncol",
    "n_unstable",
    "ends",
];
/// The fields of a special point.
const SPECIAL: [&str; 4] = ["index", "label", "data", "msg"];
/// What is known of it.
const DATA: [&str; 2] = ["coefficient", "period"];

/// The file.
pub(super) fn file(found: &Found, settings: &Settings) -> Vec<u8> {
    let branches = found.branches.iter();
    let structs = branches.map(|branch| (branch.name.clone(), of_branch(branch, found, settings)));
    mat::file(&structs.collect::<Vec<_>>())
}

fn of_branch(branch: &Branch, found: &Found, settings: &Settings) -> Value {
    let rows = rows(branch);
    let names = |names: &mut dyn Iterator<Item = &String>| {
        Value::Cells(names.map(|name| Value::Text(name.clone())).collect())
    };
    let orbits = || rows.iter().filter_map(|row| row.orbit.as_ref());
    let longest = orbits().map(|orbit| orbit.times.len()).max().unwrap_or(0);
    let (x, times) = match longest {
        0 => (columns(rows.iter().map(of_equilibrium)), empty()),
        _ => (
            columns(rows.iter().map(|row| of_cycle(row, longest))),
            columns(orbits().map(|orbit| padded(orbit.times.iter().copied(), longest))),
        ),
    };
    let inside = |orbit: &Orbit| mesh(orbit.times, settings.collocation).1 as f64;
    let inside: Vec<f64> = orbits().map(inside).collect();
    let counts = rows
        .iter()
        .map(|row| row.n_unstable.map_or(f64::NAN, |n| n as f64));
    let counts: Vec<f64> = counts.collect();
    let fields = vec![
        x,
        empty(),
        special(&rows, branch.kind),
        empty(),
        eigenvalues(&rows),
        Value::Text(branch.kind.name().into()),
        names(&mut found.states.iter()),
        names(&mut found.varied.iter().map(|varied| &varied.name)),
        times,
        Value::Matrix(1, inside.len(), inside),
        Value::Matrix(1, counts.len(), counts),
        names(&mut branch.ends.iter()),
    ];
    Value::one(&FIELDS, fields)
}

fn empty() -> Value {
    Value::Matrix(0, 0, Vec::new())
}

/// A matrix of columns of equal length.
fn columns(columns: impl Iterator<Item = Vec<f64>>) -> Value {
    let columns: Vec<Vec<f64>> = columns.collect();
    let n_rows = columns.first().map_or(0, Vec::len);
    Value::Matrix(n_rows, columns.len(), columns.concat())
}

fn padded(numbers: impl Iterator<Item = f64>, length: usize) -> Vec<f64> {
    let mut padded: Vec<f64> = numbers.collect();
    padded.resize(length, f64::NAN);
    padded
}

/// The states and the parameters.
fn of_equilibrium(row: &Row) -> Vec<f64> {
    [row.state, row.parameters].concat()
}

/// The states at all points in time, one after the other, the period, the parameters. A cycle of fewer points than the longest has
/// NaN behind its last.
fn of_cycle(row: &Row, longest: usize) -> Vec<f64> {
    let states = row.orbit.iter().flat_map(|orbit| orbit.profile).flatten();
    let mut column = padded(states.copied(), longest * row.state.len());
    column.push(row.period.unwrap_or(f64::NAN));
    column.extend(row.parameters);
    column
}

/// Eigenvalues or multipliers, a column for each point; NaN where there are fewer.
fn eigenvalues(rows: &[Row]) -> Value {
    let most = rows.iter().map(|row| row.eigenvalues.len()).max();
    let most = most.unwrap_or(0);
    let none = Complex64::new(f64::NAN, f64::NAN);
    let of_row = |row: &Row| {
        let mut column = row.eigenvalues.to_vec();
        column.resize(most, none);
        column
    };
    Value::Complex(most, rows.len(), rows.iter().flat_map(of_row).collect())
}

/// The first point, the bifurcations and the last point, with their columns of x counted from 1.
fn special(rows: &[Row], kind: Kind) -> Value {
    let one = |k: usize, label: &str, msg: &str, row: Option<&Row>| {
        let known = [
            row.and_then(|row| row.coefficient),
            row.and_then(|row| row.period),
        ];
        let known = known.map(|number| Value::number(number.unwrap_or(f64::NAN)));
        vec![
            Value::number((k + 1) as f64),
            Value::Text(label.into()),
            Value::one(&DATA, known.into()),
            Value::Text(msg.into()),
        ]
    };
    let mut all = vec![one(0, "00", "This is the first point of the branch", None)];
    for (k, row) in rows.iter().enumerate() {
        if let Some(event) = row.event {
            all.push(one(k, label(kind, event), event.name(), Some(row)));
        }
    }
    let last = rows.len() - 1;
    all.push(one(
        last,
        "99",
        "This is the last point of the branch",
        None,
    ));
    Value::Structs(&SPECIAL, all)
}

/// MatCont's label for an event.
fn label(kind: Kind, event: EventKind) -> &'static str {
    match event {
        EventKind::Fold => "LP",
        EventKind::Hopf | EventKind::DegenerateHopf => "H ",
        EventKind::BranchPoint if kind == Kind::Cycles => "BPC",
        EventKind::BranchPoint => "BP",
        EventKind::CycleFold => "LPC",
        EventKind::PeriodDoubling => "PD ",
        EventKind::Torus => "NS ",
        EventKind::Cusp => "CP ",
        EventKind::BogdanovTakens => "BT ",
        EventKind::GeneralizedHopf => "GH ",
        EventKind::ZeroHopf => "ZH ",
        EventKind::HopfHopf => "HH ",
        EventKind::SaddleNodeLoop => "NCH",
        EventKind::Resonance1 => "R1 ",
        EventKind::Resonance2 => "R2 ",
        EventKind::Resonance3 => "R3 ",
        EventKind::Resonance4 => "R4 ",
        EventKind::Homoclinic | EventKind::NeutralHomoclinic => "HOM",
        EventKind::Snic => "SNIC",
        EventKind::NeutralSaddle => "NSA",
        EventKind::NodeFocus => "NF",
    }
}

//! Which points of a sweep hold an output at a target in a state that is not stable, and where stability is lost.

use super::StoredSweep;
use super::arrays::HOLD_EIGENVALUE;
use crate::error::Result;
use crate::io::store::Store;
use crate::plan;
use crate::sweep::{Axis, Sweep};

/// A crossing is found to this part of the distance between two points.
const TOLERANCE: f64 = 1e-9;
/// Rest states that are solved for each crossing, at most.
const MOST: usize = 100;

/// The largest eigenvalue of the held state at each point; nothing where nothing is held.
pub(super) fn eigenvalues(of: &StoredSweep, store: &Store) -> Result<Vec<f64>> {
    if of.sweep.base().hold.is_none() {
        return Ok(Vec::new());
    }
    let mut eigenvalues = vec![f64::NAN; of.sweep.n_points()];
    for chunk in 0..of.chunks.len() {
        let numbers: Vec<f64> = store.read(HOLD_EIGENVALUE, &of.chunks.indices(chunk))?;
        for replica in of.chunks.replicas(chunk) {
            eigenvalues[replica.point] = numbers[replica.index];
        }
    }
    Ok(eigenvalues)
}

/// What is to be said of these held states of a sweep, a sentence each: nothing where nothing is held, or all are stable.
pub(super) fn remarks(sweep: &Sweep, eigenvalues: &[f64]) -> Result<Vec<String>> {
    let Some(hold) = &sweep.base().hold else {
        return Ok(Vec::new());
    };
    let n_unstable = eigenvalues.iter().filter(|&&value| value > 0.0).count();
    let mut remarks = Vec::new();
    if let ([axis], true) = (sweep.axes(), sweep.is_grid()) {
        for k in 1..eigenvalues.len() {
            let ends = [axis.values[k - 1], axis.values[k]];
            let found = [eigenvalues[k - 1], eigenvalues[k]];
            if (found[0] > 0.0) != (found[1] > 0.0) && found.iter().all(|value| !value.is_nan()) {
                let verb = if found[1] > 0.0 { "lost" } else { "gained" };
                let at = crossing(sweep, axis, ends, found)?;
                // What is sure of it.
                let digits = 10f64.powi(9 - width(ends).log10().ceil() as i32);
                let at = axis.setting((at * digits).round() / digits);
                remarks.push(format!("the held state's stability is {verb} at {at}"));
            }
        }
    }
    if n_unstable > 0 {
        let output = sweep.base().model.observable(hold.observable).name;
        remarks.push(format!(
            "{output} is held in an unstable state at {n_unstable} of {} points ({HOLD_EIGENVALUE} above 0): simulations leave it",
            sweep.n_points()
        ));
    }
    Ok(remarks)
}

fn width([a, b]: [f64; 2]) -> f64 {
    (b - a).abs()
}

/// Where the largest eigenvalue passes 0 between two values of the axis: by regula falsi as Illinois has it, and halves where that is slow.
fn crossing(sweep: &Sweep, axis: &Axis, ends: [f64; 2], found: [f64; 2]) -> Result<f64> {
    let eigenvalue = |value: f64| -> Result<f64> {
        let mut study = sweep.base().clone();
        for of_one_node in [false, true] {
            axis.set(&mut study, value, of_one_node)?;
        }
        let held = plan::rest(&study)?;
        Ok(held.map_or(f64::NAN, |held| held.eigenvalue))
    };
    let ([mut a, mut b], [mut at_a, mut at_b]) = (ends, found);
    let width = width(ends);
    for k in 0..MOST {
        if (b - a).abs() <= TOLERANCE * width {
            break;
        }
        let middle = match k % 3 {
            2 => 0.5 * (a + b),
            _ => a - at_a * (b - a) / (at_b - at_a),
        };
        let at = eigenvalue(middle)?;
        if at.is_nan() {
            break;
        }
        if (at > 0.0) == (at_b > 0.0) {
            (b, at_b) = (middle, at);
            at_a *= 0.5;
        } else {
            (a, at_a) = (middle, at);
            at_b *= 0.5;
        }
        if at.abs() < 1e-15 {
            return Ok(middle);
        }
    }
    Ok(0.5 * (a + b))
}

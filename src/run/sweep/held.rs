//! Which points of a sweep hold an output at a target in a state that is not stable, where stability is lost, and which means are not at
//! their targets.

use super::{StoredSweep, unheld};
use crate::error::Result;
use crate::io::store::Store;
use crate::plan;
use crate::run::counted;
use crate::run::held::OfHeld;
use crate::study::HoldOn;
use crate::study::key;
use crate::sweep::{Axis, Sweep};

/// A crossing is found to this part of the distance between two points.
const TOLERANCE: f64 = 1e-9;
/// Rest states that are solved for each crossing, at most.
const MOST: usize = 100;

/// The largest eigenvalue of the held state at each point; nothing where nothing is held.
pub(super) fn eigenvalues(of: &StoredSweep, store: &Store) -> Result<Vec<f64>> {
    of_points(of, store, OfHeld::Eigenvalue)
}

/// A number of each point about what is held; nothing where the sweep has none.
fn of_points(of: &StoredSweep, store: &Store, what: OfHeld) -> Result<Vec<f64>> {
    if !OfHeld::of(of.sweep.base()).contains(&what) {
        return Ok(Vec::new());
    }
    let mut all = vec![f64::NAN; of.sweep.n_points()];
    for chunk in 0..of.chunks.len() {
        let numbers: Vec<f64> = store.read(what.name(), &of.chunks.indices(chunk))?;
        for replica in of.chunks.replicas(chunk) {
            all[replica.point] = numbers[replica.index];
        }
    }
    Ok(all)
}

/// Where the nodes of a point rest so that the mean of an output is at its target, as the store has it; `None` where no mean is held.
pub(super) fn rests(of: &StoredSweep, store: &Store, point: usize) -> Result<Option<Vec<f64>>> {
    if !of.sweep.base().holds_mean() {
        return Ok(None);
    }
    let n_nodes = of.plan.n_nodes;
    for chunk in of.chunks.of_point(point) {
        let mut indices = of.chunks.indices(chunk);
        indices.push(0);
        if let Some(replica) = of.chunks.replicas(chunk).find(|one| one.point == point) {
            let all: Vec<f64> = store.read(OfHeld::Rests.name(), &indices)?;
            return Ok(Some(all[replica.index * n_nodes..][..n_nodes].to_vec()));
        }
    }
    Ok(None)
}

/// Where the first of several points lies, in words that follow their number.
pub(super) fn first_at(sweep: &Sweep, point: usize) -> String {
    let first = sweep.axes().iter().zip(sweep.values(point));
    let first: Vec<String> = first.map(|(axis, value)| axis.setting(value)).collect();
    match first.is_empty() {
        true => String::new(),
        false => format!(", the first of them at {}", first.join(", ")),
    }
}

/// Says at how many points the mean of an output is not at its target, and how far off it is where it is farthest.
fn off_target(of: &StoredSweep, store: &Store) -> Result<Option<String>> {
    let converged = of_points(of, store, OfHeld::Converged)?;
    let off: Vec<usize> = (0..converged.len())
        .filter(|&k| converged[k] == 0.0)
        .collect();
    let (Some(hold), false) = (&of.sweep.base().hold, off.is_empty()) else {
        return Ok(None);
    };
    let output = of.sweep.base().model.observable(hold.observable);
    Ok(Some(format!(
        "the mean of {} is not held at its target at {} of {}{} ({} is 0 there): {} has how far it is off, and {} = {} is allowed",
        output.name,
        off.len(),
        counted(of.sweep.n_points(), "point"),
        first_at(&of.sweep, off[0]),
        OfHeld::Converged.name(),
        OfHeld::Left.name(),
        key::HOLD_TOLERANCE.path,
        key::shown(
            of.sweep
                .study(off[0], 0)?
                .hold
                .map_or(f64::NAN, |hold| hold.tolerance())
        ),
    )))
}

/// What is to be said of these held states of a sweep, a sentence each: nothing where nothing is held, or all are stable, and all means
/// at their targets.
pub(super) fn remarks(of: &StoredSweep, store: &Store, eigenvalues: &[f64]) -> Result<Vec<String>> {
    let sweep = &of.sweep;
    let Some(hold) = &sweep.base().hold else {
        return Ok(Vec::new());
    };
    let n_unstable = eigenvalues.iter().filter(|&&value| value > 0.0).count();
    // A point that no state holds has none.
    let unheld = (0..eigenvalues.len()).filter(|&k| eigenvalues[k].is_nan());
    let unheld = unheld::remark(sweep, &unheld.collect::<Vec<_>>())?;
    let off_target = off_target(of, store)?;
    let mut remarks: Vec<String> = unheld.into_iter().chain(off_target).collect();
    if let ([axis], true) = (sweep.axes(), sweep.is_grid()) {
        for k in 1..eigenvalues.len() {
            let ends = [axis.values[k - 1], axis.values[k]];
            let found = [eigenvalues[k - 1], eigenvalues[k]];
            if (found[0] > 0.0) != (found[1] > 0.0) && found.iter().all(|value| !value.is_nan()) {
                let verb = if found[1] > 0.0 { "lost" } else { "gained" };
                let at = match hold.on {
                    HoldOn::Rest => {
                        let at = crossing(sweep, axis, ends, found)?;
                        // What is sure of it.
                        let digits = 10f64.powi(9 - width(ends).log10().ceil() as i32);
                        axis.setting((at * digits).round() / digits)
                    }
                    // Every point between would take rounds of simulations.
                    HoldOn::Mean => {
                        format!("a point between {} and {}", axis.setting(ends[0]), ends[1])
                    }
                };
                remarks.push(format!("the held state's stability is {verb} at {at}"));
            }
        }
    }
    if n_unstable > 0 {
        let output = sweep.base().model.observable(hold.observable).name;
        remarks.push(format!(
            "{output} is held in an unstable state at {n_unstable} of {} points ({} above 0): simulations leave it",
            sweep.n_points(),
            OfHeld::Eigenvalue.name()
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

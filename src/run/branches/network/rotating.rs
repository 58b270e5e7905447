//! Networks of phases that turn together: equilibria in a frame that turns with them.

use crate::branches::{Found, Kind, Measure, Mode, Point};
use crate::continuation::network::Network;
use crate::continuation::{Diagram, EquilibriumBranch, Event, Problem, Rotating, Settings};
use crate::control::Control;
use crate::error::{Error, Result};
use crate::model::{Bounds, Model};
use crate::run::branches::Request;
use crate::run::branches::node::{add, diagram};

/// Two branches are the same that differ by whole turns, to this.
const SAME: f64 = 1e-6;
/// Networks of more states are followed from their start only: their locked states are too many to be looked for.
const SEARCHED: usize = 8;
/// The name of the rate at which all phases turn.
const TURNING: &str = "turning (rad/ms)";

/// The frame of a network that feels differences of phases only; `None` of others.
pub(super) fn frame<'a>(model: &Model, network: &'a Network) -> Option<Rotating<'a>> {
    let states = model.states.iter();
    let is_angle: Vec<bool> = states.map(|state| state.bounds == Bounds::Angle).collect();
    let unknowns = is_angle.iter().cycle().take(network.dimension());
    let angles = unknowns.enumerate().filter(|(_, is_angle)| **is_angle);
    let angles = angles.map(|(k, _)| k).collect();
    Rotating::new(network, &[network.parameter_start()], angles)
}

/// Follows states whose phases are locked, and, where cycles are asked for, those of the differences between phases.
///
/// # Errors
/// If no phases are locked where a large network starts; with delays, and for curves in two numbers: neither is followed in a frame that turns.
pub(super) fn follow(
    (network, frame): (&Network, &Rotating<'_>),
    start: Vec<f64>,
    request: &Request,
    control: &Control,
    found: &mut Found,
) -> Result<()> {
    if request.delays {
        let why = "the phases of this network turn together, and with delays the rate at which they do acts on what arrives";
        return Err(Error::not_applicable("--delays", why, "leave it out"));
    }
    if request.varied.len() > 1 {
        let why = "the phases of this network turn together, which is followed in one number";
        let hint = "leave it out, and set the second number by --set";
        return Err(Error::not_applicable("--and", why, hint));
    }
    let parameters = [network.parameter_start()];
    let settings = Settings {
        control: control.clone(),
        cycles: request.network_cycles > 0,
        start: Some(start.clone()),
        ..request.settings.clone()
    };
    let mut found_here = match request.from.is_none() && start.len() > SEARCHED {
        true => Diagram::through(frame, &parameters, &start, &settings)?,
        false => diagram((frame, &parameters), request, &settings)?,
    };
    drop_turned(frame, &parameters, &settings, &mut found_here);
    add((frame, &parameters), found_here, request, &settings, found);
    let solutions = found
        .solutions
        .iter_mut()
        .map(|solution| &mut solution.point);
    let branches = found.branches.iter_mut();
    let points = branches.flat_map(|branch| &mut branch.points);
    points.chain(solutions).for_each(without_own_rate);
    let modes = found
        .events()
        .filter(|(branch, _)| branch.kind == Kind::Equilibria);
    let modes = modes.map(|(_, event)| mode(frame, event)).collect();
    found.modes = modes;
    let (of, first) = (network.clone(), frame.first());
    let turning = move |u: &[f64], p: &[f64]| Rotating::turning(&of, first, u, p);
    found.measures.push(Measure::new(TURNING, turning));
    Ok(())
}

/// Where the eigenvector of an event sits.
fn mode(frame: &Rotating<'_>, event: &Event) -> Mode {
    let omega = event.omega.unwrap_or(0.0);
    let shares = frame.shares(&event.state, &event.parameters, omega);
    Mode {
        kind: event.kind,
        parameter: event.parameters[0],
        omega,
        participation: shares
            .iter()
            .map(|share| share * share)
            .sum::<f64>()
            .recip(),
        shares,
    }
}

/// Leaves out branches that are others turned: some of their phases by whole turns.
fn drop_turned(frame: &Rotating<'_>, parameters: &[f64], settings: &Settings, of: &mut Diagram) {
    let mut kept: Vec<_> = Vec::with_capacity(of.branches.len());
    for branch in of.branches.drain(..) {
        let middle = &branch.points[branch.points.len() / 2];
        let is_turned = kept.iter().any(|other: &EquilibriumBranch| {
            let there = other.equilibria_at(frame, parameters, 0, middle.parameter, settings);
            let mut there = there.iter();
            there.any(|point| frame.is_same(&point.state, &middle.state, SAME))
        });
        if !is_turned {
            kept.push(branch);
        }
    }
    of.branches = kept;
}

/// Takes the eigenvalue, or multiplier, of the frame's own equation from a point and its events.
fn without_own_rate(point: &mut Point) {
    let own = match point.period_ms {
        None => -Rotating::DECAY,
        Some(period) => (-Rotating::DECAY * period).exp(),
    };
    let events = point.events.iter_mut().map(|event| &mut event.eigenvalues);
    for values in events.chain([&mut point.eigenvalues]) {
        let away = |k: &usize| (values[*k] - own).norm();
        let nearest = (0..values.len()).min_by(|a, b| away(a).total_cmp(&away(b)));
        if let Some(nearest) = nearest {
            values.remove(nearest);
        }
    }
}

//! Cycles born at the Hopf points of a network.

use crate::branches::{Found, Kind, Point, Swing, cycle_end, fixed, orbit};
use crate::continuation::delay::branch::NetworkEvent;
use crate::continuation::delay::orbit::{
    JudgedOrbit, OrbitBranch, OrbitEvent, OrbitSettings, PeriodicOrbit,
};
use crate::continuation::network::Network;
use crate::continuation::{CycleBranch, CycleEnd, Event, EventKind, Settings, attractors_beside};
use crate::control::{Control, Reached};
use crate::error::{Remark, Result};
use crate::run::branches::{Request, Start};
use crate::study::Study;

/// Networks of more states are not searched for cycles that simulations settle on beside the known ones.
const MOST_AUDITED: usize = 40;

/// Follows the cycles of the first Hopf points, as many as `request` asks for, and those that begin elsewhere; which of the first
/// cannot be followed is told in `found`.
pub(super) fn follow(
    network: &Network,
    (study, hopf_points): (&Study, &[NetworkEvent]),
    request: &Request,
    control: &Control,
    found: &mut Found,
) -> Result<()> {
    let mut settings = request.settings.clone();
    settings.step_max = request.cycle_step_max;
    settings.control = control.clone();
    let events: Vec<Event> = hopf_points.iter().map(Event::from).collect();
    let mut branches: Vec<CycleBranch> = Vec::new();
    // Hopf points in which cycles ended that began at others.
    let mut reached: Vec<f64> = Vec::new();
    for (point, event) in hopf_points.iter().zip(&events).take(request.network_cycles) {
        if control.is_stopped() {
            break;
        }
        let parameter = event.parameters[0];
        if point.multiplicity > 1 {
            let what = format!(
                "no cycles are followed from the Hopf point at {}: {} pairs of roots cross there at once",
                fixed(parameter),
                point.multiplicity
            );
            let hint = "make the nodes slightly different, or follow one node alone";
            found.stopped.push(Remark::new(what).with_hint(hint));
            continue;
        }
        if reached.contains(&parameter) {
            continue;
        }
        let outcome = if request.delays {
            delayed(network, (point, hopf_points), request, control, found)
        } else {
            let born = CycleBranch::from_hopf(network, &[parameter], 0, event, &events, &settings);
            born.map(|branch| {
                add(network, &branch, (parameter, &request.at, &settings), found);
                let end = branch.end.clone();
                branches.push(branch);
                Some(end)
            })
        };
        match outcome {
            Ok(Some(CycleEnd::Hopf(end))) => reached.push(end),
            Ok(_) => {}
            Err(error) => found.stopped.push(error.into()),
        }
    }
    let begun = match begun_elsewhere(network, (study, &events), request, &settings) {
        Err(_) if control.is_stopped() => Vec::new(),
        begun => begun?,
    };
    let own = network.parameter_start();
    for branch in begun {
        let at = |branch: &CycleBranch| branch.cycles_at(network, &[own], 0, own, &settings);
        let there = at(&branch);
        let is_known = |other: &CycleBranch| {
            let known = at(other);
            there
                .iter()
                .any(|cycle| known.iter().any(|other| other.is_like(cycle)))
        };
        if !branches.iter().any(is_known) {
            add(network, &branch, (own, &request.at, &settings), found);
            branches.push(branch);
        }
    }
    if request.network_cycles > 0 && !request.delays && network.dim() <= MOST_AUDITED {
        settings.start = Some(network.start(study));
        let (missing, stopped) = attractors_beside(network, &[own], &branches, &events, &settings);
        for branch in missing {
            add(network, &branch, (own, &request.at, &settings), found);
        }
        let is_new = |why: &Remark| !found.stopped.contains(why);
        let new: Vec<Remark> = stopped.into_iter().filter(is_new).collect();
        found.stopped.extend(new);
    }
    Ok(())
}

/// A branch of cycles, and its cycles at the values that were asked for.
fn add(
    network: &Network,
    branch: &CycleBranch,
    (own, at, settings): (f64, &[f64], &Settings),
    found: &mut Found,
) {
    found.add_cycles(branch, &[]);
    for &value in at {
        let cycles = branch.cycles_at(network, &[own], 0, value, settings);
        found.add_solutions(cycles.iter().map(|cycle| orbit(cycle, &[])));
    }
}

/// The branches that do not begin at Hopf points: of the cycle that the study settles on, and of the one that it goes on from.
fn begun_elsewhere(
    network: &Network,
    (study, hopf_points): (&Study, &[Event]),
    request: &Request,
    settings: &Settings,
) -> Result<Vec<CycleBranch>> {
    let mut begun = Vec::new();
    let own = [network.parameter_start()];
    if let Some(Start {
        orbit: Some((times, states, period)),
        ..
    }) = &request.from
    {
        let orbit = |at: f64| Start::along(times, states, at);
        let orbit = (&orbit as &dyn Fn(f64) -> Vec<f64>, *period);
        let one = Settings {
            max_cycles: 1,
            ..settings.clone()
        };
        let first = CycleBranch::from_orbit(network, &own, 0, orbit, true, &one)?;
        let cycle = &first.cycles[0];
        let branch = CycleBranch::through(network, &own, 0, cycle, hopf_points, settings)?;
        begun.push(branch);
    }
    if request.settle {
        let start = network.start(study);
        let branch = CycleBranch::from_simulation(network, &own, 0, &start, hopf_points, settings)?;
        begun.push(branch);
    }
    Ok(begun)
}

/// With more states than this the multipliers of delayed cycles take longer than the cycles, and are
/// left out.
const MOST_JUDGED: usize = 40;

/// Cycles with delays: those born at a Hopf point, and those of twice the period that branch off from
/// these, as many times in a row as `request` asks for. Returns where the first of these branches ended.
fn delayed(
    network: &Network,
    (hopf, hopf_points): (&NetworkEvent, &[NetworkEvent]),
    request: &Request,
    control: &Control,
    found: &mut Found,
) -> Result<Option<CycleEnd>> {
    let varied = &request.varied[0];
    let mut settings = OrbitSettings::new(varied.range.into());
    settings.period_max = request.settings.period_max;
    settings.max_points = request.settings.max_cycles;
    // A cycle of few nodes moves little on the average.
    let [low, high] = varied.range;
    settings.step_max = request.cycle_step_max.min(0.05 * (high - low));
    let branch =
        OrbitBranch::from_hopf(network, hopf, settings.clone())?.ending_in(hopf_points, []);
    let begin = (
        vec![at_hopf(hopf)],
        format!("hopf at {}", fixed(hopf.equilibrium.p)),
    );
    let first = orbits(branch, begin, hopf_points, request, control, found);
    let mut todo = first.doublings;
    for _ in 0..request.settings.switches {
        let mut next: Vec<OrbitEvent> = Vec::new();
        let mut reached: Vec<f64> = Vec::new();
        for event in &todo {
            let parameter = event.orbit.p;
            if reached.contains(&parameter) {
                continue;
            }
            if control.is_stopped() {
                return Ok(first.end);
            }
            let branch = match OrbitBranch::from_doubling(network, event, settings.clone()) {
                Ok(branch) => branch.ending_in(
                    hopf_points,
                    todo.iter().filter(|other| other.orbit.p != parameter),
                ),
                Err(error) => {
                    found.stopped.push(error.into());
                    continue;
                }
            };
            let begin = (
                Vec::new(),
                format!("{} at {}", event.kind, fixed(parameter)),
            );
            let followed = orbits(branch, begin, hopf_points, request, control, found);
            // The other end of the branch begins no other one.
            if let Some(CycleEnd::PeriodDoubling(end)) = followed.end {
                reached.push(end);
            }
            next.extend(followed.doublings);
        }
        todo = next;
    }
    Ok(first.end)
}

/// What a branch of cycles with delays has led to.
struct Followed {
    /// The period doublings on it.
    doublings: Vec<OrbitEvent>,
    /// Where it ended; `None` if it was interrupted.
    end: Option<CycleEnd>,
}

/// Follows one branch of cycles with delays, which begins with `points`.
fn orbits(
    branch: OrbitBranch<'_>,
    (mut points, begin): (Vec<Point>, String),
    hopf_points: &[NetworkEvent],
    request: &Request,
    control: &Control,
    found: &mut Found,
) -> Followed {
    let network = branch.network();
    let mut orbits = Vec::new();
    let mut doublings = Vec::new();
    let mut unexplained = Vec::new();
    let mut take = |judged: JudgedOrbit| {
        let parameter = judged.orbit.p;
        if !judged.is_explained {
            unexplained.push(parameter);
        }
        points.push(judged_point(&judged, network.dim()));
        let doubles = |event: &OrbitEvent| event.kind == EventKind::PeriodDoubling;
        doublings.extend(judged.events.into_iter().filter(doubles));
        orbits.push(judged.orbit);
        Reached {
            what: "cycles",
            n_points: points.len(),
            parameter,
        }
    };
    let (branch, mut end) = match network.dim() <= MOST_JUDGED {
        true => {
            let mut judged = branch.judged();
            let end = super::each(&mut judged, control, &mut found.stopped, &mut take);
            (judged.branch, end.to_string())
        }
        false => {
            let mut branch = branch;
            let orbits = (&mut branch).map(|orbit| orbit.map(JudgedOrbit::from));
            let end = super::each(orbits, control, &mut found.stopped, &mut take);
            (branch, end.to_string())
        }
    };
    if let Some(by_itself) = branch.end() {
        end = cycle_end(by_itself, branch.homoclinic());
    }
    // The last orbits are too long for multipliers of four digits: those before count.
    let counted = points.iter().rev().find_map(|point| point.n_unstable);
    if let (Some(event), Some(n_unstable)) = (branch.homoclinic(), counted)
        && let Some(last) = points.last_mut()
    {
        last.events.push(Event {
            n_unstable_before: n_unstable,
            n_unstable_after: n_unstable,
            ..event.clone()
        });
    }
    let at_end = |hopf: &&NetworkEvent| branch.end() == Some(&CycleEnd::Hopf(hopf.equilibrium.p));
    points.extend(hopf_points.iter().find(at_end).map(at_hopf));
    for parameter in unexplained {
        let what = format!(
            "near {} the bifurcations of cycles found do not add up to the change of stability",
            fixed(parameter)
        );
        found
            .stopped
            .push(Remark::new(what).with_hint("take a smaller --step-max"));
    }
    found.add(Kind::Cycles, points, [begin, end]);
    for &value in &request.at {
        let passes = |pair: &&[PeriodicOrbit]| {
            let [a, b] = [pair[0].p, pair[1].p];
            // Each end belongs to one of two neighbours.
            (a < value && value <= b) || (b <= value && value < a)
        };
        for pair in orbits.windows(2).filter(passes) {
            let is_first = (pair[0].p - value).abs() < (pair[1].p - value).abs();
            match branch.orbit_at(&pair[usize::from(!is_first)], value) {
                Ok(orbit) => {
                    let mut point = plain(&orbit, network.dim());
                    point.parameters = vec![value];
                    found.add_solutions([point]);
                }
                Err(error) => found.stopped.push(error.into()),
            }
        }
    }
    Followed {
        end: branch.end().cloned(),
        doublings,
    }
}

/// The Hopf point as a cycle of no amplitude.
fn at_hopf(hopf: &NetworkEvent) -> Point {
    let event = Event::from(hopf);
    Point {
        parameters: event.parameters,
        state: event.state.clone(),
        eigenvalues: Vec::new(),
        n_unstable: None,
        stability: None,
        residual: event.residual,
        period_ms: event.period,
        coefficient: None,
        is_bifurcation: false,
        is_on_cycle: false,
        cycle: Some(Swing {
            minima: event.state.clone(),
            maxima: event.state.clone(),
            times: vec![0.0, 1.0],
            profile: vec![event.state; 2],
            mesh_error: None,
        }),
        events: Vec::new(),
    }
}

/// An orbit with its multipliers, if they were computed, and the bifurcations before it.
fn judged_point(judged: &JudgedOrbit, dim: usize) -> Point {
    let mut point = plain(&judged.orbit, dim);
    if let Some(multipliers) = &judged.multipliers {
        point.eigenvalues = multipliers.values.clone();
        point.n_unstable = Some(multipliers.n_unstable());
    }
    point.events = judged.events.iter().map(Event::from).collect();
    point
}

fn plain(orbit: &PeriodicOrbit, dim: usize) -> Point {
    let (times, profile) = orbit.profile();
    let (minima, maxima) = (0..dim).map(|k| orbit.extrema(k)).unzip();
    Point {
        parameters: vec![orbit.p],
        state: profile[0].clone(),
        eigenvalues: Vec::new(),
        n_unstable: None,
        stability: None,
        residual: orbit.residual,
        period_ms: Some(orbit.period_ms()),
        coefficient: None,
        is_bifurcation: false,
        is_on_cycle: false,
        cycle: Some(Swing {
            minima,
            maxima,
            times,
            profile,
            mesh_error: None,
        }),
        events: Vec::new(),
    }
}

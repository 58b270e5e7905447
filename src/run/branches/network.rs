//! A network as a source of branches: the equilibrium of all nodes at once, its stability with or without the delays, and the
//! cycles born on it.

mod curves;
mod cycles;
mod equilibria;
mod rotating;

use super::node::subject;
use super::{Request, Start};
use crate::branches::{Found, STOPPED, Varied};
use crate::connectome::Delays;
use crate::continuation::Problem;
use crate::continuation::delay::branch::NetworkBranchSettings;
use crate::continuation::network::Network;
use crate::continuation::network_plane::NetworkPlane;
use crate::control::{Control, Reached};
use crate::error::{Error, Remark, Result};
use crate::run::counted;
use crate::study::{Study, key};
use equilibria::Equilibria;

/// Follows what `request` asks for.
pub(super) fn follow(study: &Study, request: &Request, control: &Control) -> Result<Found> {
    let network = network(study, request)?;
    let settings = settings(request);
    let plane = match &request.varied[..] {
        [first, second] => {
            let paths = [first.path.as_str(), second.path.as_str()];
            Some(NetworkPlane::new(study, paths, request.delays)?)
        }
        _ => None,
    };
    let mut varied = request.varied.iter();
    let speed_varies = varied.any(|varied| varied.path.ends_with("speed"));
    let delayed = match (request.delays, study.coupling.conduction_speed) {
        (true, speed) if speed_varies || speed.is_infinite() => "with delays".into(),
        (true, _) if matches!(study.connectome.delays, Delays::Steps(_)) => {
            "delays given in steps".into()
        }
        (true, _) if matches!(study.connectome.delays, Delays::Milliseconds(_)) => {
            "delays given in ms".into()
        }
        (true, speed) => format!("delays at {speed} mm/ms"),
        (false, _) => "without delays".into(),
    };
    let names = study.coupling.terms.iter().map(|term| term.name.as_str());
    let names: Vec<&str> = names.collect();
    let coupling = match names.as_slice() {
        [] => "no coupling".into(),
        names => format!("{} coupling", names.join(" and ")),
    };
    let mut found = Found {
        subject: format!(
            "{}, {}, {coupling}, {delayed}",
            subject(study, request),
            counted(network.n_nodes(), "node")
        ),
        varied: request.varied.clone(),
        states: network.unknown_names(),
        branches: Vec::new(),
        nodes: study.connectome.labels.clone(),
        modes: Vec::new(),
        measures: request.measures.clone(),
        beside: request.beside.clone(),
        solutions: Vec::new(),
        stopped: Vec::new(),
        unexplained: Default::default(),
    };
    if let Some(frame) = rotating::frame(study.model, &network) {
        let start = network.start(study);
        rotating::follow((&network, &frame), start, request, control, &mut found)?;
        return Ok(found);
    }
    let mut equilibria = Equilibria::new(&network, settings, control);
    match &request.from {
        Some(Start { orbit: Some(_), .. }) if request.delays => {
            let why = "cycles with delays are followed from their Hopf points";
            let hint =
                "name a point of a branch of equilibria and say --cycles, or leave --delays out";
            return Err(Error::not_applicable("--from", why, hint));
        }
        // Of a cycle the Hopf points are looked for, too, in which its branch may end.
        None | Some(Start { orbit: Some(_), .. }) => {
            equilibria.follow_from(&network.start(study), &mut found)?;
            equilibria.follow_others(request.settings.search_box, &mut found);
        }
        Some(start) => {
            let value = network.parameter_start();
            equilibria.go_on_from(&start.state, value, &mut found)?;
        }
    }
    equilibria.solve_at(&request.at, &mut found);
    let Equilibria {
        modes, hopf_points, ..
    } = equilibria;
    found.modes = modes;
    cycles::follow(
        &network,
        (study, &hopf_points),
        request,
        control,
        &mut found,
    )?;
    if let Some(plane) = plane {
        let own = plane.network(1, [network.parameter_start(); 2])?;
        let own = own.parameter_start();
        found.complete(&[own]);
        curves::follow(plane, (study, own), request, control, &mut found)?;
    }
    Ok(found)
}

/// Takes the points of a branch until it ends, fails or is stopped; says which of these. `take` says
/// how far the branch has come.
fn each<T>(
    points: impl Iterator<Item = Result<T>>,
    control: &Control,
    stopped: &mut Vec<Remark>,
    mut take: impl FnMut(T) -> Reached,
) -> &'static str {
    let mut end = "bound of the range";
    for point in points {
        match point {
            Ok(point) => {
                control.goes_on(take(point));
            }
            Err(error) => {
                stopped.push(error.into());
                end = STOPPED;
            }
        }
        if control.is_stopped() {
            break;
        }
    }
    match control.is_stopped() {
        true => "interrupted",
        false => end,
    }
}

/// The network with the first number that varies.
fn network(study: &Study, request: &Request) -> Result<Network> {
    let network = Network::new(study, &request.varied[0].path)?;
    let is_speed = |number: &&Varied| number.path == key::CONDUCTION_SPEED.path;
    if let Some(number) = request.varied.iter().find(is_speed)
        && !request.delays
    {
        let why = "equilibria do not depend on delays";
        let hint = Some("say --delays: delays decide the stability");
        return Err(Error::unusable(&number.path, "followed", why, hint));
    }
    Ok(match request.delays {
        true => network,
        false => network.without_delays(),
    })
}

/// Steps as for one node, in the parameter and the root mean square of the states.
fn settings(request: &Request) -> NetworkBranchSettings {
    let [low, high] = request.varied[0].range;
    let mut settings = NetworkBranchSettings::new((low, high));
    settings.step_max = match request.delays {
        true => request.delayed_step_max,
        false => request.settings.step_max,
    };
    settings.step = settings.step.min(settings.step_max);
    settings.step_min = request.settings.step_min;
    settings.max_points = request.settings.max_points;
    settings
}

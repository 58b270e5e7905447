//! One node of a study as a source of branches.

use super::{Request, Start};
use crate::Control;
use crate::branches::{Found, equilibrium, orbit};
use crate::continuation::{Chart, Diagram, NodeProblem, Problem, Settings};
use crate::error::Result;
use crate::study::{Study, Values};

/// Follows what `request` asks for.
pub(super) fn follow(study: &Study, request: &Request, control: &Control) -> Result<Found> {
    let names: Vec<&str> = request.varied.iter().map(|v| v.name.as_str()).collect();
    let node = NodeProblem::of_study(study, 0, &names)?;
    let mut found = Found {
        subject: subject(study, request),
        varied: request.varied.clone(),
        states: study.model.states.iter().map(|s| s.name.into()).collect(),
        branches: Vec::new(),
        nodes: Vec::new(),
        modes: Vec::new(),
        measures: request.measures.clone(),
        beside: request.beside.clone(),
        solutions: Vec::new(),
        stopped: Vec::new(),
        unexplained: Default::default(),
    };
    let start = study.initial.state.iter().map(|state| state.middle(0));
    let settings = Settings {
        control: control.clone(),
        start: Some(start.collect()),
        ..request.settings.clone()
    };
    let diagram = diagram((&node, node.start()), request, &settings)?;
    add(
        (&node, node.start()),
        diagram,
        request,
        &settings,
        &mut found,
    );
    if let [first, second] = &request.varied[..]
        && !control.is_stopped()
    {
        let ranges = [first.range, second.range];
        let chart = Chart::new(&node, node.start(), ranges, &settings)?;
        for curve in &chart.curves {
            found.add_curve(curve);
        }
        let told = found.stopped.clone();
        found
            .stopped
            .extend(chart.stopped.into_iter().filter(|s| !told.contains(s)));
    }
    Ok(found)
}

/// The diagram of a problem at these values of its parameters: from the search, or from where the request says; and what a simulation
/// settles on from the settings' start, if it is asked for.
pub(super) fn diagram(
    (problem, parameters): (&dyn Problem, &[f64]),
    request: &Request,
    settings: &Settings,
) -> Result<Diagram> {
    let mut diagram = match &request.from {
        None => Diagram::new(problem, parameters, settings)?,
        Some(Start {
            orbit: Some((times, states, period)),
            ..
        }) => {
            let orbit = |at: f64| Start::along(times, states, at);
            Diagram::through_orbit(problem, parameters, (&orbit, *period), settings)?
        }
        Some(start) => Diagram::through(problem, parameters, &start.state, settings)?,
    };
    if request.settle
        && let Some(state) = &settings.start
    {
        match diagram.add_simulated(problem, parameters, state, settings) {
            Err(_) if settings.control.is_stopped() => {}
            outcome => outcome?,
        }
    }
    Ok(diagram)
}

/// Adds the branches of a diagram, and their solutions where they are asked for.
pub(super) fn add(
    (problem, parameters): (&dyn Problem, &[f64]),
    diagram: Diagram,
    request: &Request,
    settings: &Settings,
    found: &mut Found,
) {
    let rest = &parameters[1..];
    for branch in &diagram.branches {
        found.add_equilibria(branch, rest);
        for &value in &request.at {
            let points = branch.equilibria_at(problem, parameters, 0, value, settings);
            found.add_solutions(points.iter().map(|point| equilibrium(point, rest)));
        }
    }
    for branch in &diagram.cycles {
        found.add_cycles(branch, rest);
        for &value in &request.at {
            let cycles = branch.cycles_at(problem, parameters, 0, value, settings);
            found.add_solutions(cycles.iter().map(|cycle| orbit(cycle, rest)));
        }
    }
    // What stopped a branch is told by the branch; the rest are cycles that did not even begin.
    let told = found.stopped.clone();
    found
        .stopped
        .extend(diagram.stopped.into_iter().filter(|s| !told.contains(s)));
}

/// The model, with the numbers that are not its defaults.
pub(super) fn subject(study: &Study, request: &Request) -> String {
    let model = study.model;
    let varied = |name: &str| request.varied.iter().any(|v| v.name == name);
    let n_nodes = study.connectome.n_nodes();
    let shown = |name: &str, values: &Values, default: f64| {
        let values = values.expand(n_nodes);
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        match (varied(name), least == largest) {
            (true, _) => None,
            (false, true) => (least != default).then(|| format!("{name}={least}")),
            (false, false) => Some(format!("{name}={least} to {largest}")),
        }
    };
    let parameters = model.parameters.iter().zip(&study.parameters);
    let set = parameters.filter_map(|(p, values)| shown(p.name, values, p.default));
    let inputs = model.inputs.iter().zip(&study.input);
    let given = inputs.filter_map(|(input, values)| shown(input.symbol, values, 0.0));
    let told: Vec<String> = set.chain(given).collect();
    if told.is_empty() {
        model.name.into()
    } else {
        format!("{}: {}", model.name, told.join(", "))
    }
}

//! Branches to be looked into on a page: every state and measure over the parameter, orbits, curves in two parameters.

use serde_json::{Value, json};

use super::{chart, diagram, in_lines, marks};
use crate::branches::{Branch, Found, Kind, Point, Varied, orbit};
use crate::continuation::{Event, Stability};
use crate::model::Model;
use crate::plot::{Color, Stroke};
use crate::report::{Curve, Curves, Dash, Mark, Number, Numbers, Orbit, Quantity, every};

/// Cycles of a branch that are drawn over their period, at most, and moments of each.
const MOST_ORBITS: usize = 40;
const MOST_MOMENTS: usize = 120;

/// Branches over the first parameter, and the curves in two; what there is of them.
pub fn views(found: &Found, model: &Model) -> Vec<Curves> {
    let mut all = Vec::new();
    if found.branches.iter().any(|branch| !branch.kind.is_curve()) {
        all.push(over_one(found, model));
    }
    if found.branches.iter().any(|branch| branch.kind.is_curve()) {
        all.push(over_two(found));
    }
    all
}

/// A number of a solution, and how it is had: its value at an equilibrium twice, its extrema on a cycle.
struct Shown<'a> {
    of: Quantity,
    ends: Box<Ends<'a>>,
}

/// The least and the largest value at a point.
type Ends<'a> = dyn Fn(&Point) -> [f64; 2] + 'a;

/// What is drawn over the parameter: the states of a node; of a network their means over the nodes; the measures that were asked for.
fn shown<'a>(found: &'a Found, model: &'a Model) -> Vec<Shown<'a>> {
    let n_states = model.states.len();
    let states = model.states.iter().enumerate().map(|(index, state)| {
        let name = match found.nodes.is_empty() {
            true => format!("{}, {}", state.name, state.meaning),
            false => format!("{}, mean over nodes", state.name),
        };
        let ends = move |point: &Point| {
            let mean = |of: &[f64]| mean_of(of, index, n_states);
            match &point.cycle {
                Some(swing) => [mean(&swing.minima), mean(&swing.maxima)],
                None => [mean(&point.state); 2],
            }
        };
        Shown {
            of: quantity(&name, state.unit),
            ends: Box::new(ends),
        }
    });
    let measures = found.measures.iter().map(|measure| Shown {
        of: quantity(&measure.name, "1"),
        ends: Box::new(|point| measure.extrema(point)),
    });
    states.chain(measures).collect()
}

/// The mean over the nodes of a state.
fn mean_of(all: &[f64], index: usize, n_states: usize) -> f64 {
    let nodes = || all.iter().skip(index).step_by(n_states);
    nodes().sum::<f64>() / nodes().count().max(1) as f64
}

fn quantity(name: &str, unit: &str) -> Quantity {
    Quantity {
        name: name.into(),
        unit: unit.into(),
    }
}

fn over_one(found: &Found, model: &Model) -> Curves {
    let shown = shown(found, model);
    let of_kind = |kind| found.of(kind);
    let curves = of_kind(Kind::Cycles).chain(of_kind(Kind::Equilibria));
    let network = !found.nodes.is_empty();
    let marks = diagram::drawn(found).filter_map(|(branch, event)| {
        let (letters, name, _) = marks::event(event.kind)?;
        let point = point_of(branch, event);
        let y = shown.iter().map(|one| {
            let [low, high] = (one.ends)(&point);
            match low == high {
                true => vec![low],
                false => vec![low, high],
            }
        });
        Some(Mark {
            x: event.parameters[0],
            y: y.collect(),
            letters: letters.into(),
            name: name.into(),
            facts: facts(found, Some(branch), event),
        })
    });
    let marks = marks.collect();
    let orbits: Vec<Orbit> = of_kind(Kind::Cycles)
        .flat_map(|branch| orbits(branch, model))
        .collect();
    let remark = match (orbits.is_empty(), network) {
        (true, _) => "",
        (false, false) => "click a branch of cycles for the orbit nearest to the click",
        (false, true) => {
            "click a branch of cycles for the orbit nearest to the click, as a mean over nodes; \
             the extrema of cycles are means over nodes, too"
        }
    };
    Curves {
        title: in_lines(&found.subject),
        x: varied(&found.varied[0]),
        curves: curves
            .flat_map(|branch| pieces(branch, &shown, network))
            .collect(),
        y: shown.into_iter().map(|one| one.of).collect(),
        marks,
        orbits,
        states: model
            .states
            .iter()
            .map(|state| quantity(state.name, state.unit))
            .collect(),
        remark: remark.into(),
    }
}

fn varied(number: &Varied) -> Quantity {
    quantity(&number.name, &number.unit)
}

/// An event as a point of its branch.
fn point_of(branch: &Branch, event: &Event) -> Point {
    if let (Kind::Cycles, Some(cycle)) = (branch.kind, &event.cycle) {
        return orbit(cycle, &event.parameters[1..]);
    }
    Point {
        parameters: event.parameters.clone(),
        state: event.state.clone(),
        eigenvalues: Vec::new(),
        n_unstable: None,
        stability: None,
        residual: event.residual,
        period_ms: event.period,
        coefficient: event.coefficient,
        is_bifurcation: true,
        is_on_cycle: false,
        cycle: None,
        events: Vec::new(),
    }
}

/// How a piece of a branch is drawn.
#[derive(Clone, Copy, PartialEq)]
enum Look {
    Equilibria(Stability),
    Cycles(bool),
    /// Equilibria of which it is only known whether they are stable.
    Stable(bool),
}

impl Look {
    fn of(branch: &Branch, point: &Point, network: bool) -> Self {
        let stable = point.n_unstable == Some(0);
        match (branch.kind, point.stability.filter(|_| !network)) {
            (Kind::Cycles, _) => Self::Cycles(stable),
            (_, Some(stability)) => Self::Equilibria(stability),
            (_, None) => Self::Stable(stable),
        }
    }

    fn style(self) -> (String, Color, Stroke) {
        match self {
            Self::Equilibria(stability) => marks::equilibria(stability),
            Self::Cycles(stable) => {
                let (name, color, stroke) = marks::cycles(stable);
                (name.into(), color, stroke)
            }
            Self::Stable(stable) => {
                let name = if stable { "stable" } else { "unstable" };
                let color = Color::QUALITATIVE[usize::from(!stable)];
                (name.into(), color, marks::stroke(stable))
            }
        }
    }
}

/// A branch by stability; where that changes is a point of both pieces.
fn pieces(branch: &Branch, shown: &[Shown], network: bool) -> Vec<Curve> {
    let (mut points, mut looks) = (Vec::new(), Vec::new());
    for (k, point) in branch.points.iter().enumerate() {
        let look = Look::of(branch, point, network);
        let before = branch.points[k.saturating_sub(1)..][..1].iter();
        let before = before.map(|point| Look::of(branch, point, network)).next();
        for (i, event) in point.events.iter().enumerate() {
            let is_last = i + 1 == point.events.len();
            let is_cycle = branch.kind == Kind::Cycles;
            if is_cycle && event.cycle.is_none() {
                continue;
            }
            points.push(point_of(branch, event));
            looks.push(if is_cycle || is_last {
                look
            } else {
                before.unwrap_or(look)
            });
        }
        points.push(Point {
            events: Vec::new(),
            ..point.clone()
        });
        looks.push(look);
    }
    if branch.kind == Kind::Cycles {
        diagram::ends_count_with_neighbours(&mut looks);
    }
    let pieces = marks::pieces(&looks).into_iter();
    pieces
        .map(|(look, range)| curve(branch, &points[range], look, shown))
        .collect()
}

fn curve(branch: &Branch, points: &[Point], look: Look, shown: &[Shown]) -> Curve {
    let (name, color, stroke) = look.style();
    let is_cycle = branch.kind == Kind::Cycles;
    let ends = |which: usize| -> Vec<Numbers> {
        let of = |one: &Shown| Numbers::double(points.iter().map(|p| (one.ends)(p)[which]));
        shown.iter().map(of).collect()
    };
    let mut more = Vec::new();
    let mut add = |name: &str, unit: &str, value: &dyn Fn(&Point) -> f64| {
        more.push(Number {
            name: name.into(),
            unit: unit.into(),
            meaning: String::new(),
            values: Numbers::double(points.iter().map(value)),
        });
    };
    if is_cycle {
        add("period", "ms", &|p| p.period_ms.unwrap_or(f64::NAN));
    } else {
        let first = |p: &Point| p.eigenvalues.first().copied();
        add("rightmost eigenvalue, real part", "1/ms", &|p| {
            first(p).map_or(f64::NAN, |value| value.re)
        });
        add("its imaginary part", "1/ms", &|p| {
            first(p).map_or(f64::NAN, |value| value.im)
        });
    }
    Curve {
        name,
        branch: branch.name.clone(),
        color: color.hex(),
        dash: dash(stroke),
        x: Numbers::double(points.iter().map(|p| p.parameters[0])),
        y: ends(0),
        to: if is_cycle { ends(1) } else { Vec::new() },
        more,
    }
}

fn dash(stroke: Stroke) -> Dash {
    match stroke {
        Stroke::Dashed => Dash::Dashed,
        Stroke::Dotted => Dash::Dotted,
        Stroke::None => Dash::Points,
        _ => Dash::Solid,
    }
}

/// Cycles of a branch over their period, some where there are many.
fn orbits(branch: &Branch, model: &Model) -> Vec<Orbit> {
    let n_states = model.states.len();
    let cycles = branch.points.iter();
    let cycles: Vec<_> = cycles
        .filter_map(|point| Some((point, point.cycle.as_ref()?)))
        .collect();
    let some = cycles.iter().step_by(every(cycles.len(), MOST_ORBITS));
    let orbits = some.map(|(point, swing)| {
        let kept = || (0..swing.times.len()).step_by(every(swing.times.len(), MOST_MOMENTS));
        let states = kept().flat_map(|k| {
            let all = &swing.profile[k];
            (0..n_states).map(|index| mean_of(all, index, n_states) as f32)
        });
        Orbit {
            branch: branch.name.clone(),
            x: point.parameters[0],
            period_ms: point.period_ms.unwrap_or(f64::NAN),
            stable: point.n_unstable.map(|n| n == 0),
            time: Numbers::single(kept().map(|k| swing.times[k] as f32)),
            states: Numbers::single(states),
        }
    });
    orbits.collect()
}

/// What is known of an event.
fn facts(found: &Found, branch: Option<&Branch>, event: &Event) -> Vec<(String, Value)> {
    let mut all: Vec<(String, Value)> = Vec::new();
    let mut add = |name: &str, value: Value| all.push((name.into(), value));
    if let Some(branch) = branch {
        add("on", json!(branch.name));
    }
    for (varied, value) in found.varied.iter().zip(&event.parameters) {
        add(&varied.name, json!(value));
    }
    for (name, value) in [
        ("angular frequency (rad/ms)", event.omega),
        ("period (ms)", event.period),
        ("coefficient", event.coefficient),
    ] {
        if let Some(value) = value {
            add(name, json!(value));
        }
    }
    if let Some(criticality) = event.criticality {
        add("criticality", json!(criticality.to_string()));
    }
    if branch.is_some() {
        let change = format!("{} to {}", event.n_unstable_before, event.n_unstable_after);
        add("unstable directions", json!(change));
    }
    all
}

/// Curves of bifurcations in the plane of two parameters.
fn over_two(found: &Found) -> Curves {
    let curves = found
        .branches
        .iter()
        .filter(|branch| branch.kind.is_curve());
    let curves = curves.flat_map(|branch| {
        let (points, looks) = chart::looks(branch);
        let pieces = marks::pieces(&looks).into_iter();
        let curves = pieces.map(|(look, range)| {
            let (name, color, stroke) = look.style();
            let along = |k: usize| Numbers::double(points[range.clone()].iter().map(|p| p[k]));
            Curve {
                name: name.into(),
                branch: branch.name.clone(),
                color: color.hex(),
                dash: dash(stroke),
                x: along(0),
                y: vec![along(1)],
                to: Vec::new(),
                more: Vec::new(),
            }
        });
        curves.collect::<Vec<_>>()
    });
    let marked = chart::marked(found).into_iter();
    let marks = marked.map(|(event, (letters, name, _))| Mark {
        x: event.parameters[0],
        y: vec![vec![event.parameters[1]]],
        letters: letters.into(),
        name: name.into(),
        facts: facts(found, None, event),
    });
    Curves {
        title: format!("bifurcations in two parameters\n{}", found.subject),
        x: varied(&found.varied[0]),
        y: vec![varied(&found.varied[1])],
        curves: curves.collect(),
        marks: marks.collect(),
        orbits: Vec::new(),
        states: Vec::new(),
        remark: String::new(),
    }
}

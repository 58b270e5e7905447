//! Diagrams over one parameter: equilibria and the extrema of cycles, state by state; periods.

use super::{marks, plot, state};
use crate::cli::bifurcate::found::{Branch, Found, Kind, Place};
use crate::continuation::{Event, EventKind};
use crate::error::Result;
use crate::model::ModelSpec;
use crate::plot::{Color, Figure, Lines, Panels, Series};

/// Every state over the parameter: equilibria, cycles between their extrema, events.
pub(super) fn states(found: &Found, model: &ModelSpec) -> Result<Figure> {
    let panels = (0..found.states.len()).map(|index| {
        let mut panel = plot(found, model, state(model, index)).size_pt(400.0, 190.0);
        for branch in found.of(Kind::Cycles) {
            panel = panel.extend(bands(branch, index));
        }
        for branch in found.of(Kind::Equilibria) {
            panel = panel.extend(equilibria(branch, index));
        }
        for branch in found.of(Kind::Cycles) {
            panel = panel.extend(extrema(branch, index));
        }
        for (branch, event) in drawn(found) {
            let places = match branch.kind {
                Kind::Cycles => heights(branch, event, index),
                _ => vec![event.state[index]],
            };
            panel = marked(panel, event, &places);
        }
        panel
    });
    Panels::stack(panels).title(&found.subject).figure()
}

/// The period of cycles over the parameter.
pub(super) fn period(found: &Found, model: &ModelSpec) -> Result<Figure> {
    let mut panel = plot(found, model, "period (ms)".into()).title(&found.subject);
    for branch in found.of(Kind::Cycles) {
        let point = |p: &Place| [p.parameters[0], p.period_ms.unwrap_or(f64::NAN)];
        let points: Vec<[f64; 2]> = branch.places.iter().map(point).collect();
        let stable: Vec<bool> = branch.places.iter().map(|p| p.n_unstable == 0).collect();
        panel = panel.extend(marks::runs(&points, &stable, |s| Some(marks::cycles(s))));
    }
    let hopfs = drawn(found).filter(|(_, event)| event.kind == EventKind::Hopf);
    let on_cycles = drawn(found).filter(|(branch, _)| branch.kind == Kind::Cycles);
    for (_, event) in hopfs.chain(on_cycles) {
        panel = marked(panel, event, event.period.as_slice());
    }
    panel.figure()
}

/// Events that the diagrams show.
fn drawn(found: &Found) -> impl Iterator<Item = (&Branch, &Event)> {
    let shown = |kind| !matches!(kind, EventKind::NeutralSaddle);
    found
        .events()
        .filter(move |(branch, event)| !branch.kind.is_curve() && shown(event.kind))
}

/// Marks an event at its parameter and at each of `heights`; the first gets its letters.
fn marked(mut panel: Lines, event: &Event, heights: &[f64]) -> Lines {
    let Some((letters, name, marker)) = marks::event(event.kind) else {
        return panel;
    };
    let x = event.parameters[0];
    for (k, &y) in heights.iter().enumerate() {
        let mark = Series::new(name, [x], [y]).color(Color::INK);
        panel = panel.add(mark.stroke(crate::plot::Stroke::None).marker(marker));
        if k == 0 {
            panel = panel.note(x, y, letters);
        }
    }
    panel
}

/// Heights of the marks of an event on a branch of cycles: the state's extrema; of an end at infinite period the equilibrium.
fn heights(branch: &Branch, event: &Event, index: usize) -> Vec<f64> {
    if is_end(event) {
        return vec![event.state[index]];
    }
    let k = branch
        .places
        .iter()
        .position(|place| place.events.iter().any(|e| std::ptr::eq(e, event)));
    match k {
        Some(k) if k > 0 => extrema_at(&branch.places[k - 1..=k], event, index).to_vec(),
        _ => Vec::new(),
    }
}

/// The extrema of a state on the cycle of an event between two cycles, by its period.
fn extrema_at(pair: &[Place], event: &Event, index: usize) -> [f64; 2] {
    let [before, after] = [0, 1].map(|k| pair[k].period_ms.unwrap_or(f64::NAN));
    let share = (event.period.unwrap_or(before) - before) / (after - before);
    let share = if share.is_finite() {
        share.clamp(0.0, 1.0)
    } else {
        0.5
    };
    let [a, b] = [0, 1].map(|k| extrema_of(&pair[k], index));
    [0, 1].map(|k| a[k] + share * (b[k] - a[k]))
}

/// Largest and smallest value of a state on a cycle.
fn extrema_of(place: &Place, index: usize) -> [f64; 2] {
    match &place.cycle {
        Some(swing) => [swing.maxima[index], swing.minima[index]],
        None => [f64::NAN; 2],
    }
}

/// Equilibria by type; where it changes is a point of both pieces.
fn equilibria(branch: &Branch, index: usize) -> Vec<Series> {
    let (mut points, mut classes) = (Vec::new(), Vec::new());
    for (k, place) in branch.places.iter().enumerate() {
        for (i, event) in place.events.iter().enumerate() {
            points.push([event.parameters[0], event.state[index]]);
            let last = i + 1 == place.events.len();
            classes.push(branch.places[if last { k } else { k - 1 }].stability);
        }
        points.push([place.parameters[0], place.state[index]]);
        classes.push(place.stability);
    }
    marks::runs(&points, &classes, |stability| {
        stability.map(marks::equilibria)
    })
}

/// Cycles as three numbers each, parameter, largest and smallest value of a state, with whether they are stable; where that changes
/// is one of them.
fn swings(branch: &Branch, index: usize) -> (Vec<[f64; 3]>, Vec<bool>) {
    let (mut points, mut classes) = (Vec::new(), Vec::new());
    for (k, place) in branch.places.iter().enumerate() {
        let stable = place.n_unstable == 0;
        for event in place.events.iter().filter(|e| !is_end(e)) {
            if k > 0 {
                let [high, low] = extrema_at(&branch.places[k - 1..=k], event, index);
                points.push([event.parameters[0], high, low]);
                classes.push(stable);
            }
        }
        let [high, low] = extrema_of(place, index);
        points.push([place.parameters[0], high, low]);
        classes.push(stable);
    }
    // A Hopf point is no cycle: it counts with those beside it.
    if let [_, second, ..] = classes[..] {
        classes[0] = second;
    }
    if let [.., before, _] = classes[..] {
        *classes.last_mut().expect("there are two") = before;
    }
    (points, classes)
}

/// Whether cycles end there at infinite period.
fn is_end(event: &Event) -> bool {
    matches!(event.kind, EventKind::Snic | EventKind::Homoclinic)
}

/// The largest and smallest values of a state on the cycles of a branch.
fn extrema(branch: &Branch, index: usize) -> Vec<Series> {
    let (points, classes) = swings(branch, index);
    let of = |edge: usize| -> Vec<[f64; 2]> { points.iter().map(|p| [p[0], p[edge]]).collect() };
    [1, 2]
        .iter()
        .flat_map(|&edge| marks::runs(&of(edge), &classes, |s| Some(marks::cycles(s))))
        .collect()
}

/// What the cycles of a branch fill.
fn bands(branch: &Branch, index: usize) -> Vec<Series> {
    let (points, classes) = swings(branch, index);
    let mut all = Vec::new();
    let mut first = 0;
    for k in 1..=points.len() {
        if k < points.len() && classes[k] == classes[first] {
            continue;
        }
        let piece = &points[first..(k + 1).min(points.len())];
        let [x, high, low] = [0, 1, 2].map(|axis| piece.iter().map(move |p| p[axis]));
        let (_, color, _) = marks::cycles(classes[first]);
        all.push(Series::band("", x, low, high).color(color));
        first = k;
    }
    all
}

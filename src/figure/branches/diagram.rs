//! Diagrams over one parameter: equilibria and the extrema of cycles, state by state; periods.

use super::{beside, in_lines, marks, plot, smooth, state};
use crate::branches::{Branch, Found, Kind, Point};
use crate::continuation::{Event, EventKind};
use crate::error::Result;
use crate::model::Model;
use crate::plot::{Color, Figure, Lines, Panels, Series, Stroke};

/// Every state over the parameter: equilibria, cycles between their extrema, events.
pub(super) fn states(found: &Found, model: &Model) -> Result<Figure> {
    let panels = (0..found.states.len()).map(|index| {
        let panel = plot(found, state(model, index)).size_pt(400.0, 190.0);
        let cycles = || found.of(Kind::Cycles);
        let mut series: Vec<Series> = cycles().flat_map(|b| bands(b, index)).collect();
        let equilibria = found.of(Kind::Equilibria);
        series.extend(equilibria.flat_map(|b| equilibria_of(b, index)));
        series.extend(cycles().flat_map(|b| extrema(b, index)));
        series.extend(beside::state(found, index));
        let mut notes = Vec::new();
        for (branch, event) in drawn(found) {
            let heights = match branch.kind {
                Kind::Cycles => heights(event, index),
                _ => vec![event.state[index]],
            };
            mark(&mut series, &mut notes, event, &heights);
        }
        // One legend does for all panels.
        let named = series
            .into_iter()
            .map(|s| if index == 0 { s } else { s.named("") });
        noted(panel.extend(named), notes)
    });
    Panels::stack(panels).title(title(found)).figure()
}

/// The period of cycles over the parameter.
pub(super) fn period(found: &Found) -> Result<Figure> {
    let panel = plot(found, "period (ms)".into()).title(title(found));
    let periods = || found.of(Kind::Cycles).flat_map(|b| &b.points);
    let periods = || periods().filter_map(|p| p.period_ms);
    let (low, high) = (
        periods().fold(f64::INFINITY, f64::min),
        periods().fold(0.0, f64::max),
    );
    // Towards infinite period.
    let is_log = high > 20.0 * low;
    let (mut series, mut notes) = (Vec::new(), Vec::new());
    for branch in found.of(Kind::Cycles) {
        let (mut points, mut classes) = (Vec::new(), Vec::new());
        for point in &branch.points {
            let stable = point.n_unstable == Some(0);
            for event in point.events.iter().filter(|e| !is_end(e)) {
                points.push([event.parameters[0], event.period.unwrap_or(f64::NAN)]);
                classes.push(stable);
            }
            points.push([point.parameters[0], point.period_ms.unwrap_or(f64::NAN)]);
            classes.push(stable);
        }
        ends_count_with_neighbours(&mut classes);
        // Smooth as it is seen.
        let seen = |[x, y]: &[f64; 2]| [*x, if is_log { y.ln() } else { *y }];
        let told = |[x, y]: [f64; 2]| [x, if is_log { y.exp() } else { y }];
        let points: Vec<[f64; 2]> = points.iter().map(seen).collect();
        let (points, classes) = smooth::curve(&points, &classes);
        let points: Vec<[f64; 2]> = points.into_iter().map(told).collect();
        series.extend(marks::runs(&points, &classes, |s| Some(marks::cycles(s))));
    }
    for (branch, event) in drawn(found) {
        if branch.kind == Kind::Cycles || event.kind.is_hopf() {
            mark(&mut series, &mut notes, event, event.period.as_slice());
        }
    }
    series.extend(beside::period(found));
    let panel = noted(panel.extend(series), notes);
    match is_log {
        true => panel.y_log().figure(),
        false => panel.figure(),
    }
}

/// What was followed, with the second parameter's value, where there is one.
fn title(found: &Found) -> String {
    let point = found.of(Kind::Equilibria).next().map(|b| &b.points[0]);
    match (found.varied.get(1), point) {
        (Some(second), Some(point)) => {
            let joint = if found.subject.contains(':') {
                ", "
            } else {
                ": "
            };
            let value = point.parameters[1];
            in_lines(&format!("{}{joint}{}={value}", found.subject, second.name))
        }
        _ => in_lines(&found.subject),
    }
}

/// Events that the diagrams show.
pub(super) fn drawn(found: &Found) -> impl Iterator<Item = (&Branch, &Event)> {
    let shown = |kind| !matches!(kind, EventKind::NeutralSaddle);
    found
        .events()
        .filter(move |(branch, event)| !branch.kind.is_curve() && shown(event.kind))
}

/// Words beside a point.
type Letters = (f64, f64, &'static str);

/// Marks an event at its parameter and at each of `heights`; the first gets its letters.
fn mark(series: &mut Vec<Series>, notes: &mut Vec<Letters>, event: &Event, heights: &[f64]) {
    let Some((letters, name, marker)) = marks::event(event.kind) else {
        return;
    };
    let x = event.parameters[0];
    for &y in heights {
        let point = Series::new(name, [x], [y]).color(Color::INK);
        series.push(point.stroke(Stroke::None).marker(marker));
    }
    notes.extend(heights.first().map(|&y| (x, y, letters)));
}

fn noted(panel: Lines, notes: Vec<Letters>) -> Lines {
    let write = |panel: Lines, (x, y, letters)| panel.note(x, y, letters);
    notes.into_iter().fold(panel, write)
}

/// Heights of the marks of an event of cycles: the state's extrema; at an end at infinite period the equilibrium.
fn heights(event: &Event, index: usize) -> Vec<f64> {
    match &event.cycle {
        Some(cycle) => vec![cycle.maxima[index], cycle.minima[index]],
        None => vec![event.state[index]],
    }
}

/// Largest and smallest value of a state on a cycle.
fn extrema_of(point: &Point, index: usize) -> [f64; 2] {
    match &point.cycle {
        Some(swing) => [swing.maxima[index], swing.minima[index]],
        None => [f64::NAN; 2],
    }
}

/// Equilibria by type; where it changes is a point of both pieces.
fn equilibria_of(branch: &Branch, index: usize) -> Vec<Series> {
    let (mut points, mut classes) = (Vec::new(), Vec::new());
    for (k, point) in branch.points.iter().enumerate() {
        for (i, event) in point.events.iter().enumerate() {
            points.push([event.parameters[0], event.state[index]]);
            let last = i + 1 == point.events.len();
            classes.push(branch.points[if last { k } else { k - 1 }].stability);
        }
        points.push([point.parameters[0], point.state[index]]);
        classes.push(point.stability);
    }
    marks::runs(&points, &classes, |stability| {
        stability.map(marks::equilibria)
    })
}

/// Cycles as three numbers each, parameter, largest and smallest value of a state, with whether they are stable; where that
/// changes is one of them.
fn swings(branch: &Branch, index: usize) -> (Vec<[f64; 3]>, Vec<bool>) {
    let (mut points, mut classes) = (Vec::new(), Vec::new());
    for point in &branch.points {
        let stable = point.n_unstable == Some(0);
        for event in &point.events {
            if let Some(cycle) = &event.cycle {
                points.push([
                    event.parameters[0],
                    cycle.maxima[index],
                    cycle.minima[index],
                ]);
                classes.push(stable);
            }
        }
        let [high, low] = extrema_of(point, index);
        points.push([point.parameters[0], high, low]);
        classes.push(stable);
    }
    ends_count_with_neighbours(&mut classes);
    (points, classes)
}

/// The Hopf points where branches begin and end are no cycles: they count with those beside them.
pub(super) fn ends_count_with_neighbours<C: Copy>(classes: &mut [C]) {
    if let [first, second, ..] = classes {
        *first = *second;
    }
    if let [.., before, last] = classes {
        *last = *before;
    }
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

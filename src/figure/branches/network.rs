//! Figures of networks: the equilibrium over all nodes, eigenvalues along the branch, where events sit.

use ndarray::Array2;

use super::{marks, plot, smooth, state};
use crate::branches::{Branch, Found, Kind};
use crate::continuation::Event;
use crate::error::Result;
use crate::model::Model;
use crate::plot::{Color, Figure, Heatmap, Lines, Marker, Panels, Series, Stroke};

/// Eigenvalues that are drawn at every point, rightmost first.
const DRAWN: usize = 24;
/// Up to so many events get their letters.
const LETTERED: usize = 12;
/// Regions of a mode's map get their names up to so many.
const NAMED: usize = 40;

/// Of every state: the mean over the nodes, and from the lowest to the highest node.
pub(super) fn equilibrium(found: &Found, model: &Model) -> Result<Figure> {
    let n_states = model.states.len();
    let panels = (0..n_states).map(|index| {
        let of = move |u: &[f64]| -> [f64; 3] {
            let nodes = || u.iter().skip(index).step_by(n_states).copied();
            let n = nodes().count().max(1) as f64;
            [
                nodes().sum::<f64>() / n,
                nodes().fold(f64::INFINITY, f64::min),
                nodes().fold(f64::NEG_INFINITY, f64::max),
            ]
        };
        let mut panel = plot(found, state(model, index)).size_pt(400.0, 170.0);
        for branch in found.of(Kind::Equilibria) {
            let (points, classes) = along(branch);
            let three: Vec<[f64; 3]> = points.iter().map(|(_, u)| of(u)).collect();
            let x = || points.iter().map(|(p, _)| *p);
            if found.nodes.len() > 1 {
                let [low, high] = [1, 2].map(|k| three.iter().map(move |v| v[k]));
                let band = Series::band(BAND, x(), low, high);
                panel = panel.add(band.color(Color::QUALITATIVE[0]));
            }
            let mean: Vec<[f64; 2]> = x().zip(&three).map(|(p, v)| [p, v[0]]).collect();
            panel = panel.extend(marks::runs(&mean, &classes, |stable| {
                let color = Color::QUALITATIVE[usize::from(!stable)];
                let name = if stable { "stable" } else { "unstable" };
                Some((of_mean(found, name), color, marks::stroke(stable)))
            }));
        }
        let height = |event: &Event| of(&event.state)[0];
        marked(panel, found, height)
    });
    Panels::stack(panels).title(&found.subject).figure()
}

/// What the band of several nodes is.
const BAND: &str = "lowest to highest node";

/// What a line is the mean of, over several nodes.
fn of_mean(found: &Found, name: &str) -> String {
    match found.nodes.len() {
        1 => name.into(),
        _ => format!("mean, {name}"),
    }
}

/// Points and events of a branch in order, with whether the equilibrium is stable there.
fn along(branch: &Branch) -> (Vec<(f64, &[f64])>, Vec<bool>) {
    let (mut points, mut classes) = (Vec::new(), Vec::new());
    for point in &branch.points {
        for event in &point.events {
            points.push((event.parameters[0], &event.state[..]));
            classes.push(event.n_unstable_after == 0);
        }
        points.push((point.parameters[0], &point.state[..]));
        classes.push(point.n_unstable == Some(0));
    }
    (points, classes)
}

/// Marks the events of equilibria at their parameter and `height`.
fn marked(mut panel: Lines, found: &Found, height: impl Fn(&Event) -> f64) -> Lines {
    let events = || found.events().filter(|(b, _)| b.kind == Kind::Equilibria);
    let lettered = events().count() <= LETTERED;
    for (_, event) in events() {
        let Some((letters, name, marker)) = marks::event(event.kind) else {
            continue;
        };
        let (x, y) = (event.parameters[0], height(event));
        let mark = Series::new(name, [x], [y]).color(Color::INK);
        panel = panel.add(mark.stroke(Stroke::None).marker(marker));
        if lettered {
            panel = panel.note(x, y, letters);
        }
    }
    panel
}

/// Of the cycles: how far each node's first state swings, and the period. Hopf points in which cycles
/// begin or end have the stability of the cycle beside them.
pub(super) fn cycles(found: &Found, model: &Model) -> Result<Figure> {
    let n_states = model.states.len();
    // Lowest, mean and highest over the nodes of half the distance between the extrema.
    let swings = |minima: &[f64], maxima: &[f64]| -> [f64; 3] {
        let halves = || {
            let pairs = minima.iter().zip(maxima).step_by(n_states);
            pairs.map(|(low, high)| 0.5 * (high - low))
        };
        let n = halves().count().max(1) as f64;
        [
            halves().fold(f64::INFINITY, f64::min),
            halves().sum::<f64>() / n,
            halves().fold(0.0, f64::max),
        ]
    };
    let label = format!("{}, half peak to peak", model.states[0].name);
    let mut size = plot(found, label).size_pt(400.0, 190.0);
    let mut period = plot(found, "period (ms)".into()).size_pt(400.0, 150.0);
    for branch in found.of(Kind::Cycles) {
        let cycles: Vec<_> = branch
            .points
            .iter()
            .filter_map(|point| Some((point, point.cycle.as_ref()?)))
            .collect();
        let x = || cycles.iter().map(|(point, _)| point.parameters[0]);
        let three: Vec<[f64; 3]> = cycles
            .iter()
            .map(|(_, swing)| swings(&swing.minima, &swing.maxima))
            .collect();
        let is_stable = |k: usize| cycles.get(k)?.0.n_unstable.map(|n| n == 0);
        let mut stable: Vec<Option<bool>> = (0..cycles.len()).map(is_stable).collect();
        let hopfs = three.iter().enumerate().filter(|(_, v)| v[2] == 0.0);
        let hopfs: Vec<usize> = hopfs.map(|(k, _)| k).collect();
        for &k in &hopfs {
            stable[k] = is_stable(if k == 0 { 1 } else { k - 1 });
        }
        if found.nodes.len() > 1 {
            let [low, high] = [0, 2].map(|k| three.iter().map(move |v| v[k]));
            let band = Series::band(BAND, x(), low, high);
            size = size.add(band.color(Color::QUALITATIVE[5]));
        }
        let mean: Vec<[f64; 2]> = x().zip(&three).map(|(p, v)| [p, v[1]]).collect();
        let periods = cycles.iter().map(|(point, _)| point.period_ms);
        let periods: Vec<[f64; 2]> = x()
            .zip(periods)
            .map(|(p, period)| [p, period.unwrap_or(f64::NAN)])
            .collect();
        let style = |stable: Option<bool>| {
            let (name, color, stroke) = match stable {
                Some(stable) => marks::cycles(stable),
                None => ("cycle", Color::INK, marks::stroke(true)),
            };
            Some((of_mean(found, name), color, stroke))
        };
        let (curve, classes) = smooth::curve(&mean, &stable);
        size = size.extend(marks::runs(&curve, &classes, style));
        if three.iter().any(|v| v[2] > 1.5 * v[1]) {
            let highest: Vec<[f64; 2]> = x().zip(&three).map(|(p, v)| [p, v[2]]).collect();
            let style = |stable| {
                let (name, _, stroke) = style(stable)?;
                let name = name.replacen("mean", "highest node", 1);
                Some((name, Color::QUALITATIVE[0], stroke))
            };
            let lines = marks::runs(&highest, &stable, style);
            size = size.extend(lines.into_iter().map(|line| line.width_pt(0.7)));
        }
        let (periods, stable) = smooth::curve(&periods, &stable);
        let unnamed = marks::runs(&periods, &stable, style);
        period = period.extend(unnamed.into_iter().map(|line| line.named("")));
        let begins = |event: &Event| -> Option<f64> {
            let is_there = |&&k: &&usize| cycles[k].0.parameters == event.parameters;
            let hopf = hopfs.iter().find(is_there)?;
            event.kind.is_hopf().then_some(three[*hopf][1])
        };
        let hopf_events = found
            .events()
            .filter_map(|(_, event)| Some((event, begins(event)?)));
        let own = cycles.iter().zip(&three).flat_map(|((point, _), three)| {
            point.events.iter().map(|event| {
                let own = event.cycle.as_ref();
                let own = own.map(|c| swings(&c.minima, &c.maxima)[1]);
                (event, own.unwrap_or(three[1]))
            })
        });
        for (event, height) in hopf_events.chain(own) {
            let Some((letters, name, marker)) = marks::event(event.kind) else {
                continue;
            };
            let x = event.parameters[0];
            for (panel, y) in [(&mut size, Some(height)), (&mut period, event.period)] {
                let Some(y) = y else { continue };
                let mark = Series::new(name, [x], [y]).color(Color::INK);
                let mark = mark.stroke(Stroke::None).marker(marker);
                *panel = std::mem::take(panel).add(mark).note(x, y, letters);
            }
        }
    }
    Panels::stack([size, period]).title(&found.subject).figure()
}

/// Real and imaginary parts of the rightmost eigenvalues along the branch.
pub(super) fn eigenvalues(found: &Found) -> Result<Figure> {
    let [low, high] = found.varied[0].range;
    let mut growth = plot(found, "growth rate (1/ms)".into()).size_pt(400.0, 190.0);
    let mut frequency = plot(found, "frequency (rad/ms)".into()).size_pt(400.0, 150.0);
    growth = growth.add(
        Series::new("", [low, high], [0.0, 0.0])
            .color(Color::MISSING)
            .width_pt(0.8),
    );
    for branch in found.of(Kind::Equilibria) {
        // Of a pair, the upper one stands for both.
        let upper = branch.points.iter().map(|point| {
            let values = point.eigenvalues.iter().filter(|l| l.im >= 0.0);
            let values: Vec<_> = values.take(DRAWN).copied().collect();
            (point.parameters[0], values)
        });
        let upper: Vec<_> = upper.collect();
        let ranks = upper.iter().map(|(_, v)| v.len()).max().unwrap_or(0);
        for rank in 0..ranks {
            // The real part of a rank is continuous, whichever eigenvalue holds it.
            let points = upper
                .iter()
                .map(|(p, values)| [*p, values.get(rank).map_or(f64::NAN, |value| value.re)]);
            let points: Vec<[f64; 2]> = points.collect();
            let line = Series::new(
                if rank == 0 {
                    "rightmost"
                } else {
                    "the next ones"
                },
                points.iter().map(|p| p[0]),
                points.iter().map(|p| p[1]),
            );
            let color = Color::QUALITATIVE[if rank == 0 { 1 } else { 5 }];
            let width = if rank == 0 { 1.4 } else { 0.7 };
            growth = growth.add(line.color(color).width_pt(width));
        }
        for (unstable, name, color) in [
            (false, "stable", Color::QUALITATIVE[5]),
            (true, "unstable", Color::QUALITATIVE[1]),
        ] {
            let all = upper
                .iter()
                .flat_map(|(p, values)| values.iter().map(move |l| (*p, l)));
            let those = all.filter(|(_, l)| (l.re > 0.0) == unstable);
            let (x, y): (Vec<f64>, Vec<f64>) = those.map(|(p, l)| (p, l.im)).unzip();
            let dots = Series::new(name, x, y).color(color).stroke(Stroke::None);
            frequency = frequency.add(dots.marker(Marker::Dot));
        }
    }
    growth = marked(growth, found, |_| 0.0);
    frequency = marked(frequency, found, |event| event.omega.unwrap_or(0.0));
    Panels::stack([growth, frequency])
        .title(&found.subject)
        .figure()
}

/// Every node's share of every event's eigenvector.
pub(super) fn modes(found: &Found) -> Result<Figure> {
    let (n_events, n_nodes) = (found.modes.len(), found.nodes.len());
    let shares = Array2::from_shape_fn((n_events, n_nodes), |(event, node)| {
        found.modes[event].shares[node]
    });
    let rows = found.modes.iter().map(|mode| {
        let letters = marks::event(mode.kind).map_or("", |(letters, _, _)| letters);
        format!("{letters} {:.4}", mode.parameter)
    });
    let map = Heatmap::new(shares.view())
        .title(format!(
            "{}\nshare of each node in the critical mode",
            found.subject
        ))
        .x_label("region")
        .y_label(format!("event, {}", found.varied[0].name))
        .y_names(rows)
        .bar_label("share")
        .vmin(0.0)
        .vmax(1.0)
        .size_pt(420.0, (12.0 * n_events as f64).clamp(70.0, 420.0));
    let map = match n_nodes <= NAMED {
        true => map.x_names(found.nodes.iter().cloned()),
        false => map,
    };
    map.figure()
}

//! What was chosen to be recorded, over the parameter: equilibria, and cycles between their extrema.

use super::{in_lines, marks, plot};
use crate::branches::{Branch, Found, Kind, Measure};
use crate::continuation::{Event, EventKind, Stability};
use crate::error::Result;
use crate::plot::{Color, Figure, Panels, Series, Stroke};

/// A panel for each measure.
pub(super) fn figure(found: &Found) -> Result<Figure> {
    let panels = found.measures.iter().enumerate().map(|(index, measure)| {
        let mut panel = plot(found, measure.name.clone()).size_pt(400.0, 190.0);
        let mut series: Vec<Series> = Vec::new();
        for branch in found.of(Kind::Equilibria) {
            series.extend(equilibria(branch, measure));
        }
        for branch in found.of(Kind::Cycles) {
            series.extend(cycles(branch, measure));
        }
        // One legend does for all panels.
        let named = series
            .into_iter()
            .map(|s| if index == 0 { s } else { s.named("") });
        panel = panel.extend(named);
        let shown = |event: &Event| event.kind != EventKind::NeutralSaddle;
        let events = found.events().filter(|(_, event)| shown(event));
        for (_, event) in events.filter(|(branch, _)| branch.kind == Kind::Equilibria) {
            let Some((letters, name, marker)) = marks::event(event.kind) else {
                continue;
            };
            let x = event.parameters[0];
            let y = measure.of(&event.state, &event.parameters);
            let name = if index == 0 { name } else { "" };
            let mark = Series::new(name, [x], [y]).color(Color::INK);
            panel = panel.add(mark.stroke(Stroke::None).marker(marker));
            panel = panel.note(x, y, letters);
        }
        panel
    });
    Panels::stack(panels)
        .title(in_lines(&found.subject))
        .figure()
}

fn equilibria(branch: &Branch, measure: &Measure) -> Vec<Series> {
    let (mut points, mut classes) = (Vec::new(), Vec::new());
    for point in &branch.points {
        let stability = point.stability.unwrap_or(Stability::Saddle);
        for event in &point.events {
            let y = measure.of(&event.state, &event.parameters);
            points.push([event.parameters[0], y]);
            classes.push(stability);
        }
        points.push([point.parameters[0], measure.mean(point)]);
        classes.push(stability);
    }
    marks::runs(&points, &classes, |stability| {
        Some(marks::equilibria(stability))
    })
}

/// The lowest and the highest value on every cycle.
fn cycles(branch: &Branch, measure: &Measure) -> Vec<Series> {
    let classes: Vec<Option<bool>> = branch
        .points
        .iter()
        .map(|point| point.n_unstable.map(|n| n == 0))
        .collect();
    let side = |end: usize| {
        let points = branch.points.iter();
        let points = points.map(|point| [point.parameters[0], measure.extrema(point)[end]]);
        let points: Vec<[f64; 2]> = points.collect();
        marks::runs(&points, &classes, |stable| {
            Some(match stable {
                Some(stable) => marks::cycles(stable),
                None => ("cycle", Color::INK, Stroke::Solid),
            })
        })
    };
    [side(0), side(1)].concat()
}

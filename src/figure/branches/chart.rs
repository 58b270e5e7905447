//! Curves of bifurcations in two parameters, with the points of codimension two on them.

use super::{axis, in_lines, marks, plot};
use crate::branches::{Branch, Found, Kind, Point};
use crate::continuation::Event;
use crate::error::Result;
use crate::plot::{Color, Figure, Series, Stroke};

/// How a point of a curve is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Look {
    Fold,
    Supercritical,
    Subcritical,
    Degenerate,
    Neutral,
    CycleFold,
}

/// Both parameters' plane.
pub(super) fn figure(found: &Found) -> Result<Figure> {
    let second = &found.varied[1];
    let [low, high] = second.range;
    let mut panel = plot(found, axis(second))
        .title(in_lines(&found.subject))
        .y_range(low, high)
        .size_pt(400.0, 320.0);
    let curves = || found.branches.iter().filter(|b| b.kind.is_curve());
    for branch in curves() {
        panel = panel.extend(pieces(branch));
    }
    let mut marked: Vec<&Event> = Vec::new();
    for event in curves().flat_map(Branch::events) {
        // A point where two curves meet is on both.
        let same = |other: &&Event| other.kind == event.kind && is_near(found, other, event);
        let Some((letters, name, marker)) = marks::event(event.kind) else {
            continue;
        };
        if marked.iter().any(same) {
            continue;
        }
        marked.push(event);
        let [x, y] = [event.parameters[0], event.parameters[1]];
        let mark = Series::new(name, [x], [y]).color(Color::INK);
        panel = panel.add(mark.stroke(Stroke::None).marker(marker));
        panel = panel.note(x, y, letters);
    }
    if curves().next().is_none() {
        panel = panel.add(Series::new("no bifurcation found", [0.0; 0], [0.0; 0]));
    }
    panel.figure()
}

/// Whether two events lie at the same point of the plane, as far as can be told.
fn is_near(found: &Found, a: &Event, b: &Event) -> bool {
    found.varied.iter().enumerate().all(|(k, varied)| {
        let [low, high] = varied.range;
        (a.parameters[k] - b.parameters[k]).abs() < 1e-6 * (high - low)
    })
}

/// A curve by what it is along it; where that changes is a point of both pieces.
fn pieces(branch: &Branch) -> Vec<Series> {
    // A point without a coefficient, as where a curve begins in a point of codimension two, looks
    // like the one before it.
    let mut last = branch.points.iter().find_map(|point| point.coefficient);
    let mut look = |point: &Point| {
        last = point.coefficient.or(last);
        match branch.kind {
            Kind::CycleFolds => Look::CycleFold,
            Kind::Hopfs if !point.is_bifurcation => Look::Neutral,
            Kind::Hopfs if last.is_some_and(|l1| l1 > 0.0) => Look::Subcritical,
            Kind::Hopfs if last == Some(0.0) => Look::Degenerate,
            Kind::Hopfs => Look::Supercritical,
            _ => Look::Fold,
        }
    };
    let (mut points, mut classes) = (Vec::new(), Vec::new());
    for point in &branch.points {
        for event in &point.events {
            points.push([event.parameters[0], event.parameters[1]]);
            classes.push(look(point));
        }
        points.push([point.parameters[0], point.parameters[1]]);
        classes.push(look(point));
    }
    marks::runs(&points, &classes, |look| {
        Some(match look {
            Look::Fold => marks::FOLDS,
            Look::Supercritical => marks::SUPERCRITICAL,
            Look::Subcritical => marks::SUBCRITICAL,
            Look::Degenerate => marks::DEGENERATE,
            Look::Neutral => marks::NEUTRAL,
            Look::CycleFold => marks::CYCLE_FOLDS,
        })
    })
}

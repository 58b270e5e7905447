//! Curves of bifurcations in two parameters, with the points of codimension two on them.

use super::{axis, beside, in_lines, marks, plot};
use crate::branches::{Branch, Found, Kind, Point};
use crate::continuation::Event;
use crate::error::Result;
use crate::plot::{Color, Figure, Marker, Series, Stroke};

/// How a point of a curve is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Look {
    Fold,
    Supercritical,
    Subcritical,
    Degenerate,
    Neutral,
    CycleFold,
    PeriodDoubling,
    Torus,
    Homoclinic,
    Snic,
}

impl Look {
    /// Name, colour and line.
    pub(super) fn style(self) -> (&'static str, Color, Stroke) {
        match self {
            Self::Fold => marks::FOLDS,
            Self::Supercritical => marks::SUPERCRITICAL,
            Self::Subcritical => marks::SUBCRITICAL,
            Self::Degenerate => marks::DEGENERATE,
            Self::Neutral => marks::NEUTRAL,
            Self::CycleFold => marks::CYCLE_FOLDS,
            Self::PeriodDoubling => marks::PERIOD_DOUBLINGS,
            Self::Torus => marks::TORI,
            Self::Homoclinic => marks::HOMOCLINICS,
            Self::Snic => marks::SNICS,
        }
    }
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
    panel = panel.extend(beside::curves(found));
    for (event, (letters, name, marker)) in marked(found) {
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

/// The events on the curves, each once, with letters, name and marker.
pub(super) fn marked(found: &Found) -> Vec<(&Event, (&'static str, &'static str, Marker))> {
    let curves = found.branches.iter().filter(|b| b.kind.is_curve());
    let mut all: Vec<(&Event, _)> = Vec::new();
    for event in curves.flat_map(Branch::events) {
        // A point where two curves meet is on both.
        let same =
            |(other, _): &(&Event, _)| other.kind == event.kind && is_near(found, other, event);
        if let Some(look) = marks::event(event.kind)
            && !all.iter().any(same)
        {
            all.push((event, look));
        }
    }
    all
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
    let (points, classes) = looks(branch);
    marks::runs(&points, &classes, |look| Some(look.style()))
}

/// Points and events of a curve in order, with how each is drawn.
pub(super) fn looks(branch: &Branch) -> (Vec<[f64; 2]>, Vec<Look>) {
    // A point without a coefficient, as where a curve begins in a point of codimension two, looks
    // like the one before it.
    let mut last = branch.points.iter().find_map(|point| point.coefficient);
    let mut look = |point: &Point| {
        last = point.coefficient.or(last);
        match branch.kind {
            Kind::CycleFolds => Look::CycleFold,
            Kind::PeriodDoublings => Look::PeriodDoubling,
            Kind::Tori => Look::Torus,
            Kind::Homoclinics => Look::Homoclinic,
            Kind::Folds if point.is_on_cycle => Look::Snic,
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
    (points, classes)
}

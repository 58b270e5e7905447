//! The figure of a phase plane.

use serde_json::json;

use crate::continuation::{Cycle, PhasePlane, PlaneOrbit, Stability};
use crate::error::Result;
use crate::plot::{Arrows, Color, Figure, Lines, Marker, Series, Stroke};
use crate::report::{Curve, Curves, Dash, Mark, Number, Numbers, Orbit, Quantity, every};

/// Sides of the plot, points.
const SIZE_PT: [f64; 2] = [330.0, 280.0];
/// Moments of an orbit on a page, at most.
const MOST_MOMENTS: usize = 1500;
const ORBIT: Color = Color([0x6e; 3]);

/// Draws a phase plane: the field below, then orbits, separatrices, nullclines, cycles, and the fixed
/// points on top.
///
/// # Errors
/// [`Error::Figure`](crate::Error::Figure) if it cannot be drawn.
pub fn phase_plane(plane: &PhasePlane, title: &str) -> Result<Figure> {
    let [blue, vermilion, green, _, orange, sky, _] = Color::QUALITATIVE;
    let [x, y] = &plane.states;
    let [[left, right], [bottom, top]] = plane.window;
    let longest = 0.8 * SIZE_PT[0] / (plane.field.len() as f64).sqrt();
    let mut lines = Lines::new()
        .title(title)
        .x_label(x)
        .y_label(y)
        .x_range(left, right)
        .y_range(bottom, top)
        .size_pt(SIZE_PT[0], SIZE_PT[1])
        .arrows(Arrows::field(plane.field.iter().copied(), longest));

    for orbit in &plane.orbits {
        lines = lines.add(curve("orbit", &orbit.states).color(ORBIT).width_pt(0.7));
    }
    let ways = plane
        .orbits
        .iter()
        .flat_map(|orbit| heads(orbit, plane, 1.0));
    lines = lines.arrows(Arrows::heads(ways).color(ORBIT));

    for separatrix in &plane.separatrices {
        let saddle = plane.equilibria[separatrix.saddle].state;
        let states = [&[saddle], &separatrix.orbit.states[..]].concat();
        let (name, color, time) = match separatrix.enters {
            true => ("stable manifold", sky, -1.0),
            false => ("unstable manifold", orange, 1.0),
        };
        let ways = heads(&separatrix.orbit, plane, time);
        lines = lines
            .add(curve(name, &states).color(color).width_pt(1.1))
            .arrows(Arrows::heads(ways).color(color));
    }

    for (k, (name, color)) in [(x, blue), (y, green)].into_iter().enumerate() {
        let gap = [[f64::NAN; 2]];
        let points = plane.nullclines[k].join(&gap[..]);
        if !points.is_empty() {
            let name = format!("d{name}/dt = 0");
            lines = lines.add(curve(name, &points).color(color).width_pt(1.5));
        }
    }
    for cycle in &plane.cycles {
        let points: Vec<[f64; 2]> = cycle.profile.iter().map(|u| [u[0], u[1]]).collect();
        let stroke = match cycle.is_stable() {
            true => Stroke::Solid,
            false => Stroke::Dashed,
        };
        let name = format!("{} limit cycle", cycle_kind(cycle));
        lines = lines.arrows(Arrows::heads(heads_of_cycle(&points)).color(vermilion));
        lines = lines.add(
            curve(name, &points)
                .color(vermilion)
                .stroke(stroke)
                .width_pt(1.8),
        );
    }
    for equilibrium in &plane.equilibria {
        let (color, marker) = style(equilibrium.stability);
        let point = curve(equilibrium.stability.to_string(), &[equilibrium.state]);
        lines = lines.add(point.color(color).marker(marker).stroke(Stroke::None));
    }
    lines.figure()
}

/// How a fixed point is drawn: saddles as diamonds, nodes as squares and triangles, foci round; stable ones black.
fn style(stability: Stability) -> (Color, Marker) {
    let [_, _, _, purple, _, _, black] = Color::QUALITATIVE;
    match stability {
        Stability::StableNode => (black, Marker::Square),
        Stability::StableFocus => (black, Marker::Disc),
        Stability::Saddle => (purple, Marker::Diamond),
        Stability::UnstableNode => (purple, Marker::Triangle),
        Stability::UnstableFocus => (purple, Marker::Circle),
        Stability::Centre => (black, Marker::Circle),
    }
}

fn curve(name: impl Into<String>, points: &[[f64; 2]]) -> Series {
    Series::new(
        name,
        points.iter().map(|u| u[0]),
        points.iter().map(|u| u[1]),
    )
}

/// Which way an orbit runs, at a third and at two thirds of its first way through the window.
fn heads(orbit: &PlaneOrbit, plane: &PhasePlane, time: f64) -> Vec<[[f64; 2]; 2]> {
    let size = plane.window.map(|[low, high]| high - low);
    let inside = |u: &[f64; 2]| {
        let in_one = |(u, [low, high]): (&f64, &[f64; 2])| (low..=high).contains(&u);
        u.iter().zip(&plane.window).all(in_one)
    };
    let seen: Vec<[f64; 2]> = orbit.states.iter().copied().take_while(inside).collect();
    let mut lengths = vec![0.0];
    for pair in seen.windows(2) {
        let [dx, dy] = [0, 1].map(|i| (pair[1][i] - pair[0][i]) / size[i]);
        // The first stretch is enough: then it settles, or repeats itself.
        lengths.push((lengths[lengths.len() - 1] + f64::hypot(dx, dy)).min(0.75));
    }
    let whole = lengths[lengths.len() - 1];
    if whole < 0.1 {
        return Vec::new();
    }
    let places = [1.0, 2.0].map(|part| lengths.partition_point(|l| *l < part / 3.0 * whole));
    let between = places.into_iter().filter(|k| (1..seen.len()).contains(k));
    between.map(|k| head(&seen, k, time)).collect()
}

/// Which way a cycle runs, at a quarter of its points and opposite.
fn heads_of_cycle(points: &[[f64; 2]]) -> Vec<[[f64; 2]; 2]> {
    let quarter = points.len() / 4;
    let places = [quarter, 3 * quarter].into_iter().filter(|k| *k > 0);
    places.map(|k| head(points, k, 1.0)).collect()
}

/// At point `k` of a way, along it.
fn head(points: &[[f64; 2]], k: usize, time: f64) -> [[f64; 2]; 2] {
    let (a, b) = (points[k - 1], points[k]);
    [b, [0, 1].map(|i| time * (b[i] - a[i]))]
}

/// "stable" or "unstable".
pub(crate) fn cycle_kind(cycle: &Cycle) -> &'static str {
    if cycle.is_stable() {
        "stable"
    } else {
        "unstable"
    }
}

/// The phase plane to be looked into on a page; `units` are those of the two states.
pub fn view(plane: &PhasePlane, units: [&str; 2], title: &str) -> Curves {
    let [blue, vermilion, green, _, orange, sky, _] = Color::QUALITATIVE;
    let mut curves = Vec::new();
    let mut add = |name: String, color: Color, dash: Dash, points: &[[f64; 2]], t_ms: &[f64]| {
        // Nullclines have gaps, which have to stay.
        let step = match t_ms.is_empty() {
            true => 1,
            false => every(points.len(), MOST_MOMENTS),
        };
        let along = |k: usize| Numbers::double(points.iter().step_by(step).map(|u| u[k]));
        let more = (!t_ms.is_empty()).then(|| Number {
            name: "time".into(),
            unit: "ms".into(),
            meaning: String::new(),
            values: Numbers::double(t_ms.iter().step_by(step).copied()),
        });
        curves.push(Curve {
            name,
            branch: String::new(),
            color: color.hex(),
            dash,
            x: along(0),
            y: vec![along(1)],
            to: Vec::new(),
            more: more.into_iter().collect(),
        });
    };
    for orbit in &plane.orbits {
        add(
            "orbit".into(),
            ORBIT,
            Dash::Solid,
            &orbit.states,
            &orbit.t_ms,
        );
    }
    for separatrix in &plane.separatrices {
        let (name, color) = match separatrix.enters {
            true => ("stable manifold", sky),
            false => ("unstable manifold", orange),
        };
        let (states, t_ms) = (&separatrix.orbit.states, &separatrix.orbit.t_ms);
        add(name.into(), color, Dash::Solid, states, t_ms);
    }
    for (k, color) in [blue, green].into_iter().enumerate() {
        let gap = [[f64::NAN; 2]];
        let points = plane.nullclines[k].join(&gap[..]);
        let name = format!("d{}/dt = 0", plane.states[k]);
        add(name, color, Dash::Solid, &points, &[]);
    }
    let mut orbits = Vec::new();
    for (k, cycle) in plane.cycles.iter().enumerate() {
        let points: Vec<[f64; 2]> = cycle.profile.iter().map(|u| [u[0], u[1]]).collect();
        let times: Vec<f64> = cycle.times.iter().map(|t| t * cycle.period).collect();
        let dash = match cycle.is_stable() {
            true => Dash::Solid,
            false => Dash::Dashed,
        };
        let name = format!("{} limit cycle", cycle_kind(cycle));
        add(name, vermilion, dash, &points, &times);
        orbits.push(Orbit {
            branch: format!("limit cycle {}", k + 1),
            x: points[0][0],
            period_ms: cycle.period,
            stable: Some(cycle.is_stable()),
            time: Numbers::single(cycle.times.iter().map(|t| *t as f32)),
            states: Numbers::single(points.as_flattened().iter().map(|u| *u as f32)),
        });
    }
    let marks = plane.equilibria.iter().map(|equilibrium| {
        let [x, y] = equilibrium.state;
        let mut facts = vec![
            (plane.states[0].clone(), json!(x)),
            (plane.states[1].clone(), json!(y)),
        ];
        let values = equilibrium.eigenvalues.iter();
        facts.extend(values.map(|value| {
            let text = format!("{:.6} {:+.6}i", value.re, value.im);
            ("eigenvalue (1/ms)".to_string(), json!(text))
        }));
        Mark {
            x,
            y: vec![vec![y]],
            letters: String::new(),
            name: equilibrium.stability.to_string(),
            facts,
        }
    });
    let quantity = |k: usize| Quantity {
        name: plane.states[k].clone(),
        unit: units[k].into(),
    };
    Curves {
        title: title.into(),
        x: quantity(0),
        y: vec![quantity(1)],
        marks: marks.collect(),
        curves,
        orbits,
        states: vec![quantity(0), quantity(1)],
        remark: String::new(),
    }
}

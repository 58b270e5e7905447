//! How things look in all figures: stability by colour and by line, events by marker and by letters.

use std::ops::Range;

use crate::continuation::{EventKind, Stability};
use crate::plot::{Color, Marker, Series, Stroke};

const BLUE: Color = Color::QUALITATIVE[0];
const VERMILION: Color = Color::QUALITATIVE[1];
const GREEN: Color = Color::QUALITATIVE[2];
const PURPLE: Color = Color::QUALITATIVE[3];
const ORANGE: Color = Color::QUALITATIVE[4];
const SKY: Color = Color::QUALITATIVE[5];

/// What is stable is unbroken, what is not is dashed.
pub(super) fn stroke(stable: bool) -> Stroke {
    if stable {
        Stroke::Solid
    } else {
        Stroke::Dashed
    }
}

/// Name, colour and line of equilibria.
pub(super) fn equilibria(stability: Stability) -> (String, Color, Stroke) {
    let (color, stable) = match stability {
        Stability::StableNode => (BLUE, true),
        Stability::StableFocus => (SKY, true),
        Stability::Saddle => (Color::INK, false),
        Stability::UnstableNode => (ORANGE, false),
        Stability::UnstableFocus => (VERMILION, false),
        Stability::Centre => (Color::MISSING, false),
    };
    (stability.to_string(), color, stroke(stable))
}

/// Name, colour and line of cycles.
pub(super) fn cycles(stable: bool) -> (&'static str, Color, Stroke) {
    if stable {
        ("stable cycle", GREEN, stroke(true))
    } else {
        ("unstable cycle", PURPLE, stroke(false))
    }
}

/// Curves in two parameters: of folds, of Hopf points by criticality, of neutral saddles, of
/// bifurcations of cycles.
pub(super) const FOLDS: (&str, Color, Stroke) = ("fold", BLUE, Stroke::Solid);
pub(super) const SUPERCRITICAL: (&str, Color, Stroke) =
    ("Hopf, supercritical", VERMILION, Stroke::Solid);
pub(super) const SUBCRITICAL: (&str, Color, Stroke) =
    ("Hopf, subcritical", VERMILION, Stroke::Dashed);
pub(super) const DEGENERATE: (&str, Color, Stroke) =
    ("Hopf, degenerate", VERMILION, Stroke::Dotted);
pub(super) const NEUTRAL: (&str, Color, Stroke) =
    ("neutral saddle", Color::MISSING, Stroke::Dotted);
pub(super) const CYCLE_FOLDS: (&str, Color, Stroke) = ("fold of cycles", GREEN, Stroke::Solid);
pub(super) const PERIOD_DOUBLINGS: (&str, Color, Stroke) =
    ("period doubling", PURPLE, Stroke::Solid);
pub(super) const HOMOCLINICS: (&str, Color, Stroke) =
    ("homoclinic connection", Color::INK, Stroke::Solid);
pub(super) const SNICS: (&str, Color, Stroke) = ("fold on a cycle (SNIC)", SKY, Stroke::Solid);
pub(super) const TORI: (&str, Color, Stroke) = ("torus", ORANGE, Stroke::Solid);

/// What another program says to be stable, and curves; what it says to be unstable.
pub(super) const BESIDE: Color = Color::INK;
pub(super) const BESIDE_UNSTABLE: Color = Color::MISSING;

/// Letters, name and marker of an event; `None` for what is not drawn.
pub(super) fn event(kind: EventKind) -> Option<(&'static str, &'static str, Marker)> {
    Some(match kind {
        EventKind::Fold => ("F", "fold (F)", Marker::Square),
        EventKind::Hopf => ("H", "Hopf point (H)", Marker::Disc),
        EventKind::DegenerateHopf => ("DH", "degenerate Hopf point (DH)", Marker::Circle),
        EventKind::BranchPoint => ("BP", "branch point (BP)", Marker::Diamond),
        EventKind::NeutralSaddle => ("NS", "neutral saddle (NS)", Marker::Circle),
        EventKind::CycleFold => ("FC", "fold of cycles (FC)", Marker::OpenSquare),
        EventKind::PeriodDoubling => ("PD", "period doubling (PD)", Marker::Triangle),
        EventKind::Torus => ("T", "torus (T)", Marker::OpenDiamond),
        EventKind::Homoclinic => ("HOM", "homoclinic (HOM)", Marker::Star),
        EventKind::NeutralHomoclinic => ("NH", "neutral homoclinic (NH)", Marker::Star),
        EventKind::Snic => ("SNIC", "saddle-node on a cycle (SNIC)", Marker::Star),
        EventKind::Cusp => ("CP", "cusp (CP)", Marker::Diamond),
        EventKind::BogdanovTakens => ("BT", "Bogdanov-Takens (BT)", Marker::Square),
        EventKind::GeneralizedHopf => ("GH", "generalized Hopf (GH)", Marker::Disc),
        EventKind::ZeroHopf => ("ZH", "zero-Hopf (ZH)", Marker::Triangle),
        EventKind::HopfHopf => ("HH", "Hopf-Hopf (HH)", Marker::Star),
        EventKind::SaddleNodeLoop => ("SNL", "saddle-node loop (SNL)", Marker::Star),
        EventKind::Resonance1 => ("R1", "resonance 1:1 (R1)", Marker::Disc),
        EventKind::Resonance2 => ("R2", "resonance 1:2 (R2)", Marker::Disc),
        EventKind::Resonance3 => ("R3", "resonance 1:3 (R3)", Marker::Circle),
        EventKind::Resonance4 => ("R4", "resonance 1:4 (R4)", Marker::Circle),
        _ => return None,
    })
}

/// The points (`x`, `y`) cut into runs of equal `class`, each reaching to where the next begins.
///
/// `style` gives name, colour and line of a class; a class without is not drawn.
pub(super) fn runs<C: PartialEq + Copy, N: Into<String>>(
    points: &[[f64; 2]],
    classes: &[C],
    style: impl Fn(C) -> Option<(N, Color, Stroke)>,
) -> Vec<Series> {
    let pieces = pieces(classes).into_iter();
    let series = pieces.filter_map(|(class, range)| {
        let (name, color, stroke) = style(class)?;
        let piece = &points[range];
        let [x, y] = [0, 1].map(|axis| piece.iter().map(move |p| p[axis]));
        Some(Series::new(name, x, y).color(color).stroke(stroke))
    });
    series.collect()
}

/// The runs of equal class, each reaching to where the next begins.
pub(super) fn pieces<C: PartialEq + Copy>(classes: &[C]) -> Vec<(C, Range<usize>)> {
    let mut all = Vec::new();
    let mut first = 0;
    for k in 1..=classes.len() {
        if k < classes.len() && classes[k] == classes[first] {
            continue;
        }
        if let Some(&class) = classes.get(first) {
            all.push((class, first..(k + 1).min(classes.len())));
        }
        first = k;
    }
    all
}

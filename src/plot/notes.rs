//! Words beside points, put where they cover least.

use super::axis::{SMALL, hairline};
use super::canvas::{Anchor, Canvas, Rect, Text};
use super::font::{self, LINE_HEIGHT};
use super::series::RADIUS;

/// Words and the point they belong to.
#[derive(Debug, Clone)]
pub(super) struct Note {
    pub at: [f64; 2],
    pub text: String,
}

/// Distances that are tried, from the point to the nearest edge of the words; points.
const DISTANCES: [f64; 7] = [3.5, 5.0, 8.0, 12.0, 17.0, 24.0, 33.0];
/// Directions that are tried.
const DIRECTIONS: usize = 24;
/// From this distance on a line leads from the words to their point.
const LED: f64 = 11.0;
/// Between neighbouring samples of a curve, points.
const SAMPLE: f64 = 1.5;
/// How much a sample of a curve under the words counts, against a point of distance.
const COVERED: f64 = 6.0;
/// How much another note under the words counts, or the edge of the plot.
const TAKEN: f64 = 1000.0;

/// Samples along the curve through `points`, close enough that none of it hides between two.
pub(super) fn along(points: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let mut samples = Vec::new();
    for pair in points.windows(2) {
        let [[x0, y0], [x1, y1]] = [pair[0], pair[1]];
        let length = (x1 - x0).hypot(y1 - y0);
        if !length.is_finite() {
            continue;
        }
        // A curve that leaves the page need not be sampled all the way.
        let n = (length / SAMPLE).ceil().clamp(1.0, 1000.0);
        samples.extend((0..=n as usize).map(|k| {
            let t = k as f64 / n;
            [x0 + t * (x1 - x0), y0 + t * (y1 - y0)]
        }));
    }
    samples
}

/// What a marker at a point covers.
pub(super) fn around([x, y]: [f64; 2]) -> [[f64; 2]; 5] {
    [[0.0, 0.0], [1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]]
        .map(|[dx, dy]| [x + dx * 1.2 * RADIUS, y + dy * 1.2 * RADIUS])
}

/// Writes the notes beside their points (on the page), away from what is `covered` and from each other.
pub(super) fn draw(canvas: &mut Canvas, notes: &[Note], covered: &[[f64; 2]], area: Rect) {
    let mut taken: Vec<Rect> = Vec::new();
    for note in notes {
        if !note.at.iter().all(|v| v.is_finite()) || !inside(area, note.at) {
            continue;
        }
        let (place, distance) = place(note, covered, &taken, area);
        if distance >= LED {
            let end = [
                note.at[0].clamp(place.x, place.right()),
                note.at[1].clamp(place.y, place.bottom()),
            ];
            canvas.line(note.at, end, hairline());
        }
        let at = Text {
            x: place.x + place.width / 2.0,
            y: place.y + place.height / 2.0,
            size: SMALL,
            anchor: Anchor::Middle,
            turned: false,
        };
        canvas.text(at, &note.text);
        taken.push(place);
    }
}

/// Where the words go, and how far that is from their point.
fn place(note: &Note, covered: &[[f64; 2]], taken: &[Rect], area: Rect) -> (Rect, f64) {
    let (width, height) = (font::width(&note.text, SMALL), SMALL * LINE_HEIGHT * 0.8);
    let candidate = |distance: f64, direction: usize| {
        let turn = std::f64::consts::TAU * direction as f64 / DIRECTIONS as f64;
        let (dx, dy) = (turn.cos(), -turn.sin());
        // The edge of the words, not their centre, is at the distance.
        let reach = ((0.5 * width + distance) / dx.abs()).min((0.5 * height + distance) / dy.abs());
        Rect {
            x: note.at[0] + reach * dx - 0.5 * width,
            y: note.at[1] + reach * dy - 0.5 * height,
            width,
            height,
        }
    };
    let cost = |place: Rect, distance: f64| {
        let near = grown(place, 1.5);
        let crossed = covered.iter().filter(|p| inside(near, **p)).count();
        let clashes = taken
            .iter()
            .filter(|other| overlap(near, grown(**other, 1.5)))
            .count();
        let out = [[place.x, place.y], [place.right(), place.bottom()]]
            .iter()
            .any(|corner| !inside(area, *corner));
        let led = if distance >= LED { 6.0 } else { 0.0 };
        distance
            + led
            + COVERED * crossed as f64
            + TAKEN * (clashes as f64 + f64::from(u8::from(out)))
    };
    DISTANCES
        .iter()
        .flat_map(|&distance| (0..DIRECTIONS).map(move |direction| (distance, direction)))
        .map(|(distance, direction)| (candidate(distance, direction), distance))
        .min_by(|a, b| cost(a.0, a.1).total_cmp(&cost(b.0, b.1)))
        .expect("there are candidates")
}

fn grown(rect: Rect, by: f64) -> Rect {
    Rect {
        x: rect.x - by,
        y: rect.y - by,
        width: rect.width + 2.0 * by,
        height: rect.height + 2.0 * by,
    }
}

fn inside(rect: Rect, [x, y]: [f64; 2]) -> bool {
    (rect.x..=rect.right()).contains(&x) && (rect.y..=rect.bottom()).contains(&y)
}

fn overlap(a: Rect, b: Rect) -> bool {
    a.x < b.right() && b.x < a.right() && a.y < b.bottom() && b.y < a.bottom()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_keep_off_curves_edges_and_each_other() {
        let area = Rect {
            x: 0.0,
            y: 0.0,
            width: 200.0,
            height: 100.0,
        };
        let line = along(&[[0.0, 50.0], [200.0, 50.0]]);
        let mut taken: Vec<Rect> = Vec::new();
        for x in [100.0, 101.0, 198.0, 2.0] {
            let note = Note {
                at: [x, 50.0],
                text: "Hopf".into(),
            };
            let (place, _) = place(&note, &line, &taken, area);
            assert!(line.iter().all(|p| !inside(place, *p)));
            assert!(taken.iter().all(|other| !overlap(place, *other)));
            assert!(inside(area, [place.x, place.y]));
            assert!(inside(area, [place.right(), place.bottom()]));
            taken.push(place);
        }
    }
}

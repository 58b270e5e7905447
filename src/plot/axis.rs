//! One edge of a plot: its ticks, their labels and the name of the axis.

use super::canvas::{Anchor, Canvas, Rect, Shape, Text};
use super::color::Color;
use super::font::{self, LINE_HEIGHT};
use super::style::Style;
use super::ticks::{Range, Tick, log_ticks, ticks};

/// Font size of tick labels and legends, points.
pub(super) const SMALL: f64 = 9.0;
/// Font size of the names of axes, points.
pub(super) const MEDIUM: f64 = 10.0;
/// Font size of the title of a plot, points.
pub(super) const LARGE: f64 = 11.0;
/// Font size of the title over several plots, points.
pub(super) const HUGE: f64 = 12.5;

/// The stroke of frames, axes and ticks.
pub(super) fn hairline() -> Style {
    Style::line(Color::INK, 0.6)
}

const TICK: f64 = 3.5;
/// Between a tick and its label, and between the labels and the name of the axis.
const GAP: f64 = 3.0;
/// Least distance between neighbouring labels on a horizontal axis, points.
const APART: f64 = 8.0;
/// Widest label of a tick; longer names are shortened.
const WIDEST: f64 = 90.0;

/// Which edge of the plot it runs along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Bottom,
    Left,
    /// Of a colour bar.
    Right,
}

/// What stands along one edge.
#[derive(Debug, Clone)]
pub(super) struct Axis {
    side: Side,
    label: Vec<String>,
    ticks: Vec<Tick>,
    /// Tick labels of a horizontal axis that read upwards, as names do that lie too close.
    turned: bool,
}

impl Axis {
    /// An axis of numbers, `length` points long; at whole numbers only if `whole`.
    pub fn numbers(side: Side, range: Range, length: f64, label: &str, whole: bool) -> Self {
        let at_most = |most| ticks(range, most, whole);
        let ticks = match side {
            Side::Bottom => (1..=8)
                .rev()
                .map(at_most)
                .find(|ticks| fits(ticks, length))
                .unwrap_or_default(),
            Side::Left | Side::Right => {
                // A finer step where the one that has the most room leaves a single number.
                let room = (length / (2.4 * SMALL)).clamp(2.0, 8.0) as usize;
                (room..=8)
                    .map(at_most)
                    .find(|ticks| ticks.len() > 1)
                    .unwrap_or_else(|| at_most(room))
            }
        };
        Self::new(side, ticks, length, label, false)
    }

    /// A logarithmic axis, `length` points long; `range` is that of the decimal logarithms.
    pub fn decades(side: Side, range: Range, length: f64, label: &str) -> Self {
        let wanted = |most: usize| log_ticks(range, most);
        let ticks = match side {
            Side::Bottom => (1..=8)
                .rev()
                .map(wanted)
                .find(|ticks| fits(ticks, length))
                .unwrap_or_default(),
            Side::Left | Side::Right => wanted((length / (2.4 * SMALL)).clamp(2.0, 8.0) as usize),
        };
        Self::new(side, ticks, length, label, false)
    }

    /// An axis with a name at each of the `fractions` of its length, as many as have room.
    pub fn names(side: Side, names: &[(f64, String)], length: f64, label: &str) -> Self {
        let all: Vec<Tick> = names
            .iter()
            .map(|(fraction, name)| Tick {
                fraction: *fraction,
                label: font::shorten(name, SMALL, WIDEST),
            })
            .collect();
        let turned = side == Side::Bottom && !fits(&all, length);
        let ticks = if side == Side::Bottom && !turned {
            all
        } else {
            let every = (SMALL * LINE_HEIGHT * all.len() as f64 / length)
                .ceil()
                .max(1.0);
            all.into_iter().step_by(every as usize).collect()
        };
        Self::new(side, ticks, length, label, turned)
    }

    /// Ticks alone, as in a stack of plots that share their x axis.
    pub fn bare(self) -> Self {
        let ticks = self.ticks.into_iter().map(|tick| Tick {
            label: String::new(),
            ..tick
        });
        Self {
            label: Vec::new(),
            ticks: ticks.collect(),
            ..self
        }
    }

    /// With its low end where its high end was.
    pub fn reversed(self) -> Self {
        let ticks = self.ticks.into_iter().map(|tick| Tick {
            fraction: 1.0 - tick.fraction,
            ..tick
        });
        Self {
            ticks: ticks.collect(),
            ..self
        }
    }

    fn new(side: Side, ticks: Vec<Tick>, length: f64, label: &str, turned: bool) -> Self {
        Self {
            side,
            label: font::wrap(label, MEDIUM, length.max(60.0)),
            ticks,
            turned,
        }
    }

    /// How much of the page it takes outside of the plot, points.
    pub fn room(&self) -> f64 {
        self.room_of_ticks()
            + self.label.len() as f64 * MEDIUM * LINE_HEIGHT
            + if self.label.is_empty() { 0.0 } else { GAP }
    }

    /// How far a label of a horizontal axis reaches beyond the right end of a plot `length` points wide.
    pub fn overhang(&self, length: f64) -> f64 {
        let reach =
            |tick: &Tick| (tick.fraction - 1.0) * length + font::width(&tick.label, SMALL) / 2.0;
        self.ticks
            .iter()
            .filter(|_| !self.turned)
            .map(reach)
            .fold(0.0, f64::max)
    }

    fn room_of_ticks(&self) -> f64 {
        let widest = self
            .ticks
            .iter()
            .map(|tick| font::width(&tick.label, SMALL))
            .fold(0.0, f64::max);
        let labels = match self.side {
            _ if widest == 0.0 => 0.0,
            Side::Bottom if !self.turned => SMALL * LINE_HEIGHT,
            _ => widest,
        };
        if self.ticks.is_empty() {
            0.0
        } else {
            TICK + GAP + labels
        }
    }

    /// Draws it along its edge of `area`.
    pub fn draw(&self, canvas: &mut Canvas, area: Rect) {
        for tick in &self.ticks {
            self.draw_tick(canvas, area, tick);
        }
        let line = MEDIUM * LINE_HEIGHT;
        for (i, label) in self.label.iter().enumerate() {
            let (before, behind) = (i as f64 + 0.5, (self.label.len() - i) as f64 - 0.5);
            let out = self.room_of_ticks() + GAP;
            let (centre, middle) = (area.x + area.width / 2.0, area.y + area.height / 2.0);
            let (x, y) = match self.side {
                Side::Bottom => (centre, area.bottom() + out + before * line),
                Side::Left => (area.x - out - behind * line, middle),
                Side::Right => (area.right() + out + before * line, middle),
            };
            let turned = self.side != Side::Bottom;
            canvas.text(
                Text {
                    x,
                    y,
                    size: MEDIUM,
                    anchor: Anchor::Middle,
                    turned,
                },
                label,
            );
        }
    }

    fn draw_tick(&self, canvas: &mut Canvas, area: Rect, tick: &Tick) {
        let x = area.x + tick.fraction * area.width;
        let y = area.bottom() - tick.fraction * area.height;
        let (from, out, anchor) = match self.side {
            Side::Bottom => ([x, area.bottom()], [0.0, 1.0], Anchor::Middle),
            Side::Left => ([area.x, y], [-1.0, 0.0], Anchor::End),
            Side::Right => ([area.right(), y], [1.0, 0.0], Anchor::Start),
        };
        let at = |distance: f64| [from[0] + distance * out[0], from[1] + distance * out[1]];
        canvas.line(from, at(TICK), hairline());
        if tick.label.is_empty() {
            return;
        }
        let distance = match self.side {
            Side::Bottom if !self.turned => TICK + GAP + SMALL * LINE_HEIGHT / 2.0,
            _ => TICK + GAP,
        };
        let [x, y] = at(distance);
        let anchor = if self.turned { Anchor::End } else { anchor };
        canvas.text(
            Text {
                x,
                y,
                size: SMALL,
                anchor,
                turned: self.turned,
            },
            &tick.label,
        );
    }
}

/// Whether the labels stand side by side along `length` points.
fn fits(ticks: &[Tick], length: f64) -> bool {
    ticks.windows(2).all(|pair| {
        let halves = pair
            .iter()
            .map(|tick| font::width(&tick.label, SMALL) / 2.0)
            .sum::<f64>();
        (pair[1].fraction - pair[0].fraction) * length >= halves + APART
    })
}

/// A title over `centre`, broken into lines that fit `room` and set smaller where two lines do not do.
#[derive(Debug, Clone)]
pub(super) struct Title {
    size: f64,
    lines: Vec<String>,
}

impl Title {
    pub fn new(text: &str, size: f64, room: f64) -> Self {
        let fitted = |size| Self {
            size,
            lines: font::wrap(text, size, room),
        };
        let large = fitted(size);
        if large.lines.len() <= 2 {
            large
        } else {
            fitted(SMALL)
        }
    }

    /// Its height with the gap under it; nothing for no title.
    pub fn room(&self) -> f64 {
        if self.lines.is_empty() {
            0.0
        } else {
            self.lines.len() as f64 * self.size * LINE_HEIGHT + 5.0
        }
    }

    pub fn draw(&self, canvas: &mut Canvas, centre: f64, top: f64) {
        for (i, line) in self.lines.iter().enumerate() {
            let y = top + (i as f64 + 0.5) * self.size * LINE_HEIGHT;
            canvas.text(
                Text {
                    x: centre,
                    y,
                    size: self.size,
                    anchor: Anchor::Middle,
                    turned: false,
                },
                line,
            );
        }
    }
}

/// The left and the lower edge of a plot.
pub(super) fn draw_spines(canvas: &mut Canvas, area: Rect) {
    canvas.path(vec![Shape::Corner(area)], hairline());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_numbers_do_not_overlap() {
        for (low, high, length) in [
            (0.0, 6000.0, 60.0),
            (0.0, 60_000.0, 400.0),
            (-1e-5, 1e-5, 90.0),
            (0.0, 1.0, 12.0),
        ] {
            let axis = Axis::numbers(
                Side::Bottom,
                Range { low, high },
                length,
                "time (ms)",
                false,
            );
            assert!(fits(&axis.ticks, length), "{:?}", axis.ticks);
        }
    }

    #[test]
    fn names_are_turned_and_thinned_where_they_lie_too_close() {
        let names = |n: usize| -> Vec<_> {
            (0..n)
                .map(|i| ((i as f64 + 0.5) / n as f64, format!("Frontal_{i}")))
                .collect()
        };
        let few = Axis::names(Side::Bottom, &names(3), 200.0, "");
        assert!(!few.turned && few.ticks.len() == 3);
        let some = Axis::names(Side::Bottom, &names(12), 200.0, "");
        assert!(some.turned && some.ticks.len() == 12);
        let many = Axis::names(Side::Left, &names(80), 200.0, "");
        assert_eq!(many.ticks.len(), 16);
    }

    #[test]
    fn a_long_title_is_broken_and_set_smaller() {
        let title = Title::new(&"fitzhugh-nagumo ".repeat(12), LARGE, 200.0);
        assert!(title.size < LARGE && title.lines.len() > 2);
        assert_eq!(Title::new("", LARGE, 200.0).room(), 0.0);
    }
}

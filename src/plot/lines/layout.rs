//! Where axes, legend and points of a plot of lines stand.

use super::Lines;
use crate::plot::arrows::Arrows;
use crate::plot::axis::{Axis, LARGE, Side, Title};
use crate::plot::canvas::Rect;
use crate::plot::legend::Legend;
use crate::plot::offset::Offset;
use crate::plot::panels::Plot;
use crate::plot::series::Series;
use crate::plot::ticks::{Range, drawable};

impl Lines {
    pub(super) fn layout(&self) -> Layout {
        let [width, height] = self.area();
        let empty = Range {
            low: 0.0,
            high: 1.0,
        };
        let x = match self.x_range {
            _ if self.log_x => {
                let all = self.series.iter().flat_map(|series| &series.x);
                let positive = all.copied().filter(|x| *x > 0.0);
                Range::of(positive.map(f64::log10))
                    .unwrap_or(empty)
                    .widened()
            }
            Some(range) => range.widened(),
            None => self.x_span().unwrap_or(empty).widened().snapped(),
        };
        let offset = self.offset.then(|| Offset::of(&self.series));
        let (y, y_axis) = match &offset {
            Some(offset) => (
                offset.range(),
                Axis::names(
                    Side::Left,
                    &offset.names(&self.series),
                    height,
                    &self.frame.y_label,
                ),
            ),
            None if self.log_y => {
                let all = self.series.iter().flat_map(|series| &series.y);
                let positive = all.copied().filter(|y| *y > 0.0);
                let y = Range::of(positive.map(f64::log10)).unwrap_or(empty);
                let y = y.widened().padded(0.04);
                (y, Axis::decades(Side::Left, y, height, &self.frame.y_label))
            }
            None => {
                let reach = self
                    .series
                    .iter()
                    .filter_map(Series::y_range)
                    .reduce(Range::union);
                let y = self
                    .y_range
                    .unwrap_or_else(|| reach.unwrap_or(empty).widened().padded(0.04));
                (
                    y,
                    Axis::numbers(Side::Left, y, height, &self.frame.y_label, false),
                )
            }
        };
        let x_axis = if self.log_x {
            Axis::decades(Side::Bottom, x, width, &self.frame.x_label)
        } else {
            Axis::numbers(Side::Bottom, x, width, &self.frame.x_label, self.whole_x)
        };
        let x_axis = if self.bare_x { x_axis.bare() } else { x_axis };
        let legend = if self.offset {
            Legend::default()
        } else {
            Legend::of(
                self.series
                    .iter()
                    .enumerate()
                    .map(|(i, series)| (series, self.color(i))),
            )
        };
        let right = match &offset {
            Some(offset) => offset.room(y, height, &self.frame.y_label),
            None => legend.room(),
        };
        let right = right.max(x_axis.overhang(width));
        let title = Title::new(
            &self.frame.title,
            LARGE,
            width + 2.0 * y_axis.room().min(right),
        );
        Layout {
            x,
            y,
            x_axis,
            y_axis,
            title,
            offset,
            legend,
            right,
            log_x: self.log_x,
            log_y: self.log_y,
        }
    }
}

/// Where everything stands, before the plot's area is known.
pub(super) struct Layout {
    pub x: Range,
    pub y: Range,
    pub x_axis: Axis,
    pub y_axis: Axis,
    pub title: Title,
    pub offset: Option<Offset>,
    pub legend: Legend,
    pub right: f64,
    pub log_x: bool,
    pub log_y: bool,
}

impl Layout {
    /// The points of a curve (or of an edge `y` of a band) on the page; what cannot be drawn is not a number.
    pub fn points(&self, series: &Series, y: &[f64], index: usize, area: Rect) -> Vec<[f64; 2]> {
        let shift = self
            .offset
            .as_ref()
            .map_or(0.0, |offset| offset.shift(index));
        let place = |(x, y): (&f64, &f64)| self.point([*x, *y + shift], area);
        series.x.iter().zip(y).map(place).collect()
    }

    /// A point on the page; not a number if it cannot be drawn.
    pub fn point(&self, [x, y]: [f64; 2], area: Rect) -> [f64; 2] {
        // Far beyond the page is far enough.
        let on_page = |v: f64| v.clamp(-1e5, 1e5);
        self.place([x, y], area).map(on_page)
    }

    /// A point on the page, or beyond it.
    fn place(&self, [x, y]: [f64; 2], area: Rect) -> [f64; 2] {
        let x = if self.log_x { x.log10() } else { x };
        let y = if self.log_y { y.log10() } else { y };
        if !drawable(x) || !drawable(y) {
            return [f64::NAN; 2];
        }
        [
            area.x + self.x.fraction(x) * area.width,
            area.bottom() - self.y.fraction(y) * area.height,
        ]
    }

    /// Places and directions on the page.
    pub fn arrows(&self, arrows: &Arrows, area: Rect) -> Vec<[[f64; 2]; 2]> {
        let small = 1e-6;
        let along = |[[x, y], [dx, dy]]: &[[f64; 2]; 2]| {
            let from = self.place([*x, *y], area);
            // A short way ahead, so that it holds on a logarithmic axis too.
            let reach = (dx / (self.x.high - self.x.low)).hypot(dy / (self.y.high - self.y.low));
            let ahead = small / reach;
            let to = self.place([x + ahead * dx, y + ahead * dy], area);
            let direction = [0, 1].map(|i| (to[i] - from[i]) * (reach / small));
            [from, direction]
        };
        arrows.arrows.iter().map(along).collect()
    }
}

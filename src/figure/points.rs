//! The figure of a sweep: a number for each point, over what varies.

use ndarray::{Array2, ArrayView2};

use crate::error::Result;
use crate::plot::{Color, Figure, Heatmap, Lines, Marker, Panel, Panels, Series, Stroke};
use crate::sweep::{Axis, Sweep};

/// Small multiples of a figure, at most; of more, some are left out evenly.
const MOST_PANELS: usize = 16;
/// Side of a small multiple, points.
const SMALL: [f64; 2] = [150.0, 115.0];
/// Points of a scatter plot, at most, and those from which on they are dots.
const MOST_POINTS: usize = 5000;
const MANY_POINTS: usize = 300;

/// A number for each point of a sweep.
#[derive(Debug)]
pub struct Points<'a> {
    /// Points and seeds.
    pub sweep: &'a Sweep,
    /// What the number is, with its unit.
    pub label: String,
    /// Mean over seeds, `[n_points]`; NaN where there is none.
    pub mean: &'a [f64],
    /// Least and largest among the seeds, `[n_points]`.
    pub range: &'a [[f64; 2]],
    /// Whether an output is held in a state that is not stable, `[n_points]`, to be marked; empty where none is.
    pub unstable: &'a [bool],
    /// The best point and its mean, to be marked.
    pub best: Option<(usize, f64)>,
}

impl Points<'_> {
    /// Draws the number over what varies, in the form that suits how much does: a curve, a map, maps
    /// side by side, or scatter plots of drawn points. `None` if nothing varies.
    ///
    /// # Errors
    /// [`Error::Figure`](crate::Error::Figure) if it cannot be drawn.
    pub fn figure(&self) -> Result<Option<Figure>> {
        let study = self.sweep.base();
        let seeds = match self.sweep.n_seeds() {
            1 => String::new(),
            n => format!(", mean of {n} seeds"),
        };
        // Along infinity nothing can be drawn.
        let axes = self.sweep.axes().iter();
        let drawable: Vec<&Axis> = axes.filter(|axis| axis.values.len() > 1).collect();
        // A curve has a legend.
        let has_note = drawable.len() > 1 && self.unstable.contains(&true);
        let note = match (has_note, self.sweep.is_grid()) {
            (false, _) => String::new(),
            (true, true) => format!("; dots: {UNSTABLE}"),
            (true, false) => format!("; circles: {UNSTABLE}"),
        };
        let view = View {
            points: self,
            sweep: self.sweep,
            title: format!("{}: {}{seeds}{note}", study.name, study.model.name),
        };
        match (drawable.len(), self.sweep.is_grid()) {
            (0, _) => Ok(None),
            (1, _) => view.line(drawable[0]).figure().map(Some),
            (_, false) => view.scatter(&drawable).map(Some),
            (2, true) => view.map().map(Some),
            (_, true) => view.multiples().map(Some),
        }
    }
}

/// What is said of points at which an output is held in a state that is not stable.
const UNSTABLE: &str = "held state unstable";

/// These points, marked as such.
fn unstable(name: &str, x: Vec<f64>, y: Vec<f64>) -> Series {
    let points = Series::new(name, x, y).color(Color::QUALITATIVE[3]);
    points.stroke(Stroke::None).marker(Marker::Circle)
}

struct View<'a> {
    points: &'a Points<'a>,
    sweep: &'a Sweep,
    title: String,
}

impl View<'_> {
    /// One number: a curve, and how far the seeds reach.
    fn line(&self, axis: &Axis) -> Lines {
        // Sampled points come in no order.
        let mut order: Vec<usize> = (0..axis.values.len()).collect();
        order.sort_by(|a, b| axis.values[*a].total_cmp(&axis.values[*b]));
        let x = || order.iter().map(|&k| axis.values[k]);
        let y = |f: &dyn Fn(usize) -> f64| order.iter().map(|&k| f(k)).collect::<Vec<_>>();
        let mean = y(&|k| self.points.mean[k]);
        let color = Color::QUALITATIVE[0];
        let several = self.sweep.n_seeds() > 1;
        let name = |text: &str| {
            if several {
                text.to_string()
            } else {
                String::new()
            }
        };
        let mut lines = Lines::new()
            .title(&self.title)
            .x_label(axis.label())
            .y_label(&self.points.label);
        if axis.log {
            lines = lines.x_log();
        }
        if several {
            for (end, text) in [(1, "best and worst seed"), (0, "")] {
                let y = y(&|k| self.points.range[k][end]);
                lines = lines.add(
                    Series::new(text, x(), y)
                        .color(color)
                        .stroke(Stroke::Dotted),
                );
            }
        }
        let mut curve = Series::new(name("mean over seeds"), x(), mean).color(color);
        if order.len() <= 60 {
            curve = curve.marker(Marker::Disc);
        }
        lines = lines.add(curve);
        let is_unstable: Vec<usize> = order
            .iter()
            .copied()
            .filter(|&k| self.is_unstable(k))
            .collect();
        if !is_unstable.is_empty() {
            let x = is_unstable.iter().map(|&k| axis.values[k]);
            let y = is_unstable.iter().map(|&k| self.points.mean[k]);
            lines = lines.add(unstable(UNSTABLE, x.collect(), y.collect()));
        }
        if let Some((best, mean)) = self.points.best {
            let at = Series::new("best point", [axis.values[best]], [mean]);
            lines = lines.add(
                at.color(Color::QUALITATIVE[1])
                    .stroke(Stroke::None)
                    .marker(Marker::Diamond),
            );
        }
        lines
    }

    /// Drawn points: the number against each swept one.
    fn scatter(&self, axes: &[&Axis]) -> Result<Figure> {
        let every = self.points.mean.len().div_ceil(MOST_POINTS);
        let panels = axes.iter().map(|axis| {
            let x = axis.values.iter().copied().step_by(every);
            let y = self.points.mean.iter().copied().step_by(every);
            let points = Series::new("", x, y)
                .stroke(Stroke::None)
                .marker(if self.points.mean.len() < MANY_POINTS {
                    Marker::Disc
                } else {
                    Marker::Dot
                })
                .color(Color::QUALITATIVE[0]);
            let mut lines = Lines::new()
                .x_label(axis.label())
                .y_label(&self.points.label)
                .size_pt(200.0, 150.0)
                .add(points);
            if axis.log {
                lines = lines.x_log();
            }
            let shown = (0..self.points.mean.len()).step_by(every);
            let shown: Vec<usize> = shown.filter(|&k| self.is_unstable(k)).collect();
            if !shown.is_empty() {
                let x = shown.iter().map(|&k| axis.values[k]).collect();
                let y = shown.iter().map(|&k| self.points.mean[k]).collect();
                lines = lines.add(unstable("", x, y));
            }
            if let Some((best, mean)) = self.points.best {
                let at = Series::new("", [axis.values[best]], [mean]);
                lines = lines.add(
                    at.color(Color::QUALITATIVE[1])
                        .stroke(Stroke::None)
                        .marker(Marker::Diamond),
                );
            }
            lines
        });
        Panels::new(panels).columns(3).title(&self.title).figure()
    }

    /// Two numbers: a map. The first of them is along x.
    fn map(&self) -> Result<Figure> {
        let [x, y] = self.plane();
        let values = self.slice(&self.origin(), x, y);
        let map = self.heatmap(values.view(), x, y);
        let map = map.title(&self.title).bar_label(&self.points.label);
        let mut map = self.dotted(map, &self.origin(), x, y);
        if let Some((best, _)) = self.points.best {
            let place = self.sweep.place(best);
            map = map.mark(place[y], place[x]);
        }
        map.figure()
    }

    /// More numbers: a map over the first two for every combination of the others, on one scale of colours.
    fn multiples(&self) -> Result<Figure> {
        let [x, y] = self.plane();
        let axes = self.sweep.axes();
        let others: Vec<usize> = (0..axes.len()).filter(|d| *d != x && *d != y).collect();
        let n_slices: usize = others.iter().map(|&d| axes[d].values.len()).product();
        let finite = || {
            self.points
                .mean
                .iter()
                .copied()
                .filter(|value| value.is_finite())
        };
        let (low, high) = (
            finite().fold(f64::INFINITY, f64::min),
            finite().fold(f64::NEG_INFINITY, f64::max),
        );
        let best = self.points.best.map(|(best, _)| self.sweep.place(best));
        // Some of very many slices, evenly, and the best one's in any case.
        let mut shown: Vec<usize> = (0..n_slices.min(MOST_PANELS))
            .map(|k| k * n_slices / n_slices.min(MOST_PANELS))
            .collect();
        let number_of = |place: &[usize]| {
            others
                .iter()
                .fold(0, |number, &d| number * axes[d].values.len() + place[d])
        };
        if let Some(best) = best.as_deref().map(number_of)
            && !shown.contains(&best)
        {
            let nearest = (0..shown.len())
                .min_by_key(|&k| shown[k].abs_diff(best))
                .unwrap_or(0);
            shown[nearest] = best;
        }
        let columns = (shown.len() as f64).sqrt().ceil() as usize;
        let panels = shown.iter().enumerate().map(|(k, &number)| {
            let mut place = self.origin();
            let mut rest = number;
            for &d in others.iter().rev() {
                place[d] = rest % axes[d].values.len();
                rest /= axes[d].values.len();
            }
            let values = self.slice(&place, x, y);
            let name = others
                .iter()
                .map(|&d| short(&axes[d].setting(axes[d].values[place[d]])));
            let mut map = self
                .heatmap(values.view(), x, y)
                .size_pt(SMALL[0], SMALL[1])
                .title(name.collect::<Vec<_>>().join(", "));
            map = self.dotted(map, &place, x, y);
            if low < high {
                map = map.vmin(low).vmax(high);
            }
            // One bar for each row, but for a last one that is not full.
            map = if k % columns == columns - 1 {
                map.bar_label(&self.points.label)
            } else {
                map.without_bar()
            };
            if let Some(best) = &best
                && number_of(best) == number
            {
                map = map.mark(best[y], best[x]);
            }
            Panel::from(map)
        });
        let panels: Vec<Panel> = panels.collect();
        Panels::new(panels)
            .columns(columns)
            .title(&self.title)
            .figure()
    }

    /// Whether an output is held in an unstable state at a point.
    fn is_unstable(&self, point: usize) -> bool {
        self.points
            .unstable
            .get(point)
            .is_some_and(|unstable| *unstable)
    }

    /// The map with a dot on every point at which an output is held in an unstable state, the other numbers as at `place`.
    fn dotted(&self, mut map: Heatmap, place: &[usize], x: usize, y: usize) -> Heatmap {
        let shape = self.sweep.shape();
        for row in 0..shape[y] {
            for column in 0..shape[x] {
                if self.is_unstable(self.number(place, [(y, row), (x, column)])) {
                    map = map.dot(row, column);
                }
            }
        }
        map
    }

    /// The point at `place`, but for two of its indices.
    fn number(&self, place: &[usize], changed: [(usize, usize); 2]) -> usize {
        let mut place = place.to_vec();
        changed
            .into_iter()
            .for_each(|(axis, index)| place[axis] = index);
        let each = place.iter().zip(self.sweep.shape());
        each.fold(0, |number, (i, n)| number * n + i)
    }

    /// The two axes of a map: the first that have more than one value, the first of all along x.
    fn plane(&self) -> [usize; 2] {
        let axes = self.sweep.axes();
        let mut long = (0..axes.len()).filter(|&d| axes[d].values.len() > 1);
        [long.next().unwrap_or(0), long.next().unwrap_or(1)]
    }

    fn heatmap(&self, values: ArrayView2<f64>, x: usize, y: usize) -> Heatmap {
        let [across, up] = [x, y].map(|d| &self.sweep.axes()[d]);
        let map = Heatmap::new(values)
            .x_label(across.label())
            .y_label(up.label());
        let finite = |axis: &Axis| axis.values.iter().all(|value| value.is_finite());
        let names = |axis: &Axis| axis.values.iter().map(f64::to_string).collect::<Vec<_>>();
        let map = if finite(across) {
            map.x_values(across.values.iter().copied())
        } else {
            map.x_names(names(across))
        };
        if finite(up) {
            map.y_values(up.values.iter().copied())
        } else {
            map.y_names(names(up))
        }
    }

    /// The number over axes `x` and `y`, `[y, x]`, the other numbers as at `place`.
    fn slice(&self, place: &[usize], x: usize, y: usize) -> Array2<f64> {
        let shape = self.sweep.shape();
        Array2::from_shape_fn((shape[y], shape[x]), |(row, column)| {
            self.points.mean[self.number(place, [(y, row), (x, column)])]
        })
    }

    fn origin(&self) -> Vec<usize> {
        vec![0; self.sweep.axes().len()]
    }
}

/// "coupling.g = 1" without its section, for titles of small plots.
fn short(setting: &str) -> String {
    match setting.split_once(" = ") {
        Some((path, value)) => {
            let name = path.rsplit('.').next().unwrap_or(path);
            // One letter says too little without its section.
            let name = if name.len() < 2 { path } else { name };
            format!("{name} = {value}")
        }
        None => setting.into(),
    }
}

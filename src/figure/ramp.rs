//! The figure of a number that follows the time: a signal against it, where it rises and where it falls.

use ndarray::ArrayView2;

use crate::error::Result;
use crate::model::Observable;
use crate::plot::{Color, Figure, Lines, Series};

/// Parts into which the range of the number is cut, at most.
const MOST_PARTS: usize = 240;
/// Samples for each part, on the average.
const SAMPLES: usize = 8;
/// What the two directions are called.
const DIRECTIONS: [&str; 2] = ["rising", "falling"];

/// A number that follows the time, and a signal.
pub struct Ramp<'a> {
    /// What the number is, with its unit.
    pub label: String,
    /// The number at each sample, `[n_samples]`.
    pub values: &'a [f64],
    /// The signal, `[n_samples, n_nodes]`.
    pub samples: ArrayView2<'a, f32>,
    /// What it is.
    pub shown: &'a Observable,
}

/// What the signal is in a part of the range, in one direction.
#[derive(Clone, Copy)]
struct Part {
    n: f64,
    number: f64,
    sum: f64,
    low: f64,
    high: f64,
}

impl Ramp<'_> {
    /// Draws the mean of the signal over nodes and samples against the number, with a band from its lowest to its highest sample: the
    /// two directions of a hysteresis loop apart. `None` where the number does not change.
    ///
    /// # Errors
    /// [`Error::Figure`](crate::Error::Figure) if a series cannot be drawn.
    pub fn figure(&self, title: &str) -> Result<Option<Figure>> {
        let least = self.values.iter().copied().fold(f64::INFINITY, f64::min);
        let most = self
            .values
            .iter()
            .copied()
            .fold(f64::NEG_INFINITY, f64::max);
        if self.samples.is_empty() || most <= least {
            return Ok(None);
        }
        let mut lines = Lines::new().title(title).x_label(&self.label);
        for ((parts, name), color) in self
            .parts([least, most])
            .iter()
            .zip(DIRECTIONS)
            .zip(Color::QUALITATIVE)
        {
            let parts: Vec<&Part> = parts.iter().filter(|part| part.n > 0.0).collect();
            if parts.is_empty() {
                continue;
            }
            let of = |value: fn(&Part) -> f64| parts.iter().map(move |part| value(part));
            let number = || of(|part| part.number / part.n);
            let band = Series::band("", number(), of(|part| part.low), of(|part| part.high));
            let mean = Series::new(name, number(), of(|part| part.sum / part.n));
            lines = lines.add(band.color(color)).add(mean.color(color));
        }
        let unit = match self.shown.unit {
            "1" => String::new(),
            unit => format!(" ({unit})"),
        };
        let label = format!("{}, {}{unit}", self.shown.name, self.shown.meaning);
        lines.y_label(label).figure().map(Some)
    }

    /// The parts of the range, where the number rises and where it falls. Where it rests it goes on as before.
    fn parts(&self, [least, most]: [f64; 2]) -> [Vec<Part>; 2] {
        let n = (self.values.len() / SAMPLES).clamp(1, MOST_PARTS);
        let empty = Part {
            n: 0.0,
            number: 0.0,
            sum: 0.0,
            low: f64::INFINITY,
            high: f64::NEG_INFINITY,
        };
        let mut parts = [vec![empty; n], vec![empty; n]];
        let changes = self.values.windows(2).map(|pair| pair[1] - pair[0]);
        let mut falls = changes
            .clone()
            .find(|&change| change != 0.0)
            .is_some_and(|change| change < 0.0);
        let changes = std::iter::once(0.0).chain(changes);
        for ((value, change), samples) in self
            .values
            .iter()
            .zip(changes)
            .zip(self.samples.outer_iter())
        {
            if change != 0.0 {
                falls = change < 0.0;
            }
            let place = ((value - least) / (most - least) * n as f64) as usize;
            let part = &mut parts[usize::from(falls)][place.min(n - 1)];
            for x in samples.iter().map(|x| f64::from(*x)) {
                part.n += 1.0;
                part.number += value;
                part.sum += x;
                part.low = part.low.min(x);
                part.high = part.high.max(x);
            }
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::model;

    /// A switch that goes on at 1 on the way up and off at 0.4 on the way down: between the two it is off where the number rises and on
    /// where it falls.
    #[test]
    fn the_two_directions_are_apart() {
        let n = 2000;
        let up_and_down = |k: usize| 1.5 * (1.0 - (2.0 * k as f64 / n as f64 - 1.0).abs());
        let values: Vec<f64> = (0..n).map(up_and_down).collect();
        let is_on = |k: usize| match k < n / 2 {
            true => values[k] >= 1.0,
            false => values[k] > 0.4,
        };
        let samples = Array2::from_shape_fn((n, 2), |(k, _)| f32::from(u8::from(is_on(k))));
        let model = model::find("fitzhugh-nagumo").unwrap();
        let of = |values: &[f64], samples: &Array2<f32>| {
            let ramp = Ramp {
                label: "input.x".into(),
                values,
                samples: samples.view(),
                shown: &model.observable(0),
            };
            let drawn = ramp.figure("a switch").unwrap();
            (drawn, ramp.parts([0.0, 1.5]))
        };
        let (drawn, parts) = of(&values, &samples);
        for (parts, threshold) in parts.iter().zip([1.0, 0.4]) {
            for part in parts.iter().filter(|part| part.n > 0.0) {
                let (number, mean) = (part.number / part.n, part.sum / part.n);
                if (number - threshold).abs() > 1.5 / MOST_PARTS as f64 {
                    let expected = f64::from(u8::from(number > threshold));
                    assert_eq!((mean, part.low, part.high), (expected, expected, expected));
                }
            }
        }
        let svg = drawn.unwrap();
        assert!(DIRECTIONS.iter().all(|name| svg.svg().contains(name)));
        // On the way up alone there is one curve; a number that rests has no figure.
        let (drawn, _) = of(
            &values[..n / 2],
            &samples.slice(ndarray::s![..n / 2, ..]).to_owned(),
        );
        assert!(!drawn.unwrap().svg().contains("falling"));
        assert!(of(&vec![0.3; n], &samples).0.is_none());
    }
}

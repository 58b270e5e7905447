//! What the rows and columns of a matrix are, and the axes they make.

use super::axis::{Axis, Side};
use super::ticks::{Range, drawable, number};
use crate::error::{FigureError, Result};

/// Values that are each written under their cell.
const FEW: usize = 5;

/// What the rows or columns of a matrix are.
#[derive(Debug, Clone, Default)]
pub(super) enum Cells {
    /// Numbers from 0.
    #[default]
    Indices,
    /// So many numbers from 0, spread evenly.
    Spread(usize),
    Names(Vec<String>),
    /// Neighbours that belong together: a name and how many.
    Blocks(Vec<(String, usize)>),
    Values(Vec<f64>),
}

impl Cells {
    /// Fails unless there is one for each of the `count` rows or columns.
    pub fn check(&self, what: &str, count: usize) -> Result<()> {
        let found = match self {
            Self::Indices | Self::Spread(_) => count,
            Self::Names(names) => names.len(),
            Self::Blocks(blocks) => blocks.iter().map(|(_, n)| n).sum(),
            Self::Values(values) => {
                if let Some(value) = values.iter().find(|v| !drawable(**v)) {
                    let (what, value) = (format!("a value of {what}"), *value);
                    return Err(FigureError::NotFinite { what, value }.into());
                }
                values.len()
            }
        };
        if found != count {
            return Err(FigureError::WrongCount {
                what: format!("names or values of {what}"),
                found: found.to_string(),
                expected: format!("one for each of the {count} {what}"),
            }
            .into());
        }
        Ok(())
    }

    /// Whether the first lies at the high end of the axis: the first row of a matrix at the top, a falling parameter.
    pub fn starts_high(&self, side: Side) -> bool {
        match self {
            Self::Values(values) => values.first() > values.last(),
            Self::Indices | Self::Spread(_) | Self::Names(_) | Self::Blocks(_) => {
                side == Side::Left
            }
        }
    }

    /// The span of the axis, if the values are evenly spaced.
    fn even(&self) -> Option<Range> {
        match self {
            Self::Values(values) => evenly(values),
            _ => None,
        }
    }

    /// The span of their decimal logarithms, if those are evenly spaced.
    fn even_log(&self) -> Option<Range> {
        match self {
            Self::Values(values) if values.iter().all(|value| *value > 0.0) => {
                evenly(&values.iter().map(|value| value.log10()).collect::<Vec<_>>())
            }
            _ => None,
        }
    }

    /// Before which cells a block begins, without the first.
    pub fn seams(&self) -> Vec<usize> {
        let Self::Blocks(blocks) = self else {
            return Vec::new();
        };
        let mut ends = blocks.iter().scan(0, |end, (_, n)| {
            *end += n;
            Some(*end)
        });
        let n_seams = blocks.len().saturating_sub(1);
        ends.by_ref().take(n_seams).collect()
    }

    /// Where the cell of this index has its middle: 0 at the low end of the axis, 1 at the high end.
    pub fn middle(&self, side: Side, index: usize, count: usize) -> f64 {
        let fraction = (index as f64 + 0.5) / count as f64;
        if self.starts_high(side) {
            1.0 - fraction
        } else {
            fraction
        }
    }

    pub fn axis(&self, side: Side, count: usize, length: f64, label: &str) -> Axis {
        let high = self.starts_high(side);
        let named = |names: &[String]| {
            let middle = |i: usize| (i as f64 + 0.5) / count as f64;
            let fraction = |i| if high { 1.0 - middle(i) } else { middle(i) };
            let names: Vec<_> = names
                .iter()
                .enumerate()
                .map(|(i, name)| (fraction(i), name.clone()))
                .collect();
            Axis::names(side, &names, length, label)
        };
        match (self, self.even()) {
            (Self::Indices | Self::Spread(_), _) => {
                let n = match self {
                    Self::Spread(n) => *n,
                    _ => count,
                };
                let axis = Axis::numbers(
                    side,
                    Range {
                        low: -0.5,
                        high: n as f64 - 0.5,
                    },
                    length,
                    label,
                    true,
                );
                if high { axis.reversed() } else { axis }
            }
            (Self::Names(names), _) => named(names),
            (Self::Blocks(blocks), _) => {
                let mut first = 0;
                let mut names = Vec::with_capacity(blocks.len());
                for (name, n) in blocks {
                    let middle = (first as f64 + *n as f64 / 2.0) / count as f64;
                    names.push((if high { 1.0 - middle } else { middle }, name.clone()));
                    first += n;
                }
                Axis::names(side, &names, length, label)
            }
            // So few that each can be named.
            (Self::Values(values), _) if values.len() <= FEW => {
                named(&values.iter().map(|v| number(*v)).collect::<Vec<_>>())
            }
            (Self::Values(_), Some(range)) => Axis::numbers(side, range, length, label, false),
            (Self::Values(_), None) if self.even_log().is_some() => {
                let range = self.even_log().unwrap_or(Range {
                    low: 0.0,
                    high: 1.0,
                });
                Axis::decades(side, range, length, label)
            }
            (Self::Values(values), None) => {
                named(&values.iter().map(|v| number(*v)).collect::<Vec<_>>())
            }
        }
    }
}

/// The span of evenly spaced values, half a step wider at both ends.
fn evenly(values: &[f64]) -> Option<Range> {
    let [first, .., last] = values[..] else {
        return None;
    };
    let step = (last - first) / (values.len() - 1) as f64;
    let off = |(i, v): (usize, &f64)| (v - (first + i as f64 * step)).abs();
    let even = step != 0.0
        && values
            .iter()
            .enumerate()
            .map(off)
            .all(|off| off <= 1e-3 * step.abs());
    even.then(|| Range {
        low: first.min(last) - step.abs() / 2.0,
        high: first.max(last) + step.abs() / 2.0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_values_span_their_cells() {
        let even = |values: &[f64]| Cells::Values(values.to_vec()).even();
        assert_eq!(
            even(&[0.0, 1.0, 2.0]),
            Some(Range {
                low: -0.5,
                high: 2.5
            })
        );
        assert_eq!(even(&[0.0, 0.1, 1.0]), None);
        let log = |values: &[f64]| Cells::Values(values.to_vec()).even_log().is_some();
        assert!(log(&[0.01, 0.1, 1.0, 10.0]) && !log(&[0.0, 0.1, 1.0]) && !log(&[1.0, 2.0, 3.0]));
        assert_eq!(even(&[1.0]), None);
        assert_eq!(even(&[1.0, 1.0]), None);
    }
}

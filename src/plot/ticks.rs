//! Where an axis has its ticks and what stands at them.

/// The span of some numbers; what is not finite does not count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Range {
    pub low: f64,
    pub high: f64,
}

/// Whether a number can be drawn. The bound keeps the difference of any two finite.
pub(super) fn drawable(value: f64) -> bool {
    value.abs() < 1e300
}

impl Range {
    /// From the least to the greatest drawable value, or `None` if there is none.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        values
            .into_iter()
            .filter(|v| drawable(*v))
            .fold(None, |range, v| {
                let Self { low, high } = range.unwrap_or(Self { low: v, high: v });
                Some(Self {
                    low: low.min(v),
                    high: high.max(v),
                })
            })
    }

    /// The span of both.
    pub fn union(self, other: Self) -> Self {
        Self {
            low: self.low.min(other.low),
            high: self.high.max(other.high),
        }
    }

    /// The same, unless all values are equal or as good as: then wide enough to be an axis.
    pub fn widened(self) -> Self {
        let Self { low, high } = self;
        let largest = low.abs().max(high.abs());
        if high - low > 1e-9 * largest {
            return self;
        }
        let half = if largest < 1e-300 {
            0.5
        } else {
            0.05 * largest
        };
        Self {
            low: low - half,
            high: high + half,
        }
    }

    /// Wider by `share` of its length at both ends.
    pub fn padded(self, share: f64) -> Self {
        let pad = share * (self.high - self.low);
        Self {
            low: self.low - pad,
            high: self.high + pad,
        }
    }

    /// The same, with an end that almost reaches a round number moved onto it: 0.1 to 5999.9 is 0 to 6000.
    pub fn snapped(self) -> Self {
        let (digit, exponent) = step_of(self, 8, false);
        let step = digit * 10f64.powi(exponent);
        let near = 0.01 * (self.high - self.low);
        let (low, high) = (
            (self.low / step).floor() * step,
            (self.high / step).ceil() * step,
        );
        Self {
            low: if self.low - low <= near {
                low
            } else {
                self.low
            },
            high: if high - self.high <= near {
                high
            } else {
                self.high
            },
        }
    }

    /// Where `value` lies: 0 at the low end, 1 at the high end.
    pub fn fraction(self, value: f64) -> f64 {
        (value - self.low) / (self.high - self.low)
    }
}

/// Where a number is marked.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tick {
    /// From 0 at the low end of the axis to 1 at its high end.
    pub fraction: f64,
    pub label: String,
}

/// At most `most` steps of 1, 2 or 5 times a power of ten inside `range`; of whole numbers only if `whole`.
pub(super) fn ticks(range: Range, most: usize, whole: bool) -> Vec<Tick> {
    let (digit, exponent) = step_of(range, most, whole);
    let step = digit * 10f64.powi(exponent);
    let (first, last) = (
        (range.low / step - 1e-9).ceil(),
        (range.high / step + 1e-9).floor(),
    );
    let largest = range.low.abs().max(range.high.abs());
    (0..=most + 1)
        .map(|i| first + i as f64)
        .take_while(|multiple| *multiple <= last)
        .map(|multiple| Tick {
            fraction: range.fraction(multiple * step).clamp(0.0, 1.0),
            label: label(multiple * digit, exponent, largest),
        })
        .collect()
}

/// Ticks of a logarithmic axis whose `range` is that of the decimal logarithms: at powers of ten, where two of them are inside; else
/// at 1, 2 and 5 times them. At most `most`.
pub(super) fn log_ticks(range: Range, most: usize) -> Vec<Tick> {
    let inside = |log: &f64| (range.low - 1e-9..=range.high + 1e-9).contains(log);
    let (first, last) = (range.low.floor() as i32 - 1, range.high.ceil() as i32);
    let powers = || (first..=last).map(f64::from).filter(inside);
    let n_powers = powers().count();
    let logs: Vec<f64> = if n_powers >= 2 {
        powers().step_by(n_powers.div_ceil(most.max(1))).collect()
    } else {
        let fine = |power: i32| [1.0_f64, 2.0, 5.0].map(|digit| f64::from(power) + digit.log10());
        (first..=last).flat_map(fine).filter(inside).collect()
    };
    let tick = |log: f64| {
        let power = log.floor() as i32;
        let digit = (10f64.powf(log - f64::from(power))).round();
        let label = if (-4..6).contains(&power) {
            format!("{:.*}", (-power).max(0) as usize, digit * 10f64.powi(power))
        } else {
            format!("{digit}e{power}").replace('-', "−")
        };
        let fraction = range.fraction(log).clamp(0.0, 1.0);
        Tick { fraction, label }
    };
    logs.into_iter().map(tick).collect()
}

/// The least step of 1, 2 or 5 times a power of ten (digit, exponent) that divides `range` into at most `most` parts.
fn step_of(range: Range, most: usize, whole: bool) -> (f64, i32) {
    let raw = (range.high - range.low) / most.max(1) as f64;
    let exponent = raw.log10().floor() as i32;
    let exponent = if whole { exponent.max(0) } else { exponent };
    // Compared with a little slack: the logarithm may be an ulp off at a power of ten.
    [(1.0, exponent), (2.0, exponent), (5.0, exponent)]
        .into_iter()
        .find(|(digit, exponent)| digit * 10f64.powi(*exponent) >= raw * (1.0 - 1e-9))
        .unwrap_or((1.0, exponent + 1))
}

/// `mantissa * 10^exponent` on an axis whose largest number is `largest`: all its labels have the same form and precision.
fn label(mantissa: f64, exponent: i32, largest: f64) -> String {
    let order = largest.log10().floor() as i32;
    let text = if (-3..6).contains(&order) {
        let value = if exponent < 0 {
            mantissa / 10f64.powi(-exponent)
        } else {
            mantissa * 10f64.powi(exponent)
        };
        format!("{value:.*}", (-exponent).max(0) as usize)
    } else if mantissa == 0.0 {
        "0".into()
    } else {
        let decimals = (order - exponent).max(0);
        format!(
            "{:.*}e{order}",
            decimals as usize,
            mantissa / 10f64.powi(decimals)
        )
    };
    // "-0.0" is a zero that rounding has left a sign.
    let zero = text.chars().all(|c| matches!(c, '-' | '0' | '.'));
    if zero {
        text.replace('-', "")
    } else {
        text.replace('-', "−")
    }
}

/// A number on its own, in as few digits as it needs.
pub(super) fn number(value: f64) -> String {
    let text = format!("{value}");
    let text = if text.len() > 9 {
        format!("{value:.3e}")
    } else {
        text
    };
    text.replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(low: f64, high: f64, most: usize) -> Vec<String> {
        let ticks = ticks(Range { low, high }, most, false);
        ticks.into_iter().map(|t| t.label).collect()
    }

    #[test]
    fn steps_are_1_2_or_5() {
        assert_eq!(
            labels(0.0, 6000.0, 6),
            ["0", "1000", "2000", "3000", "4000", "5000", "6000"]
        );
        assert_eq!(
            labels(0.0, 1.0, 5),
            ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]
        );
        assert_eq!(
            labels(-0.25, 0.25, 6),
            ["−0.2", "−0.1", "0.0", "0.1", "0.2"]
        );
        assert_eq!(labels(0.69, 0.82, 4), ["0.70", "0.75", "0.80"]);
        assert_eq!(labels(0.0, 248.3, 5), ["0", "50", "100", "150", "200"]);
    }

    #[test]
    fn logarithmic_axes_have_ticks_at_powers_of_ten_or_between() {
        let labels = |low: f64, high: f64| -> Vec<String> {
            let range = Range {
                low: low.log10(),
                high: high.log10(),
            };
            log_ticks(range, 6)
                .into_iter()
                .map(|tick| tick.label)
                .collect()
        };
        assert_eq!(labels(0.008, 13.0), ["0.01", "0.1", "1", "10"]);
        assert_eq!(labels(0.15, 7.0), ["0.2", "0.5", "1", "2", "5"]);
        assert_eq!(labels(1e-8, 1e4), ["1e−8", "1e−5", "0.01", "10", "10000"]);
    }

    #[test]
    fn very_large_and_small_numbers_are_in_powers_of_ten() {
        assert_eq!(labels(0.0, 4e-5, 4), ["0", "1e−5", "2e−5", "3e−5", "4e−5"]);
        assert_eq!(labels(0.0, 3e7, 3), ["0", "1e7", "2e7", "3e7"]);
        assert_eq!(labels(0.0, 120_000.0, 3), ["0", "50000", "100000"]);
    }

    #[test]
    fn ticks_lie_at_their_numbers() {
        let ticks = ticks(
            Range {
                low: -1.0,
                high: 3.0,
            },
            4,
            false,
        );
        let found: Vec<_> = ticks
            .iter()
            .map(|t| (t.fraction, t.label.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                (0.0, "−1"),
                (0.25, "0"),
                (0.5, "1"),
                (0.75, "2"),
                (1.0, "3")
            ]
        );
    }

    #[test]
    fn an_axis_reaches_on_to_a_round_number_close_by() {
        let snapped = |low, high| Range { low, high }.snapped();
        assert_eq!(
            snapped(0.1, 5999.9),
            Range {
                low: 0.0,
                high: 6000.0
            }
        );
        assert_eq!(
            snapped(0.3, 1.99),
            Range {
                low: 0.3,
                high: 2.0
            }
        );
        assert_eq!(
            snapped(130.0, 570.0),
            Range {
                low: 130.0,
                high: 570.0
            }
        );
    }

    #[test]
    fn whole_numbers_have_no_fractions() {
        let ticks = ticks(
            Range {
                low: -0.5,
                high: 2.5,
            },
            8,
            true,
        );
        assert_eq!(
            ticks.iter().map(|t| t.label.as_str()).collect::<Vec<_>>(),
            ["0", "1", "2"]
        );
    }

    #[test]
    fn extreme_ranges_have_few_ticks() {
        for (a, b) in [
            (-9e299, 9e299),
            (0.0, 1e-300),
            (1.0, 1.0),
            (1.0, 1.0 + f64::EPSILON),
            (5e-324, 5e-324),
        ] {
            let range = Range::of([a, b]).unwrap().widened();
            let ticks = ticks(range, 5, false);
            assert!(ticks.len() <= 7, "{a} {b}: {}", ticks.len());
            assert!(ticks.iter().all(|t| (0.0..=1.0).contains(&t.fraction)));
        }
        assert_eq!(Range::of([f64::NAN, f64::INFINITY]), None);
    }
}

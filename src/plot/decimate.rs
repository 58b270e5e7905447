//! Fewer points for the same picture.

use std::ops::Range;

/// Splits a curve where it has no drawable value and thins each part to what `columns` columns of pixels can show.
///
/// `points` are in points of the page. Of every column the first, the last, the lowest and the highest stay, in their order, so
/// that no peak is lost. A curve that turns back in x (an orbit, a bifurcation branch) is left as it is.
pub(super) fn pieces(
    points: &[[f64; 2]],
    left: f64,
    width: f64,
    columns: usize,
) -> Vec<Vec<[f64; 2]>> {
    let rising = points
        .iter()
        .filter(|[x, _]| x.is_finite())
        .is_sorted_by(|a, b| a[0] <= b[0]);
    points
        .split(|point| !point.iter().all(|v| v.is_finite()))
        .filter(|piece| !piece.is_empty())
        .map(|piece| {
            if rising && piece.len() > 4 * columns {
                // All points left of the window share a column, and so do all right of it.
                let column = |[x, _]: &[f64; 2]| {
                    ((x - left) / width * columns as f64)
                        .floor()
                        .clamp(-1.0, columns as f64) as i64
                };
                thinned(piece, column)
            } else {
                piece.to_vec()
            }
        })
        .collect()
}

fn thinned(piece: &[[f64; 2]], column: impl Fn(&[f64; 2]) -> i64) -> Vec<[f64; 2]> {
    let mut kept = Vec::new();
    for group in piece.chunk_by(|a, b| column(a) == column(b)) {
        let stay = extremes(0..group.len(), |k| group[k][1]);
        kept.extend(stay.into_iter().map(|k| group[k]));
    }
    kept
}

/// The indices of the first, the last, the lowest and the highest of some heights, in their order; none twice.
fn extremes(range: Range<usize>, height: impl Fn(usize) -> f64) -> Vec<usize> {
    let Some(last) = range.end.checked_sub(1).filter(|last| *last >= range.start) else {
        return Vec::new();
    };
    let (mut lowest, mut highest) = (range.start, range.start);
    for k in range.clone() {
        if height(k).total_cmp(&height(lowest)).is_lt() {
            lowest = k;
        }
        if height(k).total_cmp(&height(highest)).is_ge() {
            highest = k;
        }
    }
    let mut stay = vec![range.start, last, lowest, highest];
    stay.sort_unstable();
    stay.dedup();
    stay
}

/// Stretches that a long signal is cut into before it is drawn: some for each column of pixels that a figure has.
const STRETCHES: usize = 4096;

/// The indices of those of `n` values, evenly spaced in x, that a figure of any size can show: of each of many stretches the first,
/// the last, the lowest and the highest, and the ends of what is missing. All of fewer values.
pub(super) fn seen(n: usize, value: impl Fn(usize) -> f64) -> Vec<usize> {
    if n <= 4 * STRETCHES {
        return (0..n).collect();
    }
    let mut seen = Vec::new();
    for stretch in 0..STRETCHES {
        let end = (stretch + 1) * n / STRETCHES;
        let mut from = stretch * n / STRETCHES;
        while from < end {
            let is_gap = !value(from).is_finite();
            let differs = (from..end).find(|&k| value(k).is_finite() == is_gap);
            let until = differs.unwrap_or(end);
            match is_gap {
                true => seen.push(from),
                false => seen.extend(extremes(from..until, &value)),
            }
            from = until;
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peaks_of_one_sample_survive() {
        let mut points: Vec<[f64; 2]> = (0..60_000)
            .map(|i| [i as f64 * 0.01, (i as f64 * 0.37).sin()])
            .collect();
        points[12_345][1] = 9.0;
        points[54_321][1] = -9.0;
        let pieces = pieces(&points, 0.0, 600.0, 300);
        assert_eq!(pieces.len(), 1);
        assert!(pieces[0].len() <= 4 * 301, "{}", pieces[0].len());
        assert!(pieces[0].contains(&points[12_345]) && pieces[0].contains(&points[54_321]));
        assert!(pieces[0].is_sorted_by(|a, b| a[0] < b[0]));
        assert_eq!(pieces[0].last(), points.last());
    }

    #[test]
    fn long_signals_are_drawn_as_if_all_were_there() {
        let n = 300_000;
        let value = |k: usize| match k {
            123_456 => 9.0,
            234_567 => -9.0,
            200_000..200_100 | 7 => f64::NAN,
            _ => (k as f64 * 0.37).sin() + (k as f64 * 1e-4).cos(),
        };
        let seen = seen(n, value);
        assert!(seen.len() <= 4 * STRETCHES + 12, "{}", seen.len());
        assert!(seen.is_sorted_by(|a, b| a < b));
        for k in [0, 7, 123_456, 200_000, 234_567, n - 1] {
            assert!(seen.contains(&k), "{k}");
        }
        let point = |k: usize| [k as f64 * 600.0 / n as f64, value(k)];
        let all: Vec<[f64; 2]> = (0..n).map(point).collect();
        let few: Vec<[f64; 2]> = seen.into_iter().map(point).collect();
        let (all, few) = (
            pieces(&all, 0.0, 600.0, 1200),
            pieces(&few, 0.0, 600.0, 1200),
        );
        assert_eq!(all.len(), 3);
        assert_eq!(few.len(), 3);
        // Lowest and highest of each column of pixels.
        let ranges = |pieces: &[Vec<[f64; 2]>]| {
            let mut ranges = vec![[f64::INFINITY, f64::NEG_INFINITY]; 601];
            for [x, y] in pieces.iter().flatten() {
                let range = &mut ranges[*x as usize];
                *range = [range[0].min(*y), range[1].max(*y)];
            }
            ranges
        };
        let off = ranges(&all)
            .iter()
            .zip(&ranges(&few))
            .flat_map(|(a, b)| [(a[0] - b[0]).abs(), (a[1] - b[1]).abs()])
            .filter(|off| !off.is_nan())
            .fold(0.0, f64::max);
        assert!(off < 0.02, "{off}");
    }

    #[test]
    fn gaps_stay_gaps() {
        let points = [
            [0.0, 1.0],
            [1.0, f64::NAN],
            [2.0, 1.0],
            [3.0, f64::INFINITY],
        ];
        assert_eq!(pieces(&points, 0.0, 3.0, 10), [[[0.0, 1.0]], [[2.0, 1.0]]]);
    }

    #[test]
    fn a_curve_that_turns_back_is_left_alone() {
        let points: Vec<[f64; 2]> = (0..5000)
            .map(|i| [(i as f64 * 0.01).cos(), (i as f64 * 0.01).sin()])
            .collect();
        assert_eq!(pieces(&points, -1.0, 2.0, 10), [points]);
    }
}

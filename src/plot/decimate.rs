//! Fewer points for the same picture.

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
        let by_height = |a: &&usize, b: &&usize| group[**a][1].total_cmp(&group[**b][1]);
        let indices: Vec<usize> = (0..group.len()).collect();
        let extremes = [
            indices.iter().min_by(by_height),
            indices.iter().max_by(by_height),
        ];
        let mut stay = [
            0,
            group.len() - 1,
            *extremes[0].unwrap_or(&0),
            *extremes[1].unwrap_or(&0),
        ];
        stay.sort_unstable();
        kept.extend(
            stay.iter()
                .enumerate()
                .filter(|(i, s)| *i == 0 || stay[i - 1] != **s)
                .map(|(_, s)| group[*s]),
        );
    }
    kept
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

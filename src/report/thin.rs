//! Leaves numbers out where there are too many for a page.

/// Numbers of one array in a page, at most; of longer ones some are left out.
pub const MOST_NUMBERS: usize = 160_000;

/// Samples over time, as many as a page takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Thinned {
    /// The samples whose times these are, `[n]`.
    pub rows: Vec<usize>,
    /// `[n][n_columns]`
    pub values: Vec<f32>,
    /// What was left out, in words; empty where nothing was.
    pub remark: String,
}

/// Thins samples `[n_rows][n_columns]` to about `most` numbers: of each stretch of time the least
/// and the largest value of each column, in their order, so that no peak is lost.
pub fn thinned(
    n_rows: usize,
    n_columns: usize,
    most: usize,
    value: impl Fn(usize, usize) -> f32,
) -> Thinned {
    let most = (most / n_columns.max(1)).clamp(8, 4000);
    if n_rows <= most {
        let cells = (0..n_rows).flat_map(|row| (0..n_columns).map(move |column| (row, column)));
        return Thinned {
            rows: (0..n_rows).collect(),
            values: cells.map(|(row, column)| value(row, column)).collect(),
            remark: String::new(),
        };
    }
    let length = (2 * n_rows).div_ceil(most);
    let mut all = Thinned {
        rows: Vec::new(),
        values: Vec::new(),
        remark: format!(
            "thinned: of every {length} samples the least and the largest of each curve"
        ),
    };
    for first in (0..n_rows).step_by(length) {
        let end = (first + length).min(n_rows);
        let mut pairs = Vec::with_capacity(n_columns);
        for column in 0..n_columns {
            let (mut low, mut high) = (first, first);
            for row in first..end {
                if value(row, column) < value(low, column) {
                    low = row;
                }
                if value(row, column) > value(high, column) {
                    high = row;
                }
            }
            let [a, b] = if low <= high {
                [low, high]
            } else {
                [high, low]
            };
            pairs.push([value(a, column), value(b, column)]);
        }
        let rows = match end - first {
            1 => 1,
            _ => 2,
        };
        for k in 0..rows {
            all.rows.push(first + k * (end - first) / 2);
            all.values.extend(pairs.iter().map(|pair| pair[k]));
        }
    }
    all
}

/// Every how-manieth of `n` things is kept so that no more than `most` are.
pub fn every(n: usize, most: usize) -> usize {
    n.div_ceil(most.max(1)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_samples_stay_as_they_are() {
        let all = thinned(3, 2, 100, |row, column| (10 * row + column) as f32);
        assert_eq!(all.rows, [0, 1, 2]);
        assert_eq!(all.values, [0.0, 1.0, 10.0, 11.0, 20.0, 21.0]);
        assert_eq!(all.remark, "");
    }

    #[test]
    fn no_peak_is_lost() {
        let (n, columns) = (100_003, 80);
        let value = |row: usize, column: usize| match row == 1234 + column {
            true => 7.0,
            false => (0.01 * row as f32).sin(),
        };
        let all = thinned(n, columns, MOST_NUMBERS, value);
        assert!(all.values.len() <= MOST_NUMBERS + 2 * columns && all.remark.contains("thinned"));
        assert_eq!(all.values.len(), all.rows.len() * columns);
        for column in 0..columns {
            let of = all.values.iter().skip(column).step_by(columns);
            assert_eq!(of.clone().copied().fold(0.0, f32::max), 7.0);
            assert!(of.copied().fold(0.0, f32::min) < -0.999);
        }
        assert!(all.rows.is_sorted() && *all.rows.last().unwrap() < n);
        assert_eq!(every(10, 3), 4);
        assert_eq!(every(0, 3), 1);
    }
}

//! Sums of products of all pairs of columns: what FC is of nodes, and FCD of windows.

use super::wide;

/// Rows that are gathered before products are taken: four columns and eight of them fit the innermost cache.
pub(crate) const BLOCK: usize = 64;
/// Columns that lie side by side.
const PANEL: usize = 8;
/// Columns on the other side of a tile; the tile's 4 x 8 sums stay in registers.
const TILE: usize = 4;

/// One row of a panel.
type Row = [f64; PANEL];

/// A column, of which `(values - shift) scale` is taken.
pub(crate) struct Column<'a> {
    pub(crate) values: &'a [f64],
    pub(crate) shift: f64,
    pub(crate) scale: f64,
}

/// Sums over rows of the products of two columns, in 64 bits, each in the order of the rows.
pub(crate) struct Gram {
    /// The number of columns up to a whole number of panels.
    width: usize,
    /// `[width, width]`; panels on and above the diagonal are used.
    sums: Vec<f64>,
}

impl Gram {
    /// Of columns of equal lengths.
    pub(crate) fn of(columns: &[Column]) -> Self {
        let mut all = Self::new(columns.len());
        all.add(columns);
        all
    }

    /// Of so many columns, of which no row was added yet.
    pub(crate) fn new(n_columns: usize) -> Self {
        let width = n_columns.next_multiple_of(PANEL);
        let sums = vec![0.0; width * width];
        Self { width, sums }
    }

    /// Adds rows, those of columns of equal lengths. Columns that come piece by piece, each of whole blocks but the last, have the same
    /// bits as those that come at once.
    pub(crate) fn add(&mut self, columns: &[Column]) {
        let width = self.width;
        let n_rows = columns.first().map_or(0, |column| column.values.len());
        // The rows at hand, `[width / PANEL][rows]`.
        let mut panels = vec![[0.0; PANEL]; width / PANEL * BLOCK];
        for first in (0..n_rows).step_by(BLOCK) {
            let n = BLOCK.min(n_rows - first);
            let panels = &mut panels[..width / PANEL * n];
            for (panel, columns) in panels.chunks_exact_mut(n).zip(columns.chunks(PANEL)) {
                fill(columns, first, panel);
            }
            add_panels(panels, n, width, &mut self.sums);
        }
    }

    /// The sum of products of two columns, in either order.
    pub(crate) fn sum(&self, a: usize, b: usize) -> f64 {
        self.sums[a.min(b) * self.width + a.max(b)]
    }
}

wide! {
    /// Takes the rows of a panel from `first` on; what is beyond the last column is of no use.
    fn fill(columns: &[Column], first: usize, panel: &mut [Row]) {
        let n = panel.len();
        let last = columns.len() - 1;
        let (mut values, mut shift, mut scale) = ([&columns[0].values[..0]; PANEL], [0.0; PANEL], [0.0; PANEL]);
        for k in 0..PANEL {
            let column = &columns[k.min(last)];
            values[k] = &column.values[first..][..n];
            shift[k] = column.shift;
            scale[k] = column.scale;
        }
        for row in 0..n {
            for k in 0..PANEL {
                panel[row][k] = (values[k][row] - shift[k]) * scale[k];
            }
        }
    }
}

wide! {
    /// Adds the products of all panels with all that follow, each of `n_rows`.
    fn add_panels(panels: &[Row], n_rows: usize, width: usize, sums: &mut [f64]) {
        for (a, left) in panels.chunks_exact(n_rows).enumerate() {
            for (b, right) in panels.chunks_exact(n_rows).enumerate().skip(a) {
                for part in 0..PANEL / TILE {
                    let first = (a * PANEL + part * TILE) * width + b * PANEL;
                    add_tile(left, part * TILE, right, width, &mut sums[first..]);
                }
            }
        }
    }
}

/// Adds the products of four columns of `left` with all of `right`.
#[inline(always)]
fn add_tile(left: &[Row], first: usize, right: &[Row], width: usize, sums: &mut [f64]) {
    let mut tile = [[0.0; PANEL]; TILE];
    for (left, right) in left.iter().zip(right) {
        for i in 0..TILE {
            for j in 0..PANEL {
                tile[i][j] += left[first + i] * right[j];
            }
        }
    }
    for (i, tile) in tile.iter().enumerate() {
        let sums = &mut sums[i * width..][..PANEL];
        for j in 0..PANEL {
            sums[j] += tile[j];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sums, and the values that are multiplied, `[n_columns][n_rows]`.
    fn gram(n_rows: usize, n_columns: usize) -> (Gram, Vec<Vec<f64>>) {
        let value = |row: usize, column: usize| ((row * 7 + column * column) as f64 * 0.7).sin();
        let rows = |column: usize| (0..n_rows).map(move |row| value(row, column)).collect();
        let values: Vec<Vec<f64>> = (0..n_columns).map(rows).collect();
        let [shift, scale] = [0.3, 1.7];
        let columns = values.iter().map(|values| Column {
            values,
            shift,
            scale,
        });
        let sums = Gram::of(&columns.collect::<Vec<_>>());
        let taken = |values: &Vec<f64>| values.iter().map(|x| (x - shift) * scale).collect();
        (sums, values.iter().map(taken).collect())
    }

    /// In the order of the rows, block by block: a machine with other registers has the same bits.
    #[test]
    fn any_number_of_rows_and_columns_has_the_products_of_its_pairs() {
        for (n_rows, n_columns) in [(0, 3), (1, 1), (63, 8), (64, 9), (139, 31)] {
            let (found, values) = gram(n_rows, n_columns);
            for (a, b) in (0..n_columns).flat_map(|a| (0..n_columns).map(move |b| (a, b))) {
                let mut expected = 0.0;
                for first in (0..n_rows).step_by(BLOCK) {
                    let rows = first..(first + BLOCK).min(n_rows);
                    let product = |row: usize| values[a][row] * values[b][row];
                    expected += rows.map(product).fold(0.0, |sum, x| sum + x);
                }
                assert_eq!(found.sum(a, b).to_bits(), f64::to_bits(expected), "{a} {b}");
            }
        }
    }
}

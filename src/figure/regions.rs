//! What the rows and columns of a matrix of regions are called.

use std::ops::Range;

use ndarray::Array2;

use crate::plot::Heatmap;

/// So many regions are named each.
const FEW: usize = 24;
/// Rows and columns of a map, about at most: more cells than that no page shows apart.
const MOST_CELLS: usize = 500;

/// The regions of a network.
#[derive(Debug, Clone, Copy)]
pub struct Regions<'a> {
    /// Their names, `[n_nodes]`.
    pub labels: &'a [String],
    /// The group that each belongs to, such as a network of resting states, `[n_nodes]`; empty where there are none.
    pub groups: &'a [&'a str],
}

impl Regions<'_> {
    /// The regions in the order in which they are drawn: by groups, which come as their first regions do.
    fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.labels.len()).collect();
        let first = |node: &usize| {
            let mut groups = self.groups.iter();
            groups.position(|group| *group == self.groups[*node])
        };
        if !self.groups.is_empty() {
            order.sort_by_key(first);
        }
        order
    }

    /// Where each region is drawn, `[n_nodes]`.
    pub(super) fn ranks(&self) -> Vec<usize> {
        let mut ranks = vec![0; self.labels.len()];
        for (rank, node) in self.order().into_iter().enumerate() {
            ranks[node] = rank;
        }
        ranks
    }

    /// The map of a matrix, `[n_nodes, n_nodes]`: blocks of groups where there are groups, else with the names of few regions. The label
    /// of its colour bar is `label`. Beyond [`MOST_CELLS`] regions a cell stands for neighbours, and the label says so.
    pub(super) fn map(
        &self,
        value: impl Fn(usize, usize) -> f64,
        label: &str,
        of_many: OfMany,
    ) -> Heatmap {
        let n = self.labels.len();
        let (order, cells) = (self.order(), self.cells());
        let of_cell = |rows: &Range<usize>, columns: &Range<usize>| {
            let pairs = rows
                .clone()
                .flat_map(|row| columns.clone().map(move |column| (row, column)));
            of_many.of(pairs.map(|(row, column)| value(order[row], order[column])))
        };
        let all: Vec<&Range<usize>> = cells.iter().flatten().collect();
        let drawn = Array2::from_shape_fn((all.len(), all.len()), |(row, column)| {
            of_cell(all[row], all[column])
        });
        let widest = all.iter().map(|cell| cell.len()).max().unwrap_or(1);
        let map = Heatmap::new(drawn.view()).bar_label(match widest {
            1 => label.into(),
            widest => format!("{label}, {} of {widest} x {widest} pairs", of_many.name()),
        });
        if !self.groups.is_empty() {
            let name = |block: &Vec<Range<usize>>| self.groups[order[block[0].start]];
            return map.blocks(cells.iter().map(|block| (name(block), block.len())));
        }
        match n <= FEW {
            true => map.x_names(self.labels).y_names(self.labels),
            false => map.spread_over(n),
        }
    }

    /// Which of the regions, as they are drawn, each cell of a map stands for; those of each group by themselves.
    fn cells(&self) -> Vec<Vec<Range<usize>>> {
        let n = self.labels.len();
        let order = self.order();
        let group = |node: usize| self.groups.get(node);
        let mut first = 0;
        let blocks = order.chunk_by(|&a, &b| group(a) == group(b)).map(|block| {
            let n_cells = match n <= MOST_CELLS {
                true => block.len(),
                false => (block.len() * MOST_CELLS).div_ceil(n),
            };
            let bound = |cell: usize| first + cell * block.len() / n_cells;
            let cells = (0..n_cells).map(|cell| bound(cell)..bound(cell + 1));
            let cells = cells.collect();
            first += block.len();
            cells
        });
        blocks.collect()
    }
}

/// What a cell that stands for many pairs of regions shows of them.
#[derive(Debug, Clone, Copy)]
pub(super) enum OfMany {
    /// Their mean, without those that are not numbers.
    Mean,
    /// The largest: where few are not zero, none of these is lost.
    Largest,
}

impl OfMany {
    fn name(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::Largest => "largest",
        }
    }

    /// NaN where no value is a number.
    fn of(self, values: impl Iterator<Item = f64>) -> f64 {
        match self {
            Self::Mean => {
                let numbers = values.filter(|value| !value.is_nan());
                let (sum, n) = numbers.fold((0.0, 0.0), |(sum, n), value| (sum + value, n + 1.0));
                sum / n
            }
            Self::Largest => values.fold(f64::NAN, f64::max),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_of_a_group_stand_together_in_the_order_of_the_groups() {
        let labels = ["a", "b", "c", "d", "e"].map(String::from);
        let regions = |groups| Regions {
            labels: &labels,
            groups,
        };
        assert_eq!(regions(&[]).order(), [0, 1, 2, 3, 4]);
        let groups = ["visual", "motor", "visual", "limbic", "motor"];
        assert_eq!(regions(&groups).order(), [0, 2, 1, 4, 3]);
        assert_eq!(regions(&groups).ranks(), [0, 2, 1, 4, 3]);
        let groups = ["visual", "motor", "limbic", "limbic", "visual"];
        assert_eq!(regions(&groups).order(), [0, 4, 1, 2, 3]);
        assert_eq!(regions(&groups).ranks(), [0, 2, 3, 4, 1]);
    }

    #[test]
    fn cells_of_many_regions_cover_each_once_and_no_cell_is_of_two_groups() {
        let labels: Vec<String> = (0..1203).map(|k| k.to_string()).collect();
        let groups: Vec<&str> = (0..1203)
            .map(|k| if k % 400 == 7 { "few" } else { "many" })
            .collect();
        for groups in [&[][..], &groups] {
            let regions = Regions {
                labels: &labels,
                groups,
            };
            let cells = regions.cells();
            let all: Vec<usize> = cells.iter().flatten().cloned().flatten().collect();
            assert_eq!(all, (0..1203).collect::<Vec<_>>());
            assert_eq!(cells.len(), if groups.is_empty() { 1 } else { 2 });
            let n_cells: usize = cells.iter().map(Vec::len).sum();
            assert!(
                (MOST_CELLS..=MOST_CELLS + 1).contains(&n_cells),
                "{n_cells}"
            );
            assert!(
                cells
                    .iter()
                    .flatten()
                    .all(|cell| (1..=3).contains(&cell.len()))
            );
        }
    }

    #[test]
    fn a_cell_shows_the_mean_or_the_largest_of_its_numbers() {
        let values = [f64::NAN, 1.0, -4.0, 0.0];
        assert_eq!(OfMany::Mean.of(values.into_iter()), -1.0);
        assert_eq!(OfMany::Largest.of(values.into_iter()), 1.0);
        for one in [OfMany::Mean, OfMany::Largest] {
            assert!(one.of([f64::NAN].into_iter()).is_nan());
            assert_eq!(one.of([0.1].into_iter()), 0.1);
        }
    }
}

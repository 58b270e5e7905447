//! What the rows and columns of a matrix of regions are called.

use ndarray::{Array2, ArrayView2};

use crate::plot::Heatmap;

/// So many regions are named each.
const FEW: usize = 24;

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

    /// The map of a matrix, `[n_nodes, n_nodes]`: blocks of groups where there are groups, else with the names of few regions.
    pub(super) fn map(&self, matrix: ArrayView2<f64>) -> Heatmap {
        let order = self.order();
        let drawn = Array2::from_shape_fn(matrix.dim(), |(row, column)| {
            matrix[[order[row], order[column]]]
        });
        let map = Heatmap::new(drawn.view());
        if !self.groups.is_empty() {
            let groups: Vec<&str> = order.iter().map(|&node| self.groups[node]).collect();
            let blocks = groups.chunk_by(|a, b| a == b);
            return map.blocks(blocks.map(|block| (block[0], block.len())));
        }
        match self.labels.len() <= FEW {
            true => map.x_names(self.labels).y_names(self.labels),
            false => map,
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
}

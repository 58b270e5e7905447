//! Condenses the linear systems of collocation interval by interval.
//!
//! Row pivoting eliminates the inner points of each interval. This leaves n equations between its
//! two ends and the scalars (Doedel, Keller & Kernevez 1991). Together they form a chain round the
//! cycle, from which the ends are eliminated one after the other. The conditions and the border
//! contain every unknown: they are carried along and never pivot.

use faer::{Mat, MatRef};

use rayon::prelude::*;

use super::block::Shape;
use super::{Collocation, PeriodicField};
use crate::continuation::curve::{Curve, Solved};
use crate::continuation::linear::{Determinant, Lu, SMALL, eliminate, triangular};

/// A condensed system. Matrices stand column by column; the last column is minus the residual.
#[derive(Default)]
pub(super) struct Condensed {
    /// The [`block`](super::block) of each interval.
    blocks: Vec<f64>,
    /// For each interval but the first, rows `2 n + k`, columns: this end, next end, first end of
    /// all, scalars, 1.
    chain: Vec<f64>,
    /// What is left: rows `n + k`, columns: first end of all, scalars, 1. The border is the last
    /// row.
    rest: Vec<f64>,
    determinant: Option<Determinant>,
    residual: f64,
    scratch: Vec<f64>,
}

impl<F: PeriodicField> Collocation<F> {
    /// The linear maps from each interval's first to its last state, at fixed scalars.
    pub fn transfers(&self, x: &[f64]) -> Vec<Mat<f64>> {
        let Shape { n, inner, .. } = Shape::of(self);
        let (blocks, _) = self.blocks(x, &[], Vec::new(), &mut Vec::new());
        let transfer = |block: &[f64]| {
            let rows = Shape::of(self).dense[0];
            let end = |first: usize, r: usize, c: usize| block[(first + c) * rows + inner + r];
            let last = (0..n * n).map(|k| end(inner + n, k % n, k / n));
            let lu = Lu::of_columns(last.collect(), n);
            let mut transfer = Mat::from_fn(n, n, |r, c| -end(inner, r, c));
            lu.solve_all(&mut transfer);
            transfer
        };
        let blocks = blocks.chunks_exact(Shape::of(self).len());
        blocks.map(transfer).collect()
    }

    /// The blocks of all intervals, one after the other, with the product of their pivots and the
    /// largest residual; in `blocks` and `scratch`, for their memory. Those of many unknowns are
    /// made in parallel.
    fn blocks(
        &self,
        x: &[f64],
        border: &[f64],
        mut blocks: Vec<f64>,
        scratch: &mut Vec<f64>,
    ) -> (Vec<f64>, (Determinant, f64)) {
        let shape = Shape::of(self);
        blocks.resize(self.n_intervals() * shape.len(), 0.0);
        let joined = |(all, largest): (Determinant, f64), (one, residual): (Determinant, f64)| {
            let residual = if residual <= largest {
                largest
            } else {
                residual
            };
            (all.product(one), residual)
        };
        let start = (Determinant::ONE, 0.0);
        let made = if shape.n > SMALL {
            let made: Vec<(Determinant, f64)> = blocks
                .par_chunks_exact_mut(shape.len())
                .enumerate()
                .map_init(Vec::new, |scratch, (j, block)| {
                    self.block(x, border, j, block, scratch)
                })
                .collect();
            made.into_iter().fold(start, joined)
        } else {
            let each = blocks.chunks_exact_mut(shape.len()).enumerate();
            each.map(|(j, block)| self.block(x, border, j, block, scratch))
                .fold(start, joined)
        };
        (blocks, made)
    }

    /// Condenses the system at `x`, bordered by `border` (empty for none).
    fn condense(&mut self, x: &[f64], border: &[f64]) -> Condensed {
        let shape = Shape::of(self);
        let Shape { n, k, inner, .. } = shape;
        let (rows, [link_rows, link_columns]) = (shape.dense[0], shape.link);
        let count = self.n_intervals();
        let mut made = std::mem::take(&mut self.condensed);
        let blocks = std::mem::take(&mut made.blocks);
        let (blocks, (mut determinant, residual)) =
            self.blocks(x, border, blocks, &mut made.scratch);
        made.blocks = blocks;
        made.chain
            .resize((count - 1) * link_rows * link_columns, 0.0);
        // The n equations between next end, first end and scalars, and the k dense rows.
        let size = n + k;
        let mut carried = vec![0.0; size * (2 * n + k + 1)];
        for (j, block) in made.blocks.chunks_exact(shape.len()).enumerate() {
            // Row r of what is left of the block, in the column of its first end, last end,
            // scalars, residual.
            let left = |column: usize, r: usize| block[(inner + column) * rows + inner + r];
            if j == 0 {
                for r in 0..size {
                    for i in 0..n {
                        carried[i * size + r] = left(n + i, r);
                        carried[(n + i) * size + r] = left(i, r);
                    }
                    for s in 0..=k {
                        carried[(2 * n + s) * size + r] = left(2 * n + s, r);
                    }
                }
                continue;
            }
            let at = (j - 1) * link_rows * link_columns;
            let link = &mut made.chain[at..at + link_rows * link_columns];
            link.fill(0.0);
            for column in 0..2 * n + k + 1 {
                // Next end of the interval before is this one's first end.
                let to = if column < n { column } else { column + n } * link_rows;
                let from = &carried[column * size..(column + 1) * size];
                link[to..to + n].copy_from_slice(&from[..n]);
                link[to + 2 * n..to + link_rows].copy_from_slice(&from[n..]);
            }
            for r in 0..size {
                for column in 0..2 * n + k + 1 {
                    link[column_of_link(n, column) * link_rows + n + r] += left(column, r);
                }
            }
            determinant = eliminate(link, link_rows, 2 * n, n, determinant);
            for column in 0..2 * n + k + 1 {
                let from = (n + column) * link_rows + n;
                carried[column * size..(column + 1) * size]
                    .copy_from_slice(&link[from..from + size]);
            }
        }
        // Round the cycle: the last end is the first.
        made.rest = carried[n * size..].to_vec();
        for (rest, last) in made.rest.iter_mut().zip(&carried[..n * size]) {
            *rest += last;
        }
        made.determinant = Some(determinant);
        made.residual = residual;
        made
    }

    /// All unknowns from the first end and the scalars; `side` times the right-hand side of the
    /// system.
    fn expand(&self, made: &Condensed, first: &[f64], side: f64) -> Vec<f64> {
        let shape = Shape::of(self);
        let Shape { n, m, k, .. } = shape;
        let [link_rows, link_columns] = shape.link;
        let count = self.n_intervals();
        let first_scalar = self.n_points() * n;
        let mut solution = vec![0.0; first_scalar + k];
        solution[..n].copy_from_slice(&first[..n]);
        solution[first_scalar..].copy_from_slice(&first[n..]);
        // First ends, then what is inside.
        let mut known = vec![0.0; 3 * n + k + 1];
        for j in (1..count).rev() {
            let at = (j - 1) * link_rows * link_columns;
            let link = &made.chain[at..at + link_rows * link_columns];
            let (to, next) = (self.offset(j, 0), self.offset(j, m));
            known[..n].copy_from_slice(&solution[next..next + n]);
            known[n..2 * n].copy_from_slice(&first[..n]);
            known[2 * n..2 * n + k].copy_from_slice(&first[n..]);
            known[2 * n + k] = -side;
            triangular(
                link,
                link_rows,
                n,
                &known[..2 * n + k + 1],
                &mut solution[to..to + n],
            );
        }
        for j in 0..count {
            let block = &made.blocks[j * shape.len()..(j + 1) * shape.len()];
            let (from, next) = (self.offset(j, 0), self.offset(j, m));
            known[..n].copy_from_slice(&solution[from..from + n]);
            known[n..2 * n].copy_from_slice(&solution[next..next + n]);
            known[2 * n..2 * n + k].copy_from_slice(&first[n..]);
            known[2 * n + k] = -side;
            let inner = &mut solution[from + n..from + m * n];
            self.inner_points(block, &known[..2 * n + k + 1], inner);
        }
        solution
    }

    /// Two directions that `F'(x)` maps to zero, or nearly so where it has only one: of length 1 in
    /// the first end and the scalars.
    pub fn null_vectors(&mut self, x: &[f64]) -> Option<[Vec<f64>; 2]> {
        let made = self.condense(x, &[]);
        let size = self.n() + self.field.n_scalars();
        let rest = MatRef::from_column_major_slice(&made.rest, size, size + 1);
        let svd = rest.submatrix(0, 0, size - 1, size).svd().ok()?;
        let v = svd.V();
        let both = [size - 1, size - 2].map(|column| {
            let first: Vec<f64> = (0..size).map(|r| v[(r, column)]).collect();
            self.expand(&made, &first, 0.0)
        });
        self.condensed = made;
        Some(both)
    }
}

/// Where a link has the column of a block's first end, last end, scalars and residual.
fn column_of_link(n: usize, column: usize) -> usize {
    if column < 2 * n { column } else { column + n }
}

impl<F: PeriodicField> Curve for Collocation<F> {
    fn weights(&self) -> &[f64] {
        &self.weights
    }

    fn solve(&mut self, x: &[f64], border: &[f64]) -> Solved {
        let made = self.condense(x, border);
        let size = self.n() + self.field.n_scalars();
        let lu = Lu::of_columns(made.rest[..size * size].to_vec(), size);
        let pivots = made.determinant.unwrap_or(Determinant::ONE);
        let determinant = pivots.product(lu.determinant());
        let mut first = made.rest[size * size..].to_vec();
        lu.solve(&mut first);
        let correction = self.expand(&made, &first, 1.0);
        first.fill(0.0);
        first[size - 1] = 1.0;
        lu.solve(&mut first);
        let direction = self.expand(&made, &first, 0.0);
        let residual = made.residual;
        self.condensed = made;
        Solved {
            residual,
            correction,
            direction,
            determinant,
        }
    }
}

//! The linear systems of collocation, condensed interval by interval.
//!
//! The equations of an interval come in, what belongs to its inner points is eliminated with row pivoting, and n equations between
//! its two ends and the scalars stay (as Doedel, Keller & Kernevez 1991 condense them). These are a chain round the cycle, from
//! which the ends are eliminated one after the other. The conditions and the border see every unknown: they are carried along and
//! never pivot.

use faer::{Mat, MatRef};

use super::super::curve::{Curve, Solved};
use super::super::linear::{Determinant, Lu, eliminate};
use super::{Collocation, PeriodicField};

/// A condensed system. Matrices stand column by column; the last column is minus the residual.
#[derive(Default)]
pub(super) struct Condensed {
    /// For each interval, rows `m n + k`, columns: inner points, first end, last end, scalars, 1.
    blocks: Vec<f64>,
    /// For each interval but the first, rows `2 n + k`, columns: this end, next end, first end of all, scalars, 1.
    chain: Vec<f64>,
    /// What is left: rows `n + k`, columns: first end of all, scalars, 1. The border is the last row.
    rest: Vec<f64>,
    determinant: Option<Determinant>,
    residual: f64,
    scratch: Vec<f64>,
}

/// Counts that everything here is laid out by.
#[derive(Clone, Copy)]
struct Shape {
    /// Unknown functions.
    n: usize,
    /// Collocation points of an interval.
    m: usize,
    /// Scalars: as many rows are dense.
    k: usize,
    /// Unknowns of the inner points.
    inner: usize,
    /// Rows and columns of a block.
    block: [usize; 2],
    /// Rows and columns of a link of the chain.
    link: [usize; 2],
}

impl Shape {
    fn of<F: PeriodicField>(system: &Collocation<F>) -> Self {
        let (n, m, k) = (system.n(), system.basis.degree, system.field.n_scalars());
        let inner = (m - 1) * n;
        Self {
            n,
            m,
            k,
            inner,
            block: [m * n + k, inner + 2 * n + k + 1],
            link: [2 * n + k, 3 * n + k + 1],
        }
    }

    /// The column of a block that unknown 0 of point `node` has.
    fn column(&self, node: usize) -> usize {
        match node {
            0 => self.inner,
            node if node == self.m => self.inner + self.n,
            node => (node - 1) * self.n,
        }
    }
}

impl<F: PeriodicField> Collocation<F> {
    /// The equations of interval `j` at `x`, with the conditions' rows, as a block.
    fn assemble(&self, x: &[f64], j: usize, block: &mut [f64], scratch: &mut Vec<f64>) {
        let shape = Shape::of(self);
        let Shape { n, m, k, inner, .. } = shape;
        let rows = shape.block[0];
        let scalars = &x[self.n_points() * n..];
        let h = self.mesh[j + 1] - self.mesh[j];
        scratch.resize((m + 4) * n + n * (n + k) + (k - 1) * (1 + n + k), 0.0);
        let (nodes, rest) = scratch.split_at_mut((m + 1) * n);
        let (w, rest) = rest.split_at_mut(n);
        let (slope, rest) = rest.split_at_mut(n);
        let (value, rest) = rest.split_at_mut(n);
        let (derivative, rest) = rest.split_at_mut(n * (n + k));
        let (integrand, gradient) = rest.split_at_mut(k - 1);
        self.nodes(x, j, nodes);
        block.fill(0.0);
        for c in 0..m {
            self.at_gauss(nodes, h, c, w, slope);
            self.field.field(w, scalars, value, derivative);
            for node in 0..=m {
                let (v, d) = (self.basis.values[c][node] * h, self.basis.slopes[c][node]);
                let first = shape.column(node);
                for (column, from) in derivative[..n * n].chunks_exact(n).enumerate() {
                    let at = (first + column) * rows + c * n;
                    let to = &mut block[at..at + n];
                    to.iter_mut()
                        .zip(from)
                        .for_each(|(to, from)| *to = -v * from);
                    to[column] += d;
                }
            }
            for (scalar, from) in derivative[n * n..].chunks_exact(n).enumerate() {
                let at = (inner + 2 * n + scalar) * rows + c * n;
                let to = &mut block[at..at + n];
                to.iter_mut()
                    .zip(from)
                    .for_each(|(to, from)| *to = -h * from);
            }
            let last = (inner + 2 * n + k) * rows;
            for row in 0..n {
                block[last + c * n + row] = h * (value[row] - slope[row]);
            }
            let at = (j * m + c) * 2 * n;
            let reference = [
                &self.reference[at..at + n],
                &self.reference[at + n..at + 2 * n],
            ];
            self.field
                .conditions(w, scalars, reference, integrand, gradient);
            let weight = h * self.basis.gauss_weights[c];
            for (q, gradient) in gradient.chunks_exact(n + k).enumerate() {
                let row = m * n + q;
                for node in 0..=m {
                    let v = weight * self.basis.values[c][node];
                    let first = shape.column(node);
                    for (column, g) in gradient[..n].iter().enumerate() {
                        block[(first + column) * rows + row] += v * g;
                    }
                }
                for (scalar, g) in gradient[n..].iter().enumerate() {
                    block[(inner + 2 * n + scalar) * rows + row] += weight * g;
                }
                block[last + row] -= weight * integrand[q];
            }
        }
    }

    /// The linear maps from each interval's first to its last state, at fixed scalars.
    pub fn transfers(&self, x: &[f64]) -> Vec<Mat<f64>> {
        let shape = Shape::of(self);
        let Shape { n, m, inner, .. } = shape;
        let rows = shape.block[0];
        let mut block = vec![0.0; rows * shape.block[1]];
        let mut scratch = Vec::new();
        (0..self.n_intervals())
            .map(|j| {
                self.assemble(x, j, &mut block, &mut scratch);
                eliminate(&mut block, rows, m * n, inner, Determinant::ONE);
                let end = |first: usize, r: usize, c: usize| block[(first + c) * rows + inner + r];
                let lu = Lu::new(Mat::from_fn(n, n, |r, c| end(inner + n, r, c)));
                let mut transfer = Mat::from_fn(n, n, |r, c| -end(inner, r, c));
                for column in transfer.col_iter_mut() {
                    lu.solve(
                        column
                            .try_as_col_major_mut()
                            .expect("just made")
                            .as_slice_mut(),
                    );
                }
                transfer
            })
            .collect()
    }

    /// Condenses the system at `x`, bordered by `border` (empty for none).
    fn condense(&mut self, x: &[f64], border: &[f64]) -> Condensed {
        let shape = Shape::of(self);
        let Shape {
            n,
            m,
            k,
            inner,
            block: [rows, columns],
            link: [link_rows, link_columns],
        } = shape;
        let count = self.n_intervals();
        let mut made = std::mem::take(&mut self.condensed);
        let mut determinant = Determinant::ONE;
        let mut residual = 0.0f64;
        made.blocks.resize(count * rows * columns, 0.0);
        made.chain
            .resize((count - 1) * link_rows * link_columns, 0.0);
        // The n equations between next end, first end and scalars, and the k dense rows.
        let size = n + k;
        let mut carried = vec![0.0; size * (2 * n + k + 1)];
        for (j, block) in made.blocks.chunks_exact_mut(rows * columns).enumerate() {
            self.assemble(x, j, block, &mut made.scratch);
            let last = (columns - 1) * rows;
            for r in &block[last..last + m * n] {
                residual = if r.abs() <= residual {
                    residual
                } else {
                    r.abs()
                };
            }
            if !border.is_empty() {
                // Each unknown's entry once: with the interval that it begins.
                for node in 0..m {
                    let place = self.place(j, node);
                    for (i, b) in border[place..place + n].iter().enumerate() {
                        block[(shape.column(node) + i) * rows + rows - 1] += b;
                    }
                }
                if j == 0 {
                    for (scalar, b) in border[self.n_points() * n..].iter().enumerate() {
                        block[(inner + 2 * n + scalar) * rows + rows - 1] += b;
                    }
                }
            }
            determinant = eliminate(block, rows, m * n, inner, determinant);
            // Row r of what is left of the block, in the column of its first end, last end, scalars, residual.
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

    /// All unknowns from the first end and the scalars; `side` times the right-hand side of the system.
    fn expand(&self, made: &Condensed, first: &[f64], side: f64) -> Vec<f64> {
        let shape = Shape::of(self);
        let Shape {
            n,
            m,
            k,
            inner,
            block: [rows, columns],
            link: [link_rows, link_columns],
        } = shape;
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
            let (to, next) = (self.place(j, 0), self.place(j, m));
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
            let block = &made.blocks[j * rows * columns..(j + 1) * rows * columns];
            let (from, next) = (self.place(j, 0), self.place(j, m));
            known[..n].copy_from_slice(&solution[from..from + n]);
            known[n..2 * n].copy_from_slice(&solution[next..next + n]);
            known[2 * n..2 * n + k].copy_from_slice(&first[n..]);
            known[2 * n + k] = -side;
            let to = from + n;
            triangular(
                block,
                rows,
                inner,
                &known[..2 * n + k + 1],
                &mut solution[to..to + inner],
            );
        }
        solution
    }

    /// Two directions that `F'(x)` maps to zero, or nearly so where it has only one: of length 1 in the first end and the scalars.
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

/// Solves the upper triangle that `size` eliminated columns of `a` left, with the columns after it times `known` taken away.
fn triangular(a: &[f64], rows: usize, size: usize, known: &[f64], y: &mut [f64]) {
    y.fill(0.0);
    for (column, value) in a[size * rows..].chunks_exact(rows).zip(known) {
        y.iter_mut().zip(column).for_each(|(y, a)| *y -= a * value);
    }
    for c in (0..size).rev() {
        let column = &a[c * rows..c * rows + c + 1];
        y[c] /= column[c];
        let value = y[c];
        y[..c]
            .iter_mut()
            .zip(column)
            .for_each(|(y, a)| *y -= a * value);
    }
}

impl<F: PeriodicField> Curve for Collocation<F> {
    fn weights(&self) -> &[f64] {
        &self.weights
    }

    fn solve(&mut self, x: &[f64], border: &[f64]) -> Solved {
        let made = self.condense(x, border);
        let size = self.n() + self.field.n_scalars();
        let lu = Lu::new(
            MatRef::from_column_major_slice(&made.rest[..size * size], size, size).to_owned(),
        );
        let mut determinant = made.determinant.unwrap_or(Determinant::ONE);
        let whole = lu.determinant();
        determinant.sign *= whole.sign;
        determinant.log += whole.log;
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

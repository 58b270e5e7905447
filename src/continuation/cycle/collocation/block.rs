//! Assembles the equations of one mesh interval and eliminates its inner points.
//!
//! A network's functions are grouped in units (nodes) that receive only the first function of each
//! other: the coupled one. The other functions are local to their unit. They are eliminated unit by
//! unit in small matrices before the dense matrix: of two functions per node this leaves half of
//! the columns and a quarter of the work. Without units all functions stand in one dense matrix.
//!
//! ```text
//! block = dense matrix     columns: inner points of coupled functions, first end, last end, scalars, 1
//!                          rows: equations of coupled functions, what is left of the local ones, k dense rows
//!       + one unit after the other
//!                          columns: inner points of local functions, of the coupled one, first end, last end, scalars, 1
//!                          rows: equations of local functions, of the coupled one, k dense rows
//! ```

use super::{Collocation, PeriodicField};
use crate::continuation::linear::{Determinant, eliminate, set_scaled, triangular};

/// Counts that everything here is laid out by.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    /// Unknown functions.
    pub n: usize,
    /// Collocation points of an interval.
    pub m: usize,
    /// Scalars: as many rows are dense.
    pub k: usize,
    units: usize,
    /// Functions of a unit: all but the first are local; with one unit all are coupled.
    stride: usize,
    local: usize,
    /// Functions that are not local.
    coupled: usize,
    /// Columns of the dense matrix that are eliminated.
    pub inner: usize,
    /// Rows and columns of the dense matrix.
    pub dense: [usize; 2],
    /// Rows and columns of a unit's matrix.
    unit: [usize; 2],
    /// Rows and columns of a link of the chain of intervals.
    pub link: [usize; 2],
}

/// Where the entries of an unknown of an interval stand.
enum Column {
    /// In this column of the dense matrix.
    Dense(usize),
    /// Only in its unit's matrix: unit and column.
    Unit(usize, usize),
}

impl Shape {
    pub fn of<F: PeriodicField>(system: &Collocation<F>) -> Self {
        let (n, m, k) = (system.n(), system.basis.degree, system.field.n_scalars());
        let units = system.field.units();
        let stride = n / units;
        let local = if units == 1 { 0 } else { stride - 1 };
        let coupled = n - units * local;
        let inner = (m - 1) * coupled;
        Self {
            n,
            m,
            k,
            units,
            stride,
            local,
            coupled,
            inner,
            dense: [inner + n + k, inner + 2 * n + k + 1],
            unit: [m * stride + k, (m + 1) * stride + k + 1],
            link: [2 * n + k, 3 * n + k + 1],
        }
    }

    /// Numbers of a block.
    pub fn len(&self) -> usize {
        let units = if self.local == 0 { 0 } else { self.units };
        self.dense[0] * self.dense[1] + units * self.unit[0] * self.unit[1]
    }

    /// The first of the rows that are dense and never pivot.
    pub fn dense_row(&self) -> usize {
        self.inner + self.n
    }

    /// The column of the first coupled function of point `node`, and how far apart the columns of
    /// its coupled functions stand.
    #[inline]
    fn coupled_columns(&self, node: usize) -> (usize, usize) {
        let apart = self.n / self.coupled;
        match node {
            0 => (self.inner, apart),
            node if node == self.m => (self.inner + self.n, apart),
            node => ((node - 1) * self.coupled, 1),
        }
    }

    /// Function `f` of point `node`.
    #[inline]
    fn column(&self, node: usize, f: usize) -> Column {
        if node == 0 {
            return Column::Dense(self.inner + f);
        }
        if node == self.m {
            return Column::Dense(self.inner + self.n + f);
        }
        if self.local == 0 {
            return Column::Dense((node - 1) * self.n + f);
        }
        let (unit, within) = (f / self.stride, f % self.stride);
        match within {
            0 => Column::Dense((node - 1) * self.coupled + unit),
            within => Column::Unit(unit, (node - 1) * self.local + within - 1),
        }
    }

    /// The column of a unit's matrix for function `within` of point `node`.
    fn unit_column(&self, node: usize, within: usize) -> usize {
        let ends = (self.m - 1) * self.stride;
        match (node, within) {
            (0, within) => ends + within,
            (node, within) if node == self.m => ends + self.stride + within,
            (node, 0) => (self.m - 1) * self.local + node - 1,
            (node, within) => (node - 1) * self.local + within - 1,
        }
    }

    /// The dense column of each column that a unit's matrix has beyond its eliminated ones.
    fn shared_columns(&self, unit: usize) -> impl Iterator<Item = usize> + use<> {
        let shape = *self;
        let ends = (0..2).flat_map(move |end| {
            (0..shape.stride).map(move |f| shape.inner + end * shape.n + unit * shape.stride + f)
        });
        (0..shape.m - 1)
            .map(move |point| point * shape.coupled + unit)
            .chain(ends)
            .chain((0..=shape.k).map(move |s| shape.inner + 2 * shape.n + s))
    }

    /// The dense row of each row of a unit's matrix that is left when its local functions are
    /// eliminated.
    fn shared_rows(&self, unit: usize) -> impl Iterator<Item = usize> + use<> {
        let shape = *self;
        let left = shape.m * shape.coupled + unit * shape.local;
        (left..left + shape.local)
            .chain((0..shape.m).map(move |c| c * shape.coupled + unit))
            .chain((0..shape.k).map(move |q| shape.dense_row() + q))
    }
}

impl<F: PeriodicField> Collocation<F> {
    /// The equations of interval `j` at `x` with the conditions' rows and, as the last row,
    /// `border` (empty for none), as a block whose inner points are eliminated. Returns the pivots'
    /// product and the largest residual.
    pub(super) fn block(
        &self,
        x: &[f64],
        border: &[f64],
        j: usize,
        block: &mut [f64],
        scratch: &mut Vec<f64>,
    ) -> (Determinant, f64) {
        let shape = Shape::of(self);
        let [rows, columns] = shape.dense;
        let residual = self.assemble(x, j, block, scratch);
        let (dense, units) = block.split_at_mut(rows * columns);
        if !border.is_empty() {
            self.add_border(border, j, dense, units);
        }
        let mut determinant = Determinant::ONE;
        if shape.local > 0 {
            let size = shape.unit[0] * shape.unit[1];
            for (u, unit) in units.chunks_exact_mut(size).enumerate() {
                determinant = shape.eliminate_unit(u, unit, dense, determinant);
            }
        }
        let pivotable = shape.dense_row();
        let determinant = eliminate(dense, rows, pivotable, shape.inner, determinant);
        (determinant, residual)
    }

    fn assemble(&self, x: &[f64], j: usize, block: &mut [f64], scratch: &mut Vec<f64>) -> f64 {
        let shape = Shape::of(self);
        let Shape {
            n, m, k, stride, ..
        } = shape;
        let rows = shape.dense[0];
        // The coupled functions are every `step`th.
        let step = n / shape.coupled;
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
        let (dense, units) = block.split_at_mut(rows * shape.dense[1]);
        let first_scalar = shape.inner + 2 * n;
        let mut residual = 0.0f64;
        for c in 0..m {
            self.at_gauss(nodes, h, c, w, slope);
            self.field.field(w, scalars, value, derivative);
            for f in 0..n {
                value[f] = h * (value[f] - slope[f]);
                let size = value[f].abs();
                residual = if size <= residual { residual } else { size };
            }
            for node in 0..=m {
                let (v, d) = (self.basis.values[c][node] * h, self.basis.slopes[c][node]);
                let (first, apart) = shape.coupled_columns(node);
                for u in 0..shape.coupled {
                    let at = (first + u * apart) * rows + c * shape.coupled;
                    let to = &mut dense[at..at + shape.coupled];
                    set_scaled(to, -v, &derivative[u * step * n..][..n], step);
                    to[u] += d;
                }
            }
            for (scalar, from) in derivative[n * n..].chunks_exact(n).enumerate() {
                let at = (first_scalar + scalar) * rows + c * shape.coupled;
                let to = &mut dense[at..at + shape.coupled];
                set_scaled(to, -h, from, step);
            }
            let at = (first_scalar + k) * rows + c * shape.coupled;
            let to = &mut dense[at..at + shape.coupled];
            set_scaled(to, 1.0, value, step);
            if shape.local > 0 {
                let size = shape.unit[0] * shape.unit[1];
                for (u, unit) in units.chunks_exact_mut(size).enumerate() {
                    let own = |column: usize| &derivative[column * n + u * stride..][..stride];
                    self.assemble_unit(
                        &shape,
                        unit,
                        (c, h),
                        |f| own(u * stride + f),
                        |s| own(n + s),
                    );
                    let last = (shape.unit[1] - 1) * shape.unit[0] + c * shape.local;
                    unit[last..last + shape.local]
                        .copy_from_slice(&value[u * stride + 1..(u + 1) * stride]);
                }
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
                for node in 0..=m {
                    let v = weight * self.basis.values[c][node];
                    for f in 0..n {
                        let column = shape.column(node, f);
                        *shape.dense_entry(dense, units, column, q) += v * gradient[f];
                    }
                }
                for (scalar, g) in gradient[n..].iter().enumerate() {
                    dense[(first_scalar + scalar) * rows + shape.dense_row() + q] += weight * g;
                }
                dense[(first_scalar + k) * rows + shape.dense_row() + q] -= weight * integrand[q];
            }
        }
        residual
    }

    /// The local equations of a unit at Gauss point `c` of an interval of width `h`, and the local
    /// part of its coupled function. `by` has the unit's rates by its functions, `by_scalar` by the
    /// scalars.
    fn assemble_unit<'a>(
        &self,
        shape: &Shape,
        unit: &mut [f64],
        (c, h): (usize, f64),
        by: impl Fn(usize) -> &'a [f64],
        by_scalar: impl Fn(usize) -> &'a [f64],
    ) {
        let (rows, local) = (shape.unit[0], shape.local);
        for node in 0..=shape.m {
            let (v, d) = (self.basis.values[c][node] * h, self.basis.slopes[c][node]);
            for f in 0..shape.stride {
                let column = &mut unit[shape.unit_column(node, f) * rows..][..rows];
                let from = by(f);
                for (i, from) in from[1..].iter().enumerate() {
                    column[c * local + i] = -v * from;
                }
                if f > 0 {
                    column[c * local + f - 1] += d;
                    column[shape.m * local + c] = -v * from[0];
                }
            }
        }
        for s in 0..shape.k {
            let column = &mut unit[((shape.m + 1) * shape.stride + s) * rows..][..rows];
            for (i, from) in by_scalar(s)[1..].iter().enumerate() {
                column[c * local + i] = -h * from;
            }
        }
    }

    /// Adds the border to the last row: each unknown's entry once, with the interval that it
    /// begins.
    fn add_border(&self, border: &[f64], j: usize, dense: &mut [f64], units: &mut [f64]) {
        let shape = Shape::of(self);
        for node in 0..shape.m {
            let offset = self.offset(j, node);
            for (f, b) in border[offset..offset + shape.n].iter().enumerate() {
                *shape.dense_entry(dense, units, shape.column(node, f), shape.k - 1) += b;
            }
        }
        if j == 0 {
            let rows = shape.dense[0];
            for (scalar, b) in border[self.n_points() * shape.n..].iter().enumerate() {
                dense[(shape.inner + 2 * shape.n + scalar) * rows + rows - 1] += b;
            }
        }
    }

    /// The inner points of interval `j` from `known`: its first end, last end, the scalars and the
    /// factor of the right-hand side.
    pub(super) fn inner_points(&self, block: &[f64], known: &[f64], inner: &mut [f64]) {
        let shape = Shape::of(self);
        let [rows, columns] = shape.dense;
        let (dense, units) = block.split_at(rows * columns);
        if shape.local == 0 {
            triangular(dense, rows, shape.inner, known, inner);
            return;
        }
        let mut coupled = vec![0.0; shape.inner];
        triangular(dense, rows, shape.inner, known, &mut coupled);
        for (point, coupled) in coupled.chunks_exact(shape.coupled).enumerate() {
            for (u, value) in coupled.iter().enumerate() {
                inner[point * shape.n + u * shape.stride] = *value;
            }
        }
        let mut local = vec![0.0; (shape.m - 1) * shape.local];
        let mut of_unit = vec![0.0; shape.unit[1] - local.len()];
        let size = shape.unit[0] * shape.unit[1];
        for (u, unit) in units.chunks_exact(size).enumerate() {
            for (to, column) in of_unit.iter_mut().zip(shape.shared_columns(u)) {
                *to = match column.checked_sub(shape.inner) {
                    Some(at) => known[at],
                    None => coupled[column],
                };
            }
            triangular(unit, shape.unit[0], local.len(), &of_unit, &mut local);
            for (point, local) in local.chunks_exact(shape.local).enumerate() {
                let at = point * shape.n + u * shape.stride + 1;
                inner[at..at + shape.local].copy_from_slice(local);
            }
        }
    }
}

impl Shape {
    /// Dense row `q` of an unknown.
    #[inline]
    fn dense_entry<'a>(
        &self,
        dense: &'a mut [f64],
        units: &'a mut [f64],
        at: Column,
        q: usize,
    ) -> &'a mut f64 {
        match at {
            Column::Dense(column) => &mut dense[column * self.dense[0] + self.dense_row() + q],
            Column::Unit(unit, column) => {
                let [rows, columns] = self.unit;
                &mut units[unit * rows * columns + column * rows + self.m * self.stride + q]
            }
        }
    }

    /// Eliminates a unit's local functions at the inner points, from its own equations, and takes
    /// what is left to `dense`.
    fn eliminate_unit(
        &self,
        u: usize,
        unit: &mut [f64],
        dense: &mut [f64],
        determinant: Determinant,
    ) -> Determinant {
        let rows = self.unit[0];
        let eliminated = (self.m - 1) * self.local;
        let coupled_row = self.m * self.local;
        let ends = eliminated + self.m - 1;
        for (k, from) in self.shared_columns(u).enumerate() {
            let column = eliminated + k;
            let to = &mut unit[column * rows..(column + 1) * rows];
            let from = &dense[from * self.dense[0]..(from + 1) * self.dense[0]];
            // Only its own unit receives a local function, and has it already.
            let end = column.checked_sub(ends).filter(|at| *at < 2 * self.stride);
            let is_local = end.is_some_and(|at| at % self.stride != 0);
            if !is_local {
                for c in 0..self.m {
                    to[coupled_row + c] = from[c * self.coupled + u];
                }
            }
            to[self.m * self.stride..].copy_from_slice(&from[self.dense_row()..]);
        }
        let determinant = eliminate(unit, rows, coupled_row, eliminated, determinant);
        for (k, to) in self.shared_columns(u).enumerate() {
            let from = &unit[(eliminated + k) * rows + eliminated..];
            for (row, from) in self.shared_rows(u).zip(from) {
                dense[to * self.dense[0] + row] = *from;
            }
        }
        determinant
    }
}

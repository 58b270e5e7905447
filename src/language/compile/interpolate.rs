//! Tables as arithmetic: which cell of the grid an argument lies in, and the straight lines between the entries at its corners.

use super::{Builder, Compiler, Value};
use crate::language::expression::Operator::{Add, Multiply, Subtract};
use crate::language::table::{Axis, Lookup};
use crate::program::{Function, Id, Table};

impl Compiler<'_> {
    /// The value of a table at these arguments.
    ///
    /// With places `p`, `q` counted in grid points, whole parts `i`, `j` and what is left `f`, `h`:
    ///
    /// ```text
    /// a = t[i, j] + h (t[i, j + 1] - t[i, j])
    /// b = t[i + 1, j] + h (t[i + 1, j + 1] - t[i + 1, j])
    /// a + f (b - a)
    /// ```
    ///
    /// Tables on one grid share the cell: equal operations are made once.
    pub(super) fn interpolated(&mut self, lookup: &Lookup, arguments: &[Value]) -> Value {
        let axes = lookup.axes.iter().zip(arguments);
        let cells: Vec<_> = axes.map(|(axis, &x)| self.cell(axis, x)).collect();
        match cells[..] {
            [(cell, part)] => self.along_row(lookup.table, cell, part),
            [(row, between), (column, part)] => {
                let length = Value::Constant(lookup.axes[1].n as f64);
                let start = self.binary(Multiply, row, length);
                let cell = self.binary(Add, start, column);
                let next = self.binary(Add, cell, length);
                let a = self.along_row(lookup.table, cell, part);
                let b = self.along_row(lookup.table, next, part);
                self.line(a, b, between)
            }
            _ => unreachable!("tables have one or two arguments"),
        }
    }

    /// The cell that `x` lies in, a whole number, and how far in it, from 0 to 1. In 32 bits the latter is off by the rounding of
    /// `x` in units of the grid.
    fn cell(&mut self, axis: &Axis, x: Value) -> (Value, Value) {
        let count = (axis.n - 1) as f64;
        let per_unit = count / (axis.last - axis.first);
        let from_start = self.binary(Subtract, x, Value::Constant(axis.first));
        let place = self.binary(Multiply, from_start, Value::Constant(per_unit));
        let place = self.at_most(place, count);
        // At least 0; what is not a number stays so.
        let zero = Value::Constant(0.0);
        let place = self.select([place, zero], zero, place);
        let whole = self.function(Function::Floor, place);
        let cell = self.at_most(whole, count - 1.0);
        (cell, self.binary(Subtract, place, cell))
    }

    fn at_most(&mut self, x: Value, bound: f64) -> Value {
        let bound = Value::Constant(bound);
        self.select([bound, x], bound, x)
    }

    /// Between an entry and the next.
    fn along_row(&mut self, table: &'static Table, cell: Value, part: Value) -> Value {
        let next = self.binary(Add, cell, Value::Constant(1.0));
        let (a, b) = (self.look(table, cell), self.look(table, next));
        self.line(a, b, part)
    }

    fn line(&mut self, a: Value, b: Value, part: Value) -> Value {
        let rise = self.binary(Subtract, b, a);
        let more = self.binary(Multiply, part, rise);
        self.binary(Add, a, more)
    }

    fn look(&mut self, table: &'static Table, place: Value) -> Value {
        let look = |builder: &mut Builder, id: Id| builder.look(table, id);
        match place {
            Value::Constant(x) => Value::Constant(table.at(x)),
            Value::Prepared(id) => Value::Prepared(look(&mut self.prepare, id)),
            Value::Varying(id) => Value::Varying(look(&mut self.main, id)),
        }
    }
}

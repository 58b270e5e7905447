//! How programs are made: equal operations on equal values once, signs moved outwards, what no result needs left out.

use std::collections::HashMap;

use super::{Function, Id, Op, Program, Table};

/// An operation as a key: literals by their bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    Argument(usize),
    Literal(u64),
    Add(Id, Id),
    Sub(Id, Id),
    Mul(Id, Id),
    Neg(Id),
    Call(Function, Id),
    Look(&'static Table, Id),
    Select([Id; 4]),
}

/// A program that is being made. Its ids are its own: [`Builder::finish`] gives the program's.
///
/// Nothing here changes a bit of a result in any precision: `a + b` and `b + a`, `a + (-b)` and `a - b`, `(-a) b` and `-(a b)` are
/// the same numbers. (The sign of what is not a number may differ.)
#[derive(Debug, Default)]
pub struct Builder {
    values: Vec<Key>,
    seen: HashMap<Key, Id>,
}

impl Builder {
    fn put(&mut self, key: Key) -> Id {
        let next = self.values.len() as Id;
        *self.seen.entry(key).or_insert_with(|| {
            self.values.push(key);
            next
        })
    }

    fn key(&self, id: Id) -> Key {
        self.values[id as usize]
    }

    /// The value whose negative `id` is, if it was made as one.
    fn negated(&self, id: Id) -> Option<Id> {
        match self.key(id) {
            Key::Neg(a) => Some(a),
            _ => None,
        }
    }

    /// The argument in this place.
    pub fn argument(&mut self, place: usize) -> Id {
        self.put(Key::Argument(place))
    }

    /// A constant.
    pub fn literal(&mut self, value: f64) -> Id {
        self.put(Key::Literal(value.to_bits()))
    }

    /// `a + b`
    pub fn add(&mut self, a: Id, b: Id) -> Id {
        match (self.negated(a), self.negated(b)) {
            (_, Some(b)) => self.sub(a, b),
            (Some(a), None) => self.sub(b, a),
            (None, None) => self.put(Key::Add(a.min(b), a.max(b))),
        }
    }

    /// `a - b`
    pub fn sub(&mut self, a: Id, b: Id) -> Id {
        match self.negated(b) {
            Some(b) => self.add(a, b),
            None => self.put(Key::Sub(a, b)),
        }
    }

    /// `a * b`
    pub fn mul(&mut self, a: Id, b: Id) -> Id {
        let minus_one = Key::Literal((-1f64).to_bits());
        let one = Key::Literal(1f64.to_bits());
        for (x, y) in [(a, b), (b, a)] {
            if self.key(x) == one {
                return y;
            }
            if self.key(x) == minus_one {
                return self.neg(y);
            }
        }
        let (x, y) = match (self.negated(a), self.negated(b)) {
            (Some(a), Some(b)) => return self.mul(a, b),
            (Some(x), None) => (x, b),
            (None, Some(y)) => (a, y),
            (None, None) => return self.put(Key::Mul(a.min(b), a.max(b))),
        };
        let product = self.mul(x, y);
        self.neg(product)
    }

    /// `-a`
    pub fn neg(&mut self, a: Id) -> Id {
        match self.negated(a) {
            Some(a) => a,
            None => self.put(Key::Neg(a)),
        }
    }

    /// A function of `a`.
    pub fn call(&mut self, function: Function, a: Id) -> Id {
        self.put(Key::Call(function, a))
    }

    /// The entry of `table` in place `a`.
    pub fn look(&mut self, table: &'static Table, a: Id) -> Id {
        self.put(Key::Look(table, a))
    }

    /// `yes` where `a < b`, else `no`.
    pub fn select(&mut self, less: [Id; 2], yes: Id, no: Id) -> Id {
        if yes == no {
            return yes;
        }
        self.put(Key::Select([less[0], less[1], yes, no]))
    }

    /// Whether `id` needs an argument that `is` names.
    pub fn needs(&self, id: Id, is: impl Fn(usize) -> bool) -> bool {
        let mut open = vec![id];
        let mut seen = vec![false; self.values.len()];
        while let Some(id) = open.pop() {
            if std::mem::replace(&mut seen[id as usize], true) {
                continue;
            }
            match self.key(id) {
                Key::Argument(argument) if is(argument) => return true,
                key => open.extend(key.op().into_iter().flat_map(|op| op.operands())),
            }
        }
        false
    }

    /// The number of values so far.
    pub fn n_values(&self) -> usize {
        self.values.len()
    }

    /// The program of these results, with `n_arguments` arguments, those not needed included.
    pub fn finish(&self, n_arguments: usize, results: &[Id]) -> Program {
        self.finish_at(n_arguments, results, |argument| argument)
    }

    /// The same, where `at` says which argument of the program an argument here is.
    pub fn finish_at(
        &self,
        n_arguments: usize,
        results: &[Id],
        at: impl Fn(usize) -> usize,
    ) -> Program {
        let mut needed = vec![false; self.values.len()];
        for &id in results {
            needed[id as usize] = true;
        }
        for (index, key) in self.values.iter().enumerate().rev() {
            if needed[index] {
                for id in key.op().into_iter().flat_map(|op| op.operands()) {
                    needed[id as usize] = true;
                }
            }
        }
        let mut place = vec![0; self.values.len()];
        let mut ops = Vec::new();
        for (index, key) in self.values.iter().enumerate().filter(|(k, _)| needed[*k]) {
            place[index] = match (key.op(), key) {
                (Some(op), _) => {
                    ops.push(op.moved(|id| place[id as usize]));
                    (n_arguments + ops.len() - 1) as Id
                }
                (None, Key::Argument(argument)) => {
                    let argument = at(*argument);
                    assert!(argument < n_arguments, "an argument there is");
                    argument as Id
                }
                (None, _) => unreachable!("only arguments are made by no operation"),
            };
        }
        Program {
            n_arguments,
            ops,
            results: results.iter().map(|&id| place[id as usize]).collect(),
        }
    }
}

impl Key {
    fn op(self) -> Option<Op> {
        Some(match self {
            Self::Argument(_) => return None,
            Self::Literal(bits) => Op::Literal(f64::from_bits(bits)),
            Self::Add(a, b) => Op::Add(a, b),
            Self::Sub(a, b) => Op::Sub(a, b),
            Self::Mul(a, b) => Op::Mul(a, b),
            Self::Neg(a) => Op::Neg(a),
            Self::Call(function, a) => Op::Call(function, a),
            Self::Look(table, a) => Op::Look(table, a),
            Self::Select([a, b, yes, no]) => Op::Select {
                less: [a, b],
                yes,
                no,
            },
        })
    }
}

//! Fragments of a program for which there is one operation.
//!
//! A fragment is a tree of plain operations with one or two results. It is taken only if nothing outside needs what is inside it.

use std::collections::HashMap;

use super::ops::Kind;
use crate::dynamics::{Argument, Step};
use crate::program::{Function, Id, Op, Program};

/// An operation before its operands have places.
#[derive(Debug, Clone)]
pub(super) struct Raw {
    pub(super) kind: Kind,
    pub(super) results: Vec<Id>,
    pub(super) operands: Vec<Id>,
    /// Values that exist inside only.
    pub(super) inside: Vec<Id>,
}

/// What is known of the values of a step's program.
pub(super) struct Values<'a> {
    pub(super) step: &'a Step,
    program: &'a Program,
    /// Operations and results that read each value.
    uses: Vec<usize>,
    /// Whether each value is the same at all places.
    uniform: Vec<bool>,
}

impl<'a> Values<'a> {
    /// Of a program of the step.
    pub(super) fn new(step: &'a Step, program: &'a Program, uniform: Vec<bool>) -> Self {
        let mut uses = vec![0; program.n_values()];
        for (_, op) in program.ids() {
            op.operands().for_each(|id| uses[id as usize] += 1);
        }
        for &id in program.results() {
            uses[id as usize] += 1;
        }
        Self {
            step,
            program,
            uses,
            uniform,
        }
    }

    pub(super) fn program(&self) -> &'a Program {
        self.program
    }

    pub(super) fn uses(&self, id: Id) -> usize {
        self.uses[id as usize]
    }

    pub(super) fn is_uniform(&self, id: Id) -> bool {
        self.uniform[id as usize]
    }

    pub(super) fn op(&self, id: Id) -> Option<Op> {
        self.program().op(id)
    }

    fn argument(&self, id: Id) -> Option<Argument> {
        self.step.arguments.get(id as usize).copied()
    }

    /// The two terms of a sum, in either order.
    fn sum(&self, id: Id) -> Vec<(Id, Id)> {
        match self.op(id) {
            Some(Op::Add(a, b)) => vec![(a, b), (b, a)],
            _ => Vec::new(),
        }
    }

    fn product(&self, id: Id) -> Vec<(Id, Id)> {
        match self.op(id) {
            Some(Op::Mul(a, b)) => vec![(a, b), (b, a)],
            _ => Vec::new(),
        }
    }

    fn difference(&self, id: Id) -> Option<(Id, Id)> {
        match self.op(id) {
            Some(Op::Sub(a, b)) => Some((a, b)),
            _ => None,
        }
    }

    /// The fragments that may be taken, none of which overlap.
    pub(super) fn fragments(&self) -> Vec<Raw> {
        let mut found = Vec::new();
        for s in 0..self.step.n_states {
            found.extend(self.settled(s));
        }
        found.append(&mut self.drives());
        // Of two that overlap, the first.
        let mut covered = vec![false; self.program().n_values()];
        found.retain(|raw| {
            let all = || raw.inside.iter().chain(&raw.results);
            let free = all().all(|&id| !covered[id as usize]);
            if free {
                all().for_each(|&id| covered[id as usize] = true);
            }
            free
        });
        found
    }

    /// Whether everything inside is used inside only, as often as `raw` itself uses it.
    fn may(&self, raw: &Raw) -> bool {
        let mut inner: HashMap<Id, usize> = HashMap::new();
        for &id in raw.inside.iter().chain(&raw.results) {
            let Some(op) = self.op(id) else { return false };
            op.operands()
                .for_each(|id| *inner.entry(id).or_default() += 1);
        }
        let once = |id: &Id| inner.get(id).copied().unwrap_or(0) == self.uses(*id);
        raw.inside.iter().all(once)
    }

    /// What a state becomes: `next = total + c`, `rest = c - (next - total)`, `c = change + carry`.
    fn settled(&self, s: usize) -> Option<Raw> {
        let is = |id: Id, argument: Argument| self.argument(id) == Some(argument);
        // A sum of the state and of (something and its carry).
        let found = self.program().ids().find_map(|(next, _)| {
            let (total, c) = self.sum(next).into_iter().find(|(total, c)| {
                is(*total, Argument::State(s))
                    && self
                        .sum(*c)
                        .iter()
                        .any(|(_, carry)| is(*carry, Argument::Carry(s)))
            })?;
            let (change, carry) = self
                .sum(c)
                .into_iter()
                .find(|(_, carry)| is(*carry, Argument::Carry(s)))?;
            let (rest, moved) = self.program().ids().find_map(|(rest, _)| {
                let (a, moved) = self.difference(rest)?;
                (a == c && self.difference(moved)? == (next, total)).then_some((rest, moved))
            })?;
            Some((next, rest, total, carry, change, [c, moved]))
        });
        let (next, rest, total, carry, change, [c, moved]) = found?;
        let results = vec![next, rest];
        let plain = Raw {
            kind: Kind::Compensated,
            results: results.clone(),
            operands: vec![total, carry, change],
            inside: vec![c, moved],
        };
        let exponential = self.product(change).into_iter().find_map(|(factor, f)| {
            let (dt, phi) = self
                .product(factor)
                .into_iter()
                .find(|(_, phi)| matches!(self.op(*phi), Some(Op::Call(Function::Exprel, _))))?;
            let Some(Op::Call(_, z)) = self.op(phi) else {
                return None;
            };
            let (_, own) = self.product(z).into_iter().find(|(step, _)| *step == dt)?;
            let fits = self.is_uniform(dt) && !self.is_uniform(own) && !self.is_uniform(f);
            fits.then(|| Raw {
                kind: Kind::SettleExponential,
                results: results.clone(),
                operands: vec![total, carry, dt, own, f],
                inside: vec![c, moved, change, factor, phi, z],
            })
        });
        let product = self.product(change).into_iter().find_map(|(factor, f)| {
            // The uniform factor first, if there is one.
            let fits =
                !self.is_uniform(f) && (self.is_uniform(factor) || !self.any_uniform(change));
            fits.then(|| Raw {
                kind: Kind::Settle,
                results: results.clone(),
                operands: vec![total, carry, factor, f],
                inside: vec![c, moved, change],
            })
        });
        [exponential, product, Some(plain)]
            .into_iter()
            .flatten()
            .find(|raw| self.may(raw))
    }

    fn any_uniform(&self, id: Id) -> bool {
        let mut operands = self.op(id).into_iter().flat_map(|op| op.operands());
        operands.any(|id| self.is_uniform(id))
    }

    /// The noise processes, together with the inputs that they enter.
    fn drives(&self) -> Vec<Raw> {
        let mut found: Vec<Raw> = Vec::new();
        for (next, _) in self.program().ids() {
            let Some(process) = self.process(next) else {
                continue;
            };
            let coupled = self
                .program()
                .ids()
                .find_map(|(input, _)| self.coupled(input));
            let before = process.operands[0];
            let first = coupled
                .as_ref()
                .filter(|coupled| coupled.operands.last() == Some(&before))
                .map(|coupled| Raw {
                    kind: Kind::DriveFirst,
                    results: vec![coupled.results[0], next],
                    operands: [&coupled.operands[..], &process.operands[1..]].concat(),
                    inside: [&coupled.inside[..], &process.inside].concat(),
                });
            let other = self.program().ids().find_map(|(input, _)| {
                let (constant, _) = self
                    .sum(input)
                    .into_iter()
                    .find(|(constant, after)| *after == next && self.is_uniform(*constant))?;
                Some(Raw {
                    kind: Kind::Drive,
                    results: vec![input, next],
                    operands: [&[constant][..], &process.operands].concat(),
                    inside: process.inside.clone(),
                })
            });
            let best = [first, other, Some(process)].into_iter().flatten();
            found.extend(best.into_iter().find(|raw| self.may(raw)));
        }
        // An input that no process of its own was found for.
        for (input, _) in self.program().ids() {
            if let Some(coupled) = self.coupled(input).filter(|raw| self.may(raw))
                && !found.iter().any(|raw| raw.results.contains(&input))
            {
                found.push(coupled);
            }
        }
        found
    }

    /// `next = (process + (mean - process) rate) + amplitude normal`
    fn process(&self, next: Id) -> Option<Raw> {
        for (moved, kick) in self.sum(next) {
            for (process, pull) in self.sum(moved) {
                if !matches!(self.argument(process), Some(Argument::Process(_))) {
                    continue;
                }
                for (difference, rate) in self.product(pull) {
                    let Some((mean, before)) = self.difference(difference) else {
                        continue;
                    };
                    for (amplitude, normal) in self.product(kick) {
                        let is_normal = matches!(self.argument(normal), Some(Argument::Normal(_)));
                        let uniform = [mean, rate, amplitude]
                            .iter()
                            .all(|id| self.is_uniform(*id));
                        if before == process && is_normal && uniform {
                            return Some(Raw {
                                kind: Kind::OrnsteinUhlenbeck,
                                results: vec![next],
                                operands: vec![process, mean, rate, amplitude, normal],
                                inside: vec![moved, kick, pull, difference],
                            });
                        }
                    }
                }
            }
        }
        None
    }

    /// `input = (constant + g (sum - row_sum x)) + process`
    fn coupled(&self, input: Id) -> Option<Raw> {
        for (with_network, process) in self.sum(input) {
            if !matches!(self.argument(process), Some(Argument::Process(_))) {
                continue;
            }
            for (constant, network) in self.sum(with_network) {
                for (g, difference) in self.product(network) {
                    let Some((sum, received)) = self.difference(difference) else {
                        continue;
                    };
                    let sum_of = self.argument(sum);
                    if !matches!(sum_of, Some(Argument::Sum(_) | Argument::Held(_))) {
                        continue;
                    }
                    for (row_sum, x) in self.product(received) {
                        let is_state = matches!(self.argument(x), Some(Argument::State(_)));
                        if is_state && self.is_uniform(constant) && self.is_uniform(g) {
                            return Some(Raw {
                                kind: Kind::Coupled,
                                results: vec![input],
                                operands: vec![constant, g, sum, row_sum, x, process],
                                inside: vec![with_network, network, difference, received],
                            });
                        }
                    }
                }
            }
        }
        None
    }
}

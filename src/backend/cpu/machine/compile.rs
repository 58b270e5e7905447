//! Gives the operations of a step's program their places.

use std::collections::HashMap;

use super::fragments::{Raw, Values};
use super::ops::{Kind, MOST_OPERANDS, function_of};
use super::select::{select, spread_normals};
use super::{Aligned, At, Base, Machine, Op, Setting};
use crate::dynamics::Argument;
use crate::program::{self, Id};

/// The machine of a setting.
pub(super) fn machine(setting: &Setting) -> Machine {
    let step = setting.step;
    let (program, _) = setting.phase.of(step);
    let numbers = Numbers::new(setting);
    let mut uniform = vec![false; program.n_values()];
    for (id, argument) in step.arguments.iter().enumerate() {
        uniform[id] = matches!(argument, Argument::Number(k) if !numbers.is_varying(*k));
    }
    for (id, op) in program.ids() {
        uniform[id as usize] = matches!(op, program::Op::Literal(_));
    }
    let values = Values::new(step, &program, uniform);
    let raws = select(&values, setting.fusion);
    Places::new(setting, &values, numbers).machine(raws)
}

/// Which numbers are the same at all places, and all of them in the order of the machine.
struct Numbers {
    /// Where number `k` lies: among the uniform ones, or among the varying ones.
    place: Vec<Result<usize, usize>>,
    uniform: Vec<f32>,
    varying: Vec<f32>,
    n_varying: usize,
}

impl Numbers {
    fn new(setting: &Setting) -> Self {
        let (blocks, lanes) = (setting.blocks, setting.lanes.width());
        let at = |k: usize, place: usize, lane: usize| (setting.number)(k, place, lane);
        let same = |a: f32, b: f32| a.to_bits() == b.to_bits();
        let is_uniform = |k: usize| {
            (0..lanes).all(|lane| {
                let first = at(k, 0, lane);
                (1..blocks.n_places).all(|place| same(at(k, place, lane), first))
            })
        };
        let (mut place, mut uniform, mut varying) = (Vec::new(), Vec::new(), Vec::new());
        for k in 0..setting.step.numbers.len() {
            if is_uniform(k) {
                place.push(Ok(uniform.len() / lanes));
                uniform.extend((0..lanes).map(|lane| at(k, 0, lane)));
            } else {
                place.push(Err(varying.len()));
                varying.push(k);
            }
        }
        let per_block = blocks.n_in_block * lanes;
        let mut numbers = vec![0.0; blocks.len() * varying.len() * per_block];
        for (row, &k) in varying.iter().enumerate() {
            for place in 0..blocks.n_places {
                let (block, within) = (place / blocks.n_in_block, place % blocks.n_in_block);
                let first = (block * varying.len() + row) * per_block + within * lanes;
                for lane in 0..lanes {
                    numbers[first + lane] = at(k, place, lane);
                }
            }
        }
        Self {
            place,
            uniform,
            n_varying: varying.len(),
            varying: numbers,
        }
    }

    fn is_varying(&self, k: usize) -> bool {
        self.place[k].is_err()
    }
}

/// Gives every value a place.
struct Places<'a> {
    setting: &'a Setting<'a>,
    values: &'a Values<'a>,
    numbers: Numbers,
    literals: HashMap<u32, usize>,
    /// Numbers of a block of one quantity.
    per_block: usize,
}

impl<'a> Places<'a> {
    fn new(setting: &'a Setting, values: &'a Values, numbers: Numbers) -> Self {
        Self {
            setting,
            values,
            numbers,
            literals: HashMap::new(),
            per_block: setting.blocks.n_in_block * setting.lanes.width(),
        }
    }

    /// Where a value lies that no operation makes.
    fn given(&mut self, id: Id) -> At {
        let lanes = self.setting.lanes.width();
        let at = |base: Base, offset: usize| At { base, offset };
        if let Some(op) = self.values.op(id) {
            let program::Op::Literal(value) = op else {
                unreachable!("every operation's value is made before it is read")
            };
            let value = value as f32;
            let uniform = &mut self.numbers.uniform;
            let place = *self.literals.entry(value.to_bits()).or_insert_with(|| {
                uniform.extend(std::iter::repeat_n(value, lanes));
                uniform.len() / lanes - 1
            });
            return at(Base::Uniform, place * lanes);
        }
        match self.setting.step.arguments[id as usize] {
            Argument::Sum(channel) => at(Base::Sums, channel * self.setting.row),
            Argument::Predicted(channel) => at(Base::Predicted, channel * self.setting.row),
            Argument::Feedback(k) => at(Base::Feedback, k * self.setting.row),
            Argument::Wave(k) => at(Base::Waves, k * self.setting.row),
            Argument::Normal(target) => at(Base::Normal, target * self.setting.normal_row),
            Argument::Number(k) => match self.numbers.place[k] {
                Ok(place) => at(Base::Uniform, place * lanes),
                Err(place) => at(Base::Varying, place * self.per_block),
            },
            kept => {
                let quantity = self
                    .setting
                    .step
                    .quantity(kept)
                    .expect("the others are kept");
                at(Base::Kept, quantity * self.per_block)
            }
        }
    }

    fn machine(mut self, mut raws: Vec<Raw>) -> Machine {
        let step = self.setting.step;
        if self.setting.common_normals {
            raws = spread_normals(self.values, raws);
        }
        let mut last_read: HashMap<Id, usize> = HashMap::new();
        for (k, raw) in raws.iter().enumerate() {
            raw.operands.iter().for_each(|&id| {
                last_read.insert(id, k);
            });
        }
        // A new quantity takes its home at once if the old one is not read afterwards.
        let per_block = self.per_block;
        let kept = |quantity: usize| At {
            base: Base::Kept,
            offset: quantity * per_block,
        };
        // What is copied is copied last, so that it may not be another quantity, which is new by then.
        let (program, first) = self.setting.phase.of(step);
        let is_kept = |id: &Id| {
            let argument = step.arguments.get(*id as usize);
            argument.is_some_and(|argument| step.quantity(*argument).is_some())
        };
        assert!(
            first > 0 || !program.results()[..step.n_kept()].iter().any(is_kept),
            "a step makes all that is kept anew, or keeps what arrived"
        );
        let mut place: HashMap<Id, At> = HashMap::new();
        let mut copies: Vec<(usize, Id)> = Vec::new();
        for (place_of_result, &id) in program.results().iter().enumerate() {
            let quantity = first + place_of_result;
            let mut arguments = step.arguments.iter();
            let old = arguments.position(|argument| step.quantity(*argument) == Some(quantity));
            let old = old.map(|id| id as Id);
            if old == Some(id) {
                continue;
            }
            let read = old.and_then(|id| last_read.get(&id).copied());
            let made = raws.iter().position(|raw| raw.results.contains(&id));
            match made {
                Some(made) if read.is_none_or(|read| read <= made) && !place.contains_key(&id) => {
                    place.insert(id, kept(quantity));
                }
                _ => copies.push((quantity, id)),
            }
        }
        for &(_, id) in &copies {
            last_read.insert(id, raws.len());
        }
        let (mut free, mut n_slots) = (Vec::<usize>::new(), 0);
        let mut slot_of: HashMap<Id, usize> = HashMap::new();
        let mut ops = Vec::new();
        for (k, raw) in raws.iter().enumerate() {
            let mut operands = Vec::new();
            for &id in &raw.operands {
                let at = match place.get(&id) {
                    Some(&at) => at,
                    None => self.given(id),
                };
                operands.push((at, self.values.is_uniform(id)));
            }
            for &id in &raw.operands {
                if last_read[&id] == k
                    && let Some(slot) = slot_of.remove(&id)
                {
                    free.push(slot);
                }
            }
            let mut results = Vec::new();
            for &id in &raw.results {
                let at = *place.entry(id).or_insert_with(|| {
                    let slot = free.pop().unwrap_or_else(|| {
                        n_slots += 1;
                        n_slots - 1
                    });
                    slot_of.insert(id, slot);
                    At {
                        base: Base::Scratch,
                        offset: slot * self.per_block,
                    }
                });
                results.push((at, false));
            }
            for &id in &raw.results {
                if !last_read.contains_key(&id)
                    && let Some(slot) = slot_of.remove(&id)
                {
                    free.push(slot);
                }
            }
            ops.push(op(
                self.setting,
                raw.kind,
                results.into_iter().chain(operands),
            ));
        }
        for (quantity, id) in copies {
            let from = match place.get(&id) {
                Some(&at) => at,
                None => self.given(id),
            };
            let operands = [(kept(quantity), false), (from, self.values.is_uniform(id))];
            ops.push(op(self.setting, Kind::Copy, operands));
        }
        let ends = ends(self.setting, &ops);
        let machine = Machine {
            ops,
            blocks: self.setting.blocks,
            lanes: self.setting.lanes,
            n_quantities: step.n_quantities(),
            n_varying: self.numbers.n_varying,
            scratch: Aligned::zeros((n_slots * self.per_block).max(self.setting.lanes.width())),
            uniform: aligned(&self.numbers.uniform, self.setting.lanes.width()),
            varying: aligned(&self.numbers.varying, self.setting.lanes.width()),
            ends,
            common_normals: self.setting.common_normals,
        };
        machine.check();
        machine
    }
}

fn op(setting: &Setting, kind: Kind, operands: impl IntoIterator<Item = (At, bool)>) -> Op {
    let none = At {
        base: Base::Scratch,
        offset: 0,
    };
    let (mut all, mut uniform) = ([none; MOST_OPERANDS], [false; MOST_OPERANDS]);
    for (k, operand) in operands.into_iter().enumerate() {
        (all[k], uniform[k]) = operand;
    }
    Op {
        run: function_of(kind, &uniform, setting.common_normals, setting.lanes),
        kind,
        at: all,
        uniform,
    }
}

/// Where the last row that is read of what arrives ends: of sums, sums of predictions, fed-back signals, waveforms, normal numbers.
fn ends(setting: &Setting, ops: &[Op]) -> [usize; 5] {
    let width = setting.lanes.width();
    let end = |base: Base, width: usize| {
        let all = ops.iter().flat_map(|op| op.at);
        let rows = all.filter(|at| at.base == base);
        let ends = rows.map(|at| at.offset + setting.blocks.n_places * width);
        ends.max().unwrap_or(0)
    };
    let normal_width = if setting.common_normals { 1 } else { width };
    [
        end(Base::Sums, width),
        end(Base::Predicted, width),
        end(Base::Feedback, width),
        end(Base::Waves, width),
        end(Base::Normal, normal_width),
    ]
}

fn aligned(values: &[f32], lanes: usize) -> Aligned {
    let mut all = Aligned::zeros(values.len().max(lanes));
    all[..values.len()].copy_from_slice(values);
    all
}

impl Machine {
    /// Every operand of every operation ends within its array, whatever the block.
    fn check(&self) {
        let per_block = self.blocks.n_in_block * self.lanes.width();
        for op in &self.ops {
            for (at, uniform) in op.at.iter().zip(op.uniform) {
                let length = if uniform {
                    self.lanes.width()
                } else {
                    per_block
                };
                let end = at.offset + length;
                let room = match at.base {
                    Base::Scratch if at.offset == 0 => continue,
                    Base::Scratch => self.scratch.len(),
                    Base::Uniform => self.uniform.len(),
                    Base::Kept => self.n_quantities * per_block,
                    Base::Varying => self.n_varying * per_block,
                    // Of all places together: see `ends`.
                    Base::Sums | Base::Predicted | Base::Feedback | Base::Waves | Base::Normal => {
                        continue;
                    }
                };
                assert!(end <= room, "{op:?} reads beyond {:?}", at.base);
            }
        }
    }
}

//! The vector machine: a step's program, an operation at a time over a block of nodes that stays in the first-level cache.
//!
//! An operand is a base (scratch, uniform numbers, what a node keeps, ...) and an offset. It is a block, one vector for each place, or
//! uniform, one vector for all. What would cost most, going to memory and back for every single operation, is saved by *fused*
//! operations: pairs and trees of plain ones, and a few larger fragments that nearly every step has (`fragments.rs`). They are found in
//! the one program; [`Fusion::None`] runs it without them, and the tests compare the bits.
//!
//! `select.rs` chooses the operations for a program, `compile.rs` gives them their places, which makes them [`Op`]s, `ops.rs` has what
//! each of them does.

mod compile;
mod fragments;
mod ops;
mod select;
#[cfg(test)]
mod tests;

pub(super) use ops::{Block, Body, Perform};

use std::borrow::Cow;

use super::aligned::Aligned;
use super::lanes::Lanes;
use crate::dynamics::Step;
use crate::program::Program;

/// Which operations are fused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fusion {
    /// None: one operation per value.
    None,
    /// Those that the machine knows.
    All,
}

/// Where operands lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Base {
    /// Values between operations, `[slot][place]`.
    Scratch,
    /// Numbers that are the same everywhere, and constants.
    Uniform,
    /// States, carries and noise processes, `[quantity][place]`.
    Kept,
    /// The sums over incoming edges, `[channel][place]`.
    Sums,
    /// The sums over what is predicted, `[channel][place]`.
    Predicted,
    /// The fed-back signals, `[feedback][place]`.
    Feedback,
    /// The stimuli's waveforms, `[stimulus][place]`.
    Waves,
    /// Numbers that differ, `[number][place]`.
    Varying,
    /// Normal numbers, `[noise target][place]`; single numbers where all lanes have the same.
    Normal,
}

const N_BASES: usize = 9;

/// An operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct At {
    base: Base,
    /// In numbers from the base, at the first place of a block.
    offset: usize,
}

/// What an operation does: the largest of them take twelve operands, results first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Op {
    run: Perform,
    kind: ops::Kind,
    at: [At; ops::MOST_OPERANDS],
    /// Which of them are uniform.
    uniform: [bool; ops::MOST_OPERANDS],
}

/// How many places of vectors are worked on at a time, and how many times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Blocks {
    /// Places in all.
    pub(super) n_places: usize,
    /// Places of a block; the last one may have fewer.
    pub(super) n_in_block: usize,
}

impl Blocks {
    /// Equal blocks that suit the first-level cache.
    pub(super) fn new(n_places: usize, lanes: usize) -> Self {
        let most = if lanes >= 16 { 20 } else { 40 };
        let n_blocks = n_places.div_ceil(most).max(1);
        Self {
            n_places,
            n_in_block: n_places.div_ceil(n_blocks).max(1),
        }
    }

    /// How many.
    pub(super) fn len(self) -> usize {
        self.n_places.div_ceil(self.n_in_block)
    }
}

/// A program of a step for one group.
#[derive(Debug)]
pub(super) struct Machine {
    ops: Vec<Op>,
    blocks: Blocks,
    lanes: Lanes,
    n_quantities: usize,
    n_varying: usize,
    scratch: Aligned,
    uniform: Aligned,
    /// `[block][number][place][lane]`
    varying: Aligned,
    /// Whether normal numbers are single, one for all lanes.
    common_normals: bool,
    /// The sums, sums of predictions, fed-back signals, waveforms and normal numbers that it reads of a step end before here.
    ends: [usize; 5],
}

/// One of the programs of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// What nodes send at the end of the step, as predicted; only of steps that have it.
    Prediction,
    /// The step itself.
    Step,
    /// The step less what nobody asks for at its end: only what is kept.
    Quiet,
}

impl Phase {
    /// The program, and the quantity that its first result is.
    pub(super) fn of(self, step: &Step) -> (Cow<'_, Program>, usize) {
        let program = &step.program;
        match self {
            Self::Step => (Cow::Borrowed(program), 0),
            Self::Quiet => {
                let kept = program.with_results(&program.results()[..step.n_kept()]);
                (Cow::Owned(kept), 0)
            }
            Self::Prediction => {
                let predicted = step.prediction.as_ref().expect("it was asked for");
                (Cow::Borrowed(predicted), program.results().len())
            }
        }
    }
}

/// What a machine is made for.
pub(super) struct Setting<'a> {
    pub(super) step: &'a Step,
    /// Which of the step's programs it is.
    pub(super) phase: Phase,
    pub(super) blocks: Blocks,
    pub(super) lanes: Lanes,
    pub(super) fusion: Fusion,
    /// The number `k` of the step at lane `lane` of place `place`.
    pub(super) number: &'a dyn Fn(usize, usize, usize) -> f32,
    pub(super) normal_row: usize,
    pub(super) common_normals: bool,
    /// Numbers of one channel, of one feedback, and of one stimulus.
    pub(super) row: usize,
}

/// The arrays that a step works on.
pub(super) struct Arrays<'a> {
    /// `[block][quantity][place][lane]`
    pub(super) kept: &'a mut [f32],
    /// `[channel][place][lane]`
    pub(super) sums: &'a [f32],
    /// `[channel][place][lane]`
    pub(super) predicted: &'a [f32],
    /// `[feedback][place][lane]`
    pub(super) feedback: &'a [f32],
    /// `[stimulus][place][lane]`
    pub(super) waves: &'a [f32],
    /// `[noise target][place]`, each place a vector or, if they are common, a number.
    pub(super) normal: &'a [f32],
}

impl Machine {
    /// Translates the step.
    pub(super) fn new(setting: &Setting) -> Self {
        compile::machine(setting)
    }

    /// Moves all nodes of a group one step on.
    #[inline]
    pub(super) fn run(&mut self, arrays: Arrays) {
        ops::run(self, arrays);
    }

    /// The number of operations of a step.
    #[cfg(test)]
    fn n_ops(&self) -> usize {
        self.ops.len()
    }
}

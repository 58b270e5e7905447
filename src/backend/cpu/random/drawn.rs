//! Normal numbers of a stream, drawn or taken from storage.
//!
//! Where all members draw the same numbers (one seed, as in most sweeps; a single simulation; stored numbers) they are drawn once, in
//! lanes over pairs of nodes and steps. Else a lane is a member. The numbers are the same.

use std::sync::Arc;

use ndarray::Array2;

use crate::backend::cpu::aligned::Aligned;
use crate::backend::cpu::pack::Pack;
use crate::backend::cpu::two::Two;
use crate::noise::{self, Schedule, Word, schedule};
use crate::plan::{Plan, Simulation};
use crate::scalar::Bits;

/// Steps whose common numbers are drawn at a time, times a whole number.
const STEPS: usize = 16;
/// Pairs of common numbers that are drawn at a time, at least: of small networks more steps.
const LEAST: usize = 128;
/// Pairs whose words are drawn before they become normal numbers: two short loops, as one long one does not fit the registers.
const PAIRS: usize = 8;
/// The widest pack.
const WIDEST: usize = 32;

/// Stored numbers, `[n_steps, n_nodes]` of each noise target that has them.
type Stored = [Option<Arc<Array2<f32>>>];

/// Normal numbers, some steps at a time.
#[derive(Debug)]
pub(super) struct Drawn {
    /// Of each block of four words, which two noise targets share: whether these are random.
    random: Vec<[bool; 2]>,
    /// Whether any is.
    is_random: bool,
    /// States 0 and 1 take this stream; states 2 and 3 take the next number, and so on.
    stream: u32,
    /// Members whose numbers differ; empty where all are the same.
    members: Members,
    /// Whether one number serves all members.
    pub(super) is_common: bool,
    /// Steps drawn at a time.
    steps: usize,
    /// The steps from here on are not drawn.
    drawn: u32,
    /// `[step][state][node]`, or `[state][node][member]`.
    normal: Aligned,
    /// Numbers of a state at a step, padded.
    row: usize,
    n_targets: usize,
    n_nodes: usize,
    width: usize,
    /// Pairs of nodes that share a block of words.
    half: usize,
    /// Of each pair at each of the steps drawn at a time: the pair, the step.
    counters: [Vec<u32>; 2],
    simulation: Simulation,
    /// Room for common numbers: of each state and half of the nodes, `[step][pair]`.
    apart: Vec<f32>,
}

/// What differs between members.
#[derive(Debug)]
struct Members {
    /// `[round][key word][member]`
    keys: Vec<u32>,
    numbers: Vec<u32>,
}

impl Drawn {
    /// For these members; `width` stand side by side, of which those beyond the last repeat it.
    pub(super) fn new(plan: &Plan, stream: u32, members: &[usize], width: usize) -> Self {
        let simulations: Vec<Simulation> = (0..width)
            .map(|lane| plan.simulations[members[lane.min(members.len() - 1)]])
            .collect();
        let is_one = simulations.iter().all(|&other| other == simulations[0]);
        // What halving a step adds is drawn, for stored numbers, too.
        let is_common = is_one || plan.replay.is_some() && plan.refinement.is_none();
        let (n_nodes, n_targets) = (plan.n_nodes, plan.model.noise_targets().len());
        let half = n_nodes.div_ceil(2);
        let (steps, row) = match (is_common, plan.recipe.random) {
            (_, 0) => (1, 0),
            (true, _) => (
                STEPS * LEAST.div_ceil(STEPS * half),
                n_nodes.next_multiple_of(WIDEST) + WIDEST,
            ),
            (false, _) => (1, 2 * half * width + WIDEST),
        };
        let counters = |of: fn(usize, usize) -> usize| {
            let padded = (steps * half).next_multiple_of(WIDEST);
            (0..padded).map(|k| of(k, half) as u32).collect()
        };
        let keys: Vec<Schedule<u32>> = simulations
            .iter()
            .map(|simulation| schedule(noise::key(simulation.seed)))
            .collect();
        Self {
            is_random: plan.recipe.random != 0,
            random: (0..n_targets.div_ceil(2))
                .map(|block| [0, 1].map(|k| plan.recipe.is_random(2 * block + k)))
                .collect(),
            stream,
            members: Members {
                keys: (0..20)
                    .flat_map(|k| keys.iter().map(move |keys| keys[k / 2][k % 2]))
                    .collect(),
                numbers: simulations.iter().map(|s| s.number).collect(),
            },
            is_common,
            steps,
            drawn: 0,
            normal: Aligned::zeros(steps * n_targets * row),
            row,
            n_targets,
            n_nodes,
            width,
            half,
            counters: [counters(|k, half| k % half), counters(|k, half| k / half)],
            simulation: simulations[0],
            apart: if is_common && plan.recipe.random != 0 {
                vec![0.0; 4 * (steps * half + WIDEST).next_multiple_of(WIDEST)]
            } else {
                Vec::new()
            },
        }
    }

    /// The numbers at `step`, `[noise target][node]` or `[noise target][node][member]`, in rows of [`Random::row`]; they are drawn.
    #[inline(always)]
    pub(super) fn of(&self, step: u32) -> &[f32] {
        let step = step as usize % self.steps;
        &self.normal[step * self.n_targets * self.row..][..self.n_targets * self.row]
    }

    /// Numbers of a target at a step, padded.
    pub(super) fn row(&self) -> usize {
        self.row
    }

    /// Goes on at `step`: numbers depend on the step, not on those drawn before.
    pub(super) fn go_to(&mut self, step: u32) {
        self.drawn = step - step % self.steps as u32;
    }

    /// Whether the numbers of `step` have to be drawn first.
    #[inline(always)]
    pub(super) fn is_due(&self, step: u32) -> bool {
        self.is_random && step >= self.drawn
    }

    /// Draws the next numbers, or takes those that the plan has stored.
    #[inline(always)]
    pub(super) fn draw<V: Pack>(&mut self, stored: Option<&Stored>) {
        match stored {
            Some(stored) => self.replay(stored),
            None if self.is_common => self.draw_common::<V>(),
            None => self.draw_of_members::<V>(),
        }
        self.drawn += self.steps as u32;
    }

    /// The numbers of the next step, and of those after it that are drawn with it, from storage.
    fn replay(&mut self, stored: &Stored) {
        let width = if self.is_common { 1 } else { self.width };
        for (s, stored) in stored.iter().enumerate() {
            let Some(stored) = stored else { continue };
            for k in 0..self.steps.min(stored.nrows() - self.drawn as usize) {
                let first = (k * self.n_targets + s) * self.row;
                let to = self.normal[first..][..self.n_nodes * width].chunks_exact_mut(width);
                let from = stored.row(self.drawn as usize + k);
                to.zip(from).for_each(|(to, &z)| to.fill(z));
            }
        }
    }

    /// Numbers that all members share, of all steps drawn at a time.
    #[inline(always)]
    fn draw_common<V: Pack>(&mut self) {
        let keys = schedule(noise::key(self.simulation.seed));
        let mut wide = [[V::Words::literal(0); 2]; 10];
        for round in 0..wide.len() {
            let [first, second] = keys[round];
            wide[round] = [V::Words::literal(first), V::Words::literal(second)];
        }
        let n = self.steps * self.half;
        let padded = self.apart.len() / 4;
        let mut drawn = std::mem::take(&mut self.apart);
        for block in 0..self.n_targets.div_ceil(2) {
            let random = self.random[block];
            if random == [false, false] {
                continue;
            }
            for first in (0..n).step_by(PAIRS * V::WIDTH) {
                let vectors = PAIRS.min((n - first).div_ceil(V::WIDTH));
                let mut words = [[V::Bits::lit(0); 4]; PAIRS];
                for (vector, words) in words[..vectors].iter_mut().enumerate() {
                    let at = first + vector * V::WIDTH;
                    let step = V::Words::literal(self.drawn);
                    let counter = [
                        V::load_words(&self.counters[1][at..]).plus(step),
                        V::load_words(&self.counters[0][at..]),
                        V::Words::literal(self.simulation.number),
                        V::Words::literal(self.stream + block as u32),
                    ];
                    let [a, b, c, d] = noise::rounds(counter, &wide);
                    *words = [V::bits(a), V::bits(b), V::bits(c), V::bits(d)];
                }
                for k in 0..2 {
                    if !random[k] {
                        continue;
                    }
                    let (a, b) = drawn[2 * k * padded..][..2 * padded].split_at_mut(padded);
                    for vector in (0..vectors).step_by(2) {
                        let at = first + vector * V::WIDTH;
                        let [to_a, to_b] = [&mut a[at..], &mut b[at..]];
                        box_muller::<V>([&words[vector], &words[vector + 1]], k, to_a, to_b);
                    }
                }
            }
            for k in 0..2 {
                if !random[k] {
                    continue;
                }
                for step in 0..self.steps {
                    let first = (step * self.n_targets + 2 * block + k) * self.row;
                    let to = &mut self.normal[first..][..self.row];
                    for part in 0..2 {
                        let from = &drawn[(2 * k + part) * padded + step * self.half..];
                        let to = &mut to[part * self.half..];
                        // In whole vectors: what is too much is written over, or never read.
                        for at in (0..self.half).step_by(V::WIDTH) {
                            V::load(&from[at..]).store(&mut to[at..]);
                        }
                    }
                }
            }
        }
        self.apart = drawn;
    }

    /// Each member's own numbers, of one step.
    #[inline(always)]
    fn draw_of_members<V: Pack>(&mut self) {
        let mut keys = [[V::Words::literal(0); 2]; 10];
        for (round, keys) in keys.iter_mut().enumerate() {
            for (k, keys) in keys.iter_mut().enumerate() {
                *keys = V::load_words(&self.members.keys[(2 * round + k) * V::WIDTH..]);
            }
        }
        let numbers = V::load_words(&self.members.numbers);
        for block in 0..self.n_targets.div_ceil(2) {
            let random = self.random[block];
            if random == [false, false] {
                continue;
            }
            for first in (0..self.half).step_by(PAIRS) {
                let pairs = PAIRS.min(self.half - first);
                let mut words = [[V::Bits::lit(0); 4]; PAIRS];
                for (pair, words) in words[..pairs].iter_mut().enumerate() {
                    let counter = [
                        V::Words::literal(self.drawn),
                        V::Words::literal((first + pair) as u32),
                        numbers,
                        V::Words::literal(self.stream + block as u32),
                    ];
                    let [a, b, c, d] = noise::rounds(counter, &keys);
                    *words = [V::bits(a), V::bits(b), V::bits(c), V::bits(d)];
                }
                for k in 0..2 {
                    if !random[k] {
                        continue;
                    }
                    let normal = &mut self.normal[(2 * block + k) * self.row..][..self.row];
                    let (a, b) = normal.split_at_mut(self.half * V::WIDTH);
                    for pair in (0..pairs).step_by(2) {
                        let at = (first + pair) * V::WIDTH;
                        let (a, b) = (&mut a[at..], &mut b[at..]);
                        if pair + 1 < pairs {
                            box_muller::<V>([&words[pair], &words[pair + 1]], k, a, b);
                        } else {
                            let words = &words[pair];
                            let [x, y] = noise::normals::<V>([words[2 * k], words[2 * k + 1]]);
                            x.store(a);
                            y.store(b);
                        }
                    }
                }
            }
        }
    }
}

/// The normal numbers of state `k` of a block of words, of two vectors side by side.
#[inline(always)]
fn box_muller<V: Pack>(words: [&[V::Bits; 4]; 2], k: usize, to_a: &mut [f32], to_b: &mut [f32]) {
    let pair = |word: usize| Two(words[0][word], words[1][word]);
    let [a, b] = noise::normals::<Two<V>>([pair(2 * k), pair(2 * k + 1)]);
    a.store(to_a);
    b.store(to_b);
}

//! One simulation, or eight side by side, step by step: twin of `shaders/simulate.wgsl`.

use super::Kernel;
#[cfg(target_arch = "x86_64")]
use super::avx2::F32x8;
use super::chunks::Chunks;
use super::pack::Pack;
use super::sums::{DelayLine, Sums};
use crate::dynamics::{Arrivals, Node, Numbers, Recipe, Rows, update};
use crate::integrator::each;
use crate::model::{NeuralMass, Visitor};
use crate::noise::{self, stream};
use crate::plan::Plan;
use crate::scalar::{Bits, Lanes8};

/// The arrays of a group; see the module above for their layout.
pub(super) struct Group<'p> {
    plan: &'p Plan,
    kernel: Kernel,
    /// Whether this machine has AVX2 and it is to be used.
    #[cfg_attr(
        not(target_arch = "x86_64"),
        expect(dead_code, reason = "read there only")
    )]
    avx2: bool,
    /// Simulations side by side; beyond the last, lanes repeat it.
    width: usize,
    members: Vec<usize>,
    step: u32,
    /// States, carries and noise processes.
    nodes: Chunks,
    /// The table, expanded.
    table: Chunks,
    sums: Sums,
    line: DelayLine,
    /// Numbers per state: nodes times members.
    row: usize,
    feedback_start: Vec<f32>,
    feedback: Vec<f32>,
    random: Random,
}

/// Random numbers of a step.
struct Random {
    /// Per pair of nodes and member: pair, simulation number, key.
    counter: [Vec<u32>; 4],
    /// Pairs times members.
    half: usize,
    /// Normals of a step: `[state][node][member]`.
    normal: Vec<Vec<f32>>,
    /// The second of each pair of normals, before it goes to its node, for two states.
    second: [Vec<f32>; 2],
}

/// Room for whole lanes beyond the end.
fn padded(n: usize) -> usize {
    n.next_multiple_of(8) + 8
}

impl<'p> Group<'p> {
    /// The group at t = 0.
    pub(super) fn new(plan: &'p Plan, kernel: Kernel, avx2: bool, members: &[usize]) -> Self {
        let width = if kernel == Kernel::Simulations { 8 } else { 1 };
        let member = |lane: usize| members[lane.min(members.len() - 1)];
        let (n_nodes, n_states) = (plan.n_nodes, plan.n_states());
        let row = n_nodes * width;
        let flat = |value: &dyn Fn(usize, usize) -> f32| {
            let mut values = vec![0.0; padded(row)];
            for node in 0..n_nodes {
                for lane in 0..width {
                    values[node * width + lane] = value(node, member(lane));
                }
            }
            values
        };
        let starts: Vec<_> = (0..width)
            .map(|lane| plan.start(member(lane)).state())
            .collect();
        let lanes = if kernel == Kernel::Reference { 1 } else { 8 };
        let rows = plan.rows();
        let mut nodes = Chunks::new(3 * n_states, row, lanes);
        let mut table = Chunks::new(rows.len(), row, lanes);
        for node in 0..n_nodes {
            for (lane, start) in starts.iter().enumerate() {
                let at = node * width + lane;
                for s in 0..n_states {
                    nodes.set(s, at, start[[s, node]]);
                    let mean = plan.table.at(rows.mean(s), node, member(lane));
                    nodes.set(2 * n_states + s, at, mean);
                }
                for r in 0..rows.len() {
                    table.set(r, at, plan.table.at(r, node, member(lane)));
                }
            }
        }
        let mut line = DelayLine::new(n_nodes, plan.max_lag as usize, width);
        for (lane, start) in starts.iter().enumerate() {
            for (k, past) in plan.past(member(lane)).outer_iter().enumerate() {
                let slot = line.slot_before_start(k + 1);
                for (node, &x) in past.iter().enumerate() {
                    line.set(node, slot, lane, x);
                }
            }
            for (node, &x) in start.row(0).iter().enumerate() {
                line.set(node, 0, lane, x);
            }
        }
        let half_nodes = n_nodes.div_ceil(2);
        let half = half_nodes * width;
        let counter = |value: &dyn Fn(usize, usize) -> u32| {
            let mut values = vec![0; padded(half)];
            for pair in 0..half_nodes {
                for lane in 0..width {
                    values[pair * width + lane] = value(pair, member(lane));
                }
            }
            values
        };
        let key = |k: usize| noise::key(plan.simulations[k].seed);
        Self {
            plan,
            kernel,
            avx2: avx2 && super::has_avx2(),
            width,
            members: members.to_vec(),
            step: 0,
            nodes,
            table,
            sums: Sums::new(&plan.edges, &line, n_nodes),
            line,
            row,
            feedback_start: flat(&|node, k| plan.feedback_start(k, node)),
            feedback: vec![0.0; padded(row)],
            random: Random {
                counter: [
                    counter(&|pair, _| pair as u32),
                    counter(&|_, k| plan.simulations[k].number),
                    counter(&|_, k| key(k)[0]),
                    counter(&|_, k| key(k)[1]),
                ],
                half,
                normal: vec![vec![0.0; padded(2 * half)]; n_states],
                second: [vec![0.0; padded(half)], vec![0.0; padded(half)]],
            },
        }
    }

    /// Steps done.
    pub(super) fn step(&self) -> u32 {
        self.step
    }

    /// The states of one member, `[state][node]`.
    pub(super) fn state_of(&self, member: usize) -> Vec<f32> {
        let n_nodes = self.plan.n_nodes;
        let at = |k: usize| {
            self.nodes
                .get(k / n_nodes, k % n_nodes * self.width + member)
        };
        (0..self.plan.n_states() * n_nodes).map(at).collect()
    }

    /// Does `n_steps` steps; gives the samples of each member, `[sample][recorded state][node]`.
    pub(super) fn advance(&mut self, n_steps: u32) -> Vec<Vec<f32>> {
        let mut samples = vec![Vec::new(); self.members.len()];
        self.plan.model.visit(Advance {
            group: self,
            n_steps,
            samples: &mut samples,
        });
        samples
    }

    /// The fed-back states of this step.
    #[inline(always)]
    fn read_feedback(&mut self) {
        for (node, &lag) in self.plan.feedback_lags.iter().enumerate() {
            let at = node * self.width..(node + 1) * self.width;
            let from = if self.step < lag {
                &self.feedback_start[at.clone()]
            } else {
                self.line.read(node, self.step, lag)
            };
            self.feedback[at].copy_from_slice(from);
        }
    }

    /// The normals of this step.
    #[inline(always)]
    fn draw<E: Pack>(&mut self, recipe: &Recipe) {
        let Random {
            counter,
            half,
            normal,
            second,
        } = &mut self.random;
        let row = self.plan.n_nodes * self.width;
        if let Some(replay) = &self.plan.replay {
            for (stored, normal) in replay.iter().zip(normal) {
                let Some(stored) = stored else { continue };
                let stored = stored.row(self.step as usize);
                for (node, &z) in stored.iter().enumerate() {
                    normal[node * self.width..(node + 1) * self.width].fill(z);
                }
            }
            return;
        }
        // States 2k and 2k + 1 share a block of four words.
        for (block, normal) in normal.chunks_mut(2).enumerate() {
            let random = [recipe.is_random(2 * block), recipe.is_random(2 * block + 1)];
            if random == [false, false] {
                continue;
            }
            for at in (0..*half).step_by(E::WIDTH) {
                let load = each!(E::Bits::lit(0); k < 4 => E::load_bits(&counter[k][at..]));
                let [pair, simulation, key_low, key_high] = load;
                let step = E::Bits::lit(self.step);
                let stream = E::Bits::lit(stream::NOISE + block as u32);
                let words = noise::philox([step, pair, simulation, stream], [key_low, key_high]);
                for (k, normal) in normal.iter_mut().enumerate() {
                    if random[k] {
                        let [a, b] = noise::normals::<E>([words[2 * k], words[2 * k + 1]]);
                        a.store(&mut normal[at..]);
                        b.store(&mut second[k][at..]);
                    }
                }
            }
            for (normal, second) in normal.iter_mut().zip(&*second) {
                normal[*half..row].copy_from_slice(&second[..row - *half]);
            }
        }
    }

    /// Appends this step's sample of each member.
    fn sample(&self, samples: &mut [Vec<f32>]) {
        for &s in &self.plan.recording.states {
            let numbers = self.nodes.values();
            for node in 0..self.plan.n_nodes {
                let at = self.nodes.index(s, node * self.width);
                for (samples, &x) in samples.iter_mut().zip(&numbers[at..at + self.width]) {
                    samples.push(x);
                }
            }
        }
    }
}

/// The table's numbers of one chunk.
struct OfChunk<'a>(&'a [f32]);

impl<E: Pack> Numbers<E> for OfChunk<'_> {
    #[inline(always)]
    fn number(&self, row: usize) -> E {
        E::load(&self.0[row * E::WIDTH..])
    }
}

/// Some steps of a group, for the type of its model.
struct Advance<'a, 'p> {
    group: &'a mut Group<'p>,
    n_steps: u32,
    samples: &'a mut [Vec<f32>],
}

impl Visitor for Advance<'_, '_> {
    type Output = ();

    fn visit<M, const N: usize, const I: usize, const P: usize, const C: usize>(self)
    where
        M: NeuralMass<N, I, P, C>,
    {
        match self.group.kernel {
            Kernel::Reference => self.run::<M, f32, f32, N, I, P, C>(),
            Kernel::Nodes | Kernel::Simulations => self.run_in_lanes::<M, N, I, P, C>(),
        }
    }
}

impl Advance<'_, '_> {
    /// Eight lanes, in AVX2 registers where this machine has them.
    fn run_in_lanes<M, const N: usize, const I: usize, const P: usize, const C: usize>(self)
    where
        M: NeuralMass<N, I, P, C>,
    {
        #[cfg(target_arch = "x86_64")]
        if self.group.avx2 {
            #[target_feature(enable = "avx2")]
            fn with_avx2<M, const N: usize, const I: usize, const P: usize, const C: usize>(
                work: Advance,
            ) where
                M: NeuralMass<N, I, P, C>,
            {
                work.run_lanes::<M, F32x8, N, I, P, C>();
            }
            #[expect(unsafe_code, reason = "calls code compiled for a CPU feature")]
            // SAFETY: `avx2` is set only where the feature was found.
            unsafe {
                with_avx2::<M, N, I, P, C>(self);
            }
            return;
        }
        self.run_lanes::<M, Lanes8, N, I, P, C>();
    }

    /// Lanes over nodes or over simulations.
    #[inline(always)]
    fn run_lanes<M, E: Pack, const N: usize, const I: usize, const P: usize, const C: usize>(self)
    where
        M: NeuralMass<N, I, P, C>,
    {
        if self.group.kernel == Kernel::Simulations {
            self.run::<M, E, E, N, I, P, C>();
        } else {
            self.run::<M, E, f32, N, I, P, C>();
        }
    }

    /// The steps: nodes in lanes `E`, sums over edges in lanes `L`.
    #[inline(always)]
    fn run<M, E: Pack, L: Pack, const N: usize, const I: usize, const P: usize, const C: usize>(
        self,
    ) where
        M: NeuralMass<N, I, P, C>,
    {
        let Self {
            group,
            n_steps,
            samples,
        } = self;
        let recipe = group.plan.recipe;
        for _ in 0..n_steps {
            group.read_feedback();
            group.draw::<E>(&recipe);
            let sums = if group.kernel == Kernel::Reference {
                group.sums.plain(&group.line, group.step)
            } else {
                group.sums.next::<E, L>(&group.line, group.step)
            };
            let n_rows = Rows::new(C, N).len();
            for chunk in 0..group.row.div_ceil(E::WIDTH) {
                let at = chunk * E::WIDTH;
                let zero = E::splat(0.0);
                let nodes = group.nodes.chunk_mut(chunk, 3 * N * E::WIDTH);
                let node = Node {
                    state: each!(zero; s < N => E::load(&nodes[s * E::WIDTH..])),
                    carry: each!(zero; s < N => E::load(&nodes[(N + s) * E::WIDTH..])),
                    process: each!(zero; s < N => E::load(&nodes[(2 * N + s) * E::WIDTH..])),
                };
                let arrivals = Arrivals {
                    sum: E::load(&sums[at..]),
                    feedback: E::load(&group.feedback[at..]),
                    normal: each!(zero; s < N => E::load(&group.random.normal[s][at..])),
                };
                let numbers = OfChunk(group.table.chunk(chunk, n_rows * E::WIDTH));
                let next = update::<M, E, N, I, P, C>(&recipe, node, arrivals, &numbers);
                for s in 0..N {
                    next.state[s].store(&mut nodes[s * E::WIDTH..]);
                    next.carry[s].store(&mut nodes[(N + s) * E::WIDTH..]);
                    next.process[s].store(&mut nodes[(2 * N + s) * E::WIDTH..]);
                }
            }
            group.step += 1;
            group.line.push::<L>(group.step, &group.nodes);
            if group.step % group.plan.recording.every == 0 {
                group.sample(samples);
            }
        }
    }
}

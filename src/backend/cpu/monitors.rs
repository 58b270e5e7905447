//! The monitors of a group: the bits are those of [`crate::record::Observer`].
//!
//! A monitor's step is a program as a node's is, and the same machine runs it, once in so many steps of the simulation. In between the
//! signal is added up.

use super::aligned::Aligned;
use super::chunks::Chunks;
use super::lanes::Work;
use super::machine::{Arrays, Blocks, Machine, Phase, Setting};
use super::nodes::{self, Given};
use super::pack::Pack;
use super::{Fusion, Kernel};
use crate::monitor::Takes;
use crate::plan::{Observing, Plan};
use crate::record::Passage;
use crate::scalar::compensated;

/// One monitor of a group.
pub(super) struct GroupMonitor<'p> {
    observing: &'p Observing,
    kernel: Kernel,
    n_nodes: usize,
    members: Vec<usize>,
    /// Members side by side.
    width: usize,
    /// What it takes of the nodes.
    quantity: usize,
    /// States and carries of the monitor, and what it shows.
    nodes: Chunks,
    /// What it does; the reference goes without.
    machine: Option<Machine>,
    /// The same without what is shown, which most steps need not make.
    quiet: Option<Machine>,
    /// Steps taken since the monitor's last.
    n_taken: u32,
    /// The monitor's steps done.
    n_steps: u64,
    /// The signal of the monitor's step, `[node][member]`, padded to whole vectors.
    x: Aligned,
    /// The sum over the step begun, and what rounding cut off.
    sum: [Aligned; 2],
    scale: Aligned,
    offset: Aligned,
    /// In how many of the monitor's steps the signal was outside the range.
    outside: Aligned,
    /// `[step of the response][node][member]`, where the signal is convolved.
    past: Aligned,
    /// `[step of the response][node][member]`, the newest step first.
    response: Aligned,
    n_response: usize,
}

/// For what a group makes its monitors.
pub(super) struct Making<'a> {
    pub(super) kernel: Kernel,
    pub(super) fusion: Fusion,
    pub(super) members: &'a [usize],
    pub(super) blocks: Blocks,
    /// Numbers of one quantity of all nodes and members, padded.
    pub(super) row: usize,
}

impl<'p> GroupMonitor<'p> {
    /// Monitor number `k` of a plan, before the first step.
    pub(super) fn new(plan: &'p Plan, k: usize, making: &Making) -> Self {
        let observing = &plan.monitors[k];
        let (kernel, row, n_nodes) = (making.kernel, making.row, plan.n_nodes);
        let shape = kernel.shape();
        let (width, lanes) = (shape.width, shape.lanes);
        let node = |at: usize| (at / width).min(n_nodes - 1);
        let member = |at: usize| making.members[(at % width).min(making.members.len() - 1)];
        let mut nodes = Chunks::new(observing.step.n_quantities(), making.blocks, lanes);
        for (s, &start) in observing.start.iter().enumerate() {
            for at in 0..row {
                nodes.set(s, at, start as f32);
            }
        }
        let (mut scale, mut offset) = (Aligned::zeros(row), Aligned::zeros(row));
        let n_response = observing.n_response();
        let mut response = Aligned::zeros(n_response * row);
        for at in 0..row {
            let (node, member) = (node(at), member(at));
            let [by, plus] = observing.scale_and_offset(node, member);
            (scale[at], offset[at]) = (by as f32, plus as f32);
            for (k, &weight) in observing
                .response(node, member)
                .into_iter()
                .flat_map(|all| all.iter())
                .enumerate()
            {
                response[k * row + at] = weight as f32;
            }
        }
        let machine = |phase: Phase| {
            let setting = Setting {
                step: &observing.step,
                phase,
                blocks: making.blocks,
                lanes: kernel.lanes(),
                fusion: making.fusion,
                number: &|k, index, lane| {
                    let at = index * lanes + lane;
                    observing.number(k, node(at), member(at)) as f32
                },
                normal_row: 0,
                common_normals: false,
                row,
            };
            (kernel != Kernel::Reference).then(|| Machine::new(&setting))
        };
        let zeros = || Aligned::zeros(row);
        Self {
            observing,
            kernel,
            n_nodes,
            members: making.members.to_vec(),
            width,
            quantity: plan.step.observed[k],
            nodes,
            machine: machine(Phase::Step),
            quiet: machine(Phase::Quiet),
            n_taken: 0,
            n_steps: 0,
            x: zeros(),
            sum: [zeros(), zeros()],
            scale,
            offset,
            outside: zeros(),
            past: Aligned::zeros(n_response * row),
            response,
            n_response,
        }
    }

    /// Takes the signal after one more step. Adds a sample of each member, `[n_nodes]`, to `samples` where one is due.
    pub(super) fn take(&mut self, nodes: &Chunks, samples: &mut [Vec<f32>]) {
        self.n_taken += 1;
        let is_step = self.n_taken == self.observing.every;
        let kernel = self.kernel;
        match self.observing.takes {
            Takes::Mean => kernel.run(Add(self, nodes)),
            Takes::Last if is_step => nodes.copy(self.quantity, &mut self.x),
            Takes::Last => {}
        }
        if !is_step {
            return;
        }
        kernel.run(Map(self));
        self.n_taken = 0;
        self.n_steps += 1;
        let is_due = self.n_steps.is_multiple_of(self.observing.period.into());
        if self.n_response > 0 {
            let row = self.x.len();
            let newest = (self.n_steps % self.n_response as u64) as usize;
            self.past[newest * row..][..row].copy_from_slice(&self.x);
            if is_due {
                kernel.run(Convolve(self));
            }
        }
        if is_due || self.n_response == 0 {
            self.step(is_due);
        }
        if is_due {
            // The signal is no longer needed.
            self.nodes
                .copy(self.observing.step.recorded[0], &mut self.x);
            let shown = &self.x[..self.n_nodes * self.width];
            for (member, samples) in samples.iter_mut().enumerate() {
                samples.extend(shown.iter().skip(member).step_by(self.width));
            }
        }
    }

    /// Passes where a member's monitor stands.
    pub(super) fn pass(&mut self, member: usize, passage: &mut Passage) {
        let (width, row) = (self.width, self.x.len());
        let places = (0..self.n_nodes).map(|node| node * width + member);
        passage.word(&mut self.n_taken);
        passage.whole(&mut self.n_steps);
        self.nodes.pass(places.clone(), passage);
        let [total, carry] = &mut self.sum;
        for values in [total, carry, &mut self.outside] {
            places
                .clone()
                .for_each(|at| passage.single(&mut values[at]));
        }
        for past in self.past.chunks_exact_mut(row) {
            places.clone().for_each(|at| passage.single(&mut past[at]));
        }
    }

    /// Of each node of a member, the fraction of time in which the signal was outside the range that the monitor is meant for.
    pub(super) fn outside(&self, member: usize) -> Vec<f64> {
        let n = self.n_steps.max(1) as f64;
        let of = |node: usize| f64::from(self.outside[node * self.width + member]) / n;
        (0..self.n_nodes).map(of).collect()
    }

    /// The monitor's own step. What it shows is made if it `shows`.
    fn step(&mut self, shows: bool) {
        let machine = match shows {
            true => &mut self.machine,
            false => &mut self.quiet,
        };
        match machine {
            Some(machine) => machine.run(Arrays {
                kept: self.nodes.values_mut(),
                sums: &self.x,
                predicted: &[],
                feedback: &[],
                waves: &[],
                normal: &[],
            }),
            None => {
                let (observing, member) = (self.observing, self.members[0]);
                let given = Given {
                    sums: &self.x,
                    predicted: &[],
                    feedback: &[],
                    waves: &[],
                    row: self.x.len(),
                    normal: &[],
                    normal_row: 0,
                    number: &|k, node| observing.number(k, node, member) as f32,
                };
                nodes::run(
                    &observing.step,
                    Phase::Step,
                    &mut self.nodes,
                    self.n_nodes,
                    &given,
                );
            }
        }
    }
}

/// Adds the signal up, from where the nodes have it.
struct Add<'a, 'p>(&'a mut GroupMonitor<'p>, &'a Chunks);

impl Work for Add<'_, '_> {
    #[inline(always)]
    fn run<V: Pack>(self) {
        let GroupMonitor { sum, quantity, .. } = self.0;
        let [total, carry] = sum;
        let mut first = 0;
        for block in 0..self.1.n_blocks() {
            let signal = self.1.row(block, *quantity);
            let n = signal.len().min(total.len() - first);
            // All of one length, so that it is asked once.
            let signal = &signal[..n];
            let (total, carry) = (&mut total[first..][..n], &mut carry[first..][..n]);
            for at in (0..n).step_by(V::WIDTH) {
                let x = V::load(&signal[at..]);
                let (t, c) = (V::load(&total[at..]), V::load(&carry[at..]));
                let (t, c) = compensated(t, c, x);
                t.store(&mut total[at..]);
                c.store(&mut carry[at..]);
            }
            first += n;
        }
    }
}

/// Makes the signal of the monitor's step: the mean, scaled and moved. Counts where it is outside the range.
struct Map<'a, 'p>(&'a mut GroupMonitor<'p>);

impl Work for Map<'_, '_> {
    #[inline(always)]
    fn run<V: Pack>(self) {
        let GroupMonitor {
            x,
            sum,
            scale,
            offset,
            outside,
            observing,
            n_taken,
            ..
        } = self.0;
        let [total, carry] = sum;
        let is_mean = observing.takes == Takes::Mean;
        let n = if is_mean { *n_taken } else { 1 };
        let share = V::splat((1.0 / f64::from(n)) as f32);
        let zero = V::splat(0.0);
        for at in (0..x.len()).step_by(V::WIDTH) {
            let mut signal = V::load(&x[at..]);
            if is_mean {
                signal = V::load(&total[at..]) + V::load(&carry[at..]);
                zero.store(&mut total[at..]);
                zero.store(&mut carry[at..]);
            }
            let signal = signal * share * V::load(&scale[at..]) + V::load(&offset[at..]);
            signal.store(&mut x[at..]);
            if let Some([low, high]) = observing.monitor.range {
                let (low, high) = (V::splat(low as f32), V::splat(high as f32));
                let one = V::splat(1.0);
                let above = V::select(high.less(signal), one, zero);
                let is_outside = V::select(signal.less(low), one, above);
                (V::load(&outside[at..]) + is_outside).store(&mut outside[at..]);
            }
        }
    }
}

/// Convolves the signal with its response.
struct Convolve<'a, 'p>(&'a mut GroupMonitor<'p>);

impl Work for Convolve<'_, '_> {
    #[inline(always)]
    fn run<V: Pack>(self) {
        let GroupMonitor {
            x,
            past,
            response,
            n_response,
            n_steps,
            ..
        } = self.0;
        let (row, n) = (x.len(), *n_response);
        let newest = (*n_steps % n as u64) as usize;
        for at in (0..row).step_by(V::WIDTH) {
            let (mut total, mut carry) = (V::splat(0.0), V::splat(0.0));
            for k in 0..n {
                let then = if k <= newest {
                    newest - k
                } else {
                    newest + n - k
                };
                let weighted =
                    V::load(&response[k * row + at..]) * V::load(&past[then * row + at..]);
                (total, carry) = compensated(total, carry, weighted);
            }
            (total + carry).store(&mut x[at..]);
        }
    }
}

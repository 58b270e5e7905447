//! The CPU backend: the reference for every number, and the fallback where there is no GPU.
//!
//! A *group* is one simulation, or several side by side. Within a group every array is flat, `[node][member]`, so that the
//! work on nodes runs in lanes over that array whether its neighbours are nodes or simulations. Threads take groups; a
//! group is never split. All kernels give the same bits.
//!
//! # What a step costs
//!
//! Nanoseconds per simulation and step of the tutorial's network (80 nodes, 6320 delayed edges, exponential Euler, two noises a node), on one
//! Xeon core (Emerald Rapids, 2.9 GHz, AVX-512: two vector operations a cycle, L1 48 KiB, L2 2 MiB), processor time:
//!
//! | kernel | far edges | near edges | nodes | delay line | normal numbers | all |
//! |---|---|---|---|---|---|---|
//! | `batch-avx512`, own seeds | 155 | 20 | 90 | 20 | 200 | 510 |
//! | `batch-avx512`, one seed | 155 | 20 | 90 | 20 | 20 | 325 |
//! | `batch-avx2`, own seeds | | | | | | 870 |
//! | `single-avx512` | 235 | 215 | 160 | | 220 | 850 |
//! | `single-avx2` | | | | | | 1140 |
//! | `reference` | | | | | | 7200 |
//!
//! Without a fused multiply-add an edge is two operations, so 6320 edges cannot take less than 135 ns. The far edges of a batch come
//! close to that, since they go from source to source (`sums/passes.rs`). Of the delay line, most is what is moved back now and then; a
//! ring in its place lost one per cent, and for longer stretches the second-level cache is too small. A normal number takes some 70
//! operations, 30 of Philox and 40 of Box and Muller's transform, so that 160 of them cannot take less than 120 ns.
//!
//! The work on nodes and the normal numbers are chains of dependent operations, limited by how far the processor looks ahead. So functions
//! such as `exprel` and Box and Muller's transform are worked out for several vectors by turns (`two.rs`). What nodes do is a program that
//! is known only at run time: the vector machine (`machine/`) runs an operation over a block of nodes before the next, with the larger
//! fragments of a step fused. The moments for FC every ten steps add 5 %.

mod aligned;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod chunks;
mod group;
mod lanes;
mod line;
mod machine;
mod moments;
mod monitors;
mod nodes;
mod pack;
pub mod peak;
mod random;
mod resume;
mod sums;
mod two;
#[cfg(target_arch = "x86_64")]
mod vector;
mod waves;

use ndarray::{Array2, ArrayView3};
use rayon::prelude::*;

use std::time::Instant;

use super::{Backend, Control, Delivery, Device, DeviceClass};
use crate::error::{DeviceError, Error, Result};
use crate::plan::Plan;
use crate::record::{Recorder, Takes};
use group::Group;
pub use lanes::Lanes;
use lanes::Work;
use line::DelayLine;
pub use machine::Fusion;

/// Which program runs; all give the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kernel {
    /// One `f32` at a time: the plain statement of what is computed.
    Reference,
    /// One simulation: lanes over time for what arrives, over nodes for what they do with it.
    Single(Lanes),
    /// As many simulations as there are lanes, side by side.
    Batch(Lanes),
}

/// How a kernel lays out a group.
#[derive(Debug, Clone, Copy)]
struct Shape {
    /// Simulations side by side; beyond the last, lanes repeat it.
    width: usize,
    /// Numbers worked on at a time.
    lanes: usize,
    /// Steps whose far edges are added together, where most are far enough; the longest first.
    blocks: &'static [usize],
}

impl Kernel {
    /// Its name, as `batch-avx512`.
    pub fn name(self) -> String {
        match self {
            Self::Reference => "reference".into(),
            Self::Single(lanes) => format!("single-{}", lanes.name()),
            Self::Batch(lanes) => format!("batch-{}", lanes.name()),
        }
    }

    /// Simulations that it runs side by side.
    pub fn width(self) -> usize {
        self.shape().width
    }

    /// The instructions it uses.
    pub fn lanes(self) -> Lanes {
        match self {
            Self::Reference => Lanes::Portable,
            Self::Single(lanes) | Self::Batch(lanes) => lanes,
        }
    }

    /// Does the work in this kernel's lanes.
    #[inline(always)]
    fn run(self, work: impl Work) {
        match self {
            Self::Reference => work.run::<f32>(),
            Self::Single(lanes) | Self::Batch(lanes) => lanes.run(work),
        }
    }

    fn shape(self) -> Shape {
        match self {
            Self::Reference => Shape {
                width: 1,
                lanes: 1,
                blocks: &[1],
            },
            Self::Single(lanes) => Shape {
                width: 1,
                lanes: lanes.width(),
                blocks: &[32, 16],
            },
            Self::Batch(lanes) => Shape {
                width: lanes.width(),
                lanes: lanes.width(),
                blocks: if lanes.width() == 16 { &[16] } else { &[8] },
            },
        }
    }
}

/// Runs plans on the CPU.
#[derive(Debug)]
pub struct Cpu {
    kernel: Option<Kernel>,
    fusion: Fusion,
    threads: Option<rayon::ThreadPool>,
    device: Device,
}

impl Default for Cpu {
    fn default() -> Self {
        Self {
            kernel: None,
            fusion: Fusion::All,
            threads: None,
            device: device(rayon::current_num_threads(), Lanes::widest()),
        }
    }
}

fn device(n_threads: usize, lanes: Lanes) -> Device {
    let threads = if n_threads == 1 { "thread" } else { "threads" };
    Device {
        backend: "cpu",
        name: format!(
            "{n_threads} {threads}, {} lanes, {}",
            lanes.width(),
            lanes.name()
        ),
        driver: String::new(),
        class: DeviceClass::Exact,
        pci: String::new(),
        kernels: Vec::new(),
        refused_kernels: Vec::new(),
    }
}

impl Cpu {
    /// All threads, the kernel that suits the plan.
    pub fn new() -> Self {
        Self::default()
    }

    /// Every kernel that this machine can run, the plain one first.
    pub fn kernels() -> Vec<Kernel> {
        let lanes = Lanes::available();
        let single = lanes.iter().map(|&lanes| Kernel::Single(lanes));
        let batch = lanes.iter().map(|&lanes| Kernel::Batch(lanes));
        std::iter::once(Kernel::Reference)
            .chain(single)
            .chain(batch)
            .collect()
    }

    /// Always this kernel, but simulations one by one where their delay lines side by side would be too long to be indexed.
    ///
    /// # Errors
    /// [`Error::Device`] if this machine lacks its instructions.
    pub fn with_kernel(kernel: Kernel) -> Result<Self> {
        if !Self::kernels().contains(&kernel) {
            let cannot = format!("cannot run the kernel {}", kernel.name());
            let known: Vec<_> = Self::kernels().into_iter().map(Kernel::name).collect();
            let hint = format!("it runs {}", known.join(", "));
            return Err(Error::unsupported("this machine", cannot, Some(&hint)));
        }
        Ok(Self {
            kernel: Some(kernel),
            device: device(rayon::current_num_threads(), kernel.lanes()),
            ..Self::default()
        })
    }

    /// With or without fused operations: the bits are the same.
    #[must_use]
    pub fn with_fusion(mut self, fusion: Fusion) -> Self {
        self.fusion = fusion;
        self
    }

    /// At most so many threads.
    ///
    /// # Errors
    /// [`Error::Device`] if the system gives no threads.
    pub fn with_threads(mut self, threads: usize) -> Result<Self> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        self.threads = Some(pool.map_err(|error| DeviceError::Threads {
            why: error.to_string(),
        })?);
        let lanes = self.kernel.map_or_else(Lanes::widest, Kernel::lanes);
        self.device = device(threads, lanes);
        Ok(self)
    }

    fn n_threads(&self) -> usize {
        match &self.threads {
            Some(pool) => pool.current_num_threads(),
            None => rayon::current_num_threads(),
        }
    }

    /// The kernels for a plan, and the simulations that each of them takes.
    ///
    /// Simulations that begin after the same number of steps, as `begins` says, and draw the same random numbers stand side by side. What does not fill all threads with full groups runs one by one
    /// where that is sooner done.
    fn groups(&self, plan: &Plan, begins: impl Fn(usize) -> u32) -> Vec<(Kernel, Vec<usize>)> {
        let mut order: Vec<usize> = (0..plan.n_simulations()).collect();
        let of = |&k: &usize| {
            (
                begins(k),
                plan.simulations[k].seed,
                plan.simulations[k].number,
            )
        };
        order.sort_by_cached_key(of);
        let same = order.chunk_by(|&a, &b| begins(a) == begins(b));
        same.flat_map(|order| self.groups_of(plan, order)).collect()
    }

    /// The same of simulations that begin after the same number of steps, in this order.
    fn groups_of(&self, plan: &Plan, order: &[usize]) -> Vec<(Kernel, Vec<usize>)> {
        let n_rows = plan.recipe.links.lines.len() * plan.n_nodes;
        // Of a long run: a trial of fewer steps takes the same kernel.
        let numbers = |kernel: Kernel| {
            let max_lag = plan.max_lag as usize;
            DelayLine::numbers(n_rows, max_lag, kernel.width(), usize::MAX)
        };
        let lanes = Lanes::widest();
        let mut kernel = self.kernel.unwrap_or(Kernel::Batch(lanes));
        if self.kernel.is_none() && lanes == Lanes::Avx512 && numbers(kernel) > NUMBERS_OF_SIXTEEN {
            kernel = Kernel::Batch(Lanes::Avx2);
        }
        if let Kernel::Batch(lanes) = kernel
            && u32::try_from(numbers(kernel)).is_err()
        {
            kernel = Kernel::Single(lanes);
        }
        let width = kernel.width();
        let n_threads = self.n_threads();
        let rest = order.len() % (width * n_threads);
        let one_by_one = self.kernel.is_none()
            && COST_OF_SINGLE * (rest.div_ceil(n_threads) as f64) < width as f64;
        let n_in_groups = order.len() - if one_by_one { rest } else { 0 };
        let (in_groups, alone) = order.split_at(n_in_groups);
        let in_groups = in_groups
            .chunks(width)
            .map(|group| (kernel, group.to_vec()));
        let alone = alone.iter().map(|&k| (Kernel::Single(lanes), vec![k]));
        in_groups.chain(alone).collect()
    }
}

/// The longest delay line for which sixteen lanes were measured to be faster than eight: that of 400 nodes with delays of up to 200
/// steps has 2.7 million numbers.
const NUMBERS_OF_SIXTEEN: usize = 3 << 20;
/// How much longer a simulation takes by itself than as one of a full group: 1.6 to 2.4 as measured.
const COST_OF_SINGLE: f64 = 1.75;

impl Backend for Cpu {
    fn device(&self) -> &Device {
        &self.device
    }

    fn at_once(&self, plan: &Plan) -> usize {
        let groups = self.groups(plan, |_| 0);
        let mut sizes: Vec<usize> = groups.iter().map(|(_, members)| members.len()).collect();
        sizes.sort_unstable_by(|a, b| b.cmp(a));
        sizes.iter().take(self.n_threads()).sum()
    }

    fn host_bytes(&self, plan: &Plan, takes: Takes) -> u64 {
        let groups = self.groups(plan, |_| 0);
        let at_once = self.n_threads().min(groups.len()) as u64;
        let of_group = |&(kernel, _): &(Kernel, _)| {
            Group::bytes(plan, takes, kernel, stretch(plan, kernel.width()))
        };
        let largest = groups.iter().max_by_key(|(kernel, _)| kernel.width());
        at_once * largest.map_or(0, of_group)
    }

    fn run(&self, plan: &Plan, recorder: &dyn Recorder, control: &Control) -> Result<()> {
        let run = || {
            let begins = |k| recorder.checkpoints().map_or(0, |all| all.n_steps(k));
            self.groups(plan, begins)
                .into_par_iter()
                .for_each(|(kernel, members)| {
                    run_group(plan, (kernel, self.fusion), &members, recorder, control);
                });
        };
        match &self.threads {
            Some(pool) => pool.install(run),
            None => run(),
        }
        Ok(())
    }
}

/// A step's work on a node, in units of one edge: about a nanosecond.
const WORK_OF_A_NODE: usize = 32;
/// Work between two looks at the control: about a tenth of a second, so that a run stops soon when asked to.
const WORK_OF_A_STRETCH: usize = 100_000_000;
/// Steps from which on handing over costs nothing.
const LONGEST_STRETCH: usize = 2000;

/// Steps that a group of so many members does before it hands over its samples.
fn stretch(plan: &Plan, n_members: usize) -> u32 {
    let n_sums = plan.recipe.links.channels.len() * plan.edges.lag.len();
    let work = n_members * (n_sums + WORK_OF_A_NODE * plan.n_nodes);
    (WORK_OF_A_STRETCH / work).clamp(1, LONGEST_STRETCH) as u32
}

/// Runs one group to its end, a stretch of steps at a time.
fn run_group(
    plan: &Plan,
    how: (Kernel, Fusion),
    members: &[usize],
    recorder: &dyn Recorder,
    control: &Control,
) {
    let takes = recorder.takes();
    let Some(mut begun) = resume::begin(plan, how, members, recorder, control) else {
        return;
    };
    let checkpoints = recorder.checkpoints();
    let due = || checkpoints.map(|checkpoints| (checkpoints, checkpoints.due()));
    let mut next = due();
    let every = plan.recording.every;
    let stretch = stretch(plan, members.len());
    let (n_states, n_nodes) = (plan.n_states(), plan.n_nodes);
    let state_of = |group: &Group, member| {
        Array2::from_shape_vec((n_states, n_nodes), group.state_of(member))
            .expect("one number per state and node")
    };
    loop {
        let is_over = begun.1.iter().all(Delivery::is_over);
        if begun.0.step() == plan.n_steps || is_over || control.is_stopped() {
            break;
        }
        if let Some((checkpoints, at)) = next
            && Instant::now() >= at
        {
            resume::keep(&mut begun, checkpoints);
            next = due();
        }
        let (group, deliveries) = &mut begun;
        let first_sample = (group.step() / every) as usize;
        let n_steps = stretch.min(plan.n_steps - group.step());
        let samples = group.advance(n_steps);
        for (k, samples) in group.observed().into_iter().enumerate() {
            for (member, (first, samples)) in samples.into_iter().enumerate() {
                deliveries[member].observed(k, first, samples);
            }
        }
        let is_whole = group.step() == plan.n_steps;
        if is_whole {
            group.complete();
        }
        for (member, delivery) in deliveries.iter_mut().enumerate() {
            if is_whole {
                delivery.made(group.moments(member));
            }
            let state = state_of(group, member);
            group.outside(member, |k, fractions| delivery.outside(k, fractions));
            if takes.samples {
                let n_recorded = plan.recording.states.len();
                let n_samples = (group.step() / every) as usize - first_sample;
                let shape = (n_samples, n_recorded, n_nodes);
                let samples =
                    ArrayView3::from_shape(shape, &samples[member]).expect("whole samples");
                delivery.deliver(first_sample, samples, group.step(), state.view());
            } else {
                delivery.watch(group.bad(member), group.step(), state.view());
            }
        }
        control.add_steps(u64::from(n_steps) * members.len() as u64);
    }
    if let Some(checkpoints) = checkpoints.filter(|all| all.is_worthwhile())
        && control.is_stopped()
        && begun.0.step() < plan.n_steps
    {
        resume::keep(&mut begun, checkpoints);
    }
    let (group, mut deliveries) = begun;
    for (member, delivery) in deliveries.iter_mut().enumerate() {
        delivery.finish(group.step(), state_of(&group, member).view(), None);
    }
}

#[cfg(test)]
mod subnormals;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::connectome::synthetic;
    use crate::model;
    use crate::study::Study;

    /// A delay of 2.4e8 steps between two nodes: one delay line can be indexed with 32 bits, eight side by side cannot.
    #[test]
    fn simulations_stand_side_by_side_only_where_their_delay_lines_can_be_indexed() {
        let model = model::find("fitzhugh-nagumo").unwrap();
        let mut study = Study::new(model, Arc::new(synthetic::pair(30.0)));
        let lanes = Lanes::Portable;
        let cpu = Cpu::with_kernel(Kernel::Batch(lanes)).unwrap();
        let kernel = |study: &Study| cpu.groups(&Plan::new(study).unwrap(), |_| 0)[0].0;
        assert_eq!(kernel(&study), Kernel::Batch(lanes));
        study.coupling.conduction_speed = 1.25e-6;
        assert_eq!(kernel(&study), Kernel::Single(lanes));
    }
}

//! Runs a plan in batches of simulations, each in dispatches of many steps.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use ndarray::{Array2, Array3, ArrayView2, Axis};

use super::arrays::{Arrays, Simulator, replay_words, sample_words};
use super::compute;
use super::flight::{Flight, Runway};
use super::kernel::{self, Kernel, Network};
use super::layout;
use super::moments::{self, Accumulator};
use super::{Gpu, Ready};
use crate::backend::{Control, Delivery, is_finite};
use crate::error::{DeviceError, Result};
use crate::plan::Plan;
use crate::record::{Divergence, End, Recorder};

/// Device memory that a batch may take; drivers promise more than they have.
const BATCH_BYTES: u64 = 1 << 30;
/// Workgroups that any device takes at a time; a workgroup has at least one simulation.
const MAX_GROUPS: u64 = 65_535;
/// Samples of one dispatch that go to the host.
const SAMPLE_BYTES: u64 = 64 << 20;
/// Samples of one dispatch that stay on the device: every dispatch also loads and stores delay lines and sums, which should take
/// a small part of it.
const RESIDENT_SAMPLE_BYTES: u64 = 512 << 20;
/// Dispatches handed over before the first of them is waited for, so that the device never waits for the host.
const IN_FLIGHT: usize = 2;
/// Steps of the first dispatch; the next ones are sized by how long it took.
const FIRST_STEPS: u32 = 16;

/// Runs every simulation of the plan.
pub(super) fn run_all(
    ready: Ready,
    plan: &Plan,
    recorder: &dyn Recorder,
    control: &Control,
) -> Result<()> {
    let Ready {
        gpu,
        kernel,
        pipeline,
        adder,
    } = ready;
    let simulator = Simulator::new(gpu, plan, kernel, pipeline)?;
    let on_device = adder.is_some();
    let (fits, _) = simulations_at_a_time(gpu, plan, kernel, on_device)?;
    let all: Vec<usize> = (0..plan.n_simulations()).collect();
    for members in all.chunks(fits) {
        if control.is_stopped() {
            break;
        }
        let max_steps = max_steps(gpu, plan, simulator.kernel, members.len(), on_device);
        let arrays = Arrays::new(gpu, plan, &simulator, members, max_steps)?;
        let accumulator = match &adder {
            Some(adder) => Some(Accumulator::new(
                gpu,
                adder,
                plan,
                members.len(),
                &arrays.samples,
            )?),
            None => None,
        };
        let batch = Batch {
            gpu,
            plan,
            simulator: &simulator,
            adder: adder.as_deref(),
            members,
            max_steps,
            arrays,
            accumulator,
        };
        batch.run(recorder, control)?;
    }
    Ok(())
}

/// Bytes of the largest buffer that a kernel can have.
fn binding_bytes(gpu: &Gpu) -> u64 {
    let limits = gpu.device.limits();
    let binding = limits.max_storage_buffer_binding_size;
    binding.min(limits.max_buffer_size)
}

/// Bytes of the device that [`run_all`] fills at most, room for samples on their way included.
pub(super) fn bytes_at_a_time(ready: &Ready, plan: &Plan) -> Result<u64> {
    let (gpu, kernel, on_device) = (ready.gpu, ready.kernel, ready.adder.is_some());
    let (fits, bytes) = simulations_at_a_time(gpu, plan, kernel, on_device)?;
    let n = fits.min(plan.n_simulations());
    let max_steps = max_steps(gpu, plan, kernel, n, on_device);
    let n_samples = u64::from(max_steps.div_ceil(plan.recording.every));
    let copies = if on_device { 1 } else { 2 * IN_FLIGHT as u64 };
    Ok(n as u64 * bytes + copies * n_samples * 4 * sample_words(plan, n) as u64)
}

/// Simulations that fit a batch, and the bytes of each: every buffer within what the device binds, all within our own budget.
fn simulations_at_a_time(
    gpu: &Gpu,
    plan: &Plan,
    kernel: Kernel,
    on_device: bool,
) -> Result<(usize, u64)> {
    let tables = plan.step.tables();
    let tables: usize = tables.iter().map(|(table, _)| table.len()).sum();
    let binding = binding_bytes(gpu).saturating_sub(4 * tables as u64);
    let line = 4 * kernel.line_words(&Network::of(plan));
    let nodes = 4 * (layout::n_quantities(plan) * plan.n_nodes) as u64;
    let table = 4 * (plan.step.numbers.len() * plan.n_nodes) as u64;
    let (mut all, mut largest) = (line + nodes + table, line.max(nodes).max(table));
    largest = largest.max(4 * sample_words(plan, 1) as u64);
    if on_device {
        all += moments::bytes_per_simulation(plan.n_nodes);
        largest = largest.max(moments::largest_bytes_per_simulation(plan.n_nodes));
    }
    let fits = (binding / largest).min(BATCH_BYTES / all).min(MAX_GROUPS) as usize;
    if fits == 0 {
        let problem = format!(
            "one simulation needs {largest} bytes in one buffer and {all} in all ({line} for its delay line), but {} takes \
             at most {binding} in one and a batch {BATCH_BYTES}",
            gpu.described.name
        );
        let hint = "raise coupling.conduction_speed or protocol.dt, or say --backend cpu";
        let hint = Some(hint.into());
        return Err(DeviceError::Memory { problem, hint }.into());
    }
    Ok((fits, all))
}

/// As many steps as loop limits, room for samples and replayed normals allow; whole blocks, if at all possible.
fn max_steps(gpu: &Gpu, plan: &Plan, kernel: Kernel, n: usize, on_device: bool) -> u32 {
    let sample_bytes = 4 * sample_words(plan, n) as u64;
    let room = if on_device {
        RESIDENT_SAMPLE_BYTES.min(binding_bytes(gpu))
    } else {
        SAMPLE_BYTES
    };
    let by_samples = (room / sample_bytes).max(1) * u64::from(plan.recording.every);
    let by_replay = match 4 * replay_words(plan) as u64 {
        0 => u64::MAX,
        bytes => (SAMPLE_BYTES / bytes).max(1),
    };
    let block = u64::from(kernel.block());
    let steps = kernel::max_blocks(kernel, plan, gpu.max_iterations)
        .saturating_mul(block)
        .min(by_samples)
        .min(by_replay)
        .min(u64::from(u32::MAX));
    let whole = if steps > block {
        steps / block * block
    } else {
        steps
    };
    whole.min(u64::from(plan.n_steps)) as u32
}

/// Some simulations of a plan, from start to end.
struct Batch<'a> {
    gpu: &'a Gpu,
    plan: &'a Plan,
    simulator: &'a Simulator,
    adder: Option<&'a compute::Kernel>,
    members: &'a [usize],
    /// Steps that one dispatch may do at most.
    max_steps: u32,
    arrays: Arrays,
    accumulator: Option<Accumulator>,
}

impl Batch<'_> {
    fn run(mut self, recorder: &dyn Recorder, control: &Control) -> Result<()> {
        let plan = self.plan;
        let takes_samples = self.accumulator.is_none();
        let mut deliveries: Vec<_> = self
            .members
            .iter()
            .filter(|_| takes_samples)
            .map(|&k| Delivery::new(plan, recorder, k))
            .collect();
        let n = self.members.len();
        let every = plan.recording.every;
        let state_words = plan.n_states() * plan.n_nodes * n;
        let sample_words = if takes_samples {
            sample_words(plan, n) * self.max_steps.div_ceil(every) as usize
        } else {
            0
        };
        let mut runway = Runway::new(self.gpu, IN_FLIGHT, sample_words, state_words)?;
        let mut flights: VecDeque<Flight> = VecDeque::new();
        let mut size = Size::new(
            self.gpu.dispatch_target,
            self.max_steps,
            self.simulator.kernel,
        );
        let (mut submitted, mut done) = (0, 0);
        let mut last = None;
        let mut landed = Instant::now();
        let mut outcome = Ok(());
        loop {
            let over = !deliveries.is_empty() && deliveries.iter().all(Delivery::is_over);
            if flights.len() < IN_FLIGHT
                && submitted < plan.n_steps
                && !over
                && !control.is_stopped()
            {
                let n_steps = size.steps.min(plan.n_steps - submitted);
                flights.push_back(self.submit(&mut runway, submitted, n_steps));
                submitted += n_steps;
                continue;
            }
            let Some(flight) = flights.pop_front() else {
                break;
            };
            let (first_step, n_steps, start) = (done, flight.n_steps, flight.submitted.max(landed));
            let landing = match runway.land(self.gpu, flight) {
                Ok(landing) => landing,
                Err(error) => {
                    // What was recorded until now is kept.
                    outcome = Err(error);
                    break;
                }
            };
            landed = Instant::now();
            size.adapt(n_steps, landing.took.unwrap_or(landed - start));
            done += n_steps;
            if takes_samples {
                self.deliver(
                    &mut deliveries,
                    first_step,
                    done,
                    &landing.samples,
                    &landing.state,
                );
                last = Some(landing.state);
            }
            control.add_steps(u64::from(n_steps) * n as u64);
        }
        for (member, delivery) in deliveries.iter_mut().enumerate() {
            let state = match &last {
                Some(state) => of_member(state, plan, member),
                None => plan.start(self.members[member]).state(),
            };
            delivery.finish(done, state.view(), None);
        }
        if outcome.is_ok() && !takes_samples {
            self.deliver_moments(recorder, done)?;
        }
        outcome
    }

    /// Hands `n_steps` steps after step `done` to the device, and what is to be copied to the host after them.
    fn submit(&mut self, runway: &mut Runway, done: u32, n_steps: u32) -> Flight {
        let (plan, gpu) = (self.plan, self.gpu);
        let every = plan.recording.every;
        let n = self.members.len();
        self.arrays.prepare(gpu, plan, done, n_steps);
        let first_sample = done / every;
        let n_samples = (done + n_steps) / every - first_sample;
        let groups = (n as u32).div_ceil(self.simulator.kernel.lanes());
        let on_host = self.accumulator.is_none();
        let samples = usize::from(on_host) * n_samples as usize * sample_words(plan, n);
        let state = usize::from(on_host) * plan.n_states() * plan.n_nodes * n;
        let mut dispatches = vec![(
            &*self.simulator.pipeline,
            &self.arrays.bound,
            [groups, 1, 1],
        )];
        if let (Some(accumulator), Some(adder)) = (&mut self.accumulator, self.adder)
            && n_samples > 0
        {
            let ends = first_sample + n_samples == plan.recording.n_samples as u32;
            accumulator.prepare(gpu, first_sample, n_samples, ends);
            dispatches.push((adder, accumulator.bound(), accumulator.groups()));
        }
        runway.take_off(
            gpu,
            &dispatches,
            n_steps,
            (&self.arrays.samples, samples),
            (&self.arrays.nodes, state),
        )
    }

    /// Passes on the samples `[sample][recorded state][node][member]` of the steps from `first_step` to `done`.
    fn deliver(
        &self,
        deliveries: &mut [Delivery],
        first_step: u32,
        done: u32,
        samples: &[f32],
        state: &[f32],
    ) {
        let plan = self.plan;
        let (n, every) = (self.members.len(), plan.recording.every);
        let first_sample = (first_step / every) as usize;
        let n_samples = (done / every) as usize - first_sample;
        let shape = (n_samples, plan.recording.states.len(), plan.n_nodes);
        for (member, delivery) in deliveries.iter_mut().enumerate() {
            let of_this = samples.iter().skip(member).step_by(n).copied().collect();
            let samples = Array3::from_shape_vec(shape, of_this).expect("as many as asked for");
            let state = of_member(state, plan, member);
            delivery.deliver(first_sample, samples.view(), done, state.view());
        }
    }

    /// Ends every simulation after `done` steps, those that ran to their end with their moments.
    fn deliver_moments(&self, recorder: &dyn Recorder, done: u32) -> Result<()> {
        let (plan, gpu) = (self.plan, self.gpu);
        let n = self.members.len();
        let words = plan.n_states() * plan.n_nodes * n;
        let state = compute::read_back(gpu, &self.arrays.nodes, 0, words)?;
        let state: Vec<f32> = state.into_iter().map(f32::from_bits).collect();
        let Some(accumulator) = &self.accumulator else {
            return Ok(());
        };
        let n_samples = plan.recording.n_samples - plan.recording.n_transient;
        let all = accumulator.read(gpu, n_samples as u32)?;
        for ((member, &simulation), accumulated) in self.members.iter().enumerate().zip(all) {
            let state = of_member(&state, plan, member);
            let found = match accumulated.first_bad {
                Some((sample, node)) => Some((node, plan.sample_time_ms(sample))),
                None if done < plan.n_steps => None,
                None => first_bad(state.view()).map(|node| (node, f64::from(done) * plan.dt_ms)),
            };
            let divergence = found.map(|(node, time_ms)| Divergence {
                simulation,
                node,
                time_ms,
            });
            if divergence.is_none() && done == plan.n_steps {
                recorder.moments(simulation, accumulated.moments);
            }
            let end = End {
                outside: Vec::new(),
                n_steps: done,
                state,
                divergence,
            };
            recorder.finish(simulation, end);
        }
        Ok(())
    }
}

/// How many steps the next dispatch takes.
struct Size {
    steps: u32,
    block: u32,
    max_steps: u32,
    target: Duration,
}

impl Size {
    fn new(target: Duration, max_steps: u32, kernel: Kernel) -> Self {
        Self {
            steps: FIRST_STEPS.max(kernel.block()).min(max_steps),
            block: kernel.block(),
            max_steps,
            target,
        }
    }

    /// Doubles what took less than half the target and halves what took more; whole blocks, if more than one.
    fn adapt(&mut self, n_steps: u32, took: Duration) {
        if took * 2 < self.target && n_steps == self.steps {
            self.steps = self.steps.saturating_mul(2);
        } else if took > self.target && n_steps == self.steps {
            self.steps = (self.steps / 2).max(1);
        }
        if self.steps > self.block {
            self.steps = self.steps / self.block * self.block;
        }
        self.steps = self.steps.min(self.max_steps);
    }
}

/// The first node that has left the finite numbers in any state.
fn first_bad(state: ArrayView2<'_, f32>) -> Option<usize> {
    let is_bad = |node: ndarray::ArrayView1<'_, f32>| node.iter().any(|&x| !is_finite(x));
    state.axis_iter(Axis(1)).position(is_bad)
}

/// The states of one member, `[n_states, n_nodes]`, out of `[state][node][member]`.
fn of_member(nodes: &[f32], plan: &Plan, member: usize) -> Array2<f32> {
    let n = nodes.len() / (plan.n_states() * plan.n_nodes);
    Array2::from_shape_fn((plan.n_states(), plan.n_nodes), |(s, node)| {
        nodes[(s * plan.n_nodes + node) * n + member]
    })
}

//! Runs a plan in batches of simulations, each in dispatches of many steps.

use std::collections::VecDeque;
use std::time::Instant;

use ndarray::{Array2, Array3, ArrayView2, Axis};

use super::arrays::{Arrays, Simulator, given_words, sample_words};
use super::compute;
use super::flight::{Flight, Runway};
use super::kernel::{self, Kernel, Network};
use super::layout;
use super::moments::{self, Accumulator};
use super::pace::Pace;
use super::{Gpu, Ready};
use crate::backend::{Control, Delivery, is_finite};
use crate::error::{DeviceError, Result};
use crate::plan::Plan;
use crate::record::{Divergence, End, Recorder};

/// Device memory that a batch may take at most: what fills the largest devices several times over.
const BATCH_BYTES: u64 = 1 << 30;
/// And at least, where the device says that little is free: it can be wrong.
const LEAST_BATCH_BYTES: u64 = 64 << 20;
/// Workgroups that any device takes at a time; a workgroup has at least one simulation.
const MAX_GROUPS: u64 = 65_535;
/// Samples of one dispatch that go to the host.
const SAMPLE_BYTES: u64 = 64 << 20;
/// Dispatches handed over before the first of them is waited for, so that the device never waits for the host.
const IN_FLIGHT: usize = 2;

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

/// Bytes that the simulations of a batch may take. The samples of a dispatch, copies on their way and other programs need
/// room, too, so it is a quarter of what the device says is free. Every loss of the device halves it.
fn batch_bytes(free: Option<u64>, caution: u32) -> u64 {
    let quarter = free.map_or(BATCH_BYTES, |free| free / 4);
    quarter.clamp(LEAST_BATCH_BYTES, BATCH_BYTES) >> caution
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
    let batch = batch_bytes(gpu.free_bytes, gpu.caution);
    let fits = (binding / largest).min(batch / all).min(MAX_GROUPS) as usize;
    if fits == 0 {
        let problem = format!(
            "one simulation needs {largest} bytes in one buffer and {all} in all ({line} for its delay line), but {} takes \
             at most {binding} in one and a batch {batch}",
            gpu.described.name
        );
        let hint = "raise coupling.conduction_speed or protocol.dt, or say --backend cpu";
        let hint = Some(hint.into());
        return Err(DeviceError::Memory { problem, hint }.into());
    }
    Ok((fits, all))
}

/// As many steps as loop limits, room for samples, replayed normals and waveforms allow; whole blocks, if at all possible.
fn max_steps(gpu: &Gpu, plan: &Plan, kernel: Kernel, n: usize, on_device: bool) -> u32 {
    let sample_bytes = 4 * sample_words(plan, n) as u64;
    let batch = batch_bytes(gpu.free_bytes, gpu.caution);
    let room = if on_device {
        // Every dispatch also loads and stores delay lines and sums, which should take a small part of it.
        (batch / 2).min(binding_bytes(gpu))
    } else {
        SAMPLE_BYTES.min(batch / 4)
    };
    let by_samples = (room / sample_bytes).max(1) * u64::from(plan.recording.every);
    let by_given = match 4 * given_words(plan, n) as u64 {
        0 => u64::MAX,
        bytes => (SAMPLE_BYTES / bytes).max(1),
    };
    let block = u64::from(kernel.block());
    let steps = kernel::max_blocks(kernel, plan, gpu.max_iterations)
        .saturating_mul(block)
        .min(by_samples)
        .min(by_given)
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
        // With the workgroups of each.
        let mut flights: VecDeque<(Flight, u32)> = VecDeque::new();
        let mut pace = Pace::new(
            self.gpu.dispatch_target,
            self.n_groups(),
            self.max_steps,
            self.simulator.kernel.block(),
            self.gpu.caution,
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
                let n_steps = pace.steps().min(plan.n_steps - submitted);
                match self.submit(&mut runway, &mut pace, submitted, n_steps) {
                    Ok(flight) => flights.push_back(flight),
                    Err(error) => {
                        outcome = Err(error);
                        break;
                    }
                }
                submitted += n_steps;
                continue;
            }
            let Some((flight, groups)) = flights.pop_front() else {
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
            pace.adapt(groups, n_steps, landing.took.unwrap_or(landed - start));
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

    /// Workgroups that have all simulations.
    fn n_groups(&self) -> u32 {
        (self.members.len() as u32).div_ceil(self.simulator.kernel.lanes())
    }

    /// Hands `n_steps` steps after step `done` to the device, and what is to be copied to the host after them. Where all
    /// simulations would take too long, it waits for the first ones. The last workgroups are in the flight.
    fn submit(
        &mut self,
        runway: &mut Runway,
        pace: &mut Pace,
        done: u32,
        n_steps: u32,
    ) -> Result<(Flight, u32)> {
        let (plan, gpu) = (self.plan, self.gpu);
        let every = plan.recording.every;
        let n = self.members.len();
        self.arrays
            .prepare(gpu, (plan, self.members), done, n_steps);
        let mut first_group = 0;
        let pipeline = &self.simulator.pipeline;
        let groups = loop {
            let left = self.n_groups() - first_group;
            let groups = pace.groups().min(left);
            self.arrays.begin_at(gpu, first_group);
            if groups == left {
                break groups;
            }
            let start = Instant::now();
            compute::dispatch(gpu, pipeline, &self.arrays.bound, [groups, 1, 1], &[])?;
            pace.adapt(groups, n_steps, start.elapsed());
            first_group += groups;
        };
        let first_sample = done / every;
        let n_samples = (done + n_steps) / every - first_sample;
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
        let flight = runway.take_off(
            gpu,
            &dispatches,
            n_steps,
            (&self.arrays.samples, samples),
            (&self.arrays.nodes, state),
        );
        Ok((flight, groups))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_takes_a_quarter_of_what_is_free_and_half_of_it_after_a_loss() {
        const GIB: u64 = 1 << 30;
        for (free, caution, bytes) in [
            (None, 0, GIB),
            (Some(139 * GIB), 0, GIB),
            (Some(4 * GIB), 0, GIB),
            (Some(GIB), 0, GIB / 4),
            (Some(0), 0, LEAST_BATCH_BYTES),
            (None, 1, GIB / 2),
            (Some(2 * GIB), 2, GIB / 8),
        ] {
            assert_eq!(batch_bytes(free, caution), bytes, "{free:?} {caution}");
        }
    }
}

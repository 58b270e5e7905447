//! Runs a plan in batches of simulations, each in dispatches of many steps.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use ndarray::{Array2, Array3};

use super::Gpu;
use super::arrays::{Arrays, Simulator, sample_words};
use super::compute;
use super::flight::{Flight, Runway};
use super::moments::{self, Accumulated, Accumulator};
use super::monitors::{self, Watcher};
use super::pace::Pace;
use super::ready::Ready;
use super::room;
use crate::backend::{Control, Delivery};
use crate::error::Result;
use crate::plan::Plan;
use crate::record::Recorder;

/// Dispatches handed over before the first of them is waited for, so that the device never waits for the host.
pub(super) const IN_FLIGHT: usize = 2;

/// Runs every simulation of the plan.
pub(super) fn run_all(
    ready: &Ready,
    plan: &Plan,
    recorder: &dyn Recorder,
    control: &Control,
) -> Result<()> {
    let gpu = ready.gpu;
    let simulator = Simulator::new(gpu, plan, ready.kernel, Arc::clone(&ready.pipeline))?;
    let (fits, _) = room::simulations_at_a_time(ready, plan)?;
    let all: Vec<usize> = (0..plan.n_simulations()).collect();
    for members in all.chunks(fits) {
        if control.is_stopped() {
            break;
        }
        let max_steps = room::max_steps(ready, plan, members.len());
        let arrays = Arrays::new(gpu, plan, &simulator, members, max_steps)?;
        let (n, samples) = (members.len(), &arrays.samples);
        let accumulator = ready
            .adder
            .as_ref()
            .map(|adder| Accumulator::new(gpu, adder, plan, n, samples));
        let (taken, first_taken) = &arrays.taken;
        let watchers = ready.monitors.iter().enumerate().map(|(k, kernel)| {
            let taken = (taken, first_taken[k]);
            Watcher::new(gpu, (plan, members), k, kernel, taken, max_steps)
        });
        let batch = Batch {
            gpu,
            plan,
            simulator: &simulator,
            stays: ready.stays,
            adder: ready.adder.as_deref(),
            members,
            max_steps,
            accumulator: accumulator.transpose()?,
            watchers: watchers.collect::<Result<_>>()?,
            arrays,
        };
        batch.run(recorder, control)?;
    }
    Ok(())
}

/// Some simulations of a plan, from start to end.
struct Batch<'a> {
    gpu: &'a Gpu,
    plan: &'a Plan,
    simulator: &'a Simulator,
    /// Whether samples stay on the device.
    stays: bool,
    adder: Option<&'a compute::Kernel>,
    members: &'a [usize],
    /// Steps that one dispatch may do at most.
    max_steps: u32,
    arrays: Arrays,
    accumulator: Option<Accumulator>,
    watchers: Vec<Watcher>,
}

impl Batch<'_> {
    fn run(mut self, recorder: &dyn Recorder, control: &Control) -> Result<()> {
        let plan = self.plan;
        let delivery = |&k: &usize| match self.stays {
            true => Delivery::with_moments_made(plan, recorder, k),
            false => Delivery::new(plan, recorder, k),
        };
        let mut deliveries: Vec<_> = self.members.iter().map(delivery).collect();
        let n = self.members.len();
        let mut runway = Runway::new(self.gpu, IN_FLIGHT, &self.stream_words())?;
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
            let over = deliveries.iter().all(Delivery::is_over);
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
            let [samples, state, of_monitors @ ..] = &landing.streams[..] else {
                unreachable!("samples and states are streams")
            };
            let (shown, of_monitors) = of_monitors.split_at(self.watchers.len());
            let (outside, bad) = of_monitors.split_at(self.watchers.len());
            self.show(&mut deliveries, first_step, done, shown);
            if self.stays {
                for (member, delivery) in deliveries.iter_mut().enumerate() {
                    let of_nodes = bad.iter().flatten().skip(member).step_by(n);
                    delivery.pass_on(moments::first_bad(of_nodes.map(|k| k.to_bits())));
                }
            } else {
                self.tell_outside(&mut deliveries, done, outside);
                self.deliver(&mut deliveries, first_step, done, samples, state);
                last = landing.streams.into_iter().nth(1);
            }
            control.add_steps(u64::from(n_steps) * n as u64);
        }
        if self.stays {
            outcome?;
            return self.deliver_ends(&mut deliveries, done);
        }
        for (member, delivery) in deliveries.iter_mut().enumerate() {
            let state = match &last {
                Some(state) => of_member(state, plan, member),
                None => plan.start(self.members[member]).state(),
            };
            delivery.finish(done, state.view(), None);
        }
        outcome
    }

    /// Workgroups that have all simulations.
    fn n_groups(&self) -> u32 {
        (self.members.len() as u32).div_ceil(self.simulator.kernel.lanes())
    }

    /// Numbers of one quantity of all nodes and members.
    fn row(&self) -> usize {
        self.plan.n_nodes * self.members.len()
    }

    /// The same where monitors watch; else none.
    fn watched_row(&self) -> usize {
        match self.watchers.is_empty() {
            true => 0,
            false => self.row(),
        }
    }

    /// The most words of each stream of results: the samples, the states at the end of a dispatch; what each monitor shows; what
    /// each counted outside its range; and which sample was the first that is not finite, where the device alone knows.
    fn stream_words(&self) -> Vec<usize> {
        let (plan, n) = (self.plan, self.members.len());
        let n_samples = self.max_steps.div_ceil(plan.recording.every) as usize;
        let to_host = usize::from(!self.stays);
        let mut words = vec![
            to_host * sample_words(plan, n) * n_samples,
            to_host * plan.n_states() * self.row(),
        ];
        let max_steps = u64::from(self.max_steps);
        let shown = plan.monitors.iter();
        words.extend(
            shown.map(|one| max_steps.div_ceil(one.steps_per_sample()) as usize * self.row()),
        );
        words.extend(plan.monitors.iter().map(|_| to_host * self.row()));
        words.extend(self.accumulator.iter().map(|_| self.watched_row()));
        words
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
        let row = self.row();
        let to_host = usize::from(!self.stays);
        let samples = to_host * n_samples as usize * sample_words(plan, n);
        let state = to_host * plan.n_states() * row;
        let mut dispatches = vec![(
            &*self.simulator.pipeline,
            &self.arrays.bound,
            [groups, 1, 1],
        )];
        if let Some(accumulator) = &mut self.accumulator {
            let ends = first_sample + n_samples == plan.recording.n_samples as u32;
            accumulator.prepare(gpu, first_sample, n_samples, ends);
        }
        if let (Some(accumulator), Some(adder)) = (&self.accumulator, self.adder)
            && n_samples > 0
        {
            dispatches.push((adder, accumulator.bound(), accumulator.groups()));
        }
        let n_shown = self.watchers.iter_mut();
        let n_shown = n_shown.map(|watcher| watcher.prepare(gpu, done, n_steps));
        let n_shown: Vec<usize> = n_shown.collect();
        dispatches.extend(self.watchers.iter().filter_map(Watcher::dispatch));
        let mut streams = vec![
            (&self.arrays.samples, 0, samples),
            (&self.arrays.nodes, 0, state),
        ];
        let shown = self.watchers.iter().zip(n_shown);
        streams.extend(shown.map(|(watcher, n)| (watcher.shown(), 0, n * row)));
        streams.extend(self.watchers.iter().map(|watcher| {
            let (buffer, first) = watcher.outside();
            (buffer, first, to_host * row)
        }));
        streams.extend(self.accumulator.iter().map(|accumulator| {
            let (buffer, first) = accumulator.first_bad();
            (buffer, first, self.watched_row())
        }));
        let flight = runway.take_off(gpu, &dispatches, n_steps, &streams);
        Ok((flight, groups))
    }

    /// Passes on what the monitors showed, each `[sample][node][member]`, in the steps from `first_step` to `done`.
    fn show(&self, deliveries: &mut [Delivery], first_step: u32, done: u32, shown: &[Vec<f32>]) {
        let n = self.members.len();
        for (k, (one, shown)) in self.plan.monitors.iter().zip(shown).enumerate() {
            let samples_until = |step: u32| (u64::from(step) / one.steps_per_sample()) as usize;
            let first = samples_until(first_step);
            if samples_until(done) == first {
                continue;
            }
            for (member, delivery) in deliveries.iter_mut().enumerate() {
                let of_this = shown.iter().skip(member).step_by(n).copied().collect();
                delivery.observed(k, first, of_this);
            }
        }
    }

    /// Passes on how long signals were outside the monitors' ranges up to step `done`; `counted` is `[node][member]` of each monitor.
    fn tell_outside(&self, deliveries: &mut [Delivery], done: u32, counted: &[Vec<f32>]) {
        let n = self.members.len();
        for (k, (one, counted)) in self.plan.monitors.iter().zip(counted).enumerate() {
            for (member, delivery) in deliveries.iter_mut().enumerate() {
                delivery.outside(k, monitors::fractions(counted, one, done, (member, n)));
            }
        }
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

    /// Ends every simulation after `done` steps, where samples stay on the device: those that ran to their end with their moments.
    fn deliver_ends(&self, deliveries: &mut [Delivery], done: u32) -> Result<()> {
        let (plan, gpu) = (self.plan, self.gpu);
        let floats = |buffer, first, words| -> Result<Vec<f32>> {
            let words = compute::read_back(gpu, buffer, first, words)?;
            Ok(words.into_iter().map(f32::from_bits).collect())
        };
        let state = floats(&self.arrays.nodes, 0, plan.n_states() * self.row())?;
        let outside = self.watchers.iter().map(|watcher| {
            let (buffer, first) = watcher.outside();
            floats(buffer, first, self.row())
        });
        let outside: Vec<Vec<f32>> = outside.collect::<Result<_>>()?;
        self.tell_outside(deliveries, done, &outside);
        let mut accumulated = match &self.accumulator {
            Some(accumulator) => {
                let n_samples = plan.recording.n_samples - plan.recording.n_transient;
                accumulator.read(gpu, n_samples as u32)?.into_iter()
            }
            None => Vec::new().into_iter(),
        };
        for (member, delivery) in deliveries.iter_mut().enumerate() {
            let state = of_member(&state, plan, member);
            let mut bad = None;
            if let Some(Accumulated { moments, first_bad }) = accumulated.next() {
                delivery.made(Some(moments));
                bad = first_bad;
            }
            delivery.watch(bad, done, state.view());
            delivery.finish(done, state.view(), None);
        }
        Ok(())
    }
}

/// The states of one member, `[n_states, n_nodes]`, out of `[state][node][member]`.
fn of_member(nodes: &[f32], plan: &Plan, member: usize) -> Array2<f32> {
    let n = nodes.len() / (plan.n_states() * plan.n_nodes);
    Array2::from_shape_fn((plan.n_states(), plan.n_nodes), |(s, node)| {
        nodes[(s * plan.n_nodes + node) * n + member]
    })
}

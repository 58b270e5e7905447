//! Where a plan runs: on the CPU or on a GPU, with the same bits.

pub mod cpu;
pub mod gpu;
pub mod select;

use ndarray::{ArrayView2, ArrayView3, s};

pub use crate::control::Control;
use crate::error::Result;
use crate::plan::Plan;
use crate::record::{Divergence, End, Moments, MomentsStream, Passage, Recorder, Takes};

/// Something a plan can run on.
pub trait Backend: Send + Sync {
    /// What it is, for people and manifests.
    fn device(&self) -> &Device;

    /// As [`Backend::device`], with the kernels that ran until now.
    fn device_used(&self) -> Device {
        self.device().clone()
    }

    /// Runs the plan from its start. A simulation that diverges ends early and is reported through the recorder; if
    /// [`Control::stop`] is called, all end early.
    ///
    /// # Errors
    /// [`crate::Error::Device`] if the device fails.
    fn run(&self, plan: &Plan, recorder: &dyn Recorder, control: &Control) -> Result<()>;

    /// Bytes of this machine's memory that a plan takes at most while it runs for a recorder that takes this, beside the plan and what
    /// the recorder keeps.
    fn host_bytes(&self, plan: &Plan, takes: Takes) -> u64 {
        let _ = (plan, takes);
        0
    }

    /// Simulations of a plan that run at a time, at most.
    fn at_once(&self, plan: &Plan) -> usize {
        plan.n_simulations()
    }

    /// Memory of its own, in bytes, that a device fills at most to run the plan; none where it works in the host's.
    ///
    /// # Errors
    /// [`crate::Error::Device`] if not even one simulation fits.
    fn device_bytes(&self, plan: &Plan, takes: Takes) -> Result<u64> {
        let _ = (plan, takes);
        Ok(0)
    }

    /// The same device opened anew after it failed, to be given less at a time; `None` where there is nothing to open.
    fn reopened(&self) -> Option<Result<Box<dyn Backend>>> {
        None
    }
}

/// What a backend runs on.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Device {
    /// `cpu` or `gpu`.
    pub backend: &'static str,
    /// The device's name.
    pub name: String,
    /// Driver and its version; empty on the CPU.
    pub driver: String,
    /// How far its numbers can be trusted to be those of the contract.
    pub class: DeviceClass,
    /// Its place on the bus, as `0000:01:00.0`, which tells equal cards apart; empty if it has none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub pci: String,
    /// The GPU kernels that ran, in the order in which they first did.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kernels: Vec<String>,
    /// The GPU kernels that the driver refused, in whose place another ran.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refused_kernels: Vec<String>,
}

/// How a device's bits relate to the CPU's, the closest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeviceClass {
    /// The same bits.
    Exact,
    /// The same bits, with every operation shielded from the compiler.
    ExactBarrier,
    /// The same bits as long as no number is subnormal (below 1.2e-38, but not 0): the device takes such numbers for 0.
    ExactButForSubnormals,
    /// The same up to rounding: short runs within a few ulp, long runs in their statistics.
    Tolerance,
}

impl DeviceClass {
    /// As written in tables and manifests.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::ExactBarrier => "exact-barrier",
            Self::ExactButForSubnormals => "exact-but-for-subnormals",
            Self::Tolerance => "tolerance",
        }
    }

    /// Whether every bit of every result is the CPU's.
    pub fn is_exact(self) -> bool {
        matches!(self, Self::Exact | Self::ExactBarrier)
    }
}

/// Passes a simulation's samples on to the recorder, up to where it diverges.
struct Delivery<'a> {
    plan: &'a Plan,
    recorder: &'a dyn Recorder,
    takes: Takes,
    moments: Option<MomentsStream>,
    /// The moments, where the backend makes them.
    made: Option<Moments>,
    simulation: usize,
    /// What the measured monitor showed after the transient, `[sample][node]`, where moments are taken of it.
    measured: Vec<f32>,
    /// What monitors showed and was not passed on yet: which monitor, its first sample, `[sample][node]`.
    pending: Vec<(usize, usize, Vec<f32>)>,
    /// The first sample that is not finite, up to what was passed on.
    bad: Option<Bad>,
    /// Of each monitor and node, the fraction of time outside the monitor's range.
    outside: Vec<Vec<f64>>,
    end: Option<End>,
}

impl<'a> Delivery<'a> {
    fn new(plan: &'a Plan, recorder: &'a dyn Recorder, simulation: usize) -> Self {
        let takes = recorder.takes();
        Self {
            plan,
            recorder,
            takes,
            moments: (takes.moments && plan.measured().is_none())
                .then(|| MomentsStream::new(plan.n_nodes)),
            made: None,
            simulation,
            measured: Vec::new(),
            pending: Vec::new(),
            bad: None,
            outside: vec![Vec::new(); plan.monitors.len()],
            end: None,
        }
    }

    /// For a backend that makes the moments itself.
    fn with_moments_made(plan: &'a Plan, recorder: &'a dyn Recorder, simulation: usize) -> Self {
        Self {
            moments: None,
            ..Self::new(plan, recorder, simulation)
        }
    }

    /// The moments over all samples, handed on when the simulation ends without having diverged.
    fn made(&mut self, moments: Option<Moments>) {
        self.made = moments;
    }

    /// What monitor number `k` showed from sample `first` on, `[sample][node]`. It is passed on with the samples of the same stretch.
    fn observed(&mut self, k: usize, first: usize, samples: Vec<f32>) {
        if !self.is_over() {
            self.pending.push((k, first, samples));
        }
    }

    /// Passes on what monitors showed before the first sample that is not finite: theirs, or `bad`, and its first bad node, among those of
    /// the states. Gives that one. So what is kept of a simulation that diverges does not depend on how long a stretch is.
    fn pass_on(&mut self, bad: Option<(usize, usize)>) -> Option<Bad> {
        let (plan, n_nodes) = (self.plan, self.plan.n_nodes);
        let of_states = bad.map(|(sample, node)| Bad {
            step: (sample as u64 + 1) * u64::from(plan.recording.every),
            node,
            time_ms: plan.sample_time_ms(sample),
        });
        let pending = std::mem::take(&mut self.pending);
        let of_monitor = |(k, first, samples): &(usize, usize, Vec<f32>)| {
            let at = samples.iter().position(|&x| !is_finite(x))?;
            let (observing, sample) = (&plan.monitors[*k], first + at / n_nodes);
            Some(Bad {
                step: (sample as u64 + 1) * observing.steps_per_sample(),
                node: at % n_nodes,
                time_ms: observing.sample_time_ms(sample),
            })
        };
        let earlier = self.bad.into_iter().chain(of_states);
        let found = earlier.chain(pending.iter().filter_map(of_monitor));
        self.bad = found.min_by_key(|bad| bad.step);
        for (k, first, mut samples) in pending {
            let observing = &plan.monitors[k];
            if let Some(bad) = self.bad {
                let n_before = (bad.step - 1) / observing.steps_per_sample();
                samples.truncate((n_before as usize).saturating_sub(first) * n_nodes);
            }
            let n_samples = samples.len() / n_nodes;
            if self.takes.moments && plan.measured() == Some(k) {
                let n_left_out = observing.n_transient.saturating_sub(first).min(n_samples);
                self.measured.extend(&samples[n_left_out * n_nodes..]);
            }
            let samples = ArrayView2::from_shape((n_samples, n_nodes), &samples);
            let samples = samples.expect("whole samples");
            self.recorder.observe(self.simulation, k, first, samples);
        }
        self.bad
    }

    /// Of monitor number `k`, the fraction of time up to now that each node was outside its range.
    fn outside(&mut self, k: usize, fractions: Vec<f64>) {
        if !self.is_over() {
            self.outside[k] = fractions;
        }
    }

    /// The moments of what a monitor showed, where they are taken of it.
    fn moments_observed(&self) -> Option<Moments> {
        let n_nodes = self.plan.n_nodes;
        self.plan.measured().filter(|_| self.takes.moments)?;
        let samples =
            ArrayView2::from_shape((self.measured.len() / n_nodes, n_nodes), &self.measured);
        Some(Moments::of(samples.expect("whole samples")))
    }

    /// Passes what was taken of a simulation that is not over, where the backend makes the moments.
    fn pass(&mut self, passage: &mut Passage) {
        passage.singles(&mut self.measured);
    }

    /// Whether the simulation has diverged, so that nothing more is wanted of it.
    fn is_over(&self) -> bool {
        self.end.is_some()
    }

    /// The samples of a stretch that ends after `n_steps` steps in `state` (`[n_states, n_nodes]`).
    ///
    /// Samples are looked at, and the states at the run's end, but not those at the end of every stretch: how long a stretch is
    /// depends on the backend and its speed, and what is reported may not.
    fn deliver(
        &mut self,
        first_sample: usize,
        samples: ArrayView3<'_, f32>,
        n_steps: u32,
        state: ArrayView2<'_, f32>,
    ) {
        if self.is_over() {
            return;
        }
        let n_recorded = samples.len_of(ndarray::Axis(1));
        // Moments are those of the first recorded state, where there is one.
        let n_watched = match self.takes.moments {
            true => n_recorded.min(1),
            false => n_recorded,
        };
        let watched = samples.slice(s![.., ..n_watched, ..]);
        let bad_sample = watched
            .outer_iter()
            .position(|sample| sample.iter().any(|&x| !is_finite(x)));
        let bad = bad_sample.and_then(|k| {
            let node = first_bad(watched.index_axis(ndarray::Axis(0), k))?;
            Some((first_sample + k, node))
        });
        let mut n_good = bad_sample.unwrap_or(samples.shape()[0]);
        if let Some(bad) = self.pass_on(bad) {
            let n_before = (bad.step - 1) / u64::from(self.plan.recording.every);
            n_good = n_good.min((n_before as usize).saturating_sub(first_sample));
        }
        if let Some(moments) = &mut self.moments {
            let n_transient = self.plan.recording.n_transient.saturating_sub(first_sample);
            for k in n_transient..n_good {
                moments.push(samples.slice(s![k, 0, ..]));
            }
        }
        if n_good > 0 && self.takes.samples {
            self.recorder.record(
                self.simulation,
                first_sample,
                samples.slice(s![..n_good, .., ..]),
            );
        }
        self.end_if_bad(n_steps, state);
    }

    /// After `n_steps` steps, in `state`: ends the simulation if a sample was bad (`bad`: which, and its first bad node) or the run is
    /// at its end.
    fn watch(&mut self, bad: Option<(usize, usize)>, n_steps: u32, state: ArrayView2<'_, f32>) {
        if self.is_over() {
            return;
        }
        self.pass_on(bad);
        self.end_if_bad(n_steps, state);
    }

    fn end_if_bad(&mut self, n_steps: u32, state: ArrayView2<'_, f32>) {
        let divergence = match self.bad {
            Some(bad) => Some((bad.node, bad.time_ms)),
            None if n_steps < self.plan.n_steps => None,
            None => first_bad(state).map(|node| (node, f64::from(n_steps) * self.plan.dt_ms)),
        };
        if divergence.is_some() || n_steps == self.plan.n_steps {
            self.finish(n_steps, state, divergence);
        }
    }

    /// Ends the simulation, if it has not ended.
    fn finish(
        &mut self,
        n_steps: u32,
        state: ArrayView2<'_, f32>,
        divergence: Option<(usize, f64)>,
    ) {
        if self.is_over() {
            return;
        }
        let divergence = divergence.map(|(node, time_ms)| Divergence {
            simulation: self.simulation,
            node,
            time_ms,
        });
        let end = End {
            n_steps,
            state: state.to_owned(),
            divergence,
            outside: std::mem::take(&mut self.outside),
        };
        let streamed = self.moments.take().map(MomentsStream::finish);
        let observed = self.moments_observed();
        if let Some(moments) = self.made.take().or(streamed).or(observed)
            && end.divergence.is_none()
            && end.n_steps == self.plan.n_steps
        {
            self.recorder.moments(self.simulation, moments);
        }
        self.recorder.finish(self.simulation, end.clone());
        self.end = Some(end);
    }
}

/// A sample that is not finite.
#[derive(Debug, Clone, Copy)]
struct Bad {
    /// The step after which it was taken.
    step: u64,
    /// The first node in it.
    node: usize,
    time_ms: f64,
}

/// The first node with a value that is not finite, in `[any, n_nodes]`.
fn first_bad(values: ArrayView2<'_, f32>) -> Option<usize> {
    values
        .indexed_iter()
        .filter(|(_, x)| !is_finite(**x))
        .map(|((_, node), _)| node)
        .min()
}

/// By its bits: code that was compiled to assume that there are only finite numbers made it.
fn is_finite(x: f32) -> bool {
    x.to_bits() & 0x7f80_0000 != 0x7f80_0000
}

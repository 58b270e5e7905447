//! Times replicas of a delayed, noisy network.

use std::sync::Arc;
use std::time::Instant;

use crate::Control;
use crate::backend::Backend;
use crate::connectome::synthetic;
use crate::error::{DeviceError, Error, Result};
use crate::io::study;
use crate::plan::Plan;
use crate::record::{Recorder, Streamed, Takes};

/// Steps of a run of the tutorial.
pub(super) const STEPS_OF_A_RUN: u32 = 60_000;
/// Nodes of the embedded connectome, and its longest tract in mm.
const HCP: (usize, f64) = (80, 250.0);

/// The work of one measurement.
#[derive(Debug, Clone, Copy)]
pub struct Workload {
    /// Nodes of the network; 80 is the HCP connectome, any other number a random one.
    pub n_nodes: usize,
    /// Conduction speed, mm/ms.
    pub speed: f64,
    /// Simulations run at once.
    pub replicas: usize,
    /// Their random numbers.
    pub seeds: Seeds,
    /// Whether moments are summed every 1 ms.
    pub moments: bool,
}

/// Random numbers of the replicas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seeds {
    /// Every replica has its own.
    Own,
    /// All have the same, and differ in the coupling: points of a sweep.
    Common,
}

impl Seeds {
    /// The ways that differ for so many replicas.
    pub fn of(replicas: usize) -> &'static [Self] {
        if replicas == 1 {
            &[Self::Own]
        } else {
            &[Self::Own, Self::Common]
        }
    }
}

/// What was measured.
#[derive(Debug, Clone, Copy)]
pub struct Measured {
    /// Steps of the timed runs.
    pub steps: u32,
    /// Steps of one network per second, in the fastest of them.
    pub replica_steps_per_s: f64,
    /// Seconds that a run of the tutorial's length takes, divided by the replicas.
    pub s_per_run: f64,
    /// Connections of the network.
    pub n_edges: usize,
    /// The longest look back, steps.
    pub max_lag: u32,
}

/// Keeps nothing.
struct Nothing;

impl Recorder for Nothing {
    fn takes(&self) -> Takes {
        Takes {
            samples: false,
            moments: false,
        }
    }

    fn finish(&self, _simulation: usize, _end: crate::record::End) {}
}

impl Workload {
    /// The plan of so many steps.
    pub(super) fn plan(&self, n_steps: u32) -> Result<Plan> {
        let mut study = study::load(None, &[""; 0])?;
        study.protocol.duration = 0.1 * f64::from(n_steps);
        study.record.every = 1.0;
        study.coupling.conduction_speed = self.speed;
        let (n_hcp, longest) = HCP;
        let mut g = 1.0;
        if self.n_nodes != n_hcp {
            study.connectome = Arc::new(synthetic::random(self.n_nodes, 1.0, longest, 1));
            // The same strength at every node whatever their number.
            g = 2.0 / self.n_nodes as f64;
        }
        let studies: Vec<_> = (0..self.replicas)
            .map(|k| {
                let mut study = study.clone();
                study.protocol.seed = match self.seeds {
                    Seeds::Own => k as u64,
                    Seeds::Common => 0,
                };
                study.set_g(g * (0.5 + k as f64 / self.replicas as f64));
                study
            })
            .collect();
        Plan::batch(&studies)
    }

    /// Seconds of one run.
    fn seconds(&self, backend: &dyn Backend, plan: &Plan) -> Result<f64> {
        let start = Instant::now();
        if self.moments {
            let recorder = Streamed::new(plan);
            backend.run(plan, &recorder, &Control::default())?;
            let diverged = |(moments, _): &(Option<_>, _)| moments.is_none();
            if recorder.into_moments().iter().any(diverged) {
                let action = "timing";
                let why = "the network of the benchmark diverged".into();
                return Err(DeviceError::Failed { action, why }.into());
            }
        } else {
            backend.run(plan, &Nothing, &Control::default())?;
        }
        Ok(start.elapsed().as_secs_f64())
    }

    /// Measures the fastest of several runs of so many `steps`, or of as many as a third of
    /// `seconds` takes. What a run takes before its first step (to draw a past, to lay out tables)
    /// is timed by itself, and counts once for a whole run.
    pub(super) fn time(
        &self,
        backend: &dyn Backend,
        steps: Option<u32>,
        seconds: f64,
    ) -> Result<Measured> {
        let plan = self.plan(steps.unwrap_or(STEPS_OF_A_RUN))?;
        let first = plan.first_steps(1);
        let mut before = f64::INFINITY;
        for _ in 0..3 {
            before = before.min(self.seconds(backend, &first)?);
        }
        let n_steps = match steps {
            Some(steps) => steps,
            None => {
                let mut trial = 160.min(plan.n_steps);
                loop {
                    let took = self.seconds(backend, &plan.first_steps(trial))? - before;
                    if took > 0.1 * seconds || trial == plan.n_steps {
                        let wanted = f64::from(trial) * seconds / 3.0 / took;
                        // Whole blocks of whole samples.
                        break ((wanted / 160.0).ceil() as u32)
                            .saturating_mul(160)
                            .min(plan.n_steps);
                    }
                    trial = trial.saturating_mul(4).min(plan.n_steps);
                }
            }
        };
        let plan = plan.first_steps(n_steps);
        let (begin, mut best) = (Instant::now(), f64::INFINITY);
        let mut runs = 0;
        while runs < 3 || begin.elapsed().as_secs_f64() < seconds {
            best = best.min(self.seconds(backend, &plan)?);
            runs += 1;
        }
        let replicas = self.replicas as f64;
        // One step is timed with what comes before it.
        let a_step = match plan.n_steps {
            0 | 1 => best,
            n => (best - before) / f64::from(n - 1),
        };
        if a_step <= 0.0 {
            let rule = format!(
                "so few steps take no longer than the {:.1} ms before the first of them",
                1e3 * before
            );
            return Err(Error::flag_range("--steps", n_steps, rule));
        }
        Ok(Measured {
            steps: plan.n_steps,
            replica_steps_per_s: replicas / a_step,
            s_per_run: (before + f64::from(STEPS_OF_A_RUN - 1) * a_step) / replicas,
            n_edges: plan.edges.lag.len(),
            max_lag: plan.max_lag,
        })
    }
}

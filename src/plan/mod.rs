//! From description to what runs: every check, every unit conversion, every index.
//!
//! A [`Plan`] holds one or many simulations that share model, wiring, delays, step and recording, and differ in numbers
//! (parameters, coupling strength, inputs, noise strength, seeds, initial states). Backends read it and never convert a unit.

mod check;
mod delays;
mod display;
mod edges;
mod hold;
mod observing;
mod parts;
mod refinement;
mod start;
mod table;
mod wave;

use std::sync::Arc;

use ndarray::Array2;

use crate::continuation::network::hold::Held;
use crate::dynamics::{Before, Line, Links, Part, Recipe, Rows, Step};
use crate::error::{PlanError, Result};
use crate::model::{Model, Observable};
use crate::study::key;
use crate::study::{StoredNormals, Study};

pub use delays::FedBack;
pub use edges::{Edges, RowEdges, delay_class};
pub use hold::rest;
pub use observing::Observing;
pub use refinement::{MOST_HALVINGS, Refinement};
pub use start::Start;
pub use table::{Row, Table};
pub use wave::Wave;

/// Every number and index of a run of one or many simulations.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The model at every node.
    pub model: &'static Model,
    /// The parts of a step.
    pub recipe: Recipe,
    /// The step of a node, as a program.
    pub step: Arc<Step>,
    /// The number of nodes.
    pub n_nodes: usize,
    /// The number of steps.
    pub n_steps: u32,
    /// The step, ms.
    pub dt_ms: f64,
    /// Who receives from whom, how much and how many steps late.
    pub edges: Edges,
    /// The model's delayed self feedbacks.
    pub feedback: Vec<FedBack>,
    /// The longest look back: of edges and feedback.
    pub max_lag: u32,
    /// Every number that may differ between nodes or simulations.
    pub table: Table,
    /// How its noise is made of that of a larger step; `None` if the step is the study's.
    pub refinement: Option<Refinement>,
    /// Stored standard normals per state, `[n_steps, n_nodes]`, in place of the generator; a row for each step of the study.
    pub replay: Option<StoredNormals<f32>>,
    /// Seed and number of each simulation.
    pub simulations: Vec<Simulation>,
    /// What is recorded.
    pub recording: Recording,
    /// What is measured of the nodes while they run.
    pub monitors: Vec<Observing>,
    /// What differs from step to step: the waveform of each stimulus, then what depends on the time.
    pub waves: Vec<Wave>,
    /// The rest state of each simulation from which a parameter follows; empty where nothing is held.
    pub held: Vec<Arc<Held>>,
    starts: Vec<Start>,
}

/// What the random numbers of a simulation depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Simulation {
    /// Seed.
    pub seed: u64,
    /// Which of the seed's independent simulations.
    pub number: u32,
}

/// What is recorded, in steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// Indices of what is recorded: states, and after them outputs (see [`Model::observables`]).
    pub states: Vec<usize>,
    /// Steps between samples; sample k is the state after `(k + 1) * every` steps.
    pub every: u32,
    /// The number of samples.
    pub n_samples: usize,
    /// Samples at the start that the measures leave out.
    pub n_transient: usize,
}

impl Plan {
    /// The plan of a single study.
    ///
    /// # Errors
    /// [`Error::Study`](crate::Error::Study) naming the key, what it holds and what it may hold; also where [`Study::holds_mean`], since a plan has no rounds of
    /// simulations.
    pub fn new(study: &Study) -> Result<Self> {
        Self::batch(std::slice::from_ref(study))
    }

    /// The plan of many simulations that differ only in numbers.
    ///
    /// # Errors
    /// As [`Plan::new`]; also if the studies differ in anything that a batch must share.
    pub fn batch(studies: &[Study]) -> Result<Self> {
        Self::refined(studies, 0)
    }

    /// The plan of [`Plan::batch`] with its step halved `halvings` times: the same simulations, closer to a step of 0.
    ///
    /// Both have one path of noise: the noise of the half steps is made of that of the whole ones and adds up to it (see
    /// `noise::half`). Samples fall at the same times. Delays are counted anew, in the smaller steps. What nodes
    /// sent in a step before t = 0 holds for as long as that step.
    ///
    /// Only the CPU runs it.
    ///
    /// # Errors
    /// As [`Plan::batch`]; also for more than [`MOST_HALVINGS`], for more steps than can be counted, and if the studies differ in the
    /// time constant of their noise.
    pub fn refined(studies: &[Study], halvings: u32) -> Result<Self> {
        let whole = studies.first().ok_or(PlanError::Empty { what: "study" })?;
        for other in studies {
            check::numbers(other)?;
            check::shares_structure(whole, other)?;
        }
        let (studies, held) = hold::solve(studies)?;
        let studies = &*studies;
        let refinement = Refinement::new(studies, halvings)?;
        let studies = &refinement::halved(studies, halvings)?[..];
        let study = &studies[0];
        let n_nodes = study.connectome.n_nodes();
        let dt_ms = study.protocol.dt;
        let links = Links::of(study.model, &study.coupling.terms);
        let edges = Edges::new(study, &links, halvings)?;
        let recipe = parts::recipe(studies, &edges, links);
        let feedback = delays::feedback(study, &recipe.links)?;
        let lags = feedback.iter().flat_map(|feedback| &feedback.lags);
        let max_lag = lags.copied().fold(edges.max_lag(), u32::max);
        check_memory(max_lag, n_nodes * recipe.links.lines.len())?;

        let n_past = edges.max_lag() as usize;
        let starts: Vec<Start> = studies
            .iter()
            .map(|study| Start::new(study, &recipe.links, edges.shift, halvings))
            .collect::<Result<_>>()?;
        starts.iter().try_for_each(|start| start.check(n_past))?;
        check::interpolated(study, &edges, &recipe.links)?;

        let observed: Vec<usize> = study.monitors.iter().map(|one| one.source).collect();
        let waves = parts::waves(studies, &recipe);
        let step = Step::observed(study.model, &recipe, &study.record.states, &observed);
        let mut table = Table::new(studies, &recipe, &edges.row_sums)?;
        table.derive(&step, studies)?;
        // Of the whole steps, so that samples fall at the same times whatever was halved.
        let n_whole = whole.protocol.n_steps();
        let n_steps = (n_whole as u32) << halvings;
        let every = ((whole.record.every / whole.protocol.dt).round() as u32) << halvings;
        let recording = Recording {
            states: study.record.states.clone(),
            every,
            n_samples: (n_steps / every) as usize,
            n_transient: (study.protocol.transient / study.record.every).round() as usize,
        };
        Ok(Self {
            model: study.model,
            replay: parts::replay(study, &recipe, n_whole)?,
            refinement,
            recipe,
            step: Arc::new(step),
            n_nodes,
            n_steps,
            dt_ms,
            feedback,
            max_lag,
            table,
            simulations: studies
                .iter()
                .map(|study| Simulation {
                    seed: study.protocol.seed,
                    number: study.protocol.simulation,
                })
                .collect(),
            recording,
            monitors: parts::monitors(studies, n_steps)?,
            waves,
            held,
            starts,
            edges,
        })
    }

    /// The same, but only the first `n_steps` steps.
    pub fn first_steps(&self, n_steps: u32) -> Self {
        let mut plan = self.clone();
        plan.n_steps = self.n_steps.min(n_steps);
        plan.recording.n_samples = (plan.n_steps / plan.recording.every) as usize;
        for one in &mut plan.monitors {
            one.n_samples = (u64::from(plan.n_steps) / one.steps_per_sample()) as usize;
        }
        plan
    }

    /// The monitor whose samples are measured: the first that shows nodes as they are; `None`: the recorded state is.
    pub fn measured(&self) -> Option<usize> {
        self.monitors.iter().position(|one| one.matrix.is_none())
    }

    /// The number of simulations.
    pub fn n_simulations(&self) -> usize {
        self.simulations.len()
    }

    /// The number of states per node.
    pub fn n_states(&self) -> usize {
        self.model.states.len()
    }

    /// Where each quantity has its row in the table.
    pub fn rows(&self) -> Rows {
        Rows::new(self.model, &self.recipe)
    }

    /// How a simulation starts.
    pub fn start(&self, simulation: usize) -> &Start {
        &self.starts[simulation]
    }

    /// Calls `take` with a line, 0, 1, 2, .. steps before t = 0, as far back as any edge looks, and what every node had sent then,
    /// `[n_nodes]`, until it returns false.
    pub fn for_each_past(
        &self,
        simulation: usize,
        mut take: impl FnMut(usize, u32, &[f32]) -> bool,
    ) {
        let start = &self.starts[simulation];
        let state = start.state();
        let lines = &self.recipe.links.lines;
        let is_plain = lines.iter().all(|line| line.state().is_some());
        let nodes: Vec<Before> = (0..if is_plain { 0 } else { self.n_nodes })
            .map(|node| {
                let number = |row| self.table.at(row, node, simulation);
                Before::new(self.model, &self.recipe, &number)
            })
            .collect();
        let signal = |(node, before): (usize, &Before), line: &Line| {
            let fed_back: Vec<f32> = (0..self.feedback.len())
                .map(|f| self.feedback_start(simulation, f, node))
                .collect();
            before.signal(line.signal, &state.column(node).to_vec(), &fed_back)
        };
        let mut sent = vec![0.0; self.n_nodes];
        for (l, line) in lines.iter().enumerate() {
            let now: Vec<f32> = match line.state() {
                Some(s) => state.row(s).to_vec(),
                None => nodes
                    .iter()
                    .enumerate()
                    .map(|node| signal(node, line))
                    .collect(),
            };
            let n_past = self.edges.max_lag();
            let goes_on = start.for_each_past(line.signal, n_past, &now, |back, row| {
                if line.sent.is_none() {
                    return take(l, back, row);
                }
                for ((sent, before), &x) in sent.iter_mut().zip(&nodes).zip(row) {
                    *sent = before.sent(l, x);
                }
                take(l, back, &sent)
            });
            if !goes_on {
                return;
            }
        }
    }

    /// The edges of the sums that a step forms, of each of `Recipe::parts`; see [`Edges::rows`].
    pub fn sums(&self, receivers_and_senders: [usize; 2]) -> RowEdges {
        let parts = self.recipe.parts();
        let links = &self.recipe.links;
        self.edges.rows(links, &parts, receivers_and_senders)
    }

    /// The edges of the sums over what is predicted, `[channel][node]`; see [`Edges::rows`].
    pub fn sums_of_predicted(&self, receivers_and_senders: [usize; 2]) -> RowEdges {
        let parts: &[Part] = match self.recipe.n_predicted() {
            0 => &[],
            _ => &[Part::Prompt],
        };
        let links = &self.recipe.links;
        self.edges.rows(links, parts, receivers_and_senders)
    }

    /// What nodes hold at t = 0 of what they receive then, `[n_held, n_nodes]`: the sums over delayed connections, and what is fed back.
    pub fn held_start(&self, simulation: usize) -> Array2<f32> {
        let [n_sums, n_feedbacks] = self.recipe.n_held();
        let mut held = Array2::zeros((n_sums + n_feedbacks, self.n_nodes));
        for f in 0..n_feedbacks {
            for node in 0..self.n_nodes {
                held[[n_sums + f, node]] = self.feedback_start(simulation, f, node);
            }
        }
        if n_sums == 0 {
            return held;
        }
        // [line][steps back][node]
        let mut past: Vec<Vec<f32>> = vec![Vec::new(); self.recipe.links.lines.len()];
        self.for_each_past(simulation, |line, _, row| {
            past[line].extend_from_slice(row);
            true
        });
        let links = &self.recipe.links;
        let edges = self.edges.rows(links, &[Part::Delayed], [self.n_nodes; 2]);
        for row in 0..n_sums * self.n_nodes {
            let mut sum = 0.0f32;
            for e in edges.of(row) {
                let (source, lag) = (edges.source[e] as usize, edges.lag[e] as usize + 1);
                let (line, node) = (source / self.n_nodes, source % self.n_nodes);
                sum += edges.weight[e] * past[line][lag * self.n_nodes + node];
            }
            held[[row / self.n_nodes, row % self.n_nodes]] = sum;
        }
        held
    }

    /// What is fed back before t = 0, by one of the feedbacks of a node.
    pub fn feedback_start(&self, simulation: usize, feedback: usize, node: usize) -> f32 {
        self.starts[simulation].feedback[feedback].at(node) as f32
    }

    /// What the measures are of: what the measured monitor shows, or the first recorded state or output.
    pub fn measured_observable(&self) -> Observable {
        match self.measured() {
            Some(k) => {
                let shown = self.monitors[k].shown();
                Observable {
                    name: shown.name,
                    unit: shown.unit,
                    meaning: shown.meaning,
                }
            }
            None => self.model.observable(self.recording.states[0]),
        }
    }

    /// Time of sample `k`, ms.
    pub fn sample_time_ms(&self, k: usize) -> f64 {
        (k as f64 + 1.0) * f64::from(self.recording.every) * self.dt_ms
    }

    /// Bytes that one simulation needs while it runs: states, their carries, noise processes, delay line.
    pub fn bytes_per_simulation(&self) -> u64 {
        let n_lines = self.recipe.links.lines.len() as u64;
        let per_node = self.step.n_kept() as u64 + n_lines * (u64::from(self.max_lag) + 2);
        let of_monitors = self.monitors.iter();
        let of_monitors = of_monitors.map(|one| (one.step.n_kept() + 6 + one.n_response()) as u64);
        4 * (per_node + of_monitors.sum::<u64>()) * self.n_nodes as u64
    }

    /// Bytes of one simulation's recorded samples, and of what its monitors show.
    pub fn bytes_recorded(&self) -> u64 {
        let shown: usize = self.monitors.iter().map(|one| one.n_samples).sum();
        let recorded = self.recording.n_samples * self.recording.states.len();
        4 * ((recorded + shown) * self.n_nodes) as u64
    }
}

fn mebibytes(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}

/// The delay line of one simulation has to fit.
fn check_memory(max_lag: u32, n_rows: usize) -> Result<()> {
    const LIMIT: u64 = 4 << 30;
    let bytes = 8 * (u64::from(max_lag) + 2) * n_rows as u64;
    if bytes > LIMIT {
        return Err(PlanError::DelayLine {
            key: key::CONDUCTION_SPEED.path.into(),
            steps: max_lag as usize,
            needs: mebibytes(bytes),
            dt: key::DT.path,
        }
        .into());
    }
    Ok(())
}

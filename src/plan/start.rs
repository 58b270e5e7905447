//! How a simulation starts: its states at t = 0 and what the delay line holds before.

use ndarray::Array2;
use rand::distr::Distribution;
use rand::distr::Uniform;

use crate::dynamics::Links;
use crate::error::{Error, PlanError, Result};
use crate::model::Signal;
use crate::noise::{Philox, stream};
use crate::study::key;
use crate::study::range::Range;
use crate::study::{self, Past, Study, Values};

/// How a simulation starts; the numbers are made when asked for, so that a plan of many simulations stays small.
#[derive(Debug, Clone)]
pub struct Start {
    seed: u64,
    simulation: u32,
    n_nodes: usize,
    state: Vec<study::Start>,
    /// What is transmitted before t = 0, of each signal that has a line; `None`: what is transmitted at t = 0.
    history: Vec<History>,
    /// Steps by which delays read later than they say: so many past samples repeat the state at t = 0.
    shift: usize,
    /// Steps for which each row of the past holds: more than one where the study's step was halved.
    hold: usize,
    pub(super) feedback: Vec<Values>,
}

/// What was transmitted of a signal before t = 0.
#[derive(Debug, Clone)]
struct History {
    signal: Signal,
    name: &'static str,
    past: Option<Past>,
    /// 1 of what is sent one step late: at t = 0 that is the signal of one step before.
    late: usize,
}

impl Start {
    pub(super) fn new(study: &Study, links: &Links, shift: i32, halvings: u32) -> Result<Self> {
        for (s, start) in study.initial.state.iter().enumerate() {
            if let study::Start::Uniform { low, high } = start {
                let key = key::INITIAL.named(study.model.states[s].name);
                check_range(&key, *low, *high)?;
            }
        }
        let as_start = |signal: Signal| match signal {
            Signal::State(s) => Some(match &study.initial.state[s] {
                study::Start::Given(values) => Past::Constant(values.clone()),
                study::Start::Uniform { low, high } => Past::Uniform {
                    low: *low,
                    high: *high,
                },
            }),
            Signal::Output(_) => None,
        };
        let mut history = Vec::new();
        for signal in links.signals() {
            let given = study.initial.history_of(signal).cloned();
            let past = given.or_else(|| as_start(signal));
            let name = study.model.signal_name(signal);
            if let Some(Past::Uniform { low, high }) = past {
                check_range(&key::HISTORY.named(name), low, high)?;
            }
            history.push(History {
                signal,
                name,
                past,
                late: usize::from(study.model.is_late(signal)),
            });
        }
        let start = Self {
            seed: study.protocol.seed,
            simulation: study.protocol.simulation,
            n_nodes: study.connectome.n_nodes(),
            state: study.initial.state.clone(),
            history,
            shift: shift.max(0) as usize,
            hold: 1 << halvings,
            feedback: study.initial.feedback.clone(),
        };
        Ok(start)
    }

    /// The states at t = 0, `[n_states, n_nodes]`.
    pub fn state(&self) -> Array2<f32> {
        let mut state = Array2::zeros((self.state.len(), self.n_nodes));
        for (s, mut row) in state.rows_mut().into_iter().enumerate() {
            match &self.state[s] {
                study::Start::Given(values) => row
                    .iter_mut()
                    .enumerate()
                    .for_each(|(n, x)| *x = values.at(n) as f32),
                study::Start::Uniform { low, high } => {
                    let mut rng =
                        Philox::new(self.seed, self.simulation, stream::INITIAL + s as u32);
                    row.iter_mut()
                        .for_each(|x| *x = draw(*low, *high, &mut rng));
                }
            }
        }
        state
    }

    /// Whether a stored history reaches `n_past` steps back, and every given number is finite.
    pub(super) fn check(&self, n_past: usize) -> Result<()> {
        let not_finite = |key: &str| Err(PlanError::NotFinite { key: key.into() }.into());
        if self.state().iter().any(|x| !x.is_finite()) {
            return not_finite(key::INITIAL.section());
        }
        for history in &self.history {
            let key = key::HISTORY.named(history.name);
            let needed = self.rows_back(n_past, history);
            match &history.past {
                Some(Past::Stored(rows))
                    if rows.nrows() < needed || rows.ncols() != self.n_nodes =>
                {
                    let expected = format!(
                        "at least [{needed}, {}], oldest row first, since the longest delay reads {needed} steps back",
                        self.n_nodes
                    );
                    return Err(PlanError::WrongShape {
                        key,
                        found: rows.shape().to_vec(),
                        expected,
                    }
                    .into());
                }
                Some(Past::Stored(rows)) if rows.iter().any(|&x| !(x as f32).is_finite()) => {
                    return not_finite(&key);
                }
                Some(Past::Constant(values))
                    if (0..self.n_nodes).any(|node| !(values.at(node) as f32).is_finite()) =>
                {
                    return not_finite(&key);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Which row of a signal's past, counted back from t = 0, holds `back` steps before t = 0.
    fn rows_back(&self, back: usize, history: &History) -> usize {
        let steps = (back + history.late).saturating_sub(self.shift);
        steps.div_ceil(self.hold)
    }

    /// Calls `take` with 0, 1, 2, .. `n_past` and what was sent of a signal so many steps before t = 0, `[n_nodes]`, until it returns
    /// false; gives what it returned last. `now` is the signal at t = 0.
    pub(super) fn for_each_past(
        &self,
        signal: Signal,
        n_past: u32,
        now: &[f32],
        mut take: impl FnMut(u32, &[f32]) -> bool,
    ) -> bool {
        let mut row = now.to_vec();
        let mut index = self.history.iter();
        let index = index.position(|history| history.signal == signal);
        let index = index.expect("every line's signal has a history");
        let history = &self.history[index];
        let stream = stream::HISTORY + index as u32;
        let mut rng = Philox::new(self.seed, self.simulation, stream);
        let (mut last, mut is_written) = (0, false);
        for back in 0..=n_past {
            let rows_back = self.rows_back(back as usize, history);
            let is_same = rows_back == last;
            last = rows_back;
            match &history.past {
                _ if is_same => {}
                None => {}
                // Written once.
                Some(Past::Constant(_)) if is_written => {}
                Some(Past::Constant(values)) => {
                    is_written = true;
                    let row = row.iter_mut().enumerate();
                    row.for_each(|(n, x)| *x = values.at(n) as f32);
                }
                Some(Past::Uniform { low, high }) => {
                    row.iter_mut()
                        .for_each(|x| *x = draw(*low, *high, &mut rng));
                }
                Some(Past::Stored(rows)) => {
                    let stored = rows.row(rows.nrows() - rows_back);
                    row.iter_mut()
                        .zip(stored)
                        .for_each(|(x, &stored)| *x = stored as f32);
                }
            }
            if !take(back, &row) {
                return false;
            }
        }
        true
    }
}

/// Drawn in f64, rounded once.
fn draw(low: f64, high: f64, rng: &mut Philox) -> f32 {
    match Uniform::new(low, high) {
        Ok(uniform) => uniform.sample(rng) as f32,
        Err(_) => low as f32,
    }
}

fn check_range(key: &str, low: f64, high: f64) -> Result<()> {
    Range::Finite.check(key, low)?;
    Range::Finite.check(key, high)?;
    if low <= high {
        return Ok(());
    }
    let found = format!("uniform in [{low}, {high}]");
    let rule = "the first end may not lie above the second";
    Err(Error::out_of_range(key, found, rule))
}

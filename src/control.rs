//! Watching work from outside, and stopping it: simulations, sweeps and continuation alike.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Watches work and stops it. All clones are one control: hand one to the work and keep another.
///
/// ```
/// use brainsweep::backend::{Backend, cpu::Cpu};
/// use brainsweep::{Control, io::study, plan::Plan, record::Raw};
///
/// let plan = Plan::new(&study::load(None, &["protocol.duration=20"])?)?;
/// let (control, recorder) = (Control::default(), Raw::new(&plan)?);
/// let stop = control.clone(); // for a signal handler, say: `move || stop.stop()`
/// Cpu::new().run(&plan, &recorder, &control)?;
/// assert_eq!(control.steps_done(), 200);
/// # stop.stop();
/// # assert!(control.is_stopped());
/// # Ok::<(), brainsweep::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Control {
    shared: Arc<Shared>,
    /// Whether steps that are done under it are no part of those that are watched.
    is_aside: bool,
}

#[derive(Default)]
struct Shared {
    n_steps: AtomicU64,
    is_stopped: AtomicBool,
    watch: Option<Box<Watch>>,
}

type Watch = dyn Fn(&Progress) -> ControlFlow<()> + Send + Sync;

/// How far work has come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Progress {
    /// Continuation found a point.
    Point(Reached),
    /// A fit has told its search what a generation costs.
    Generation {
        /// The number of the generation; 0 is that of the candidates to begin with.
        number: u32,
        /// Simulations so far, those of earlier runs of the same fit among them.
        n_runs: usize,
        /// Simulations of the whole fit, at most.
        n_planned: usize,
        /// The largest objective so far.
        best: Option<f64>,
    },
    /// A fit begins to run its best candidates on unseen seeds.
    Finalists {
        /// How many they are.
        n_candidates: usize,
        /// Unseen seeds of each.
        n_seeds: usize,
    },
    /// A round of simulations showed how far means are from where they are to be held.
    Round {
        /// The number of the round, from 1.
        number: u32,
        /// Rounds at most.
        most: u32,
        /// The largest distance of a mean from its target so far, in units of the output.
        left: f64,
        /// The distance that counts as none.
        tolerance: f64,
    },
    /// A sweep wrote a chunk of its store.
    Replicas {
        /// Replicas written so far by this run.
        n_done: usize,
        /// Replicas that this run set out to write.
        n_planned: usize,
        /// The best mean score of a single replica so far.
        best_score: Option<f64>,
    },
    /// A sweep has nothing left to do but what other processes are doing.
    Waiting {
        /// Chunks of the store that they have claimed.
        n_chunks: usize,
    },
}

/// How far a branch has come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reached {
    /// What is followed: "equilibria", "cycles", or the kind of bifurcation whose curve it is.
    pub what: &'static str,
    /// Points found so far on this half of the branch.
    pub n_points: usize,
    /// The (first) varying parameter at the last of them.
    pub parameter: f64,
}

impl Control {
    /// A control that calls `watch` whenever there is progress; `Break` stops the work, which keeps
    /// what it has.
    ///
    /// The work waits for `watch`, on the thread that made the progress.
    ///
    /// ```
    /// use std::ops::ControlFlow;
    /// use brainsweep::continuation::{BranchEnd, Diagram, NodeProblem, Settings};
    /// use brainsweep::{Control, Progress, model};
    ///
    /// let node = NodeProblem::new(model::find("fitzhugh-nagumo")?, &[], &["x_ext"])?;
    /// let mut settings = Settings::new(0.0, 2.0);
    /// settings.control = Control::watching(|progress| match progress {
    ///     Progress::Point(reached) if reached.n_points >= 5 => ControlFlow::Break(()),
    ///     _ => ControlFlow::Continue(()),
    /// });
    /// let diagram = Diagram::new(&node, node.start(), &settings)?;
    /// assert_eq!(diagram.branches[0].ends[1], Some(BranchEnd::Interrupted));
    /// assert!(diagram.cycles.is_empty());
    /// # Ok::<(), brainsweep::Error>(())
    /// ```
    pub fn watching(watch: impl Fn(&Progress) -> ControlFlow<()> + Send + Sync + 'static) -> Self {
        let shared = Shared {
            watch: Some(Box::new(watch)),
            ..Shared::default()
        };
        Self {
            shared: Arc::new(shared),
            is_aside: false,
        }
    }

    /// The same control for work before that which is watched: it stops with it, and its steps are not counted.
    pub(crate) fn aside(&self) -> Self {
        Self {
            is_aside: true,
            ..self.clone()
        }
    }

    /// Steps simulated so far, summed over simulations; of a sweep also those that other processes did meanwhile.
    pub fn steps_done(&self) -> u64 {
        self.shared.n_steps.load(Ordering::Relaxed)
    }

    /// Asks the work to end soon, keeping what it has.
    pub fn stop(&self) {
        self.shared.is_stopped.store(true, Ordering::Relaxed);
    }

    /// Whether the work was asked to end: nothing new is to begin.
    pub fn is_stopped(&self) -> bool {
        self.shared.is_stopped.load(Ordering::Relaxed)
    }

    /// Counts simulated steps.
    pub(crate) fn add_steps(&self, n: u64) {
        if !self.is_aside {
            self.shared.n_steps.fetch_add(n, Ordering::Relaxed);
        }
    }

    /// Tells of progress; whether to go on.
    pub(crate) fn goes_on(&self, progress: impl Into<Progress>) -> bool {
        if let Some(watch) = &self.shared.watch
            && watch(&progress.into()).is_break()
        {
            self.stop();
        }
        !self.is_stopped()
    }
}

impl From<Reached> for Progress {
    fn from(reached: Reached) -> Self {
        Self::Point(reached)
    }
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Control")
            .field("n_steps", &self.steps_done())
            .field("is_stopped", &self.is_stopped())
            .field("is_watched", &self.shared.watch.is_some())
            .finish()
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Point(Reached {
                what,
                n_points,
                parameter,
            }) => write!(f, "{what}: {n_points} points, at {parameter:.6}"),
            Self::Generation {
                number,
                n_runs,
                n_planned,
                best,
            } => {
                write!(f, "generation {number}, {n_runs} of {n_planned} runs")?;
                match best {
                    Some(best) => write!(f, ", best {best:.3}"),
                    None => Ok(()),
                }
            }
            Self::Finalists {
                n_candidates,
                n_seeds,
            } => write!(f, "{n_candidates} finalists on {n_seeds} unseen seeds"),
            Self::Round {
                number,
                most,
                left,
                tolerance,
            } => write!(
                f,
                "round {number} of {most} at most: means within {left:.3} of their targets, {tolerance} is wanted"
            ),
            Self::Replicas {
                n_done,
                n_planned,
                best_score,
            } => {
                write!(f, "{n_done} of {n_planned} replicas")?;
                match best_score {
                    Some(best) => write!(f, ", best score {best:.3}"),
                    None => Ok(()),
                }
            }
            Self::Waiting { n_chunks: 1 } => write!(f, "waiting for 1 chunk of another process"),
            Self::Waiting { n_chunks } => {
                write!(f, "waiting for {n_chunks} chunks of other processes")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watch_may_stop_the_work_and_clones_are_one() {
        let control = Control::watching(|progress| match progress {
            Progress::Replicas { n_done: 0..2, .. } => ControlFlow::Continue(()),
            _ => ControlFlow::Break(()),
        });
        let told = |n_done| Progress::Replicas {
            n_done,
            n_planned: 8,
            best_score: Some(0.5),
        };
        let clone = control.clone();
        assert!(control.goes_on(told(1)) && !clone.is_stopped());
        assert!(!clone.goes_on(told(2)) && control.is_stopped());
        assert_eq!(told(2).to_string(), "2 of 8 replicas, best score 0.500");
    }
}

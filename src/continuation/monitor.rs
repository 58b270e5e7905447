//! Watching a continuation while it runs, and stopping it.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

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

/// Is told of every point, and may end the work there; what was found until then is kept.
///
/// ```
/// use std::ops::ControlFlow;
/// use brainsweep::continuation::{BranchEnd, Diagram, Monitor, NodeProblem, Settings};
/// use brainsweep::model::find;
///
/// let node = NodeProblem::new(find("fitzhugh-nagumo")?, &[], &["x_ext"])?;
/// let mut settings = Settings::new(0.0, 2.0);
/// settings.monitor = Monitor::new(|reached| match reached.n_points {
///     0..5 => ControlFlow::Continue(()),
///     _ => ControlFlow::Break(()),
/// });
/// let diagram = Diagram::new(&node, node.start(), &settings)?;
/// assert_eq!(diagram.branches[0].ends[1], Some(BranchEnd::Interrupted));
/// assert!(diagram.cycles.is_empty());
/// # Ok::<(), brainsweep::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Monitor(Option<Arc<Watcher>>);

type Told = dyn Fn(&Reached) -> ControlFlow<()> + Send + Sync;

struct Watcher {
    told: Box<Told>,
    ends: Box<dyn Fn() -> bool + Send + Sync>,
    stopped: AtomicBool,
}

impl Monitor {
    /// Calls `told` at every point.
    pub fn new(told: impl Fn(&Reached) -> ControlFlow<()> + Send + Sync + 'static) -> Self {
        Self::asking(told, || false)
    }

    /// The same; `ends` is asked between points too, where one of them takes long, and ends the work by saying yes.
    pub fn asking(
        told: impl Fn(&Reached) -> ControlFlow<()> + Send + Sync + 'static,
        ends: impl Fn() -> bool + Send + Sync + 'static,
    ) -> Self {
        Self(Some(Arc::new(Watcher {
            told: Box::new(told),
            ends: Box::new(ends),
            stopped: AtomicBool::new(false),
        })))
    }

    /// Tells of a point; whether to go on.
    pub(super) fn goes_on(&self, reached: Reached) -> bool {
        let Some(watcher) = &self.0 else {
            return true;
        };
        if (watcher.told)(&reached).is_break() {
            watcher.stopped.store(true, Ordering::Relaxed);
        }
        !self.is_stopped()
    }

    /// Whether the work was ended: nothing new is to begin.
    pub(super) fn is_stopped(&self) -> bool {
        let stopped =
            |watcher: &Arc<Watcher>| watcher.stopped.load(Ordering::Relaxed) || (watcher.ends)();
        self.0.as_ref().is_some_and(stopped)
    }
}

impl fmt::Debug for Monitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Monitor").field(&self.0.is_some()).finish()
    }
}

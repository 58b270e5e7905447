//! Watches a continuation while it runs, and can stop it.

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

/// Receives every point as it is found, and may stop the work there; all points until then are
/// kept.
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

type Report = dyn Fn(&Reached) -> ControlFlow<()> + Send + Sync;

struct Watcher {
    report: Box<Report>,
    stop: Box<dyn Fn() -> bool + Send + Sync>,
    stopped: AtomicBool,
}

impl Monitor {
    /// Calls `report` at every point.
    pub fn new(report: impl Fn(&Reached) -> ControlFlow<()> + Send + Sync + 'static) -> Self {
        Self::asking(report, || false)
    }

    /// The same; the work also stops when `stop` returns true, which is asked between points too,
    /// where one point takes long.
    pub fn asking(
        report: impl Fn(&Reached) -> ControlFlow<()> + Send + Sync + 'static,
        stop: impl Fn() -> bool + Send + Sync + 'static,
    ) -> Self {
        Self(Some(Arc::new(Watcher {
            report: Box::new(report),
            stop: Box::new(stop),
            stopped: AtomicBool::new(false),
        })))
    }

    /// Reports a point; true if the work goes on.
    pub(super) fn goes_on(&self, reached: Reached) -> bool {
        let Some(watcher) = &self.0 else {
            return true;
        };
        if (watcher.report)(&reached).is_break() {
            watcher.stopped.store(true, Ordering::Relaxed);
        }
        !self.is_stopped()
    }

    /// True once the work was stopped: nothing new begins.
    pub(super) fn is_stopped(&self) -> bool {
        let stopped =
            |watcher: &Arc<Watcher>| watcher.stopped.load(Ordering::Relaxed) || (watcher.stop)();
        self.0.as_ref().is_some_and(stopped)
    }
}

impl fmt::Debug for Monitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Monitor").field(&self.0.is_some()).finish()
    }
}

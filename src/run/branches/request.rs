//! What is to be followed, and how.

use super::Export;
use crate::branches::{Beside, Measure, Varied};
use crate::continuation::Settings;
use crate::error::{Error, Result};
use crate::study::Study;
use crate::study::key::{self, Purpose};

/// Mesh intervals of a network's cycles, where each costs most.
const NETWORK_MESH: usize = 20;

/// What is to be followed, and how.
#[derive(Debug, Clone)]
pub struct Request {
    /// One parameter, or two.
    pub varied: Vec<Varied>,
    /// A solution to go on from, at the study's own numbers; left out: all branches are looked for.
    pub from: Option<Start>,
    /// Values of the first parameter at which the solutions of every branch are wanted exactly.
    pub at: Vec<f64>,
    /// What is recorded and drawn of every solution.
    pub measures: Vec<Measure>,
    /// Branches of other programs that are drawn beside those of one node.
    pub beside: Vec<Beside>,
    /// Formats of other programs in which the branches are written, too.
    pub exports: Vec<Export>,
    /// Tolerances and bounds; their control gives way to the one that
    /// [`bifurcate`](super::bifurcate) is given.
    pub settings: Settings,
    /// Whether delays take part in the stability.
    pub delays: bool,
    /// Whether the cycle is followed on which the study settles from its initial state, at its own value
    /// of the first number; without delays.
    pub settle: bool,
    /// Of a network: at how many Hopf points its cycles begin.
    pub network_cycles: usize,
    /// The longest step along a network's cycles.
    pub cycle_step_max: f64,
    /// The longest step along branches of equilibria with delays, where every point costs a count of
    /// roots and steps shorten by themselves wherever roots cannot be told apart.
    pub delayed_step_max: f64,
}

/// A solution to go on from.
#[derive(Debug, Clone)]
pub struct Start {
    /// The states of all nodes.
    pub state: Vec<f64>,
    /// Of a cycle: the fractions of the period, from 0 to 1, the states at these, and the period, ms.
    pub orbit: Option<(Vec<f64>, Vec<Vec<f64>>, f64)>,
}

impl Start {
    /// The states at a fraction of the period.
    pub(super) fn along(times: &[f64], states: &[Vec<f64>], at: f64) -> Vec<f64> {
        let after = times.partition_point(|time| *time < at);
        let after = after.clamp(1, times.len() - 1);
        let (from, to) = (times[after - 1], times[after]);
        let share = ((at - from) / (to - from)).clamp(0.0, 1.0);
        let pairs = states[after - 1].iter().zip(&states[after]);
        pairs.map(|(a, b)| a + share * (b - a)).collect()
    }
}

impl Request {
    /// Follows equilibria of a study over one parameter, or two, in steps short enough for smooth
    /// figures; of one node the cycles, too.
    ///
    /// # Panics
    /// If nothing varies.
    pub fn new(study: &Study, varied: Vec<Varied>) -> Self {
        let [low, high] = varied[0].range;
        let mut settings = Settings::new(low, high);
        settings.step_max = 0.01 * (high - low);
        settings.step = settings.step.min(settings.step_max);
        if study.connectome.n_nodes() > 1 {
            settings.mesh = NETWORK_MESH;
        }
        Self {
            varied,
            from: None,
            at: Vec::new(),
            measures: Vec::new(),
            beside: Vec::new(),
            exports: Vec::new(),
            settings,
            delays: false,
            settle: false,
            network_cycles: 0,
            // The profile changes with the root of the distance from the Hopf point: a narrow range
            // needs no short steps.
            cycle_step_max: 0.03 * (high - low).max(1.0),
            delayed_step_max: 0.05 * (high - low),
        }
    }

    /// Sets the shortest step and the longest one of equilibria and cycles, where they are given.
    /// Over a narrow range the shortest one is else a ten-thousandth of the longest.
    #[must_use]
    pub fn with_steps(mut self, shortest: Option<f64>, longest: Option<f64>) -> Self {
        let settings = &mut self.settings;
        if let Some(longest) = longest {
            settings.step_max = longest;
            self.cycle_step_max = longest;
            self.delayed_step_max = longest;
        }
        let narrow = settings.step_min.min(1e-4 * settings.step_max);
        settings.step_min = shortest.unwrap_or(narrow);
        settings.step = settings.step.max(settings.step_min).min(settings.step_max);
        self
    }

    /// Whether all nodes of a study are followed at once.
    pub fn is_of_network(&self, study: &Study) -> bool {
        self.delays || study.connectome.n_nodes() > 1
    }
}

/// The number that `name` (a key, or an end of one) means in continuation, over a range.
///
/// # Errors
/// Names that no number has, or several; [`Error::Study`] for ranges that hold a value which the
/// number may not have.
pub fn varied(study: &Study, name: &str, range: [f64; 2]) -> Result<Varied> {
    let address = key::resolve(study, name, Purpose::Follow)?;
    if let Some(number) = address.number
        && let Some(rule) = number.range(study).objection_between(range)
    {
        let [low, high] = range;
        return Err(Error::out_of_range(name, format!("{low}:{high}"), rule));
    }
    let about = address.number.map(|number| number.about(study));
    Ok(Varied {
        name: name.into(),
        path: address.full(),
        unit: about.map_or("1".into(), |(unit, _)| unit),
        range,
    })
}

//! Many simulations of one study: which numbers take which values, and in what order the work is done.
//!
//! ```text
//! point      a value for each swept number: all combinations (a grid), one list beside the other (zip), or drawn (sample)
//! replica    a point and a seed: seed k of a point runs with the study's seed + k, so all points share their random numbers; where
//!            points have seeds of their own, seed k of point i is the study's seed + i * (seeds of a point) + k
//! ```
//!
//! Points are made when they are asked for. Nothing here runs anything:
//!
//! ```
//! use brainsweep::sweep::{Description, Sweep, Vary};
//! use brainsweep::{io::study, plan::Plan};
//!
//! let study = study::load(None, &["protocol.duration=100"])?;
//! let description = Description {
//!     vary: vec![Vary::parse("g=0:2:5")?, Vary::parse("input=0.6,0.7")?],
//!     seeds: Some(3),
//!     ..Description::default()
//! };
//! let sweep = Sweep::new(&study, &description)?;
//! assert_eq!((sweep.n_points(), sweep.n_replicas()), (10, 30));
//! for point in sweep.points() {
//!     let replicas = (0..sweep.n_seeds()).map(|seed| sweep.study(point.index, seed));
//!     let plan = Plan::batch(&replicas.collect::<Result<Vec<_>, _>>()?)?;
//!     assert_eq!(plan.n_simulations(), 3);
//! }
//! # Ok::<(), brainsweep::Error>(())
//! ```

mod axes;
mod axis;
mod chunks;
mod description;
mod overruled;
mod recording;
mod sample;
mod set_keys;
mod tie;

pub use axis::Axis;
pub(crate) use chunks::unravel;
pub use chunks::{Batch, Chunks, Replica};
pub use description::{Description, Method, Sample, Spread, Vary};
pub use overruled::levelled;
pub use sample::{SOBOL_DIMENSIONS, sobol_point};
pub use set_keys::SetKeys;

use std::collections::HashSet;

use crate::error::{Error, Result};
use crate::study::Study;
use crate::study::key;

/// What keeps the features of every replica, and what their array is called.
pub const FEATURES: &str = "features";
/// Replicas that a sweep has at most.
const MOST_REPLICAS: usize = 1_000_000_000;
/// Values that an axis has at most, and points that a sample has: they are made and kept, 8 bytes each.
const MOST_VALUES: usize = 10_000_000;

/// A study and the points at which it is to be simulated.
#[derive(Debug, Clone)]
pub struct Sweep {
    study: Study,
    axes: Vec<Axis>,
    /// The lowest and highest value that each axis was given.
    ranges: Vec<[f64; 2]>,
    /// Whether the points are all combinations of the axes' values; else the axes are walked together.
    grid: bool,
    n_points: usize,
    n_seeds: usize,
    /// Whether every point has seeds of its own.
    own_seeds: bool,
    /// Measures that are kept because they were asked for.
    kept_measures: Vec<&'static str>,
    /// Whether the features of every replica are kept.
    keeps_features: bool,
    /// Monitors whose samples are kept, by number.
    kept_monitors: Vec<usize>,
    /// Of the recorded states, those whose samples are kept.
    kept_states: Vec<usize>,
}

/// One set of values.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// Where it stands among the points.
    pub index: usize,
    /// A value for each axis.
    pub values: Vec<f64>,
}

/// Checks that so many seeds from the `first` on are numbers that a coordinate of results can hold: 64-bit integers with a sign.
///
/// # Errors
/// [`Error::Study`] if they are not.
pub(crate) fn check_seeds(first: u64, n: usize) -> Result<()> {
    let most = i64::MAX as u64;
    if first.checked_add(n as u64).is_some_and(|end| end <= most) {
        return Ok(());
    }
    let rule = format!(
        "results hold every seed as a signed 64-bit number, and {n} from it on go past the largest, {most}; take a smaller one"
    );
    Err(Error::out_of_range(key::SEED.path, first, rule))
}

impl Sweep {
    /// The sweep of `study` that `description` asks for. Its measures are taken of the study's first recorded state.
    ///
    /// # Errors
    /// [`Error::Study`] and [`Error::Unknown`] for numbers that are not there, cannot be varied, are varied twice, or take a value
    /// that the study may not hold; for axes that do not fit together.
    pub fn new(study: &Study, description: &Description) -> Result<Self> {
        let (axes, grid) = axes::of(study, description)?;
        let lengths = axes.iter().map(|axis| axis.values.len());
        let n_points = if grid {
            lengths.clone().try_fold(1, usize::checked_mul)
        } else {
            lengths.clone().next()
        };
        let n_seeds = description.seeds.unwrap_or(1) as usize;
        if n_seeds == 0 {
            let rule = "must be 1 or more: a point has at least one simulation";
            return Err(Error::out_of_range("seeds", 0, rule));
        }
        let n_replicas = n_points.and_then(|n| n.checked_mul(n_seeds));
        if n_replicas.is_none_or(|n| n > MOST_REPLICAS) {
            let found: Vec<String> = lengths.map(|n| n.to_string()).collect();
            let problem = format!(
                "{} points with {n_seeds} seeds are too many: a sweep has at most 1e9 simulations",
                found.join(" x ")
            );
            let hint = "take fewer values, or draw points with --sample";
            return Err(Error::conflict(problem, hint));
        }
        let n_different = match description.own_seeds {
            true => n_replicas.unwrap_or(1),
            false => n_seeds,
        };
        check_seeds(study.protocol.seed, n_different)?;
        let ranges = description.vary.iter().zip(&axes);
        let ranges = ranges.map(|(vary, axis)| vary.values.range(&axis.values));
        let mut sweep = Self {
            study: study.clone(),
            ranges: ranges.collect(),
            axes,
            grid,
            n_points: n_points.unwrap_or(1),
            n_seeds,
            own_seeds: description.own_seeds,
            kept_measures: Vec::new(),
            keeps_features: false,
            kept_monitors: Vec::new(),
            kept_states: Vec::new(),
        };
        sweep.set_recording(description)?;
        sweep.check_values()?;
        Ok(sweep)
    }

    /// The study at every number that is not swept, recording as the sweep does.
    pub fn base(&self) -> &Study {
        &self.study
    }

    /// The swept numbers.
    pub fn axes(&self) -> &[Axis] {
        &self.axes
    }

    /// The lowest and highest value that each axis was given: of a sample, the ends of the range that it is drawn from.
    pub fn ranges(&self) -> &[[f64; 2]] {
        &self.ranges
    }

    /// Whether the points are all combinations of the axes' values; else value k of every axis makes point k.
    pub fn is_grid(&self) -> bool {
        self.grid
    }

    /// The numbers of points along the dimensions of the results: one for each axis of a grid, a single one otherwise.
    pub fn shape(&self) -> Vec<usize> {
        if self.grid {
            self.axes.iter().map(|axis| axis.values.len()).collect()
        } else {
            vec![self.n_points]
        }
    }

    /// The number of points.
    pub fn n_points(&self) -> usize {
        self.n_points
    }

    /// Replicas per point.
    pub fn n_seeds(&self) -> usize {
        self.n_seeds
    }

    /// Whether every point has seeds of its own; else all points share theirs.
    pub fn has_own_seeds(&self) -> bool {
        self.own_seeds
    }

    /// Seed number `seed` of point `index`.
    pub fn seed(&self, index: usize, seed: usize) -> u64 {
        let before = if self.own_seeds {
            index * self.n_seeds
        } else {
            0
        };
        self.study.protocol.seed + (before + seed) as u64
    }

    /// The number of simulations.
    pub fn n_replicas(&self) -> usize {
        self.n_points * self.n_seeds
    }

    /// Whether the FC of every replica is kept.
    pub fn keeps_fc(&self) -> bool {
        self.kept_measures.contains(&"fc")
    }

    /// The measures that are kept because they were asked for, by name.
    pub fn kept_measures(&self) -> &[&'static str] {
        &self.kept_measures
    }

    /// Whether all numbers of a replica that a fit may speak of are kept side by side.
    pub fn keeps_features(&self) -> bool {
        self.keeps_features
    }

    /// The monitors whose samples are kept, by their number in the study.
    pub fn kept_monitors(&self) -> &[usize] {
        &self.kept_monitors
    }

    /// The states whose samples are kept, as indices into the study's recorded states.
    pub fn kept_states(&self) -> &[usize] {
        &self.kept_states
    }

    /// The values of point `index`, in the order of the axes; of a grid's points the last axis changes fastest.
    pub fn values(&self, index: usize) -> Vec<f64> {
        if !self.grid {
            return self.axes.iter().map(|axis| axis.values[index]).collect();
        }
        let place = self.place(index);
        let places = self.axes.iter().zip(place);
        places.map(|(axis, k)| axis.values[k]).collect()
    }

    /// Where point `index` stands along each dimension of the results; of a grid's points the last axis changes fastest.
    pub fn place(&self, index: usize) -> Vec<usize> {
        unravel(index, &self.shape())
    }

    /// Every point, in order.
    pub fn points(&self) -> impl Iterator<Item = Point> + '_ {
        (0..self.n_points).map(|index| Point {
            index,
            values: self.values(index),
        })
    }

    /// The study of one replica: the values of point `index`, and seed number `seed`.
    ///
    /// # Errors
    /// [`Error::Study`] if the values do not go together.
    pub fn study(&self, index: usize, seed: usize) -> Result<Study> {
        let mut study = self.study.clone();
        let values = self.values(index);
        // A number at one node after the same at all nodes, whatever the order of the axes.
        for of_one_node in [false, true] {
            for (axis, value) in self.axes.iter().zip(&values) {
                axis.set(&mut study, *value, of_one_node)?;
            }
        }
        study.protocol.seed = self.seed(index, seed);
        Ok(study)
    }

    /// The first point, and those where some number is least or largest: what is wrong with a sweep as a whole shows there.
    pub fn extremes(&self) -> Vec<usize> {
        let mut points = vec![0];
        let mut stride = self.n_points;
        for axis in &self.axes {
            stride /= axis.values.len();
            let by_value = |(_, a): &(usize, &f64), (_, b): &(usize, &f64)| a.total_cmp(b);
            let ends = [
                axis.values.iter().enumerate().min_by(by_value),
                axis.values.iter().enumerate().max_by(by_value),
            ];
            points.extend(
                ends.into_iter()
                    .flatten()
                    .map(|(k, _)| if self.grid { k * stride } else { k }),
            );
        }
        points.sort_unstable();
        points.dedup();
        points
    }

    /// How many sets of delays there are; points of one set run in batches.
    pub fn n_delay_tables(&self) -> usize {
        let moving: Vec<&Axis> = self.axes.iter().filter(|axis| axis.moves_delays).collect();
        let distinct = |rows: Vec<Vec<u64>>| rows.into_iter().collect::<HashSet<_>>().len();
        if self.grid {
            let of = |axis: &&Axis| {
                distinct(
                    axis.values
                        .iter()
                        .map(|value| vec![value.to_bits()])
                        .collect(),
                )
            };
            moving.iter().map(of).product()
        } else {
            let row = |k: usize| moving.iter().map(|axis| axis.values[k].to_bits()).collect();
            distinct((0..self.n_points).map(row).collect())
        }
    }

    /// The same sweep at other points, `[n_points][n_axes]`: value k of every axis makes point k.
    ///
    /// # Errors
    /// [`Error::Study`] for a value that the study may not hold.
    ///
    /// # Panics
    /// Without a point.
    pub fn at(&self, points: &[Vec<f64>]) -> Result<Self> {
        assert!(!points.is_empty());
        let mut sweep = self.clone();
        (sweep.grid, sweep.n_points) = (false, points.len());
        for (k, axis) in sweep.axes.iter_mut().enumerate() {
            axis.values = points.iter().map(|point| point[k]).collect();
        }
        sweep.check_values()?;
        Ok(sweep)
    }

    /// What tells one delay table from another: points with equal keys can run in one batch.
    pub fn delay_key(&self, index: usize) -> Vec<u64> {
        let values = self.values(index);
        let moving = self.axes.iter().zip(values);
        moving
            .filter(|(axis, _)| axis.moves_delays)
            .map(|(_, value)| value.to_bits())
            .collect()
    }

    /// Every value of every axis is one that the study may hold.
    fn check_values(&self) -> Result<()> {
        for axis in &self.axes {
            let mut scratch = self.study.clone();
            for value in &axis.values {
                axis.set(&mut scratch, *value, false)?;
                axis.set(&mut scratch, *value, true)?;
            }
        }
        Ok(())
    }
}

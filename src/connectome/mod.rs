//! The network's wiring: weights, tract lengths or delays, region names, measured functional connectivity.

pub(crate) mod check;
mod delays;
pub(crate) mod doubts;
mod normalise;
mod orientation;
mod summary;
mod symmetric;
pub mod synthetic;

use ndarray::{Array2, Array3, Axis};

pub use delays::{Delays, LengthUnit, MissingLengths};
pub use normalise::Normalise;
pub use orientation::Orientation;
pub use summary::{Distribution, Summary};
pub use symmetric::Symmetric;

use crate::Result;
use check::Place;

/// Who sends to whom, how strongly and how late.
#[derive(Debug, Clone)]
pub struct Connectome {
    /// Region names, `[n_nodes]`.
    pub labels: Vec<String>,
    /// `weights[[target, source]]`, finite, not negative, zero on the diagonal; no unit.
    pub weights: Array2<f64>,
    /// Other weights of the same regions by name, as `weights`: couplings can go by them.
    pub matrices: Vec<(String, Array2<f64>)>,
    /// How far apart the regions are.
    pub delays: Delays,
    /// Measured functional connectivity, `[n_subjects, n_nodes, n_nodes]`.
    pub functional: Option<Array3<f64>>,
    /// Measured time series, one for each person; `functional` is made from them where there are any.
    pub bold: Vec<Bold>,
    /// Centres of the regions, mm, `[n_nodes, 3]`.
    pub centres: Option<Array2<f64>>,
    /// How many regions were connected to themselves in the data; those weights were set to zero.
    pub self_connections_removed: usize,
    /// What is not as it was in the data, a sentence each: for whoever works with it to know.
    pub notes: Vec<String>,
}

/// A measured time series of every region.
#[derive(Debug, Clone)]
pub struct Bold {
    /// `[n_samples, n_nodes]`.
    pub samples: Array2<f64>,
    /// Time between two samples, s; `None` where it is not known.
    pub step_s: Option<f64>,
}

impl Connectome {
    /// A connectome from arrays in memory, checked.
    ///
    /// `weights` and the delays are `[target, source]`, all `[n_nodes, n_nodes]`; `functional` is `[n_subjects, n_nodes, n_nodes]`.
    /// Without `labels`, regions are called `node 0`, `node 1`, ... A weight of a region on itself is set to zero and counted in
    /// [`Connectome::self_connections_removed`] and [`Connectome::notes`]. Weights need not be symmetric; [`Summary`] tells whether they are.
    ///
    /// # Errors
    /// [`Error::Data`](crate::Error::Data) where the sizes differ, and with the entry where a number
    /// is not finite, a weight or length is negative, or a functional matrix is not symmetric.
    pub fn new(
        labels: Option<Vec<String>>,
        weights: Array2<f64>,
        delays: Delays,
        functional: Option<Array3<f64>>,
    ) -> Result<Self> {
        let place = Place::memory("weights");
        let (weights, self_connected) = check::weights(&place, weights.into_dyn())?;
        let n_nodes = weights.nrows();
        let delays = match delays {
            Delays::TractLengths(lengths) => Delays::TractLengths(check::lengths(
                &Place::memory("tract lengths"),
                lengths.into_dyn(),
                n_nodes,
            )?),
            Delays::Steps(steps) => {
                let steps = steps.mapv(f64::from).into_dyn();
                Delays::Steps(check::steps(&Place::memory("delay steps"), steps, n_nodes)?)
            }
            Delays::Milliseconds(ms) => {
                let place = Place::memory("delays");
                Delays::Milliseconds(check::delays_ms(&place, ms.into_dyn(), n_nodes)?)
            }
            Delays::None => Delays::None,
        };
        let functional = functional
            .map(|f| check::functional(&Place::memory("functional"), f.into_dyn(), n_nodes));
        let labels = match labels {
            Some(labels) => check::labels(&Place::memory("labels"), labels, n_nodes)?,
            None => numbered(n_nodes),
        };
        Ok(Self {
            notes: self_connections(&place.key, &self_connected, &labels)
                .into_iter()
                .collect(),
            labels,
            weights,
            matrices: Vec::new(),
            delays,
            functional: functional.transpose()?,
            bold: Vec::new(),
            centres: None,
            self_connections_removed: self_connected.len(),
        })
    }

    /// `n_nodes` nodes that do not receive from each other.
    pub fn uncoupled(n_nodes: usize) -> Self {
        Self {
            labels: numbered(n_nodes),
            weights: Array2::zeros((n_nodes, n_nodes)),
            matrices: Vec::new(),
            delays: Delays::None,
            functional: None,
            bold: Vec::new(),
            centres: None,
            self_connections_removed: 0,
            notes: Vec::new(),
        }
    }

    /// The same with other weights of its regions beside, `[target, source]`; see [`Connectome::matrices`]. Weights of regions on
    /// themselves are set to zero.
    ///
    /// # Errors
    /// As [`Connectome::new`]; [`DataError::DoubleName`](crate::error::DataError::DoubleName) for a name that is taken.
    pub fn with_matrix(mut self, name: &str, weights: Array2<f64>) -> Result<Self> {
        let place = Place::memory(name);
        let (weights, self_connected) = check::weights(&place, weights.into_dyn())?;
        check::same_size(&place, weights.nrows(), self.n_nodes())?;
        self.take_matrix(name, weights)?;
        let labels = &self.labels;
        self.notes
            .extend(self_connections(name, &self_connected, labels));
        Ok(self)
    }

    /// Takes a matrix that has been checked.
    pub(crate) fn take_matrix(&mut self, name: &str, weights: Array2<f64>) -> Result<()> {
        if name == "weights" || self.matrices.iter().any(|(other, _)| other == name) {
            return Err(crate::error::DataError::DoubleName { name: name.into() }.into());
        }
        self.matrices.push((name.into(), weights));
        Ok(())
    }

    /// The same with its regions in another order: region k is the one that was at `places[k]`.
    ///
    /// # Panics
    /// If `places` are not all regions.
    #[must_use]
    pub fn in_order(&self, places: &[usize]) -> Self {
        assert_eq!(places.len(), self.n_nodes());
        let square = |matrix: &Array2<f64>| matrix.select(Axis(0), places).select(Axis(1), places);
        let functional = self.functional.as_ref();
        let matrices = self.matrices.iter();
        let bold = self.bold.iter();
        Self {
            labels: places
                .iter()
                .map(|&place| self.labels[place].clone())
                .collect(),
            weights: square(&self.weights),
            matrices: matrices
                .map(|(name, matrix)| (name.clone(), square(matrix)))
                .collect(),
            delays: match &self.delays {
                Delays::TractLengths(lengths) => Delays::TractLengths(square(lengths)),
                Delays::Milliseconds(delays) => Delays::Milliseconds(square(delays)),
                Delays::Steps(steps) => {
                    Delays::Steps(steps.select(Axis(0), places).select(Axis(1), places))
                }
                Delays::None => Delays::None,
            },
            functional: functional.map(|all| all.select(Axis(1), places).select(Axis(2), places)),
            bold: bold
                .map(|one| Bold {
                    samples: one.samples.select(Axis(1), places),
                    ..one.clone()
                })
                .collect(),
            centres: self
                .centres
                .as_ref()
                .map(|centres| centres.select(Axis(0), places)),
            self_connections_removed: self.self_connections_removed,
            notes: self.notes.clone(),
        }
    }

    /// The number of regions.
    pub fn n_nodes(&self) -> usize {
        self.weights.nrows()
    }

    /// Whether the regions have names of their own, not numbers.
    pub(crate) fn has_names(&self) -> bool {
        self.labels != numbered(self.n_nodes())
    }

    /// The largest of the weights.
    pub fn largest_weight(&self) -> f64 {
        self.weights.iter().copied().fold(0.0, f64::max)
    }

    /// The number of subjects with measured functional connectivity.
    pub fn n_subjects(&self) -> usize {
        let functional = self.functional.as_ref();
        functional.map_or(0, |all| all.len_of(Axis(0)))
    }
}

/// `node 0`, `node 1`, ...
pub(crate) fn numbered(n_nodes: usize) -> Vec<String> {
    (0..n_nodes).map(|node| format!("node {node}")).collect()
}

/// What is said of regions that were connected to themselves, `nodes` of the weights called `key`; `None` where there are none.
pub(crate) fn self_connections(key: &str, nodes: &[usize], labels: &[String]) -> Option<String> {
    let count = match nodes.len() {
        0 => return None,
        1 => "1 self-connection".to_string(),
        n => format!("{n} self-connections"),
    };
    Some(format!(
        "{count} set to 0 in {key:?}: {}",
        listed(labels, nodes)
    ))
}

/// The names of some `nodes`, those of very many cut short: "V1, MT, PFC and 77 more".
pub(crate) fn listed(labels: &[String], nodes: &[usize]) -> String {
    const WRITTEN_OUT: usize = 10;
    let names = nodes
        .iter()
        .take(WRITTEN_OUT)
        .map(|&node| labels[node].as_str());
    let names = names.collect::<Vec<_>>().join(", ");
    match nodes.len().saturating_sub(WRITTEN_OUT) {
        0 => names,
        more => format!("{names} and {more} more"),
    }
}

//! The canonical list of edges.
//!
//! The incoming edges of a node stand by lag descending, then source ascending, and are summed one after the other. So the
//! time of the source grows along the sum, and every way of cutting time into blocks adds in the same order.

use crate::connectome::Delays;
use crate::coupling::DelayReads;
use crate::dynamics::{Links, Matrix};
use crate::error::{Error, Result};
use crate::study::Study;
use crate::study::key;

use super::delay_steps;

/// Incoming edges, node after node.
#[derive(Debug, Clone, Default)]
pub struct Edges {
    /// The edges of `node` are `first[node]..first[node + 1]`.
    pub first: Vec<u32>,
    /// Sending node of each edge.
    pub source: Vec<u32>,
    /// Step n reads the source's state after step n - lag.
    pub lag: Vec<u32>,
    /// Weight of each edge, by each of the couplings' matrices.
    pub weights: Vec<Vec<f32>>,
    /// Sum of the incoming weights per node, by each matrix, in f32, in the order of the edges.
    pub row_sums: Vec<Vec<f32>>,
    /// Extra steps added to every delay: 0 or 1 (see [`DelayReads`]).
    pub shift: u32,
}

/// Edges between rows of lines and rows of sums; see [`Edges::rows`].
#[derive(Debug, Clone, Default)]
pub struct RowEdges {
    /// The edges into row `r` are `first[r]..first[r + 1]`.
    pub first: Vec<u32>,
    /// The row that each comes from.
    pub source: Vec<u32>,
    /// Step n reads what was sent after step n - lag.
    pub lag: Vec<u32>,
    /// Weight of each edge.
    pub weight: Vec<f32>,
}

impl RowEdges {
    /// The number of rows that receive.
    pub fn n_rows(&self) -> usize {
        self.first.len() - 1
    }

    /// The edges into a row, as indices.
    pub fn of(&self, row: usize) -> std::ops::Range<usize> {
        self.first[row] as usize..self.first[row + 1] as usize
    }
}

impl Edges {
    /// The edges of a study.
    pub(super) fn new(study: &Study, links: &Links) -> Result<Self> {
        let connectome = &study.connectome;
        let n_nodes = connectome.n_nodes();
        let coupling = &study.coupling;
        let delayed = coupling.conduction_speed.is_finite();
        let shift = u32::from(delayed && coupling.delay_reads == DelayReads::ExtraStep);
        let delay = |target: usize, source: usize| -> Result<u32> {
            match &connectome.delays {
                _ if !delayed => Ok(0),
                Delays::Steps(steps) => Ok(steps[[target, source]]),
                Delays::TractLengths(lengths) => delay_steps(
                    key::CONDUCTION_SPEED.path,
                    lengths[[target, source]] / coupling.conduction_speed / study.protocol.dt,
                    coupling.delay_rounding,
                ),
                Delays::None => Err(Error::missing(
                    key::TRACT_LENGTHS.path,
                    "delays need tract lengths",
                    format!(
                        "name them, or say {} = inf for a network without delays",
                        key::CONDUCTION_SPEED.path
                    ),
                )),
            }
        };
        let mut edges = Self {
            first: vec![0],
            shift,
            ..Self::default()
        };
        let n_matrices = links.matrices.len();
        edges.weights = vec![Vec::new(); n_matrices];
        edges.row_sums = vec![Vec::new(); n_matrices];
        let weight = |matrix: &Matrix, target: usize, source: usize| {
            let weights = match matrix.named {
                None => &connectome.weights,
                Some(k) => &connectome.matrices[k].1,
            };
            let weight = weights[[target, source]] as f32;
            if matrix.squared {
                (f64::from(weight) * f64::from(weight)) as f32
            } else {
                weight
            }
        };
        for target in 0..n_nodes {
            let mut incoming = Vec::new();
            for source in (0..n_nodes).filter(|&source| source != target) {
                let is_edge = |matrix: &Matrix| weight(matrix, target, source) != 0.0;
                if links.matrices.iter().any(is_edge) {
                    incoming.push((delay(target, source)? + shift, source));
                }
            }
            incoming.sort_by_key(|&(lag, source)| (std::cmp::Reverse(lag), source));
            for (k, matrix) in links.matrices.iter().enumerate() {
                let of = incoming.iter();
                let of = of.map(|&(_, source)| weight(matrix, target, source));
                let first = edges.weights[k].len();
                edges.weights[k].extend(of);
                let new = &edges.weights[k][first..];
                edges.row_sums[k].push(new.iter().fold(0.0, |sum, weight| sum + weight));
            }
            for (lag, source) in incoming {
                edges.lag.push(lag);
                edges.source.push(source as u32);
            }
            edges.first.push(edges.lag.len() as u32);
        }
        Ok(edges)
    }

    /// The edges of every channel as edges between rows: sums of channel `c` at a node are in row `c * receivers + node`, what goes
    /// into line `l` of a node in row `l * senders + node`. Rows beyond the nodes, and channels beyond those of `links` up to
    /// `n_channels`, have no edges.
    pub fn rows(
        &self,
        links: &Links,
        n_channels: usize,
        [receivers, senders]: [usize; 2],
    ) -> RowEdges {
        let n_nodes = self.first.len() - 1;
        let mut rows = RowEdges {
            first: vec![0],
            ..RowEdges::default()
        };
        for channel in 0..n_channels {
            for row in 0..receivers {
                if let (Some(channel), true) = (links.channels.get(channel), row < n_nodes) {
                    let of = self.of(row);
                    let weights = &self.weights[channel.matrix];
                    rows.weight.extend_from_slice(&weights[of.clone()]);
                    rows.lag.extend_from_slice(&self.lag[of.clone()]);
                    let first = (channel.line * senders) as u32;
                    let sources = self.source[of].iter();
                    rows.source.extend(sources.map(|source| first + source));
                }
                rows.first.push(rows.lag.len() as u32);
            }
        }
        rows
    }

    /// The longest lag; 0 without edges.
    pub fn max_lag(&self) -> u32 {
        self.lag.iter().copied().max().unwrap_or(0)
    }

    /// The incoming edges of `node`, as indices.
    pub fn of(&self, node: usize) -> std::ops::Range<usize> {
        self.first[node] as usize..self.first[node + 1] as usize
    }
}

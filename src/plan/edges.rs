//! The canonical list of edges.
//!
//! The incoming edges of a node stand by delay class descending, then by source ascending, and are summed one after the other.
//! The classes are delays in steps of 31 and more, 15 to 30, 7 to 14, 3 to 6, 1 and 2, and 0 (see [`delay_class`]). For every block of
//! 2, 4, 8, 16 or 32 steps, the edges whose samples are all known when the block begins are whole classes, and so the first of a
//! node. Every way of cutting time into blocks adds in the same order. Within a class the order is that of the sources, so that
//! a processor can read what one source sent once for all the nodes that receive it.

use std::cmp::Reverse;

use crate::connectome::Delays;
use crate::dynamics::{Links, Matrix, Part};
use crate::error::{Error, Result};
use crate::study::Study;
use crate::study::key;

use super::delays::{Reading, is_rounded, readings};

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
    /// Steps added to every delay (see [`DelayReads`](crate::coupling::DelayReads)).
    pub shift: i32,
    /// Pairs of nodes that are connected: a connection whose delay lies between two steps is two edges.
    pub n_connections: usize,
    /// Whether any delay is not what the study says, by up to a step: rounded, or shifted.
    pub are_rounded: bool,
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

/// The class of a delay in steps: min(5, floor(log2(lag + 1))). A class c below 5 holds the lags from 2^c - 1 to 2^(c + 1) - 2.
pub fn delay_class(lag: u32) -> u32 {
    (lag + 1).ilog2().min(5)
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

/// What the incoming edges of a node are sorted by. (Sorting keeps the order of edges from the same source in the same class.)
fn order(lag: u32, source: u32) -> (Reverse<u32>, u32) {
    (Reverse(delay_class(lag)), source)
}

impl Edges {
    /// The edges of a study whose step was halved so often (see [`Plan::refined`](super::Plan::refined)).
    pub(super) fn new(study: &Study, links: &Links, halvings: u32) -> Result<Self> {
        let connectome = &study.connectome;
        let n_nodes = connectome.n_nodes();
        let coupling = &study.coupling;
        let delayed = coupling.conduction_speed.is_finite();
        let shift = if delayed {
            coupling.delay_reads.shift()
        } else {
            0
        };
        // The delay in steps, and the key that sets it; none without delays.
        let delay = |target: usize, source: usize| -> Result<Option<(&str, f64)>> {
            let pair = [target, source];
            match &connectome.delays {
                _ if !delayed => Ok(None),
                // Counted in the steps that were halved.
                Delays::Steps(steps) => Ok(Some((
                    key::DELAY_STEPS.path,
                    f64::from(steps[pair]) * f64::from(1 << halvings),
                ))),
                Delays::Milliseconds(delays) => {
                    Ok(Some((key::DELAYS.path, delays[pair] / study.protocol.dt)))
                }
                Delays::TractLengths(lengths) => Ok(Some((
                    key::CONDUCTION_SPEED.path,
                    lengths[pair] / coupling.conduction_speed / study.protocol.dt,
                ))),
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
                    let parts = match delay(target, source)? {
                        None => vec![Reading::whole(0)],
                        Some((key, steps)) => {
                            let rounding = coupling.delay_rounding;
                            edges.are_rounded |= is_rounded(steps, rounding) || shift != 0;
                            readings(key, steps, rounding, shift)?
                        }
                    };
                    let parts = parts.into_iter();
                    incoming.extend(parts.map(|Reading { lag, share }| (lag, source, share)));
                    edges.n_connections += 1;
                }
            }
            incoming.sort_by_key(|&(lag, source, _)| order(lag, source as u32));
            for (k, matrix) in links.matrices.iter().enumerate() {
                let of = incoming.iter();
                let of = of.map(|&(_, source, share)| {
                    (f64::from(weight(matrix, target, source)) * share) as f32
                });
                let first = edges.weights[k].len();
                edges.weights[k].extend(of);
                let new = &edges.weights[k][first..];
                edges.row_sums[k].push(new.iter().fold(0.0, |sum, weight| sum + weight));
            }
            for (lag, source, _) in incoming {
                edges.lag.push(lag);
                edges.source.push(source as u32);
            }
            edges.first.push(edges.lag.len() as u32);
        }
        Ok(edges)
    }

    /// The edges of every sum as edges between rows: sums of channel `c` in the part in place `p` at a node are in row
    /// `(p * n_channels + c) * receivers + node`, what goes into line `l` of a node in row `l * senders + node`. Rows beyond the nodes
    /// have no edges.
    pub fn rows(
        &self,
        links: &Links,
        parts: &[Part],
        [receivers, senders]: [usize; 2],
    ) -> RowEdges {
        let n_nodes = self.first.len() - 1;
        let n_edges = parts.len() * links.channels.len() * self.lag.len();
        let mut rows = RowEdges {
            first: vec![0],
            weight: Vec::with_capacity(n_edges),
            lag: Vec::with_capacity(n_edges),
            source: Vec::with_capacity(n_edges),
        };
        for part in parts {
            for channel in &links.channels {
                let (first, weights) = (channel.line * senders, &self.weights[channel.matrix]);
                for row in 0..receivers {
                    let of = if row < n_nodes { self.of(row) } else { 0..0 };
                    let read = of.filter_map(|e| Some((part.lag(self.lag[e])?, e)));
                    let mut read: Vec<(u32, usize)> = read.collect();
                    // A part may read later than the step's start, which can change the class.
                    if *part != Part::Whole {
                        read.sort_by_key(|&(lag, e)| order(lag, self.source[e]));
                    }
                    for (lag, e) in read {
                        rows.weight.push(weights[e]);
                        rows.lag.push(lag);
                        rows.source.push(first as u32 + self.source[e]);
                    }
                    rows.first.push(rows.lag.len() as u32);
                }
            }
        }
        rows
    }

    /// Bytes of memory that they fill: of each edge its lag, its source and its weights.
    pub fn bytes(&self) -> u64 {
        (4 * (2 + self.weights.len()) * self.lag.len()) as u64
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

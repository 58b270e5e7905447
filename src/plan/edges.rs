//! The canonical list of edges.
//!
//! The incoming edges of a node stand by lag descending, then source ascending, and are summed one after the other. So the
//! time of the source grows along the sum, and every way of cutting time into blocks adds in the same order.

use crate::connectome::Delays;
use crate::coupling::{CouplingKind, DelayReads};
use crate::error::{Error, Result};
use crate::study::Study;

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
    /// Weight of each edge.
    pub weight: Vec<f32>,
    /// Sum of the incoming weights per node, in f32, in the order of the edges.
    pub row_sum: Vec<f32>,
    /// Steps by which every delay reads later than it says (see [`DelayReads`]).
    pub shift: u32,
}

impl Edges {
    /// The edges of a study.
    pub(super) fn new(study: &Study) -> Result<Self> {
        let connectome = &study.connectome;
        let n_nodes = connectome.n_nodes();
        let coupling = &study.coupling;
        let delayed = coupling.conduction_speed.is_finite();
        let shift = u32::from(delayed && coupling.delay_reads == DelayReads::OneLater);
        let delay = |target: usize, source: usize| -> Result<u32> {
            match &connectome.delays {
                _ if !delayed => Ok(0),
                Delays::Steps(steps) => Ok(steps[[target, source]]),
                Delays::TractLengths(lengths) => delay_steps(
                    "coupling.conduction_speed",
                    lengths[[target, source]] / coupling.conduction_speed / study.protocol.dt,
                    coupling.delay_rounding,
                ),
                Delays::None => Err(Error::bad_value(
                    "connectome.tract_lengths",
                    "missing",
                    "delays need them; name them, or say coupling.conduction_speed = inf for a network without delays",
                )),
            }
        };
        let mut edges = Self {
            first: vec![0],
            shift,
            ..Self::default()
        };
        for target in 0..n_nodes {
            let mut incoming = Vec::new();
            if coupling.kind != CouplingKind::None {
                for source in (0..n_nodes).filter(|&source| source != target) {
                    let weight = connectome.weights[[target, source]] as f32;
                    if weight != 0.0 {
                        incoming.push((delay(target, source)? + shift, source as u32, weight));
                    }
                }
            }
            incoming.sort_by_key(|&(lag, source, _)| (std::cmp::Reverse(lag), source));
            edges
                .row_sum
                .push(incoming.iter().fold(0.0, |sum, edge| sum + edge.2));
            for (lag, source, weight) in incoming {
                edges.lag.push(lag);
                edges.source.push(source);
                edges.weight.push(weight);
            }
            edges.first.push(edges.lag.len() as u32);
        }
        Ok(edges)
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

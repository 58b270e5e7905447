//! The weighted sums over incoming edges: twin of `shaders/lib/edges.wgsl`.
//!
//! Each sum is sequential, in the canonical order. Several targets are summed at a time, so that one sum's additions do not
//! wait for each other.

use super::pack::Pack;
use crate::plan::Edges;

/// Targets summed at a time.
const BLOCK: usize = 8;

/// The edges, in the order in which they are read.
#[derive(Debug)]
pub(super) struct BlockedEdges {
    blocks: Vec<Block>,
    /// Numbers per row of the delay line.
    pub(super) row: usize,
}

#[derive(Debug)]
struct Block {
    first_target: usize,
    /// The k-th edges of all targets stand side by side, for as long as every target has one.
    common: Vec<[(f32, u32); BLOCK]>,
    /// Each target's further edges.
    rest: [Vec<(f32, u32)>; BLOCK],
}

impl BlockedEdges {
    /// For a delay line whose rows hold `width` members side by side per node.
    pub(super) fn new(edges: &Edges, n_nodes: usize, width: usize) -> Self {
        let row = n_nodes * width;
        // How far behind the end of the newest row the edge's number lies.
        let edge = |e: usize| {
            let behind = (edges.lag[e] as usize + 1) * row - edges.source[e] as usize * width;
            (edges.weight[e], behind as u32)
        };
        let blocks = (0..n_nodes)
            .step_by(BLOCK)
            .map(|first_target| {
                let of = |b: usize| {
                    if first_target + b < n_nodes {
                        edges.of(first_target + b)
                    } else {
                        0..0
                    }
                };
                let n_common = (0..BLOCK).map(|b| of(b).len()).min().unwrap_or(0);
                Block {
                    first_target,
                    common: (0..n_common)
                        .map(|k| std::array::from_fn(|b| edge(of(b).start + k)))
                        .collect(),
                    rest: std::array::from_fn(|b| of(b).skip(n_common).map(edge).collect()),
                }
            })
            .collect();
        Self { blocks, row }
    }

    /// Sums into `sums`, `[node][member]`; the newest row of `line` ends at `end`.
    #[inline(always)]
    pub(super) fn sum<L: Pack>(&self, line: &[f32], end: usize, sums: &mut [f32]) {
        let n_nodes = self.row / L::WIDTH;
        for block in &self.blocks {
            let mut sum = [L::splat(0.0); BLOCK];
            for edges in &block.common {
                for b in 0..BLOCK {
                    let (weight, behind) = edges[b];
                    sum[b] = sum[b] + L::splat(weight) * L::load(&line[end - behind as usize..]);
                }
            }
            for b in 0..BLOCK.min(n_nodes - block.first_target) {
                for &(weight, behind) in &block.rest[b] {
                    sum[b] = sum[b] + L::splat(weight) * L::load(&line[end - behind as usize..]);
                }
                sum[b].store(&mut sums[(block.first_target + b) * L::WIDTH..]);
            }
        }
    }
}

//! The far edges of several simulations side by side, from source to source.
//!
//! A node's sums of all steps of a block fill the registers, and an edge is added to all of them. If one node came after the other,
//! each edge would have to fetch its source's samples from the second-level cache. So the sources come in groups: all nodes add what
//! they receive from one group before any node goes on to the next, and the samples of a group stay in the first-level cache. What a
//! node has summed up waits in `partial` meanwhile. A node adds its edges in their canonical order all the same, because within a
//! class they stand by source.

use super::{Edge, Wiring};
use crate::backend::cpu::aligned::Aligned;
use crate::backend::cpu::pack::Pack;
use crate::plan::{RowEdges, delay_class};

/// Edges that a node should add in a pass, on average: few, and sums are loaded and stored all the time; many, and the samples of a
/// group do not fit the cache. 8 to 20 are equally good (measured at 80 and 400 nodes).
const EDGES_OF_A_PASS: usize = 12;

/// The far edges in the order in which they are added.
#[derive(Debug)]
pub(super) struct Passes {
    /// The far edges of all rows, pass after pass.
    edges: Vec<Edge>,
    passes: Vec<Pass>,
    /// Sums of rows that wait, `[row][step of the block][member]`.
    partial: Aligned,
}

/// The edges that a row adds from one group of sources.
#[derive(Debug)]
struct Pass {
    row: u32,
    /// How many; 0 only for a row without far edges.
    n_edges: u32,
    /// Whether the row's sums begin with it.
    is_first: bool,
    /// Whether the row's sums end with it.
    is_last: bool,
}

impl Default for Passes {
    fn default() -> Self {
        Self {
            edges: Vec::new(),
            passes: Vec::new(),
            partial: Aligned::zeros(0),
        }
    }
}

impl Passes {
    /// The far edges of `wiring`, whose sums take `size` numbers per row (steps of the block times members).
    pub(super) fn new(edges: &RowEdges, wiring: &Wiring, size: usize) -> Self {
        let n_rows = wiring.ranges.len();
        let far = |row: usize| wiring.ranges[row][0] as usize..wiring.ranges[row][1] as usize;
        let n_sources = 1 + edges
            .source
            .iter()
            .max()
            .map_or(0, |&source| source as usize);
        let mut of_class = [0; 6];
        for e in (0..n_rows).flat_map(far) {
            of_class[delay_class(edges.lag[e]) as usize] += 1;
        }
        // So many sources that a row has as many edges from them as a pass should have.
        let pairs = n_rows * n_sources;
        let sources = of_class.map(|n: usize| (EDGES_OF_A_PASS * pairs).div_ceil(n.max(1)));
        let group = |e: usize| {
            let class = delay_class(edges.lag[e]);
            (
                5 - class,
                edges.source[e] as usize / sources[class as usize].max(1),
            )
        };
        // (group, row, edges): by group, then by row.
        let mut parts = Vec::new();
        for row in 0..n_rows {
            let mut rest = far(row);
            if rest.is_empty() {
                parts.push(((0, 0), row, rest));
                continue;
            }
            while !rest.is_empty() {
                let first = rest.start;
                let end = rest.clone().find(|&e| group(e) != group(first));
                let end = end.unwrap_or(rest.end);
                parts.push((group(first), row, first..end));
                rest.start = end;
            }
        }
        parts.sort_by_key(|&(group, row, _)| (group, row));
        let passes = parts.iter().map(|(_, row, part)| {
            let all = far(*row);
            Pass {
                row: *row as u32,
                n_edges: part.len() as u32,
                is_first: part.start == all.start,
                is_last: part.end == all.end,
            }
        });
        Self {
            passes: passes.collect(),
            edges: parts
                .iter()
                .flat_map(|(.., part)| &wiring.edges[part.clone()])
                .copied()
                .collect(),
            partial: Aligned::zeros(n_rows * size),
        }
    }

    /// Sums of `STEPS` steps, `[step][row][member]` with `stride` numbers from step to step.
    #[inline(always)]
    pub(super) fn begin<L: Pack, const STEPS: usize>(
        &mut self,
        samples: &[f32],
        sums: &mut [f32],
        stride: usize,
    ) {
        let size = STEPS * L::WIDTH;
        let mut first = 0;
        for pass in &self.passes {
            let row = pass.row as usize;
            let partial = &mut self.partial[row * size..][..size];
            let mut sum = [L::splat(0.0); STEPS];
            if !pass.is_first {
                for s in 0..STEPS {
                    sum[s] = L::load(&partial[s * L::WIDTH..]);
                }
            }
            let end = first + pass.n_edges as usize;
            for edge in &self.edges[first..end] {
                edge.add(&mut sum, samples);
            }
            first = end;
            if pass.is_last {
                for s in 0..STEPS {
                    sum[s].store(&mut sums[s * stride + row * L::WIDTH..]);
                }
            } else {
                for s in 0..STEPS {
                    sum[s].store(&mut partial[s * L::WIDTH..]);
                }
            }
        }
    }
}

//! The sums of [`Moments`], made in lanes while a group runs: the bits are those of [`crate::record::MomentsStream`].
//!
//! Sixteen samples are kept, and then all pairs of nodes are summed over them, eight sums at a time in registers: two numbers are
//! loaded for every three products, and a total is touched once in sixteen samples.

use super::aligned::Aligned;
use super::chunks::Chunks;
use super::lanes::Work;
use super::pack::Pack;
use crate::record::{Moments, MomentsStream, Passage};
use crate::scalar::compensated;

/// Rows and columns of pairs that are summed together.
const TILE: [usize; 2] = [4, 2];
/// Numbers in the widest vectors of a tile's columns.
const WIDEST: usize = 32;

/// The sums of a group.
#[derive(Debug)]
pub(super) struct GroupMoments {
    n_nodes: usize,
    /// Members side by side.
    width: usize,
    /// The quantity that is recorded.
    quantity: usize,
    n_transient: usize,
    /// Samples taken, the transient among them.
    n_taken: usize,
    /// Nodes times members, padded.
    row: usize,
    x: Aligned,
    shift: Aligned,
    min: Aligned,
    max: Aligned,
    /// Samples less the shift, `[sample of the block][node][member]`.
    block: Aligned,
    n_in_block: usize,
    /// Totals and carries, `[node][member]`.
    sums: [Aligned; 2],
    /// Totals and carries, `[node][node][member]`; below the diagonal they mean nothing.
    products: [Aligned; 2],
    /// Per member: the first sample that was not finite, and the first node in it.
    bad: Vec<Option<(usize, usize)>>,
}

impl GroupMoments {
    /// For `width` members side by side.
    pub(super) fn new(n_nodes: usize, width: usize, quantity: usize, n_transient: usize) -> Self {
        let row = if width == 1 {
            n_nodes.next_multiple_of(WIDEST)
        } else {
            n_nodes.next_multiple_of(TILE[0]) * width
        };
        let n_rows = n_nodes.next_multiple_of(TILE[0]);
        let zeros = Aligned::zeros;
        Self {
            n_nodes,
            width,
            quantity,
            n_transient,
            n_taken: 0,
            row,
            x: zeros(row),
            shift: zeros(row),
            min: zeros(row),
            max: zeros(row),
            block: zeros(MomentsStream::BLOCK * row),
            n_in_block: 0,
            sums: [zeros(row), zeros(row)],
            products: [zeros(n_rows * row), zeros(n_rows * row)],
            bad: vec![None; width],
        }
    }

    /// Bytes of memory that the sums of `width` members fill.
    pub(super) fn bytes(n_nodes: usize, width: usize) -> u64 {
        let of_nodes = 4 * (6 + MomentsStream::BLOCK) * n_nodes * width;
        2 * Moments::bytes_of_rows(n_nodes, 4 * width) + of_nodes as u64
    }

    /// The first sample of a member that is not finite, and the first node in it.
    pub(super) fn bad(&self, member: usize) -> Option<(usize, usize)> {
        self.bad[member]
    }

    /// The moments of a member, after [`Finish`].
    pub(super) fn of(&self, member: usize) -> Moments {
        let at = |node: usize| node * self.width + member;
        let nodes = |values: &Aligned| {
            let node = |node: usize| f64::from(values[at(node)]);
            (0..self.n_nodes).map(node).collect()
        };
        let value =
            |[total, carry]: &[Aligned; 2], at: usize| f64::from(total[at]) + f64::from(carry[at]);
        let product = |i: usize, j: usize| value(&self.products, i * self.row + at(j));
        Moments {
            n_samples: self.n_taken.saturating_sub(self.n_transient) as u64,
            shift: nodes(&self.shift),
            sums: (0..self.n_nodes)
                .map(|node| value(&self.sums, at(node)))
                .collect(),
            products: Moments::of_pairs(self.n_nodes, product),
            min: nodes(&self.min),
            max: nodes(&self.max),
        }
    }

    /// Gives back the memory of the sums over pairs.
    pub(super) fn forget(&mut self) {
        self.products = [Aligned::zeros(0), Aligned::zeros(0)];
    }

    /// Passes the sums of a member that has shown finite samples only.
    pub(super) fn pass(&mut self, member: usize, passage: &mut Passage) {
        let (n_nodes, width, row) = (self.n_nodes, self.width, self.row);
        let at = |node: usize| node * width + member;
        passage.index(&mut self.n_taken);
        passage.index(&mut self.n_in_block);
        let [totals, carries] = &mut self.sums;
        let (shift, min, max) = (&mut self.shift, &mut self.min, &mut self.max);
        for values in [shift, min, max, totals, carries] {
            (0..n_nodes).for_each(|node| passage.single(&mut values[at(node)]));
        }
        for k in 0..self.n_in_block.min(MomentsStream::BLOCK) {
            let sample = &mut self.block[k * row..];
            (0..n_nodes).for_each(|node| passage.single(&mut sample[at(node)]));
        }
        for values in &mut self.products {
            for i in 0..n_nodes {
                (i..n_nodes).for_each(|j| passage.single(&mut values[i * row + at(j)]));
            }
        }
    }

    #[inline(always)]
    fn take<V: Pack>(&mut self) {
        self.find_bad();
        self.n_taken += 1;
        if self.n_taken <= self.n_transient {
            return;
        }
        if self.n_taken == self.n_transient + 1 {
            for values in [&mut self.shift, &mut self.min, &mut self.max] {
                values.copy_from_slice(&self.x);
            }
        }
        let y = &mut self.block[self.n_in_block * self.row..][..self.row];
        for at in (0..self.row).step_by(V::WIDTH) {
            let x = V::load(&self.x[at..]);
            (x - V::load(&self.shift[at..])).store(&mut y[at..]);
            let (min, max) = (V::load(&self.min[at..]), V::load(&self.max[at..]));
            min.at_most(x).store(&mut self.min[at..]);
            max.at_least(x).store(&mut self.max[at..]);
        }
        self.n_in_block += 1;
        if self.n_in_block == MomentsStream::BLOCK {
            self.add_block::<V>();
        }
    }

    /// By their bits: see [`crate::backend`].
    #[inline(always)]
    fn find_bad(&mut self) {
        const EXPONENT: u32 = 0x7f80_0000;
        let mut any = false;
        for x in &*self.x {
            any |= x.to_bits() & EXPONENT == EXPONENT;
        }
        if !any {
            return;
        }
        for (at, x) in self.x.iter().enumerate() {
            let (node, member) = (at / self.width, at % self.width);
            if x.to_bits() & EXPONENT == EXPONENT && self.bad[member].is_none() {
                self.bad[member] = Some((self.n_taken, node));
            }
        }
    }

    /// Adds the sums over the block to the totals.
    #[inline(always)]
    fn add_block<V: Pack>(&mut self) {
        let block = &self.block[..self.n_in_block * self.row];
        for at in (0..self.row).step_by(V::WIDTH) {
            let mut sum = V::splat(0.0);
            for sample in block.chunks_exact(self.row) {
                sum = sum + V::load(&sample[at..]);
            }
            add(&mut self.sums, at, sum);
        }
        let [n_rows, n_columns] = TILE;
        for row in (0..self.n_nodes).step_by(n_rows) {
            // From the vector that holds the diagonal on.
            let first = row * self.width / V::WIDTH / n_columns * n_columns;
            for column in (first..self.row / V::WIDTH).step_by(n_columns) {
                let sums = self.tile::<V>(block, row, column);
                for (i, sums) in sums.into_iter().enumerate() {
                    for (j, sum) in sums.into_iter().enumerate() {
                        let at = (row + i) * self.row + (column + j) * V::WIDTH;
                        add(&mut self.products, at, sum);
                    }
                }
            }
        }
        self.n_in_block = 0;
    }

    /// Sums of products of nodes `row..` and vectors `column..` over a block.
    #[inline(always)]
    fn tile<V: Pack>(&self, block: &[f32], row: usize, column: usize) -> [[V; TILE[1]]; TILE[0]] {
        let mut sums = [[V::splat(0.0); TILE[1]]; TILE[0]];
        for sample in block.chunks_exact(self.row) {
            let columns = &sample[column * V::WIDTH..(column + TILE[1]) * V::WIDTH];
            for (i, sums) in sums.iter_mut().enumerate() {
                let y = if self.width == 1 {
                    V::splat(sample[row + i])
                } else {
                    V::load(&sample[(row + i) * V::WIDTH..])
                };
                for (j, sum) in sums.iter_mut().enumerate() {
                    *sum = *sum + y * V::load(&columns[j * V::WIDTH..]);
                }
            }
        }
        sums
    }
}

/// Adds to a compensated total.
#[inline(always)]
fn add<V: Pack>([totals, carries]: &mut [Aligned; 2], at: usize, x: V) {
    let (total, carry) = (V::load(&totals[at..]), V::load(&carries[at..]));
    let (total, carry) = compensated(total, carry, x);
    total.store(&mut totals[at..]);
    carry.store(&mut carries[at..]);
}

/// Takes a sample of the nodes as they are.
pub(super) struct Take<'a> {
    pub(super) moments: &'a mut GroupMoments,
    pub(super) nodes: &'a Chunks,
}

impl Work for Take<'_> {
    #[inline(always)]
    fn run<V: Pack>(self) {
        let moments = self.moments;
        let used = moments.n_nodes * moments.width;
        self.nodes.copy(moments.quantity, &mut moments.x[..used]);
        moments.take::<V>();
    }
}

/// Adds what is left in the last block.
pub(super) struct Finish<'a>(pub(super) &'a mut GroupMoments);

impl Work for Finish<'_> {
    #[inline(always)]
    fn run<V: Pack>(self) {
        if self.0.n_in_block > 0 {
            self.0.add_block::<V>();
        }
    }
}

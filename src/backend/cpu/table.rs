//! A group's numbers, expanded into lanes.

use super::aligned::Aligned;
use super::pack::Pack;
use crate::dynamics::Numbers;
use crate::integrator::exponential_factors;
use crate::model::{NeuralMass, Visitor};
use crate::plan::Plan;

/// The rows of the plan's table, and after them one row per state for what exponential Euler needs of it beforehand; what is the same
/// for a chunk as for the one before stands there once.
#[derive(Debug)]
pub(super) struct Table {
    /// `[block][lane]`
    values: Aligned,
    /// `[chunk][row]`: in which block the numbers stand.
    at: Vec<u32>,
    n_rows: usize,
}

impl Table {
    /// `simulation` gives that of a member; `width` members stand side by side, and chunks of `lanes` are worked on.
    pub(super) fn new(
        plan: &Plan,
        simulation: impl Fn(usize) -> usize,
        width: usize,
        lanes: usize,
    ) -> Self {
        let rows = plan.rows();
        let n_rows = rows.len() + plan.n_states();
        let n_chunks = (plan.n_nodes * width).div_ceil(lanes);
        let mut blocks: Vec<Vec<f32>> = Vec::new();
        let mut at = vec![0; n_chunks * n_rows];
        for chunk in 0..n_chunks {
            let mut numbers = vec![vec![0.0; lanes]; n_rows];
            for lane in 0..lanes {
                let place = chunk * lanes + lane;
                let (node, member) = ((place / width).min(plan.n_nodes - 1), place % width);
                let k = simulation(member);
                for (row, numbers) in numbers[..rows.len()].iter_mut().enumerate() {
                    numbers[lane] = plan.table.at(row, node, k);
                }
                for (s, factor) in factors(plan, node, k).into_iter().enumerate() {
                    numbers[rows.len() + s][lane] = factor;
                }
            }
            for (row, numbers) in numbers.into_iter().enumerate() {
                let place = chunk * n_rows + row;
                if chunk > 0 {
                    let before = at[place - n_rows];
                    let same = |(a, b): (&f32, &f32)| a.to_bits() == b.to_bits();
                    if blocks[before as usize].iter().zip(&numbers).all(same) {
                        at[place] = before;
                        continue;
                    }
                }
                at[place] = blocks.len() as u32;
                blocks.push(numbers);
            }
        }
        let mut values = Aligned::zeros(blocks.len() * lanes);
        for (to, from) in values.chunks_exact_mut(lanes).zip(&blocks) {
            to.copy_from_slice(from);
        }
        Self { values, at, n_rows }
    }

    /// The numbers, in blocks.
    #[inline(always)]
    pub(super) fn blocks<E: Pack>(&self) -> &[E::Array] {
        bytemuck::cast_slice(&self.values)
    }

    /// In which block stand the numbers of each row, chunk by chunk.
    #[inline(always)]
    pub(super) fn chunks(&self) -> impl Iterator<Item = &[u32]> {
        self.at.chunks_exact(self.n_rows)
    }
}

/// `dt phi(dt L)` per state, at a node of a simulation.
fn factors(plan: &Plan, node: usize, simulation: usize) -> Vec<f32> {
    struct Factors<F>(F);
    impl<F: Fn(usize) -> f32> Visitor for Factors<F> {
        type Output = Vec<f32>;
        fn visit<M, const N: usize, const I: usize, const P: usize, const C: usize>(
            self,
        ) -> Vec<f32>
        where
            M: NeuralMass<N, I, P, C>,
        {
            let rows = crate::dynamics::Rows::new(C, N);
            let coefficients = std::array::from_fn(|c| self.0(rows.coefficient(c)));
            exponential_factors::<M, N, I, P, C>(coefficients, self.0(rows.dt())).to_vec()
        }
    }
    plan.model
        .visit(Factors(|row| plan.table.at(row, node, simulation)))
}

/// The numbers of one chunk, for a model with `N` states and a table with `n_rows` rows.
pub(super) struct OfChunk<'a, E: Pack> {
    pub(super) blocks: &'a [E::Array],
    pub(super) at: &'a [u32],
    pub(super) n_rows: usize,
}

impl<E: Pack> Numbers<E> for OfChunk<'_, E> {
    #[inline(always)]
    fn number(&self, row: usize) -> E {
        E::from_array(&self.blocks[self.at[row] as usize])
    }
    #[inline(always)]
    fn factor(&self, state: usize) -> Option<E> {
        Some(self.number(self.n_rows + state))
    }
}

//! A group's numbers, expanded into lanes.

use super::aligned::Aligned;
use super::pack::Pack;
use crate::dynamics::Numbers;
use crate::integrator::exponential_factors;
use crate::model::{NeuralMass, Visitor};
use crate::plan::Plan;

/// The rows of the plan's table, and after them one row per state for what exponential Euler needs of it beforehand.
///
/// Most numbers are the same everywhere. So there is one place per row, where the numbers of a chunk are put that are not.
#[derive(Debug)]
pub(super) struct Table {
    /// `[row][lane]`, of the last chunk asked for.
    rows: Aligned,
    /// The rows that are not the same for all chunks.
    varying: Vec<usize>,
    /// Their numbers, `[chunk][varying row][lane]`.
    numbers: Aligned,
}

impl Table {
    /// `simulation` gives that of a member; `width` members stand side by side, and chunks of `lanes` are worked on.
    pub(super) fn new(
        plan: &Plan,
        simulation: impl Fn(usize) -> usize,
        width: usize,
        lanes: usize,
    ) -> Self {
        let n_rows = plan.rows().len() + plan.n_states();
        let n_chunks = (plan.n_nodes * width).div_ceil(lanes);
        // [chunk][row][lane]
        let mut all = vec![0.0; n_chunks * n_rows * lanes];
        for (place, k) in (0..n_chunks * lanes).map(|place| (place, simulation(place % width))) {
            let node = (place / width).min(plan.n_nodes - 1);
            let from_table = (0..plan.rows().len()).map(|row| plan.table.at(row, node, k));
            let numbers = from_table.chain(factors(plan, node, k));
            for (row, number) in numbers.enumerate() {
                all[(place / lanes * n_rows + row) * lanes + place % lanes] = number;
            }
        }
        let first = &all[..n_rows * lanes];
        let varies = |&row: &usize| {
            let of_row = row * lanes..(row + 1) * lanes;
            let same = |(a, b): (&f32, &f32)| a.to_bits() == b.to_bits();
            let as_first = |of: &[f32]| first[of_row.clone()].iter().zip(of).all(same);
            !all.chunks(n_rows * lanes)
                .all(|chunk| as_first(&chunk[of_row.clone()]))
        };
        let varying: Vec<usize> = (0..n_rows).filter(varies).collect();
        let mut rows = Aligned::zeros(n_rows * lanes);
        rows.copy_from_slice(first);
        let mut numbers = Aligned::zeros(n_chunks * varying.len() * lanes);
        let places = (0..n_chunks).flat_map(|chunk| varying.iter().map(move |row| (chunk, row)));
        for (to, (chunk, row)) in numbers.chunks_exact_mut(lanes).zip(places) {
            to.copy_from_slice(&all[(chunk * n_rows + row) * lanes..][..lanes]);
        }
        Self {
            rows,
            varying,
            numbers,
        }
    }

    /// The same in lanes.
    #[inline(always)]
    pub(super) fn in_lanes<V: Pack>(&mut self) -> InLanes<'_, V> {
        InLanes {
            rows: bytemuck::cast_slice_mut(&mut self.rows),
            varying: &self.varying,
            numbers: bytemuck::cast_slice(&self.numbers),
        }
    }
}

/// A [`Table`] in lanes `V`.
pub(super) struct InLanes<'a, V: Pack> {
    rows: &'a mut [V::Array],
    varying: &'a [usize],
    numbers: &'a [V::Array],
}

impl<V: Pack> InLanes<'_, V> {
    /// The numbers of a chunk, by row: `n_rows` of them, and one per state.
    #[inline(always)]
    pub(super) fn of_chunk<const N: usize>(
        &mut self,
        chunk: usize,
        n_rows: usize,
    ) -> OfChunk<'_, V> {
        let numbers = &self.numbers[chunk * self.varying.len()..][..self.varying.len()];
        for (&row, numbers) in self.varying.iter().zip(numbers) {
            self.rows[row] = *numbers;
        }
        OfChunk {
            rows: &self.rows[..n_rows + N],
            n_rows,
        }
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

/// The numbers of one chunk.
pub(super) struct OfChunk<'a, V: Pack> {
    rows: &'a [V::Array],
    n_rows: usize,
}

impl<V: Pack> Numbers<V> for OfChunk<'_, V> {
    #[inline(always)]
    fn number(&self, row: usize) -> V {
        V::from_array(&self.rows[row])
    }
    #[inline(always)]
    fn factor(&self, state: usize) -> Option<V> {
        Some(self.number(self.n_rows + state))
    }
}

//! A group's numbers, expanded into lanes.

use super::aligned::Aligned;
use super::pack::Pack;
use crate::plan::Plan;

/// The rows of the plan's table that its step reads.
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
        let n_rows = plan.step.numbers.len();
        let n_chunks = (plan.n_nodes * width).div_ceil(lanes);
        // [chunk][row][lane]
        let mut all = vec![0.0; n_chunks * n_rows * lanes];
        for (place, k) in (0..n_chunks * lanes).map(|place| (place, simulation(place % width))) {
            let node = (place / width).min(plan.n_nodes - 1);
            for (number, &row) in plan.step.numbers.iter().enumerate() {
                all[(place / lanes * n_rows + number) * lanes + place % lanes] =
                    plan.table.at(row, node, k);
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
    /// The numbers of a chunk, in the order in which the step numbers them.
    #[inline(always)]
    pub(super) fn of_chunk(&mut self, chunk: usize) -> &[V::Array] {
        let numbers = &self.numbers[chunk * self.varying.len()..][..self.varying.len()];
        for (&row, numbers) in self.varying.iter().zip(numbers) {
            self.rows[row] = *numbers;
        }
        self.rows
    }
}

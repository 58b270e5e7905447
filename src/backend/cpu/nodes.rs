//! What nodes do with what arrives: the plan's step, in lanes.

use super::pack::Pack;
use super::table::InLanes;
use crate::dynamics::{Argument, Step};

/// Nodes, and members side by side, in chunks as wide as the lanes.
pub(super) struct Nodes<'a, V: Pack> {
    pub(super) step: &'a Step,
    /// States, carries and processes, `[chunk][quantity]`.
    pub(super) values: &'a mut [V::Array],
    /// Per chunk.
    pub(super) sums: &'a [V::Array],
    /// Per chunk.
    pub(super) feedback: &'a [V::Array],
    /// Per noise target.
    pub(super) normal: &'a [Normal<'a, V>],
    pub(super) table: InLanes<'a, V>,
}

/// Standard normal numbers of a noise target.
pub(super) enum Normal<'a, V: Pack> {
    /// Per chunk.
    Own(&'a [V::Array]),
    /// Per chunk, one for all of its lanes.
    Common(&'a [f32]),
}

impl<V: Pack> Nodes<'_, V> {
    /// Moves all of them one step on.
    #[inline(always)]
    pub(super) fn advance(mut self) {
        let step = self.step;
        let n_quantities = step.n_quantities();
        let mut values = vec![V::splat(0.0); step.program.n_values()];
        for (chunk, kept) in self.values.chunks_exact_mut(n_quantities).enumerate() {
            let numbers = self.table.of_chunk(chunk);
            for (value, &argument) in values.iter_mut().zip(&step.arguments) {
                *value = match argument {
                    Argument::Sum => V::from_array(&self.sums[chunk]),
                    Argument::Feedback(_) => V::from_array(&self.feedback[chunk]),
                    Argument::Normal(target) => match &self.normal[target] {
                        Normal::Own(normal) => V::from_array(&normal[chunk]),
                        Normal::Common(normal) => V::splat(normal[chunk]),
                    },
                    Argument::Number(k) => V::from_array(&numbers[k]),
                    Argument::State(_) | Argument::Carry(_) | Argument::Process(_) => {
                        let quantity = step.quantity(argument).expect("one that is kept");
                        V::from_array(&kept[quantity])
                    }
                };
            }
            step.program.run(&mut values);
            for (to, &id) in kept.iter_mut().zip(step.program.results()) {
                values[id as usize].to_array(to);
            }
        }
    }
}

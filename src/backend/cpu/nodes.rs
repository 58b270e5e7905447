//! What nodes do with what arrives: [`update`], in lanes.

use super::pack::Pack;
use super::table::InLanes;
use super::two::Two;
use crate::dynamics::{Arrivals, Drive, Node, Numbers, Recipe, Rows, coefficients, update};
use crate::integrator::{Integrator, constant_factors, drift_and_diagonal, each, kicked};
use crate::model::NeuralMass;
use crate::scalar::Scalar;

/// Vectors whose functions are worked out side by side.
const TILE: usize = 8;

/// Nodes, and members side by side, in chunks as wide as the lanes.
pub(super) struct Nodes<'a, V: Pack, const N: usize> {
    pub(super) recipe: Recipe,
    /// States, carries and processes, `[chunk][quantity]`.
    pub(super) values: &'a mut [V::Array],
    /// Per chunk.
    pub(super) sums: &'a [V::Array],
    /// Per chunk.
    pub(super) feedback: &'a [V::Array],
    pub(super) normal: Normal<'a, V, N>,
    pub(super) table: InLanes<'a, V>,
}

/// Standard normal numbers of each state.
pub(super) enum Normal<'a, V: Pack, const N: usize> {
    /// Per chunk.
    Own([&'a [V::Array]; N]),
    /// Per chunk, one for all of its lanes.
    Common([&'a [f32]; N]),
}

impl<V: Pack, const N: usize> Nodes<'_, V, N> {
    /// Moves all of them one step on.
    #[inline(always)]
    pub(super) fn advance<M, const I: usize, const P: usize, const C: usize>(mut self)
    where
        M: NeuralMass<N, I, P, C>,
    {
        let all_constant = constant_factors::<M, N, I, P, C>().iter().all(|&c| c);
        let exponential = self.recipe.integrator == Integrator::ExponentialEuler;
        if V::WIDTH > 1 && exponential && !all_constant {
            self.advance_tiles::<M, I, P, C>();
            return;
        }
        let n_rows = Rows::new(C, N).len();
        for chunk in 0..self.values.len() / (3 * N) {
            let (node, arrivals) = (self.node(chunk), self.arrivals(chunk));
            let recipe = self.recipe;
            let numbers = self.table.of_chunk::<N>(chunk, n_rows);
            let next = update::<M, V, N, I, P, C>(&recipe, node, arrivals, &numbers);
            self.set(chunk, 0, next.state);
            self.set(chunk, 1, next.carry);
            self.set(chunk, 2, next.process);
        }
    }

    /// The same for exponential Euler's method, whose `(e^z - 1) / z` is one long chain of operations for each vector, in which every
    /// operation waits for the one before: so they are worked out by themselves, for several vectors by turns.
    #[inline(always)]
    fn advance_tiles<M, const I: usize, const P: usize, const C: usize>(&mut self)
    where
        M: NeuralMass<N, I, P, C>,
    {
        let rows = Rows::new(C, N);
        let constant = constant_factors::<M, N, I, P, C>();
        let zero = V::splat(0.0);
        let recipe = self.recipe;
        let has_kicks = recipe.has_kicks();
        let mut dt = [zero; TILE];
        let mut slope = [[zero; N]; TILE];
        let mut kick = [[zero; N]; TILE];
        let mut factor = [[zero; TILE]; N];
        let n_chunks = self.values.len() / (3 * N);
        for first in (0..n_chunks).step_by(TILE) {
            let n = TILE.min(n_chunks - first);
            for k in 0..n {
                let chunk = first + k;
                let (node, arrivals) = (self.node(chunk), self.arrivals(chunk));
                let numbers = self.table.of_chunk::<N>(chunk, rows.len());
                let drive = Drive::of(&recipe, rows, &node, arrivals, &numbers);
                let (f, own) = drift_and_diagonal::<M, V, N, I, P, C>(
                    node.state,
                    drive.input,
                    coefficients(rows, &numbers),
                );
                dt[k] = numbers.number(rows.dt());
                for s in 0..N {
                    slope[k][s] = f[s];
                    factor[s][k] = match numbers.factor(s) {
                        Some(factor) if constant[s] => factor,
                        _ => dt[k] * own[s],
                    };
                    if has_kicks {
                        kick[k][s] = drive.kick[s].unwrap_or(zero);
                    }
                }
                self.set(chunk, 2, drive.process);
            }
            for s in 0..N {
                if constant[s] {
                    continue;
                }
                for four in factor[s][..n.next_multiple_of(4)].chunks_exact_mut(4) {
                    let z = Two(Two(four[0], four[1]), Two(four[2], four[3]));
                    let Two(Two(a, b), Two(c, d)) = z.exprel();
                    four.copy_from_slice(&[a, b, c, d]);
                }
            }
            for k in 0..n {
                let node = self.node(first + k);
                let change = each!(zero; s < N => {
                    let factor = if constant[s] { factor[s][k] } else { dt[k] * factor[s][k] };
                    let kick = (has_kicks && recipe.is_random(s)).then_some(kick[k][s]);
                    kicked(kick, factor * slope[k][s])
                });
                let (state, carry) = Node::moved::<M, I, P, C>(node.state, node.carry, change);
                self.set(first + k, 0, state);
                self.set(first + k, 1, carry);
            }
        }
    }

    /// A chunk before the step.
    #[inline(always)]
    fn node(&self, chunk: usize) -> Node<V, N> {
        let values = &self.values[chunk * 3 * N..][..3 * N];
        let zero = V::splat(0.0);
        Node {
            state: each!(zero; s < N => V::from_array(&values[s])),
            carry: each!(zero; s < N => V::from_array(&values[N + s])),
            process: each!(zero; s < N => V::from_array(&values[2 * N + s])),
        }
    }

    /// Sets the states (0), carries (1) or processes (2) of a chunk.
    #[inline(always)]
    fn set(&mut self, chunk: usize, which: usize, numbers: [V; N]) {
        let values = &mut self.values[chunk * 3 * N..][..3 * N];
        for s in 0..N {
            numbers[s].to_array(&mut values[which * N + s]);
        }
    }

    /// What reaches a chunk.
    #[inline(always)]
    fn arrivals(&self, chunk: usize) -> Arrivals<V, N> {
        let zero = V::splat(0.0);
        Arrivals {
            sum: V::from_array(&self.sums[chunk]),
            feedback: V::from_array(&self.feedback[chunk]),
            normal: each!(zero; s < N => if !self.recipe.is_random(s) {
                zero
            } else {
                match &self.normal {
                    Normal::Own(normal) => V::from_array(&normal[s][chunk]),
                    Normal::Common(normal) => V::splat(normal[s][chunk]),
                }
            }),
        }
    }
}

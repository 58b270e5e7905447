//! The network linearised about a state, in its parts.
//!
//! ```text
//! dv_i/dt = K_i v_i + sum_f F_if s_f v_i(t - d_if) + sum_c B_ic sum_j w_ij r_jc v_j(t - d_ij)
//! ```
//!
//! `K_i` (`[n_states, n_states]`) is the derivative of a node's drift with respect to its own
//! states, including the part that couplings take of them (`- g row_sum x_i` of a diffusive one).
//! `B_ic` is the derivative with respect to the sum in channel c, through `received` and the inputs
//! that receive it. The row `r_jc` is the derivative of what a node sends into the channel, through
//! its signal and `sent`. `F_if` is the derivative with respect to delayed feedback f, the row
//! `s_f` that of the signal fed back. Channels with squared weights have `w_ij^2` instead of
//! `w_ij`. Rows are kept line by line: several channels and feedbacks may read one line.

use std::sync::Arc;

use faer::Mat;

use super::equations::Work;
use super::number::{D1, Number, d1};
use super::{Arrivals, Network};
use crate::dynamics::Channel;
use crate::scalar::Dual;

/// Counts, and what each channel and feedback reads.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkLayout {
    /// Nodes.
    pub n_nodes: usize,
    /// States of a node.
    pub n_states: usize,
    /// Lines of a node.
    pub n_lines: usize,
    /// The sums over connections.
    pub channels: Vec<Channel>,
    /// The line of each delayed feedback.
    pub feedback: Vec<usize>,
}

/// The parts of the network linearised about a state, or how they change along a direction.
#[derive(Debug, Clone, PartialEq)]
pub struct Linearisation {
    /// K, `[n_nodes, n_states, n_states]` row by row, 1/ms.
    pub local: Vec<f64>,
    /// B, `[n_nodes, n_channels, n_states]`.
    pub input: Vec<f64>,
    /// F, `[n_nodes, n_feedback, n_states]`.
    pub feedback: Vec<f64>,
    /// The rows r and s, `[n_nodes, n_lines, n_states]`.
    pub sent: Vec<f64>,
    layout: Arc<NetworkLayout>,
}

/// Parts of a linearisation on numbers that may carry a derivative.
struct Blocks<B> {
    local: Vec<B>,
    input: Vec<B>,
    feedback: Vec<B>,
    sent: Vec<B>,
}

impl<B> Blocks<B> {
    fn linearisation(self, layout: &Arc<NetworkLayout>, part: fn(B) -> f64) -> Linearisation {
        let all = |values: Vec<B>| values.into_iter().map(part).collect();
        Linearisation {
            local: all(self.local),
            input: all(self.input),
            feedback: all(self.feedback),
            sent: all(self.sent),
            layout: layout.clone(),
        }
    }
}

impl Linearisation {
    /// Counts, and what each channel and feedback reads.
    pub fn layout(&self) -> &NetworkLayout {
        &self.layout
    }

    /// K of a node.
    pub fn local(&self, node: usize) -> &[f64] {
        let size = self.layout.n_states * self.layout.n_states;
        &self.local[node * size..][..size]
    }

    /// B of a node and a channel.
    pub fn input(&self, node: usize, channel: usize) -> &[f64] {
        let NetworkLayout {
            n_states,
            ref channels,
            ..
        } = *self.layout;
        &self.input[(node * channels.len() + channel) * n_states..][..n_states]
    }

    /// F of a node and a feedback.
    pub fn feedback(&self, node: usize, k: usize) -> &[f64] {
        let NetworkLayout {
            n_states,
            ref feedback,
            ..
        } = *self.layout;
        &self.feedback[(node * feedback.len() + k) * n_states..][..n_states]
    }

    /// The row of what a node puts into a line.
    pub fn sent(&self, node: usize, line: usize) -> &[f64] {
        let NetworkLayout {
            n_states, n_lines, ..
        } = *self.layout;
        &self.sent[(node * n_lines + line) * n_states..][..n_states]
    }

    /// The mean of several.
    pub(crate) fn mean(all: &[Self]) -> Self {
        let n = all.len() as f64;
        let mean = |part: fn(&Self) -> &Vec<f64>| -> Vec<f64> {
            let mut sums = vec![0.0; part(&all[0]).len()];
            for one in all {
                sums.iter_mut()
                    .zip(part(one))
                    .for_each(|(sum, x)| *sum += x);
            }
            sums.into_iter().map(|sum| sum / n).collect()
        };
        Self {
            local: mean(|one| &one.local),
            input: mean(|one| &one.input),
            feedback: mean(|one| &one.feedback),
            sent: mean(|one| &one.sent),
            layout: all[0].layout.clone(),
        }
    }
}

impl Network {
    /// The linearisation about the constant state `u` (`[dim]`), with the parameter at `p`.
    pub fn linearisation(&self, u: &[f64], p: f64) -> Linearisation {
        self.linearisation_with(u, p, &self.arrivals(u, p))
    }

    /// The linearisation where `arrivals` come in.
    pub(crate) fn linearisation_with(
        &self,
        u: &[f64],
        p: f64,
        arrivals: &Arrivals<f64>,
    ) -> Linearisation {
        let blocks = self.blocks(u, p, arrivals);
        blocks.linearisation(&self.layout, |x| x)
    }

    /// The change of the linearisation per unit along the direction in which `u` moves by `du` and
    /// the parameter by `dp`.
    pub fn linearisation_slope(&self, u: &[f64], p: f64, du: &[f64], dp: f64) -> Linearisation {
        let moving = u.iter().zip(du).map(|(&u, &du)| d1(u, du));
        let (u, p): (Vec<D1>, D1) = (moving.collect(), d1(p, dp));
        let blocks = self.blocks(&u, p, &self.arrivals(&u, p));
        blocks.linearisation(&self.layout, D1::derivative)
    }

    fn blocks<B: Number>(&self, u: &[B], p: B, arrivals: &Arrivals<B>) -> Blocks<B>
    where
        Dual<B>: Number,
    {
        let (n_nodes, n_states) = (self.n_nodes, self.n_states());
        let n_sums = self.layout.channels.len();
        let n_feedback = self.layout.feedback.len();
        let equations = &self.equations;
        let zero = B::lit(0.0);
        let mut blocks = Blocks {
            local: vec![zero; n_nodes * n_states * n_states],
            input: Vec::with_capacity(n_nodes * n_sums * n_states),
            feedback: Vec::with_capacity(n_nodes * n_feedback * n_states),
            sent: Vec::with_capacity(n_nodes * self.layout.n_lines * n_states),
        };
        let constants =
            |values: &[B]| -> Vec<Dual<B>> { values.iter().map(|&x| Dual::constant(x)).collect() };
        let arrivals = Arrivals {
            sums: constants(&arrivals.sums),
            fed_back: constants(&arrivals.fed_back),
        };
        let (u, p) = (constants(u), Dual::constant(p));
        let mut work = Work::<Dual<B>>::new();
        for (node, state) in u.chunks_exact(n_states).enumerate() {
            self.load_rates(node, (state, p), &arrivals, &mut work);
            let local = &mut blocks.local[node * n_states * n_states..][..n_states * n_states];
            // States, sums and delayed values stand first among the arguments.
            for argument in 0..n_states + n_sums + n_feedback {
                let value = work.values[argument].value;
                work.values[argument] = Dual::variable(value);
                let slopes = work.run(&equations.rates).map(Dual::derivative);
                if argument < n_states {
                    for (row, slope) in slopes.enumerate() {
                        local[row * n_states + argument] = slope;
                    }
                } else if argument < n_states + n_sums {
                    blocks.input.extend(slopes);
                } else {
                    blocks.feedback.extend(slopes);
                }
                work.values[argument] = Dual::constant(value);
            }
        }
        if equations.plain.iter().all(Option::is_some) {
            for _ in 0..n_nodes {
                for &held in equations.plain.iter().flatten() {
                    let row = (0..n_states).map(|s| B::lit(f64::from(u8::from(s == held))));
                    // Written on the type's own constants, so that slopes are 0.
                    blocks.sent.extend(row);
                }
            }
            return blocks;
        }
        let n_lines = self.layout.n_lines;
        let mut rows = vec![zero; n_lines * n_states];
        for (node, state) in u.chunks_exact(n_states).enumerate() {
            self.load_lines(node, (state, p), &mut work);
            for s in 0..n_states {
                work.values[s] = Dual::variable(state[s].value);
                for (line, sent) in work.run(&equations.lines).enumerate() {
                    rows[line * n_states + s] = sent.derivative();
                }
                work.values[s] = state[s];
            }
            blocks.sent.extend_from_slice(&rows);
        }
        blocks
    }

    /// Derivative of [`Network::residual`] with respect to the states, `[dim, dim]`: block diagonal
    /// plus the couplings.
    pub fn jacobian(&self, u: &[f64], p: f64) -> Mat<f64> {
        self.assemble(&self.linearisation(u, p))
    }

    /// The Jacobian from its parts: what a constant perturbation feels, delays or not.
    pub(crate) fn assemble(&self, parts: &Linearisation) -> Mat<f64> {
        let mut jacobian = self.assemble_local(parts);
        self.add_products(&mut jacobian, parts, parts);
        jacobian
    }

    /// The change of the Jacobian from its parts and theirs.
    pub(super) fn assemble_slope(&self, parts: &Linearisation, slope: &Linearisation) -> Mat<f64> {
        let mut change = self.assemble_local(slope);
        self.add_products(&mut change, slope, parts);
        self.add_products(&mut change, parts, slope);
        change
    }

    fn assemble_local(&self, parts: &Linearisation) -> Mat<f64> {
        let n_states = self.n_states();
        let mut jacobian = Mat::zeros(self.dim(), self.dim());
        for node in 0..self.n_nodes {
            let at = node * n_states;
            for (k, entry) in parts.local(node).iter().enumerate() {
                jacobian[(at + k / n_states, at + k % n_states)] = *entry;
            }
        }
        jacobian
    }

    /// Adds the columns of `receives` times the rows of `sends`: feedbacks and couplings.
    fn add_products(
        &self,
        jacobian: &mut Mat<f64>,
        receives: &Linearisation,
        sends: &Linearisation,
    ) {
        let n_states = self.n_states();
        let mut add = |target: usize, column: &[f64], source: usize, row: &[f64], factor: f64| {
            for (k, r) in row.iter().enumerate().filter(|(_, r)| **r != 0.0) {
                let weighted = factor * r;
                for (l, b) in column.iter().enumerate().filter(|(_, b)| **b != 0.0) {
                    jacobian[(target * n_states + l, source * n_states + k)] += b * weighted;
                }
            }
        };
        for target in 0..self.n_nodes {
            for (k, &line) in self.layout.feedback.iter().enumerate() {
                add(
                    target,
                    receives.feedback(target, k),
                    target,
                    sends.sent(target, line),
                    1.0,
                );
            }
            for (c, channel) in self.layout.channels.iter().enumerate() {
                let column = receives.input(target, c);
                if column.iter().all(|b| *b == 0.0) {
                    continue;
                }
                let weights = self.matrices[channel.matrix].row(target);
                for (source, weight) in weights.iter().enumerate() {
                    if *weight != 0.0 {
                        let row = sends.sent(source, channel.line);
                        add(target, column, source, row, *weight);
                    }
                }
            }
        }
    }
}

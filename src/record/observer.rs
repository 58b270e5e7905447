//! A monitor of a signal that comes step by step: the plain statement of what the backends compute while they simulate.

use crate::dynamics::Argument;
use crate::monitor::Takes;
use crate::plan::Observing;
use crate::scalar::{Scalar, compensated};

/// Takes a signal of every node step by step, and shows what a monitor makes of it.
///
/// It works in 32 or 64 bits. Sums are compensated: see [`compensated`].
#[derive(Debug)]
pub struct Observer<'a, S> {
    observing: &'a Observing,
    /// Which of the plan's simulations it observes.
    simulation: usize,
    n_nodes: usize,
    /// Steps taken since the monitor's last.
    n_taken: u32,
    /// The monitor's steps done.
    n_steps: u64,
    /// What was taken since the monitor's last step, and what rounding cut off, `[n_nodes]`.
    sums: Vec<S>,
    carries: Vec<S>,
    /// States, then their carries, `[2 n_states][n_nodes]`.
    kept: Vec<S>,
    /// The signal of past steps, where it is convolved, `[n_response][n_nodes]`; the newest in row `n_steps` modulo their number.
    past: Vec<S>,
    /// Of each node, in how many of the monitor's steps the signal was outside its range.
    outside: Vec<u64>,
}

impl<'a, S: Scalar + Into<f64>> Observer<'a, S> {
    /// Nothing was taken yet.
    pub fn new(observing: &'a Observing, simulation: usize, n_nodes: usize) -> Self {
        let zeros = |n: usize| vec![S::lit(0.0); n * n_nodes];
        let starts = observing.start.iter();
        let starts = starts.flat_map(|&start| vec![S::lit(start); n_nodes]);
        Self {
            simulation,
            n_nodes,
            n_taken: 0,
            n_steps: 0,
            sums: zeros(1),
            carries: zeros(1),
            kept: starts.chain(zeros(observing.start.len())).collect(),
            past: zeros(observing.n_response()),
            outside: vec![0; n_nodes],
            observing,
        }
    }

    /// Takes the signal after one more step, `[n_nodes]`. Gives a sample of every node where one is due.
    ///
    /// # Panics
    /// If there are not as many numbers as nodes.
    pub fn take(&mut self, signal: &[S]) -> Option<Vec<S>> {
        assert_eq!(signal.len(), self.n_nodes, "one number per node");
        let takes_last = self.observing.takes == Takes::Last;
        for (node, &x) in signal.iter().enumerate() {
            (self.sums[node], self.carries[node]) = match takes_last {
                true => (x, S::lit(0.0)),
                false => compensated(self.sums[node], self.carries[node], x),
            };
        }
        self.n_taken += 1;
        if self.n_taken < self.observing.every {
            return None;
        }
        let n_taken = if takes_last { 1 } else { self.n_taken };
        let share = S::lit(1.0 / f64::from(n_taken));
        self.n_taken = 0;
        self.n_steps += 1;
        let is_due = self.n_steps.is_multiple_of(self.observing.period.into());
        let mut sample = Vec::new();
        for node in 0..self.n_nodes {
            let [scale, offset] = self.observing.scale_and_offset(node, self.simulation);
            let x = (self.sums[node] + self.carries[node]) * share;
            let x = x * S::lit(scale) + S::lit(offset);
            (self.sums[node], self.carries[node]) = (S::lit(0.0), S::lit(0.0));
            if let Some([low, high]) = self.observing.monitor.range {
                let x: f64 = x.into();
                self.outside[node] += u64::from(!(low..=high).contains(&x));
            }
            sample.push(match self.past.is_empty() {
                true => self.step(node, x),
                false => {
                    self.keep(node, x);
                    match is_due {
                        true => self.step(node, self.convolved(node)),
                        false => x,
                    }
                }
            });
        }
        is_due.then_some(sample)
    }

    /// The monitor's own step of a node; gives what it shows.
    fn step(&mut self, node: usize, x: S) -> S {
        let step = &self.observing.step;
        let program = &step.program;
        let mut values = vec![S::lit(0.0); program.n_values()];
        for (value, &argument) in values.iter_mut().zip(&step.arguments) {
            *value = match (argument, step.quantity(argument)) {
                (_, Some(quantity)) => self.kept[quantity * self.n_nodes + node],
                (Argument::Number(k), _) => S::lit(self.observing.number(k, node, self.simulation)),
                _ => x,
            };
        }
        program.run(&mut values);
        let result = |k: usize| values[program.results()[k] as usize];
        for quantity in 0..step.n_kept() {
            self.kept[quantity * self.n_nodes + node] = result(quantity);
        }
        result(step.recorded[0])
    }

    /// Keeps the signal of the monitor's newest step.
    fn keep(&mut self, node: usize, x: S) {
        let n = self.observing.n_response() as u64;
        let row = (self.n_steps % n) as usize;
        self.past[row * self.n_nodes + node] = x;
    }

    /// The signal of a node, convolved with its response up to now.
    fn convolved(&self, node: usize) -> S {
        let response = self.observing.response(node, self.simulation);
        let response = response.expect("there is a past to convolve");
        let n = response.len() as u64;
        let (mut sum, mut carry) = (S::lit(0.0), S::lit(0.0));
        for (k, &weight) in response.iter().enumerate() {
            let row = ((self.n_steps + n - k as u64) % n) as usize;
            let x = self.past[row * self.n_nodes + node];
            (sum, carry) = compensated(sum, carry, S::lit(weight) * x);
        }
        sum + carry
    }

    /// Of each node, the fraction of time in which the signal was outside the range that the monitor is meant for.
    pub fn outside(&self) -> Vec<f64> {
        let n = self.n_steps.max(1) as f64;
        self.outside.iter().map(|&k| k as f64 / n).collect()
    }
}

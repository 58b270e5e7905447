//! Every number of a run that may differ between nodes or simulations, in one array.

use crate::dynamics::{Recipe, Rows, Step};
use crate::error::{Error, PlanError, Result};
use crate::program::Program;
use crate::study::key::{self, Key, Number, shown};
use crate::study::{Noise, Study, Values};
use crate::waveform;

/// Rows of numbers; a row that is the same for all nodes or all simulations is stored once.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Where each row lies.
    pub rows: Vec<Row>,
    /// The numbers.
    pub data: Vec<f32>,
}

/// Where one row lies: the number of a node and simulation is at `first + node * node_stride + simulation * simulation_stride`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct Row {
    /// Index of its first number.
    pub first: u32,
    /// Distance between nodes; 0 if all have the same.
    pub node_stride: u32,
    /// Distance between simulations; 0 if all have the same.
    pub simulation_stride: u32,
}

/// `by` of the parameters at every node; at one where they do not differ.
fn prepared(
    parameters: &[Values],
    n_nodes: usize,
    by: &dyn Fn(&[f64]) -> Vec<f64>,
) -> Vec<Vec<f64>> {
    let is_uniform = parameters.iter().all(|v| matches!(v, Values::Uniform(_)));
    let nodes = 0..if is_uniform { 1 } else { n_nodes };
    let at = |node: usize| by(&parameters.iter().map(|v| v.at(node)).collect::<Vec<_>>());
    nodes.map(at).collect()
}

/// The number at a numeric key, by its place among the names of the key.
fn number(key: &'static Key, index: usize) -> Number {
    Number::new(key, index).expect("a numeric key")
}

/// Those of `n` numbers of `key`, from number `first` on, that result `c` of `program` depends on.
fn needed(program: &Program, c: usize, key: &'static Key, [first, n]: [usize; 2]) -> Vec<Number> {
    let result = program.results()[c] as usize;
    let is_needed = |&p: &usize| program.depends(|argument| argument == p)[result];
    let all = (0..n).filter(is_needed);
    all.map(|p| number(key, first + p)).collect()
}

/// The error that names the numbers `from` which a step works out one that is too large.
fn too_large(from: &[Number], study: &Study, node: usize, exact: f64) -> Error {
    let given = from.iter().map(|number| {
        let value = shown(number.get(study).at(node));
        format!("{} = {value}", number.path(study))
    });
    let mut given: Vec<String> = given.collect();
    if given.is_empty() {
        given.push(key::WEIGHTS.path.into());
    }
    let why = format!(
        "a step works with {} then, and 32-bit floats end at 3.4e38",
        shown(exact)
    );
    PlanError::Derived { given, why }.into()
}

impl Table {
    /// The table of a batch. `row_sums` are the sums of each node's incoming weights, by each matrix.
    pub(super) fn new(studies: &[Study], recipe: &Recipe, row_sums: &[Vec<f32>]) -> Result<Self> {
        let model = studies[0].model;
        let n_nodes = studies[0].connectome.n_nodes();
        let links = &recipe.links;
        let at = |all: &[Vec<Vec<f64>>], c: usize, k: usize, node: usize| {
            let nodes = &all[k];
            nodes[node.min(nodes.len() - 1)][c]
        };
        let of_model = |study: &Study| prepared(&study.parameters, n_nodes, &|p| model.prepare(p));
        let coefficients: Vec<_> = studies.iter().map(of_model).collect();

        let mut table = Self::default();
        let mut push =
            |from: &[Number], value: &dyn Fn(usize, usize) -> f64| table.push(from, studies, value);
        let dt = number(&key::DT, 0);
        let n_parameters = model.parameters.len();
        for c in 0..model.n_coefficients() {
            let from = needed(
                model.prepare_program(),
                c,
                &key::PARAMETER,
                [0, n_parameters],
            );
            push(&from, &|k, node| at(&coefficients, c, k, node))?;
        }
        for i in 0..model.inputs.len() {
            // Adding 0 turns -0 into 0, so that adding nothing to an input never shows.
            push(&[number(&key::INPUT, i)], &|k, node| {
                studies[k].input[i].at(node) + 0.0
            })?;
        }
        let n_targets = model.noise_targets().len();
        for t in 0..n_targets {
            push(&[number(&key::NOISE_MEAN, t)], &|k, node| {
                studies[k].noise.mean[t].at(node)
            })?;
        }
        let steps: Vec<(&Noise, f64)> = studies.iter().map(|s| (&s.noise, s.protocol.dt)).collect();
        for t in 0..n_targets {
            push(&[number(&key::NOISE_SIGMA, t), dt], &|k, node| {
                let (noise, dt) = steps[k];
                noise.amplitude(t, node, dt)
            })?;
        }
        push(&[number(&key::NOISE_TAU, 0), dt], &|k, _| {
            let (noise, dt) = steps[k];
            noise.rate(dt)
        })?;
        let mut first = 0;
        for (t, link) in links.terms.iter().enumerate() {
            let of_term = |study: &Study| {
                let parameters = &study.coupling.terms[t].parameters;
                prepared(parameters, n_nodes, &|p| link.form.prepare(p, n_nodes))
            };
            let coefficients: Vec<_> = studies.iter().map(of_term).collect();
            let (program, n) = (link.form.prepare_program(), link.form.parameters.len());
            for c in 0..link.form.n_coefficients() {
                let from = needed(program, c, &key::COUPLING_NUMBER, [first, n]);
                push(&from, &|k, node| at(&coefficients, c, k, node))?;
            }
            first += n;
        }
        for sums in &row_sums[..links.matrices.len()] {
            push(&[], &|_, node| f64::from(sums[node]))?;
        }
        let mut first = 0;
        for s in 0..recipe.stimuli.len() {
            let amplitude = number(&key::STIMULUS_NUMBER, first + waveform::AMPLITUDE);
            push(&[amplitude], &|k, node| {
                let stimulus = &studies[k].stimuli[s];
                stimulus.numbers[waveform::AMPLITUDE] * stimulus.weights[node]
            })?;
            first += studies[0].stimuli[s].numbers.len();
        }
        push(&[dt], &|k, _| studies[k].protocol.dt)?;
        assert_eq!(
            table.rows.len(),
            Rows::new(model, recipe).len(),
            "Rows and Table list the same quantities in the same order"
        );
        Ok(table)
    }

    /// Adds the rows that a step needs of those there are.
    pub(super) fn derive(&mut self, step: &Step, studies: &[Study]) -> Result<()> {
        let (n_simulations, n_nodes) = (studies.len(), studies[0].connectome.n_nodes());
        let n_made = step.early.results().len();
        if n_made == 0 {
            return Ok(());
        }
        let read: Vec<Row> = step.early_rows.iter().map(|&row| self.rows[row]).collect();
        let by_node = read.iter().any(|row| row.node_stride != 0);
        let by_simulation = read.iter().any(|row| row.simulation_stride != 0);
        let (nodes, simulations) = (
            if by_node { n_nodes } else { 1 },
            if by_simulation { n_simulations } else { 1 },
        );
        // [node][simulation][made]
        let mut made = vec![0.0; nodes * simulations * n_made];
        for (place, results) in made.chunks_exact_mut(n_made).enumerate() {
            let (node, simulation) = (place / simulations, place % simulations);
            let rows = step.early_rows.iter();
            let numbers: Vec<f32> = rows.map(|&row| self.at(row, node, simulation)).collect();
            step.early.write(&[&numbers], &mut [results]);
        }
        for m in 0..n_made {
            let at = |simulation: usize, node: usize| {
                let (node, simulation) = (node.min(nodes - 1), simulation.min(simulations - 1));
                made[(node * simulations + simulation) * n_made + m]
            };
            let n_parameters = studies[0].model.parameters.len();
            let from = (0..n_parameters).map(|p| number(&key::PARAMETER, p));
            let from: Vec<Number> = from.collect();
            self.push(&from, studies, &|k, node| f64::from(at(k, node)))?;
        }
        Ok(())
    }

    /// Adds the row whose number at (simulation, node) is `value`, worked out from the numbers `from`.
    fn push(
        &mut self,
        from: &[Number],
        studies: &[Study],
        value: &dyn Fn(usize, usize) -> f64,
    ) -> Result<()> {
        let (n_simulations, n_nodes) = (studies.len(), studies[0].connectome.n_nodes());
        let first = self.data.len();
        let mut all = Vec::with_capacity(n_simulations * n_nodes);
        for node in 0..n_nodes {
            for simulation in 0..n_simulations {
                let exact = value(simulation, node);
                let single = exact as f32;
                if !single.is_finite() {
                    return Err(too_large(from, &studies[simulation], node, exact));
                }
                all.push(single);
            }
        }
        let same = |a: f32, b: f32| a.to_bits() == b.to_bits();
        let by_node = all
            .chunks(n_simulations)
            .any(|row| row.iter().zip(&all).any(|(&a, &b)| !same(a, b)));
        let by_simulation = all
            .chunks(n_simulations)
            .any(|row| row.iter().any(|&a| !same(a, row[0])));
        match (by_node, by_simulation) {
            (true, true) => self.data.append(&mut all),
            (true, false) => self.data.extend(all.iter().step_by(n_simulations)),
            (false, true) => self.data.extend(&all[..n_simulations]),
            (false, false) => self.data.push(all[0]),
        }
        let simulation_stride = u32::from(by_simulation);
        let node_stride = if !by_node {
            0
        } else if by_simulation {
            n_simulations as u32
        } else {
            1
        };
        let first = u32::try_from(first).map_err(|_| PlanError::TooMany { n_simulations })?;
        self.rows.push(Row {
            first,
            node_stride,
            simulation_stride,
        });
        Ok(())
    }

    /// The number of `row` at a node of a simulation.
    pub fn at(&self, row: usize, node: usize, simulation: usize) -> f32 {
        let row = self.rows[row];
        self.data[row.first as usize
            + node * row.node_stride as usize
            + simulation * row.simulation_stride as usize]
    }
}

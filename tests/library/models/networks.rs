//! Delayed networks of six nodes and those of packages by others: what a step does with couplings, in 64 bits.
//!
//! `tests/reference/networks.npz` holds for each file weights, delays, starts, parameters and states at some times, as the package
//! computed them; `networks.json` says which coupling of ours it was, `models.json` which of our names are which of theirs.
//! `tests/reference/README.md` has versions and sources.

use std::collections::BTreeMap;
use std::path::Path;

use brainsweep::coupling;
use brainsweep::integrator::Integrator;
use brainsweep::io::npz;
use brainsweep::model::{self, Model, Signal};
use brainsweep::study::{NoiseKind, Study, Term};
use brainsweep::testing::dynamics::{Arrivals, Links, Node, Recipe, Rows, update};
use ndarray::{Array2, ArrayD, Axis, Ix2};
use serde_json::Value;

use super::references::{from, names};

/// The largest distance, relative to the range of the state, times what a small error at the start grows by.
const BOUND: f64 = 1e-12;

/// The same for an angle, rad: in the step after a turn its neighbours see it off by what a turn is longer than its 32 bits.
const TURN: f64 = 1e-8;

/// A network in 64 bits: the step of `dynamics`, and the plainest of delay lines.
struct Network<'a> {
    model: &'a Model,
    recipe: Recipe,
    weights: Array2<f64>,
    delays: Array2<f64>,
    /// Rows of the table, `[node][row]`.
    table: Vec<Vec<f64>>,
    nodes: Vec<Node<f64>>,
    /// `[line][step][node]`: what was sent, the constant past first.
    lines: Vec<Vec<Vec<f64>>>,
    /// Steps of the model's own delays.
    own_delays: Vec<usize>,
}

impl Network<'_> {
    fn step(&mut self, now: usize) {
        let links = &self.recipe.links;
        let past = |line: usize, delay: usize, node: usize| {
            // Row 0 is the constant past, row k + 1 what was known at step k.
            let row = (now + 1).saturating_sub(delay);
            self.lines[line][row][node]
        };
        let moved: Vec<_> = (0..self.nodes.len())
            .map(|i| {
                let sums = links.channels.iter().map(|channel| {
                    let sent = |(j, &w): (usize, &f64)| {
                        let w = if links.matrices[channel.matrix].squared {
                            w * w
                        } else {
                            w
                        };
                        w * past(channel.line, self.delays[[i, j]] as usize, j)
                    };
                    self.weights.row(i).iter().enumerate().map(sent).sum()
                });
                let own = links.feedback.iter().zip(&self.own_delays);
                let arrivals = Arrivals {
                    sums: sums.collect(),
                    predicted: Vec::new(),
                    feedback: own.map(|(&line, &delay)| past(line, delay, i)).collect(),
                    normal: vec![0.0; self.model.noise_targets().len()],
                    waves: Vec::new(),
                };
                let number = |row: usize| self.table[i][row];
                update(self.model, &self.recipe, &self.nodes[i], &arrivals, &number)
            })
            .collect();
        for (l, line) in self.lines.iter_mut().enumerate() {
            line.push(moved.iter().map(|moved| moved.sent[l]).collect());
        }
        self.nodes = moved.into_iter().map(|moved| moved.node).collect();
    }
}

#[test]
fn networks_are_those_of_packages_by_others() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference");
    let json = |name: &str| -> Value {
        let text = std::fs::read_to_string(folder.join(name)).expect("the names");
        serde_json::from_str(&text).expect("sound JSON")
    };
    let (about_models, networks) = (json("models.json"), json("networks.json"));
    let mut n_compared = 0;
    for (file, network) in networks.as_object().expect("one entry per file") {
        for run in network["runs"].as_array().expect("runs") {
            compare(&folder, file, network, run, &about_models);
            n_compared += 1;
        }
    }
    assert_eq!(n_compared, 44, "trajectories");
}

fn compare(folder: &Path, file: &str, network: &Value, run: &Value, about_models: &Value) {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let list = |value: &Value| -> Vec<String> {
        value.as_array().expect("a list").iter().map(text).collect()
    };
    let what = format!("{file}, {}", text(&run["of"]));
    let array = |key: &str| -> ArrayD<f64> {
        npz::read_f64(&folder.join("networks.npz"), &format!("{file}.{key}")).expect("the numbers")
    };
    let matrix = |key: &str| array(key).into_dimensionality::<Ix2>().expect("a matrix");
    let model = model::find(network["model"].as_str().expect("a model")).expect("ours");
    let entries = about_models["models"][model.name]
        .as_array()
        .expect("compared");
    let entry = entries
        .iter()
        .find(|entry| entry["file"] == file)
        .expect("compared");
    let about = &about_models["files"][file];
    let theirs: BTreeMap<String, f64> = names(about, "parameters")
        .into_iter()
        .zip(array("parameters"))
        .collect();
    let number = |rule: &Value| rule.as_f64().unwrap_or_else(|| from(rule, &theirs));

    let form = coupling::find(run["form"].as_str().expect("a form")).expect("ours");
    let (sources, targets) = (list(&run["source"]), list(&run["target"]));
    let pairs = sources.iter().zip(&targets);
    let term = Term {
        pairs: pairs
            .map(|(source, target)| Study::pair(model, source, target).expect("names of ours"))
            .collect(),
        ..Term::new(model, form)
    };
    let integrator = match run["integrator"].as_str() {
        Some("heun") => Integrator::Heun,
        _ => Integrator::Euler,
    };
    let recipe = Recipe {
        links: Links::of(model, &[term]),
        ..Recipe::full(model, integrator, NoiseKind::None)
    };
    let rows = Rows::new(model, &recipe);
    let (weights, dt) = (matrix("weights"), network["dt_ms"].as_f64().expect("dt"));
    let n_nodes = weights.nrows();
    let parameters: Vec<f64> = model
        .parameters
        .iter()
        .map(|p| match &entry["parameters"][p.name] {
            Value::Null => p.default,
            rule => number(rule),
        })
        .collect();
    let of_form: Vec<f64> = form
        .parameters
        .iter()
        .map(|p| match &run["set"][p.name] {
            Value::Null => p.default,
            rule => number(rule),
        })
        .collect();
    let table = (0..n_nodes).map(|node| {
        let mut table = vec![0.0; rows.len()];
        for (c, value) in model.prepare(&parameters).into_iter().enumerate() {
            table[rows.coefficient(c)] = value;
        }
        for (i, input) in model.inputs.iter().enumerate() {
            let rule = &run["input"][input.symbol];
            table[rows.input(i)] = if rule.is_null() { 0.0 } else { number(rule) };
        }
        for (c, value) in form.prepare(&of_form, n_nodes).into_iter().enumerate() {
            table[rows.coupling(c)] = value;
        }
        let row = weights.row(node);
        table[rows.row_sum(0)] = row.sum();
        if recipe.links.matrices.len() > 1 {
            table[rows.row_sum(1)] = row.iter().map(|w| w * w).sum();
        }
        table[rows.dt()] = dt;
        table
    });
    let table: Vec<Vec<f64>> = table.collect();
    let their_states = names(about, "states");
    let place = |name: &str| their_states.iter().position(|n| n == name).expect("theirs");
    let places: Vec<usize> = model
        .states
        .iter()
        .map(|s| place(entry["states"][s.name].as_str().expect("theirs")))
        .collect();
    let x0 = matrix("x0");
    let states: Vec<Vec<f64>> = (0..n_nodes)
        .map(|node| places.iter().map(|&s| x0[[s, node]]).collect())
        .collect();
    // What was sent before: of states as they start; of rates that depend on inputs as the file says.
    let sent = |line: &brainsweep::testing::dynamics::Line, node: usize| {
        let raw = match line.signal {
            Signal::State(s) => states[node][s],
            Signal::Output(k) if model.is_late(line.signal) => matrix("rates0_khz")[[k, node]],
            Signal::Output(k) => {
                let input = vec![0.0; model.n_inputs()];
                model.outputs(&states[node], &input, &model.prepare(&parameters))[k]
            }
        };
        let coefficients = form.prepare(&of_form, n_nodes);
        line.sent
            .map_or(raw, |(_, k)| form.sent(raw, &coefficients)[k])
    };
    let lines = recipe.links.lines.iter().map(|line| {
        let row: Vec<f64> = (0..n_nodes).map(|node| sent(line, node)).collect();
        vec![row.clone(), row]
    });
    let own_delays = model.feedback.iter().map(|feedback| {
        let delay = network["delays"][model.parameters[feedback.delay].name].as_u64();
        let delay = network["de_di_ms"][delay.expect("a delay") as usize].as_f64();
        (delay.expect("ms") / dt).round() as usize
    });
    let mut network = Network {
        lines: lines.collect(),
        own_delays: own_delays.collect(),
        delays: matrix("delay_steps"),
        nodes: states
            .iter()
            .map(|state| Node {
                state: state.clone(),
                carry: vec![0.0; state.len()],
                held: Vec::new(),
                process: vec![0.0; model.noise_targets().len()],
            })
            .collect(),
        table,
        weights,
        recipe,
        model,
    };
    let of = text(&run["of"]);
    let (steps, expected) = (array(&format!("{of}.steps")), array(&format!("{of}.x")));
    let growth = run["growth"].as_f64().expect("a number").max(1.0);
    let mut now = 0;
    // Until a state is where the package's equations are others.
    let until = run["until_step"].as_f64().unwrap_or(f64::INFINITY);
    for (sample, &step) in steps.iter().enumerate().filter(|(_, step)| **step <= until) {
        while now < step as usize {
            network.step(now);
            now += 1;
        }
        for (s, &place) in places.iter().enumerate() {
            let of_state = expected.index_axis(Axis(1), place);
            let scale = of_state.iter().fold(0.0f64, |most, x| most.max(x.abs()));
            for (node, found) in network.nodes.iter().enumerate() {
                let turn = std::f64::consts::TAU;
                let is_angle = model.states[s].bounds == model::Bounds::Angle;
                let (found, expected) = (found.state[s], of_state[[sample, node]]);
                let apart = found - expected;
                let apart = if is_angle {
                    apart - (apart / turn).round() * turn
                } else {
                    apart
                };
                let bound = if is_angle { TURN } else { BOUND * scale };
                assert!(
                    apart.abs() <= bound * growth,
                    "{what}: {} of node {node} after step {now}: {found} and {expected}, scale {scale}, growth {growth}",
                    model.states[s].name
                );
            }
        }
    }
}

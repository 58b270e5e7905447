//! Continuation of networks with every form of coupling: several signals, several couplings, per-node numbers, several feedbacks.
//! What it says is held against closed forms written here, against differences, and against another discretisation of the delays.

mod branches;
mod derivatives;
mod every_model;
mod oscillations;
mod roots;
mod same;

use std::sync::Arc;

use brainsweep::connectome::{Connectome, Delays};
use brainsweep::coupling;
use brainsweep::model::{self, Model, Signal};
use brainsweep::study::{Study, Term, Values};
use ndarray::Array2;

/// Two states, an output of both, two inputs that act nonlinearly.
const TWO_SIGNALS: &str = r#"
    name = "two-signals"
    summary = "a pair of rates, of which one is sent as it is and both through a sigmoid"
    equations = """
    rate = sigmoid(1.3*x - 0.7*y + shift)
    dx/dt = (-x + tanh(1.5*x - y + x_ext))/tau
    dy/dt = -y + 0.8*x + y_ext + 0.2*y*y_ext - 0.1*y^3
    """
    [states]
    x = { unit = "1", meaning = "one" }
    y = { unit = "1", meaning = "other" }
    [parameters]
    tau = { unit = "ms", default = 2.0, range = "positive", meaning = "time constant" }
    shift = { unit = "1", default = 0.2, meaning = "shift of what is sent" }
    [inputs]
    x_ext = { unit = "1", meaning = "to the one" }
    y_ext = { unit = "1", meaning = "to the other" }
    [outputs]
    rate = { unit = "1", meaning = "what both make" }
    [coupling]
    transmits = ["rate", "y"]
    receives = ["x_ext", "y_ext"]
"#;

/// A state and an output fed back, each with a delay of its own.
const TWO_FEEDBACKS: &str = r#"
    name = "two-feedbacks"
    summary = "a relay that feels its past twice"
    equations = """
    product = x*y + 0.3*x
    dx/dt = -x - k*tanh(delayed(x, d1)) + 0.4*delayed(product, d2) + x_ext
    dy/dt = -0.5*y + 0.3*x - 0.2*y^3
    """
    [states]
    x = { unit = "1", meaning = "activity" }
    y = { unit = "1", meaning = "trace" }
    [parameters]
    k = { unit = "1/ms", default = 1.4, meaning = "strength" }
    d1 = { unit = "ms", default = 2.0, range = "non-negative", meaning = "first delay" }
    d2 = { unit = "ms", default = 3.1, range = "non-negative", meaning = "second delay" }
    [inputs]
    x_ext = { unit = "1/ms", meaning = "input" }
    [outputs]
    product = { unit = "1", meaning = "product" }
    [coupling]
    transmits = "x"
    receives = "x_ext"
"#;

/// The model of that name, or of the texts above.
fn model(name: &str) -> &'static Model {
    match name {
        "two-signals" => model::intern("two-signals", TWO_SIGNALS).unwrap(),
        "two-feedbacks" => model::intern("two-feedbacks", TWO_FEEDBACKS).unwrap(),
        name => model::find(name).unwrap(),
    }
}

/// Numbers from 0 to 1, the same every time for a seed.
fn randoms(seed: u64) -> impl FnMut() -> f64 {
    let mut state = 88172645463325252u64 ^ seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// Random weights, of which some are 0, and tract lengths up to 60 mm.
fn connectome(n_nodes: usize, random: &mut impl FnMut() -> f64) -> Arc<Connectome> {
    let mut matrix = |low: f64, high: f64, holes: bool| {
        Array2::from_shape_fn((n_nodes, n_nodes), |(i, j)| {
            let (value, hole) = (low + (high - low) * random(), random() < 0.2);
            match i == j || holes && hole && (i + 1) % n_nodes != j {
                true => 0.0,
                false => value,
            }
        })
    };
    let weights = matrix(0.1, 1.0, true);
    let lengths = Delays::TractLengths(matrix(5.0, 60.0, false));
    Arc::new(Connectome::new(None, weights, lengths, None).unwrap())
}

/// Couples `pairs` of signals and inputs by a form with parameters that are not its defaults, different at every node.
fn term(
    study: &Study,
    form: &str,
    pairs: &[(&str, &str)],
    random: &mut impl FnMut() -> f64,
) -> Term {
    let form = coupling::find(form).unwrap();
    let mut term = Term::new(study.model, form);
    term.pairs = pairs
        .iter()
        .map(|(source, target)| Study::pair(study.model, source, target).unwrap())
        .collect();
    let n_nodes = study.connectome.n_nodes();
    for (values, parameter) in term.parameters.iter_mut().zip(&form.parameters) {
        // Moderate slopes, so that differences are accurate.
        let about = match (form.name, parameter.name) {
            (_, "g") => 0.4,
            ("sigmoidal", "sigma") | ("pre-sigmoidal", "G") => 1.5,
            ("linear" | "scaling", "a") => 0.7,
            ("kuramoto", "per_node") => 0.5,
            ("sigmoidal-jansen-rit", "cmax") => 1.2,
            ("sigmoidal-jansen-rit", "midpoint") => 0.3,
            (_, _) if parameter.default == 0.0 => 0.2,
            _ => parameter.default,
        };
        let each = (0..n_nodes).map(|_| about * (0.9 + 0.2 * random()));
        *values = Values::PerNode(each.collect());
    }
    term
}

/// The smooth forms.
const FORMS: [&str; 9] = [
    "diffusive",
    "additive",
    "linear",
    "scaling",
    "sigmoidal",
    "sigmoidal-jansen-rit",
    "pre-sigmoidal",
    "hyperbolic-tangent",
    "kuramoto",
];

/// Models, and how their signals are coupled.
const SIGNALS: [(&str, &[(&str, &str)]); 6] = [
    ("fitzhugh-nagumo", &[("x", "x_ext")]),
    ("wilson-cowan", &[("y", "x_ext")]),
    ("stuart-landau", &[("x", "x_ext"), ("y", "y_ext")]),
    ("two-signals", &[("rate", "x_ext"), ("y", "y_ext")]),
    ("kuramoto", &[("theta", "theta_ext")]),
    ("two-feedbacks", &[("product", "x_ext")]),
];

/// A random network of a few nodes with one form of coupling, for every form and set of signals; some with a second one.
fn networks() -> impl Iterator<Item = (String, Study)> {
    let registered = brainsweep::coupling::FORMS.iter().map(|form| form.name);
    let mut tested = FORMS;
    tested.sort_unstable();
    let mut registered: Vec<&str> = registered.collect();
    registered.sort_unstable();
    assert_eq!(registered, tested, "every coupling is tested");
    let pairs = FORMS
        .into_iter()
        .flat_map(|form| SIGNALS.map(|signals| (form, signals)));
    pairs.enumerate().map(|(seed, (form, (name, signals)))| {
        let mut random = randoms(seed as u64);
        let n_nodes = 3 + seed % 3;
        let mut study = Study::new(model(name), connectome(n_nodes, &mut random));
        study.coupling.terms = vec![term(&study, form, signals, &mut random)];
        if form == "additive" {
            study.coupling.terms[0].pairs[0].squares = Some(study.input.len() - 1);
        }
        if seed % 4 == 1 {
            let mut second = term(&study, FORMS[(seed + 2) % 9], &signals[..1], &mut random);
            second.name = "second".into();
            study.coupling.terms.push(second);
        }
        for values in study.input.iter_mut() {
            let each = (0..n_nodes).map(|_| 0.3 * random());
            *values = Values::PerNode(each.collect());
        }
        (format!("{form}, {name}, {n_nodes} nodes"), study)
    })
}

/// The right-hand side of a network, written down once more: closed forms of the couplings, plain loops.
struct Reference<'a>(&'a Study);

impl Reference<'_> {
    /// Coefficients of the model at a node.
    fn coefficients(&self, node: usize) -> Vec<f64> {
        let parameters: Vec<f64> = self.0.parameters.iter().map(|v| v.at(node)).collect();
        self.0.model.prepare(&parameters)
    }

    fn signal(&self, signal: Signal, node: usize, state: &[f64]) -> f64 {
        match signal {
            Signal::State(s) => state[s],
            Signal::Output(k) => {
                let model = self.0.model;
                let input = vec![0.0; model.n_inputs()];
                model.outputs(state, &input, &self.coefficients(node))[k]
            }
        }
    }

    /// Derivatives of all states at `u`; `of(i, j)` is the state of j that i receives, `own(i, k)` that of i that feedback k reads.
    fn rates(
        &self,
        u: &[f64],
        of: &dyn Fn(usize, usize) -> Vec<f64>,
        own: &dyn Fn(usize, usize) -> Vec<f64>,
    ) -> Vec<f64> {
        let study = self.0;
        let model = study.model;
        let n_states = model.states.len();
        let mut out = Vec::new();
        for (i, state) in u.chunks_exact(n_states).enumerate() {
            let mut input: Vec<f64> = study.input.iter().map(|v| v.at(i)).collect();
            for term in &study.coupling.terms {
                for pair in &term.pairs {
                    let x_i = self.signal(pair.source, i, state);
                    let receives = |j: usize| self.signal(pair.source, j, &of(i, j));
                    input[pair.target] += self.received(term, i, x_i, &receives);
                    if let Some(target) = pair.squares {
                        input[target] += self.received_through_squares(term, i, &receives);
                    }
                }
            }
            for (k, feedback) in model.feedback.iter().enumerate() {
                input.push(self.signal(feedback.signal, i, &own(i, k)));
            }
            out.extend(model.drift(state, &input, &self.coefficients(i)));
        }
        out
    }

    /// All at rest.
    fn at_rest(&self, u: &[f64]) -> Vec<f64> {
        let n = self.0.model.states.len();
        let state = |j: usize| u[j * n..(j + 1) * n].to_vec();
        self.rates(u, &|_, j| state(j), &|i, _| state(i))
    }

    fn number(term: &Term, name: &str, node: usize) -> f64 {
        term.parameters[term.form.parameter(name).unwrap()].at(node)
    }

    fn received(&self, term: &Term, i: usize, x_i: f64, x: &dyn Fn(usize) -> f64) -> f64 {
        let weights = &self.0.connectome.weights;
        let n = weights.nrows();
        let others = || (0..n).filter(|&j| j != i && weights[[i, j]] != 0.0);
        let sum = |f: &dyn Fn(usize) -> f64| others().map(|j| weights[[i, j]] * f(j)).sum::<f64>();
        let number = |name: &str| Self::number(term, name, i);
        let of = |name: &str, j: usize| Self::number(term, name, j);
        let logistic = |x: f64| 1.0 / (1.0 + (-x).exp());
        let g = number("g");
        match term.form.name {
            "diffusive" => g * sum(&|j| x(j) - x_i),
            "additive" => g * sum(x),
            "linear" => number("a") * g * sum(x) + number("b"),
            "scaling" => number("a") * g * sum(x),
            "sigmoidal" => {
                let (low, high) = (number("cmin"), number("cmax"));
                let at = number("a") * (g * sum(x) - number("midpoint")) / number("sigma");
                low + (high - low) * logistic(at)
            }
            "sigmoidal-jansen-rit" => {
                let sent = |j: usize| {
                    let (low, high) = (of("cmin", j), of("cmax", j));
                    low + (high - low) * logistic(of("r", j) * (x(j) - of("midpoint", j)))
                };
                g * number("a") * sum(&sent)
            }
            "pre-sigmoidal" => {
                let sent = |j: usize| {
                    let slope = of("G", j) * (of("P", j) * x(j) - of("theta", j));
                    of("H", j) * (of("Q", j) + slope.tanh())
                };
                g * sum(&sent)
            }
            "hyperbolic-tangent" => {
                let sent = |j: usize| {
                    let at = (of("b", j) * x(j) - of("midpoint", j)) / of("sigma", j);
                    of("a", j) * (1.0 + at.tanh())
                };
                g * sum(&sent)
            }
            "kuramoto" => {
                let per_node = number("per_node");
                let factor = 1.0 - per_node + per_node / n as f64;
                g * factor * sum(&|j| (x(j) - x_i).sin())
            }
            other => panic!("no closed form of {other}"),
        }
    }

    /// Only `additive` has it.
    fn received_through_squares(&self, term: &Term, i: usize, x: &dyn Fn(usize) -> f64) -> f64 {
        assert_eq!(term.form.name, "additive");
        let row = self.0.connectome.weights.row(i);
        let squares = row.iter().enumerate().filter(|(j, _)| *j != i);
        let g = Self::number(term, "g", i);
        g * g * squares.map(|(j, w)| w * w * x(j)).sum::<f64>()
    }
}

/// Some state, `[dim]`.
fn somewhere(study: &Study, random: &mut impl FnMut() -> f64) -> Vec<f64> {
    let dim = study.connectome.n_nodes() * study.model.states.len();
    (0..dim).map(|_| 0.2 + 0.6 * random()).collect()
}

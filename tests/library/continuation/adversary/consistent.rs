//! The same problem in other guises has the same events.

use brainsweep::continuation::{Diagram, Event, EventKind, NodeProblem, Problem, Settings};
use brainsweep::testing::scalar::{Scalar, Series2, Series4};

/// A node of two states with its states in the other order, its parameter counted the other way, or in another unit of time.
struct Guise<'a> {
    node: &'a NodeProblem,
    swapped: bool,
    /// The parameter times this is that of the node.
    sign: f64,
    /// Rates are those of the node times this.
    speed: f64,
}

impl Guise<'_> {
    fn states<T: Copy>(&self, u: &[T]) -> [T; 2] {
        if self.swapped {
            [u[1], u[0]]
        } else {
            [u[0], u[1]]
        }
    }

    /// Columns by states and then the parameter, of rates by columns.
    fn matrix(&self, of_node: &[f64], matrix: &mut [f64], sign_of_parameter: f64) {
        for c in 0..3 {
            let (from, factor) = match (c, self.swapped) {
                (2, _) => (2, self.speed * sign_of_parameter),
                (c, true) => (1 - c, self.speed),
                (c, false) => (c, self.speed),
            };
            let column = self.states(&of_node[2 * from..2 * from + 2]);
            for r in 0..2 {
                matrix[2 * c + r] = factor * column[r];
            }
        }
    }

    fn rates<S: Scalar>(&self, rates: &mut [S], of_node: [S; 2]) {
        for (rate, own) in rates.iter_mut().zip(self.states(&of_node)) {
            *rate = own * S::lit(self.speed);
        }
    }
}

impl Problem for Guise<'_> {
    fn unknown_names(&self) -> Vec<String> {
        self.states(&[0, 1])
            .map(|i: usize| self.node.unknown_names()[i].clone())
            .to_vec()
    }

    fn parameter_names(&self) -> Vec<String> {
        self.node.parameter_names()
    }

    fn dimension(&self) -> usize {
        2
    }

    fn parameter_count(&self) -> usize {
        1
    }

    fn value(&self, u: &[f64], p: &[f64], value: &mut [f64]) {
        let mut of_node = [0.0; 2];
        self.node
            .value(&self.states(u), &[self.sign * p[0]], &mut of_node);
        self.rates(value, of_node);
    }

    fn derivative(&self, u: &[f64], p: &[f64], value: &mut [f64], derivative: &mut [f64]) {
        let (mut rates, mut of_node) = ([0.0; 2], [0.0; 6]);
        let p = [self.sign * p[0]];
        self.node
            .derivative(&self.states(u), &p, &mut rates, &mut of_node);
        self.rates(value, rates);
        self.matrix(&of_node, derivative, self.sign);
    }

    fn second_derivative(&self, u: &[f64], p: &[f64], direction: &[f64], second: &mut [f64]) {
        let mut of_node = [0.0; 6];
        let [first, other] = self.states(direction);
        let along = [first, other, self.sign * direction[2]];
        let p = [self.sign * p[0]];
        self.node
            .second_derivative(&self.states(u), &p, &along, &mut of_node);
        self.matrix(&of_node, second, self.sign);
    }

    fn series2(&self, u: &[Series2], p: &[Series2], rates: &mut [Series2]) {
        let mut of_node = self.states(u);
        self.node.series2(
            &self.states(u),
            &[p[0] * Series2::lit(self.sign)],
            &mut of_node,
        );
        self.rates(rates, of_node);
    }

    fn series4(&self, u: &[Series4], p: &[Series4], rates: &mut [Series4]) {
        let mut of_node = self.states(u);
        self.node.series4(
            &self.states(u),
            &[p[0] * Series4::lit(self.sign)],
            &mut of_node,
        );
        self.rates(rates, of_node);
    }
}

/// Name and place of every event of equilibria, or of cycles, in order; without what is no bifurcation.
fn events(diagram: &Diagram, sign: f64, of_cycles: bool) -> Vec<(&'static str, f64)> {
    let all: Vec<&Event> = match of_cycles {
        true => diagram
            .cycles
            .iter()
            .flat_map(|branch| branch.events())
            .collect(),
        false => diagram.events().map(|(_, event)| event).collect(),
    };
    let real = all
        .iter()
        .filter(|event| event.kind != EventKind::NodeFocus);
    let mut events: Vec<(&str, f64)> = real
        .map(|event| (event.kind.name(), sign * event.parameters[0]))
        .collect();
    events.sort_by(|a, b| a.0.cmp(b.0).then(a.1.total_cmp(&b.1)));
    events
}

/// In words what two lists have that is not the same.
fn difference(
    guise: &str,
    found: &[(&str, f64)],
    expected: &[(&str, f64)],
    tolerance: f64,
) -> Option<String> {
    let same = |a: &(&str, f64), b: &(&str, f64)| {
        a.0 == b.0 && (a.1 - b.1).abs() <= tolerance * (1.0 + b.1.abs())
    };
    let alike =
        found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| same(a, b));
    (!alike).then(|| format!("{guise}: {found:?}, else {expected:?}"))
}

/// Events of equilibria are located to about 1e-12, those of cycles to about 1e-7 on any mesh.
const OF_EQUILIBRIA: f64 = 1e-9;
const OF_CYCLES: f64 = 1e-5;

/// Where the diagram depends on how it was looked for.
pub fn against_guises(node: &NodeProblem, diagram: &Diagram, settings: &Settings) -> Vec<String> {
    let mut faults = Vec::new();
    let [low, high] = settings.range;
    let expected = [false, true].map(|of_cycles| events(diagram, 1.0, of_cycles));
    let mut check = |name: &str, guise: &Guise<'_>, settings: &Settings| {
        let sign = guise.sign;
        let start = [sign * node.start()[0]];
        match Diagram::new(guise, &start, settings) {
            Ok(found) => {
                let tolerances = [OF_EQUILIBRIA, OF_CYCLES];
                for (k, of_cycles) in [false, true].into_iter().enumerate() {
                    let found = events(&found, sign, of_cycles);
                    faults.extend(difference(name, &found, &expected[k], tolerances[k]));
                }
                let stopped = found.stopped.iter();
                faults.extend(stopped.map(|remark| format!("{name}: {}", remark.report())));
            }
            Err(error) => faults.push(format!("{name}: {error}")),
        }
    };
    let plain = Guise {
        node,
        swapped: false,
        sign: 1.0,
        speed: 1.0,
    };
    for factor in [0.25, 0.5, 2.0] {
        let mut other = settings.clone();
        other.step_max *= factor;
        other.step *= factor;
        check(&format!("steps times {factor}"), &plain, &other);
    }
    for mesh in [20, 80] {
        let mut other = settings.clone();
        other.mesh = mesh;
        check(&format!("{mesh} mesh intervals"), &plain, &other);
    }
    check(
        "states swapped",
        &Guise {
            swapped: true,
            ..plain
        },
        settings,
    );
    let slow = Settings {
        period_max: 10.0 * settings.period_max,
        ..settings.clone()
    };
    check(
        "time times 10",
        &Guise {
            speed: 0.1,
            ..plain
        },
        &slow,
    );
    let mirrored = Settings {
        range: [-high, -low],
        ..settings.clone()
    };
    check(
        "the other direction",
        &Guise {
            sign: -1.0,
            ..plain
        },
        &mirrored,
    );
    // Cycles that are born in one part of the range may reach into the other.
    let middle = low + 0.6180339 * (high - low);
    for part in [[low, middle], [middle, high]] {
        let settings = Settings {
            range: part,
            cycles: false,
            ..settings.clone()
        };
        let inside = |event: &&(&str, f64)| (part[0]..=part[1]).contains(&event.1);
        let expected: Vec<(&str, f64)> = expected[0].iter().filter(inside).copied().collect();
        match Diagram::new(node, node.start(), &settings) {
            Ok(found) => {
                let found = events(&found, 1.0, false);
                let name = format!("from {} to {}", part[0], part[1]);
                faults.extend(difference(&name, &found, &expected, OF_EQUILIBRIA));
            }
            Err(error) => faults.push(error.to_string()),
        }
    }
    faults
}

//! Random small networks with delays, symmetric ones among them: every branch comes to an end of its own, and says of every
//! equilibrium how many roots are unstable, and of every change why.
//!
//! The count knows nothing of continuation: the phase of the whole characteristic determinant along the imaginary axis, with
//! Jacobians of its own.
//!
//! ```sh
//! SETS=1000 NODES=6 cargo test --release --test library continuation_delay::random -- --nocapture
//! ```

mod rates;

use std::f64::consts::PI;
use std::sync::Arc;

use crate::random::Random;
use brainsweep::Control;
use brainsweep::branches::{Branch, Found, Kind};
use brainsweep::connectome::{Connectome, Delays};
use brainsweep::continuation::{Event, EventKind};
use brainsweep::coupling;
use brainsweep::model;
use brainsweep::run::{Request, bifurcate, varied};
use brainsweep::study::{Study, Values};
use ndarray::Array2;
use num_complex::Complex64;

use rates::{Dual, bounds, rates};

impl Random {
    fn below(&mut self, n: usize) -> usize {
        (self.between(0.0, n as f64) as usize).min(n - 1)
    }
}

/// A network as the count needs it.
struct Net {
    model: &'static str,
    /// Of every node, in the order of [`bounds`].
    numbers: Vec<Vec<f64>>,
    g: f64,
    diffusive: bool,
    weights: Array2<f64>,
    delays: Array2<f64>,
    varied: &'static str,
    range: [f64; 2],
    study: Study,
    told: String,
}

impl Net {
    /// A network of two to `most_nodes` nodes.
    fn new(random: &mut Random, most_nodes: usize) -> Self {
        let model = ["fitzhugh-nagumo", "stuart-landau", "wilson-cowan"][random.below(3)];
        let n = 2 + random.below(most_nodes - 1);
        let shape = ["chain", "ring", "full", "random"][random.below(4)];
        let equal_nodes = random.below(2) == 0;
        let equal_tracts = random.below(2) == 0;
        let diffusive = random.below(2) == 0;
        let g = random.between(0.05, 1.2);
        let longest = [0.01, 2.0, 8.0, 20.0][random.below(4)];
        let one_length = random.between(0.1, 1.0) * longest;
        let mut weights = Array2::zeros((n, n));
        let mut delays = Array2::zeros((n, n));
        for i in 0..n {
            for j in 0..i {
                let is_there = match shape {
                    "chain" => i - j == 1,
                    "ring" => i - j == 1 || i - j == n - 1,
                    "full" => true,
                    _ => random.below(2) == 0,
                };
                for (i, j) in [(i, j), (j, i)] {
                    let (weight, length) = (random.between(0.2, 1.0), random.between(0.1, 1.0));
                    let even = equal_tracts || shape != "random";
                    weights[[i, j]] = if !is_there {
                        0.0
                    } else if even {
                        1.0
                    } else {
                        weight
                    };
                    delays[[i, j]] = if equal_tracts {
                        one_length
                    } else {
                        length * longest
                    };
                }
            }
        }
        let bounds = bounds(model);
        let mut node = || {
            bounds
                .iter()
                .map(|&(_, low, high)| random.between(low, high))
                .collect()
        };
        let first: Vec<f64> = node();
        let numbers: Vec<Vec<f64>> = (0..n)
            .map(|_| if equal_nodes { first.clone() } else { node() })
            .collect();
        let inputs = match model {
            "fitzhugh-nagumo" => [-0.5, 2.0],
            "stuart-landau" => [-1.0, 1.0],
            _ => [-2.0, 5.0],
        };
        let (varied, range) = match random.below(4) {
            0 => ("coupling.g", [0.0, 1.5]),
            1 => ("coupling.conduction_speed", [0.3, 3.0]),
            2 if model == "stuart-landau" && equal_nodes => ("parameters.a", [-1.0, 1.5]),
            _ => ("x_ext", inputs),
        };
        let tracts = Delays::TractLengths(delays.clone());
        let connectome = Connectome::new(None, weights.clone(), tracts, None).unwrap();
        let mut study = Study::new(model::find(model).unwrap(), Arc::new(connectome));
        let form = if diffusive { "diffusive" } else { "additive" };
        study.couple(coupling::find(form).unwrap());
        study.coupling.terms[0].parameters[0] = Values::Uniform(g);
        study.coupling.conduction_speed = 1.0;
        for (k, (name, ..)) in bounds.iter().enumerate() {
            let each: Vec<f64> = numbers.iter().map(|node| node[k]).collect();
            let at = study.model.parameters.iter().position(|p| p.name == *name);
            study.parameters[at.unwrap()] = match equal_nodes {
                true => Values::Uniform(each[0]),
                false => Values::PerNode(each),
            };
        }
        let alike = if equal_nodes { "equal" } else { "different" };
        let tracts = if equal_tracts { "equal" } else { "different" };
        let told = format!(
            "{model}, {n} {alike} nodes, {shape}, {tracts} tracts to {longest} ms, {form}, {varied}, g {g}"
        );
        Self {
            model,
            numbers,
            g,
            diffusive,
            weights,
            delays,
            varied,
            range,
            study,
            told,
        }
    }

    /// A number that may vary, with the varied one at `p`.
    fn number(&self, name: &str, usual: f64, p: f64) -> f64 {
        if self.varied == name { p } else { usual }
    }

    /// The rates of all nodes, with their slopes.
    fn rates(&self, u: &[f64], p: f64) -> Vec<[Dual; 2]> {
        let n = self.numbers.len();
        let g = self.number("coupling.g", self.g, p);
        let input = if self.varied == "x_ext" { p } else { 0.0 };
        let each = (0..n).map(|i| {
            let (x, y) = (u[2 * i], u[2 * i + 1]);
            let own = if self.diffusive { x } else { 0.0 };
            let differences = (0..n).map(|j| self.weights[[i, j]] * (u[2 * j] - own));
            let c = g * differences.sum::<f64>() + input;
            let variables = [x, y, c].into_iter().enumerate().map(|(k, value)| {
                let mut slopes = [0.0; 3];
                slopes[k] = 1.0;
                Dual { value, slopes }
            });
            let variables: Vec<Dual> = variables.collect();
            let a = self.number("parameters.a", self.numbers[i][0], p);
            rates(
                self.model,
                &self.numbers[i],
                a,
                variables.try_into().unwrap(),
            )
        });
        each.collect()
    }

    /// Largest rate of change of the states.
    fn residual(&self, u: &[f64], p: f64) -> f64 {
        let rates = self.rates(u, p).into_iter().flatten();
        rates.fold(0.0, |largest, rate| largest.max(rate.value.abs()))
    }

    /// The phase of det Delta(i omega) / (i omega + 1)^(2 n), with the argument taken apart.
    fn determinant(&self, rates: &[[Dual; 2]], p: f64, omega: f64) -> Complex64 {
        let n = self.numbers.len();
        let g = self.number("coupling.g", self.g, p);
        let speed = self.number("coupling.conduction_speed", 1.0, p);
        let lambda = Complex64::new(0.0, omega);
        let dim = 2 * n;
        let mut a = vec![Complex64::ZERO; dim * dim];
        for i in 0..n {
            for (row, rate) in (2 * i..).zip(&rates[i]) {
                let [by_x, by_y, by_c] = rate.slopes;
                a[row * dim + row] += lambda;
                a[row * dim + 2 * i] -= by_x;
                a[row * dim + 2 * i + 1] -= by_y;
                for j in 0..n {
                    let weight = g * self.weights[[i, j]] * by_c;
                    let late = (-lambda * (self.delays[[i, j]] / speed)).exp();
                    a[row * dim + 2 * j] -= late * weight;
                    if self.diffusive {
                        a[row * dim + 2 * i] += weight;
                    }
                }
            }
        }
        let mut product = Complex64::ONE;
        for k in 0..dim {
            let pivot = (k..dim)
                .max_by(|&r, &s| a[r * dim + k].norm().total_cmp(&a[s * dim + k].norm()))
                .unwrap();
            if pivot != k {
                product = -product;
                for column in 0..dim {
                    a.swap(k * dim + column, pivot * dim + column);
                }
            }
            product *= a[k * dim + k] / (lambda + 1.0);
            for row in k + 1..dim {
                let factor = a[row * dim + k] / a[k * dim + k];
                for column in k..dim {
                    let entry = a[k * dim + column];
                    a[row * dim + column] -= factor * entry;
                }
            }
        }
        product
    }

    /// No root to the right of the axis is larger than this: the largest sum of a row.
    fn bound(&self, rates: &[[Dual; 2]], p: f64) -> f64 {
        let g = self.number("coupling.g", self.g, p);
        let rows = rates.iter().enumerate().flat_map(|(i, rates)| {
            let received = g * self.weights.row(i).sum() * if self.diffusive { 2.0 } else { 1.0 };
            rates.map(|rate| {
                let [by_x, by_y, by_c] = rate.slopes.map(f64::abs);
                by_x + by_y + by_c * received
            })
        });
        rows.fold(0.0, f64::max)
    }

    /// Over this frequency no product of the nodes' delayed terms turns by more than a tenth of a radian.
    fn turn(&self, p: f64) -> f64 {
        let longest = self.delays.iter().fold(0.0, |a, b| f64::max(a, *b));
        let speed = self.number("coupling.conduction_speed", 1.0, p);
        0.1 * speed / (longest * self.numbers.len() as f64)
    }

    /// How many characteristic roots have a positive real part; `None` where one lies on the axis, as far as steps can tell.
    fn n_unstable(&self, u: &[f64], p: f64) -> Option<usize> {
        const PANELS: usize = 400;
        let rates = self.rates(u, p);
        let (bound, turn) = (self.bound(&rates, p), self.turn(p));
        // From here to infinity the phase turns by less than half a turn: no factor 1 - a/(i omega) with |a| up to the bound turns by
        // more than asin(bound/omega).
        let top = f64::max(40.0, self.numbers.len() as f64 * (bound + 1.0));
        let value = |omega: f64| self.determinant(&rates, p, omega);
        let mut turned = 0.0;
        let mut last = (0.0, value(0.0));
        while last.0 < top {
            // Finer near 0, where most roots cross; and where roots may be, so fine that no loop of delays turns round unseen.
            let share = (last.0 / top).sqrt() + 0.5 / PANELS as f64;
            let usual = 2.0 * top * share / PANELS as f64;
            let step = if last.0 < 3.0 * bound {
                usual.min(turn)
            } else {
                usual
            };
            let mut ends = vec![(last.0 + step).min(top)];
            while let Some(&omega) = ends.last() {
                let here = value(omega);
                let by = (here / last.1).arg();
                if !by.is_finite() || omega - last.0 < 1e-10 {
                    return None;
                }
                if by.abs() > 0.2 {
                    ends.push(0.5 * (last.0 + omega));
                    continue;
                }
                turned += by;
                last = (omega, here);
                ends.pop();
            }
        }
        let n = -(turned - last.1.arg()) / PI;
        assert!((n - n.round()).abs() < 1e-6 && n > -0.5, "{n}");
        Some(n.round() as usize)
    }

    /// All that is found, with steps of a share of the usual ones.
    fn found(&self, share: f64) -> Found {
        let mut request = Request::new(
            &self.study,
            vec![varied(&self.study, self.varied, self.range).unwrap()],
        );
        request.delays = true;
        request.settings.step_max *= share;
        request.settings.step *= share;
        bifurcate(&self.study, &request, &Control::default())
            .unwrap()
            .found
    }

    /// What is wrong with what was found, in words.
    fn faults(&self, found: &Found) -> Vec<String> {
        let mut faults: Vec<String> = found.stopped.iter().map(|remark| remark.report()).collect();
        for branch in found.of(Kind::Equilibria) {
            if branch.ends.iter().any(|end| end == "stopped") {
                faults.push(format!("{} stops short", branch.name));
            }
            self.against_count(branch, &mut faults);
        }
        faults
    }

    fn against_count(&self, branch: &Branch, faults: &mut Vec<String>) {
        let every = (branch.points.len() / 12).max(1);
        for (k, point) in branch.points.iter().enumerate() {
            let (u, p) = (&point.state, point.parameters[0]);
            if self.residual(u, p) > 1e-9 {
                faults.push(format!("{p}: the state moves by {:e}", self.residual(u, p)));
            }
            let known = point.n_unstable.unwrap();
            if k > 0 {
                let mut count = branch.points[k - 1].n_unstable.unwrap();
                for event in &point.events {
                    if event.n_unstable_before != count {
                        faults.push(format!(
                            "{p}: {count} unstable roots become {}",
                            event.n_unstable_before
                        ));
                    }
                    count = event.n_unstable_after;
                }
                if count != known {
                    faults.push(format!("{p}: {count} unstable roots become {known}"));
                }
            }
            if k % every == 0
                && let Some(right) = self.n_unstable(u, p)
                && right != known
            {
                faults.push(format!("{p}: {right} roots are unstable, not {known}"));
            }
        }
    }
}

/// Kinds and places of the events that change the stability, in the order of the places.
fn events(found: &Found) -> Vec<(EventKind, f64)> {
    let of = |e: &Event| (e.kind, e.parameters[0]);
    let mut events: Vec<_> = found.events().map(|(_, event)| of(event)).collect();
    events.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.name().cmp(b.0.name())));
    events
}

/// Every branch ends at its own end, every count is right, every change is explained, and what is found does not depend on the
/// step.
#[test]
fn branches_of_random_networks_end_where_they_end() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let sets: usize = number("SETS").unwrap_or(12);
    let only: Option<usize> = number("SET");
    let most_nodes = number("NODES").unwrap_or(4);
    let mut wrong = Vec::new();
    for set in 0..sets {
        let net = Net::new(&mut Random(1000 + set as u64), most_nodes);
        if only.is_some_and(|only| only != set) {
            continue;
        }
        let start = std::time::Instant::now();
        let found = net.found(1.0);
        let mut faults = net.faults(&found);
        if set % 4 == 0 {
            let (usual, fine) = (events(&found), events(&net.found(0.3)));
            let same =
                |a: &(EventKind, f64), b: &(EventKind, f64)| a.0 == b.0 && (a.1 - b.1).abs() < 1e-6;
            if usual.len() != fine.len() || !usual.iter().zip(&fine).all(|(a, b)| same(a, b)) {
                faults.push(format!("shorter steps find {fine:?}, not {usual:?}"));
            }
        }
        println!(
            "{set} {:.2?} {} faults, {} events: {}",
            start.elapsed(),
            faults.len(),
            found.events().count(),
            net.told
        );
        for fault in &faults {
            println!("    {fault}");
        }
        wrong.extend(
            faults
                .into_iter()
                .map(|fault| format!("{set}, {}: {fault}", net.told)),
        );
    }
    assert!(
        wrong.is_empty(),
        "{} faults\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

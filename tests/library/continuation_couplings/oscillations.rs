//! Hopf points with delays through every form of coupling: their normal forms, and the orbits born there, against the equations with
//! their delays written down once more; and cycles without delays by two methods.

use brainsweep::connectome::Delays;
use brainsweep::continuation::delay::branch::{
    NetworkBranch, NetworkBranchSettings, NetworkEvent, NetworkEventKind,
};
use brainsweep::continuation::delay::orbit::{OrbitBranch, OrbitSettings, PeriodicOrbit};
use brainsweep::continuation::network::Network;
use brainsweep::continuation::{self, CycleBranch};
use brainsweep::study::{Study, Values};

use super::{FORMS, Reference, connectome, model, randoms, term};

/// Three nodes that begin to oscillate with the number at the path.
struct Case {
    name: String,
    study: Study,
    path: &'static str,
    range: (f64, f64),
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (seed, form) in FORMS.into_iter().enumerate() {
        let mut random = randoms(100 + seed as u64);
        let mut study = Study::new(model("stuart-landau"), connectome(3, &mut random));
        // Both signals with odd seeds, one with even ones.
        let pairs: &[(&str, &str)] = match seed % 2 {
            0 => &[("x", "x_ext")],
            _ => &[("x", "x_ext"), ("y", "y_ext")],
        };
        study.coupling.terms = vec![term(&study, form, pairs, &mut random)];
        let g = study.coupling.terms[0].form.parameter("g").unwrap();
        study.coupling.terms[0].parameters[g] = Values::Uniform(0.15);
        let each = (0..3).map(|_| 0.3 + 0.2 * random());
        study.parameters[1] = Values::PerNode(each.collect());
        cases.push(Case {
            name: format!("{form} {}", pairs.len()),
            study,
            path: "parameters.a",
            range: (-0.6, 0.9),
        });
    }
    for seed in 0..2 {
        let mut random = randoms(200 + seed);
        let mut study = Study::new(model("two-feedbacks"), connectome(3, &mut random));
        study.coupling.terms = vec![term(
            &study,
            "hyperbolic-tangent",
            &[("product", "x_ext")],
            &mut random,
        )];
        if seed == 1 {
            study
                .coupling
                .terms
                .push(term(&study, "diffusive", &[("x", "x_ext")], &mut random));
        }
        study.set_g(0.1);
        cases.push(Case {
            name: format!("two feedbacks {seed}"),
            study,
            path: "parameters.k",
            range: (0.3, 2.5),
        });
    }
    cases
}

fn first_hopf(network: &Network, case: &Case) -> NetworkEvent {
    let start = vec![0.05; network.dim()];
    let branch = NetworkBranch::new(network, &start, NetworkBranchSettings::new(case.range));
    let branch = branch.unwrap_or_else(|error| panic!("{}: {error}", case.name));
    let events = branch.flat_map(|point| {
        point
            .unwrap_or_else(|error| panic!("{}: {error}", case.name))
            .events
    });
    let mut hopf = events.filter(|event| event.kind == NetworkEventKind::Hopf);
    hopf.next()
        .unwrap_or_else(|| panic!("{} has no Hopf point", case.name))
}

/// What is left of the delayed equations on an orbit, at most.
fn left(study: &Study, orbit: &PeriodicOrbit, delayed: bool) -> f64 {
    let (n_nodes, n) = (study.connectome.n_nodes(), study.model.states.len());
    let Delays::TractLengths(lengths) = &study.connectome.delays else {
        panic!("lengths are known")
    };
    let reference = Reference(study);
    let period = orbit.period_ms();
    let mut most = 0.0f64;
    for sample in 0..23 {
        let turn = f64::from(sample) / 23.0;
        let state = |node: usize, delay: f64| -> Vec<f64> {
            let late = if delayed { delay / period } else { 0.0 };
            let all = node * n..(node + 1) * n;
            all.map(|k| orbit.at(k, turn - late).0).collect()
        };
        let u: Vec<f64> = (0..n_nodes).flat_map(|node| state(node, 0.0)).collect();
        let of = |i: usize, j: usize| state(j, lengths[[i, j]] / study.coupling.conduction_speed);
        let own =
            |i: usize, k: usize| state(i, study.parameters[study.model.feedback[k].delay].at(i));
        let rates = reference.rates(&u, &of, &own);
        for (k, rate) in rates.into_iter().enumerate() {
            most = most.max((orbit.at(k, turn).1 / period - rate).abs());
        }
    }
    most
}

/// The square of the first orbits' amplitude grows as the normal form says, and every orbit satisfies the equations with their
/// delays, as far as its last harmonics tell.
#[test]
fn orbits_grow_from_delayed_hopf_points_as_their_normal_forms_say() {
    for case in cases() {
        let network = Network::new(&case.study, case.path).unwrap();
        let hopf = first_hopf(&network, &case);
        let form = hopf.form.unwrap();
        let mut settings = OrbitSettings::new((-2.0, 3.0));
        settings.amplitude = 1e-3;
        settings.step_max = 0.1;
        settings.max_points = 4;
        let orbits = OrbitBranch::from_hopf(&network, &hopf, settings);
        let orbits = orbits.unwrap_or_else(|error| panic!("{}: {error}", case.name));
        let mut n_orbits = 0;
        for orbit in orbits {
            let orbit = orbit.unwrap_or_else(|error| panic!("{}: {error}", case.name));
            if n_orbits == 0 {
                let amplitudes = orbit.amplitudes(network.n_states());
                let square: f64 = amplitudes.iter().map(|a| a * a).sum();
                let slope = square / (orbit.p - hopf.equilibrium.p);
                let ratio = slope / form.amplitude2_slope;
                assert!(
                    (ratio - 1.0).abs() < 3e-3,
                    "{}: {ratio}, {form:?}",
                    case.name
                );
            }
            let mut at = case.study.clone();
            at.set_number(case.path, orbit.p).unwrap();
            let left = left(&at, &orbit, true);
            assert!(
                left < 1e-8,
                "{}: {left:e} is left at {}",
                case.name,
                orbit.p
            );
            n_orbits += 1;
        }
        assert_eq!(n_orbits, 4, "{}", case.name);
    }
}

/// Without delays the first Lyapunov coefficient is that of the engine for any equations, which runs the same network on power series;
/// and its cycles, by collocation, have the periods of harmonic balance.
#[test]
fn without_delays_both_engines_agree() {
    for case in cases() {
        let network = Network::new(&case.study, case.path)
            .unwrap()
            .without_delays();
        let hopf = first_hopf_without_delays(&network, &case);
        let Some(hopf) = hopf else { continue };
        let event = continuation::Event::from(&hopf);
        let mut settings = continuation::Settings::new(case.range.0, case.range.1);
        (settings.mesh, settings.max_cycles) = (16, 5);
        settings.cycles = false;
        let start = continuation::BranchStart {
            state: hopf.equilibrium.u.clone(),
            parameters: vec![hopf.equilibrium.p - 0.02],
            active: 0,
            tangent: None,
        };
        let other = continuation::EquilibriumBranch::through(&network, &start, &settings).unwrap();
        let events = other.points.iter().flat_map(|point| &point.events);
        let near = |e: &&continuation::Event| (e.parameters[0] - hopf.equilibrium.p).abs() < 1e-7;
        let same = events.filter(|e| e.omega.is_some()).find(near);
        let same = same.unwrap_or_else(|| panic!("{}: no such Hopf point", case.name));
        let (found, expected) = (event.coefficient.unwrap(), same.coefficient.unwrap());
        let miss = found / expected - 1.0;
        assert!(miss.abs() < 1e-7, "{}: l1 {found} {expected}", case.name);

        let at = [event.parameters[0]];
        let cycles = CycleBranch::from_hopf(
            &network,
            &at,
            0,
            &event,
            std::slice::from_ref(&event),
            &settings,
        );
        let cycles = cycles.unwrap_or_else(|error| panic!("{}: {error}", case.name));
        let cycle = &cycles.cycles[3];
        let wide = OrbitSettings::new((-2.0, 3.0));
        let orbits = OrbitBranch::from_hopf(&network, &hopf, wide.clone()).unwrap();
        let orbits: Vec<PeriodicOrbit> = orbits.take(12).map(Result::unwrap).collect();
        let solver = OrbitBranch::from_hopf(&network, &hopf, wide).unwrap();
        let away = |orbit: &&PeriodicOrbit| (orbit.p - cycle.parameter).abs();
        let near = orbits
            .iter()
            .min_by(|a, b| away(a).total_cmp(&away(b)))
            .unwrap();
        let orbit = solver.orbit_at(near, cycle.parameter);
        let orbit = orbit.unwrap_or_else(|error| panic!("{}: {error}", case.name));
        let miss = orbit.period_ms() / cycle.period - 1.0;
        assert!(
            miss.abs() < 1e-6,
            "{}: {} {}",
            case.name,
            orbit.period_ms(),
            cycle.period
        );
        let (_, highest) = orbit.extrema(0);
        assert!(
            (highest - cycle.maxima[0]).abs() < 1e-4,
            "{}: {highest}",
            case.name
        );
        let mut at = case.study.clone();
        at.set_number(case.path, orbit.p).unwrap();
        assert!(
            left(&at, &orbit, false) < 1e-8 || !at.model.feedback.is_empty(),
            "{}",
            case.name
        );
    }
}

/// `None` where the feedback does not destabilise without its delay.
fn first_hopf_without_delays(network: &Network, case: &Case) -> Option<NetworkEvent> {
    let start = vec![0.05; network.dim()];
    let branch =
        NetworkBranch::new(network, &start, NetworkBranchSettings::new(case.range)).unwrap();
    let mut events = branch.flat_map(|point| point.unwrap().events);
    events.find(|event| event.kind == NetworkEventKind::Hopf)
}

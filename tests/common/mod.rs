//! What the integration tests share: backends, and running a plan to its samples.
#![allow(dead_code, reason = "each test file uses its part")]

use std::io::Write as _;
use std::sync::OnceLock;

use brainsweep::backend::gpu::{Build, Gpu};
use brainsweep::backend::{Backend, Control, DeviceClass};
use brainsweep::coupling::Form;
use brainsweep::model::{Model, Signal};
use brainsweep::plan::Plan;
use brainsweep::record::{Raw, Recorded};
use brainsweep::study::{NoiseKind, Start, Study, Values};

/// One body, every backend: makes a module with the tests `cpu` and `gpu`, which call the body with the backend.
#[macro_export]
macro_rules! each_backend {
    ($($(#[$meta:meta])* fn $name:ident($backend:ident) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports, reason = "a body may need none")]
            use super::*;

            fn body($backend: &dyn brainsweep::backend::Backend) $body

            #[test]
            fn cpu() {
                body(&brainsweep::backend::cpu::Cpu::new());
            }

            #[test]
            fn gpu() {
                if let Some(gpu) = $crate::common::gpu() {
                    body(gpu);
                }
            }
        }
    )*};
}

/// The GPU under test, software or not. Without one the test is [`skipped`], or fails if
/// `REQUIRE_GPU=1`.
pub fn gpu() -> Option<&'static Gpu> {
    static GPU: OnceLock<Result<Gpu, String>> = OnceLock::new();
    let opened = GPU.get_or_init(|| Gpu::open(None, true).map_err(|error| error.to_string()));
    or_skip(opened.as_ref())
}

/// As [`gpu`], with shaders built in one given way.
pub fn gpu_with(build: Build) -> Option<Gpu> {
    or_skip(Gpu::with_build(build))
}

/// The GPU under test if it promises the bits of the CPU. One that promises less is named as the
/// reason why the test is [`skipped`].
pub fn gpu_of_equal_bits() -> Option<&'static Gpu> {
    let gpu = gpu()?;
    if gpu.device_class() == DeviceClass::Tolerance {
        skipped(&format!("{} promises no equal bits", gpu.name()));
        return None;
    }
    Some(gpu)
}

fn or_skip<G, E: std::fmt::Display>(gpu: Result<G, E>) -> Option<G> {
    match gpu {
        Ok(gpu) => Some(gpu),
        Err(error) if std::env::var("REQUIRE_GPU").is_ok_and(|value| value == "1") => {
            panic!("REQUIRE_GPU=1, but: {error}")
        }
        Err(error) => {
            skipped(&format!("no GPU adapter ({error})"));
            None
        }
    }
}

/// Says on stderr that the running test checks nothing, and why. `println!` would be captured: the
/// test passes, so nobody would read it.
pub fn skipped(why: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    writeln!(std::io::stderr(), "skipped: {why}: {test}").expect("stderr takes a line");
}

/// A step that suits the model, ms: a tenth, and less where time constants are shorter.
pub fn dt_ms(model: &Model) -> f64 {
    match model.name {
        // 0.01 and 0.02 ms.
        "threshold-linear" => 0.004,
        // Synapses that follow within 0.05 ms.
        "coombes-byrne" => 0.004,
        "epileptor" => 0.02,
        _ => 0.1,
    }
}

/// How far from where they start, and from no input, the states of a model may be taken at random: those with rates in kHz leave the
/// finite numbers soon.
pub fn spread(model: &Model) -> f64 {
    match model.name {
        "coombes-byrne" => 0.01,
        // Negative rates from outside, which the tests give, have to stay below those from within.
        "zerlaut" | "aln" => 0.0005,
        // Far from z = 4 the fast discharges explode.
        "epileptor" => 0.5,
        _ => 1.0,
    }
}

/// Every state drawn between its start and `by` more.
pub fn set_starts(study: &mut Study, by: f64) {
    let model = study.model;
    for (start, state) in study.initial.state.iter_mut().zip(&model.states) {
        *start = Start::Uniform {
            low: state.start,
            high: state.start + by * spread(model),
        };
    }
}

/// Noise of this kind on all that it acts on. `sigma` gets the noise target.
pub fn set_noise(study: &mut Study, kind: NoiseKind, mean: f64, sigma: impl Fn(usize) -> f64) {
    let model = study.model;
    study.noise.kind = kind;
    for target in 0..model.noise_targets().len() {
        let is_input = (0..model.inputs.len()).any(|i| model.noise_target_of_input(i) == target);
        let acts = match kind {
            NoiseKind::None => false,
            NoiseKind::White => target < model.states.len(),
            NoiseKind::OrnsteinUhlenbeck => is_input,
        };
        study.noise.sigma[target] = Values::Uniform(if acts {
            sigma(target) * spread(model)
        } else {
            0.0
        });
        study.noise.mean[target] = Values::Uniform(if acts { mean * spread(model) } else { 0.0 });
    }
}

/// Runs the plan and gives the samples and end of each simulation.
pub fn run(backend: &dyn Backend, plan: &Plan) -> Vec<Recorded> {
    let recorder = Raw::new(plan).expect("room for the samples");
    backend
        .run(plan, &recorder, &Control::default())
        .expect("the backend runs the plan");
    recorder.into_recorded()
}

/// How many floats differ in their bits, over samples, what monitors show, and final states.
pub fn differing_bits(a: &[Recorded], b: &[Recorded]) -> usize {
    assert_eq!(a.len(), b.len(), "the same simulations");
    a.iter()
        .zip(b)
        .map(|(a, b)| {
            assert_eq!(a.samples.shape(), b.samples.shape(), "the same samples");
            let samples = a.samples.iter().zip(&b.samples);
            let observed = a.observed.iter().zip(&b.observed).flat_map(|(a, b)| {
                assert_eq!(a.shape(), b.shape(), "the monitors show as much");
                a.iter().zip(b)
            });
            samples
                .chain(observed)
                .chain(a.end.state.iter().zip(&b.end.state))
                .filter(|(x, y)| x.to_bits() != y.to_bits())
                .count()
        })
        .sum()
}

/// Couples the nodes by the form of this name, `g` as before, or not at all: `none`.
pub fn couple(study: &mut Study, kind: &str) {
    if kind == "none" {
        study.coupling.terms.clear();
    } else {
        study.couple(brainsweep::coupling::find(kind).expect("a coupling of ours"));
    }
}

/// Whether networks of this model can be coupled by this form.
pub fn can_couple(model: &Model, form: &Form) -> bool {
    let is_late = |&signal: &Signal| model.is_late(signal);
    (model.receives_squares.is_empty() || form.has_squares())
        && !(form.needs_own() && model.transmits.iter().any(is_late))
}

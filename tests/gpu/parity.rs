//! The contract: every kernel gives the same bits.
//!
//! The reference is the `f32` kernel of the CPU. Against it stand every other kernel that this machine can run (one simulation and
//! several side by side; in AVX-512 and AVX2 registers where there are any, and as any CPU has them), and the GPU with shaders
//! built in both exact ways. The last test shows that these tests can fail.

use crate::common;
use crate::common_tables as tables;

use std::sync::Arc;

use brainsweep::backend::DeviceClass;
use brainsweep::backend::cpu::{Cpu, Kernel, Lanes};
use brainsweep::backend::gpu::{Build, Gpu, conformance};
use brainsweep::connectome::{Connectome, Delays, synthetic};
use brainsweep::coupling::{self, DelayReads, DelayRounding, FORMS};
use brainsweep::integrator::{CouplingAt, Integrator};
use brainsweep::io::study;
use brainsweep::model::{Bounds, MODELS, Model, State};
use brainsweep::plan::Plan;
use brainsweep::record::Recorded;
use brainsweep::study::{
    MapFormula, NoiseKind, NoiseScheme, Past, Rule, RuleForm, Stimulus, Study, Values,
};
use brainsweep::waveform::Waveform;
use common::{differing_bits, gpu_with, run};
use ndarray::Array2;
use rayon::prelude::*;

/// The exact ways of building shaders that any device of Vulkan takes.
const EXACT_BUILDS: [Build; 2] = [Build::NoContraction, Build::Barrier];

/// Every kind of noise.
const NOISES: [NoiseKind; 3] = [
    NoiseKind::None,
    NoiseKind::White,
    NoiseKind::OrnsteinUhlenbeck,
];

/// The GPUs whose bits must be the CPU's: none if there is no adapter.
fn exact_gpus() -> Vec<Gpu> {
    let own = common::gpu().map(Gpu::build);
    let own = own.filter(|build| *build == Build::DenormPreserve);
    let builds = own.into_iter().chain(EXACT_BUILDS);
    builds.filter_map(gpu_with).collect()
}

/// The plan on the reference kernel, and the bits by which every other kernel differs from it.
fn differences(plan: &Plan, gpus: &[Gpu]) -> (Vec<Recorded>, Vec<(String, usize)>) {
    let on = |kernel| run(&Cpu::with_kernel(kernel).expect("it was found"), plan);
    let reference = on(Kernel::Reference);
    let mut differences = Vec::new();
    for kernel in Cpu::kernels() {
        if kernel != Kernel::Reference {
            let found = on(kernel);
            differences.push((kernel.name(), differing_bits(&reference, &found)));
        }
    }
    for gpu in gpus {
        let found = run(gpu, plan);
        differences.push((
            format!("{:?}", gpu.build()),
            differing_bits(&reference, &found),
        ));
    }
    (reference, differences)
}

#[track_caller]
fn assert_equal_bits(what: &str, plan: &Plan, gpus: &[Gpu]) {
    let (reference, differences) = differences(plan, gpus);
    assert!(
        reference
            .iter()
            .all(|recorded| recorded.end.divergence.is_none()),
        "{what}: the numbers are finite, so that the comparison means something"
    );
    for (kernel, differing) in differences {
        assert_eq!(differing, 0, "{what}: {kernel} differs from the reference");
    }
}

/// Every function of the contract, the generator and the normals, on 2^20 inputs: the whole of `Scalar` on both builds. Where a device
/// takes subnormal numbers for 0 its class says so, and nothing else differs.
#[test]
fn functions_have_the_hosts_bits() {
    let inputs = conformance::inputs(1 << 20);
    for gpu in exact_gpus() {
        assert_ne!(
            gpu.device_class(),
            DeviceClass::Tolerance,
            "{:?}",
            gpu.build()
        );
        let mismatches = gpu.mismatches(gpu.build(), &inputs).unwrap();
        let flushes = gpu.device_class() == DeviceClass::ExactButForSubnormals;
        for (probe, differing) in conformance::PROBES.iter().zip(mismatches) {
            if flushes && conformance::is_of_subnormals(probe) {
                continue;
            }
            assert_eq!(differing, 0, "{:?}: {probe}", gpu.build());
        }
    }
}

/// A small directed network of a model with everything switched on: noise, delays, inputs, values that differ between
/// nodes and simulations.
fn small_networks(
    model: &'static Model,
    integrator: Integrator,
    coupling: &str,
    noise: NoiseKind,
    n_nodes: usize,
) -> Vec<Study> {
    let connectome = Arc::new(synthetic::random(n_nodes, 0.4, 30.0, 11));
    (0..9u32)
        .map(|k| {
            let mut study = Study::new(model, Arc::clone(&connectome));
            study.integrator = integrator;
            common::couple(&mut study, coupling);
            study.set_g(0.05 * f64::from(k));
            study.protocol.dt = common::dt_ms(model) / 2.0;
            study.record.every = study.protocol.dt;
            study.protocol.seed = 100 + u64::from(k);
            study.protocol.simulation = k;
            common::set_noise(&mut study, noise, 0.01, |_| if k == 4 { 0.0 } else { 0.02 });
            let input = |node: usize| (0.1 + 0.01 * node as f64) * common::spread(model);
            study
                .input
                .fill(Values::PerNode((0..n_nodes).map(input).collect()));
            common::set_starts(&mut study, 0.3);
            let first = study.parameters[0].at(0);
            study.parameters[0] = Values::PerNode(
                (0..n_nodes)
                    .map(|node| first * (1.0 + 0.01 * node as f64))
                    .collect(),
            );
            let past = Past::Uniform {
                low: 0.0,
                high: 0.2,
            };
            let signals = study.signals().into_iter();
            study.initial.history = signals.map(|signal| (signal, past.clone())).collect();
            study
        })
        .collect()
}

fn steps(studies: &[Study], n_steps: u32) -> Plan {
    let mut studies = studies.to_vec();
    for study in &mut studies {
        study.protocol.duration = study.protocol.dt * f64::from(n_steps);
        study.record.states = (0..study.model.states.len()).collect();
    }
    Plan::batch(&studies).unwrap()
}

/// Every model x integrator x noise x coupling on every kernel of the CPU. The GPU gets each model with
/// each integrator and each coupling, and the noise changes from one to the next: it meets every
/// model with each pair of noise and coupling, and over the models all four together. The ways of
/// building shaders take turns (which operations they shield does not depend on the model, and
/// `shaders.rs` reads it off every text). Every one of 40 steps is recorded and compared, from the
/// first to those that receive delayed input.
#[test]
fn every_model_integrator_noise_and_coupling_has_equal_bits() {
    let gpus = exact_gpus();
    // Making a shader takes most of the time, and one thread.
    MODELS.par_iter().enumerate().for_each(|(m, model)| {
        for (i, integrator) in Integrator::ALL.into_iter().enumerate() {
            for (c, coupling) in ["none", "diffusive", "additive"].into_iter().enumerate() {
                let form = coupling::find(coupling);
                if form.is_ok_and(|form| !common::can_couple(model, form)) {
                    continue;
                }
                for (n, noise) in NOISES.into_iter().enumerate() {
                    let takes_gpu = n == (m + i + c) % NOISES.len() && !gpus.is_empty();
                    let gpus = match takes_gpu {
                        true => std::slice::from_ref(&gpus[(m + i + n) % gpus.len()]),
                        false => &[],
                    };
                    let studies = small_networks(model, integrator, coupling, noise, 5);
                    let what = format!("{} {} {coupling} {noise:?}", model.name, integrator.name());
                    assert_equal_bits(&what, &steps(&studies, 40), gpus);
                }
            }
        }
    });
}

/// Every form of coupling with every model, each with one of the integrators, the numbers of the coupling different at every node;
/// and two couplings at once.
#[test]
fn every_form_of_coupling_has_equal_bits() {
    let gpus = exact_gpus();
    for (m, model) in MODELS.iter().enumerate() {
        for (f, form) in FORMS.iter().enumerate() {
            if !common::can_couple(model, form) {
                continue;
            }
            let (integrator, noise) = (Integrator::ALL[(m + f) % 4], NoiseKind::OrnsteinUhlenbeck);
            let mut studies = small_networks(model, integrator, form.name, noise, 5);
            for (k, study) in studies.iter_mut().enumerate() {
                for values in &mut study.coupling.terms[0].parameters {
                    let first = values.at(0);
                    let scaled = |node: usize| first * (1.0 - 0.01 * (node + k) as f64);
                    *values = Values::PerNode((0..5).map(scaled).collect());
                }
                if (m + f) % 3 == 0
                    && common::can_couple(model, coupling::find("kuramoto").unwrap())
                {
                    let mut terms = std::mem::take(&mut study.coupling.terms);
                    common::couple(study, "kuramoto");
                    study.coupling.terms[0].name = "beside".into();
                    study.coupling.terms.append(&mut terms);
                }
            }
            let what = format!("{} {} {}", model.name, integrator.name(), form.name);
            // Every kernel of the CPU; a software GPU takes seconds for a shader, so a tenth of them there, the builds in turn.
            let gpus = match (3 * m + f) % 10 == 0 && !gpus.is_empty() {
                true => std::slice::from_ref(&gpus[m / 10 % gpus.len()]),
                false => &[],
            };
            assert_equal_bits(&what, &steps(&studies, 40), gpus);
        }
    }
}

/// Heun's method with the coupling at both ends of the step: no delays, delays of a step and more, and both; with the noises, the
/// couplings and several signals, with what is fed back and what is sent one step late.
#[test]
fn stages_have_equal_bits() {
    let gpus = exact_gpus();
    type Lags = (&'static str, fn(usize, usize) -> u32);
    let lags: [Lags; 4] = [
        ("none", |_, _| 0),
        ("one step and more", |i, j| 1 + (7 * i + 5 * j) as u32 % 40),
        ("0 to 2", |i, j| (i + 2 * j) as u32 % 3),
        ("0 to 40", |i, j| (7 * i + 5 * j) as u32 % 41),
    ];
    let names = [
        "fitzhugh-nagumo",
        "feedback-fitzhugh-nagumo",
        "jansen-rit",
        "kuramoto",
        "wilson-cowan",
        "epileptor",
    ];
    let n_nodes = 19;
    let weights = synthetic::random(n_nodes, 0.4, 30.0, 5).weights;
    let mut n = 0;
    for name in names {
        let model = brainsweep::model::find(name).unwrap();
        for coupling in ["diffusive", "additive", "kuramoto"] {
            if !common::can_couple(model, coupling::find(coupling).unwrap()) {
                continue;
            }
            for (what, lag) in lags {
                let of = |(i, j): (usize, usize)| lag(i, j);
                let delays = Delays::Steps(Array2::from_shape_fn((n_nodes, n_nodes), of));
                let connectome = Connectome::new(None, weights.clone(), delays, None).unwrap();
                let connectome = Arc::new(connectome);
                n += 1;
                let noise = NOISES[n % NOISES.len()];
                let mut studies = small_networks(model, Integrator::Heun, coupling, noise, n_nodes);
                for study in &mut studies {
                    study.connectome = Arc::clone(&connectome);
                    study.protocol.coupling_at = CouplingAt::Stages;
                    study.noise.scheme = match noise {
                        NoiseKind::OrnsteinUhlenbeck => NoiseScheme::Exact,
                        _ => NoiseScheme::Euler,
                    };
                    for feedback in &model.feedback {
                        let dt = study.protocol.dt;
                        study.parameters[feedback.delay] = Values::Uniform(7.0 * dt);
                    }
                }
                // A software GPU takes seconds for a shader. Seven shares no factor with the numbers of lags, noises and builds.
                let gpus = match n % 7 == 0 && !gpus.is_empty() {
                    true => std::slice::from_ref(&gpus[n / 7 % gpus.len()]),
                    false => &[],
                };
                let what = format!("{name} {coupling} {noise:?}, delays: {what}");
                assert_equal_bits(&what, &steps(&studies, 90), gpus);
            }
        }
    }
}

/// Stimuli with numbers that all simulations share and numbers of their own, a parameter and an input that follow the time, one alike in
/// all nodes and one in none; held over the step and in stages.
#[test]
fn stimuli_have_equal_bits() {
    let gpus = exact_gpus();
    let names = ["fitzhugh-nagumo", "feedback-fitzhugh-nagumo", "jansen-rit"];
    let n_nodes = 19;
    for (name, at) in
        names
            .into_iter()
            .zip([CouplingAt::Start, CouplingAt::Stages, CouplingAt::Start])
    {
        let model = brainsweep::model::find(name).unwrap();
        let noise = NoiseKind::OrnsteinUhlenbeck;
        let mut studies = small_networks(model, Integrator::Heun, "additive", noise, n_nodes);
        for (k, study) in studies.iter_mut().enumerate() {
            let dt = study.protocol.dt;
            study.protocol.coupling_at = at;
            for feedback in &model.feedback {
                study.parameters[feedback.delay] = Values::Uniform(7.0 * dt);
            }
            let frequency = 40.0 + k as f64;
            study.stimuli = vec![
                stimulus(
                    "shared",
                    Waveform::Noise,
                    0,
                    &[0.4, 0.0, 90.0 * dt, 0.0, 0.0, 1.3 * dt, 5.0],
                ),
                stimulus(
                    "own",
                    Waveform::Sine,
                    0,
                    &[0.2, 3.3 * dt, 50.0 * dt, 0.0, 0.0, frequency, 0.1],
                ),
                stimulus(
                    "last",
                    Waveform::Pulse,
                    model.inputs.len() - 1,
                    &[0.1 * k as f64, k as f64 * dt, 2.5 * dt, 9.0 * dt, 4.0],
                ),
            ];
            let first = study.parameters[0].at(0);
            let names = ["p".to_string()];
            let formula = |text: &str, maps| {
                RuleForm::Formula(
                    MapFormula::new("x", text, &names, maps, Vec::new()).expect("a formula"),
                )
            };
            let map = (0..n_nodes).map(|node| node as f64).collect();
            study.rules = vec![
                Rule {
                    key: format!("parameters.{}", model.parameters[0].name),
                    numbers: vec![("p".into(), first * (1.0 + 0.01 * k as f64))],
                    form: formula("p*(1 + 0.1*t/duration)", vec![]),
                },
                Rule {
                    key: format!("input.{}", model.inputs[0].name),
                    numbers: vec![("p".into(), 0.05)],
                    form: formula("p*(1 + 0.1*m)*sin(t)", vec![("m".into(), map)]),
                },
            ];
            for one in &mut study.stimuli {
                one.weights = (0..n_nodes).map(|node| (node % 4) as f64 * 0.3).collect();
            }
        }
        let plan = steps(&studies, 90);
        assert!(plan.waves[0].is_shared() && !plan.waves[1].is_shared());
        assert!(plan.waves.iter().any(|wave| wave.is_per_node()));
        assert_equal_bits(name, &plan, &gpus);
        // They do something.
        for study in &mut studies {
            study.stimuli.clear();
            study.rules.clear();
        }
        let cpu = Cpu::new();
        assert_ne!(
            differing_bits(&run(&cpu, &plan), &run(&cpu, &steps(&studies, 90))),
            0,
            "{name}"
        );
    }
}

fn stimulus(name: &str, waveform: Waveform, input: usize, numbers: &[f64]) -> Stimulus {
    Stimulus {
        name: name.into(),
        waveform,
        input,
        weights: Vec::new(),
        numbers: numbers.to_vec(),
    }
}

/// Exact kicks and interpolated delays, with every model.
#[test]
fn exact_kicks_and_interpolated_delays_have_equal_bits() {
    let gpus = exact_gpus();
    for (m, model) in MODELS.iter().enumerate() {
        let is_angle = |state: &State| state.bounds == Bounds::Angle;
        let coupling = match model.states.iter().any(is_angle) {
            true => "kuramoto",
            false => "additive",
        };
        let mut studies = small_networks(
            model,
            Integrator::ExponentialEuler,
            coupling,
            NoiseKind::White,
            5,
        );
        for study in &mut studies {
            study.noise.scheme = NoiseScheme::Exact;
            study.coupling.delay_rounding = DelayRounding::Interpolate;
            study.coupling.delay_reads = DelayReads::ALL[m % DelayReads::ALL.len()];
            for feedback in &model.feedback {
                let dt = study.protocol.dt;
                study.parameters[feedback.delay] = Values::Uniform(7.0 * dt);
            }
        }
        let plan = steps(&studies, 40);
        assert!(
            plan.edges.lag.len() > plan.edges.n_connections,
            "some are two"
        );
        let gpus = if m % 5 == 0 { &gpus[..] } else { &[] };
        assert_equal_bits(model.name, &plan, gpus);
    }
}

/// Look-ups of tables, of states, of parameters and of both: with numbers that differ between nodes and simulations. One grid begins
/// at 0: a compiler that drops the difference from it may not drop the walls around it.
#[test]
fn tables_have_equal_bits() {
    let gpus = exact_gpus();
    for integrator in Integrator::ALL {
        let studies = small_networks(
            tables::model(),
            integrator,
            "diffusive",
            NoiseKind::OrnsteinUhlenbeck,
            19,
        );
        assert_equal_bits(integrator.name(), &steps(&studies, 300), &gpus);
    }
}

/// Every kernel is tried on a machine that has its instructions, and names tell them apart.
#[test]
fn kernels_have_names_and_unavailable_ones_are_refused() {
    let mut names: Vec<String> = Cpu::kernels().into_iter().map(Kernel::name).collect();
    assert_eq!(names[0], "reference");
    assert!(names.contains(&"single-portable".into()) && names.contains(&"batch-portable".into()));
    let n_kernels = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), n_kernels, "{names:?}");
    for lanes in [Lanes::Portable, Lanes::Avx2, Lanes::Avx512] {
        let available = Lanes::available().contains(&lanes);
        assert_eq!(Cpu::with_kernel(Kernel::Batch(lanes)).is_ok(), available);
    }
}

/// Odd and even numbers of nodes, one node, more than a workgroup's threads.
#[test]
fn any_number_of_nodes_has_equal_bits() {
    let gpus = exact_gpus();
    let model = brainsweep::model::find("fitzhugh-nagumo").unwrap();
    for n_nodes in [1, 2, 3, 33, 130] {
        let studies = small_networks(
            model,
            Integrator::ExponentialEuler,
            "diffusive",
            NoiseKind::OrnsteinUhlenbeck,
            n_nodes,
        );
        assert_equal_bits(&format!("{n_nodes} nodes"), &steps(&studies, 50), &gpus);
        assert_equal_bits(
            &format!("{n_nodes} nodes, alone"),
            &steps(&studies[..1], 50),
            &gpus,
        );
    }
}

/// 64 simulations of the tutorial's network, each with its own g, input, noise and seed.
fn hcp_sweep(n_steps: u32) -> Plan {
    let study = study::load(None, &["record.states=['x', 'y']"]).unwrap();
    let studies: Vec<Study> = (0..64u32)
        .map(|k| {
            let mut study = study.clone();
            study.set_g(f64::from(k) / 32.0);
            study.input[0] = Values::Uniform(0.6 + 0.005 * f64::from(k));
            study.noise.sigma[0] = Values::Uniform(0.001 * f64::from(k % 20));
            study.protocol.seed = u64::from(k) << 20;
            study.protocol.simulation = k % 5;
            study
        })
        .collect();
    steps(&studies, n_steps)
}

/// A thousand noisy steps of the 80 regions: the whole chain, far enough for one wrong bit to spread everywhere.
#[test]
fn a_thousand_noisy_steps_of_the_brain_have_equal_bits() {
    assert_equal_bits(
        "64 simulations of the HCP network",
        &hcp_sweep(1000),
        &exact_gpus(),
    );
}

/// Delays of 0, 1, .. steps, shorter and longer than a block, all alike and mixed; long enough that the past is moved back several times.
#[test]
fn any_delay_has_equal_bits() {
    let model = brainsweep::model::find("fitzhugh-nagumo").unwrap();
    let n_nodes = 33;
    let random = synthetic::random(n_nodes, 0.4, 30.0, 5);
    type Lags = (&'static str, fn(usize, usize) -> u32);
    let lags: [Lags; 7] = [
        ("none", |_, _| 0),
        ("one step", |_, _| 1),
        ("0 to 2", |i, j| (i + 2 * j) as u32 % 3),
        ("0 to 40", |i, j| (7 * i + 5 * j) as u32 % 41),
        ("3 to 20", |i, j| 3 + (7 * i + 5 * j) as u32 % 18),
        ("fifteen", |_, _| 15),
        ("15 to 170", |i, j| 15 + (31 * i + 17 * j) as u32 % 156),
    ];
    for (what, lag) in lags {
        let delays = Delays::Steps(Array2::from_shape_fn((n_nodes, n_nodes), |(i, j)| {
            lag(i, j)
        }));
        let connectome = Connectome::new(None, random.weights.clone(), delays, None).unwrap();
        let mut studies = small_networks(
            model,
            Integrator::Euler,
            "diffusive",
            NoiseKind::OrnsteinUhlenbeck,
            n_nodes,
        );
        let connectome = Arc::new(connectome);
        for study in &mut studies {
            study.connectome = Arc::clone(&connectome);
            study.coupling.delay_reads = DelayReads::Now;
        }
        assert_equal_bits(&format!("delays: {what}"), &steps(&studies, 300), &[]);
    }
}

/// Members of a group with the same random numbers (drawn once), with some the same, and with none; a last group that is not full.
#[test]
fn shared_and_own_random_numbers_have_equal_bits() {
    let model = brainsweep::model::find("fitzhugh-nagumo").unwrap();
    let (integrator, noise) = (Integrator::ExponentialEuler, NoiseKind::OrnsteinUhlenbeck);
    type Seeds = (&'static str, fn(u64) -> u64);
    let seeds: [Seeds; 3] = [
        ("one seed", |_| 1 << 40),
        ("three seeds", |k| k % 3),
        ("own seeds", |k| k),
    ];
    for n_nodes in [1, 9] {
        for (what, seed) in seeds {
            let nine = small_networks(model, integrator, "additive", noise, n_nodes);
            let mut studies: Vec<Study> = nine.iter().cycle().take(21).cloned().collect();
            for (k, study) in studies.iter_mut().enumerate() {
                study.protocol.seed = seed(k as u64);
                study.protocol.simulation = 0;
            }
            assert_equal_bits(what, &steps(&studies, 100), &[]);
        }
    }
}

/// Splitting a run over threads and dispatches of any length changes nothing.
#[test]
fn threads_change_no_bit() {
    let plan = hcp_sweep(200);
    let one = run(&Cpu::new().with_threads(1).unwrap(), &plan);
    let two = run(&Cpu::new().with_threads(2).unwrap(), &plan);
    assert_eq!(differing_bits(&one, &two), 0);
}

/// Without `NoContraction` the bits differ on lavapipe: the tests above can fail. A device whose compiler happens to change
/// nothing would pass the probes in plain WGSL too, and then it must also pass here.
#[test]
fn without_no_contraction_bits_differ() {
    let Some(plain) = gpu_with(Build::Plain) else {
        return;
    };
    let mismatches: usize = plain
        .mismatches(Build::Plain, &conformance::inputs(1 << 14))
        .unwrap()
        .iter()
        .sum();
    let plan = hcp_sweep(50);
    let differing = differing_bits(&run(&Cpu::new(), &plan), &run(&plain, &plan));
    println!("plain WGSL: {mismatches} probe results and {differing} floats differ");
    assert_eq!(differing > 0, mismatches > 0);
    if plain.name().contains("llvmpipe") {
        assert!(differing > 0, "lavapipe reassociates plain WGSL");
    }
}

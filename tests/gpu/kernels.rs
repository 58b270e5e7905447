//! Every GPU kernel gives the bits of the CPU: any number of nodes, any lag, however a run is cut into blocks and dispatches. The CPU's
//! kernels give the same with fused operations and without.

use crate::common;
use crate::common_tables as tables;

use std::sync::Arc;

use brainsweep::backend::Control;
use brainsweep::backend::cpu::{self, Cpu, Fusion};
use brainsweep::backend::gpu::{Build, Gpu, Kernel, Network};
use brainsweep::backend::{Backend, DeviceClass};
use brainsweep::connectome::{Connectome, Delays};
use brainsweep::integrator::{CouplingAt, Integrator};
use brainsweep::model;
use brainsweep::plan::Plan;
use brainsweep::record::{End, Moments, Streamed};
use brainsweep::study::{NoiseKind, Study, Values};
use common::{differing_bits, gpu_with, run};
use ndarray::Array2;
use rayon::prelude::*;

pub const DT_MS: f64 = 0.05;

/// Lags in steps of the edge into `i` from `j`, in some pattern.
type Lags = fn(usize, usize) -> u32;

/// Studies that differ in every number: noise, inputs, coupling, seeds, a parameter per node.
pub fn network(name: &str, n_nodes: usize, n_simulations: u32, lags: Lags) -> Vec<Study> {
    network_of(model::find(name).unwrap(), n_nodes, n_simulations, lags)
}

fn network_of(
    model: &'static model::Model,
    n_nodes: usize,
    n_simulations: u32,
    lags: Lags,
) -> Vec<Study> {
    let weights = Array2::from_shape_fn((n_nodes, n_nodes), |(i, j)| {
        let received = i != j && (i * 7 + j * 3) % 5 < 2;
        f64::from(u8::from(received)) * (0.1 + 0.01 * ((i + 2 * j) % 11) as f64)
    });
    let delays = Delays::Steps(Array2::from_shape_fn((n_nodes, n_nodes), |(i, j)| {
        lags(i, j)
    }));
    let connectome = Arc::new(Connectome::new(None, weights, delays, None).unwrap());
    (0..n_simulations)
        .map(|k| {
            let mut study = Study::new(model, Arc::clone(&connectome));
            study.integrator = Integrator::ExponentialEuler;
            study.set_g(0.01 * f64::from(k + 1));
            study.protocol.dt = DT_MS;
            study.record.every = 3.0 * DT_MS;
            study.protocol.seed = 40 + u64::from(k);
            common::set_noise(&mut study, NoiseKind::OrnsteinUhlenbeck, 0.0, |_| 0.02);
            let input = (0.1 + 0.01 * f64::from(k)) * common::spread(study.model);
            study.input.fill(Values::Uniform(input));
            common::set_starts(&mut study, 0.3);
            let first = study.parameters[0].at(0);
            let of_node = |node: usize| first * (1.0 + 0.001 * node as f64);
            study.parameters[0] = Values::PerNode((0..n_nodes).map(of_node).collect());
            study
        })
        .collect()
}

fn plan(mut studies: Vec<Study>, n_steps: u32) -> Plan {
    for study in &mut studies {
        study.protocol.duration = DT_MS * f64::from(n_steps);
        study.record.states = (0..study.model.states.len()).collect();
    }
    Plan::batch(&studies).unwrap()
}

/// Blocks of one step, short and long ones, shapes that leave lanes and threads idle, edges in either kind of buffer.
const KERNELS: [&str; 6] = [
    "global-4x8-1",
    "global-2x3-4",
    "global-4x8-16",
    "resident-64-4",
    "resident-128-16-storage",
    "resident-96-32",
];

/// Runs those of the kernels that fit; gives how many did.
fn assert_kernels_agree(what: &str, plan: &Plan, gpu: &Gpu, kernels: &[&str]) -> usize {
    let reference = run(
        &Cpu::with_kernel(cpu::Kernel::Reference).expect("any CPU runs it"),
        plan,
    );
    assert!(
        reference
            .iter()
            .all(|recorded| recorded.end.divergence.is_none()),
        "{what}: the numbers are finite, so that the comparison means something"
    );
    let mut ran = 0;
    for name in kernels {
        let gpu = gpu.clone().with_kernel(name.parse().unwrap());
        if gpu.kernel_for(plan).is_ok() {
            let differing = differing_bits(&reference, &run(&gpu, plan));
            assert_eq!(differing, 0, "{what}: {name} ({:?})", gpu.build());
            ran += 1;
        }
    }
    ran
}

/// One node, two, odd numbers, the tutorial's number, more nodes than most workgroups have threads. The resident kernel runs where
/// it fits, and says so where it does not.
#[test]
fn any_number_of_nodes() {
    let Some(gpu) = gpu_with(Build::NoContraction) else {
        return;
    };
    for (n_nodes, n_kernels) in [(1, 6), (2, 6), (33, 6), (80, 5), (400, 3)] {
        let lags = |i, j| ((i * 5 + j * 11) % 40) as u32 + 3;
        let plan = plan(network("fitzhugh-nagumo", n_nodes, 3, lags), 75);
        let ran = assert_kernels_agree(&format!("{n_nodes} nodes"), &plan, &gpu, &KERNELS);
        assert_eq!(ran, n_kernels, "{n_nodes} nodes");
    }
}

/// None at all, one, shorter than a block, around a block's length, long, and all of them mixed.
#[test]
fn any_lag() {
    let Some(gpu) = gpu_with(Build::NoContraction) else {
        return;
    };
    let patterns: [(&str, Lags); 5] = [
        ("no delay", |_, _| 0),
        ("one step and some more", |i, j| ((i + j) % 3) as u32 + 1),
        ("around a block of 16", |i, j| ((i * 3 + j) % 4) as u32 + 13),
        ("around a block of 32", |i, j| ((i * 3 + j) % 4) as u32 + 29),
        ("mixed", |i, j| ((i * 31 + j * 17) % 101) as u32),
    ];
    for (what, lags) in patterns {
        let plan = plan(network("fitzhugh-nagumo", 10, 3, lags), 117);
        let ran = assert_kernels_agree(what, &plan, &gpu, &KERNELS);
        assert_eq!(ran, KERNELS.len(), "{what}");
    }
}

/// Heun's method with the coupling at both ends of the step: sums a step ahead, sums of what is predicted, and both. Every kernel
/// meets every pattern with one of the models.
#[test]
fn any_lag_in_stages() {
    let Some(gpu) = gpu_with(Build::NoContraction) else {
        return;
    };
    let patterns: [(&str, Lags); 4] = [
        ("no delay", |_, _| 0),
        ("around a block of 16", |i, j| ((i * 3 + j) % 4) as u32 + 14),
        ("one step and some more", |i, j| ((i + j) % 3) as u32 + 1),
        ("mixed", |i, j| ((i * 31 + j * 17) % 101) as u32),
    ];
    let models = [("feedback-fitzhugh-nagumo", 10), ("jansen-rit", 13)];
    for (m, (name, n_nodes)) in models.into_iter().enumerate() {
        for (p, (what, lags)) in patterns.into_iter().enumerate() {
            let mut studies = network(name, n_nodes, 3, lags);
            for study in &mut studies {
                study.integrator = Integrator::Heun;
                study.protocol.coupling_at = CouplingAt::Stages;
                for feedback in &study.model.feedback {
                    study.parameters[feedback.delay] = Values::Uniform(21.0 * DT_MS);
                }
            }
            let plan = plan(studies, 117);
            // A software GPU takes seconds for a shader.
            let kernels: Vec<&str> = KERNELS.into_iter().skip((m + p) % 2).step_by(2).collect();
            let ran = assert_kernels_agree(&format!("{name}, {what}"), &plan, &gpu, &kernels);
            assert!(ran >= 2, "{name}, {what}: {ran} kernels");
        }
    }
}

/// The latest steps in workgroup memory and the others not: long lags and short ones, feedback, predicted sums; dispatches that
/// begin anywhere in the ring.
#[test]
fn the_latest_steps_may_be_held_alone() {
    let Some(gpu) = gpu_with(Build::NoContraction) else {
        return;
    };
    let lags: Lags = |i, j| ((i * 31 + j * 17) % 101) as u32;
    let kernels = [
        "resident-64-4-held31",
        "resident-128-16-storage-held40",
        "resident-96-32-held64",
        "resident-32-8-held80",
    ];
    for (name, in_stages) in [
        ("fitzhugh-nagumo", false),
        ("feedback-fitzhugh-nagumo", false),
        ("jansen-rit", true),
    ] {
        let mut studies = network(name, 13, 3, lags);
        for study in &mut studies {
            if in_stages {
                study.integrator = Integrator::Heun;
                study.protocol.coupling_at = CouplingAt::Stages;
            }
            for feedback in &study.model.feedback {
                study.parameters[feedback.delay] = Values::Uniform(21.0 * DT_MS);
            }
        }
        let plan = plan(studies, 333);
        let ran = assert_kernels_agree(name, &plan, &gpu, &kernels);
        assert_eq!(ran, kernels.len(), "{name}");
    }
    // A window that holds all, or too little for a block, is no such kernel.
    let plan = plan(network("fitzhugh-nagumo", 13, 3, lags), 10);
    for held in ["resident-96-32-held63", "resident-32-8-held120"] {
        let gpu = gpu.clone().with_kernel(held.parse().unwrap());
        assert!(gpu.kernel_for(&plan).is_err(), "{held}");
    }
}

/// Each kind of kernel once, small: with feedback; with predicted sums and moments on the device, or with monitors.
/// `tests/vulkan.sh` runs this behind the validation layer.
#[test]
fn every_kind_of_kernel_runs() {
    let Some(gpu) = gpu_with(Build::NoContraction) else {
        return;
    };
    for in_stages in [false, true] {
        let mut studies = network("feedback-fitzhugh-nagumo", 12, 5, |i, j| {
            ((i * 31 + j * 17) % 50) as u32
        });
        for (k, study) in (0..).zip(&mut studies) {
            if !in_stages {
                crate::monitors::watch(study, k);
            }
            if in_stages {
                study.integrator = Integrator::Heun;
                study.protocol.coupling_at = CouplingAt::Stages;
            }
            for feedback in &study.model.feedback {
                study.parameters[feedback.delay] = Values::Uniform(21.0 * DT_MS);
            }
        }
        let plan = plan(studies, 100);
        let kernels = [
            "global-2x8-8",
            "resident-64-8",
            "resident-32-16-storage",
            "resident-64-8-held40",
        ];
        let ran = assert_kernels_agree("every kind", &plan, &gpu, &kernels);
        assert_eq!(ran, kernels.len());
        for kernel in &kernels {
            let gpu = gpu.clone().with_kernel(kernel.parse().unwrap());
            assert_eq!(moments(&gpu, &plan).len(), 5);
        }
    }
}

/// On a device with 32 KiB of workgroup memory, as Metal and DX12 have, the tutorial's network still runs in it.
#[test]
fn the_tutorials_network_runs_in_32_kib() {
    let Some(gpu) = gpu_with(Build::NoContraction) else {
        return;
    };
    let study = brainsweep::io::study::load(None, &["protocol.duration=10"]).unwrap();
    let plan = Plan::new(&study).unwrap();
    let kernels = gpu.kernels(&plan);
    let small = kernels.iter().find(|kernel| {
        matches!(kernel, Kernel::Resident { block: 32, .. })
            && kernel.workgroup_bytes(&Network::of(&plan), &plan.recipe) <= 32 << 10
    });
    let Some(small) = small else {
        // A device with more holds more.
        assert!(matches!(kernels[0], Kernel::Resident { held: None, .. }));
        return;
    };
    assert_kernels_agree("32 KiB", &plan, &gpu, &[&small.to_string()]);
}

/// Models with more states, or with delayed self feedback, which reads the delay line too; shaders built the other way; the random
/// generator's products in 64 bits, on devices that have them.
#[test]
fn any_model() {
    let kernels = ["global-2x3-4", "resident-96-32"];
    let Some(gpu) = gpu_with(Build::NoContraction) else {
        return;
    };
    // Making a shader takes most of the time, and one thread.
    model::MODELS.par_iter().for_each(|model| {
        let mut studies = network(model.name, 12, 2, |i, j| ((i * 31 + j * 17) % 50) as u32);
        for study in &mut studies {
            for feedback in &model.feedback {
                study.parameters[feedback.delay] = Values::Uniform(21.0 * DT_MS);
            }
            // Of two noisy inputs, one.
            if study.noise.sigma.len() > 1 {
                study.noise.sigma[1] = Values::Uniform(0.0);
            }
        }
        let plan = plan(studies, 70);
        let ran = assert_kernels_agree(model.name, &plan, &gpu, &kernels);
        assert_eq!(ran, kernels.len(), "{}", model.name);
        if !model.feedback.is_empty() {
            match gpu.clone().with_wide_integers(true) {
                Ok(wide) => {
                    assert_eq!(wide.device_class(), gpu.device_class());
                    assert_kernels_agree("products of 64 bits", &plan, &wide, &kernels);
                }
                Err(error) => {
                    let error = error.to_string();
                    assert!(error.contains("no integers of 64 bits"), "{error}");
                }
            }
            let shielded = gpu_with(Build::Barrier).expect("the device of just now");
            assert_kernels_agree("shielded", &plan, &shielded, &kernels);
        }
    });
}

/// A model that looks up tables, which lie before the numbers of the table of rows.
#[test]
fn a_model_with_tables() {
    let Some(gpu) = gpu_with(Build::NoContraction) else {
        return;
    };
    let lags = |i, j| ((i * 31 + j * 17) % 50) as u32;
    let plan = plan(network_of(tables::model(), 12, 3, lags), 117);
    let ran = assert_kernels_agree("tables", &plan, &gpu, &KERNELS);
    assert_eq!(ran, KERNELS.len());
}

pub fn moments(backend: &dyn Backend, plan: &Plan) -> Vec<(Option<Moments>, Option<End>)> {
    let recorder = Streamed::new(plan);
    backend.run(plan, &recorder, &Control::default()).unwrap();
    recorder.into_moments()
}

/// Sums made on the device, whatever the kernel, the transient, the blocks of 16 samples and the dispatches they are spread over.
#[test]
fn moments_made_on_the_device_are_the_hosts() {
    for build in [Build::NoContraction, Build::Barrier] {
        let Some(gpu) = gpu_with(build) else {
            return;
        };
        for (n_nodes, n_steps, n_transient) in
            [(1, 40, 0), (6, 301, 5), (13, 150, 16), (33, 99, 32)]
        {
            let mut studies = network("fitzhugh-nagumo", n_nodes, 3, |i, j| {
                ((i + j) % 9) as u32 + 2
            });
            for study in &mut studies {
                study.protocol.transient = f64::from(n_transient) * study.record.every;
            }
            let plan = plan(studies, n_steps);
            let expected = moments(&Cpu::new(), &plan);
            for name in ["global-4x8-8", "resident-64-16"] {
                let gpu = gpu.clone().with_kernel(name.parse().unwrap());
                let found = moments(&gpu, &plan);
                for (found, expected) in found.iter().zip(&expected) {
                    let (Some(moments), Some(end)) = found else {
                        panic!("{n_nodes} nodes, {name}: no moments")
                    };
                    assert_eq!(
                        Some(moments),
                        expected.0.as_ref(),
                        "{n_nodes} nodes, {name}"
                    );
                    assert_eq!(Some(&end.state), expected.1.as_ref().map(|end| &end.state));
                }
            }
        }
    }
}

/// The CPU's kernels without fused operations, for whatever a study takes.
#[test]
fn fused_operations_can_be_left_out() {
    for name in ["fitzhugh-nagumo", "wilson-cowan", "jansen-rit", "epileptor"] {
        let studies = network(name, 13, 11, |i, j| ((i * 5 + j) % 40) as u32);
        let mut in_stages = studies.clone();
        for study in &mut in_stages {
            study.integrator = Integrator::Heun;
            study.protocol.coupling_at = CouplingAt::Stages;
        }
        for plan in [plan(studies, 150), plan(in_stages, 150)] {
            for kernel in Cpu::kernels() {
                let cpu = || Cpu::with_kernel(kernel).expect("this machine runs it");
                let plain = run(&cpu().with_fusion(Fusion::None), &plan);
                let differing = differing_bits(&plain, &run(&cpu(), &plan));
                assert_eq!(differing, 0, "{name}: {}", kernel.name());
            }
        }
    }
}

/// A simulation whose numbers leave all bounds has no moments; when and where it did is what the CPU says; its neighbours are sound.
#[test]
fn divergence_is_found_without_samples() {
    let Some(gpu) = gpu_with(Build::NoContraction) else {
        return;
    };
    let mut studies = network("fitzhugh-nagumo", 5, 4, |_, _| 6);
    for study in &mut studies[1..3] {
        study.set_number("parameters.alpha[3]", -0.5).unwrap();
        study.input[0] = Values::Uniform(3.0);
    }
    let plan = plan(studies, 1200);
    let expected = moments(&Cpu::new(), &plan);
    let found = moments(&gpu, &plan);
    let divergences = |all: &[(Option<Moments>, Option<End>)]| -> Vec<_> {
        let of = |end: &Option<End>| end.as_ref().and_then(|end| end.divergence);
        all.iter().map(|(_, end)| of(end)).collect()
    };
    assert_eq!(divergences(&found), divergences(&expected));
    let diverged: Vec<bool> = divergences(&found).iter().map(Option::is_some).collect();
    assert_eq!(
        diverged,
        [false, true, true, false],
        "as this test needs it"
    );
    for (k, (found, expected)) in found.iter().zip(&expected).enumerate() {
        assert_eq!(found.0, expected.0, "simulation {k}");
    }
}

/// The tests above can fail: in plain WGSL, lavapipe reorders sums in the resident kernel, too.
#[test]
fn without_no_contraction_the_resident_kernel_differs() {
    let Some(plain) = gpu_with(Build::Plain) else {
        return;
    };
    if plain.device_class() != DeviceClass::Tolerance || !plain.name().contains("llvmpipe") {
        return;
    }
    let plan = plan(
        network("fitzhugh-nagumo", 10, 3, |i, j| ((i + j) % 9) as u32 + 2),
        60,
    );
    let plain = plain.with_kernel("resident-64-16".parse().unwrap());
    let differing = differing_bits(&run(&Cpu::new(), &plan), &run(&plain, &plan));
    assert!(differing > 0, "lavapipe reassociates plain WGSL");
}

/// A kernel that does not fit is refused with the reason; the choice left open takes one that does; names read back.
#[test]
fn kernels_are_chosen_by_what_fits() {
    let Some(gpu) = gpu_with(Build::NoContraction) else {
        return;
    };
    let plan = plan(network("fitzhugh-nagumo", 80, 2, |_, _| 1000), 10);
    let kernels = gpu.kernels(&plan);
    assert_eq!(kernels.first(), gpu.kernel_for(&plan).ok().as_ref());
    // The whole delay line fits nowhere; its latest steps do.
    let all = |kernel: &Kernel| matches!(kernel, Kernel::Resident { held: None, .. });
    assert!(!kernels.iter().any(all), "{kernels:?}");
    assert!(kernels.iter().any(|kernel| kernel.block() == 1));
    for kernel in kernels {
        assert_eq!(kernel.to_string().parse::<Kernel>().unwrap(), kernel);
    }
    let resident: Kernel = "resident-256-32".parse().unwrap();
    // 80 rows of 1001 columns, and normals of two states for 8 steps.
    let bytes = resident.workgroup_bytes(&Network::of(&plan), &plan.recipe);
    assert_eq!(bytes, 4 * 80 * (1001 + 16));
    let error = gpu
        .with_kernel(resident)
        .kernel_for(&plan)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("325440 bytes of workgroup memory"),
        "{error}"
    );
    for wrong in [
        "resident-100-32",
        "global-32-8",
        "global-0x8-8",
        "resident-256-3",
        "resident-64-8-fast",
        "resident-64-8-held",
        "resident-64-8-held40-storage",
    ] {
        let error = wrong.parse::<Kernel>().unwrap_err().report();
        assert!(error.contains("resident-256-32"), "{error}");
    }
}

/// A device that was lost is opened anew, takes dispatches half as long, and gives the same bits.
#[test]
fn a_rebuilt_device_runs_on_with_shorter_dispatches() {
    let Some(gpu) = gpu_with(Build::NoContraction) else {
        return;
    };
    let plan = plan(network("fitzhugh-nagumo", 4, 2, |_, _| 5), 30);
    let gpu = gpu.with_kernel("resident-64-8".parse().unwrap());
    let before = run(&gpu, &plan);
    let rebuilt = gpu.rebuild().unwrap();
    assert_eq!(rebuilt.dispatch_target() * 2, gpu.dispatch_target());
    assert_eq!(
        rebuilt.kernel_for(&plan).unwrap(),
        gpu.kernel_for(&plan).unwrap()
    );
    assert!(!rebuilt.is_lost());
    assert_eq!(differing_bits(&before, &run(&rebuilt, &plan)), 0);
}

/// Old software renderers end an invocation after 65 535 loop iterations without a word; dispatches of many short steps stay below.
#[test]
fn long_dispatches_lose_no_step() {
    let Some(gpu) = gpu_with(Build::NoContraction) else {
        return;
    };
    let mut studies = network("fitzhugh-nagumo", 2, 1, |_, _| 3);
    studies[0].record.every = 1000.0 * DT_MS;
    let plan = plan(studies, 60_000);
    assert_kernels_agree(
        "60 000 steps",
        &plan,
        &gpu,
        &["global-1x1-4", "resident-32-8"],
    );
}

//! The tutorial's run over many seeds: scores as the reference has them (`tests/reference/README.md`).

use crate::common;

use brainsweep::backend::Backend;
use brainsweep::backend::cpu::Cpu;
use brainsweep::io::npz;
use brainsweep::io::study::load;
use brainsweep::measure;
use brainsweep::plan::Plan;
use brainsweep::record::Recorded;
use brainsweep::study::Study;
use ndarray::{Axis, Ix3, s};

const N_SEEDS: u64 = 20;
/// Left out of the second score, ms.
const CUT_MS: f64 = 1000.0;

/// The tutorial's study under seeds from 0 on.
fn studies(n_seeds: u64, flags: &[&str]) -> Vec<Study> {
    let study = load(None, flags).unwrap();
    let seeds = 0..n_seeds;
    seeds
        .map(|seed| {
            let mut study = study.clone();
            study.protocol.seed = seed;
            study
        })
        .collect()
}

/// Mean and standard deviation over the reference's seeds of its mean scores: all samples, and without the first `CUT_MS`.
fn reference() -> [(f64, f64); 2] {
    let path = std::path::Path::new("tests/reference/ensemble_scores.npz");
    let scores = npz::read_f64(path, "reference_f64").unwrap();
    let cuts = npz::read_f64(path, "reference_f64_cut_ms").unwrap();
    let over_subjects = scores
        .into_dimensionality::<Ix3>()
        .unwrap()
        .mean_axis(Axis(2))
        .unwrap();
    let cut = cuts.iter().position(|&cut| cut == CUT_MS).unwrap();
    assert_eq!(cuts[0], 0.0, "the first column has all samples");
    [0, cut].map(|column| {
        let scores = over_subjects.column(column);
        (scores.mean().unwrap(), scores.std(1.0))
    })
}

/// Mean over seeds of the mean score over subjects: all samples, and without the first `CUT_MS`.
fn mean_scores(plan: &Plan, study: &Study, recorded: &[Recorded]) -> [f64; 2] {
    let functional = study.connectome.functional.as_ref().unwrap();
    let n_cut = (CUT_MS / plan.sample_time_ms(0)).round() as usize;
    [0, n_cut].map(|first| {
        let scores: Vec<f64> = recorded
            .iter()
            .map(|run| {
                let fc = measure::fc(run.samples.slice(s![first.., 0, ..]));
                measure::mean(&measure::scores(fc.view(), functional.view()).unwrap())
            })
            .collect();
        measure::mean(&scores)
    })
}

/// The ensemble's scores lie within three standard errors of the reference's.
fn agrees(backend: &dyn Backend) {
    let studies = studies(N_SEEDS, &[]);
    let plan = Plan::batch(&studies).unwrap();
    let recorded = common::run(backend, &plan);
    assert_eq!(recorded.len(), N_SEEDS as usize);
    let found = mean_scores(&plan, &studies[0], &recorded);
    for ((found, (mean, sd)), what) in found.into_iter().zip(reference()).zip(["all", "cut"]) {
        let error = sd / (N_SEEDS as f64).sqrt();
        println!("{what}: {found:.4}, reference {mean:.4} +- {error:.4}");
        assert!((found - mean).abs() < 3.0 * error, "{what}: {found}");
    }
}

#[test]
fn the_reference_is_the_one_described() {
    let [(all, all_sd), (cut, cut_sd)] = reference();
    let rounded = [all, all_sd, cut, cut_sd].map(|x| (x * 1000.0).round() / 1000.0);
    assert_eq!(rounded, [0.532, 0.019, 0.448, 0.032]);
}

#[test]
fn twenty_seeds_score_as_the_reference_on_the_cpu() {
    agrees(&Cpu::new());
}

/// Minutes for a software renderer, and equal bits say as much; see the test below.
#[test]
#[ignore = "minutes on a software renderer"]
fn twenty_seeds_score_as_the_reference_on_the_gpu() {
    if let Some(gpu) = common::gpu() {
        agrees(gpu);
    }
}

/// Where every bit of a run is the CPU's, so is every score: one simulation over 3000 steps stands for
/// the ensemble. On another device the ignored ensemble is to be run.
#[test]
fn the_tutorial_run_has_the_same_bits_on_the_gpu() {
    let Some(gpu) = common::gpu_of_equal_bits() else {
        return;
    };
    let studies = studies(1, &["protocol.duration=300"]);
    let plan = Plan::batch(&studies).unwrap();
    assert_eq!(plan.n_steps, 3000);
    let (cpu, gpu) = (common::run(&Cpu::new(), &plan), common::run(gpu, &plan));
    assert_eq!(common::differing_bits(&cpu, &gpu), 0);
    assert_eq!(cpu[0].samples.shape(), [3000, 1, 80]);
}

//! The studies that come with the program: what they say, and that they do it.

use brainsweep::backend::cpu::Cpu;
use brainsweep::backend::{Backend, Control};
use brainsweep::record::Raw;

use super::*;

#[test]
fn the_study_without_a_name_is_the_tutorials_network() {
    let study = load(None, NONE).unwrap();
    assert_eq!(study.name, "hcp_network");
    assert_eq!(
        (study.connectome.n_nodes(), study.protocol.n_steps()),
        (80, 60_000)
    );
    assert_eq!(
        (study.coupling.delay_rounding, study.coupling.delay_reads),
        (DelayRounding::Truncate, DelayReads::ExtraStep)
    );
    assert_eq!(study.input, [uniform(0.72), uniform(0.0)]);
    assert_eq!(study.noise.kind, NoiseKind::OrnsteinUhlenbeck);
    assert_eq!(
        (study.noise.tau, study.noise.sigma.clone()),
        (5.0, vec![uniform(0.01), uniform(0.01)])
    );
    assert!(matches!(
        study.initial.history[..],
        [(
            brainsweep::model::Signal::State(0),
            Past::Uniform {
                low: 0.0,
                high: 0.05
            }
        )]
    ));
    for start in &study.initial.state {
        assert!(matches!(
            start,
            Start::Uniform {
                low: 0.0,
                high: 0.05
            }
        ));
    }
}

#[test]
fn every_shipped_study_reads_by_name_with_and_without_its_ending() {
    for shipped in SHIPPED {
        let bare = load(Some(Path::new(shipped.name)), NONE).unwrap();
        let ended = load(Some(Path::new(&format!("{}.toml", shipped.name))), NONE).unwrap();
        assert_eq!(bare.name, shipped.name);
        assert_eq!(to_json(&bare), to_json(&ended));
    }
    let study = load(Some(Path::new("wilson_cowan")), NONE).unwrap();
    let w_ee = study
        .model
        .parameters
        .iter()
        .position(|p| p.name == "wEE")
        .unwrap();
    assert_eq!(
        (study.model.name, &study.parameters[w_ee]),
        ("wilson-cowan-brainpy", &uniform(16.0))
    );
    assert_eq!(
        (study.protocol.n_steps(), study.record.states),
        (100, vec![0, 1])
    );
    let Start::Given(x) = &study.initial.state[0] else {
        panic!("x is given")
    };
    assert_eq!(x, &per_node(&[-0.2, 1.0]));
}

/// `[n_samples, n_states, n_nodes]` of a shipped study.
fn run(name: &str) -> ndarray::Array3<f32> {
    let plan = Plan::new(&load(Some(Path::new(name)), NONE).unwrap()).unwrap();
    let raw = Raw::new(&plan).expect("room for the samples");
    Cpu::new().run(&plan, &raw, &Control::default()).unwrap();
    raw.into_recorded().remove(0).samples
}

/// The tutorial's run, in f64: x ends at 0.04123174 and 0.45722092.
#[test]
fn the_wilson_cowan_study_ends_in_the_tutorials_two_states() {
    let samples = run("wilson_cowan");
    assert_eq!(samples.dim(), (100, 2, 2));
    let x = samples.slice(ndarray::s![99, 0, ..]).to_vec();
    assert!(
        (x[0] - 0.041_231_74).abs() < 1e-6 && (x[1] - 0.457_220_9).abs() < 1e-6,
        "{x:?}"
    );
}

/// The limit cycle at input 1 has x between 0.1018 and 0.7717 and a period of 30.55 ms; a first-order
/// step of 0.1 ms widens it to the extrema below. They come from the same steps in 64 bits with NumPy:
/// `x += dt phi(dt J) f` with `J` the derivative of each equation by its own variable.
#[test]
fn the_fitzhugh_nagumo_study_reaches_its_limit_cycle() {
    let samples = run("fitzhugh_nagumo");
    assert_eq!(samples.dim(), (1000, 2, 1));
    let x = samples.slice(ndarray::s![600.., 0, 0]).to_vec();
    let low = x.iter().copied().fold(f32::INFINITY, f32::min);
    let high = x.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    assert!(
        (low - 0.098_592_49).abs() < 1e-6 && (high - 0.775_179_6).abs() < 1e-6,
        "{low} {high}"
    );
}

#[test]
fn a_file_on_disk_comes_before_a_shipped_study_and_names_its_study() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    std::fs::write(&path, "connectome.nodes = 3\n").unwrap();
    let study = load(Some(&path), NONE).unwrap();
    assert_eq!(
        (study.name.as_str(), study.connectome.n_nodes()),
        ("mine", 3)
    );
    std::fs::write(&path, "name = \"another\"\nconnectome.nodes = 3\n").unwrap();
    assert_eq!(load(Some(&path), NONE).unwrap().name, "another");
}

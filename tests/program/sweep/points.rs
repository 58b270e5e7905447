//! Points, chunks and refusals.

use std::collections::BTreeSet;

use brainsweep::connectome::synthetic;
use brainsweep::model;
use brainsweep::study::key::{Purpose, resolve};
use brainsweep::study::{NoiseKind, Study};
use brainsweep::sweep::{Chunks, Description, Sample, Sweep, Vary};

fn study() -> Study {
    let model = model::find("fitzhugh-nagumo").unwrap();
    let mut study = Study::new(model, std::sync::Arc::new(synthetic::pair(30.0)));
    study.noise.kind = NoiseKind::OrnsteinUhlenbeck;
    study.noise.sigma[0] = 0.01.into();
    study
}

fn describe(vary: &[&str]) -> Description {
    Description {
        vary: vary.iter().map(|text| Vary::parse(text).unwrap()).collect(),
        ..Description::default()
    }
}

fn sweep(vary: &[&str]) -> Sweep {
    Sweep::new(&study(), &describe(vary)).unwrap()
}

fn refusal(description: &Description) -> String {
    Sweep::new(&study(), description).unwrap_err().report()
}

#[test]
fn a_range_holds_the_decimals_one_expects() {
    let axes = |text: &str| sweep(&[text]).axes()[0].values.clone();
    let g = axes("g=0:2:41");
    assert_eq!((g[3], g[40]), (0.15, 2.0));
    assert_eq!(axes("input=0.6:0.9:31")[7], 0.67);
    let log = axes("g=0.01:100:5:log");
    assert_eq!(log, [0.01, 0.1, 1.0, 10.0, 100.0]);
    assert_eq!(axes("speed=5,10,inf"), [5.0, 10.0, f64::INFINITY]);
}

/// One axis, several keys: a formula over the first gives the others, in the units of each.
#[test]
fn numbers_that_are_tied_follow_from_the_one_that_is_swept() {
    let tied = sweep(&["sigma.x, sigma.y = 2*noise.sigma.x, input.x=min(x, 0.02)=0.01,0.03"]);
    let axis = &tied.axes()[0];
    assert_eq!((tied.n_points(), axis.path.as_str()), (2, "noise.sigma.x"));
    assert_eq!(
        axis.written(),
        "noise.sigma.x,noise.sigma.y=2*noise.sigma.x,input.x=min(x, 0.02)"
    );
    let settings: Vec<(&str, f64)> = axis.settings(0.03).collect();
    let expected = [
        ("noise.sigma.x", 0.03),
        ("noise.sigma.y", 0.06),
        ("input.x", 0.02),
    ];
    assert_eq!(settings, expected);
    for (point, values) in [[0.01, 0.02, 0.01], [0.03, 0.06, 0.02]]
        .into_iter()
        .enumerate()
    {
        let study = tied.study(point, 0).unwrap();
        let [x, y] = [0, 1].map(|state| study.noise.sigma[state].at(0));
        assert_eq!([x, y, study.input[0].at(0)], values);
    }
    // A delay that follows moves delays as one that is swept does.
    let speeds = sweep(&["g, conduction_speed = 10*g = 1,2"]);
    assert_ne!(speeds.delay_key(0), speeds.delay_key(1));
    assert_eq!(speeds.n_delay_tables(), 2);
    // What follows has to be a value that the study may hold.
    let said = refusal(&describe(&["sigma.x, sigma.y=0.02-sigma.x=0.01,0.03"]));
    assert!(said.contains("noise.sigma.y is -0.01"), "{said}");
}

#[test]
fn the_last_axis_of_a_grid_changes_fastest_and_zip_walks_together() {
    let grid = sweep(&["g=1,2", "input.x=0.1,0.2,0.3"]);
    let points: Vec<Vec<f64>> = grid.points().map(|point| point.values).collect();
    assert_eq!(points.len(), 6);
    assert_eq!(
        (&points[1][..], &points[3][..]),
        (&[1.0, 0.2][..], &[2.0, 0.1][..])
    );
    let zip = Description {
        zip: true,
        ..describe(&["g=1,2", "input.x=0.1,0.2"])
    };
    let zip = Sweep::new(&study(), &zip).unwrap();
    assert_eq!((zip.shape(), zip.values(1)), (vec![2], vec![2.0, 0.2]));
}

#[test]
fn a_replica_is_the_study_with_its_values_and_the_next_seed() {
    let mut base = study();
    base.protocol.seed = 100;
    let description = Description {
        seeds: Some(5),
        ..describe(&["parameters.alpha[1]=7,8", "alpha=3,4", "sigma=0.5,0.6"])
    };
    let sweep = Sweep::new(&base, &description).unwrap();
    let study = sweep.study(7, 4).unwrap();
    let alpha = &study.parameters[study
        .model
        .parameters
        .iter()
        .position(|p| p.name == "alpha")
        .unwrap()];
    assert_eq!(
        (alpha.at(0), alpha.at(1)),
        (4.0, 8.0),
        "one node after all nodes"
    );
    assert_eq!(study.noise.sigma[0].at(0), 0.6);
    assert_eq!(study.protocol.seed, 104);
    assert_eq!(study.record.every, 1.0);
}

#[test]
fn ends_of_paths_will_do_where_they_are_unique() {
    let path = |text: &str| {
        let address = resolve(&study(), text, Purpose::Vary);
        address
            .map(|address| address.full())
            .map_err(|error| error.report())
    };
    assert_eq!(path("g").unwrap(), "coupling.g");
    assert_eq!(path("speed").unwrap(), "coupling.conduction_speed");
    assert_eq!(
        path("sigma").unwrap(),
        "noise.sigma.x",
        "the only state with noise"
    );
    assert_eq!(path("input").unwrap(), "input.x");
    assert_eq!(path("alpha[1]").unwrap(), "parameters.alpha[1]");
    let several = path("tau").unwrap_err();
    assert!(several.contains("parameters.tau, noise.tau"), "{several}");
    assert!(path("alhpa").unwrap_err().contains("parameters.alpha"));
    for dt in ["dt", "protocol.dt"] {
        let refused = path(dt).unwrap_err();
        assert!(
            refused.contains("take their steps and samples together"),
            "{refused}"
        );
    }
    assert!(path("seed").unwrap_err().contains("--seeds"));
}

#[test]
fn what_makes_no_sweep_is_refused_with_the_way_out() {
    let cases = [
        ("g=0:2", "write 0:2:n"),
        ("g=1,2,x", "all of them numbers"),
        ("g=0:2:0", "whole number from 1"),
        ("g=0:2:1", "a single one is written"),
        ("g=0:10:5:log", "above 0"),
        ("g=1:1:5", "two ends"),
        ("g=0:inf:5", "finite ends"),
        ("g=1:2:3:4", "a:b:n"),
        ("=1", "before the ="),
        ("g", "PATH=a:b:n"),
        ("g=nan", "numbers"),
        ("speed=0:10:5", "above 0 mm/ms"),
        ("parameters.alpha[2]=1,2", "nodes 0 to 1"),
        ("coupling.gg=1,2", "did you mean \"coupling.g\"?"),
    ];
    for (text, expected) in cases {
        let tried = Vary::parse(text).and_then(|vary| {
            let description = Description {
                vary: vec![vary],
                ..Description::default()
            };
            Sweep::new(&study(), &description)
        });
        let message = tried.unwrap_err().report();
        assert!(message.contains(expected), "{text}: {message}");
    }
    assert!(refusal(&describe(&["g=1,2", "coupling.g=3,4"])).contains("twice"));
    let zip = |vary: &[&str]| Description {
        zip: true,
        ..describe(vary)
    };
    assert!(refusal(&zip(&["g=1,2", "input=1,2,3"])).contains("same number"));
    assert!(refusal(&zip(&[])).contains("--vary"));
    let sample = |vary: &[&str]| Description {
        sample: Some(Sample::parse("lhs:8").unwrap()),
        ..describe(vary)
    };
    assert!(refusal(&sample(&["g=0:2:5"])).contains("PATH=a:b"));
    assert!(Sweep::new(&study(), &sample(&["g=0:2"])).is_ok());
    let many = describe(&["g=0:1:100000", "input=0:1:100000"]);
    assert!(refusal(&many).contains("1e9"));
    let every = |every_ms| Description {
        every_ms: Some(every_ms),
        ..Description::default()
    };
    assert!(refusal(&every(0.05)).contains("whole number of steps"));
    assert!(refusal(&every(5000.0)).contains("two samples"));
    for text in ["sobol", "sobol:0", "grid:4", "sobol:x"] {
        assert!(
            Sample::parse(text)
                .unwrap_err()
                .report()
                .contains("sobol:4096")
        );
    }
}

/// Every replica is in exactly one place of one chunk, batches share their delays, and a chunk of a sweep over speeds is one batch.
#[test]
fn chunks_and_batches_hold_every_replica_once() {
    let cases = [
        (&["g=0:1:41", "input=0:1:31"][..], 4),
        (&["speed=1:20:7", "g=0:1:300"][..], 1),
        (&["speed=1:20:500"][..], 2),
        (&[][..], 10_000),
        (&["g=0:1:3", "speed=5,10", "input=0:1:1000"][..], 3),
    ];
    for (vary, seeds) in cases {
        let description = Description {
            seeds: Some(seeds),
            ..describe(vary)
        };
        let sweep = Sweep::new(&study(), &description).unwrap();
        let chunks = Chunks::new(&sweep, 2000);
        assert!(
            chunks.room() <= MOST_IN_A_CHUNK,
            "{vary:?}: {}",
            chunks.room()
        );
        let mut seen = BTreeSet::new();
        for chunk in 0..chunks.len() {
            assert_eq!(chunks.number(&chunks.indices(chunk)), Some(chunk));
            let batches = chunks.batches(&sweep, &[chunk]);
            if vary.len() > 1 {
                assert_eq!(batches.len(), 1, "{vary:?}");
            }
            for batch in batches {
                let speed = |point| sweep.study(point, 0).unwrap().coupling.conduction_speed;
                let shared = speed(batch.replicas[0].point);
                for replica in batch.replicas {
                    assert_eq!(speed(replica.point), shared);
                    assert!(replica.index < chunks.room());
                    assert!(
                        seen.insert((replica.point, replica.seed)),
                        "{vary:?}: {replica:?} twice"
                    );
                }
            }
        }
        assert_eq!(seen.len(), sweep.n_replicas(), "{vary:?}");
    }
}

/// As documented in `chunks`.
const MOST_IN_A_CHUNK: usize = 4096;

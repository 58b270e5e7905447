//! Every smooth model that comes with the program is followed, alone and in a network with its own coupling.

use std::sync::Arc;

use brainsweep::connectome::Connectome;
use brainsweep::continuation::delay::branch::{NetworkBranch, NetworkBranchSettings};
use brainsweep::continuation::delay::characteristic::Characteristic;
use brainsweep::continuation::network::Network;
use brainsweep::model::{MODELS, Model};
use brainsweep::study::Study;

use num_complex::Complex64;

use super::{connectome, randoms};

/// The roots of what is left when states are eliminated are the eigenvalues of all states, also with ten states to a node.
fn same_spectrum(network: &Network, u: &[f64], p: f64) {
    let characteristic = Characteristic::new(network, u, p);
    let name = network.model().name;
    let spectrum = characteristic.spectrum().unwrap();
    let apart = |a: &Complex64, b: &Complex64| (a - b).norm() / (1.0 + a.norm());
    for lambda in spectrum.iter().filter(|z| z.im >= 0.0).take(5) {
        // Newton's method converges to single ones.
        if spectrum.iter().filter(|z| apart(lambda, z) < 1e-3).count() > 1 {
            continue;
        }
        let somehow = (0..characteristic.order()).map(|k| Complex64::cis((k * k) as f64));
        let near = lambda + 1e-6 * (1.0 + lambda.norm());
        let root = characteristic.polish(near, &somehow.collect::<Vec<_>>());
        let root = root.unwrap_or_else(|| panic!("{name}: {lambda} is no root"));
        let away = spectrum.iter().map(|z| (z - root.lambda).norm());
        let miss = away.fold(f64::INFINITY, f64::min) / (1.0 + root.lambda.norm());
        assert!(
            miss < 1e-7,
            "{name}: {} is no eigenvalue, {miss:e}",
            root.lambda
        );
    }
}

/// What came of following a study: how many points there were, or why there were none.
fn followed(study: &Study, delayed: bool) -> Result<usize, String> {
    let path = study.any_number().map_err(|error| error.to_string())?;
    let network = Network::new(study, &path).map_err(|error| error.to_string())?;
    let network = if delayed {
        network
    } else {
        network.without_delays()
    };
    let from = network.parameter_start();
    let mut settings = NetworkBranchSettings::new((from, from + 0.2 * (1.0 + from.abs())));
    settings.max_points = 12;
    let branch = NetworkBranch::new(&network, &network.start(study), settings);
    let mut n_points = 0;
    for point in branch.map_err(|error| error.to_string())? {
        match point {
            Ok(point) => {
                let at = &point.equilibrium;
                let size = at.u.iter().fold(1.0, |a: f64, u| a.max(u.abs()));
                let left = network.residual(&at.u, at.p);
                let left = left.iter().fold(0.0, |a: f64, f| a.max(f.abs()));
                assert!(
                    left < 1e-9 * size,
                    "{} at {path} = {}: {left:e} is left",
                    study.model.name,
                    at.p
                );
                if n_points == 0 && !delayed {
                    same_spectrum(&network, &at.u, at.p);
                }
                n_points += 1;
            }
            // In words, after what stands.
            Err(error) if n_points > 0 => {
                assert!(!error.to_string().is_empty());
                break;
            }
            Err(error) => return Err(error.to_string()),
        }
    }
    Ok(n_points)
}

/// Models that do not rest: an angle that turns has no equilibrium.
fn turns(model: &Model) -> bool {
    let mut states = model.states.iter();
    states.any(|state| matches!(state.bounds, brainsweep::model::Bounds::Angle))
}

/// Nothing panics, equilibria are equilibria, and what cannot be followed is said in words. (Those that come with the program can.)
#[test]
fn every_smooth_model_is_followed_alone_and_in_a_network() {
    let mut random = randoms(77);
    let three = connectome(3, &mut random);
    let mut n_followed = 0;
    for model in MODELS.iter() {
        let alone = Study::new(model, Arc::new(Connectome::uncoupled(1)));
        let network = Study::new(model, three.clone());
        for (study, delayed) in [(&alone, false), (&network, false), (&network, true)] {
            let what = format!(
                "{}, {} nodes, delays: {delayed}",
                model.name,
                study.connectome.n_nodes()
            );
            let outcome = followed(study, delayed);
            println!("{what}: {outcome:?}");
            let late = model.transmits.iter().any(|signal| model.is_late(*signal));
            match outcome {
                Ok(n_points) => {
                    assert!(n_points > 1, "{what}: {n_points}");
                    n_followed += 1;
                }
                Err(error) if model.not_smooth.is_some() => {
                    assert!(
                        error.contains("continuation needs derivatives"),
                        "{what}: {error}"
                    );
                }
                Err(error) if late && study.coupling.is_some() => {
                    assert!(error.contains("itself receives"), "{what}: {error}");
                }
                Err(error) => assert!(turns(model), "{what}: {error}"),
            }
        }
    }
    assert!(n_followed > 30, "{n_followed}");
}

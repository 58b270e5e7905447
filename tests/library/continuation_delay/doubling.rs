//! Cascades of period doublings with delays.

use brainsweep::continuation::EventKind;
use brainsweep::continuation::delay::branch::NetworkBranchSettings;
use brainsweep::continuation::delay::orbit::{OrbitBranch, OrbitEvent, OrbitSettings};
use brainsweep::continuation::network::Network;

use super::events;
use super::multipliers::{MACKEY_GLASS, study};

/// The branch's bifurcations; its orbits are stable before the first of them, and unstable after it.
fn bifurcations(branch: OrbitBranch<'_>) -> Vec<OrbitEvent> {
    let mut found: Vec<OrbitEvent> = Vec::new();
    for judged in branch.judged() {
        let judged = judged.unwrap();
        assert!(judged.is_explained, "at {}", judged.orbit.p);
        found.extend(judged.events);
        let n_unstable = judged.multipliers.unwrap().n_unstable();
        assert_eq!(n_unstable, found.len(), "at {}", judged.orbit.p);
    }
    found
}

/// Both doublings and their periods computed for this project by another method: trigonometric
/// collocation in time with 121 and 161 points, and the determinant of the equations linearised about
/// the orbit, for functions that change their sign from one period to the next. Simulations (Runge and
/// Kutta, 200 steps in a delay) have three maxima in a period at 15.78, and six at 15.80; farther on the
/// difference of a maximum from the third one after it grows as the root of the distance from 15.791.
#[test]
fn the_mackey_glass_equation_doubles_its_period_twice() {
    let study = study("mackey-glass", MACKEY_GLASS);
    let network = Network::new(&study, "parameters.delay").unwrap();
    let hopf = &events(&network, &[1.0], NetworkBranchSettings::new((3.0, 5.0)))[0];
    let mut settings = OrbitSettings::new((3.0, 16.2));
    settings.step_max = 0.5;
    settings.tail = 1e-7;
    let born = OrbitBranch::from_hopf(&network, hopf, settings.clone()).unwrap();
    let first = bifurcations(born);
    let doubled = OrbitBranch::from_doubling(&network, &first[0], settings.clone()).unwrap();
    let second = bifurcations(doubled);
    let known = [
        (&first, 13.24921525757, 39.19649608067),
        (&second, 15.79296194145, 94.86345574971),
    ];
    for (events, delay, period) in known {
        let [OrbitEvent { kind, orbit, .. }] = &events[..] else {
            panic!("{events:?}");
        };
        assert_eq!(*kind, EventKind::PeriodDoubling);
        assert!((orbit.p - delay).abs() < 1e-7, "{}", orbit.p);
        assert!(
            (orbit.period_ms() - period).abs() < 1e-6,
            "{}",
            orbit.period_ms()
        );
    }
    let refused = OrbitEvent {
        kind: EventKind::Torus,
        ..first[0].clone()
    };
    let refused = OrbitBranch::from_doubling(&network, &refused, settings).unwrap_err();
    assert!(refused.to_string().contains("period doubling"), "{refused}");
}

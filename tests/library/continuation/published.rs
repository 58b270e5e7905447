//! Diagrams that papers and textbooks print, met to the digits that they print.

use brainsweep::continuation::{CycleEnd, Diagram, EventKind, NodeProblem, Settings};
use brainsweep::model::find;

use crate::continuation::common::close;

/// Kinds and places of the bifurcations, and how branches of cycles end.
struct Found {
    events: Vec<(&'static str, f64)>,
    ends: Vec<CycleEnd>,
}

fn found(model: &str, values: &[(&str, f64)], varied: &str, settings: &Settings) -> Found {
    let node = NodeProblem::new(find(model).unwrap(), values, &[varied]).unwrap();
    let diagram = Diagram::new(&node, node.start(), settings).unwrap();
    assert!(diagram.stopped.is_empty(), "{:?}", diagram.stopped);
    let no_bifurcation = [EventKind::NodeFocus, EventKind::NeutralSaddle];
    let of_equilibria = diagram.events().map(|(_, event)| event);
    let of_cycles = diagram.cycles.iter().flat_map(|branch| branch.events());
    let mut events: Vec<_> = of_equilibria
        .chain(of_cycles)
        .filter(|event| !no_bifurcation.contains(&event.kind))
        .map(|event| (event.kind.name(), event.parameters[0]))
        .collect();
    events.sort_by(|a, b| a.0.cmp(b.0).then(a.1.total_cmp(&b.1)));
    let ends = diagram.cycles.iter().map(|branch| branch.end.clone());
    Found {
        ends: ends.collect(),
        events,
    }
}

#[track_caller]
fn agree(found: &Found, right: &[(&str, f64)], digits: f64) {
    assert_eq!(found.events.len(), right.len(), "{:?}", found.events);
    for (found, right) in found.events.iter().zip(right) {
        assert_eq!(found.0, right.0);
        close(found.1, right.1, digits);
    }
}

/// The three onsets of spikes of Rinzel & Ermentrout (1989): at a Hopf point, at a SNIC, and at a homoclinic connection.
///
/// They print the Hopf points of the first set, 93.86 and 212 uA/cm^2. All folds and Hopf points were computed for this project by
/// Newton's method from the equations, and the connection at 35.00673 by shooting: there the stable and the unstable manifold of
/// the saddle, by an eighth-order Runge-Kutta method, meet.
#[test]
fn morris_lecar_begins_to_spike_in_three_ways() {
    let mut settings = Settings::new(0.0, 150.0);
    settings.step_max = 1.5;
    settings.search_box = [-80.0, 60.0];
    let class_1 = [
        ("g_Ca", 4.0),
        ("V3", 12.0),
        ("V4", 17.4),
        ("phi", 1.0 / 15.0),
    ];
    let snic = found("morris-lecar", &class_1, "I", &settings);
    let right = [
        ("cycle-fold", 116.1095),
        ("fold", 39.963153),
        ("hopf", 97.787889),
        ("snic", 39.963153),
    ];
    agree(&snic, &right, 1e-4);
    assert_eq!(snic.ends, [CycleEnd::InfinitePeriod]);

    let saddle_loop = [("g_Ca", 4.0), ("V3", 12.0), ("V4", 17.4), ("phi", 0.23)];
    settings.range = [0.0, 100.0];
    settings.step_max = 1.0;
    let homoclinic = found("morris-lecar", &saddle_loop, "I", &settings);
    let right = [
        ("cycle-fold", 40.59335),
        ("fold", 39.963153),
        ("homoclinic", 35.00673),
        ("hopf", 36.316217),
    ];
    agree(&homoclinic, &right, 1e-4);

    settings.range = [0.0, 300.0];
    settings.step_max = 3.0;
    let hopf = found("morris-lecar", &[], "I", &settings);
    let right = [
        ("cycle-fold", 88.2933),
        ("cycle-fold", 216.8998),
        ("hopf", 93.857618),
        ("hopf", 212.018816),
    ];
    agree(&hopf, &right, 1e-4);
}

/// Grimbert & Faugeras (2006), Neural Comput. 18, 3052, print for the input p, per second: Hopf points at -12.15, 89.83 and 315.70,
/// a saddle-node at 113.58 where the cycles of spikes end in a SNIC, and their fold at 137.38.
#[test]
fn jansen_rits_column_has_the_published_diagram() {
    let mut settings = Settings::new(-0.05, 0.4);
    // As `brainsweep bifurcate` has it.
    settings.step_max = 0.0045;
    let found = found("jansen-rit", &[], "parameters.p", &settings);
    let right = [
        ("cycle-fold", 0.13738),
        ("fold", -0.0413),
        ("fold", 0.11358),
        ("hopf", -0.01215),
        ("hopf", 0.08983),
        ("hopf", 0.31570),
        ("snic", 0.11358),
    ];
    agree(&found, &right, 1e-5);
    let is_snic = |end: &CycleEnd| *end == CycleEnd::InfinitePeriod;
    let is_hopf = |end: &CycleEnd| matches!(end, CycleEnd::Hopf(_));
    assert_eq!(found.ends.len(), 2);
    assert!(found.ends.iter().any(is_snic) && found.ends.iter().any(is_hopf));
}

/// Tonic spikes of Hindmarsh & Rose's neuron double their period on the way to chaos, as the current falls.
///
/// The places are no published digits. They were computed for this project with SciPy 1.17: cycles by Newton's method on the return map
/// to x = 0.5, its derivative from the variational equation (DOP853, tolerance 1e-12), and the current at which a multiplier is -1 by
/// Brent's method. No Hopf point leads to the cycles: a simulation finds the first branch.
#[test]
fn hindmarsh_and_roses_spikes_double_their_period_three_times() {
    let values = [("parameters.r", 0.006), ("x_r", -1.6)];
    let node = NodeProblem::new(find("hindmarsh-rose").unwrap(), &values, &["I"]).unwrap();
    // The steps that the program takes, and those of the library.
    for step in [0.003, 0.015] {
        let mut settings = Settings::new(3.4, 3.7);
        settings.step_max = step;
        settings.search_box = [-12.0, 4.0];
        settings.switches = 2;
        let diagram = Diagram::new(&node, node.start(), &settings).unwrap();
        assert!(diagram.stopped.is_empty(), "{:?}", diagram.stopped);
        let events = diagram.cycles.iter().flat_map(|branch| branch.events());
        let doublings: Vec<_> = events
            .filter(|event| event.kind == EventKind::PeriodDoubling)
            .map(|event| (event.parameters[0], event.period.unwrap()))
            .collect();
        for (current, period) in [
            (3.494254739216, 31.9337130633),
            (3.421228692665, 67.2485641136),
            (3.406129562611, 136.3453993546),
        ] {
            let nearest = doublings
                .iter()
                .min_by(|a, b| (a.0 - current).abs().total_cmp(&(b.0 - current).abs()));
            let (place, length) = nearest.expect("there are three");
            close(*place, current, 1e-7);
            close(*length, period, 1e-6);
        }
    }
}

/// The cycle of eight spikes that simulations settle on where r is twice as large is known to rounding only, more than the tolerance:
/// it is followed all the same, and so is the one of four whose period doubles. The place is by the method of the test above.
#[test]
fn a_cycle_that_rounding_keeps_moving_is_followed() {
    let values = [("parameters.r", 0.011792), ("x_r", -1.6)];
    let node = NodeProblem::new(find("hindmarsh-rose").unwrap(), &values, &["I"]).unwrap();
    let mut settings = Settings::new(3.0, 4.0);
    settings.step_max = 0.01;
    settings.switches = 0;
    settings.start = Some(vec![-1.6, -12.0, 0.0]);
    let diagram = Diagram::new(&node, node.start(), &settings).unwrap();
    assert!(diagram.stopped.is_empty(), "{:?}", diagram.stopped);
    let events = diagram.cycles.iter().flat_map(|branch| branch.events());
    let of_four = events.filter(|event| event.period.is_some_and(|period| period > 100.0));
    let [doubling] = &of_four.collect::<Vec<_>>()[..] else {
        panic!("{:?}", diagram.cycles.len())
    };
    assert_eq!(doubling.kind, EventKind::PeriodDoubling);
    close(doubling.parameters[0], 3.373502200823, 1e-7);
    close(doubling.period.unwrap(), 123.949608712, 1e-6);
}

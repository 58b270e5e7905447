//! Cycles that simulations settle on after several rounds: doubled spikes, and bursts of Hindmarsh & Rose's neuron.
//!
//! The periods were computed for this project with SciPy 1.17 (DOP853, tolerance 1e-10): the time between spikes that repeat.

use brainsweep::continuation::{CycleBranch, CycleEnd, Diagram, EventKind, NodeProblem, Settings};
use brainsweep::model::find;

use crate::continuation::common::close;

fn neuron(values: &[(&str, f64)]) -> NodeProblem {
    NodeProblem::new(find("hindmarsh-rose").unwrap(), values, &["I"]).unwrap()
}

#[test]
fn a_simulation_settles_on_bursts_of_several_spikes() {
    for (current, r, period) in [
        // Two, three, four and nine spikes.
        (2.0, 0.006, 128.504844594),
        (2.5, 0.006, 124.106403809),
        (2.8, 0.006, 132.247096588),
        (2.0, 0.001, 430.775611732),
        // Spikes doubled once and twice.
        (3.45, 0.006, 65.884218403),
        (3.415, 0.006, 135.252850603),
    ] {
        let values = [("parameters.r", r), ("x_r", -1.6), ("I", current)];
        let node = neuron(&values);
        let mut settings = Settings::new(1.9, 3.6);
        settings.max_cycles = 2;
        let start = [-1.6, -12.0, 1.5];
        let branch =
            CycleBranch::from_simulation(&node, node.start(), 0, &start, &[], &settings).unwrap();
        let at = |cycle: &&brainsweep::continuation::Cycle| cycle.parameter == current;
        let cycle = branch.cycles.iter().find(at).expect("the one settled on");
        close(cycle.period, period, 1e-7);
        assert!(cycle.is_stable());
    }
}

/// At the middle of the range, where the diagram looks for cycles, the spikes are doubled. From there the single ones are
/// found, on which the doubling is located, and the branch of the doubled ones ends there. The places are those of
/// `published`, at another potential at rest: it adds 4 (x_r + 1.6) to the current.
#[test]
fn doubled_spikes_lead_to_the_single_ones() {
    let values = [("parameters.r", 0.006)];
    let node = neuron(&values);
    let mut settings = Settings::new(3.5, 3.6);
    settings.search_box = [-12.0, 4.0];
    let diagram = Diagram::new(&node, node.start(), &settings).unwrap();
    assert!(diagram.stopped.is_empty(), "{:?}", diagram.stopped);
    let [single, double] = &diagram.cycles[..] else {
        panic!("{} branches of cycles", diagram.cycles.len());
    };
    let events: Vec<_> = single.events().collect();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].kind, EventKind::PeriodDoubling);
    let more = 4.0 * (0.5 * (1.0 + 5f64.sqrt()) - 1.6);
    close(events[0].parameters[0], 3.494254739216 + more, 1e-7);
    close(events[0].period.unwrap(), 31.9337130633, 1e-6);
    let ends = [double.begin.clone().unwrap(), double.end.clone()];
    assert!(ends.contains(&CycleEnd::PeriodDoubling(events[0].parameters[0])));
    assert!(ends.contains(&CycleEnd::Bound), "{ends:?}");
    assert_eq!(double.events().count(), 0);
    assert!(single.unexplained.is_empty() && double.unexplained.is_empty());
}

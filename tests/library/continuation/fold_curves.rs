//! Where curves of folds of cycles end.

use brainsweep::continuation::{
    CycleBranch, Diagram, EventKind, Locus, NodeProblem, Problem, Settings,
};
use brainsweep::model::find;

use crate::continuation::common::close;

/// Canards of Wilson-Cowan contract at the ghost of a saddle-node as much as they grow along the unstable slow branch, and the curve
/// stands nearly still in both parameters from a period of 100 to one of 400. Then a saddle appears, the cycles get longer in
/// inverse proportion to its trace, and the curve ends where that is 0.
#[test]
fn a_curve_of_folds_of_canards_ends_at_a_neutral_saddle() {
    let values = [
        ("wEE", 18.992928314657803),
        ("wIE", 14.127609682503138),
        ("wII", 0.4149071836059015),
        ("E_a", 1.8914279388926376),
        ("I_a", 1.549615550616247),
        ("E_theta", 3.2175901544633425),
        ("I_theta", 3.3125415022707427),
        ("E_tau", 0.30590403389864784),
        ("I_tau", 1.8999317256262422),
    ];
    let model = find("wilson-cowan").unwrap();
    let node = NodeProblem::new(model, &values, &["x_ext", "wEI"]).unwrap();
    let start = [0.92, 8.3246];
    let mut settings = Settings::new(-3.0, 8.0);
    settings.cycles = false;
    let diagram = Diagram::new(&node, &start, &settings).unwrap();
    let mut events = diagram.events().map(|(_, event)| event);
    let hopf = events.find(|event| event.kind == EventKind::Hopf).unwrap();
    settings.max_cycles = 400;
    let branch = CycleBranch::from_hopf(&node, &start, 0, hopf, &[], &settings).unwrap();
    let (cycle, fold) = branch
        .cycles
        .iter()
        .find_map(|cycle| cycle.events.first().map(|event| (cycle, event)))
        .expect("a fold of cycles");
    assert_eq!(fold.kind, EventKind::CycleFold);
    close(fold.parameters[0], 0.946646777, 1e-6);

    settings.max_cycles = 2000;
    let ranges = [[0.88, 1.0], [8.2, 8.35]];
    let curve = Locus::of_cycles(&node, fold, cycle, start[1], ranges, &settings).unwrap();
    let mut events = curve.events();
    let end = events
        .find(|event| event.kind == EventKind::NeutralHomoclinic)
        .expect("an end");

    // An equilibrium with one positive eigenvalue and no trace.
    let at = &end.parameters;
    let mut derivative = [0.0; 8];
    let mut value = [0.0; 2];
    node.derivative(&end.state, at, &mut value, &mut derivative);
    assert!(value.iter().all(|rate| rate.abs() < 1e-9), "{value:?}");
    let [a, c, b, d] = [0, 1, 2, 3].map(|k| derivative[k]);
    assert!((a + d).abs() < 1e-6 && a * d - b * c < 0.0);

    // Where a cubic in 1/period through the curve's points at periods from 816 to 1001, followed past this end, leads.
    close(at[0], 0.902305, 1e-5);
    close(at[1], 8.270055, 1e-5);
}

//! The neural masses, one node.
use brainsweep::continuation::*;
use brainsweep::model::find;
use std::time::Instant;

#[test]
fn wc() {
    let set = [("wEE", 16.0), ("wIE", 15.0), ("wEI", 12.0), ("wII", 3.0), ("E_a", 1.5), ("I_a", 1.5), ("E_theta", 3.0), ("I_theta", 3.0)];
    for y in [-1.0, 2.0] {
        let mut set = set.to_vec();
        set.push(("y_ext", y));
        let node = NodeProblem::new(find("wilson-cowan").unwrap(), &set, &["x_ext", "y_ext"]).unwrap();
        let settings = Settings::new(-2.0, 6.0);
        let start = Instant::now();
        let d = Diagram::new(&node, node.start(), &settings).unwrap();
        println!("{y} {:?} {} branches", start.elapsed(), d.branches.len());
        for c in &d.cycles {
            println!("{} cycles, {:?} {:?}", c.cycles.len(), c.end, c.unexplained);
            for e in c.events() { println!("{e} {:?} {:?}", e.coefficients, e.period); }
        }
        for kind in [EventKind::Fold, EventKind::Hopf] {
            let e = d.events().find(|e| e.1.kind == kind).unwrap().1;
            let start = Instant::now();
            let l = Locus::through(&node, e, kind, y, [[-8.0, 10.0], [-10.0, 10.0]], &settings).unwrap();
            println!("{kind} {:?} {} points {:?} {:?} iterations {}", start.elapsed(), l.points.len(), l.ends, l.stopped, l.points.iter().map(|p| p.newton_iterations).sum::<usize>());
            for e in l.events() { println!("  {} {:?} {:?} {:?} {:.1e}", e.kind, e.parameters, e.coefficients, e.omega, e.residual); }
        }
    }
}

//! The neural masses, one node.
use brainsweep::continuation::*;
use brainsweep::model::find;
use std::time::Instant;

#[test]
fn look() {
    let node = NodeProblem::new(find("fitzhugh-nagumo").unwrap(), &[], &["x_ext"]).unwrap();
    let settings = Settings::new(0.0, 2.0);
    for _ in 0..3 {
        let start = Instant::now();
        let d = Diagram::new(&node, &[0.0], &settings).unwrap();
        println!("diagram {:?}", start.elapsed());
        let start = Instant::now();
        let branch = EquilibriumBranch::through(&node, &Start::at(0.0, &[0.0, 0.0]), &settings).unwrap();
        println!("{:?}, {} points, {} iterations", start.elapsed(), branch.points.len(), branch.points.iter().map(|p| p.newton_iterations).sum::<usize>());
        let hopfs: Vec<Event> = d.events().filter(|e| e.1.kind == EventKind::Hopf).map(|e| e.1.clone()).collect();
        println!("{} branches {} hopfs", d.branches.len(), hopfs.len());
        let start = Instant::now();
        let cycles = CycleBranch::from_hopf(&node, &[0.0], 0, &hopfs[0], &hopfs, &settings);
        println!("{:?}", start.elapsed());
        match cycles {
            Err(e) => println!("{e}"),
            Ok(c) => {
                println!("{} cycles, {:?} {:?}", c.cycles.len(), c.end, c.unexplained);
                for c in &c.cycles { println!("{:.9} {:.9} {:?} {:?} {:?} {:.2e} {} {:.1e} {:?}", c.parameter, c.period, c.minima, c.maxima, c.multipliers, c.trivial_error, c.newton_iterations, c.residual, c.events); }
            }
        }
    }
}

#[test]
fn wc() {
    let set = [("wEE", 16.0), ("wIE", 15.0), ("wEI", 12.0), ("wII", 3.0), ("E_a", 1.5), ("I_a", 1.5), ("E_theta", 3.0), ("I_theta", 3.0)];
    for name in ["wilson-cowan-brainpy", "wilson-cowan"] {
        for y in [0.0, -1.0, 2.0] {
            let mut set = set.to_vec();
            set.push(("y_ext", y));
            let node = NodeProblem::new(find(name).unwrap(), &set, &["x_ext"]).unwrap();
            let settings = Settings::new(-2.0, 6.0);
            let start = Instant::now();
            let d = Diagram::new(&node, &[0.0], &settings).unwrap();
            println!("{name} {y} {:?} {} branches", start.elapsed(), d.branches.len());
            for b in &d.branches { println!("{} points {:?} {:?} {:?}", b.points.len(), b.ends, b.stopped, b.unexplained); }
            for (b, e) in d.events() { println!("{b} {e} {} -> {}", e.n_unstable_before, e.n_unstable_after); }
            let hopfs: Vec<Event> = d.events().filter(|e| e.1.kind == EventKind::Hopf).map(|e| e.1.clone()).collect();
            if let Some(h) = hopfs.first() {
                let start = Instant::now();
                match CycleBranch::from_hopf(&node, &[0.0], 0, h, &hopfs, &settings) {
                    Ok(c) => {
                        println!("{:?} {} cycles, {:?} {:?}", start.elapsed(), c.cycles.len(), c.end, c.unexplained);
                        for e in c.events() { println!("{e} {:?} {:?}", e.coefficients, e.period); }
                        println!("{:?}", c.cycles.iter().map(|c| (c.parameter, c.period)).collect::<Vec<_>>());
                    }
                    Err(e) => println!("{e}"),
                }
            }
        }
    }
}

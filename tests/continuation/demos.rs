//! AUTO's demos `tor`, `pp2` and `abcb`: closed forms where there are some, else what AUTO-07p prints (EPSS 1e-5, so to about 1e-5).

use brainsweep::continuation::{
    CycleBranch, Event, EventKind, Settings,
};

use crate::common::{close, equations, equilibria, of_kind};

equations!(
    /// An electronic oscillator (Freire, Rodriguez-Luis, Gamero & Ponce 1993, Physica D 62, 230), as `tor` has it.
    Oscillator, [x, y, z], [nu], |lit: fn(f64) -> _| {
    let (beta, gamma) = (lit(0.5), lit(-0.6));
    let (a3, b3) = (lit(0.328578), lit(0.933578));
    let across = y - x;
    let cube = b3 * across * across * across;
    [
        lit(1.0 / 0.6) * (beta * y - (beta + nu) * x - a3 * x * x * x + cube),
        beta * x - (beta + gamma) * y - z - cube,
        y,
    ]
});

/// A torus and a period doubling on the cycles that branch off from those of the Hopf point.
#[test]
fn tor_has_its_torus_on_the_other_branch_of_cycles() {
    let settings = Settings::new(-0.9, -0.4);
    let diagram = equilibria(&Oscillator, &[-0.9], &settings);
    let hopf: Vec<Event> = of_kind(&diagram, EventKind::Hopf);
    for event in &hopf {
        println!("{event}");
    }
    let branch =
        CycleBranch::from_hopf(&Oscillator, &[-0.9], 0, &hopf[0], &hopf, &settings).unwrap();
    for e in branch.events() {
        println!(
            "{e} {:?} {}->{}",
            e.period, e.n_unstable_before, e.n_unstable_after
        );
    }
    println!("{:?} {}", branch.end, branch.cycles.len());
    let bp = branch
        .events()
        .find(|e| e.kind == EventKind::BranchPoint)
        .unwrap();
    for ahead in [true, false] {
        let other =
            CycleBranch::from_event(&Oscillator, &[-0.9], 0, bp, ahead, &hopf, &settings).unwrap();
        for e in other.events() {
            println!(
                "  {e} {:?} {}->{}",
                e.period, e.n_unstable_before, e.n_unstable_after
            );
        }
        println!(
            "  {:?} {} {:?}",
            other.end,
            other.cycles.len(),
            other.unexplained
        );
    }
}

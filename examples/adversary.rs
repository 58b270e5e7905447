//! Tries continuation with random parameters of eight models: against a brute-force scan of equilibria, against simulations and phase
//! planes, and against itself with other steps, meshes, units of time and directions. Prints what is wrong, and ends with 1 if something is.
//!
//! `cargo run --release --example adversary -- SETS`

#[path = "../tests/library/continuation/adversary/mod.rs"]
mod adversary;
#[path = "../tests/common/random.rs"]
mod random;

use std::process::ExitCode;
use std::time::Instant;

fn main() -> ExitCode {
    let sets = std::env::args().nth(1).map_or(Ok(20), |sets| sets.parse());
    let Ok(sets) = sets else {
        eprintln!("give the number of sets of parameters, as in: adversary 1000");
        return ExitCode::from(2);
    };
    let begin = Instant::now();
    let wrong = adversary::all(sets, |model, set, faults| {
        let (n, elapsed) = (faults.len(), begin.elapsed().as_secs_f64());
        eprintln!("{model} {set}: {n} faults, {elapsed:.0} s");
        for fault in faults {
            println!("{fault}");
        }
    });
    println!("{sets} sets of each model, {} faults", wrong.len());
    ExitCode::from(u8::from(!wrong.is_empty()))
}

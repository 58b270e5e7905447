//! Fills a store with a sweep of the global coupling; Ctrl-C stops it, and a second run goes on.
//!
//! `cargo run --release --example sweep`

use std::ops::ControlFlow;
use std::path::Path;

use brainsweep::backend::{Backend, cpu::Cpu};
use brainsweep::run::{FillOptions, StoredSweep};
use brainsweep::sweep::{Description, Vary};
use brainsweep::{Control, io};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let study = io::study::load(None, &["protocol.duration=200", "protocol.transient=100"])?;
    let description = Description {
        vary: vec![Vary::parse("coupling.g=0:2:101")?],
        ..Description::default()
    };
    let control = Control::watching(|progress| {
        eprintln!("{progress}");
        ControlFlow::Continue(())
    });
    let on_ctrl_c = control.clone();
    ctrlc::set_handler(move || on_ctrl_c.stop())?;

    let (sweep, cpu) = (StoredSweep::new(&study, &description)?, Cpu::new());
    let store = sweep.create(Path::new("out/sweep.zarr"), false, cpu.device())?;
    let filled = sweep.fill(&store, Box::new(cpu), &FillOptions::default(), &control)?;
    println!("{} chunks are left", filled.missing.len());
    if filled.is_complete() {
        let summary = sweep.summary(&store)?;
        let best = &summary.best[0];
        println!(
            "best mean score {:.3} at g = {:?}",
            best.score.mean,
            sweep.sweep().values(best.point)
        );
        io::output::write_into(&summary.output(), &store, &control)?;
    }
    Ok(filled.outcome?)
}

//! Runs studies: one simulation with all its samples, a sweep that fills a store, continuation, a phase
//! plane, a benchmark.
//!
//! ```text
//! Study           v  simulate                     Study, Description  v  StoredSweep::new
//! Simulated       samples, measures, times        Store               v  fill, chunk by chunk
//!     v  output                                   Summary             best points
//!   Output        arrays, figures, manifest           v  output
//!     v  io::output::write                          Output            best.csv, figures
//! ```
//!
//! [`step_error`] runs a study with half its step, and says how far its own run is off.
//! [`bifurcate`] and [`phase_plane`] also give an [`Output`](crate::output::Output).
//!
//! Nothing here prints, catches signals or ends the process: progress and stopping are a
//! [`Control`](crate::Control)'s.

mod batch;
mod bench;
mod branches;
mod evoked;
mod fit;
mod held;
mod memory;
mod observe;
mod on_mean;
mod pace;
mod phase_plane;
mod scope;
mod simulated;
mod simulation;
mod step_error;
mod sweep;
mod views;

pub use bench::{Bench, Finding, Measured, Row as BenchRow, Seeds, WhichGpu, Workload};
pub use branches::{Bifurcations, Export, Request, Start, bifurcate, branch_measure, varied};
pub use evoked::Evoked;
pub use fit::{
    Axes, Beyond, Ceiling, Finalist, FirstHopf, Fit, FitOptions, Fitted, OfSubject, OnBound,
    Reached, Recovered, Recovery, Settings as FitSettings,
};
pub use observe::{Observed, Outside, observe};
pub use on_mean::{MeanHeld, hold_on_mean};
pub use phase_plane::{Plane, phase_plane};
pub use scope::features;
pub use simulated::{SETTLED_AFTER_MS, Scored, Simulated};
pub use simulation::{Simulation, Trial, simulate, simulate_batch};
pub use step_error::{
    Basis, Estimate, FcChange, Refined, SCORE_TOLERANCE, StateError, StepError, step_error,
};

/// What a short trial of a sweep showed.
pub use sweep::Trial as SweepTrial;
pub use sweep::{
    Best, CHECKPOINT_EVERY, FillOptions, Filled, HalfStep, OverSeeds, Reopen, Shard, StoredSweep,
    Summary, Todo, UndefinedReplicas, Watched, reopen,
};

use crate::connectome::Connectome;
use crate::measure::{Undefined, flat_subjects};
use crate::report::Views;
use crate::study::{Study, Subject};

/// What is to be known of the data of a connectome: what was changed on reading, and which measured
/// subjects cannot be scored against.
pub fn data_notes(connectome: &Connectome) -> Vec<String> {
    let mut notes = connectome.notes.clone();
    let functional = connectome.functional.as_ref();
    let flat = functional.map_or(Vec::new(), |all| flat_subjects(all.view()));
    if !flat.is_empty() {
        notes.push(Undefined::FlatMeasured(flat).why(&connectome.labels));
    }
    notes
}

/// The same of a study: of people who each have a connectome of their own what is to be known of any of them, once, with whose it is.
pub fn notes_of_data(study: &Study) -> Vec<String> {
    if study.subjects.is_empty() {
        return data_notes(&study.connectome);
    }
    let mut all: Vec<(String, Vec<&str>)> = Vec::new();
    for Subject { name, connectome } in &study.subjects {
        for note in data_notes(connectome) {
            match all.iter_mut().find(|(said, _)| *said == note) {
                Some((_, names)) => names.push(name),
                None => all.push((note, vec![name])),
            }
        }
    }
    let n = study.subjects.len();
    let said = all.into_iter().map(|(note, names)| match names.len() {
        of if of == n => format!("of each of {n} subjects: {note}"),
        1 => format!("of subject {}: {note}", names[0]),
        _ => format!("of subjects {}: {note}", names.join(", ")),
    });
    said.collect()
}

/// A connectome to be looked into on a page.
pub(crate) fn connectome_views(connectome: &Connectome) -> Views {
    views::of_connectome(connectome)
}

/// "1 node", "2 nodes".
pub(crate) fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

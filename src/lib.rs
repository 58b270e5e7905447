//! Whole-brain networks of rate-based neural mass models, on the CPU and on the GPU, with the same bits.
//!
//! A study is described, resolved into a plan, and executed:
//!
//! ```text
//! Connectome + Model + Coupling + Noise + Protocol     a Study: plain data, physical units (ms, mm, mm/ms)
//!         v  Plan::new                                 every check, every unit conversion, every index
//!       Plan                                           steps, delays in steps, canonical edges, a table of numbers
//!         v  Backend::run                              cpu | gpu; the same bits
//!       Recorder -> Measures                           samples or their sums -> FC -> scores
//!         v  run
//!       Output                                         named arrays, tables, figures -> npz, csv, json, svg, png, html
//! ```
//!
//! # In ten lines
//!
//! ```
//! use brainsweep::backend::cpu::Cpu;
//! use brainsweep::{Control, io::study, run};
//!
//! let study = study::load(None, &["protocol.duration=200", "protocol.transient=100"])?;
//! let simulated = run::simulate(&study, &Cpu::new(), &Control::default())?;
//! let samples = &simulated.recorded().samples; // [n_samples, n_recorded_states, n_nodes]
//! assert_eq!(samples.dim(), (2000, 1, 80));
//! assert_eq!(simulated.measures().scores().len(), 7); // one for each measured subject
//! let output = simulated.output(); // named arrays, figures, manifest
//! assert_eq!(output.name, "simulation");
//! # Ok::<(), brainsweep::Error>(())
//! ```
//!
//! # The house
//!
//! | module | what it holds |
//! |---|---|
//! | `scalar` | numbers a model runs on: `f32`, eight lanes, `f64`, derivatives, WGSL text |
//! | `program` | arithmetic as data: what equations become; its derivatives; formulas |
//! | `language` | the equations of models and couplings, from text to programs |
//! | [`model`] | the neural masses: texts, read at run time |
//! | [`coupling`] | what nodes receive from each other: texts, too |
//! | [`monitor`] | what is measured of nodes, BOLD among it: texts, too |
//! | [`waveform`] | what stimuli are over time: pulses, sines, noise, formulas |
//! | [`ode`] | models of XPPAUT, translated to texts of ours |
//! | [`integrator`], `noise` | one step of one node, counter-based random numbers |
//! | `dynamics` | these put together: everything that happens to a node between two steps |
//! | [`connectome`] | weights, tract lengths, measured FC |
//! | [`study`] | the description of a simulation |
//! | [`sweep`] | many simulations of one study: grids, lists, samples; in what order |
//! | [`fit`] | searches: which points to try next, by the losses of those that were tried |
//! | [`plan`] | description to indices; the only module that knows all of the above |
//! | [`record`] | what becomes of the samples: kept, or summed as they come |
//! | [`backend`] | `cpu` and `gpu` |
//! | [`continuation`] | equilibria and cycles followed in a parameter, their bifurcations; its `mod.rs` has a table of its floors |
//! | [`branches`] | what continuation found, as plain numbers |
//! | [`measure`] | what is read off a run: sums of samples, FC, scores |
//! | [`output`] | what a run leaves: named arrays, tables, figures, manifest |
//! | [`io`] | the only module that touches the disk; one writer for each format |
//! | [`plot`], [`figure`] | arrays to pictures; the figures of the field |
//! | [`report`] | one page with all of it, to be clicked through |
//! | [`run`] | a simulation, a sweep: from a study to what it leaves |
//! | [`Control`] | to watch work from outside, and to stop it |
//! | `cli` | the commands: the program's, and no part of the library's interface |
//! | [`error`] | what can go wrong, by layer, with hints and exit codes |
//!
//! Modules without a link are no part of the library's interface. `cargo doc --document-private-items` shows them.
//!
//! # Who may use whom
//!
//! A module uses only modules in its row (tested in `tests/library/imports.rs`); `error` and `word` are everybody's.
//!
//! | module | may use |
//! |---|---|
//! | `scalar`, `error`, `word`, `control`, `product` | |
//! | `connectome` | `product` |
//! | `program`, `noise` | `scalar` |
//! | `language` | `program` |
//! | `model` | `scalar`, `program`, `language` |
//! | `coupling` | `scalar`, `program`, `language`, `model` |
//! | `ode` | `language`, `model` |
//! | `integrator` | `scalar`, `model` |
//! | `monitor` | `language`, `model`, `integrator` |
//! | `measure` | `connectome`, `product` |
//! | `waveform` | `language`, `model`, `noise` |
//! | `study` | `connectome`, `coupling`, `integrator`, `measure`, `model`, `monitor`, `language`, `waveform` |
//! | `sweep` | `language`, `noise`, `measure`, `study` |
//! | `dynamics` | `scalar`, `program`, `model`, `noise`, `coupling`, `integrator`, `monitor`, `study` |
//! | `continuation` | `control`, `scalar`, `program`, `model`, `coupling`, `connectome`, `study`, `dynamics` |
//! | `plan` | every description above |
//! | `fit` | `language`, `measure`, `noise`, `sweep` |
//! | `record` | `scalar`, `dynamics`, `monitor`, `study`, `plan`, `measure` |
//! | `backend` | `control`, `scalar`, `program`, `model`, `noise`, `dynamics`, `monitor`, `plan`, `record`; `cpu` and `gpu` never each other |
//! | `plot`, `report` | |
//! | `branches` | `continuation` |
//! | `figure` | `connectome`, `model`, `sweep`, `continuation`, `branches`, `plot`, `report` |
//! | `output` | `control`, `plot`, `report` |
//! | `io` | `control`, `connectome`, `coupling`, `fit`, `integrator`, `language`, `measure`, `model`, `monitor`, `ode`, `study`, `sweep`, `waveform`, `branches`, `plot`, `report`, `output` |
//! | `run` | every module above |
//! | `cli` | everything; nothing in the library uses `cli` |
//!
//! `wgpu`, `naga` and `ash` occur in `backend::gpu` only, `faer` in `continuation`, `clap` in `cli`, file access in `io`, `hdf5_pure`, `flate2`,
//! `bzip2` and `roxmltree` in `io::formats`.

pub mod backend;
pub mod branches;
#[doc(hidden)]
pub mod cli;
pub mod connectome;
pub mod continuation;
mod control;
pub mod coupling;
mod dynamics;
pub mod error;
pub mod figure;
pub mod fit;
pub mod integrator;
pub mod io;
mod language;
pub mod measure;
pub mod model;
pub mod monitor;
mod noise;
pub mod ode;
pub mod output;
pub mod plan;
pub mod plot;
mod product;
mod program;
pub mod record;
pub mod report;
pub mod run;
mod scalar;
pub mod study;
pub mod sweep;
pub mod waveform;
mod word;

pub use control::{Control, Progress, Reached};
pub use error::{Error, Result};

/// Modules below the interface, for this crate's own tests and benchmarks: no part of the interface.
#[doc(hidden)]
pub mod testing {
    pub use crate::io::arrays_of;

    /// See the module of this name.
    pub mod language {
        pub use crate::language::*;
    }
    /// See the module of this name.
    pub mod program {
        pub use crate::program::*;
    }
    /// See the module of this name.
    pub mod scalar {
        pub use crate::scalar::*;
    }
    /// See the module of this name.
    pub mod dynamics {
        pub use crate::dynamics::*;
    }
    /// See the module of this name.
    pub mod noise {
        pub use crate::noise::*;
    }
}

/// The examples of the library's page are compiled and run with the documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../docs/library.md")]
struct LibraryPage;

//! Whole-brain networks of rate-based neural mass models, on the CPU and on the GPU, with the same bits.
//!
//! A study is described, resolved into a plan, and executed:
//!
//! ```text
//! Connectome + Model + Coupling + Noise + Protocol     a Study: plain data, physical units (ms, mm, mm/ms)
//!         v  Plan::new                                 every check, every unit conversion, every index
//!       Plan                                           steps, delays in steps, canonical edges, a table of numbers
//!         v  Backend::run                              cpu | gpu; the same bits
//!       Recorder -> measure -> cli                     samples -> FC -> scores -> npz, svg, png, text
//! ```
//!
//! # In ten lines
//!
//! ```
//! use brainsweep::backend::{Backend, Control, cpu::Cpu};
//! use brainsweep::{io::study, measure, plan::Plan, record::Raw};
//!
//! let study = study::load(None, &["protocol.duration=200", "protocol.transient=100"])?;
//! let plan = Plan::new(&study)?;
//! let recorder = Raw::new(&plan)?;
//! Cpu::new().run(&plan, &recorder, &Control::default())?;
//! let x = &recorder.into_recorded()[0].samples; // [n_samples, n_recorded_states, n_nodes]
//! let fc = measure::fc(x.slice(ndarray::s![plan.recording.n_transient.., 0, ..]));
//! let functional = study.connectome.functional.as_ref().expect("the HCP data has seven subjects");
//! let scores = measure::scores(fc.view(), functional.view())?;
//! assert_eq!(scores.len(), 7);
//! # Ok::<(), brainsweep::Error>(())
//! ```
//!
//! # The house
//!
//! | module | what it holds |
//! |---|---|
//! | [`scalar`] | numbers a model runs on: `f32`, eight lanes, `f64`, derivatives, WGSL text |
//! | [`program`] | arithmetic as data: what equations become; its derivatives; formulas |
//! | [`language`] | the equations of models and couplings, from text to programs |
//! | [`model`] | the neural masses: texts, read at run time |
//! | [`coupling`] | what nodes receive from each other: texts, too |
//! | [`ode`] | models of XPPAUT, translated to texts of ours |
//! | [`integrator`], [`noise`] | one step of one node, counter-based random numbers |
//! | [`dynamics`] | these put together: everything that happens to a node between two steps |
//! | [`connectome`] | weights, tract lengths, measured FC |
//! | [`study`] | the description of a simulation |
//! | [`sweep`] | many simulations of one study: grids, lists, samples; in what order |
//! | [`plan`] | description to indices; the only module that knows all of the above |
//! | [`record`] | what becomes of the samples: kept, or summed as they come |
//! | [`backend`] | `cpu` and `gpu` |
//! | [`continuation`] | equilibria and cycles followed in a parameter, their bifurcations; its `mod.rs` has a table of its floors |
//! | [`measure`] | arrays in, numbers out: FC, scores |
//! | [`io`] | the only module that touches the disk |
//! | [`plot`] | arrays to pictures |
//! | [`cli`] | the commands |
//! | [`error`] | what can go wrong, by layer, with hints and exit codes |
//!
//! # Who may use whom
//!
//! A module uses only modules in its row (tested in `tests/imports.rs`); `error` and `word` are everybody's.
//!
//! | module | may use |
//! |---|---|
//! | `scalar`, `error`, `word` | |
//! | `connectome` | |
//! | `program`, `noise` | `scalar` |
//! | `language` | `program` |
//! | `model` | `scalar`, `program`, `language` |
//! | `coupling` | `scalar`, `program`, `language`, `model` |
//! | `ode` | `language`, `model` |
//! | `integrator` | `scalar`, `model` |
//! | `study` | `connectome`, `coupling`, `integrator`, `model` |
//! | `sweep` | `noise`, `study` |
//! | `dynamics` | `scalar`, `program`, `model`, `noise`, `coupling`, `integrator`, `study` |
//! | `plan` | every description above |
//! | `record` | `scalar`, `study`, `plan` |
//! | `backend` | `scalar`, `program`, `model`, `noise`, `dynamics`, `plan`, `record`; `cpu` and `gpu` never each other |
//! | `continuation` | `scalar`, `program`, `model`, `coupling`, `connectome`, `study`, `dynamics` |
//! | `measure`, `plot` | |
//! | `io` | `connectome`, `coupling`, `integrator`, `model`, `ode`, `study`, `sweep` |
//! | `cli` | everything; nothing uses `cli` |
//!
//! `wgpu`, `naga` and `ash` occur in `backend::gpu` only, `faer` in `continuation`, `clap` in `cli`, file access in `io`.

pub mod backend;
pub mod cli;
pub mod connectome;
pub mod continuation;
pub mod coupling;
pub mod dynamics;
pub mod error;
pub mod integrator;
pub mod io;
pub mod language;
pub mod measure;
pub mod model;
pub mod noise;
pub mod ode;
pub mod plan;
pub mod plot;
pub mod program;
pub mod record;
pub mod scalar;
pub mod study;
pub mod sweep;
mod word;

pub use error::{Error, Result};

/// The README's example is compiled and run with the documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

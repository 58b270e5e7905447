//! The library: studies, plans, simulation, measures, continuation, without the program.

#[macro_use]
#[path = "../common/mod.rs"]
mod common;
#[path = "../common/tables.rs"]
mod common_tables;
#[path = "../common/program.rs"]
mod program;
#[path = "../common/random.rs"]
mod random;

mod analytic;
mod cleaning;
mod connectome_files;
mod continuation;
mod continuation_couplings;
mod continuation_delay;
mod continuation_network;
mod continuation_phases;
mod continuation_small_networks;
mod convergence;
mod couplings;
mod damaged_files;
mod data;
mod data_cases;
mod data_doubts;
mod divergence;
mod ensemble;
mod figures;
mod fit;
mod golden;
mod hold;
mod imports;
mod measure;
mod models;
mod moments;
mod monitors;
mod own_model;
mod plot;
mod refined;
mod report;
mod samples;
mod step_error;
mod stimulus;
mod study;
mod subjects;
mod tables;

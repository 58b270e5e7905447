//! Continuation against closed forms and reference values.

mod adversary;
pub(crate) mod common;
mod cycle_curves;
mod cycles;
mod degenerate;
mod demos;
mod fold_curves;
mod homoclinic_curves;
mod isolas;
mod network_cycles;
mod nodes;
mod normal_forms;
mod plane;
mod points;
mod published;
mod random_nodes;
mod robustness;
mod settling;
mod switching;
mod tables;
mod textbook;

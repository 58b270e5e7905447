//! Continuation against closed forms and reference values.

#[path = "continuation/common.rs"]
mod common;
#[path = "continuation/cycles.rs"]
mod cycles;
#[path = "continuation/degenerate.rs"]
mod degenerate;
#[path = "continuation/demos.rs"]
mod demos;
#[path = "continuation/network_cycles.rs"]
mod network_cycles;
#[path = "continuation/nodes.rs"]
mod nodes;
#[path = "continuation/normal_forms.rs"]
mod normal_forms;
#[path = "continuation/plane.rs"]
mod plane;
#[path = "continuation/points.rs"]
mod points;
#[path = "continuation/robustness.rs"]
mod robustness;
#[path = "continuation/switching.rs"]
mod switching;
#[path = "continuation/tables.rs"]
mod tables;
#[path = "continuation/textbook.rs"]
mod textbook;

//! Continuation against closed forms and reference values.

#[path = "continuation/nodes.rs"]
mod nodes;

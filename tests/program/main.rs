//! The program as a user runs it: every command, its files, its words, its exit codes.

#[macro_use]
#[path = "../common/mod.rs"]
mod common;
#[path = "../common/rubbish.rs"]
mod common_rubbish;
#[path = "../common/program.rs"]
mod program;

mod bifurcate;
mod bifurcate_network;
mod bifurcate_settle;
mod book;
mod cli;
mod couplings_command;
mod data_command;
mod documents;
mod fit;
mod keys;
#[cfg(target_os = "linux")]
mod memory;
mod messages;
mod models_command;
mod monitors_command;
mod phase_plane;
mod running;
mod simulate;
mod sweep;

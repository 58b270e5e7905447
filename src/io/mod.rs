//! Files in and out: the only module that touches the disk.
//!
//! Every reader names the file and the array in its errors; every writer is atomic, so that a reader sees the old file or
//! the whole new one.

mod atomic;
pub mod auto;
pub mod branches;
pub mod connectome;
pub mod folder;
mod formats;
mod hash;
pub(crate) mod mat;
pub mod memory;
pub mod model;
pub mod npy;
pub mod npz;
pub mod output;
mod plain;
pub(crate) mod points;
mod process;
pub mod series;
pub mod store;
pub mod study;
pub mod table;
mod text;
mod work;

#[doc(hidden)]
pub use formats::arrays_of;

pub use atomic::{AtomicFile, atomic_write};

//! Which backend a run gets.

use super::Backend;
use super::cpu::Cpu;
use super::gpu::Gpu;
use crate::error::Result;

/// What the user asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Choice {
    /// The fastest that fits; never a software adapter.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// A GPU, or an error.
    Gpu,
}

/// A backend, and why it was taken, where that is worth a line.
pub struct Selected {
    /// The backend.
    pub backend: Box<dyn Backend>,
    /// Why this one, if the user left it open.
    pub reason: Option<String>,
}

/// Simulations from which on a GPU is worth its while: a single one takes as long there as on one core.
const WORTH_A_GPU: usize = 8;

/// The backend for a run of so many simulations. `device` names an adapter, as [`Gpu::open`] takes it; it asks for a GPU.
///
/// # Errors
/// [`crate::Error::Device`] if a GPU is asked for and there is none.
pub fn select(choice: Choice, device: Option<&str>, n_simulations: usize) -> Result<Selected> {
    let cpu = |reason: Option<String>| -> Result<Selected> {
        Ok(Selected {
            backend: Box::new(Cpu::new()),
            reason,
        })
    };
    match (choice, device) {
        (Choice::Cpu, _) => cpu(None),
        (Choice::Gpu, _) | (Choice::Auto, Some(_)) => {
            let gpu = Gpu::open(device, true)?;
            Ok(Selected {
                backend: Box::new(gpu),
                reason: None,
            })
        }
        (Choice::Auto, None) if n_simulations < WORTH_A_GPU => cpu(None),
        (Choice::Auto, None) => match Gpu::open(None, false) {
            Ok(gpu) => Ok(Selected {
                backend: Box::new(gpu),
                reason: None,
            }),
            Err(error) => cpu(Some(format!("running on the CPU: {error}"))),
        },
    }
}

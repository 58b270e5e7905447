//! Which backend a run gets.

use super::Backend;
use super::cpu::Cpu;
use super::gpu::Gpu;
use crate::error::Result;
use crate::plan::Plan;

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

/// The backend for a run of so many simulations of this `plan`, or of others that differ from it in numbers and seeds alone. `device`
/// names an adapter, as [`Gpu::open`] takes it; it asks for a GPU.
///
/// # Errors
/// [`crate::Error::Device`] if a GPU is asked for and there is none.
pub fn select(
    choice: Choice,
    device: Option<&str>,
    n_simulations: usize,
    plan: &Plan,
) -> Result<Selected> {
    match (choice, device) {
        (Choice::Cpu, _) => Ok(Selected::cpu(None)),
        (Choice::Gpu, _) | (Choice::Auto, Some(_)) => Ok(Selected::gpu(Gpu::open(device, true)?)),
        (Choice::Auto, None) if n_simulations < WORTH_A_GPU => Ok(Selected::cpu(None)),
        (Choice::Auto, None) => Ok(Selected::gpu_if_able(Gpu::open(None, false), plan)),
    }
}

impl Selected {
    fn cpu(reason: Option<String>) -> Self {
        Self {
            backend: Box::new(Cpu::new()),
            reason,
        }
    }

    fn gpu(gpu: Gpu) -> Self {
        Self {
            backend: Box::new(gpu),
            reason: None,
        }
    }

    /// The GPU, if there is one and its driver takes a kernel for the plan; else the CPU.
    pub(super) fn gpu_if_able(opened: Result<Gpu>, plan: &Plan) -> Self {
        let able = opened.and_then(|gpu| gpu.prepare(plan).map(|()| gpu));
        match able {
            Ok(gpu) => Self::gpu(gpu),
            Err(error) => Self::cpu(Some(format!("running on the CPU: {error}"))),
        }
    }
}

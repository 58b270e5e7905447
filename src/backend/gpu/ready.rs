//! The kernel of a plan, built for a device.

use std::sync::Arc;

use super::candidates::{self, Abilities};
use super::kernel::Kernel;
use super::{Gpu, History, arrays, compute, lock, moments, monitors};
use crate::error::{Error, Result};
use crate::plan::Plan;
use crate::record::Takes;

/// A plan's kernel, and the device that took it.
pub(super) struct Ready<'a> {
    pub(super) gpu: &'a Gpu,
    pub(super) kernel: Kernel,
    pub(super) pipeline: Arc<compute::Kernel>,
    /// Whether the samples stay on the device.
    pub(super) stays: bool,
    /// The kernel that adds samples to moments, where moments of them are taken and they stay.
    pub(super) adder: Option<Arc<compute::Kernel>>,
    /// The kernel of each monitor.
    pub(super) monitors: Vec<Arc<compute::Kernel>>,
}

impl Gpu {
    /// What a run of the plan needs, of the first kernel that the driver takes.
    pub(super) fn ready(&self, plan: &Plan, takes: Takes) -> Result<Ready<'_>> {
        if plan.refinement.is_some() {
            let cannot = "makes no noise for half steps";
            return Err(Error::unsupported(
                self.name(),
                cannot,
                Some("run it on the CPU"),
            ));
        }
        let first = self.kernel_for(plan)?;
        let kernels = match self.kernel {
            Some(_) => vec![first],
            None => self.kernels(plan),
        };
        // What a lost device does not make, no driver has refused.
        self.latest().check()?;
        let mut refusals = Vec::new();
        for kernel in kernels {
            let gpu = self.latest();
            match arrays::pipeline(gpu, plan, kernel) {
                Ok(pipeline) => {
                    // Samples that the recorder takes have to come to the host; then the host adds them up, too. What a monitor shows
                    // always comes.
                    let stays = takes.moments && !takes.samples;
                    let adds = stays && plan.measured().is_none();
                    let adder = adds.then(|| moments::kernel(gpu)).transpose()?;
                    let monitors = plan.monitors.iter();
                    let monitors = monitors.map(|one| monitors::kernel(gpu, one));
                    return Ok(Ready {
                        gpu,
                        kernel,
                        pipeline,
                        stays,
                        adder,
                        monitors: monitors.collect::<Result<_, _>>()?,
                    });
                }
                Err(refusal) => {
                    History::add(&mut lock(&self.history).refused, kernel);
                    refusals.push(refusal);
                }
            }
            if self.latest().is_lost() {
                break;
            }
        }
        let first = refusals.into_iter().next();
        Err(first.expect("a kernel was tried").into())
    }

    /// Builds what runs this plan and any that differs from it in numbers alone; a run takes what is built.
    ///
    /// # Errors
    /// [`Error::Device`] where no kernel fits or the driver refuses all.
    pub fn prepare(&self, plan: &Plan) -> Result<()> {
        self.ready(plan, Takes::MOMENTS).map(drop)
    }

    /// The same device with one kernel for every plan.
    pub fn with_kernel(mut self, kernel: Kernel) -> Self {
        self.kernel = Some(kernel);
        self
    }

    /// Every kernel worth measuring for this plan on this device, the one taken by default first.
    pub fn kernels(&self, plan: &Plan) -> Vec<Kernel> {
        candidates::candidates(plan, self.abilities())
    }

    /// The kernel that runs this plan.
    ///
    /// # Errors
    /// [`Error::Device`] if the kernel asked for does not fit, or none does, or the device cannot watch as the plan's monitors ask.
    pub fn kernel_for(&self, plan: &Plan) -> Result<Kernel> {
        let cannot = |what: String, hint: &str| {
            let cannot = format!("cannot run {what}");
            Err(Error::unsupported(self.name(), cannot, Some(hint)))
        };
        let newer = "use a newer driver (Mesa 23 or later), or say --backend cpu";
        let most = self.max_iterations;
        let mut monitors = plan.monitors.iter();
        if let Some(one) = monitors.find(|one| monitors::max_steps(one, most) == 0) {
            let what = format!(
                "the monitor {}: a sample takes more than the {most} loop iterations that the device does",
                one.name
            );
            return cannot(what, newer);
        }
        match self.kernel {
            Some(kernel) => match candidates::obstacle(kernel, plan, self.abilities()) {
                None => Ok(kernel),
                Some(obstacle) => cannot(
                    format!("the kernel {kernel} on this network: it {obstacle}"),
                    "leave the choice of kernel open",
                ),
            },
            None => match self.kernels(plan).first() {
                Some(&kernel) => Ok(kernel),
                None => {
                    let (plainest, obstacle) = candidates::plainest(plan, self.abilities());
                    let obstacle = obstacle.unwrap_or_default();
                    let what = format!("this network: its plainest kernel, {plainest}, {obstacle}");
                    cannot(what, newer)
                }
            },
        }
    }

    fn abilities(&self) -> Abilities {
        let limits = self.device.limits();
        Abilities {
            max_threads: limits.max_compute_invocations_per_workgroup,
            max_workgroup_bytes: limits.max_compute_workgroup_storage_size,
            max_uniform_bytes: limits.max_uniform_buffer_binding_size,
            max_storage_buffers: limits.max_storage_buffers_per_shader_stage,
            max_iterations: self.max_iterations,
        }
    }
}

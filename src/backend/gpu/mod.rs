//! The GPU backend, through wgpu: the only place that says `wgpu`.
//!
//! Opening a device classes it: the conformance shader runs under each way of building shaders, and the first whose bits
//! are the host's is taken, else the one that comes closest (see [`DeviceClass`]).
//!
//! A driver may refuse a kernel. Then the next of the list is tried, on the device opened anew: wgpu gives a Vulkan device up
//! when its driver refuses anything.

mod adapters;
mod arrays;
mod batch;
mod candidates;
mod choice;
mod compute;
pub mod conformance;
mod enumerate;
mod examined;
mod flight;
mod kernel;
mod layout;
mod moments;
mod monitors;
mod open;
mod pace;
pub mod peak;
mod program;
mod ready;
mod room;
mod shader;
mod spirv;
mod vulkan;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use super::{Backend, Control, Device, DeviceClass};
use crate::error::{DeviceError, Result};
use crate::plan::Plan;
use crate::record::{Recorder, Takes};

pub use adapters::{AdapterSummary, Conformance, list};
pub use kernel::{Kernel, Network};
pub use layout::layouts;
pub use moments::wgsl as moments_wgsl;
pub use monitors::wgsl as monitor_wgsl;
pub use program::Program;
pub use shader::{Build, Dialect, validate as validate_wgsl};
pub use spirv::spirv;

use compute::Refusal;

/// Runs plans on a GPU. A clone is the same device, with the same programs.
#[derive(Debug, Clone)]
pub struct Gpu {
    device: wgpu::Device,
    queue: wgpu::Queue,
    described: Device,
    /// Which adapter it is of.
    info: wgpu::AdapterInfo,
    /// The ways of building shaders that it may take, the best first.
    builds: Vec<Build>,
    dialect: Dialect,
    /// Programs built so far, by their text.
    pipelines: Arc<Mutex<HashMap<String, Arc<compute::Kernel>>>>,
    /// What the driver refused so far, by its text.
    refusals: Arc<Mutex<HashMap<String, Refusal>>>,
    /// The kernels that ran, and those of the list that were refused before them.
    history: Arc<Mutex<History>>,
    /// The same device opened anew, after a refusal that cost this one.
    successor: Arc<OnceLock<Gpu>>,
    /// The kernel asked for; otherwise the best that fits.
    kernel: Option<Kernel>,
    dispatch_target: Duration,
    /// How often batches and first dispatches were halved, once for each loss of the device.
    caution: u32,
    /// Bytes of its own memory that were free when it was opened, where it tells.
    free_bytes: Option<u64>,
    /// How long it may take to answer.
    wait_limit: Duration,
    /// Loop iterations that one invocation may make in one dispatch.
    max_iterations: u32,
    /// Why the device was lost, once it is.
    lost: Arc<Mutex<Option<String>>>,
}

/// Which kernels a device ran and refused, by name, each once.
#[derive(Debug, Default)]
struct History {
    ran: Vec<String>,
    refused: Vec<String>,
}

impl History {
    fn add(names: &mut Vec<String>, kernel: Kernel) {
        let name = kernel.to_string();
        if !names.contains(&name) {
            names.push(name);
        }
    }
}

impl Gpu {
    /// How many results of each probe of [`conformance`] differ from the host's, with shaders built in this way.
    ///
    /// # Errors
    /// [`crate::Error::Device`] if the device refuses or fails.
    pub fn mismatches(
        &self,
        build: Build,
        inputs: &[[u32; 4]],
    ) -> Result<[usize; conformance::PROBES.len()]> {
        let dialect = Dialect {
            build,
            ..self.dialect
        };
        conformance::mismatches(self.latest(), dialect, inputs)
    }

    /// The pipeline of a program, built once. A refusal that costs the device leaves a [`Gpu::latest`].
    fn pipeline(
        &self,
        label: &str,
        wgsl: String,
        entry_point: &str,
        bindings: &[compute::Binding],
    ) -> Result<Arc<compute::Kernel>, Refusal> {
        let mut pipelines = lock(&self.pipelines);
        if let Some(pipeline) = pipelines.get(&wgsl) {
            return Ok(Arc::clone(pipeline));
        }
        if let Some(refusal) = lock(&self.refusals).get(&wgsl) {
            return Err(refusal.clone());
        }
        let build = self.dialect.build;
        match compute::Kernel::new(self, label, &wgsl, entry_point, build, bindings) {
            Ok(pipeline) => {
                let pipeline = Arc::new(pipeline);
                pipelines.insert(wgsl, Arc::clone(&pipeline));
                Ok(pipeline)
            }
            Err(refusal) => {
                lock(&self.refusals).insert(wgsl, refusal.clone());
                if self.is_lost()
                    && let Ok(again) = self.opened_again()
                {
                    // Nobody else sets it while the pipelines are locked.
                    let _ = self.successor.set(again);
                }
                Err(refusal)
            }
        }
    }

    /// The device, or what it was opened anew as after refusals.
    fn latest(&self) -> &Self {
        let mut gpu = self;
        while let Some(successor) = gpu.successor.get() {
            gpu = successor;
        }
        gpu
    }

    /// Whether the device was lost: [`Gpu::rebuild`] opens it anew.
    pub fn is_lost(&self) -> bool {
        lock(&self.latest().lost).is_some()
    }

    /// What `make` makes of the device's parts, or what the driver said against it.
    fn watched<T>(&self, make: impl FnOnce() -> T) -> std::result::Result<T, String> {
        use wgpu::ErrorFilter::{Internal, OutOfMemory, Validation};
        let scopes = [OutOfMemory, Internal, Validation].map(|of| self.device.push_error_scope(of));
        let made = make();
        // The last that was opened closes first; all of them have to.
        let said = scopes.into_iter().rev().fold(None, |said, scope| {
            let error = pollster::block_on(scope.pop()).map(|error| error.to_string());
            said.or(error)
        });
        // An error that loses the device comes to no scope.
        match said.or_else(|| lock(&self.lost).clone()) {
            None => Ok(made),
            Some(said) => Err(said),
        }
    }

    /// # Errors
    /// [`Error::Device`] if the device was lost, or refused something that nobody waited for.
    fn check(&self) -> Result<()> {
        match &*lock(&self.lost) {
            None => Ok(()),
            Some(reason) => Err(DeviceError::Lost {
                device: self.described.name.clone(),
                reason: reason.clone(),
            }
            .into()),
        }
    }

    /// How long one dispatch may take.
    pub fn dispatch_target(&self) -> Duration {
        self.dispatch_target
    }

    /// The adapter's name.
    pub fn name(&self) -> &str {
        &self.described.name
    }

    /// How far its bits can be trusted, with shaders built as they are.
    pub fn device_class(&self) -> DeviceClass {
        self.described.class
    }

    /// The way its shaders are built.
    pub fn build(&self) -> Build {
        self.dialect.build
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Backend for Gpu {
    fn device(&self) -> &Device {
        &self.described
    }

    fn device_used(&self) -> Device {
        let history = lock(&self.history);
        Device {
            kernels: history.ran.clone(),
            refused_kernels: history.refused.clone(),
            ..self.described.clone()
        }
    }

    fn run(&self, plan: &Plan, recorder: &dyn Recorder, control: &Control) -> Result<()> {
        let ready = self.ready(plan, recorder.takes())?;
        let gpu = ready.gpu;
        History::add(&mut lock(&self.history).ran, ready.kernel);
        // What the loss of the device brings with it says less than the loss.
        batch::run_all(&ready, plan, recorder, control)
            .map_err(|error| gpu.check().err().unwrap_or(error))
    }

    fn device_bytes(&self, plan: &Plan, takes: Takes) -> Result<u64> {
        room::bytes_at_a_time(&self.ready(plan, takes)?, plan)
    }

    fn reopened(&self) -> Option<Result<Box<dyn Backend>>> {
        Some(self.rebuild().map(|gpu| Box::new(gpu) as Box<dyn Backend>))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use ndarray::ArrayView3;

    use super::*;
    use crate::backend::select::Selected;
    use crate::record::{End, Raw};

    /// The GPU under test; `None` where there is none and none is required.
    fn gpu() -> Option<Gpu> {
        match Gpu::open(None, true) {
            Ok(gpu) => Some(gpu),
            Err(error) => {
                assert_ne!(std::env::var("REQUIRE_GPU").as_deref(), Ok("1"), "{error}");
                // `println!` would be captured, and the test passes.
                let mut stderr = std::io::stderr();
                writeln!(stderr, "skipped: no GPU adapter ({error})").expect("it takes a line");
                None
            }
        }
    }

    fn plan() -> Plan {
        let study = crate::io::study::load(None, &["protocol.duration=20"]).unwrap();
        Plan::new(&study).unwrap()
    }

    /// Asks the device for something impossible at the first samples, and counts deliveries.
    struct Saboteur<'a> {
        gpu: &'a Gpu,
        deliveries: AtomicUsize,
    }

    impl Recorder for Saboteur<'_> {
        fn record(&self, _: usize, _: usize, _: ArrayView3<'_, f32>) {
            self.deliveries.fetch_add(1, Ordering::Relaxed);
            let _ = self.gpu.device.create_buffer(&wgpu::BufferDescriptor {
                label: None,
                size: u64::MAX,
                usage: wgpu::BufferUsages::STORAGE,
                mapped_at_creation: false,
            });
        }

        fn finish(&self, _: usize, _: End) {}
    }

    #[test]
    fn nothing_is_delivered_after_an_error_that_nobody_waited_for() {
        let Some(gpu) = gpu() else { return };
        let recorder = Saboteur {
            gpu: &gpu,
            deliveries: AtomicUsize::new(0),
        };
        let run = gpu.run(&plan(), &recorder, &Control::default());
        let error = run.unwrap_err().report();
        assert!(error.contains("was lost"), "{error}");
        assert_eq!(recorder.deliveries.into_inner(), 1);
    }

    #[test]
    fn a_lost_device_is_an_error_that_says_what_to_do() {
        let Some(gpu) = gpu() else { return };
        let plan = plan();
        gpu.device.destroy();
        let error = gpu
            .run(
                &plan,
                &Raw::new(&plan).expect("room for the samples"),
                &Control::default(),
            )
            .unwrap_err()
            .report();
        assert!(
            error.contains("was lost") && error.contains("--backend cpu"),
            "{error}"
        );
        assert!(gpu.is_lost());
        let again = gpu.rebuild().unwrap();
        assert_eq!(again.dispatch_target() * 2, gpu.dispatch_target());
        assert!(!again.is_lost());
        let recorder = Raw::new(&plan).unwrap();
        again.run(&plan, &recorder, &Control::default()).unwrap();
        assert_eq!(recorder.into_recorded()[0].end.n_steps, plan.n_steps);
    }

    #[test]
    fn a_device_without_a_kernel_for_the_plan_leaves_the_work_to_the_cpu() {
        let Some(mut gpu) = gpu() else { return };
        let plan = plan();
        let able = Selected::gpu_if_able(Ok(gpu.clone()), &plan);
        assert_eq!(able.backend.device().backend, "gpu");
        assert_eq!(able.reason, None);
        gpu.max_iterations = 1;
        let unable = Selected::gpu_if_able(Ok(gpu), &plan);
        assert_eq!(unable.backend.device().backend, "cpu");
        let reason = unable.reason.unwrap();
        assert!(reason.starts_with("running on the CPU: "), "{reason}");
        assert!(
            reason.contains("than the 1 that the device does"),
            "{reason}"
        );
    }

    /// As one whose driver refuses every kernel is left, too: what runs the plan is built before the GPU is taken.
    #[test]
    fn a_device_that_builds_no_kernel_leaves_the_work_to_the_cpu() {
        let Some(gpu) = gpu() else { return };
        let plan = plan();
        gpu.device.destroy();
        // That it is gone is noticed by who uses it.
        let recorder = Raw::new(&plan).unwrap();
        assert!(gpu.run(&plan, &recorder, &Control::default()).is_err());
        let unable = Selected::gpu_if_able(Ok(gpu), &plan);
        assert_eq!(unable.backend.device().backend, "cpu");
        let reason = unable.reason.unwrap();
        assert!(reason.contains("was lost"), "{reason}");
    }

    #[test]
    fn a_device_that_does_not_answer_is_lost() {
        let Some(mut gpu) = gpu() else { return };
        let plan = plan();
        gpu.wait_limit = Duration::ZERO;
        let recorder = Raw::new(&plan).unwrap();
        let error = gpu.run(&plan, &recorder, &Control::default());
        let error = error.unwrap_err().report();
        assert!(error.contains("no answer for 0 s"), "{error}");
        assert!(gpu.is_lost());
        gpu.wait_limit = open::WAIT_LIMIT;
        let again = gpu.rebuild().unwrap();
        again
            .run(&plan, &Raw::new(&plan).unwrap(), &Control::default())
            .unwrap();
    }
}

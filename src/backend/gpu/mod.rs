//! The GPU backend, through wgpu: the only place that says `wgpu`.
//!
//! Opening a device classes it: the conformance shader runs under each way of building shaders, and the first whose bits
//! are the host's is taken (see [`DeviceClass`]).

mod adapters;
mod arrays;
mod batch;
mod compute;
pub mod conformance;
mod flight;
mod kernel;
mod layout;
mod moments;
mod program;
pub mod roof;
mod shader;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use wgpu::{Adapter, DeviceType, Features};

use super::{Backend, Control, Device, DeviceClass};
use crate::error::{Error, Result};
use crate::plan::Plan;
use crate::record::Recorder;

pub use adapters::{AdapterSummary, Conformance, list};
pub use kernel::{Kernel, Network};
pub use layout::layouts;
pub use moments::wgsl as moments_wgsl;
pub use program::Program;
pub use shader::{Build, Dialect, validate as validate_wgsl};

use adapters::{NO_ADAPTER, adapters};
use kernel::Abilities;

/// A dispatch should take this long, and half of it at least: shorter wastes, longer makes desktops stutter and watchdogs bark.
const DISPATCH_TARGET: Duration = Duration::from_millis(100);

/// Runs plans on a GPU. A clone is the same device, with the same programs.
#[derive(Debug, Clone)]
pub struct Gpu {
    device: wgpu::Device,
    queue: wgpu::Queue,
    described: Device,
    /// Which adapter it is of.
    info: wgpu::AdapterInfo,
    dialect: Dialect,
    /// Programs built so far, by their text.
    pipelines: Arc<Mutex<HashMap<String, Arc<compute::Kernel>>>>,
    /// The kernel asked for; otherwise the best that fits.
    kernel: Option<Kernel>,
    dispatch_target: Duration,
    /// Loop iterations that one invocation may make in one dispatch.
    max_iterations: u32,
    /// Why the device was lost, once it is.
    lost: Arc<Mutex<Option<String>>>,
}

/// Inputs of the conformance test at start-up.
const N_CONFORMANCE_INPUTS: u32 = 1 << 14;

impl Gpu {
    /// Opens the first adapter whose name contains `name` (in any case), or the fastest if no name is given.
    ///
    /// Without a name a software adapter is taken only if `software` says so.
    ///
    /// # Errors
    /// [`Error::Device`] if there is none, with what to install.
    pub fn open(name: Option<&str>, software: bool) -> Result<Self> {
        let adapters = adapters();
        let fits = |adapter: &&Adapter| {
            let info = adapter.get_info();
            match name {
                Some(name) => info.name.to_lowercase().contains(&name.to_lowercase()),
                None => software || info.device_type != DeviceType::Cpu,
            }
        };
        let mut refusals = Vec::new();
        for adapter in adapters.iter().filter(fits) {
            match Self::from_adapter(adapter) {
                Ok(gpu) => return Ok(gpu),
                Err(error) => refusals.push(error.to_string()),
            }
        }
        let names: Vec<String> = adapters
            .iter()
            .map(|adapter| adapter.get_info().name)
            .collect();
        let message = match name {
            _ if !refusals.is_empty() => refusals.join("; "),
            _ if adapters.is_empty() => NO_ADAPTER.to_string(),
            Some(name) => format!(
                "no adapter's name contains {name:?}; there are: {}",
                names.join(", ")
            ),
            None => format!("only software adapters found ({})", names.join(", ")),
        };
        Err(Error::Device { message })
    }

    /// Opens the fastest adapter, software or not, with shaders built in one given way, whatever its class then is.
    ///
    /// # Errors
    /// As [`Gpu::open`]; also if the device cannot take shaders built so.
    pub fn with_build(build: Build) -> Result<Self> {
        let mut gpu = Self::open(None, true)?;
        if build == Build::NoContraction
            && !gpu
                .device
                .features()
                .contains(Features::PASSTHROUGH_SHADERS)
        {
            return Err(Error::Device {
                message: "this device takes no SPIR-V of ours".into(),
            });
        }
        gpu.class_as(build)?;
        Ok(gpu)
    }

    fn from_adapter(adapter: &Adapter) -> Result<Self> {
        let info = adapter.get_info();
        let wanted =
            Features::PASSTHROUGH_SHADERS | Features::TIMESTAMP_QUERY | Features::SHADER_INT64;
        let descriptor = wgpu::DeviceDescriptor {
            label: Some("brainsweep"),
            required_features: adapter.features() & wanted,
            required_limits: adapter.limits(),
            ..Default::default()
        };
        let (device, queue) =
            pollster::block_on(adapter.request_device(&descriptor)).map_err(|error| {
                Error::Device {
                    message: format!("{} cannot be opened: {error}", info.name),
                }
            })?;
        let lost = Arc::new(Mutex::new(None));
        let note = |slot: &Arc<Mutex<Option<String>>>| {
            let slot = Arc::clone(slot);
            move |reason: String| {
                let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
                slot.get_or_insert(reason);
            }
        };
        let (on_loss, on_error) = (note(&lost), note(&lost));
        device.set_device_lost_callback(move |reason, message| {
            on_loss(format!("{reason:?}: {message}"))
        });
        // By default wgpu ends the program on an error that nobody waits for.
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            on_error(error.to_string())
        }));
        let mut gpu = Self {
            device,
            queue,
            described: Device {
                backend: "gpu",
                name: info.name.clone(),
                driver: format!("{} {}", info.driver, info.driver_info)
                    .trim()
                    .to_string(),
                class: DeviceClass::Tolerance,
            },
            info,
            dialect: Dialect {
                build: Build::Plain,
                wide_integers: false,
            },
            pipelines: Arc::default(),
            kernel: None,
            dispatch_target: DISPATCH_TARGET,
            max_iterations: u32::MAX,
            lost,
        };
        // A software renderer makes its 64-bit products of more instructions than their halves take.
        gpu.dialect.wide_integers = gpu.info.device_type != wgpu::DeviceType::Cpu
            && gpu.device.features().contains(Features::SHADER_INT64);
        gpu.classify()?;
        Ok(gpu)
    }

    /// Takes the first way of building shaders whose bits are the host's.
    fn classify(&mut self) -> Result<()> {
        if self
            .device
            .features()
            .contains(Features::PASSTHROUGH_SHADERS)
        {
            self.class_as(Build::NoContraction)?;
        }
        if self.described.class == DeviceClass::Tolerance {
            self.class_as(Build::Barrier)?;
        }
        if self.described.class == DeviceClass::Tolerance {
            self.class_as(Build::Plain)?;
        }
        Ok(())
    }

    /// Builds shaders in this way from now on.
    fn class_as(&mut self, build: Build) -> Result<()> {
        let inputs = conformance::inputs(N_CONFORMANCE_INPUTS);
        let conforms = self.mismatches(build, &inputs)?.iter().all(|&n| n == 0);
        self.described.class = match build {
            Build::NoContraction if conforms => DeviceClass::Exact,
            Build::Barrier if conforms => DeviceClass::ExactBarrier,
            _ => DeviceClass::Tolerance,
        };
        self.dialect.build = build;
        self.forget_programs();
        let iterations = conformance::loop_iterations(&self.device, &self.queue, self.dialect)?;
        // A limit that shows is that of Mesa's older software renderer; stay clear of it.
        self.max_iterations = if iterations == conformance::LOOP_PROBE {
            u32::MAX
        } else {
            iterations / 10 * 9
        };
        Ok(())
    }

    /// How many results of each probe of [`conformance`] differ from the host's, with shaders built in this way.
    ///
    /// # Errors
    /// [`Error::Device`] if the device refuses or fails.
    pub fn mismatches(
        &self,
        build: Build,
        inputs: &[[u32; 4]],
    ) -> Result<[usize; conformance::PROBES.len()]> {
        let dialect = Dialect {
            build,
            ..self.dialect
        };
        conformance::mismatches(&self.device, &self.queue, dialect, inputs)
    }

    /// The same device, with or without integers of 64 bits in its shaders.
    ///
    /// # Errors
    /// [`Error::Device`] if they are asked for and it has none.
    pub fn with_wide_integers(mut self, wide: bool) -> Result<Self> {
        if wide && !self.device.features().contains(Features::SHADER_INT64) {
            return Err(Error::Device {
                message: format!("{} has no integers of 64 bits", self.described.name),
            });
        }
        self.dialect.wide_integers = wide;
        self.class_as(self.dialect.build)?;
        Ok(self)
    }

    /// The pipeline of a program, built once.
    fn pipeline(
        &self,
        label: &str,
        wgsl: String,
        entry_point: &str,
        bindings: &[compute::Binding],
    ) -> Result<Arc<compute::Kernel>> {
        let mut pipelines = self
            .pipelines
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(pipeline) = pipelines.get(&wgsl) {
            return Ok(Arc::clone(pipeline));
        }
        let build = self.dialect.build;
        let pipeline =
            compute::Kernel::new(&self.device, label, &wgsl, entry_point, build, bindings)?;
        let pipeline = Arc::new(pipeline);
        pipelines.insert(wgsl, Arc::clone(&pipeline));
        Ok(pipeline)
    }

    /// Programs are written and built in another way from now on.
    fn forget_programs(&mut self) {
        self.pipelines = Arc::default();
    }

    /// The same device with one kernel for every plan.
    pub fn with_kernel(mut self, kernel: Kernel) -> Self {
        self.kernel = Some(kernel);
        self
    }

    /// Every kernel worth measuring for this plan on this device, the one taken by default first.
    pub fn kernels(&self, plan: &Plan) -> Vec<Kernel> {
        kernel::candidates(plan, self.abilities())
    }

    /// The kernel that runs this plan.
    ///
    /// # Errors
    /// [`Error::Device`] if the kernel asked for does not fit, or none does.
    pub fn kernel_for(&self, plan: &Plan) -> Result<Kernel> {
        match self.kernel {
            Some(kernel) if kernel::fits(kernel, plan, self.abilities()) => Ok(kernel),
            Some(kernel) => Err(Error::Device {
                message: format!(
                    "the kernel {kernel} does not fit this network on {}: it takes {} bytes of workgroup memory of {}, and threads at \
                     least as many as nodes; leave the choice of kernel open",
                    self.described.name,
                    kernel.workgroup_bytes(&Network::of(plan), &plan.recipe),
                    self.abilities().max_workgroup_bytes,
                ),
            }),
            None => self.kernels(plan).first().copied().ok_or_else(|| Error::Device {
                message: format!(
                    "one step of this network takes more loop iterations than {} can do ({}); use a newer driver (Mesa 23 or \
                     later), or say --backend cpu",
                    self.described.name, self.max_iterations
                ),
            }),
        }
    }

    fn abilities(&self) -> Abilities {
        let limits = self.device.limits();
        Abilities {
            max_threads: limits.max_compute_invocations_per_workgroup,
            max_workgroup_bytes: limits.max_compute_workgroup_storage_size,
            max_uniform_bytes: limits.max_uniform_buffer_binding_size,
            max_iterations: self.max_iterations,
        }
    }

    /// The same device opened anew, as after its loss, with dispatches of half the length.
    ///
    /// # Errors
    /// [`Error::Device`] if it is gone, or cannot do what it could.
    pub fn rebuild(&self) -> Result<Self> {
        let same = |adapter: &Adapter| {
            let info = adapter.get_info();
            (
                info.name == self.info.name,
                info.vendor,
                info.device,
                info.backend,
            ) == (true, self.info.vendor, self.info.device, self.info.backend)
        };
        let adapter = adapters()
            .into_iter()
            .find(same)
            .ok_or_else(|| Error::Device {
                message: format!("{} is gone; say --backend cpu", self.described.name),
            })?;
        let mut gpu = Self::from_adapter(&adapter)?;
        if gpu.dialect != self.dialect {
            gpu.dialect.wide_integers = self.dialect.wide_integers;
            gpu.class_as(self.dialect.build)?;
        }
        gpu.kernel = self.kernel;
        gpu.dispatch_target = self.dispatch_target / 2;
        Ok(gpu)
    }

    /// Whether the device was lost: [`Gpu::rebuild`] opens it anew.
    pub fn is_lost(&self) -> bool {
        let lost = self.lost.lock();
        lost.unwrap_or_else(PoisonError::into_inner).is_some()
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

    /// `error`, or what became known of the device's loss.
    fn explain(&self, error: Error) -> Error {
        let lost = self
            .lost
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        match lost {
            None => error,
            Some(reason) => Error::Device {
                message: format!(
                    "the device {} was lost ({reason}); what was recorded until then is kept. Close other programs that \
                     use it and run again, or say --backend cpu",
                    self.described.name
                ),
            },
        }
    }
}

impl Backend for Gpu {
    fn device(&self) -> &Device {
        &self.described
    }

    fn run(&self, plan: &Plan, recorder: &dyn Recorder, control: &Control) -> Result<()> {
        batch::run_all(self, plan, recorder, control).map_err(|error| self.explain(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Raw;

    #[test]
    fn a_lost_device_is_an_error_that_says_what_to_do() {
        let gpu = match Gpu::open(None, true) {
            Ok(gpu) => gpu,
            Err(error) => {
                assert_ne!(std::env::var("REQUIRE_GPU").as_deref(), Ok("1"), "{error}");
                println!("skipped: no GPU adapter ({error})");
                return;
            }
        };
        let study = crate::io::study::load(None, &["protocol.duration=1"]).unwrap();
        let plan = Plan::new(&study).unwrap();
        gpu.device.destroy();
        let error = gpu
            .run(
                &plan,
                &Raw::new(&plan).expect("room for the samples"),
                &Control::default(),
            )
            .unwrap_err()
            .to_string();
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
}

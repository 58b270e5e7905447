//! The GPU backend, through wgpu: the only place that says `wgpu`.
//!
//! Opening a device classes it: the conformance shader runs under each way of building shaders, and the first whose bits
//! are the host's is taken (see [`DeviceClass`]).

mod batch;
mod compute;
pub mod conformance;
mod layout;
mod shader;

use std::sync::{Arc, Mutex};

use wgpu::{Adapter, DeviceType, Features};

use super::{Backend, Control, Device, DeviceClass};
use crate::error::{Error, Result};
use crate::plan::Plan;
use crate::record::Recorder;

pub use layout::layouts;
pub use shader::{Build, Shape, simulation as simulation_wgsl, validate as validate_wgsl};

/// Runs plans on a GPU.
#[derive(Debug)]
pub struct Gpu {
    device: wgpu::Device,
    queue: wgpu::Queue,
    described: Device,
    build: Build,
    /// Loop iterations that one invocation may make in one dispatch.
    max_iterations: u32,
    /// Why the device was lost, once it is.
    lost: Arc<Mutex<Option<String>>>,
}

/// An adapter, as `brainsweep devices` lists it.
#[derive(Debug, Clone, serde::Serialize)]
pub struct AdapterSummary {
    /// The device's name.
    pub name: String,
    /// Vulkan, Metal or DX12.
    pub api: String,
    /// Driver and its version.
    pub driver: String,
    /// Whether it is a CPU in disguise.
    pub software: bool,
    /// What the conformance test found, or why it could not run.
    pub class: Option<DeviceClass>,
    /// Mismatches per probe and way of building shaders.
    pub conformance: Vec<Conformance>,
    /// Loop iterations that one invocation may make in one dispatch; `None` if there is no limit.
    pub iteration_limit: Option<u32>,
    /// Why it cannot be used, if it cannot.
    pub error: Option<String>,
}

/// The conformance test of one way of building shaders.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Conformance {
    /// The way.
    pub build: &'static str,
    /// How many results of how many differ, per probe.
    pub mismatches: Vec<(&'static str, usize)>,
    /// Inputs per probe.
    pub n_inputs: usize,
}

const NO_ADAPTER: &str = "no GPU adapter found; install your graphics driver's Vulkan part (Debian and Ubuntu: \
     `apt-get install mesa-vulkan-drivers` for AMD, Intel and a software renderer; NVIDIA's driver brings its own), \
     or say --backend cpu";

fn adapters() -> Vec<Adapter> {
    let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
    descriptor.backends = wgpu::Backends::VULKAN | wgpu::Backends::METAL | wgpu::Backends::DX12;
    let instance = wgpu::Instance::new(descriptor);
    let mut adapters = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::all()));
    // The fastest kind first.
    adapters.sort_by_key(|adapter| match adapter.get_info().device_type {
        DeviceType::DiscreteGpu => 0,
        DeviceType::VirtualGpu => 1,
        DeviceType::IntegratedGpu => 2,
        DeviceType::Other => 3,
        DeviceType::Cpu => 4,
    });
    adapters
}

/// Every adapter of this machine, classed.
pub fn list() -> Vec<AdapterSummary> {
    adapters()
        .iter()
        .map(|adapter| {
            let info = adapter.get_info();
            let mut summary = AdapterSummary {
                name: info.name.clone(),
                api: format!("{:?}", info.backend),
                driver: format!("{} {}", info.driver, info.driver_info),
                software: info.device_type == DeviceType::Cpu,
                class: None,
                conformance: Vec::new(),
                iteration_limit: None,
                error: None,
            };
            let examined = Gpu::from_adapter(adapter).and_then(|gpu| {
                summary.class = Some(gpu.described.class);
                summary.iteration_limit =
                    (gpu.max_iterations != u32::MAX).then_some(gpu.max_iterations);
                for build in [Build::NoContraction, Build::Barrier, Build::Plain] {
                    if build == Build::NoContraction
                        && !gpu
                            .device
                            .features()
                            .contains(Features::PASSTHROUGH_SHADERS)
                    {
                        continue;
                    }
                    let inputs = conformance::inputs(N_CONFORMANCE_INPUTS);
                    let mismatches = gpu.mismatches(build, &inputs)?;
                    let name = match build {
                        Build::NoContraction => "NoContraction",
                        Build::Barrier => "XOR barrier",
                        Build::Plain => "plain WGSL",
                    };
                    summary.conformance.push(Conformance {
                        build: name,
                        mismatches: conformance::PROBES.into_iter().zip(mismatches).collect(),
                        n_inputs: inputs.len(),
                    });
                }
                Ok(())
            });
            summary.error = examined.err().map(|error| error.to_string());
            summary
        })
        .collect()
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
        let wanted = Features::PASSTHROUGH_SHADERS;
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
                let mut slot = slot.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
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
                name: info.name,
                driver: format!("{} {}", info.driver, info.driver_info)
                    .trim()
                    .to_string(),
                class: DeviceClass::Tolerance,
            },
            build: Build::Plain,
            max_iterations: u32::MAX,
            lost,
        };
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
        self.build = build;
        let iterations = conformance::loop_iterations(&self.device, &self.queue, build)?;
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
        conformance::mismatches(&self.device, &self.queue, build, inputs)
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
        self.build
    }

    /// `error`, or what became known of the device's loss.
    fn explain(&self, error: Error) -> Error {
        let lost = self
            .lost
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
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
    }
}

//! Opening a device: which adapter, and the way of building shaders whose bits are the host's.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use wgpu::{Adapter, DeviceType, Features};

use super::adapters::{NO_ADAPTER, adapters};
use super::shader::{Build, Dialect};
use super::{Gpu, conformance};
use crate::backend::{Device, DeviceClass};
use crate::error::{Error, Result};

/// A dispatch should take this long, and half of it at least: shorter wastes, longer makes desktops stutter and watchdogs bark.
const DISPATCH_TARGET: Duration = Duration::from_millis(100);

/// Inputs of the conformance test at start-up.
pub(super) const N_CONFORMANCE_INPUTS: u32 = 1 << 14;

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

    pub(super) fn from_adapter(adapter: &Adapter) -> Result<Self> {
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
        self.pipelines = Arc::default();
        let iterations = conformance::loop_iterations(&self.device, &self.queue, self.dialect)?;
        // A limit that shows is that of Mesa's older software renderer; stay clear of it.
        self.max_iterations = if iterations == conformance::LOOP_PROBE {
            u32::MAX
        } else {
            iterations / 10 * 9
        };
        Ok(())
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
}

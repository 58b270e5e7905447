//! Opening a device: which adapter, and the way of building shaders whose bits are the host's.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use wgpu::{Adapter, DeviceType, Features};

use super::enumerate::{INSTALL, NO_ADAPTER, adapters, kind};
use super::examined::{Examined, Tried};
use super::shader::{Build, Dialect};
use super::{Gpu, vulkan};
use crate::backend::{Device, DeviceClass};
use crate::error::{DeviceError, Error, Result};

/// A dispatch should take this long, and half of it at least: shorter wastes, longer makes desktops stutter and watchdogs bark.
const DISPATCH_TARGET: Duration = Duration::from_millis(100);

impl Gpu {
    /// Opens the fastest kind of adapter there is, of those whose name contains `name` (in any case) if one is given. Of several
    /// adapters of a kind it takes the first that is exact, else the one whose class is the best.
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
        let mut best: Option<(u8, Self)> = None;
        for adapter in adapters.iter().filter(fits) {
            let kind = kind(adapter);
            if let Some((best_kind, gpu)) = &best
                && (*best_kind < kind || gpu.device_class() == DeviceClass::Exact)
            {
                break;
            }
            match Self::from_adapter(adapter) {
                Ok(gpu) => {
                    let is_better =
                        |(_, best): &(u8, Self)| gpu.device_class() < best.device_class();
                    if best.as_ref().is_none_or(is_better) {
                        best = Some((kind, gpu));
                    }
                }
                Err(error) => refusals.push(error.to_string()),
            }
        }
        if let Some((_, gpu)) = best {
            return Ok(gpu);
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
        let hint = adapters.is_empty().then(|| INSTALL.into());
        Err(DeviceError::NotFound {
            problem: message,
            hint,
        }
        .into())
    }

    /// As [`Gpu::open`] for any adapter, with shaders built in one given way, whatever its class then is.
    ///
    /// # Errors
    /// As [`Gpu::open`]; also if the device cannot take shaders built so.
    pub fn with_build(build: Build) -> Result<Self> {
        let mut gpu = Self::open(None, true)?;
        if !gpu.builds.contains(&build) {
            let cannot = format!("takes no {} shaders", build.name());
            return Err(Error::unsupported(&gpu.described.name, cannot, None));
        }
        let dialect = Dialect {
            build,
            ..gpu.dialect
        };
        gpu.take(&Examined::of(&gpu, dialect)?);
        Ok(gpu)
    }

    pub(super) fn from_adapter(adapter: &Adapter) -> Result<Self> {
        Ok(Self::examined(adapter, false)?.0)
    }

    /// Opens an adapter with the best way of building shaders, by [`Examined::rank`]; also, what was found of the ways that were
    /// tried: all, or only those up to the first that is exact.
    pub(super) fn examined(adapter: &Adapter, all: bool) -> Result<(Self, Tried)> {
        let mut gpu = Self::unexamined(adapter)?;
        let mut tried = Tried::new();
        for build in gpu.builds.clone() {
            // A refusal may have cost the device.
            if gpu.is_lost() {
                gpu = Self::unexamined(adapter)?;
            }
            let dialect = Dialect {
                build,
                ..gpu.dialect
            };
            let examined = Examined::of(&gpu, dialect);
            let is_exact = examined
                .as_ref()
                .is_ok_and(|examined| examined.class().is_exact());
            tried.push((build, examined));
            if is_exact && !all {
                break;
            }
        }
        if gpu.is_lost() {
            gpu = Self::unexamined(adapter)?;
        }
        let found = tried
            .iter()
            .filter_map(|(_, examined)| examined.as_ref().ok());
        match found.min_by_key(|examined| examined.rank()) {
            Some(best) => gpu.take(best),
            None => {
                let refusals = tried.into_iter().filter_map(|(_, examined)| examined.err());
                let mut refusals: Vec<String> = refusals.map(|error| error.to_string()).collect();
                refusals.dedup();
                let problem = refusals.join("; ");
                let hint = None;
                return Err(DeviceError::NotFound { problem, hint }.into());
            }
        }
        Ok((gpu, tried))
    }

    /// The device of an adapter, of which nothing is known yet.
    fn unexamined(adapter: &Adapter) -> Result<Self> {
        let info = adapter.get_info();
        let wanted =
            Features::PASSTHROUGH_SHADERS | Features::TIMESTAMP_QUERY | Features::SHADER_INT64;
        let descriptor = wgpu::DeviceDescriptor {
            label: Some("brainsweep"),
            required_features: adapter.features() & wanted,
            required_limits: adapter.limits(),
            ..Default::default()
        };
        let refused = |why: String| DeviceError::NotOpened {
            device: info.name.clone(),
            why,
        };
        // wgpu panics if the driver fails when the device is half made.
        let request = || pollster::block_on(adapter.request_device(&descriptor));
        let (device, queue) = catch_unwind(AssertUnwindSafe(request))
            .map_err(|_| refused("its driver failed on the way".into()))?
            .map_err(|error| refused(error.to_string()))?;
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
        // A software renderer makes its 64-bit products of more instructions than their halves take.
        let wide_integers = info.device_type != DeviceType::Cpu
            && device.features().contains(Features::SHADER_INT64);
        let builds = Build::to_try(
            info.backend,
            device.features(),
            vulkan::keeps_subnormals(adapter),
        );
        Ok(Self {
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
            builds,
            dialect: Dialect {
                build: Build::Plain,
                wide_integers,
            },
            pipelines: Arc::default(),
            refusals: Arc::default(),
            successor: Arc::default(),
            kernel: None,
            dispatch_target: DISPATCH_TARGET,
            max_iterations: u32::MAX,
            lost,
        })
    }

    /// Builds shaders in this way from now on.
    fn take(&mut self, examined: &Examined) {
        self.described.class = examined.class();
        self.dialect = examined.dialect;
        self.max_iterations = examined.max_iterations;
        self.pipelines = Arc::default();
        self.refusals = Arc::default();
    }

    /// The same device, with or without integers of 64 bits in its shaders.
    ///
    /// # Errors
    /// [`Error::Device`] if they are asked for and it has none.
    pub fn with_wide_integers(mut self, wide: bool) -> Result<Self> {
        if wide && !self.device.features().contains(Features::SHADER_INT64) {
            let cannot = "has no integers of 64 bits";
            return Err(Error::unsupported(&self.described.name, cannot, None));
        }
        let dialect = Dialect {
            wide_integers: wide,
            ..self.dialect
        };
        self.take(&Examined::of(&self, dialect)?);
        Ok(self)
    }

    /// The same device opened anew, as after its loss, with dispatches of half the length.
    ///
    /// # Errors
    /// [`Error::Device`] if it is gone, or cannot do what it could.
    pub fn rebuild(&self) -> Result<Self> {
        let mut gpu = self.latest().opened_again()?;
        gpu.dispatch_target /= 2;
        Ok(gpu)
    }

    /// The same device opened anew, with what is known of its driver's refusals.
    pub(super) fn opened_again(&self) -> Result<Self> {
        let adapter = adapters()
            .into_iter()
            .find(|adapter| adapter.get_info() == self.info)
            .ok_or_else(|| DeviceError::NotFound {
                problem: format!("{} is gone", self.described.name),
                hint: Some("say --backend cpu".into()),
            })?;
        let mut gpu = Self::from_adapter(&adapter)?;
        if gpu.dialect != self.dialect {
            gpu.take(&Examined::of(&gpu, self.dialect)?);
        }
        gpu.kernel = self.kernel;
        gpu.dispatch_target = self.dispatch_target;
        gpu.refusals = Arc::clone(&self.refusals);
        Ok(gpu)
    }
}

//! Opening a device: which adapter, and the way of building shaders whose bits are the host's.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use wgpu::{Adapter, DeviceType, Features};

use super::choice::{self, Card, Environment};
use super::enumerate::{NO_ADAPTER, adapters, card, what_to_install};
use super::examined::{Examined, Tried};
use super::shader::{Build, Dialect};
use super::{Gpu, vulkan};
use crate::backend::{Device, DeviceClass};
use crate::error::{DeviceError, Error, Result};

/// A dispatch should take this long, and half of it at least: shorter wastes, longer makes desktops stutter and watchdogs bark.
const DISPATCH_TARGET: Duration = Duration::from_millis(100);

/// No dispatch takes nearly as long: a device that has not answered by then hangs.
pub(super) const WAIT_LIMIT: Duration = Duration::from_secs(120);

impl Gpu {
    /// Opens the adapter that `device` names: its number in the list of adapters, its place on the
    /// bus (`0000:01:00.0`), or words of its name and driver, in any case. Of several it takes the
    /// best, as it does without a name: hardware before software, then the closest class of bits,
    /// then the fastest type.
    ///
    /// Without a name a software adapter is taken only if `software` says so, and no card that
    /// `CUDA_VISIBLE_DEVICES` hides. Of equal cards the task of number `SLURM_LOCALID` takes its own.
    ///
    /// # Errors
    /// [`Error::Device`] if there is none, with what to install.
    pub fn open(device: Option<&str>, software: bool) -> Result<Self> {
        let adapters = adapters();
        let cards: Vec<Card> = adapters.iter().map(card).collect();
        let order = match device {
            Some(device) => choice::named(&cards, device),
            None => choice::by_default(&cards, software, &Environment::read()),
        };
        let mut refusals = Vec::new();
        let mut best: Option<((bool, DeviceClass, u8), Self)> = None;
        for k in order {
            // No later one is of a better type, and no class is better.
            let least = choice::rank(&cards[k], DeviceClass::Exact);
            if best.as_ref().is_some_and(|(rank, _)| *rank <= least) {
                break;
            }
            match Self::from_adapter(&adapters[k]) {
                Ok(gpu) => {
                    let rank = choice::rank(&cards[k], gpu.device_class());
                    if best.as_ref().is_none_or(|(best, _)| rank < *best) {
                        best = Some((rank, gpu));
                    }
                }
                Err(error) => refusals.push(error.to_string()),
            }
        }
        if let Some((_, gpu)) = best {
            return Ok(gpu);
        }
        let listed = cards.iter().enumerate();
        let listed: Vec<String> = listed.map(|(k, card)| choice::listed(k, card)).collect();
        let listed = listed.join("; ");
        let message = match device {
            _ if !refusals.is_empty() => refusals.join("; "),
            _ if adapters.is_empty() => NO_ADAPTER.to_string(),
            Some(device) => format!("no adapter is {device:?}; there are {listed}"),
            None if cards.iter().all(|card| card.is_software) => {
                format!("only software adapters found ({listed})")
            }
            None => format!("CUDA_VISIBLE_DEVICES hides every card; there are {listed}"),
        };
        let hint = adapters.is_empty().then(|| {
            let capabilities = std::env::var("NVIDIA_DRIVER_CAPABILITIES");
            what_to_install(capabilities.ok().as_deref())
        });
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
        let told = vulkan::ask(adapter);
        let builds = Build::to_try(info.backend, device.features(), told.keeps_subnormals);
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
                pci: info.device_pci_bus_id.clone(),
                kernels: Vec::new(),
                refused_kernels: Vec::new(),
            },
            info,
            builds,
            dialect: Dialect {
                build: Build::Plain,
                wide_integers,
            },
            pipelines: Arc::default(),
            refusals: Arc::default(),
            history: Arc::default(),
            successor: Arc::default(),
            kernel: None,
            dispatch_target: DISPATCH_TARGET,
            caution: 0,
            free_bytes: told.free_bytes,
            wait_limit: WAIT_LIMIT,
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

    /// The same device opened anew, as after its loss, with batches and dispatches of half the size,
    /// the first dispatch included.
    ///
    /// # Errors
    /// [`Error::Device`] if it is gone, or cannot do what it could.
    pub fn rebuild(&self) -> Result<Self> {
        let mut gpu = self.latest().opened_again()?;
        gpu.dispatch_target /= 2;
        gpu.caution += 1;
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
        gpu.caution = self.caution;
        gpu.wait_limit = self.wait_limit;
        gpu.refusals = Arc::clone(&self.refusals);
        gpu.history = Arc::clone(&self.history);
        Ok(gpu)
    }
}

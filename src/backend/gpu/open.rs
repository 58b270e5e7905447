//! Opening a device: which adapter, and the way of building shaders whose bits are the host's.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use wgpu::{Adapter, DeviceType, Features};

use super::adapters::{NO_ADAPTER, adapters, kind};
use super::shader::{Build, Dialect};
use super::{Gpu, conformance, vulkan};
use crate::backend::{Device, DeviceClass};
use crate::error::{Error, Result};

/// A dispatch should take this long, and half of it at least: shorter wastes, longer makes desktops stutter and watchdogs bark.
const DISPATCH_TARGET: Duration = Duration::from_millis(100);

/// Inputs of the conformance test at start-up.
pub(super) const N_CONFORMANCE_INPUTS: u32 = 1 << 14;

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
        Err(Error::Device { message })
    }

    /// As [`Gpu::open`] for any adapter, with shaders built in one given way, whatever its class then is.
    ///
    /// # Errors
    /// As [`Gpu::open`]; also if the device cannot take shaders built so.
    pub fn with_build(build: Build) -> Result<Self> {
        let mut gpu = Self::open(None, true)?;
        if !gpu.builds.contains(&build) {
            return Err(Error::Device {
                message: format!("{} takes no {} shaders", gpu.described.name, build.name()),
            });
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
    pub(super) fn examined(
        adapter: &Adapter,
        all: bool,
    ) -> Result<(Self, Vec<(Build, Result<Examined>)>)> {
        let mut gpu = Self::unexamined(adapter)?;
        let mut tried = Vec::new();
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
                return Err(Error::Device {
                    message: refusals.join("; "),
                });
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
        let refused = |why: String| Error::Device {
            message: format!("{} cannot be opened: {why}", info.name),
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
            return Err(Error::Device {
                message: format!("{} has no integers of 64 bits", self.described.name),
            });
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
            .ok_or_else(|| Error::Device {
                message: format!("{} is gone; say --backend cpu", self.described.name),
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

/// What a device does with shaders written in one way.
pub(super) struct Examined {
    dialect: Dialect,
    /// Results that differ from the host's, per probe.
    pub(super) mismatches: [usize; conformance::PROBES.len()],
    /// Loop iterations that one invocation may make in one dispatch.
    max_iterations: u32,
}

impl Examined {
    /// # Errors
    /// [`Error::Device`] if the driver refuses such shaders, or fails.
    fn of(gpu: &Gpu, dialect: Dialect) -> Result<Self> {
        let inputs = conformance::inputs(N_CONFORMANCE_INPUTS);
        let mismatches = conformance::mismatches(gpu, dialect, &inputs)?;
        let iterations = conformance::loop_iterations(gpu, dialect)?;
        Ok(Self {
            dialect,
            mismatches,
            // A limit that shows is that of Mesa's older software renderer; stay clear of it.
            max_iterations: if iterations == conformance::LOOP_PROBE {
                u32::MAX
            } else {
                iterations / 10 * 9
            },
        })
    }

    /// Mismatches of the probes of subnormal numbers, or of all others.
    fn count(&self, of_subnormals: bool) -> usize {
        let probes = conformance::PROBES.iter().zip(self.mismatches);
        probes
            .filter(|(probe, _)| conformance::is_of_subnormals(probe) == of_subnormals)
            .map(|(_, n)| n)
            .sum()
    }

    fn class(&self) -> DeviceClass {
        match (self.dialect.build, self.count(false), self.count(true)) {
            (Build::Plain, ..) => DeviceClass::Tolerance,
            (Build::Barrier, 0, 0) => DeviceClass::ExactBarrier,
            (_, 0, 0) => DeviceClass::Exact,
            (_, 0, _) => DeviceClass::ExactButForSubnormals,
            _ => DeviceClass::Tolerance,
        }
    }

    /// The least is the best: by class, then by mismatches.
    fn rank(&self) -> (DeviceClass, usize, usize) {
        (self.class(), self.count(false), self.count(true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A build with this many mismatches in "exp" and in a probe of subnormal numbers.
    fn examined(build: Build, exp: usize, subnormal: usize) -> Examined {
        let mut mismatches = [0; conformance::PROBES.len()];
        let at = |name: &str| conformance::PROBES.iter().position(|probe| *probe == name);
        mismatches[at("exp").unwrap()] = exp;
        mismatches[at("subnormal times b").unwrap()] = subnormal;
        Examined {
            dialect: Dialect::narrow(build),
            mismatches,
            max_iterations: u32::MAX,
        }
    }

    #[test]
    fn flushed_subnormals_are_a_class_of_their_own() {
        use Build::{Barrier, DenormPreserve, NoContraction, Plain};
        for (build, exp, subnormal, class) in [
            (DenormPreserve, 0, 0, DeviceClass::Exact),
            (NoContraction, 0, 0, DeviceClass::Exact),
            (NoContraction, 0, 9, DeviceClass::ExactButForSubnormals),
            (NoContraction, 1, 9, DeviceClass::Tolerance),
            (NoContraction, 1, 0, DeviceClass::Tolerance),
            (Barrier, 0, 0, DeviceClass::ExactBarrier),
            (Barrier, 0, 9, DeviceClass::ExactButForSubnormals),
            (Plain, 0, 0, DeviceClass::Tolerance),
        ] {
            assert_eq!(
                examined(build, exp, subnormal).class(),
                class,
                "{build:?} {exp} {subnormal}"
            );
        }
    }

    #[test]
    fn the_build_with_the_fewest_mismatches_is_kept_and_of_equals_the_first() {
        use Build::{Barrier, NoContraction, Plain};
        for (counts, kept) in [
            ([(0, 9), (0, 9), (5, 9)], NoContraction),
            ([(0, 9), (0, 0), (5, 0)], Barrier),
            ([(7, 9), (0, 9), (5, 0)], Barrier),
            ([(7, 0), (6, 0), (5, 0)], Plain),
            ([(5, 0), (5, 0), (5, 0)], NoContraction),
            ([(5, 9), (5, 8), (6, 0)], Barrier),
        ] {
            let all: Vec<Examined> = [NoContraction, Barrier, Plain]
                .into_iter()
                .zip(counts)
                .map(|(build, (exp, subnormal))| examined(build, exp, subnormal))
                .collect();
            let best = all.iter().min_by_key(|examined| examined.rank()).unwrap();
            assert_eq!(best.dialect.build, kept, "{counts:?}");
        }
    }
}

//! The adapters of this machine, and what is known of each.

use wgpu::{Adapter, DeviceType, Features};

use super::open::N_CONFORMANCE_INPUTS;
use super::shader::Build;
use super::{Gpu, conformance};
use crate::backend::DeviceClass;

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

pub(super) const NO_ADAPTER: &str = "no GPU adapter found; install your graphics driver's Vulkan part (Debian and Ubuntu: \
     `apt-get install mesa-vulkan-drivers` for AMD, Intel and a software renderer; NVIDIA's driver brings its own), \
     or say --backend cpu";

pub(super) fn adapters() -> Vec<Adapter> {
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

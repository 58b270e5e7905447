//! The adapters of this machine, and what is known of each.

use wgpu::{Adapter, DeviceType};

use super::enumerate::adapters;
use super::examined::N_CONFORMANCE_INPUTS;
use super::{Gpu, conformance};
use crate::backend::DeviceClass;

/// An adapter, as `brainsweep devices` lists it.
#[derive(Debug, Clone, serde::Serialize)]
pub struct AdapterSummary {
    /// Its number, which `--device` takes.
    pub number: usize,
    /// Its place on the bus, as `0000:01:00.0`; empty if the driver does not tell.
    pub pci: String,
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
    /// The way of building shaders that is taken.
    pub build: Option<&'static str>,
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
    /// How many results of how many differ, per probe; empty if the driver refuses the shader.
    pub mismatches: Vec<(&'static str, usize)>,
    /// Inputs per probe.
    pub n_inputs: usize,
    /// What the driver says, if it refuses the shader.
    pub refused: Option<String>,
}

/// Every adapter of this machine, classed.
pub fn list() -> Vec<AdapterSummary> {
    let adapters = adapters();
    let numbered = adapters.iter().enumerate();
    numbered.map(|(k, adapter)| summary(k, adapter)).collect()
}

fn summary(number: usize, adapter: &Adapter) -> AdapterSummary {
    let info = adapter.get_info();
    let mut summary = AdapterSummary {
        number,
        pci: info.device_pci_bus_id.clone(),
        name: info.name.clone(),
        api: format!("{:?}", info.backend),
        driver: format!("{} {}", info.driver, info.driver_info),
        software: info.device_type == DeviceType::Cpu,
        class: None,
        build: None,
        conformance: Vec::new(),
        iteration_limit: None,
        error: None,
    };
    match Gpu::examined(adapter, true) {
        Ok((gpu, builds)) => {
            summary.class = Some(gpu.device_class());
            summary.build = Some(gpu.build().name());
            summary.iteration_limit =
                (gpu.max_iterations != u32::MAX).then_some(gpu.max_iterations);
            for (build, examined) in builds {
                let (mismatches, refused) = match examined {
                    Ok(examined) => (examined.mismatches.to_vec(), None),
                    Err(error) => (Vec::new(), Some(error.to_string())),
                };
                summary.conformance.push(Conformance {
                    build: build.name(),
                    mismatches: conformance::PROBES.into_iter().zip(mismatches).collect(),
                    n_inputs: N_CONFORMANCE_INPUTS as usize,
                    refused,
                });
            }
        }
        Err(error) => summary.error = Some(error.to_string()),
    }
    summary
}

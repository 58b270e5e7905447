//! Finds the adapters of this machine.

use wgpu::{Adapter, DeviceType, InstanceFlags};

/// What to say where there is no adapter.
pub(super) const NO_ADAPTER: &str = "no GPU adapter found";

/// What to do where there is none.
pub(super) const INSTALL: &str = "install your graphics driver's Vulkan part (Debian and Ubuntu: \
     `apt-get install mesa-vulkan-drivers` for AMD, Intel and a software renderer; NVIDIA's driver brings its own), \
     or say --backend cpu";

/// All adapters, the fastest kind first.
pub(super) fn adapters() -> Vec<Adapter> {
    let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
    // No dispatch of ours is indirect, and wgpu panics if a driver refuses the shaders that would
    // check indirect ones.
    descriptor
        .flags
        .remove(InstanceFlags::VALIDATION_INDIRECT_CALL);
    descriptor.backends = wgpu::Backends::VULKAN | wgpu::Backends::METAL | wgpu::Backends::DX12;
    let instance = wgpu::Instance::new(descriptor);
    let mut adapters = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::all()));
    adapters.sort_by_key(kind);
    adapters
}

/// The kind of an adapter, the fastest first.
pub(super) fn kind(adapter: &Adapter) -> u8 {
    match adapter.get_info().device_type {
        DeviceType::DiscreteGpu => 0,
        DeviceType::VirtualGpu => 1,
        DeviceType::IntegratedGpu => 2,
        DeviceType::Other => 3,
        DeviceType::Cpu => 4,
    }
}

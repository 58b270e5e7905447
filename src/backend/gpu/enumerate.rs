//! Finds the adapters of this machine.

use wgpu::{Adapter, DeviceType, InstanceFlags};

use super::choice::Card;
use super::vulkan;

/// What to say where there is no adapter.
pub(super) const NO_ADAPTER: &str = "no GPU adapter found";

/// What to do where there is none. `capabilities`: what `NVIDIA_DRIVER_CAPABILITIES` says.
pub(super) fn what_to_install(capabilities: Option<&str>) -> String {
    let mut text = String::from(
        "install your graphics driver's Vulkan part (Debian and Ubuntu: `apt-get install mesa-vulkan-drivers` for AMD, Intel and \
         a software renderer; NVIDIA's driver brings its own), or say --backend cpu. A container also needs Vulkan's loader \
         (`apt-get install libvulkan1`), graphics among NVIDIA_DRIVER_CAPABILITIES, and a whole card: the parts into which MIG \
         cuts a card have no Vulkan",
    );
    let given = |capability: &str| matches!(capability.trim(), "all" | "graphics" | "display");
    if let Some(capabilities) = capabilities
        && !capabilities.split(',').any(given)
    {
        text += &format!(
            ". Here NVIDIA_DRIVER_CAPABILITIES is {capabilities:?}: start the container with \
             NVIDIA_DRIVER_CAPABILITIES=all"
        );
    }
    text
}

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
    // What a driver lists in another order next time keeps its number, too.
    adapters.sort_by_cached_key(|adapter| {
        let card = card(adapter);
        (card.kind, card.pci, card.name, card.driver)
    });
    adapters
}

/// What is known of an adapter before it is opened.
pub(super) fn card(adapter: &Adapter) -> Card {
    const NVIDIA: u32 = 0x10de;
    let info = adapter.get_info();
    Card {
        driver: format!("{} {}", info.driver, info.driver_info)
            .trim()
            .into(),
        uuid: vulkan::ask(adapter).uuid,
        is_nvidia: info.vendor == NVIDIA,
        kind: kind(info.device_type),
        is_software: info.device_type == DeviceType::Cpu,
        name: info.name,
        pci: info.device_pci_bus_id,
    }
}

/// The rank of a type of adapter, the fastest first.
fn kind(device_type: DeviceType) -> u8 {
    match device_type {
        DeviceType::DiscreteGpu => 0,
        DeviceType::VirtualGpu => 1,
        DeviceType::IntegratedGpu => 2,
        DeviceType::Other => 3,
        DeviceType::Cpu => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_an_adapter_the_reasons_of_containers_are_named() {
        let text = what_to_install(None);
        for part in [
            "libvulkan1",
            "NVIDIA_DRIVER_CAPABILITIES",
            "MIG",
            "--backend cpu",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        for (capabilities, is_enough) in [
            ("all", true),
            ("compute, graphics", true),
            ("compute,utility", false),
            ("", false),
        ] {
            let here = what_to_install(Some(capabilities)).contains("Here ");
            assert_eq!(here, !is_enough, "{capabilities:?}");
        }
    }
}

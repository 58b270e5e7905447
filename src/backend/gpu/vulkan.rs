//! What wgpu does not tell of a Vulkan device.

use wgpu::Adapter;

/// What a device says of itself; nothing where it has no Vulkan.
#[derive(Debug, Clone, Default)]
pub(super) struct Told {
    /// Whether a shader may ask it to keep subnormal numbers of 32 bits.
    pub(super) keeps_subnormals: bool,
    /// Its number, which outlives restarts, as NVIDIA's tools write it.
    pub(super) uuid: Option<String>,
    /// Bytes of its own memory that this process may still take, where it tells.
    pub(super) free_bytes: Option<u64>,
}

/// Asks a device.
#[cfg(any(
    windows,
    target_os = "linux",
    target_os = "android",
    target_os = "freebsd"
))]
#[expect(unsafe_code, reason = "wgpu hands out the Vulkan device only so")]
pub(super) fn ask(adapter: &Adapter) -> Told {
    use ash::vk;

    // SAFETY: the device is looked at and let go; nothing of it is changed or destroyed.
    let Some(adapter) = (unsafe { adapter.as_hal::<wgpu::hal::api::Vulkan>() }) else {
        return Told::default();
    };
    let (instance, device) = (adapter.shared_instance(), adapter.raw_physical_device());
    let capabilities = adapter.physical_device_capabilities();
    // What is asked here is part of Vulkan 1.2; before, it is in extensions, which wgpu does not switch on.
    let version = capabilities.properties().api_version;
    if instance.instance_api_version().min(version) < vk::API_VERSION_1_2 {
        return Told::default();
    }
    let mut controls = vk::PhysicalDeviceFloatControlsProperties::default();
    let mut id = vk::PhysicalDeviceIDProperties::default();
    let mut properties = vk::PhysicalDeviceProperties2::default()
        .push_next(&mut controls)
        .push_next(&mut id);
    let mut budget = vk::PhysicalDeviceMemoryBudgetPropertiesEXT::default();
    let tells_budget = capabilities.supports_extension(vk::EXT_MEMORY_BUDGET_NAME);
    let mut memory = vk::PhysicalDeviceMemoryProperties2::default();
    if tells_budget {
        memory = memory.push_next(&mut budget);
    }
    // SAFETY: the physical device is of this instance, which lives as long as the adapter, and has the extension asked for.
    unsafe {
        let instance = instance.raw_instance();
        instance.get_physical_device_properties2(device, &mut properties);
        instance.get_physical_device_memory_properties2(device, &mut memory);
    }
    let heaps = memory.memory_properties;
    let heaps = heaps.memory_heaps[..heaps.memory_heap_count as usize].to_vec();
    let own = |flags: vk::MemoryHeapFlags| flags.contains(vk::MemoryHeapFlags::DEVICE_LOCAL);
    let free = heaps.iter().enumerate().filter(|(_, heap)| own(heap.flags));
    let free = free.map(|(k, _)| budget.heap_budget[k].saturating_sub(budget.heap_usage[k]));
    Told {
        keeps_subnormals: controls.shader_denorm_preserve_float32 == vk::TRUE,
        uuid: Some(written(&id.device_uuid)),
        free_bytes: free.max().filter(|_| tells_budget),
    }
}

/// Nothing can be asked of the devices of other systems.
#[cfg(not(any(
    windows,
    target_os = "linux",
    target_os = "android",
    target_os = "freebsd"
)))]
pub(super) fn ask(_: &Adapter) -> Told {
    Told::default()
}

/// A device's number as NVIDIA's tools write it.
#[cfg(any(
    test,
    windows,
    target_os = "linux",
    target_os = "android",
    target_os = "freebsd"
))]
fn written(uuid: &[u8; 16]) -> String {
    let mut text = String::from("GPU-");
    for (k, byte) in uuid.iter().enumerate() {
        if matches!(k, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text += &format!("{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_number_is_written_as_in_nvidias_tools() {
        let uuid = std::array::from_fn(|k| 17 * k as u8);
        let expected = "GPU-00112233-4455-6677-8899-aabbccddeeff";
        assert_eq!(written(&uuid), expected);
    }
}

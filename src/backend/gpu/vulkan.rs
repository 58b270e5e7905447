//! What wgpu does not tell of a Vulkan device.

use wgpu::Adapter;

/// Whether a shader may ask the device to keep subnormal numbers of 32 bits.
#[cfg(any(
    windows,
    target_os = "linux",
    target_os = "android",
    target_os = "freebsd"
))]
#[expect(unsafe_code, reason = "wgpu hands out the Vulkan device only so")]
pub(super) fn keeps_subnormals(adapter: &Adapter) -> bool {
    use ash::vk;

    // SAFETY: the device is looked at and let go; nothing of it is changed or destroyed.
    let Some(adapter) = (unsafe { adapter.as_hal::<wgpu::hal::api::Vulkan>() }) else {
        return false;
    };
    let instance = adapter.shared_instance();
    let properties = adapter.physical_device_capabilities().properties();
    // Float controls are part of Vulkan 1.2; before, they are an extension, which wgpu does not switch on.
    if instance.instance_api_version().min(properties.api_version) < vk::API_VERSION_1_2 {
        return false;
    }
    let mut controls = vk::PhysicalDeviceFloatControlsProperties::default();
    let mut properties = vk::PhysicalDeviceProperties2::default().push_next(&mut controls);
    // SAFETY: the physical device is of this instance, which lives as long as the adapter.
    unsafe {
        instance
            .raw_instance()
            .get_physical_device_properties2(adapter.raw_physical_device(), &mut properties);
    }
    controls.shader_denorm_preserve_float32 == vk::TRUE
}

/// Nothing can be asked of the devices of other systems.
#[cfg(not(any(
    windows,
    target_os = "linux",
    target_os = "android",
    target_os = "freebsd"
)))]
pub(super) fn keeps_subnormals(_: &Adapter) -> bool {
    false
}

//! From parts to a shader the device takes: text, SPIR-V, and the decoration that keeps every rounding.

use std::borrow::Cow;

use naga::valid::{Capabilities, ValidationFlags, Validator};
use wgpu::{Backend, Device, Features, ShaderModule};

use super::spirv;
use crate::error::{DeviceError, Result};

const EXACT: &str = include_str!("../../../shaders/lib/exact.wgsl");
const EXACT_BARRIER: &str = include_str!("../../../shaders/lib/exact_barrier.wgsl");
const INTEGERS: &str = include_str!("../../../shaders/lib/integers.wgsl");
const WIDE_INTEGERS: &str = include_str!("../../../shaders/lib/integers_wide.wgsl");
pub(super) const PEAK: &str = include_str!("../../../shaders/peak.wgsl");
pub(super) const CONFORMANCE: &str = include_str!("../../../shaders/conformance.wgsl");

/// How a shader is kept from changing what is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Build {
    /// As [`Build::NoContraction`], and subnormal numbers are asked for, too: many devices take them for 0 unless they are.
    DenormPreserve,
    /// SPIR-V in which every float operation is decorated `NoContraction`, passed to the driver as it is.
    NoContraction,
    /// WGSL in which a zero the compiler cannot see is added to the bits of every result.
    Barrier,
    /// WGSL as it is: the driver may fuse and reorder.
    Plain,
}

impl Build {
    /// The ways to try on such a device, the best first. Only Vulkan takes SPIR-V: elsewhere wgpu offers to pass shaders on in the
    /// backend's own language. `keeps_subnormals`: whether the device can be asked to.
    pub(super) fn to_try(
        backend: Backend,
        features: Features,
        keeps_subnormals: bool,
    ) -> Vec<Self> {
        let takes_spirv =
            backend == Backend::Vulkan && features.contains(Features::PASSTHROUGH_SHADERS);
        let mut builds = Vec::new();
        if takes_spirv && keeps_subnormals {
            builds.push(Self::DenormPreserve);
        }
        if takes_spirv {
            builds.push(Self::NoContraction);
        }
        builds.extend([Self::Barrier, Self::Plain]);
        builds
    }

    /// As written in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::DenormPreserve => "DenormPreserve",
            Self::NoContraction => "NoContraction",
            Self::Barrier => "zero barrier",
            Self::Plain => "plain WGSL",
        }
    }

    fn is_spirv(self) -> bool {
        matches!(self, Self::DenormPreserve | Self::NoContraction)
    }

    fn exact(self) -> &'static str {
        if self == Self::Barrier {
            EXACT_BARRIER
        } else {
            EXACT
        }
    }
}

/// How a device's shaders are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// How rounding is kept.
    pub build: Build,
    /// Whether products of 64 bits are at hand: the random generator needs their high words, and makes them of 16-bit halves
    /// otherwise.
    pub wide_integers: bool,
}

impl Dialect {
    /// Without integers of 64 bits.
    pub fn narrow(build: Build) -> Self {
        Self {
            build,
            wide_integers: false,
        }
    }
}

/// The text of a kernel: prelude, shared functions, kernel.
pub(super) fn assemble(dialect: Dialect, prelude: &str, kernel: &str) -> String {
    let integers = if dialect.wide_integers {
        WIDE_INTEGERS
    } else {
        INTEGERS
    };
    format!("{prelude}\n{}\n{integers}\n{kernel}", dialect.build.exact())
}

/// Parses and validates; the error names the place in the text.
pub fn validate(wgsl: &str) -> Result<(naga::Module, naga::valid::ModuleInfo)> {
    let refused = |problem: String| DeviceError::Shader { problem };
    let module =
        naga::front::wgsl::parse_str(wgsl).map_err(|error| refused(error.emit_to_string(wgsl)))?;
    let info = Validator::new(ValidationFlags::all(), Capabilities::SHADER_INT64)
        .validate(&module)
        .map_err(|error| refused(error.emit_to_string(wgsl)))?;
    Ok((module, info))
}

/// A shader module of this text. What the driver says against it goes to the device's error scope.
///
/// # Errors
/// [`crate::Error::Device`] if the text is invalid.
pub(super) fn module(
    device: &Device,
    label: &str,
    wgsl: &str,
    build: Build,
) -> Result<ShaderModule> {
    if !build.is_spirv() {
        return Ok(device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(label),
            source: wgpu::ShaderSource::Wgsl(wgsl.into()),
        }));
    }
    let (module, info) = validate(wgsl)?;
    let entry_points = module
        .entry_points
        .iter()
        .map(|entry| wgpu::PassthroughShaderEntryPoint {
            name: Cow::Borrowed(&entry.name),
            workgroup_size: entry.workgroup_size.into(),
        });
    let words = spirv::of(&module, &info, build == Build::DenormPreserve)?;
    let descriptor = wgpu::ShaderModuleDescriptorPassthrough {
        label: Some(label),
        entry_points: entry_points.collect(),
        spirv: Some(Cow::Owned(words)),
        ..Default::default()
    };
    #[expect(
        unsafe_code,
        reason = "the only way to hand a driver SPIR-V of our own"
    )]
    // SAFETY: naga validated the module it was written from, and the passes of `spirv` change only decorations, the scope of
    // barriers, and a mode that the device has. All indices into buffers derive from the sizes those buffers are made with (`arrays.rs`), and loops are bounded.
    unsafe {
        Ok(device.create_shader_module_passthrough(descriptor))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_vulkan_is_given_spirv() {
        use Build::{Barrier, DenormPreserve, NoContraction, Plain};
        let passes = Features::PASSTHROUGH_SHADERS;
        for backend in [Backend::Metal, Backend::Dx12, Backend::Gl] {
            assert_eq!(Build::to_try(backend, passes, true), [Barrier, Plain]);
        }
        let vulkan = |features, keeps| Build::to_try(Backend::Vulkan, features, keeps);
        assert_eq!(vulkan(Features::empty(), true), [Barrier, Plain]);
        assert_eq!(vulkan(passes, false), [NoContraction, Barrier, Plain]);
        assert_eq!(
            vulkan(passes, true),
            [DenormPreserve, NoContraction, Barrier, Plain]
        );
    }
}

//! From parts to a shader the device takes: text, SPIR-V, and the decoration that keeps every rounding.

use std::borrow::Cow;

use naga::back::spv;
use naga::proc::BoundsCheckPolicies;
use naga::valid::{Capabilities, ValidationFlags, Validator};
use wgpu::{Device, ErrorFilter, ShaderModule};

use crate::error::{Error, Result};

const EXACT: &str = include_str!("../../../shaders/lib/exact.wgsl");
const EXACT_BARRIER: &str = include_str!("../../../shaders/lib/exact_barrier.wgsl");
const INTEGERS: &str = include_str!("../../../shaders/lib/integers.wgsl");
const WIDE_INTEGERS: &str = include_str!("../../../shaders/lib/integers_wide.wgsl");
pub(super) const ROOF: &str = include_str!("../../../shaders/roof.wgsl");
pub(super) const CONFORMANCE: &str = include_str!("../../../shaders/conformance.wgsl");

/// How a shader is kept from changing what is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Build {
    /// SPIR-V in which every float operation is decorated `NoContraction`, passed to the driver as it is.
    NoContraction,
    /// WGSL in which every result is XORed with a zero the compiler cannot see.
    Barrier,
    /// WGSL as it is: the driver may fuse and reorder.
    Plain,
}

impl Build {
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
    let refused = |message: String| Error::Device {
        message: format!("a shader of ours is invalid (a bug): {message}"),
    };
    let module =
        naga::front::wgsl::parse_str(wgsl).map_err(|error| refused(error.emit_to_string(wgsl)))?;
    let info = Validator::new(ValidationFlags::all(), Capabilities::SHADER_INT64)
        .validate(&module)
        .map_err(|error| refused(error.emit_to_string(wgsl)))?;
    Ok((module, info))
}

/// SPIR-V 1.3 of a module, every float operation decorated.
fn spirv(module: &naga::Module, info: &naga::valid::ModuleInfo) -> Result<Vec<u32>> {
    let options = spv::Options {
        lang_version: (1, 3),
        flags: spv::WriterFlags::empty(),
        bounds_check_policies: BoundsCheckPolicies::default(),
        zero_initialize_workgroup_memory: spv::ZeroInitializeWorkgroupMemoryMode::None,
        force_loop_bounding: false,
        emit_int_div_checks: false,
        ..spv::Options::default()
    };
    let words = spv::write_vec(module, info, &options, None).map_err(|error| Error::Device {
        message: format!("a shader of ours has no SPIR-V (a bug): {error}"),
    })?;
    Ok(forbid_contraction(&words))
}

/// Decorates the result of every float operation of a SPIR-V module `NoContraction`.
fn forbid_contraction(words: &[u32]) -> Vec<u32> {
    const HEADER: usize = 5;
    const OP_DECORATE: u32 = 71;
    const NO_CONTRACTION: u32 = 42;
    // OpFNegate, OpFAdd, OpFSub, OpFMul, OpFDiv, OpFRem, OpFMod, products of vectors and matrices, OpDot
    let is_float_operation = |op: u32| matches!(op, 127 | 129 | 131 | 133 | 136 | 140..=148);
    // Decorations and the types that follow them.
    let is_after_debug = |op: u32| matches!(op, 71..=75 | 19..=39);
    let mut insert_at = None;
    let mut decorations = Vec::new();
    let mut at = HEADER;
    while at < words.len() {
        let (length, op) = ((words[at] >> 16) as usize, words[at] & 0xffff);
        if insert_at.is_none() && is_after_debug(op) {
            insert_at = Some(at);
        }
        if is_float_operation(op) {
            decorations.extend([3 << 16 | OP_DECORATE, words[at + 2], NO_CONTRACTION]);
        }
        at += length;
    }
    let insert_at = insert_at.unwrap_or(HEADER);
    [&words[..insert_at], &decorations, &words[insert_at..]].concat()
}

/// A shader module of this text.
///
/// # Errors
/// [`Error::Device`] with the driver's message.
pub(super) fn module(
    device: &Device,
    label: &str,
    wgsl: &str,
    build: Build,
) -> Result<ShaderModule> {
    let scope = device.push_error_scope(ErrorFilter::Validation);
    let module = if build == Build::NoContraction {
        let (module, info) = validate(wgsl)?;
        let entry_points =
            module
                .entry_points
                .iter()
                .map(|entry| wgpu::PassthroughShaderEntryPoint {
                    name: Cow::Borrowed(&entry.name),
                    workgroup_size: entry.workgroup_size.into(),
                });
        let descriptor = wgpu::ShaderModuleDescriptorPassthrough {
            label: Some(label),
            entry_points: entry_points.collect(),
            spirv: Some(Cow::Owned(spirv(&module, &info)?)),
            ..Default::default()
        };
        #[expect(
            unsafe_code,
            reason = "the only way to hand a driver SPIR-V of our own"
        )]
        // SAFETY: naga validated the module it was written from, and the pass above adds only decorations. All indices
        // into buffers derive from the sizes those buffers are made with (`arrays.rs`), and loops are bounded.
        unsafe {
            device.create_shader_module_passthrough(descriptor)
        }
    } else {
        device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(label),
            source: wgpu::ShaderSource::Wgsl(wgsl.into()),
        })
    };
    match pollster::block_on(scope.pop()) {
        None => Ok(module),
        Some(error) => Err(Error::Device {
            message: format!("the driver refuses the shader {label}: {error}"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every float operation of every kernel is decorated, and nothing else is.
    #[test]
    fn the_pass_decorates_each_float_operation_once() {
        let wgsl = "@group(0) @binding(0) var<storage, read_write> x: array<f32>;
            @compute @workgroup_size(1) fn main() { x[0] = x[1] * x[2] + x[3] - (-x[4]); x[5] = f32(u32(x[6]) * 3u); }";
        let (module, info) = validate(wgsl).unwrap();
        let words = spirv(&module, &info).unwrap();
        let mut operations = Vec::new();
        let mut decorated = Vec::new();
        let mut at = 5;
        while at < words.len() {
            match words[at] & 0xffff {
                127 | 129 | 131 | 133 => operations.push(words[at + 2]),
                71 if words[at + 2] == 42 => decorated.push(words[at + 1]),
                _ => {}
            }
            at += (words[at] >> 16) as usize;
        }
        assert_eq!(operations.len(), 4);
        assert_eq!(decorated, operations);
    }
}

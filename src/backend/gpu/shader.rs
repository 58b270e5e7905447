//! From parts to a shader the device takes: text, SPIR-V, and the decoration that keeps every rounding.

use std::borrow::Cow;

use naga::back::spv;
use naga::proc::BoundsCheckPolicies;
use naga::valid::{Capabilities, ValidationFlags, Validator};
use wgpu::{Backend, Device, Features, ShaderModule};

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

/// SPIR-V 1.3 of a module, every float operation decorated.
fn spirv(
    module: &naga::Module,
    info: &naga::valid::ModuleInfo,
    keeps_subnormals: bool,
) -> Result<Vec<u32>> {
    let options = spv::Options {
        lang_version: (1, 3),
        flags: spv::WriterFlags::empty(),
        bounds_check_policies: BoundsCheckPolicies::default(),
        zero_initialize_workgroup_memory: spv::ZeroInitializeWorkgroupMemoryMode::None,
        force_loop_bounding: false,
        emit_int_div_checks: false,
        ..spv::Options::default()
    };
    let words =
        spv::write_vec(module, info, &options, None).map_err(|error| DeviceError::Shader {
            problem: format!("it has no SPIR-V: {error}"),
        })?;
    let words = forbid_contraction(&words);
    Ok(if keeps_subnormals {
        keep_subnormals(&words)
    } else {
        words
    })
}

/// Words of a SPIR-V module before its first instruction.
const HEADER: usize = 5;

/// Where each instruction of a SPIR-V module begins, and its opcode.
fn instructions(words: &[u32]) -> impl Iterator<Item = (usize, u32)> {
    let mut at = HEADER;
    std::iter::from_fn(move || {
        let first = *words.get(at)?;
        let begin = at;
        at += (first >> 16) as usize;
        Some((begin, first & 0xffff))
    })
}

/// Decorates the result of every float operation of a SPIR-V module `NoContraction`.
fn forbid_contraction(words: &[u32]) -> Vec<u32> {
    const OP_DECORATE: u32 = 71;
    const NO_CONTRACTION: u32 = 42;
    // OpFNegate, OpFAdd, OpFSub, OpFMul, OpFDiv, OpFRem, OpFMod, products of vectors and matrices, OpDot
    let is_float_operation = |op: u32| matches!(op, 127 | 129 | 131 | 133 | 136 | 140..=148);
    // Decorations and the types that follow them.
    let is_after_debug = |op: u32| matches!(op, 71..=75 | 19..=39);
    let insert_at = instructions(words)
        .find(|&(_, op)| is_after_debug(op))
        .map_or(HEADER, |(at, _)| at);
    let decorations: Vec<u32> = instructions(words)
        .filter(|&(_, op)| is_float_operation(op))
        .flat_map(|(at, _)| [3 << 16 | OP_DECORATE, words[at + 2], NO_CONTRACTION])
        .collect();
    [&words[..insert_at], &decorations, &words[insert_at..]].concat()
}

/// Asks for subnormal numbers of 32 bits in every entry point of a SPIR-V module (`SPV_KHR_float_controls`).
fn keep_subnormals(words: &[u32]) -> Vec<u32> {
    const OP_EXTENSION: u32 = 10;
    const OP_ENTRY_POINT: u32 = 15;
    const OP_EXECUTION_MODE: u32 = 16;
    const OP_CAPABILITY: u32 = 17;
    const CAPABILITY: u32 = 4464;
    const MODE: u32 = 4459;
    // Ends with a zero byte, in whole words.
    let name = *b"SPV_KHR_float_controls\0\0";
    let mut asked = vec![2 << 16 | OP_CAPABILITY, CAPABILITY];
    asked.push((1 + name.len() as u32 / 4) << 16 | OP_EXTENSION);
    asked.extend(
        name.as_chunks()
            .0
            .iter()
            .map(|&bytes| u32::from_le_bytes(bytes)),
    );
    let is_entry_point = |&(_, op): &(usize, u32)| op == OP_ENTRY_POINT;
    let modes: Vec<u32> = instructions(words)
        .filter(is_entry_point)
        .flat_map(|(at, _)| [4 << 16 | OP_EXECUTION_MODE, words[at + 2], MODE, 32])
        .collect();
    // After the capabilities and after the entry points; a compute shader has modes of its own there.
    let first = |is: &dyn Fn(u32) -> bool| {
        let mut found = instructions(words)
            .filter(|&(_, op)| is(op))
            .map(|(at, _)| at);
        found.next().unwrap_or(words.len())
    };
    let head = first(&|op| op != OP_CAPABILITY);
    let modes_at = first(&|op| op == OP_EXECUTION_MODE);
    [
        &words[..head],
        &asked,
        &words[head..modes_at],
        &modes,
        &words[modes_at..],
    ]
    .concat()
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
    let words = spirv(&module, &info, build == Build::DenormPreserve)?;
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
    // SAFETY: naga validated the module it was written from, and the passes above add only decorations and a mode that the
    // device has. All indices into buffers derive from the sizes those buffers are made with (`arrays.rs`), and loops are bounded.
    unsafe {
        Ok(device.create_shader_module_passthrough(descriptor))
    }
}

#[cfg(test)]
mod tests {
    use super::super::kernel::{Kernel, Network};
    use super::super::{conformance, moments, peak, program::Program};
    use super::*;
    use crate::dynamics::{Recipe, Step};
    use crate::integrator::Integrator;
    use crate::model::MODELS;
    use crate::study::NoiseKind;

    const WGSL: &str = "@group(0) @binding(0) var<storage, read_write> x: array<f32>;
        @compute @workgroup_size(1) fn main() { x[0] = x[1] * x[2] + x[3] - (-x[4]); x[5] = f32(u32(x[6]) * 3u); }
        @compute @workgroup_size(2) fn other() { x[0] = 1.0; }";

    fn words(keeps_subnormals: bool) -> Vec<u32> {
        let (module, info) = validate(WGSL).unwrap();
        spirv(&module, &info, keeps_subnormals).unwrap()
    }

    /// The kernels of every model, each with one of the integrators, and those of no model.
    fn every_kernel() -> Vec<String> {
        let dialect = Dialect::narrow(Build::NoContraction);
        let mut texts = vec![
            moments::wgsl(dialect),
            peak::wgsl(dialect),
            conformance::wgsl(dialect),
        ];
        let network = Network {
            n_nodes: 80,
            n_slots: 8,
            min_lag: 3,
            max_lag: 124,
            max_feedback_lag: 0,
        };
        let kernels = [
            Kernel::Global {
                lanes: 32,
                team: 8,
                block: 4,
            },
            Kernel::Resident {
                threads: 256,
                block: 16,
                uniform_edges: true,
            },
        ];
        for (m, &model) in MODELS.iter().enumerate() {
            let integrator = Integrator::ALL[m % Integrator::ALL.len()];
            let recipe = Recipe::full(model, integrator, NoiseKind::OrnsteinUhlenbeck);
            let step = Step::new(model, &recipe, &[0]);
            texts.extend(kernels.map(|kernel| {
                let program = Program {
                    model,
                    recipe: &recipe,
                    step: &step,
                    replayed: &[],
                    network,
                    kernel,
                    uniform_edges: Some(3200),
                    dialect,
                };
                program.wgsl()
            }));
        }
        texts
    }

    /// The float operations of a module, and what it decorates `NoContraction`. The contract has no
    /// other float operations than negation, sum, difference and product, also of vector and number.
    fn operations_and_decorated(wgsl: &str) -> [Vec<u32>; 2] {
        let (module, info) = validate(wgsl).unwrap();
        let [mut operations, mut decorated] = [Vec::new(), Vec::new()];
        let words = spirv(&module, &info, true).unwrap();
        for (at, op) in instructions(&words) {
            match op {
                127 | 129 | 131 | 133 | 142 => operations.push(words[at + 2]),
                136 | 140 | 141 | 143..=148 => panic!("instruction {op} in\n{wgsl}"),
                71 if words[at + 2] == 42 => decorated.push(words[at + 1]),
                _ => {}
            }
        }
        [operations, decorated]
    }

    /// Every float operation of every kernel is decorated, and nothing else is.
    #[test]
    fn the_pass_decorates_each_float_operation_once() {
        let [operations, decorated] = operations_and_decorated(WGSL);
        assert_eq!(operations.len(), 4);
        assert_eq!(decorated, operations);
        for text in every_kernel() {
            let [operations, decorated] = operations_and_decorated(&text);
            assert!(!operations.is_empty(), "{text}");
            assert_eq!(decorated, operations, "{text}");
        }
    }

    /// A module has its instructions in this order: capabilities, extensions, .., entry points, their modes, names.
    #[test]
    fn subnormals_are_asked_for_at_every_entry_point() {
        let (plain, asking) = (words(false), words(true));
        let of = |words: &[u32], op: u32| -> Vec<usize> {
            let all = instructions(words).filter(|&(_, other)| other == op);
            all.map(|(at, _)| at).collect()
        };
        let capability = of(&asking, 17)
            .into_iter()
            .find(|&at| asking[at + 1] == 4464);
        let extension = of(&asking, 10)[0];
        let bytes: Vec<u8> = asking[extension + 1..]
            .iter()
            .flat_map(|word| word.to_le_bytes())
            .collect();
        assert!(bytes.starts_with(b"SPV_KHR_float_controls\0"));
        assert_eq!(Some(extension), capability.map(|at| at + 2));
        assert!(of(&asking, 17).into_iter().all(|at| at < extension));
        assert!(extension < of(&asking, 14)[0], "before the memory model");
        let entries: Vec<u32> = of(&asking, 15)
            .into_iter()
            .map(|at| asking[at + 2])
            .collect();
        let modes = of(&asking, 16);
        let kept = modes
            .iter()
            .filter(|&&at| asking[at + 2..at + 4] == [4459, 32]);
        assert_eq!(entries.len(), 2);
        assert_eq!(kept.map(|&at| asking[at + 1]).collect::<Vec<_>>(), entries);
        let last_entry = *of(&asking, 15).last().unwrap();
        assert!(modes.into_iter().all(|at| at > last_entry));
        // And nothing else is another.
        assert_eq!(asking.len(), plain.len() + 2 + 7 + 2 * 4);
    }

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

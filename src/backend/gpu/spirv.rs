//! From a validated module to the SPIR-V that a driver gets: written by naga, then changed by passes over its words.

use std::collections::{HashMap, HashSet};

use naga::back::spv;
use naga::proc::BoundsCheckPolicies;

use super::shader::{Build, validate};
use crate::error::{DeviceError, Result};

/// SPIR-V 1.3 of a shader's text, as drivers get it when shaders are built in this way.
///
/// # Errors
/// [`crate::Error::Device`] if the text is invalid.
pub fn spirv(wgsl: &str, build: Build) -> Result<Vec<u32>> {
    let (module, info) = validate(wgsl)?;
    of(&module, &info, build == Build::DenormPreserve)
}

/// SPIR-V 1.3 of a module as drivers get it.
pub(super) fn of(
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
    let mut words = lay_out_buffers_only(&forbid_contraction(&words));
    narrow_barriers(&mut words);
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

/// Drops what says how arrays and structures lie in memory where they are in no buffer: Vulkan allows it in buffers only
/// (VUID-StandaloneSpirv-None-10684).
fn lay_out_buffers_only(words: &[u32]) -> Vec<u32> {
    const OP_TYPE_ARRAY: u32 = 28;
    const OP_TYPE_RUNTIME_ARRAY: u32 = 29;
    const OP_TYPE_STRUCT: u32 = 30;
    const OP_TYPE_POINTER: u32 = 32;
    const OP_DECORATE: u32 = 71;
    const OP_MEMBER_DECORATE: u32 = 72;
    const ARRAY_STRIDE: u32 = 6;
    const OFFSET: u32 = 35;
    // Uniform, PushConstant and StorageBuffer.
    let is_buffer = |class: u32| matches!(class, 2 | 9 | 12);
    let mut parts: HashMap<u32, &[u32]> = HashMap::new();
    let mut waiting = Vec::new();
    for (at, op) in instructions(words) {
        let all = &words[at..at + (words[at] >> 16) as usize];
        match op {
            OP_TYPE_ARRAY | OP_TYPE_RUNTIME_ARRAY => drop(parts.insert(all[1], &all[2..3])),
            OP_TYPE_STRUCT => drop(parts.insert(all[1], &all[2..])),
            OP_TYPE_POINTER if is_buffer(all[2]) => waiting.push(all[3]),
            _ => {}
        }
    }
    let mut in_buffers = HashSet::new();
    while let Some(of_type) = waiting.pop() {
        if in_buffers.insert(of_type)
            && let Some(parts) = parts.get(&of_type)
        {
            waiting.extend(*parts);
        }
    }
    let mut kept = words[..HEADER].to_vec();
    for (at, op) in instructions(words) {
        let all = &words[at..at + (words[at] >> 16) as usize];
        let lays_out = match op {
            OP_DECORATE => all[2] == ARRAY_STRIDE,
            OP_MEMBER_DECORATE => all[3] == OFFSET,
            _ => false,
        };
        if !lays_out || in_buffers.contains(&all[1]) {
            kept.extend(all);
        }
    }
    kept
}

/// Gives barriers workgroup scope. Those over buffers have the scope of the device, for which a processor writes back and
/// empties its cache; but a workgroup owns its simulations, and no other one reads them.
fn narrow_barriers(words: &mut [u32]) {
    const OP_CONTROL_BARRIER: u32 = 224;
    let barriers: Vec<usize> = instructions(words)
        .filter(|&(_, op)| op == OP_CONTROL_BARRIER)
        .map(|(at, _)| at)
        .collect();
    for at in barriers {
        // The scope of what waits: a workgroup. Then the scope of memory.
        words[at + 2] = words[at + 1];
    }
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

#[cfg(test)]
mod tests {
    use super::super::kernel::{Kernel, Network};
    use super::super::shader::Dialect;
    use super::super::{conformance, moments, monitors, peak, program::Program};
    use std::sync::Arc;

    use ndarray::Array2;

    use super::*;
    use crate::dynamics::{Recipe, Step};
    use crate::integrator::Integrator;
    use crate::model::MODELS;
    use crate::monitor::{MONITORS, Monitor, find};
    use crate::plan::Observing;
    use crate::study::{NoiseKind, Observation};

    const WGSL: &str = "@group(0) @binding(0) var<storage, read_write> x: array<f32>;
        @compute @workgroup_size(1) fn main() { x[0] = x[1] * x[2] + x[3] - (-x[4]); x[5] = f32(u32(x[6]) * 3u); }
        @compute @workgroup_size(2) fn other() { x[0] = 1.0; }";

    fn words_of(wgsl: &str, keeps_subnormals: bool) -> Vec<u32> {
        let build = match keeps_subnormals {
            true => Build::DenormPreserve,
            false => Build::NoContraction,
        };
        spirv(wgsl, build).unwrap()
    }

    /// A monitor of ten nodes that shows something every 20 ms.
    fn observing(monitor: &'static Monitor) -> Observing {
        let mut observation = Observation::new(monitor, 0, 20.0, 0.1);
        observation.matrix = monitor
            .needs_matrix
            .then(|| Arc::new(Array2::zeros((2, 10))));
        Observing::new(&[&observation], "monitor", [0.1, 0.0], 1000, 10).unwrap()
    }

    /// The kernels of every model, each with one of the integrators, and those of no model.
    fn every_kernel() -> Vec<String> {
        let dialect = Dialect::narrow(Build::NoContraction);
        let mut texts = vec![
            moments::wgsl(dialect),
            peak::wgsl(dialect),
            conformance::wgsl(dialect),
        ];
        let every_monitor: Vec<Observing> = MONITORS.iter().map(|one| observing(one)).collect();
        texts.extend(every_monitor.iter().map(|one| monitors::wgsl(one, dialect)));
        let watching = ["balloon-windkessel", "subsample"];
        let watching = watching.map(|name| observing(find(name).unwrap()));
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
                held: None,
            },
            Kernel::Resident {
                threads: 128,
                block: 32,
                uniform_edges: true,
                held: Some(93),
            },
        ];
        for (m, &model) in MODELS.iter().enumerate() {
            let integrator = Integrator::ALL[m % Integrator::ALL.len()];
            let recipe = Recipe::full(model, integrator, NoiseKind::OrnsteinUhlenbeck);
            // Every other model is watched: by a monitor that takes the mean, and by one that takes the last.
            let watched = m % 2 == 1;
            let monitors = if watched { &watching[..] } else { &[] };
            let observed = if watched { &[0, 0][..] } else { &[] };
            let step = Step::observed(model, &recipe, &[0], observed);
            texts.extend(kernels.map(|kernel| {
                let program = Program {
                    model,
                    recipe: &recipe,
                    step: &step,
                    monitors,
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
        let [mut operations, mut decorated] = [Vec::new(), Vec::new()];
        let words = words_of(wgsl, true);
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
        let (plain, asking) = (words_of(WGSL, false), words_of(WGSL, true));
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

    /// The types that variables of some storage classes hold, and those that their parts have.
    fn types_in(words: &[u32], classes: &[u32]) -> HashSet<u32> {
        let mut found = HashSet::new();
        // A type stands behind its parts.
        let all: Vec<(usize, u32)> = instructions(words).collect();
        for &(at, op) in all.iter().rev() {
            match op {
                32 if classes.contains(&words[at + 2]) => drop(found.insert(words[at + 3])),
                28 | 29 if found.contains(&words[at + 1]) => drop(found.insert(words[at + 2])),
                30 if found.contains(&words[at + 1]) => {
                    found.extend(&words[at + 2..at + (words[at] >> 16) as usize]);
                }
                _ => {}
            }
        }
        found
    }

    /// Arrays and structures in buffers say how they lie, and no others do.
    #[test]
    fn only_what_lies_in_buffers_is_laid_out() {
        let mut n_plain = 0;
        for text in every_kernel() {
            let words = words_of(&text, false);
            let [buffers, others] = [&[2, 9, 12][..], &[4, 6, 7]].map(|of| types_in(&words, of));
            let (mut strides, mut offsets) = (HashSet::new(), HashSet::new());
            for (at, op) in instructions(&words) {
                match op {
                    71 if words[at + 2] == 6 => drop(strides.insert(words[at + 1])),
                    72 if words[at + 3] == 35 => drop(offsets.insert(words[at + 1])),
                    _ => {}
                }
            }
            for (at, op) in instructions(&words) {
                let (of_type, laid_out) = match op {
                    28 | 29 => (words[at + 1], strides.contains(&words[at + 1])),
                    30 => (words[at + 1], offsets.contains(&words[at + 1])),
                    _ => continue,
                };
                assert_eq!(
                    laid_out,
                    buffers.contains(&of_type),
                    "type {of_type} of\n{text}"
                );
                assert!(
                    !laid_out || !others.contains(&of_type),
                    "type {of_type} of\n{text}"
                );
                n_plain += usize::from(!laid_out);
            }
        }
        assert!(n_plain > 100, "{n_plain}");
    }

    /// Memory is made visible to the workgroup, no further.
    #[test]
    fn barriers_have_workgroup_scope() {
        let mut over_buffers = 0;
        for text in every_kernel() {
            let words = words_of(&text, false);
            let value = |id: u32| {
                let mut all = instructions(&words);
                let found = all.find(|&(at, op)| op == 43 && words[at + 2] == id);
                words[found.expect("a constant").0 + 3]
            };
            for (at, _) in instructions(&words).filter(|&(_, op)| op == 224) {
                let [waits, memory, semantics] = [1, 2, 3].map(|k| value(words[at + k]));
                assert_eq!([waits, memory], [2, 2], "{text}");
                // Acquire and release, of buffers or of workgroup memory.
                assert!(
                    semantics & 8 != 0 && semantics & (0x40 | 0x100) != 0,
                    "{semantics:x}"
                );
                over_buffers += usize::from(semantics & 0x40 != 0);
            }
        }
        assert!(over_buffers >= MODELS.len());
    }

    /// The validator of the Khronos group takes every module. Where it is not installed the test says so, and fails with
    /// `REQUIRE_SPIRV_VAL=1`.
    #[test]
    fn every_module_passes_spirv_val() {
        use std::process::Command;
        let is_there = Command::new("spirv-val").arg("--version").output().is_ok();
        if !is_there {
            let required = std::env::var("REQUIRE_SPIRV_VAL").is_ok_and(|value| value == "1");
            assert!(!required, "REQUIRE_SPIRV_VAL=1, but there is no spirv-val");
            use std::io::Write as _;
            writeln!(std::io::stderr(), "skipped: no spirv-val").expect("it takes a line");
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("module.spv");
        let complaint = |words: &[u32]| {
            std::fs::write(&file, bytemuck::cast_slice::<u32, u8>(words)).unwrap();
            let mut check = Command::new("spirv-val");
            let output = check
                .args(["--target-env", "vulkan1.2"])
                .arg(&file)
                .output();
            let output = output.unwrap();
            let said = [output.stdout, output.stderr].concat();
            let said = String::from_utf8(said).unwrap();
            (!output.status.success()).then_some(said)
        };
        for text in every_kernel() {
            for keeps_subnormals in [false, true] {
                let complaint = complaint(&words_of(&text, keeps_subnormals));
                assert_eq!(complaint, None, "{text}");
            }
        }
        // It complains of a module without its last instruction.
        let words = words_of(WGSL, false);
        assert!(complaint(&words[..words.len() - 1]).is_some());
    }
}

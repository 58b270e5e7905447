//! Sums over samples that never leave the device: the host's side of `shaders/moments.wgsl`.

use std::sync::Arc;

use wgpu::{BindGroup, Buffer, BufferUsages};

use super::Gpu;
use super::compute::{self, Binding, Kernel, Refusal};
use super::layout::MomentsSettings;
use super::monitors::compensated_wgsl;
use super::shader::{self, Dialect};
use crate::error::Result;
use crate::plan::Plan;
use crate::record::{Moments, MomentsStream};

const MOMENTS: &str = include_str!("../../../shaders/moments.wgsl");

/// Simulations and tiles of a workgroup of the shader.
const GROUP: [u32; 2] = [32, 4];
/// Workgroups that any device takes in one direction.
const MAX_GROUPS: u32 = 65_535;
/// Pairs of nodes in a tile: the square of this.
const TILE: u32 = 4;

/// The WGSL that adds samples to the moments.
pub fn wgsl(dialect: Dialect) -> String {
    let one = compensated_wgsl();
    let parts = ["x", "y", "z", "w"];
    let calls: String = parts
        .map(|w| {
            format!("    let {w} = compensated(row.total.{w}, row.carry.{w}, row.plain.{w});\n")
        })
        .concat();
    let of = |part: &str| parts.map(|w| format!("{w}.{part}")).join(", ");
    let prelude = format!(
        "const N_BLOCK: u32 = {}u;\n\n{one}\n// Plain sums go into the totals.\nfn add_block(row: Sums) -> Sums {{\n{calls}    \
         return Sums(vec4<f32>(), vec4({}), vec4({}));\n}}\n",
        MomentsStream::BLOCK,
        of("x"),
        of("y"),
    );
    shader::assemble(dialect, &prelude, MOMENTS)
}

/// The kernel for a device.
pub(super) fn kernel(gpu: &Gpu) -> Result<Arc<Kernel>, Refusal> {
    use Binding::{Read, Uniform, Write};
    gpu.pipeline(
        "moments",
        wgsl(gpu.dialect),
        "accumulate",
        &[Uniform, Read, Write, Write],
    )
}

/// Pairs and nodes that have sums.
fn n_items(n_nodes: usize) -> usize {
    Moments::n_pairs(n_nodes) + n_nodes
}

/// Bytes of device memory per simulation.
pub(super) fn bytes_per_simulation(n_nodes: usize) -> u64 {
    4 * (3 * n_items(n_nodes) + 4 * n_nodes) as u64
}

/// Bytes of the largest buffer per simulation.
pub(super) fn largest_bytes_per_simulation(n_nodes: usize) -> u64 {
    4 * 3 * n_items(n_nodes) as u64
}

/// The sums of a batch.
pub(super) struct Accumulator {
    settings: MomentsSettings,
    uniform: Buffer,
    sums: Buffer,
    nodes: Buffer,
    bound: BindGroup,
    n_nodes: usize,
    n: usize,
}

impl Accumulator {
    /// Nothing yet; `samples` is where the simulation kernel puts them.
    pub(super) fn new(
        gpu: &Gpu,
        kernel: &Kernel,
        plan: &Plan,
        n: usize,
        samples: &Buffer,
    ) -> Result<Self> {
        let n_nodes = plan.n_nodes;
        let storage = BufferUsages::STORAGE | BufferUsages::COPY_SRC | BufferUsages::COPY_DST;
        // wgpu fills new buffers with zeros.
        let sums = compute::buffer(gpu, "sums", 12 * (n_items(n_nodes) * n) as u64, storage)?;
        let mut nothing = vec![0u32; 4 * n_nodes * n];
        nothing[3 * n_nodes * n..].fill(u32::MAX);
        let nodes = compute::upload(gpu, "moments of nodes", bytemuck::cast_slice(&nothing))?;
        let uniform = compute::buffer(
            gpu,
            "settings of the moments",
            size_of::<MomentsSettings>() as u64,
            BufferUsages::UNIFORM | BufferUsages::COPY_DST,
        )?;
        let bound = kernel.bind(gpu, &[&uniform, samples, &sums, &nodes]);
        Ok(Self {
            settings: MomentsSettings {
                n_simulations: n as u32,
                n_nodes: n_nodes as u32,
                n_tiles: (n_nodes as u32).div_ceil(TILE),
                n_recorded: plan.recording.states.len() as u32,
                n_samples: 0,
                n_transient: plan.recording.n_transient as u32,
                first_sample: 0,
                is_last: 0,
                zero: 0,
                padding_a: 0,
                padding_b: 0,
                padding_c: 0,
            },
            uniform,
            sums,
            nodes,
            bound,
            n_nodes,
            n,
        })
    }

    /// What the next dispatch is to add: `n_samples` samples from number `first_sample` on.
    pub(super) fn prepare(&mut self, gpu: &Gpu, first_sample: u32, n_samples: u32, is_last: bool) {
        self.settings.first_sample = first_sample;
        self.settings.n_samples = n_samples;
        self.settings.is_last = u32::from(is_last);
        gpu.queue
            .write_buffer(&self.uniform, 0, bytemuck::bytes_of(&self.settings));
    }

    pub(super) fn bound(&self) -> &BindGroup {
        &self.bound
    }

    /// Of each node and simulation, the number of the first sample that is not finite: where it is, from which word on.
    pub(super) fn first_bad(&self) -> (&Buffer, usize) {
        (&self.nodes, 3 * self.n_nodes * self.n)
    }

    /// Workgroups of a dispatch.
    pub(super) fn groups(&self) -> [u32; 3] {
        let tiles = self.settings.n_tiles;
        let items = tiles * (tiles + 1) / 2 + self.n_nodes as u32;
        let groups = items.div_ceil(GROUP[1]);
        let layers = groups.div_ceil(MAX_GROUPS);
        [
            (self.n as u32).div_ceil(GROUP[0]),
            groups.div_ceil(layers),
            layers,
        ]
    }

    /// The moments of every simulation, and the first sample (counted from the run's start) and node that is not finite.
    pub(super) fn read(&self, gpu: &Gpu, n_samples: u32) -> Result<Vec<Accumulated>> {
        let (n_nodes, n, n_items) = (self.n_nodes, self.n, n_items(self.n_nodes));
        let n_pairs = Moments::n_pairs(n_nodes);
        let nodes = compute::read_back(gpu, &self.nodes, 0, 4 * n_nodes * n)?;
        let row = |row: usize, member: usize| {
            let nodes = &nodes;
            (0..n_nodes).map(move |node| nodes[(row * n_nodes + node) * n + member])
        };
        let mut all: Vec<Accumulated> = (0..n)
            .map(|member| {
                let float = |bits: u32| f64::from(f32::from_bits(bits));
                let floats = |k: usize| row(k, member).map(float).collect();
                Accumulated {
                    moments: Moments {
                        n_samples: u64::from(n_samples),
                        shift: floats(0),
                        sums: vec![0.0; n_nodes],
                        products: vec![0.0; n_pairs],
                        min: floats(1),
                        max: floats(2),
                    },
                    first_bad: first_bad(row(3, member)),
                }
            })
            .collect();
        // As many pairs at a time as fit a buffer of moderate size.
        let at_a_time = (READ_WORDS / n).max(1);
        for first in (0..n_items).step_by(at_a_time) {
            let count = at_a_time.min(n_items - first);
            let part = |row: usize| {
                let from = (row * n_items + first) * n;
                compute::read_back(gpu, &self.sums, from, count * n)
            };
            let (totals, carries) = (part(1)?, part(2)?);
            for (at, (total, carry)) in totals.into_iter().zip(carries).enumerate() {
                let (item, moments) = (first + at / n, &mut all[at % n].moments);
                let value = f64::from(f32::from_bits(total)) + f64::from(f32::from_bits(carry));
                match item.checked_sub(n_pairs) {
                    None => moments.products[item] = value,
                    Some(node) => moments.sums[node] = value,
                }
            }
        }
        Ok(all)
    }
}

/// The first sample that is not finite and the first node in it, of the numbers that [`Accumulator::first_bad`] has of the nodes.
pub(super) fn first_bad(of_nodes: impl Iterator<Item = u32>) -> Option<(usize, usize)> {
    let (sample, node) = of_nodes.zip(0..).min()?;
    (sample != u32::MAX).then_some((sample as usize, node))
}

/// Words that are read back at a time.
const READ_WORDS: usize = 8 << 20;

/// What the device knows of a simulation at its end.
pub(super) struct Accumulated {
    pub(super) moments: Moments,
    /// The first sample, and in it the first node, that is not finite.
    pub(super) first_bad: Option<(usize, usize)>,
}

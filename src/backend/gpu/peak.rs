//! What a device can do at most: twin of `shaders/peak.wgsl`.

use std::time::Instant;

use wgpu::BufferUsages;

use super::compute::{self, Binding};
use super::shader::{self, Dialect};
use super::{Gpu, Kernel};
use crate::error::Result;

/// Rates of a whole device, in 32-bit numbers per second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PeakRates {
    /// Numbers loaded from workgroup memory.
    pub workgroup_loads: f64,
    /// Numbers loaded from the device's memory, from more of them than a cache holds.
    pub memory_loads: f64,
    /// Products added to sums in registers, each rounded separately.
    pub multiply_adds: f64,
}

#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct Settings {
    rounds: u32,
    mask: u32,
    zero: u32,
    padding: u32,
}

/// Numbers that a thread handles in a round.
const PER_ROUND: u32 = 8;
/// Vectors of four numbers in memory: 128 MiB, which any device binds.
const VECTORS: u32 = 1 << 23;
/// Workgroups of 256 threads: several for each multiprocessor of the largest devices.
const GROUPS: u32 = 4096;
const THREADS: u32 = GROUPS * 256;
/// A dispatch longer than this tells a rate well enough, seconds.
const LONG_ENOUGH: f64 = 0.03;
/// Rounds at most: some drivers end a loop after 65 535.
const MOST_ROUNDS: u32 = 1 << 15;

impl PeakRates {
    /// Measures, about a second long on a real GPU.
    ///
    /// # Errors
    /// [`crate::Error::Device`] if the device has no 128 MiB to spare, or fails.
    pub fn measure(gpu: &Gpu) -> Result<Self> {
        Ok(Self {
            workgroup_loads: rate(gpu, "workgroup_loads")?,
            memory_loads: rate(gpu, "memory_loads")?,
            multiply_adds: rate(gpu, "multiply_adds")?,
        })
    }

    /// Edges per second that a kernel cannot exceed, and what bounds it: each is a load, a product and a sum.
    pub fn edges(&self, kernel: Kernel) -> (&'static str, f64) {
        let (place, loads) = match kernel {
            Kernel::Global { .. } => ("memory", self.memory_loads),
            Kernel::Resident { .. } => ("workgroup memory", self.workgroup_loads),
        };
        if self.multiply_adds < loads {
            ("multiply-adds", self.multiply_adds)
        } else {
            (place, loads)
        }
    }
}

/// The shader.
pub fn wgsl(dialect: Dialect) -> String {
    shader::assemble(dialect, "", shader::PEAK)
}

fn rate(gpu: &Gpu, entry_point: &str) -> Result<f64> {
    let gpu = gpu.latest();
    let bindings = [Binding::Uniform, Binding::Read, Binding::Write];
    let (text, build) = (wgsl(gpu.dialect), gpu.dialect.build);
    let kernel = compute::Kernel::new(gpu, "peak", &text, entry_point, build, &bindings)?;
    let usage = BufferUsages::UNIFORM | BufferUsages::COPY_DST;
    let settings = compute::buffer(gpu, "settings", 16, usage)?;
    let usage = BufferUsages::STORAGE | BufferUsages::COPY_DST;
    let numbers = compute::buffer(gpu, "numbers", 16 * u64::from(VECTORS), usage)?;
    let half_and_one = [0.5_f32, 1.0].map(f32::to_bits);
    gpu.queue
        .write_buffer(&numbers, 0, bytemuck::cast_slice(&half_and_one));
    let results = compute::buffer(gpu, "results", 4 * u64::from(THREADS), usage)?;
    let bound = kernel.bind(gpu, &[&settings, &numbers, &results]);
    let mut rounds = 8;
    loop {
        let content = Settings {
            rounds,
            mask: VECTORS - 1,
            zero: 0,
            padding: 0,
        };
        gpu.queue
            .write_buffer(&settings, 0, bytemuck::bytes_of(&content));
        let mut best = f64::INFINITY;
        for _ in 0..3 {
            let start = Instant::now();
            compute::dispatch(gpu, &kernel, &bound, [GROUPS, 1, 1], &[])?;
            best = best.min(start.elapsed().as_secs_f64());
        }
        if best > LONG_ENOUGH || rounds == MOST_ROUNDS {
            return Ok(f64::from(rounds) * f64::from(PER_ROUND) * f64::from(THREADS) / best);
        }
        rounds *= 2;
    }
}

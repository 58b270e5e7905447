//! A simulation kernel built for a plan, and the buffers of a batch of its simulations.

use std::sync::Arc;

use wgpu::{BindGroup, Buffer, BufferUsages};

use super::Gpu;
use super::compute::{self, Refusal};
use super::kernel::{Kernel, Network};
use super::layout::{self, Settings};
use crate::error::Result;
use crate::plan::Plan;

/// A simulation kernel and what all batches share.
pub(super) struct Simulator {
    pub(super) kernel: Kernel,
    pub(super) network: Network,
    pub(super) pipeline: Arc<compute::Kernel>,
    edges: Buffer,
    incoming: Buffer,
}

impl Simulator {
    /// With the kernel built for the plan by [`pipeline`].
    pub(super) fn new(
        gpu: &Gpu,
        plan: &Plan,
        kernel: Kernel,
        pipeline: Arc<compute::Kernel>,
    ) -> Result<Self> {
        let edges = layout::edges(plan, kernel);
        let usage = if kernel.has_uniform_edges() {
            BufferUsages::UNIFORM
        } else {
            BufferUsages::STORAGE
        };
        let words = bytemuck::cast_slice(&edges.words);
        let incoming = bytemuck::cast_slice(&edges.incoming);
        Ok(Self {
            kernel,
            network: Network::of(plan),
            pipeline,
            edges: compute::upload_as(gpu, "edges", words, usage | BufferUsages::COPY_DST)?,
            incoming: compute::upload(gpu, "incoming", incoming)?,
        })
    }
}

/// Builds the kernel for a plan.
pub(super) fn pipeline(
    gpu: &Gpu,
    plan: &Plan,
    kernel: Kernel,
) -> Result<Arc<compute::Kernel>, Refusal> {
    let bindings = kernel.bindings(!plan.monitors.is_empty());
    let text = kernel.wgsl(plan, gpu.dialect);
    gpu.pipeline(&kernel.to_string(), text, "simulate", &bindings)
}

/// Whether each noise target's normals come from store.
pub(super) fn replayed(plan: &Plan) -> Vec<bool> {
    plan.replay.iter().flatten().map(Option::is_some).collect()
}

/// The buffers of a batch.
pub(super) struct Arrays {
    pub(super) settings: Settings,
    uniform: Buffer,
    /// What the plan says, and what the host gives for the steps of a dispatch.
    numbers: Buffer,
    pub(super) nodes: Buffer,
    pub(super) samples: Buffer,
    /// What monitors take: where it is, and where that of each begins, in words.
    pub(super) taken: (Buffer, Vec<u32>),
    pub(super) bound: BindGroup,
}

impl Arrays {
    /// The batch at t = 0, with room for the samples, stored normals and waveforms of `max_steps` steps.
    pub(super) fn new(
        gpu: &Gpu,
        plan: &Plan,
        simulator: &Simulator,
        members: &[usize],
        max_steps: u32,
    ) -> Result<Self> {
        let (n_nodes, n) = (plan.n_nodes, members.len());
        let every = plan.recording.every;
        let (mut rows, said) = layout::table(plan, members);
        let (waves, wave_words) = layout::waves(plan, n);
        rows.extend(waves);
        let (taken, taken_words) = layout::taken(plan, n, max_steps);
        rows.extend(&taken);
        let words = layout::words(plan, members, &rows);
        let line = layout::line(plan, members, simulator.kernel);
        let nodes = layout::nodes(plan, members);
        let upload = |label: &str, content: &[u8]| compute::upload(gpu, label, content);
        let words = upload("words", bytemuck::cast_slice(&words))?;
        let line = upload("delay line", bytemuck::cast_slice(&line))?;
        let nodes = upload("nodes", bytemuck::cast_slice(&nodes))?;

        let storage = BufferUsages::STORAGE | BufferUsages::COPY_DST | BufferUsages::COPY_SRC;
        let room =
            |label: &str, words: usize, usage| compute::buffer(gpu, label, 4 * words as u64, usage);
        let uniform = room(
            "settings",
            size_of::<Settings>() / 4,
            BufferUsages::UNIFORM | BufferUsages::COPY_DST,
        )?;
        let given = given_words(plan, n) * max_steps as usize;
        let numbers = room("numbers", said.len() + given, storage)?;
        gpu.queue
            .write_buffer(&numbers, 0, bytemuck::cast_slice(&said));
        let first_given = said.len() as u32;
        let n_samples = max_steps.div_ceil(every) as usize;
        let samples = room("samples", sample_words(plan, n) * n_samples, storage)?;
        let first_taken = taken.iter().map(|row| row.first).collect();
        let taken = room("taken", taken_words, storage)?;
        let mut buffers = vec![
            &uniform,
            &simulator.edges,
            &words,
            &numbers,
            &simulator.incoming,
            &line,
            &nodes,
            &samples,
        ];
        buffers.extend((!plan.monitors.is_empty()).then_some(&taken));
        let bound = simulator.pipeline.bind(gpu, &buffers);
        Ok(Self {
            settings: Settings {
                n_simulations: n as u32,
                n_nodes: n_nodes as u32,
                n_pairs: n_nodes.div_ceil(2) as u32,
                line_length: simulator.kernel.line_length(&simulator.network),
                first_step: 0,
                n_steps: 0,
                every,
                first_sample: 0,
                zero: 0,
                first_group: 0,
                first_given,
                first_wave: first_given + (replay_words(plan) * max_steps as usize) as u32,
                wave_words,
            },
            uniform,
            numbers,
            nodes,
            samples,
            taken: (taken, first_taken),
            bound,
        })
    }

    /// Tells the next dispatch which workgroup is its first.
    pub(super) fn begin_at(&mut self, gpu: &Gpu, first_group: u32) {
        self.settings.first_group = first_group;
        gpu.queue
            .write_buffer(&self.uniform, 0, bytemuck::bytes_of(&self.settings));
    }

    /// What the next dispatches are to do: `n_steps` steps after step `done`.
    pub(super) fn prepare(
        &mut self,
        gpu: &Gpu,
        (plan, members): (&Plan, &[usize]),
        done: u32,
        n_steps: u32,
    ) {
        self.settings.first_step = done;
        self.settings.n_steps = n_steps;
        self.settings.first_sample = done / plan.recording.every;
        let steps = done..done + n_steps;
        if let Some(replay) = plan.replay.as_ref().filter(|_| replay_words(plan) > 0) {
            let of_step = |step: u32| {
                replay.iter().flat_map(move |stored| match stored {
                    Some(stored) => stored.row(step as usize).to_vec(),
                    None => vec![0.0; plan.n_nodes],
                })
            };
            let first = 4 * u64::from(self.settings.first_given);
            let normals: Vec<f32> = steps.clone().flat_map(of_step).collect();
            gpu.queue
                .write_buffer(&self.numbers, first, bytemuck::cast_slice(&normals));
        }
        if !plan.waves.is_empty() {
            let waves = steps.flat_map(|step| layout::waves_of(plan, members, step));
            let waves: Vec<f32> = waves.collect();
            let first = 4 * u64::from(self.settings.first_wave);
            gpu.queue
                .write_buffer(&self.numbers, first, bytemuck::cast_slice(&waves));
        }
    }
}

/// Numbers that the host gives for a step of `n` simulations: stored normals and waveforms.
pub(super) fn given_words(plan: &Plan, n: usize) -> usize {
    replay_words(plan) + layout::waves(plan, n).1 as usize
}

/// Stored normals of a step.
fn replay_words(plan: &Plan) -> usize {
    if replayed(plan).contains(&true) {
        plan.model.noise_targets().len() * plan.n_nodes
    } else {
        0
    }
}

/// Numbers of one sample of `n` simulations.
pub(super) fn sample_words(plan: &Plan, n: usize) -> usize {
    plan.recording.states.len() * plan.n_nodes * n
}

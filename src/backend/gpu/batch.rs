//! Runs a plan in batches of simulations, each in dispatches of many steps.

use std::time::{Duration, Instant};

use ndarray::{Array2, Array3};
use wgpu::{BindGroup, Buffer, BufferUsages};

use super::Gpu;
use super::compute::{self, Kernel};
use super::layout::{self, Edge, Settings, Simulation};
use super::shader::{self, Shape};
use crate::backend::{Control, Delivery};
use crate::error::{Error, Result};
use crate::noise;
use crate::plan::Plan;
use crate::record::Recorder;

/// Device memory that a batch may take; drivers promise more than they have.
const BATCH_BYTES: u64 = 1 << 30;
/// Workgroups that any device takes at a time; a workgroup has at least one simulation.
const MAX_GROUPS: u64 = 65_535;
/// Samples of one dispatch.
const SAMPLE_BYTES: u64 = 64 << 20;
/// A dispatch should take this long: shorter wastes, longer makes desktops stutter and watchdogs bark.
const SHORT: Duration = Duration::from_millis(50);
const LONG: Duration = Duration::from_millis(100);

/// Runs every simulation of the plan.
pub(super) fn run_all(
    gpu: &Gpu,
    plan: &Plan,
    recorder: &dyn Recorder,
    control: &Control,
) -> Result<()> {
    let limits = gpu.device.limits();
    let binding = limits
        .max_storage_buffer_binding_size
        .min(limits.max_buffer_size);
    let line = 4 * (u64::from(plan.max_lag) + 2) * plan.n_nodes as u64;
    let sample = 4 * (plan.recording.states.len() * plan.n_nodes) as u64;
    let per_simulation = plan.bytes_per_simulation();
    let fits = (binding / line)
        .min(binding / sample)
        .min(BATCH_BYTES / per_simulation)
        .min(MAX_GROUPS) as usize;
    if fits == 0 {
        return Err(Error::Device {
            message: format!(
                "one simulation needs {line} bytes of delay line, but {} takes at most {binding} in one buffer; \
                 raise coupling.conduction_speed or protocol.dt, or say --backend cpu",
                gpu.described.name
            ),
        });
    }
    let all: Vec<usize> = (0..plan.n_simulations()).collect();
    let mut kernel: Option<(Shape, Kernel)> = None;
    for members in all.chunks(fits) {
        if control.is_stopped() {
            break;
        }
        let shape = shape(plan, members.len(), gpu.max_iterations);
        if kernel.as_ref().is_none_or(|(built, _)| *built != shape) {
            kernel = Some((shape, self::kernel(gpu, plan, shape)?));
        }
        let Some((_, kernel)) = &kernel else {
            unreachable!("built above")
        };
        Batch::new(gpu, plan, kernel, shape, members)?.run(recorder, control)?;
    }
    Ok(())
}

/// Lanes for the simulations there are, the rest of the workgroup for the nodes; fewer lanes where a step would otherwise
/// take more loop iterations than the device can do.
fn shape(plan: &Plan, n_simulations: usize, max_iterations: u32) -> Shape {
    let mut lanes = (n_simulations as u32).next_power_of_two().min(32);
    loop {
        let team = (256 / lanes).min((plan.n_nodes.div_ceil(2) as u32).next_power_of_two());
        let shape = Shape { lanes, team };
        if lanes == 1 || iterations_per_step(plan, shape) <= u64::from(max_iterations) {
            return shape;
        }
        lanes /= 2;
    }
}

/// Loop iterations of one invocation in one step, at most.
fn iterations_per_step(plan: &Plan, shape: Shape) -> u64 {
    let longest = (0..plan.n_nodes)
        .map(|node| plan.edges.of(node).len())
        .max()
        .unwrap_or(0);
    let pairs_per_thread = plan.n_nodes.div_ceil(2).div_ceil(shape.team as usize);
    let per_node = longest + 2 * plan.n_states() + plan.recording.states.len();
    (1 + pairs_per_thread * (2 * per_node + 1)) as u64
}

/// Whether each state's normals come from store.
fn replayed(plan: &Plan) -> Vec<bool> {
    plan.replay.iter().flatten().map(Option::is_some).collect()
}

fn kernel(gpu: &Gpu, plan: &Plan, shape: Shape) -> Result<Kernel> {
    let wgsl = shader::simulation(
        plan.model,
        &plan.recipe,
        &plan.recording.states,
        &replayed(plan),
        shape,
        gpu.build,
    );
    let writable = [
        false, false, false, false, false, false, false, true, true, true,
    ];
    Kernel::new(
        &gpu.device,
        "simulate",
        &wgsl,
        "simulate",
        gpu.build,
        &writable,
    )
}

struct Batch<'a> {
    gpu: &'a Gpu,
    plan: &'a Plan,
    kernel: &'a Kernel,
    shape: Shape,
    members: &'a [usize],
    /// Steps that one dispatch may do at most.
    max_steps: u32,
    settings: Settings,
    uniform: Buffer,
    replay: Buffer,
    nodes: Buffer,
    samples: Buffer,
    staged_nodes: Buffer,
    staged_samples: Buffer,
    bound: BindGroup,
}

impl<'a> Batch<'a> {
    fn new(
        gpu: &'a Gpu,
        plan: &'a Plan,
        kernel: &'a Kernel,
        shape: Shape,
        members: &'a [usize],
    ) -> Result<Self> {
        let (device, queue) = (&gpu.device, &gpu.queue);
        let (n_nodes, n_states, n) = (plan.n_nodes, plan.n_states(), members.len());
        let line_length = plan.max_lag + 2;
        let every = plan.recording.every;
        let sample_words = plan.recording.states.len() * n_nodes * n;
        let replay_words = if replayed(plan).contains(&true) {
            n_states * n_nodes
        } else {
            0
        };

        // As many steps as loop limits, sample room and replayed normals allow.
        let iterations = iterations_per_step(plan, shape);
        let by_loops = (u64::from(gpu.max_iterations) / iterations).max(1);
        let by_samples = (SAMPLE_BYTES / (4 * sample_words as u64)).max(1) * u64::from(every);
        let by_replay = if replay_words == 0 {
            u64::MAX
        } else {
            (SAMPLE_BYTES / (4 * replay_words as u64)).max(1)
        };
        if iterations > u64::from(gpu.max_iterations) {
            return Err(Error::Device {
                message: format!(
                    "one step of this network takes {iterations} loop iterations, more than {} can do ({}); use a newer \
                     driver (Mesa 23 or later), or say --backend cpu",
                    gpu.described.name, gpu.max_iterations
                ),
            });
        }
        let max_steps = by_loops
            .min(by_samples)
            .min(by_replay)
            .min(u64::from(plan.n_steps)) as u32;

        let mut edges: Vec<Edge> = (0..plan.edges.lag.len())
            .map(|e| Edge {
                source: plan.edges.source[e],
                lag: plan.edges.lag[e],
                weight: plan.edges.weight[e],
            })
            .collect();
        edges.push(Edge {
            source: 0,
            lag: 0,
            weight: 0.0,
        });
        let node_indices: Vec<u32> = plan
            .edges
            .first
            .iter()
            .chain(&plan.feedback_lags)
            .copied()
            .collect();
        let simulations: Vec<Simulation> = members
            .iter()
            .map(|&k| {
                let simulation = plan.simulations[k];
                Simulation {
                    key: noise::key(simulation.seed),
                    number: simulation.number,
                    padding: 0,
                }
            })
            .collect();
        let mut feedback_start = vec![0.0f32];
        if !plan.feedback_lags.is_empty() {
            feedback_start = (0..n_nodes)
                .flat_map(|node| members.iter().map(move |&k| plan.feedback_start(k, node)))
                .collect();
        }
        let (rows, numbers) = layout::table(plan, members);

        let upload = |label: &str, content: &[u8]| compute::upload(device, queue, label, content);
        let rows = upload("rows", bytemuck::cast_slice(&rows))?;
        let numbers = upload("numbers", bytemuck::cast_slice(&numbers))?;
        let node_indices = upload("node indices", bytemuck::cast_slice(&node_indices))?;
        let edges = upload("edges", bytemuck::cast_slice(&edges))?;
        let simulations = upload("simulations", bytemuck::cast_slice(&simulations))?;
        let feedback_start = upload("feedback start", bytemuck::cast_slice(&feedback_start))?;
        let line = upload(
            "delay line",
            bytemuck::cast_slice(&layout::line(plan, members, line_length as usize)),
        )?;
        let nodes = upload("nodes", bytemuck::cast_slice(&layout::nodes(plan, members)))?;

        let storage = BufferUsages::STORAGE | BufferUsages::COPY_DST | BufferUsages::COPY_SRC;
        let staging = BufferUsages::MAP_READ | BufferUsages::COPY_DST;
        let room = |label: &str, words: usize, usage| {
            compute::buffer(device, label, 4 * words as u64, usage)
        };
        let n_samples = max_steps.div_ceil(every) as usize;
        let uniform = room(
            "settings",
            12,
            BufferUsages::UNIFORM | BufferUsages::COPY_DST,
        )?;
        let replay = room("replay", replay_words * max_steps as usize, storage)?;
        let samples = room("samples", sample_words * n_samples, storage)?;
        let staged_samples = room("staged samples", sample_words * n_samples, staging)?;
        let staged_nodes = room("staged nodes", n_states * n_nodes * n, staging)?;
        let bound = kernel.bind(
            device,
            &[
                &uniform,
                &rows,
                &numbers,
                &node_indices,
                &edges,
                &simulations,
                &feedback_start,
                &replay,
                &line,
                &nodes,
                &samples,
            ],
        );
        Ok(Self {
            gpu,
            plan,
            kernel,
            shape,
            members,
            max_steps,
            settings: Settings {
                n_simulations: n as u32,
                n_nodes: n_nodes as u32,
                n_pairs: n_nodes.div_ceil(2) as u32,
                line_length,
                first_step: 0,
                n_steps: 0,
                every,
                first_sample: 0,
                zero: 0,
                padding_a: 0,
                padding_b: 0,
                padding_c: 0,
            },
            uniform,
            replay,
            nodes,
            samples,
            staged_nodes,
            staged_samples,
            bound,
        })
    }

    fn run(&mut self, recorder: &dyn Recorder, control: &Control) -> Result<()> {
        let plan = self.plan;
        let mut deliveries: Vec<_> = self
            .members
            .iter()
            .map(|&k| Delivery::new(plan, recorder, k))
            .collect();
        let mut steps = self.max_steps.min(16);
        let mut done = 0;
        let mut last = None;
        let mut outcome = Ok(());
        while done < plan.n_steps
            && !control.is_stopped()
            && !deliveries.iter().all(Delivery::is_over)
        {
            let n_steps = steps.min(plan.n_steps - done);
            let start = Instant::now();
            let (samples, state) = match self.steps(done, n_steps) {
                Ok(made) => made,
                Err(error) => {
                    // What was recorded until now is kept.
                    outcome = Err(error);
                    break;
                }
            };
            let took = start.elapsed();
            if took < SHORT && n_steps == steps {
                steps = steps.saturating_mul(2).min(self.max_steps);
            } else if took > LONG {
                steps = (steps / 2).max(1);
            }
            let first_sample = (done / plan.recording.every) as usize;
            done += n_steps;
            for (member, delivery) in deliveries.iter_mut().enumerate() {
                let samples = samples.index_axis(ndarray::Axis(2), member);
                let shape = (
                    samples.shape()[0],
                    plan.recording.states.len(),
                    plan.n_nodes,
                );
                let samples = samples
                    .to_owned()
                    .into_shape_with_order(shape)
                    .expect("the same numbers");
                let state = of_member(&state, plan, member);
                delivery.deliver(first_sample, samples.view(), done, state.view());
            }
            control.add(u64::from(n_steps) * self.members.len() as u64);
            last = Some(state);
        }
        for (member, delivery) in deliveries.iter_mut().enumerate() {
            let state = match &last {
                Some(state) => of_member(state, plan, member),
                None => plan.start(self.members[member]).state(),
            };
            delivery.finish(done, state.view(), None);
        }
        outcome
    }

    /// Does `n_steps` steps after step `done`: samples `[sample, recorded state and node, member]`, and the nodes then.
    fn steps(&mut self, done: u32, n_steps: u32) -> Result<(Array3<f32>, Vec<f32>)> {
        let (plan, gpu) = (self.plan, self.gpu);
        let every = plan.recording.every;
        self.settings.first_step = done;
        self.settings.n_steps = n_steps;
        self.settings.first_sample = done / every;
        gpu.queue
            .write_buffer(&self.uniform, 0, bytemuck::bytes_of(&self.settings));
        if let Some(replay) = plan
            .replay
            .as_ref()
            .filter(|_| replayed(plan).contains(&true))
        {
            let normals: Vec<f32> = (done..done + n_steps)
                .flat_map(|step| {
                    replay.iter().flat_map(move |stored| match stored {
                        Some(stored) => stored.row(step as usize).to_vec(),
                        None => vec![0.0; plan.n_nodes],
                    })
                })
                .collect();
            gpu.queue
                .write_buffer(&self.replay, 0, bytemuck::cast_slice(&normals));
        }
        let n = self.members.len();
        let width = plan.recording.states.len() * plan.n_nodes;
        let n_samples = ((done + n_steps) / every - done / every) as usize;
        let n_words = n_samples * width * n;
        let state_words = plan.n_states() * plan.n_nodes * n;
        let copies = [
            (&self.samples, &self.staged_samples, 4 * n_words as u64),
            (&self.nodes, &self.staged_nodes, 4 * state_words as u64),
        ];
        let groups = [(n as u32).div_ceil(self.shape.lanes), 1, 1];
        compute::dispatch(
            &gpu.device,
            &gpu.queue,
            self.kernel,
            &self.bound,
            groups,
            &copies,
        )?;
        let floats = |words: Vec<u32>| words.into_iter().map(f32::from_bits).collect::<Vec<f32>>();
        let samples = floats(compute::read(&gpu.device, &self.staged_samples, n_words)?);
        let state = floats(compute::read(&gpu.device, &self.staged_nodes, state_words)?);
        let samples = Array3::from_shape_vec((n_samples, width, n), samples)
            .expect("as many words as asked for");
        Ok((samples, state))
    }
}

/// The states of one member, `[n_states, n_nodes]`, out of `[state][node][member]`.
fn of_member(nodes: &[f32], plan: &Plan, member: usize) -> Array2<f32> {
    let n = nodes.len() / (plan.n_states() * plan.n_nodes);
    Array2::from_shape_fn((plan.n_states(), plan.n_nodes), |(s, node)| {
        nodes[(s * plan.n_nodes + node) * n + member]
    })
}

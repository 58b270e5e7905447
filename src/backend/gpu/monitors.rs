//! Monitors on the device: what the simulation kernels take for them, and the host's side of `shaders/monitor.wgsl`.
//!
//! After each of its steps a simulation kernel adds what monitors take to compensated sums, and at the end of a monitor's step it
//! leaves the sum. A kernel of each monitor then goes through its steps of the dispatch. So the simulation kernel has no equations of
//! monitors, and the memory between the two grows with the steps of monitors, which are few.

use std::fmt::Write as _;
use std::sync::Arc;

use wgpu::{BindGroup, Buffer, BufferUsages};

use super::Gpu;
use super::compute::{self, Binding, Kernel, Refusal};
use super::flight::Dispatch;
use super::layout::MonitorSettings;
use super::shader::{self, Dialect};
use crate::dynamics::observing_wgsl;
use crate::error::Result;
use crate::monitor::Takes;
use crate::plan::{Observing, Plan, Row};
use crate::scalar::{Function, Trace, compensated};

const MONITOR: &str = include_str!("../../../shaders/monitor.wgsl");

/// Threads of a workgroup of the shader.
const GROUP: u32 = 64;
/// Workgroups that any device takes in one direction.
const MAX_GROUPS: u32 = 65_535;
/// Loop iterations of an invocation beside those over steps and responses.
const ONCE: u64 = 256;

/// Sums and carries that a node keeps for the monitors.
pub(super) fn n_sums(monitors: &[Observing]) -> usize {
    let means = monitors.iter().filter(|one| one.takes == Takes::Mean);
    2 * means.count()
}

/// The WGSL of one step of a compensated sum.
pub(super) fn compensated_wgsl() -> String {
    Function::write(
        "compensated(total: f32, carry: f32, x: f32) -> vec2<f32>",
        |results| format!("vec2<f32>({})", results.join(", ")),
        || {
            let [total, carry, x] = ["total", "carry", "x"].map(Trace::argument);
            let (total, carry) = compensated(total, carry, x);
            Function::results().floats([total, carry])
        },
    )
}

/// `take`: what the monitors take of a node after a step. Their sums stand behind the first `n_held` numbers that a node holds.
pub(super) fn take(monitors: &[Observing], n_held: usize) -> String {
    let signature =
        "fn take(step: u32, node: u32, simulation: u32, now: ptr<function, Node>)".to_string();
    if monitors.is_empty() {
        return format!("{signature} {{}}\n");
    }
    let (mut body, mut sum) = (String::new(), n_held);
    for (k, one) in monitors.iter().enumerate() {
        let every = one.every;
        let index = format!(
            "row_at(N_NUMBERS + N_WAVES + {k}u).first \
             + place(step / {every}u - 1u - settings.first_step / {every}u, node, simulation)"
        );
        let ends = format!("step % {every}u == 0u");
        let signal = format!("(*now).observed[{k}]");
        let _ = match one.takes {
            Takes::Last => writeln!(
                body,
                "    if ({ends}) {{\n        taken[{index}] = {signal};\n    }}"
            ),
            Takes::Mean => {
                let [total, carry] = [sum, sum + 1].map(|h| format!("(*now).held[{h}]"));
                sum += 2;
                writeln!(
                    body,
                    "    var sum{k} = compensated({total}, {carry}, {signal});\n    if ({ends}) {{\n        \
                     taken[{index}] = exact(sum{k}.x + sum{k}.y);\n        sum{k} = vec2<f32>();\n    }}\n    \
                     {total} = sum{k}.x;\n    {carry} = sum{k}.y;"
                )
            }
        };
    }
    format!(
        "// [monitor][its step][node][simulation]; where those of a monitor begin is said behind the rows of the waves.\n\
         @group(0) @binding(8) var<storage, read_write> taken: array<f32>;\n\n{}\n{signature} {{\n{body}}}\n",
        compensated_wgsl()
    )
}

/// The WGSL of a monitor's kernel.
pub fn wgsl(observing: &Observing, dialect: Dialect) -> String {
    let n_response = observing.n_response();
    let n_taken = match observing.takes {
        Takes::Mean => observing.every,
        Takes::Last => 1,
    };
    let share = 1.0 / f64::from(n_taken);
    let [low, high] = observing.monitor.range.unwrap_or_default();
    let [share, low, high] = [share, low, high].map(|x| format!("{:?}f", x as f32));
    let prelude = format!(
        "// {}\nconst N_STATES: u32 = {}u;\nconst N_NUMBERS: u32 = {}u;\nconst N_RESPONSE: u32 = {}u;\n\
         const CONVOLVES: bool = {};\nconst PERIOD: u32 = {}u;\nconst SHARE: f32 = {share};\n\
         const HAS_RANGE: bool = {};\nconst LOW: f32 = {low};\nconst HIGH: f32 = {high};\n\n{}\n{}",
        observing.monitor.name,
        observing.step.n_states,
        observing.step.numbers.len(),
        n_response.max(1),
        n_response > 0,
        observing.period,
        observing.monitor.range.is_some(),
        observing_wgsl(&observing.step),
        compensated_wgsl(),
    );
    shader::assemble(dialect, &prelude, MONITOR)
}

/// The kernel of a monitor for a device.
pub(super) fn kernel(gpu: &Gpu, observing: &Observing) -> Result<Arc<Kernel>, Refusal> {
    use Binding::{Read, Uniform, Write};
    gpu.pipeline(
        &observing.name,
        wgsl(observing, gpu.dialect),
        "watch",
        &[Uniform, Read, Read, Read, Write, Write],
    )
}

/// Quantities of a node that a monitor keeps: states, carries, the count outside the range, past signals.
fn n_watched(observing: &Observing) -> usize {
    2 * observing.step.n_states + 1 + observing.n_response()
}

/// Whether responses differ between nodes, and between simulations.
fn responses_differ(plan: &Plan, observing: &Observing) -> [bool; 2] {
    let same = |a: [usize; 2], b: [usize; 2]| {
        let of = |[node, simulation]: [usize; 2]| observing.response(node, simulation);
        match (of(a), of(b)) {
            // Simulations mostly have the same, and a response is long.
            (Some(a), Some(b)) => Arc::ptr_eq(a, b) || a == b,
            _ => true,
        }
    };
    let (nodes, simulations) = (0..plan.n_nodes, 0..plan.n_simulations());
    let each = || {
        simulations
            .clone()
            .flat_map(|k| nodes.clone().map(move |node| [node, k]))
    };
    [
        !each().all(|[node, k]| same([node, k], [0, k])),
        !each().all(|[node, k]| same([node, k], [node, 0])),
    ]
}

/// Bytes of device memory per simulation, and of the largest buffer among them, without what grows with the steps of a dispatch.
pub(super) fn bytes_per_simulation(plan: &Plan) -> (u64, u64) {
    let (mut all, mut largest) = (0, 0);
    for one in &plan.monitors {
        let watched = (n_watched(one) * plan.n_nodes) as u64;
        // Where nothing differs there is one response, whatever the number of simulations.
        let responses = match responses_differ(plan, one) {
            [true, _] => one.n_response() * plan.n_nodes,
            [false, true] => one.n_response(),
            [false, false] => 0,
        };
        let numbers = ((one.step.numbers.len() + 2) * plan.n_nodes + responses) as u64;
        all += 4 * (watched + numbers);
        largest = largest.max(4 * watched).max(4 * numbers);
    }
    // One step of each monitor ends in the shortest dispatch.
    let taken = 4 * (plan.monitors.len() * plan.n_nodes) as u64;
    (all, largest.max(taken))
}

/// Words that `n` simulations leave for the monitors in a dispatch of so many steps; and words that the monitors show then.
pub(super) fn words_of_dispatch(plan: &Plan, n: usize, n_steps: u64) -> [u64; 2] {
    let of_one = (plan.n_nodes * n) as u64;
    let times = |every: u64| n_steps.div_ceil(every) * of_one;
    let taken = plan.monitors.iter().map(|one| times(u64::from(one.every)));
    let shown = plan
        .monitors
        .iter()
        .map(|one| times(one.steps_per_sample()));
    [taken.sum(), shown.sum()]
}

/// Steps of the simulation that a dispatch may do at most before an invocation of a monitor's kernel makes so many loop iterations; 0
/// if it cannot make a single sample.
pub(super) fn max_steps(observing: &Observing, max_iterations: u32) -> u64 {
    let left = u64::from(max_iterations).saturating_sub(ONCE);
    let [every, period] = [observing.every, observing.period].map(u64::from);
    let response = observing.n_response() as u64;
    match left / (period + response) {
        0 => left.saturating_sub(response) * every,
        samples => samples.saturating_mul(every * period),
    }
}

/// A monitor of a batch.
pub(super) struct Watcher {
    kernel: Arc<Kernel>,
    settings: MonitorSettings,
    uniform: Buffer,
    watched: Buffer,
    shown: Buffer,
    bound: BindGroup,
    every: u32,
    period: u32,
    /// Where the count outside the range begins in `watched`, in words.
    outside: usize,
}

impl Watcher {
    /// Monitor number `k` of a plan at t = 0, with room for the samples of `max_steps` steps. `taken` is where the simulation kernel
    /// leaves what it takes; for this monitor from word `first_taken` on.
    pub(super) fn new(
        gpu: &Gpu,
        (plan, members): (&Plan, &[usize]),
        k: usize,
        kernel: &Arc<Kernel>,
        (taken, first_taken): (&Buffer, u32),
        max_steps: u32,
    ) -> Result<Self> {
        let observing = &plan.monitors[k];
        let n = members.len();
        let row = plan.n_nodes * n;
        let table = Table::new(plan, observing, members);
        let rows = compute::upload(gpu, "monitor's rows", bytemuck::cast_slice(&table.rows))?;
        let numbers = bytemuck::cast_slice(&table.numbers);
        let numbers = compute::upload(gpu, "monitor's numbers", numbers)?;
        let storage = BufferUsages::STORAGE | BufferUsages::COPY_SRC | BufferUsages::COPY_DST;
        let room = |label: &str, words: u64, usage| compute::buffer(gpu, label, 4 * words, usage);
        // wgpu fills new buffers with zeros.
        let watched = room("watched", (n_watched(observing) * row) as u64, storage)?;
        let start: Vec<f32> = observing
            .start
            .iter()
            .flat_map(|&x| std::iter::repeat_n(x as f32, row))
            .collect();
        gpu.queue
            .write_buffer(&watched, 0, bytemuck::cast_slice(&start));
        let n_samples = u64::from(max_steps).div_ceil(observing.steps_per_sample());
        let shown = room("shown", n_samples * row as u64, storage)?;
        let uniform = room(
            "settings of a monitor",
            size_of::<MonitorSettings>() as u64 / 4,
            BufferUsages::UNIFORM | BufferUsages::COPY_DST,
        )?;
        let buffers = [&uniform, &rows, &numbers, taken, &watched, &shown];
        let bound = kernel.bind(gpu, &buffers);
        Ok(Self {
            kernel: Arc::clone(kernel),
            settings: MonitorSettings {
                n_simulations: n as u32,
                n_nodes: plan.n_nodes as u32,
                first_taken,
                first_step: 0,
                n_steps: 0,
                response_stride: table.response_stride,
                zero: 0,
                padding: 0,
            },
            uniform,
            watched,
            shown,
            bound,
            every: observing.every,
            period: observing.period,
            outside: 2 * observing.step.n_states * row,
        })
    }

    /// What the next dispatch is to do, after `n_steps` steps of the simulation that follow step `done`. Gives the samples that it makes.
    pub(super) fn prepare(&mut self, gpu: &Gpu, done: u32, n_steps: u32) -> usize {
        let first = done / self.every;
        let last = (done + n_steps) / self.every;
        self.settings.first_step = first;
        self.settings.n_steps = last - first;
        gpu.queue
            .write_buffer(&self.uniform, 0, bytemuck::bytes_of(&self.settings));
        (last / self.period - first / self.period) as usize
    }

    /// The dispatch; none where no step of the monitor ended.
    pub(super) fn dispatch(&self) -> Option<Dispatch<'_>> {
        let n_items = self.settings.n_nodes * self.settings.n_simulations;
        let groups = n_items.div_ceil(GROUP);
        let layers = groups.div_ceil(MAX_GROUPS);
        let groups = [groups.div_ceil(layers), layers, 1];
        (self.settings.n_steps > 0).then_some((&*self.kernel, &self.bound, groups))
    }

    /// The samples of the latest dispatch, `[sample][node][member]`.
    pub(super) fn shown(&self) -> &Buffer {
        &self.shown
    }

    /// In how many of the monitor's steps the signal was outside the range, `[node][member]`: where it is, from which word on.
    pub(super) fn outside(&self) -> (&Buffer, usize) {
        (&self.watched, self.outside)
    }
}

/// What was counted outside the range of a member's nodes, `[node][member]`, as fractions of the time up to step `done`.
pub(super) fn fractions(
    counted: &[f32],
    observing: &Observing,
    done: u32,
    (member, n): (usize, usize),
) -> Vec<f64> {
    let n_steps = f64::from((done / observing.every).max(1));
    let of_member = counted.iter().skip(member).step_by(n);
    of_member.map(|&k| f64::from(k) / n_steps).collect()
}

/// The numbers of a monitor as its kernel reads them.
struct Table {
    /// Of its step, then scale, offset, response.
    rows: Vec<Row>,
    /// Entries of tables, then the numbers of the rows.
    numbers: Vec<f32>,
    response_stride: u32,
}

impl Table {
    fn new(plan: &Plan, observing: &Observing, members: &[usize]) -> Self {
        let tables = observing.step.tables();
        let tables = tables.iter().flat_map(|(table, _)| table.singles());
        let mut table = Self {
            rows: Vec::new(),
            numbers: tables.copied().collect(),
            response_stride: 0,
        };
        let whole = [plan.n_nodes, members.len()];
        for k in 0..observing.step.numbers.len() {
            table.add(whole, |node, member| {
                observing.number(k, node, members[member]) as f32
            });
        }
        for k in 0..2 {
            table.add(whole, |node, member| {
                observing.scale_and_offset(node, members[member])[k] as f32
            });
        }
        let [per_node, per_member] = responses_differ(plan, observing);
        let n_nodes = if per_node { plan.n_nodes } else { 1 };
        let n_members = if per_member { members.len() } else { 1 };
        table.rows.push(Row {
            first: table.numbers.len() as u32,
            node_stride: if per_node { n_members as u32 } else { 0 },
            simulation_stride: u32::from(per_member),
        });
        table.response_stride = (n_nodes * n_members) as u32;
        for k in 0..observing.n_response() {
            for node in 0..n_nodes {
                let of = |&member: &usize| {
                    observing.response(node, member).expect("it convolves")[k] as f32
                };
                table.numbers.extend(members[..n_members].iter().map(of));
            }
        }
        table
    }

    /// Adds a row; what all nodes or all members share is there once.
    fn add(&mut self, [n_nodes, n]: [usize; 2], of: impl Fn(usize, usize) -> f32) {
        let bits = |node, member| of(node, member).to_bits();
        let each = || (0..n_nodes).flat_map(|node| (0..n).map(move |member| (node, member)));
        let per_node = each().any(|(node, member)| bits(node, member) != bits(0, member));
        let per_member = each().any(|(node, member)| bits(node, member) != bits(node, 0));
        let n_members = if per_member { n } else { 1 };
        self.rows.push(Row {
            first: self.numbers.len() as u32,
            node_stride: if per_node { n_members as u32 } else { 0 },
            simulation_stride: u32::from(per_member),
        });
        for node in 0..if per_node { n_nodes } else { 1 } {
            self.numbers
                .extend((0..n_members).map(|member| of(node, member)));
        }
    }
}

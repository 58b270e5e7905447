//! The structures that host and shader share, and the arrays of a batch as the shader reads them.

use std::cmp::Reverse;

use super::kernel::{Kernel, Network};
use super::monitors;
use crate::noise;
use crate::plan::{Plan, Row, RowEdges, Wave};

/// The uniform of the simulation kernels.
#[derive(Debug, Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub(super) struct Settings {
    pub(super) n_simulations: u32,
    pub(super) n_nodes: u32,
    pub(super) n_pairs: u32,
    pub(super) line_length: u32,
    pub(super) first_step: u32,
    pub(super) n_steps: u32,
    pub(super) every: u32,
    pub(super) first_sample: u32,
    pub(super) zero: u32,
    pub(super) first_group: u32,
    pub(super) first_given: u32,
    pub(super) first_wave: u32,
    pub(super) wave_words: u32,
}

/// The edges into a row: far ones up to `far_end`, near ones from `near`.
#[derive(Debug, Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub(super) struct Incoming {
    pub(super) far: u32,
    pub(super) far_end: u32,
    pub(super) near: u32,
    pub(super) near_end: u32,
}

/// The uniform of `shaders/moments.wgsl`.
#[derive(Debug, Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub(super) struct MomentsSettings {
    pub(super) n_simulations: u32,
    pub(super) n_nodes: u32,
    pub(super) n_tiles: u32,
    pub(super) n_recorded: u32,
    pub(super) n_samples: u32,
    pub(super) n_transient: u32,
    pub(super) first_sample: u32,
    pub(super) is_last: u32,
    pub(super) zero: u32,
    pub(super) padding_a: u32,
    pub(super) padding_b: u32,
    pub(super) padding_c: u32,
}

/// The uniform of `shaders/monitor.wgsl`.
#[derive(Debug, Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub(super) struct MonitorSettings {
    pub(super) n_simulations: u32,
    pub(super) n_nodes: u32,
    pub(super) first_taken: u32,
    pub(super) first_step: u32,
    pub(super) n_steps: u32,
    pub(super) response_stride: u32,
    pub(super) zero: u32,
    pub(super) padding: u32,
}

/// Name, size, and fields with their offsets of a structure.
pub type Layout = (&'static str, usize, Vec<(&'static str, usize)>);

/// Every structure that host and simulation kernels share, by the shader's names.
pub fn layouts() -> Vec<Layout> {
    macro_rules! layout {
        ($type:ident { $($field:ident),* }) => {
            (
                stringify!($type),
                size_of::<$type>(),
                vec![$((stringify!($field), std::mem::offset_of!($type, $field))),*],
            )
        };
    }
    vec![
        layout!(MomentsSettings {
            n_simulations,
            n_nodes,
            n_tiles,
            n_recorded,
            n_samples,
            n_transient,
            first_sample,
            is_last,
            zero,
            padding_a,
            padding_b,
            padding_c
        }),
        layout!(MonitorSettings {
            n_simulations,
            n_nodes,
            first_taken,
            first_step,
            n_steps,
            response_stride,
            zero,
            padding
        }),
        layout!(Settings {
            n_simulations,
            n_nodes,
            n_pairs,
            line_length,
            first_step,
            n_steps,
            every,
            first_sample,
            zero,
            first_group,
            first_given,
            first_wave,
            wave_words
        }),
        layout!(Incoming {
            far,
            far_end,
            near,
            near_end
        }),
        layout!(Row {
            first,
            node_stride,
            simulation_stride
        }),
    ]
}

/// The rows that the step reads and their numbers, of some of the plan's simulations; before them the entries of the step's tables.
pub(super) fn table(plan: &Plan, members: &[usize]) -> (Vec<Row>, Vec<f32>) {
    let mut rows = Vec::new();
    let tables = plan.step.tables();
    let tables = tables.iter().flat_map(|(table, _)| table.singles());
    let mut numbers: Vec<f32> = tables.copied().collect();
    for &r in &plan.step.numbers {
        let row = plan.table.rows[r];
        let first = numbers.len() as u32;
        let n_nodes = if row.node_stride == 0 {
            1
        } else {
            plan.n_nodes
        };
        let n_members = if row.simulation_stride == 0 {
            1
        } else {
            members.len()
        };
        for node in 0..n_nodes {
            numbers.extend(
                members[..n_members]
                    .iter()
                    .map(|&k| plan.table.at(r, node, k)),
            );
        }
        rows.push(Row {
            first,
            node_stride: if n_nodes == 1 { 0 } else { n_members as u32 },
            simulation_stride: u32::from(row.simulation_stride != 0),
        });
    }
    (rows, numbers)
}

/// Where each wave lies among the numbers that a step has of them, `[wave][node][member]`, and how many those are.
pub(super) fn waves(plan: &Plan, n_members: usize) -> (Vec<Row>, u32) {
    let mut n_words = 0;
    let mut row = |wave: &Wave| {
        let first = n_words;
        let [n_nodes, n] = wave_shape(wave, plan.n_nodes, n_members);
        n_words += (n_nodes * n) as u32;
        Row {
            first,
            node_stride: if wave.is_per_node() { n as u32 } else { 0 },
            simulation_stride: u32::from(!wave.is_shared()),
        }
    };
    let rows = plan.waves.iter().map(&mut row).collect();
    (rows, n_words)
}

/// Where what each monitor takes begins, `[monitor][its step][node][member]`, in a dispatch of so many steps at most; and the words of
/// all.
pub(super) fn taken(plan: &Plan, n_members: usize, max_steps: u32) -> (Vec<Row>, usize) {
    let mut n_words = 0;
    let mut row = |every: u32| {
        let first = n_words as u32;
        n_words += max_steps.div_ceil(every) as usize * plan.n_nodes * n_members;
        Row {
            first,
            node_stride: 0,
            simulation_stride: 0,
        }
    };
    let rows = plan.monitors.iter().map(|one| row(one.every)).collect();
    (rows, n_words)
}

/// The nodes and members whose numbers are stored.
fn wave_shape(wave: &Wave, n_nodes: usize, n_members: usize) -> [usize; 2] {
    [
        if wave.is_per_node() { n_nodes } else { 1 },
        if wave.is_shared() { 1 } else { n_members },
    ]
}

/// The waves of one step, in the places of [`waves`].
pub(super) fn waves_of(plan: &Plan, members: &[usize], step: u32) -> impl Iterator<Item = f32> {
    plan.waves.iter().flat_map(move |wave| {
        let [n_nodes, n] = wave_shape(wave, plan.n_nodes, members.len());
        let of_node = move |node: usize| members[..n].iter().map(move |&k| wave.at(k, node, step));
        (0..n_nodes).flat_map(of_node)
    })
}

/// The delay line at t = 0 as the kernel keeps it: `[row][time][member]`, time 0 now and the last one step ago, then the first
/// times again; or `[member][row][column]`, the last column now; or `[member][row][time]`, where workgroup memory holds the
/// latest times only. A row is a line of a node, or where only sums wait.
pub(super) fn line(plan: &Plan, members: &[usize], kernel: Kernel) -> Vec<f32> {
    let network = Network::of(plan);
    let (n_nodes, n) = (plan.n_nodes, members.len());
    let n_rows = network.n_rows() as usize;
    let length = kernel.line_length(&network) as usize;
    let times = kernel.line_words(&network) as usize / n_rows;
    let mut line = vec![0.0; times * n_rows * n];
    for (member, &k) in members.iter().enumerate() {
        let mut put = |back: usize, row: usize, x: f32| match kernel {
            Kernel::Global { .. } => {
                let time = (length - back) % length;
                line[(row * times + time) * n + member] = x;
                if time + length < times {
                    line[(row * times + length + time) * n + member] = x;
                }
            }
            Kernel::Resident { held: None, .. } => {
                line[(member * n_rows + row) * length + length - 1 - back] = x;
            }
            Kernel::Resident { held: Some(_), .. } => {
                line[(member * n_rows + row) * length + (length - back) % length] = x;
            }
        };
        plan.for_each_past(k, |l, back, past| {
            for (node, &x) in past.iter().enumerate() {
                put(back as usize, l * n_nodes + node, x);
            }
            true
        });
    }
    line
}

/// The rows; what tells each member's random numbers from those of others; what is fed back before t = 0, `[feedback][node][member]`;
/// then how many steps late each is read, and for how many steps it is what was before, `[feedback][node][2]`.
pub(super) fn words(plan: &Plan, members: &[usize], rows: &[Row]) -> Vec<u32> {
    let of_row = |row: &Row| [row.first, row.node_stride, row.simulation_stride];
    let mut words: Vec<u32> = rows.iter().flat_map(of_row).collect();
    for &k in members {
        let simulation = plan.simulations[k];
        words.extend(noise::key(simulation.seed));
        words.push(simulation.number);
    }
    for f in 0..plan.feedback.len() {
        for node in 0..plan.n_nodes {
            let of = members.iter().map(|&k| plan.feedback_start(k, f, node));
            words.extend(of.map(f32::to_bits));
        }
    }
    for feedback in &plan.feedback {
        for (&lag, &before) in feedback.lags.iter().zip(&feedback.before) {
            words.extend([lag, before]);
        }
    }
    words
}

/// Marks the place of a time that workgroup memory does not hold; then the row and, by how much it lies behind now in the
/// ring, the time.
const OLDER: u32 = 1 << 31;

/// The edges as a kernel reads them.
pub(super) struct Edges {
    /// All edges; of the resident kernel, the far ones.
    pub(super) words: Vec<u32>,
    /// Where the edges into each row are. Of the resident kernel, behind them: the rows that receive, those with the most near edges
    /// first, as (row, the first of its pairs of near edges, their end, 1 if there is one edge more); and the near edges,
    /// two in an element, as (weight, place, weight, place).
    pub(super) incoming: Vec<Incoming>,
}

/// The edges as the kernel reads them.
pub(super) fn edges(plan: &Plan, kernel: Kernel) -> Edges {
    let network = Network::of(plan);
    let (length, stride) = (kernel.line_length(&network), kernel.stride(&network));
    let columns = kernel.columns(&network);
    let edges = rows(plan);
    let n_far = |row: usize| {
        let is_far = |&e: &usize| edges.lag[e] + 1 >= kernel.block();
        edges.of(row).filter(is_far).count()
    };
    let (mut words, mut incoming) = (Vec::new(), Vec::new());
    match kernel {
        Kernel::Global { .. } => {
            for row in 0..edges.n_rows() {
                let (of, n_far) = (edges.of(row), n_far(row) as u32);
                let first = of.start as u32;
                incoming.push(Incoming {
                    far: first,
                    far_end: first + n_far,
                    near: first + n_far,
                    near_end: of.end as u32,
                });
                for e in of {
                    words.extend([edges.source[e], edges.lag[e], edges.weight[e].to_bits()]);
                }
            }
        }
        Kernel::Resident { .. } => {
            let put = |list: &mut Vec<u32>, of: std::ops::Range<usize>| -> [u32; 2] {
                // Two edges are read at a time: a row's first one is the first of two.
                list.resize(list.len().next_multiple_of(4), 0);
                let first = list.len() as u32 / 2;
                for e in of {
                    let (source, lag) = (edges.source[e], edges.lag[e]);
                    let place = match lag < columns {
                        true => source * stride + columns - 1 - lag,
                        false => OLDER | source << 16 | (length - lag),
                    };
                    list.extend([edges.weight[e].to_bits(), place]);
                }
                [first, list.len() as u32 / 2]
            };
            let (n_rows, n_receiving) = (edges.n_rows(), plan.recipe.n_sums() * plan.n_nodes);
            // Room for the rows, so that numbers of near edges count from the first of all.
            let mut list = vec![0; 4 * (n_rows + n_receiving)];
            for row in 0..n_rows {
                let of = edges.of(row);
                let near_from = of.start + n_far(row);
                let [far, far_end] = put(&mut words, of.start..near_from);
                let [near, near_end] = put(&mut list, near_from..of.end);
                list[4 * row..4 * row + 4].copy_from_slice(&[far, far_end, near, near_end]);
            }
            let near_of = |list: &[u32], row: usize| [list[4 * row + 2], list[4 * row + 3]];
            let mut order: Vec<usize> = (0..n_receiving).collect();
            order.sort_by_key(|&row| {
                let [near, near_end] = near_of(&list, row);
                Reverse(near_end - near)
            });
            for (place, row) in order.into_iter().enumerate() {
                let [near, near_end] = near_of(&list, row);
                let at = 4 * (n_rows + place);
                let of_row = [row as u32, near / 2, near_end / 2, near_end % 2];
                list[at..at + 4].copy_from_slice(&of_row);
            }
            list.resize(list.len().next_multiple_of(4), 0);
            incoming = bytemuck::pod_collect_to_vec(&list);
        }
    }
    words.resize(words.len().next_multiple_of(4).max(4), 0);
    Edges { words, incoming }
}

/// The edges between rows; rows of the delay line in which no sum waits have none.
pub(super) fn rows(plan: &Plan) -> RowEdges {
    let mut rows = plan.sums([plan.n_nodes; 2]);
    let n_rows = Network::of(plan).n_rows() as usize;
    rows.first.resize(n_rows + 1, rows.lag.len() as u32);
    rows
}

/// States, what rounding cut off them (nothing yet), noise processes and what is held at t = 0, `[quantity][node][member]`; then room for
/// the sums that monitors take (nothing yet) and for what is predicted.
pub(super) fn nodes(plan: &Plan, members: &[usize]) -> Vec<f32> {
    let (n_states, n_nodes, n) = (plan.n_states(), plan.n_nodes, members.len());
    let mut nodes = vec![0.0; n_quantities(plan) * n_nodes * n];
    let processes = plan.recipe.processes();
    for (member, &k) in members.iter().enumerate() {
        let at = |quantity: usize, node: usize| (quantity * n_nodes + node) * n + member;
        for ((s, node), &x) in plan.start(k).state().indexed_iter() {
            nodes[at(s, node)] = x;
        }
        for (p, &target) in processes.iter().enumerate() {
            for node in 0..n_nodes {
                let mean = plan.table.at(plan.rows().mean(target), node, k);
                nodes[at(2 * n_states + p, node)] = mean;
            }
        }
        for ((h, node), &x) in plan.held_start(k).indexed_iter() {
            nodes[at(2 * n_states + processes.len() + h, node)] = x;
        }
    }
    nodes
}

/// Quantities of a node in the array of nodes: what is kept, also for monitors, and what is predicted.
pub(super) fn n_quantities(plan: &Plan) -> usize {
    plan.step.n_kept() + monitors::n_sums(&plan.monitors) + plan.step.n_predicted()
}

//! The structures that host and shader share, and the arrays of a batch as the shader reads them.

use crate::plan::{Plan, Row};

/// The uniform of `shaders/simulate.wgsl`.
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
    pub(super) padding_a: u32,
    pub(super) padding_b: u32,
    pub(super) padding_c: u32,
}

#[derive(Debug, Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub(super) struct Edge {
    pub(super) source: u32,
    pub(super) lag: u32,
    pub(super) weight: f32,
}

#[derive(Debug, Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub(super) struct Simulation {
    pub(super) key: [u32; 2],
    pub(super) number: u32,
    pub(super) padding: u32,
}

/// Name, size, and fields with their offsets of a structure.
pub type Layout = (&'static str, usize, Vec<(&'static str, usize)>);

/// Every structure that host and shader share, by the shader's names.
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
            padding_a,
            padding_b,
            padding_c
        }),
        layout!(Edge {
            source,
            lag,
            weight
        }),
        layout!(Simulation {
            key,
            number,
            padding
        }),
        layout!(Row {
            first,
            node_stride,
            simulation_stride
        }),
    ]
}

/// The rows and numbers of some of the plan's simulations.
pub(super) fn table(plan: &Plan, members: &[usize]) -> (Vec<Row>, Vec<f32>) {
    if members.len() == plan.n_simulations() {
        return (plan.table.rows.clone(), plan.table.data.clone());
    }
    let (mut rows, mut numbers) = (Vec::new(), Vec::new());
    for (r, row) in plan.table.rows.iter().enumerate() {
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

/// The delay line at t = 0, `[row][node][member]`: row 0 is now, the last row one step ago.
pub(super) fn line(plan: &Plan, members: &[usize], length: usize) -> Vec<f32> {
    let (n_nodes, n) = (plan.n_nodes, members.len());
    let mut line = vec![0.0; length * n_nodes * n];
    for (member, &k) in members.iter().enumerate() {
        let mut put =
            |row: usize, node: usize, x: f32| line[(row * n_nodes + node) * n + member] = x;
        for (node, &x) in plan.start(k).state().row(0).iter().enumerate() {
            put(0, node, x);
        }
        for (back, past) in plan.past(k).outer_iter().enumerate() {
            for (node, &x) in past.iter().enumerate() {
                put(length - 1 - back, node, x);
            }
        }
    }
    line
}

/// States, what rounding cut off them (nothing yet) and noise processes at t = 0, `[3][state][node][member]`.
pub(super) fn nodes(plan: &Plan, members: &[usize]) -> Vec<f32> {
    let (n_states, n_nodes, n) = (plan.n_states(), plan.n_nodes, members.len());
    let part = n_states * n_nodes * n;
    let mut nodes = vec![0.0; 3 * part];
    for (member, &k) in members.iter().enumerate() {
        for ((s, node), &x) in plan.start(k).state().indexed_iter() {
            let at = (s * n_nodes + node) * n + member;
            nodes[at] = x;
            nodes[2 * part + at] = plan.table.at(plan.rows().mean(s), node, k);
        }
    }
    nodes
}

//! Which kernels a device can run, and which of them is taken.

use super::kernel::{Kernel, Network, least_columns};
use super::monitors;
use crate::plan::Plan;

/// What a device can do, as far as the choice of a kernel depends on it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Abilities {
    pub(super) max_threads: u32,
    pub(super) max_workgroup_bytes: u32,
    pub(super) max_uniform_bytes: u64,
    /// Storage buffers of one kernel.
    pub(super) max_storage_buffers: u32,
    /// Loop iterations of one invocation in one dispatch.
    pub(super) max_iterations: u32,
}

/// Blocks of steps that one dispatch may do before an invocation makes `max_iterations` loop iterations.
pub(super) fn max_blocks(kernel: Kernel, plan: &Plan, max_iterations: u32) -> u64 {
    let network = Network::of(plan);
    let (n_nodes, n_pairs) = (network.n_nodes, network.n_nodes.div_ceil(2));
    let (block, sub) = (kernel.block(), kernel.sub_block(&network));
    let (parts, mut longest, mut predicted) = (plan.recipe.parts(), [0, 0], 0);
    for node in 0..plan.n_nodes {
        let lags = &plan.edges.lag[plan.edges.of(node)];
        for part in &parts {
            let read = lags.iter().filter_map(|&lag| part.lag(lag));
            let (far, near): (Vec<u32>, Vec<u32>) = read.partition(|lag| lag + 1 >= block);
            longest[0] = longest[0].max(far.len() as u32);
            longest[1] = longest[1].max(near.len() as u32);
        }
        let n_prompt = lags.iter().filter(|&&lag| lag == 0).count();
        predicted = predicted.max(n_prompt as u32);
    }
    let [far, near] = longest;
    let n_channels = plan.recipe.n_sums() as u32;
    // The sums over what is predicted, and the sums and feedbacks that a prediction takes.
    let predicted = match plan.recipe.n_predicted() as u32 {
        0 => 0,
        n => n * (1 + predicted) + n_channels * (1 + near) + plan.feedback.len() as u32,
    };
    // Loops over channels and feedbacks beside those over edges and what is recorded.
    let n_recorded =
        (plan.recording.states.len() + plan.feedback.len() + plan.step.lines.len()) as u32;
    let n_kept = plan.step.n_kept() + monitors::n_sums(&plan.monitors);
    let node = (plan.step.numbers.len() + n_kept) as u32;
    let (once, per_block) = match kernel {
        Kernel::Global { team, .. } => {
            let pairs = n_pairs.div_ceil(team);
            let walk = 1
                + 2 * node * (1 + u32::from(predicted > 0))
                + sub * (1 + 2 * (n_channels * (1 + near) + n_recorded + predicted));
            let sums = 2 * n_channels * (1 + far);
            (1, 1 + pairs * (1 + sums) + block / sub * (1 + pairs * walk))
        }
        Kernel::Resident { threads, .. } => {
            let length = kernel.columns(&network);
            let n_rows = network.n_rows();
            let rounds = n_rows.div_ceil(threads / block);
            let walk = (n_channels * n_nodes * sub).div_ceil(threads) * (1 + near)
                + (n_pairs * sub).div_ceil(threads)
                + sub * (1 + n_channels + n_recorded + predicted);
            let blocks = rounds * (3 + far / 2 + length / block) + block / sub * (1 + walk);
            (2 * (n_rows * length).div_ceil(threads) + node, 1 + blocks)
        }
    };
    u64::from(max_iterations.saturating_sub(once) / per_block)
}

/// Why the kernel cannot run this network on such a device, in words that follow "it"; none if it can.
pub(super) fn obstacle(kernel: Kernel, plan: &Plan, abilities: Abilities) -> Option<String> {
    let network = Network::of(plan);
    if let Kernel::Resident {
        threads,
        block,
        held,
        ..
    } = kernel
    {
        if threads < network.n_nodes {
            let n_nodes = network.n_nodes;
            return Some(format!(
                "has {threads} threads for {n_nodes} nodes, and needs one for each"
            ));
        }
        if !threads.is_multiple_of(block) {
            return Some(format!(
                "has {threads} threads, which is no multiple of its block of {block} steps"
            ));
        }
        // Places of older steps have 15 bits for the row and 16 for the time.
        let (fewest, longest) = (least_columns(block, &network), network.max_lag);
        let holds = |held: u32| {
            held >= fewest && held <= longest && network.n_rows() < 1 << 15 && longest < 1 << 16
        };
        if let Some(held) = held.filter(|&held| !holds(held)) {
            return Some(format!(
                "holds {held} steps in workgroup memory; of this network it can hold {fewest} to {longest}"
            ));
        }
    }
    let exceeds = |what: &str, takes: u64, most: u64| {
        (takes > most).then(|| format!("takes {takes} {what}, and the device has {most}"))
    };
    // Two edges of two words each at a time, in every part.
    let padding = plan.recipe.parts().len() as u64;
    let edge_bytes = |node| 8 * (plan.edges.of(node).len() as u64 + padding);
    let list_bytes = || {
        let n_channels = plan.recipe.links.channels.len() as u64;
        n_channels * (0..plan.n_nodes).map(edge_bytes).sum::<u64>()
    };
    let list_bytes = match kernel.has_uniform_edges() {
        true => list_bytes(),
        false => 0,
    };
    let n_buffers = kernel.storage_buffers(!plan.monitors.is_empty()).into();
    let workgroup_bytes = kernel.workgroup_bytes(&network, &plan.recipe);
    [
        ("threads in a workgroup", kernel.threads().into(), abilities.max_threads.into()),
        ("storage buffers", n_buffers, abilities.max_storage_buffers.into()),
        ("bytes of workgroup memory", workgroup_bytes, abilities.max_workgroup_bytes.into()),
        ("bytes of a uniform buffer", list_bytes, abilities.max_uniform_bytes),
    ]
    .into_iter()
    .find_map(|(what, takes, most)| exceeds(what, takes, most))
    .or_else(|| {
        let n_most = abilities.max_iterations;
        let fits = max_blocks(kernel, plan, n_most) > 0;
        (!fits).then(|| {
            format!("takes more loop iterations for a block of steps than the {n_most} that the device does")
        })
    })
}

/// The kernel that asks least of a device, and what hinders it.
pub(super) fn plainest(plan: &Plan, abilities: Abilities) -> (Kernel, Option<String>) {
    let all = all(plan, abilities);
    let &plainest = all.last().expect("there are kernels");
    (plainest, obstacle(plainest, plan, abilities))
}

/// Every kernel worth measuring for this plan on such a device, the one taken by default first.
///
/// | tuned | values | what it decides |
/// |---|---|---|
/// | edges | uniform, storage | which unit of a processor reads them |
/// | block | 1 to 32 | how often an edge is decoded; with 32, a warp of 32 threads reads one row and no bank twice |
/// | threads | 128 to 512 | how many sums run at a time, how many workgroups share a processor |
/// | held | what fits | where a device has too little workgroup memory for all: how many reads leave it |
/// | lanes, team | 32 x 4 to 64 x 8 | what shares a workgroup's cache; warps per workgroup |
pub(super) fn candidates(plan: &Plan, abilities: Abilities) -> Vec<Kernel> {
    let mut candidates = all(plan, abilities);
    candidates.retain(|&kernel| obstacle(kernel, plan, abilities).is_none());
    let mut seen = std::collections::HashSet::new();
    candidates.retain(|&kernel| seen.insert(kernel));
    candidates
}

/// The kernels of the table, whether or not they fit; the last asks least of a device.
fn all(plan: &Plan, abilities: Abilities) -> Vec<Kernel> {
    let lanes_needed = (plan.n_simulations() as u32).next_power_of_two();
    let team_needed = (plan.n_nodes.div_ceil(2) as u32).next_power_of_two();
    let global = |lanes: u32, team: u32, block| Kernel::Global {
        lanes: lanes.min(lanes_needed),
        team: team.min(team_needed),
        block,
    };
    let least = (plan.n_nodes as u32).next_power_of_two();
    let network = Network::of(plan);
    let resident = |uniform_edges, holds_all: bool| {
        [32, 16, 8].into_iter().flat_map(move |block| {
            [256, 128, 512, 1024].map(|threads: u32| {
                let whole = Kernel::Resident {
                    threads: threads.max(least),
                    block,
                    uniform_edges,
                    held: None,
                };
                match holds_all {
                    true => whole,
                    false => whole.holding(&network, &plan.recipe, abilities.max_workgroup_bytes),
                }
            })
        })
    };
    let shapes = [(32, 8), (32, 4), (32, 16), (64, 4), (64, 8), (1, 64)];
    let globals = [8, 16, 4, 1]
        .into_iter()
        .flat_map(|block| shapes.map(|(lanes, team)| global(lanes, team, block)));
    resident(true, true)
        .chain(resident(false, true))
        .chain(resident(true, false))
        .chain(resident(false, false))
        .chain(globals)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a desktop's card has.
    const ABLE: Abilities = Abilities {
        max_threads: 1024,
        max_workgroup_bytes: 48 << 10,
        max_uniform_bytes: 64 << 10,
        max_storage_buffers: 16,
        max_iterations: u32::MAX,
    };

    #[test]
    fn a_kernel_that_does_not_fit_says_the_one_reason() {
        let bold = ["protocol.duration=20", "monitor.kind=balloon-windkessel"];
        let study = crate::io::study::load(None, &[bold[0], bold[1], "monitor.tr=10"]).unwrap();
        let plan = Plan::new(&study).unwrap();
        let kernel: Kernel = "resident-128-16".parse().unwrap();
        assert_eq!(obstacle(kernel, &plan, ABLE), None);
        for (abilities, expected) in [
            (
                Abilities {
                    max_threads: 64,
                    ..ABLE
                },
                "takes 128 threads in a workgroup, and the device has 64",
            ),
            (
                Abilities {
                    max_storage_buffers: 6,
                    ..ABLE
                },
                "takes 7 storage buffers, and the device has 6",
            ),
            (
                Abilities {
                    max_iterations: 100,
                    ..ABLE
                },
                "takes more loop iterations for a block of steps than the 100 that the device does",
            ),
        ] {
            let found = obstacle(kernel, &plan, abilities);
            assert_eq!(found.as_deref(), Some(expected));
        }
        let narrow: Kernel = "resident-64-16".parse().unwrap();
        let found = obstacle(narrow, &plan, ABLE).unwrap();
        assert_eq!(found, "has 64 threads for 80 nodes, and needs one for each");
    }

    /// Eight storage buffers, which any device of WebGPU has, take every kind of kernel; with seven, those with edges in a buffer go.
    #[test]
    fn monitors_fit_the_storage_buffers_that_every_device_has() {
        let flags = [
            "protocol.duration=20",
            "monitor.kind=balloon-windkessel",
            "monitor.tr=10",
        ];
        let study = crate::io::study::load(None, &flags).unwrap();
        let plan = Plan::new(&study).unwrap();
        let with = |max_storage_buffers: u32| {
            let abilities = Abilities {
                max_storage_buffers,
                ..ABLE
            };
            candidates(&plan, abilities)
        };
        assert_eq!(with(8), with(16));
        let seven = with(7);
        assert!(!seven.is_empty() && seven.len() < with(8).len());
        assert!(seven.iter().all(|kernel| kernel.has_uniform_edges()));
        assert!(with(6).is_empty());
    }
}

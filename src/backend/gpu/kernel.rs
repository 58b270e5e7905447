//! Which kernel runs, how it is cut, and what fits where.

use std::fmt;
use std::str::FromStr;

use super::monitors;
use crate::dynamics::Recipe;
use crate::error::{Error, Result};
use crate::plan::Plan;

/// A simulation kernel and how it is cut; all give the same bits.
///
/// Written `global-32x8-16` (lanes x team, block), `resident-256-32` (threads, block), `resident-256-32-storage` and
/// `resident-256-32-held93` or `resident-256-32-storage-held93`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kernel {
    /// `shaders/simulate.wgsl`: `lanes` simulations side by side, `team` threads for the nodes of each, the delay line in global
    /// memory; sums over far edges for `block` steps at a time. Any number of nodes, any delay.
    Global {
        /// Simulations per workgroup.
        lanes: u32,
        /// Threads per simulation.
        team: u32,
        /// Steps per block, a power of two.
        block: u32,
    },
    /// `shaders/resident.wgsl`: one simulation per workgroup, the delay line in workgroup memory.
    Resident {
        /// Threads per workgroup, a multiple of the block, at least one per node.
        threads: u32,
        /// Steps per block, a power of two.
        block: u32,
        /// Whether the list of edges lies in a uniform buffer, where a warp reads an edge at once, beside its loads from workgroup
        /// memory; otherwise in a storage buffer, which may be longer.
        uniform_edges: bool,
        /// How many steps of the delay line lie in workgroup memory, the latest ones, while all of it lies in global memory;
        /// left out: all, and only there. For devices with too little workgroup memory for a network.
        held: Option<u32>,
    },
}

impl Kernel {
    /// Threads per workgroup.
    pub(super) fn threads(self) -> u32 {
        match self {
            Self::Global { lanes, team, .. } => lanes * team,
            Self::Resident { threads, .. } => threads,
        }
    }

    /// Steps per block.
    pub fn block(self) -> u32 {
        match self {
            Self::Global { block, .. } | Self::Resident { block, .. } => block,
        }
    }

    /// Whether the list of edges lies in a uniform buffer.
    pub(super) fn has_uniform_edges(self) -> bool {
        matches!(
            self,
            Self::Resident {
                uniform_edges: true,
                ..
            }
        )
    }

    /// Simulations per workgroup.
    pub(super) fn lanes(self) -> u32 {
        match self {
            Self::Global { lanes, .. } => lanes,
            Self::Resident { .. } => 1,
        }
    }

    /// Steps between which the nodes of a network need not wait for each other, as a part of the block: the largest power of two of
    /// which no lag is shorter.
    pub(super) fn sub_block(self, network: &Network) -> u32 {
        let free = network.min_lag.saturating_add(1).min(self.block());
        let sub = 1 << free.ilog2();
        match self {
            Self::Global { .. } => sub,
            // Normal numbers wait in workgroup memory.
            Self::Resident { .. } => sub.min(8),
        }
    }

    /// Times in a row of the delay line in global memory.
    pub(super) fn line_length(self, network: &Network) -> u32 {
        let (block, longest) = (self.block(), network.max_lag);
        match self {
            Self::Global { .. } => longest.max(network.max_feedback_lag) + 1 + block,
            Self::Resident { held: None, .. } => self.columns(network),
            Self::Resident {
                held: Some(held), ..
            } => (longest + 1).max(held),
        }
    }

    /// Columns of the window, which is the delay line in workgroup memory: times of a row.
    pub(super) fn columns(self, network: &Network) -> u32 {
        let least = least_columns(self.block(), network);
        match self {
            Self::Global { .. } => 0,
            Self::Resident { held: None, .. } => (network.max_lag + 1).max(least),
            Self::Resident {
                held: Some(held), ..
            } => held,
        }
    }

    /// Words from one row of the window to the next: odd, so that a column meets every bank.
    pub(super) fn stride(self, network: &Network) -> u32 {
        self.columns(network) | 1
    }

    /// Words of the delay line in global memory, per simulation.
    pub(super) fn line_words(self, network: &Network) -> u64 {
        let repeated = match self {
            Self::Global { block, .. } => block,
            Self::Resident { .. } => 0,
        };
        u64::from(network.n_rows()) * u64::from(self.line_length(network) + repeated)
    }

    /// The same kernel with as many steps in workgroup memory as fit it; itself if all do, or too few do.
    fn holding(self, network: &Network, recipe: &Recipe, max_bytes: u32) -> Self {
        let held = |held: Option<u32>| match self {
            Self::Global { .. } => self,
            Self::Resident {
                threads,
                block,
                uniform_edges,
                ..
            } => Self::Resident {
                threads,
                block,
                uniform_edges,
                held,
            },
        };
        let fits =
            |n: &u32| held(Some(*n)).workgroup_bytes(network, recipe) <= u64::from(max_bytes);
        if self.workgroup_bytes(network, recipe) <= u64::from(max_bytes) {
            return self;
        }
        let fewest = least_columns(self.block(), network);
        let most = (fewest..=network.max_lag.min(1024)).rev().find(fits);
        most.map_or(self, |most| held(Some(most)))
    }

    /// Bytes of workgroup memory.
    pub fn workgroup_bytes(self, network: &Network, recipe: &Recipe) -> u64 {
        match self {
            Self::Global { .. } => 0,
            Self::Resident { .. } => {
                let normals = recipe.random.count_ones() * self.sub_block(network);
                let n_lines = recipe.links.lines.len() as u32;
                let predicted = if recipe.n_predicted() > 0 { n_lines } else { 0 };
                let words = network.n_slots * self.stride(network) + normals + predicted;
                4 * u64::from(network.n_nodes) * u64::from(words)
            }
        }
    }
}

/// Columns that the window has at least: it slides by a block, and what is fed back lies in it.
fn least_columns(block: u32, network: &Network) -> u32 {
    (2 * block).max(network.max_feedback_lag + block + 1)
}

impl fmt::Display for Kernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Global { lanes, team, block } => write!(f, "global-{lanes}x{team}-{block}"),
            Self::Resident {
                threads,
                block,
                uniform_edges,
                held,
            } => {
                let storage = if *uniform_edges { "" } else { "-storage" };
                write!(f, "resident-{threads}-{block}{storage}")?;
                held.map_or(Ok(()), |held| write!(f, "-held{held}"))
            }
        }
    }
}

impl FromStr for Kernel {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let parts: Vec<&str> = name.split('-').collect();
        let number = |text: &str| text.parse::<u32>().ok().filter(|&n| n > 0 && n <= 1024);
        let block = |text: &str| number(text).filter(|n| n.is_power_of_two() && *n <= 64);
        let resident = |threads: &str, steps: &str, rest: &[&str]| {
            let (threads, block) = (number(threads)?, block(steps)?);
            let (uniform_edges, held) = match rest {
                [] => (true, None),
                ["storage"] => (false, None),
                [held] => (true, Some(held)),
                ["storage", held] => (false, Some(held)),
                _ => return None,
            };
            let held = match held {
                Some(held) => Some(number(held.strip_prefix("held")?)?),
                None => None,
            };
            threads.is_multiple_of(block).then_some(Self::Resident {
                threads,
                block,
                uniform_edges,
                held,
            })
        };
        let kernel = match parts[..] {
            ["global", shape, steps] => shape.split_once('x').and_then(|(lanes, team)| {
                Some(Self::Global {
                    lanes: number(lanes)?,
                    team: number(team)?,
                    block: block(steps)?,
                })
            }),
            ["resident", threads, steps, ref rest @ ..] => resident(threads, steps, rest),
            _ => None,
        };
        kernel.ok_or_else(|| {
            let hint = "write global-LANESxTEAM-BLOCK (global-32x8-16) or resident-THREADS-BLOCK (resident-256-32; \
                        resident-256-32-storage for long lists of edges; resident-256-32-held93 to hold 93 steps in workgroup memory), the \
                        block a power of two that divides the threads";
            Error::malformed("--kernel", name, hint)
        })
    }
}

/// What a kernel has to know of a network's size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    /// The number of nodes.
    pub n_nodes: u32,
    /// Rows per node: as many as it has lines, and as many as it forms sums; at least one.
    pub n_slots: u32,
    /// The fewest steps back that a sum reads; `u32::MAX` without edges.
    pub min_lag: u32,
    /// The longest lag of an edge: at t = 0 the delay line reaches so far back.
    pub max_lag: u32,
    /// The longest lag of the delayed self feedback.
    pub max_feedback_lag: u32,
}

impl Network {
    /// The network of a plan.
    pub fn of(plan: &Plan) -> Self {
        let (n_lines, n_sums) = (plan.recipe.links.lines.len(), plan.recipe.n_sums());
        let feedback = plan.feedback.iter().flat_map(|feedback| &feedback.lags);
        let parts = plan.recipe.parts();
        let read = plan.edges.lag.iter();
        let read = read.flat_map(|&lag| parts.iter().filter_map(move |part| part.lag(lag)));
        Self {
            n_nodes: plan.n_nodes as u32,
            n_slots: n_lines.max(n_sums).max(1) as u32,
            min_lag: read.min().unwrap_or(u32::MAX),
            max_lag: plan.edges.max_lag(),
            max_feedback_lag: feedback.copied().max().unwrap_or(0),
        }
    }

    /// Rows of the delay line.
    pub fn n_rows(&self) -> u32 {
        self.n_slots * self.n_nodes
    }
}

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

/// The storage buffers that a kernel binds: with connections in one, and what monitors take in another.
pub(super) fn storage_buffers(kernel: Kernel, plan: &Plan) -> u32 {
    9 + u32::from(!kernel.has_uniform_edges()) + u32::from(!plan.monitors.is_empty())
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

/// Whether the kernel can run this network on such a device.
pub(super) fn fits(kernel: Kernel, plan: &Plan, abilities: Abilities) -> bool {
    let network = Network::of(plan);
    let whole = match kernel {
        Kernel::Global { .. } => true,
        Kernel::Resident {
            threads,
            block,
            held,
            ..
        } => {
            // Places of older steps have 15 bits for the row and 16 for the time.
            let holds = |held: u32| {
                held >= least_columns(block, &network)
                    && held <= network.max_lag
                    && network.n_rows() < 1 << 15
                    && network.max_lag < 1 << 16
            };
            threads >= network.n_nodes && threads.is_multiple_of(block) && held.is_none_or(holds)
        }
    };
    // Two edges of two words each at a time, in every part.
    let padding = plan.recipe.parts().len() as u64;
    let edge_bytes = |node| 8 * (plan.edges.of(node).len() as u64 + padding);
    let n_channels = plan.recipe.links.channels.len() as u64;
    let list_bytes = n_channels * (0..plan.n_nodes).map(edge_bytes).sum::<u64>();
    whole
        && (!kernel.has_uniform_edges() || list_bytes <= abilities.max_uniform_bytes)
        && kernel.threads() <= abilities.max_threads
        && storage_buffers(kernel, plan) <= abilities.max_storage_buffers
        && kernel.workgroup_bytes(&network, &plan.recipe)
            <= u64::from(abilities.max_workgroup_bytes)
        && max_blocks(kernel, plan, abilities.max_iterations) > 0
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
    let mut candidates: Vec<Kernel> = resident(true, true)
        .chain(resident(false, true))
        .chain(resident(true, false))
        .chain(resident(false, false))
        .chain(globals)
        .collect();
    candidates.retain(|&kernel| fits(kernel, plan, abilities));
    let mut seen = std::collections::HashSet::new();
    candidates.retain(|&kernel| seen.insert(kernel));
    candidates
}

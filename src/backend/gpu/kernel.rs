//! Which kernels there are, and how each is cut.

use std::fmt;
use std::str::FromStr;

use super::compute::Binding;
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

    /// The buffers that it binds, in order; `watches` says whether monitors take what its nodes do.
    pub(super) fn bindings(self, watches: bool) -> Vec<Binding> {
        use Binding::{Read, Uniform, Write};
        let edges = match self.has_uniform_edges() {
            true => Uniform,
            false => Read,
        };
        let mut bindings = vec![Uniform, edges, Read, Read, Read, Write, Write, Write];
        bindings.extend(watches.then_some(Write));
        bindings
    }

    /// The storage buffers among them.
    pub fn storage_buffers(self, watches: bool) -> u32 {
        let bindings = self.bindings(watches);
        let is_storage = |one: &&Binding| **one != Binding::Uniform;
        bindings.iter().filter(is_storage).count() as u32
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
    pub(super) fn holding(self, network: &Network, recipe: &Recipe, max_bytes: u32) -> Self {
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
pub(super) fn least_columns(block: u32, network: &Network) -> u32 {
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

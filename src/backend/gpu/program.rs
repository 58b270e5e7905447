//! The text of a simulation kernel: sizes, the written model, shared functions, and the file of the kernel.

use std::fmt::Write as _;

use super::arrays::replayed;
use super::kernel::{Kernel, Network};
use super::layout;
use super::monitors;
use super::shader::{Dialect, assemble};
use crate::dynamics::{self, Recipe, Step};
use crate::model::Model;
use crate::noise::stream;
use crate::plan::{Observing, Plan};

const NETWORK: &str = include_str!("../../../shaders/lib/network.wgsl");
const GLOBAL: &str = include_str!("../../../shaders/simulate.wgsl");
const RESIDENT: &str = include_str!("../../../shaders/resident.wgsl");
const ALL_HELD: &str = include_str!("../../../shaders/lib/all_held.wgsl");
const LATEST_HELD: &str = include_str!("../../../shaders/lib/latest_held.wgsl");

/// All that decides the text of a simulation kernel.
#[derive(Debug, Clone)]
pub struct Program<'a> {
    /// The model at every node.
    pub model: &'a Model,
    /// The parts of a step.
    pub recipe: &'a Recipe,
    /// The step as a program.
    pub step: &'a Step,
    /// The monitors, one for each of [`Step::observed`].
    pub monitors: &'a [Observing],
    /// Whether each noise target's normals come from store.
    pub replayed: &'a [bool],
    /// Sizes.
    pub network: Network,
    /// Which kernel.
    pub kernel: Kernel,
    /// Elements of the edge list, if it lies in a uniform buffer: there every thread of a warp gets the same edge at once.
    pub uniform_edges: Option<usize>,
    /// How it is written.
    pub dialect: Dialect,
}

impl Kernel {
    /// The WGSL of the kernel for a plan.
    pub fn wgsl(self, plan: &Plan, dialect: Dialect) -> String {
        let edge_words = || layout::edges(plan, self).words.len();
        let program = Program {
            model: plan.model,
            recipe: &plan.recipe,
            step: &plan.step,
            monitors: &plan.monitors,
            replayed: &replayed(plan),
            network: Network::of(plan),
            kernel: self,
            uniform_edges: self.has_uniform_edges().then(|| edge_words() / 4),
            dialect,
        };
        program.wgsl()
    }
}

impl Program<'_> {
    /// The kernel's WGSL.
    pub fn wgsl(&self) -> String {
        let n_states = self.model.states.len();
        let (n_numbers, n_processes) = (self.step.numbers.len(), self.step.n_processes);
        let n_targets = self.model.noise_targets().len();
        let (kernel, network) = (self.kernel, &self.network);
        let links = &self.recipe.links;
        let n_taken = monitors::n_sums(self.monitors);
        let mut text = format!(
            "const N_STATES: u32 = {n_states}u;\nconst N_PROCESSES: u32 = {n_processes}u;\nconst N_TARGETS: u32 = {n_targets}u;\n\
             const N_RECORDED: u32 = {}u;\nconst N_NUMBERS: u32 = {n_numbers}u;\n\
             const N_HELD: u32 = {}u;\nconst N_SUMS: u32 = {}u;\nconst N_PREDICTED: u32 = {}u;\nconst N_LINES: u32 = {}u;\n\
             const N_FEEDBACKS: u32 = {}u;\nconst N_WAVES: u32 = {}u;\nconst N_MONITORS: u32 = {}u;\n\
             const BLOCK: u32 = {}u;\nconst SUB: u32 = {}u;\n\n\
             {}\n{}\n{}\n{}\n{}\n",
            self.step.recorded.len(),
            self.step.n_held + n_taken,
            self.recipe.n_sums(),
            self.recipe.n_predicted(),
            links.lines.len(),
            links.feedback.len(),
            self.recipe.n_waves(),
            self.monitors.len(),
            kernel.block(),
            kernel.sub_block(network),
            dynamics::wgsl(self.model, self.recipe, self.step, n_taken),
            feedback_lines(&links.feedback),
            self.draw(),
            self.predicted(),
            monitors::take(self.monitors, self.step.n_held),
        );
        let file = match kernel {
            Kernel::Global { lanes, team, block } => {
                text += &format!(
                    "const LANES: u32 = {lanes}u;\nconst TEAM: u32 = {team}u;\n\n\
                     struct Edge {{\n    source: u32,\n    lag: u32,\n    weight: f32,\n}}\n\n\
                     @group(0) @binding(1) var<storage, read> edges: array<Edge>;\n\n{}",
                    far_sums(block)
                );
                GLOBAL
            }
            Kernel::Resident {
                threads,
                block,
                held,
                ..
            } => {
                let edges = match self.uniform_edges {
                    Some(n) => format!("var<uniform> edges: array<vec4<u32>, {}>", n.max(1)),
                    None => "var<storage, read> edges: array<vec4<u32>>".into(),
                };
                text += &format!(
                    "const THREADS: u32 = {threads}u;\nconst N_NODES: u32 = {}u;\nconst N_ROWS: u32 = {}u;\nconst COLUMNS: u32 = {}u;\n\
                     const STRIDE: u32 = {}u;\nconst HAS_NEAR: bool = {};\n\n@group(0) @binding(1) {edges};\n\n{}",
                    network.n_nodes,
                    network.n_rows(),
                    kernel.columns(network),
                    kernel.stride(network),
                    network.min_lag < block - 1,
                    self.kept_normals(),
                );
                text += "\n";
                text += match held {
                    None => ALL_HELD,
                    Some(_) => LATEST_HELD,
                };
                RESIDENT
            }
        };
        assemble(self.dialect, &format!("{text}\n{NETWORK}"), file)
    }

    /// Noise targets with random numbers.
    fn random(&self) -> Vec<usize> {
        let all = 0..self.model.noise_targets().len();
        all.filter(|&s| self.recipe.is_random(s)).collect()
    }

    /// `draw`: the normals of a pair of nodes, from the generator or from store.
    fn draw(&self) -> String {
        let mut body = String::new();
        let is_replayed = |s: usize| self.replayed.get(s).is_some_and(|&replayed| replayed);
        let mut blocks: Vec<usize> = self
            .random()
            .iter()
            .filter(|&&s| !is_replayed(s))
            .map(|s| s / 2)
            .collect();
        blocks.dedup();
        if !blocks.is_empty() {
            body += "    let own = simulation_at(simulation);\n";
        }
        // Targets 2k and 2k + 1 share a block of four words.
        for block in blocks {
            let _ = writeln!(
                body,
                "    let words{block} = philox(vec4<u32>(step, pair, own.number, {}u), own.key);",
                stream::NOISE + block as u32
            );
        }
        for s in self.random() {
            if is_replayed(s) {
                body += &format!(
                    "    let place{s} = settings.first_given + ((step - settings.first_step) * N_TARGETS + {s}u) * settings.n_nodes + pair;\n    \
                     normal.first[{s}] = numbers_of_all[place{s}];\n    \
                     if (pair + settings.n_pairs < settings.n_nodes) {{\n        \
                     normal.second[{s}] = numbers_of_all[place{s} + settings.n_pairs];\n    }}\n"
                );
                continue;
            }
            let words = if s % 2 == 0 { "xy" } else { "zw" };
            let _ = writeln!(
                body,
                "    let z{s} = normals(words{}.{words});\n    normal.first[{s}] = z{s}.x;\n    normal.second[{s}] = z{s}.y;",
                s / 2
            );
        }
        format!(
            "struct Pair {{ first: Normals, second: Normals }}\n\n\
             // The normals of nodes `pair` and `pair + n_pairs`.\n\
             fn draw(pair: u32, simulation: u32, step: u32) -> Pair {{\n    var normal: Pair;\n{body}    return normal;\n}}\n"
        )
    }

    /// `foresee` and `foreseen`: what is predicted to go into a row of the delay line. In workgroup memory, or behind what nodes keep.
    fn predicted(&self) -> String {
        let (put, get, room) = match (&self.step.prediction, self.kernel) {
            (None, _) => (String::new(), "0.0".to_string(), String::new()),
            (Some(_), Kernel::Global { .. }) => {
                let place = "nodes[place(N_KEPT, row, simulation)]";
                (format!("    {place} = x;\n"), place.into(), String::new())
            }
            (Some(_), Kernel::Resident { .. }) => (
                "    foreseen_rows[row] = x;\n".into(),
                "foreseen_rows[row]".into(),
                "var<workgroup> foreseen_rows: array<f32, N_LINES * N_NODES>;\n\n".into(),
            ),
        };
        let predict = match self.step.prediction {
            Some(_) => "",
            None => {
                "fn predict(numbers: Numbers, before: Node, sums: Sums, feedback: Feedback, normal: Normals, waves: Waves) -> Sent { return Sent(); }\n\n"
            }
        };
        format!(
            "{predict}{room}fn foresee(row: u32, simulation: u32, x: f32) {{\n{put}}}\n\n\
             fn foreseen(row: u32, simulation: u32) -> f32 {{ return {get}; }}\n"
        )
    }

    /// `keep` and `kept`: the normals of a sub-block in workgroup memory, `[random target][step][node]`.
    fn kept_normals(&self) -> String {
        let random = self.random();
        if random.is_empty() {
            return "fn keep(normal: Pair, pair: u32, j: u32) {}\n\nfn kept(node: u32, j: u32) -> Normals { return Normals(); }\n"
                .into();
        }
        let (mut keep, mut kept) = (String::new(), String::new());
        for (place, s) in random.iter().enumerate() {
            let row = format!("({place}u * SUB + j) * N_NODES");
            let _ = writeln!(
                keep,
                "    waiting[{row} + pair] = normal.first[{s}];\n    \
                 if (pair + N_PAIRS < N_NODES) {{ waiting[{row} + pair + N_PAIRS] = normal.second[{s}]; }}"
            );
            let _ = writeln!(kept, "    normal[{s}] = waiting[{row} + node];");
        }
        format!(
            "var<workgroup> waiting: array<f32, {}u * SUB * N_NODES>;\n\n\
             fn keep(normal: Pair, pair: u32, j: u32) {{\n{keep}}}\n\n\
             fn kept(node: u32, j: u32) -> Normals {{\n    var normal: Normals;\n{kept}    return normal;\n}}\n",
            random.len()
        )
    }
}

/// `FEEDBACK_LINES`: which line each feedback reads.
fn feedback_lines(lines: &[usize]) -> String {
    let mut lines: Vec<String> = lines.iter().map(|line| format!("{line}u")).collect();
    if lines.is_empty() {
        lines.push("0u".into());
    }
    format!(
        "const FEEDBACK_LINES = array<u32, {}>({});\n",
        lines.len(),
        lines.join(", ")
    )
}

/// `far_sums`: a row's sums over its far edges for every step of a block, each in a register of its own.
fn far_sums(block: u32) -> String {
    let (mut begin, mut add, mut put) = (String::new(), String::new(), String::new());
    for k in 0..block {
        let _ = writeln!(begin, "    var sum{k} = 0.0;");
        let _ = writeln!(
            add,
            "        sum{k} = exact(sum{k} + exact(edge.weight * line[first + {k}u * settings.n_simulations]));"
        );
        let _ = writeln!(
            put,
            "    line[line_index(wrapped(now + {}u), row, simulation)] = sum{k};",
            k + 1
        );
    }
    format!(
        "fn far_sums(row: u32, simulation: u32, first_step: u32) {{\n    let at = incoming[row];\n    \
         let now = first_step % settings.line_length;\n{begin}    for (var e = at.far; e < at.far_end; e++) {{\n        \
         let edge = edges[e];\n        let first = line_index(before(now, edge.lag), edge.source, simulation);\n{add}    }}\n{put}}}\n"
    )
}

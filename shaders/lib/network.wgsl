// What the simulation kernels share: the network, its numbers, and where they lie. Twin: src/backend/gpu/layout.rs.
//
// The text before this one defines N_STATES, N_PROCESSES, N_HELD, N_TARGETS, N_RECORDED, N_SUMS, N_PREDICTED, N_LINES,
// N_FEEDBACKS, N_WAVES, N_MONITORS, FEEDBACK_LINES, `update`, `predict`, `foresee`, `foreseen`, `take`, `exact`, `edges`.
//
// A step that takes what is received at both of its ends may need what other nodes are predicted to send at its end: `predict`
// makes it, and the last N_PREDICTED of the sums of `update` are those over it. Their edges are those of the last N_PREDICTED of
// the N_SUMS sums over the past, which read the present.

// Quantities that a node keeps from step to step.
const N_KEPT: u32 = 2u * N_STATES + N_PROCESSES + N_HELD;
// The first of the sums whose edges are those of the sums over what is predicted.
const FIRST_PROMPT: u32 = N_SUMS - N_PREDICTED;

struct Settings {
    n_simulations: u32,
    n_nodes: u32,
    n_pairs: u32,
    // Times in a row of the delay line.
    line_length: u32,
    // Steps done before this dispatch, and steps to do in it.
    first_step: u32,
    n_steps: u32,
    // Steps between samples, and samples taken before this dispatch.
    every: u32,
    first_sample: u32,
    // Always 0; only the host knows.
    zero: u32,
    // The number of the dispatch's first workgroup.
    first_group: u32,
    // Where in `numbers_of_all` begins what the host gives, and in that the waves; and how many numbers a step has of these.
    first_given: u32,
    first_wave: u32,
    wave_words: u32,
}

struct Row {
    first: u32,
    node_stride: u32,
    simulation_stride: u32,
}

// The edges into a row: far ones (known a whole block ahead) up to `far_end`, near ones from `near`.
struct Incoming {
    far: u32,
    far_end: u32,
    near: u32,
    near_end: u32,
}

// What tells a simulation's random numbers from those of others.
struct Simulation {
    key: vec2<u32>,
    number: u32,
}

@group(0) @binding(0) var<uniform> settings: Settings;
// Devices may have no more than eight storage buffers for a kernel, so small ones share one.
//
// - The rows: of the numbers of a step, then of its waves, then of what each monitor takes.
// - The simulations.
// - What is fed back before t = 0, [feedback][node][simulation]; then [feedback][node]: how many steps late it is read, and for how
//   many steps it is what was before.
@group(0) @binding(2) var<storage, read> words: array<u32>;
// The entries of the tables that a step looks up, then the numbers of the rows. Then what the host gives for each of this
// dispatch's steps: stored normals, [step][noise target][node]; and the waves, [step][wave][node][simulation], where what all
// nodes or all simulations share is there once.
@group(0) @binding(3) var<storage, read> numbers_of_all: array<f32>;
@group(0) @binding(4) var<storage, read> incoming: array<Incoming>;
@group(0) @binding(5) var<storage, read_write> line: array<f32>;
// States, what rounding cut off them, noise processes, what is held: [quantity][node][simulation]. Then what is predicted, by
// the rows of the delay line. The last of what is held are the sums that monitors take.
@group(0) @binding(6) var<storage, read_write> nodes: array<f32>;
// [sample][recorded][node][simulation]
@group(0) @binding(7) var<storage, read_write> samples: array<f32>;

fn place(row: u32, node: u32, simulation: u32) -> u32 {
    return (row * settings.n_nodes + node) * settings.n_simulations + simulation;
}

// Words of a row, and of a simulation.
const WORDS: u32 = 3u;
// Where the simulations begin.
const FIRST_SIMULATION: u32 = WORDS * (N_NUMBERS + N_WAVES + N_MONITORS);

fn row_at(r: u32) -> Row {
    let at = WORDS * r;
    return Row(words[at], words[at + 1u], words[at + 2u]);
}

fn simulation_at(simulation: u32) -> Simulation {
    let at = FIRST_SIMULATION + WORDS * simulation;
    return Simulation(vec2<u32>(words[at], words[at + 1u]), words[at + 2u]);
}

// Where a row of what is fed back begins.
fn feedback_at_row(f: u32) -> u32 {
    return FIRST_SIMULATION + WORDS * settings.n_simulations + place(f, 0u, 0u);
}

// What was fed back before t = 0.
fn feedback_start(f: u32, node: u32, simulation: u32) -> f32 {
    return bitcast<f32>(words[feedback_at_row(f) + place(0u, node, simulation)]);
}

// How many steps late a feedback of a node is read, and for how many steps it is what was before.
fn feedback_lag(f: u32, node: u32) -> vec2<u32> {
    let at = feedback_at_row(N_FEEDBACKS) + 2u * (f * settings.n_nodes + node);
    return vec2<u32>(words[at], words[at + 1u]);
}

fn load_numbers(node: u32, simulation: u32) -> Numbers {
    var numbers: Numbers;
    for (var r = 0u; r < N_NUMBERS; r++) {
        let at = row_at(r);
        numbers[r] = numbers_of_all[at.first + node * at.node_stride + simulation * at.simulation_stride];
    }
    return numbers;
}

// What differs from step to step: the waveforms of stimuli, then numbers that depend on the time.
fn waves_at(node: u32, simulation: u32, step: u32) -> Waves {
    var waves: Waves;
    let first = settings.first_wave + (step - settings.first_step) * settings.wave_words;
    for (var w = 0u; w < N_WAVES; w++) {
        let at = row_at(N_NUMBERS + w);
        waves[w] = numbers_of_all[first + at.first + node * at.node_stride + simulation * at.simulation_stride];
    }
    return waves;
}

fn load_node(node: u32, simulation: u32) -> Node {
    var now: Node;
    for (var s = 0u; s < N_STATES; s++) {
        now.state[s] = nodes[place(s, node, simulation)];
        now.carry[s] = nodes[place(N_STATES + s, node, simulation)];
    }
    for (var k = 0u; k < N_PROCESSES; k++) {
        now.process[k] = nodes[place(2u * N_STATES + k, node, simulation)];
    }
    for (var h = 0u; h < N_HELD; h++) {
        now.held[h] = nodes[place(2u * N_STATES + N_PROCESSES + h, node, simulation)];
    }
    return now;
}

fn store_node(node: u32, simulation: u32, now: Node) {
    var kept = now;
    for (var s = 0u; s < N_STATES; s++) {
        nodes[place(s, node, simulation)] = kept.state[s];
        nodes[place(N_STATES + s, node, simulation)] = kept.carry[s];
    }
    for (var k = 0u; k < N_PROCESSES; k++) {
        nodes[place(2u * N_STATES + k, node, simulation)] = kept.process[k];
    }
    for (var h = 0u; h < N_HELD; h++) {
        nodes[place(2u * N_STATES + N_PROCESSES + h, node, simulation)] = kept.held[h];
    }
}

// The sample after `step` steps, if there is one then.
fn sample(step: u32, node: u32, simulation: u32, now: Node) {
    if (step % settings.every == 0u) {
        var kept = now.recorded;
        let number = step / settings.every - 1u - settings.first_sample;
        for (var r = 0u; r < N_RECORDED; r++) {
            samples[place(number * N_RECORDED + r, node, simulation)] = kept[r];
        }
    }
}

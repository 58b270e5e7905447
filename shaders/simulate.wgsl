// Many simulations, many steps. Twin: src/backend/cpu/group.rs.
//
// A workgroup owns LANES simulations and all their nodes: lane = simulation, and TEAM threads share the nodes of one, two
// nodes (a pair) at a time. The delay line, a ring of `line_length` rows, holds the first state; x after step n is in row
// n mod line_length. Rows live in global memory, [row][node][simulation], so that lanes read side by side.
//
// The text before this one defines LANES, TEAM, N_STATES, N_RECORDED, HAS_FEEDBACK, `update`, `draw`, `exact`.

struct Settings {
    n_simulations: u32,
    n_nodes: u32,
    n_pairs: u32,
    line_length: u32,
    // Steps done before this dispatch, and steps to do in it.
    first_step: u32,
    n_steps: u32,
    // Steps between samples, and samples taken before this dispatch.
    every: u32,
    first_sample: u32,
    // Always 0; only the host knows.
    zero: u32,
    padding_a: u32,
    padding_b: u32,
    padding_c: u32,
}

struct Row {
    first: u32,
    node_stride: u32,
    simulation_stride: u32,
}

struct Edge {
    source: u32,
    lag: u32,
    weight: f32,
}

struct Simulation {
    key: vec2<u32>,
    number: u32,
    padding: u32,
}

@group(0) @binding(0) var<uniform> settings: Settings;
@group(0) @binding(1) var<storage, read> rows: array<Row>;
@group(0) @binding(2) var<storage, read> numbers: array<f32>;
// n_nodes + 1 starts of each node's edges, then n_nodes feedback lags.
@group(0) @binding(3) var<storage, read> node_indices: array<u32>;
@group(0) @binding(4) var<storage, read> edges: array<Edge>;
@group(0) @binding(5) var<storage, read> simulations: array<Simulation>;
// The fed-back state before t = 0, [node][simulation].
@group(0) @binding(6) var<storage, read> feedback_start: array<f32>;
// Stored normals of this dispatch's steps, [step][state][node].
@group(0) @binding(7) var<storage, read> replay: array<f32>;
@group(0) @binding(8) var<storage, read_write> line: array<f32>;
// States, then what rounding cut off them, then noise processes: [state][node][simulation].
@group(0) @binding(9) var<storage, read_write> nodes: array<f32>;
// [sample][recorded state][node][simulation]
@group(0) @binding(10) var<storage, read_write> samples: array<f32>;

fn table(row: u32, node: u32, simulation: u32) -> f32 {
    let at = rows[row];
    return numbers[at.first + node * at.node_stride + simulation * at.simulation_stride];
}

fn line_index(step: u32, lag: u32, node: u32, simulation: u32) -> u32 {
    let row = (step + settings.line_length - lag) % settings.line_length;
    return (row * settings.n_nodes + node) * settings.n_simulations + simulation;
}

fn node_index(row: u32, node: u32, simulation: u32) -> u32 {
    return (row * settings.n_nodes + node) * settings.n_simulations + simulation;
}

// The weighted sum over the incoming edges, one after the other.
fn incoming(node: u32, simulation: u32, step: u32) -> f32 {
    var sum = 0.0;
    let end = node_indices[node + 1u];
    for (var e = node_indices[node]; e < end; e++) {
        let edge = edges[e];
        sum = exact(sum + exact(edge.weight * line[line_index(step, edge.lag, edge.source, simulation)]));
    }
    return sum;
}

fn fed_back(node: u32, simulation: u32, step: u32) -> f32 {
    if (!HAS_FEEDBACK) {
        return 0.0;
    }
    let lag = node_indices[settings.n_nodes + 1u + node];
    if (step < lag) {
        return feedback_start[node * settings.n_simulations + simulation];
    }
    return line[line_index(step, lag, node, simulation)];
}

fn advance(node: u32, simulation: u32, step: u32, normal: State) {
    var before: Node;
    for (var s = 0u; s < N_STATES; s++) {
        before.state[s] = nodes[node_index(s, node, simulation)];
        before.carry[s] = nodes[node_index(N_STATES + s, node, simulation)];
        before.process[s] = nodes[node_index(2u * N_STATES + s, node, simulation)];
    }
    let sum = incoming(node, simulation, step);
    var next = update(node, simulation, before, sum, fed_back(node, simulation, step), normal);
    for (var s = 0u; s < N_STATES; s++) {
        nodes[node_index(s, node, simulation)] = next.state[s];
        nodes[node_index(N_STATES + s, node, simulation)] = next.carry[s];
        nodes[node_index(2u * N_STATES + s, node, simulation)] = next.process[s];
    }
    line[line_index(step + 1u, 0u, node, simulation)] = next.state[0];
    if ((step + 1u) % settings.every == 0u) {
        let sample = (step + 1u) / settings.every - 1u - settings.first_sample;
        for (var r = 0u; r < N_RECORDED; r++) {
            let place = (sample * N_RECORDED + r) * settings.n_nodes + node;
            samples[place * settings.n_simulations + simulation] = next.state[recorded(r)];
        }
    }
}

@compute @workgroup_size(LANES, TEAM)
fn simulate(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let simulation = group.x * LANES + local.x;
    for (var k = 0u; k < settings.n_steps; k++) {
        let step = settings.first_step + k;
        if (simulation < settings.n_simulations) {
            for (var pair = local.y; pair < settings.n_pairs; pair += TEAM) {
                let normal = draw(pair, simulation, step);
                advance(pair, simulation, step, normal.first);
                if (pair + settings.n_pairs < settings.n_nodes) {
                    advance(pair + settings.n_pairs, simulation, step, normal.second);
                }
            }
        }
        storageBarrier();
    }
}

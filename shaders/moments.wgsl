// Adds samples to the moments, where they were made. Twin: src/record/moments.rs.
//
// Lane = simulation. A thread owns a tile of 4 x 4 pairs of nodes (or, behind the tiles, one node), and goes through the samples
// in the order of time: four samples of nodes i and four of nodes j are read for sixteen products. Each sum has one owner and one
// order: plain over blocks of 16 samples, compensated over blocks.
//
// The text before this one defines N_BLOCK, `exact`, `exact4`, `compensated` and `add_block`.

struct MomentsSettings {
    n_simulations: u32,
    n_nodes: u32,
    // Tiles per side.
    n_tiles: u32,
    // Recorded states; the first one is summed.
    n_recorded: u32,
    // Samples in the buffer, samples left out of the sums, and samples made before those in the buffer.
    n_samples: u32,
    n_transient: u32,
    first_sample: u32,
    // 1 if no samples will follow.
    is_last: u32,
    // Always 0; only the host knows.
    zero: u32,
    padding_a: u32,
    padding_b: u32,
    padding_c: u32,
}

@group(0) @binding(0) var<uniform> settings: MomentsSettings;
// [sample][recorded state][node][simulation]
@group(0) @binding(1) var<storage, read> samples: array<f32>;
// Plain sums, totals, carries, each of the pairs (i <= j, row after row) and then of the nodes: [3][pair or node][simulation].
@group(0) @binding(2) var<storage, read_write> sums: array<f32>;
// Shift, least, largest as bits, and the number of the first sample that is not finite: [4][node][simulation].
@group(0) @binding(3) var<storage, read_write> nodes: array<u32>;

struct Tile {
    i: vec4<u32>,
    j: vec4<u32>,
}

// Four sums, their totals and carries.
struct Sums {
    plain: vec4<f32>,
    total: vec4<f32>,
    carry: vec4<f32>,
}

fn value(k: u32, node: u32, simulation: u32) -> f32 {
    return samples[(k * settings.n_recorded * settings.n_nodes + node) * settings.n_simulations + simulation];
}

// Beyond the last node, the last one again: its sums are not kept.
fn four(first: u32) -> vec4<u32> {
    let last = vec4<u32>(settings.n_nodes - 1u);
    let these = first + vec4<u32>(0u, 1u, 2u, 3u);
    return select(these, last, these > last);
}

fn values(k: u32, node: vec4<u32>, simulation: u32) -> vec4<f32> {
    return vec4<f32>(
        value(k, node.x, simulation), value(k, node.y, simulation), value(k, node.z, simulation), value(k, node.w, simulation)
    );
}

fn nodes_index(row: u32, node: u32, simulation: u32) -> u32 {
    return (row * settings.n_nodes + node) * settings.n_simulations + simulation;
}

fn shifts(first: u32, node: vec4<u32>, simulation: u32) -> vec4<f32> {
    if (settings.first_sample <= settings.n_transient) {
        return values(first, node, simulation);
    }
    return bitcast<vec4<f32>>(vec4<u32>(
        nodes[nodes_index(0u, node.x, simulation)],
        nodes[nodes_index(0u, node.y, simulation)],
        nodes[nodes_index(0u, node.z, simulation)],
        nodes[nodes_index(0u, node.w, simulation)]
    ));
}

fn n_pairs() -> u32 {
    return settings.n_nodes * (settings.n_nodes + 1u) / 2u;
}

fn pair(i: u32, j: u32) -> u32 {
    return i * (2u * settings.n_nodes + 1u - i) / 2u + (j - i);
}

fn sums_index(row: u32, item: u32, simulation: u32) -> u32 {
    return (row * (n_pairs() + settings.n_nodes) + item) * settings.n_simulations + simulation;
}

fn load_one(item: u32, simulation: u32) -> vec3<f32> {
    return vec3<f32>(
        sums[sums_index(0u, item, simulation)],
        sums[sums_index(1u, item, simulation)],
        sums[sums_index(2u, item, simulation)]
    );
}

fn store_one(item: u32, simulation: u32, plain: f32, total: f32, carry: f32) {
    sums[sums_index(0u, item, simulation)] = plain;
    sums[sums_index(1u, item, simulation)] = total;
    sums[sums_index(2u, item, simulation)] = carry;
}

fn load_row(i: u32, j: vec4<u32>, simulation: u32) -> Sums {
    // Pairs below the diagonal read any; they are not stored.
    let least = vec4<u32>(i);
    let k = select(j, least, j < least);
    let a = load_one(pair(i, k.x), simulation);
    let b = load_one(pair(i, k.y), simulation);
    let c = load_one(pair(i, k.z), simulation);
    let d = load_one(pair(i, k.w), simulation);
    return Sums(vec4(a.x, b.x, c.x, d.x), vec4(a.y, b.y, c.y, d.y), vec4(a.z, b.z, c.z, d.z));
}

// `i` and the first `j` may lie beyond the last node.
fn store_row(i: u32, j: u32, simulation: u32, row: Sums) {
    let n = settings.n_nodes;
    if (i >= n) {
        return;
    }
    if (j >= i && j < n) { store_one(pair(i, j), simulation, row.plain.x, row.total.x, row.carry.x); }
    if (j + 1u >= i && j + 1u < n) { store_one(pair(i, j + 1u), simulation, row.plain.y, row.total.y, row.carry.y); }
    if (j + 2u >= i && j + 2u < n) { store_one(pair(i, j + 2u), simulation, row.plain.z, row.total.z, row.carry.z); }
    if (j + 3u >= i && j + 3u < n) { store_one(pair(i, j + 3u), simulation, row.plain.w, row.total.w, row.carry.w); }
}

fn multiply_add(row: Sums, a: f32, b: vec4<f32>) -> Sums {
    return Sums(exact4(row.plain + exact4(a * b)), row.total, row.carry);
}

// Samples `first..` of the buffer.
fn tile_of_pairs(a: u32, b: u32, simulation: u32, first: u32) {
    let i = four(4u * a);
    let j = four(4u * b);
    var row0 = load_row(i.x, j, simulation);
    var row1 = load_row(i.y, j, simulation);
    var row2 = load_row(i.z, j, simulation);
    var row3 = load_row(i.w, j, simulation);
    let shift_i = shifts(first, i, simulation);
    let shift_j = shifts(first, j, simulation);
    for (var k = first; k < settings.n_samples; k++) {
        let x = exact4(values(k, i, simulation) - shift_i);
        let y = exact4(values(k, j, simulation) - shift_j);
        row0 = multiply_add(row0, x.x, y);
        row1 = multiply_add(row1, x.y, y);
        row2 = multiply_add(row2, x.z, y);
        row3 = multiply_add(row3, x.w, y);
        if (ends_block(k)) {
            row0 = add_block(row0);
            row1 = add_block(row1);
            row2 = add_block(row2);
            row3 = add_block(row3);
        }
    }
    store_row(4u * a, 4u * b, simulation, row0);
    store_row(4u * a + 1u, 4u * b, simulation, row1);
    store_row(4u * a + 2u, 4u * b, simulation, row2);
    store_row(4u * a + 3u, 4u * b, simulation, row3);
}

// Whether the sums so far go into the totals after sample `k` of the buffer.
fn ends_block(k: u32) -> bool {
    let n = settings.first_sample + k + 1u - settings.n_transient;
    return n % N_BLOCK == 0u || (settings.is_last == 1u && k + 1u == settings.n_samples);
}

// Sum and extrema of one node from sample `first` of the buffer on, and what is not finite in all of it.
fn one_node(node: u32, simulation: u32, first: u32) {
    let first_bad = nodes_index(3u, node, simulation);
    for (var k = 0u; k < settings.n_samples; k++) {
        let bits = bitcast<u32>(value(k, node, simulation));
        if ((bits & 0x7f800000u) == 0x7f800000u && nodes[first_bad] == 0xffffffffu) {
            nodes[first_bad] = settings.first_sample + k;
        }
    }
    if (first >= settings.n_samples) {
        return;
    }
    let item = n_pairs() + node;
    let before = load_one(item, simulation);
    var sum = Sums(vec4(before.x), vec4(before.y), vec4(before.z));
    var shift = bitcast<f32>(nodes[nodes_index(0u, node, simulation)]);
    var least = bitcast<f32>(nodes[nodes_index(1u, node, simulation)]);
    var largest = bitcast<f32>(nodes[nodes_index(2u, node, simulation)]);
    if (settings.first_sample <= settings.n_transient) {
        shift = value(first, node, simulation);
        least = shift;
        largest = shift;
        nodes[nodes_index(0u, node, simulation)] = bitcast<u32>(shift);
    }
    for (var k = first; k < settings.n_samples; k++) {
        let x = value(k, node, simulation);
        least = select(least, x, x < least);
        largest = select(largest, x, largest < x);
        sum.plain = vec4(exact(sum.plain.x + exact(x - shift)));
        if (ends_block(k)) {
            sum = add_block(sum);
        }
    }
    nodes[nodes_index(1u, node, simulation)] = bitcast<u32>(least);
    nodes[nodes_index(2u, node, simulation)] = bitcast<u32>(largest);
    store_one(item, simulation, sum.plain.x, sum.total.x, sum.carry.x);
}

@compute @workgroup_size(32, 4)
fn accumulate(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let simulation = id.x;
    if (simulation >= settings.n_simulations) {
        return;
    }
    var first = 0u;
    if (settings.n_transient > settings.first_sample) {
        first = settings.n_transient - settings.first_sample;
    }
    // Tiles (0, 0), (0, 1) .. (1, 1), (1, 2) ..
    var a = 0u;
    var rest = id.y + id.z * groups.y * 4u;
    while (a < settings.n_tiles && rest >= settings.n_tiles - a) {
        rest -= settings.n_tiles - a;
        a++;
    }
    if (a < settings.n_tiles) {
        if (first < settings.n_samples) {
            tile_of_pairs(a, a + rest, simulation, first);
        }
    } else if (rest < settings.n_nodes) {
        one_node(rest, simulation, first);
    }
}

// Many simulations side by side, many steps; the delay line in global memory. Twin: src/backend/cpu/group.rs.
//
// A workgroup owns LANES simulations and all their nodes: lane = simulation, and TEAM threads share the nodes of one, two
// nodes (a pair) at a time. Steps go in blocks of BLOCK. At its beginning a node's sums over its far edges (lag >= BLOCK - 1)
// are made for all steps of the block together, BLOCK registers each: an edge is read once, and its samples lie in successive
// rows. Within the block, SUB steps at a time (no lag is below SUB - 1, so nobody waits for anybody), near edges are added
// and the nodes advance.
//
// The delay line is a ring per row, [row][time][simulation], so that lanes read side by side: what is sent after step n is at time
// n mod line_length. A row is a line of a node, line x n_nodes + node. The first BLOCK times are repeated behind the last, so that
// successive times never wrap. A begun sum waits in the row sum x n_nodes + node, at the time that its step will write;
// line_length >= longest lag + 1 + BLOCK, so nobody else reads that place before.
//
// Where nodes need what others are predicted to send (N_PREDICTED > 0), some lag is 0 and so SUB is 1: all nodes predict, wait for
// each other, and advance.
//
// The text before this one defines LANES, TEAM, BLOCK, SUB and `far_sums`.

fn line_index(time: u32, row: u32, simulation: u32) -> u32 {
    return (row * (settings.line_length + BLOCK) + time) * settings.n_simulations + simulation;
}

fn wrapped(time: u32) -> u32 {
    return select(time, time - settings.line_length, time >= settings.line_length);
}

// The time `lag` steps before `now`.
fn before(now: u32, lag: u32) -> u32 {
    return select(now, now + settings.line_length, now < lag) - lag;
}

// The sums over the past of a node's step.
fn sums_of(node: u32, simulation: u32, step: u32) -> Sums {
    let now = step % settings.line_length;
    let next_time = wrapped(now + 1u);
    var sums: Sums;
    for (var s = 0u; s < N_SUMS; s++) {
        let row = s * settings.n_nodes + node;
        var sum = line[line_index(next_time, row, simulation)];
        let at = incoming[row];
        for (var e = at.near; e < at.near_end; e++) {
            let edge = edges[e];
            sum = exact(sum + exact(edge.weight * line[line_index(before(now, edge.lag), edge.source, simulation)]));
        }
        sums[s] = sum;
    }
    return sums;
}

fn feedback_of(node: u32, simulation: u32, step: u32) -> Feedback {
    let now = step % settings.line_length;
    var feedback: Feedback;
    var feedback_lines = FEEDBACK_LINES;
    for (var f = 0u; f < N_FEEDBACKS; f++) {
        let lag = feedback_lag(f, node);
        if (step < lag.y) {
            feedback[f] = feedback_start(f, node, simulation);
        } else {
            let row = feedback_lines[f] * settings.n_nodes + node;
            feedback[f] = line[line_index(before(now, lag.x), row, simulation)];
        }
    }
    return feedback;
}

fn advance(node: u32, numbers: Numbers, was: Node, simulation: u32, step: u32, normal: Normals) -> Node {
    let next_time = wrapped(step % settings.line_length + 1u);
    var sums = sums_of(node, simulation, step);
    for (var p = 0u; p < N_PREDICTED; p++) {
        let at = incoming[(FIRST_PROMPT + p) * settings.n_nodes + node];
        var sum = 0.0;
        for (var e = at.far; e < at.near_end; e++) {
            let edge = edges[e];
            sum = exact(sum + exact(edge.weight * foreseen(edge.source, simulation)));
        }
        sums[N_SUMS + p] = sum;
    }
    let feedback = feedback_of(node, simulation, step);
    var next = update(numbers, was, sums, feedback, normal, waves_at(node, simulation, step));
    for (var l = 0u; l < N_LINES; l++) {
        let row = l * settings.n_nodes + node;
        line[line_index(next_time, row, simulation)] = next.sent[l];
        if (next_time < BLOCK) {
            line[line_index(settings.line_length + next_time, row, simulation)] = next.sent[l];
        }
    }
    sample(step + 1u, node, simulation, next);
    take(step + 1u, node, simulation, &next);
    return next;
}

// What a node is predicted to send at the end of its step.
fn foresee_node(node: u32, simulation: u32, step: u32, normal: Normals) {
    let numbers = load_numbers(node, simulation);
    let now = load_node(node, simulation);
    let feedback = feedback_of(node, simulation, step);
    let waves = waves_at(node, simulation, step);
    var sent = predict(numbers, now, sums_of(node, simulation, step), feedback, normal, waves);
    for (var l = 0u; l < N_LINES; l++) {
        foresee(l * settings.n_nodes + node, simulation, sent[l]);
    }
}

// The same of nodes `pair` and `pair + n_pairs`.
fn foresee_pair(pair: u32, simulation: u32, step: u32) {
    let normal = draw(pair, simulation, step);
    foresee_node(pair, simulation, step, normal.first);
    if (pair + settings.n_pairs < settings.n_nodes) {
        foresee_node(pair + settings.n_pairs, simulation, step, normal.second);
    }
}

// `n_steps` steps of nodes `pair` and `pair + n_pairs`.
fn walk(pair: u32, simulation: u32, first_step: u32, n_steps: u32) {
    let other = pair + settings.n_pairs;
    let has_other = other < settings.n_nodes;
    let numbers = load_numbers(pair, simulation);
    var node = load_node(pair, simulation);
    var numbers_of_other: Numbers;
    var other_node: Node;
    if (has_other) {
        numbers_of_other = load_numbers(other, simulation);
        other_node = load_node(other, simulation);
    }
    for (var step = first_step; step < first_step + n_steps; step++) {
        let normal = draw(pair, simulation, step);
        node = advance(pair, numbers, node, simulation, step, normal.first);
        if (has_other) {
            other_node = advance(other, numbers_of_other, other_node, simulation, step, normal.second);
        }
    }
    store_node(pair, simulation, node);
    if (has_other) {
        store_node(other, simulation, other_node);
    }
}

@compute @workgroup_size(LANES, TEAM)
fn simulate(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let simulation = (settings.first_group + group.x) * LANES + local.x;
    let works = simulation < settings.n_simulations;
    for (var done = 0u; done < settings.n_steps; done += BLOCK) {
        let first_step = settings.first_step + done;
        let n_steps = select(BLOCK, settings.n_steps - done, settings.n_steps - done < BLOCK);
        if (works) {
            for (var pair = local.y; pair < settings.n_pairs; pair += TEAM) {
                for (var s = 0u; s < N_SUMS; s++) {
                    let row = s * settings.n_nodes + pair;
                    far_sums(row, simulation, first_step);
                    if (pair + settings.n_pairs < settings.n_nodes) {
                        far_sums(row + settings.n_pairs, simulation, first_step);
                    }
                }
            }
        }
        for (var sub = 0u; sub < n_steps; sub += SUB) {
            if (N_PREDICTED > 0u) {
                if (works) {
                    for (var pair = local.y; pair < settings.n_pairs; pair += TEAM) {
                        foresee_pair(pair, simulation, first_step + sub);
                    }
                }
                storageBarrier();
            }
            if (works) {
                let n_sub_steps = select(SUB, n_steps - sub, n_steps - sub < SUB);
                for (var pair = local.y; pair < settings.n_pairs; pair += TEAM) {
                    walk(pair, simulation, first_step + sub, n_sub_steps);
                }
            }
            storageBarrier();
        }
    }
}

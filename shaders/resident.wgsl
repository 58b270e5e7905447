// One simulation per workgroup; the delay line in workgroup memory. Twin: src/backend/cpu/group.rs.
//
// The delay line is a window that slides, not a ring: row = line x N_NODES + node, column COLUMNS - 1 = now, one column per step
// before. So where an edge reads is one number, known beforehand, with no wrap. Steps go in blocks of BLOCK:
//
// 1. far edges (lag >= BLOCK - 1): thread = (row, step of the block), and a sum runs in a register. Neighbouring threads
//    read neighbouring columns of one row: no two of them share a bank of the workgroup memory.
// 2. The window slides by the block. Now its oldest columns are gone, and the sums wait in the newest, where their steps will
//    write. Each thread moves every BLOCK-th column of a row and ends with its own, so nobody overtakes anybody.
// 3. SUB steps at a time (no lag is below SUB - 1): near edges, thread = (target, step); normal numbers, thread = (step, pair);
//    then the nodes advance, thread = node; where they need what others are predicted to send (N_PREDICTED > 0, and so SUB is 1),
//    all predict before. These read down a column: a row is STRIDE = an odd number of words, so 32
//    neighbouring threads meet 32 banks.
//
// States, carries, noise processes, what is held and numbers of a node stay in its thread's registers for the whole dispatch.
//
// Where workgroup memory is too small, the window holds the latest times only, and edges with longer lags read global memory
// (lib/latest_held.wgsl; otherwise lib/all_held.wgsl).
//
// The text before this one defines THREADS, BLOCK, SUB, N_NODES, N_ROWS, COLUMNS, STRIDE, HAS_NEAR, `keep`, `kept`, `load_window`,
// `past`, `keep_sent`, `wait_for_kept`, `store_window`, and `edges`: two far edges in each element, (weight, place, weight, place);
// place = source * STRIDE + COLUMNS - 1 - lag.
//
// Behind the N_ROWS rows `incoming` has the rows that receive, those with the most near edges first: (row, the first of its
// elements with two near edges, their end, 1 if there is one edge more). Then come near edges, as in `edges`.


const N_PAIRS: u32 = (N_NODES + 1u) / 2u;
// Rows that the threads take at a time, and how often.
const AT_A_TIME: u32 = THREADS / BLOCK;
// Room for feedbacks.
const FEEDBACKS: u32 = N_FEEDBACKS + u32(N_FEEDBACKS == 0u);
// How many steps late a node's feedbacks are read, and for how many steps they are what was before.
alias Lags = array<vec2<u32>, FEEDBACKS>;
const ROUNDS: u32 = (N_ROWS + AT_A_TIME - 1u) / AT_A_TIME;

var<workgroup> window: array<f32, N_ROWS * STRIDE>;

// The product of an edge with what it reads in step `k` of the block that begins after `first_step` steps.
fn product(edge: vec2<u32>, k: u32, simulation: u32, first_step: u32) -> f32 {
    return exact(bitcast<f32>(edge.x) * past(edge.y, k, simulation, first_step));
}

// The sum over far edges for step `k` of the block that begins after `first_step` steps. Four edges at a time: all are on
// their way before the first is added.
fn far_sum(row: u32, k: u32, simulation: u32, first_step: u32) -> f32 {
    let at = incoming[row];
    var sum = 0.0;
    var e = at.far / 2u;
    let pairs_end = at.far_end / 2u;
    for (; e + 1u < pairs_end; e += 2u) {
        let two = edges[e];
        let other_two = edges[e + 1u];
        let a = product(two.xy, k, simulation, first_step);
        let b = product(two.zw, k, simulation, first_step);
        let c = product(other_two.xy, k, simulation, first_step);
        let d = product(other_two.zw, k, simulation, first_step);
        sum = exact(exact(exact(exact(sum + a) + b) + c) + d);
    }
    if (e < pairs_end) {
        let two = edges[e];
        sum = exact(sum + product(two.xy, k, simulation, first_step));
        sum = exact(sum + product(two.zw, k, simulation, first_step));
    }
    if ((at.far_end & 1u) == 1u) {
        sum = exact(sum + product(edges[pairs_end].xy, k, simulation, first_step));
    }
    return sum;
}

fn near(e: u32) -> vec4<u32> {
    let four = incoming[e];
    return vec4<u32>(four.far, four.far_end, four.near, four.near_end);
}

// Adds the near edges of the `place`-th row by their number, in step `k` of the block, after the window has slid by `n_steps`.
// Rows with as many near edges are neighbours, so that the threads of a warp end together.
fn add_near(place: u32, k: u32, n_steps: u32) {
    let row = near(N_ROWS + place);
    let own = row.x * STRIDE + COLUMNS - n_steps + k;
    let back = k - n_steps;
    var sum = window[own];
    var e = row.y;
    for (; e < row.z; e++) {
        let two = near(e);
        let a = exact(bitcast<f32>(two.x) * window[two.y + back]);
        let b = exact(bitcast<f32>(two.z) * window[two.w + back]);
        sum = exact(exact(sum + a) + b);
    }
    if (row.w == 1u) {
        let last = near(e);
        sum = exact(sum + exact(bitcast<f32>(last.x) * window[last.y + back]));
    }
    window[own] = sum;
}

// Slides the columns that end in step `k`'s, and puts the begun sum there.
fn slide(row: u32, k: u32, n_steps: u32, sum: f32) {
    let first = row * STRIDE;
    let last = COLUMNS - n_steps + k;
    for (var column = last % n_steps; column < last; column += n_steps) {
        window[first + column] = window[first + column + n_steps];
    }
    window[first + last] = sum;
}

// The sums over the past that wait for a node in the column at `now`.
fn sums_at(now: u32) -> Sums {
    var sums: Sums;
    for (var s = 0u; s < N_SUMS; s++) {
        sums[s] = window[s * N_NODES * STRIDE + now];
    }
    return sums;
}

// What is fed back to a node in the step that writes the column at `now`.
fn feedback_at(step: u32, now: u32, before_start: Feedback, lags_of_node: Lags) -> Feedback {
    var feedback = before_start;
    var lags = lags_of_node;
    var feedback_lines = FEEDBACK_LINES;
    for (var f = 0u; f < N_FEEDBACKS; f++) {
        if (step >= lags[f].y) {
            feedback[f] = window[feedback_lines[f] * N_NODES * STRIDE + now - 1u - lags[f].x];
        }
    }
    return feedback;
}

// The sum over what is predicted, with the edges of a row that read the present: all near ones, but in blocks of one step.
fn foreseen_sum(row: u32, simulation: u32) -> f32 {
    let at = incoming[row];
    var sum = 0.0;
    for (var e = at.far; e < at.far_end; e++) {
        let two = edges[e / 2u];
        let edge = select(two.xy, two.zw, (e & 1u) == 1u);
        sum = exact(sum + exact(bitcast<f32>(edge.x) * foreseen(edge.y / STRIDE, simulation)));
    }
    for (var e = at.near; e < at.near_end; e++) {
        let two = near(e / 2u);
        let edge = select(two.xy, two.zw, (e & 1u) == 1u);
        sum = exact(sum + exact(bitcast<f32>(edge.x) * foreseen(edge.y / STRIDE, simulation)));
    }
    return sum;
}

@compute @workgroup_size(THREADS)
fn simulate(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let simulation = settings.first_group + group.x;
    load_window(thread, simulation);
    let has_node = thread < N_NODES;
    var node: Node;
    var numbers: Numbers;
    // The feedbacks before t = 0.
    var before_start: Feedback;
    var lags: Lags;
    if (has_node) {
        node = load_node(thread, simulation);
        numbers = load_numbers(thread, simulation);
        for (var f = 0u; f < N_FEEDBACKS; f++) {
            before_start[f] = feedback_start(f, thread, simulation);
            lags[f] = feedback_lag(f, thread);
        }
    }
    workgroupBarrier();

    let k = thread % BLOCK;
    for (var done = 0u; done < settings.n_steps; done += BLOCK) {
        let first_step = settings.first_step + done;
        let n_steps = select(BLOCK, settings.n_steps - done, settings.n_steps - done < BLOCK);

        var sums: array<f32, ROUNDS>;
        for (var round = 0u; round < ROUNDS; round++) {
            let receiver = round * AT_A_TIME + thread / BLOCK;
            if (receiver < N_ROWS) {
                sums[round] = far_sum(receiver, k, simulation, first_step);
            }
        }
        workgroupBarrier();
        for (var round = 0u; round < ROUNDS; round++) {
            let receiver = round * AT_A_TIME + thread / BLOCK;
            if (receiver < N_ROWS && k < n_steps) {
                slide(receiver, k, n_steps, sums[round]);
            }
        }
        workgroupBarrier();

        for (var sub = 0u; sub < n_steps; sub += SUB) {
            let n_sub_steps = select(SUB, n_steps - sub, n_steps - sub < SUB);
            if (HAS_NEAR) {
                for (var at = thread; at < N_SUMS * N_NODES * SUB; at += THREADS) {
                    if (at % SUB < n_sub_steps) {
                        add_near(at / SUB, sub + at % SUB, n_steps);
                    }
                }
            }
            // From the last thread on: the first ones have the most to do with near edges.
            for (var at = THREADS - 1u - thread; at < N_PAIRS * n_sub_steps; at += THREADS) {
                let pair = at % N_PAIRS;
                keep(draw(pair, simulation, first_step + sub + at / N_PAIRS), pair, at / N_PAIRS);
            }
            workgroupBarrier();
            if (N_PREDICTED > 0u) {
                if (has_node) {
                    let step = first_step + sub;
                    let now = thread * STRIDE + COLUMNS - n_steps + sub;
                    let feedback = feedback_at(step, now, before_start, lags);
                    let waves = waves_at(thread, simulation, step);
                    var sent = predict(numbers, node, sums_at(now), feedback, kept(thread, 0u), waves);
                    for (var l = 0u; l < N_LINES; l++) {
                        foresee(l * N_NODES + thread, simulation, sent[l]);
                    }
                }
                workgroupBarrier();
            }
            if (has_node) {
                for (var j = 0u; j < n_sub_steps; j++) {
                    let step = first_step + sub + j;
                    let now = thread * STRIDE + COLUMNS - n_steps + sub + j;
                    var sums = sums_at(now);
                    for (var p = 0u; p < N_PREDICTED; p++) {
                        sums[N_SUMS + p] = foreseen_sum((FIRST_PROMPT + p) * N_NODES + thread, simulation);
                    }
                    let feedback = feedback_at(step, now, before_start, lags);
                    let waves = waves_at(thread, simulation, step);
                    node = update(numbers, node, sums, feedback, kept(thread, j), waves);
                    for (var l = 0u; l < N_LINES; l++) {
                        window[l * N_NODES * STRIDE + now] = node.sent[l];
                        keep_sent(l * N_NODES + thread, simulation, step + 1u, node.sent[l]);
                    }
                    sample(step + 1u, thread, simulation, node);
                    take(step + 1u, thread, simulation, &node);
                }
            }
            workgroupBarrier();
        }
        wait_for_kept();
    }

    if (has_node) {
        store_node(thread, simulation, node);
    }
    store_window(thread, simulation);
}

// What a monitor makes of what the simulation kernels took for it. Twin: src/backend/cpu/monitors.rs.
//
// A thread has one node of one simulation and goes through the monitor's steps of a dispatch in the order of time. The signal of a
// step is scaled, counted where it lies outside the range, and given to the monitor's own step; or, where the monitor convolves, it
// is kept, and the convolution is given to that step where a sample is due.
//
// The text before this one defines N_STATES, N_NUMBERS, N_RESPONSE, CONVOLVES, PERIOD, SHARE, HAS_RANGE, LOW, HIGH, State, Numbers,
// Watched, `advance`, `compensated` and `exact`.

struct MonitorSettings {
    n_simulations: u32,
    n_nodes: u32,
    // Where `taken` has what was taken for this monitor.
    first_taken: u32,
    // The monitor's steps before this dispatch, and in it.
    first_step: u32,
    n_steps: u32,
    // From one weight of a response to the next.
    response_stride: u32,
    // Always 0; only the host knows.
    zero: u32,
    padding: u32,
}

struct Row {
    first: u32,
    node_stride: u32,
    simulation_stride: u32,
}

@group(0) @binding(0) var<uniform> settings: MonitorSettings;
// Of the numbers of a step, then scale, offset, and the response, the newest step first.
@group(0) @binding(1) var<storage, read> rows: array<Row>;
// The entries of the tables that a step looks up, then the numbers of the rows.
@group(0) @binding(2) var<storage, read> numbers_of_all: array<f32>;
// [monitor][its step][node][simulation]
@group(0) @binding(3) var<storage, read> taken: array<f32>;
// States, what rounding cut off them, in how many steps the signal was outside the range; then the signal of the latest steps, that
// of step n in row n mod N_RESPONSE: [quantity][node][simulation].
@group(0) @binding(4) var<storage, read_write> watched: array<f32>;
// [sample][node][simulation]
@group(0) @binding(5) var<storage, read_write> shown: array<f32>;

const OUTSIDE: u32 = 2u * N_STATES;
const FIRST_PAST: u32 = OUTSIDE + 1u;

// A node of a simulation: `item` of all of them.
struct Place {
    item: u32,
    node: u32,
    simulation: u32,
}

fn index(row: u32, item: u32) -> u32 {
    return row * settings.n_nodes * settings.n_simulations + item;
}

fn number(row: u32, at: Place) -> u32 {
    let lies = rows[row];
    return lies.first + at.node * lies.node_stride + at.simulation * lies.simulation_stride;
}

// The signal up to step `step`, convolved with the response.
fn convolved(step: u32, at: Place) -> f32 {
    let newest = step % N_RESPONSE;
    let response = number(N_NUMBERS + 2u, at);
    var sum = vec2<f32>();
    for (var k = 0u; k < N_RESPONSE; k++) {
        let then = select(newest - k, newest + N_RESPONSE - k, newest < k);
        let weight = numbers_of_all[response + k * settings.response_stride];
        sum = compensated(sum.x, sum.y, exact(weight * watched[index(FIRST_PAST + then, at.item)]));
    }
    return exact(sum.x + sum.y);
}

@compute @workgroup_size(64)
fn watch(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32
) {
    let item = (group.y * groups.x + group.x) * 64u + thread;
    if (item >= settings.n_nodes * settings.n_simulations) {
        return;
    }
    let at = Place(item, item / settings.n_simulations, item % settings.n_simulations);
    var numbers: Numbers;
    for (var r = 0u; r < N_NUMBERS; r++) {
        numbers[r] = numbers_of_all[number(r, at)];
    }
    let scale = numbers_of_all[number(N_NUMBERS, at)];
    let offset = numbers_of_all[number(N_NUMBERS + 1u, at)];
    var now: Watched;
    for (var s = 0u; s < N_STATES; s++) {
        now.state[s] = watched[index(s, item)];
        now.carry[s] = watched[index(N_STATES + s, item)];
    }
    var outside = watched[index(OUTSIDE, item)];
    var n_shown = 0u;
    for (var k = 0u; k < settings.n_steps; k++) {
        let step = settings.first_step + k + 1u;
        let is_due = step % PERIOD == 0u;
        var x = exact(taken[settings.first_taken + index(k, item)] * SHARE);
        x = exact(exact(x * scale) + offset);
        if (HAS_RANGE && (x < LOW || HIGH < x)) {
            outside = exact(outside + 1.0);
        }
        if (CONVOLVES) {
            watched[index(FIRST_PAST + step % N_RESPONSE, item)] = x;
            if (is_due) {
                x = convolved(step, at);
            }
        }
        if (is_due || !CONVOLVES) {
            now = advance(numbers, now, x);
        }
        if (is_due) {
            shown[index(n_shown, item)] = now.shown;
            n_shown++;
        }
    }
    for (var s = 0u; s < N_STATES; s++) {
        watched[index(s, item)] = now.state[s];
        watched[index(N_STATES + s, item)] = now.carry[s];
    }
    watched[index(OUTSIDE, item)] = outside;
}

// Where the resident kernel keeps its delay line: all of it in the window. Global memory has it between dispatches,
// [simulation][row][column]. Twin: `line` and `edges` in src/backend/gpu/layout.rs.

fn first_word(simulation: u32) -> u32 {
    return simulation * N_ROWS * COLUMNS;
}

fn load_window(thread: u32, simulation: u32) {
    for (var at = thread; at < N_ROWS * COLUMNS; at += THREADS) {
        window[at / COLUMNS * STRIDE + at % COLUMNS] = line[first_word(simulation) + at];
    }
}

// What an edge reads in step `k` of the block that begins after `first_step` steps.
fn past(place: u32, k: u32, simulation: u32, first_step: u32) -> f32 {
    return window[place + k];
}

// Keeps what a row sent after `step` steps for when the window no longer holds it.
fn keep_sent(row: u32, simulation: u32, step: u32, sent: f32) {}

// Waits until all have what was kept.
fn wait_for_kept() {}

fn store_window(thread: u32, simulation: u32) {
    for (var at = thread; at < N_ROWS * COLUMNS; at += THREADS) {
        line[first_word(simulation) + at] = window[at / COLUMNS * STRIDE + at % COLUMNS];
    }
}

// Where the resident kernel keeps its delay line on devices with too little workgroup memory for it: the latest COLUMNS times in the
// window, and all of them in global memory, a ring per row: [simulation][row][time], time = step mod line_length. A time that an
// edge reads from the ring is older than the window, so it was written before the block began.
//
// Such an edge has the place OLDER | row << 16 | (line_length - lag). Twin: `line` and `edges` in src/backend/gpu/layout.rs.

const OLDER: u32 = 0x80000000u;

fn ring_index(row: u32, time: u32, simulation: u32) -> u32 {
    return (simulation * N_ROWS + row) * settings.line_length + time;
}

fn load_window(thread: u32, simulation: u32) {
    let oldest = settings.first_step % settings.line_length + settings.line_length - (COLUMNS - 1u);
    for (var at = thread; at < N_ROWS * COLUMNS; at += THREADS) {
        let time = (oldest + at % COLUMNS) % settings.line_length;
        window[at / COLUMNS * STRIDE + at % COLUMNS] = line[ring_index(at / COLUMNS, time, simulation)];
    }
}

// What an edge reads in step `k` of the block that begins after `first_step` steps.
fn past(place: u32, k: u32, simulation: u32, first_step: u32) -> f32 {
    if (place < OLDER) {
        return window[place + k];
    }
    let time = first_step % settings.line_length + k + (place & 0xffffu);
    let wrapped = select(time, time - settings.line_length, time >= settings.line_length);
    return line[ring_index((place - OLDER) >> 16u, wrapped, simulation)];
}

// Keeps what a row sent after `step` steps for when the window no longer holds it.
fn keep_sent(row: u32, simulation: u32, step: u32, sent: f32) {
    line[ring_index(row, step % settings.line_length, simulation)] = sent;
}

// Waits until all have what was kept.
fn wait_for_kept() {
    storageBarrier();
}

// The ring has it.
fn store_window(thread: u32, simulation: u32) {}

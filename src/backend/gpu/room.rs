//! How many simulations a batch has, and how many steps a dispatch: what fits the device.

use super::Gpu;
use super::arrays::{given_words, sample_words};
use super::batch::IN_FLIGHT;
use super::candidates;
use super::kernel::{Kernel, Network};
use super::layout;
use super::moments;
use super::monitors;
use super::ready::Ready;
use crate::error::{DeviceError, Result};
use crate::plan::Plan;

/// Device memory that a batch may take at most: what fills the largest devices several times over.
const BATCH_BYTES: u64 = 1 << 30;
/// And at least, where the device says that little is free: it can be wrong.
const LEAST_BATCH_BYTES: u64 = 64 << 20;
/// Workgroups that any device takes at a time; a workgroup has at least one simulation.
const MAX_GROUPS: u64 = 65_535;
/// Samples of one dispatch that go to the host.
const SAMPLE_BYTES: u64 = 64 << 20;

/// Bytes that the simulations of a batch may take. The samples of a dispatch, copies on their way and other programs need
/// room, too, so it is a quarter of what the device says is free. Every loss of the device halves it.
fn batch_bytes(free: Option<u64>, caution: u32) -> u64 {
    let quarter = free.map_or(BATCH_BYTES, |free| free / 4);
    quarter.clamp(LEAST_BATCH_BYTES, BATCH_BYTES) >> caution
}

/// Bytes of the largest buffer that a kernel can have.
fn binding_bytes(gpu: &Gpu) -> u64 {
    let limits = gpu.device.limits();
    let binding = limits.max_storage_buffer_binding_size;
    binding.min(limits.max_buffer_size)
}

/// Bytes of the device that a run fills at most, room for samples on their way included.
pub(super) fn bytes_at_a_time(ready: &Ready, plan: &Plan) -> Result<u64> {
    let (fits, bytes) = simulations_at_a_time(ready, plan)?;
    let n = fits.min(plan.n_simulations());
    let max_steps = max_steps(ready, plan, n);
    let n_samples = u64::from(max_steps.div_ceil(plan.recording.every));
    let in_flight = IN_FLIGHT as u64;
    let copies = if ready.stays { 1 } else { 2 * in_flight };
    let [taken, shown] = monitors::words_of_dispatch(plan, n, u64::from(max_steps));
    let of_samples = copies * n_samples * sample_words(plan, n) as u64;
    Ok(n as u64 * bytes + 4 * (of_samples + taken + (1 + in_flight) * shown))
}

/// Simulations that fit a batch, and the bytes of each: every buffer within what the device binds, all within our own budget.
pub(super) fn simulations_at_a_time(ready: &Ready, plan: &Plan) -> Result<(usize, u64)> {
    let (gpu, kernel) = (ready.gpu, ready.kernel);
    let binding = binding_bytes(gpu).saturating_sub(4 * table_entries(plan));
    let line = 4 * kernel.line_words(&Network::of(plan));
    let nodes = 4 * (layout::n_quantities(plan) * plan.n_nodes) as u64;
    // Behind the numbers lies what the host gives, of one step at least.
    let numbers = 4 * (plan.step.numbers.len() * plan.n_nodes + given_words(plan, 1)) as u64;
    let (of_monitors, largest_of_monitors) = monitors::bytes_per_simulation(plan);
    let mut all = line + nodes + numbers + of_monitors;
    let mut largest = line.max(nodes).max(numbers).max(largest_of_monitors);
    largest = largest.max(4 * sample_words(plan, 1) as u64);
    if ready.adder.is_some() {
        all += moments::bytes_per_simulation(plan.n_nodes);
        largest = largest.max(moments::largest_bytes_per_simulation(plan.n_nodes));
    }
    let batch = batch_bytes(gpu.free_bytes, gpu.caution);
    let fits = (binding / largest).min(batch / all).min(MAX_GROUPS) as usize;
    if fits == 0 {
        let problem = format!(
            "one simulation needs {largest} bytes in one buffer and {all} in all ({line} for its delay line, {of_monitors} for \
             its monitors), but {} takes at most {binding} in one and a batch {batch}",
            gpu.described.name
        );
        let hint = match of_monitors > line {
            true => "raise monitor.step of what convolves, or say --backend cpu",
            false => "raise coupling.conduction_speed or protocol.dt, or say --backend cpu",
        };
        let hint = Some(hint.into());
        return Err(DeviceError::Memory { problem, hint }.into());
    }
    Ok((fits, all))
}

/// Entries of the tables that a step looks up.
fn table_entries(plan: &Plan) -> u64 {
    let tables = plan.step.tables();
    tables.iter().map(|(table, _)| table.len() as u64).sum()
}

/// As many steps as loop limits, room for samples, for what monitors take and show, for replayed normals and waveforms allow; whole
/// blocks, if at all possible.
pub(super) fn max_steps(ready: &Ready, plan: &Plan, n: usize) -> u32 {
    let (gpu, kernel): (&Gpu, Kernel) = (ready.gpu, ready.kernel);
    let batch = batch_bytes(gpu.free_bytes, gpu.caution);
    // Every dispatch also loads and stores delay lines and sums, which should take a small part of it.
    let on_device = (batch / 2).min(binding_bytes(gpu));
    let to_host = SAMPLE_BYTES.min(batch / 4);
    let by_samples = match 4 * sample_words(plan, n) as u64 {
        0 => u64::MAX,
        bytes => {
            let room = if ready.stays { on_device } else { to_host };
            (room / bytes).max(1) * u64::from(plan.recording.every)
        }
    };
    let by_given = match 4 * given_words(plan, n) as u64 {
        0 => u64::MAX,
        bytes => {
            let numbers = 4 * (plan.step.numbers.len() * plan.n_nodes * n) as u64;
            let room = binding_bytes(gpu).saturating_sub(4 * table_entries(plan) + numbers);
            (SAMPLE_BYTES.min(room) / bytes).max(1)
        }
    };
    let by_monitors = most(u64::from(plan.n_steps), |n_steps| {
        let [taken, shown] = monitors::words_of_dispatch(plan, n, n_steps);
        let of_loops = |one| n_steps <= monitors::max_steps(one, gpu.max_iterations);
        4 * taken <= on_device && 4 * shown <= to_host && plan.monitors.iter().all(of_loops)
    });
    let block = u64::from(kernel.block());
    let steps = candidates::max_blocks(kernel, plan, gpu.max_iterations)
        .saturating_mul(block)
        .min(by_samples)
        .min(by_given)
        .min(by_monitors)
        .min(u64::from(u32::MAX));
    let whole = if steps > block {
        steps / block * block
    } else {
        steps
    };
    whole.min(u64::from(plan.n_steps)) as u32
}

/// The largest number up to `limit` that fits, where all below one that fits do, too; at least 1.
fn most(limit: u64, fits: impl Fn(u64) -> bool) -> u64 {
    let (mut good, mut bad) = (1, limit + 1);
    while bad > good + 1 {
        let middle = good + (bad - good) / 2;
        match fits(middle) {
            true => good = middle,
            false => bad = middle,
        }
    }
    good
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_takes_a_quarter_of_what_is_free_and_half_of_it_after_a_loss() {
        const GIB: u64 = 1 << 30;
        for (free, caution, bytes) in [
            (None, 0, GIB),
            (Some(139 * GIB), 0, GIB),
            (Some(4 * GIB), 0, GIB),
            (Some(GIB), 0, GIB / 4),
            (Some(0), 0, LEAST_BATCH_BYTES),
            (None, 1, GIB / 2),
            (Some(2 * GIB), 2, GIB / 8),
        ] {
            assert_eq!(batch_bytes(free, caution), bytes, "{free:?} {caution}");
        }
    }

    #[test]
    fn the_most_that_fits_is_found() {
        for limit in [1, 2, 7, 1000] {
            for last in [1, 2, 6, 999, 5000] {
                assert_eq!(
                    most(limit, |n| n <= last),
                    last.min(limit),
                    "{limit} {last}"
                );
            }
            assert_eq!(most(limit, |_| false), 1);
        }
    }
}

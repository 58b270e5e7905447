//! Dispatches in flight: handed over, timed by the device's own clock, their results on the way to the host.

use std::time::{Duration, Instant};

use wgpu::{BindGroup, Buffer, BufferUsages, Features, QuerySet, SubmissionIndex};

use super::Gpu;
use super::compute::{self, Kernel, Reading};
use crate::error::Result;

/// Where dispatches leave from and their results arrive.
pub(super) struct Runway {
    free: Vec<Slot>,
}

/// The staging buffers of one dispatch.
struct Slot {
    /// One for each of the streams of results.
    streams: Vec<Buffer>,
    clock: Option<Clock>,
}

/// The device's time before and after a dispatch.
struct Clock {
    queries: QuerySet,
    resolved: Buffer,
    staged: Buffer,
}

/// A dispatch that was handed over.
pub(super) struct Flight {
    pub(super) n_steps: u32,
    pub(super) submitted: Instant,
    index: SubmissionIndex,
    slot: Slot,
    streams: Vec<Reading>,
    times: Option<Reading>,
}

/// What came of it.
pub(super) struct Landing {
    /// The streams of results, in the order in which they were asked for.
    pub(super) streams: Vec<Vec<f32>>,
    /// How long the device took, where it tells.
    pub(super) took: Option<Duration>,
}

/// A kernel, its buffers, and the number of workgroups.
pub(super) type Dispatch<'a> = (&'a Kernel, &'a BindGroup, [u32; 3]);

/// Results that go to the host: where they are, from which word on, and how many words.
pub(super) type Stream<'a> = (&'a Buffer, usize, usize);

impl Runway {
    /// Room for `n` dispatches with so many words of each stream of results.
    pub(super) fn new(gpu: &Gpu, n: usize, stream_words: &[usize]) -> Result<Self> {
        let device = &gpu.device;
        let staging = BufferUsages::MAP_READ | BufferUsages::COPY_DST;
        let slot = || -> Result<Slot> {
            let room =
                |label: &str, words: usize| compute::buffer(gpu, label, 4 * words as u64, staging);
            let clock = if device.features().contains(Features::TIMESTAMP_QUERY) {
                Some(Clock {
                    queries: device.create_query_set(&wgpu::QuerySetDescriptor {
                        label: Some("clock"),
                        ty: wgpu::QueryType::Timestamp,
                        count: 2,
                    }),
                    resolved: compute::buffer(
                        gpu,
                        "times",
                        16,
                        BufferUsages::QUERY_RESOLVE | BufferUsages::COPY_SRC,
                    )?,
                    staged: room("staged times", 4)?,
                })
            } else {
                None
            };
            let streams = stream_words.iter();
            let streams = streams.map(|&words| room("staged results", words));
            Ok(Slot {
                streams: streams.collect::<Result<_>>()?,
                clock,
            })
        };
        Ok(Self {
            free: (0..n).map(|_| slot()).collect::<Result<_>>()?,
        })
    }

    /// Hands over the dispatches, one after the other, and the copying of the streams of results.
    pub(super) fn take_off(
        &mut self,
        gpu: &Gpu,
        dispatches: &[Dispatch],
        n_steps: u32,
        streams: &[Stream],
    ) -> Flight {
        let slot = self.free.pop().expect("no more flights than slots");
        let mut encoder = gpu
            .device
            .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        {
            let clock = slot.clock.as_ref();
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
                label: None,
                timestamp_writes: clock.map(|clock| wgpu::ComputePassTimestampWrites {
                    query_set: &clock.queries,
                    beginning_of_pass_write_index: Some(0),
                    end_of_pass_write_index: Some(1),
                }),
            });
            for (kernel, bound, groups) in dispatches {
                pass.set_pipeline(&kernel.pipeline);
                pass.set_bind_group(0, *bound, &[]);
                pass.dispatch_workgroups(groups[0], groups[1], groups[2]);
            }
        }
        for (&(from, first, words), to) in streams.iter().zip(&slot.streams) {
            if words > 0 {
                encoder.copy_buffer_to_buffer(from, 4 * first as u64, to, 0, 4 * words as u64);
            }
        }
        if let Some(clock) = &slot.clock {
            encoder.resolve_query_set(&clock.queries, 0..2, &clock.resolved, 0);
            encoder.copy_buffer_to_buffer(&clock.resolved, 0, &clock.staged, 0, 16);
        }
        let submitted = Instant::now();
        let index = gpu.queue.submit([encoder.finish()]);
        let readings = slot.streams.iter().zip(streams);
        let readings = readings.map(|(staged, stream)| Reading::begin(staged, stream.2));
        Flight {
            n_steps,
            submitted,
            index,
            streams: readings.collect(),
            times: slot
                .clock
                .as_ref()
                .map(|clock| Reading::begin(&clock.staged, 4)),
            slot,
        }
    }

    /// Waits for a flight and takes its results.
    ///
    /// # Errors
    /// [`crate::Error::Device`] if the device fails.
    pub(super) fn land(&mut self, gpu: &Gpu, flight: Flight) -> Result<Landing> {
        compute::wait_for(gpu, Some(flight.index))?;
        let floats = |reading: Reading| -> Result<Vec<f32>> {
            Ok(reading
                .finish(gpu)?
                .into_iter()
                .map(f32::from_bits)
                .collect())
        };
        let streams = flight.streams.into_iter().map(floats);
        let streams = streams.collect::<Result<_>>()?;
        let took = match flight.times {
            None => None,
            Some(times) => {
                let words = times.finish(gpu)?;
                let time = |k: usize| u64::from(words[k]) | u64::from(words[k + 1]) << 32;
                let ticks = time(2).saturating_sub(time(0)) as f64;
                let nanoseconds = ticks * f64::from(gpu.queue.get_timestamp_period());
                // A clock that stands still is none.
                (ticks > 0.0).then(|| Duration::from_nanos(nanoseconds as u64))
            }
        };
        self.free.push(flight.slot);
        Ok(Landing { streams, took })
    }
}

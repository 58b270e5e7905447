//! What a replica costs besides its steps, tried before a sweep: samples that are kept, measures, and numbers laid out for their files.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use ndarray::{Array2, ArrayView2, ArrayView3};

use super::StoredSweep;
use super::chunk::Chunk;
use super::fill::{lock, takes};
use crate::error::Result;
use crate::measure::{Measures, Moments};
use crate::record::{End, Recorder, Takes};

/// Takes what a sweep takes of its replicas, puts samples that are kept where they would go, and forgets them.
pub(super) struct Rehearsal<'a> {
    of: &'a StoredSweep,
    /// Room for one replica each, for threads to take turns.
    chunks: Vec<Mutex<Chunk<'a>>>,
    turn: AtomicUsize,
}

impl<'a> Rehearsal<'a> {
    pub fn new(of: &'a StoredSweep) -> Self {
        let chunks = (0..2 * rayon::current_num_threads()).map(|_| Mutex::new(of.room_for_one()));
        Self {
            of,
            chunks: chunks.collect(),
            turn: AtomicUsize::new(0),
        }
    }

    fn with_chunk(&self, put: impl FnOnce(&mut Chunk<'a>)) {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        put(&mut lock(&self.chunks[turn % self.chunks.len()]));
    }
}

impl Recorder for Rehearsal<'_> {
    fn takes(&self) -> Takes {
        takes(&self.of.sweep)
    }

    fn record(&self, _: usize, first_sample: usize, samples: ArrayView3<'_, f32>) {
        self.with_chunk(|chunk| chunk.put_samples(0, first_sample, samples));
    }

    fn observe(&self, _: usize, monitor: usize, first_sample: usize, samples: ArrayView2<'_, f32>) {
        if self.of.sweep.kept_monitors().contains(&monitor) {
            self.with_chunk(|chunk| chunk.put_observed(0, monitor, first_sample, samples));
        }
    }

    fn finish(&self, _: usize, _: End) {}
}

impl StoredSweep {
    fn room_for_one(&self) -> Chunk<'_> {
        Chunk::new(&self.arrays, 1)
    }

    /// Seconds of one thread from the end of a replica until its numbers are laid out: of signals that are alike in number and length.
    ///
    /// # Errors
    /// Those of [`Measures::new`].
    pub(super) fn seconds_to_measure(&self) -> Result<f64> {
        // Sums are made while a replica runs: of these, few samples are enough.
        let n_samples = self.scope.n_samples.max(16);
        let wave = |(sample, node): (usize, usize)| {
            let phase = 0.37 * sample as f64 + (sample as f64).sqrt() * (node % 97) as f64;
            phase.sin() + 0.1 * node as f64
        };
        let samples = Array2::from_shape_fn((n_samples, self.plan.n_nodes), wave);
        let moments = Moments::of(samples.slice(ndarray::s![..16, ..]));
        let functional = self.sweep.base().connectome.functional.as_ref();
        let chunk = Mutex::new(self.room_for_one());
        let start = Instant::now();
        let mut measures = Measures::new(moments, functional)?;
        if self.scope.needs_samples() {
            measures = measures.with_samples(samples, self.scope.clone());
        }
        Chunk::put(&chunk, 0, &measures);
        std::hint::black_box(lock(&chunk).lay_out());
        Ok(start.elapsed().as_secs_f64())
    }
}

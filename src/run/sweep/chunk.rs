//! One chunk of every array, in memory until it is whole.
//!
//! Every kind of content is named in every match: one that is forgotten would leave fill values in a
//! store that says it is done.

#![deny(clippy::wildcard_enum_match_arm)]

use std::collections::BTreeMap;
use std::sync::Mutex;

use ndarray::{ArrayView2, ArrayView3, Axis};

use super::arrays::{Array, Arrays, Content, DIVERGED, DONE, UNHELD};
use super::fill::lock;
use crate::continuation::network::hold::Held;
use crate::error::Result;
use crate::io::store::{Kind, Store, sealed};
use crate::measure::Measures;
use crate::record::Passage;
use crate::run::MeanHeld;

/// One chunk of every array.
pub(super) struct Chunk<'a> {
    arrays: &'a Arrays,
    /// Replicas for which there is room.
    room: usize,
    columns: Vec<Column>,
}

/// Numbers of one array.
enum Column {
    Double(Vec<f64>),
    Single(Vec<f32>),
    Flag(Vec<u8>),
}

impl Column {
    /// Room for `n` numbers, filled with what stands for none.
    fn new(kind: Kind, n: usize) -> Self {
        match kind {
            Kind::Double => Self::Double(vec![f64::NAN; n]),
            Kind::Single => Self::Single(vec![f32::NAN; n]),
            Kind::Flag => Self::Flag(vec![0; n]),
        }
    }

    /// Puts `numbers` from index `at` on, each rounded to the array's type.
    fn put(&mut self, at: usize, numbers: impl IntoIterator<Item = f64>) {
        let numbers = numbers.into_iter();
        match self {
            Self::Double(all) => all[at..]
                .iter_mut()
                .zip(numbers)
                .for_each(|(to, x)| *to = x),
            Self::Single(all) => {
                let to = all[at..].iter_mut().zip(numbers);
                to.for_each(|(to, x)| *to = x as f32);
            }
            Self::Flag(all) => {
                let to = all[at..].iter_mut().zip(numbers);
                to.for_each(|(to, x)| *to = x as u8);
            }
        }
    }
}

impl<'a> Chunk<'a> {
    /// Passes what is filled in of the replica at `place`.
    pub fn pass(&mut self, place: usize, passage: &mut Passage) {
        for (array, column) in self.arrays.all.iter().zip(&mut self.columns) {
            let row = place * array.length()..(place + 1) * array.length();
            match column {
                Column::Double(all) => all[row].iter_mut().for_each(|x| passage.double(x)),
                Column::Single(all) => all[row].iter_mut().for_each(|x| passage.single(x)),
                Column::Flag(all) => all[row].iter_mut().for_each(|x| {
                    let mut word = u32::from(*x);
                    passage.word(&mut word);
                    *x = word as u8;
                }),
            }
        }
    }

    /// Replicas for which there is room.
    pub fn room(&self) -> usize {
        self.room
    }

    /// Words that are passed of a replica.
    pub fn words_of_replica(&self) -> usize {
        let words = |array: &Array| match array.kind {
            Kind::Double => 2 * array.length(),
            Kind::Single | Kind::Flag => array.length(),
        };
        self.arrays.all.iter().map(words).sum()
    }

    /// Room for `n` replicas, nothing in it.
    pub fn new(arrays: &'a Arrays, n: usize) -> Self {
        let column = |array: &Array| Column::new(array.kind, n * array.length());
        Self {
            arrays,
            room: n,
            columns: arrays.all.iter().map(column).collect(),
        }
    }

    /// Puts the measures of the replica at `place`, which is done. Nobody waits for the chunk while they are made.
    pub fn put(chunk: &Mutex<Self>, place: usize, measures: &Measures) {
        let arrays = lock(chunk).arrays;
        for (k, array) in arrays.all.iter().enumerate() {
            let values = match array.content {
                Content::Measure(measure) => (measure.values)(measures),
                Content::Features => arrays.features.of(measures).into(),
                Content::Status => vec![f64::from(DONE)].into(),
                // Of replicas that diverge, before they run, and as the samples come.
                Content::DivergedAt
                | Content::Held(_)
                | Content::Samples(_)
                | Content::Observed(_) => continue,
            };
            assert_eq!(values.len(), array.length(), "{}", array.name);
            let at = place * array.length();
            lock(chunk).columns[k].put(at, values.iter().copied());
        }
    }

    /// Marks the replica at `place` as one that diverged.
    pub fn put_divergence(&mut self, place: usize, time_ms: f64) {
        self.put_without_measures(place, DIVERGED, time_ms);
    }

    /// Marks the replica at `place` as one that could not be held at its target and was not run.
    pub fn put_unheld(&mut self, place: usize) {
        self.put_without_measures(place, UNHELD, f64::NAN);
    }

    fn put_without_measures(&mut self, place: usize, status: u8, diverged_at_ms: f64) {
        for (array, column) in self.arrays.all.iter().zip(&mut self.columns) {
            match array.content {
                Content::DivergedAt => column.put(place, [diverged_at_ms]),
                Content::Status => column.put(place, [f64::from(status)]),
                // The measures of such a replica are undefined.
                Content::Measure(_)
                | Content::Features
                | Content::Held(_)
                | Content::Samples(_)
                | Content::Observed(_) => {}
            }
        }
    }

    /// Puts what the replica at `place` is held at, and how its mean was brought there, if that was.
    pub fn put_held(&mut self, place: usize, held: &Held, mean: Option<&MeanHeld>) {
        for (array, column) in self.arrays.all.iter().zip(&mut self.columns) {
            match array.content {
                Content::Held(of_held) => {
                    column.put(place * array.length(), of_held.values(held, mean));
                }
                // Of its run.
                Content::Measure(_)
                | Content::Features
                | Content::DivergedAt
                | Content::Samples(_)
                | Content::Observed(_)
                | Content::Status => {}
            }
        }
    }

    /// Puts samples `first..` of the replica at `place`, `[n_samples, n_recorded_states, n_nodes]`.
    pub fn put_samples(&mut self, place: usize, first: usize, samples: ArrayView3<'_, f32>) {
        let n_nodes = self.arrays.n_nodes;
        for (array, column) in self.arrays.all.iter().zip(&mut self.columns) {
            match array.content {
                Content::Samples(state) => {
                    let samples = samples.index_axis(Axis(1), state);
                    let at = place * array.length() + first * n_nodes;
                    column.put(at, samples.iter().map(|&x| f64::from(x)));
                }
                Content::Observed(_) => {}
                // Of the replica as a whole, before it runs or at its end.
                Content::Measure(_)
                | Content::Features
                | Content::DivergedAt
                | Content::Held(_)
                | Content::Status => {}
            }
        }
    }

    /// Puts what a monitor showed from sample `first` on of the replica at `place`, `[n_samples, n_nodes]`.
    pub fn put_observed(
        &mut self,
        place: usize,
        monitor: usize,
        first: usize,
        samples: ArrayView2<'_, f32>,
    ) {
        let n_nodes = self.arrays.n_nodes;
        for (array, column) in self.arrays.all.iter().zip(&mut self.columns) {
            match array.content {
                Content::Observed(of) if of == monitor => {
                    let at = place * array.length() + first * n_nodes;
                    column.put(at, samples.iter().map(|&x| f64::from(x)));
                }
                Content::Observed(_) | Content::Samples(_) => {}
                Content::Measure(_)
                | Content::Features
                | Content::DivergedAt
                | Content::Held(_)
                | Content::Status => {}
            }
        }
    }

    /// Lays out what would be written; how many bytes that are.
    pub fn lay_out(&self) -> usize {
        let bytes = |column: &Column| match column {
            Column::Double(all) => sealed(all).0.len(),
            Column::Single(all) => sealed(all).0.len(),
            Column::Flag(all) => sealed(all).0.len(),
        };
        self.columns.iter().map(bytes).sum()
    }

    /// Writes the chunk at `indices` of every array the marks of what is done after the others, and the record of all.
    pub fn write(&self, store: &Store, indices: &[usize]) -> Result<()> {
        let mut sums = BTreeMap::new();
        for (array, column) in self.arrays.all.iter().zip(&self.columns) {
            let mut chunk = indices.to_vec();
            chunk.resize(indices.len() + array.inner.len(), 0);
            let sum = match column {
                Column::Double(all) => store.write(&array.name, &chunk, all)?,
                Column::Single(all) => store.write(&array.name, &chunk, all)?,
                Column::Flag(all) => store.write(&array.name, &chunk, all)?,
            };
            sums.insert(array.name.clone(), sum);
        }
        store.write_record(indices, &sums)
    }
}

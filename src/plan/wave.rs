//! The waveform of a stimulus, step by step.

use std::collections::HashMap;
use std::fmt;

use crate::study::Stimulus;
use crate::waveform::{self, Waveform};

/// The waveform of a stimulus in one or many simulations: its mean over each step, made when it is asked for, so that a long run takes
/// no memory for it.
#[derive(Debug, Clone)]
pub struct Wave {
    name: String,
    dt_ms: f64,
    waveform: Waveform,
    /// Numbers of the waveforms that differ.
    distinct: Vec<Vec<f64>>,
    /// Which of them each simulation has.
    of: Vec<u32>,
}

impl Wave {
    /// The waveform of the same stimulus in several simulations with steps of `dt_ms`.
    pub(super) fn new(stimuli: &[&Stimulus], dt_ms: f64) -> Self {
        let mut distinct: Vec<Vec<f64>> = Vec::new();
        let mut places: HashMap<Vec<u64>, u32> = HashMap::new();
        let of = stimuli.iter().map(|stimulus| {
            // The table of numbers has the amplitude.
            let mut numbers = stimulus.numbers.clone();
            numbers[waveform::AMPLITUDE] = 1.0;
            let bits = numbers.iter().map(|number| number.to_bits());
            *places.entry(bits.collect()).or_insert_with(|| {
                distinct.push(numbers);
                distinct.len() as u32 - 1
            })
        });
        Self {
            of: of.collect(),
            name: stimuli[0].name.clone(),
            dt_ms,
            waveform: stimuli[0].waveform.clone(),
            distinct,
        }
    }

    /// What studies call the stimulus.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// When it begins in a simulation, ms, from t = 0 to `end` ms.
    pub fn onsets_ms(&self, simulation: usize, end: f64) -> Vec<f64> {
        self.waveform.onsets(self.numbers(simulation), end)
    }

    fn numbers(&self, simulation: usize) -> &[f64] {
        &self.distinct[self.of[simulation] as usize]
    }

    /// Whether all simulations have the same.
    pub fn is_shared(&self) -> bool {
        self.distinct.len() == 1
    }

    /// Whether two simulations have the same.
    pub fn are_same(&self, simulation: usize, other: usize) -> bool {
        self.of[simulation] == self.of[other]
    }

    /// The mean over the step that follows `step` steps.
    pub fn at(&self, simulation: usize, step: u32) -> f32 {
        let [from, to] = [step, step + 1].map(|step| f64::from(step) * self.dt_ms);
        self.waveform.mean(self.numbers(simulation), from, to) as f32
    }
}

impl fmt::Display for Wave {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers = self.numbers(0);
        let (onset, duration) = (numbers[waveform::ONSET], numbers[waveform::DURATION]);
        write!(
            f,
            "{}: {} from {onset} ms for {duration} ms",
            self.name,
            self.waveform.name()
        )?;
        match numbers[waveform::EVERY] {
            0.0 => Ok(()),
            every => write!(f, ", every {every} ms"),
        }
    }
}

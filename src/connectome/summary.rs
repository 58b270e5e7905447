//! A connectome at a glance: what `brainsweep connectome show` prints.

use std::fmt;

use super::{Connectome, Delays};

/// A connectome in numbers. Distributions are over the connections that exist (weight above 0).
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Summary {
    /// Number of regions.
    pub n_nodes: usize,
    /// Number of directed connections.
    pub n_connections: usize,
    /// Connections over `n_nodes (n_nodes - 1)`.
    pub density: f64,
    /// Whether both directions have the same weight and the same delay, everywhere.
    pub symmetric: bool,
    /// How many regions were connected to themselves in the data; those weights were set to zero.
    pub self_connections_removed: usize,
    /// What is not as it was in the data.
    pub notes: Vec<String>,
    /// Weights; no unit.
    pub weights: Option<Distribution>,
    /// Sum of incoming weights per region; no unit.
    pub strengths: Option<Distribution>,
    /// Tract lengths, mm.
    pub tract_lengths_mm: Option<Distribution>,
    /// Conduction speed the delays hold for, mm/ms; `None` where the delays are given in steps, or are not known.
    pub conduction_speed_mm_per_ms: Option<f64>,
    /// What the delays are given in: `mm` of tract lengths, `ms` or `steps`; `None` where they are not known.
    pub delays_given_in: Option<&'static str>,
    /// Step the delays hold for, ms.
    pub dt_ms: f64,
    /// Delays, ms.
    pub delays_ms: Option<Distribution>,
    /// Delays in steps, before rounding.
    pub delay_steps: Option<Distribution>,
    /// Number of measured functional matrices.
    pub n_subjects: usize,
    /// Functional connectivity below the diagonals, all subjects together.
    pub functional: Option<Distribution>,
}

/// Smallest, quartiles, largest and mean of some numbers. Quartiles are interpolated, as numpy's `percentile` does.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Distribution {
    /// Smallest.
    pub min: f64,
    /// A quarter of the numbers lie below.
    pub lower_quartile: f64,
    /// Half of the numbers lie below.
    pub median: f64,
    /// A quarter of the numbers lie above.
    pub upper_quartile: f64,
    /// Largest.
    pub max: f64,
    /// Mean.
    pub mean: f64,
}

impl Distribution {
    /// The distribution of `values`, none of them NaN; `None` if there are no values.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_unstable_by(f64::total_cmp);
        let last = values.len().checked_sub(1)?;
        let quantile = |q: f64| {
            let index = q * last as f64;
            let below = values[index.floor() as usize];
            below + index.fract() * (values[index.ceil() as usize] - below)
        };
        Some(Self {
            min: values[0],
            lower_quartile: quantile(0.25),
            median: quantile(0.5),
            upper_quartile: quantile(0.75),
            max: values[last],
            mean: values.iter().sum::<f64>() / values.len() as f64,
        })
    }

    fn scaled(self, factor: f64) -> Self {
        Self {
            min: self.min * factor,
            lower_quartile: self.lower_quartile * factor,
            median: self.median * factor,
            upper_quartile: self.upper_quartile * factor,
            max: self.max * factor,
            mean: self.mean * factor,
        }
    }
}

impl Connectome {
    /// The connectome in numbers, with the delays that `conduction_speed_mm_per_ms` and `dt_ms` (both above 0) give.
    pub fn summary(&self, conduction_speed_mm_per_ms: f64, dt_ms: f64) -> Summary {
        let n_nodes = self.n_nodes();
        let weights = &self.weights;
        let connected = || weights.indexed_iter().filter(|(_, weight)| **weight > 0.0);
        let n_connections = connected().count();
        let (mut speed, mut lengths, mut delays_ms) = (None, None, None);
        let symmetric_delays = match &self.delays {
            Delays::TractLengths(mm) => {
                lengths = Distribution::of(connected().map(|(edge, _)| mm[edge]));
                speed = Some(conduction_speed_mm_per_ms);
                delays_ms = lengths.map(|d| d.scaled(1.0 / conduction_speed_mm_per_ms));
                mm == mm.t()
            }
            Delays::Milliseconds(ms) => {
                delays_ms = Distribution::of(connected().map(|(edge, _)| ms[edge]));
                ms == ms.t()
            }
            Delays::Steps(steps) => {
                delays_ms =
                    Distribution::of(connected().map(|(edge, _)| f64::from(steps[edge]) * dt_ms));
                steps == steps.t()
            }
            Delays::None => true,
        };
        let pairs =
            move |n: usize| (0..n).flat_map(|row| (0..row).map(move |column| (row, column)));
        let functional = self.functional.as_ref().and_then(|functional| {
            let matrices = functional.outer_iter();
            Distribution::of(
                matrices.flat_map(|matrix| pairs(n_nodes).map(move |pair| matrix[pair])),
            )
        });
        Summary {
            n_nodes,
            n_connections,
            density: n_connections as f64 / (n_nodes * n_nodes.saturating_sub(1)).max(1) as f64,
            symmetric: weights == weights.t() && symmetric_delays,
            self_connections_removed: self.self_connections_removed,
            notes: self.notes.clone(),
            weights: Distribution::of(connected().map(|(_, &weight)| weight)),
            strengths: Distribution::of(weights.outer_iter().map(|row| row.sum())),
            tract_lengths_mm: lengths,
            conduction_speed_mm_per_ms: speed,
            delays_given_in: match &self.delays {
                Delays::TractLengths(_) => Some("mm"),
                Delays::Milliseconds(_) => Some("ms"),
                Delays::Steps(_) => Some("steps"),
                Delays::None => None,
            },
            dt_ms,
            delays_ms,
            delay_steps: delays_ms.map(|d| d.scaled(1.0 / dt_ms)),
            n_subjects: self
                .functional
                .as_ref()
                .map_or(0, |functional| functional.dim().0),
            functional,
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        // First what is to be known before the numbers are believed.
        for note in &self.notes {
            writeln!(f, "note         {note}")?;
        }
        writeln!(f, "regions      {}", self.n_nodes)?;
        write!(
            f,
            "connections  {}, density {:.3}, ",
            self.n_connections, self.density
        )?;
        writeln!(
            f,
            "{}",
            if self.symmetric {
                "symmetric"
            } else {
                "not symmetric"
            }
        )?;
        match (self.conduction_speed_mm_per_ms, self.delays_ms) {
            (Some(speed), _) => writeln!(
                f,
                "delays       at {speed} mm/ms and steps of {} ms",
                self.dt_ms
            )?,
            (None, Some(_)) if self.delays_given_in == Some("ms") => {
                writeln!(f, "delays       given in ms, steps of {} ms", self.dt_ms)?
            }
            (None, Some(_)) => {
                writeln!(f, "delays       given in steps, here of {} ms", self.dt_ms)?
            }
            (None, None) => writeln!(f, "delays       not known")?,
        }
        match self.n_subjects {
            0 => writeln!(f, "functional   none")?,
            1 => writeln!(f, "functional   1 subject")?,
            n => writeln!(f, "functional   {n} subjects")?,
        }
        writeln!(f)?;
        let columns = ["min", "25 %", "median", "75 %", "max", "mean"];
        write!(f, "{:<21}", "")?;
        columns
            .iter()
            .try_for_each(|column| write!(f, "{column:>10}"))?;
        let rows = [
            ("weight", self.weights),
            ("incoming weight", self.strengths),
            ("tract length, mm", self.tract_lengths_mm),
            ("delay, ms", self.delays_ms),
            ("delay, steps", self.delay_steps),
            ("functional", self.functional),
        ];
        for (name, d) in rows.into_iter().filter_map(|(name, d)| Some((name, d?))) {
            write!(f, "\n{name:<21}")?;
            for value in [
                d.min,
                d.lower_quartile,
                d.median,
                d.upper_quartile,
                d.max,
                d.mean,
            ] {
                write!(f, "{:>10}", short(value))?;
            }
        }
        Ok(())
    }
}

/// Four digits, with an exponent where zeros would hide them.
fn short(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 {
        return "0".into();
    }
    if !(1e-3..1e6).contains(&size) {
        return format!("{value:.2e}");
    }
    let decimals = 3 - size.log10().floor() as i32;
    format!("{value:.*}", decimals.max(0) as usize)
}

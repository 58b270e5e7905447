//! A plan in words, as dry runs show it.

use std::fmt;

use super::{Plan, mebibytes};
use crate::integrator::CouplingAt;
use crate::study::key;

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = |key: &str, value: String| writeln!(f, "  {key:<12} {value}");
        let stages = match self.recipe.stages {
            Some(_) => format!(
                ", {} = {:?}",
                key::COUPLING_AT.path,
                CouplingAt::Stages.name()
            ),
            None => String::new(),
        };
        line(
            "model",
            format!(
                "{} ({}{stages})",
                self.model.name,
                self.recipe.integrator.name()
            ),
        )?;
        line("simulations", self.n_simulations().to_string())?;
        line(
            "steps",
            format!(
                "{} of {} ms = {} ms",
                self.n_steps,
                self.dt_ms,
                f64::from(self.n_steps) * self.dt_ms
            ),
        )?;
        line("nodes", self.n_nodes.to_string())?;
        let lags = match (self.edges.lag.iter().min(), self.edges.lag.iter().max()) {
            (Some(min), Some(max)) => format!(
                "{} connections, reading {min} to {max} steps back",
                self.edges.n_connections
            ),
            _ => "no connections".into(),
        };
        let terms = self.recipe.links.terms.iter();
        let names: Vec<String> = terms
            .map(|link| {
                let pairs = link.pairs.iter().map(|pair| {
                    let source = self.model.signal_name(pair.source);
                    format!("{source} into {}", self.model.inputs[pair.target].symbol)
                });
                format!(
                    "{} ({})",
                    link.form.name,
                    pairs.collect::<Vec<_>>().join(", ")
                )
            })
            .collect();
        match names.is_empty() {
            true => line("coupling", lags)?,
            false => line("coupling", format!("{}: {lags}", names.join(" + ")))?,
        }
        let targets = self.model.noise_targets().into_iter().enumerate();
        let noisy: Vec<&str> = targets
            .filter(|(t, _)| self.recipe.is_random(*t))
            .map(|(_, name)| name)
            .collect();
        line(
            "noise",
            if noisy.is_empty() {
                "none".into()
            } else {
                format!("on {}", noisy.join(", "))
            },
        )?;
        let states: Vec<&str> = self
            .recording
            .states
            .iter()
            .map(|&s| self.model.observable(s).name)
            .collect();
        let states = if states.is_empty() {
            vec!["no states"]
        } else {
            states
        };
        line(
            "record",
            format!(
                "{} every {} steps: {} samples, {} left out of the measures",
                states.join(", "),
                self.recording.every,
                self.recording.n_samples,
                self.recording.n_transient
            ),
        )?;
        for wave in &self.waves {
            line("over time", wave.to_string())?;
        }
        for one in &self.monitors {
            line(
                "monitor",
                format!(
                    "{} of {}: a step every {} steps, {} samples of {} every {} ms, {} left out of the measures",
                    one.name,
                    self.model.observable(one.source).name,
                    one.every,
                    one.n_samples,
                    one.array,
                    one.tr_ms,
                    one.n_transient
                ),
            )?;
        }
        let bytes = self.bytes_per_simulation() + self.bytes_recorded();
        line(
            "memory",
            format!(
                "{} per simulation ({} to run, {} recorded), {} in all",
                mebibytes(bytes),
                mebibytes(self.bytes_per_simulation()),
                mebibytes(self.bytes_recorded()),
                mebibytes(bytes * self.n_simulations() as u64)
            ),
        )
    }
}

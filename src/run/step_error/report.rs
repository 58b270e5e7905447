//! What a step error leaves: a table, a figure, its part of the manifest.

use serde_json::json;

use super::StepError;
use crate::error::Result;
use crate::figure;
use crate::output::{Drawing, Output, Table, cell};
use crate::plot::Figure;

/// Steps that a figure needs.
const DRAWN: usize = 3;

impl StepError {
    /// Adds the table `step_error`, with three steps or more a figure, and `step_error` in the manifest, to what a simulation leaves.
    pub fn add_to<'a>(&'a self, output: &mut Output<'a>) {
        output.tables.push(self.table());
        if self.runs.len() >= DRAWN {
            let figure = Drawing::new("step_error", || self.figure());
            output.figures.push(figure);
        }
        let facts = &mut output.manifest.facts;
        facts.insert("step_error".into(), json!(self));
    }

    /// One row for each run.
    fn table(&self) -> Table {
        let names = ["dt_ms", "n_steps", "diverged_at_ms", "mean_score"];
        let mut header: Vec<String> = names.map(String::from).to_vec();
        header.extend((0..self.scores.len()).map(|subject| format!("score_{subject}")));
        let of_fc = ["max", "mean", "rms"].map(|what| format!("fc_change_{what}"));
        header.extend(of_fc);
        let states = self.states.iter();
        header.extend(states.map(|state| format!("{}_change_max", state.name)));
        let rows = self.runs.iter().enumerate().map(|(k, run)| {
            let mut row = vec![run.dt_ms.to_string(), run.n_steps.to_string()];
            row.push(run.diverged_at_ms.map_or(String::new(), cell));
            let mean = self.mean_score.as_ref();
            row.push(mean.map_or(String::new(), |score| cell(score.values[k])));
            row.extend(self.scores.iter().map(|score| cell(score.values[k])));
            let fc = run.fc_change;
            row.extend(match fc {
                Some(fc) => [fc.max, fc.mean, fc.rms].map(cell),
                None => [const { String::new() }; 3],
            });
            row.extend(self.states.iter().map(|state| match k.checked_sub(1) {
                Some(before) => cell(state.changes[before]),
                None => String::new(),
            }));
            row
        });
        Table {
            name: "step_error",
            rows: rows.collect(),
            header,
        }
    }

    fn figure(&self) -> Result<Option<Figure>> {
        let order = self.theoretical_order;
        let dt_ms: Vec<f64> = self.runs.iter().map(|run| run.dt_ms).collect();
        let mut curves: Vec<figure::ErrorCurve> = Vec::new();
        let mut add = |name: String, errors: Vec<f64>| {
            curves.push(figure::ErrorCurve { name, errors });
        };
        if let Some(score) = &self.mean_score
            && let Some(limit) = score.limit
        {
            let errors = score.values.iter().map(|value| (value - limit).abs());
            add("mean score".into(), errors.collect());
        }
        // An error that falls by 2^order changes by this share of it when the step is halved.
        let share = 1.0 - (-order).exp2();
        let finer = || self.runs.iter().skip(1);
        for (name, of) in [
            ("FC, largest", (|fc| fc.max) as fn(super::FcChange) -> f64),
            ("FC, mean", |fc| fc.mean),
        ] {
            let errors = finer().map(|run| run.fc_change.map_or(f64::NAN, of) / share);
            add(name.into(), errors.collect());
        }
        for state in &self.states {
            let errors = state.changes.iter().map(|change| change / share);
            let unit = match state.unit {
                "1" => String::new(),
                unit => format!(" ({unit})"),
            };
            add(format!("{}{unit}, largest", state.name), errors.collect());
        }
        figure::step_error(&dt_ms, &curves, order)
    }
}

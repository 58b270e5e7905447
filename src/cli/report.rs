//! What comes out of a simulation: arrays, scores, figures, manifest, and the lines on stdout.

use std::path::{Path, PathBuf};

use ndarray::{Array1, Array2, ArrayView2, Axis, s};
use serde_json::{Value, json};

use super::{data_notes, figures, note, progress, undefined};
use crate::backend::Device;
use crate::error::{Error, Result};
use crate::io::folder::NewFolder;
use crate::io::{npz, study as studies};
use crate::measure;
use crate::plan::Plan;
use crate::plot::Figure;
use crate::record::{Divergence, Recorded};
use crate::study::Study;

/// Samples before this are the start-up, of which the score should be free, ms.
const START_UP_MS: f64 = 1000.0;
/// The stretch at the end that is drawn region by region, ms.
const DETAIL_MS: f64 = 1000.0;
/// "1 node", "2 nodes".
pub(super) fn nodes(n: usize) -> String {
    format!("{n} {}", if n == 1 { "node" } else { "nodes" })
}

/// A score in three digits.
fn defined(score: f64) -> String {
    if score.is_nan() {
        "undefined".into()
    } else {
        format!("{score:.3}")
    }
}

/// All that comes out of a simulation.
pub(super) struct Report<'a> {
    study: &'a Study,
    plan: &'a Plan,
    device: &'a Device,
    recorded: Recorded,
    wall_s: f64,
    /// Whether it was stopped before its end.
    interrupted: bool,
    t_ms: Vec<f64>,
    fc: Option<Array2<f64>>,
    /// Regions without functional connectivity.
    constant: Vec<usize>,
    scores: Option<Vec<f64>>,
    /// Why a score, or the functional connectivity of a region, is undefined.
    undefined: Option<String>,
    /// Mean score without the start-up, where there is one to leave out.
    settled_score: Option<f64>,
    /// Why that one is undefined.
    settled_undefined: Option<String>,
}

impl<'a> Report<'a> {
    pub(super) fn new(
        study: &'a Study,
        plan: &'a Plan,
        device: &'a Device,
        recorded: Recorded,
        wall_s: f64,
        interrupted: bool,
    ) -> Result<Self> {
        let t_ms: Vec<f64> = (0..recorded.samples.len_of(Axis(0)))
            .map(|k| plan.sample_time_ms(k))
            .collect();
        let mut report = Self {
            study,
            plan,
            device,
            recorded,
            wall_s,
            interrupted,
            t_ms,
            fc: None,
            constant: Vec::new(),
            scores: None,
            undefined: None,
            settled_score: None,
            settled_undefined: None,
        };
        let n_transient = plan.recording.n_transient;
        report.fc = report.fc_from(n_transient);
        let labels = &study.connectome.labels;
        if let Some(fc) = &report.fc {
            report.constant = measure::constant_nodes(fc.view());
            report.undefined = (!report.constant.is_empty())
                .then(|| undefined::constant(&report.constant, labels));
        }
        if let (Some(fc), Some(functional)) = (&report.fc, &study.connectome.functional) {
            let why = |fc: &Array2<f64>| {
                measure::undefined(fc.view(), functional.view())
                    .map(|reason| undefined::why(&reason, labels))
            };
            report.scores = Some(measure::scores(fc.view(), functional.view())?);
            report.undefined = why(fc);
            let settled = report
                .t_ms
                .partition_point(|&t| t < START_UP_MS * (1.0 + 1e-9));
            if settled > n_transient
                && let Some(fc) = report.fc_from(settled)
            {
                report.settled_score = Some(measure::mean(&measure::scores(
                    fc.view(),
                    functional.view(),
                )?));
                report.settled_undefined = why(&fc);
            }
        }
        Ok(report)
    }

    /// FC of the first recorded state from sample `first` on; `None` if there are no two nodes or samples.
    fn fc_from(&self, first: usize) -> Option<Array2<f64>> {
        let x: ArrayView2<f32> = self.recorded.samples.index_axis(Axis(1), 0);
        (x.nrows() >= first + 2 && x.ncols() > 1).then(|| measure::fc(x.slice(s![first.., ..])))
    }

    fn mean_score(&self) -> Option<f64> {
        self.scores.as_deref().map(measure::mean)
    }

    /// Says on stderr why there is no score, where one was to be expected and the data's own notes have not said it.
    pub(super) fn note_undefined(&self) {
        if let (Some(why), Some(_)) = (&self.undefined, &self.scores)
            && !data_notes(&self.study.connectome).contains(why)
        {
            note(why);
        }
    }

    /// The names of the regions without functional connectivity.
    fn constant_regions(&self) -> Vec<&str> {
        let label = |&node: &usize| self.study.connectome.labels[node].as_str();
        self.constant.iter().map(label).collect()
    }

    /// Replica-steps per second.
    fn rate(&self) -> f64 {
        f64::from(self.recorded.end.n_steps) / self.wall_s
    }

    /// Writes everything; where it is.
    pub(super) fn write(&self, folder: NewFolder) -> Result<PathBuf> {
        let at = |name: &str| folder.path().join(name);
        let mut arrays = npz::Writer::create(&at("simulation.npz"))?;
        arrays.add("t", &Array1::from(self.t_ms.clone()))?;
        for (r, &state) in self.plan.recording.states.iter().enumerate() {
            let name = self.plan.model.observable(state).name;
            arrays.add(name, &self.recorded.samples.index_axis(Axis(1), r))?;
        }
        for (state, values) in self
            .plan
            .model
            .states
            .iter()
            .zip(self.recorded.end.state.outer_iter())
        {
            arrays.add(&format!("{}_final", state.name), &values)?;
        }
        if let Some(fc) = &self.fc {
            arrays.add("fc", fc)?;
        }
        if let Some(scores) = &self.scores {
            arrays.add("scores", &Array1::from(scores.clone()))?;
        }
        arrays.finish()?;
        figures::write_all(folder.path(), &self.figures()?)?;
        folder.write_manifest(self.manifest())?;
        folder.finish()
    }

    fn figures(&self) -> Result<Vec<(&'static str, Figure)>> {
        let (study, plan) = (self.study, self.plan);
        let title = format!(
            "{}: {}, {}, {} ms",
            study.name,
            plan.model.name,
            nodes(plan.n_nodes),
            study.protocol.duration
        );
        let mut figures = Vec::new();
        if !plan.edges.lag.is_empty() {
            figures.push((
                "connectome",
                figures::connectome(&study.connectome, &study.name)?,
            ));
            if let Some(fc) = &self.fc {
                let title = match self.mean_score() {
                    Some(score) if score.is_nan() => {
                        format!("functional connectivity, score undefined\n{title}")
                    }
                    Some(score) => {
                        format!("functional connectivity, mean score {score:.3}\n{title}")
                    }
                    None => format!("functional connectivity\n{title}"),
                };
                let measured = study.connectome.functional.as_ref();
                figures.push(("fc", figures::fc(fc, measured, &title)?));
            }
        }
        if let Some(&end) = self.t_ms.last() {
            let traces = figures::Traces {
                t_ms: &self.t_ms,
                samples: self.recorded.samples.view(),
                model: plan.model,
                recorded: &plan.recording.states,
                labels: &study.connectome.labels,
            };
            figures.push(("time_series", traces.time_series(&title)?));
            if !plan.edges.lag.is_empty() && end > DETAIL_MS {
                figures.push((
                    "regions",
                    traces.regions(DETAIL_MS, &format!("{title}: the last {DETAIL_MS} ms"))?,
                ));
            }
        }
        Ok(figures)
    }

    fn manifest(&self) -> Value {
        json!({
            "brainsweep": env!("CARGO_PKG_VERSION"),
            "command": "simulate",
            "seed": self.study.protocol.seed,
            "study": studies::to_json(self.study),
            "device": self.device,
            "steps": { "planned": self.plan.n_steps, "done": self.recorded.end.n_steps },
            "interrupted": self.interrupted,
            "diverged": self.recorded.end.divergence,
            "scores": self.scores,
            "mean_score": self.mean_score(),
            "mean_score_without_first_second": self.settled_score,
            "undefined_without_first_second": self.settled_undefined,
            "undefined": self.undefined,
            "constant_regions": self.constant_regions(),
            "wall_s": self.wall_s,
            "replica_steps_per_s": self.rate(),
        })
    }

    pub(super) fn to_json(&self, out: &Path) -> Value {
        json!({
            "backend": self.device.backend,
            "device": self.device.name,
            "device_class": self.device.class,
            "scores": self.scores,
            "mean_score": self.mean_score(),
            "mean_score_without_first_second": self.settled_score,
            "undefined_without_first_second": self.settled_undefined,
            "undefined": self.undefined,
            "constant_regions": self.constant_regions(),
            "notes": data_notes(&self.study.connectome),
            "interrupted": self.interrupted,
            "diverged": self.recorded.end.divergence,
            "steps": self.recorded.end.n_steps,
            "wall_s": self.wall_s,
            "replica_steps_per_s": self.rate(),
            "out": out.display().to_string(),
        })
    }

    pub(super) fn to_text(&self, out: &Path) -> String {
        let mut text = format!(
            "{}: {}, {} steps in {:.3} s on the {} ({}): {}steps/s\n",
            self.study.name,
            nodes(self.plan.n_nodes),
            self.recorded.end.n_steps,
            self.wall_s,
            self.device.backend,
            self.device.name,
            progress::metric(self.rate()),
        );
        if let (Some(scores), Some(mean)) = (&self.scores, self.mean_score()) {
            text += "\ncorrelation of simulated and measured functional connectivity\n";
            let numbers: Vec<String> = scores.iter().map(|score| format!("{score:.2}")).collect();
            text += &format!(
                "  per subject   {}\n  mean          {}\n",
                numbers.join("  "),
                defined(mean)
            );
            if let Some(settled) = self.settled_score {
                text += &format!(
                    "  mean without the first second   {}\n\
                     All regions leave their start together, and that alone correlates them: the difference of the two\n\
                     means is start-up, not dynamics. `--set protocol.transient=1000` leaves it out of fc and scores.\n",
                    defined(settled)
                );
            }
        }
        if let (Some(why), None) = (&self.undefined, &self.scores) {
            text += &format!("\n{why}\n");
        } else if let (Some(why), None) = (&self.settled_undefined, &self.undefined) {
            text += &format!("\nwithout the first second, {why}\n");
        }
        text + &format!("\nwritten to {}", out.display())
    }

    /// Whether it ended as planned.
    pub(super) fn verdict(&self, out: &Path) -> Result<()> {
        if let Some(Divergence {
            node,
            time_ms,
            simulation,
        }) = self.recorded.end.divergence
        {
            return Err(Error::Diverged {
                simulation,
                node,
                label: self.study.connectome.labels[node].clone(),
                time_ms,
                dt_ms: self.plan.dt_ms,
                kept: out.into(),
            });
        }
        if self.interrupted {
            return Err(Error::Interrupted);
        }
        Ok(())
    }
}

//! The figures of a simulation.

use ndarray::s;

use super::{DETAIL_MS, Simulated, has_fc};
use crate::error::Result;
use crate::figure;
use crate::measure::{Analysis, Distribution, FCD_BINS, Measure, mean};
use crate::plot::Figure;
use crate::run::counted;

impl Simulated<'_> {
    pub(super) fn figures(&self) -> Result<Vec<(&'static str, Figure)>> {
        let (study, plan) = (self.study, &self.plan);
        let title = format!(
            "{}: {}, {}, {} ms",
            study.name,
            plan.model.name,
            counted(plan.n_nodes, "node"),
            study.protocol.duration
        );
        let groups = study.groups();
        let regions = figure::Regions {
            labels: &study.connectome.labels,
            groups: &groups,
        };
        let mut figures = Vec::new();
        let is_network = !plan.edges.lag.is_empty();
        if is_network {
            let figure = figure::connectome(&study.connectome, regions, &study.name)?;
            figures.push(("connectome", figure));
            if has_fc(&self.measures) {
                let score = match self.scores().map(mean) {
                    Some(score) if score.is_nan() => ", score undefined".into(),
                    Some(score) => format!(", mean score {score:.3}"),
                    None => String::new(),
                };
                let title = format!("functional connectivity{score}\n{title}");
                let measured = study.connectome.functional.as_ref();
                let figure = figure::fc(self.measures.fc(), measured, regions, &title)?;
                figures.push(("fc", figure));
            }
            let maps = self.maps();
            if !maps.is_empty() {
                figures.push(("nodes", figure::node_maps(&maps, regions, &title)?));
            }
        }
        if let Some(k) = plan.measured()
            && self.recorded.observed[k].nrows() > 1
        {
            let (one, samples) = (&plan.monitors[k], &self.recorded.observed[k]);
            // A monitor's own start is far larger than what comes after.
            let first = match one.n_transient + 1 < samples.nrows() {
                true => one.n_transient,
                false => 0,
            };
            let times = first..samples.nrows();
            let times: Vec<f64> = times.map(|k| 1e-3 * one.sample_time_ms(k)).collect();
            let shown = one.shown();
            let title = format!("{} every {} ms\n{title}", one.name, one.tr_ms);
            let labels = &study.connectome.labels;
            let drawn = samples.slice(s![first.., ..]);
            let figure = figure::observed(drawn, &times, &shown, labels, &title)?;
            figures.push(("observed", figure));
        }
        self.figures_of_samples(&title, &mut figures)?;
        if let Some(&end) = self.t_ms.last()
            && !plan.recording.states.is_empty()
        {
            let traces = figure::Traces {
                t_ms: &self.t_ms,
                samples: self.recorded.samples.view(),
                model: plan.model,
                recorded: &plan.recording.states,
                labels: &study.connectome.labels,
            };
            figures.push(("time_series", traces.time_series(&title)?));
            if is_network && end > DETAIL_MS {
                let title = format!("{title}: the last {DETAIL_MS} ms");
                figures.push(("regions", traces.regions(DETAIL_MS, &title)?));
            }
        }
        if let Some(evoked) = self.evoked().first() {
            let shown = plan.model.observable(plan.recording.states[0]);
            let title = format!(
                "response to {}, mean of {} repetitions\n{title}",
                evoked.stimulus, evoked.n_repetitions
            );
            let labels = &study.connectome.labels;
            let [mean, error] = [evoked.mean.view(), evoked.error.view()];
            let figure = figure::evoked([mean, error], &evoked.t_ms, &shown, labels, &title)?;
            figures.push(("evoked", figure));
        }
        if let Some(figure) = self.ramp(&title)? {
            figures.push(("ramp", figure));
        }
        Ok(figures)
    }

    /// Draws what is made of samples.
    fn figures_of_samples(
        &self,
        title: &str,
        figures: &mut Vec<(&'static str, Figure)>,
    ) -> Result<()> {
        let (scope, measures) = (&self.scope, &self.measures);
        let made = |analysis| scope.has(analysis) && scope.is_long_enough(analysis);
        let along = |name: &str| -> Vec<f64> {
            let mut all = scope.coordinates().into_iter();
            let found = all.find(|one| one.name == name);
            found.map_or(Vec::new(), |one| one.values)
        };
        if made(Analysis::Fcd) {
            let starts: Vec<f64> = along("window").iter().map(|ms| 1e-3 * ms).collect();
            let of = |name: &str, of: &Distribution| figure::Histogram {
                name: name.into(),
                fractions: of.histogram([-1.0, 1.0], FCD_BINS),
            };
            let mut distributions = vec![of("simulated", measures.fcd_distribution())];
            let mut distance = String::new();
            if let Some(pooled) = scope.pooled_fcd() {
                let ks = measures.fcd_distribution().kolmogorov_smirnov(pooled);
                distributions.push(of("measured", pooled));
                distance = format!(", Kolmogorov-Smirnov distance {ks:.3}");
            }
            let title = format!("dynamics of functional connectivity{distance}\n{title}");
            let (fcd, centres) = (measures.fcd().view(), along("fcd_bin"));
            let figure = figure::fcd(fcd, &starts, &centres, &distributions, &title)?;
            figures.push(("fcd", figure));
        }
        if made(Analysis::Spectrum) {
            let measure = Measure::named("spectrum");
            let state = self.plan.measured_observable();
            let (unit, _) = measure.described(state.unit, state.name, state.meaning);
            let bands = scope.bands();
            let spectra = figure::Spectra {
                frequencies: &along("frequency"),
                density: measures.spectrum().view(),
                label: format!("power spectral density of {} ({unit})", state.name),
                bands: bands
                    .iter()
                    .map(|band| (&*band.name, band.edges_hz))
                    .collect(),
            };
            figures.push(("spectra", spectra.figure(title)?));
        }
        Ok(())
    }
}

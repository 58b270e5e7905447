//! The figures of a simulation.

use ndarray::s;

use super::{DETAIL_MS, Simulated, has_fc};
use crate::error::Result;
use crate::figure;
use crate::measure::{Analysis, Distribution, FCD_BINS, Measure, mean};
use crate::output::{Drawing, OneOf};
use crate::plot::Figure;
use crate::run::counted;

impl Simulated<'_> {
    pub(super) fn figures(&self) -> Vec<Drawing<'_>> {
        let is_network = !self.plan.edges.lag.is_empty();
        let observed = self.plan.measured();
        let is_observed = observed.is_some_and(|k| self.recorded.observed[k].nrows() > 1);
        let end = self.t_ms.last().copied();
        let end = end.filter(|_| !self.plan.recording.states.is_empty());
        let has_detail = is_network && end.is_some_and(|end| end > DETAIL_MS);
        let made = |analysis| self.scope.has(analysis) && self.scope.is_long_enough(analysis);
        let is_moving = !self.study.moving_rules().is_empty();
        let all: [OneOf<Self>; 10] = [
            ("connectome", is_network, Self::draw_connectome),
            ("fc", is_network && has_fc(&self.measures), Self::draw_fc),
            ("nodes", is_network, Self::draw_nodes),
            ("observed", is_observed, Self::draw_observed),
            ("fcd", made(Analysis::Fcd), Self::draw_fcd),
            ("spectra", made(Analysis::Spectrum), Self::draw_spectra),
            ("time_series", end.is_some(), Self::draw_time_series),
            ("regions", has_detail, Self::draw_regions),
            ("evoked", !self.study.stimuli.is_empty(), Self::draw_evoked),
            ("ramp", is_moving, Self::draw_ramp),
        ];
        Drawing::each(self, &all)
    }

    /// What was simulated, in words.
    pub(super) fn title(&self) -> String {
        let (study, plan) = (self.study, &self.plan);
        format!(
            "{}: {}, {}, {} ms",
            study.name,
            plan.model.name,
            counted(plan.n_nodes, "node"),
            study.protocol.duration
        )
    }

    fn regions<'a>(&'a self, groups: &'a [&'a str]) -> figure::Regions<'a> {
        let labels = &self.study.connectome.labels;
        figure::Regions { labels, groups }
    }

    fn draw_connectome(&self) -> Result<Option<Figure>> {
        let (study, groups) = (self.study, self.study.groups());
        figure::connectome(&study.connectome, self.regions(&groups), &study.name).map(Some)
    }

    fn draw_fc(&self) -> Result<Option<Figure>> {
        let score = match self.scores().map(mean) {
            Some(score) if score.is_nan() => ", score undefined".into(),
            Some(score) => format!(", mean score {score:.3}"),
            None => String::new(),
        };
        let title = format!("functional connectivity{score}\n{}", self.title());
        let measured = self.study.connectome.functional.as_ref();
        let groups = self.study.groups();
        figure::fc(self.measures.fc(), measured, self.regions(&groups), &title).map(Some)
    }

    fn draw_nodes(&self) -> Result<Option<Figure>> {
        let maps = self.maps();
        if maps.is_empty() {
            return Ok(None);
        }
        let groups = self.study.groups();
        figure::node_maps(&maps, self.regions(&groups), &self.title()).map(Some)
    }

    /// What the monitor shows that measures are of.
    fn draw_observed(&self) -> Result<Option<Figure>> {
        let Some(k) = self.plan.measured() else {
            return Ok(None);
        };
        let (one, samples) = (&self.plan.monitors[k], &self.recorded.observed[k]);
        // A monitor's own start is far larger than what comes after.
        let first = match one.n_transient + 1 < samples.nrows() {
            true => one.n_transient,
            false => 0,
        };
        let times = first..samples.nrows();
        let times: Vec<f64> = times.map(|k| 1e-3 * one.sample_time_ms(k)).collect();
        let title = format!("{} every {} ms\n{}", one.name, one.tr_ms, self.title());
        let labels = &self.study.connectome.labels;
        let drawn = samples.slice(s![first.., ..]);
        figure::observed(drawn, &times, &one.shown(), labels, &title).map(Some)
    }

    fn traces(&self) -> figure::Traces<'_> {
        figure::Traces {
            t_ms: &self.t_ms,
            samples: self.recorded.samples.view(),
            model: self.plan.model,
            recorded: &self.plan.recording.states,
            labels: &self.study.connectome.labels,
        }
    }

    fn draw_time_series(&self) -> Result<Option<Figure>> {
        self.traces().time_series(&self.title()).map(Some)
    }

    /// The end of the time series, region by region.
    fn draw_regions(&self) -> Result<Option<Figure>> {
        let title = format!("{}: the last {DETAIL_MS} ms", self.title());
        self.traces().regions(DETAIL_MS, &title).map(Some)
    }

    fn draw_evoked(&self) -> Result<Option<Figure>> {
        let all = self.evoked();
        let Some(evoked) = all.first() else {
            return Ok(None);
        };
        let shown = self.plan.model.observable(self.plan.recording.states[0]);
        let title = format!(
            "response to {}, mean of {} repetitions\n{}",
            evoked.stimulus,
            evoked.n_repetitions,
            self.title()
        );
        let labels = &self.study.connectome.labels;
        let [mean, error] = [evoked.mean.view(), evoked.error.view()];
        figure::evoked([mean, error], &evoked.t_ms, &shown, labels, &title).map(Some)
    }

    /// The coordinates of the measures called `name`.
    fn along(&self, name: &str) -> Vec<f64> {
        let mut all = self.scope.coordinates().into_iter();
        let found = all.find(|one| one.name == name);
        found.map_or(Vec::new(), |one| one.values)
    }

    fn draw_fcd(&self) -> Result<Option<Figure>> {
        let measures = &self.measures;
        let starts: Vec<f64> = self.along("window").iter().map(|ms| 1e-3 * ms).collect();
        let of = |name: &str, of: &Distribution| figure::Histogram {
            name: name.into(),
            fractions: of.histogram([-1.0, 1.0], FCD_BINS),
        };
        let mut distributions = vec![of("simulated", measures.fcd_distribution())];
        let mut distance = String::new();
        if let Some(pooled) = self.scope.pooled_fcd() {
            let ks = measures.fcd_distribution().kolmogorov_smirnov(pooled);
            distributions.push(of("measured", pooled));
            distance = format!(", Kolmogorov-Smirnov distance {ks:.3}");
        }
        let title = self.title();
        let title = format!("dynamics of functional connectivity{distance}\n{title}");
        let (fcd, centres) = (measures.fcd().view(), self.along("fcd_bin"));
        figure::fcd(fcd, &starts, &centres, &distributions, &title).map(Some)
    }

    fn draw_spectra(&self) -> Result<Option<Figure>> {
        let state = self.plan.measured_observable();
        let (unit, _) = Measure::named("spectrum").described(state.unit, state.name, state.meaning);
        let bands = self.scope.bands();
        let spectra = figure::Spectra {
            frequencies: &self.along("frequency"),
            density: self.measures.spectrum().view(),
            label: format!("power spectral density of {} ({unit})", state.name),
            bands: bands
                .iter()
                .map(|band| (&*band.name, band.edges_hz))
                .collect(),
        };
        spectra.figure(&self.title()).map(Some)
    }
}

//! What is measured of every run of a study, resolved into samples, with the measured data that runs are compared with.

use super::{
    Analyses, Analysis, BANDS, Band, Distribution, FCD_BINS, FEWEST_OF_FCD, Filter, Segments,
    Windows, fcd, fcd_entries, why_no_fcd,
};
use crate::connectome::Connectome;
use crate::error::{DataError, Error, Result};

/// The numbers along a dimension.
#[derive(Debug, Clone, PartialEq)]
pub struct Coordinate {
    /// The dimension.
    pub name: &'static str,
    /// Their unit.
    pub unit: &'static str,
    /// What they are.
    pub meaning: &'static str,
    /// The numbers, as many as the dimension is long.
    pub values: Vec<f64>,
}

/// What is measured of every run of a study. It decides which measures there are and how long they are.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// Nodes of the network.
    pub n_nodes: usize,
    /// Subjects with measured functional connectivity.
    pub n_subjects: usize,
    /// Samples of a run after its transient; 0 where no samples are looked at.
    pub n_samples: usize,
    /// Time between two of them, ms.
    pub step_ms: f64,
    /// What is made of samples.
    analyses: Analyses,
    /// The filter of the band, where signals are filtered.
    filter: Option<Filter>,
    /// FCD of each measured series, and of all of them together; empty where none is made or there are none.
    measured_fcd: Vec<Distribution>,
    pooled_fcd: Option<Distribution>,
    /// What is to be known of the measured series, a sentence each.
    pub notes: Vec<String>,
}

impl Scope {
    /// The scope of a study in which nothing is made of samples.
    pub fn new(n_nodes: usize, n_subjects: usize) -> Self {
        Self {
            n_nodes,
            n_subjects,
            ..Self::default()
        }
    }

    /// The scope of runs on `connectome` that leave `n_samples` samples, `step_ms` apart, after their transient.
    ///
    /// # Errors
    /// [`Error::Study`] for what a single node does not have, and if the samples of a run, or of a measured series, do not have two windows
    /// of FCD; [`Error::Data`] for a band that cannot be filtered, or too few samples for its filter.
    pub fn of(
        connectome: &Connectome,
        analyses: &Analyses,
        step_ms: f64,
        n_samples: usize,
    ) -> Result<Self> {
        let mut scope = Self {
            n_samples,
            step_ms,
            analyses: analyses.clone(),
            ..Self::new(connectome.n_nodes(), connectome.n_subjects())
        };
        let mut of_networks = analyses.make.iter().filter(|one| one.needs_network());
        if let Some(one) = of_networks.next().filter(|_| scope.n_nodes < 2) {
            let problem = format!(
                "measure.make has {:?}, and there is a single node",
                one.name()
            );
            return Err(Error::conflict(problem, "it compares nodes: leave it out"));
        }
        if scope.has(Analysis::Fcd) && scope.n_nodes < FEWEST_OF_FCD {
            let problem = "measure.make has \"fcd\", and of two nodes there is one pair: a window has no pattern to correlate";
            return Err(Error::conflict(problem, "leave it out"));
        }
        if analyses.uses_band() {
            // Also where nothing but peaks are looked for in it: an impossible band has none.
            let filter = analyses.band.filter(scope.rate_hz())?;
            let filters = analyses.make.iter().any(|one| one.filters());
            scope.filter = filters.then_some(filter);
        }
        if let Some(filter) = &scope.filter
            && n_samples < filter.fewest_samples()
        {
            let needed = filter.fewest_samples();
            return Err(DataError::ShortSeries { n_samples, needed }.into());
        }
        if scope.has(Analysis::Spectrum) {
            scope.check_bands()?;
        }
        if !scope.has(Analysis::Fcd) {
            return Ok(scope);
        }
        let enough = |who: &str, n_samples: usize, windows: &Windows| {
            let Windows { window, .. } = *windows;
            if window >= 2 && windows.of(n_samples).len() >= 2 {
                return Ok(());
            }
            let problem = format!(
                "measure.fcd_window = {} ms is {window} samples, and {who} has {n_samples}: FCD needs two windows of at least two samples",
                analyses.fcd_window
            );
            let hint = "shorten the window, or let it last longer";
            Err(Error::conflict(problem, hint))
        };
        enough("a run after its transient", n_samples, &scope.windows())?;
        let mut n_unknown = 0;
        for (k, series) in connectome.bold.iter().enumerate() {
            n_unknown += usize::from(series.step_s.is_none());
            let windows = analyses.windows(series.step_s.map_or(step_ms, |step| 1e3 * step));
            let who = format!("measured series {k}");
            enough(&who, series.samples.nrows(), &windows)?;
            let entries = fcd_entries(fcd(series.samples.view(), &windows).view());
            scope.measured_fcd.push(Distribution::new(entries));
            let why = why_no_fcd(series.samples.view(), &windows, &connectome.labels);
            scope.notes.extend(why.map(|why| {
                format!("no distance to the FCD of measured series {k}, nor to all together: {why}")
            }));
        }
        if n_unknown > 0 {
            scope.notes.push(format!(
                "{n_unknown} of {} measured series do not say the time between their samples: it is taken to be {step_ms} ms, as in a run",
                connectome.bold.len()
            ));
        }
        scope.pooled_fcd =
            (!connectome.bold.is_empty()).then(|| Distribution::pooled(&scope.measured_fcd));
        Ok(scope)
    }

    /// The same for a run that was stopped, of which there are fewer samples.
    pub fn cut(&self, n_samples: usize) -> Self {
        Self {
            n_samples: n_samples.min(self.n_samples),
            ..self.clone()
        }
    }

    /// Whether an analysis is made.
    pub fn has(&self, analysis: Analysis) -> bool {
        self.analyses.has(analysis)
    }

    /// Whether there are enough samples for an analysis.
    pub fn is_long_enough(&self, analysis: Analysis) -> bool {
        match analysis {
            Analysis::Fcd => self.windows().of(self.n_samples).len() >= 2,
            Analysis::BandFc | Analysis::EnvelopeFc | Analysis::Kuramoto => {
                let filter = self.filter.as_ref();
                filter.is_some_and(|filter| self.n_samples >= filter.fewest_samples())
            }
            Analysis::Spectrum
            | Analysis::PartialFc
            | Analysis::Autocorrelation
            | Analysis::Skewness => self.n_samples >= 2,
        }
    }

    /// Whether samples are needed, beyond their sums.
    pub fn needs_samples(&self) -> bool {
        !self.analyses.make.is_empty()
    }

    /// Samples in a second.
    pub fn rate_hz(&self) -> f64 {
        1e3 / self.step_ms
    }

    /// The filter of the band, where signals are filtered.
    pub fn filter(&self) -> Option<&Filter> {
        self.filter.as_ref()
    }

    /// The lower and upper edge of the band, Hz.
    pub fn band_hz(&self) -> [f64; 2] {
        [self.analyses.band.low_hz, self.analyses.band.high_hz]
    }

    /// The segments of a spectrum.
    pub fn segments(&self) -> Segments {
        Segments::of(self.analyses.segment, self.n_samples, self.rate_hz())
    }

    /// The windows of FCD, in samples of a run.
    pub fn windows(&self) -> Windows {
        self.analyses.windows(self.step_ms)
    }

    /// FCD of each measured series.
    pub fn measured_fcd(&self) -> &[Distribution] {
        &self.measured_fcd
    }

    /// FCD of all measured series together; `None` where there are none.
    pub fn pooled_fcd(&self) -> Option<&Distribution> {
        self.pooled_fcd.as_ref()
    }

    /// The numbers along the dimensions of what is made of samples.
    pub fn coordinates(&self) -> Vec<Coordinate> {
        let mut all = Vec::new();
        let mut add = |name, unit, meaning, values| {
            all.push(Coordinate {
                name,
                unit,
                meaning,
                values,
            });
        };
        if self.has(Analysis::Fcd) {
            let windows = self.windows().of(self.n_samples).into_iter();
            let starts: Vec<f64> = windows
                .map(|range| range.start as f64 * self.step_ms)
                .collect();
            let meaning = "start of the window, from the first sample after the transient";
            add("window", "ms", meaning, starts.clone());
            add("other_window", "ms", meaning, starts);
            let width = 2.0 / FCD_BINS as f64;
            let centres = (0..FCD_BINS).map(|k| (k as f64 + 0.5) * width - 1.0);
            let meaning = "FCD at the centre of the bin";
            add("fcd_bin", "1", meaning, centres.collect());
        }
        if self.has(Analysis::Spectrum) {
            let frequencies = self.segments().frequencies_hz();
            add("frequency", "Hz", "frequency", frequencies);
        }
        all
    }

    /// The bands of spectra: the study's own, else those of [`BANDS`] that the spectra resolve; none where no spectrum is made.
    pub fn bands(&self) -> Vec<Band> {
        if !self.has(Analysis::Spectrum) {
            return Vec::new();
        }
        let of_study = &self.analyses.bands[..];
        let all = if of_study.is_empty() {
            &BANDS
        } else {
            of_study
        };
        let segments = self.segments();
        let resolved = all.iter().filter(|band| segments.resolves(band));
        resolved.cloned().collect()
    }

    /// The names along the dimension `band`.
    pub fn band_names(&self) -> Vec<String> {
        let bands = self.bands().into_iter();
        bands.map(|band| band.name.into_owned()).collect()
    }

    /// # Errors
    /// [`Error::Study`] for a band of the study of which the spectra show nothing.
    fn check_bands(&self) -> Result<()> {
        let segments = self.segments();
        let mut own = self.analyses.bands.iter();
        let Some(band) = own.find(|band| !segments.resolves(band)) else {
            return Ok(());
        };
        let [low, high] = band.edges_hz;
        let (half, resolution) = (0.5 * self.rate_hz(), segments.resolution_hz());
        let problem = format!(
            "the band {} of measure.bands goes from {low} to {high} Hz, and spectra of these samples have a frequency every \
             {resolution:.4} Hz up to {half:.4} Hz",
            band.name
        );
        let hint = match high > half {
            true => "take another band, or sample more often (record.every, monitor.tr)",
            false => "widen the band, or raise measure.segment",
        };
        Err(Error::conflict(problem, hint))
    }

    /// The name of the dimension along which measured series stand: they are the subjects, where there are as many.
    pub fn series_dimension(&self) -> &'static str {
        match self.measured_fcd.len() == self.n_subjects {
            true => "subject",
            false => "series",
        }
    }
}

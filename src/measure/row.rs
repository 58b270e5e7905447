//! What a row of the table of measures says, and what follows from it for a simulation or a sweep.

use std::borrow::Cow;

use super::{Analysis, MEASURES, Measures, Scope};

/// Bins of the distribution of FCD, from -1 to 1.
pub const FCD_BINS: usize = 100;

/// One measure of a simulation's first recorded state.
#[derive(Debug)]
pub struct Measure {
    /// Its name: of its array, its column, its key.
    pub name: &'static str,
    /// What it is, in words; where its unit is the state's, of that state.
    pub long_name: &'static str,
    /// Its unit.
    pub unit: Unit,
    /// Its dimensions.
    pub shape: Shape,
    /// What a study must have for it to mean anything.
    pub needs: Needs,
    /// Its values in row-major order, as many as its dimensions say; borrowed where they lie there already.
    pub values: for<'a> fn(&'a Measures) -> Cow<'a, [f64]>,
}

/// The unit of a measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A pure number.
    One,
    /// The unit of the state it is taken of.
    State,
    /// Its square.
    Square,
    /// Its square per Hz.
    Density,
    /// Hz.
    Hz,
    /// ms.
    Ms,
}

/// The dimensions of a measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One number for each simulation, kept as f64.
    Whole,
    /// One number for each measured subject, kept as f64.
    Subjects,
    /// One number for each node; a sweep keeps it as f32.
    Nodes,
    /// One number for each pair of nodes; a sweep keeps it, as f32, where it is asked to.
    Pairs,
    /// One number for each measured series, kept as f64.
    Series,
    /// One number for each pair of windows of FCD; a sweep keeps it, as f32, where it is asked to.
    Windows,
    /// One number for each bin of the distribution of FCD; a sweep keeps it as f32.
    FcdBins,
    /// One number for each node and frequency; a sweep keeps it, as f32, where it is asked to.
    Spectra,
    /// One number for each frequency; a sweep keeps it as f32.
    Frequencies,
    /// One number for each node and band; a sweep keeps it as f32.
    Bands,
}

/// How a sweep keeps a measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// As f64: few numbers that are looked at one by one.
    Double,
    /// As f32.
    Single,
    /// As f32, and only where it is asked to.
    OnRequest,
}

impl Shape {
    /// How a sweep keeps a measure of these dimensions.
    pub fn kept(self) -> Kept {
        match self {
            Self::Whole | Self::Subjects | Self::Series => Kept::Double,
            Self::Nodes | Self::FcdBins | Self::Frequencies | Self::Bands => Kept::Single,
            Self::Pairs | Self::Windows | Self::Spectra => Kept::OnRequest,
        }
    }

    /// Whether each number stands for itself: one of a run, or one for each subject. Such numbers are printed and tabled.
    pub fn is_listed(self) -> bool {
        self.kept() == Kept::Double
    }

    /// Whether there is one number for each measured subject or series.
    pub fn is_of_measured(self) -> bool {
        matches!(self, Self::Subjects | Self::Series)
    }

    /// What it has one number of each of, in words; empty where it is a single one.
    pub fn of_each(self) -> &'static str {
        match self {
            Self::Whole => "",
            Self::Subjects => "subject",
            Self::Nodes => "node",
            Self::Pairs => "pair of nodes",
            Self::Series => "series",
            Self::Windows => "pair of windows",
            Self::FcdBins => "bin",
            Self::Spectra => "node, frequency",
            Self::Frequencies => "frequency",
            Self::Bands => "node, band",
        }
    }
}

/// What a measure needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing.
    Nothing,
    /// At least two nodes.
    Network,
    /// Measured functional connectivity.
    Functional,
    /// An analysis of samples that the study asks for.
    Analysis(Analysis),
    /// An analysis, and measured functional connectivity to compare with.
    AnalysisAndFunctional(Analysis),
    /// An analysis, and measured series to compare with.
    AnalysisAndSeries(Analysis),
}

impl Measure {
    /// The measure of this name.
    ///
    /// # Panics
    /// If there is none.
    pub fn named(name: &str) -> &'static Self {
        let mut all = MEASURES.iter();
        let found = all.find(|measure| measure.name == name);
        found.unwrap_or_else(|| panic!("no measure is called {name}"))
    }

    /// Its name where one simulation or one point is described: `score` stands there in the plural.
    pub fn name_in_simulation(&self) -> String {
        match self.name {
            "score" => "scores".into(),
            name => name.into(),
        }
    }

    /// Whether sums over samples give it, so that it is made of every run.
    pub fn is_of_sums(&self) -> bool {
        match self.needs {
            Needs::Nothing | Needs::Network | Needs::Functional => true,
            Needs::Analysis(_) | Needs::AnalysisAndFunctional(_) | Needs::AnalysisAndSeries(_) => {
                false
            }
        }
    }

    /// Whether runs with this scope have it.
    pub fn applies(&self, scope: &Scope) -> bool {
        let is_made = |analysis| scope.has(analysis) && scope.is_long_enough(analysis);
        match self.needs {
            Needs::Nothing => true,
            Needs::Network => scope.n_nodes > 1,
            Needs::Functional => scope.n_subjects > 0,
            Needs::Analysis(analysis) => is_made(analysis),
            Needs::AnalysisAndFunctional(analysis) => is_made(analysis) && scope.n_subjects > 0,
            Needs::AnalysisAndSeries(analysis) => {
                is_made(analysis) && !scope.measured_fcd().is_empty()
            }
        }
    }

    /// Names and lengths of its dimensions.
    pub fn dimensions(&self, scope: &Scope) -> Vec<(String, usize)> {
        let named = |all: &[(&str, usize)]| {
            let each = all.iter();
            each.map(|&(name, n)| (name.to_string(), n)).collect()
        };
        let n_frequencies = || scope.segments().n_frequencies();
        let n_windows = || scope.windows().of(scope.n_samples).len();
        match self.shape {
            Shape::Whole => Vec::new(),
            Shape::Subjects => named(&[("subject", scope.n_subjects)]),
            Shape::Nodes => named(&[("node", scope.n_nodes)]),
            Shape::Pairs => named(&[("node", scope.n_nodes), ("other_node", scope.n_nodes)]),
            Shape::Series => named(&[(scope.series_dimension(), scope.measured_fcd().len())]),
            Shape::Windows => named(&[("window", n_windows()), ("other_window", n_windows())]),
            Shape::FcdBins => named(&[("fcd_bin", FCD_BINS)]),
            Shape::Spectra => named(&[("node", scope.n_nodes), ("frequency", n_frequencies())]),
            Shape::Frequencies => named(&[("frequency", n_frequencies())]),
            Shape::Bands => named(&[("node", scope.n_nodes), ("band", scope.bands().len())]),
        }
    }

    /// Its unit and long name, of a state with this unit, name and meaning.
    pub fn described(&self, unit: &str, name: &str, meaning: &str) -> (String, String) {
        let of_state = || format!("{} of {name}, {meaning}", self.long_name);
        let power = |rest: &str| match unit {
            "1" => format!("1{rest}"),
            unit => format!("({unit})^2{rest}"),
        };
        match self.unit {
            Unit::One => ("1".into(), self.long_name.into()),
            Unit::State => (unit.into(), of_state()),
            Unit::Square => (power(""), of_state()),
            Unit::Density => (power("/Hz"), of_state()),
            Unit::Hz => ("Hz".into(), of_state()),
            Unit::Ms => ("ms".into(), of_state()),
        }
    }
}

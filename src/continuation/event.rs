//! What continuation finds on a branch, in plain data: events and cycles.
//!
//! A cycle lists the events before it, and an event of cycles holds its cycle, so both types stand
//! here.

use std::fmt;

use num_complex::Complex64;

use crate::error::{ContinuationError, Error};

/// The kinds of events. Their names in files are those of [`fmt::Display`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum EventKind {
    /// Two equilibria meet (saddle-node, limit point).
    Fold,
    /// A pair of eigenvalues crosses the imaginary axis: cycles are born.
    Hopf,
    /// A Hopf point with a first Lyapunov coefficient of 0, as at a centre, where cycles of all
    /// sizes lie at one parameter value. It does not say on which side cycles are born, if at all.
    DegenerateHopf,
    /// Two branches cross: of equilibria, or (if the event has a period) of cycles.
    BranchPoint,
    /// Two real eigenvalues of opposite sign and equal size: not a bifurcation, but a Hopf curve
    /// may pass here.
    NeutralSaddle,
    /// Two real eigenvalues become a pair: approach without or with oscillation. Not a bifurcation.
    NodeFocus,
    /// Two cycles meet.
    CycleFold,
    /// A multiplier passes -1: a cycle of twice the period is born.
    PeriodDoubling,
    /// A pair of multipliers leaves the unit circle: an invariant torus is born.
    Torus,
    /// A cycle ends in the connection of a saddle with itself, at infinite period.
    Homoclinic,
    /// The connection with itself of a saddle whose eigenvalues are of equal size: the cycles beside
    /// it change their stability, and a curve of folds of cycles ends there.
    NeutralHomoclinic,
    /// A cycle ends in a saddle-node on it, at infinite period.
    Snic,
    /// Two folds meet.
    Cusp,
    /// A Hopf curve ends on a fold curve: a double zero eigenvalue.
    BogdanovTakens,
    /// The first Lyapunov coefficient vanishes (Bautin point).
    GeneralizedHopf,
    /// A zero eigenvalue and a pair on the imaginary axis.
    ZeroHopf,
    /// Two pairs on the imaginary axis.
    HopfHopf,
    /// The connection of a saddle with itself becomes one of a saddle-node: a curve of homoclinic
    /// connections ends on one of folds, which lie on cycles from there on.
    SaddleNodeLoop,
    /// A torus whose pair of multipliers becomes 1 twice: the curve of tori ends on one of folds of
    /// cycles (strong resonance 1:1).
    Resonance1,
    /// A torus whose pair of multipliers becomes -1 twice: the curve of tori ends on one of period
    /// doublings (1:2).
    Resonance2,
    /// A torus with the multipliers exp(+-2 pi i/3) (1:3).
    Resonance3,
    /// A torus with the multipliers i and -i (1:4).
    Resonance4,
}

impl EventKind {
    /// The name in tables and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fold => "fold",
            Self::Hopf => "hopf",
            Self::DegenerateHopf => "degenerate-hopf",
            Self::BranchPoint => "branch-point",
            Self::NeutralSaddle => "neutral-saddle",
            Self::NodeFocus => "node-focus",
            Self::CycleFold => "cycle-fold",
            Self::PeriodDoubling => "period-doubling",
            Self::Torus => "torus",
            Self::Homoclinic => "homoclinic",
            Self::NeutralHomoclinic => "neutral-homoclinic",
            Self::Snic => "snic",
            Self::Cusp => "cusp",
            Self::BogdanovTakens => "bogdanov-takens",
            Self::GeneralizedHopf => "generalized-hopf",
            Self::ZeroHopf => "zero-hopf",
            Self::HopfHopf => "hopf-hopf",
            Self::SaddleNodeLoop => "saddle-node-loop",
            Self::Resonance1 => "resonance-1-1",
            Self::Resonance2 => "resonance-1-2",
            Self::Resonance3 => "resonance-1-3",
            Self::Resonance4 => "resonance-1-4",
        }
    }
}

impl EventKind {
    /// All of them.
    pub const ALL: [Self; 22] = [
        Self::Fold,
        Self::Hopf,
        Self::DegenerateHopf,
        Self::BranchPoint,
        Self::NeutralSaddle,
        Self::NodeFocus,
        Self::CycleFold,
        Self::PeriodDoubling,
        Self::Torus,
        Self::Homoclinic,
        Self::NeutralHomoclinic,
        Self::Snic,
        Self::Cusp,
        Self::BogdanovTakens,
        Self::GeneralizedHopf,
        Self::ZeroHopf,
        Self::HopfHopf,
        Self::SaddleNodeLoop,
        Self::Resonance1,
        Self::Resonance2,
        Self::Resonance3,
        Self::Resonance4,
    ];

    /// What [`Event::coefficient`] is; `None` for kinds that have none.
    pub fn coefficient(self) -> Option<&'static str> {
        Some(match self {
            Self::Fold => {
                "a of dw/dt = a w^2 on the centre manifold, for a null vector of length 1"
            }
            Self::Hopf | Self::DegenerateHopf => {
                "first Lyapunov coefficient, Re(c1) / omega, for an eigenvector of length 1"
            }
            Self::BranchPoint => {
                "c of dw/dt = c w^3 at a pitchfork, else a of dw/dt = a w^2, on the centre manifold"
            }
            Self::Homoclinic => {
                "saddle quantity: the sum of the two eigenvalues nearest the axis, 1/ms"
            }
            Self::NeutralHomoclinic => "the unstable eigenvalue of the saddle, 1/ms",
            Self::Snic => {
                "limit of period sqrt(distance of the parameter): pi / sqrt(|a b|), for \
                 dw/dt = a w^2 + b (parameter - its value at the fold)"
            }
            Self::Cusp => "c of dw/dt = c w^3 on the centre manifold",
            Self::BogdanovTakens => "a b of dv/dt = w, dw/dt = a v^2 + b v w",
            Self::GeneralizedHopf => "second Lyapunov coefficient",
            Self::ZeroHopf => "g200 g011 of the normal form",
            Self::HopfHopf => "p11 p22 of the normal form",
            Self::NeutralSaddle
            | Self::NodeFocus
            | Self::CycleFold
            | Self::PeriodDoubling
            | Self::Torus
            | Self::SaddleNodeLoop
            | Self::Resonance1
            | Self::Resonance2
            | Self::Resonance3
            | Self::Resonance4 => return None,
        })
    }

    /// Whether a pair of eigenvalues crosses the imaginary axis there.
    pub fn is_hopf(self) -> bool {
        matches!(self, Self::Hopf | Self::DegenerateHopf)
    }

    /// A Hopf point with this first Lyapunov coefficient.
    pub(super) fn hopf(l1: f64) -> Self {
        match l1 == 0.0 {
            true => Self::DegenerateHopf,
            false => Self::Hopf,
        }
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The side of a bifurcation on which new solutions exist, and their stability.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Criticality {
    /// The coefficient is negative: the new solution is stable if the old one was stable before it
    /// lost its stability.
    Supercritical,
    /// The coefficient is positive: the new solution is unstable.
    Subcritical,
}

impl Criticality {
    /// Takes the sign of a first Lyapunov coefficient, or of the cubic coefficient of a pitchfork;
    /// `None` for a coefficient of 0.
    pub fn of(coefficient: f64) -> Option<Self> {
        if coefficient < 0.0 {
            Some(Self::Supercritical)
        } else if coefficient > 0.0 {
            Some(Self::Subcritical)
        } else {
            None
        }
    }
}

impl fmt::Display for Criticality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Supercritical => "supercritical",
            Self::Subcritical => "subcritical",
        })
    }
}

/// The error for cycles asked for at a degenerate Hopf point.
pub(super) fn degenerate(parameter: &str, value: f64) -> Error {
    let parameter = parameter.into();
    ContinuationError::Degenerate { parameter, value }.into()
}

/// An event, located.
#[derive(Debug, Clone)]
pub struct Event {
    /// What happens.
    pub kind: EventKind,
    /// Where: the one parameter of a branch, or the two of a curve.
    pub parameters: Vec<f64>,
    /// The equilibrium; of a cycle its state at time 0.
    pub state: Vec<f64>,
    /// Angular frequency, rad/ms, of a Hopf point.
    pub omega: Option<f64>,
    /// Period, ms, of a cycle, or of the cycles born at a Hopf point.
    pub period: Option<f64>,
    /// The leading normal-form coefficient; [`EventKind::coefficient`] says which.
    pub coefficient: Option<f64>,
    /// All coefficients computed, by name.
    pub coefficients: Vec<(&'static str, f64)>,
    /// The criticality, if the kind has one.
    pub criticality: Option<Criticality>,
    /// Unstable eigenvalues or multipliers before, in the order of the branch.
    pub n_unstable_before: usize,
    /// The same number after the event.
    pub n_unstable_after: usize,
    /// The largest residual of the equations that locate it.
    pub residual: f64,
    /// Eigenvalues there, rightmost first; of a cycle its multipliers.
    pub eigenvalues: Vec<Complex64>,
    /// Direction of the branch there: unknowns and then the parameter; of a cycle its profile,
    /// period and parameter.
    pub tangent: Vec<f64>,
    /// The cycle itself, of an event of cycles at a finite period.
    pub cycle: Option<Box<Cycle>>,
}

impl Event {
    /// An event of which only the kind and the point are known.
    pub(super) fn new(kind: EventKind, parameters: &[f64], state: &[f64]) -> Self {
        Self {
            kind,
            parameters: parameters.to_vec(),
            state: state.to_vec(),
            omega: None,
            period: None,
            coefficient: None,
            coefficients: Vec::new(),
            criticality: None,
            n_unstable_before: 0,
            n_unstable_after: 0,
            residual: f64::NAN,
            eigenvalues: Vec::new(),
            tangent: Vec::new(),
            cycle: None,
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)?;
        if let Some(criticality) = self.criticality {
            write!(f, " ({criticality})")?;
        }
        let parameters: Vec<String> = self.parameters.iter().map(|p| format!("{p:.9}")).collect();
        write!(f, " at {}", parameters.join(", "))?;
        if let Some(coefficient) = self.coefficient {
            write!(f, ", coefficient {coefficient:.6}")?;
        }
        Ok(())
    }
}

/// A limit cycle.
#[derive(Debug, Clone)]
pub struct Cycle {
    /// The varying parameter.
    pub parameter: f64,
    /// ms
    pub period: f64,
    /// Smallest value of each state: of the polynomial, not only of its points.
    pub minima: Vec<f64>,
    /// Largest value of each state.
    pub maxima: Vec<f64>,
    /// Floquet multipliers without the trivial one, largest modulus first. In the plane there is
    /// one: exp of the integral of the divergence over a period, at most the largest finite number.
    pub multipliers: Vec<Complex64>,
    /// The distance of the trivial multiplier from 1.
    pub trivial_error: f64,
    /// By how much the flow misses the next point of the profile, from any of its points, as a share
    /// of the amplitude; `None` of cycles that are not on a mesh, as those of networks with delays.
    pub mesh_error: Option<f64>,
    /// The number of multipliers outside the unit circle.
    pub n_unstable: usize,
    /// Times of the profile's points as fractions of the period, from 0 to 1.
    pub times: Vec<f64>,
    /// States at these times, `[n_points][n_states]`.
    pub profile: Vec<Vec<f64>>,
    /// Events between the previous cycle and this one, in order.
    pub events: Vec<Event>,
    /// Largest residual of the collocation equations before the last correction.
    pub residual: f64,
    /// Newton iterations it took.
    pub newton_iterations: usize,
}

impl Cycle {
    /// Whether nearby orbits approach it.
    pub fn is_stable(&self) -> bool {
        self.n_unstable == 0
    }

    /// Whether two cycles at one parameter value are the same but for their phase, to 1e-5.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        let sizes = |cycle: &Self| -> Vec<f64> {
            let extrema = cycle.minima.iter().chain(&cycle.maxima).copied();
            extrema.chain([cycle.period]).collect()
        };
        let pairs = sizes(self).into_iter().zip(sizes(other));
        pairs
            .into_iter()
            .all(|(a, b)| (a - b).abs() < 1e-5 * (1.0 + b.abs()))
    }
}

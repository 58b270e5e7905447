//! Events on a branch of equilibria of a network.

use std::f64::consts::TAU;

use crate::continuation::delay::hopf::HopfForm;
use crate::continuation::delay::root::Root;
use crate::continuation::event::{Criticality, Event, EventKind};
use crate::continuation::network::equilibrium::NetworkEquilibrium;

/// What happens at an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetworkEventKind {
    /// A complex pair crosses the imaginary axis.
    Hopf,
    /// A real root crosses 0 where the branch turns.
    Fold,
    /// A real root crosses 0 and the branch does not turn: another one crosses.
    BranchPoint,
}

impl NetworkEventKind {
    /// The word of event tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hopf => "hopf",
            Self::Fold => "fold",
            Self::BranchPoint => "branch-point",
        }
    }
}

/// A root on the imaginary axis.
#[derive(Debug, Clone)]
pub struct NetworkEvent {
    /// What happens.
    pub kind: NetworkEventKind,
    /// Where.
    pub equilibrium: NetworkEquilibrium,
    /// The root that crosses, and its mode.
    pub root: Root,
    /// How many roots cross there at once, or pairs of them: 1 unless nodes are equal and not
    /// coupled, or so symmetric that modes coincide.
    pub multiplicity: usize,
    /// Roots with a positive real part before, in the direction of the branch.
    pub n_unstable_before: usize,
    /// Roots with a positive real part after.
    pub n_unstable_after: usize,
    /// The normal form, at Hopf points where one pair crosses.
    pub form: Option<HopfForm>,
}

/// Converts to the event of a single node's branch; the crossing root becomes its eigenvalue.
impl From<&NetworkEvent> for Event {
    fn from(event: &NetworkEvent) -> Self {
        let equilibrium = &event.equilibrium;
        let omega = Some(event.root.lambda.im).filter(|omega| *omega != 0.0);
        let kind = match (event.kind, event.form) {
            (NetworkEventKind::Hopf, Some(form)) => EventKind::hopf(form.l1),
            (NetworkEventKind::Hopf, None) => EventKind::Hopf,
            (NetworkEventKind::Fold, _) => EventKind::Fold,
            (NetworkEventKind::BranchPoint, _) => EventKind::BranchPoint,
        };
        let mut coefficients = event.form.map_or(Vec::new(), |form| {
            let mut coefficients = vec![("l1", form.l1), ("growth_rate_slope", form.crossing.re)];
            if form.l1 != 0.0 {
                coefficients.push(("squared_amplitude_slope", form.amplitude2_slope));
            }
            coefficients
        });
        if event.multiplicity > 1 {
            coefficients.push(("multiplicity", event.multiplicity as f64));
        }
        Self {
            omega,
            period: omega.map(|omega| TAU / omega),
            coefficient: event.form.map(|form| form.l1),
            coefficients,
            criticality: event.form.and_then(|form| Criticality::of(form.l1)),
            n_unstable_before: event.n_unstable_before,
            n_unstable_after: event.n_unstable_after,
            residual: equilibrium.residual,
            eigenvalues: vec![event.root.lambda],
            tangent: [&equilibrium.du[..], &[equilibrium.dp]].concat(),
            ..Self::new(kind, &[equilibrium.p], &equilibrium.u)
        }
    }
}

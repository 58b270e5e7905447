//! The defaults of every key that a study may leave out.

use std::sync::Arc;

use ndarray::Array2;

use super::{
    Coupling, Initial, Noise, NoiseKind, NoiseScheme, Protocol, Record, Start, Study, Term, Values,
};
use crate::connectome::{Connectome, Delays};
use crate::coupling::{self, DelayReads, DelayRounding};
use crate::integrator::{CouplingAt, Integrator};
use crate::measure::Analyses;
use crate::model::Model;

/// Conduction speed where none is given and the connectome has tract lengths, mm/ms.
pub const CONDUCTION_SPEED_MM_PER_MS: f64 = 20.0;
/// Correlation time of Ornstein-Uhlenbeck noise where none is given, ms.
pub const NOISE_TAU_MS: f64 = 5.0;
/// Duration where none is given, ms.
pub const DURATION_MS: f64 = 6000.0;
/// Step where none is given, ms.
pub const DT_MS: f64 = 0.1;

impl Study {
    /// A study of `model` on `connectome` with every other key at its default.
    ///
    /// The model's own parameters; exponential Euler, with what is received at a step's start; the
    /// model's coupling, else the diffusive one, with `g` 1 (none, if no weight differs from zero) at
    /// 20 mm/ms (infinite, if the connectome has no distances), delays rounded to nearest, read as
    /// `x[n-d]`; no input; no noise; the states where the model starts; 6000 ms in steps of 0.1 ms with
    /// seed 0, no transient; the first state recorded at every step.
    pub fn new(model: &'static Model, connectome: Arc<Connectome>) -> Self {
        let zeros = |n: usize| vec![Values::Uniform(0.0); n];
        let n_targets = model.noise_targets().len();
        let is_zero = |weights: &Array2<f64>| weights.iter().all(|weight| *weight == 0.0);
        let mut matrices = connectome.matrices.iter();
        let uncoupled = is_zero(&connectome.weights) && matrices.all(|(_, matrix)| is_zero(matrix));
        let no_distances = matches!(connectome.delays, Delays::None);
        Self {
            name: "study".into(),
            model,
            integrator: Integrator::ExponentialEuler,
            parameters: model.parameters.iter().map(|p| p.default.into()).collect(),
            coupling: Coupling {
                terms: if uncoupled {
                    Vec::new()
                } else {
                    vec![Term::new(model, Self::form(model))]
                },
                conduction_speed: if no_distances {
                    f64::INFINITY
                } else {
                    CONDUCTION_SPEED_MM_PER_MS
                },
                delay_rounding: DelayRounding::Nearest,
                delay_reads: DelayReads::Now,
            },
            connectome,
            subjects: Vec::new(),
            input: zeros(model.inputs.len()),
            noise: Noise {
                kind: NoiseKind::None,
                scheme: NoiseScheme::Euler,
                tau: NOISE_TAU_MS,
                mean: zeros(n_targets),
                sigma: zeros(n_targets),
                replay: None,
            },
            initial: Initial {
                state: model
                    .states
                    .iter()
                    .map(|state| Start::Given(state.start.into()))
                    .collect(),
                history: Vec::new(),
                feedback: zeros(model.feedback.len()),
            },
            protocol: Protocol {
                duration: DURATION_MS,
                dt: DT_MS,
                seed: 0,
                simulation: 0,
                transient: 0.0,
                coupling_at: CouplingAt::Start,
            },
            record: Record {
                states: vec![0],
                every: DT_MS,
            },
            rules: Vec::new(),
            monitors: Vec::new(),
            hold: None,
            stimuli: Vec::new(),
            measure: Analyses::default(),
            files: Vec::new(),
            notes: Vec::new(),
        }
    }
}

impl Study {
    /// The form of coupling where none is named.
    pub fn form(model: &Model) -> &'static coupling::Form {
        let name = model.coupling.unwrap_or("diffusive");
        coupling::find(name).unwrap_or_else(|_| {
            coupling::find("diffusive").expect("a coupling that comes with the program")
        })
    }
}

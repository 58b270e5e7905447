//! What a user asks of a fit, as written in flags or in a study's `[fit]` table.

use crate::sweep::SetKeys;
use crate::sweep::Vary;
use crate::word::words;

/// A fit as asked for. What is left out has the default that its flag names.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Description {
    /// The numbers to find, each with its range.
    pub free: Vec<Vary>,
    /// What is to be large, an expression each; left out: `fc`. Of several a front is searched.
    pub objectives: Vec<String>,
    /// How to search.
    pub method: Option<Method>,
    /// Where the first candidates lie.
    pub start: Option<Start>,
    /// Simulations, at most, those of the finalists among them.
    pub runs: Option<u32>,
    /// Simulations of every candidate, each with a seed of its own.
    pub replicas: Option<u32>,
    /// Candidates of a generation.
    pub population: Option<u32>,
    /// Which of its own random numbers the search takes.
    pub search: Option<u64>,
    /// Candidates that are run again on unseen seeds.
    pub finalists: Option<u32>,
    /// How many seeds those are.
    pub held_out: Option<u32>,
    /// Time between the samples that the measures are taken of, ms.
    pub sampling_ms: Option<f64>,
    /// Whether each measured subject is fitted for itself.
    pub each_subject: bool,
    /// Measured subjects that are kept out of the objective, by number.
    pub validate: Vec<usize>,
    /// What of it `--set` says.
    pub set: SetKeys,
}

/// How a fit searches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Method {
    /// Points that fill the ranges, then the evolution strategy from the best of them; after it has converged, again with twice the
    /// candidates.
    Cma,
    /// The same, with runs of few candidates between those of many.
    Bipop,
    /// As [`Method::Cma`], with one candidate of each generation where a quadratic model of the objective is largest.
    #[default]
    Guided,
    /// Points that fill the ranges, and nothing else.
    Sobol,
    /// For several objectives: a population that approaches the front on which none can be raised without lowering another.
    Nsga2,
}

/// Where the candidates lie with which a search begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Start {
    /// All over the ranges, evenly.
    #[default]
    Sobol,
    /// Half of them there, half on the curves of first Hopf points over two of the numbers.
    Hopf,
}

words!(Start { Sobol = "sobol", Hopf = "hopf" });

words!(Method { Cma = "cma", Bipop = "bipop", Guided = "guided", Sobol = "sobol", Nsga2 = "nsga2" });

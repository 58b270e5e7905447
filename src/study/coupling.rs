//! How the nodes of a study receive from each other.

use super::key::COUPLING_NUMBER;
use super::{Study, Values};
use crate::coupling::{DelayReads, DelayRounding, Form};
use crate::error::{Error, Result};
use crate::model::{Model, Signal};

/// The coupling of a network: which forms, how strong, how late.
#[derive(Debug, Clone, PartialEq)]
pub struct Coupling {
    /// What enters the nodes' inputs; all of it adds up. Empty: no coupling.
    pub terms: Vec<Term>,
    /// Conduction speed, mm/ms; infinite: no delay line, a node receives from its neighbours as they are now.
    pub conduction_speed: f64,
    /// How a delay becomes a whole number of steps.
    pub delay_rounding: DelayRounding,
    /// Which past sample a delay of d steps reads.
    pub delay_reads: DelayReads,
}

/// One coupling of a network.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// What studies call it where there are several: its form's name, or another.
    pub name: String,
    /// Its form.
    pub form: &'static Form,
    /// One entry per parameter of the form, in the order of its table.
    pub parameters: Vec<Values>,
    /// What is transmitted, and which input receives it.
    pub pairs: Vec<Pair>,
    /// Which of the connectome's other matrices it goes by, by its place; `None`: the weights.
    pub weights: Option<usize>,
}

/// A signal, and the input that receives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pair {
    /// What a node transmits.
    pub source: Signal,
    /// The index of the input that receives it.
    pub target: usize,
    /// The index of the input that receives it through squared weights, if one does.
    pub squares: Option<usize>,
}

impl Term {
    /// The model's own signals through `form`, with the form's defaults.
    pub fn new(model: &Model, form: &'static Form) -> Self {
        let pair = |(k, (&source, &target)): (usize, (&Signal, &usize))| Pair {
            source,
            target,
            squares: model.receives_squares.get(k).copied(),
        };
        let pairs = model.transmits.iter().zip(&model.receives).enumerate();
        Self {
            name: form.name.into(),
            form,
            parameters: form.parameters.iter().map(|p| p.default.into()).collect(),
            pairs: pairs.map(pair).collect(),
            weights: None,
        }
    }
}

impl Coupling {
    /// Whether nodes receive from each other.
    pub fn is_some(&self) -> bool {
        !self.terms.is_empty()
    }

    /// The term that studies call `name`.
    pub fn term(&self, name: &str) -> Option<usize> {
        self.terms.iter().position(|term| term.name == name)
    }

    /// What studies call a parameter of term `t`, below the section: `g`, or `NAME.g` where there are several terms.
    pub(super) fn name_of(&self, t: usize, parameter: &str) -> String {
        match self.terms.len() {
            1 => parameter.into(),
            _ => format!("{}.{parameter}", self.terms[t].name),
        }
    }

    /// The whole keys of all parameters of the terms.
    pub fn number_names(&self) -> Vec<String> {
        let terms = self.terms.iter().enumerate();
        let of_term = |(t, term): (usize, &Term)| -> Vec<String> {
            let names = term.form.parameters.iter().map(|p| p.name);
            names.map(|name| self.path_of(t, name)).collect()
        };
        terms.flat_map(of_term).collect()
    }

    /// The whole key of a parameter of term `t`.
    pub fn path_of(&self, t: usize, parameter: &str) -> String {
        COUPLING_NUMBER.named(&self.name_of(t, parameter))
    }
}

impl Study {
    /// Couples the nodes by one form with its defaults and the model's own signals, in place of what there was.
    pub fn couple(&mut self, form: &'static Form) {
        self.coupling.terms = vec![Term::new(self.model, form)];
    }

    /// Sets the global coupling `g` of all terms.
    pub fn set_g(&mut self, g: f64) {
        for term in &mut self.coupling.terms {
            if let Ok(index) = term.form.parameter("g") {
                term.parameters[index] = g.into();
            }
        }
    }

    /// The signals whose past matters: what is transmitted, then what is fed back, each once; what the model would transmit where there
    /// is neither.
    pub fn signals(&self) -> Vec<Signal> {
        let pairs = self.coupling.terms.iter().flat_map(|term| &term.pairs);
        let sent = pairs.map(|pair| pair.source);
        let fed_back = self.model.feedback.iter().map(|feedback| feedback.signal);
        let mut signals = Vec::new();
        for signal in sent.chain(fed_back) {
            if !signals.contains(&signal) {
                signals.push(signal);
            }
        }
        if signals.is_empty() {
            signals.push(self.model.signal());
        }
        signals
    }

    /// The signal and inputs of a pair, by their names.
    ///
    /// # Errors
    /// [`Error::Unknown`] naming what there is.
    pub fn pair(model: &Model, source: &str, target: &str) -> Result<Pair> {
        let source = model.signal_index(source)?;
        let target = model.input_index(target).ok_or_else(|| {
            let known = model.inputs.iter().map(|input| input.name);
            Error::unknown(&format!("input of {}", model.name), target, known)
        })?;
        let own = model.transmits.iter().zip(&model.receives);
        let own = own
            .enumerate()
            .find(|(_, pair)| *pair == (&source, &target));
        Ok(Pair {
            source,
            target,
            squares: own.and_then(|(k, _)| model.receives_squares.get(k).copied()),
        })
    }
}

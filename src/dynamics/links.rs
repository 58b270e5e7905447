//! What nodes send each other, and what each receives of it: all that decides the program of a step, none of its numbers.

use std::ops::Range;

use crate::coupling::Form;
use crate::model::{Model, Signal};
use crate::study::{Pair, Term};

/// One coupling: a form, and which signals go through it into which inputs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Link {
    /// Its form.
    pub form: &'static Form,
    /// What is transmitted into what.
    pub pairs: Vec<Pair>,
    /// Which of the connectome's other matrices is summed with, by its place; `None`: the weights.
    pub weights: Option<usize>,
}

impl Link {
    /// Whether it needs squared weights.
    pub fn uses_squares(&self) -> bool {
        let mut pairs = self.pairs.iter();
        pairs.any(|pair| self.form.uses_squares(pair.squares.is_some()))
    }
}

/// Something of a node whose past is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Line {
    /// What the node transmits.
    pub signal: Signal,
    /// What a coupling makes of it before it is sent: term, and which of [`Form::sent`]. `None`: nothing.
    pub sent: Option<(usize, usize)>,
}

impl Line {
    /// The state that it holds as it is, if it does.
    pub fn state(&self) -> Option<usize> {
        match (self.signal, self.sent) {
            (Signal::State(s), None) => Some(s),
            _ => None,
        }
    }
}

/// A sum over incoming connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Channel {
    /// What is summed.
    pub line: usize,
    /// With which of [`Links::matrices`].
    pub matrix: usize,
}

/// What connections are summed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Matrix {
    /// One of the connectome's other matrices, by its place; `None`: the weights.
    pub named: Option<usize>,
    /// Whether its entries are squared.
    pub squared: bool,
}

/// The couplings of a network, and the lines and channels that they need.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Links {
    /// The couplings.
    pub terms: Vec<Link>,
    /// What is kept of every node's past.
    pub lines: Vec<Line>,
    /// The sums that every node forms.
    pub channels: Vec<Channel>,
    /// What they are summed with, each once.
    pub matrices: Vec<Matrix>,
    /// Which line each of the model's feedbacks reads.
    pub feedback: Vec<usize>,
    /// Of each pair of each term: the channel of every sum of the form; `None` for one that the pair does not need.
    sums: Vec<Vec<Vec<Option<usize>>>>,
}

impl Links {
    /// Those of a model with these couplings.
    pub fn new(model: &Model, terms: Vec<Link>) -> Self {
        let mut links = Self {
            terms: Vec::new(),
            lines: Vec::new(),
            channels: Vec::new(),
            matrices: Vec::new(),
            feedback: Vec::new(),
            sums: Vec::new(),
        };
        for (t, term) in terms.iter().enumerate() {
            // What the node itself transmits may be taken times the sums of the weights.
            let squares = term.uses_squares().then_some(true);
            for squared in [Some(false), squares].into_iter().flatten() {
                links.matrix(term.weights, squared);
            }
            let of_pair = |pair: &Pair| links.channels_of(t, term, *pair);
            let sums = term.pairs.iter().map(of_pair).collect();
            links.sums.push(sums);
        }
        links.terms = terms;
        for feedback in &model.feedback {
            let line = links.line(Line {
                signal: feedback.signal,
                sent: None,
            });
            links.feedback.push(line);
        }
        links
    }

    /// Those of a study's terms.
    pub fn of(model: &Model, terms: &[Term]) -> Self {
        let link = |term: &Term| Link {
            form: term.form,
            pairs: term.pairs.clone(),
            weights: term.weights,
        };
        Self::new(model, terms.iter().map(link).collect())
    }

    /// No coupling at all.
    pub fn none(model: &Model) -> Self {
        Self::new(model, Vec::new())
    }

    fn channels_of(&mut self, term: usize, link: &Link, pair: Pair) -> Vec<Option<usize>> {
        let needed = link.form.sums_needed(pair.squares.is_some());
        let sums = link.form.sums.iter().zip(needed);
        sums.map(|(sum, needed)| {
            let is_plain = link.form.is_plain(sum.sent);
            needed.then(|| {
                let line = self.line(Line {
                    signal: pair.source,
                    sent: (!is_plain).then_some((term, sum.sent)),
                });
                let channel = Channel {
                    line,
                    matrix: self.matrix(link.weights, sum.squared),
                };
                index_of(&mut self.channels, channel)
            })
        })
        .collect()
    }

    fn matrix(&mut self, named: Option<usize>, squared: bool) -> usize {
        index_of(&mut self.matrices, Matrix { named, squared })
    }

    fn line(&mut self, line: Line) -> usize {
        index_of(&mut self.lines, line)
    }

    /// The channels of a pair, one for every sum of its form.
    pub fn sums(&self, term: usize, pair: usize) -> &[Option<usize>] {
        &self.sums[term][pair]
    }

    /// Which coefficients of all terms are those of one, in the order of [`Rows::coupling`](super::Rows::coupling).
    pub fn coefficients(&self, term: usize) -> Range<usize> {
        let n = |link: &Link| link.form.n_coefficients();
        let first = self.terms[..term].iter().map(n).sum();
        first..first + n(&self.terms[term])
    }

    /// The matrix of a term, or that of its squares, as a place among [`Links::matrices`].
    pub fn matrix_of(&self, term: usize, squared: bool) -> usize {
        let named = self.terms[term].weights;
        let mut all = self.matrices.iter();
        all.position(|matrix| *matrix == Matrix { named, squared })
            .expect("the matrices of all terms are listed")
    }

    /// The signals whose past is kept, each once.
    pub fn signals(&self) -> Vec<Signal> {
        let mut signals = Vec::new();
        for line in &self.lines {
            index_of(&mut signals, line.signal);
        }
        signals
    }
}

/// The place of `item` in the list, at its end if it was not there.
fn index_of<T: PartialEq>(list: &mut Vec<T>, item: T) -> usize {
    let index = list.iter().position(|other| *other == item);
    index.unwrap_or_else(|| {
        list.push(item);
        list.len() - 1
    })
}

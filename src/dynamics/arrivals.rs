//! What reaches a node during a step: at its start and, where the integrator's stages take what is received then, at its end.
//!
//! A connection with a delay of one step or more reads at the step's end what is in the delay line already, and its sum there is the
//! sum of the next step's start. So that sum is formed once, a step ahead, and the node keeps it until then ([`Argument::Held`]). Other
//! connections read the present: at the step's end what the nodes are predicted to send.
//!
//! [`Argument::Held`]: super::Argument::Held

use super::{Node, Recipe};
use crate::scalar::Scalar;

/// Which connections there are, where the integrator's stages take what is received then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Stages {
    /// Some have a delay of one step or more.
    pub delayed: bool,
    /// Some have a delay below one step: what nodes send has to be predicted.
    pub prompt: bool,
}

/// Connections whose sum is formed by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// All of them, at the step's start.
    Whole,
    /// Those with a delay of one step or more, at the step's end.
    Delayed,
    /// The others, at the step's start.
    Prompt,
}

impl Part {
    /// How many steps before the one that is done the sample is that a connection with this lag reads; `None` if it is of another part.
    pub fn lag(self, lag: u32) -> Option<u32> {
        match self {
            Self::Whole => Some(lag),
            Self::Delayed => lag.checked_sub(1),
            Self::Prompt => (lag == 0).then_some(0),
        }
    }
}

/// What reaches a node during a step.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrivals<S> {
    /// The weighted sums over the incoming edges, `[part][channel]`, of each of [`Recipe::parts`].
    pub sums: Vec<S>,
    /// The sums over prompt connections of what is predicted for the step's end, one per channel; empty where there are none.
    pub predicted: Vec<S>,
    /// The fed-back signals, for models with delayed self feedback: of the step's end, if there are stages.
    pub feedback: Vec<S>,
    /// Standard normal numbers, one per noise target.
    pub normal: Vec<S>,
    /// The mean over the step of each stimulus's waveform, then what depends on the time ([`Recipe::moving`]), as it is in the middle of
    /// the step.
    pub waves: Vec<S>,
}

/// What a node receives at a time: a sum per channel, the fed-back signals, and the stimuli's waveforms, which hold for the step.
#[derive(Debug)]
pub(super) struct Received<S> {
    pub sums: Vec<S>,
    pub feedback: Vec<S>,
    pub waves: Vec<S>,
}

impl Recipe {
    /// The parts whose sums are formed, in order.
    pub fn parts(&self) -> Vec<Part> {
        match self.stages {
            None => vec![Part::Whole],
            Some(Stages { delayed, prompt }) => {
                let delayed = delayed.then_some(Part::Delayed);
                let prompt = prompt.then_some(Part::Prompt);
                delayed.into_iter().chain(prompt).collect()
            }
        }
    }

    /// The number of sums that are formed over incoming edges.
    pub fn n_sums(&self) -> usize {
        self.parts().len() * self.links.channels.len()
    }

    /// The number of sums over what is predicted.
    pub fn n_predicted(&self) -> usize {
        match self.stages {
            Some(Stages { prompt: true, .. }) => self.links.channels.len(),
            _ => 0,
        }
    }

    /// What a node keeps of what it receives: sums, and fed-back signals.
    pub fn n_held(&self) -> [usize; 2] {
        match self.stages {
            None => [0, 0],
            Some(Stages { delayed, .. }) => [
                usize::from(delayed) * self.links.channels.len(),
                self.links.feedback.len(),
            ],
        }
    }

    /// The sum of a part's connections of a channel, 0 if there are none.
    fn sum<S: Scalar>(&self, part: Part, channel: usize, arrivals: &Arrivals<S>) -> Option<S> {
        let place = self.parts().iter().position(|other| *other == part)?;
        Some(arrivals.sums[place * self.links.channels.len() + channel])
    }

    /// What a node receives at the start of a step.
    pub(super) fn at_start<S: Scalar>(
        &self,
        node: &Node<S>,
        arrivals: &Arrivals<S>,
    ) -> Received<S> {
        if self.stages.is_none() {
            return Received {
                sums: arrivals.sums.clone(),
                feedback: arrivals.feedback.clone(),
                waves: arrivals.waves.clone(),
            };
        }
        let (sums, feedback) = node.held.split_at(self.n_held()[0]);
        let channels = 0..self.links.channels.len();
        let sum = |c: usize| added(sums.get(c).copied(), self.sum(Part::Prompt, c, arrivals));
        Received {
            sums: channels.map(sum).collect(),
            feedback: feedback.to_vec(),
            waves: arrivals.waves.clone(),
        }
    }

    /// What a node receives at the end of a step.
    pub(super) fn at_end<S: Scalar>(&self, arrivals: &Arrivals<S>) -> Received<S> {
        let channels = 0..self.links.channels.len();
        let delayed = |c| self.sum(Part::Delayed, c, arrivals);
        let sum = |c: usize| added(delayed(c), arrivals.predicted.get(c).copied());
        Received {
            sums: channels.map(sum).collect(),
            feedback: arrivals.feedback.clone(),
            waves: arrivals.waves.clone(),
        }
    }

    /// What a node keeps for the start of the next step.
    pub(super) fn held<S: Scalar>(&self, arrivals: &Arrivals<S>) -> Vec<S> {
        if self.stages.is_none() {
            return Vec::new();
        }
        let channels = 0..self.links.channels.len();
        let delayed = channels.filter_map(|c| self.sum(Part::Delayed, c, arrivals));
        delayed.chain(arrivals.feedback.iter().copied()).collect()
    }
}

/// The sum of what there is.
fn added<S: Scalar>(a: Option<S>, b: Option<S>) -> S {
    match (a, b) {
        (Some(a), Some(b)) => a + b,
        (Some(sum), None) | (None, Some(sum)) => sum,
        (None, None) => S::lit(0.0),
    }
}

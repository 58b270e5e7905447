//! What differs from step to step, and is made on the host: waveforms of stimuli, and parameters and inputs that depend on the time.

use std::collections::HashMap;
use std::fmt;

use crate::dynamics::Moving;
use crate::model::Model;
use crate::study::key::Role;
use crate::study::{Rule, Study, Values};
use crate::waveform::{self, Waveform};

/// A number that changes with the step, in one or many simulations: made when it is asked for, so that a long run takes no memory for
/// it.
#[derive(Debug, Clone)]
pub struct Wave {
    name: String,
    dt_ms: f64,
    /// Whether nodes differ in it.
    is_per_node: bool,
    /// Those that differ.
    distinct: Vec<Course>,
    /// Which of them each simulation has.
    of: Vec<u32>,
}

/// How a number changes over time.
#[derive(Debug, Clone)]
enum Course {
    /// As a waveform with these numbers; the table of numbers has the amplitude.
    Waveform(Waveform, Vec<f64>),
    /// As what an equation takes of the parameters or inputs of a study, some of which depend on the time.
    Number(Box<Changing>),
}

/// Parameters and inputs of which some depend on the time.
#[derive(Debug, Clone)]
struct Changing {
    model: &'static Model,
    of: Moving,
    parameters: Vec<Values>,
    /// The rules that depend on the time, each with the place of its parameter.
    rules: Vec<(usize, Rule)>,
    duration_ms: f64,
}

impl Changing {
    fn at(&self, node: usize, time_ms: f64) -> f64 {
        let clock = [time_ms, self.duration_ms];
        match self.of {
            // Adding 0 turns -0 into 0, as in the table of numbers.
            Moving::Input(_) => self.rules[0].1.value(node, clock) + 0.0,
            Moving::Coefficient(c) => {
                let parameters = self.parameters.iter();
                let mut parameters: Vec<f64> = parameters.map(|values| values.at(node)).collect();
                for (p, rule) in &self.rules {
                    parameters[*p] = rule.value(node, clock);
                }
                self.model.prepare(&parameters)[c]
            }
        }
    }
}

impl Wave {
    /// Of several simulations, each of which has a course and the numbers that tell it from others.
    fn new(
        (name, dt_ms, is_per_node): (String, f64, bool),
        each: impl Iterator<Item = (Vec<u64>, Course)>,
    ) -> Self {
        let mut distinct = Vec::new();
        let mut indices: HashMap<Vec<u64>, u32> = HashMap::new();
        let of = each.map(|(bits, course)| {
            *indices.entry(bits).or_insert_with(|| {
                distinct.push(course);
                distinct.len() as u32 - 1
            })
        });
        Self {
            of: of.collect(),
            name,
            dt_ms,
            is_per_node,
            distinct,
        }
    }

    /// The waveform of stimulus `k` in several simulations.
    pub(super) fn of_stimulus(studies: &[Study], k: usize) -> Self {
        let first = &studies[0];
        let each = studies.iter().map(|study| {
            let stimulus = &study.stimuli[k];
            let mut numbers = stimulus.numbers.clone();
            numbers[waveform::AMPLITUDE] = 1.0;
            let bits = numbers.iter().map(|number| number.to_bits()).collect();
            (bits, Course::Waveform(stimulus.waveform.clone(), numbers))
        });
        let name = first.stimuli[k].name.clone();
        Self::new((name, first.protocol.dt, false), each)
    }

    /// A coefficient or an input that depends on the time, in several simulations.
    pub(super) fn of_number(studies: &[Study], moving: Moving) -> Self {
        let first = &studies[0];
        let n_nodes = first.connectome.n_nodes();
        let rules_of = |study: &Study| -> Vec<(usize, Rule)> {
            let rules = study.moving_rules().into_iter();
            let rules = rules.filter_map(|(role, rule)| match (moving, role) {
                (Moving::Input(i), Role::Input(k)) if i == k => Some((i, rule.clone())),
                (Moving::Coefficient(_), Role::Model(p)) => Some((p, rule.clone())),
                _ => None,
            });
            rules.collect()
        };
        let differs = |values: &Values| {
            let all = values.expand(n_nodes);
            all.iter().any(|value| value.to_bits() != all[0].to_bits())
        };
        let is_per_node = studies.iter().any(|study| {
            let own = rules_of(study);
            let is_ruled = |p: usize| own.iter().any(|(other, _)| *other == p);
            let mut rest = study.parameters.iter().enumerate();
            let others = matches!(moving, Moving::Coefficient(_))
                && rest.any(|(p, values)| !is_ruled(p) && differs(values));
            others || own.iter().any(|(_, rule)| rule.has_maps())
        });
        let each = studies.iter().map(|study| {
            let rules = rules_of(study);
            let numbers = rules.iter().flat_map(|(_, rule)| &rule.numbers);
            let own = numbers.map(|(_, number)| number.to_bits());
            let parameters = study.parameters.iter().flat_map(|values| match values {
                Values::Uniform(value) => vec![value.to_bits()],
                Values::PerNode(values) => values.iter().map(|value| value.to_bits()).collect(),
            });
            let bits = own.chain(parameters).collect();
            let changing = Changing {
                model: study.model,
                of: moving,
                parameters: study.parameters.clone(),
                rules,
                duration_ms: study.protocol.duration,
            };
            (bits, Course::Number(Box::new(changing)))
        });
        let name = match moving {
            Moving::Input(i) => format!("input {}", first.model.inputs[i].symbol),
            Moving::Coefficient(c) => format!("coefficient {c} of the equations"),
        };
        Self::new((name, first.protocol.dt, is_per_node), each)
    }

    /// What studies call the stimulus, or which number it is.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// When a stimulus begins in a simulation, ms, from t = 0 to `end` ms; never if it is no stimulus.
    pub fn onsets_ms(&self, simulation: usize, end: f64) -> Vec<f64> {
        match self.course(simulation) {
            Course::Waveform(waveform, numbers) => waveform.onsets(numbers, end),
            Course::Number(_) => Vec::new(),
        }
    }

    fn course(&self, simulation: usize) -> &Course {
        &self.distinct[self.of[simulation] as usize]
    }

    /// Whether all simulations have the same.
    pub fn is_shared(&self) -> bool {
        self.distinct.len() == 1
    }

    /// Whether nodes differ in it.
    pub fn is_per_node(&self) -> bool {
        self.is_per_node
    }

    /// Whether two simulations have the same.
    pub fn are_same(&self, simulation: usize, other: usize) -> bool {
        self.of[simulation] == self.of[other]
    }

    /// At a node in the step that follows `step` steps: the mean of a waveform over it, and of other numbers that in its middle.
    pub fn at(&self, simulation: usize, node: usize, step: u32) -> f32 {
        let [from, to] = [step, step + 1].map(|step| f64::from(step) * self.dt_ms);
        match self.course(simulation) {
            Course::Waveform(waveform, numbers) => waveform.mean(numbers, from, to) as f32,
            Course::Number(changing) => changing.at(node, 0.5 * (from + to)) as f32,
        }
    }
}

impl fmt::Display for Wave {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Course::Waveform(waveform, numbers) = self.course(0) else {
            return write!(f, "{} follows the time", self.name);
        };
        let (onset, duration) = (numbers[waveform::ONSET], numbers[waveform::DURATION]);
        write!(
            f,
            "{}: {} from {onset} ms for {duration} ms",
            self.name,
            waveform.name()
        )?;
        match numbers[waveform::EVERY] {
            0.0 => Ok(()),
            every => write!(f, ", every {every} ms"),
        }
    }
}

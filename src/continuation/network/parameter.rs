//! Which number of a study moves along a branch.

use super::number::Number;
use crate::error::{Error, Result};
use crate::study::{NoiseKind, Study, Values};

/// What the parameter of a branch is in the equations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Constant part of an input.
    Input(usize),
    /// A parameter of the model.
    Model(usize),
    /// A parameter of a coupling.
    Coupling {
        /// Which coupling.
        term: usize,
        /// Which of its parameters.
        parameter: usize,
    },
    /// Conduction speed, mm/ms.
    Speed,
}

/// The number of a study that moves along a branch.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkParameter {
    pub(crate) path: String,
    pub(crate) role: Role,
    /// What node i gets of the number: all of it, nothing, or what a pattern says; `[n_nodes]`.
    pub(crate) share: Vec<f64>,
    /// What node i keeps where its share is 0, and what is added to its share; `[n_nodes]`.
    pub(crate) rest: Vec<f64>,
    /// The number that the study itself holds.
    pub(crate) start: f64,
}

impl NetworkParameter {
    /// The number at `path`, a key of [`Study::set_number`]; `x_ext` says `input.x`, for any input
    /// `x`.
    pub(super) fn new(study: &Study, path: &str) -> Result<Self> {
        let path = &in_full(study, path);
        let (key, node) = crate::study::set::split_node(path)?;
        let n_nodes = study.connectome.n_nodes();
        let model = study.model;
        let (role, values) = match key.split('.').collect::<Vec<_>>()[..] {
            ["input"] if !study.input.is_empty() => (Role::Input(0), &study.input[0]),
            ["input", name] => match model.input_index(name) {
                Some(k) => (Role::Input(k), &study.input[k]),
                None => return Err(unknown(study, path)),
            },
            ["noise", "mean", name] => match model.input_index(name) {
                Some(k) => {
                    let target = model.noise_target_of_input(k);
                    (Role::Input(k), &study.noise.mean[target])
                }
                None => return Err(unknown(study, path)),
            },
            ["parameters", name] => match study.model.parameter(name) {
                Ok(index) => (Role::Model(index), &study.parameters[index]),
                Err(_) => return Err(unknown(study, path)),
            },
            ["coupling", "conduction_speed"] => (
                Role::Speed,
                &Values::Uniform(study.coupling.conduction_speed),
            ),
            ["coupling", ref number @ ..] => {
                let Some((term, parameter)) = study.coupling.number(number) else {
                    // The study knows whether it is coupled at all.
                    study.clone().set_number(path, 1.0)?;
                    return Err(unknown(study, path));
                };
                let values = &study.coupling.terms[term].parameters[parameter];
                (Role::Coupling { term, parameter }, values)
            }
            _ => return Err(unknown(study, path)),
        };
        let start = values.at(node.unwrap_or(0).min(n_nodes - 1));
        // The study knows which numbers act and which nodes there are.
        study.clone().set_number(path, start)?;
        let mut share = vec![1.0; n_nodes];
        let mut rest = vec![0.0; n_nodes];
        if let Some(node) = node {
            for other in (0..n_nodes).filter(|&other| other != node) {
                share[other] = 0.0;
                rest[other] = values.at(other);
            }
        }
        if let Role::Input(k) = role {
            // The input is the sum of the constant one and the mean of the Ornstein-Uhlenbeck
            // process; one of the two moves.
            let fixed = if key.starts_with("noise") {
                study.input[k].expand(n_nodes)
            } else {
                mean(study, k)
            };
            for (rest, fixed) in rest.iter_mut().zip(fixed) {
                *rest += fixed;
            }
        }
        Ok(Self {
            path: path.clone(),
            role,
            share,
            rest,
            start,
        })
    }

    /// The number at `node`, when the parameter is `p`.
    pub(super) fn at<S: Number>(&self, node: usize, p: S) -> S {
        S::lit(self.share[node]) * p + S::lit(self.rest[node])
    }
}

/// Mean of the random part of input `k`, `[n_nodes]`.
pub(super) fn mean(study: &Study, k: usize) -> Vec<f64> {
    let n_nodes = study.connectome.n_nodes();
    match study.noise.kind {
        NoiseKind::OrnsteinUhlenbeck => {
            study.noise.mean[study.model.noise_target_of_input(k)].expand(n_nodes)
        }
        _ => vec![0.0; n_nodes],
    }
}

/// `x_ext` to `input.x`, with the node's index if there is one.
fn in_full(study: &Study, path: &str) -> String {
    let (name, index) = match path.find('[') {
        Some(at) => path.split_at(at),
        None => (path, ""),
    };
    let mut inputs = study.model.inputs.iter();
    match inputs.find(|input| input.symbol == name && input.symbol != input.name) {
        Some(input) => format!("input.{}{index}", input.name),
        None => path.to_string(),
    }
}

fn unknown(study: &Study, path: &str) -> Error {
    let mut paths = study.number_paths();
    paths.retain(|path| {
        !["noise.sigma", "noise.tau", "initial"]
            .iter()
            .any(|without_effect| path.starts_with(without_effect))
    });
    Error::unknown(
        "number that moves an equilibrium",
        path,
        paths.iter().map(String::as_str),
    )
}

//! Which number of a study moves along a branch.

use super::number::Number;
use crate::error::{Error, Result};
pub(crate) use crate::study::key::Role;
use crate::study::key::{self, Purpose};
use crate::study::{NoiseKind, Study};

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
    /// The number that `text` names ([`key::resolve`]): `input.x`, `x_ext`, `g`, `parameters.alpha[12]`.
    pub(super) fn new(study: &Study, text: &str) -> Result<Self> {
        let address = key::resolve(study, text, Purpose::Follow)?;
        let path = address.full();
        let (node, n_nodes) = (address.node, study.connectome.n_nodes());
        let of_address = address
            .number
            .and_then(|number| Some((number, number.role(study)?)));
        let (number, role) = of_address.ok_or_else(|| {
            let known = study.number_paths();
            Error::unknown("number", text, known.iter().map(String::as_str))
        })?;
        let values = number.get(study);
        let start = values.at(node.unwrap_or(0).min(n_nodes - 1));
        // The study knows which numbers act and which nodes there are.
        number.set(&mut study.clone(), node, start)?;
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
            let fixed = if std::ptr::eq(number.key(), &key::NOISE_MEAN) {
                study.input[k].expand(n_nodes)
            } else {
                mean(study, k)
            };
            for (rest, fixed) in rest.iter_mut().zip(fixed) {
                *rest += fixed;
            }
        }
        Ok(Self {
            path,
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

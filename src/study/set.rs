//! Setting one number of a study by its key: what a sweep does for every simulation.

use super::range::Range;
use super::{NoiseKind, Start, Study, Values};
use crate::connectome::Delays;
use crate::error::{Error, Result};

impl Study {
    /// Sets the number at `path`, a key as in study files.
    ///
    /// | path | sets |
    /// |---|---|
    /// | `parameters.NAME` | a parameter of the model, at every node |
    /// | `input.NAME`, or `input` for the first input | the constant input |
    /// | `noise.sigma.NAME`, `noise.mean.NAME`, `noise.tau` | the noise, of a state or an input |
    /// | `initial.STATE` | the state at t = 0 |
    /// | `coupling.g`, `coupling.NAME` | a parameter of the coupling; `coupling.WHICH.NAME` where there are several couplings |
    /// | `coupling.conduction_speed` | mm/ms |
    ///
    /// The per-node ones (all but `noise.tau` and the speed) take an index, counted from 0: `parameters.alpha[12]` is node 12 alone.
    ///
    /// # Errors
    /// [`Error::Unknown`] for a path that is not in this table (with the paths this study has), [`Error::BadValue`] for a number
    /// outside its range, a node that is not there, or a key without effect in this study (the coupling of uncoupled nodes).
    pub fn set_number(&mut self, path: &str, value: f64) -> Result<()> {
        let (key, node) = split_node(path)?;
        let n_nodes = self.connectome.n_nodes();
        let (values, range) = match key.split('.').collect::<Vec<_>>()[..] {
            ["coupling", "conduction_speed"] if node.is_none() => {
                self.refuse_uncoupled(path)?;
                if !matches!(self.connectome.delays, Delays::TractLengths(_)) {
                    let rule = "the connectome has no tract lengths for a speed to act on";
                    return Err(Error::bad_value(path, value, rule));
                }
                self.coupling.conduction_speed = Range::Speed.check(path, value)?;
                return Ok(());
            }
            ["coupling", ref number @ ..] => {
                self.refuse_uncoupled(path)?;
                let (t, p) = self
                    .coupling
                    .number(number)
                    .ok_or_else(|| self.unknown(path))?;
                let term = &mut self.coupling.terms[t];
                let range = Range::of(term.form.parameters[p].range);
                (&mut term.parameters[p], range)
            }
            ["noise", "tau"] if node.is_none() => {
                self.refuse_silent(path)?;
                self.noise.tau = Range::Positive.check(path, value)?;
                return Ok(());
            }
            ["noise", "sigma", name] => {
                let target = self.target_or_unknown(name, path)?;
                self.refuse_silent(path)?;
                (&mut self.noise.sigma[target], Range::NotNegative)
            }
            ["noise", "mean", name] => {
                let target = self.target_or_unknown(name, path)?;
                self.refuse_silent(path)?;
                (&mut self.noise.mean[target], Range::Finite)
            }
            ["parameters", name] => {
                let index = self.model.parameters.iter().position(|p| p.name == name);
                let index = index.ok_or_else(|| self.unknown(path))?;
                let range = Range::of_parameter(self.model, index);
                (&mut self.parameters[index], range)
            }
            ["input"] if !self.input.is_empty() => (&mut self.input[0], Range::Finite),
            ["input", name] => {
                let index = self.model.input_index(name);
                let index = index.ok_or_else(|| self.unknown(path))?;
                (&mut self.input[index], Range::Finite)
            }
            ["initial", name] => {
                let state = self.state_or_unknown(name, path)?;
                let start = &mut self.initial.state[state];
                if matches!(start, Start::Uniform { .. }) {
                    if node.is_some() {
                        let rule = "the other nodes' start is drawn at random; give them a number or a list first";
                        return Err(Error::bad_value(path, value, rule));
                    }
                    *start = Start::Given(Values::Uniform(0.0));
                }
                let Start::Given(values) = start else {
                    unreachable!("made so above")
                };
                (values, Range::Finite)
            }
            _ => return Err(self.unknown(path)),
        };
        let value = range.check(path, value)?;
        match node {
            None => *values = Values::Uniform(value),
            Some(node) if node < n_nodes => values.set(node, value, n_nodes),
            Some(node) => {
                let rule = format!("the network has nodes 0 to {}", n_nodes - 1);
                return Err(Error::bad_value(path, format!("at node {node}"), rule));
            }
        }
        Ok(())
    }

    /// Every path that [`Study::set_number`] knows for this study's model, without node indices.
    pub fn number_paths(&self) -> Vec<String> {
        let parameters = self.model.parameters.iter().map(|p| p.name);
        let states = self.model.states.iter().map(|s| s.name);
        let inputs = self.model.inputs.iter().map(|i| i.name);
        let targets = || self.model.noise_targets().into_iter();
        let of = |section: &'static str| move |name: &str| format!("{section}.{name}");
        let mut paths: Vec<String> = parameters.map(of("parameters")).collect();
        paths.push("input".into());
        if self.coupling.is_some() {
            paths.extend(self.coupling.number_names());
        } else {
            paths.push("coupling.g".into());
        }
        paths.extend(["coupling.conduction_speed", "noise.tau"].map(String::from));
        paths.extend(inputs.map(of("input")));
        paths.extend(targets().map(of("noise.sigma")));
        paths.extend(targets().map(of("noise.mean")));
        paths.extend(states.map(of("initial")));
        paths
    }

    /// The path of some number of the model's equations.
    ///
    /// # Errors
    /// [`Error::BadValue`] for a model without inputs and parameters.
    pub fn any_number(&self) -> Result<String> {
        let input = self
            .model
            .inputs
            .first()
            .map(|i| format!("input.{}", i.name));
        let parameter = self.model.parameters.first();
        input
            .or_else(|| parameter.map(|p| format!("parameters.{}", p.name)))
            .ok_or_else(|| {
                let rule = "it has neither inputs nor parameters, so nothing in it can vary";
                Error::bad_value("model", self.model.name, rule)
            })
    }

    fn state_or_unknown(&self, name: &str, path: &str) -> Result<usize> {
        let position = self.model.states.iter().position(|s| s.name == name);
        position.ok_or_else(|| self.unknown(path))
    }

    fn target_or_unknown(&self, name: &str, path: &str) -> Result<usize> {
        let targets = self.model.noise_targets();
        let position = targets.iter().position(|target| *target == name);
        position.ok_or_else(|| self.unknown(path))
    }

    fn unknown(&self, path: &str) -> Error {
        let paths = self.number_paths();
        Error::unknown("number", path, paths.iter().map(String::as_str))
    }

    fn refuse_uncoupled(&self, path: &str) -> Result<()> {
        if self.coupling.is_some() {
            return Ok(());
        }
        let rule = "a number is set only where it acts: coupling.kind is \"none\" or no weight differs from 0";
        Err(Error::bad_value(path, "without effect", rule))
    }

    fn refuse_silent(&self, path: &str) -> Result<()> {
        let rule = match self.noise.kind {
            NoiseKind::None => "noise.kind is \"none\"",
            NoiseKind::White if !path.starts_with("noise.sigma") => {
                "noise.kind is \"white\", which has sigma only"
            }
            _ => return Ok(()),
        };
        Err(Error::bad_value(path, "without effect", rule))
    }
}

impl Values {
    /// Sets one of `n_nodes` nodes and leaves the others as they are.
    pub(crate) fn set(&mut self, node: usize, value: f64, n_nodes: usize) {
        if let Self::Uniform(_) = self {
            *self = Self::PerNode(self.expand(n_nodes));
        }
        if let Self::PerNode(values) = self {
            values[node] = value;
        }
    }
}

/// `alpha[12]` to `("alpha", Some(12))`.
pub(crate) fn split_node(path: &str) -> Result<(&str, Option<usize>)> {
    let Some((key, rest)) = path.split_once('[') else {
        return Ok((path, None));
    };
    let node = rest.strip_suffix(']').and_then(|n| n.trim().parse().ok());
    let node = node.ok_or_else(|| {
        Error::bad_value(
            path,
            "not a key",
            "one node is written as in parameters.alpha[12]",
        )
    })?;
    Ok((key, Some(node)))
}

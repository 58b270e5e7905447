//! From what a user writes to a key: `g`, `speed`, `x_ext[12]` to `coupling.g`, `coupling.conduction_speed`, node 12 of `input.x`.

use std::borrow::Cow;

use super::super::Study;
use super::number::Number;
use super::{KEYS, Key};
use crate::error::{Error, Result, StudyError, nearest};

/// What a key is wanted for. It decides which keys a short name can mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To be set for a simulation.
    Set,
    /// To be set for all replicas of a sweep.
    SetInSweep,
    /// To be set for all candidates of a fit.
    SetInFit,
    /// To be set for a continuation.
    SetInContinuation,
    /// To be set where a connectome and its delays are looked at.
    SetInConnectome,
    /// To be varied by a sweep.
    Vary,
    /// To be followed along a branch.
    Follow,
}

/// A key of a study, and one of its nodes if only that is meant.
#[derive(Clone)]
pub struct Address {
    /// The whole key, without the node.
    pub path: String,
    /// One node, counted from 0; `None`: all.
    pub node: Option<usize>,
    /// The number at the key, if it holds one.
    pub number: Option<Number>,
}

impl Address {
    /// `parameters.alpha[12]`, or the path alone without a node.
    pub(crate) fn written(path: &str, node: Option<usize>) -> String {
        match node {
            Some(node) => format!("{path}[{node}]"),
            None => path.into(),
        }
    }

    /// The whole key with its node.
    pub fn full(&self) -> String {
        Self::written(&self.path, self.node)
    }
}

/// A key that a short name could mean.
struct Candidate {
    path: String,
    key: &'static Key,
    index: usize,
}

impl Candidate {
    fn number(&self) -> Option<Number> {
        Number::new(self.key, self.index)
    }
}

/// The key that `text` names: the whole key, or an end of it that belongs to no other key that serves the `purpose`.
///
/// An end is one or more whole words: `g` of `coupling.g`, `speed` of `coupling.conduction_speed`, `long.g` of `coupling.long.g`.
/// `input` is the model's first input, `x_ext` the input with that symbol, `sigma` the strength of the only noise there is,
/// `myelin.k` the number `k` of the formula over the map `myelin`.
///
/// # Errors
/// [`StudyError::Ambiguous`] with the keys that end so; [`Error::Unknown`] with the keys that serve the purpose;
/// [`StudyError::Unusable`] for numbers that a sweep cannot vary, with the reason.
pub fn resolve(study: &Study, text: &str, purpose: Purpose) -> Result<Address> {
    resolve_in(KEYS, study, text, purpose)
}

/// [`resolve`], among `keys`.
pub(crate) fn resolve_in(
    keys: &[&'static Key],
    study: &Study,
    text: &str,
    purpose: Purpose,
) -> Result<Address> {
    if let Some(address) = find(keys, study, text, purpose)? {
        return Ok(address);
    }
    let (key, _) = split_node(text)?;
    // What could be set but not varied says why.
    let set = find(keys, study, key, Purpose::Set).ok().flatten();
    if let Some((address, number)) = set.and_then(|a| a.number.map(|number| (a, number))) {
        if let (Purpose::Vary, Some(why)) = (purpose, number.fixed()) {
            return Err(Error::unusable(address.path, "varied", why, None));
        }
        if purpose == Purpose::Follow {
            let why = match number.is_of_rule() {
                true => {
                    "it acts on each node in its own way, and a branch follows what acts on all nodes alike"
                }
                false => "neither equilibria nor delays depend on it",
            };
            return Err(Error::unusable(address.path, "followed", why, None));
        }
    }
    let seeds = [super::SEED.name(), super::SEED.path].contains(&key);
    if let (Purpose::Vary, true) = (purpose, seeds) {
        let why = "a seed is not a number of the model";
        let hint = Some("say --seeds N for N simulations that differ in their seed only");
        return Err(Error::unusable(text, "varied", why, hint));
    }
    let what = match purpose {
        Purpose::Follow => "number that moves an equilibrium",
        Purpose::Vary => "number",
        _ => "key",
    };
    let known = candidates(keys, study, purpose);
    let acts = |candidate: &&Candidate| (candidate.key.idle)(study, candidate.index).is_none();
    let known = known.iter().filter(acts).map(|candidate| {
        // Continuation calls an input by its symbol, as its papers do.
        let by_symbol = purpose == Purpose::Follow && std::ptr::eq(candidate.key, &super::INPUT);
        match by_symbol {
            true => study.model.inputs[candidate.index].symbol,
            false => candidate.path.as_str(),
        }
    });
    Err(Error::unknown(what, text, known))
}

/// The key that `text` names; `None` if there is none.
pub(crate) fn find(
    keys: &[&'static Key],
    study: &Study,
    text: &str,
    purpose: Purpose,
) -> Result<Option<Address>> {
    let (name, node) = split_node(text)?;
    let all = candidates(keys, study, purpose);
    let mut found = named(study, &of_single(study, name), &all);
    // `tau` is the model's where a monitor or a stimulus has one as well, and `duration` the protocol's.
    prefer(&mut found, |candidate| {
        let others = [&super::MONITOR_NUMBER, &super::STIMULUS_NUMBER];
        !others.iter().any(|key| std::ptr::eq(candidate.key, *key))
    });
    prefer(&mut found, |candidate| {
        (candidate.key.idle)(study, candidate.index).is_none()
    });
    if purpose == Purpose::SetInContinuation {
        prefer(&mut found, |candidate| {
            candidate
                .number()
                .is_some_and(|number| number.role(study).is_some())
        });
    }
    match found[..] {
        [] => Ok(None),
        [one] => Ok(Some(Address {
            path: one.path.clone(),
            node,
            number: one.number(),
        })),
        _ => Err(StudyError::Ambiguous {
            name: text.into(),
            candidates: found
                .iter()
                .map(|one| Address::written(&one.path, node))
                .collect(),
        }
        .into()),
    }
}

/// The key that `text` was probably meant to be.
pub(crate) fn meant(
    keys: &[&'static Key],
    study: &Study,
    text: &str,
    purpose: Purpose,
) -> Option<String> {
    let all = candidates(keys, study, purpose);
    let paths = || all.iter().map(|candidate| candidate.path.as_str());
    let last = |path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
    let names: Vec<String> = paths().map(last).collect();
    let whole = nearest(text, paths()).map(String::from);
    whole.or_else(|| {
        let near = nearest(text, names.iter().map(String::as_str))?;
        let mut same = paths().zip(&names).filter(|(_, name)| *name == near);
        same.next().map(|(path, _)| path.to_owned())
    })
}

/// Keeps those that are `better`, if there are any.
fn prefer(found: &mut Vec<&Candidate>, better: impl Fn(&Candidate) -> bool) {
    if found.iter().any(|candidate| better(candidate)) {
        found.retain(|candidate| better(candidate));
    }
}

/// Every key of a study that serves the purpose.
fn candidates(keys: &[&'static Key], study: &Study, purpose: Purpose) -> Vec<Candidate> {
    let mut all = Vec::new();
    for &key in keys {
        for (index, path) in key.paths(study).into_iter().enumerate() {
            let number = || Number::new(key, index);
            let serves = match purpose {
                Purpose::Set | Purpose::SetInContinuation => {
                    ![super::SWEEP, super::FIT].contains(&key.section())
                }
                Purpose::SetInSweep => key.section() != super::FIT,
                Purpose::SetInFit => key.section() != super::SWEEP,
                Purpose::SetInConnectome => {
                    let delays = [&super::CONDUCTION_SPEED, &super::DT];
                    key.path.split('.').next() == Some(super::NODES.section())
                        || delays.iter().any(|other| std::ptr::eq(key, *other))
                }
                Purpose::Vary => number().is_some_and(|number| number.fixed().is_none()),
                Purpose::Follow => number().is_some_and(|number| number.role(study).is_some()),
            };
            // The names of a row without a list of names are the user's own.
            if serves && (key.names.is_some() || !key.has_names()) {
                all.push(Candidate { path, key, index });
            }
        }
    }
    all
}

/// Whether `name` is a whole key or an end of it, in whole words.
pub(crate) fn ends_so(path: &str, name: &str) -> bool {
    let rest = path.strip_suffix(name);
    rest.is_some_and(|rest| rest.is_empty() || rest.ends_with(['.', '_']))
}

/// The candidates that `name` can mean, by the first rule that fits any.
fn named<'c>(study: &Study, name: &str, all: &'c [Candidate]) -> Vec<&'c Candidate> {
    let by = |fits: &dyn Fn(&Candidate) -> bool| -> Vec<&'c Candidate> {
        all.iter().filter(|candidate| fits(candidate)).collect()
    };
    let is_input = |candidate: &Candidate| std::ptr::eq(candidate.key, &super::INPUT);
    let ends_so = |candidate: &Candidate| ends_so(&candidate.path, name);
    // `sigma`, where only one state has noise.
    let stands_in = |candidate: &Candidate| {
        let (section, _) = candidate.path.rsplit_once('.').unwrap_or_default();
        let fits = section == name || section.ends_with(&format!(".{name}"));
        let number = candidate.number().filter(|_| fits);
        number.is_some_and(|number| !number.get(study).is_zero())
    };
    // `coupling.g`, where there are several couplings.
    let of_term = |candidate: &Candidate| {
        let number = name.strip_prefix("coupling.");
        number.is_some_and(|number| {
            std::ptr::eq(candidate.key, &super::COUPLING_NUMBER)
                && candidate.path.ends_with(&format!(".{number}"))
        })
    };
    // `myelin.k`, of the formula over the map of that name.
    let of_map = |candidate: &Candidate| {
        std::ptr::eq(candidate.key, &super::RULE_NUMBER)
            && name.rsplit_once('.').is_some_and(|(map, number)| {
                let (rule, own) = study.rule_of(candidate.index);
                own == number && rule.is_over(map)
            })
    };
    let rules: [&dyn Fn(&Candidate) -> bool; 7] = [
        &|candidate| candidate.path == name,
        &|candidate| name == super::INPUT.section() && is_input(candidate) && candidate.index == 0,
        &|candidate| is_input(candidate) && study.model.inputs[candidate.index].symbol == name,
        &ends_so,
        &stands_in,
        &of_term,
        &of_map,
    ];
    let found = rules.iter().map(|rule| by(*rule));
    found
        .into_iter()
        .find(|found| !found.is_empty())
        .unwrap_or_default()
}

/// The whole key where there is a single coupling, monitor or stimulus, in which its name may stand or not.
fn of_single<'n>(study: &Study, name: &'n str) -> Cow<'n, str> {
    let monitors: Vec<&str> = study.monitors.iter().map(|one| &*one.name).collect();
    let stimuli: Vec<&str> = study.stimuli.iter().map(|one| &*one.name).collect();
    for (key, names) in [
        (&super::MONITOR_KIND, monitors),
        (&super::STIMULUS_WAVEFORM, stimuli),
    ] {
        let section = key.section();
        let rest = name
            .strip_prefix(section)
            .and_then(|rest| rest.strip_prefix('.'));
        if let ([one], Some(rest)) = (&names[..], rest)
            && rest.split('.').next() != Some(one)
        {
            return format!("{section}.{one}.{rest}").into();
        }
    }
    of_single_coupling(study, name)
}

/// `coupling.long.g` is `coupling.g` where `long` is the only coupling.
fn of_single_coupling<'n>(study: &Study, name: &'n str) -> Cow<'n, str> {
    let rest = match study.coupling.terms.as_slice() {
        [one] => name.strip_prefix(&super::COUPLING_NUMBER.named(&one.name)),
        _ => None,
    };
    match rest.and_then(|rest| rest.strip_prefix('.')) {
        Some(number) => super::COUPLING_NUMBER.named(number).into(),
        None => name.into(),
    }
}

/// `alpha[12]` to `("alpha", Some(12))`.
pub(crate) fn split_node(path: &str) -> Result<(&str, Option<usize>)> {
    let Some((key, rest)) = path.split_once('[') else {
        return Ok((path, None));
    };
    let node = rest.strip_suffix(']').and_then(|n| n.trim().parse().ok());
    let node = node.ok_or_else(|| StudyError::Syntax {
        problem: format!("{path:?} is not a key"),
        hint: Some("one node is written as in parameters.alpha[12]".into()),
    })?;
    Ok((key, Some(node)))
}

impl Study {
    /// The number at a whole key, and its node.
    ///
    /// # Errors
    /// [`Error::Unknown`] with the numbers that this study has.
    pub(crate) fn number(&self, path: &str) -> Result<(Number, Option<usize>)> {
        let (name, node) = split_node(path)?;
        let name = of_single(self, name);
        let all = candidates(KEYS, self, Purpose::Vary);
        let is_first = |c: &Candidate| std::ptr::eq(c.key, &super::INPUT) && c.index == 0;
        let found = all.iter().find(|candidate| {
            candidate.path == name || name == super::INPUT.section() && is_first(candidate)
        });
        let number = found.and_then(Candidate::number).ok_or_else(|| {
            let known = all.iter().map(|candidate| candidate.path.as_str());
            Error::unknown("number", path, known)
        })?;
        Ok((number, node))
    }

    /// Every number that a sweep can vary, by its whole key, without node indices.
    pub fn number_paths(&self) -> Vec<String> {
        let all = candidates(KEYS, self, Purpose::Vary);
        all.into_iter().map(|candidate| candidate.path).collect()
    }

    /// Sets the number at `path`: a whole key of [`Study::number_paths`], or of one node, as `parameters.alpha[12]`.
    ///
    /// # Errors
    /// [`Error::Unknown`] for a path that is not there, [`StudyError`] for a number outside its range, a node that is not
    /// there, or a key without effect in this study.
    pub fn set_number(&mut self, path: &str, value: f64) -> Result<()> {
        let (number, node) = self.number(path)?;
        number.set(self, node, value)
    }

    /// The path of some number of the model's equations.
    ///
    /// # Errors
    /// [`StudyError::Conflict`] for a model without inputs and parameters.
    pub fn any_number(&self) -> Result<String> {
        let first = |key: &Key| key.paths(self).into_iter().next();
        first(&super::INPUT)
            .or_else(|| first(&super::PARAMETER))
            .ok_or_else(|| {
                let problem = format!(
                    "nothing in the model {} can vary: it has neither inputs nor parameters",
                    self.model.name
                );
                StudyError::Conflict {
                    problem,
                    hint: None,
                }
                .into()
            })
    }
}

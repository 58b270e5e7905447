//! Parameters that follow from where an output is to rest: solved for each simulation before anything else is planned.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;

use crate::Control;
use crate::continuation::network::Network;
use crate::continuation::network::hold::Held;
use crate::error::{Error, Result};
use crate::study::key::{HOLD_ON, HOLD_OUTPUT, Slot, shown};
use crate::study::{Study, Values};

/// Studies with their parameters, and what each rests at.
type Solved<'a> = (Cow<'a, [Study]>, Vec<Arc<Held>>);

/// The studies with the parameters that [`Study::hold`] asks for, and what each simulation rests at; nothing where nothing is held.
pub(super) fn solve(studies: &[Study]) -> Result<Solved<'_>> {
    if studies[0].hold.is_none() {
        return Ok((Cow::Borrowed(studies), Vec::new()));
    }
    // Simulations that differ in their seeds alone have the same.
    let mut indices: HashMap<Vec<u64>, usize> = HashMap::new();
    let mut distinct: Vec<&Study> = Vec::new();
    let of = studies.iter().map(|study| {
        *indices.entry(numbers(study)).or_insert_with(|| {
            distinct.push(study);
            distinct.len() - 1
        })
    });
    let of: Vec<usize> = of.collect();
    let solved = distinct.par_iter().map(|study| held(study).map(Arc::new));
    let solved: Vec<Arc<Held>> = solved.collect::<Result<_>>()?;
    let mut studies = studies.to_vec();
    for (study, &index) in studies.iter_mut().zip(&of) {
        put(study, &solved[index].values)?;
    }
    let all = of.iter().map(|&index| Arc::clone(&solved[index]));
    Ok((Cow::Owned(studies), all.collect()))
}

/// The state in which the study holds an output at its target; `None` where it holds nothing.
///
/// # Errors
/// [`Error::Continuation`] where there is none near the study's start; [`Error::Study`] where it takes a number that the parameter may
/// not have, and where the study holds a mean.
pub fn rest(study: &Study) -> Result<Option<Held>> {
    if study.hold.is_none() {
        return Ok(None);
    }
    let held = held(study)?;
    put(&mut study.clone(), &held.values)?;
    Ok(Some(held))
}

/// All that a rest state depends on and that simulations of a batch may differ in.
fn numbers(study: &Study) -> Vec<u64> {
    let n_nodes = study.connectome.n_nodes();
    let terms = study
        .coupling
        .terms
        .iter()
        .flat_map(|term| &term.parameters);
    let hold = study.hold.iter().map(|hold| &hold.target);
    let all = study.parameters.iter().chain(terms).chain(hold);
    let all = all.chain(&study.input).chain(&study.noise.mean);
    let bits = all.flat_map(|values| values.expand(n_nodes));
    bits.map(f64::to_bits).collect()
}

fn held(study: &Study) -> Result<Held> {
    let hold = study
        .hold
        .as_ref()
        .expect("all studies of a batch have one");
    if study.holds_mean() {
        let problem = format!(
            "{} = \"{}\" needs rounds of simulations that bring the mean to its target, and only `simulate` of one study and `sweep` run them",
            HOLD_ON.path,
            hold.on.name()
        );
        let hint = "say hold.on = \"rest\"; or simulate the study first, and give what it left in hold_rests as hold.target, with hold.on = \"rest\"";
        return Err(Error::conflict(problem, hint));
    }
    let n_nodes = study.connectome.n_nodes();
    let (number, _) = study.number(&hold.by)?;
    let network = Network::new(study, &hold.by)?;
    let (start, values) = (network.start(study), number.get(study).expand(n_nodes));
    let targets = hold.target.expand(n_nodes);
    network.held(
        hold.observable,
        &targets,
        (&start, &values),
        &Control::default(),
    )
}

/// Gives the parameter its values.
fn put(study: &mut Study, values: &[f64]) -> Result<()> {
    let hold = study
        .hold
        .as_ref()
        .expect("all studies of a batch have one");
    let (number, _) = study.number(&hold.by)?;
    let range = number.range(study);
    for (node, value) in values.iter().enumerate() {
        if let Some(objection) = range.objection(*value) {
            let output = study.model.observable(hold.observable).name;
            let target = shown(hold.target.at(node));
            let found = format!(
                "{output} at {target}, which takes {} = {} at node {node}",
                hold.by,
                shown(*value)
            );
            return Err(Error::out_of_range(HOLD_OUTPUT.path, found, objection));
        }
    }
    if let Slot::PerNode(slot) = number.slot(study) {
        *slot = Values::PerNode(values.to_vec());
    }
    Ok(())
}

//! One node of a study as a source of branches.

use super::args::Request;
use super::found::{self, Found};
use crate::cli::progress::Stages;
use crate::continuation::{Diagram, NodeProblem};
use crate::error::{Error, Result};
use crate::study::Study;

/// Follows what `request` asks for.
pub(super) fn follow(study: &Study, request: &Request, stages: &Stages) -> Result<Found> {
    if study.connectome.n_nodes() != 1 {
        let rule = "bifurcate follows a single node; name a model, or say --set connectome.nodes=1";
        let found = format!("of {} nodes", study.connectome.n_nodes());
        return Err(Error::bad_value("the study", found, rule));
    }
    let names: Vec<&str> = request.varied.iter().map(|v| v.name.as_str()).collect();
    let node = NodeProblem::of_study(study, 0, &names)?;
    let mut found = Found {
        subject: study.model.name.into(),
        varied: request.varied.clone(),
        states: study.model.states.iter().map(|s| s.name.into()).collect(),
        branches: Vec::new(),
        stopped: Vec::new(),
    };
    stages.say("equilibria and cycles");
    let diagram = Diagram::new(&node, node.start(), &request.settings)?;
    let rest = &node.start()[1..];
    for branch in &diagram.branches {
        found::equilibria(&mut found, branch, rest);
    }
    for branch in &diagram.cycles {
        found::cycles(&mut found, branch, rest);
    }
    Ok(found)
}

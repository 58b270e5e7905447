//! Counts the replicas whose scores, or some regions' functional connectivity, are undefined.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::connectome::listed;
use crate::error::Result;
use crate::io::store::Store;
use crate::measure::is_constant;
use crate::sweep::Sweep;

/// Replicas of a sweep whose scores, or some regions' functional connectivity, are undefined.
#[derive(Debug)]
pub struct UndefinedReplicas<'a> {
    sweep: &'a Sweep,
    /// Replicas that ran to their end and have no score.
    n_without_score: usize,
    /// Replicas with a constant region.
    n_constant: usize,
    /// Every region that is constant in any of them.
    regions: BTreeSet<usize>,
}

impl<'a> UndefinedReplicas<'a> {
    /// Nothing counted yet.
    pub(super) fn new(sweep: &'a Sweep) -> Self {
        Self {
            sweep,
            n_without_score: 0,
            n_constant: 0,
            regions: BTreeSet::new(),
        }
    }

    /// Counts the chunk at `indices`: the replicas at the places `done` in it, and the mean score at every place, where there are
    /// scores.
    pub(super) fn add(
        &mut self,
        store: &Store,
        indices: &[usize],
        done: &[usize],
        scores: Option<&[f64]>,
    ) -> Result<()> {
        let looked_at = match scores {
            Some(scores) => {
                let n = done.iter().filter(|&&place| scores[place].is_nan()).count();
                self.n_without_score += n;
                n > 0
            }
            None => self.sweep.keeps_fc(),
        };
        if !looked_at {
            return Ok(());
        }
        let indices = [indices, &[0]].concat();
        let means: Vec<f32> = store.read("mean", &indices)?;
        let sds: Vec<f32> = store.read("sd", &indices)?;
        let n_nodes = self.sweep.base().connectome.n_nodes();
        for place in done {
            let is_constant = |node: &usize| {
                let k = place * n_nodes + node;
                is_constant(means[k].into(), sds[k].into())
            };
            let constant: Vec<usize> = (0..n_nodes).filter(is_constant).collect();
            self.n_constant += usize::from(!constant.is_empty());
            self.regions.extend(constant);
        }
        Ok(())
    }

    /// Says how many there are, and why, in a sentence each.
    pub fn sentences(&self) -> Vec<String> {
        let n_replicas = self.sweep.n_replicas();
        let mut all = Vec::new();
        if self.n_without_score > 0 {
            all.push(format!(
                "the score is undefined in {} of {n_replicas} replicas: their points are never among the best",
                self.n_without_score
            ));
        }
        if self.n_constant > 0 {
            let regions: Vec<usize> = self.regions.iter().copied().collect();
            all.push(format!(
                "regions are constant in {} of {n_replicas} replicas ({}): they have no functional connectivity (NaN)",
                self.n_constant,
                listed(&self.sweep.base().connectome.labels, &regions)
            ));
        }
        all
    }

    /// The same as JSON.
    pub fn to_json(&self) -> Value {
        let labels = &self.sweep.base().connectome.labels;
        let regions = self.regions.iter().map(|&node| labels[node].as_str());
        json!({
            "replicas_without_score": self.n_without_score,
            "replicas_with_constant_regions": self.n_constant,
            "constant_regions": regions.collect::<Vec<_>>(),
            "why": self.sentences(),
        })
    }
}

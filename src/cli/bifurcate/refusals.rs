//! Flags of `brainsweep bifurcate` that mean nothing for what is followed.

use super::Args;
use crate::error::{Error, Result};
use crate::study::Study;

impl Args {
    /// Refuses flags that only mean something for a network.
    pub(super) fn check_for_node(&self) -> Result<()> {
        match self.cycles {
            None => Ok(()),
            Some(_) => {
                let why = "all cycles of a single node are followed";
                let hint = "leave it out, or say --no-cycles";
                Err(Error::not_applicable("--cycles", why, hint))
            }
        }
    }

    /// Refuses flags that only mean something for a single node.
    pub(super) fn check_for_network(&self, study: &Study) -> Result<()> {
        if self.settle && self.delays {
            let why = "the past of a study that settles is no state";
            let hint = "say --cycles: they are followed from Hopf points; or leave --delays out";
            return Err(Error::not_applicable("--settle", why, hint));
        }
        let n_nodes = study.connectome.n_nodes();
        let of_a_node = [
            ("--no-cycles", self.no_cycles),
            ("--switches", self.switches.is_some() && !self.delays),
            ("--tolerance", self.tolerance.is_some()),
            ("--search", self.search.is_some()),
            ("--beside", !self.beside.is_empty()),
        ];
        if let Some((flag, _)) = of_a_node.iter().find(|(_, given)| *given) {
            let why =
                format!("it is for single nodes without delays, and there are {n_nodes} nodes");
            return Err(Error::not_applicable(*flag, why, "leave it out"));
        }
        let of_cycles = [
            ("--mesh", self.mesh.is_some()),
            ("--period-max", self.period_max.is_some()),
        ];
        let cycles = self.settle || self.from.is_some() || self.cycles.is_some_and(|n| n > 0);
        let meshed = cycles && !self.delays;
        match of_cycles.iter().find(|(_, given)| *given) {
            Some((flag, _)) if !meshed => {
                let why = format!("of {n_nodes} nodes, it is for cycles without delays");
                let hint = "say --cycles too, or leave it out";
                Err(Error::not_applicable(*flag, why, hint))
            }
            _ => Ok(()),
        }
    }
}

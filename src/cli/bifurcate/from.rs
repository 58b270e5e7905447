//! The point of `--from`.

use std::path::Path;

use super::Args;
use crate::branches::Varied;
use crate::continuation::network::Network;
use crate::error::{Error, Result};
use crate::io::branches::read_point;
use crate::run::Start;
use crate::study::Study;
use crate::study::key::{self, Purpose};

impl Args {
    /// The point that is gone on from, with its numbers set in `study`; those of `--set` go before.
    /// Also how these are set by flags.
    pub fn start(&self, study: &mut Study) -> Result<(Option<Start>, Vec<String>)> {
        let Some(text) = &self.from else {
            return Ok((None, Vec::new()));
        };
        let hint = "write branches.npz:BRANCH:POINT, as in out/run/branches.npz:equilibria_1:12";
        let malformed = || Error::malformed("--from", text, hint);
        let mut parts = text.rsplitn(3, ':');
        let (Some(point), Some(branch), Some(file)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(malformed());
        };
        let point = point.parse().map_err(|_| malformed())?;
        let saved = read_point(Path::new(file), branch, point)?;
        if saved.state.len() != study.connectome.n_nodes() * study.model.states.len() {
            let hint = "name the model or study of the run that left it";
            let why = format!(
                "{branch} has {} states, and the study has {} nodes of {}",
                saved.state.len(),
                study.connectome.n_nodes(),
                study.model.states.len()
            );
            return Err(Error::not_applicable("--from", why, hint));
        }
        let of = |name: &str| key::resolve(study, name, Purpose::Follow).map(|a| a.full());
        let names = self
            .target
            .set
            .iter()
            .filter_map(|text| text.split('=').next());
        let set: Vec<String> = names.filter_map(|name| of(name.trim()).ok()).collect();
        let mut paths = Vec::new();
        for (name, value) in &saved.numbers {
            paths.push((of(name)?, *value));
        }
        paths.retain(|(path, _)| !set.contains(path));
        let mut flags = Vec::new();
        for (path, value) in paths {
            study.set_number(&path, value)?;
            flags.push(format!("{path}={value:?}"));
        }
        let orbit = saved
            .orbit
            .map(|orbit| (orbit.times, orbit.states, orbit.period));
        let state = saved.state;
        Ok((Some(Start { state, orbit }), flags))
    }

    /// Refuses to begin outside of the range that is followed.
    pub(super) fn check_start(&self, study: &Study, varied: &Varied) -> Result<()> {
        let begins = [("--from", self.from.is_some()), ("--settle", self.settle)];
        let flag = begins.iter().find(|(_, given)| *given);
        if let (Some((flag, _)), Ok(network)) = (flag, Network::new(study, &varied.path)) {
            let (own, [low, high]) = (network.parameter_start(), varied.range);
            if !(low..=high).contains(&own) {
                let why = format!("it begins at {own}, outside the range of --vary");
                let hint = "take a range that holds it, or say --set with a value within";
                return Err(Error::not_applicable(*flag, why, hint));
            }
        }
        Ok(())
    }
}

//! Branches whose stability changes by more than the bifurcations that were found on them.

use super::{Found, fixed};
use crate::error::Remark;

/// Where the events that were found do not explain the stability.
#[derive(Debug, Clone, Default)]
pub(crate) struct Unexplained {
    /// Branches, in words.
    places: Vec<String>,
    /// Which of the remarks is about them.
    told: Option<usize>,
}

/// Branches at most that a remark lists.
const LISTED: usize = 3;

impl Unexplained {
    fn remark(&self) -> Remark {
        let listed = &self.places[..self.places.len().min(LISTED)];
        let more = match self.places.len() - listed.len() {
            0 => String::new(),
            1 => " and one more branch".into(),
            n => format!(" and {n} more branches"),
        };
        let what = format!(
            "stability changes on {}{more} by more than the bifurcations found there: some lie too close together to be told apart, as \
             they do beside a connection of a saddle-focus, where there are infinitely many",
            listed.join(", ")
        );
        Remark::new(what).with_hint("a smaller --step-max or --step-min may find more of them")
    }
}

impl Found {
    /// One remark on all branches where events do not explain the stability; `points` are the places on the one that was added last.
    pub(super) fn tell_unexplained(&mut self, points: &[f64]) {
        let (Some(branch), Some(first)) = (self.branches.last(), points.first()) else {
            return;
        };
        let place = match points.len() {
            1 => format!("{} (near {})", branch.name, fixed(*first)),
            n => format!(
                "{} ({n} places, the first near {})",
                branch.name,
                fixed(*first)
            ),
        };
        self.unexplained.places.push(place);
        let remark = self.unexplained.remark();
        match self.unexplained.told {
            Some(k) => self.stopped[k] = remark,
            None => {
                self.unexplained.told = Some(self.stopped.len());
                self.stopped.push(remark);
            }
        }
    }
}

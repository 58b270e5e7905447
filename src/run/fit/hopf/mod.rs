//! Where the network of a fit begins to oscillate, and how far from there the finalists lie.
//!
//! In two of the free numbers, the others at the best finalist's, the Hopf points at which rest becomes unstable lie on curves
//! ([`NetworkPlane`]). Delays are those of the study; noise counts with its mean, so its strength does not matter here.

mod curves;
mod term;

use serde_json::{Map, Value, json};

pub use curves::HopfCurves;
pub(super) use term::{CURVES, DISTANCE};

use super::{Fit, Fitted};
use crate::continuation::delay::characteristic::Characteristic;
use crate::continuation::network::Network;
use crate::control::Control;
use crate::error::{Error, Result};
use crate::output::{Table, cell};
use crate::study::{Study, key};

/// What asks for curves in the report, as errors call it.
const REPORT: &str = "--report hopf";

/// Regions that are named, at most, and the least share in the mode of one that is.
const MOST_REGIONS: usize = 3;
const LEAST_SHARE: f64 = 0.1;

/// The first Hopf points of the network over two free numbers, and where the finalists lie.
#[derive(Debug, Clone)]
pub struct FirstHopf {
    /// The curves, the other numbers as in the first finalist.
    pub found: HopfCurves,
    /// Where each finalist lies; none where no equilibrium was found.
    pub finalists: Vec<Option<Beyond>>,
}

/// Where a finalist lies.
#[derive(Debug, Clone)]
pub struct Beyond {
    /// Distance to the nearest point of the curves, both numbers in units of their ranges: positive where rest is unstable. None without
    /// curves.
    pub distance: Option<f64>,
    /// Roots with a positive real part of the network at rest with the finalist's numbers.
    pub n_unstable: usize,
    /// The regions that take most part in the rightmost mode, with their shares.
    pub regions: Vec<(usize, f64)>,
    /// The period of that mode, ms; none of one that does not turn.
    pub period_ms: Option<f64>,
}

impl Fit {
    /// The first two free numbers in which a network is continued for the report.
    ///
    /// # Errors
    /// [`Error::Usage`] where there are not two, with what is in the way, and where the study holds an output.
    pub fn hopf_axes(&self) -> Result<[usize; 2]> {
        self.followed(REPORT)
    }

    /// The same for whatever `asks` for curves.
    fn followed(&self, asks: &str) -> Result<[usize; 2]> {
        if self.ends().base().hold.is_some() {
            let why = "the study holds an output at a target, and a continuation leaves that out";
            return Err(Error::not_applicable(asks, why, "leave out one of the two"));
        }
        if self.has_own_connectomes() {
            let why = "the curves are those of one network, and each subject has its own";
            let hint = format!("fit one subject alone: --set {}=NAME", key::SUBJECT.path);
            return Err(Error::not_applicable(asks, why, hint));
        }
        let mut why = None;
        let mut axes = Vec::new();
        for (k, axis) in self.ends().axes().iter().enumerate() {
            if axis.paths().count() > 1 {
                continue;
            }
            match Network::new(self.ends().base(), &axis.path) {
                Ok(_) => axes.push(k),
                Err(error) => why = why.or(Some(error.to_string())),
            }
        }
        match axes[..] {
            [first, second, ..] => Ok([first, second]),
            _ => {
                let why = why.map_or(String::new(), |why| format!(": {why}"));
                let problem = format!(
                    "{asks} follows two free numbers, and {} of the fit's can be followed{why}",
                    axes.len()
                );
                let hint = "let inputs, couplings or parameters of the model free, each for itself";
                Err(Error::usage(problem, hint))
            }
        }
    }

    /// The study with these free numbers.
    fn study_at(&self, values: &[f64]) -> Result<Study> {
        self.ends().at(&[values.to_vec()])?.study(0, 0)
    }

    /// Where a point lies; none where no equilibrium is found, or its roots are not known for certain.
    fn beyond(&self, curves: &HopfCurves, values: &[f64], control: &Control) -> Option<Beyond> {
        let study = self.study_at(values).ok()?;
        let first = curves.axes[0];
        let network = Network::new(&study, &self.ends().axes()[first].path).ok()?;
        let p = values[first];
        let equilibrium = network.equilibrium_unless(&network.start(&study), p, control);
        let roots = Characteristic::new(&network, &equilibrium.ok()?.u, p);
        let roots = roots.rightmost(1).ok()?;
        let rightmost = roots.roots.first()?;
        let mut regions: Vec<(usize, f64)> = rightmost.shares.iter().copied().enumerate().collect();
        regions.sort_by(|a, b| b.1.total_cmp(&a.1));
        regions.truncate(MOST_REGIONS);
        regions.retain(|(_, share)| *share >= LEAST_SHARE);
        let omega = rightmost.lambda.im;
        let sign = if roots.n_unstable > 0 { 1.0 } else { -1.0 };
        let distance = curves.distance(&self.shares(values));
        Some(Beyond {
            distance: distance.map(|distance| sign * distance),
            n_unstable: roots.n_unstable,
            regions,
            period_ms: (omega > 0.0).then(|| std::f64::consts::TAU / omega),
        })
    }
}

impl Fitted<'_> {
    /// Follows the first Hopf points over two free numbers, for the report.
    ///
    /// # Errors
    /// Those of [`Fit::hopf_axes`], and of continuation where it fails.
    pub fn find_hopf(&mut self, control: &Control) -> Result<()> {
        let axes = self.fit.hopf_axes()?;
        let Some(best) = self.finalists.first() else {
            return Ok(());
        };
        let found = HopfCurves::follow(self.fit, axes, &best.values, control)?;
        let mut finalists = Vec::new();
        for finalist in &self.finalists {
            finalists.push(self.fit.beyond(&found, &finalist.values, control));
            if control.is_stopped() {
                return Err(Error::Interrupted);
            }
        }
        self.hopf = Some(FirstHopf { found, finalists });
        Ok(())
    }
}

impl Beyond {
    /// The regions that take most part in the rightmost mode, as "A 40 %, B 12 %", by their `labels`.
    pub fn regions_in_words(&self, labels: &[String]) -> String {
        let regions = self.regions.iter();
        let regions: Vec<String> = regions
            .map(|(node, share)| format!("{} {:.0} %", labels[*node], 100.0 * share))
            .collect();
        regions.join(", ")
    }
}

impl FirstHopf {
    /// Every point of the curves; the numbers are called `paths`.
    pub(super) fn table(&self, paths: [&str; 2]) -> Table {
        let header = ["curve", paths[0], paths[1], "period"].map(String::from);
        let rows = self
            .found
            .curves
            .iter()
            .enumerate()
            .flat_map(|(number, curve)| {
                let row = move |point: &[f64; 3]| {
                    let mut row = vec![number.to_string()];
                    row.extend(point.map(cell));
                    row
                };
                curve.iter().map(row)
            });
        Table {
            name: "hopf",
            header: header.to_vec(),
            rows: rows.collect(),
        }
    }

    /// The same for other programs, with the names of `regions`.
    pub(super) fn to_json(&self, paths: [&str; 2], regions: &dyn Fn(usize) -> String) -> Value {
        let finalists = self.finalists.iter().map(|of| {
            let Some(of) = of else { return Value::Null };
            let shares = of.regions.iter();
            let shares: Map<String, Value> = shares
                .map(|(node, share)| (regions(*node), json!(share)))
                .collect();
            json!({
                "distance": of.distance,
                "n_unstable": of.n_unstable,
                "regions": shares,
                "period_ms": of.period_ms,
            })
        });
        json!({
            "numbers": paths,
            "delays": self.found.has_delays,
            "curves": self.found.curves.len(),
            "finalists": finalists.collect::<Vec<_>>(),
        })
    }
}

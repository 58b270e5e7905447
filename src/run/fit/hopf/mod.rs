//! Where the network of a fit begins to oscillate, and how far from there the finalists lie.
//!
//! In two of the free numbers, the others at the best finalist's, the Hopf points at which rest becomes unstable lie on curves
//! ([`NetworkPlane`]). Delays are those of the study; noise counts with its mean, so its strength does not matter here.

use serde_json::{Map, Value, json};

use super::{Fit, Fitted};
use crate::continuation::delay::branch::{
    NetworkBranch, NetworkBranchSettings, NetworkEvent, NetworkEventKind,
};
use crate::continuation::delay::characteristic::Characteristic;
use crate::continuation::network::Network;
use crate::continuation::network_plane::NetworkPlane;
use crate::continuation::{Event, EventKind, Locus, Settings};
use crate::control::Control;
use crate::error::{Error, Remark, Result};
use crate::output::{Table, cell};
use crate::study::Study;

/// Regions that are named, at most, and the least share in the mode of one that is.
const MOST_REGIONS: usize = 3;
const LEAST_SHARE: f64 = 0.1;

/// The first Hopf points of the network over two free numbers.
#[derive(Debug, Clone)]
pub struct FirstHopf {
    /// The two free numbers, by their place among all.
    pub axes: [usize; 2],
    /// Whether the network has delays.
    pub has_delays: bool,
    /// The curves, each a list of values of both numbers with the period of the cycles that are born there, ms.
    pub curves: Vec<Vec<[f64; 3]>>,
    /// Where each finalist lies; none where no equilibrium was found.
    pub finalists: Vec<Option<Beyond>>,
    /// What could not be followed.
    pub stopped: Vec<Remark>,
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
    /// The first two free numbers in which a network is continued.
    ///
    /// # Errors
    /// [`Error::Usage`] where there are not two, with what is in the way, and where the study holds an output.
    pub fn hopf_axes(&self) -> Result<[usize; 2]> {
        if self.ends.base().hold.is_some() {
            let why = "the study holds an output at a target, and a continuation leaves that out";
            return Err(Error::not_applicable(
                "--report hopf",
                why,
                "leave out one of the two",
            ));
        }
        let mut why = None;
        let mut axes = Vec::new();
        for (k, axis) in self.ends.axes().iter().enumerate() {
            if axis.paths().count() > 1 {
                continue;
            }
            match Network::new(self.ends.base(), &axis.path) {
                Ok(_) => axes.push(k),
                Err(error) => why = why.or(Some(error.to_string())),
            }
        }
        match axes[..] {
            [first, second, ..] => Ok([first, second]),
            _ => {
                let why = why.map_or(String::new(), |why| format!(": {why}"));
                let problem = format!(
                    "--report hopf follows two free numbers, and {} of the fit's can be followed{why}",
                    axes.len()
                );
                let hint = "let inputs, couplings or parameters of the model free, each for itself";
                Err(Error::usage(problem, hint))
            }
        }
    }

    /// The study with these free numbers.
    fn study_at(&self, values: &[f64]) -> Result<Study> {
        self.ends.at(&[values.to_vec()])?.study(0, 0)
    }
}

impl Fitted<'_> {
    /// Follows the first Hopf points over two free numbers, for the report.
    ///
    /// # Errors
    /// Those of [`Fit::hopf_axes`] and of [`NetworkPlane::new`]; [`Error::Interrupted`] if `control` stopped it.
    pub fn find_hopf(&mut self, control: &Control) -> Result<()> {
        let axes = self.fit.hopf_axes()?;
        let Some(best) = self.finalists.first() else {
            return Ok(());
        };
        let study = self.fit.study_at(&best.values)?;
        let all = self.fit.ends.axes();
        let paths = axes.map(|k| all[k].path.as_str());
        let ranges = axes.map(|k| [all[k].values[0], all[k].values[1]]);
        let own = axes.map(|k| best.values[k]);
        let network = Network::new(&study, paths[0])?;
        // A model's feedback may be late where no tract is.
        let has_delays = network.delays_ms(own[0]).is_some() || !study.model.feedback.is_empty();
        let mut search = Search {
            plane: NetworkPlane::new(&study, paths, has_delays)?,
            study: &study,
            ranges,
            settings: Settings {
                control: control.clone(),
                ..Settings::new(ranges[0][0], ranges[0][1])
            },
            curves: Vec::new(),
            stopped: Vec::new(),
        };
        for varies in [0, 1] {
            let held = 1 - varies;
            for value in [own[held], ranges[held][0], ranges[held][1]] {
                search.along(varies, value)?;
            }
        }
        if control.is_stopped() {
            return Err(Error::Interrupted);
        }
        let points = |curve: &Locus| {
            let points = curve.points.iter();
            let points = points.map(|point| {
                let [a, b] = point.parameters;
                [a, b, point.period.unwrap_or(f64::NAN)]
            });
            points.collect::<Vec<_>>()
        };
        let mut found = FirstHopf {
            axes,
            has_delays,
            curves: search.curves.iter().map(points).collect(),
            finalists: Vec::new(),
            stopped: search.stopped,
        };
        for finalist in &self.finalists {
            let beyond = self.beyond(&found, &finalist.values, control);
            if control.is_stopped() {
                return Err(Error::Interrupted);
            }
            found.finalists.push(beyond);
        }
        self.hopf = Some(found);
        Ok(())
    }

    /// Where a point lies; none where no equilibrium is found, or its roots are not known for certain.
    fn beyond(&self, found: &FirstHopf, values: &[f64], control: &Control) -> Option<Beyond> {
        let study = self.fit.study_at(values).ok()?;
        let first = found.axes[0];
        let network = Network::new(&study, &self.fit.ends.axes()[first].path).ok()?;
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
        Some(Beyond {
            distance: self.distance(found, values).map(|distance| sign * distance),
            n_unstable: roots.n_unstable,
            regions,
            period_ms: (omega > 0.0).then(|| std::f64::consts::TAU / omega),
        })
    }

    /// The least distance of a point from the curves, both numbers in units of their ranges.
    fn distance(&self, found: &FirstHopf, values: &[f64]) -> Option<f64> {
        let share = |k: usize, value: f64| self.fit.ends.axes()[found.axes[k]].share(value);
        let point = [0, 1].map(|k| share(k, values[found.axes[k]]));
        let pieces = found.curves.iter().flat_map(|curve| curve.windows(2));
        let distances = pieces.map(|pair| {
            let [a, b] = [0, 1].map(|end| [0, 1].map(|k| share(k, pair[end][k])));
            from_piece(point, a, b)
        });
        distances.reduce(f64::min)
    }
}

/// The distance of a point from the straight piece between two others.
fn from_piece(point: [f64; 2], a: [f64; 2], b: [f64; 2]) -> f64 {
    let along = [b[0] - a[0], b[1] - a[1]];
    let length = along[0] * along[0] + along[1] * along[1];
    let from_a = [point[0] - a[0], point[1] - a[1]];
    let at = match length > 0.0 {
        true => ((from_a[0] * along[0] + from_a[1] * along[1]) / length).clamp(0.0, 1.0),
        false => 0.0,
    };
    let off = [from_a[0] - at * along[0], from_a[1] - at * along[1]];
    off[0].hypot(off[1])
}

/// The curves so far, and what new ones need.
struct Search<'a> {
    plane: NetworkPlane,
    study: &'a Study,
    ranges: [[f64; 2]; 2],
    settings: Settings,
    curves: Vec<Locus>,
    stopped: Vec<Remark>,
}

impl Search<'_> {
    /// Follows the curves through the Hopf points that bound the stable part of the branch in one of the numbers (0 or 1), where the
    /// other one has the value `held`.
    fn along(&mut self, varies: usize, held: f64) -> Result<()> {
        let control = self.settings.control.clone();
        let [low, high] = self.ranges[varies];
        let network = self.plane.network(varies, [held; 2])?;
        let settings = NetworkBranchSettings::new((low, high));
        let start = network.start(self.study);
        let branch = match NetworkBranch::watched(&network, &start, settings, control.clone()) {
            Ok(branch) => branch,
            Err(error) if error.is_numerical() => {
                self.stopped.push(error.into());
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let mut bounds: Vec<NetworkEvent> = Vec::new();
        for point in branch {
            let events = match point {
                Ok(point) => point.events,
                Err(error) if error.is_numerical() => {
                    self.stopped.push(error.into());
                    break;
                }
                Err(error) => return Err(error),
            };
            bounds.extend(events.into_iter().filter(|event| {
                let is_bound = (event.n_unstable_before == 0) != (event.n_unstable_after == 0);
                is_bound && event.kind == NetworkEventKind::Hopf && event.multiplicity == 1
            }));
            if control.is_stopped() {
                return Ok(());
            }
        }
        for event in &bounds {
            let mut event = Event::from(event);
            event.parameters.insert(1 - varies, held);
            let second = event.parameters[1];
            let mut known = self.curves.iter();
            if known.any(|curve| {
                self.plane
                    .passes(curve, &event, second, self.ranges, &self.settings)
            }) {
                continue;
            }
            let curve =
                self.plane
                    .curve(&event, EventKind::Hopf, second, self.ranges, &self.settings);
            match curve {
                Ok(curve) => {
                    self.stopped.extend(curve.stopped.iter().cloned());
                    self.curves.push(curve);
                }
                Err(error) if error.is_numerical() => self.stopped.push(error.into()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl FirstHopf {
    /// Every point of the curves; the numbers are called `paths`.
    pub(super) fn table(&self, paths: [&str; 2]) -> Table {
        let header = ["curve", paths[0], paths[1], "period"].map(String::from);
        let rows = self.curves.iter().enumerate().flat_map(|(number, curve)| {
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
            "delays": self.has_delays,
            "curves": self.curves.len(),
            "finalists": finalists.collect::<Vec<_>>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::from_piece;

    #[test]
    fn distances_are_those_from_the_nearest_point_of_a_piece() {
        let (a, b) = ([0.0, 0.0], [2.0, 0.0]);
        for (point, expected) in [
            ([1.0, 0.5], 0.5),
            ([3.0, 0.0], 1.0),
            ([-3.0, 4.0], 5.0),
            ([2.0, -2.0], 2.0),
        ] {
            assert!(
                (from_piece(point, a, b) - expected).abs() < 1e-15,
                "{point:?}"
            );
        }
        assert_eq!(from_piece([3.0, 4.0], a, a), 5.0);
    }
}

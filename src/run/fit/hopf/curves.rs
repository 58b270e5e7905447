//! The curves of first Hopf points over two numbers, and how far from them a point lies.

use super::super::Fit;
use crate::continuation::delay::branch::{
    NetworkBranch, NetworkBranchSettings, NetworkEvent, NetworkEventKind,
};
use crate::continuation::network::Network;
use crate::continuation::network_plane::NetworkPlane;
use crate::continuation::{Event, EventKind, Locus, Settings};
use crate::control::Control;
use crate::error::{Error, Remark, Result};
use crate::study::Study;

/// The first Hopf points of a network over two free numbers.
#[derive(Debug, Clone)]
pub struct HopfCurves {
    /// The two free numbers, by their place among all.
    pub axes: [usize; 2],
    /// Whether the network has delays.
    pub has_delays: bool,
    /// The curves, each a list of values of both numbers with the period of the cycles that are born there, ms.
    pub curves: Vec<Vec<[f64; 3]>>,
    /// The same, with where both numbers lie in their ranges, from 0 to 1.
    shares: Vec<Vec<[f64; 2]>>,
    /// What could not be followed.
    pub stopped: Vec<Remark>,
}

impl HopfCurves {
    /// Those of known points.
    pub(super) fn new(
        fit: &Fit,
        axes: [usize; 2],
        has_delays: bool,
        curves: Vec<Vec<[f64; 3]>>,
    ) -> Self {
        let share = |k: usize, value: f64| fit.ends().axes()[axes[k]].share(value);
        let curve = |curve: &Vec<[f64; 3]>| {
            let points = curve.iter();
            points
                .map(|&[a, b, _]| [share(0, a), share(1, b)])
                .collect()
        };
        Self {
            axes,
            has_delays,
            shares: curves.iter().map(curve).collect(),
            curves,
            stopped: Vec::new(),
        }
    }

    /// Follows the curves over the two free numbers `axes`, the others as in `values`, `[n_free]`.
    ///
    /// # Errors
    /// Those of [`NetworkPlane::new`]; [`Error::Interrupted`] if `control` stopped it.
    pub fn follow(fit: &Fit, axes: [usize; 2], values: &[f64], control: &Control) -> Result<Self> {
        let study = fit.study_at(values)?;
        let all = fit.ends().axes();
        let paths = axes.map(|k| all[k].path.as_str());
        let ranges = axes.map(|k| [all[k].values[0], all[k].values[1]]);
        let own = axes.map(|k| values[k]);
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
        // Where these lines miss all curves, or could not be followed to one, others between them.
        for (varies, share) in [(1, 0.25), (1, 0.75), (0, 0.25), (0, 0.75)] {
            if search.curves.is_empty() && !control.is_stopped() {
                let [low, high] = ranges[1 - varies];
                search.along(varies, low + share * (high - low))?;
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
        let curves = search.curves.iter().map(points).collect();
        Ok(Self {
            stopped: search.stopped,
            ..Self::new(fit, axes, has_delays, curves)
        })
    }

    /// The least distance of a point of the unit box, `[n_free]`, from the curves, both numbers in units of their ranges; none without
    /// curves.
    pub fn distance(&self, point: &[f64]) -> Option<f64> {
        let point = self.axes.map(|k| point[k]);
        let pieces = self.shares.iter().flat_map(|curve| curve.windows(2));
        let distances = pieces.map(|pair| from_piece(point, pair[0], pair[1]));
        distances.reduce(f64::min)
    }

    /// Where both numbers lie in their ranges, `share` of the way along all curves; none without curves.
    pub fn at(&self, share: f64) -> Option<[f64; 2]> {
        let pieces = || self.shares.iter().flat_map(|curve| curve.windows(2));
        let length = |pair: &[[f64; 2]]| (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1]);
        let mut left = share * pieces().map(length).sum::<f64>();
        for pair in pieces() {
            let own = length(pair);
            if left <= own && own > 0.0 {
                let along = left / own;
                let between = |k: usize| pair[0][k] + along * (pair[1][k] - pair[0][k]);
                return Some([0, 1].map(|k| between(k).clamp(0.0, 1.0)));
            }
            left -= own;
        }
        self.shares.iter().flatten().last().copied()
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

//! Folds and Hopf points of a network as curves in two numbers.

use super::settings;
use crate::branches::{Found, Kind, fixed};
use crate::continuation::delay::branch::{NetworkBranch, NetworkPoint};
use crate::continuation::network_plane::{NetworkPlane, beginnings};
use crate::continuation::{Event, EventKind, Locus, Settings};
use crate::control::{Control, Reached};
use crate::error::{Error, Remark, Result};
use crate::run::branches::Request;
use crate::study::Study;

/// Follows the curves through the events in `found`, which lie at the study's `own` value of the
/// second number, then those at the ends of its range that no curve has reached, and those that begin at
/// points of codimension two.
pub(super) fn follow(
    plane: NetworkPlane,
    (study, own): (&Study, f64),
    request: &Request,
    control: &Control,
    found: &mut Found,
) -> Result<()> {
    let [first, second] = &request.varied[..] else {
        return Ok(());
    };
    let mut curves = Curves {
        plane,
        ranges: [first.range, second.range],
        settings: Settings {
            control: control.clone(),
            ..request.settings.clone()
        },
        known: Vec::new(),
    };
    let on_branches = found
        .of(Kind::Equilibria)
        .flat_map(|branch| branch.events());
    let events: Vec<Event> = on_branches.cloned().collect();
    let [low, high] = second.range;
    if (low..=high).contains(&own) {
        for event in events {
            if event
                .coefficients
                .iter()
                .any(|(name, _)| *name == "multiplicity")
            {
                found.stopped.push(several_at_once(&event));
                continue;
            }
            match event.kind {
                EventKind::Fold => curves.add(event, EventKind::Fold, own, found)?,
                kind if kind.is_hopf() => curves.add(event, EventKind::Hopf, own, found)?,
                _ => (),
            }
        }
    }
    for end in [low, high] {
        if control.is_stopped() || end == own {
            continue;
        }
        let network = match curves.plane.network(0, [first.range[0], end]) {
            Ok(network) => network,
            Err(error) => {
                found.stopped.push(Error::into(error));
                continue;
            }
        };
        let start = network.start(study);
        let branch = NetworkBranch::watched(&network, &start, settings(request), control.clone());
        let Ok(branch) = branch else {
            continue;
        };
        let mut points: Vec<NetworkPoint> = Vec::new();
        // Where the branch stops short, the events until there are known.
        for point in branch.flatten() {
            let reached = Reached {
                what: "equilibria",
                n_points: points.len() + 1,
                parameter: point.equilibrium.p,
            };
            points.push(point);
            if !control.goes_on(reached) {
                break;
            }
        }
        for (event, kind) in beginnings(&points) {
            curves.add(event, kind, end, found)?;
        }
    }
    Ok(())
}

/// The curves found so far, and what new ones need.
struct Curves {
    plane: NetworkPlane,
    ranges: [[f64; 2]; 2],
    settings: Settings,
    known: Vec<Locus>,
}

impl Curves {
    /// The curve through an event, and those that begin on it, unless they are known.
    fn add(&mut self, event: Event, kind: EventKind, second: f64, found: &mut Found) -> Result<()> {
        let mut todo = vec![(event, kind)];
        while let Some((event, kind)) = todo.pop() {
            if self.settings.control.is_stopped() {
                return Ok(());
            }
            let mut alike = self.known.iter().filter(|curve| curve.kind == kind);
            if alike.any(|curve| {
                self.plane
                    .passes(curve, &event, second, self.ranges, &self.settings)
            }) {
                continue;
            }
            let curve = self
                .plane
                .curve(&event, kind, second, self.ranges, &self.settings);
            let curve = match curve {
                Ok(curve) => curve,
                Err(error) if !error.is_numerical() => return Err(error),
                Err(error) => {
                    found.stopped.push(error.into());
                    continue;
                }
            };
            todo.extend(curve.events().flat_map(beginning));
            found.add_curve(&curve);
            self.known.push(curve);
        }
        Ok(())
    }
}

/// The curves that begin at a point of codimension two, or pass it.
fn beginning(event: &Event) -> Vec<(Event, EventKind)> {
    let pairs = event.eigenvalues.iter().filter(|lambda| lambda.im > 0.0);
    let on_axis = pairs.filter(|lambda| lambda.re.abs() < ON_AXIS * lambda.im);
    let hopfs = on_axis.map(|lambda| {
        let omega = Some(lambda.im);
        let event = Event {
            omega,
            ..event.clone()
        };
        (event, EventKind::Hopf)
    });
    let fold = (event.clone(), EventKind::Fold);
    match event.kind {
        EventKind::BogdanovTakens => {
            let omega = Some(0.0);
            let event = Event {
                omega,
                ..event.clone()
            };
            vec![fold, (event, EventKind::Hopf)]
        }
        EventKind::ZeroHopf => hopfs.chain([fold]).collect(),
        EventKind::HopfHopf => hopfs.collect(),
        _ => Vec::new(),
    }
}

/// A root this near to the imaginary axis, relative to its frequency, is on it.
const ON_AXIS: f64 = 1e-5;

fn several_at_once(event: &Event) -> Remark {
    let what = format!(
        "no curve is followed from the {} at {}: several roots cross there at once",
        event.kind,
        fixed(event.parameters[0]),
    );
    Remark::new(what).with_hint("make the nodes slightly different, or follow one node alone")
}

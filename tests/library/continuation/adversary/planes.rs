//! Phase planes beside the diagram: found by return maps and by orbits, not by continuation.

use brainsweep::continuation::{Cycle, Diagram, NodeProblem, PhasePlane, PlaneSettings, Settings};

use super::{Case, Random};

/// Values of the parameter at which they are compared.
const VALUES: usize = 1;
/// A phase plane's cycles and those of a branch agree to this.
const AGREE: f64 = 1e-3;

/// Where the cycles of a phase plane and of the diagram differ, and what the plane says of itself.
pub fn against_planes(
    node: &NodeProblem,
    case: &Case,
    diagram: &Diagram,
    settings: &Settings,
    random: &mut Random,
) -> Vec<String> {
    let [low, high] = settings.range;
    let mut faults = Vec::new();
    for _ in 0..VALUES {
        let p = random.between(low, high);
        let plane = PlaneSettings {
            window: case.states.map(Some),
            ..PlaneSettings::default()
        };
        let plane = match PhasePlane::new(node, &[p], &plane) {
            Ok(plane) => plane,
            Err(error) => {
                faults.push(error.to_string());
                continue;
            }
        };
        let stopped = plane.stopped.iter();
        faults.extend(stopped.map(|remark| format!("{p}: phase plane: {}", remark.report())));
        let branches = diagram.cycles.iter();
        let followed: Vec<Cycle> = branches
            .flat_map(|branch| branch.cycles_at(node, node.start(), 0, p, settings))
            .collect();
        let has = |cycles: &[Cycle], cycle: &Cycle| {
            let near = |other: &Cycle| {
                let unit = case.units();
                let off = |i: usize| {
                    (other.minima[i] - cycle.minima[i])
                        .abs()
                        .max((other.maxima[i] - cycle.maxima[i]).abs())
                };
                other.is_stable() == cycle.is_stable()
                    && (other.period / cycle.period - 1.0).abs() < AGREE
                    && (0..2).all(|i| off(i) < AGREE * unit[i])
            };
            cycles.iter().any(near)
        };
        let told = |cycle: &Cycle, where_missing: &str| {
            let kind = if cycle.is_stable() {
                "stable"
            } else {
                "unstable"
            };
            format!(
                "{p}: the {kind} cycle of period {} ms, {} from {} to {}, is missing in the {where_missing}",
                cycle.period, plane.states[0], cycle.minima[0], cycle.maxima[0]
            )
        };
        for (cycles, others, name) in [
            (&followed, &plane.cycles, "phase plane"),
            (&plane.cycles, &followed, "diagram"),
        ] {
            let missing = cycles.iter().filter(|cycle| !has(others, cycle));
            faults.extend(missing.map(|cycle| told(cycle, name)));
        }
    }
    faults
}

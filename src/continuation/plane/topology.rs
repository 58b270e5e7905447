//! What equilibria and cycles in a plane owe each other.
//!
//! The indices of the equilibria inside a cycle add up to 1: -1 of a saddle, +1 of any other. And
//! where a cycle has nothing inside but one equilibrium, or one other cycle and what that has
//! inside, one of the two attracts what is between them and the other repels it: else there is
//! another cycle between them.

use super::winding::Rest;
use crate::continuation::event::Cycle;
use crate::continuation::stability::Stability;
use crate::error::Remark;

/// What `cycles` and `equilibria` lack, in words.
pub(in crate::continuation) fn contradictions(
    equilibria: &[Rest<'_>],
    cycles: &[Cycle],
) -> Vec<Remark> {
    let degenerate = |rest: &Rest<'_>| rest.eigenvalues.iter().any(|value| value.re == 0.0);
    if equilibria.iter().any(degenerate) {
        return Vec::new();
    }
    let contents = |cycle: &Cycle| -> Vec<&Rest<'_>> {
        let inside = |rest: &&Rest<'_>| goes_round(cycle, rest.state);
        equilibria.iter().filter(inside).collect()
    };
    let mut found = Vec::new();
    for cycle in cycles {
        let within = contents(cycle);
        let index: i32 = within
            .iter()
            .map(|r| if r.is_saddle() { -1 } else { 1 })
            .sum();
        if index != 1 {
            found.push(Remark::new(format!(
                "the indices of the equilibria inside the cycle of period {:.6} ms add up to {index}, not 1: another equilibrium is \
                 inside that was not found",
                cycle.period
            )));
            continue;
        }
        // The cycles inside, and of these the outermost.
        let inner: Vec<&Cycle> = cycles
            .iter()
            .filter(|other| is_inside(other, cycle))
            .collect();
        let hidden = |c: &&&Cycle| inner.iter().any(|other| is_inside(c, other));
        let next: Vec<&&Cycle> = inner.iter().filter(|c| !hidden(c)).collect();
        let between = |rest: &&&Rest<'_>| !next.iter().any(|c| goes_round(c, rest.state));
        let between: Vec<&&Rest<'_>> = within.iter().filter(between).collect();
        let (kind, other) = kinds(cycle.is_stable());
        let facing = match (&next[..], &between[..]) {
            ([inner], []) if inner.is_stable() == cycle.is_stable() => {
                format!("the {kind} cycle of period {:.6} ms", inner.period)
            }
            ([], [rest]) if attracts(rest) == cycle.is_stable() => {
                let [x, y] = rest.state;
                format!("the {kind} equilibrium at ({x:.6}, {y:.6})")
            }
            _ => continue,
        };
        found.push(Remark::new(format!(
            "between {facing} and the {kind} cycle of period {:.6} ms round it there is {other} cycle, which was not found",
            cycle.period
        )));
    }
    found
}

/// What a cycle is called, and one of the other kind with its article.
fn kinds(stable: bool) -> (&'static str, &'static str) {
    match stable {
        true => ("stable", "an unstable"),
        false => ("unstable", "a stable"),
    }
}

fn attracts(rest: &Rest<'_>) -> bool {
    let stability = Stability::of(rest.eigenvalues);
    matches!(stability, Stability::StableNode | Stability::StableFocus)
}

/// Whether `inner` is inside `outer`.
fn is_inside(inner: &Cycle, outer: &Cycle) -> bool {
    let smaller =
        |i: usize| inner.minima[i] >= outer.minima[i] && inner.maxima[i] <= outer.maxima[i];
    let begin = &inner.profile[0];
    !std::ptr::eq(inner, outer)
        && smaller(0)
        && smaller(1)
        && goes_round(outer, [begin[0], begin[1]])
}

/// Whether `u` is inside `cycle`: a ray from there crosses it an odd number of times.
fn goes_round(cycle: &Cycle, u: [f64; 2]) -> bool {
    let crosses = |pair: &&[Vec<f64>]| {
        let [a, b] = [&pair[0], &pair[1]];
        (a[1] > u[1]) != (b[1] > u[1])
            && u[0] < a[0] + (b[0] - a[0]) * (u[1] - a[1]) / (b[1] - a[1])
    };
    cycle.profile.windows(2).filter(crosses).count() % 2 == 1
}

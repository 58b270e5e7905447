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

#[cfg(test)]
mod tests {
    use num_complex::Complex64;

    use super::*;

    fn rest(x: f64, eigenvalues: &[Complex64; 2]) -> Rest<'_> {
        Rest::new(&[x, 0.0], eigenvalues)
    }

    /// A circle round `(x, 0)`.
    fn circle(x: f64, radius: f64, stable: bool) -> Cycle {
        let angles = (0..=40).map(|k| std::f64::consts::TAU * k as f64 / 40.0);
        Cycle {
            parameter: 0.0,
            period: radius,
            minima: vec![x - radius, -radius],
            maxima: vec![x + radius, radius],
            multipliers: Vec::new(),
            trivial_error: 0.0,
            mesh_error: None,
            n_unstable: usize::from(!stable),
            times: Vec::new(),
            profile: angles
                .map(|a| vec![x + radius * a.cos(), radius * a.sin()])
                .collect(),
            events: Vec::new(),
            residual: 0.0,
            newton_iterations: 0,
        }
    }

    #[track_caller]
    fn says(equilibria: &[Rest<'_>], cycles: &[Cycle], parts: &[&str]) {
        let found = contradictions(equilibria, cycles);
        assert_eq!(found.len(), parts.len(), "{found:?}");
        for (remark, part) in found.iter().zip(parts) {
            assert!(remark.what.contains(part), "{}", remark.what);
        }
    }

    /// Two wells with a saddle between them, as far as their topology goes.
    #[test]
    fn what_is_missing_is_said() {
        let real = |a: f64, b: f64| [a, b].map(|re| Complex64::new(re, 0.0));
        let (stable, unstable, saddle) = (real(-1.0, -2.0), real(2.0, 1.0), real(1.0, -1.0));
        let wells = || [rest(-1.0, &stable), rest(0.0, &saddle), rest(1.0, &stable)];
        // A cycle round both wells, with an unstable one round each or round one of them.
        says(&wells(), &[circle(0.0, 3.0, true)], &[]);
        let within = |stable| [circle(1.0, 0.5, stable), circle(0.0, 3.0, true)];
        says(&wells(), &within(false), &[]);
        says(
            &wells(),
            &within(true),
            &["between the stable equilibrium at (1.000000, 0.000000) and the stable cycle"],
        );
        says(
            &wells()[..2],
            &[circle(0.0, 3.0, true)],
            &["add up to 0, not 1"],
        );
        let focus = [rest(0.0, &unstable)];
        says(&focus, &[circle(0.0, 1.0, true)], &[]);
        says(
            &focus,
            &[circle(0.0, 1.0, true), circle(0.0, 2.0, true)],
            &["there is an unstable cycle"],
        );
        says(
            &focus,
            &[circle(0.0, 1.0, false)],
            &["between the unstable equilibrium"],
        );
        let three = [true, false, true].into_iter().zip([1.0, 2.0, 3.0]);
        let three: Vec<Cycle> = three.map(|(kind, r)| circle(0.0, r, kind)).collect();
        says(&focus, &three, &[]);
        // With an eigenvalue of 0 an index is not known.
        says(
            &[rest(0.0, &real(0.0, -1.0))],
            &[circle(0.0, 1.0, true)],
            &[],
        );
    }
}

//! Whether a run ever makes a subnormal number (below 1.2e-38, but not 0), which many GPUs take for 0.
//!
//! The reference kernel shows every number of every step here. What it does not show are the products of
//! weights and what was sent, and the moments; they follow from the smallest numbers.

use std::cell::Cell;

/// What was seen by this thread.
#[derive(Debug, Clone, Copy)]
struct Seen {
    numbers: u64,
    subnormal: u64,
    /// The smallest that is not 0.
    least: f32,
}

const NOTHING: Seen = Seen {
    numbers: 0,
    subnormal: 0,
    least: f32::INFINITY,
};

thread_local! {
    static SEEN: Cell<Seen> = const { Cell::new(NOTHING) };
}

/// Counts the numbers of a step at a node.
pub(super) fn look_at(values: &[f32]) {
    let mut seen = SEEN.get();
    seen.numbers += values.len() as u64;
    for &x in values {
        seen.subnormal += u64::from(x.is_subnormal());
        if x != 0.0 {
            seen.least = seen.least.min(x.abs());
        }
    }
    SEEN.set(seen);
}

#[cfg(test)]
mod tests {
    use super::super::{Fusion, Kernel, run_group};
    use super::*;
    use crate::control::Control;
    use crate::plan::Plan;
    use crate::record::{Raw, Recorded};

    /// Runs the plan on this thread with the reference kernel.
    fn watched(plan: &Plan) -> (Recorded, Seen) {
        SEEN.set(NOTHING);
        let recorder = Raw::new(plan).unwrap();
        let how = (Kernel::Reference, Fusion::All);
        run_group(plan, how, &[0], &recorder, &Control::default());
        (recorder.into_recorded().pop().unwrap(), SEEN.get())
    }

    /// The smallest of these magnitudes that is not 0.
    fn least(numbers: impl Iterator<Item = f32>) -> f32 {
        let magnitudes = numbers.map(f32::abs).filter(|&x| x > 0.0);
        magnitudes.fold(f32::INFINITY, f32::min)
    }

    /// Sums and differences of normal numbers are subnormal only where both are below 2^-102.
    const SAFE: f32 = 2e-31;

    #[test]
    fn the_shipped_studies_make_no_subnormal_number() {
        for shipped in crate::io::study::SHIPPED {
            let name = shipped.name;
            // Of BOLD, which takes minutes, the first seconds of what drives it.
            let settings: &[&str] = match name {
                "hcp_bold" => &[
                    "record.every=1",
                    "record.states=[\"S_E\"]",
                    "measure.make=[]",
                    "protocol.duration=3000",
                    "protocol.transient=0",
                ],
                _ => &["record.every=1"],
            };
            let study = crate::io::study::load(Some(name.as_ref()), settings).unwrap();
            let plan = Plan::new(&study).unwrap();
            let (recorded, seen) = watched(&plan);
            println!("{name}: {seen:?}");
            assert_eq!(recorded.end.n_steps, plan.n_steps);
            assert!(seen.numbers > u64::from(plan.n_steps));
            assert_eq!(seen.subnormal, 0, "{name}: {seen:?}");
            // Products of weights and what was sent, which is among what was seen.
            let weight = least(plan.edges.weights.iter().flatten().copied());
            assert!(
                weight * seen.least > SAFE || plan.edges.lag.is_empty(),
                "{name}: {weight} {seen:?}"
            );
            // Products of what samples differ by, in the moments.
            let n = plan.recording.n_transient;
            let samples = recorded.samples.index_axis(ndarray::Axis(1), 0);
            let shift = samples.row(n);
            let differences = samples.outer_iter().skip(n);
            let difference = least(differences.flat_map(|row| (&row - &shift).into_iter()));
            assert!(difference * difference > SAFE, "{name}: {difference}");
        }
    }

    /// The count can fail: a node without input decays below all normal numbers.
    #[test]
    fn subnormal_numbers_are_counted() {
        look_at(&[0.0, 1.0, -1e-39, f32::MIN_POSITIVE]);
        let seen = SEEN.get();
        assert_eq!((seen.numbers, seen.subnormal, seen.least), (4, 1, 1e-39));
    }
}

//! What the conformance test finds of a device, and the class that follows.

use super::shader::{Build, Dialect};
use super::{Gpu, conformance};
use crate::backend::DeviceClass;
use crate::error::Result;

/// Inputs of the conformance test at start-up.
pub(super) const N_CONFORMANCE_INPUTS: u32 = 1 << 14;

/// The ways of building shaders that were tried, and what was found of each.
pub(super) type Tried = Vec<(Build, Result<Examined>)>;

/// What a device does with shaders written in one way.
pub(super) struct Examined {
    pub(super) dialect: Dialect,
    /// Results that differ from the host's, per probe.
    pub(super) mismatches: [usize; conformance::PROBES.len()],
    /// Loop iterations that one invocation may make in one dispatch.
    pub(super) max_iterations: u32,
}

impl Examined {
    /// Runs the conformance test.
    ///
    /// # Errors
    /// [`crate::Error::Device`] if the driver refuses such shaders, or fails.
    pub(super) fn of(gpu: &Gpu, dialect: Dialect) -> Result<Self> {
        let inputs = conformance::inputs(N_CONFORMANCE_INPUTS);
        let mismatches = conformance::mismatches(gpu, dialect, &inputs)?;
        let iterations = conformance::loop_iterations(gpu, dialect)?;
        Ok(Self {
            dialect,
            mismatches,
            // A limit that shows is that of Mesa's older software renderer; stay clear of it.
            max_iterations: if iterations == conformance::LOOP_PROBE {
                u32::MAX
            } else {
                iterations / 10 * 9
            },
        })
    }

    /// Mismatches of the probes of subnormal numbers, or of all others.
    fn count(&self, of_subnormals: bool) -> usize {
        let probes = conformance::PROBES.iter().zip(self.mismatches);
        probes
            .filter(|(probe, _)| conformance::is_of_subnormals(probe) == of_subnormals)
            .map(|(_, n)| n)
            .sum()
    }

    /// The class of the device, with such shaders.
    pub(super) fn class(&self) -> DeviceClass {
        match (self.dialect.build, self.count(false), self.count(true)) {
            (Build::Plain, ..) => DeviceClass::Tolerance,
            (Build::Barrier, 0, 0) => DeviceClass::ExactBarrier,
            (_, 0, 0) => DeviceClass::Exact,
            (_, 0, _) => DeviceClass::ExactButForSubnormals,
            _ => DeviceClass::Tolerance,
        }
    }

    /// The least is the best: by class, then by mismatches.
    pub(super) fn rank(&self) -> (DeviceClass, usize, usize) {
        (self.class(), self.count(false), self.count(true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A build with this many mismatches in "exp" and in a probe of subnormal numbers.
    fn examined(build: Build, exp: usize, subnormal: usize) -> Examined {
        let mut mismatches = [0; conformance::PROBES.len()];
        let at = |name: &str| conformance::PROBES.iter().position(|probe| *probe == name);
        mismatches[at("exp").unwrap()] = exp;
        mismatches[at("subnormal times b").unwrap()] = subnormal;
        Examined {
            dialect: Dialect::narrow(build),
            mismatches,
            max_iterations: u32::MAX,
        }
    }

    #[test]
    fn flushed_subnormals_are_a_class_of_their_own() {
        use Build::{Barrier, DenormPreserve, NoContraction, Plain};
        for (build, exp, subnormal, class) in [
            (DenormPreserve, 0, 0, DeviceClass::Exact),
            (NoContraction, 0, 0, DeviceClass::Exact),
            (NoContraction, 0, 9, DeviceClass::ExactButForSubnormals),
            (NoContraction, 1, 9, DeviceClass::Tolerance),
            (NoContraction, 1, 0, DeviceClass::Tolerance),
            (Barrier, 0, 0, DeviceClass::ExactBarrier),
            (Barrier, 0, 9, DeviceClass::ExactButForSubnormals),
            (Plain, 0, 0, DeviceClass::Tolerance),
        ] {
            assert_eq!(
                examined(build, exp, subnormal).class(),
                class,
                "{build:?} {exp} {subnormal}"
            );
        }
    }

    #[test]
    fn the_build_with_the_fewest_mismatches_is_kept_and_of_equals_the_first() {
        use Build::{Barrier, NoContraction, Plain};
        for (counts, kept) in [
            ([(0, 9), (0, 9), (5, 9)], NoContraction),
            ([(0, 9), (0, 0), (5, 0)], Barrier),
            ([(7, 9), (0, 9), (5, 0)], Barrier),
            ([(7, 0), (6, 0), (5, 0)], Plain),
            ([(5, 0), (5, 0), (5, 0)], NoContraction),
            ([(5, 9), (5, 8), (6, 0)], Barrier),
        ] {
            let all: Vec<Examined> = [NoContraction, Barrier, Plain]
                .into_iter()
                .zip(counts)
                .map(|(build, (exp, subnormal))| examined(build, exp, subnormal))
                .collect();
            let best = all.iter().min_by_key(|examined| examined.rank()).unwrap();
            assert_eq!(best.dialect.build, kept, "{counts:?}");
        }
    }
}

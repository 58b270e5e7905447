//! What is to be said of a simulation besides its numbers.

use super::Simulated;
use crate::run::counted;
use crate::run::observe::Outside;
use crate::study::key;

impl Simulated<'_> {
    /// What is to be known of the monitors and of what is held: signals out of their range, starts that the measures do not leave out,
    /// states that are not stable, means that are not at their targets.
    pub fn remarks(&self) -> Vec<String> {
        let mut remarks = self.scope.notes.clone();
        let ends = self.plan.monitors.iter().zip(&self.recorded.end.outside);
        for (one, fractions) in ends {
            let source = self.plan.model.observable(one.source).name;
            let outside = Outside::of(one.monitor, fractions);
            remarks.extend(outside.and_then(|outside| outside.remark(&one.name, source)));
        }
        remarks.extend(self.unstable());
        remarks.extend(self.off_target());
        let measured = self.plan.measured().map(|k| &self.plan.monitors[k]);
        let transient = self.study.protocol.transient;
        if let Some(one) = measured
            && let Some(settles) = one.monitor.settles_ms
            && transient < settles
        {
            remarks.push(format!(
                "{} needs {settles} ms to forget its own start, and {} = {transient} ms leaves that in the measures",
                one.name,
                key::TRANSIENT.path
            ));
        }
        remarks
    }

    /// Says so where an output is held in a state that is not stable.
    fn unstable(&self) -> Option<String> {
        let (hold, held) = (self.study.hold.as_ref()?, self.plan.held.first()?);
        let output = self.plan.model.observable(hold.observable).name;
        (held.eigenvalue > 0.0).then(|| {
            format!(
                "the state in which {} holds {output} at its target is not stable, and the run leaves it: the largest eigenvalue is {:+.3e} per ms",
                hold.by, held.eigenvalue
            )
        })
    }

    /// Says so where the mean of an output did not come to its target.
    fn off_target(&self) -> Option<String> {
        let (hold, mean) = (self.study.hold.as_ref()?, self.mean.as_ref()?);
        let output = self.plan.model.observable(hold.observable);
        (!mean.is_converged).then(|| {
            format!(
                "the mean of {} is not held at its target: after {} it is {:.3e} {} off at the worst node, and {} = {}; hold_left has all nodes",
                output.name,
                counted(mean.rounds as usize, "round"),
                mean.most_left(),
                output.unit,
                key::HOLD_TOLERANCE.path,
                key::shown(hold.tolerance()),
            )
        })
    }
}

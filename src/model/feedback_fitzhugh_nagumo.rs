//! FitzHugh-Nagumo with delayed self feedback.
//!
//! Plant (1981), SIAM J. Appl. Math. 40, 150-162, doi 10.1137/0140012: recurrent feedback of the activity, one delay ago.

use super::{Feedback, NeuralMass, Parameter, State};
use crate::scalar::Scalar;

pub(super) struct FeedbackFitzHughNagumo;

impl NeuralMass<2, 3, 6, 5> for FeedbackFitzHughNagumo {
    const NAME: &'static str = "feedback-fitzhugh-nagumo";
    const SUMMARY: &'static str = "FitzHugh-Nagumo with delayed self feedback";
    const EQUATIONS: &'static str = "\
dx/dt = x - x^3/3 - y + x_ext + mu (x(t - delay) - v0)
dy/dt = (x + a - b y + y_ext)/tau";
    const REFERENCE: &'static str = "Plant (1981), SIAM J. Appl. Math. 40, 150";
    const STATES: [State; 2] = [
        State::new("x", "1", "fast variable: membrane potential"),
        State::new("y", "1", "slow variable: recovery"),
    ];
    const PARAMETERS: [Parameter; 6] = [
        Parameter::new("a", "1", 0.7, "offset of the recovery"),
        Parameter::new("b", "1", 0.8, "decay of the recovery"),
        Parameter::new("delay", "ms", 10.0, "delay of the feedback"),
        Parameter::new("tau", "ms", 12.5, "time constant of the recovery").non_zero(),
        Parameter::new("mu", "1/ms", 1.6886, "strength of the feedback"),
        Parameter::new("v0", "1", -1.0, "activity at which the feedback vanishes"),
    ];
    const FEEDBACK: Option<Feedback> = Some(Feedback { state: 0, delay: 2 });

    fn prepare<S: Scalar>([a, b, _delay, tau, mu, v0]: [S; 6]) -> [S; 5] {
        [a, b, tau.recip(), mu, v0]
    }

    #[inline(always)]
    fn drift<S: Scalar>(
        [x, y]: [S; 2],
        [x_ext, y_ext, x_delayed]: [S; 3],
        [a, b, rate, mu, v0]: [S; 5],
    ) -> [S; 2] {
        let third = S::lit(1.0 / 3.0);
        [
            x - x * x * x * third - y + x_ext + mu * (x_delayed - v0),
            (x + a - b * y + y_ext) * rate,
        ]
    }
}

#[cfg(test)]
mod tests {
    use crate::model::find;

    /// At v0 the feedback vanishes, and the rest state is that of the model without it: at (-1.19941, -0.62426) for these
    /// parameters (FitzHugh 1961, the resting point of a = 0.7, b = 0.8).
    #[test]
    fn without_feedback_the_resting_point_is_fitzhughs() {
        let model = find("feedback-fitzhugh-nagumo").unwrap();
        let coefficients = model.prepare(&[0.7, 0.8, 10.0, 12.5, 1.6886, -1.199_408_035]);
        let drift = model.drift(
            &[-1.199_408_035, -0.624_260_044],
            &[0.0, 0.0, -1.199_408_035],
            &coefficients,
        );
        assert!(drift.iter().all(|f| f.abs() < 1e-8), "{drift:?}");
    }
}

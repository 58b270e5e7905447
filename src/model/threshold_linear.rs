//! Threshold-linear: an excitatory and an inhibitory population with rectified response.
//!
//! The default time constants are 20 and 10 microseconds in this crate's milliseconds (the tutorial's package means seconds):
//! take `dt` well below `tau_i`, or set them.

use super::{NeuralMass, Parameter, State};
use crate::scalar::Scalar;

pub(super) struct ThresholdLinear;

impl NeuralMass<2, 2, 4, 4> for ThresholdLinear {
    const NAME: &'static str = "threshold-linear";
    const SUMMARY: &'static str = "excitatory and inhibitory rates with rectified response";
    const EQUATIONS: &'static str = "\
de/dt = (-e + beta_e max(e_ext, 0))/tau_e
di/dt = (-i + beta_i max(i_ext, 0))/tau_i
e and i are rectified after each step";
    const REFERENCE: &'static str =
        "Chaudhuri et al. (2015), Neuron 88, 419, eqs. 1-2, without recurrent weights";
    const STATES: [State; 2] = [
        State::new("e", "Hz", "excitatory rate").non_negative(),
        State::new("i", "Hz", "inhibitory rate").non_negative(),
    ];
    const PARAMETERS: [Parameter; 4] = [
        Parameter::new("tau_e", "ms", 0.02, "excitatory time constant").non_zero(),
        Parameter::new("tau_i", "ms", 0.01, "inhibitory time constant").non_zero(),
        Parameter::new("beta_e", "Hz/pA", 0.066, "slope of the excitatory response"),
        Parameter::new("beta_i", "Hz/pA", 0.351, "slope of the inhibitory response"),
    ];
    const NOT_SMOOTH: Option<&'static str> = Some("its response has a corner at input 0");

    fn prepare<S: Scalar>([tau_e, tau_i, beta_e, beta_i]: [S; 4]) -> [S; 4] {
        [tau_e.recip(), tau_i.recip(), beta_e, beta_i]
    }

    #[inline(always)]
    fn drift<S: Scalar>(
        [e, i]: [S; 2],
        [e_ext, i_ext]: [S; 2],
        [e_rate, i_rate, beta_e, beta_i]: [S; 4],
    ) -> [S; 2] {
        [
            (beta_e * e_ext.positive_part() - e) * e_rate,
            (beta_i * i_ext.positive_part() - i) * i_rate,
        ]
    }
}

#[cfg(test)]
mod tests {
    use crate::model::find;

    /// The steady rates are beta times the rectified input; the slopes are those of Chaudhuri et al., Table 1.
    #[test]
    fn steady_rates_are_slope_times_rectified_input() {
        let model = find("threshold-linear").unwrap();
        let coefficients = model.prepare(&model.defaults());
        assert_eq!(
            model.drift(&[0.066 * 10.0, 0.0], &[10.0, -3.0], &coefficients),
            [0.0, 0.0]
        );
    }
}

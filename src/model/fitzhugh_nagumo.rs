//! FitzHugh-Nagumo: an excitable node with a fast and a slow variable.
//!
//! FitzHugh (1961), Biophys. J. 1, 445-466, doi 10.1016/S0006-3495(61)86902-6; Nagumo, Arimoto & Yoshizawa (1962), Proc.
//! IRE 50, 2061-2070, doi 10.1109/JRPROC.1962.288235. In the cubic form with free coefficients used for whole-brain
//! networks by Kostova, Ravindran & Schonbek (2004), Int. J. Bifurcation Chaos 14, 913-925, doi 10.1142/S0218127404009685.

use super::{NeuralMass, Parameter, State};
use crate::scalar::Scalar;

pub(super) struct FitzHughNagumo;

impl NeuralMass<2, 2, 6, 6> for FitzHughNagumo {
    const NAME: &'static str = "fitzhugh-nagumo";
    const SUMMARY: &'static str = "excitable and oscillating node with a fast and a slow variable";
    const EQUATIONS: &'static str = "\
dx/dt = -alpha x^3 + beta x^2 + gamma x - y + x_ext
dy/dt = (x - delta - epsilon y)/tau + y_ext";
    const REFERENCE: &'static str = "FitzHugh (1961), Biophys. J. 1, 445; cubic with free coefficients: Kostova et al. (2004), Int. J. Bifurcation Chaos 14, 913";
    const STATES: [State; 2] = [
        State::new("x", "1", "fast variable: activity"),
        State::new("y", "1", "slow variable: recovery"),
    ];
    const PARAMETERS: [Parameter; 6] = [
        Parameter::new("alpha", "1/ms", 3.0, "cubic coefficient"),
        Parameter::new("beta", "1/ms", 4.0, "quadratic coefficient"),
        Parameter::new("gamma", "1/ms", -1.5, "linear coefficient"),
        Parameter::new("delta", "1", 0.0, "offset of the recovery"),
        Parameter::new("epsilon", "1", 0.5, "decay of the recovery"),
        Parameter::new("tau", "ms", 20.0, "time constant of the recovery").non_zero(),
    ];

    fn prepare<S: Scalar>([alpha, beta, gamma, delta, epsilon, tau]: [S; 6]) -> [S; 6] {
        [alpha, beta, gamma, delta, epsilon, tau.recip()]
    }

    #[inline(always)]
    fn drift<S: Scalar>(
        [x, y]: [S; 2],
        [x_ext, y_ext]: [S; 2],
        [alpha, beta, gamma, delta, epsilon, rate]: [S; 6],
    ) -> [S; 2] {
        [
            ((beta - alpha * x) * x + gamma) * x - y + x_ext,
            (x - delta - epsilon * y) * rate + y_ext,
        ]
    }
}

#[cfg(test)]
mod tests {
    use crate::model::find;

    /// At its first Hopf point, x_ext = 0.726058290075352 with x = (8 - sqrt(9.1))/18, the trace vanishes and omega = 0.22220486.
    #[test]
    fn the_first_hopf_point_lies_where_the_trace_vanishes() {
        let model = find("fitzhugh-nagumo").unwrap();
        let x = (8.0 - 9.1f64.sqrt()) / 18.0;
        let coefficients = model.prepare(&model.defaults());
        let drift = model.drift(&[x, 2.0 * x], &[0.726_058_290_075_352, 0.0], &coefficients);
        assert!(drift.iter().all(|f| f.abs() < 1e-14), "{drift:?}");
        let j = model.jacobian(&[x, 2.0 * x], &[0.0, 0.0], &coefficients);
        assert!((j[0] + j[3]).abs() < 1e-14);
        assert!(((j[0] * j[3] - j[1] * j[2]).sqrt() - 0.222_204_86).abs() < 1e-8);
    }
}

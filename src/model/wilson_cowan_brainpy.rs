//! Wilson-Cowan as BrainPy 2.1 to 2.4.0 evaluated it, which is not Wilson and Cowan's model.
//!
//! In the equation of the excitatory population (and only there) the leak and the refractory factor act on the summed
//! input u instead of on x. The two stable states and the S-shaped bifurcation diagram of BrainPy's firing-rate tutorial
//! exist only with this slip (brainpy/BrainPy issue 432; mended upstream in 2.4.1). It is here so that the tutorial can be
//! reproduced; for anything else take `wilson-cowan`.

use super::wilson_cowan::{PARAMETERS, STATES, prepare, rates};
use super::{NeuralMass, Parameter, State};
use crate::scalar::Scalar;

pub(super) struct WilsonCowanBrainPy;

impl NeuralMass<2, 2, 11, 13> for WilsonCowanBrainPy {
    const NAME: &'static str = "wilson-cowan-brainpy";
    const SUMMARY: &'static str = "Wilson-Cowan with the slip of BrainPy 2.1-2.4.0, to reproduce its tutorial; not the model of the paper";
    const EQUATIONS: &'static str = "\
u = wEE x - wIE y + x_ext
v = wEI x - wII y + y_ext
dx/dt = (-u + (1 - r u) F(u; E_a, E_theta))/E_tau        (the slip: u where the model has x)
dy/dt = (-y + (1 - r y) F(v; I_a, I_theta))/I_tau
F(u; a, theta) = 1/(1 + exp(-a (u - theta))) - 1/(1 + exp(a theta))";
    const REFERENCE: &'static str = "BrainPy 2.1.12, firing-rate tutorial; brainpy/BrainPy issue 432. The model itself: Wilson & Cowan (1972)";
    const STATES: [State; 2] = STATES;
    const PARAMETERS: [Parameter; 11] = PARAMETERS;

    fn prepare<S: Scalar>(parameters: [S; 11]) -> [S; 13] {
        prepare(parameters)
    }

    #[inline(always)]
    fn drift<S: Scalar>(state: [S; 2], input: [S; 2], coefficients: [S; 13]) -> [S; 2] {
        rates(state, input, coefficients, true)
    }
}

#[cfg(test)]
mod tests {
    use crate::model::find;

    /// The tutorial's two stable states at x_ext = -0.5 and the saddle between them.
    #[test]
    fn the_tutorials_three_equilibria_are_where_it_found_them() {
        let model = find("wilson-cowan-brainpy").unwrap();
        let parameters = [1.0, 1.5, 3.0, 1.0, 1.5, 3.0, 16.0, 15.0, 12.0, 3.0, 1.0];
        let coefficients = model.prepare(&parameters);
        for (state, stable) in [
            ([0.041_244_13, 0.010_660_41], true),
            ([0.308_417_56, 0.295_645_40], false),
            ([0.457_155_65, 0.454_299_36], true),
        ] {
            let input = [-0.5, 0.0];
            let drift = model.drift(&state, &input, &coefficients);
            assert!(drift.iter().all(|f| f.abs() < 2e-6), "{drift:?}");
            let j = model.jacobian(&state, &input, &coefficients);
            assert_eq!(j[0] * j[3] - j[1] * j[2] > 0.0 && j[0] + j[3] < 0.0, stable);
        }
    }
}

//! Wilson-Cowan: an excitatory and an inhibitory population.
//!
//! Wilson & Cowan (1972), Biophys. J. 12, 1-24, doi 10.1016/S0006-3495(72)86068-5, eqs. 11-12 with the sigmoid of eq. 15.

use super::{NeuralMass, Parameter, State};
use crate::scalar::Scalar;

pub(super) struct WilsonCowan;

/// States and parameters, shared with the tutorial's reading of the equations.
pub(super) const STATES: [State; 2] = [
    State::new("x", "1", "proportion of excitatory cells firing"),
    State::new("y", "1", "proportion of inhibitory cells firing"),
];
pub(super) const PARAMETERS: [Parameter; 11] = [
    Parameter::new("E_tau", "ms", 1.0, "excitatory time constant").non_zero(),
    Parameter::new("E_a", "1", 1.2, "slope of the excitatory sigmoid"),
    Parameter::new("E_theta", "1", 2.8, "threshold of the excitatory sigmoid"),
    Parameter::new("I_tau", "ms", 1.0, "inhibitory time constant").non_zero(),
    Parameter::new("I_a", "1", 1.0, "slope of the inhibitory sigmoid"),
    Parameter::new("I_theta", "1", 4.0, "threshold of the inhibitory sigmoid"),
    Parameter::new("wEE", "1", 12.0, "weight from excitatory to excitatory"),
    Parameter::new("wIE", "1", 4.0, "weight from inhibitory to excitatory"),
    Parameter::new("wEI", "1", 13.0, "weight from excitatory to inhibitory"),
    Parameter::new("wII", "1", 11.0, "weight from inhibitory to inhibitory"),
    Parameter::new(
        "r",
        "1",
        1.0,
        "refractory period relative to the time constant",
    ),
];

/// `[1/E_tau, E_a, E_theta, F_E at 0, 1/I_tau, I_a, I_theta, F_I at 0, wEE, wIE, wEI, wII, r]`
pub(super) fn prepare<S: Scalar>(
    [
        e_tau,
        e_a,
        e_theta,
        i_tau,
        i_a,
        i_theta,
        w_ee,
        w_ie,
        w_ei,
        w_ii,
        r,
    ]: [S; 11],
) -> [S; 13] {
    let (e_rest, i_rest) = ((-(e_a * e_theta)).sigmoid(), (-(i_a * i_theta)).sigmoid());
    [
        e_tau.recip(),
        e_a,
        e_theta,
        e_rest,
        i_tau.recip(),
        i_a,
        i_theta,
        i_rest,
        w_ee,
        w_ie,
        w_ei,
        w_ii,
        r,
    ]
}

/// The response of a population to input `u`: a sigmoid of slope `a` at `theta`, shifted so that no input gives no response.
#[inline(always)]
fn response<S: Scalar>(u: S, a: S, theta: S, rest: S) -> S {
    (a * (u - theta)).sigmoid() - rest
}

/// The drift. `slip`: leak and refractory factor of the excitatory population act on its summed input, not on its state.
#[inline(always)]
pub(super) fn rates<S: Scalar>(
    [x, y]: [S; 2],
    [x_ext, y_ext]: [S; 2],
    coefficients: [S; 13],
    slip: bool,
) -> [S; 2] {
    let [
        e_rate,
        e_a,
        e_theta,
        e_rest,
        i_rate,
        i_a,
        i_theta,
        i_rest,
        w_ee,
        w_ie,
        w_ei,
        w_ii,
        r,
    ] = coefficients;
    let one = S::lit(1.0);
    let u = w_ee * x - w_ie * y + x_ext;
    let v = w_ei * x - w_ii * y + y_ext;
    let own = if slip { u } else { x };
    [
        ((one - r * own) * response(u, e_a, e_theta, e_rest) - own) * e_rate,
        ((one - r * y) * response(v, i_a, i_theta, i_rest) - y) * i_rate,
    ]
}

impl NeuralMass<2, 2, 11, 13> for WilsonCowan {
    const NAME: &'static str = "wilson-cowan";
    const SUMMARY: &'static str = "an excitatory and an inhibitory population";
    const EQUATIONS: &'static str = "\
u = wEE x - wIE y + x_ext
v = wEI x - wII y + y_ext
dx/dt = (-x + (1 - r x) F(u; E_a, E_theta))/E_tau
dy/dt = (-y + (1 - r y) F(v; I_a, I_theta))/I_tau
F(u; a, theta) = 1/(1 + exp(-a (u - theta))) - 1/(1 + exp(a theta))";
    const REFERENCE: &'static str = "Wilson & Cowan (1972), Biophys. J. 12, 1, eqs. 11, 12, 15";
    const STATES: [State; 2] = STATES;
    const PARAMETERS: [Parameter; 11] = PARAMETERS;

    fn prepare<S: Scalar>(parameters: [S; 11]) -> [S; 13] {
        prepare(parameters)
    }

    #[inline(always)]
    fn drift<S: Scalar>(state: [S; 2], input: [S; 2], coefficients: [S; 13]) -> [S; 2] {
        rates(state, input, coefficients, false)
    }
}

#[cfg(test)]
mod tests {
    use crate::model::find;

    /// With the weights of the firing-rate tutorial and x_ext = -0.5 the only equilibrium is (-0.006436, -0.001141).
    #[test]
    fn the_tutorials_weights_have_one_equilibrium() {
        let model = find("wilson-cowan").unwrap();
        let parameters = [1.0, 1.5, 3.0, 1.0, 1.5, 3.0, 16.0, 15.0, 12.0, 3.0, 1.0];
        let coefficients = model.prepare(&parameters);
        let drift = model.drift(&[-0.006_436, -0.001_141], &[-0.5, 0.0], &coefficients);
        assert!(drift.iter().all(|f| f.abs() < 2e-6), "{drift:?}");
        assert_eq!(
            model.drift(&[0.0, 0.0], &[0.0, 0.0], &coefficients),
            [0.0, 0.0]
        );
    }
}

//! Montbrió-Pazó-Roxin: exact mean field of quadratic integrate-and-fire neurons (BrainPy calls it QIF).
//!
//! Montbrió, Pazó & Roxin (2015), Phys. Rev. X 5, 021028, doi 10.1103/PhysRevX.5.021028, eq. 12.

use std::f64::consts::PI;

use super::{NeuralMass, Parameter, State};
use crate::scalar::Scalar;

pub(super) struct MontbrioPazoRoxin;

impl NeuralMass<2, 2, 4, 5> for MontbrioPazoRoxin {
    const NAME: &'static str = "montbrio-pazo-roxin";
    const SUMMARY: &'static str = "exact mean field of quadratic integrate-and-fire neurons (QIF)";
    const EQUATIONS: &'static str = "\
dv/dt = (v^2 + eta + v_ext + J tau r - (pi tau r)^2)/tau
dr/dt = (delta/(pi tau) + 2 r v + r_ext)/tau";
    const REFERENCE: &'static str = "Montbrio, Pazo & Roxin (2015), Phys. Rev. X 5, 021028, eq. 12";
    const STATES: [State; 2] = [
        State::new("v", "1", "mean membrane potential"),
        State::new("r", "1/ms", "firing rate"),
    ];
    const PARAMETERS: [Parameter; 4] = [
        Parameter::new("tau", "ms", 1.0, "membrane time constant").non_zero(),
        Parameter::new(
            "eta",
            "1",
            -5.0,
            "centre of the distribution of excitabilities",
        ),
        Parameter::new(
            "delta",
            "1",
            1.0,
            "half-width of the distribution of excitabilities",
        ),
        Parameter::new("J", "1", 15.0, "recurrent synaptic weight"),
    ];

    fn prepare<S: Scalar>([tau, eta, delta, j]: [S; 4]) -> [S; 5] {
        let pi_tau = S::lit(PI) * tau;
        [tau.recip(), eta, delta * pi_tau.recip(), j * tau, pi_tau]
    }

    #[inline(always)]
    fn drift<S: Scalar>(
        [v, r]: [S; 2],
        [v_ext, r_ext]: [S; 2],
        [rate, eta, spread, j_tau, pi_tau]: [S; 5],
    ) -> [S; 2] {
        let phase = pi_tau * r;
        [
            (v * v + eta + v_ext + j_tau * r - phase * phase) * rate,
            (spread + (r + r) * v + r_ext) * rate,
        ]
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use crate::model::find;

    /// Without coupling (J = 0) the fixed point is known: 2 (pi tau r)^2 = eta + sqrt(eta^2 + delta^2) (the paper, below eq. 12).
    #[test]
    fn the_uncoupled_rate_follows_the_papers_closed_form() {
        let model = find("montbrio-pazo-roxin").unwrap();
        let (tau, eta, delta) = (2.0, 1.3, 0.7f64);
        let r = ((eta + f64::hypot(eta, delta)) / 2.0).sqrt() / (PI * tau);
        let v = -delta / (2.0 * PI * tau * r);
        let drift = model.drift(
            &[v, r],
            &[0.0, 0.0],
            &model.prepare(&[tau, eta, delta, 0.0]),
        );
        assert!(drift.iter().all(|f| f.abs() < 1e-14), "{drift:?}");
    }
}

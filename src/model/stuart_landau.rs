//! Stuart-Landau: the normal form of a supercritical Hopf bifurcation.
//!
//! Stuart (1960), J. Fluid Mech. 9, 353-370, doi 10.1017/S002211206000116X; as a model of brain regions Deco, Kringelbach,
//! Jirsa & Ritter (2017), Sci. Rep. 7, 3095, doi 10.1038/s41598-017-03073-5, eqs. 2-3.

use super::{NeuralMass, Parameter, State};
use crate::scalar::Scalar;

pub(super) struct StuartLandau;

impl NeuralMass<2, 2, 2, 2> for StuartLandau {
    const NAME: &'static str = "stuart-landau";
    const SUMMARY: &'static str = "normal form of a Hopf bifurcation";
    const EQUATIONS: &'static str = "\
dx/dt = (a - x^2 - y^2) x - w y + x_ext
dy/dt = (a - x^2 - y^2) y + w x + y_ext";
    const REFERENCE: &'static str =
        "Stuart (1960), J. Fluid Mech. 9, 353; Deco et al. (2017), Sci. Rep. 7, 3095, eqs. 2-3";
    const STATES: [State; 2] = [
        State::new("x", "1", "real part of the oscillation"),
        State::new("y", "1", "imaginary part of the oscillation"),
    ];
    const PARAMETERS: [Parameter; 2] = [
        Parameter::new(
            "a",
            "1/ms",
            0.25,
            "bifurcation parameter: oscillates above 0",
        ),
        Parameter::new("w", "rad/ms", 0.2, "angular frequency"),
    ];

    fn prepare<S: Scalar>(parameters: [S; 2]) -> [S; 2] {
        parameters
    }

    #[inline(always)]
    fn drift<S: Scalar>([x, y]: [S; 2], [x_ext, y_ext]: [S; 2], [a, w]: [S; 2]) -> [S; 2] {
        let growth = a - (x * x + y * y);
        [growth * x - w * y + x_ext, growth * y + w * x + y_ext]
    }
}

#[cfg(test)]
mod tests {
    use crate::model::find;

    /// On the cycle of radius sqrt(a) the motion is a turn at w, and the radial multiplier's exponent is -2a.
    #[test]
    fn the_cycle_turns_at_w_and_attracts_at_twice_a() {
        let model = find("stuart-landau").unwrap();
        let (a, w) = (0.25, 0.2);
        let drift = model.drift(&[0.5, 0.0], &[0.0, 0.0], &[a, w]);
        assert_eq!(drift, [0.0, w * 0.5]);
        assert_eq!(
            model.jacobian(&[0.5, 0.0], &[0.0, 0.0], &[a, w])[0],
            -2.0 * a
        );
    }
}

//! A branch of delayed cycles that ends in the connection of a saddle with itself.

use brainsweep::continuation::delay::branch::NetworkBranchSettings;
use brainsweep::continuation::delay::orbit::{OrbitBranch, OrbitSettings};
use brainsweep::continuation::network::Network;
use brainsweep::continuation::{CycleEnd, EventKind};

use super::events;
use super::multipliers::study;

/// Two equal populations that feel their difference 2 ms late, both alike.
const ALIKE: &str = r#"
    name = "alike"
    summary = "Wilson and Cowan's equations with a delayed difference"
    equations = """
    u = 16*x - 15*y + x_ext + g*(delayed(x, delay) - x)
    v = 12*x - 3*y + 2.2
    dx/dt = (1 - x)*F(u) - x
    dy/dt = (1 - y)*F(v) - y
    F(u) = sigmoid(1.5*(u - 3)) - sigmoid(-4.5)
    """
    [states]
    x = { unit = "1", meaning = "excitation" }
    y = { unit = "1", meaning = "inhibition" }
    [parameters]
    g = { unit = "1", default = 0.2, meaning = "coupling" }
    delay = { unit = "ms", default = 2.0, meaning = "delay" }
    [inputs]
    x_ext = { unit = "1", meaning = "input" }
"#;

/// The parameter of the connection by shooting: from the saddle along its unstable direction, with the delayed equations stepped
/// by Runge's and Kutta's method in Python (200 and 400 steps in the delay), until the orbit comes back and leaves the saddle to
/// one side or the other; the parameter between, by bisection. The saddle and its roots are those of the closed equations.
#[test]
fn a_branch_of_delayed_cycles_ends_in_a_connection() {
    let study = study("alike", ALIKE);
    let network = Network::new(&study, "x_ext").unwrap();
    let range = (4.85, 4.95);
    let hopf = &events(&network, &[0.19, 0.38], NetworkBranchSettings::new(range))[0];
    assert!((hopf.equilibrium.p - 4.8693201148).abs() < 1e-9);
    let mut settings = OrbitSettings::new(range);
    settings.tail = 1e-8;
    settings.step_max = 0.005;
    let mut branch = OrbitBranch::from_hopf(&network, hopf, settings).unwrap();
    let orbits: Vec<_> = (&mut branch).map(Result::unwrap).collect();
    assert_eq!(branch.end(), Some(&CycleEnd::InfinitePeriod));

    let connection = branch.homoclinic().unwrap();
    assert_eq!(connection.kind, EventKind::Homoclinic);
    let off = connection.parameters[0] - 4.9192682430;
    assert!(off.abs() < 2e-9, "{off:e}");
    let saddle = [0.328784, 0.478508];
    for (found, right) in connection.state.iter().zip(saddle) {
        assert!((found - right).abs() < 1e-6, "{:?}", connection.state);
    }
    let last = orbits.last().unwrap();
    assert_eq!(connection.period, Some(last.period_ms()));
    assert!(last.period_ms() > 20.0);

    // The characteristic equation at the saddle, with the slopes of the responses in closed form.
    let [x, y] = [connection.state[0], connection.state[1]];
    let p = connection.parameters[0];
    let response = |u: f64| {
        let s = 1.0 / (1.0 + (-1.5 * (u - 3.0)).exp());
        (s - 1.0 / (1.0 + 4.5f64.exp()), 1.5 * s * (1.0 - s))
    };
    let (f, df) = response(16.0 * x - 15.0 * y + p);
    let (h, dh) = response(12.0 * x - 3.0 * y + 2.2);
    let (to_x, to_y) = ((1.0 - x) * df, (1.0 - y) * dh);
    let determinant = |lambda: f64| {
        let own = -f - 1.0 + to_x * (16.0 + 0.2 * ((-2.0 * lambda).exp() - 1.0));
        (lambda - own) * (lambda + h + 1.0 + 3.0 * to_y) + 15.0 * to_x * 12.0 * to_y
    };
    let coefficient = |name: &str| {
        let mut all = connection.coefficients.iter();
        all.find(|(of, _)| *of == name).unwrap().1
    };
    let (unstable, stable) = (
        coefficient("unstable_eigenvalue"),
        coefficient("stable_eigenvalue"),
    );
    assert!(unstable > 0.0 && stable < 0.0);
    assert!(determinant(unstable).abs() < 1e-8, "{unstable}");
    assert_eq!(connection.coefficient, Some(unstable + stable));
    assert_eq!(coefficient("period_rate"), unstable.min(-stable));
}

//! Residuals, Jacobians, second and third derivatives.

use brainsweep::continuation::Problem;
use brainsweep::continuation::network::Network;
use brainsweep::model::Signal;
use brainsweep::study::Study;
use brainsweep::testing::scalar::{Series, Series2};

use super::{Reference, connectome, model, networks, randoms, somewhere, term};

/// Central differences of these equations, with steps of 1e-4 or so, are accurate to this, relatively.
const DIFFERENCE: f64 = 2e-7;
const STEP: f64 = 1e-4;

fn close(found: f64, expected: f64, tolerance: f64) -> bool {
    (found - expected).abs() <= tolerance * (1.0 + expected.abs())
}

/// Every number that can move the networks' equilibria.
fn paths(study: &Study) -> Vec<String> {
    let mut paths = study.coupling.number_names();
    paths.push(format!("{}[1]", paths[0]));
    paths.extend(
        study
            .model
            .inputs
            .iter()
            .map(|i| format!("input.{}", i.name)),
    );
    let parameters = study.model.parameters.iter();
    let acting = parameters.filter(|p| !p.name.starts_with('d'));
    paths.extend(acting.map(|p| format!("parameters.{}", p.name)));
    paths
}

/// Central difference of fourth order.
fn difference(at: impl Fn(f64) -> Vec<f64>) -> Vec<f64> {
    let [a, b, c, d] = [2.0, 1.0, -1.0, -2.0].map(|k| at(k * STEP));
    (0..a.len())
        .map(|k| (8.0 * (b[k] - c[k]) - (a[k] - d[k])) / (12.0 * STEP))
        .collect()
}

/// The residual is what the equations say, written down once more, whichever number varies.
#[test]
fn residuals_are_the_closed_forms() {
    for (name, study) in networks() {
        let mut random = randoms(7);
        let u = somewhere(&study, &mut random);
        for path in paths(&study) {
            let network = Network::new(&study, &path).unwrap();
            for p in [network.parameter_start(), 0.37] {
                let mut moved = study.clone();
                if path.ends_with("per_node") && p != 0.37 {
                    continue;
                }
                moved.set_number(&path, p).unwrap();
                let expected = Reference(&moved).at_rest(&u);
                for (found, expected) in network.residual(&u, p).iter().zip(expected) {
                    assert!(
                        close(*found, expected, 1e-13),
                        "{name}, {path} {p}: {found} {expected}"
                    );
                }
            }
        }
    }
}

/// Jacobian and derivative by the parameter, against differences of the closed forms.
#[test]
fn first_derivatives_agree_with_differences() {
    for (name, study) in networks() {
        let mut random = randoms(11);
        let u = somewhere(&study, &mut random);
        for path in paths(&study) {
            let network = Network::new(&study, &path).unwrap();
            let p = 0.41;
            let mut moved = study.clone();
            moved.set_number(&path, p).unwrap();
            let jacobian = network.jacobian(&u, p);
            for column in 0..u.len() {
                let expected = difference(|by| {
                    let mut u = u.clone();
                    u[column] += by;
                    Reference(&moved).at_rest(&u)
                });
                for (row, expected) in expected.into_iter().enumerate() {
                    let found = jacobian[(row, column)];
                    assert!(
                        close(found, expected, DIFFERENCE),
                        "{name}, {path}: {row} {column}: {found} {expected}"
                    );
                }
            }
            let expected = difference(|by| {
                let mut moved = study.clone();
                moved.set_number(&path, p + by).unwrap();
                Reference(&moved).at_rest(&u)
            });
            let found = network.parameter_derivative(&u, p);
            for (found, expected) in found.into_iter().zip(expected) {
                assert!(
                    close(found, expected, DIFFERENCE),
                    "{name}, {path}: {found} {expected}"
                );
            }
        }
    }
}

/// The second derivative along a direction in states and parameter, against differences of the first; and the power series of the
/// drift against both.
#[test]
fn second_derivatives_agree_with_differences_and_series() {
    for (name, study) in networks() {
        let mut random = randoms(13);
        let u = somewhere(&study, &mut random);
        let n = u.len();
        let direction: Vec<f64> = (0..=n).map(|_| random() - 0.5).collect();
        for path in paths(&study) {
            let network = Network::new(&study, &path).unwrap();
            let p = 0.41;
            let moved = |by: f64| -> (Vec<f64>, f64) {
                let u = u.iter().zip(&direction).map(|(u, d)| u + by * d);
                (u.collect(), p + by * direction[n])
            };
            let expected = difference(|by| {
                let (u, p) = moved(by);
                let (mut value, mut derivative) = (vec![0.0; n], vec![0.0; n * (n + 1)]);
                network.derivative(&u, &[p], &mut value, &mut derivative);
                derivative
            });
            let mut found = vec![0.0; n * (n + 1)];
            network.second_derivative(&u, &[p], &direction, &mut found);
            for (k, (found, expected)) in found.iter().zip(expected).enumerate() {
                assert!(
                    close(*found, expected, DIFFERENCE),
                    "{name}, {path}: {k}: {found} {expected}"
                );
            }
            // f(z + s d): the coefficient of s^2 is half of f'' d d.
            let first = Series2::index([1, 0]).unwrap();
            let series = |value: f64, slope: f64| {
                let mut series: Series2 = Series::constant(value);
                series.coefficients[first] = slope.into();
                series
            };
            let along: Vec<Series2> = u
                .iter()
                .zip(&direction)
                .map(|(&u, &d)| series(u, d))
                .collect();
            let mut rates = vec![Series2::constant(0.0); n];
            network.series2(&along, &[series(p, direction[n])], &mut rates);
            let second = Series2::index([2, 0]).unwrap();
            for (row, rate) in rates.iter().enumerate() {
                let twice: f64 = (0..=n).map(|k| found[k * n + row] * direction[k]).sum();
                let coefficient = rate.coefficients[second].re;
                assert!(
                    close(2.0 * coefficient, twice, 1e-11),
                    "{name}, {path}: {row}"
                );
            }
        }
    }
}

/// An output that depends on inputs cannot be transmitted here, nor fed back; a form with a corner is refused as such models are.
#[test]
fn what_has_no_derivatives_or_is_implicit_is_refused_in_words() {
    let text = super::TWO_SIGNALS
        .replace("two-signals", "late-signal")
        .replace("+ shift)", "+ shift + x_ext)");
    let late = brainsweep::model::intern("late-signal", &text).unwrap();
    assert!(late.is_late(Signal::Output(0)));
    let mut random = randoms(1);
    let study = Study::new(late, connectome(3, &mut random));
    let error = Network::new(&study, "input.x").unwrap_err().report();
    assert!(
        error.contains("rate is transmitted") && error.contains("itself receives"),
        "{error}"
    );

    let corner = "name = \"corner\"\nsummary = \"cut off\"\nequations = \"c = g*sum(max(x_j, 0))\"\n[parameters]\n\
                  g = { unit = \"1\", default = 1.0, meaning = \"strength\" }";
    let form = brainsweep::coupling::intern("corner", corner).unwrap();
    let mut study = Study::new(model("fitzhugh-nagumo"), connectome(3, &mut random));
    study.couple(form);
    let error = Network::new(&study, "input.x").unwrap_err().report();
    assert!(
        error.contains("continuation needs derivatives") && error.contains("max"),
        "{error}"
    );

    study.coupling.terms = vec![term(&study, "additive", &[("x", "x_ext")], &mut random)];
    let error = Network::new(&study, "coupling.h").unwrap_err().report();
    assert!(error.contains("coupling.g"), "{error}");
}

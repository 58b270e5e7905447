//! Models of XPPAUT: translated, and compared with closed forms.

use std::f64::consts::{FRAC_PI_2, PI};
use std::path::{Path, PathBuf};

use brainsweep::model::{Evaluation, Model, Point};
use brainsweep::ode::{Translated, translate};

use super::{fails, prints};
use crate::program;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ode")
}

fn translated(name: &str) -> Translated {
    let text = std::fs::read_to_string(folder().join(format!("{name}.ode"))).unwrap();
    translate(&text, name, &format!("{name}.ode"))
        .unwrap_or_else(|faults| panic!("{name}: {faults}"))
}

fn model(name: &str) -> Model {
    Model::read(name, &translated(name).text).unwrap()
}

fn at(model: &Model, numbers: &[(&str, f64)]) -> (Point, Evaluation) {
    let mut point = model.start();
    for (name, value) in numbers {
        point.set(model, name, *value).unwrap();
    }
    let found = model.evaluate(&point);
    (point, found)
}

fn close(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (a, b) in found.iter().zip(expected) {
        assert!(
            (a - b).abs() <= 1e-12 * (1.0 + b.abs()),
            "{found:?}, {expected:?}"
        );
    }
}

/// Trace and determinant of two equations.
fn trace_and_determinant(found: &Evaluation) -> [f64; 2] {
    let j = &found.jacobian;
    [j[0] + j[3], j[0] * j[3] - j[1] * j[2]]
}

#[test]
fn every_file_is_translated_and_simulates() {
    let out = tempfile::tempdir().unwrap();
    let mut n_files = 0;
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if stem == "errors" {
            continue;
        }
        n_files += 1;
        let file = format!("{stem}.toml");
        let arguments = ["import", path.to_str().unwrap(), "--out", &file];
        let (code, _, stderr) = program::run(&["models"], &arguments, out.path());
        assert_eq!(code, Some(0), "{stem}: {stderr}");
        let said = prints(&["check", &file], out.path());
        assert!(!said.contains("NaN"), "{said}");
        let study = format!(
            "model = \"{file}\"\n[connectome]\nnodes = 1\n[protocol]\nduration = 0.1\ndt = 0.01\n"
        );
        std::fs::write(out.path().join("study.toml"), study).unwrap();
        let (code, _, stderr) = program::run(&["simulate"], &["study.toml"], out.path());
        assert_eq!(code, Some(0), "{stem}: {stderr}");
    }
    assert!(n_files >= 12, "{n_files}");
}

#[test]
fn lorenz_has_its_equilibria() {
    // x = y = sqrt(b (r - 1)), z = r - 1
    let lorenz = model("lorenz");
    let (r, b) = (27.0f64, 2.66666f64);
    let x = (b * (r - 1.0)).sqrt();
    close(
        &at(&lorenz, &[("x", x), ("y", x), ("z", r - 1.0)]).1.rates,
        &[0.0; 3],
    );
    // At the Hopf point r = s (s + b + 3)/(s - b - 1) a pair of eigenvalues is imaginary: with the characteristic polynomial
    // l^3 + p l^2 + q l + w, p q = w.
    let (s, b) = (10.0f64, 8.0f64 / 3.0);
    let r = s * (s + b + 3.0) / (s - b - 1.0);
    let x = (b * (r - 1.0)).sqrt();
    let j = at(
        &lorenz,
        &[
            ("x", x),
            ("y", x),
            ("z", r - 1.0),
            ("parameters.r", r),
            ("parameters.b", b),
            ("parameters.s", s),
        ],
    )
    .1
    .jacobian;
    let p = -(j[0] + j[4] + j[8]);
    let minor = |a: usize, b: usize| j[a * 4] * j[b * 4] - j[a * 3 + b] * j[b * 3 + a];
    let q = minor(0, 1) + minor(0, 2) + minor(1, 2);
    let determinant = j[0] * (j[4] * j[8] - j[5] * j[7]) - j[1] * (j[3] * j[8] - j[5] * j[6])
        + j[2] * (j[3] * j[7] - j[4] * j[6]);
    assert!(
        (p * q + determinant).abs() < 1e-9 * determinant.abs(),
        "{p} {q} {determinant}"
    );
}

#[test]
fn the_brusselator_and_van_der_pol_lose_stability_where_they_should() {
    // Equilibrium u = a, v = b/a; the trace is b - 1 - a^2, the determinant a^2.
    let brusselator = model("brusselator");
    let a = 1.3;
    let b = 1.0 + a * a;
    let (_, found) = at(
        &brusselator,
        &[
            ("parameters.a", a),
            ("parameters.b", b),
            ("u", a),
            ("v", b / a),
        ],
    );
    close(&found.rates, &[0.0, 0.0]);
    close(&trace_and_determinant(&found), &[0.0, a * a]);
    let (_, found) = at(&model("van_der_pol"), &[("x", 0.0), ("parameters.mu", 0.0)]);
    close(&trace_and_determinant(&found), &[0.0, 1.0]);
    assert_eq!(model("van_der_pol").start().state, [2.0, 0.0]);
}

#[test]
fn morris_lecar_rests_where_xppaut_starts_it_and_turns_at_the_published_current() {
    let cell = model("morris_lecar");
    // The file starts at rest, to its digits.
    let rest = at(&cell, &[]).1.rates;
    assert!(rest[0].abs() < 0.01 && rest[1].abs() < 1e-4, "{rest:?}");
    // Rinzel and Ermentrout (1989): the Hopf point of these parameters lies at I = 93.86. Follow the equilibrium by bisection in v.
    let current = |v: f64| {
        let w = 0.5 * (1.0 + ((v - 2.0) / 30.0f64).tanh());
        -20.0 * at(&cell, &[("v", v), ("w", w)]).1.rates[0]
    };
    let trace = |v: f64| {
        let w = 0.5 * (1.0 + ((v - 2.0) / 30.0f64).tanh());
        trace_and_determinant(&at(&cell, &[("v", v), ("w", w), ("parameters.i", current(v))]).1)[0]
    };
    let (mut low, mut high) = (-40.0, -20.0);
    assert!(trace(low) < 0.0 && trace(high) > 0.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        *(if trace(middle) < 0.0 {
            &mut low
        } else {
            &mut high
        }) = middle;
    }
    assert!((current(low) - 93.86).abs() < 0.01, "{}", current(low));
    let (_, found) = at(&cell, &[("v", 10.0), ("w", 0.3)]);
    let m = 0.5 * (1.0 + (11.2f64 / 18.0).tanh());
    close(
        &found.outputs,
        &[4.4 * m * (10.0 - 120.0), 8.0 * 0.3 * 94.0],
    );
}

#[test]
fn other_models_have_the_derivatives_of_their_formulas() {
    let (_, found) = at(
        &model("fitzhugh_nagumo"),
        &[("v", 0.4), ("w", 0.2), ("parameters.i", 0.5)],
    );
    close(
        &found.rates,
        &[0.5 + 0.4 * 0.6 * 0.3 - 0.2, 0.01 * (0.4 - 0.05)],
    );
    let (_, found) = at(
        &model("hindmarsh_rose"),
        &[("x", 1.0), ("y", -2.0), ("z", 0.5)],
    );
    close(
        &found.rates,
        &[
            -2.0 - 1.0 + 3.0 - 0.5 + 2.0,
            1.0 - 5.0 + 2.0,
            0.006 * (4.0 * 2.6 - 0.5),
        ],
    );
    // Squaring binds before the sign: u^3 - 3 u^2, and the derived parameters.
    let (_, found) = at(
        &model("rose_hindmarsh_burst"),
        &[("x", -1.0), ("y", 2.0), ("z", 0.25)],
    );
    close(
        &found.rates,
        &[
            2.0 + 4.0 - 0.25 + 3.281,
            1.0 - 5.0 - 2.0,
            0.0084 * 0.618 - 0.0021 * 0.25,
        ],
    );
    close(&found.outputs, &[6.0]);
    let (u, v) = (0.3f64, 0.2f64);
    let f = |x: f64| 1.0 / (1.0 + (-x).exp());
    let (_, found) = at(
        &model("wilson_cowan"),
        &[("u", u), ("v", v), ("parameters.tau", 2.0)],
    );
    let drive = 10.0 * u - 8.0 * v - 0.2;
    close(
        &found.rates,
        &[-u + f(drive), (-v + f(12.0 * u - 3.0 * v - 4.0)) / 2.0],
    );
    close(&found.outputs, &[u - v, drive]);
    let oscillator = model("terman_wang");
    let (_, found) = at(&oscillator, &[("v", 1.0), ("w", 0.5), ("s", 0.25)]);
    close(
        &found.rates,
        &[
            3.0 - 1.0 + 2.0 - 0.5 + 0.2,
            0.04 * (9.0 * (1.0 + 10f64.tanh()) - 0.5),
            0.75,
        ],
    );
    close(&found.outputs, &[1.0]);
    let (_, found) = at(&oscillator, &[("v", 0.0), ("s", 0.25)]);
    close(&found.rates[2..], &[-0.025]);
    close(&found.outputs, &[0.0]);
}

#[test]
fn hodgkin_and_huxley_s_cell_rests_near_minus_65() {
    let cell = model("hodgkin_huxley");
    let v = -65.0;
    let rate = |a: f64, b: f64| a / (a + b);
    let m = rate(
        0.1 * (v + 40.0) / (1.0 - (-(v + 40.0) / 10.0f64).exp()),
        4.0,
    );
    let h = rate(0.07, 1.0 / (1.0 + 3.0f64.exp()));
    let n = rate(
        0.01 * (v + 55.0) / (1.0 - (-(v + 55.0) / 10.0f64).exp()),
        0.125,
    );
    let (_, found) = at(&cell, &[("v", v), ("m", m), ("h", h), ("n", n)]);
    close(&found.rates[1..], &[0.0; 3]);
    assert!(
        translated("hodgkin_huxley")
            .notes
            .iter()
            .any(|note| note.contains("1/exprel(-x)"))
    );
    // The leak's potential is chosen so that the currents cancel: to 0.05 mV/ms.
    assert!(found.rates[0].abs() < 0.05, "{:?}", found.rates);
}

#[test]
fn a_delay_is_a_parameter_and_turns_the_logistic_equation_at_half_pi() {
    let logistic = model("delayed_logistic");
    let delays: Vec<_> = (0..2).map(|k| logistic.delayed_name(k)).collect();
    assert_eq!(delays, ["delayed(x, tau)", "delayed(x, delay1)"]);
    assert_eq!(logistic.defaults()[3], 2.0);
    // Around x = 1, x' = -r x(t - tau): at r tau = pi/2 the solution cos(r t) persists, since r cos(r (t - tau)) = r sin(r t).
    let slope = |past: f64| {
        at(
            &logistic,
            &[
                ("x", 1.0),
                ("delayed.x.tau", past),
                ("parameters.r", FRAC_PI_2),
            ],
        )
        .1
        .rates[0]
    };
    let h = 1e-5;
    let derivative = (slope(1.0 + h) - slope(1.0 - h)) / (2.0 * h);
    close(&[slope(1.0)], &[0.0]);
    assert!((derivative + FRAC_PI_2).abs() < 1e-9, "{derivative}");
}

#[test]
fn everything_that_is_translated_means_what_it_meant() {
    let all = model("everything");
    let logical = |x: f64, y: f64, z: f64| -> f64 {
        if (x > y && y < z) || z < 1.0 {
            -z
        } else {
            2.0 * f64::from(x == y) + 3.0 * f64::from(x != y) - f64::from(x <= y)
        }
    };
    for (x, y, z) in [
        (0.7, -0.3f64, 0.2),
        (0.3, 0.4, 1.5),
        (0.5, 0.5, 2.0),
        (0.9, 0.1, 1.0),
        (0.2f64, 0.0, 0.5),
    ] {
        let (_, found) = at(&all, &[("x", x), ("y", y), ("z", z)]);
        let sign = |v: f64| if v == 0.0 { 0.0 } else { v.signum() };
        let dx = 2.0 * y.tan() - x.tanh() + (x + 10.0).log10() + 0.5;
        let hill = x.powi(3) / (1.0 + x.powi(3));
        let dy =
            sign(x) * y.abs() + x.max(y) - x.min(y) + x.exp().sqrt() * y * y + 1.0 / x + hill + 1.0;
        let recip = 2f64.powf(x) + (x + 1.0).powf(y / 2.0) - x * x - 0.5;
        close(&found.rates, &[dx, dy, logical(x, y, z)]);
        let both = f64::from(x > 0.0 && y > 0.0) + f64::from(x > 0.0 || y > 0.0);
        close(&found.outputs, &[recip * PI, both]);
    }
    let notes = translated("everything").notes.join("\n");
    for part in [
        "`sigmoid` means something here and is called `sigmoid_`",
        "`equal` means something here and is called `equal_`",
        "`(x + 1)^(y/2)` is worked out as `exp(y/2*log(x + 1))`",
        "line 9: `only`",
        "line 10: a set of parameters",
    ] {
        assert!(notes.contains(part), "{part} is not in:\n{notes}");
    }
}

#[test]
fn what_an_ode_says_of_the_study_is_kept_as_a_comment() {
    let text = translated("morris_lecar").text;
    assert!(
        text.contains("# Of the study, in XPPAUT's words: total=150, dt=.25, bounds=1000\n"),
        "{text}"
    );
    assert!(
        text.contains("summary = \"Morris-Lecar oscillator, parameters of the Hopf bifurcation\""),
        "{text}"
    );
    assert!(translated("morris_lecar").notes[0].contains("xlo, xhi, ylo"));
}

#[test]
fn what_cannot_be_translated_is_named_line_by_line_and_nothing_is_written() {
    let out = tempfile::tempdir().unwrap();
    let path = folder().join("errors.ode");
    let arguments = ["import", path.to_str().unwrap(), "--out", "errors.toml"];
    let message = fails(&arguments, out.path());
    assert!(!out.path().join("errors.toml").exists());
    let lines: Vec<usize> = translate(
        &std::fs::read_to_string(&path).unwrap(),
        "errors",
        "errors.ode",
    )
    .unwrap_err()
    .lines();
    let named: Vec<usize> = (2..=20).filter(|line| ![17].contains(line)).collect();
    assert_eq!(lines, named, "{message}");
    for part in [
        "line 2: par a=1, b=1/3\n    `1/3` is no number",
        "line 3: wiener w\n    noise is not translated",
        "line 4: x'=-a*x+w\n    `w` stands in line 3, which cannot be translated",
        "equations do not depend on time",
        "`global`, a jump where a condition holds",
        "line 8: z[1..3]'=-z[j]\n    arrays",
        "`atan` has no counterpart",
        "`x` is a variable already (line 4)",
        "put brackets on both sides",
        "`a` is a parameter already (line 2); XPPAUT does not tell upper from lower case",
        "a derived parameter depends on parameters alone",
        "maps, `x(t+1) = ...`",
    ] {
        assert!(message.contains(part), "{part} is not in:\n{message}");
    }
    std::fs::write(out.path().join("empty.ode"), "# nothing\npar a=1\n").unwrap();
    assert!(fails(&["import", "empty.ode"], out.path()).contains("there is no equation"));
    let mine = fails(&["import", "mine.toml"], out.path());
    assert!(mine.contains("the text of a model already"), "{mine}");
    assert!(fails(&["import", "absent.ode"], out.path()).contains("absent.ode"));
    std::fs::write(out.path().join("circle.ode"), "x'=a\na=b\nb=a\n").unwrap();
    assert!(fails(&["import", "circle.ode"], out.path()).contains("a circle"));
    std::fs::write(out.path().join("there.toml"), "").unwrap();
    let there = ["import", "circle.ode", "--out", "there.toml"];
    assert!(fails(&there, out.path()).contains("--force"));
}

#[test]
fn an_exponent_that_varies_through_a_function_is_written_by_logarithms() {
    let text = "f(a,b)=a^b\nx'=f(2+y,x)\ny'=f(y,2)-f(y,n)\npar n=3\n";
    let translated = translate(text, "power", "power.ode").unwrap();
    let model = Model::read("power", &translated.text).unwrap();
    let (_, found) = at(&model, &[("x", 1.5), ("y", 0.5)]);
    close(&found.rates, &[2.5f64.powf(1.5), 0.25 - 0.125]);
}

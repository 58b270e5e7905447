//! Fits that know where the network begins to oscillate.

use super::*;

/// Equal nodes begin to oscillate together, where one of them does alone, whatever the coupling: at this input.
const HOPF: f64 = 0.726058290;

fn number(value: &Value) -> f64 {
    value
        .as_f64()
        .unwrap_or_else(|| panic!("{value} is no number"))
}

/// The rows of a table of numbers, without its header.
fn rows(table: &str) -> Vec<Vec<f64>> {
    let rows = table.lines().skip(1).map(|line| {
        let cells = line.split(',').map(|cell| cell.parse::<f64>().unwrap());
        cells.collect::<Vec<f64>>()
    });
    rows.collect()
}

#[test]
fn the_report_says_how_far_beyond_the_first_hopf_point_the_best_lie() {
    let home = Home::new();
    let json = home.json(&fit("f", &["--report", "hopf"]));
    let hopf = &json["hopf"];
    assert_eq!(
        hopf["numbers"],
        serde_json::json!(["coupling.g", "input.x"])
    );
    assert_eq!(
        (&hopf["curves"], &hopf["delays"]),
        (&1.into(), &false.into())
    );
    let table = std::fs::read_to_string(home.at("f/hopf.csv")).unwrap();
    assert!(
        table.starts_with("curve,coupling.g,input.x,period\n"),
        "{table}"
    );
    let rows = rows(&table);
    for row in &rows {
        assert!(
            (row[2] - HOPF).abs() < 1e-8 && (row[3] - 28.276543).abs() < 1e-5,
            "{row:?}"
        );
    }
    let g = || rows.iter().map(|row| row[1]);
    assert!(g().fold(f64::MAX, f64::min) < 0.05 && g().fold(0.0, f64::max) > 1.95);
    let finalists = json["finalists"].as_array().unwrap();
    let of_hopf = hopf["finalists"].as_array().unwrap();
    for (finalist, of) in finalists.iter().zip(of_hopf) {
        let beyond = number(&finalist["point"]["input.x"]) - HOPF;
        // In units of the range, from 0.5 to 0.9.
        assert!(
            (number(&of["distance"]) - beyond / 0.4).abs() < 1e-6,
            "{of}"
        );
        assert_eq!(number(&of["n_unstable"]) > 0.0, beyond > 0.0);
    }
    let report = std::fs::read_to_string(home.at("f/report.md")).unwrap();
    assert!(
        report.contains("## Where it begins to oscillate"),
        "{report}"
    );
    // The same fit without the report is there already.
    let again = home.json(&fit("f", &[]));
    assert_eq!(again["best"], json["best"]);
}

/// The distance is one along the input, and half of the first candidates lie where it is 0. It is kept with each run, and a fit that goes
/// on knows the curves.
#[test]
fn objectives_speak_of_the_distance_and_half_of_the_first_points_lie_on_the_curve() {
    let home = Home::new();
    let objective = ["--objective", "fc - 2 abs(distance.hopf)"];
    let both = [&objective[..], &["--start", "hopf"]].concat();
    let json = home.json(&fit("f", &both));
    let read = |name: &str| home.array("f", name);
    let (inputs, distances) = (read("input.x"), read("distance.hopf"));
    assert_eq!(inputs.len(), distances.len());
    for (input, distance) in inputs.iter().zip(&distances) {
        assert!(
            (distance - (input - HOPF) / 0.4).abs() < 1e-6,
            "{input} {distance}"
        );
    }
    let on_curve = |k: &usize| distances.as_slice().unwrap()[*k].abs() < 1e-6;
    assert_eq!((0..8).filter(on_curve).count(), 0);
    assert_eq!((8..16).filter(on_curve).count(), 8);
    // Along all of the curve.
    let gs = read("coupling.g");
    let along: Vec<f64> = (8..16).map(|k| gs.as_slice().unwrap()[k]).collect();
    let [low, high] = [f64::min, f64::max].map(|f| along.iter().copied().fold(1.0, f));
    assert!(low < 0.3 && high > 1.7, "{along:?}");
    let point = &json["best"]["point"];
    let fc =
        number(&json["best"]["in_sample"]) + 2.0 * (number(&point["input.x"]) - HOPF).abs() / 0.4;
    assert!((-1.0..=1.0).contains(&fc), "{json}");
    let pairs = std::fs::read_to_string(home.at("f/pairs.svg")).unwrap();
    assert!(pairs.contains("first Hopf points"));
    // On from the first generations, and anew: the same bytes.
    home.json(&fit("whole", &[&both[..], &["--runs", "72"]].concat()));
    home.json(&fit("f", &[&both[..], &["--runs", "72"]].concat()));
    assert_eq!(bytes(&home.at("f")), bytes(&home.at("whole")));
}

/// A model's own feedback is late where no tract is. The Hopf points fulfil the characteristic equation of one node,
/// `(s - 1 + x^2 - mu exp(-s d)) (s + b/tau) + 1/tau = 0` with `s = 2 pi i / period`.
#[test]
fn delayed_feedback_of_a_model_counts() {
    const DELAY: f64 = 5.0;
    let home = Home::new();
    let study = STUDY
        .replace(
            "\"fitzhugh-nagumo\"",
            "\"feedback-fitzhugh-nagumo\"\nparameters.delay = 5.0",
        )
        .replace("duration = 300", "duration = 150");
    std::fs::write(home.at("feedback.toml"), study).unwrap();
    let free = ["--free", "mu=-0.5:0.2", "--free", "input.x=0:0.9"];
    let size = ["--runs", "26", "--finalists", "1", "--held-out", "2"];
    let how = ["--backend", "cpu", "--out", "f", "--report", "hopf"];
    let json = home.json(&[&["fit", "feedback.toml"][..], &free, &size, &how].concat());
    assert_eq!(json["hopf"]["delays"], true);
    let rows = rows(&std::fs::read_to_string(home.at("f/hopf.csv")).unwrap());
    assert!(rows.len() > 10, "{}", rows.len());
    for row in &rows {
        let (mu, input, omega) = (row[1], row[2], std::f64::consts::TAU / row[3]);
        // The equilibrium, by halving: the sum of both equations falls as x rises here.
        let rest = |x: f64| x - x.powi(3) / 3.0 - (x + 0.7) / 0.8 + input + mu * (x + 1.0);
        let (mut low, mut high) = (-4.0, 4.0);
        for _ in 0..100 {
            let x = (low + high) / 2.0;
            match rest(x) > 0.0 {
                true => low = x,
                false => high = x,
            }
        }
        let (cos, sin) = ((omega * DELAY).cos(), (omega * DELAY).sin());
        let first = (low * low - 1.0 - mu * cos, omega + mu * sin);
        let second = (0.8 / 12.5, omega);
        let re = first.0 * second.0 - first.1 * second.1 + 1.0 / 12.5;
        let im = first.0 * second.1 + first.1 * second.0;
        assert!(re.hypot(im) < 1e-7, "{row:?}: {re} {im}");
    }
}

#[test]
fn curves_that_do_not_serve_all_candidates_are_refused() {
    let home = Home::new();
    let held = STUDY.replace(
        "[noise]",
        "[hold]\noutput = \"x\"\ntarget = -0.9\nby = \"input.x\"\n[noise]",
    );
    std::fs::write(home.at("held.toml"), held).unwrap();
    let two = ["--free", "g=0:2", "--free", "input=0.5:0.9"];
    let held = ["--free", "g=0:2", "--free", "alpha=2.5:3.5"];
    let cases: &[(&str, &[&str], &[&str], &str)] = &[
        ("held.toml", &held, &["--report", "hopf"], "holds an output"),
        (
            "held.toml",
            &held,
            &["--objective", "distance.hopf"],
            "distance.hopf does not apply: the study holds an output",
        ),
        (
            "mine.toml",
            &two,
            &["--free", "parameters.tau=10:14", "--start", "hopf"],
            "parameters.tau is free, which may move it",
        ),
        (
            "mine.toml",
            &two[..2],
            &["--objective", "fc - distance.hopf"],
            "distance.hopf follows two free numbers, and 1",
        ),
        (
            "mine.toml",
            &two,
            &["--start", "hopf", "--method", "sobol"],
            "sobol has no points to begin with",
        ),
        (
            "mine.toml",
            &two,
            &["--start", "hof"],
            "no start named \"hof\"",
        ),
        // It rests at all of these.
        (
            "mine.toml",
            &["--free", "g=0:2", "--free", "input=0.1:0.3"],
            &["--start", "hopf"],
            "no Hopf point bounds the stable part of the ranges of coupling.g and input.x",
        ),
    ];
    for (study, free, more, expected) in cases {
        let begin = ["fit", study, "--backend", "cpu", "--out", "f"];
        let (code, stdout, stderr) = home.run(&[&begin[..], free, more].concat());
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{more:?}: {stderr}");
        assert!(
            stderr.starts_with("error: ") && stderr.contains(expected),
            "{more:?}: {stderr}"
        );
        assert!(stderr.contains("hint: "), "{more:?}: {stderr}");
        assert!(!home.0.path().join("f").exists(), "{more:?}");
    }
}

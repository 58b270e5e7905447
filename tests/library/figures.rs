//! The figures of the field, compared with stored ones.
//!
//! `UPDATE_FIGURES=1 cargo test --release --test library figures` writes them anew into
//! `tests/library/figures/`: look at what changed before it is committed.

use std::path::Path;
use std::sync::Arc;

use brainsweep::Control;
use brainsweep::backend::cpu::Cpu;
use brainsweep::branches::Varied;
use brainsweep::connectome::{Connectome, synthetic};
use brainsweep::continuation::{NodeProblem, PhasePlane, PlaneSettings, Settings};
use brainsweep::figure::{
    self, Ellipse, ErrorCurve, Finals, Generations, OfRegions, Pairs, Points, Profiles, Regions,
    Traces, Truths,
};
use brainsweep::io::study;
use brainsweep::model;
use brainsweep::plot::Figure;
use brainsweep::run::{Request, bifurcate, simulate};
use brainsweep::study::Study;
use brainsweep::sweep::{Description, Sweep, Vary};
use ndarray::{Array2, Array3, Axis};

/// Coordinates agree to this, points: they are written with two decimals, and the last one may
/// differ where another machine rounds another last bit.
const COORDINATE: f64 = 0.011;

/// The pieces of a text that are numbers and those between them, in turn.
fn pieces(text: &str) -> Vec<&str> {
    let is_of_number = |byte: u8| byte.is_ascii_digit() || byte == b'.';
    text.as_bytes()
        .chunk_by(|a, b| is_of_number(*a) == is_of_number(*b))
        .map(|piece| std::str::from_utf8(piece).unwrap_or("not ASCII"))
        .collect()
}

/// Where two pictures differ, if they do.
fn difference<'a>(found: &'a str, stored: &'a str) -> Option<[&'a str; 2]> {
    let (found, stored) = (pieces(found), pieces(stored));
    if found.len() != stored.len() {
        let first = (0..found.len().min(stored.len())).find(|&k| found[k] != stored[k]);
        return Some(first.map_or(["longer", "shorter"], |k| [found[k], stored[k]]));
    }
    let are_alike = |a: &str, b: &str| match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) => (a - b).abs() < COORDINATE,
        _ => a == b,
    };
    let mut pairs = found.into_iter().zip(stored);
    pairs.find(|(a, b)| !are_alike(a, b)).map(|(a, b)| [a, b])
}

#[track_caller]
fn assert_as_stored(name: &str, figure: &Figure) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/library/figures");
    let file = folder.join(format!("{name}.svg"));
    if std::env::var("UPDATE_FIGURES").is_ok_and(|value| value == "1") {
        std::fs::write(&file, figure.svg()).unwrap();
    }
    let stored = std::fs::read_to_string(&file).unwrap();
    if let Some([found, expected]) = difference(figure.svg(), &stored) {
        let seen = tempfile::Builder::new()
            .prefix(&format!("{name}-"))
            .suffix(".svg")
            .disable_cleanup(true)
            .tempfile()
            .unwrap();
        std::fs::write(&seen, figure.svg()).unwrap();
        panic!(
            "{found:?} in {}, but {expected:?} in {}",
            seen.path().display(),
            file.display()
        );
    }
}

#[test]
fn a_moved_point_another_word_and_another_curve_are_differences() {
    let picture = "<path d=\"M1.00 2.50L3.25 4.00\"/><text>x</text>";
    assert_eq!(difference(picture, picture), None);
    assert_eq!(difference(&picture.replace("3.25", "3.26"), picture), None);
    for (old, new) in [
        ("3.25", "3.28"),
        (">x<", ">y<"),
        ("L3", "M3"),
        ("L3.25 4.00", ""),
    ] {
        assert!(
            difference(&picture.replace(old, new), picture).is_some(),
            "{new}"
        );
    }
}

fn six_nodes() -> Arc<Connectome> {
    Arc::new(synthetic::random(6, 0.6, 40.0, 3))
}

#[test]
fn a_connectome() {
    let nodes = six_nodes();
    let regions = Regions {
        labels: &nodes.labels,
        groups: &[],
    };
    let figure = figure::connectome(&nodes, regions, "six nodes").unwrap();
    assert_as_stored("connectome", &figure);
}

#[test]
fn functional_connectivity() {
    let far = |i: usize, j: usize| i.abs_diff(j) as f64;
    let simulated = Array2::from_shape_fn((5, 5), |(i, j)| 1.0 - 0.3 * far(i, j));
    let measured = Array3::from_shape_fn((2, 5, 5), |(subject, i, j)| {
        1.0 - (0.1 + 0.1 * subject as f64) * far(i, j)
    });
    let labels = ["V1", "M1", "V2", "A1", "M2"].map(String::from);
    let mut regions = Regions {
        labels: &labels,
        groups: &[],
    };
    let figure = figure::fc(&simulated, Some(&measured), regions, "five nodes").unwrap();
    assert_as_stored("fc", &figure);
    // Regions of a network stand together, with what is simulated below the diagonal.
    regions.groups = &["visual", "motor", "visual", "auditory", "motor"];
    let figure = figure::fc(&simulated, Some(&measured), regions, "three networks").unwrap();
    assert_as_stored("fc_groups", &figure);
    let of = |subject: usize| figure::SubjectFc {
        label: format!("subject {subject}"),
        simulated: simulated.view(),
        measured: measured.index_axis(Axis(0), subject),
    };
    let figure = figure::fc_of_subjects(&[of(0), of(1)], regions, "two subjects").unwrap();
    assert_as_stored("fc_subjects", &figure);
}

/// The regions of a group stand together, as in the matrices; a value that is missing leaves a gap.
#[test]
fn numbers_of_regions() {
    let labels: Vec<String> = (1..=5).map(|k| format!("region {k}")).collect();
    let regions = figure::Regions {
        labels: &labels,
        groups: &["visual", "motor", "visual", "auditory", "motor"],
    };
    let map = |label: &str, values: [f64; 5]| figure::NodeMap {
        label: label.into(),
        values: values.into(),
    };
    let maps = [
        map("J_i (1)", [1.0, 1.4, 1.1, 1.25, 1.5]),
        map("global connectivity", [0.2, 0.4, 0.25, f64::NAN, 0.45]),
    ];
    let drawn = figure::node_maps(&maps, regions, "five regions").unwrap();
    assert_as_stored("node_maps", &drawn);
}

#[test]
fn dynamics_of_functional_connectivity() {
    let fcd = Array2::from_shape_fn((6, 6), |(a, b)| 1.0 - 0.15 * (a as f64 - b as f64).abs());
    let starts: Vec<f64> = (0..6).map(|k| 3.0 * k as f64).collect();
    let centres: Vec<f64> = (0..20).map(|k| 0.1 * k as f64 - 0.95).collect();
    let of = |name: &str, middle: f64| figure::Histogram {
        name: name.into(),
        fractions: centres
            .iter()
            .map(|x| (0.3 - (x - middle).abs()).max(0.0))
            .collect(),
    };
    let both = [of("simulated", 0.5), of("measured", 0.3)];
    let figure = figure::fcd(fcd.view(), &starts, &centres, &both, "six windows").unwrap();
    assert_as_stored("fcd", &figure);
}

#[test]
fn power_spectra() {
    let frequencies: Vec<f64> = (0..60).map(|k| 0.5 * f64::from(k)).collect();
    let density = Array2::from_shape_fn((3, 60), |(node, k)| {
        let f = frequencies[k];
        (1.0 + node as f64) / (1.0 + f * f) + 0.3 * (-(f - 10.0).powi(2)).exp()
    });
    let spectra = figure::Spectra {
        frequencies: &frequencies,
        density: density.view(),
        label: "power spectral density of v (mV^2/Hz)".into(),
        bands: vec![("theta", [4.0, 8.0]), ("alpha", [8.0, 13.0])],
    };
    assert_as_stored("spectra", &spectra.figure("three nodes").unwrap());
}

#[test]
fn time_series() {
    let t_ms: Vec<f64> = (1..=40).map(|k| 0.5 * f64::from(k)).collect();
    // Triangles: no rounding of a sine's.
    let samples = Array3::from_shape_fn((40, 2, 6), |(k, state, node)| {
        let phase = (k + 3 * node + 5 * state) % 16;
        phase.abs_diff(8) as f32 / 8.0
    });
    let labels: Vec<String> = (0..6).map(|node| format!("node {node}")).collect();
    let traces = Traces {
        t_ms: &t_ms,
        samples: samples.view(),
        model: model::find("fitzhugh-nagumo").unwrap(),
        recorded: &[0, 1],
        labels: &labels,
    };
    assert_as_stored("time_series", &traces.time_series("six nodes").unwrap());
}

#[test]
fn a_score_map() {
    let study = Study::new(model::find("fitzhugh-nagumo").unwrap(), six_nodes());
    let vary = ["g=0:1:4", "input=0.5:0.9:3"].map(|text| Vary::parse(text).unwrap());
    let description = Description {
        vary: vary.to_vec(),
        ..Description::default()
    };
    let sweep = Sweep::new(&study, &description).unwrap();
    let mut mean: Vec<f64> = (0..12)
        .map(|point| f64::from(point * 5 % 12) / 12.0)
        .collect();
    // A point without a score.
    mean[4] = f64::NAN;
    let range: Vec<[f64; 2]> = mean.iter().map(|mean| [mean - 0.1, mean + 0.1]).collect();
    let points = Points {
        sweep: &sweep,
        label: "mean score".into(),
        mean: &mean,
        range: &range,
        unstable: &[],
        best: Some((7, mean[7])),
    };
    assert_as_stored("score_map", &points.figure().unwrap().unwrap());
    let unstable: Vec<bool> = (0..12).map(|point| point >= 8).collect();
    let points = Points {
        unstable: &unstable,
        ..points
    };
    assert_as_stored("score_map_held", &points.figure().unwrap().unwrap());
}

#[test]
fn a_score_curve_with_points_that_are_held_in_vain() {
    let study = Study::new(model::find("fitzhugh-nagumo").unwrap(), six_nodes());
    let description = Description {
        vary: vec![Vary::parse("g=0:1:6").unwrap()],
        seeds: Some(2),
        ..Description::default()
    };
    let sweep = Sweep::new(&study, &description).unwrap();
    let mean = [0.1, 0.25, 0.4, 0.35, 0.3, 0.2];
    let range = mean.map(|mean| [mean - 0.05, mean + 0.05]);
    let points = Points {
        sweep: &sweep,
        label: "mean score".into(),
        mean: &mean,
        range: &range,
        unstable: &[false, false, false, true, true, true],
        best: Some((2, mean[2])),
    };
    assert_as_stored("score_curve_held", &points.figure().unwrap().unwrap());
}

fn varied(name: &str, range: [f64; 2]) -> Varied {
    Varied {
        name: name.into(),
        path: name.into(),
        unit: "1".into(),
        range,
    }
}

/// The figure of this name of the branches of a study over one number or two.
fn of_branches(study: &Study, varied: Vec<Varied>, network_cycles: usize, name: &str) -> Figure {
    let [low, high] = varied[0].range;
    let mut settings = Settings::new(low, high);
    settings.mesh = 10;
    let request = Request {
        settings,
        network_cycles,
        cycle_step_max: 1.0,
        ..Request::new(study, varied)
    };
    let control = Control::default();
    let bifurcations = bifurcate(study, &request, &control).unwrap();
    assert!(bifurcations.found.stopped.is_empty());
    let mut figures = figure::BRANCHES.into_iter();
    let of_name = figures.find(|(other, _)| *other == name);
    let (_, (is_there, draw)) = of_name.expect("a figure of this name");
    assert!(is_there(&bifurcations.found));
    draw(&bifurcations.found, study.model).unwrap()
}

fn one_node() -> Study {
    study::load(Some("fitzhugh_nagumo".as_ref()), &[""; 0]).unwrap()
}

#[test]
fn a_bifurcation_diagram() {
    let study = one_node();
    let figure = of_branches(&study, vec![varied("x_ext", [0.0, 2.0])], 0, "diagram");
    assert_as_stored("diagram", &figure);
}

#[test]
fn a_chart() {
    let study = one_node();
    let both = vec![varied("x_ext", [0.0, 2.0]), varied("y_ext", [-0.2, 0.2])];
    assert_as_stored("chart", &of_branches(&study, both, 0, "chart"));
}

#[test]
fn cycles_of_a_network() {
    let mut study = Study::new(
        model::find("fitzhugh-nagumo").unwrap(),
        Arc::new(synthetic::pair(30.0)),
    );
    study.set_g(0.1);
    let figure = of_branches(&study, vec![varied("x_ext", [0.7, 0.8])], 1, "cycles");
    assert_as_stored("network_cycles", &figure);
}

#[test]
fn a_phase_plane() {
    let study = one_node();
    let problem = NodeProblem::of_study(&study, 0, &["x_ext"]).unwrap();
    let settings = PlaneSettings {
        duration_ms: 40.0,
        arrows: 8,
        cells: 120,
        ..PlaneSettings::default()
    };
    let plane = PhasePlane::new(&problem, &[1.0], &settings).unwrap();
    let figure = figure::phase_plane(&plane, "fitzhugh-nagumo").unwrap();
    assert_as_stored("phase_plane", &figure);
}

/// Errors that fall with the step, one that vanishes, and one that is not known at the smallest step.
#[test]
fn an_error_against_the_step() {
    let curve = |name: &str, errors: &[f64]| ErrorCurve {
        name: name.into(),
        errors: errors.to_vec(),
    };
    let curves = [
        curve("mean score", &[0.0385, 0.018, 0.0, 0.0045]),
        curve("FC, largest", &[0.21, 0.107, 0.052]),
        curve("nothing", &[f64::NAN, 0.0]),
    ];
    let figure = figure::step_error(&[0.1, 0.05, 0.025, 0.0125], &curves, 1.0).unwrap();
    let figure = figure.expect("there are errors");
    assert!(!figure.svg().contains("nothing"));
    assert_as_stored("step_error", &figure);
    let nothing = figure::step_error(&[0.1, 0.05], &curves[2..], 1.0).unwrap();
    assert!(nothing.is_none());
}

/// Candidates of a fit of two numbers: about a best point in the third generation, with an objective that falls off around it.
fn candidates() -> (Sweep, Array2<f64>, Vec<f64>) {
    let study = study::load(None, &["protocol.duration=20"]).unwrap();
    let vary = ["g=0:3:2", "noise.sigma.x,noise.sigma.y=0.001:0.1:2:log"];
    let description = Description {
        vary: vary.map(|text| Vary::parse(text).unwrap()).to_vec(),
        zip: true,
        ..Description::default()
    };
    let ends = Sweep::new(&study, &description).unwrap();
    let share = |k: usize, axis: usize| {
        let spread = if k < 16 { 0.5 } else { 0.15 };
        let turn = (k * (7 + 4 * axis)) as f64;
        (0.5 + spread * turn.sin()).clamp(0.0, 1.0)
    };
    let values = Array2::from_shape_fn((32, 2), |(k, axis)| {
        ends.axes()[axis].inside(share(k, axis))
    });
    let objective = (0..32).map(|k| {
        let [x, y] = [0, 1].map(|axis| share(k, axis) - 0.55);
        if k == 5 {
            f64::NAN
        } else {
            0.6 - x * x - 2.0 * y * y
        }
    });
    let objective = objective.collect();
    (ends, values, objective)
}

#[test]
fn the_objective_of_a_fit_by_generation() {
    let (_, _, objective) = candidates();
    let generation: Vec<f64> = (0..32).map(|k| (k / 16 + k / 24) as f64).collect();
    let finals = [(20, 0.57), (30, 0.55)].map(|(k, held_out)| Finals {
        generation: generation[k],
        in_sample: objective[k],
        held_out,
        standard_error: 0.01,
    });
    let figure = Generations {
        title: "32 candidates".into(),
        label: "fc",
        generation: &generation,
        objective: &objective,
        finals: finals.to_vec(),
    };
    assert_as_stored("fit_objective", &figure.figure().unwrap());
}

#[test]
fn the_candidates_of_a_fit_over_pairs_of_numbers_and_over_each() {
    let (ends, values, objective) = candidates();
    let pairs = Pairs {
        title: "32 candidates".into(),
        label: "fc",
        axes: ends.axes(),
        values: &values,
        objective: &objective,
        best: Some(vec![1.65, 0.0126]),
        ellipse: Some(Ellipse {
            centre: vec![0.55, 0.55],
            covariance: vec![0.01, 0.006, 0.006, 0.008],
        }),
        curves: None,
    };
    assert_as_stored("fit_pairs", &pairs.figure().unwrap().unwrap());
    let profiles = Profiles {
        title: "32 candidates".into(),
        label: "fc",
        axes: ends.axes(),
        values: &values,
        objective: &objective,
    };
    assert_as_stored("fit_profiles", &profiles.figure().unwrap().unwrap());
    let none = vec![f64::NAN; 32];
    let profiles = Profiles {
        objective: &none,
        ..profiles
    };
    assert!(profiles.figure().unwrap().is_none());
}

#[test]
fn truths_and_what_was_found() {
    let (ends, values, _) = candidates();
    let truths: Vec<Vec<f64>> = values
        .outer_iter()
        .take(8)
        .map(|row| row.to_vec())
        .collect();
    let found = truths.iter().enumerate().map(|(k, truth)| {
        let near = vec![truth[0] * 1.05, truth[1] * 0.9];
        (k != 3).then_some(near)
    });
    let found: Vec<Option<Vec<f64>>> = found.collect();
    let figure = figure::recovery(&Truths {
        title: "8 truths".into(),
        axes: ends.axes(),
        truths: &truths,
        found: &found,
    });
    assert_as_stored("fit_recovery", &figure.unwrap());
    let found = [
        (0, vec![1.0, 0.01]),
        (1, vec![2.0, 0.03]),
        (3, vec![1.5, 0.02]),
    ];
    let figure = figure::subjects("three subjects", ends.axes(), &found, Some(&[1.4, 0.02]));
    assert_as_stored("fit_subjects", &figure.unwrap());
}

#[test]
fn what_a_fit_gives_regions_in_order_and_where_they_lie() {
    let of = |label: &str, value: fn(f64) -> f64| OfRegions {
        label: label.into(),
        values: (0..12).map(|node| value(f64::from(node) / 11.0)).collect(),
    };
    let found = [
        of("parameters.tau (ms)", |map| 12.5 * (1.0 + 0.8 * map)),
        of("parameters.alpha", |_| 3.0),
    ];
    let centres = Array2::from_shape_fn((12, 3), |(node, side)| {
        let angle = std::f64::consts::TAU * node as f64 / 12.0;
        [60.0 * angle.sin(), 85.0 * angle.cos(), 0.0][side]
    });
    let figure = figure::regions("the best fit", &found, Some(&centres));
    assert_as_stored("fit_regions", &figure.unwrap());
    let without = figure::regions("the best fit", &found, None).unwrap();
    assert!(!without.svg().contains("left to right"));
}

/// A node with folds at -0.260 and -1.151, whose input goes slowly up and down: between them it is in its upper state on the way up and in
/// its lower one on the way down, and leaves each a little past its fold.
#[test]
fn a_number_that_follows_the_time_shows_both_directions_of_a_hysteresis_loop() {
    let text = "name = \"loop\"\nmodel = \"wilson-cowan-brainpy\"\nconnectome.nodes = 1\ncoupling.kind = \"none\"\n\
                parameters = { wEE = 16, wIE = 15, wEI = 12, wII = 3, E_a = 1.5, I_a = 1.5, E_theta = 3, I_theta = 3 }\n\
                protocol = { duration = 4000, dt = 0.2 }\nrecord = { states = [\"x\"], every = 0.2 }\n\
                input.x = { formula = \"a*(1 - abs(2*t/duration - 1)) - 2\", a = 2.5 }";
    let study = study::parse::<&str>(text, "loop", Path::new(""), &[]).unwrap();
    let figures = |study: &Study| {
        let simulated = simulate(study, &Cpu::new(), &Control::default()).unwrap();
        simulated.output().drawn(&Control::default()).unwrap()
    };
    let figures_of = |name: &str, study: &Study| {
        let mut all = figures(study).into_iter();
        all.find(|(found, _)| *found == name)
            .map(|(_, figure)| figure)
    };
    assert_as_stored("ramp", &figures_of("ramp", &study).unwrap());
    let text = text.replace("a*(1 - abs(2*t/duration - 1)) - 2", "0.1*a");
    let still = study::parse::<&str>(&text, "still", Path::new(""), &[]).unwrap();
    assert!(figures_of("ramp", &still).is_none());
}

#[test]
fn an_evoked_response_is_drawn_where_it_is_largest() {
    let model = model::find("fitzhugh-nagumo").unwrap();
    let t_ms: Vec<f64> = (1..=60).map(|k| 2.0 * f64::from(k)).collect();
    let mean = Array2::from_shape_fn((60, 10), |(k, node)| {
        let t = t_ms[k];
        f64::from(node as u32) * 0.1 * (t / 20.0) * (1.0 - t / 20.0).exp()
    });
    let labels: Vec<String> = (0..10).map(|node| format!("region {node}")).collect();
    let shown = model.observable(0);
    let drawn = |error: &Array2<f64>| {
        let both = [mean.view(), error.view()];
        figure::evoked(both, &t_ms, &shown, &labels, "response to tms").unwrap()
    };
    let figure = drawn(&Array2::zeros((60, 10)));
    assert!(figure.svg().contains("region 9") && !figure.svg().contains("region 1<"));
    assert_as_stored("evoked", &figure);
    // The largest of all, but by chance.
    let by_chance = drawn(&Array2::from_shape_fn((60, 10), |(_, node)| match node {
        9 => 10.0,
        _ => 0.01,
    }));
    assert!(!by_chance.svg().contains("region 9") && by_chance.svg().contains("region 8"));
}

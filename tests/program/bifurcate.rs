//! `brainsweep bifurcate` as a user runs it: what it prints, writes and refuses.

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

use brainsweep::continuation::{NodeProblem, Problem};
use brainsweep::io::npz;
use brainsweep::model::find;
use ndarray::{ArrayD, Ix2};
use serde_json::Value;

/// Exit code, stdout and stderr of `brainsweep bifurcate ARGUMENTS --out FOLDER`.
fn bifurcate(arguments: &str, out: &Path) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_brainsweep"))
        .arg("bifurcate")
        .args(arguments.split_whitespace())
        .arg("--out")
        .arg(out)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// What a run leaves: its folder, the rows of `events.csv` by column.
struct Run {
    stdout: String,
    folder: tempfile::TempDir,
    events: Vec<HashMap<String, String>>,
}

impl Run {
    fn new(arguments: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (code, stdout, stderr) = bifurcate(arguments, &folder.path().join("run"));
        assert_eq!((code, stderr.as_str()), (0, ""), "{arguments}");
        let events = events(&folder.path().join("run"));
        Self {
            stdout,
            folder,
            events,
        }
    }

    fn array(&self, key: &str) -> ArrayD<f64> {
        npz::read_f64(&self.folder.path().join("run/branches.npz"), key).unwrap()
    }

    fn has(&self, file: &str) -> bool {
        self.folder.path().join("run").join(file).exists()
    }

    /// A column of all events of one type, in order.
    fn numbers(&self, kind: &str, column: &str) -> Vec<f64> {
        let rows = self.events.iter().filter(|row| row["type"] == kind);
        rows.map(|row| row[column].parse().unwrap()).collect()
    }
}

fn events(folder: &Path) -> Vec<HashMap<String, String>> {
    let mut reader = csv::Reader::from_path(folder.join("events.csv")).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

#[track_caller]
fn close(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for (found, expected) in found.iter().zip(expected) {
        let miss = (found - expected).abs() / (1.0 + expected.abs());
        assert!(miss <= tolerance, "found {found}, expected {expected}");
    }
}

/// The tutorial's FitzHugh-Nagumo diagram: Hopf points of the closed form, cycles over the whole interval between.
#[test]
fn fitzhugh_nagumo_oscillates_between_its_hopf_points() {
    let run = Run::new("fitzhugh-nagumo --vary x_ext=0:2");
    let hopf = [0.726058290075352, 1.331554878648928];
    close(&run.numbers("hopf", "x_ext"), &hopf, 1e-12);
    close(
        &run.numbers("hopf", "coefficient"),
        &[-14.350126572389792; 2],
        1e-10,
    );
    assert_eq!(run.events.len(), 2);
    for printed in ["0.726058290", "1.331554879", "supercritical"] {
        assert!(run.stdout.contains(printed), "{}", run.stdout);
    }

    let parameters = run.array("cycles_1_parameters");
    let parameters = parameters.as_slice().unwrap();
    close(&[parameters[0], *parameters.last().unwrap()], &hopf, 1e-12);
    let gaps = parameters.windows(2).map(|pair| pair[1] - pair[0]);
    assert!(gaps.clone().all(|gap| gap > 0.0 && gap < 0.1));
    assert!(run.array("cycles_1_n_unstable").iter().all(|n| *n == 0.0));
    for file in ["diagram.svg", "diagram.png", "period.svg", "period.png"] {
        assert!(run.has(file), "{file}");
    }
}

/// The tutorial's Wilson-Cowan diagram: 400 inputs from -2 to 1.99 have 580 equilibria in all.
#[test]
fn the_tutorials_grid_has_580_equilibria() {
    let numbers = "wEE=16 wIE=15 wEI=12 wII=3 E_a=1.5 I_a=1.5 E_theta=3 I_theta=3";
    let set = numbers.replace(' ', " --set ");
    let run = Run::new(&format!(
        "wilson-cowan-brainpy --set {set} --vary x_ext=-2:2"
    ));
    let mut folds = run.numbers("fold", "x_ext");
    folds.sort_by(f64::total_cmp);
    close(&folds, &[-1.150550578015591, -0.259920378583834], 1e-12);

    let set: Vec<(&str, f64)> = numbers
        .split(' ')
        .map(|text| text.split_once('=').unwrap())
        .map(|(name, value)| (name, value.parse().unwrap()))
        .collect();
    let model = find("wilson-cowan-brainpy").unwrap();
    let node = NodeProblem::new(model, &set, &["x_ext"]).unwrap();
    let grid: Vec<f64> = (0..400).map(|k| -2.0 + 0.01 * f64::from(k)).collect();
    let mut found: Vec<[f64; 3]> = Vec::new();
    for k in 1.. {
        let key = |name: &str| format!("equilibria_{k}_{name}");
        let path = run.folder.path().join("run/branches.npz");
        let Ok(parameters) = npz::read_f64(&path, &key("parameters")) else {
            break;
        };
        let state = run
            .array(&key("state"))
            .into_dimensionality::<Ix2>()
            .unwrap();
        let mut points: Vec<[f64; 3]> = parameters
            .iter()
            .zip(state.outer_iter())
            .map(|(p, u)| [*p, u[0], u[1]])
            .collect();
        // Where the branch turns, it reaches as far as the fold.
        let turns: Vec<usize> = (1..points.len() - 1)
            .filter(|&i| {
                (points[i][0] - points[i - 1][0]) * (points[i + 1][0] - points[i][0]) < 0.0
            })
            .collect();
        for &i in turns.iter().rev() {
            let row = run
                .events
                .iter()
                .filter(|row| row["type"] == "fold")
                .map(|row| ["x_ext", "x", "y"].map(|c| row[c].parse::<f64>().unwrap()))
                .min_by(|a, b| {
                    let miss = |e: &[f64; 3]| (e[1] - points[i][1]).abs();
                    miss(a).total_cmp(&miss(b))
                })
                .unwrap();
            let before = (row[1] - points[i][1]) * (points[i + 1][1] - points[i][1]) < 0.0;
            points.insert(if before { i } else { i + 1 }, row);
        }
        for pair in points.windows(2) {
            for &p in &grid {
                let [a, b] = [pair[0], pair[1]];
                let t = (p - a[0]) / (b[0] - a[0]);
                if (0.0..1.0).contains(&t) {
                    let guess = [a[1] + t * (b[1] - a[1]), a[2] + t * (b[2] - a[2])];
                    let [x, y] = solved(&node, guess, p);
                    assert!((x - guess[0]).abs() < 0.1, "{x} from {guess:?} at {p}");
                    found.push([p, x, y]);
                }
            }
        }
    }
    for (k, one) in found.iter().enumerate() {
        let same = |other: &[f64; 3]| one.iter().zip(other).all(|(a, b)| (a - b).abs() < 1e-6);
        assert!(!found[..k].iter().any(same), "twice: {one:?}");
    }
    assert_eq!(found.len(), 580);
}

/// Newton's method on the model itself, to the last digits.
fn solved(node: &NodeProblem, mut u: [f64; 2], p: f64) -> [f64; 2] {
    for _ in 0..50 {
        let (mut f, mut d) = ([0.0; 2], [0.0; 6]);
        node.derivative(&u, &[p], &mut f, &mut d);
        let determinant = d[0] * d[3] - d[2] * d[1];
        let step = [
            (d[3] * f[0] - d[2] * f[1]) / determinant,
            (d[0] * f[1] - d[1] * f[0]) / determinant,
        ];
        u = [u[0] - step[0], u[1] - step[1]];
        if step[0].abs().max(step[1].abs()) < 1e-12 {
            return u;
        }
    }
    panic!("no equilibrium near {u:?} at {p}");
}

/// Closed forms: cusp and generalised Hopf points of FitzHugh-Nagumo in its input and gamma.
#[test]
fn two_parameters_give_curves_and_their_special_points() {
    let run = Run::new("fitzhugh-nagumo --vary x_ext=-3:3 --and gamma=-2:-0.75 --json");
    let printed: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(printed["vary"][1]["name"], "gamma");
    // Each lies on the curve of Hopf points, and is an end of a curve of folds of cycles.
    let mut places = run.numbers("generalized-hopf", "x_ext");
    places.sort_by(f64::total_cmp);
    let [low, high] = [0.2661261671984324, 1.138400581772761];
    close(&places, &[low, low, high, high], 1e-10);
    let gammas = run.numbers("generalized-hopf", "gamma");
    close(&gammas, &[-0.7652777777777777; 4], 1e-10);
    assert!(run.has("chart.svg") && run.has("chart.png"));
    // On the curve of Hopf points 3 alpha x^2 - 2 beta x - gamma + epsilon / tau = 0.
    let state = run.array("hopfs_1_state").into_dimensionality::<Ix2>();
    let place = run.array("hopfs_1_parameters").into_dimensionality::<Ix2>();
    let (state, place) = (state.unwrap(), place.unwrap());
    for (u, p) in state.outer_iter().zip(place.outer_iter()) {
        let miss = 9.0 * u[0] * u[0] - 8.0 * u[0] - p[1] + 0.025;
        assert!(miss.abs() < 1e-9, "{miss}");
    }
}

/// Columns of `events.csv`, in order.
#[test]
fn the_columns_of_events_are_fixed() {
    let run = Run::new("stuart-landau --vary a=-1:1 --and x_ext=-0.1:0.1 --no-cycles");
    let text = std::fs::read_to_string(run.folder.path().join("run/events.csv")).unwrap();
    assert_eq!(
        text.lines().next().unwrap(),
        "branch,type,a,x_ext,omega,period,coefficient,criticality,n_unstable_before,n_unstable_after,residual,x,y"
    );
    // z' = (a + i w) z - z|z|^2: a Hopf point at a = 0, of frequency w.
    close(&run.numbers("hopf", "a"), &[0.0], 1e-12);
    close(&run.numbers("hopf", "omega"), &[0.2], 1e-12);
    let manifest = std::fs::read(run.folder.path().join("run/manifest.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    assert_eq!(manifest["command"], "bifurcate");
    assert_eq!(manifest["study"]["model"], "stuart-landau");
}

#[test]
fn what_cannot_be_followed_is_said() {
    for (arguments, parts) in [
        (
            "threshold-linear --vary e_ext=0:1",
            &["threshold-linear", "derivatives", "simulate"][..],
        ),
        (
            "wilson-cowen --vary x_ext=0:1",
            &["did you mean \"wilson-cowan\"?"],
        ),
        (
            "wilson-cowan --vary z_ext=0:1",
            &["z_ext", "x_ext, y_ext", "did you mean \"x_ext\"?"],
        ),
        ("wilson-cowan --vary x_ext=1", &["LOW:HIGH"]),
        ("wilson-cowan --vary x_ext=2:1", &["lower one first"]),
        ("fitzhugh-nagumo --vary tau=-1:1", &["tau", "without 0"]),
        (
            "feedback-fitzhugh-nagumo --delays --vary parameters.delay=-1:1",
            &["parameters.delay", "must be 0 or more"],
        ),
        (
            "fitzhugh-nagumo --vary x_ext=0:1 --and x_ext=0:1",
            &["two different"],
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let (code, stdout, stderr) = bifurcate(arguments, &folder.path().join("run"));
        assert_eq!((code, stdout.as_str()), (2, ""), "{arguments}");
        for part in parts {
            assert!(stderr.contains(part), "{part} is not in: {stderr}");
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

/// A branch that stops short is written as far as it came.
#[test]
fn a_branch_given_up_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let arguments = "wilson-cowan --vary x_ext=-2:6 --no-cycles --step-min 0.05 --tolerance 1e-15";
    let (code, stdout, stderr) = bifurcate(arguments, &out);
    assert_eq!(code, 4, "{stderr}");
    assert!(stdout.contains("written to"));
    for part in [
        "stopped short",
        "no convergence",
        "residual",
        "step_min",
        "x_ext = ",
    ] {
        assert!(stderr.contains(part), "{part} is not in: {stderr}");
    }
    assert!(npz::read_f64(&out.join("branches.npz"), "equilibria_1_state").is_ok());
}

/// So is one that has as many points as it may have.
#[test]
fn a_branch_of_as_many_points_as_allowed_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let arguments = "fitzhugh-nagumo --vary x_ext=0:2 --no-cycles --points 10";
    let (code, stdout, stderr) = bifurcate(arguments, &out);
    assert_eq!(code, 4, "{stderr}");
    assert!(
        stdout.contains("as many points as --points allows"),
        "{stdout}"
    );
    assert!(
        stdout.contains("no bifurcation on what was followed"),
        "{stdout}"
    );
    assert!(stderr.contains("stopped short"), "{stderr}");
    let hint = "hint: allow more --points, or go on from their ends with --from";
    assert!(stderr.contains(hint), "{stderr}");
    let states = npz::read_f64(&out.join("branches.npz"), "equilibria_1_state").unwrap();
    assert_eq!(states.shape(), [10, 2]);
}

/// The centre of Montbrió, Pazó and Roxin's model is named as what it is in the table, in events.csv, in the JSON and in the figure,
/// without a criticality; on stderr stands why it has no cycles.
#[test]
fn a_centre_is_named_a_degenerate_hopf_point_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = "montbrio-pazo-roxin --vary r_ext=-1:0.5";
    let (code, stdout, stderr) = bifurcate(arguments, &folder.path().join("table"));
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains("degenerate-hopf"), "{stdout}");
    assert!(!stdout.contains("critical"), "{stdout}");
    assert!(
        stderr.contains("the Hopf point at r_ext = -0.318309886 is degenerate"),
        "{stderr}"
    );
    let rows = events(&folder.path().join("table"));
    let hopf: Vec<_> = rows
        .iter()
        .filter(|row| row["type"].contains("hopf"))
        .collect();
    assert_eq!(hopf.len(), 1);
    assert_eq!(hopf[0]["type"], "degenerate-hopf");
    assert_eq!(
        (
            hopf[0]["criticality"].as_str(),
            hopf[0]["coefficient"].as_str()
        ),
        ("", "0")
    );
    let figure = std::fs::read_to_string(folder.path().join("table/diagram.svg")).unwrap();
    assert!(figure.contains("degenerate Hopf"), "the legend");
    assert!(!folder.path().join("table/period.svg").exists());

    let (_, stdout, _) = bifurcate(&format!("{arguments} --json"), &folder.path().join("json"));
    let found: Value = serde_json::from_str(&stdout).unwrap();
    let kinds = found["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| &event["type"]);
    assert_eq!(kinds.filter(|kind| *kind == "degenerate-hopf").count(), 1);
}

/// Where every point of a circle is an equilibrium, the run ends and says so.
#[test]
fn equilibria_that_are_not_isolated_are_said() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = "stuart-landau --set w=0 --vary x_ext=-1:1";
    let (code, _, stderr) = bifurcate(arguments, &folder.path().join("run"));
    assert_eq!(code, 0, "{stderr}");
    assert!(
        stderr.contains("equilibria are not isolated at x_ext = 0"),
        "{stderr}"
    );
}

/// Far outside of the box of the search and attracting little: what a simulation begins beside is found all the same.
#[test]
fn equilibria_are_looked_for_from_the_studys_start() {
    let folder = tempfile::tempdir().unwrap();
    let text = r#"name = "far"
summary = "a well at -60 beside one at 1, and what follows it"
equations = """
dx/dt = p + (x + 60)*exp(-(x + 60)^2) + 0.001*(1 - x)
dy/dt = x - y
"""
[states]
x = { unit = "1", meaning = "place" }
y = { unit = "1", meaning = "place a while ago" }
[parameters]
p = { unit = "1/ms", default = 0.0, meaning = "push" }
"#;
    std::fs::write(folder.path().join("far.toml"), text).unwrap();
    let file = folder.path().join("far.toml").display().to_string();
    // Near -60, y exp(-y^2) + 0.061 - 0.001 y = 0 with y = x + 60.
    let lower = |from: &str| {
        let out = folder.path().join(format!("from{from}"));
        let start = format!("--set initial.x={from} --set initial.y={from}");
        let arguments = format!("{file} {start} --vary p=-0.01:0.01 --at p=0");
        let (code, _, stderr) = bifurcate(&arguments, &out);
        assert_eq!(code, 0, "{stderr}");
        let solutions = rows(&out.join("solutions.csv"));
        let all = solutions.iter().map(|row| row["x"].parse::<f64>().unwrap());
        all.filter(|x| *x < -50.0).collect::<Vec<_>>()
    };
    assert!(lower("0").is_empty(), "the box alone is not enough here");
    let found = lower("-60");
    let residual = |x: f64| (x + 60.0) * (-(x + 60.0).powi(2)).exp() + 0.001 * (1.0 - x);
    // The unstable one that Newton's method reaches from -60, and the stable one at which a simulation comes to rest.
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found.iter().any(|x| (x + 61.83724667984994).abs() < 1e-9),
        "{found:?}"
    );
    for x in found {
        assert!(residual(x).abs() < 1e-9, "{x}");
    }
}

/// A request to terminate ends a long run within seconds, and what there is until then is kept.
#[cfg(unix)]
#[test]
fn a_request_to_terminate_ends_a_long_run() {
    use std::time::{Duration, Instant};
    let folder = tempfile::tempdir().unwrap();
    let arguments =
        "bifurcate wilson-cowan --vary x_ext=-2:4 --and y_ext=-5:5 --step-max 1e-4 --out run";
    let mut child = Command::new(env!("CARGO_BIN_EXE_brainsweep"))
        .args(arguments.split_whitespace())
        .current_dir(folder.path())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_secs(1));
    assert!(
        child.try_wait().unwrap().is_none(),
        "it takes longer than that"
    );
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .unwrap()
            .success()
    );
    let asked = Instant::now();
    let code = child.wait().unwrap().code();
    assert!(
        asked.elapsed() < Duration::from_secs(5),
        "{:?}",
        asked.elapsed()
    );
    assert_eq!(code, Some(130));
    assert!(folder.path().join("run/manifest.json").exists());
}

/// The rows of a table by column.
fn rows(file: &Path) -> Vec<HashMap<String, String>> {
    let mut reader = csv::Reader::from_path(file).unwrap();
    reader.deserialize().map(|row| row.unwrap()).collect()
}

/// At chosen values every branch gives its solutions exactly, between three equilibria and on cycles, and each is a study that starts
/// there.
#[test]
fn solutions_at_chosen_values_are_exact_and_studies_begin_there() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("start.toml");
    let arguments = format!(
        "fitzhugh-nagumo --vary x_ext=0:2 --at x_ext=0.9,0.5 --write-initial {}",
        file.display()
    );
    let out = folder.path().join("run");
    let (code, stdout, stderr) = bifurcate(&arguments, &out);
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(stdout.contains("solution on"), "{stdout}");
    let found = rows(&out.join("solutions.csv"));
    let places: Vec<(&str, &str)> = found
        .iter()
        .map(|row| (row["branch"].as_str(), row["x_ext"].as_str()))
        .collect();
    assert_eq!(
        places,
        [
            ("equilibria_1", "0.9"),
            ("equilibria_1", "0.5"),
            ("cycles_1", "0.9")
        ]
    );
    let node = NodeProblem::new(find("fitzhugh-nagumo").unwrap(), &[], &["x_ext"]).unwrap();
    let number = |row: &HashMap<String, String>, name: &str| row[name].parse::<f64>().unwrap();
    for (k, row) in found.iter().enumerate() {
        let state = ["x", "y"].map(|name| number(row, name));
        if k < 2 {
            let mut rates = [0.0; 2];
            node.value(&state, &[number(row, "x_ext")], &mut rates);
            assert!(rates.iter().all(|rate| rate.abs() < 1e-13), "{rates:?}");
            assert_eq!(row["n_unstable"], ["2", "0"][k]);
        } else {
            // The flow comes back after the period.
            let (period, n) = (number(row, "period"), 20_000);
            let rate = |x: [f64; 2]| {
                let mut rates = [0.0; 2];
                node.value(&x, &[0.9], &mut rates);
                rates
            };
            let dt = period / f64::from(n);
            let ahead = |x: [f64; 2], k: [f64; 2], h: f64| [x[0] + h * k[0], x[1] + h * k[1]];
            let mut x = state;
            for _ in 0..n {
                let a = rate(x);
                let b = rate(ahead(x, a, 0.5 * dt));
                let c = rate(ahead(x, b, 0.5 * dt));
                let d = rate(ahead(x, c, dt));
                for i in 0..2 {
                    x[i] += dt / 6.0 * (a[i] + 2.0 * b[i] + 2.0 * c[i] + d[i]);
                }
            }
            let miss = (x[0] - state[0]).abs().max((x[1] - state[1]).abs());
            assert!(miss < 1e-5, "{miss:e}");
        }
        let path = folder.path().join(format!("start-{}.toml", k + 1));
        let study = brainsweep::io::study::load(Some(&path), &[""; 0]).unwrap();
        assert_eq!(study.input[0].at(0), number(row, "x_ext"));
        let network = brainsweep::continuation::network::Network::new(&study, "x_ext").unwrap();
        assert_eq!(network.start(&study), state);
    }
    let orbit = npz::read_f64(&out.join("branches.npz"), "at_cycles_profile").unwrap();
    assert!(orbit.len() > 100);

    // What is there already is not replaced.
    let (code, _, stderr) = bifurcate(&arguments, &folder.path().join("again"));
    assert_eq!(code, 2, "{stderr}");
    assert!(!folder.path().join("again").exists());
}

/// Beside a fold there are three equilibria, each found once, and one beyond it.
#[test]
fn three_equilibria_beside_a_fold_are_three_solutions() {
    let run = Run::new(
        "wilson-cowan --vary x_ext=-2:6 --set wEE=16 --no-cycles --at x_ext=-1,0,1 --measure norm",
    );
    let folds = run.numbers("fold", "x_ext");
    let [fold] = folds[..] else {
        panic!("{folds:?}")
    };
    let found = rows(&run.folder.path().join("run/solutions.csv"));
    for value in [-1.0, 0.0, 1.0] {
        let here = found.iter().filter(|row| row["x_ext"].parse() == Ok(value));
        let here: Vec<_> = here.collect();
        assert_eq!(here.len(), if value < fold { 3 } else { 1 }, "at {value}");
        for row in here {
            let [x, y, norm] = ["x", "y", "norm"].map(|name| row[name].parse::<f64>().unwrap());
            assert!((x.hypot(y) - norm).abs() < 1e-14);
        }
    }
    let points = rows(&run.folder.path().join("run/points.csv"));
    let measured = run.array("equilibria_1_measured");
    assert_eq!(points[0]["norm"].parse(), Ok(measured[[0, 0]]));
    assert!(run.has("measures.svg") && run.has("measures.png"));
}

/// Measures that name nothing are refused, with what there is.
#[test]
fn measures_of_nothing_are_refused() {
    for (measure, part) in [
        ("mean(z)", "wilson-cowan has x, y"),
        ("x[1]", "a region"),
        ("mean(x", "write norm"),
        ("median(x)", "write norm"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let arguments = format!("wilson-cowan --vary x_ext=0:1 --measure {measure}");
        let (code, _, stderr) = bifurcate(&arguments, &folder.path().join("run"));
        assert_eq!(code, 2, "{stderr}");
        assert!(stderr.contains(part), "{part} is not in: {stderr}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

/// From a saved point the branch goes on in another number, and a saved cycle in the same: each passes where it began.
#[test]
fn a_saved_point_is_gone_on_from() {
    let home = tempfile::tempdir().unwrap();
    let first = home.path().join("first");
    let (code, _, stderr) = bifurcate("fitzhugh-nagumo --vary x_ext=0:2", &first);
    assert_eq!((code, stderr.as_str()), (0, ""));
    let file = first.join("branches.npz");
    let read = |file: &Path, key: &str| npz::read_f64(file, key).unwrap();
    let from = |branch: &str, point: usize| format!("{}:{branch}:{point}", file.display());

    let gamma = home.path().join("gamma");
    let arguments = format!(
        "fitzhugh-nagumo --from {} --vary gamma=-2:-0.5 --at gamma=-1.5 --write-initial {}",
        from("equilibria_1", 40),
        home.path().join("next.toml").display()
    );
    let (code, _, stderr) = bifurcate(&arguments, &gamma);
    assert_eq!((code, stderr.as_str()), (0, ""));
    let [x_ext, x, y] = [
        read(&file, "equilibria_1_parameters")[[40, 0]],
        read(&file, "equilibria_1_state")[[40, 0]],
        read(&file, "equilibria_1_state")[[40, 1]],
    ];
    let node = NodeProblem::new(find("fitzhugh-nagumo").unwrap(), &[], &["gamma", "x_ext"]);
    let node = node.unwrap();
    let own = node.start()[0];
    let there = gamma.join("branches.npz");
    let (parameters, states) = (
        read(&there, "equilibria_1_parameters"),
        read(&there, "equilibria_1_state"),
    );
    let begins = (0..states.shape()[0]).any(|k| {
        let off = (parameters[[k, 0]] - own).abs();
        off.max((states[[k, 0]] - x).abs())
            .max((states[[k, 1]] - y).abs())
            < 1e-9
    });
    assert!(begins, "the branch passes the saved point");
    for k in 0..states.shape()[0] {
        let mut rates = [0.0; 2];
        let state = [states[[k, 0]], states[[k, 1]]];
        node.value(&state, &[parameters[[k, 0]], x_ext], &mut rates);
        assert!(rates.iter().all(|rate| rate.abs() < 1e-10), "x_ext is kept");
    }
    let next = brainsweep::io::study::load(Some(&home.path().join("next.toml")), &[""; 0]);
    assert_eq!(next.unwrap().input[0].at(0), x_ext, "and written");

    let cycles = home.path().join("cycles");
    let arguments = format!(
        "fitzhugh-nagumo --from {} --vary x_ext=0:2",
        from("cycles_1", 20)
    );
    let (code, _, stderr) = bifurcate(&arguments, &cycles);
    assert_eq!((code, stderr.as_str()), (0, ""));
    let found = rows(&cycles.join("points.csv"));
    let (value, period) = (
        read(&file, "cycles_1_parameters")[[20, 0]],
        read(&file, "cycles_1_period")[[20]],
    );
    let same = found.iter().any(|row| {
        let off = |name: &str, right: f64| (row[name].parse::<f64>().unwrap() / right - 1.0).abs();
        off("x_ext", value) < 1e-12 && off("period", period) < 1e-6
    });
    assert!(same, "the branch of cycles passes the saved one");

    for (point, part) in [
        ("equilibria_1:4000", "points are counted from 0"),
        ("equilibria_9:1", "it has cycles_1, equilibria_1"),
        ("40", "branches.npz:BRANCH:POINT"),
    ] {
        let arguments = format!(
            "fitzhugh-nagumo --from {}:{point} --vary x_ext=0:2",
            file.display()
        );
        let (code, _, stderr) = bifurcate(&arguments, &home.path().join("no"));
        assert_eq!(code, 2, "{stderr}");
        assert!(stderr.contains(part), "{part} is not in: {stderr}");
    }
}

/// The numbers of a line that follow each other in columns of nineteen characters, from a column on.
fn fortran(line: &str, from: usize) -> Vec<f64> {
    let columns = line.as_bytes()[from..].chunks(19);
    let column = |bytes: &[u8]| std::str::from_utf8(bytes).unwrap().trim().parse().unwrap();
    columns.map(column).collect()
}

/// FitzHugh-Nagumo's branch with its two Hopf points and the cycles between, as AUTO writes them: a point in every line of
/// `b.branches` by Fortran's columns, solutions in `s.branches` of as many lines as their heads say.
#[test]
fn branches_are_written_as_auto_writes_them() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let (code, _, stderr) = bifurcate(
        "fitzhugh-nagumo --vary x_ext=0:2 --export auto,mat,csv",
        &out,
    );
    assert_eq!((code, stderr.as_str()), (0, ""));
    let diagram = std::fs::read_to_string(out.join("b.branches")).unwrap();
    let heads: Vec<&str> = diagram
        .lines()
        .filter(|line| line.contains(" PT "))
        .map(|line| line[20..].trim())
        .collect();
    assert_eq!(heads.len(), 2);
    let names: Vec<&str> = heads[1]
        .split("  ")
        .filter(|name| !name.is_empty())
        .collect();
    let names: Vec<&str> = names.iter().map(|name| name.trim()).collect();
    let right = [
        "x_ext", "L2-NORM", "MAX x", "MAX y", "PERIOD", "MIN x", "MIN y",
    ];
    assert_eq!(names, right);

    let points: Vec<(Vec<i64>, Vec<f64>)> = diagram
        .lines()
        .filter(|line| !line.starts_with("   0"))
        .map(|line| {
            let whole = [&line[..4], &line[4..10], &line[10..14], &line[14..19]];
            let whole = whole.map(|text| text.trim().parse().unwrap());
            (whole.to_vec(), fortran(line, 19))
        })
        .collect();
    let events: Vec<(i64, i64, f64)> = points
        .iter()
        .filter(|(whole, _)| whole[3] > 0)
        .map(|(whole, numbers)| (whole[0], whole[2], numbers[0]))
        .collect();
    let kinds: Vec<(i64, i64)> = events.iter().map(|event| (event.0, event.1)).collect();
    assert_eq!(kinds, [(1, 9), (1, 3), (1, 3), (1, 9), (2, 9), (2, 9)]);
    let (first, last) = (0.726_058_29, 1.331_554_879);
    for (event, right) in events.iter().zip([0.0, first, last, 2.0, first, last]) {
        assert!((event.2 - right).abs() < 1e-9, "{event:?}");
    }
    // Of equilibria the norm is that of the states; stable ones, outside the Hopf points, have negative numbers.
    for (whole, numbers) in points.iter().filter(|(whole, _)| whole[0] == 1) {
        assert!((numbers[1] - numbers[2].hypot(numbers[3])).abs() < 1e-9);
        if whole[2] == 0 {
            assert_eq!(whole[1] < 0, numbers[0] < first || numbers[0] > last);
        }
    }
    let saved: Vec<HashMap<String, String>> = rows(&out.join("points.csv"));
    assert_eq!(points.len(), saved.len() + 2, "and the two Hopf points");

    let solutions = std::fs::read_to_string(out.join("s.branches")).unwrap();
    let mut lines = solutions.lines();
    let mut labels = Vec::new();
    while let Some(head) = lines.next() {
        let head: Vec<usize> = head
            .split_whitespace()
            .map(|n| n.parse().unwrap())
            .collect();
        assert_eq!(head.len(), 16);
        let [n_times, width, n_lines, n_intervals, n_inside, n_parameters] =
            [6, 7, 8, 9, 10, 11].map(|k| head[k]);
        assert_eq!(n_times, n_intervals * n_inside + 1);
        let block: Vec<&str> = (0..n_lines).map(|_| lines.next().unwrap()).collect();
        let numbers: Vec<f64> = block.iter().flat_map(|line| fortran(line, 4)).collect();
        assert_eq!(numbers.len(), n_times * width + n_parameters);
        let parameters = &numbers[n_times * width..];
        assert!((parameters[0] - events[labels.len()].2).abs() < 1e-9);
        if head[0] == 2 {
            let (start, end) = (&numbers[1..width], &numbers[(n_times - 1) * width + 1..]);
            assert!(start.iter().zip(end).all(|(a, b)| (a - b).abs() < 1e-9));
            assert!((parameters[10] - 28.276_543).abs() < 1e-3, "{parameters:?}");
        }
        labels.push(head[3]);
    }
    assert_eq!(labels, [1, 2, 3, 4, 5, 6]);

    // The table of orbits has every moment of the arrays, in ms.
    let times = npz::read_f64(&out.join("branches.npz"), "cycles_1_profile_time").unwrap();
    let orbits = rows(&out.join("orbits.csv"));
    assert_eq!(orbits.len(), times.len());
    let last = orbits.last().unwrap();
    assert_eq!(last["time"], last["period"]);
    let manifest = std::fs::read(out.join("manifest.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    let all = manifest["files"].to_string();
    for name in ["b.branches", "s.branches", "branches.mat", "orbits.csv"] {
        assert!(all.contains(name), "{all}");
    }

    let (code, _, stderr) = bifurcate(
        "fitzhugh-nagumo --vary x_ext=0:2 --export xpp",
        &folder.path().join("none"),
    );
    assert_eq!(code, 2);
    assert!(stderr.contains("auto, mat"), "{stderr}");
}

/// What is written for AUTO is read back: every point, with its numbers to the eleven digits of the file; and drawn on top.
#[test]
fn a_diagram_of_auto_is_drawn_beside() {
    let run = Run::new("fitzhugh-nagumo --vary x_ext=0:2 --export auto");
    let file = run.folder.path().join("run/b.branches");
    let read = brainsweep::io::auto::read(&file).unwrap();
    assert_eq!(read.name, "b.branches");
    let [equilibria, cycles] = &read.pieces[..] else {
        panic!("{} pieces", read.pieces.len());
    };
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * (1.0 + b.abs());
    let (x, state) = (
        run.array("equilibria_1_parameters"),
        run.array("equilibria_1_state"),
    );
    let points = equilibria.points.iter().filter(|row| !row.is_bifurcation);
    let points: Vec<_> = points.collect();
    assert_eq!(points.len(), x.len());
    assert_eq!(equilibria.points.len(), x.len() + 2);
    assert_eq!(equilibria.columns_of_state(1, "y"), [3]);
    for (k, row) in points.iter().enumerate() {
        assert!(near(row.numbers[0], x[[k, 0]]) && near(row.numbers[3], state[[k, 1]]));
        let between = (0.726_058_29..1.331_554_88).contains(&row.numbers[0]);
        assert_eq!(row.is_stable, !between);
    }
    let (period, maxima) = (run.array("cycles_1_period"), run.array("cycles_1_maxima"));
    assert_eq!(cycles.points.len(), period.len());
    let column = cycles.period_column().unwrap();
    for (k, row) in cycles.points.iter().enumerate() {
        assert!(near(row.numbers[column], period[k]) && near(row.numbers[2], maxima[[k, 0]]));
    }

    let command = "fitzhugh-nagumo --vary x_ext=0:2 --mesh 20 --beside";
    let beside = Run::new(&format!("{command} {}", file.display()));
    let drawn =
        |name: &str| std::fs::read_to_string(beside.folder.path().join("run").join(name)).unwrap();
    let diagram = drawn("diagram.svg");
    for name in [
        "b.branches, stable",
        "b.branches, unstable",
        "b.branches, bifurcation",
    ] {
        assert!(diagram.contains(name), "{name}");
    }
    assert!(drawn("period.svg").contains("b.branches, stable"));
    assert!(drawn("manifest.json").contains("b.branches"));

    let other = format!(
        "fitzhugh-nagumo --vary gamma=-2:-0.5 --beside {}",
        file.display()
    );
    let (code, _, stderr) = bifurcate(&other, &beside.folder.path().join("none"));
    assert_eq!(code, 2);
    assert!(
        stderr.contains("has no column of gamma") && stderr.contains("x_ext"),
        "{stderr}"
    );
}

//! How far a sweep's best point is to be trusted: its seeds, and half the step.

use super::*;

const SHORT: [&str; 8] = [
    "--vary",
    "g=0.9,1.1,1.3",
    "--set",
    "duration=400",
    "--set",
    "transient=100",
    "--out",
    "s.zarr",
];

/// The named column of a table, top to bottom; NaN where a cell is empty.
fn column(home: &Home, name: &str) -> Vec<f64> {
    let table = std::fs::read_to_string(home.at("s.zarr/best.csv")).unwrap();
    let mut lines = table
        .lines()
        .map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let place = header.iter().position(|other| *other == name);
    let place = place.unwrap_or_else(|| panic!("no {name} in {header:?}"));
    lines
        .map(|line| line[place].parse().unwrap_or(f64::NAN))
        .collect()
}

/// Mean and standard error of some numbers.
fn mean_and_error(values: &[f64]) -> [f64; 2] {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|x| (x - mean).powi(2)).sum();
    [mean, (squares / (n - 1.0) / n).sqrt()]
}

#[test]
fn several_seeds_give_standard_errors_of_means_and_of_differences_on_common_seeds() {
    let home = Home::new();
    let json = home.json(&[&SHORT[..], &["--seeds", "4"]].concat());
    let best = &json["best"];
    let scores = home.doubles("s.zarr/mean_score");
    // The points by their mean, from the store, in which a row is a point and a column a seed.
    let mut points: Vec<&[f64]> = scores[..12].chunks(4).collect();
    points.sort_by(|a, b| mean_and_error(b)[0].total_cmp(&mean_and_error(a)[0]));
    let number = |value: &Value| value.as_f64().unwrap();
    let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a}, not {b}");
    let [mean, error] = mean_and_error(points[0]);
    near(number(&best["mean_score"]), mean);
    near(number(&best["standard_error"]), error);
    near(number(&best["sd"]), error * 2.0);
    let gaps: Vec<f64> = points[0]
        .iter()
        .zip(points[1])
        .map(|(a, b)| a - b)
        .collect();
    let [gap, gap_error] = mean_and_error(&gaps);
    let second = &best["runner_up"];
    near(number(&second["below_best"]), gap);
    near(number(&second["below_best_standard_error"]), gap_error);
    assert_eq!(
        (&second["n_seeds_in_common"], &best["caution"]),
        (&4.into(), &Value::Null)
    );
    near(column(&home, "standard_error")[0], error);
    near(column(&home, "below_best")[1], gap);
    near(column(&home, "below_best_standard_error")[1], gap_error);
    let (_, text, _) = home.run(&[&SHORT[..], &["--seeds", "4"]].concat());
    for part in [
        format!("standard error {error:.4} over 4 seeds, which spread by"),
        format!(
            "{gap:.4} above the runner-up, standard error {gap_error:.4} on the 4 seeds they share"
        ),
    ] {
        assert!(text.contains(&part), "{part:?}: {text}");
    }
}

#[test]
fn a_single_seed_says_that_it_is_one() {
    let home = Home::new();
    let (_, text, _) = home.run(&SHORT);
    assert!(
        text.contains("one seed: the best point is the best of one draw"),
        "{text}"
    );
    assert!(
        text.contains("above the runner-up (coupling.g = "),
        "{text}"
    );
    let json = home.json(&SHORT);
    assert!(
        json["best"]["caution"]
            .as_str()
            .unwrap()
            .contains("--seeds 8")
    );
    assert!(json["best"]["standard_error"].is_null());
    // Nothing is drawn at random: another seed would give the same.
    let other = Home::new();
    let fixed = [
        "noise.kind=none",
        "initial.x=0.02",
        "initial.y=0.02",
        "initial.history.x=0.02",
    ];
    let fixed = fixed
        .iter()
        .flat_map(|set| ["--set", set])
        .collect::<Vec<_>>();
    let json = other.json(&[&SHORT[..], &fixed].concat());
    assert!(json["best"]["caution"].is_null());
}

/// Half the step of every best point and seed is what `simulate --step-error` runs.
#[test]
fn the_best_points_are_run_again_with_half_the_step() {
    let home = Home::new();
    let json = home.json(&[&SHORT[..], &["--seeds", "2", "--step-error"]].concat());
    let halved = json["half_steps"].as_array().unwrap();
    assert_eq!(halved.len(), 3);
    let best = &halved[0];
    assert_eq!(best["mean_score"], json["best"]["mean_score"]);
    let g = best["point"]["coupling.g"].as_f64().unwrap();
    let scores: Vec<[f64; 2]> = ["0", "1"]
        .map(|seed| {
            let set = format!("coupling.g={g}");
            let mut simulate = Command::new(env!("CARGO_BIN_EXE_brainsweep"));
            let protocol = [
                "--set",
                "duration=400",
                "--set",
                "transient=100",
                "--set",
                "record.every=1",
            ];
            simulate
                .current_dir(home.0.path())
                .args(["simulate", "--json", "--step-error"]);
            simulate
                .args(protocol)
                .args(["--set", &set, "--seed", seed, "--out", seed]);
            let output = simulate.output().unwrap();
            let one: Value = serde_json::from_slice(&output.stdout).unwrap();
            [0, 1].map(|k| {
                one["step_error"]["mean_score"]["values"][k]
                    .as_f64()
                    .unwrap()
            })
        })
        .to_vec();
    // Sums of 32 bits here, of 64 there.
    let near = |a: &Value, b: f64| assert!((a.as_f64().unwrap() - b).abs() < 2e-6, "{a}, not {b}");
    let changes: Vec<f64> = scores.iter().map(|[whole, half]| half - whole).collect();
    let [change, error] = mean_and_error(&changes);
    near(&best["step_change"]["mean"], change);
    near(&best["step_change"]["standard_error"], error);
    let half = (scores[0][1] + scores[1][1]) / 2.0;
    near(&best["mean_score_half_step"], half);
    near(&best["mean_score_step_0"], half + change);
    near(
        &best["mean_score_half_step"],
        column(&home, "mean_score_half_step")[0],
    );
    near(
        &best["step_change"]["mean"],
        column(&home, "step_change")[0],
    );
    let (_, text, _) = home.run(&[&SHORT[..], &["--seeds", "2", "--step-error"]].concat());
    assert!(
        text.contains("the best points with half the step, on the same noise"),
        "{text}"
    );
    assert!(text.contains("with a step of 0 "), "{text}");
}

#[test]
fn what_is_not_scored_has_no_best_points_to_run_again() {
    let home = Home::new();
    let sweep = ["wilson_cowan", "--vary", "input=0:2:5", "--step-error"];
    let text = home.error(&sweep, 2);
    assert!(text.contains("nothing is scored here"), "{text}");
}

/// Three points with two seeds each: six seeds, which the store names; every replica is the simulation with its seed.
#[test]
fn points_with_seeds_of_their_own_share_none() {
    let home = Home::new();
    let own = [&SHORT[..], &["--seeds", "2", "--own-seeds", "--seed", "7"]].concat();
    let json = home.json(&own);
    assert_eq!(json["own_seeds"], true);
    // A coordinate has no checksum.
    let bytes = std::fs::read(home.at("s.zarr/seed/c.0.0")).unwrap();
    let seeds = bytes.as_chunks().0.iter();
    let seeds: Vec<i64> = seeds.map(|bytes| i64::from_le_bytes(*bytes)).collect();
    assert_eq!(seeds, [7, 8, 9, 10, 11, 12]);
    let group = std::fs::read(home.at("s.zarr/zarr.json")).unwrap();
    let group: Value = serde_json::from_slice(&group).unwrap();
    let of = |name: &str| &group["consolidated_metadata"]["metadata"][name]["dimension_names"];
    let dimensions = serde_json::json!(["coupling.g", "replica"]);
    assert_eq!((of("seed"), of("status")), (&dimensions, &dimensions));
    assert_eq!(group["attributes"]["coordinates"], "seed");
    let scores = &home.doubles("s.zarr/mean_score")[..6];
    for (k, g) in ["0.9", "1.1", "1.3"].iter().enumerate() {
        for replica in 0..2 {
            let place = 2 * k + replica;
            let mut simulate = Command::new(env!("CARGO_BIN_EXE_brainsweep"));
            let (g, seed) = (format!("coupling.g={g}"), seeds[place].to_string());
            simulate.current_dir(home.0.path());
            simulate.args(["simulate", "--json", "--backend", "cpu", "--set", &g]);
            simulate.args(["--set", "duration=400", "--set", "transient=100"]);
            simulate.args(["--set", "record.every=1", "--seed", &seed]);
            let output = simulate.args(["--out", &seed]).output().unwrap();
            let one: Value = serde_json::from_slice(&output.stdout).unwrap();
            let alone = one["mean_score"].as_f64().unwrap();
            // A sweep sums in 32 bits.
            assert!((alone - scores[place]).abs() < 1e-5, "{place}: {alone}");
        }
    }
    // No seed is common, so the errors of both means count.
    let mut points: Vec<&[f64]> = scores.chunks(2).collect();
    points.sort_by(|a, b| mean_and_error(b)[0].total_cmp(&mean_and_error(a)[0]));
    let [[a, a_error], [b, b_error]] = [points[0], points[1]].map(mean_and_error);
    let second = &json["best"]["runner_up"];
    let near = |value: &Value, b: f64| assert!((value.as_f64().unwrap() - b).abs() < 1e-12);
    near(&second["below_best"], a - b);
    near(&second["below_best_standard_error"], a_error.hypot(b_error));
    assert_eq!(second["n_seeds_in_common"], 0);
    assert_eq!(column(&home, "below_best_standard_error")[0], 0.0);
    let (_, text, _) = home.run(&own);
    assert!(text.contains("3 points x 2 seeds of its own;"), "{text}");
    assert!(!text.contains("seeds they share"), "{text}");
    // With shared seeds it is another sweep.
    let shared = [&SHORT[..], &["--seeds", "2", "--seed", "7"]].concat();
    let error = home.error(&shared, 2);
    assert!(error.contains("sweep.own_seeds"), "{error}");
}

/// The study's table says the same as the flag, and drawn points have theirs, too.
#[test]
fn seeds_of_their_own_may_stand_in_the_study() {
    let home = Home::new();
    let text = "input.x = 0.72\nnoise = { kind = \"white\", sigma.x = 0.01 }\n[protocol]\nduration = 60\ntransient = 10\n[sweep]\nown_seeds = true\nsample = \"sobol:5\"\n\
                [sweep.vary]\n\"coupling.g\" = \"0:1\"\n";
    std::fs::write(home.at("s.toml"), text).unwrap();
    let json = home.json(&["s.toml", "--out", "z"]);
    assert_eq!(
        (&json["own_seeds"], &json["seeds"]),
        (&true.into(), &1.into())
    );
    let bytes = std::fs::read(home.at("z/seed/c.0.0")).unwrap();
    assert_eq!(bytes, [0_i64, 1, 2, 3, 4].map(i64::to_le_bytes).concat());
    let sums = home.run(&["s.toml", "--out", "z", "--verify"]);
    assert_eq!(sums.0, Some(0), "{}", sums.2);
    std::fs::write(home.at("s.toml"), text.replace("true", "1")).unwrap();
    let error = home.error(&["s.toml", "--out", "y"], 2);
    assert!(
        error.contains("own_seeds") && error.contains("true or false"),
        "{error}"
    );
}

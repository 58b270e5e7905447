//! What a fit leaves.

use ndarray::{Axis, s};

use super::*;

fn number(value: &Value) -> f64 {
    value
        .as_f64()
        .unwrap_or_else(|| panic!("{value} is no number"))
}

/// The study that a fit leaves runs at once, and scores what the fit said, on the seed of the search as on the first unseen one.
#[test]
fn the_best_study_runs_and_scores_what_was_said() {
    let home = Home::new();
    let json = home.json(&fit("f", &["--set", "alpha[3]=2.5", "--held-out", "2"]));
    let best = &json["best"];
    let run = |more: &[&str]| {
        // From another folder: its files are found all the same.
        let simulate = ["simulate", "f/best.toml"];
        let simulated = home.json(&[&simulate, more].concat());
        number(&simulated["mean_score"])
    };
    let expected = number(&best["in_sample"]);
    assert!(
        (run(&[]) - expected).abs() < 1e-6,
        "{} {expected}",
        run(&[])
    );
    let unseen = (run(&["--seed", "1"]) + run(&["--seed", "2"])) / 2.0;
    let expected = number(&best["held_out"]);
    assert!((unseen - expected).abs() < 1e-6, "{unseen} {expected}");
    let text = std::fs::read_to_string(home.at("f/best.toml")).unwrap();
    assert!(text.starts_with("# Found by `brainsweep fit`: fc is ") && !text.contains("[fit"));
}

#[test]
fn the_best_candidate_is_the_best_of_those_that_were_tried() {
    let home = Home::new();
    let json = home.json(&fit("f", &["--validate", "1"]));
    assert_eq!(json["objective"], "fc");
    assert_eq!(
        (&json["candidates"], &json["runs"]),
        (&40.into(), &48.into())
    );
    let read = |name: &str| home.array("f", name).into_iter().collect::<Vec<f64>>();
    let objective = read("objective");
    let most = objective.iter().copied().fold(f64::NAN, f64::max);
    let seen = json["finalists"].as_array().unwrap().iter();
    let seen: Vec<f64> = seen
        .map(|finalist| number(&finalist["in_sample"]))
        .collect();
    assert_eq!(seen.iter().copied().fold(f64::NAN, f64::max), most);
    // Of the subject that is fitted, not of the one that is kept out.
    let score = home.array("f", "score");
    assert_eq!(score.shape(), [40, 1, 2]);
    let of_subject = |k: usize| score.slice(s![.., 0, k]).to_vec();
    assert_eq!(of_subject(0), objective);
    assert_ne!(of_subject(1), objective);
    // The best on unseen seeds is the first, whatever it was on seen ones.
    let unseen = |k: usize| number(&json["finalists"][k]["held_out"]);
    assert!(unseen(0) >= unseen(1));
    assert!(json["best"]["validation"].is_number());
    // Numbers lie in their ranges; generations come in order.
    assert!(read("coupling.g").iter().all(|g| (0.0..=2.0).contains(g)));
    let report = std::fs::read_to_string(home.at("f/report.md")).unwrap();
    for part in [
        "unseen seeds at",
        "## Finalists",
        "kept out",
        "## How high",
        "## The search",
    ] {
        assert!(report.contains(part), "{part} is not in:\n{report}");
    }
    let table = std::fs::read_to_string(home.at("f/best.csv")).unwrap();
    assert!(
        table.starts_with("coupling.g,input.x,candidate,in_sample,held_out,"),
        "{table}"
    );
    assert_eq!(table.lines().count(), 3);
    for name in ["objective", "pairs", "best_fc"] {
        let svg = std::fs::read_to_string(home.at(&format!("f/{name}.svg"))).unwrap();
        assert!(svg.starts_with("<svg"));
    }
}

/// The candidates are a Zarr group with the arrays of a sweep over `point` and `seed`: each measure, the same numbers side by side with
/// their names and the ranges they come from, and what became of each run.
#[test]
fn the_candidates_are_a_group_like_a_sweeps() {
    let home = Home::new();
    let more = ["--replicas", "2", "--runs", "60", "--each-subject"];
    let json = home.json(&fit("f", &more));
    let n = json["candidates"].as_u64().unwrap() as usize;
    let group = std::fs::read(home.at("f/zarr.json")).unwrap();
    let group: Value = serde_json::from_slice(&group).unwrap();
    let arrays = &group["consolidated_metadata"]["metadata"];
    for (name, array) in arrays.as_object().unwrap() {
        let own = std::fs::read(home.at(&format!("f/{name}/zarr.json"))).unwrap();
        assert_eq!(serde_json::from_slice::<Value>(&own).unwrap(), *array);
        assert!(array["attributes"]["long_name"].is_string(), "{name}");
        let chunk: Vec<&str> = vec!["0"; array["shape"].as_array().unwrap().len()];
        let chunk = home.at(&format!("f/{name}/c.{}", chunk.join(".")));
        assert!(chunk.is_file(), "{}", chunk.display());
    }
    let free = &arrays["coupling.g"];
    let range = [&free["attributes"]["low"], &free["attributes"]["high"]].map(number);
    assert_eq!(
        (range, &free["attributes"]["scale"]),
        ([0.0, 2.0], &"linear".into())
    );
    let prior = &arrays["features"]["attributes"]["prior"];
    assert_eq!(
        (&prior[1]["name"], &prior[1]["high"]),
        (&"input.x".into(), &0.9.into())
    );
    // Every measure is among the features, by its name, and the objective follows from them.
    let features = home.array("f", "features");
    assert_eq!(features.shape()[..2], [n, 2]);
    assert_eq!(group["attributes"]["features"][0], "score_0");
    let score = home.array("f", "score");
    assert_eq!(score.shape(), [n, 2, 2]);
    assert_eq!(score, features.slice(s![.., .., ..2]).into_dyn());
    let of_subject = score.mean_axis(Axis(1)).unwrap();
    let kept = home.array("f", "objective_of_subject");
    assert!((&of_subject - &kept).iter().all(|off| off.abs() < 1e-15));
    let all = kept.mean_axis(Axis(1)).unwrap() - home.array("f", "objective");
    assert!(all.iter().all(|off| off.abs() < 1e-15));
    let contents = Contents::look(&home.at("f"), &["fit"]).unwrap();
    let status = contents.whole::<u8>("status").unwrap();
    assert!(status.shape() == [n, 2] && status.iter().all(|mark| *mark == 1));
    // Labels of the candidates, as numbers of 8 bytes: generations rise, the first has no strategy, each search asks.
    let label = |name: &str| -> Vec<i64> {
        let bytes = std::fs::read(home.at(&format!("f/{name}/c.0"))).unwrap();
        let (all, _) = bytes.as_chunks();
        all.iter().copied().map(i64::from_le_bytes).collect()
    };
    let (generation, restart) = (label("generation"), label("restart"));
    assert!(generation.len() == n && generation.is_sorted());
    for (generation, restart) in generation.iter().zip(&restart) {
        assert_eq!(*restart, if *generation == 0 { -1 } else { 0 });
    }
    let searched_for = label("searched_for");
    assert!(searched_for.contains(&0) && searched_for.contains(&1));
    // A store of sweeps' is another thing.
    let (code, _, stderr) = home.run(&["status", "f"]);
    assert!(
        code == Some(2) && stderr.contains("no store of a sweep"),
        "{stderr}"
    );
}

/// A folder of an earlier version, which kept its candidates in an npz file, is gone on with, and says what becomes of that file.
#[test]
fn the_folder_of_an_earlier_version_is_gone_on_with() {
    let home = Home::new();
    home.json(&fit("f", &[]));
    let whole = bytes(&home.at("f"));
    let group = Contents::look(&home.at("f"), &["fit"]).unwrap();
    assert_eq!(group.lengths("objective").unwrap().0, [40]);
    for entry in std::fs::read_dir(home.at("f")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("state") {
            std::fs::remove_dir_all(path).unwrap();
        }
    }
    std::fs::remove_file(home.at("f/zarr.json")).unwrap();
    std::fs::write(home.at("f/fit.npz"), b"PK").unwrap();
    let (code, _, stderr) = home.run(&fit("f", &[]));
    assert_eq!(code, Some(0), "{stderr}");
    assert!(
        stderr.contains("fit.npz is from an earlier version"),
        "{stderr}"
    );
    assert!(bytes(&home.at("f")) == whole);
    // It gives way to another fit, too.
    std::fs::write(home.at("f/fit.npz"), b"PK").unwrap();
    let (code, _, stderr) = home.run(&fit("f", &["--search", "1", "--force"]));
    assert_eq!(code, Some(0), "{stderr}");
    assert!(!home.at("f/fit.npz").exists());
}

/// Several objectives give a front, no member of which is better than another in all of them, and a study for each.
#[test]
fn several_objectives_give_a_front() {
    let home = Home::new();
    let several = [
        "--objective",
        "fc",
        "--objective=-synchrony",
        "--runs",
        "84",
        "--population",
        "16",
        "--finalists",
        "5",
    ];
    let json = home.json(&fit("f", &several));
    assert_eq!(json["objective"], serde_json::json!(["fc", "-synchrony"]));
    assert!(json["best"].is_null() && json["candidates"] == 64);
    let reached = |of: &Value, what: &str| [number(&of[what][0]), number(&of[what][1])];
    let all = json["finalists"].as_array().unwrap();
    let front = json["front"].as_array().unwrap();
    assert!(!front.is_empty() && front.len() <= all.len() && all.len() <= 5);
    let is_better = |a: [f64; 2], b: [f64; 2]| a != b && a[0] >= b[0] && a[1] >= b[1];
    for on_front in front {
        for other in all {
            let [on_front, other] = [on_front, other].map(|of| reached(of, "held_out"));
            assert!(!is_better(other, on_front), "{other:?} {on_front:?}");
        }
    }
    // On the seeds of the search no candidate is better than a finalist in both.
    let objective = ["objective_1", "objective_2"].map(|name| home.array("f", name));
    assert_eq!(objective[0].shape(), [64]);
    for finalist in all {
        let own = reached(finalist, "in_sample");
        let candidate = number(&finalist["candidate"]) as usize;
        // What is read of JSON may differ in its last bit.
        let kept = [0, 1].map(|k| objective[k][[candidate]]);
        assert!(
            (0..2).all(|k| (own[k] - kept[k]).abs() < 1e-15),
            "{own:?} {kept:?}"
        );
        for of in objective[0].iter().zip(&objective[1]) {
            assert!(!is_better([*of.0, *of.1], kept), "{of:?} {kept:?}");
        }
    }
    // The study of the first is the one with these numbers.
    let simulated = home.json(&["simulate", "f/front-1.toml"]);
    let expected = reached(&front[0], "in_sample")[0];
    assert!((number(&simulated["mean_score"]) - expected).abs() < 1e-6);
    let of_last = home.at(&format!("f/front-{}.toml", front.len()));
    assert!(of_last.exists() && !home.at("f/best.toml").exists());
    let table = std::fs::read_to_string(home.at("f/best.csv")).unwrap();
    let header = "coupling.g,input.x,candidate,in_sample_1,held_out_1,held_out_sd_1,";
    assert!(table.starts_with(header), "{table}");
    let report = std::fs::read_to_string(home.at("f/report.md")).unwrap();
    assert!(
        report.contains("on the front if no other is better in all objectives")
            && report.contains("`front-1.toml`")
    );
    assert!(home.at("f/front.png").exists());
    // Points that fill the ranges have a front, too.
    let sobol = [&several[..], &["--method", "sobol"]].concat();
    let json = home.json(&fit("sobol", &sobol));
    assert!(!json["front"].as_array().unwrap().is_empty());
}

/// The same number of the same study has the same score in a sweep.
#[test]
fn candidates_are_those_of_a_sweep() {
    let home = Home::new();
    let tied = [
        "--free",
        "noise.sigma.x,noise.sigma.y=0.001:0.1:log",
        "--replicas",
        "2",
        "--runs",
        "60",
    ];
    home.json(&fit("f", &tied));
    let read = |name: &str| home.array("f", name);
    let list = |name: &str| -> String {
        let values: Vec<String> = read(name).iter().take(3).map(f64::to_string).collect();
        values.join(",")
    };
    let vary = [
        format!("g={}", list("coupling.g")),
        format!("input={}", list("input.x")),
        format!(
            "noise.sigma.x,noise.sigma.y={}",
            list("noise.sigma.x,noise.sigma.y")
        ),
    ];
    let mut sweep = vec![
        "sweep",
        "mine.toml",
        "--zip",
        "--seeds",
        "2",
        "--backend",
        "cpu",
        "--out",
        "s.zarr",
    ];
    vary.iter()
        .for_each(|vary| sweep.extend(["--vary", vary.as_str()]));
    home.json(&sweep);
    let table = std::fs::read_to_string(home.at("s.zarr/best.csv")).unwrap();
    let header: Vec<&str> = table.lines().next().unwrap().split(',').collect();
    // The tied paths have a comma of their own, in quotes.
    let column = header
        .iter()
        .position(|name| *name == "mean_score")
        .unwrap()
        - 1;
    let mut scores: Vec<f64> = table
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth(column).unwrap().parse().unwrap())
        .collect();
    scores.sort_by(f64::total_cmp);
    let mut expected: Vec<f64> = read("objective").iter().take(3).copied().collect();
    expected.sort_by(f64::total_cmp);
    assert_eq!(scores.len(), 3);
    for (found, expected) in scores.iter().zip(&expected) {
        assert!((found - expected).abs() < 1e-14, "{found} {expected}");
    }
}

/// A candidate that diverges is worse than all others, and counted.
#[test]
fn candidates_that_diverge_are_counted_and_never_win() {
    let home = Home::new();
    // Euler's method takes no coupling above about 4 with a step of 0.1 ms.
    let free = [
        "fit",
        "mine.toml",
        "--free",
        "g=0:8",
        "--free",
        "input=0.5:0.9",
    ];
    let size = ["--runs", "40", "--finalists", "2", "--held-out", "2"];
    let how = [
        "--backend",
        "cpu",
        "--out",
        "f",
        "--set",
        "integrator=euler",
    ];
    let json = home.json(&[&free[..], &size, &how].concat());
    let n = number(&json["without_objective"]);
    assert!(n > 0.0 && n < number(&json["candidates"]), "{json}");
    assert!(number(&json["diverged"]) > 0.0 && json["best"]["in_sample"].is_number());
    let cautions = json["cautions"].to_string();
    assert!(cautions.contains("have no objective"), "{cautions}");
}

/// Where an optimum lies on an end of a range, the report says so.
#[test]
fn an_optimum_on_a_bound_is_said() {
    let home = Home::new();
    let free = [
        "fit",
        "mine.toml",
        "--free",
        "input=0.1:0.3",
        "--objective",
        "mean",
    ];
    let size = ["--runs", "60", "--finalists", "1", "--held-out", "2"];
    let json = home.json(&[&free[..], &size, &["--backend", "cpu", "--out", "f"]].concat());
    // The mean of x rises with its input.
    assert_eq!(json["on_bounds"][0]["path"], "input.x");
    assert_eq!(json["on_bounds"][0]["end"], 0.3);
    let report = std::fs::read_to_string(home.at("f/report.md")).unwrap();
    assert!(
        report.contains("input.x sits on the upper end of its range, 0.3"),
        "{report}"
    );
    // Of each subject as well.
    let free = [
        "fit",
        "mine.toml",
        "--free",
        "input=0.1:0.3",
        "--objective",
        "mean + 0.001 fc",
        "--each-subject",
    ];
    let json = home.json(&[&free[..], &size, &["--backend", "cpu", "--out", "each"]].concat());
    let cautions = json["cautions"].as_array().unwrap();
    let said = "of subjects 0, 1, input.x sits on the upper end of its range, 0.3: a wider range may hold a better fit";
    assert!(cautions.contains(&said.into()), "{cautions:?}");
}

/// Every subject has a search of its own in the same runs, and does no worse than with the numbers of all together.
#[test]
fn each_subject_does_at_least_as_well_as_with_the_numbers_of_all() {
    let home = Home::new();
    let json = home.json(&fit("f", &["--each-subject"]));
    let subjects = json["subjects"].as_array().unwrap();
    assert_eq!(subjects.len(), 2);
    for (k, of) in subjects.iter().enumerate() {
        assert_eq!(of["subject"], k);
        let held_out = number(&of["best"]["held_out"]);
        assert!(held_out >= number(&of["held_out_with_group"]), "{of}");
        // The study that is left for it scores what was said.
        let name = format!("f/best-subject-{k}.toml");
        let simulated = home.json(&["simulate", &name]);
        let expected = number(&of["best"]["in_sample"]);
        assert!(
            (number(&simulated["scores"][k]) - expected).abs() < 1e-6,
            "{of}"
        );
    }
    // 16 candidates are common to both searches, 16 each has for itself; finalists of each and of both.
    assert_eq!(json["candidates"], 16 + 2 * 16);
    assert!(number(&json["runs"]) <= number(&json["runs_at_most"]));
    // No more than as many single fits take.
    assert_eq!(json["runs_at_most"], 2 * 48);
    let table = std::fs::read_to_string(home.at("f/subjects.csv")).unwrap();
    assert!(
        table.starts_with("subject,coupling.g,") && table.contains("\n1,"),
        "{table}"
    );
    let (code, _, stderr) = home.run(&fit("g", &["--each-subject", "--objective", "synchrony"]));
    assert!(
        code == Some(2) && stderr.contains("the same for every subject"),
        "{stderr}"
    );
    let (code, _, stderr) = home.run(&fit("g", &["--each-subject", "--validate", "1"]));
    assert!(
        code == Some(2) && stderr.contains("--each-subject does not apply"),
        "{stderr}"
    );
}

/// The model's own data are fitted, and what is found lies beside the truth.
#[test]
fn what_the_model_made_is_recovered() {
    let home = Home::new();
    // Where there is little noise, the mean of x tells its input.
    let free = [
        "fit",
        "mine.toml",
        "--free",
        "input=0.1:0.5",
        "--recover",
        "3",
    ];
    let size = [
        "--objective",
        "-abs(mean - mean_data)",
        "--runs",
        "80",
        "--finalists",
        "2",
    ];
    let how = ["--held-out", "2", "--backend", "cpu", "--out", "r"];
    let quiet = [
        "--set",
        "noise.sigma.x=0.0005",
        "--set",
        "noise.sigma.y=0.0005",
    ];
    let all = [&free[..], &size, &how, &quiet].concat();
    let json = home.json(&all);
    let truths = json["truths"].as_array().unwrap();
    assert_eq!(truths.len(), 3);
    for of in truths {
        let [truth, found] = ["truth", "found"].map(|name| number(&of[name]["input.x"]));
        assert!((truth - found).abs() < 0.05 * 0.4, "{of}");
    }
    assert!(number(&json["median_errors"]["input.x"]) < 0.05);
    let table = std::fs::read_to_string(home.at("r/recovery.csv")).unwrap();
    assert!(
        table.starts_with("truth,input.x.true,input.x.found\n0,"),
        "{table}"
    );
    // --force may replace whatever a recovery leaves.
    let manifest = std::fs::read(home.at("r/manifest.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    let files = manifest["files"].as_array().unwrap();
    for name in std::fs::read_dir(home.at("r")).unwrap() {
        let name = name.unwrap().file_name().into_string().unwrap();
        let is_told = |file: &Value| file.as_str().unwrap().starts_with(&name);
        assert!(files.iter().any(is_told), "{name}");
    }
    // What is there is not run again; another recovery is not gone on with.
    let before = bytes(&home.at("r"));
    assert_eq!(home.json(&all), json);
    assert_eq!(bytes(&home.at("r")), before);
    let (code, _, stderr) = home.run(&[&all[..], &["--search", "1"]].concat());
    assert!(
        code == Some(2) && stderr.contains("holds another recovery"),
        "{stderr}"
    );
    home.json(&[&all[..], &["--force"]].concat());
    assert_eq!(bytes(&home.at("r")), before);
    let (code, _, stderr) = home.run(&fit("x", &["--objective", "fc - fc_data"]));
    assert!(
        code == Some(2) && stderr.contains("no measure named \"fc_data\""),
        "{stderr}"
    );
}

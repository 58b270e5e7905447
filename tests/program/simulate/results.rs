//! What a run leaves and prints.

use brainsweep::io::connectome::hcp;
use brainsweep::measure;
use ndarray::{Axis, Ix2, s};

use super::*;

/// What follows on the line that starts so.
fn value_after<'a>(start: &str, text: &'a str) -> &'a str {
    let mut values = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix(start));
    let value = values.next();
    value
        .unwrap_or_else(|| panic!("no {start:?} in:\n{text}"))
        .trim()
}

#[test]
fn the_tutorial_run_prints_seven_scores_and_leaves_all_that_is_promised() {
    let home = Home::new();
    let text = home.prints(&["simulate"]);
    let line = |start: &str| value_after(start, &text);
    // The bits of a seed are the same on every machine, so the README's numbers are these.
    let readme = include_str!("../../../README.md");
    for score in ["per subject", "mean ", "mean without the first second"] {
        assert_eq!(line(score), value_after(score, readme), "{score}");
    }
    let printed: Vec<f64> = line("per subject")
        .split_whitespace()
        .map(|score| score.parse().unwrap())
        .collect();
    assert_eq!(printed.len(), 7);
    let mean: f64 = line("mean ").parse().unwrap();
    let settled: f64 = line("mean without the first second").parse().unwrap();
    assert_eq!(line("written to"), "out/hcp_network-1");

    let results = Results(home.path().join("out/hcp_network-1"));
    let figures = ["connectome", "fc", "nodes", "regions", "time_series"];
    let mut expected = vec!["manifest.json".to_string(), "simulation.npz".into()];
    expected.push("report.html".into());
    expected.extend(
        figures
            .iter()
            .flat_map(|name| [format!("{name}.svg"), format!("{name}.png")]),
    );
    expected.sort();
    assert_eq!(entries(&results.0), expected);
    for name in figures {
        let read =
            |extension| std::fs::read(results.0.join(format!("{name}.{extension}"))).unwrap();
        assert!(read("svg").starts_with(b"<svg"), "{name}");
        assert!(read("png").starts_with(b"\x89PNG"), "{name}");
    }

    let t = results.array("t");
    let x = results.array("x").into_dimensionality::<Ix2>().unwrap();
    assert_eq!((t.shape(), x.shape()), (&[60_000][..], &[60_000, 80][..]));
    assert!((t[0] - 0.1).abs() < 1e-12 && (t[59_999] - 6000.0).abs() < 1e-6);
    assert_eq!(x.row(59_999).into_dyn(), results.array("x_final"));
    assert_eq!(results.array("y_final").shape(), [80]);
    let functional = hcp().functional.clone().unwrap();
    let score = |first: usize| {
        let fc = measure::fc(x.slice(s![first.., ..]));
        (measure::scores(fc.view(), functional.view()).unwrap(), fc)
    };
    let (scores, fc) = score(0);
    assert_eq!(fc.into_dyn(), results.array("fc"));
    assert_eq!(scores, results.array("scores").into_raw_vec_and_offset().0);
    for (printed, score) in printed.iter().zip(&scores) {
        assert!((printed - score).abs() <= 0.005);
    }
    assert!((measure::mean(&scores) - mean).abs() <= 0.0005);
    // The first second has 10 000 samples; the last of them is at 1000 ms.
    assert!((measure::mean(&score(10_000).0) - settled).abs() <= 0.0005);
}

#[test]
fn the_manifest_tells_what_ran() {
    let home = Home::new();
    let json = home.json(&[
        "simulate",
        "--json",
        "--seed",
        "7",
        "--set",
        "protocol.duration=20",
        "--set",
        "coupling.g=1.5",
        "--out",
        "run",
    ]);
    let manifest = Results(home.path().join("run")).manifest();
    assert_eq!(manifest["brainsweep"], env!("CARGO_PKG_VERSION"));
    assert_eq!(manifest["seed"], 7);
    let study = &manifest["study"];
    assert_eq!(study["protocol"]["duration"], 20.0);
    assert_eq!(study["protocol"]["seed"], 7);
    assert_eq!(study["coupling"]["g"], 1.5);
    // A default that nobody named.
    assert_eq!(study["parameters"]["alpha"], 3.0);
    assert_eq!(manifest["device"]["class"], "exact");
    assert_eq!(manifest["steps"]["done"], 200);
    assert_eq!(manifest["interrupted"], false);
    assert!(manifest["diverged"].is_null());

    assert_eq!(
        (&json["backend"], &json["device_class"]),
        (&"cpu".into(), &"exact".into())
    );
    assert_eq!(json["scores"].as_array().unwrap().len(), 7);
    for key in ["mean_score", "wall_s", "replica_steps_per_s"] {
        assert!(json[key].is_f64(), "{key}: {json}");
        assert_eq!(json[key], manifest[key], "{key}");
    }
    assert_eq!(json["out"], "run");
}

/// The measures are those of the library, of the samples after the transient; the manifest says what
/// each array is.
#[test]
fn every_measure_has_its_array_and_every_array_its_description() {
    let home = Home::new();
    let flags = ["protocol.duration=30", "protocol.transient=10"];
    let flags = flags.map(|flag| ["--set", flag]).concat();
    let json = home.json(&[&["simulate", "--json", "--out", "run"], &flags[..]].concat());
    let results = Results(home.path().join("run"));
    let x = results.array("x").into_dimensionality::<Ix2>().unwrap();
    let x = x.mapv(|x| x as f32);
    let moments = measure::Moments::of(x.slice(s![100.., ..]));
    let connectome = hcp();
    let measures = measure::Measures::new(moments, connectome.functional.as_ref()).unwrap();
    for measure in measure::MEASURES
        .iter()
        .filter(|measure| measure.is_of_sums())
    {
        let found = results.array(&measure.name_in_simulation());
        let expected = (measure.values)(&measures);
        assert_eq!(found.iter().copied().collect::<Vec<_>>(), *expected);
    }
    assert_eq!(json["synchrony"], measures.synchrony());
    let manifest = results.manifest();
    assert_eq!(manifest["schema"], 1);
    assert_eq!(manifest["sums"], "64 bits, of the kept samples");
    let arrays = manifest["arrays"].as_array().unwrap();
    for array in arrays {
        let shape = results.array(array["name"].as_str().unwrap()).ndim();
        assert_eq!(array["dimensions"].as_array().unwrap().len(), shape);
        assert!(array["units"].is_string() && array["long_name"].is_string());
    }
    let sd = arrays.iter().find(|array| array["name"] == "sd").unwrap();
    assert_eq!(sd["dimensions"], serde_json::json!(["node"]));
    assert_eq!(manifest["labels"]["node"].as_array().unwrap().len(), 80);
}

#[test]
fn a_seed_gives_the_same_bytes_and_another_seed_others() {
    let home = Home::new();
    let run = |seed: &str, out: &str| {
        home.prints(&[
            "simulate",
            "--seed",
            seed,
            "--set",
            "protocol.duration=50",
            "--threads",
            "1",
            "--out",
            out,
        ]);
        Results(home.path().join(out)).bytes()
    };
    let first = run("1", "a");
    assert!(first == run("1", "b"), "the same seed");
    assert!(first != run("2", "c"), "another seed");
}

#[test]
fn sample_k_is_the_state_after_k_plus_1_times_every() {
    let home = Home::new();
    let run = |every: &str, out: &str| {
        let every = format!("record.every={every}");
        home.prints(&[
            "simulate",
            "--set",
            &every,
            "--set",
            "protocol.duration=10.3",
            "--out",
            out,
        ]);
        Results(home.path().join(out))
    };
    let (fine, coarse) = (run("0.1", "fine"), run("0.5", "coarse"));
    let (x_fine, x_coarse) = (fine.array("x"), coarse.array("x"));
    // The last 0.3 ms fill no sample; the final state is theirs all the same.
    assert_eq!(
        (x_fine.shape(), x_coarse.shape()),
        (&[103, 80][..], &[20, 80][..])
    );
    for (k, row) in x_coarse.outer_iter().enumerate() {
        assert_eq!(
            row,
            x_fine.index_axis(Axis(0), 5 * (k + 1) - 1),
            "sample {k}"
        );
    }
    assert!((coarse.array("t")[19] - 10.0).abs() < 1e-9);
    assert_eq!(fine.array("x_final"), coarse.array("x_final"));

    // One Euler step from rest: dx/dt is the input, so the one sample is dt times it, and not the start.
    home.prints(&[
        "simulate",
        "fitzhugh_nagumo",
        "--set",
        "integrator=euler",
        "--set",
        "initial.x=0",
        "--set",
        "initial.y=0",
        "--set",
        "input.x=0.5",
        "--set",
        "protocol.duration=0.1",
        "--out",
        "one",
    ]);
    let one = Results(home.path().join("one"));
    assert_eq!(one.array("x").shape(), [1, 1]);
    assert!((one.array("x")[[0, 0]] - 0.05).abs() < 1e-8);
}

#[test]
fn every_recorded_state_has_its_array_and_every_state_its_end() {
    let home = Home::new();
    let run = |arguments: &[&str]| home.prints(&[&["simulate"], arguments].concat());
    run(&["wilson_cowan", "--out", "wc"]);
    let wc = Results(home.path().join("wc"));
    for state in ["x", "y"] {
        let array = wc.array(state);
        assert_eq!(array.shape(), [100, 2]);
        let end = wc.array(&format!("{state}_final"));
        assert_eq!(array.index_axis(Axis(0), 99).into_dyn(), end);
    }
    run(&[
        "wilson_cowan",
        "--set",
        "record.states=[\"y\"]",
        "--out",
        "y",
    ]);
    let y = Results(home.path().join("y"));
    assert_eq!(y.array("y"), wc.array("y"));
    let absent = npz::read_f64(&y.0.join("simulation.npz"), "x")
        .unwrap_err()
        .to_string();
    assert!(absent.contains("y_final"), "{absent}");
    assert_eq!(y.array("x_final"), wc.array("x_final"));
}

#[test]
fn a_study_file_of_ones_own_and_every_shipped_one_run() {
    let home = Home::new();
    let study = "name = \"mine\"\n[connectome]\nnodes = 3\n[protocol]\nduration = 5\n";
    std::fs::write(home.path().join("study.toml"), study).unwrap();
    let json = home.json(&["simulate", "study.toml", "--json"]);
    assert_eq!(
        (&json["out"], &json["scores"]),
        (&"out/mine-1".into(), &Value::Null)
    );
    for shipped in brainsweep::io::study::SHIPPED {
        // Five minutes of BOLD, made short in coarse steps.
        let short: &[&str] = match shipped.name {
            "hcp_bold" => &[
                "protocol.duration=60150",
                "protocol.dt=10",
                "monitor.tr=10",
                "measure.fcd_window=50",
                "measure.fcd_step=10",
            ],
            _ => &["protocol.duration=5"],
        };
        let set: Vec<&str> = short.iter().flat_map(|set| ["--set", set]).collect();
        let json = home.json(&[&["simulate", shipped.name, "--json"], &set[..]].concat());
        assert_eq!(json["out"], format!("out/{}-1", shipped.name));
    }
}

#[test]
fn a_dry_run_tells_and_leaves_nothing() {
    let home = Home::new();
    let text = home.prints(&["simulate", "--dry-run"]);
    for part in ["fitzhugh-nagumo", "60000", "6320 connections", "MiB", "cpu"] {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
    let json = home.json(&["simulate", "--dry-run", "--json"]);
    assert_eq!(
        (&json["steps"], &json["nodes"]),
        (&60_000.into(), &80.into())
    );
    assert!(
        json["bytes"].as_u64().unwrap() > 4 * 60_000 * 80
            && json["expected_s"].as_f64().unwrap() > 0.0
    );
    assert!(home.entries().is_empty(), "{:?}", home.entries());
}

#[test]
fn a_reader_that_closes_the_pipe_early_is_no_error() {
    for arguments in [
        &["simulate", "fitzhugh_nagumo"][..],
        &["simulate", "fitzhugh_nagumo", "--json"],
        &["simulate", "--dry-run"],
    ] {
        let home = Home::new();
        let mut command = home.command(arguments);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = Output::of(child.wait_with_output().unwrap());
        assert_eq!(
            (output.code, output.stderr.as_str()),
            (Some(0), ""),
            "{arguments:?}"
        );
    }
    // Nobody listens to the error either; the exit code tells.
    let home = Home::new();
    let mut child = home
        .command(&["simulate", "absent"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stderr.take());
    assert_eq!(child.wait().unwrap().code(), Some(2));
}

/// Node 0 receives no noise and stays where it is; numpy.corrcoef gives NaN for it.
#[test]
fn a_silent_region_has_no_fc_and_is_named() {
    let home = Home::new();
    let study = "
        [connectome]
        nodes = 4
        [input]
        x = [0.3, 0.3, 0.9, 0.9]
        [noise]
        sigma.x = [0.0, 0.01, 0.01, 0.02]
        [protocol]
        duration = 600.0
        transient = 400.0
        [record]
        every = 1.0
    ";
    std::fs::write(home.path().join("silent.toml"), study).unwrap();
    let text = home.prints(&["simulate", "silent.toml", "--out", "a"]);
    assert!(
        text.contains("1 of 4 regions is constant (node 0)"),
        "{text}"
    );
    let results = Results(home.path().join("a"));
    let fc = results.array("fc").into_dimensionality::<Ix2>().unwrap();
    for ((a, b), r) in fc.indexed_iter() {
        assert_eq!(r.is_nan(), a == 0 || b == 0, "{fc}");
    }
    let json = home.json(&["simulate", "silent.toml", "--json"]);
    assert_eq!(json["constant_regions"], serde_json::json!(["node 0"]));
    assert!(json["undefined"].as_str().unwrap().contains("node 0"));
}

/// A network at rest, its FC that of last bits, and a measured FC that is the same for every pair: neither gives a score.
#[test]
fn what_is_constant_has_no_score_and_it_says_why() {
    let home = Home::new();
    std::fs::create_dir(home.path().join("c")).unwrap();
    let file = |name: &str, text: &str| std::fs::write(home.path().join(name), text).unwrap();
    file("c/weights.csv", "0,1,2\n1,0,3\n2,3,0\n");
    file("c/labels.txt", "V1\nMT\nPFC\n");
    file("c/FC.csv", "1,0.5,0.2\n0.5,1,0.1\n0.2,0.1,1\n");
    file(
        "k.toml",
        "connectome.file = \"c\"\ninput = [0.2, 0.25, 0.3]\ncoupling.g = 0.1\n",
    );
    let rest = ["protocol.duration=1200", "protocol.transient=1100"];
    let set = |keys: &[&'static str]| -> Vec<&str> {
        keys.iter().flat_map(|key| ["--set", *key]).collect()
    };
    let rest = [&["simulate", "k.toml"][..], &set(&rest)].concat();
    let run = |arguments: &[&str]| {
        let output = home.run(arguments);
        assert_eq!(output.code, Some(0), "{output:?}");
        output
    };
    let output = run(&[&rest[..], &["--out", "rest"]].concat());
    assert!(
        output.stdout.contains("mean          undefined"),
        "{output:?}"
    );
    let why = "3 of 3 regions are constant (V1, MT, PFC)";
    assert!(output.stderr.contains(why), "{output:?}");
    let manifest = std::fs::read(home.path().join("rest/manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    let json = run(&[&rest[..], &["--json"]].concat()).stdout;
    for json in [manifest, serde_json::from_str(&json).unwrap()] {
        assert!(json["mean_score"].is_null() && json["scores"][0].is_null());
        assert!(json["undefined"].as_str().unwrap().contains("V1, MT, PFC"));
        assert_eq!(json["constant_regions"].as_array().unwrap().len(), 3);
    }
    // The start alone is no score either, once it is left out.
    let text = home.prints(&["simulate", "k.toml", "--set", "protocol.duration=1300"]);
    assert!(
        text.contains("without the first second, 3 of 3 regions"),
        "{text}"
    );

    file("c/FC.csv", "1,0.5,0.5\n0.5,1,0.5\n0.5,0.5,1\n");
    let noisy = ["noise.sigma.x=0.05", "protocol.duration=200"];
    let noisy = [&["simulate", "k.toml"][..], &set(&noisy)].concat();
    let output = run(&noisy);
    assert!(
        output
            .stderr
            .contains("the same for every pair of regions (subject 0)"),
        "{output:?}"
    );
    assert!(
        output.stdout.contains("mean          undefined"),
        "{output:?}"
    );
}

//! Measures of samples in a sweep are those of `simulate` and of `score`.

use super::*;

/// Four nodes, averages every 2 ms, two measured series of another length.
const STUDY: &str = r#"
model = "fitzhugh-nagumo"
connectome.file = "w.csv"
connectome.functional = { bold = "person-*.csv", tr = 0.002 }
coupling.g = 0.2
input.x = 0.8
noise = { kind = "ornstein-uhlenbeck", tau = 5, sigma.x = 0.05, sigma.y = 0.02 }
protocol = { duration = 400, dt = 0.5, transient = 20 }
monitor = { kind = "temporal-average", source = "x", tr = 2 }
measure = { make = ["fcd"], fcd_window = 60, fcd_step = 10 }
"#;

/// Runs a sweep that must succeed; its JSON. It notes that functional connectivity is made of the series.
fn sweep(home: &Home, arguments: &[&str]) -> Value {
    let (code, stdout, stderr) = home.run(&[arguments, &["--json"]].concat());
    assert_eq!(code, Some(0), "{arguments:?}: {stderr}");
    serde_json::from_str(&stdout).unwrap()
}

/// What a sweep that must fail says.
fn refusal(home: &Home, arguments: &[&str]) -> String {
    let (code, stdout, stderr) = home.run(arguments);
    assert_eq!(
        (code, stdout.as_str()),
        (Some(2), ""),
        "{arguments:?}: {stderr}"
    );
    assert!(stderr.contains("error: "), "{stderr}");
    stderr
}

fn home() -> Home {
    let home = Home::new();
    std::fs::write(home.at("study.toml"), STUDY).unwrap();
    std::fs::write(home.at("w.csv"), "0,1,2,0\n1,0,0,1\n2,0,0,3\n0,1,3,0\n").unwrap();
    for person in 0..2 {
        let x = |t: usize, node: usize| {
            let t = t as f64 * 0.1;
            (t * (1.0 + 0.3 * node as f64)).sin() + (0.7 * t + (person * node) as f64).cos()
        };
        let row = |t: usize| (0..4).map(|k| x(t, k).to_string()).collect::<Vec<_>>();
        let rows: Vec<String> = (0..150).map(|t| row(t).join(",")).collect();
        std::fs::write(home.at(&format!("person-{person}.csv")), rows.join("\n")).unwrap();
    }
    home
}

/// What a command of the program prints as JSON.
fn other_command(home: &Home, arguments: &[&str]) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_brainsweep"));
    let command = command.current_dir(home.0.path()).args(arguments);
    let output = command.arg("--json").output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {stderr}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What monitors show, FCD and features of it, with a monitor's number among the axes.
#[test]
fn cpu_and_gpu_measure_the_same_of_monitors() {
    if !common::gpu_of_equal_bits().is_some_and(|gpu| gpu.device_class().is_exact()) {
        return;
    }
    let home = home();
    let arguments = [
        "study.toml",
        "--vary",
        "g=0.1,0.2",
        "--vary",
        "monitor.scale=0.5,2",
        "--seeds",
        "3",
        "--keep",
        "average,fcd,features",
    ];
    for (backend, out) in [("cpu", "cpu.zarr"), ("gpu", "gpu.zarr")] {
        let json = sweep(
            &home,
            &[&arguments[..], &["--backend", backend, "--out", out]].concat(),
        );
        assert_eq!(
            (&json["backend"], &json["complete"]),
            (&backend.into(), &true.into())
        );
    }
    assert_same(&home.at("cpu.zarr"), &home.at("gpu.zarr"));
}

#[test]
fn fcd_of_a_replica_is_that_of_simulate_and_of_score() {
    let home = home();
    let arguments = [
        "study.toml",
        "--vary",
        "g=0.1,0.2",
        "--seeds",
        "2",
        "--keep",
        "average,fcd",
    ];
    let sweep = self::sweep(&home, &[&arguments[..], &["--out", "s.zarr"]].concat());
    assert!(sweep["best"]["fcd_ks"].as_array().unwrap().len() == 2);
    let simulate = [
        "simulate",
        "study.toml",
        "--set",
        "g=0.2",
        "--seed",
        "1",
        "--out",
        "one",
    ];
    let one = other_command(&home, &simulate);
    let numbers = |json: &Value| -> Vec<f64> {
        let all = json.as_array().unwrap().iter();
        all.map(|x| x.as_f64().unwrap()).collect()
    };
    // Point 1, seed 1: the samples are the same bits, and so is what is made of them.
    let replica = 3;
    let ks = numbers(&one["fcd_ks"]);
    assert_eq!(
        home.doubles("s.zarr/fcd_ks")[2 * replica..2 * replica + 2],
        ks
    );
    let wasserstein = numbers(&one["fcd_wasserstein"]);
    let kept = home.doubles("s.zarr/fcd_wasserstein");
    assert_eq!(kept[2 * replica..2 * replica + 2], wasserstein);
    for name in [
        "fcd_mean",
        "fcd_sd",
        "fcd_ks_pooled",
        "fcd_wasserstein_pooled",
    ] {
        let kept = home.doubles(&format!("s.zarr/{name}"))[replica];
        assert_eq!(kept, one[name].as_f64().unwrap(), "{name}");
    }
    assert!(ks.iter().all(|ks| (0.0..=1.0).contains(ks)) && ks[0] != ks[1]);
    // `score` leaves no transient out.
    let whole = [
        "simulate",
        "study.toml",
        "--set",
        "transient=0",
        "--out",
        "whole",
    ];
    let whole = other_command(&home, &whole);
    for person in 0..2 {
        let against = format!("person-{person}.csv");
        let scored = other_command(
            &home,
            &[
                "score",
                "whole/simulation.npz",
                "--functional",
                "average",
                "--against",
                &against,
                "--fcd",
                "30,5",
            ],
        );
        for (name, of_score) in [("fcd_ks", "ks"), ("fcd_wasserstein", "wasserstein")] {
            let found = scored["fcd"][0][of_score].as_f64().unwrap();
            assert!(
                (found - numbers(&whole[name])[person]).abs() < 1e-15,
                "{name}"
            );
        }
        let mean = scored["fcd"][0]["means"][0].as_f64().unwrap();
        assert_eq!(mean, whole["fcd_mean"].as_f64().unwrap());
    }
    // What was kept on request: 190 samples after the transient have 33 windows, 5 apart.
    let shape = |name: &str| {
        let metadata = std::fs::read(home.at(&format!("s.zarr/{name}/zarr.json"))).unwrap();
        let metadata: Value = serde_json::from_slice(&metadata).unwrap();
        (
            metadata["shape"].clone(),
            metadata["dimension_names"].clone(),
        )
    };
    let json = serde_json::json!([2, 2, 33, 33]);
    assert_eq!(shape("fcd").0, json);
    let names = serde_json::json!(["coupling.g", "seed", "subject"]);
    assert_eq!(shape("fcd_ks").1, names);
    assert_eq!(shape("average").0, serde_json::json!([2, 2, 200, 4]));
    assert_eq!(shape("average").1[2], "t_average");
}

/// Features of data whose samples a simulation left are those that the sweep keeps of it.
#[test]
fn features_of_a_replica_and_of_a_series_are_the_same_numbers() {
    let home = home();
    let whole = ["--set", "transient=0", "--set", "g=0.2"];
    let arguments = ["study.toml", "--vary", "noise.sigma.x=0.02:0.08:4"];
    let kept = ["--keep", "features,average", "--out", "s.zarr"];
    sweep(&home, &[&arguments[..], &kept, &whole].concat());
    let kept = home.doubles("s.zarr/features");
    let metadata = std::fs::read(home.at("s.zarr/features/zarr.json")).unwrap();
    let metadata: Value = serde_json::from_slice(&metadata).unwrap();
    let prior = &metadata["attributes"]["prior"][0];
    assert_eq!(prior["name"], "noise.sigma.x");
    assert_eq!(
        (&prior["low"], &prior["high"]),
        (&0.02.into(), &0.08.into())
    );
    let value = "noise.sigma.x=0.06";
    let simulate = ["simulate", "study.toml", "--set", value, "--out", "one"];
    other_command(&home, &[&simulate[..], &whole].concat());
    let score = ["score", "one/simulation.npz", "--functional", "average"];
    let against = ["--against", "person-0.csv", "--features", "study.toml"];
    let scored = other_command(&home, &[&score[..], &against].concat());
    let names = scored["features"]["names"].as_array().unwrap();
    let found = scored["features"]["values"][0].as_array().unwrap();
    assert_eq!(4 * names.len(), kept.len());
    assert!(names.contains(&"fcd_ks_1".into()) && names.contains(&"score_0".into()));
    let replica = &kept[2 * names.len()..3 * names.len()];
    for ((name, found), kept) in names.iter().zip(found).zip(replica) {
        let found = found.as_f64().unwrap();
        assert!((found - kept).abs() < 1e-12, "{name}: {found} and {kept}");
    }
}

#[test]
fn what_cannot_be_measured_is_refused_before_anything_runs() {
    let home = home();
    let sweep = |arguments: &[&str]| {
        refusal(
            &home,
            &[&["study.toml", "--seeds", "2"], arguments].concat(),
        )
    };
    let long = sweep(&["--set", "measure.fcd_window=390"]);
    assert!(
        long.contains("195 samples, and a run after its transient has 190"),
        "{long}"
    );
    let long = sweep(&["--set", "measure.fcd_window=292"]);
    assert!(
        long.contains("146 samples, and measured series 0 has 150"),
        "{long}"
    );
    let kept = sweep(&["--set", "measure.make=[]", "--keep", "fcd"]);
    assert!(
        kept.contains("fcd cannot be kept") && kept.contains("measure.make"),
        "{kept}"
    );
    std::fs::write(home.at("pair.csv"), "0,1\n1,0\n").unwrap();
    let pair = [
        "--set",
        "connectome={file=\"pair.csv\"}",
        "--vary",
        "g=0.1,0.2",
    ];
    let of_pair = sweep(&pair);
    assert!(of_pair.contains("there is one pair"), "{of_pair}");
    let unknown = sweep(&["--set", "measure.make=[\"fc\"]"]);
    assert!(unknown.contains("\"fcd\""), "{unknown}");
    let twice = sweep(&["--set", "measure.make=[\"fcd\", \"fcd\"]"]);
    assert!(twice.contains("it is in the list already"), "{twice}");
    let varied = sweep(&["--vary", "measure.fcd_step=5,10"]);
    assert!(varied.contains("measured alike"), "{varied}");
}

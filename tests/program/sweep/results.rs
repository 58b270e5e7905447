//! What a sweep leaves: cells that can be had again, marks, tables, figures, a prediction of its cost.

use super::*;

#[test]
fn a_cell_is_what_simulate_gives() {
    let home = Home::new();
    let short = [
        "--set",
        "protocol.duration=600",
        "--set",
        "protocol.transient=100",
    ];
    let sweep = [
        "--vary",
        "g=0.9,1.3",
        "--vary",
        "speed=10,20",
        "--seeds",
        "2",
        "--seed",
        "5",
        "--out",
        "s.zarr",
    ];
    let json = home.json(&[&sweep[..], &short].concat());
    let metadata: Value =
        serde_json::from_slice(&std::fs::read(home.at("s.zarr/zarr.json")).unwrap()).unwrap();
    let attributes = &metadata["attributes"];
    let replica = "brainsweep simulate STUDY --set coupling.g=VALUE --set coupling.conduction_speed=VALUE --seed SEED --set record.every=1";
    assert_eq!(attributes["replica"], replica);
    assert_eq!(
        (&attributes["brainsweep"], &attributes["device_class"]),
        (&env!("CARGO_PKG_VERSION").into(), &"exact".into())
    );

    let mut simulate = Command::new(env!("CARGO_BIN_EXE_brainsweep"));
    let cell = [
        "--set",
        "coupling.g=1.3",
        "--set",
        "coupling.conduction_speed=10",
        "--seed",
        "6",
        "--set",
        "record.every=1",
    ];
    simulate
        .current_dir(home.0.path())
        .args(["simulate", "--json", "--out", "one"])
        .args(cell)
        .args(short);
    let output = simulate.output().unwrap();
    let one: Value = serde_json::from_slice(&output.stdout).unwrap();
    let scores = one["scores"].as_array().unwrap();
    assert_eq!(scores.len(), 7);
    // Point (1, 0), seed 1.
    let kept = &home.doubles("s.zarr/score")[5 * 7..];
    for (kept, score) in kept.iter().zip(scores) {
        // Moments have 32 bits less than the samples' own sums.
        assert!(
            (kept - score.as_f64().unwrap()).abs() < 1e-6,
            "{kept} {score}"
        );
    }

    // Every other measure that is one number comes from the same code.
    let whole = brainsweep::measure::MEASURES.iter();
    let is_whole = |measure: &&brainsweep::measure::Measure| {
        measure.is_of_sums() && measure.shape == brainsweep::measure::Shape::Whole
    };
    for measure in whole.filter(is_whole) {
        let kept = home.doubles(&format!("s.zarr/{}", measure.name))[5];
        let simulated = one[measure.name].as_f64().unwrap();
        assert!((kept - simulated).abs() < 1e-6, "{}", measure.name);
    }
    assert_eq!(
        attributes["sums"],
        "32 bits compensated, while the run goes on"
    );
    assert_eq!(attributes["schema"], 1);

    // The table's best point is the one with the best mean over seeds.
    let mean_scores = home.doubles("s.zarr/mean_score");
    let means: Vec<f64> = mean_scores[..8]
        .chunks(2)
        .map(|seeds| (seeds[0] + seeds[1]) / 2.0)
        .collect();
    let best = (0..4)
        .max_by(|a, b| means[*a].total_cmp(&means[*b]))
        .unwrap();
    assert!((json["best"]["mean_score"].as_f64().unwrap() - means[best]).abs() < 1e-15);
    let table = std::fs::read_to_string(home.at("s.zarr/best.csv")).unwrap();
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 5);
    assert!(
        lines[0].starts_with(
            "coupling.g,coupling.conduction_speed,n_seeds,n_diverged,mean_score,sd,standard_error,below_best,below_best_standard_error,score_0,"
        ),
        "{table}"
    );
    assert!(
        lines[0].ends_with("fc_sd_difference_6,synchrony"),
        "{table}"
    );
    let (g, speed) = ([0.9, 1.3][best / 2], [10, 20][best % 2]);
    assert!(
        lines[1].starts_with(&format!("{g},{speed},2,0,{},", json["best"]["mean_score"])),
        "{table}"
    );
    for figure in ["score.svg", "score.png", "best_fc.svg", "best_fc.png"] {
        assert!(home.at("s.zarr").join(figure).is_file(), "{figure}");
    }
}

/// With alpha below 0 the cubic term drives a node away in finite time.
#[test]
fn a_replica_that_diverges_is_a_marked_cell_and_no_more() {
    let home = Home::new();
    let sweep = [
        "--vary",
        "alpha=-0.5,3",
        "--seeds",
        "2",
        "--set",
        "protocol.duration=200",
        "--set",
        "initial.x=0.6",
    ];
    let json = home.json(&[&sweep[..], &["--out", "s.zarr", "--keep", "x"]].concat());
    assert_eq!(
        (&json["diverged"], &json["complete"]),
        (&2.into(), &true.into())
    );
    assert_eq!(
        std::fs::read(home.chunk("s.zarr/status")).unwrap()[..4],
        [2, 2, 1, 1]
    );
    let at = home.doubles("s.zarr/diverged_at");
    assert!(at[0] > 0.0 && at[0] < 200.0 && at[2].is_nan(), "{at:?}");
    let scores = home.doubles("s.zarr/mean_score");
    assert!(
        scores[0].is_nan() && scores[1].is_nan() && scores[2].is_finite() && scores[3].is_finite()
    );
    let means = home.singles("s.zarr/mean");
    assert!(
        means[..160].iter().all(|x| x.is_nan()) && means[160..320].iter().all(|x| x.is_finite())
    );
    // Samples until then.
    let samples = home.singles("s.zarr/x");
    let until = at[0] as usize - 1;
    assert!(
        samples[..until * 80].iter().all(|x| x.is_finite())
            && samples[until * 80..200 * 80].iter().all(|x| x.is_nan())
    );
    let table = std::fs::read_to_string(home.at("s.zarr/best.csv")).unwrap();
    assert_eq!(
        table.lines().count(),
        2,
        "the point without a number is not among the best: {table}"
    );
}

/// Where nothing is measured to compare with, means are drawn.
#[test]
fn a_single_node_can_be_swept() {
    let home = Home::new();
    let sweep = [
        "wilson_cowan",
        "--vary",
        "input=0:2:5",
        "--set",
        "protocol.duration=50",
        "--out",
        "s.zarr",
    ];
    let json = home.json(&sweep);
    assert_eq!(
        (&json["best"], &json["complete"]),
        (&Value::Null, &true.into())
    );
    assert!(home.at("s.zarr/mean.png").is_file() && !home.at("s.zarr/best.csv").exists());
}

/// A million replicas are told apart, counted and priced within 2 GB of address space.
#[cfg(target_os = "linux")]
#[test]
fn a_million_replicas_need_little_memory() {
    let home = Home::new();
    let command = format!(
        "ulimit -v 2000000; exec {} sweep --vary g=0:2:1000 --vary input=0.6:0.9:250 --seeds 4 --dry-run --json --backend cpu --threads 2",
        env!("CARGO_BIN_EXE_brainsweep")
    );
    let output = Command::new("sh")
        .args(["-c", &command])
        .current_dir(home.0.path())
        .output()
        .unwrap();
    let json: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    assert_eq!(
        (&json["replicas"], &json["delay_tables"]),
        (&1_000_000.into(), &1.into())
    );
    assert!(json["host_bytes"].as_u64().unwrap() < 2_000_000_000);
    assert!(
        json["expected_s"].as_f64().unwrap() > 0.0
            && json["disk_bytes"].as_u64().unwrap() > 1_000_000_000
    );
    assert_eq!(
        std::fs::read_dir(home.0.path()).unwrap().count(),
        0,
        "a dry run leaves nothing"
    );
}

/// At the first input the network rests, and last bits once gave it a score; at the second one region does.
#[test]
fn a_point_at_rest_is_never_the_best() {
    let home = Home::new();
    std::fs::create_dir(home.at("c")).unwrap();
    let file = |name: &str, text: &str| std::fs::write(home.at(name), text).unwrap();
    file("c/weights.csv", "0,1,2\n1,0,3\n2,3,0\n");
    file("c/labels.txt", "V1\nMT\nPFC\n");
    file("c/FC.csv", "1,0.5,0.2\n0.5,1,0.1\n0.2,0.1,1\n");
    let study = "
        connectome.file = \"c\"
        coupling.g = 0
        input = [0.2, 0.25, 0.3]
        protocol = { duration = 1200, transient = 1000 }
        initial.y = [0, 0.1, 0.2]
    ";
    file("k.toml", study);
    let sweep = [
        "k.toml",
        "--vary",
        "input.x[0]=0.2,0.8",
        "--vary",
        "input.x[1]=0.25,0.8",
    ];
    let arguments = [
        &sweep[..],
        &["--vary", "input.x[2]=0.3,0.8", "--out", "s.zarr"],
    ]
    .concat();
    let (code, stdout, notes) = home.run(&[&arguments[..], &["--json"]].concat());
    assert_eq!(code, Some(0), "{notes}");
    let json: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(json["undefined"]["replicas_without_score"], 7);
    assert_eq!(json["undefined"]["replicas_with_constant_regions"], 7);
    assert_eq!(
        json["undefined"]["constant_regions"],
        serde_json::json!(["V1", "MT", "PFC"])
    );
    assert_eq!(json["best"]["point"]["input.x[0]"], 0.8);
    assert_eq!(
        (
            json["diverged"].as_u64(),
            json["best"]["point"]["input.x[2]"].as_f64()
        ),
        (Some(0), Some(0.8))
    );
    let scores = home.doubles("s.zarr/mean_score");
    assert!(scores[..7].iter().all(|score| score.is_nan()) && scores[7].is_finite());
    let table = std::fs::read_to_string(home.at("s.zarr/best.csv")).unwrap();
    assert_eq!(table.lines().count(), 2, "{table}");
    let count = "the score is undefined in 7 of 8 replicas";
    for part in [
        count,
        "regions are constant in 7 of 8 replicas (V1, MT, PFC)",
    ] {
        assert!(notes.contains(part), "{part:?} is not in: {notes}");
    }
    assert!(home.run(&arguments).1.contains(count));
}

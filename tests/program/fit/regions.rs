//! Fits of what makes regions differ.

use super::*;

/// A parameter that follows from a map of the regions.
const RULE: &str = "
[parameters]
tau = { formula = \"tau0*(1 + k*map)\", map = \"myelin\", file = \"maps.csv\", tau0 = 12.5, k = 0.8 }
[coupling]
";

/// The same folder with a map of the ten regions, and where they lie: on an ellipse.
fn with_a_map() -> Home {
    let home = Home::new();
    let rows = |of: &dyn Fn(usize) -> String| (0..10).map(of).collect::<String>();
    let map = rows(&|node| format!("{:.3}\n", node as f64 / 9.0));
    std::fs::write(home.at("maps.csv"), "myelin\n".to_owned() + &map).unwrap();
    let centres = rows(&|node| {
        let (sin, cos) = (std::f64::consts::TAU * node as f64 / 10.0).sin_cos();
        format!("{:.3},{:.3},0\n", 60.0 * sin, 80.0 * cos)
    });
    std::fs::write(home.at("net/centres.csv"), centres).unwrap();
    let study = STUDY.replace("\n[coupling]\n", RULE);
    std::fs::write(home.at("mine.toml"), study).unwrap();
    home
}

/// Of data that the model made with the seed of the search, the strength of a map is found, and with it the value of every region.
#[test]
fn the_strength_of_a_map_is_found() {
    let home = with_a_map();
    let made = [
        "simulate",
        "mine.toml",
        "--set",
        "record.every=1",
        "--out",
        "data",
    ];
    home.json(&[&made[..], &["--backend", "cpu"]].concat());
    let fc = brainsweep::io::npz::read_f64(&home.at("data/simulation.npz"), "fc").unwrap();
    let rows = fc.outer_iter().map(|row| {
        let row: Vec<String> = row.iter().map(f64::to_string).collect();
        row.join(",") + "\n"
    });
    std::fs::write(home.at("net/made_FC.csv"), rows.collect::<String>()).unwrap();
    let study = std::fs::read_to_string(home.at("mine.toml")).unwrap();
    let study = study.replace("sub-*_FC", "made_FC");
    std::fs::write(home.at("mine.toml"), study).unwrap();
    let free = ["--free", "tau.k=-0.5:1.5", "--free", "g=0:2"];
    let size = ["--runs", "98", "--finalists", "1", "--held-out", "2"];
    let more = ["--backend", "cpu", "--out", "f", "--json"];
    let arguments = [&["fit", "mine.toml"][..], &free, &size, &more].concat();
    let (code, stdout, stderr) = home.run(&arguments);
    assert_eq!(code, Some(0), "{stderr}");
    let json: Value = serde_json::from_str(&stdout).unwrap();
    let point = &json["best"]["point"];
    let found = |path: &str| point[path].as_f64().unwrap();
    // 1 % of the ranges.
    let (k, g) = (found("parameters.tau.k"), found("coupling.g"));
    assert!((k - 0.8).abs() < 0.02 && (g - 1.0).abs() < 0.02, "{point}");
    let svg = std::fs::read_to_string(home.at("f/regions.svg")).unwrap();
    for part in ["parameters.tau (ms)", "left to right (mm)"] {
        assert!(svg.contains(part), "{part} is not in the figure");
    }
    // What was found is a study: the formula with the number that was found.
    let text = std::fs::read_to_string(home.at("f/best.toml")).unwrap();
    assert!(text.contains("tau0*(1 + k*map)") && text.contains(&format!("k = {k}")));
}

/// A number of one region alone makes regions differ, too; numbers of all regions do not.
#[test]
fn regions_are_drawn_where_they_differ() {
    let home = Home::new();
    home.json(&fit("plain", &[]));
    assert!(!home.at("plain/regions.svg").exists());
    home.json(&fit("one", &["--free", "alpha[3]=2.5:3.5"]));
    let svg = std::fs::read_to_string(home.at("one/regions.svg")).unwrap();
    assert!(svg.contains("parameters.alpha") && !svg.contains("left to right"));
}

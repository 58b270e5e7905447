//! `report.html`: whole, without a network, with the numbers of the results; what it does in a browser is tested in
//! `python/tests/test_report.py`.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use brainsweep::Control;
use brainsweep::backend::Backend;
use brainsweep::backend::cpu::Cpu;
use brainsweep::connectome::synthetic;
use brainsweep::io::{self, study};
use brainsweep::run::{self, FillOptions, Request, StoredSweep, bifurcate, varied};
use brainsweep::sweep::{Description, Vary};
use serde_json::Value;

/// What a page has for its scripts.
fn data(page: &str) -> Value {
    let begin = "<script type=\"application/json\" id=\"data\">";
    let (_, rest) = page.split_once(begin).unwrap();
    let (text, _) = rest.split_once("</script>").unwrap();
    serde_json::from_str(text).unwrap()
}

fn numbers(packed: &Value) -> Vec<f64> {
    let bytes = |key: &str| Some(STANDARD.decode(packed[key].as_str()?).unwrap());
    match (bytes("f4"), bytes("f8")) {
        (Some(bytes), None) => {
            let each = bytes.chunks_exact(4);
            each.map(|b| f64::from(f32::from_le_bytes(b.try_into().unwrap())))
                .collect()
        }
        (None, Some(bytes)) => {
            let each = bytes.chunks_exact(8);
            each.map(|b| f64::from_le_bytes(b.try_into().unwrap()))
                .collect()
        }
        other => panic!("{other:?}"),
    }
}

fn view<'a>(data: &'a Value, kind: &str) -> &'a Value {
    let views = data["views"].as_array().unwrap();
    views.iter().find(|view| view["view"] == kind).unwrap()
}

/// One of a view's `of`, by its name.
fn named<'a>(view: &'a Value, name: &str) -> &'a Value {
    let all = view["of"].as_array().unwrap();
    all.iter().find(|one| one["name"] == name).unwrap()
}

#[track_caller]
fn assert_whole(page: &str) {
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
    for loads in [
        "http:", "https:", "src=\"/", "@import", "url(", "import(", "fetch(",
    ] {
        assert!(!page.contains(loads), "{loads}");
    }
    for after in page.split("src=\"").skip(1) {
        assert!(after.starts_with("data:image/svg+xml;base64,"));
    }
    for after in page.split("<link ").skip(1) {
        assert!(after.starts_with("rel=\"icon\" href=\"data:,\""));
    }
    for tag in [
        "<script",
        "</script>",
        "<style>",
        "</style>",
        "<body>",
        "</body>",
    ] {
        let n = if tag.contains("script") { 2 } else { 1 };
        assert_eq!(page.matches(tag).count(), n, "{tag}");
    }
}

#[test]
fn the_page_of_a_simulation_has_its_numbers_and_nothing_else_to_load() {
    let flags = ["protocol.duration=400", "protocol.transient=100"];
    let study = study::load(None, &flags).unwrap();
    let simulate = || run::simulate(&study, &Cpu::new(), &Control::default()).unwrap();
    let simulated = simulate();
    let output = simulated.output();
    let page = io::output::report(&output).unwrap();
    assert_whole(&page);
    assert_eq!(
        page.matches("<figure>").count(),
        output.drawn(&Control::default()).unwrap().len()
    );
    let data = data(&page);
    assert_eq!(data["manifest"]["study"]["name"], "hcp_network");
    assert!(
        data["manifest"].get("wall_s").is_none(),
        "times of the clock"
    );
    assert_eq!(data["labels"]["node"].as_array().unwrap().len(), 80);

    let matrices = view(&data, "matrices");
    let fc = named(matrices, "fc");
    assert_eq!(
        (&fc["symmetric"], &matrices["n"]),
        (&Value::Bool(true), &80.into())
    );
    let below = numbers(&fc["values"]);
    let expected = simulated.measures().fc();
    let all = (0..80).flat_map(|i| (0..=i).map(move |k| (i, k)));
    for ((i, k), value) in all.zip(&below) {
        assert_eq!(*value, f64::from(expected[[i, k]] as f32));
    }
    assert_eq!(below.len(), 80 * 81 / 2);
    let measured = study.connectome.functional.as_ref().unwrap();
    let mean = measured.mean_axis(ndarray::Axis(0)).unwrap();
    let shown = numbers(&named(matrices, "measured fc")["values"]);
    assert_eq!(shown[1], f64::from(mean[[1, 0]] as f32));
    named(matrices, "weights");
    named(matrices, "tract lengths");

    // 4000 samples of 80 nodes are too many: no peak is lost.
    let traces = view(&data, "traces");
    assert!(traces["remark"].as_str().unwrap().contains("thinned"));
    let values = numbers(&named(traces, "x")["values"]);
    let x = simulated.recorded().samples.index_axis(ndarray::Axis(1), 0);
    for node in 0..80 {
        let of = values.iter().skip(node).step_by(80);
        let most = of.copied().fold(f64::NEG_INFINITY, f64::max);
        let expected = x
            .column(node)
            .iter()
            .copied()
            .fold(f32::NEG_INFINITY, f32::max);
        assert_eq!(most, f64::from(expected));
    }
    let times = data["coordinates"].as_array().unwrap();
    assert_eq!(numbers(&times[0]["values"]).len() * 80, values.len());
    assert!(
        view(&data, "regions")["centres"].is_null(),
        "HCP's regions have no centres here"
    );

    let again = simulate();
    assert!(
        page == io::output::report(&again.output()).unwrap(),
        "the same bytes"
    );
}

#[test]
fn names_do_not_end_the_script_and_centres_make_a_brain() {
    let mut connectome = synthetic::random(4, 0.8, 40.0, 3);
    connectome.labels[1] = "</script><b onload=\"x\"> <!-- \u{2028}".into();
    let mm = [
        [0.0, 1.0, 2.0],
        [3.0, 4.0, 5.0],
        [6.0, 7.0, 8.0],
        [9.0, 10.0, 11.0],
    ];
    connectome.centres = Some(ndarray::arr2(&mm));
    let mut study = study::load(None, &["protocol.duration=5"]).unwrap();
    study.connectome = Arc::new(connectome.clone());
    let simulated = run::simulate(&study, &Cpu::new(), &Control::default()).unwrap();
    let page = io::output::report(&simulated.output()).unwrap();
    assert_whole(&page);
    let data = data(&page);
    assert_eq!(data["labels"]["node"][1], connectome.labels[1].as_str());
    let centres = numbers(&view(&data, "regions")["centres"]);
    assert_eq!(centres, mm.as_flattened());
}

#[test]
fn a_point_of_a_sweep_is_what_its_command_makes() {
    let home = tempfile::tempdir().unwrap();
    let flags = ["protocol.duration=300", "protocol.transient=100"];
    let study = study::load(None, &flags).unwrap();
    let vary = ["coupling.g=0.5:1.5:3", "input.x=0.7:0.8:2"];
    let description = Description {
        vary: vary.iter().map(|text| Vary::parse(text).unwrap()).collect(),
        seeds: Some(2),
        every_ms: Some(0.5),
        keep: vec!["fc".into()],
        ..Description::default()
    };
    let (sweep, cpu) = (StoredSweep::new(&study, &description).unwrap(), Cpu::new());
    let path = home.path().join("s.zarr");
    let store = sweep.create(&path, false, cpu.device()).unwrap();
    let control = Control::default();
    let options = FillOptions::default();
    sweep
        .fill(&store, Box::new(cpu), &options, &control)
        .unwrap();
    let summary = sweep.summary(&store).unwrap();
    let page = io::output::report(&summary.output()).unwrap();
    assert_whole(&page);
    let data = data(&page);
    let points = view(&data, "points");
    assert_eq!(points["shape"], serde_json::json!([3, 2]));
    assert_eq!(numbers(&points["numbers"][0]["values"]), summary.mean);
    assert_eq!(points["best"], summary.best[0].point);
    let other = |name: &str| {
        let all = points["numbers"].as_array().unwrap();
        numbers(&all.iter().find(|one| one["name"] == name).unwrap()["values"])
    };
    let synchrony = summary.best[0].others.iter();
    let mut synchrony = synchrony.filter(|(measure, _)| measure.name == "synchrony");
    let expected = synchrony.next().unwrap().1[0];
    assert!((other("synchrony")[summary.best[0].point] - expected).abs() < 1e-12);

    let point = 3;
    let mut set: Vec<String> = flags.map(String::from).into();
    for (axis, place) in points["axes"].as_array().unwrap().iter().zip([1, 1]) {
        for one in axis["sets"].as_array().unwrap() {
            let path = one["path"].as_str().unwrap();
            set.push(format!("{path}={}", numbers(&one["values"])[place]));
        }
    }
    let more = points["settings"].as_array().unwrap().iter();
    set.extend(more.map(|one| one.as_str().unwrap().to_string()));
    set.push(format!("protocol.seed={}", points["seeds"][0]));
    let study = study::load(None, &set).unwrap();
    let simulated = run::simulate(&study, &Cpu::new(), &control).unwrap();
    let fc = simulated.measures().fc();
    let details = &points["details"];
    assert_eq!(details["points"].as_array().unwrap().len(), 6);
    let views = &serde_json::json!({ "views": details["views"][point] });
    let kept = numbers(&named(view(views, "matrices"), "fc")["values"]);
    // The sums of a sweep are taken as they come.
    let largest = (0..80)
        .flat_map(|i| (0..=i).map(move |k| (i, k)))
        .zip(&kept);
    let largest = largest.map(|((i, k), value)| (fc[[i, k]] - value).abs());
    assert!(largest.fold(0.0, f64::max) < 2e-5);
}

#[test]
fn branches_have_their_events_and_orbits() {
    let study = study::load(Some("fitzhugh_nagumo".as_ref()), &[""; 0]).unwrap();
    let request = Request::new(&study, vec![varied(&study, "x_ext", [0.0, 2.0]).unwrap()]);
    let found = bifurcate(&study, &request, &Control::default()).unwrap();
    let page = io::output::report(&found.output()).unwrap();
    assert_whole(&page);
    let data = data(&page);
    let curves = view(&data, "curves");
    let hopf: Vec<f64> = curves["marks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|mark| mark["letters"] == "H")
        .map(|mark| mark["x"].as_f64().unwrap())
        .collect();
    assert!((hopf[0] - 0.726058290).abs() < 1e-8);
    let names: Vec<&str> = curves["curves"]
        .as_array()
        .unwrap()
        .iter()
        .map(|curve| curve["name"].as_str().unwrap())
        .collect();
    for name in ["stable focus", "unstable focus", "stable cycle"] {
        assert!(names.contains(&name), "{name} among {names:?}");
    }
    let orbit = &curves["orbits"][20];
    let states = numbers(&orbit["states"]);
    assert_eq!(states.len(), 2 * numbers(&orbit["time"]).len());
    // A cycle closes.
    let last = states.len() - 2;
    assert!((states[0] - states[last]).abs() < 1e-5 && (states[1] - states[last + 1]).abs() < 1e-5);
}

//! Numbers per node that follow from regional maps or groups.

use brainsweep::study::key::{Purpose, resolve};
use brainsweep::sweep::{Description, Sweep, Vary};

use super::errors::{complaint, says};
use super::*;

/// Six regions, and maps of them in another order, with columns of text between.
struct Data {
    folder: tempfile::TempDir,
}

const LABELS: [&str; 6] = ["L_V1", "L_M1", "L_A1", "R_V1", "R_M1", "R_A1"];
const MYELIN: [f64; 6] = [1.5, 0.25, -0.5, 1.0, 0.5, -0.75];
const GROUP: [&str; 6] = ["visual", "motor", "hearing", "visual", "motor", "hearing"];

impl Data {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: String| {
            std::fs::write(folder.path().join(name), text).unwrap();
        };
        let row = |i: usize| {
            let cell = |j: usize| if i == j { "0" } else { "0.5" };
            (0..6).map(cell).collect::<Vec<_>>().join(",")
        };
        let lines = (0..6).map(|i| format!("{},{}\n", LABELS[i], row(i)));
        let weights = format!(",{}\n{}", LABELS.join(","), lines.collect::<String>());
        write("weights.csv", weights);
        let rows = [3, 0, 5, 1, 4, 2].map(|i: usize| {
            let (label, group) = (LABELS[i], GROUP[i]);
            format!("{label}\t{group}\t{}\t{}\n", MYELIN[i], i + 1)
        });
        let maps = format!("region\tnetwork\tmyelin\tdepth\n{}", rows.concat());
        write("maps.tsv", maps);
        Self { folder }
    }

    fn study(&self, text: &str) -> Result<Study> {
        let text = format!("connectome.file = \"weights.csv\"\n{text}");
        parse::<&str>(&text, "study.toml", self.folder.path(), &[])
    }

    fn with(&self, text: &str, flags: &[&str]) -> Result<Study> {
        let text = format!("connectome.file = \"weights.csv\"\n{text}");
        parse(&text, "study.toml", self.folder.path(), flags)
    }
}

const FORMULA: &str = r#"
[parameters]
tau = { formula = "tau0*(1 + k*map) + exp(-depth/2)", map = "myelin", file = "maps.tsv", depth = { file = "maps.tsv", key = "depth" }, tau0 = 12.5, k = 0.3 }
"#;

/// tau0*(1 + k*myelin) + exp(-depth/2), written down once more.
fn expected(tau0: f64, k: f64) -> Vec<f64> {
    let node =
        |(i, myelin): (usize, &f64)| tau0 * (1.0 + k * myelin) + (-(i as f64 + 1.0) / 2.0).exp();
    MYELIN.iter().enumerate().map(node).collect()
}

#[track_caller]
fn equal(found: &Values, expected: &[f64]) {
    let found = found.expand(expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!(
            (found - expected).abs() <= 1e-14 * expected.abs(),
            "{found} {expected}"
        );
    }
}

/// The index of the parameter tau of FitzHugh and Nagumo.
fn tau(study: &Study) -> &Values {
    &study.parameters[study.model.parameter("tau").unwrap()]
}

#[test]
fn a_formula_gives_each_region_its_number() {
    let data = Data::new();
    let mut study = data.study(FORMULA).unwrap();
    equal(tau(&study), &expected(12.5, 0.3));
    // Its numbers are keys.
    study.set_number("parameters.tau.k", -0.2).unwrap();
    equal(tau(&study), &expected(12.5, -0.2));
    study.set_number("parameters.tau.tau0", 20.0).unwrap();
    equal(tau(&study), &expected(20.0, -0.2));
    for flag in ["k=0.1", "tau.k=0.1", "parameters.tau.k=0.1"] {
        equal(
            tau(&data.with(FORMULA, &[flag]).unwrap()),
            &expected(12.5, 0.1),
        );
    }
    // Also by the name of a map, in its file or in the formula.
    for flag in ["myelin.k=0.1", "depth.k=0.1"] {
        equal(
            tau(&data.with(FORMULA, &[flag]).unwrap()),
            &expected(12.5, 0.1),
        );
    }
    for purpose in [Purpose::Set, Purpose::SetInFit, Purpose::Vary] {
        let found = resolve(&study, "myelin.tau0", purpose).unwrap();
        assert_eq!(found.full(), "parameters.tau.tau0");
    }
    let unknown = complaint(data.with(FORMULA, &["myelin.j=0.1"]));
    assert!(unknown.contains("myelin.j"), "{unknown}");
    let manifest = to_json(&study);
    let tau = &manifest["parameters"]["tau"];
    assert_eq!(tau["k"], -0.2);
    assert_eq!(tau["formula"], "tau0*(1 + k*map) + exp(-depth/2)");
    assert_eq!(tau["maps"]["map"]["shape"], serde_json::json!([6]));
    // In place of the rule, one number.
    let study = data.with(FORMULA, &["parameters.tau=7"]).unwrap();
    assert!(study.rules.is_empty());
}

/// Two formulas over one map: its name alone does not tell which number is meant.
#[test]
fn a_map_of_two_formulas_is_ambiguous() {
    let data = Data::new();
    let beta = r#"beta = { formula = "4 + k*map", map = "myelin", file = "maps.tsv", k = 0.1 }"#;
    let both = format!("{FORMULA}{beta}");
    let told = complaint(data.with(&both, &["myelin.k=0.1"]));
    let whole = "could be parameters.beta.k, parameters.tau.k";
    assert!(told.contains(whole), "{told}");
    let study = data.study(&both).unwrap();
    let vary = |text: &str| Description {
        vary: vec![Vary::parse(text).unwrap()],
        ..Description::default()
    };
    let told = Sweep::new(&study, &vary("myelin.k=0:1:2")).unwrap_err();
    assert!(told.to_string().contains(whole), "{told}");
    // Only one of them has this number.
    let sweep = Sweep::new(&study, &vary("myelin.tau0=10,20")).unwrap();
    assert_eq!(sweep.axes()[0].path, "parameters.tau.tau0");
    // Tied, both take the same values.
    let sweep = Sweep::new(&study, &vary("tau.k,beta.k=0:1:2")).unwrap();
    assert_eq!(sweep.axes()[0].path, "parameters.tau.k,parameters.beta.k");
    let tied = Sweep::new(&study, &vary("myelin.tau0, alpha=myelin.tau0/4 = 10,20"));
    assert_eq!(tied.unwrap().axes()[0].path, "parameters.tau.tau0");
}

#[test]
fn a_sweep_varies_the_numbers_of_a_rule() {
    let data = Data::new();
    let study = data.study(FORMULA).unwrap();
    let description = Description {
        vary: vec![
            Vary::parse("k=-0.5:0.5:3").unwrap(),
            Vary::parse("tau0=10,20").unwrap(),
        ],
        ..Description::default()
    };
    let sweep = Sweep::new(&study, &description).unwrap();
    assert_eq!(sweep.axes()[0].path, "parameters.tau.k");
    for point in 0..6 {
        let values = sweep.values(point);
        let replica = sweep.study(point, 0).unwrap();
        equal(tau(&replica), &expected(values[1], values[0]));
        Plan::new(&replica).unwrap();
    }
}

#[test]
fn a_rule_for_a_delay_gives_replicas_delays_of_their_own() {
    let data = Data::new();
    let text = "model = \"feedback-fitzhugh-nagumo\"\nparameters.DELAY = { formula = \"d0 + map\", map = \"depth\", file = \"maps.tsv\", d0 = 3.0 }\n";
    let model = brainsweep::model::find("feedback-fitzhugh-nagumo").unwrap();
    let delay = (0..model.parameters.len())
        .find(|&k| model.is_delay(k))
        .unwrap();
    let text = text.replace("DELAY", model.parameters[delay].name);
    let study = data.study(&text).unwrap();
    let description = Description {
        vary: vec![Vary::parse("d0=2,3").unwrap()],
        ..Description::default()
    };
    assert_eq!(
        Sweep::new(&study, &description).unwrap().n_delay_tables(),
        2
    );
}

#[test]
fn groups_share_a_number() {
    let data = Data::new();
    let text = r#"
        [parameters]
        tau = { groups = "network", file = "maps.tsv", values = { visual = 10.0, motor = 20.0, hearing = 30.0 } }
        alpha = { groups = ["a", "a", "b", "b", "b", "a"], values = { a = 3.0, b = 2.5 } }
    "#;
    let mut study = data.study(text).unwrap();
    equal(tau(&study), &[10.0, 20.0, 30.0, 10.0, 20.0, 30.0]);
    study.set_number("parameters.tau.motor", 25.0).unwrap();
    equal(tau(&study), &[10.0, 25.0, 30.0, 10.0, 25.0, 30.0]);
    let alpha = study.model.parameter("alpha").unwrap();
    equal(&study.parameters[alpha], &[3.0, 3.0, 2.5, 2.5, 2.5, 3.0]);
    assert_eq!(to_json(&study)["parameters"]["tau"]["motor"], 25.0);
    let message = complaint(data.study(&text.replace("visual = 10.0, ", "")));
    says(&message, &["visual", "node 0"]);
    let message = complaint(data.study(&text.replace("motor =", "moter =")));
    says(&message, &["moter", "did you mean motor?"]);
}

#[test]
fn inputs_couplings_noise_and_starts_take_rules() {
    let data = Data::new();
    let rule = |formula: &str| {
        format!("{{ formula = \"{formula}\", map = \"myelin\", file = \"maps.tsv\", a = 0.5 }}")
    };
    let text = format!(
        "input = {}\nnoise.sigma.x = {}\ninitial.x = {}\n\
         [[coupling]]\nname = \"long\"\nkind = \"diffusive\"\ng = {}\n[[coupling]]\nname = \"short\"\nkind = \"additive\"\n",
        rule("a + map"),
        rule("a*map^2"),
        rule("a - map"),
        rule("1 + a*map"),
    );
    let mut study = data.study(&text).unwrap();
    let plus = |a: f64| MYELIN.map(|map| a + map);
    equal(&study.input[0], &plus(0.5));
    study.set_number("input.x.a", 0.75).unwrap();
    equal(&study.input[0], &plus(0.75));
    study.set_number("coupling.long.g.a", 2.0).unwrap();
    equal(
        &study.coupling.terms[0].parameters[0],
        &MYELIN.map(|map| 1.0 + 2.0 * map),
    );
    study.set_number("initial.x.a", 1.0).unwrap();
    let Start::Given(start) = &study.initial.state[0] else {
        panic!("a given start")
    };
    equal(start, &MYELIN.map(|map| 1.0 - map));
}

#[test]
fn what_is_wrong_with_a_rule_is_said_where_it_stands() {
    let data = Data::new();
    let rule = |body: &str| data.study(&format!("parameters.tau = {{ {body} }}"));
    let map = "map = \"myelin\", file = \"maps.tsv\"";
    for (body, parts) in [
        (
            format!("formula = \"t0*(1 + k*map)\", {map}, k = 1"),
            &["t0", "study.toml:2:", "    ", "^^"][..],
        ),
        (
            format!("formula = \"10*(1 + map\", {map}"),
            &["study.toml:2:", "^"],
        ),
        (
            format!("formula = \"10 + map\", {map}, k = 1"),
            &["`k` does not occur"],
        ),
        (
            "formula = \"10 + map\", map = \"myelni\", file = \"maps.tsv\"".into(),
            &["myelin"],
        ),
        (
            "formula = \"10 + map\", map = \"network\", file = \"maps.tsv\"".into(),
            &["line 2", "\"visual\" is no number"],
        ),
        (
            "formula = \"10 + m\", m = [1, 2]".into(),
            &["a list of 2", "6 numbers"],
        ),
        (
            format!("formula = \"10 + map\", {map}, \"a b\" = 1"),
            &["a b"],
        ),
        (
            "formula = \"1\", groups = \"network\"".into(),
            &["formula", "groups"],
        ),
        (
            "groups = \"network\", values = { visual = 1 }".into(),
            &["regions.csv"],
        ),
    ] {
        says(&complaint(rule(&body)), parts);
    }
    let flags = |flags: &[&str]| complaint(data.with(FORMULA, flags));
    says(
        &flags(&["parameters.tau[3]=5"]),
        &["follows from a rule", "parameters.tau.k"],
    );
    let mut ruled = data.study(FORMULA).unwrap();
    let error = ruled.set_number("parameters.tau", 5.0).unwrap_err();
    says(
        &error.report(),
        &["follows from a rule", "parameters.tau.k"],
    );
    let error = resolve(&ruled, "k", Purpose::Follow)
        .map(|address| address.path)
        .unwrap_err();
    says(
        &error.report(),
        &["parameters.tau.k", "each node in its own way"],
    );
    // The values are checked, on reading and, where a number was set, before anything runs.
    let sigma = |a: f64| {
        data.study(&format!(
            "noise.sigma.x = {{ formula = \"a + map\", {map}, a = {a} }}"
        ))
    };
    says(
        &complaint(sigma(0.5)),
        &["noise.sigma.x is -0.25 at node 5", "must be 0 or more"],
    );
    let mut study = sigma(0.75).unwrap();
    study.set_number("noise.sigma.x.a", 0.5).unwrap();
    let error = Plan::new(&study).unwrap_err();
    says(&error.report(), &["noise.sigma.x", "must be 0 or more"]);
}

/// Regions of a file that the network does not have are named, once for a file; so is an order that names could not tell.
#[test]
fn regions_that_the_network_lacks_are_said_to_be_dropped() {
    let data = Data::new();
    assert!(data.study(FORMULA).unwrap().notes.is_empty());
    let path = data.folder.path().join("maps.tsv");
    let maps = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, maps.clone() + "L_Thal\tdeep\t0.1\t7\n").unwrap();
    // Two columns, and two tables of groups, of one file.
    let stimulus = "[[stimulus]]\ninput = \"x\"\nwaveform = \"pulse\"\nregions = { groups = \"network\", file = \"maps.tsv\", names = [\"motor\"] }\n";
    let all = FORMULA.to_owned()
        + "alpha = { groups = \"network\", file = \"maps.tsv\", values = { visual = 3, motor = 2.5, hearing = 2 } }\n"
        + stimulus;
    let study = data.study(&all).unwrap();
    equal(tau(&study), &expected(12.5, 0.3));
    let said = |said: &str| format!("{}: {said}", path.display());
    let one = said("1 region that the weights lack is dropped: L_Thal");
    assert_eq!(study.notes, std::slice::from_ref(&one));
    // By flags as well.
    let flag = format!(
        "parameters.tau={{ map = \"myelin\", file = '{}', formula = \"10 + map\" }}",
        path.display()
    );
    assert_eq!(data.with("", &[&flag]).unwrap().notes, [one]);
    let more: String = (0..7).map(|i| format!("X{i}\tdeep\t0.1\t7\n")).collect();
    std::fs::write(&path, maps + &more).unwrap();
    let many = "7 regions that the weights lack are dropped: X0, X1, X2, X3, X4 and 2 more";
    assert_eq!(data.study(FORMULA).unwrap().notes, [said(many)]);
    // A network without names takes the order of the file.
    let text = format!("connectome.nodes = 13\n{FORMULA}");
    let study = parse::<&str>(&text, "study.toml", data.folder.path(), &[]).unwrap();
    let order =
        "has names of regions and the network has none: its order is taken to be that of the nodes";
    assert_eq!(study.notes, [said(order)]);
    // An npz with names of its own.
    let path = data.folder.path().join("maps.npz");
    let mut npz = npz::Writer::create(&path).unwrap();
    let names = ["Other"].iter().chain(&LABELS);
    let names: Vec<String> = names.map(|name| name.to_string()).collect();
    npz.add_texts("labels", &names).unwrap();
    let map = [9.0].into_iter().chain(MYELIN);
    npz.add("myelin", &ndarray::Array1::from_iter(map)).unwrap();
    npz.finish().unwrap();
    let map = "parameters.tau = { file = \"maps.npz\", key = \"myelin\" }";
    let study = data.study(map).unwrap();
    equal(tau(&study), &MYELIN);
    let dropped = "1 region that the weights lack is dropped: Other";
    assert_eq!(study.notes, [format!("{}: {dropped}", path.display())]);
}

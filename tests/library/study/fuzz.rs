//! Whatever is written: a study or an error, never a panic.

use std::sync::LazyLock;

use brainsweep::study::key;
use proptest::prelude::*;

use super::*;

/// Tables, several numbers of a kind, and keys of couplings with names.
const MORE: &[&str] = &[
    "parameters",
    "parameters.tau",
    "connectome",
    "coupling",
    "coupling.long",
    "coupling.long.kind",
    "coupling.long.g",
    "coupling.short.a",
    "coupling.short.source",
    "input",
    "noise",
    "noise.sigma",
    "noise.sigma.y",
    "initial",
    "initial.y",
    "initial.history",
    "protocol",
    "monitor",
    "monitor.bold.kind",
    "monitor.bold.tr",
    "monitor.bold.kappa",
    "record",
    "fit",
    "fit.free.coupling.g",
];

/// Every key of the table, and some more.
static KEYS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let rows = key::KEYS.iter().map(|row| {
        let name = match row.path {
            "parameters.NAME" => "alpha",
            "coupling.NAME" => "g",
            _ => "x",
        };
        let words = row.path.split('.').map(|word| {
            let is_name = word.chars().all(|c| c.is_ascii_uppercase());
            if is_name { name } else { word }
        });
        words.collect::<Vec<_>>().join(".")
    });
    rows.chain(MORE.iter().map(|path| path.to_string()))
        .collect()
});

const WORDS: &[&str] = &[
    "fitzhugh-nagumo",
    "montbrio-pazo-roxin",
    "feedback-fitzhugh-nagumo",
    "euler",
    "diffusive",
    "additive",
    "linear",
    "none",
    "white",
    "ornstein-uhlenbeck",
    "x[n-d]",
    "truncate",
    "interpolate",
    "x[n+1-d]",
    "exact",
    "stages",
    "heun",
    "source-target",
    "balloon-windkessel",
    "temporal-average",
    "cubnm",
    "x",
    "y",
    "é\u{1F600}",
    "",
];

/// A study of several couplings.
const SEVERAL: &str = r#"
connectome.nodes = 2
[[coupling]]
name = "long"
kind = "diffusive"
g = 0.5
conduction_speed = 3

[[coupling]]
name = "short"
kind = "linear"
source = ["x", "y"]
target = ["y", "x"]
a = 0.25
delay_reads = "x[n-1-d]"

[[coupling]]
kind = "kuramoto"
"#;

/// The same between the nodes of the built-in connectome.
static COUPLED: LazyLock<Study> =
    LazyLock::new(|| read(&SEVERAL.replace("connectome.nodes = 2\n", "")).unwrap());

/// A TOML value in text form.
fn value() -> impl Strategy<Value = String> {
    let number = prop_oneof![
        any::<i64>().prop_map(|n| n.to_string()),
        (-4..40i64).prop_map(|n| n.to_string()),
        any::<f64>().prop_map(|n| format!("{n:?}").replace("NaN", "nan")),
        (-1.0..10.0).prop_map(|n: f64| format!("{n:.2}")),
        prop::sample::select(
            &[
                "inf",
                "-inf",
                "nan",
                "1e999",
                "0",
                "0.1",
                "99999999999999999999999999999999999999999999"
            ][..]
        )
        .prop_map(String::from),
    ];
    let text = prop_oneof![
        prop::sample::select(WORDS)
            .prop_map(|word| format!("{word:?}").replace("\\u{1f600}", "\\U0001F600")),
        "[a-z ./]{0,9}".prop_map(|text| format!("{text:?}")),
    ];
    let leaf = prop_oneof![4 => number, 2 => text, 1 => Just("true".into()), 1 => Just("2026-11-23".into())];
    leaf.prop_recursive(3, 12, 4, |inner| {
        let key =
            prop::sample::select(&["x", "y", "uniform", "file", "key", "kind", "g", "tau"][..]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|all| format!("[{}]", all.join(", "))),
            prop::collection::btree_map(key, inner, 0..3).prop_map(|all| {
                let entries: Vec<_> = all
                    .iter()
                    .map(|(key, value)| format!("{key} = {value}"))
                    .collect();
                format!("{{ {} }}", entries.join(", "))
            }),
        ]
    })
}

/// Neither panics nor gives a study that its manifest cannot show; an error can be printed. What
/// reads can be planned, or is refused in words, and its manifest gives its numbers back.
fn survives(study: Result<Study>) {
    match study {
        Ok(study) => {
            comes_back(&study);
            // Without neighbours there is no delay line, so that no strange speed fills the memory of the test machine.
            if study.connectome.n_nodes() <= 2
                && study.model.feedback.is_empty()
                && let Err(error) = Plan::new(&study)
            {
                says_something(&error);
            }
        }
        Err(error) => says_something(&error),
    }
}

fn says_something(error: &brainsweep::Error) {
    assert!(error.to_string().len() > 10, "{error:?}");
}

/// Every number that the manifest names can be set by the name it has there, to the value it has
/// there, and the manifest stays as it is. How many there were.
fn comes_back(study: &Study) -> usize {
    let manifest = to_json(study);
    let mut again = study.clone();
    let mut n_set = 0;
    let mut below = vec![(String::new(), &manifest)];
    while let Some((path, value)) = below.pop() {
        if let Some(table) = value.as_object() {
            let dot = if path.is_empty() { "" } else { "." };
            below.extend(
                table
                    .iter()
                    .map(|(key, value)| (format!("{path}{dot}{key}"), value)),
            );
        } else if let Some(value) = value.as_f64() {
            // Checksums and the like are no numbers of a study.
            n_set += usize::from(again.set_number(&path, value).is_ok());
        }
    }
    assert_eq!(to_json(&again), manifest);
    n_set
}

#[test]
fn every_parameter_of_a_study_comes_back_from_its_manifest() {
    let study = two("").unwrap();
    assert!(comes_back(&study) >= study.model.parameters.len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in "\\PC*", flag in "\\PC*") {
        survives(read(&text));
        survives(with("connectome.nodes = 2", &[&flag]));
    }

    #[test]
    fn any_value_of_any_key(entries in prop::collection::btree_map(prop::sample::select(KEYS.clone()), value(), 1..5)) {
        let lines: Vec<_> = entries.iter().map(|(key, value)| format!("{key} = {value}")).collect();
        survives(read(&lines.join("\n")));
        let flags: Vec<_> = entries.iter().map(|(key, value)| format!("{key}={value}")).collect();
        survives(parse("connectome.nodes = 2", "s", Path::new(""), &flags));
    }

    #[test]
    fn any_flag_on_a_shipped_study(
        key in prop::sample::select(KEYS.clone()), node in prop::option::of(0..100usize), tail in "[.=\\[\\]a-z0-9]{0,6}", value in value(),
        shipped in prop::sample::select(SHIPPED),
    ) {
        let node = node.map(|node| format!("[{node}]")).unwrap_or_default();
        let flags = [format!("{key}{node}={value}"), format!("{key}{tail}={value}"), format!("{key}{node}{tail}")];
        for flag in &flags {
            survives(load(Some(Path::new(shipped.name)), &[flag]));
        }
        survives(load(Some(Path::new(shipped.name)), &flags));
    }

    #[test]
    fn a_shipped_study_with_bytes_changed(
        shipped in prop::sample::select(SHIPPED), edits in prop::collection::vec((any::<prop::sample::Index>(), any::<char>()), 1..6),
    ) {
        let mut text: Vec<char> = shipped.text.chars().collect();
        for (place, character) in edits {
            let place = place.index(text.len());
            text[place] = character;
        }
        survives(read(&text.into_iter().collect::<String>()));
    }

    #[test]
    fn several_couplings_with_bytes_changed(
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..12usize, "[a-z0-9=.\\[\\]{}\"\n ]{0,6}"), 1..5),
        is_coupled in any::<bool>(), key in prop::sample::select(KEYS.clone()), value in value(),
    ) {
        let mut text: Vec<char> = SEVERAL.chars().collect();
        for (place, gone, letters) in edits {
            let place = place.index(text.len());
            let end = (place + gone).min(text.len());
            text.splice(place..end, letters.chars());
        }
        let text: String = text.into_iter().collect();
        let text = if is_coupled { text.replace("connectome.nodes = 2\n", "") } else { text };
        survives(read(&text));
        survives(with(&text, &[&format!("{key}={value}")]));
    }

    #[test]
    fn any_flag_on_several_couplings(key in prop::sample::select(KEYS.clone()), tail in "[.=\\[\\]a-z0-9]{0,6}", value in value()) {
        survives(with(SEVERAL, &[&format!("{key}={value}")]));
        survives(with(SEVERAL, &[&format!("{key}{tail}={value}"), &format!("coupling.long.g={value}")]));
        survives(with(&SEVERAL.replace("connectome.nodes = 2\n", ""), &[&format!("{key}={value}")]));
    }

    #[test]
    fn any_number_on_any_path(key in prop::sample::select(KEYS.clone()), node in prop::option::of(any::<usize>()), tail in "[.\\[\\]a-z0-9]{0,4}", value in any::<f64>()) {
        let node = node.map(|node| format!("[{node}]")).unwrap_or_default();
        let path = format!("{key}{node}{tail}");
        let mut study = two("").unwrap();
        study.set_number(&path, value).ok();
        survives(Ok(study));
        let mut several = COUPLED.clone();
        if several.set_number(&path, value).is_ok() {
            survives(Ok(several));
        }
    }
}

#[test]
fn deep_and_long_texts_end() {
    for text in [
        "[".repeat(100_000),
        format!("x = {}", "[".repeat(100_000)),
        format!("x = {}1{}", "{a=".repeat(50_000), "}".repeat(50_000)),
        format!("{}x = 1", "a.".repeat(100_000)),
        format!("[{}x]\ny = 1", "a.".repeat(100_000)),
        format!("input = [{}]", "1,".repeat(200_000)),
        format!("{} = 1", "k".repeat(1_000_000)),
    ] {
        survives(read(&text));
        survives(with(
            "connectome.nodes = 2",
            &[&format!("initial.x={text}")],
        ));
    }
}

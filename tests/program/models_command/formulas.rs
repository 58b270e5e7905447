//! The Jacobian as formulas is the Jacobian: written back into the text of the model, it has the same values.

use std::path::Path;

use brainsweep::model::{Bounds, MODELS, Model};
use rand::distr::{Distribution, Uniform};
use rand::rngs::SmallRng;

/// The model with its derivatives as outputs, `J_0_1` and so on.
fn with_derivatives(model: &Model) -> String {
    let formulas = model.jacobian_formulas();
    let n = model.states.len();
    let mut equations = model.equations.to_owned();
    let mut outputs = String::new();
    for (name, formula) in &formulas.shared {
        equations += &format!("\n{name} = {formula}");
    }
    for (place, formula) in formulas.results.iter().enumerate() {
        let name = format!("J_{}_{}", place / n, place % n);
        equations += &format!("\n{name} = {formula}");
        outputs += &format!("{name} = {{ unit = \"1\", meaning = \"derivative\" }}\n");
    }
    let text = model.text.replace(model.equations, &equations);
    match text.contains("\n[outputs]") {
        true => text.replace("\n[outputs]\n", &format!("\n[outputs]\n{outputs}")),
        false => text.replace(
            "\n[coupling]",
            &format!("\n[outputs]\n{outputs}\n[coupling]"),
        ),
    }
}

#[test]
fn formulas_written_back_into_the_text_have_the_values_of_the_jacobian() {
    /// Sums in another order: rounding, at the size of the largest entry.
    const TOLERANCE: f64 = 1e-9;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/models");
    let mut n_models = 0;
    let mut random = <SmallRng as rand::SeedableRng>::seed_from_u64(1);
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        // Texts beside the built-in ones may be ahead of the language.
        let is_built_in = MODELS
            .iter()
            .any(|model| path.file_stem().unwrap() == model.name);
        // Formulas name entries of tables, which are no functions of a text.
        if text.contains("\n[tables.") {
            continue;
        }
        let model = match Model::read("model", &text) {
            Ok(model) => model,
            Err(error) => {
                assert!(!is_built_in, "{error}");
                continue;
            }
        };
        let written = with_derivatives(&model);
        let back = Model::read("written", &written)
            .unwrap_or_else(|error| panic!("{}: {error}", model.name));
        n_models += 1;
        let n = model.states.len();
        for _ in 0..20 {
            let mut point = model.start();
            for (state, value) in model.states.iter().zip(&mut point.state) {
                let low = if matches!(state.bounds, Bounds::Clipped { .. }) {
                    0.01
                } else {
                    -1.0
                };
                let by = Uniform::new(low, 1.0).unwrap().sample(&mut random);
                *value += by;
            }
            let expected = model.evaluate(&point).jacobian;
            let outputs = back.evaluate(&point).outputs;
            let found: Vec<f64> = (0..n * n)
                .map(|k| {
                    let name = format!("J_{}_{}", k / n, k % n);
                    outputs[back
                        .outputs
                        .iter()
                        .position(|output| output.name == name)
                        .unwrap()]
                })
                .collect();
            let scale = expected
                .iter()
                .fold(1.0f64, |scale, entry| scale.max(entry.abs()));
            for (k, (a, b)) in expected.iter().zip(&found).enumerate() {
                let fine = (a - b).abs() <= TOLERANCE * scale || (a.is_nan() && b.is_nan());
                assert!(fine, "{}, entry {k}: {a} and {b}", model.name);
            }
        }
    }
    assert!(n_models > 20, "{n_models}");
}

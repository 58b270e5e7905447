//! Whatever is asked for: results or one paragraph, never a panic, never a leftover.

use brainsweep::model::MODELS;
use proptest::prelude::*;

use super::*;

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => (-2.0..3.0).prop_map(|x: f64| format!("{x:.3}")),
        1 => any::<f32>().prop_map(|x| format!("{x:e}").replace("NaN", "nan")),
        1 => prop::sample::select(&["0", "-0.0", "1e-45", "3e38", "-3e38", "inf", "nan", "[1.0, 2.0]", "{ uniform = [0, 1] }"][..])
            .prop_map(String::from),
    ]
}

/// A study's key and a value that it may or may not hold.
fn setting() -> impl Strategy<Value = String> {
    let pick = |words: &'static [&'static str]| prop::sample::select(words);
    let keyed = |keys: &'static [&'static str]| (prop::sample::select(keys), number());
    prop_oneof![
        4 => keyed(&[
            "input.x", "input.y", "input", "coupling.g", "noise.sigma.x", "noise.mean.y", "noise.tau", "initial.x",
            "initial.history.x", "initial.feedback", "parameters.tau", "parameters.alpha", "parameters.delay", "input.x[1]",
        ]).prop_map(|(key, value)| format!("{key}={value}")),
        1 => pick(&["euler", "heun", "rk4", "exponential-euler"]).prop_map(|word| format!("integrator={word}")),
        1 => pick(&["none", "white", "ornstein-uhlenbeck"]).prop_map(|word| format!("noise.kind={word}")),
        1 => pick(&["none", "additive", "diffusive", "kuramoto", "sigmoidal"]).prop_map(|word| format!("coupling.kind={word}")),
        1 => pick(&["x", "y", "[\"x\", \"y\"]", "z"]).prop_map(|names| format!("coupling.source={names}")),
        1 => pick(&["x", "y_ext", "[\"y\", \"x\"]", "[]"]).prop_map(|names| format!("coupling.target={names}")),
        1 => pick(&["linear", "pre-sigmoidal", "diffusive"])
            .prop_map(|kind| format!("coupling=[{{kind=\"{kind}\"}},{{name=\"more\",kind=\"additive\",target=\"y\"}}]")),
        1 => pick(&["0.5", "20", "1e6", "inf"]).prop_map(|speed| format!("coupling.conduction_speed={speed}")),
        1 => pick(&["0", "1", "2", "7"]).prop_map(|n| format!("connectome.nodes={n}")),
        1 => pick(&["x", "y", "x\", \"y", "z"]).prop_map(|states| format!("record.states=[\"{states}\"]")),
        1 => pick(&["0.1", "0.3", "5", "5.1"]).prop_map(|every| format!("record.every={every}")),
        1 => pick(&["0", "1", "4.9", "5"]).prop_map(|transient| format!("protocol.transient={transient}")),
        1 => any::<i64>().prop_map(|seed| format!("protocol.seed={seed}")),
        1 => (0..MODELS.len()).prop_map(|model| format!("model={}", MODELS[model].name)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, max_shrink_iters: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_study_ends_in_results_or_one_paragraph(
        settings in prop::collection::vec(setting(), 0..5),
        study in prop::sample::select(&["hcp_network", "wilson_cowan", "fitzhugh_nagumo"][..]),
        dt in prop::sample::select(&["0.1", "0.05", "0.1", "3"][..]),
    ) {
        let home = Home::new();
        let dt = format!("protocol.dt={dt}");
        let mut arguments = vec!["simulate", study, "--json", "--out", "run", "--set", "protocol.duration=5", "--set", &dt];
        arguments.extend(settings.iter().flat_map(|setting| ["--set", setting]));
        let output = home.run(&arguments);
        match output.code {
            Some(0) => {
                let not_done = ["no effect", "the run has no noise", " is overruled by ", "no longer counts"];
                let is_note = |line: &str| {
                    line.starts_with("note: ") && not_done.iter().any(|text| line.contains(text))
                };
                assert!(output.stderr.lines().all(is_note), "{arguments:?}: {output:?}");
            }
            Some(2 | 4) => {
                output.paragraph();
            }
            _ => panic!("{arguments:?}: {output:?}"),
        }
        if output.stdout.is_empty() {
            assert!(home.entries().is_empty(), "{arguments:?}: {:?}", home.entries());
            return Ok(());
        }
        // Results, of all the time or up to where it diverged.
        let json: Value = serde_json::from_str(&output.stdout).unwrap();
        assert_eq!(output.code == Some(4), !json["diverged"].is_null(), "{arguments:?}: {output:?}");
        assert_eq!(home.entries(), ["run"]);
        let results = Results(home.path().join("run"));
        assert_eq!(results.manifest()["diverged"], json["diverged"]);
        assert!(results.array("t").iter().all(|t| t.is_finite()));
    }
}

//! What `--dry-run` says of memory bounds what the run takes.

use super::*;
use crate::peak;

/// Samples of many nodes, of few nodes over a long time, of two states, and matrices of many nodes; a single sample has none.
#[test]
fn a_dry_run_says_what_a_run_takes() {
    for (n_nodes, duration, states) in [
        (400, "4000", "x"),
        (2, "100000", "x"),
        (400, "30000", "x"),
        (200, "3000", "x,y"),
        (2000, "1", "x"),
        (2000, "20", "x"),
    ] {
        let home = Home::new();
        let states: Vec<String> = states.split(',').map(|s| format!("{s:?}")).collect();
        let settings = [
            format!("connectome={{nodes={n_nodes}}}"),
            format!("protocol.duration={duration}"),
            format!("record.states=[{}]", states.join(",")),
            "record.every=1".into(),
            "protocol.dt=1".into(),
        ];
        let mut arguments = vec!["simulate", "--backend", "cpu", "--out", "run"];
        for setting in &settings {
            arguments.extend(["--set", setting]);
        }
        let dry = home.run(&[&arguments[..], &["--dry-run", "--json"]].concat());
        assert_eq!(dry.code, Some(0), "{dry:?}");
        let dry: Value = serde_json::from_str(&dry.stdout).unwrap();
        let said = dry["bytes"].as_f64().unwrap();
        peak::is_as_said(home.command(&arguments), said);
    }
}

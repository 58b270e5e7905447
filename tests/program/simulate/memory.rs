//! What `--dry-run` says of memory bounds what the run takes.

use super::*;

/// How far the estimate may be from the peak: a tenth, and the program itself.
const TOLERANCE: (f64, f64) = (0.1, 50e6);

/// The most memory that a run has had, bytes.
fn peak(home: &Home, arguments: &[&str]) -> f64 {
    let mut command = home.command(arguments);
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    loop {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        peak = peak.max(kibibytes.unwrap_or(0));
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "{arguments:?}");
            return (peak << 10) as f64;
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
}

/// Samples of many nodes, of few nodes over a long time, of two states, and matrices of many nodes; a single sample has none.
#[test]
fn a_dry_run_says_what_a_run_takes() {
    for (n_nodes, duration, states) in [
        (400, "4000", "x"),
        (2, "100000", "x"),
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
        ];
        let mut arguments = vec!["simulate", "--backend", "cpu", "--out", "run"];
        for setting in &settings {
            arguments.extend(["--set", setting]);
        }
        let dry = home.run(&[&arguments[..], &["--dry-run", "--json"]].concat());
        assert_eq!(dry.code, Some(0), "{dry:?}");
        let dry: Value = serde_json::from_str(&dry.stdout).unwrap();
        let said = dry["bytes"].as_f64().unwrap();
        let peak = peak(&home, &arguments);
        let off = (peak - said).abs();
        assert!(
            off <= TOLERANCE.0 * peak + TOLERANCE.1,
            "{settings:?}: said {} MB, took {} MB",
            said / 1e6,
            peak / 1e6
        );
    }
}

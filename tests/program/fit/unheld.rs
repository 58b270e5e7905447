//! A fit among whose candidates are some that no state holds at their target.

use super::*;

const STUDY: &str = "model = \"reduced-wong-wang-exc-inh\"\n\
    connectome = { file = \"net\", functional = \"sub-*_FC\" }\ncoupling.g = 0.2\n\
    noise = { kind = \"white\", sigma.S_E = 0.01 }\nprotocol = { duration = 300, transient = 50, dt = 1 }\n\
    hold = { output = \"r_E\", target = 3, by = \"J_i\" }\n";

/// A rate below 0 is out of reach: such candidates count as worse than all others, and the fit goes on.
#[test]
fn candidates_out_of_reach_are_the_worst() {
    let home = Home::new();
    std::fs::write(home.at("held.toml"), STUDY).unwrap();
    let fit = |out: &str, free: &str| {
        let size = ["--runs", "48", "--finalists", "2", "--held-out", "2"];
        let flags = ["--free", free, "--backend", "cpu", "--out", out];
        [&["fit", "held.toml"], &flags[..], &size]
            .concat()
            .into_iter()
            .map(String::from)
            .collect::<Vec<_>>()
    };
    let flags = fit("fit", "hold.target=-4:4");
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let said = home.json(&flags);
    let n_lost = said["diverged"].as_u64().unwrap();
    assert!(n_lost > 0, "{said}");
    let group = Contents::look(&home.at("fit"), &["fit"]).unwrap();
    let status: Vec<u8> = group.whole::<u8>("status").unwrap().into_iter().collect();
    let targets = home.array("fit", "hold.target");
    let n_seeds = status.len() / targets.len();
    for (target, status) in targets.iter().zip(status.chunks(n_seeds)) {
        let mark = if *target < 0.0 { 2 } else { 1 };
        assert!(
            status.iter().all(|one| *one == mark),
            "{target}: {status:?}"
        );
    }
    let report = std::fs::read_to_string(home.at("fit/report.md")).unwrap();
    let remark = format!("{n_lost} of their runs diverged or could not be held at their target");
    assert!(report.contains(&remark), "{report}");
    let best = std::fs::read_to_string(home.at("fit/best.toml")).unwrap();
    let best: toml::Table = best.parse().unwrap();
    assert!(best["hold"]["target"].as_float().unwrap() > 0.0, "{best}");
}

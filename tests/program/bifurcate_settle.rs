//! Cycles that begin at a settled simulation or at a saved orbit, of a network and of one node.

use std::fs;
use std::path::Path;

use crate::program;

use brainsweep::io::npz::read_f64;

/// Three nodes that are coupled all to all; they settle on the cycle of one node.
fn study(folder: &Path) {
    let connectome = folder.join("three");
    fs::create_dir(&connectome).unwrap();
    for name in ["weights", "tract_lengths"] {
        let file = connectome.join(format!("{name}.csv"));
        fs::write(file, "0,1,1\n1,0,1\n1,1,0\n").unwrap();
    }
    let text = "connectome.file = \"three\"\nmodel = \"fitzhugh-nagumo\"\ncoupling.kind = \"diffusive\"\n\
                coupling.g = 0.2\ninput.x = 0.9\ninitial = { x = [0.1, 0.2, 0.3], y = 0.4 }\n";
    fs::write(folder.join("three.toml"), text).unwrap();
}

fn run(words: &str, folder: &Path) -> (Option<i32>, String, String) {
    let words: Vec<&str> = words.split_whitespace().collect();
    program::run(&["bifurcate"], &words, folder)
}

/// The period of a node at x_ext = 0.9, from the tables of reference values, and the Hopf points that its cycles join.
const PERIOD: f64 = 31.699533201610;
const HOPF: [&str; 2] = ["hopf at 0.726058290", "hopf at 1.331554879"];

#[test]
fn a_network_is_followed_from_where_it_settles_and_from_a_saved_cycle() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    study(folder);
    let vary = "three.toml --vary x_ext=0.6:1.5 --at x_ext=0.9";
    let (code, stdout, stderr) = run(&format!("{vary} --settle --out a"), folder);
    assert_eq!(code, Some(0), "{stderr}");
    let line = stdout
        .lines()
        .find(|line| line.starts_with("cycles_1"))
        .unwrap();
    assert!(HOPF.iter().all(|end| line.contains(end)), "{line}");
    let cycle = |out: &str| -> String {
        let table = fs::read_to_string(folder.join(out).join("solutions.csv")).unwrap();
        let mut lines = table.lines();
        let names: Vec<String> = lines.next().unwrap().split(',').map(String::from).collect();
        let at = names.iter().position(|name| name == "period").unwrap();
        let row = lines.find(|line| line.starts_with("cycles_1")).unwrap();
        row.split(',').nth(at).unwrap().into()
    };
    let period: f64 = cycle("a").parse().unwrap();
    assert!((period / PERIOD - 1.0).abs() < 1e-6, "{period}");

    let parameters = read_f64(&folder.join("a/branches.npz"), "cycles_1_parameters").unwrap();
    let middle = parameters.len() / 2;
    let from = format!("{vary} --from a/branches.npz:cycles_1:{middle} --out b");
    let (code, _, stderr) = run(&from, folder);
    assert_eq!(code, Some(0), "{stderr}");
    let again: f64 = cycle("b").parse().unwrap();
    assert!((again / PERIOD - 1.0).abs() < 1e-6, "{again}");
}

#[test]
fn what_does_not_settle_on_a_cycle_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    study(folder);
    for (words, what) in [
        (
            "three.toml --set x_ext=0.3 --vary x_ext=0.2:0.4 --settle",
            "settles on",
        ),
        (
            "fitzhugh-nagumo --set x_ext=0.3 --vary x_ext=0.2:0.4 --settle",
            "settles on",
        ),
        (
            "three.toml --vary x_ext=0.2:0.4 --settle",
            "outside the range",
        ),
        (
            "three.toml --vary x_ext=0.8:1 --settle --delays",
            "--settle",
        ),
    ] {
        let (code, _, stderr) = run(&format!("{words} --out c"), folder);
        assert_ne!(code, Some(0), "{words}");
        assert!(stderr.contains(what), "{words}: {stderr}");
    }
}

/// Two nodes alike are at rest outside of two SNICs, at x_ext = +-0.324; between them both go round together. No Hopf point in the range
/// leads there. The period is that of one node, by SciPy.
#[test]
fn a_cycle_of_a_network_that_no_hopf_point_leads_to_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let connectome = folder.join("two");
    fs::create_dir(&connectome).unwrap();
    for name in ["weights", "tract_lengths"] {
        fs::write(connectome.join(format!("{name}.csv")), "0,1\n1,0\n").unwrap();
    }
    let text = "connectome.file = \"two\"\nmodel = \"stuart-landau\"\ncoupling = { kind = \"diffusive\", g = 0.2 }\n\
                input = { x = 0.0, y = 0.19781083014682932 }\ninitial = { x = [0.1, 0.3], y = 0.4 }\n\
                parameters = { a = 0.8267754763194632, w = 0.4367166776484108 }\n";
    fs::write(folder.join("two.toml"), text).unwrap();
    let words = "two.toml --vary x_ext=-0.03:0.02 --at x_ext=-0.0103646 --cycles 1 --out a";
    let (code, stdout, stderr) = run(words, folder);
    assert_eq!(code, Some(0), "{stderr}");
    let table = fs::read_to_string(folder.join("a/solutions.csv")).unwrap();
    let mut lines = table
        .lines()
        .map(|line| line.split(',').collect::<Vec<_>>());
    let names = lines.next().unwrap();
    let at = |name: &str| names.iter().position(|n| *n == name).unwrap();
    let (period, unstable) = (at("period"), at("n_unstable"));
    let stable = |row: &Vec<&str>| row[0].starts_with("cycles") && row[unstable] == "0";
    let periods: Vec<f64> = lines
        .filter(stable)
        .map(|row| row[period].parse().unwrap())
        .collect();
    assert_eq!(periods.len(), 1, "{stdout}");
    assert!((periods[0] / 16.50284 - 1.0).abs() < 1e-6, "{}", periods[0]);
}

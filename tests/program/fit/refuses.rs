//! What cannot be fitted is said, and nothing is written.

use super::*;

#[test]
fn what_cannot_be_fitted_is_refused_with_a_way_out() {
    let home = Home::new();
    std::fs::write(
        home.at("bare.toml"),
        "connectome.nodes = 2\nprotocol.duration = 50\n",
    )
    .unwrap();
    let g = ["--free", "g=0:2"];
    let cases: &[(&[&str], &str)] = &[
        (&["mine.toml"], "no number is free"),
        (&["mine.toml", "--free", "g=2:0"], "write KEY=LOW:HIGH"),
        (&["mine.toml", "--free", "g=0:2:5"], "write KEY=LOW:HIGH"),
        (&["mine.toml", "--free", "g"], "write KEY=LOW:HIGH"),
        (&["mine.toml", "--free", "g=-1:2:log"], "write KEY=LOW:HIGH"),
        (&["mine.toml", "--free", "gg=0:2"], "gg"),
        (&["mine.toml", "--free", "seed=0:2"], "seed"),
        (
            &["mine.toml", "--free", "g=0:2", "--free", "coupling.g=0:1"],
            "varied twice",
        ),
        (&["mine.toml", "--free", "g,g=0:2"], "varied twice"),
        (
            &["mine.toml", "--free", "g,coupling.g=2*g=0:2"],
            "varied twice",
        ),
        (
            &["mine.toml", "--free", "g=2*input=0:2"],
            "has a formula for every key",
        ),
        (
            &["mine.toml", "--free", "sigma.x,sigma.y=2*z=0.01:0.1"],
            "`z` is not the number that is varied, noise.sigma.x",
        ),
        (
            &["mine.toml", "--free", "sigma.x,sigma.y=sigma.x-1=0.01:0.1"],
            "noise.sigma.y",
        ),
        (&["mine.toml", "--free", "tau=-5:5"], "parameters.tau"),
        (&["mine.toml", g[0], g[1], "--runs", "20"], "--runs is 20"),
        (
            &["mine.toml", g[0], g[1], "--population", "1"],
            "--population is 1",
        ),
        (
            &["mine.toml", g[0], g[1], "--held-out", "1"],
            "--held-out is 1",
        ),
        (
            &["mine.toml", g[0], g[1], "--seed", "9223372036854775800"],
            "signed 64-bit number",
        ),
        (
            &[
                "mine.toml",
                g[0],
                g[1],
                "--finalists",
                "60000",
                "--held-out",
                "60000",
                "--runs",
                "3700000000",
            ],
            "GiB of memory",
        ),
        (
            &[
                "mine.toml",
                g[0],
                g[1],
                "--runs",
                "300",
                "--set",
                "fit.runs=200",
            ],
            "--runs and --set fit.runs=200 say different things of fit.runs",
        ),
        (
            &[
                "mine.toml",
                g[0],
                g[1],
                "--set",
                "fit.method=\"sobol\"",
                "--method",
                "cma",
            ],
            "--method and --set fit.method=\"sobol\" say different things of fit.method",
        ),
        (
            &["mine.toml", g[0], g[1], "--method", "cmaa"],
            "did you mean \"cma\"",
        ),
        (
            &["mine.toml", g[0], g[1], "--objective", "fcc"],
            "no measure named \"fcc\"",
        ),
        (
            &["mine.toml", g[0], g[1], "--objective", "fc - 0.5 fcd_ks"],
            "fcd_ks cannot be in an objective: it is not made of the samples: measure.make lacks \"fcd\"",
        ),
        (
            &[
                "mine.toml",
                g[0],
                g[1],
                "--objective",
                "fc - 0.5 fcd_ks",
                "--set",
                "measure.make=[\"fcd\"]",
                "--set",
                "measure.fcd_window=50",
                "--set",
                "measure.fcd_step=20",
            ],
            "fcd_ks cannot be in an objective: the study has no measured time series",
        ),
        (&["mine.toml", g[0], g[1], "--objective", "fc +"], "^"),
        (
            &[
                "mine.toml",
                g[0],
                g[1],
                "--objective",
                "fc",
                "--objective",
                "fc",
            ],
            "is named twice",
        ),
        (
            &["mine.toml", g[0], g[1], "--method", "nsga2"],
            "there is one",
        ),
        (
            &[
                "mine.toml",
                g[0],
                g[1],
                "--objective",
                "fc",
                "--objective",
                "sd",
                "--method",
                "cma",
            ],
            "take nsga2",
        ),
        (
            &[
                "mine.toml",
                g[0],
                g[1],
                "--objective",
                "fc",
                "--objective",
                "sd",
                "--each-subject",
            ],
            "there are 2",
        ),
        (
            &[
                "mine.toml",
                g[0],
                g[1],
                "--objective",
                "fc",
                "--objective",
                "sd",
                "--recover",
                "2",
            ],
            "add the objectives up",
        ),
        (
            &["mine.toml", g[0], g[1], "--objective", "2"],
            "speaks of no measure",
        ),
        (
            &["mine.toml", g[0], g[1], "--validate", "2"],
            "subjects 0 to 1",
        ),
        (
            &["mine.toml", g[0], g[1], "--validate", "1,1"],
            "named twice",
        ),
        (
            &["mine.toml", g[0], g[1], "--validate", "0,1"],
            "all measured subjects",
        ),
        (
            &["mine.toml", g[0], g[1], "--report", "fold"],
            "no report named \"fold\"",
        ),
        (
            &["mine.toml", g[0], g[1], "--report", "hopf"],
            "1 of the fit's can be followed",
        ),
        (&["bare.toml", "--free", "input=0:1"], "the study has none"),
        (
            &["bare.toml", "--free", "input=0:1", "--objective", "fc"],
            "no measure named \"fc\"",
        ),
    ];
    for (arguments, expected) in cases {
        let all = [&["fit", "--backend", "cpu", "--out", "f"], *arguments].concat();
        let (code, stdout, stderr) = home.run(&all);
        assert_eq!(
            (code, stdout.as_str()),
            (Some(2), ""),
            "{arguments:?}: {stderr}"
        );
        assert!(stderr.starts_with("error: "), "{arguments:?}: {stderr}");
        assert!(stderr.contains(expected), "{arguments:?}: {stderr}");
        assert!(!home.at("f").exists(), "{arguments:?}");
    }
}

#[test]
fn the_table_of_a_study_is_read_and_its_faults_have_a_line() {
    let home = Home::new();
    let with = |table: &str| {
        std::fs::write(home.at("table.toml"), format!("{STUDY}{table}")).unwrap();
        home.run(&["fit", "table.toml", "--backend", "cpu", "--dry-run"])
    };
    let (code, stdout, stderr) = with(
        "[fit]\nobjective = \"fc - 0.5 synchrony\"\nruns = 100\n[fit.free]\n\"noise.sigma.x,noise.sigma.y\" = \"0.001:0.1:log\"\n\
         coupling.g = \"0:2\"\n",
    );
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{stdout}");
    let words: Vec<&str> = stdout.split_whitespace().collect();
    let stdout = words.join(" ");
    for part in [
        "fc - 0.5 synchrony",
        "noise.sigma.x,noise.sigma.y 0.001 to 0.1 ms^-0.5, logarithmic",
        "coupling.g 0 to 2",
        "100 at most",
        "4 on 16 unseen seeds",
    ] {
        assert!(stdout.contains(part), "{part} is not in:\n{stdout}");
    }
    for (table, expected) in [
        ("[fit.free]\n\"coupling.g\" = 2\n", "a range"),
        ("[fit.free]\n\"coupling.g\" = \"0..2\"\n", "a range"),
        ("[fit]\nrunss = 3\n", "did you mean"),
        ("[fit]\nruns = -3\n", "fit.runs"),
        ("[fit]\nmethod = \"grid\"\n", "`cma`"),
        ("[fit]\nvalidate = \"1\"\n", "numbers of subjects"),
    ] {
        let (code, _, stderr) = with(table);
        assert_eq!(code, Some(2), "{table}: {stderr}");
        assert!(stderr.contains("table.toml"), "{table}: {stderr}");
        let plain = expected.trim_matches('`');
        assert!(stderr.contains(plain), "{table}: {stderr}");
    }
}

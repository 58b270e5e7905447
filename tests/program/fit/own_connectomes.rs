//! Subjects who each have a connectome of their own.

use super::*;

const OWN: &str = "
model = \"fitzhugh-nagumo\"
[connectome]
file = \"people/sub-*_weights.csv\"
functional = \"../truth-*/simulation.npz\"
[coupling]
conduction_speed = inf
[input]
x = 0.7
[noise]
kind = \"ornstein-uhlenbeck\"
sigma.x = 0.01
sigma.y = 0.01
[protocol]
duration = 250
transient = 50
";

/// The coupling with which the data of each subject are made.
const TRUTHS: [(&str, f64); 3] = [("01", 0.3), ("02", 0.75), ("03", 1.2)];

/// Three people with random networks of eight regions, in `own.toml`; the FC of each is made by the model with a coupling of its own and
/// the seed of the search.
pub(super) fn people() -> Home {
    let home = Home::new();
    let n = 8;
    std::fs::create_dir(home.at("people")).unwrap();
    let mut state = 7_u64;
    let mut random = || {
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (state >> 33) as f64 / (1_u64 << 31) as f64
    };
    for (name, _) in TRUTHS {
        let mut weights = vec![vec![0.0; n]; n];
        for i in 0..n {
            for j in 0..i {
                let weight = (random().powi(2) * 1e4).round() / 1e4;
                (weights[i][j], weights[j][i]) = (weight, weight);
            }
        }
        let rows = weights.iter().map(|row| {
            let row: Vec<String> = row.iter().map(f64::to_string).collect();
            row.join(",") + "\n"
        });
        let path = home.at(&format!("people/sub-{name}_weights.csv"));
        std::fs::write(path, rows.collect::<String>()).unwrap();
    }
    let bare = OWN.replace("functional", "# functional");
    std::fs::write(home.at("bare.toml"), bare).unwrap();
    for (name, g) in TRUTHS {
        let subject = format!("connectome.subject={name}");
        let g = format!("coupling.g={g}");
        let out = format!("truth-{name}");
        let words = [
            "--set",
            &subject,
            "--set",
            &g,
            "--set",
            "record.every=1",
            "--out",
            &out,
        ];
        home.json(&[&["simulate", "bare.toml", "--backend", "cpu"], &words[..]].concat());
    }
    std::fs::write(home.at("own.toml"), OWN).unwrap();
    home
}

/// A small fit of the coupling of each.
pub(super) fn each<'a>(out: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    small(out, &[more, &["--each-subject"]].concat())
}

/// One of the coupling of all but the second, with more runs.
pub(super) fn group<'a>(out: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut words = small(
        out,
        &[more, &["--replicas", "2", "--validate", "1"]].concat(),
    );
    let runs = words.iter().position(|word| *word == "56");
    words[runs.expect("so many runs")] = "128";
    words
}

/// A small fit of the coupling.
fn small<'a>(out: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let words = [
        "fit",
        "own.toml",
        "--free",
        "g=0.05:1.5",
        "--runs",
        "56",
        "--finalists",
        "2",
        "--held-out",
        "4",
        "--backend",
        "cpu",
        "--out",
        out,
    ];
    [&words[..], more].concat()
}

/// The whole numbers of a coordinate, which lies in one chunk.
fn coordinate(home: &Home, folder: &str, name: &str) -> Vec<i64> {
    let bytes = std::fs::read(home.at(folder).join(name).join("c.0")).unwrap();
    let numbers = bytes
        .chunks_exact(8)
        .map(|number| number.try_into().unwrap());
    numbers.map(i64::from_le_bytes).collect()
}

#[test]
fn each_subject_is_found_on_its_own_connectome_as_by_a_fit_of_its_own() {
    let home = people();
    let found = home.json(&each("each", &[]));
    let subjects = found["subjects"].as_array().unwrap();
    assert_eq!((subjects.len(), &found["best"]), (3, &Value::Null));
    let searched_for = coordinate(&home, "each", "searched_for");
    let [g, objective] = ["coupling.g", "objective"].map(|name| home.array("each", name));
    for (k, (name, truth)) in TRUTHS.into_iter().enumerate() {
        let own: Vec<usize> = (0..g.len())
            .filter(|&c| searched_for[c] == k as i64)
            .collect();
        let best = own
            .iter()
            .copied()
            .max_by(|&a, &b| objective[[a]].total_cmp(&objective[[b]]));
        let best = best.unwrap();
        // With the noise of the data the model is the data at the truth.
        assert!(objective[[best]] > 0.999, "{name}: {}", objective[[best]]);
        assert!((g[[best]] - truth).abs() < 0.02, "{name}: {}", g[[best]]);
        assert_eq!(subjects[k]["name"], name);

        let subject = format!("connectome.subject={name}");
        let out = format!("alone-{name}");
        let alone = home.json(&small(&out, &["--set", &subject]));
        assert_eq!(alone["best"]["held_out"], subjects[k]["best"]["held_out"]);
        assert_eq!(alone["best"]["point"], subjects[k]["best"]["point"]);
        for (array, all) in [("coupling.g", &g), ("objective", &objective)] {
            let beside: Vec<f64> = own.iter().map(|&c| all[[c]]).collect();
            assert_eq!(home.array(&out, array).into_raw_vec_and_offset().0, beside);
        }
        // The study that it leaves runs on the connectome of the subject, and scores what was held out.
        let study = format!("each/best-subject-{k}.toml");
        let seed = "protocol.seed=1";
        let run = home.json(&[
            "simulate",
            &study,
            "--set",
            seed,
            "--backend",
            "cpu",
            "--out",
            &format!("run-{k}"),
        ]);
        assert_eq!(run["scores"].as_array().unwrap().len(), 1);
    }
    let report = std::fs::read_to_string(home.at("each/report.md")).unwrap();
    for part in ["on its own connectome", "| 2 (03) |", "between seeds"] {
        assert!(report.contains(part), "{part:?} is not in\n{report}");
    }
    assert!(home.at("each/subjects_fc.png").exists() && !home.at("each/best.toml").exists());
}

#[test]
fn the_objective_of_a_group_is_the_mean_over_subjects_each_on_its_own_connectome() {
    let home = people();
    let found = home.json(&group("group", &[]));
    let (objective, score) = (
        home.array("group", "objective"),
        home.array("group", "score"),
    );
    let of_subject = home.array("group", "objective_of_subject");
    assert_eq!(coordinate(&home, "group", "subject"), [0, 2]);
    assert_eq!(score.shape(), [objective.len(), 2, 2]);
    for c in 0..objective.len() {
        let of = |subject: usize| (score[[c, subject, 0]] + score[[c, subject, 1]]) / 2.0;
        assert!((of_subject[[c, 0]] - of(0)).abs() < 1e-12);
        assert!((objective[[c]] - (of(0) + of(1)) / 2.0).abs() < 1e-12);
    }
    // A run of it is a simulation on the connectome of its subject.
    let g = home.array("group", "coupling.g");
    for (place, name) in [(0, "01"), (1, "03")] {
        let subject = format!("connectome.subject={name}");
        let g = format!("coupling.g={}", g[[5]]);
        let out = format!("one-{name}");
        let words = [
            "--set",
            &subject,
            "--set",
            &g,
            "--set",
            "record.every=1",
            "--seed",
            "1",
            "--out",
            &out,
        ];
        let run = home.json(&[&["simulate", "own.toml", "--backend", "cpu"], &words[..]].concat());
        // A fit takes sums of products in 32 bits, compensated; a simulation in 64.
        let off = run["scores"][0].as_f64().unwrap() - score[[5, place, 1]];
        assert!(off.abs() < 2e-6, "{name}: {off:.1e}");
    }
    let best = &found["best"];
    assert!(best["held_out"].is_f64() && best["validation"].is_f64());
    let report = std::fs::read_to_string(home.at("group/report.md")).unwrap();
    for part in [
        "each simulated on its own",
        "had no part in the fit (1 (02))",
        "connectome.subject=01",
    ] {
        assert!(report.contains(part), "{part:?} is not in\n{report}");
    }
}

#[test]
fn what_does_not_go_with_several_connectomes_is_refused() {
    let home = people();
    let weights = |text: &str| {
        std::fs::write(home.at("people/sub-04_weights.csv"), text).unwrap();
    };
    let free = ["--free", "g=0.05:1.5"];
    let refused = |words: &[&str], part: &str| {
        let (code, _, stderr) = home.run(words);
        assert!(code == Some(2) || code == Some(1), "{words:?}: {code:?}");
        assert!(
            stderr.contains(part),
            "{words:?}: {part:?} is not in\n{stderr}"
        );
    };
    refused(
        &["simulate", "own.toml"],
        "say whose it is: --set connectome.subject=01",
    );
    refused(
        &["sweep", "own.toml", "--vary", "g=0:1:3"],
        "only a fit takes them together",
    );
    refused(
        &["bifurcate", "own.toml", "--vary", "g=0:1"],
        "connectomes of 3 people (01, 02, 03)",
    );
    let with = |more: &[&'static str]| [&["fit", "own.toml"], &free[..], more].concat();
    refused(&with(&["--recover", "2"]), "say whose it is");
    refused(&with(&["--report", "hopf"]), "each subject has its own");
    refused(
        &with(&["--each-subject", "--validate", "1"]),
        "nothing would run",
    );
    refused(
        &with(&["--set", "connectome.subject=9"]),
        "no subject named \"9\"; known: 01, 02, 03",
    );
    refused(
        &[
            "fit",
            "mine.toml",
            "--free",
            "g=0:2",
            "--set",
            "connectome.subject=1",
        ],
        "names one connectome",
    );
    refused(
        &with(&["--set", "connectome.file=people/sub-*_*.csv"]),
        "has two *",
    );
    refused(
        &with(&["--set", "connectome.file=people/sub-*_sc.csv"]),
        "has no file like",
    );
    refused(
        &with(&["--set", "connectome.tract_lengths=sub-*_lengths.csv"]),
        "sub-01_lengths.csv",
    );
    weights("0,1\n1,0\n");
    refused(&with(&[]), "truth-04");
    std::fs::write(
        home.at("own.toml"),
        OWN.replace("functional", "# functional"),
    )
    .unwrap();
    refused(
        &with(&[]),
        "has 2 regions, and people/sub-01_weights.csv has 8",
    );
    weights(&"0,0,0,0,0,0,0,0\n".repeat(8));
    refused(&with(&[]), "has no connections");
}

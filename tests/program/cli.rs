//! Commands as a user types them, wrong ones too.

use std::process::{Command, Stdio};

use brainsweep::error::{DeviceError, Error};
use clap::CommandFactory;

use serde_json::Value;

/// `brainsweep ARGUMENTS` in a folder of its own, into which go the results that name no other.
fn command(arguments: &[&str]) -> (Command, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_brainsweep"));
    command.args(arguments).current_dir(folder.path());
    // Where it is missing, as in a container, nothing of a Vulkan driver's reaches the user.
    command.env_remove("XDG_RUNTIME_DIR");
    (command, folder)
}

/// Exit code, stdout and stderr of `brainsweep ARGUMENTS`.
fn brainsweep(arguments: &[&str]) -> (i32, String, String) {
    let (mut command, _folder) = command(arguments);
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// What a command that must succeed prints.
fn prints(arguments: &[&str]) -> String {
    let (code, stdout, stderr) = brainsweep(arguments);
    assert_eq!((code, stderr.as_str()), (0, ""), "{arguments:?}");
    stdout
}

#[test]
fn help_names_the_commands_and_the_studies_that_come_along() {
    let help = prints(&["--help"]);
    for part in [
        "models",
        "connectome",
        "score",
        "hcp_network",
        "hcp_bold",
        "wilson_cowan",
        "fitzhugh_nagumo",
        "Exit codes",
    ] {
        assert!(help.contains(part), "{part} is not in:\n{help}");
    }
}

/// The tables of models, couplings and monitors in `docs/` are the program's.
#[test]
fn the_documentation_lists_every_model_coupling_and_monitor() {
    let (models, couplings) = (
        include_str!("../../docs/models.md"),
        include_str!("../../docs/couplings.md"),
    );
    for model in brainsweep::model::MODELS.iter() {
        let states: Vec<&str> = model.states.iter().map(|state| state.name).collect();
        let row = format!(
            "| `{}` | {} | {} |",
            model.name,
            states.join(", "),
            model.summary
        );
        assert!(models.contains(&row), "docs/models.md lacks: {row}");
    }
    for form in brainsweep::coupling::FORMS.iter() {
        let row = format!("| `{}` | {} |", form.name, form.summary);
        assert!(couplings.contains(&row), "docs/couplings.md lacks: {row}");
    }
    let monitors = include_str!("../../docs/bold.md");
    for monitor in brainsweep::monitor::MONITORS.iter() {
        let row = format!("| `{}` | {} |", monitor.name, monitor.node.summary);
        assert!(monitors.contains(&row), "docs/bold.md lacks: {row}");
    }
    let n_rows = |page: &str| page.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(n_rows(models), brainsweep::model::MODELS.len(), "no others");
    assert_eq!(
        n_rows(couplings),
        brainsweep::coupling::FORMS.len(),
        "no others"
    );
    let readme = include_str!("../../README.md");
    let counts = format!(
        "It has {} **models** and {} **couplings**.",
        brainsweep::model::MODELS.len(),
        brainsweep::coupling::FORMS.len()
    );
    assert!(readme.contains(&counts), "README.md lacks: {counts}");
}

/// The table of measures in `docs/`, and the lists in the help texts.
#[test]
fn the_documentation_lists_every_measure() {
    use brainsweep::measure::{Kept, MEASURES};
    let page = include_str!("../../docs/studies.md");
    let help = ["simulate", "sweep"].map(|command| prints(&[command, "--help"]));
    for measure in MEASURES {
        let (name, meaning) = (measure.name, measure.long_name);
        let of_each = measure.shape.of_each();
        let row = format!("| `{name}` | {of_each} | {meaning} |");
        assert!(page.contains(&row), "docs/studies.md lacks: {row}");
        let is_row = |line: &str| line.trim_start().starts_with(name) && line.ends_with(meaning);
        assert!(help[0].lines().any(is_row), "{name}: {}", help[0]);
        let in_sweeps = help[1].lines().any(is_row);
        assert_eq!(in_sweeps, measure.shape.kept() != Kept::OnRequest, "{name}");
    }
}

#[test]
fn models_lists_every_model_and_shows_its_facts() {
    let list = prints(&["models"]);
    for model in brainsweep::model::MODELS.iter() {
        assert!(list.contains(model.name) && list.contains(model.summary));
        let shown = prints(&["models", "show", model.name]);
        assert!(
            model
                .equations
                .lines()
                .all(|line| shown.contains(line.trim_end())),
            "{shown}"
        );
        assert!(model.papers.iter().all(|paper| shown.contains(paper)));
        for parameter in &model.parameters {
            let row = shown.lines().find(|line| {
                line.split_whitespace().next() == Some(parameter.name)
                    && line.contains(parameter.meaning)
            });
            assert!(
                row.unwrap().contains(&parameter.default.to_string()),
                "{}",
                parameter.name
            );
        }
        let json: Value =
            serde_json::from_str(&prints(&["models", "show", model.name, "--json"])).unwrap();
        assert_eq!(
            json["parameters"].as_array().unwrap().len(),
            model.parameters.len()
        );
        assert!(prints(&["models", "show", model.name, "--wgsl"]).contains("fn update("));
    }
}

/// Each kind of failure ends the program with its own code, and says so on stderr: an error, and a hint where there is a way out.
#[test]
fn every_exit_code_is_given_for_what_the_help_says() {
    let help = prints(&["--help"]);
    let one_node = ["simulate", "fitzhugh_nagumo", "--set", "duration=5"];
    let diverges = [
        "--set",
        "x_ext=3e38",
        "--set",
        "parameters.gamma=3e38",
        "--set",
        "initial.x=3e38",
    ];
    let short = [
        "bifurcate",
        "wilson-cowan",
        "--vary",
        "x_ext=-2:6",
        "--no-cycles",
        "--step-min",
        "0.05",
        "--tolerance",
        "1e-15",
    ];
    let cases: &[(i32, Vec<&str>, &str)] = &[
        (0, one_node.to_vec(), ""),
        (
            2,
            vec!["simulate", "--set", "coupling.gg=1"],
            "did you mean coupling.g?",
        ),
        (2, vec!["simulate", "--no-such-flag"], "--no-such-flag"),
        (2, vec!["connectome", "show", "absent.npz"], "absent.npz"),
        (3, vec!["simulate", "--device", "no such device"], "error: "),
        (4, [&one_node[..], &diverges].concat(), "protocol.dt"),
        (4, short.to_vec(), "stopped short"),
        (
            5,
            [&one_node[..], &["--out", "/dev/null/run"]].concat(),
            "--out",
        ),
    ];
    for (code, arguments, says) in cases {
        let (found, _, stderr) = brainsweep(arguments);
        assert_eq!(found, *code, "{arguments:?}: {stderr}");
        assert!(stderr.contains(says), "{arguments:?}: {stderr}");
        assert_eq!(stderr.is_empty(), *code == 0, "{arguments:?}: {stderr}");
        assert!(
            help.contains(&format!("\n  {code:<5}")),
            "{code} is not in: {help}"
        );
    }
    // Those that no argument provokes: a bug, and Ctrl-C, which `tests/sweep` sends.
    let bug = DeviceError::Shader {
        problem: String::new(),
    };
    assert_eq!(
        (Error::from(bug).exit_code(), Error::Interrupted.exit_code()),
        (1, 130)
    );
    assert!(help.contains("\n  1    ") && help.contains("\n  130  "));
}

/// What is wrong in a study file is shown with its line and a caret, what is wrong in a flag with the flag.
#[test]
fn errors_in_files_and_flags_are_shown_with_carets() {
    let (mut command, folder) = command(&["simulate", "mine.toml"]);
    std::fs::write(folder.path().join("mine.toml"), "[protocol]\ndt = -0.1\n").unwrap();
    let output = command.output().unwrap();
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "error: mine.toml:2:6: protocol.dt is -0.1, but must be greater than 0\n  2 | dt = -0.1\n    |      ^^^^\n"
    );
    let (_, _, stderr) = brainsweep(&["simulate", "--set", "alhpa=3"]);
    assert_eq!(
        stderr,
        "error: unknown key alhpa\n  --set alhpa=3\n        ^^^^^\n\
         hint: did you mean parameters.alpha? `brainsweep keys` lists all keys\n"
    );
}

#[test]
fn a_model_that_is_not_there_is_answered_with_the_nearest() {
    let (code, stdout, stderr) = brainsweep(&["models", "show", "wilson-cowen"]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(
        stderr.starts_with("error: no model named \"wilson-cowen\"; known: ")
            && stderr.ends_with("\nhint: did you mean \"wilson-cowan\"?\n"),
        "{stderr}"
    );
}

#[test]
fn the_embedded_connectome_is_described_and_drawn() {
    let text = prints(&["connectome", "show"]);
    assert!(
        text.contains("regions      80") && text.contains("at 20 mm/ms"),
        "{text}"
    );
    let json: Value = serde_json::from_str(&prints(&[
        "connectome",
        "show",
        "--json",
        "--set",
        "speed=10",
        "--set",
        "normalise=max",
    ]))
    .unwrap();
    assert_eq!(
        (&json["n_nodes"], &json["n_subjects"]),
        (&80.into(), &7.into())
    );
    // The longest tract has 248.3468 mm.
    assert!((json["delays_ms"]["max"].as_f64().unwrap() - 24.83468).abs() < 1e-5);
    assert_eq!(json["weights"]["max"], 1.0);
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("new/pictures");
    let arguments = ["connectome", "show", "--out", out.to_str().unwrap()];
    prints(&arguments);
    for name in ["connectome.svg", "connectome.png", "manifest.json"] {
        assert!(out.join(name).metadata().unwrap().len() > 100, "{name}");
    }
    let (code, _, stderr) = brainsweep(&arguments);
    assert_eq!(code, 2);
    assert!(
        stderr.contains("exists already") && stderr.contains("--force"),
        "{stderr}"
    );
    prints(&[&arguments[..], &["--force"]].concat());
}

/// Keys of a connectome are set as everywhere, and short names mean those that serve here.
#[test]
fn a_connectome_is_read_as_its_keys_say() {
    let folder = tempfile::tempdir().unwrap();
    let arrays = folder.path().join("odd.npz");
    std::fs::create_dir(&arrays).unwrap();
    for (name, text) in [
        ("aa", "0,2\n1,0\n"),
        ("bb", "0,4\n1,0\n"),
        ("mm", "0,30\n30,0\n"),
    ] {
        std::fs::write(arrays.join(name).with_extension("csv"), text).unwrap();
    }
    let study = "connectome = { file = \"odd.npz\", weights = \"bb\" }\n";
    std::fs::write(folder.path().join("odd.toml"), study).unwrap();
    let run = |arguments: &[&str]| {
        let arguments = [&["connectome", "show"], arguments, &["--json"]].concat();
        let output = command(&arguments).0.current_dir(folder.path()).output();
        let output = output.unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{arguments:?}: {stderr}");
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    let aa = ["odd.npz", "--set", "weights=aa"];
    let lengths = [
        "--set",
        "tract_lengths=mm",
        "--set",
        "speed=10",
        "--set",
        "dt=0.5",
    ];
    let found = run(&[&aa[..], &lengths].concat());
    assert_eq!(found["weights"]["max"], 2.0);
    assert_eq!(found["delays_ms"]["max"], 3.0);
    assert_eq!(found["delay_steps"]["max"], 6.0);
    assert_eq!(run(&aa)["delays_ms"], Value::Null);
    assert_eq!(run(&["odd.toml"])["weights"]["max"], 4.0);
    let found = run(&["odd.toml", "--set", "connectome.weights=aa"]);
    assert_eq!(found["weights"]["max"], 2.0);
}

#[test]
fn wrong_commands_exit_with_2_and_say_what_is_wrong() {
    for (arguments, part) in [
        (&["simulte"][..], "simulte"),
        (&["connectome", "show", "absent.npz"], "absent.npz"),
        (&["connectome", "show", "--set", "speed=0"], "above 0"),
        (&["connectome", "show", "--set", "dt=fast"], "a number"),
        (
            &["connectome", "show", "--set", "weights=SC"],
            "connectome.file",
        ),
        (&["connectome", "show", "--set", "normalise=sum"], "row-sum"),
        (&["models", "show"], "<NAME|FILE>"),
    ] {
        let (code, stdout, stderr) = brainsweep(arguments);
        assert_eq!((code, stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(stderr.contains(part), "{part:?} is not in: {stderr}");
    }
}

#[test]
fn a_reader_that_stops_early_is_no_error() {
    let (mut command, _folder) = command(&["connectome", "show"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Closed long before the connectome is unpacked and described.
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        (output.status.code(), output.stderr.as_slice()),
        (Some(0), &b""[..])
    );
}

/// Every line of an example in a help text, as typed, in words.
fn examples(help: &str) -> Vec<Vec<String>> {
    let lines = help
        .lines()
        .filter_map(|line| line.strip_prefix("  brainsweep "));
    // Two spaces set off what an example is for, and the shell sends stdout to a file.
    let typed = lines.map(|line| line.split("  ").next().unwrap());
    let typed = typed.map(|line| line.split(" > ").next().unwrap());
    typed
        .map(|line| line.split(' ').map(|word| word.replace('\'', "")).collect())
        .collect()
}

/// The commands whose examples are run here, with the regions of the `mine.toml` beside them, and
/// what is appended to make their examples short: the words of an example stay as they are printed.
///
/// Those of `models` below its first page and of `couplings` are run in `models_command.rs` and
/// `couplings_command.rs`.
const WITH_EXAMPLES: [(&[&str], usize, &[&str]); 11] = [
    (&["simulate"], 2, &[]),
    // Hours of replicas: everything up to the first step.
    (&["sweep"], 13, &["--dry-run"]),
    // Minutes of candidates.
    (&["fit"], 13, &["--dry-run"]),
    (&["bifurcate"], 1, &[]),
    (&["phase-plane"], 13, &[]),
    (&["keys"], 2, &[]),
    (&["connectome", "show"], 2, &[]),
    (&["connectome", "import"], 2, &[]),
    (&["score"], 2, &[]),
    (&["models"], 2, &[]),
    (&["devices"], 2, &[]),
];

/// Minutes on a slow machine, and no flag makes them shorter: the branches of a whole network.
/// `bifurcate_network.rs` follows these branches over a part of the range.
fn is_long(example: &[String]) -> bool {
    example.len() > 1 && example[..2] == ["bifurcate", "hcp_network"]
}

#[test]
fn the_examples_of_every_help_work_when_typed() {
    let mut n_examples = 0;
    for (of, n_nodes, shorter) in WITH_EXAMPLES {
        let help = prints(&[of, &["--help"]].concat());
        assert!(
            help.lines().all(|line| line.chars().count() <= 100),
            "{help}"
        );
        let examples = examples(&help);
        assert!(
            of == ["devices"] || !examples.is_empty(),
            "no example in:\n{help}"
        );
        for example in examples.iter().filter(|example| !is_long(example)) {
            n_examples += 1;
            let mut arguments: Vec<&str> = example.iter().map(String::as_str).collect();
            // On a machine without a GPU the others still have to work.
            if let Some(at) = arguments.iter().position(|argument| *argument == "gpu") {
                arguments[at] = "auto";
            }
            let is_own = example[0] == of[0];
            // A script for Slurm is printed, and nothing runs.
            let is_short = arguments.contains(&"--slurm");
            if is_own && !is_short && !shorter.iter().any(|word| arguments.contains(word)) {
                arguments.extend(shorter);
            }
            let (mut command, folder) = command(&arguments);
            let weights = "0,1,1\n1,0,1\n1,1,0\n";
            std::fs::create_dir(folder.path().join("mine.npz")).unwrap();
            for name in ["SC", "tract_lengths"] {
                std::fs::write(folder.path().join(format!("mine.npz/{name}.csv")), weights)
                    .unwrap();
            }
            let bold: String = (0..20)
                .map(|k| format!("{},{},{}\n", k * k % 7, k * k * k % 11, 5 * k % 13))
                .collect();
            let fc = "1,0.5,0.3\n0.5,1,0.2\n0.3,0.2,1\n";
            for (name, numbers) in [("fc", fc), ("bold", &bold)] {
                std::fs::write(folder.path().join(format!("{name}.csv")), numbers).unwrap();
            }
            // Coupled, unless there is but one node.
            let rows = (0..n_nodes).map(|_| vec!["1"; n_nodes].join(",") + "\n");
            std::fs::write(folder.path().join("mine.csv"), rows.collect::<String>()).unwrap();
            let connectome = match n_nodes {
                1 => "nodes = 1",
                _ => "file = \"mine.csv\"",
            };
            let study = format!("[connectome]\n{connectome}\n[protocol]\nduration = 10\n");
            std::fs::write(folder.path().join("mine.toml"), study).unwrap();
            // What goes on from a saved point, or draws what was exported, needs that.
            let from = arguments.iter().find_map(|word| {
                let point = word.split_once("/branches.npz:").map(|(out, _)| out);
                point.or_else(|| word.strip_suffix("/b.branches"))
            });
            if let Some(out) = from {
                let (mut before, _) = self::command(&["bifurcate", arguments[1]]);
                before.args(["--vary", "x_ext=0:2", "--export", "auto", "--out", out]);
                let output = before.current_dir(folder.path()).output().unwrap();
                assert!(output.status.success(), "{output:?}");
            }
            let output = command.output().unwrap();
            assert!(output.status.success(), "{arguments:?}: {output:?}");
        }
    }
    assert!(n_examples >= 30, "{n_examples}");
}

/// A command that is new is run by the test above, or named here with its reason.
#[test]
fn no_command_is_forgotten_among_those_with_examples() {
    let command = brainsweep::cli::Cli::command();
    let names = command.get_subcommands().map(clap::Command::get_name);
    let tested = WITH_EXAMPLES.map(|(of, ..)| of[0]);
    // `bench` measures every kernel and the peak rate of the machine: minutes. The tests of
    // `couplings_command.rs` and `monitors_command.rs` run the examples of theirs; `status` looks at the stores of
    // others, which `sweep/queue.rs` makes.
    let exceptions = ["bench", "couplings", "monitors", "observe", "status"];
    for name in names {
        assert!(
            tested.contains(&name) || exceptions.contains(&name),
            "{name}"
        );
    }
}

#[test]
fn the_help_of_simulate_names_every_section_of_a_study() {
    let help = prints(&["simulate", "--help"]);
    let study = brainsweep::io::study::load(None, &[""; 0]).unwrap();
    let keys = brainsweep::io::study::to_json(&study);
    for section in keys.as_object().unwrap().keys() {
        // `name` has nothing to do with what runs; `files` and the checksum of the model's text are no keys.
        if !["name", "files", "model_text"].contains(&section.as_str()) {
            assert!(help.contains(section), "{section} is not in:\n{help}");
        }
    }
}

#[test]
fn a_device_that_is_not_there_is_not_timed() {
    let (code, stdout, stderr) = brainsweep(&["bench", "--device", "no such card"]);
    assert!(code == 3 && stdout.is_empty(), "{code} {stdout}");
    assert!(stderr.starts_with("error: no "), "{stderr}");
}

/// Every flag of every command that takes a value.
fn flags(command: &clap::Command, path: Vec<String>) -> Vec<(Vec<String>, String)> {
    let taking = |argument: &&clap::Arg| argument.get_action().takes_values();
    let own = command.get_arguments().filter(taking);
    let own =
        own.filter_map(|argument| Some((path.clone(), format!("--{}", argument.get_long()?))));
    let deeper = command.get_subcommands().flat_map(|below| {
        let path = [path.clone(), vec![below.get_name().into()]].concat();
        flags(below, path)
    });
    own.chain(deeper).collect()
}

#[test]
fn a_negative_value_is_answered_by_its_flag() {
    let all = flags(&brainsweep::cli::Cli::command(), Vec::new());
    assert!(all.len() > 40, "{all:?}");
    for (path, flag) in all {
        let mut arguments: Vec<&str> = path.iter().map(String::as_str).collect();
        arguments.push(match path[0].as_str() {
            "simulate" | "sweep" => "wilson_cowan",
            "bifurcate" | "phase-plane" => "wilson-cowan",
            _ => "--json",
        });
        // What is asked for beside it.
        let beside: &[&str] = match (path[0].as_str(), flag.as_str()) {
            ("bifurcate", "--vary") => &[],
            ("bifurcate", _) => &["--vary", "x_ext=0:1"],
            ("sweep", "--vary") => &["--dry-run"],
            ("sweep", "--shard") => &["--vary", "g=0:1:2", "--out", "z"],
            ("sweep", _) => &["--vary", "g=0:1:2", "--dry-run"],
            _ => &[],
        };
        arguments.extend(beside);
        arguments.extend([flag.as_str(), "-1"]);
        let (_, _, stderr) = brainsweep(&arguments);
        let first = stderr.lines().next().unwrap_or_default();
        assert!(
            !first.contains("unexpected argument"),
            "{arguments:?}: {stderr}"
        );
    }
    for (arguments, says) in [
        (
            &["simulate", "--seed", "-1"][..],
            "--seed <N>': expected a whole number",
        ),
        (
            &["simulate", "--threads", "-1"],
            "--threads <N>': -1 is not in 1..=1024",
        ),
        (
            &[
                "sweep", "--vary", "g=0:1:2", "--shard", "-1/2", "--out", "z",
            ],
            "--shard <K/N>': it is written K/N",
        ),
        (
            &["sweep", "--vary", "g=0:1:2", "--every", "-1"],
            "--every <MS>': expected a number above 0",
        ),
        (
            &["bifurcate", "wilson-cowan", "--vary", "-1:2"],
            "--vary -1:2\n",
        ),
        (
            &[
                "bifurcate",
                "wilson-cowan",
                "--vary",
                "x_ext=0:1",
                "--step-max",
                "-1",
            ],
            "--step-max <LENGTH>': expected a number above 0",
        ),
        (
            &[
                "bifurcate",
                "hcp_network",
                "--vary",
                "x_ext=0:1",
                "--cycles",
                "-1",
            ],
            "--cycles <N>': expected a whole number",
        ),
        (
            &["phase-plane", "wilson-cowan", "--duration", "-1"],
            "--duration <MS>': expected a number above 0",
        ),
        (&["bench", "--speed", "-1,2"], "speed"),
    ] {
        let (code, _, stderr) = brainsweep(arguments);
        assert!(
            code == 2 && stderr.contains(says),
            "{arguments:?}: {code} {stderr}"
        );
    }
}

/// Names may hold any byte; results are written and shown all the same.
#[cfg(target_os = "linux")]
#[test]
fn names_that_are_not_unicode_do_no_harm() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let odd = |ending: &[u8]| OsStr::from_bytes(&[b"\xff\xfe", ending].concat()).to_os_string();
    let study = "model = \"wilson-cowan\"\n[connectome]\nnodes = 1\n[protocol]\nduration = 5\n";
    let commands: &[&[&str]] = &[
        &["simulate", "FILE", "--json"],
        &[
            "sweep",
            "FILE",
            "--vary",
            "input.x=0:1:2",
            "--backend",
            "cpu",
            "--json",
        ],
        &[
            "bifurcate",
            "FILE",
            "--vary",
            "x_ext=0:1",
            "--no-cycles",
            "--json",
        ],
        &["phase-plane", "FILE", "--json"],
        &["connectome", "show", "MATRIX", "--json"],
    ];
    for words in commands {
        let (mut command, folder) = command(&[]);
        std::fs::write(folder.path().join(odd(b".toml")), study).unwrap();
        std::fs::write(folder.path().join(odd(b".csv")), "0,1\n1,0\n").unwrap();
        for word in *words {
            match *word {
                "FILE" => command.arg(odd(b".toml")),
                "MATRIX" => command.arg(odd(b".csv")),
                word => command.arg(word),
            };
        }
        let output = command.arg("--out").arg(odd(b"-out")).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{words:?}: {stderr}");
        let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(printed["out"].as_str().unwrap().contains("-out"));
        assert!(
            folder
                .path()
                .join(odd(b"-out"))
                .join("manifest.json")
                .exists()
        );
    }
}

#[test]
fn threads_are_bounded_and_a_machine_without_them_says_so() {
    let (code, _, stderr) = brainsweep(&["simulate", "--threads", "65535"]);
    assert!(
        code == 2 && stderr.contains("--threads") && stderr.contains("1..=1024"),
        "{stderr}"
    );
    // The memory of one thread's stack is not there.
    #[cfg(target_os = "linux")]
    for kilobytes in [32_000, 40_000, 64_000, 128_000] {
        let script =
            format!("ulimit -v {kilobytes}; exec \"$0\" simulate wilson_cowan --threads 1 --out o");
        let (_, folder) = command(&[]);
        let output = Command::new("bash")
            .args(["-c", &script, env!("CARGO_BIN_EXE_brainsweep")])
            .current_dir(folder.path())
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        let code = output.status.code();
        assert!(
            !stderr.contains("panicked"),
            "{kilobytes}: {code:?} {stderr}"
        );
    }
}

/// As tractography comes: one half, with self-connections.
#[test]
fn what_reading_changed_is_said_by_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    file("sc.csv", "7,5,1\n0,8,3\n0,0,0\n");
    file(
        "k.toml",
        "connectome.file = \"sc.csv\"\nprotocol.duration = 10\n",
    );
    file(
        "as_is.toml",
        "connectome = { file = \"sc.csv\", symmetric = \"as-is\" }\nprotocol.duration = 10\n",
    );
    let run = |arguments: &[&str]| {
        let mut command = command(arguments).0;
        let output = command.current_dir(folder.path()).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (text(output.stdout), text(output.stderr))
    };
    let said = |text: &str| {
        ["2 self-connections set to 0", "node 0, node 1", "mirrored"]
            .map(|part| text.contains(part))
    };
    let all = [true; 3];
    for arguments in [
        &["simulate", "k.toml", "--out", "a"][..],
        &[
            "sweep",
            "k.toml",
            "--vary",
            "g=1,2",
            "--backend",
            "cpu",
            "--out",
            "b",
        ],
        &["bifurcate", "k.toml", "--vary", "x_ext=0:0.1", "--out", "c"],
    ] {
        let (json, notes) = run(&[arguments, &["--json"]].concat());
        assert_eq!(said(&notes), all, "{arguments:?}: {notes}");
        assert_eq!(said(&json), all, "{arguments:?}: {json}");
    }
    // Of a sweep each run says what was read, since files may stand in different folders.
    let runs = std::fs::read_dir(folder.path().join("b/runs")).unwrap();
    let runs: Vec<_> = runs.map(|entry| entry.unwrap().path()).collect();
    assert_eq!(runs.len(), 1);
    let manifests = ["a/manifest.json", "c/manifest.json"].map(|path| folder.path().join(path));
    for manifest in manifests.iter().chain(&runs) {
        let text = std::fs::read_to_string(manifest).unwrap();
        assert_eq!(said(&text), all, "{}: {text}", manifest.display());
    }
    assert_eq!(said(&run(&["connectome", "show", "sc.csv"]).0), all);
    let (text, _) = run(&[
        "connectome",
        "show",
        "sc.csv",
        "--set",
        "symmetric=as-is",
        "--json",
    ]);
    assert_eq!(said(&text), [true, true, false]);
    let (_, notes) = run(&["simulate", "as_is.toml"]);
    assert_eq!(said(&notes), [true, true, false]);
}

//! Every complaint about a coupling's text, word by word.

use super::{fails, folder};

/// A coupling of these equations, with the parameters g and tau.
fn coupling(equations: &str) -> String {
    format!(
        "name = \"mine\"\nsummary = \"a test\"\nequations = \"\"\"\n{equations}\n\"\"\"\n\n[parameters]\n\
         g = {{ unit = \"1\", default = 1.0, meaning = \"global coupling\" }}\n\
         tau = {{ unit = \"ms\", default = 2.0, meaning = \"a time\" }}\n"
    )
}

/// (equations, what is said of them, the line that is shown, what is marked)
const EQUATIONS: &[(&str, &str, &str, &str)] = &[
    (
        "d = g*sum(x_j)",
        "3:13: `c = ...` is missing: what a node receives",
        "equations = \"\"\"",
        "\"\"\"",
    ),
    (
        "c = g*x_j + tau",
        "4:5: `x_j` is the sender's: it stands inside of `sum(...)` only",
        "c = g*x_j + tau",
        "g*x_j + tau",
    ),
    (
        "c = g*sum(x_j - x_i)/tau",
        "4:11: x_i and row_sum are the receiver's and stand outside of `sum(...)`",
        "c = g*sum(x_j - x_i)/tau",
        "x_j - x_i",
    ),
    (
        "c = g*sum(x_j*sum(x_j))/tau",
        "4:11: a sum within a sum",
        "c = g*sum(x_j*sum(x_j))/tau",
        "x_j*sum(x_j)",
    ),
    (
        "c = g*sum(tau)",
        "4:11: `sum` is of what senders transmit, x_j; the sum of the weights is called row_sum",
        "c = g*sum(tau)",
        "tau",
    ),
    (
        "u = v + 1\nv = u\nc = g*tau*sum(x_j) + u",
        "5:5: a circle: `u` needs `v` needs `u`",
        "v = u",
        "u",
    ),
    (
        "c = g*tau*sum(x_j, 2)",
        "4:11: `sum` takes one argument, 2 given",
        "c = g*tau*sum(x_j, 2)",
        "sum(x_j, 2)",
    ),
    (
        "F(a, b) = a*b\nc = g*tau*F(sum(x_j))",
        "5:11: `F` takes 2 arguments (a, b), 1 given",
        "c = g*tau*F(sum(x_j))",
        "F(sum(x_j))",
    ),
    (
        "c = tau*min(g)*sum(x_j)",
        "4:9: `min` takes two arguments, 1 given",
        "c = tau*min(g)*sum(x_j)",
        "min(g)",
    ),
    (
        "dx/dt = g*tau\nc = sum(x_j)",
        "4:1: a coupling has no states; write `x = ...`",
        "dx/dt = g*tau",
        "dx",
    ),
    (
        "x_j = g\nc = tau*sum(x_j)",
        "4:1: `x_j` means something in couplings; choose another name",
        "x_j = g",
        "x_j",
    ),
    (
        "sum(u) = u\nc = g*tau*sum(x_j)",
        "4:1: `sum` means something in couplings; choose another name",
        "sum(u) = u",
        "sum",
    ),
    (
        "c = g*delayed(x_i, tau)*sum(x_j)",
        "4:15: `x_i` is no state and no output",
        "c = g*delayed(x_i, tau)*sum(x_j)",
        "x_i",
    ),
    (
        "c = g*smu(x_j)*tau",
        "4:7: `smu` is no function; nearest is `sum`",
        "c = g*smu(x_j)*tau",
        "smu",
    ),
    (
        "c = g*tau*sum(x_j)/0",
        "4:20: division by a constant 0",
        "c = g*tau*sum(x_j)/0",
        "0",
    ),
];

/// What is wrong, and the line of the hint: of `FACT; WAY OUT`.
fn parts(said: &str) -> (&str, String) {
    match said.split_once("; ") {
        Some((what, hint)) => (what, format!("hint: {hint}\n")),
        None => (said, String::new()),
    }
}

#[test]
fn equations_that_make_no_sense_are_shown_with_what_is_wrong() {
    let folder = folder();
    for (equations, said, line, marked) in EQUATIONS {
        std::fs::write(folder.path().join("mine.toml"), coupling(equations)).unwrap();
        let message = fails(&["check", "mine.toml"], folder.path());
        let (number, place) = said.split_once(':').unwrap();
        let column: usize = place.split_once(':').unwrap().0.parse().unwrap();
        let margin = " ".repeat(number.len());
        let (what, hint) = parts(said);
        let expected = format!(
            "error: mine.toml:{what}\n  {number} | {line}\n  {margin} | {}{}\n{hint}",
            " ".repeat(column - 1),
            "^".repeat(marked.len())
        );
        assert_eq!(message, expected);
    }
}

/// (what is replaced, by what, what is said)
const TABLES: &[(&str, &str, &str)] = &[
    (
        "unit = \"ms\"",
        "unit = \"bananas\"",
        "mine.toml:9:16: \"bananas\" is no unit that is known here (in \"bananas\"); write ms, s, Hz, mV, nA, 1/ms, mV/ms and the like, or \"1\"",
    ),
    (
        "default = 2.0",
        "default = inf",
        "mine.toml:9:32: the default of `tau` lies outside its own range",
    ),
    (
        "default = 2.0, ",
        "",
        "mine.toml:9:1: `default` is missing in [parameters.tau]: its value where a study says none",
    ),
    (
        "tau = {",
        "x_j = {",
        "mine.toml:9:1: `x_j` means something in couplings; choose another name",
    ),
    (
        "tau = {",
        "n = {",
        "mine.toml:9:1: `n` means something in couplings; choose another name",
    ),
    (
        "tau = {",
        "source = {",
        "mine.toml:9:1: `source` is a key of [coupling] in studies; choose another name",
    ),
    (
        "tau = {",
        "pi = {",
        "mine.toml:9:1: `pi` means something to the language; choose another name",
    ),
    (
        "[parameters]",
        "[paramters]",
        "mine.toml:7:2: a coupling has no key `paramters`; nearest is `parameters`; its keys are name, summary, paper, notes, equations, parameters",
    ),
    (
        "name = \"mine\"",
        "name = \"My own\"",
        "mine.toml:1:8: a coupling's name is of lower case letters, digits and hyphens",
    ),
    (
        "name = \"mine\"\n",
        "",
        "mine.toml:1:1: `name` is missing: it is what studies and results call the coupling",
    ),
    (
        "summary = \"a test\"\n",
        "",
        "mine.toml:1:1: `summary` is missing: one line on what the coupling is",
    ),
    (
        "summary = \"a test\"",
        "summary = = 2",
        "mine.toml:2:11: not valid TOML: ",
    ),
];

#[test]
fn tables_that_make_no_sense_are_told_at_their_place() {
    let folder = folder();
    let right = coupling("c = g*sum(x_j)/tau");
    for (old, new, said) in TABLES {
        assert!(right.contains(old), "{old}");
        std::fs::write(folder.path().join("mine.toml"), right.replacen(old, new, 1)).unwrap();
        let message = fails(&["check", "mine.toml"], folder.path());
        let first = message.lines().next().unwrap();
        let (what, hint) = parts(said);
        let is_as_said = match what.ends_with(' ') {
            true => first.starts_with(&format!("error: {what}")),
            false => first == format!("error: {what}") && message.ends_with(&hint),
        };
        assert!(is_as_said, "{message}\nis not\n{said}");
    }
}

#[test]
fn what_is_no_coupling_is_told_what_it_is() {
    let folder = folder();
    let folder = folder.path();
    let write = |name: &str, text: &[u8]| std::fs::write(folder.join(name), text).unwrap();
    super::model(&["new", "model.toml"], folder);
    write("study.toml", b"model = \"wilson-cowan\"\n");
    write("bytes.toml", b"name = \"\xff\"\n");
    write("coupling.toml", coupling("c = g*sum(x_j)/tau").as_bytes());
    std::fs::create_dir(folder.join("folder.d")).unwrap();
    for (given, said) in [
        (
            "linar",
            "no coupling named \"linar\"; known: diffusive, additive, linear, scaling, sigmoidal, sigmoidal-jansen-rit, pre-sigmoidal, hyperbolic-tangent, kuramoto\nhint: did you mean \"linear\"?",
        ),
        (
            "wilson-cowan",
            "\"wilson-cowan\" is a model, not a coupling\nhint: `brainsweep models show wilson-cowan` shows it",
        ),
        (
            "model.toml",
            "model.toml: is the text of a model, not of a coupling\nhint: `brainsweep models check model.toml` reads it, and studies name it by model = \"model.toml\"",
        ),
        (
            "study.toml",
            "study.toml: is a study, not the text of a coupling\nhint: `brainsweep simulate study.toml` runs it",
        ),
        (
            "bytes.toml",
            "bytes.toml: is no text in UTF-8\nhint: a coupling is a TOML text; `brainsweep couplings new FILE` writes one to start from",
        ),
        (
            "folder.d",
            "folder.d: is a folder\nhint: a coupling is a TOML text; `brainsweep couplings new FILE` writes one to start from",
        ),
        (
            "absent.toml",
            "cannot read absent.toml: No such file or directory (os error 2)",
        ),
    ] {
        for command in ["show", "check"] {
            assert_eq!(fails(&[command, given], folder), format!("error: {said}\n"));
        }
        assert_eq!(
            fails(&["eval", given, "--at", "1"], folder),
            format!("error: {said}\n")
        );
    }
    // The other way round.
    for (command, arguments, said) in [
        (
            "models",
            &["check", "coupling.toml"][..],
            "coupling.toml: is the text of a coupling, not of a model\nhint: `brainsweep couplings check coupling.toml` reads it, and studies name it by coupling.kind = \"coupling.toml\"",
        ),
        (
            "models",
            &["show", "study.toml"],
            "study.toml: is a study, not the text of a model\nhint: `brainsweep simulate study.toml` runs it",
        ),
        (
            "models",
            &["show", "diffusive"],
            "\"diffusive\" is a coupling, not a model\nhint: `brainsweep couplings show diffusive` shows it",
        ),
        (
            "models",
            &["show", "folder.d"],
            "folder.d: is a folder\nhint: a model is a TOML text; `brainsweep models new FILE` writes one to start from",
        ),
        (
            "simulate",
            &["model.toml"],
            "model.toml: is the text of a model, not a study\nhint: a study is another file, in which the line model = \"model.toml\" names this one; `brainsweep models check model.toml` says what it is",
        ),
        (
            "simulate",
            &["coupling.toml", "--dry-run"],
            "coupling.toml: is the text of a coupling, not a study\nhint: a study is another file, in which the line coupling.kind = \"coupling.toml\" names this one; `brainsweep couplings check coupling.toml` says what it is",
        ),
        (
            "sweep",
            &["coupling.toml", "--vary", "g=0:1:2"],
            "coupling.toml: is the text of a coupling, not a study\nhint: a study is another file, in which the line coupling.kind = \"coupling.toml\" names this one; `brainsweep couplings check coupling.toml` says what it is",
        ),
        (
            "simulate",
            &["jansen-rit"],
            "\"jansen-rit\" is a model, not a study\nhint: a study names it by model = \"jansen-rit\", and `brainsweep models show jansen-rit` shows it",
        ),
        (
            "simulate",
            &["diffusive"],
            "\"diffusive\" is a coupling, not a study\nhint: a study names it by coupling.kind = \"diffusive\", and `brainsweep couplings show diffusive` shows it",
        ),
        (
            "phase-plane",
            &["diffusive"],
            "\"diffusive\" is a coupling, not a model\nhint: `brainsweep couplings show diffusive` shows it",
        ),
        (
            "bifurcate",
            &["coupling.toml", "--vary", "g=0:1"],
            "coupling.toml: is the text of a coupling, not of a model\nhint: `brainsweep couplings check coupling.toml` reads it, and studies name it by coupling.kind = \"coupling.toml\"",
        ),
    ] {
        let (code, stdout, stderr) = super::program::run(&[command], arguments, folder);
        assert_eq!(
            (code, stdout.as_str()),
            (Some(2), ""),
            "{command} {arguments:?}"
        );
        assert_eq!(stderr, format!("error: {said}\n"));
    }
}

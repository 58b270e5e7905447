//! What data/couplings/README.md says is so.

use std::path::Path;

use brainsweep::coupling::Form;
use brainsweep::io::npz;
use brainsweep::io::study;

use super::{folder, prints, program};

const README: &str = include_str!("../../../data/couplings/README.md");

/// The fenced blocks of this language, in order.
fn blocks(language: &str) -> Vec<&'static str> {
    let begin = format!("```{language}\n");
    let blocks = README.split(&begin).skip(1);
    blocks
        .map(|block| block.split("```").next().unwrap())
        .collect()
}

/// The files of the worked example.
fn example(folder: &Path) {
    let toml = blocks("toml");
    let [.., synapse, neurons] = toml[..] else {
        panic!("the example");
    };
    for (name, text) in [
        ("synapse.toml", synapse),
        ("neurons.toml", neurons),
        ("ring.csv", blocks("csv")[0]),
    ] {
        std::fs::write(folder.join(name), text).unwrap();
    }
}

#[test]
fn the_first_example_is_the_diffusive_coupling() {
    let form = Form::read("README.md", blocks("toml")[0]).unwrap();
    let ours = brainsweep::coupling::find("diffusive").unwrap();
    assert_eq!((form.name, form.equations), (ours.name, ours.equations));
}

#[test]
fn the_worked_example_checks_and_synchronises() {
    let folder = folder();
    let folder = folder.path();
    example(folder);
    assert_eq!(
        prints(&["check", "synapse.toml"], folder),
        blocks("text")[0]
    );
    let fc = |g: &str, out: &str| {
        let set = format!("coupling.g={g}");
        let (code, _, stderr) = program::run(
            &["simulate"],
            &["neurons.toml", "--set", &set, "--out", out],
            folder,
        );
        assert_eq!(code, Some(0), "{stderr}");
        npz::read_f64(&folder.join(out).join("simulation.npz"), "fc").unwrap()
    };
    let off_diagonal = |fc: &ndarray::ArrayD<f64>| -> Vec<f64> {
        let pairs = (0..4).flat_map(|i| (0..i).map(move |j| [i, j]));
        pairs.map(|[i, j]| fc[[i, j]]).collect()
    };
    let (weak, strong) = (
        off_diagonal(&fc("0.1", "weak")),
        off_diagonal(&fc("1", "strong")),
    );
    assert!(weak.iter().all(|fc| *fc < 0.95), "{weak:?}");
    assert!(strong.iter().all(|fc| *fc > 0.999), "{strong:?}");
}

#[test]
fn the_studies_read() {
    let folder = folder();
    let folder = folder.path();
    prints(&["new", "mine.toml"], folder);
    std::fs::write(folder.join("weights.csv"), "0,1,2\n0.5,0,1\n1,1,0\n").unwrap();
    let fragments: Vec<&str> = blocks("toml")
        .into_iter()
        .filter(|block| block.contains("[coupling]") && !block.contains("model ="))
        .collect();
    assert_eq!(fragments.len(), 2);
    let names: Vec<Vec<String>> = fragments
        .into_iter()
        .map(|fragment| {
            // The matrix alone has no lengths.
            let fragment = fragment.replace("conduction_speed = 3.0", "conduction_speed = inf");
            let text = format!("connectome.file = \"weights.csv\"\n{fragment}");
            let study = study::parse(&text, "study.toml", folder, &[] as &[&str]).unwrap();
            study
                .coupling
                .terms
                .into_iter()
                .map(|term| term.name)
                .collect()
        })
        .collect();
    assert_eq!(names, [vec!["mine"], vec!["long", "local"]]);
}

#[test]
fn every_error_of_its_table_is_one_of_the_program() {
    let source = ["src/coupling", "src/language", "src/io", "src/plan"]
        .map(text_of)
        .concat();
    let table = README.split("| it says | do this |").nth(1).unwrap();
    let rows: Vec<&str> = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with("| "))
        .collect();
    assert!(rows.len() > 12);
    for row in rows {
        let cell = row.split('|').nth(1).unwrap().replace("(a warning)", "");
        let said = cell.trim().trim_matches('`').trim();
        // What is fixed of it: the longest piece between names and numbers.
        let pieces = said.split(['`', '"', '(']);
        let fixed = pieces.max_by_key(|piece| piece.len()).unwrap();
        let fixed = fixed
            .trim()
            .trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
        let fixed = fixed
            .replace("takes 2 arguments", "takes ")
            .replace("a model, not of a coupling", "");
        assert!(source.contains(fixed.trim_end()), "{fixed:?} of {said:?}");
    }
}

/// All of the source in a folder.
fn text_of(folder: &str) -> String {
    let mut text = String::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                text += &std::fs::read_to_string(path).unwrap();
            }
        }
    }
    text
}

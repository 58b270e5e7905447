//! The pages of `docs/`: every page has its place in the book, every link leads somewhere, and the page of a command is its help.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What to read beside the help of a command.
const GUIDES: &[(&str, &str)] = &[
    ("simulate", "../studies.md"),
    ("sweep", "../sweeps.md"),
    ("fit", "../fit.md"),
    ("status", "../clusters.md"),
    ("bifurcate", "../bifurcations.md"),
    ("phase-plane", "../bifurcations.md#phase-planes"),
    ("models", "../models.md"),
    ("couplings", "../couplings.md"),
    ("monitors", "../bold.md"),
    ("observe", "../bold.md"),
    ("keys", "../keys.md"),
    ("connectome", "../data.md"),
    ("score", "../data.md#functional-data"),
    ("devices", "../gpu.md"),
    ("bench", "../methods.md#kernels"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn help(words: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_brainsweep"))
        .args(words)
        .arg("--help")
        .output()
        .unwrap();
    assert!(output.status.success(), "{words:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The names under "Commands:" of a help text.
fn commands(help: &str) -> Vec<String> {
    let list = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    list.take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(String::from)
        .collect()
}

fn page(command: &str, guide: &str) -> String {
    let text = help(&[command]);
    let mut page = format!(
        "# brainsweep {command}\n\nGuide: [{0}]({guide})\n",
        &guide[3..]
    );
    page += &format!("\n```text\n{}\n```\n", text.trim_end());
    for sub in commands(&text) {
        let text = help(&[command, &sub]);
        page += &format!(
            "\n## {command} {sub}\n\n```text\n{}\n```\n",
            text.trim_end()
        );
    }
    page
}

#[test]
fn the_page_of_a_command_is_its_help() {
    let names = commands(&help(&[]));
    let guided: Vec<&str> = GUIDES.iter().map(|(name, _)| *name).collect();
    for name in &names {
        assert!(guided.contains(&name.as_str()), "{name} has no guide");
    }
    for (name, guide) in GUIDES {
        assert!(names.iter().any(|other| other == name), "no command {name}");
        let path = root().join(format!("docs/commands/{name}.md"));
        let now = page(name, guide);
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&path, &now).unwrap();
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == now,
            "{} is old: UPDATE=1 cargo test --release --test program book",
            path.display()
        );
    }
}

/// All pages for readers.
fn pages() -> Vec<PathBuf> {
    let mut pages: Vec<PathBuf> = [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "RELEASING.md",
        "data/README.md",
        "data/models/README.md",
        "data/couplings/README.md",
        "data/monitors/README.md",
        "benches/RESULTS.md",
        "tests/README.md",
    ]
    .map(|page| root().join(page))
    .to_vec();
    for folder in ["docs", "docs/commands"] {
        let files = fs::read_dir(root().join(folder)).unwrap();
        let files = files.map(|entry| entry.unwrap().path());
        pages.extend(files.filter(|path| path.extension().is_some_and(|end| end == "md")));
    }
    pages
}

/// The lines of a page outside of blocks of code.
fn prose(page: &Path) -> Vec<String> {
    let text = fs::read_to_string(page).unwrap_or_else(|error| panic!("{page:?}: {error}"));
    let mut is_code = false;
    let mut lines = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        } else if !is_code {
            lines.push(line.to_string());
        }
    }
    lines
}

/// The targets of the links of a page.
fn links(page: &Path) -> Vec<String> {
    let text = prose(page).join("\n");
    let parts = text.split("](").skip(1);
    parts
        .filter_map(|part| part.split_once(')'))
        .map(|(target, _)| target.to_string())
        .collect()
}

/// The anchors of a page, as GitHub and mdBook make them of headings.
fn anchors(page: &Path) -> BTreeSet<String> {
    let lines = prose(page);
    let headings = lines.iter().filter(|line| line.starts_with('#'));
    headings
        .map(|line| {
            let heading = line.trim_start_matches('#').trim().to_lowercase();
            let kept = heading
                .chars()
                .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
            kept.map(|c| if c == ' ' { '-' } else { c }).collect()
        })
        .collect()
}

#[test]
fn every_link_leads_to_a_file_and_a_heading() {
    let mut n_links = 0;
    let mut broken = Vec::new();
    for page in pages() {
        for link in links(&page) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            n_links += 1;
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = if file.is_empty() {
                page.clone()
            } else {
                page.parent().unwrap().join(file)
            };
            let is_page = target.extension().is_some_and(|end| end == "md");
            if !target.exists()
                || (!anchor.is_empty() && is_page && !anchors(&target).contains(anchor))
            {
                broken.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
    assert!(n_links > 150, "{n_links}");
}

#[test]
fn every_page_has_its_place_in_the_book() {
    let summary = root().join("docs/SUMMARY.md");
    let docs = root().join("docs");
    let listed: BTreeSet<PathBuf> = links(&summary)
        .iter()
        .map(|link| docs.join(link).canonicalize().unwrap())
        .collect();
    for page in pages() {
        if page.starts_with(&docs) && page != summary {
            assert!(
                listed.contains(&page.canonicalize().unwrap()),
                "{}",
                page.display()
            );
        }
    }
}

//! The table "Who may use whom" in `src/lib.rs` is true.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn source_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            source_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The rows of the table: module to the modules it may use; `None` means everything.
fn rules() -> BTreeMap<String, Option<Vec<String>>> {
    let lib = include_str!("../../src/lib.rs");
    let table = lib.split("# Who may use whom").nth(1).unwrap();
    let names = |cell: &str| -> Vec<String> {
        let before_remark = cell.split(';').next().unwrap_or_default();
        before_remark
            .split('`')
            .skip(1)
            .step_by(2)
            .map(String::from)
            .collect()
    };
    let mut rules: BTreeMap<String, Option<Vec<String>>> = BTreeMap::new();
    for line in table.lines().filter(|line| line.starts_with("//! | `")) {
        let cells: Vec<&str> = line.split('|').collect();
        for module in names(cells[1]) {
            let allowed = if cells[2].contains("every ") && cells[2].contains(" above") {
                let above = rules.keys().cloned().collect();
                Some(above)
            } else if cells[2].contains("everything") {
                None
            } else {
                Some(names(cells[2]))
            };
            rules.insert(module, allowed);
        }
    }
    rules
}

/// Each mention of `crate::module` in code (not in comments), with its line.
fn uses(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default();
        for part in code.split("crate::").skip(1) {
            // `crate::{a, b::c}` or `crate::a::b`; a macro of ours may name the crate as `$crate`.
            let listed = part
                .strip_prefix('{')
                .and_then(|list| list.split('}').next());
            for path in listed.unwrap_or(part).split(',').take(if listed.is_some() {
                usize::MAX
            } else {
                1
            }) {
                let name = |c: &char| c.is_alphanumeric() || *c == '_';
                found.push((number + 1, path.trim().chars().take_while(name).collect()));
            }
        }
    }
    found
}

#[test]
fn modules_use_only_what_the_table_allows() {
    let rules = rules();
    assert!(rules.len() > 12, "the table was read: {rules:?}");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    source_files(&root, &mut files);
    let mut checked = 0;
    for file in files {
        let relative = file.strip_prefix(&root).unwrap();
        let module = relative
            .iter()
            .next()
            .unwrap()
            .to_string_lossy()
            .replace(".rs", "");
        if module == "lib" || module == "main" {
            continue;
        }
        let allowed = rules
            .get(&module)
            .unwrap_or_else(|| panic!("{module} has no row in the table of lib.rs"));
        let text = fs::read_to_string(&file).unwrap();
        // Tests may use what they like: at the end of a file, or in one of their own.
        let code = match file.file_name().is_some_and(|name| name == "tests.rs") {
            true => "",
            false => text.split("#[cfg(test)]").next().unwrap(),
        };
        for (line, used) in uses(code) {
            // The root gives `Control` and its kin by their own names.
            let used = match used.as_str() {
                "Control" | "Progress" | "Reached" => "control".into(),
                _ => used,
            };
            let free =
                ["error", "word", "Error", "Result"].contains(&used.as_str()) || used == module;
            let fine = free
                || allowed
                    .as_ref()
                    .is_none_or(|allowed| allowed.contains(&used));
            assert!(
                fine,
                "{}:{line}: {module} may not use {used}",
                relative.display()
            );
            checked += 1;
        }
        let of_backend = |name: &str| relative.starts_with(Path::new("backend").join(name));
        assert!(
            !(of_backend("cpu") && code.contains("gpu::")),
            "{} uses the gpu backend",
            relative.display()
        );
        assert!(
            !(of_backend("gpu") && code.contains("cpu::")),
            "{} uses the cpu backend",
            relative.display()
        );
        for (crate_name, home) in [
            ("hdf5_pure::", "io/formats"),
            ("flate2::", "io/formats"),
            ("bzip2::", "io/formats"),
            ("roxmltree::", "io/formats"),
            ("wgpu::", "backend/gpu"),
            ("naga::", "backend/gpu"),
            ("use ash::", "backend/gpu"),
            ("clap::", "cli"),
            ("std::fs", "io"),
        ] {
            let at_home = relative.starts_with(home);
            assert!(
                at_home || !code.contains(crate_name),
                "{} uses {crate_name}",
                relative.display()
            );
        }
    }
    assert!(checked > 100, "only {checked} uses were found");
}

/// The rows of the table of floors in `src/continuation/mod.rs`: floor to the floors it may use.
fn floors() -> BTreeMap<String, Vec<String>> {
    let table = include_str!("../../src/continuation/mod.rs")
        .split("| floor |")
        .nth(1)
        .unwrap();
    let names = |text: &str| -> Vec<String> {
        text.split('`')
            .skip(1)
            .step_by(2)
            .map(String::from)
            .collect()
    };
    let rows = table
        .lines()
        .skip_while(|line| !line.starts_with("//! | `"));
    let mut floors: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in rows.take_while(|line| line.starts_with("//! | `")) {
        let cells: Vec<&str> = row.split('|').collect();
        let named = names(cells[3]);
        let allowed = match cells[3].contains("the floors above") {
            true => floors
                .keys()
                .filter(|above| !named.contains(above))
                .cloned()
                .collect(),
            false => named,
        };
        for floor in names(cells[1]) {
            floors.insert(floor, allowed.clone());
        }
    }
    floors
}

/// The floors that a file of `floor` names: by `crate::continuation`, or by as many `super` as lead there.
fn floors_used(file: &Path, code: &str, known: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let inside = file.components().count();
    let depth = if file.ends_with("mod.rs") {
        inside - 1
    } else {
        inside
    };
    let mut roots = vec![String::from("crate::continuation::")];
    roots.push("super::".repeat(depth));
    let name = |c: &char| c.is_alphanumeric() || *c == '_';
    let mut used = Vec::new();
    for root in roots {
        for (at, _) in code.match_indices(&root) {
            // `super::super::x` also holds `super::x`, which is another module.
            if code[..at].ends_with("::") {
                continue;
            }
            let path = &code[at + root.len()..];
            let list = path
                .strip_prefix('{')
                .and_then(|list| list.split('}').next());
            let paths = list.map_or(vec![path], |list| list.split(',').collect());
            let names = paths
                .into_iter()
                .map(|path| path.trim().chars().take_while(name).collect::<String>());
            used.extend(names.filter(|name| known.contains_key(name)));
        }
    }
    used
}

#[test]
fn floors_of_continuation_use_only_what_their_table_allows() {
    let floors = floors();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/continuation");
    let mut files = Vec::new();
    source_files(&root, &mut files);
    let mut checked = 0;
    for file in files {
        let relative = file.strip_prefix(&root).unwrap();
        let floor = relative.iter().next().unwrap().to_string_lossy();
        let floor = floor.trim_end_matches(".rs").to_string();
        if floor == "mod" {
            continue;
        }
        let allowed = floors
            .get(&floor)
            .unwrap_or_else(|| panic!("{floor} has no row in the table of continuation/mod.rs"));
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        let code: Vec<&str> = code
            .lines()
            .map(|line| line.split("//").next().unwrap_or_default())
            .collect();
        for used in floors_used(relative, &code.join("\n"), &floors) {
            assert!(
                used == floor || allowed.contains(&used),
                "{}: {floor} may not use {used}",
                relative.display()
            );
            checked += 1;
        }
    }
    assert!(checked > 200, "only {checked} uses were found");
}

/// A command parses, calls the library and prints; what is longer holds logic that others could use.
#[test]
fn commands_are_short() {
    let mut files = Vec::new();
    let cli = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli");
    source_files(&cli, &mut files);
    assert!(files.len() > 20, "{files:?}");
    for file in files {
        let n_lines = fs::read_to_string(&file).unwrap().lines().count();
        assert!(n_lines <= 150, "{} has {n_lines} lines", file.display());
    }
}

//! Looking for an array in a tree: by its role, by a name that is given, among files.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use super::parts::{Found, found};
use super::roles::{Role, is_doubtful, key};
use crate::io::formats::{Leaf, Tree, files, folders, has_known_ending, stem};
use crate::{Error, Result};

/// The leaves of a tree, looked at by role.
pub(super) struct Search<'a> {
    tree: &'a Tree,
    /// The role of each leaf, by its name.
    roles: Vec<Option<Role>>,
    /// What was found and taken.
    used: RefCell<Vec<Leaf>>,
}

impl<'a> Search<'a> {
    pub(super) fn new(tree: &'a Tree) -> Self {
        let leaves = &tree.leaves;
        let exact = |leaf: &Leaf| {
            let name = key(&leaf.name);
            Role::ALL.into_iter().find(|role| role.is_named(name))
        };
        let mut roles: Vec<Option<Role>> = leaves.iter().map(exact).collect();
        // Parts of names count for what no whole name is given to.
        let taken: Vec<Role> = roles.iter().flatten().copied().collect();
        for (leaf, role) in leaves.iter().zip(&mut roles) {
            let free = Role::ALL.into_iter().filter(|role| !taken.contains(role));
            let is_part = |role: &Role| role.is_part_of(&leaf.name) && !is_doubtful(&leaf.name);
            *role = role.or_else(|| free.into_iter().find(is_part));
        }
        let used = RefCell::default();
        Self { tree, roles, used }
    }

    pub(super) fn tree(&self) -> &'a Tree {
        self.tree
    }

    /// Notes that a leaf is used.
    pub(super) fn take(&self, leaf: &Leaf) -> Leaf {
        self.used.borrow_mut().push(leaf.clone());
        leaf.clone()
    }

    fn of(&self, role: Role) -> Vec<&'a Leaf> {
        let leaves = self.tree.leaves.iter().zip(&self.roles);
        let leaves = leaves.filter(|(_, found)| **found == Some(role));
        leaves.map(|(leaf, _)| leaf).collect()
    }

    /// The leaf to read: the one whose name is given, or the only one of the usual names, if there is any.
    pub(super) fn pick(&self, role: Role, given: Option<&str>) -> Result<Option<Leaf>> {
        if let Some(name) = given {
            return self.named(name, role).map(Some);
        }
        let mut found = self.of(role);
        if found.len() > 1 && role == Role::Weights {
            // `weights.csv` of MRtrix may be a vector, one number for each streamline.
            let is_square = |leaf: &&Leaf| leaf_is_square(leaf);
            let square: Vec<&Leaf> = found.iter().copied().filter(is_square).collect();
            if square.len() == 1 {
                found = square;
            }
        }
        match &found[..] {
            [] => Ok(None),
            [one] => Ok(Some(self.take(one))),
            several => Err(self.ambiguous(role, several)),
        }
    }

    fn ambiguous(&self, role: Role, several: &[&Leaf]) -> Error {
        let names: Vec<&str> = several.iter().map(|leaf| leaf.name.as_str()).collect();
        let problem = format!("{} may be any of {}", role.what(), names.join(", "));
        Error::data_hint(&self.tree.path, problem, "name the one that is meant")
    }

    /// All leaves of a role: one under a whole name, or one file for each person.
    pub(super) fn all(&self, role: Role) -> Result<Vec<Leaf>> {
        let found = self.of(role);
        let is_whole = |leaf: &&&Leaf| role.is_named(key(&leaf.name));
        match found.iter().filter(is_whole).count() > 1 {
            true => Err(self.ambiguous(role, &found)),
            false => Ok(found.into_iter().map(|leaf| self.take(leaf)).collect()),
        }
    }

    /// The leaf that is called `name`, a file of that name, or the only leaf with these words in its name.
    pub(super) fn named(&self, name: &str, role: Role) -> Result<Leaf> {
        let leaves = &self.tree.leaves;
        let exact = leaves
            .iter()
            .find(|leaf| leaf.name == name || leaf.name.strip_suffix(".npy") == Some(name));
        if let Some(leaf) = exact.or_else(|| {
            leaves
                .iter()
                .find(|leaf| leaf.name.eq_ignore_ascii_case(name))
        }) {
            return Ok(self.take(leaf));
        }
        let path = self.folder().join(name);
        if leaves.is_empty() || path.exists() || has_known_ending(Path::new(name)) {
            return Ok(self.take(&self.in_file(&path, role)?));
        }
        let has = |leaf: &&Leaf| has_words(&leaf.name, name);
        let found: Vec<&Leaf> = leaves.iter().filter(has).collect();
        match &found[..] {
            [one] => Ok(self.take(one)),
            [] => {
                let what = format!("array in {}", self.tree.path.display());
                let names = leaves.iter().map(|leaf| leaf.name.as_str());
                Err(Error::unknown(&what, name, names))
            }
            several => Err(self.ambiguous(role, several)),
        }
    }

    /// The leaf of a file: the only one, or the only one of that role.
    fn in_file(&self, path: &Path, role: Role) -> Result<Leaf> {
        let tree = Tree::open(path)?;
        if let [leaf] = &tree.leaves[..] {
            return Ok(leaf.clone());
        }
        let leaf = Search::new(&tree).pick(role, None)?;
        leaf.ok_or_else(|| {
            let problem = format!(
                "holds no {} under a usual name, only {}",
                role.what(),
                tree.names().join(", ")
            );
            Error::data(path, problem)
        })
    }

    /// The leaves whose names fit a pattern, or the files whose names do.
    pub(super) fn matching(&self, pattern: &str, role: Role) -> Result<Vec<Leaf>> {
        let mut found: Vec<Leaf> = self.tree.leaves.clone();
        found.retain(|leaf| fits(pattern, &leaf.name));
        if !found.is_empty() {
            return Ok(found.iter().map(|leaf| self.take(leaf)).collect());
        }
        let path = self.folder().join(pattern);
        let (folder, pattern) = (path.parent().unwrap_or(Path::new("")), path.file_name());
        let pattern = pattern.unwrap_or_default().to_string_lossy().into_owned();
        let folder = match folder.as_os_str().is_empty() {
            true => Path::new("."),
            false => folder,
        };
        for folder in folders_like(folder)? {
            for file in files(&folder)? {
                let name = file.file_name().unwrap_or_default().to_string_lossy();
                if fits(&pattern, &name) {
                    found.push(self.take(&self.in_file(&file, role)?));
                }
            }
        }
        match found.is_empty() {
            true => Err(Error::data(folder, format!("has no file like {pattern:?}"))),
            false => Ok(found),
        }
    }

    /// The folder that names of files are relative to.
    fn folder(&self) -> PathBuf {
        match self.tree.path.is_dir() {
            true => self.tree.path.clone(),
            false => self.tree.path.parent().unwrap_or(Path::new("")).into(),
        }
    }

    /// The only array of a tree whose names tell nothing, or the only one that is left of them.
    pub(super) fn only_array(&self) -> Result<Option<Found>> {
        let leaves = &self.tree.leaves;
        let alone = leaves.len() == 1;
        let free = leaves.iter().zip(&self.roles);
        let free: Vec<&Leaf> = free
            .filter(|(_, role)| role.is_none())
            .map(|(leaf, _)| leaf)
            .collect();
        let [leaf] = free[..] else {
            return Ok(None);
        };
        // What is no table of numbers says so where it is the only file.
        match found(leaf) {
            Ok(found) => {
                self.take(leaf);
                Ok(Some(found))
            }
            Err(error) if alone => Err(error),
            Err(_) => Ok(None),
        }
    }

    /// Names what looks like a part of a connectome and was not used: in the tree, or beside it.
    pub(super) fn not_used(&self, lacking: &[Role]) -> Vec<String> {
        let used = self.used.borrow();
        let is_used = |leaf: &Leaf| {
            let is_it = |other: &Leaf| other.path == leaf.path && other.name == leaf.name;
            used.iter().any(is_it)
        };
        let has_role = |leaf: &&Leaf| {
            let is = |role: &Role| role.is_named(key(&leaf.name)) || role.is_part_of(&leaf.name);
            Role::ALL.iter().any(is)
        };
        let left = self.tree.leaves.iter().filter(has_role);
        let left = left.filter(|leaf| !is_used(leaf));
        let mut left: Vec<String> = left.map(|leaf| leaf.name.clone()).collect();
        let used_files: Vec<&Path> = used.iter().map(|leaf| leaf.path.as_path()).collect();
        if !self.tree.path.is_dir() {
            left.extend(beside(&self.tree.path, &used_files, lacking));
        }
        let verb = if left.len() == 1 { "is" } else { "are" };
        match left.is_empty() {
            true => Vec::new(),
            false => vec![format!(
                "{} {verb} not used: name what is meant, or give the folder as connectome.file",
                left.join(", ")
            )],
        }
    }
}

/// Files beside a single file whose names say that they are what it lacks.
fn beside(path: &Path, used: &[&Path], lacking: &[Role]) -> Vec<String> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let own = stem(path);
    let is_array = |file: &PathBuf| {
        let stem = stem(file);
        let is_known = lacking
            .iter()
            .any(|role| stem.len() > 1 && role.is_named(&stem));
        // Files of arrays only: another npz or mat is another connectome.
        let is_one_array = file.extension().is_some_and(|ending| {
            ["npy", "csv", "tsv", "txt"]
                .iter()
                .any(|known| ending.eq_ignore_ascii_case(known))
        });
        is_known && is_one_array && stem != own
    };
    let Ok(mut files) = files(folder) else {
        return Vec::new();
    };
    files.retain(|file| {
        is_array(file) && !used.iter().any(|used| used.file_name() == file.file_name())
    });
    let name = |file: PathBuf| {
        file.file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    };
    files.into_iter().map(name).collect()
}

/// Whether a leaf is a square matrix; one that cannot be read is none.
fn leaf_is_square(leaf: &Leaf) -> bool {
    let shape = found(leaf).map(|found| found.numbers.values.shape().to_vec());
    shape.is_ok_and(|shape| shape.len() == 2 && shape[0] == shape[1])
}

/// Whether the words of `part` stand together in `name`.
fn has_words(name: &str, part: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_alphanumeric());
        words
            .filter(|word| !word.is_empty())
            .map(str::to_ascii_lowercase)
            .collect()
    };
    let (name, part) = (words(name), words(part));
    !part.is_empty() && name.windows(part.len()).any(|window| window == part)
}

/// The folders that a path with `*` and `?` in its folders' names stands for, in order; `**` is any number of folders within each other.
///
/// # Errors
/// [`Error::Disk`] where a folder cannot be read.
fn folders_like(path: &Path) -> Result<Vec<PathBuf>> {
    const DEEPEST: usize = 16;
    let mut all = vec![PathBuf::new()];
    // What is named without a pattern is to be there; what a pattern leads to may be.
    let mut is_pattern = false;
    for part in path.components() {
        let name = part.as_os_str().to_string_lossy();
        is_pattern |= name.contains(['*', '?']);
        let mut next = Vec::new();
        for folder in all {
            let here = match folder.as_os_str().is_empty() {
                true => Path::new("."),
                false => &folder,
            };
            match (&*name, name.contains(['*', '?'])) {
                (_, false) => {
                    let path = folder.join(part);
                    if !is_pattern || path.is_dir() {
                        next.push(path);
                    }
                }
                ("**", true) => {
                    let mut level = vec![here.to_path_buf()];
                    for _ in 0..DEEPEST {
                        let within: Result<Vec<_>> = level.iter().map(|one| folders(one)).collect();
                        next.append(&mut level);
                        level = within?.concat();
                    }
                }
                (pattern, true) => {
                    let mut within = folders(here)?;
                    within.retain(|one| {
                        let name = one.file_name().unwrap_or_default().to_string_lossy();
                        fits(pattern, &name)
                    });
                    next.append(&mut within);
                }
            }
        }
        next.sort();
        next.dedup();
        all = next;
    }
    Ok(all)
}

/// Whether `name` fits a pattern with `*` (anything) and `?` (one character).
fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), name.chars().collect());
    // Where the pattern can be after each character, from the front.
    let (mut p, mut n) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                back = Some((p, n));
                p += 1;
            }
            Some(&c) if c == '?' || c == name[n] => {
                p += 1;
                n += 1;
            }
            _ => match back {
                // The last star takes one character more.
                Some((star, taken)) => {
                    back = Some((star, taken + 1));
                    p = star + 1;
                    n = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_and_words_of_names() {
        for (pattern, name, expected) in [
            ("sub-*_FC.csv", "sub-01_FC.csv", true),
            ("sub-*_FC.csv", "sub-01_SC.csv", false),
            ("*", "", true),
            ("s?b*", "sab", true),
            ("s?b", "sb", false),
            ("*a*b", "xxaxxbxb", true),
            ("*a*b", "xxaxxbx", false),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
        }
        let name = "atlas_4S6Parcels_sift_invnodevol_radius2_count_connectivity";
        assert!(has_words(name, "radius2_count") && !has_words(name, "sift_radius2_count"));
    }

    #[test]
    fn patterns_of_folders_find_every_session() {
        let home = tempfile::tempdir().unwrap();
        let at = |path: &str| home.path().join(path);
        for folder in [
            "sub-01/ses-a/func",
            "sub-01/ses-b/func",
            "sub-02/func",
            "code",
        ] {
            std::fs::create_dir_all(at(folder)).unwrap();
        }
        let found = |pattern: &str| {
            let found = folders_like(&at(pattern)).unwrap();
            let relative = found
                .iter()
                .map(|path| path.strip_prefix(home.path()).unwrap());
            let relative = relative.map(|path| path.to_string_lossy().replace('\\', "/"));
            relative.collect::<Vec<_>>()
        };
        let sessions = ["sub-01/ses-a/func", "sub-01/ses-b/func"];
        assert_eq!(found("sub-*/ses-*/func"), sessions);
        assert_eq!(found("sub-0?/func"), ["sub-02/func"]);
        assert_eq!(found("**/ses-*/**/func"), sessions);
        assert_eq!(found("sub-02/func"), ["sub-02/func"]);
        assert_eq!(found("**").len(), 9);
    }
}

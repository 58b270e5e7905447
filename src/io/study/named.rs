//! Tables of which there may be several, each under a name: `[[monitor]]` and `[[stimulus]]`.
//!
//! In the document all of a sort are a table of tables, each under its name, so that `monitor.NAME.kappa` is a key like every other.

use super::document::{Item, Value, join};
use crate::error::{Error, Result};
use crate::study::key::Key;

/// A sort of tables that have names.
pub(super) struct Named {
    /// What one is called.
    pub what: &'static str,
    /// What several are called.
    pub several: &'static str,
    /// The key that each has, which gives it its name where it has no other.
    pub kind: &'static Key,
    /// Whether a word is a key that each has, and so cannot be a name.
    pub is_own: fn(&str) -> bool,
    /// One of those keys.
    pub example: &'static str,
    /// Where the words of `kind` are listed.
    pub known: &'static str,
}

impl Named {
    fn section(&self) -> &'static str {
        self.kind.section()
    }

    /// Whether an entry is one of several, which is a table.
    pub fn is_one(&self, (key, item): &(String, Item)) -> bool {
        let is_kind = |(key, _): &(String, Item)| key == self.kind.name();
        !(self.is_own)(key)
            && matches!(&item.value, Value::Table(entries) if entries.iter().any(is_kind))
    }

    /// Turns a list of tables, and a single table, into a table of tables by name. What stands beside a single one, by a flag, is its
    /// own.
    pub fn name_list(&self, document: &mut Item) -> Result<()> {
        let Value::Table(entries) = &mut document.value else {
            return Ok(());
        };
        let Some((_, item)) = entries.iter_mut().find(|(key, _)| key == self.section()) else {
            return Ok(());
        };
        let wrong = format!("a table with the keys of a {}", self.what);
        let written: Vec<Item> = match &item.value {
            Value::List(all) => all.clone(),
            Value::Table(entries)
                if entries.iter().any(|(key, _)| key == self.kind.name())
                    && !entries.iter().any(|entry| self.is_one(entry)) =>
            {
                vec![item.clone()]
            }
            Value::Table(_) => return self.merge(item),
            _ => return Err(item.wrong(wrong)),
        };
        let mut named: Vec<(String, Item)> = Vec::new();
        for one in &written {
            let Value::Table(entries) = &one.value else {
                return Err(one.wrong(wrong));
            };
            let name = self.name(one, entries)?;
            if named.iter().any(|(other, _)| *other == name) {
                let problem = format!("two {} are called {name}", self.several);
                let hint = "give one of them another name = \"...\"";
                return Err(one.origin.error(Error::conflict(problem, hint)));
            }
            let path = join(self.section(), &name);
            let rest = entries.iter().filter(|(key, _)| key != "name");
            let rest = rest.map(|(key, item)| (key.clone(), item.renamed(&join(&path, key))));
            named.push((
                name,
                Item {
                    origin: one.origin.clone(),
                    value: Value::Table(rest.collect()),
                    key: path.clone(),
                },
            ));
        }
        item.value = Value::Table(named);
        Ok(())
    }

    /// Gives what stands beside the only one to it.
    fn merge(&self, item: &mut Item) -> Result<()> {
        let Value::Table(entries) = &mut item.value else {
            return Ok(());
        };
        let names: Vec<String> = entries
            .iter()
            .filter(|entry| self.is_one(entry))
            .map(|(name, _)| name.clone())
            .collect();
        let beside: Vec<(String, Item)> = entries
            .extract_if(.., |entry| !self.is_one(entry))
            .collect();
        match (&names[..], beside.first()) {
            (_, None) => Ok(()),
            // A kind may still come.
            ([], _) => {
                entries.extend(beside);
                Ok(())
            }
            ([_], _) => {
                let (_, one) = &mut entries[0];
                let Value::Table(own) = &mut one.value else {
                    return Ok(());
                };
                own.retain(|(key, _)| beside.iter().all(|(other, _)| other != key));
                let path = one.key.clone();
                own.extend(beside.into_iter().map(|(key, item)| {
                    let item = item.renamed(&join(&path, &key));
                    (key, item)
                }));
                Ok(())
            }
            (names, Some((key, item))) => {
                let full: Vec<String> = names
                    .iter()
                    .map(|name| format!("{}.{name}.{key}", self.section()))
                    .collect();
                let problem = format!(
                    "{}.{key}: there are several {}",
                    self.section(),
                    self.several
                );
                let hint = format!("say which: {}", full.join(", "));
                Err(item.origin.key_error(Error::conflict(problem, hint)))
            }
        }
    }

    /// What one is called: its name, or its kind's.
    fn name(&self, one: &Item, entries: &[(String, Item)]) -> Result<String> {
        let find = |key: &str| entries.iter().find(|(name, _)| name == key);
        let Some((_, kind)) = find(self.kind.name()) else {
            let problem = format!("each [[{}]] needs a {}", self.what, self.kind.name());
            return Err(one.origin.key_error(Error::conflict(problem, self.known)));
        };
        let (item, name) = match find("name") {
            Some((_, item)) => (item, item.text()?.to_owned()),
            None => {
                let kind_name = kind.text()?;
                let stem = std::path::Path::new(kind_name).file_stem();
                (
                    kind,
                    stem.map_or(kind_name.into(), |stem| stem.to_string_lossy().into_owned()),
                )
            }
        };
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
        if name.is_empty() || !name.chars().all(is_plain) || (self.is_own)(&name) {
            let problem = format!(
                "{name:?} cannot be the name of a {}, which stands in {}.NAME.{}: letters, digits, _ and - only, and none of its keys",
                self.what,
                self.section(),
                self.example
            );
            let hint = "give it another name = \"...\"";
            return Err(item.origin.error(Error::conflict(problem, hint)));
        }
        Ok(name)
    }
}

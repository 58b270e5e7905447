//! Tables of a study file: which keys they may hold, and what an unknown key was meant to be.

use super::document::{Item, Value, join};
use crate::error::{Result, StudyError, cut, nearest};
use crate::study::key::{Key, children, takes_names};
use crate::sweep::SetKeys;

/// A table all of whose keys are known.
pub(super) struct Section<'a> {
    entries: &'a [(String, Item)],
}

impl<'a> Section<'a> {
    /// Opens the table `item` (left out: an empty one) at `path` of the table of `keys`, with `names` for its part in capitals.
    ///
    /// # Errors
    /// If it is no table, or at the first unknown key.
    pub fn open(keys: &[&Key], item: Option<&'a Item>, path: &str, names: &[&str]) -> Result<Self> {
        let mut known = children(keys, path);
        if takes_names(keys, path) {
            known.extend(names);
        }
        Self::checked(keys, item, &known)
    }

    /// Opens a table whose keys are `known`.
    pub fn inline(item: Option<&'a Item>, known: &[&str]) -> Result<Self> {
        Self::checked(&[], item, known)
    }

    fn checked(keys: &[&Key], item: Option<&'a Item>, known: &[&str]) -> Result<Self> {
        let Some(item) = item else {
            return Ok(Self { entries: &[] });
        };
        let Value::Table(entries) = &item.value else {
            return Err(item.wrong(format!("a table with the keys {}", known.join(", "))));
        };
        for (name, entry) in entries {
            if !known.contains(&name.as_str()) {
                let meant = meant(keys, &item.key, name, known);
                return Err(entry.origin.key_error(StudyError::UnknownKey {
                    key: shown(&entry.key),
                    table: item.key.clone(),
                    known: known.iter().map(|key| key.to_string()).collect(),
                    meant,
                }));
            }
        }
        Ok(Self { entries })
    }

    /// The value of a key of this table, if it is written.
    pub fn get(&self, key: &Key) -> Option<&'a Item> {
        self.named(key.name())
    }

    /// The value of a key by its name in this table, if it is written.
    pub fn named(&self, name: &str) -> Option<&'a Item> {
        let mut entries = self.entries.iter();
        entries.find(|(key, _)| key == name).map(|(_, item)| item)
    }

    /// Of the keys in `section`, which it is, those that `--set` says.
    pub fn set_keys(&self, keys: &[&'static Key], section: &str) -> SetKeys {
        let mut all = SetKeys::default();
        for key in keys.iter().filter(|key| key.section() == section) {
            let flag = self.get(key).and_then(|item| item.flag());
            flag.into_iter().for_each(|flag| all.note(key, flag));
        }
        all
    }

    /// The keys written in it, with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, &'a Item)> + use<'a> {
        self.entries.iter().map(|(key, item)| (key.as_str(), item))
    }
}

/// The key that `name` in `section` was probably meant to be: a near one of the section, or the same word in another.
fn meant(keys: &[&Key], section: &str, name: &str, known: &[&str]) -> Option<String> {
    let elsewhere = || {
        let same = keys.iter().find(|key| key.name() == name);
        same.map(|key| key.path.to_owned())
    };
    let near = || nearest(name, known.iter().copied()).map(|key| join(section, key));
    // Two letters are near to many names: the same two elsewhere say more.
    match name.chars().count() < 3 {
        true => elsewhere().or_else(near),
        false => near().or_else(elsewhere),
    }
}

/// A key as people can read it: quoted if it holds anything but letters, digits, `_`, `-`, `.` and brackets.
pub(super) fn shown(key: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-.[]".contains(c);
    let key = cut(key);
    if !key.is_empty() && key.chars().all(plain) {
        key.into()
    } else {
        format!("{key:?}")
    }
}

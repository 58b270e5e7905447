//! Tables of a TOML text whose every key and value knows its place.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::language::{Fault, nearest};

pub(crate) type Value<'t> = Spanned<DeValue<'t>>;
pub(crate) type Outcome<T> = std::result::Result<T, Fault>;

/// A table of the text, and where it stands.
pub(crate) struct Section<'t> {
    /// What it is called in errors: `states.x`; of a whole text what that is, `a model`.
    pub(crate) name: String,
    pub(crate) at: Range<usize>,
    pub(crate) entries: Vec<Entry<'t>>,
}

/// One line of a table.
pub(crate) struct Entry<'t> {
    pub(crate) key: &'t str,
    pub(crate) at: Range<usize>,
    pub(crate) value: &'t Value<'t>,
}

impl<'t> Section<'t> {
    pub(crate) fn of(name: impl Into<String>, at: Range<usize>, table: &'t DeTable<'t>) -> Self {
        let mut entries: Vec<Entry> = table
            .iter()
            .map(|(key, value)| Entry {
                key: key.get_ref(),
                at: key.span(),
                value,
            })
            .collect();
        entries.sort_by_key(|entry| entry.at.start);
        Self {
            name: name.into(),
            at,
            entries,
        }
    }

    fn is_whole(&self) -> bool {
        self.name.starts_with("a ")
    }

    fn place(&self) -> String {
        if self.is_whole() {
            self.name.clone()
        } else {
            format!("[{}]", self.name)
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Entry<'t>> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// Nothing but these keys.
    pub(crate) fn only(&self, keys: &[&str]) -> Outcome<()> {
        let Some(entry) = self.entries.iter().find(|entry| !keys.contains(&entry.key)) else {
            return Ok(());
        };
        let message = format!(
            "{} has no key `{}`{}; its keys are {}",
            self.place(),
            entry.key,
            nearest(entry.key, keys.iter().copied()),
            keys.join(", ")
        );
        Err(Fault::at(entry.at.clone(), message))
    }

    pub(crate) fn missing(&self, key: &str, why: &str) -> Fault {
        let place = if self.is_whole() {
            String::new()
        } else {
            format!(" in {}", self.place())
        };
        Fault::at(self.at.clone(), format!("`{key}` is missing{place}: {why}"))
    }

    pub(crate) fn text(&self, key: &str) -> Outcome<Option<&'t str>> {
        self.get(key).map(Entry::text).transpose()
    }

    pub(crate) fn section(&self, key: &str) -> Outcome<Option<Section<'t>>> {
        self.get(key).map(|entry| entry.section(key)).transpose()
    }
}

impl<'t> Entry<'t> {
    pub(crate) fn wrong(&self, expected: &str) -> Fault {
        Fault::at(
            self.value.span(),
            format!("`{}` is to be {expected}", self.key),
        )
    }

    pub(crate) fn text(&self) -> Outcome<&'t str> {
        match self.value.get_ref() {
            DeValue::String(text) => Ok(text),
            _ => Err(self.wrong("a text in quotes")),
        }
    }

    pub(crate) fn section(&self, name: impl Into<String>) -> Outcome<Section<'t>> {
        match self.value.get_ref() {
            DeValue::Table(table) => Ok(Section::of(name, self.at.clone(), table)),
            _ => Err(self.wrong("a table")),
        }
    }

    pub(crate) fn number(&self) -> Outcome<f64> {
        number(self.value).ok_or_else(|| self.wrong("a number"))
    }

    pub(crate) fn truth(&self) -> Outcome<bool> {
        match self.value.get_ref() {
            DeValue::Boolean(truth) => Ok(*truth),
            _ => Err(self.wrong("true or false")),
        }
    }

    /// A text, or a list of texts, each with its place.
    pub(crate) fn texts(&self) -> Outcome<Vec<(&'t str, Range<usize>)>> {
        let wrong = || self.wrong("a text, or a list of texts");
        match self.value.get_ref() {
            DeValue::String(text) => Ok(vec![(text.as_ref(), self.value.span())]),
            DeValue::Array(items) => items
                .iter()
                .map(|item| match item.get_ref() {
                    DeValue::String(text) => Ok((text.as_ref(), item.span())),
                    _ => Err(wrong()),
                })
                .collect(),
            _ => Err(wrong()),
        }
    }

    /// Two numbers, the first not above the second.
    pub(crate) fn interval(&self) -> Outcome<(f64, f64)> {
        let wrong = || self.wrong("two numbers in brackets, the lower one first");
        let DeValue::Array(items) = self.value.get_ref() else {
            return Err(wrong());
        };
        let numbers: Option<Vec<f64>> = items.iter().map(number).collect();
        match numbers.as_deref() {
            Some(&[low, high]) if low < high => Ok((low, high)),
            _ => Err(wrong()),
        }
    }
}

pub(crate) fn number(value: &Value) -> Option<f64> {
    match value.get_ref() {
        DeValue::Float(float) => float.as_str().parse().ok().filter(|x: &f64| !x.is_nan()),
        DeValue::Integer(integer) => i64::from_str_radix(integer.as_str(), integer.radix())
            .ok()
            .map(|x| x as f64),
        _ => None,
    }
}

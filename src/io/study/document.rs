//! The TOML document of a study as a tree whose every value knows its key and where it was written.
//!
//! The `toml` crate gives the values and their places; this tree keeps both while `--set` flags, which have places of their own, are mixed in.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::{Error, Result};

/// A study file or a flag.
#[derive(Debug)]
pub(super) struct Source {
    /// What errors call it.
    pub name: String,
    /// What relative paths in it are relative to.
    pub folder: PathBuf,
}

/// Where a value was written.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    pub source: Arc<Source>,
    /// Counted from 1; `None` in flags.
    pub line: Option<usize>,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}", self.source.name),
            None => f.write_str(&self.source.name),
        }
    }
}

impl Origin {
    /// A place without a line.
    pub fn whole(name: impl Into<String>, folder: &Path) -> Self {
        let source = Source {
            name: name.into(),
            folder: folder.into(),
        };
        Self {
            source: Arc::new(source),
            line: None,
        }
    }

    /// What went wrong here.
    pub fn error(&self, message: impl Into<String>) -> Error {
        Error::Study {
            origin: self.to_string(),
            message: message.into(),
        }
    }
}

/// A value with its full key and its place.
#[derive(Debug, Clone)]
pub(super) struct Item {
    /// For example `noise.sigma.x` or `parameters.alpha[3]`.
    pub key: String,
    pub origin: Origin,
    pub value: Value,
}

/// What can be written in a study.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Boolean(bool),
    Integer(i128),
    Float(f64),
    Text(String),
    Date(String),
    List(Vec<Item>),
    Table(Vec<(String, Item)>),
    /// Single nodes of `base` (left out: of the default), set by flags.
    Nodes {
        base: Option<Box<Item>>,
        nodes: Vec<(usize, Item)>,
    },
}

impl Item {
    /// An empty table.
    pub fn table(key: impl Into<String>, origin: Origin) -> Self {
        Self {
            key: key.into(),
            origin,
            value: Value::Table(Vec::new()),
        }
    }

    /// What is written at a whole key, as `noise.sigma.x`, below this table.
    pub fn at(&self, path: &str) -> Option<&Self> {
        path.split('.')
            .try_fold(self, |item, part| match &item.value {
                Value::Table(entries) => {
                    let mut entries = entries.iter();
                    entries.find(|(key, _)| key == part).map(|(_, item)| item)
                }
                _ => None,
            })
    }

    /// Reads a whole file's text.
    pub fn parse_document(text: &str, origin: &Origin) -> Result<Self> {
        let place = Place::new(text, origin);
        let table = DeTable::parse(text).map_err(|e| place.error(&e))?;
        place.table("", origin.clone(), table.get_ref())
    }

    /// Reads one value, as it stands right of a `=`.
    pub fn parse_value(text: &str, key: &str, origin: &Origin) -> Result<Self> {
        let place = Place::new(text, origin);
        let value = DeValue::parse(text).map_err(|e| place.error(&e))?;
        place.item(key.into(), origin.clone(), value.get_ref())
    }

    /// What is written here, for "KEY is ...".
    pub fn found(&self) -> String {
        match &self.value {
            Value::Boolean(value) => format!("the truth value {value}"),
            Value::Integer(value) => format!("the number {value}"),
            Value::Float(value) => format!("the number {value}"),
            Value::Text(text) => format!("the text {:?}", shortened(text)),
            Value::Date(text) => format!("the date {text}"),
            Value::List(items) => format!("a list of {}", items.len()),
            Value::Table(entries) if entries.is_empty() => "an empty table".into(),
            Value::Table(entries) => {
                let keys: Vec<_> = entries
                    .iter()
                    .take(4)
                    .map(|(key, _)| shortened(key))
                    .collect();
                let more = if entries.len() > 4 { ", ..." } else { "" };
                format!("a table ({}{more})", keys.join(", "))
            }
            Value::Nodes { .. } => "set at one node".into(),
        }
    }

    /// The error for a value of the wrong type.
    pub fn wrong(&self, expected: impl fmt::Display) -> Error {
        let found = self.found();
        self.origin
            .error(format!("{} is {found}, expected {expected}", self.key))
    }
}

/// At most 40 characters of `text`.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(40) {
        None => text.into(),
        Some((end, _)) => format!("{}...", &text[..end]),
    }
}

/// Turns byte offsets of one text into origins.
struct Place<'a> {
    /// Where each line after the first begins.
    breaks: Vec<usize>,
    origin: &'a Origin,
}

impl<'a> Place<'a> {
    fn new(text: &str, origin: &'a Origin) -> Self {
        let breaks = text.match_indices('\n').map(|(offset, _)| offset + 1);
        Self {
            breaks: breaks.collect(),
            origin,
        }
    }

    fn at(&self, offset: usize) -> Origin {
        let line = 1 + self.breaks.partition_point(|start| *start <= offset);
        Origin {
            source: self.origin.source.clone(),
            line: self.origin.line.map(|_| line),
        }
    }

    fn error(&self, error: &toml::de::Error) -> Error {
        let origin = error
            .span()
            .map_or(self.origin.clone(), |span| self.at(span.start));
        let message = error.message().replace('\n', ", ");
        origin.error(format!("not valid TOML: {message}"))
    }

    fn table(&self, key: &str, origin: Origin, table: &DeTable) -> Result<Item> {
        let mut rows: Vec<_> = table.iter().collect();
        rows.sort_by_key(|(name, _)| name.span().start);
        let mut entries = Vec::with_capacity(rows.len());
        for (name, value) in rows {
            let inner = join(key, name.get_ref());
            let item = self.item(inner, self.at(name.span().start), value.get_ref())?;
            entries.push((name.get_ref().to_string(), item));
        }
        let value = Value::Table(entries);
        Ok(Item {
            key: key.into(),
            origin,
            value,
        })
    }

    fn item(&self, key: String, origin: Origin, value: &DeValue) -> Result<Item> {
        let value = match value {
            DeValue::Table(table) => return self.table(&key, origin, table),
            DeValue::Boolean(value) => Value::Boolean(*value),
            DeValue::String(text) => Value::Text(text.to_string()),
            DeValue::Datetime(date) => Value::Date(date.to_string()),
            DeValue::Integer(integer) => {
                let value = i128::from_str_radix(integer.as_str(), integer.radix());
                Value::Integer(value.map_err(|_| {
                    origin.error(format!("{key} is {integer}: too many digits for a number"))
                })?)
            }
            DeValue::Float(float) => {
                let value: f64 = float.as_str().parse().unwrap_or(f64::NAN);
                if value.is_infinite() && !float.as_str().contains("inf") {
                    let message = format!("{key} is {float}: larger than a 64-bit float can hold");
                    return Err(origin.error(message));
                }
                Value::Float(value)
            }
            DeValue::Array(values) => Value::List(self.list(&key, values)?),
        };
        Ok(Item { key, origin, value })
    }

    fn list<'v>(
        &self,
        key: &str,
        values: impl IntoIterator<Item = &'v Spanned<DeValue<'v>>>,
    ) -> Result<Vec<Item>> {
        let item = |(index, value): (usize, &Spanned<DeValue>)| {
            let origin = self.at(value.span().start);
            self.item(format!("{key}[{index}]"), origin, value.get_ref())
        };
        values.into_iter().enumerate().map(item).collect()
    }
}

/// `section.name`, or `name` at the top.
pub(super) fn join(section: &str, name: &str) -> String {
    if section.is_empty() {
        name.into()
    } else {
        format!("{section}.{name}")
    }
}

//! The TOML document of a study as a tree whose every value knows its key and where it was written.
//!
//! The `toml` crate gives the values and their places; this tree keeps both while `--set` flags, which have places of their own, are mixed in.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::{Error, Place, Result, StudyError};

/// A study file or a flag.
#[derive(Debug)]
pub(super) struct Source {
    /// The file, as errors call it; `None` for a flag.
    pub file: Option<String>,
    /// What relative paths in it are relative to.
    pub folder: PathBuf,
    /// All of it; of a flag, with the flag's name.
    pub text: String,
    /// Whether it comes with the program.
    pub is_shipped: bool,
}

/// Where a value was written.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    pub source: Arc<Source>,
    /// The key, in bytes of the text.
    key: Range<usize>,
    /// The value, in bytes of the text.
    value: Range<usize>,
}

impl Origin {
    /// All of a file's text.
    pub fn file(name: impl Into<String>, folder: &Path, text: &str) -> Self {
        let source = Source {
            file: Some(name.into()),
            folder: folder.into(),
            text: text.into(),
            is_shipped: false,
        };
        Self {
            source: Arc::new(source),
            key: 0..0,
            value: 0..0,
        }
    }

    /// All of a study's text that comes with the program.
    pub fn shipped(name: &str, text: &str) -> Self {
        let source = Source {
            file: Some(format!("{name}.toml (shipped)")),
            folder: PathBuf::new(),
            text: text.into(),
            is_shipped: true,
        };
        Self {
            source: Arc::new(source),
            key: 0..0,
            value: 0..0,
        }
    }

    /// A `--set` flag with its `KEY=VALUE`.
    pub fn flag(text: &str) -> Self {
        let (key, value) = text.split_once('=').unwrap_or((text, text));
        let start = "--set ".len();
        let end = start + text.len();
        // Neither the blanks around a key nor those around a value belong to it.
        let key_at = start + key.len() - key.trim_start().len();
        let value_at = end - value.trim_start().len();
        let source = Source {
            file: None,
            folder: PathBuf::new(),
            text: format!("--set {text}"),
            is_shipped: false,
        };
        Self {
            source: Arc::new(source),
            key: key_at..key_at + key.trim().len(),
            value: value_at..value_at + value.trim().len(),
        }
    }

    /// A path that stands alone on the command line.
    fn argument(path: &Path) -> Self {
        let text = path.display().to_string();
        let all = 0..text.len();
        let source = Source {
            file: None,
            folder: PathBuf::new(),
            text,
            is_shipped: false,
        };
        Self {
            source: Arc::new(source),
            key: all.clone(),
            value: all,
        }
    }

    fn place(&self, span: &Range<usize>) -> Place {
        let Source { file, text, .. } = &*self.source;
        match file {
            Some(file) => Place::in_file(file, text, span.clone()),
            None => Place::in_flag(text, span.clone()),
        }
    }

    /// An error in the value that is written here.
    pub fn error(&self, error: impl Into<Error>) -> Error {
        error.into().at(self.place(&self.value))
    }

    /// An error at the bytes `span` of the `text` that is written here in quotes.
    pub fn error_in_text(&self, text: &str, span: Range<usize>, error: impl Into<Error>) -> Error {
        let start = self.value.start + 1;
        let written = self.source.text.get(start..start + text.len());
        // A text with escapes is longer than what it says: all of it is shown.
        if written != Some(text) || span.end > text.len() || span.is_empty() {
            return self.error(error);
        }
        let span = start + span.start..start + span.end;
        error.into().at(self.place(&span))
    }

    /// An error in the key that is written here.
    pub fn key_error(&self, error: impl Into<Error>) -> Error {
        error.into().at(self.place(&self.key))
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
    /// A path from the command line, which need not be Unicode.
    Path(PathBuf),
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

    /// A document with one entry: the `key` of a `section` holds a path from the command line.
    pub fn document_of_path(section: &str, key: &str, path: &Path) -> Self {
        let origin = Origin::argument(path);
        let item = |key: String, value| Self {
            key,
            origin: origin.clone(),
            value,
        };
        let file = item(join(section, key), Value::Path(path.into()));
        let table = item(section.into(), Value::Table(vec![(key.into(), file)]));
        item(String::new(), Value::Table(vec![(section.into(), table)]))
    }

    /// The same, but for a text or a list, which becomes a table in which it is the value of `key`.
    pub fn as_table_with(&self, key: &str) -> Self {
        if !matches!(self.value, Value::Text(_) | Value::List(_)) {
            return self.clone();
        }
        let inner = self.renamed(&join(&self.key, key));
        Self {
            value: Value::Table(vec![(key.into(), inner)]),
            ..self.clone()
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

    /// The flag that says it, or some of it.
    pub fn flag(&self) -> Option<&str> {
        let source = &self.origin.source;
        if source.file.is_none() {
            return Some(&source.text);
        }
        match &self.value {
            Value::Table(entries) => entries.iter().find_map(|(_, item)| item.flag()),
            _ => None,
        }
    }

    /// Reads a whole file's text.
    pub fn parse_document(text: &str, origin: &Origin) -> Result<Self> {
        let spans = Spans { origin, start: 0 };
        let table = DeTable::parse(text).map_err(|e| spans.error(&e))?;
        spans.table("", origin.clone(), table.get_ref())
    }

    /// Reads one value, as it stands right of a `=`.
    pub fn parse_value(text: &str, key: &str, origin: &Origin) -> Result<Self> {
        let start = origin.value.start;
        let spans = Spans { origin, start };
        let value = DeValue::parse(text).map_err(|e| spans.error(&e))?;
        spans.item(key.into(), origin.clone(), value.get_ref())
    }

    /// What is written here, for "KEY is ...".
    pub fn found(&self) -> String {
        match &self.value {
            Value::Boolean(value) => format!("the truth value {value}"),
            Value::Integer(value) => format!("the number {value}"),
            Value::Float(value) => format!("the number {}", crate::study::key::shown(*value)),
            Value::Text(text) => format!("the text {:?}", shortened(text)),
            Value::Path(path) => format!("the path {}", path.display()),
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
        self.wrong_as(self.found(), expected)
    }

    /// The error for a value that turns out to be `found`, where something else is expected.
    pub fn wrong_as(&self, found: String, expected: impl fmt::Display) -> Error {
        self.origin.error(StudyError::WrongType {
            key: self.key.clone(),
            found,
            expected: expected.to_string(),
        })
    }

    /// An error that names no key, in the value written here.
    pub fn within(&self, error: Error) -> Error {
        self.origin.error(StudyError::Value {
            key: self.key.clone(),
            error: Box::new(error),
        })
    }

    /// The same value under another key, with what is in it.
    pub fn renamed(&self, key: &str) -> Self {
        let value = match &self.value {
            Value::Table(entries) => {
                let entries = entries.iter();
                let entries =
                    entries.map(|(name, item)| (name.clone(), item.renamed(&join(key, name))));
                Value::Table(entries.collect())
            }
            Value::List(items) => {
                let items = items.iter().enumerate();
                let items = items.map(|(k, item)| item.renamed(&format!("{key}[{k}]")));
                Value::List(items.collect())
            }
            other => other.clone(),
        };
        Self {
            key: key.into(),
            origin: self.origin.clone(),
            value,
        }
    }
}

/// At most 40 characters of `text`.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(40) {
        None => text.into(),
        Some((end, _)) => format!("{}...", &text[..end]),
    }
}

/// Turns byte spans of one text into origins.
struct Spans<'a> {
    origin: &'a Origin,
    /// Where the text begins in the text of its source.
    start: usize,
}

impl Spans<'_> {
    fn origin(&self, key: Range<usize>, value: Range<usize>) -> Origin {
        let moved = |span: Range<usize>| span.start + self.start..span.end + self.start;
        Origin {
            source: self.origin.source.clone(),
            key: moved(key),
            value: moved(value),
        }
    }

    fn error(&self, error: &toml::de::Error) -> Error {
        let message = error.message().replace('\n', ", ");
        let origin = match error.span() {
            Some(span) => self.origin(span.clone(), span),
            None => self.origin.clone(),
        };
        // In "C:\\Users" the backslash begins an escape.
        let is_escape = message.contains("escape") || message.contains("unicode");
        let hint = is_escape.then(|| {
            "a backslash in \"...\" begins an escape: write paths as 'C:\\Users\\me' or \"C:/Users/me\"".into()
        });
        origin.error(StudyError::Syntax {
            problem: format!("not valid TOML: {message}"),
            hint,
        })
    }

    fn table(&self, key: &str, origin: Origin, table: &DeTable) -> Result<Item> {
        let mut rows: Vec<_> = table.iter().collect();
        rows.sort_by_key(|(name, _)| name.span().start);
        let mut entries = Vec::with_capacity(rows.len());
        for (name, value) in rows {
            let inner = join(key, name.get_ref());
            let origin = self.origin(name.span(), value.span());
            let item = self.item(inner, origin, value.get_ref())?;
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
                let rule = "it has too many digits for a number";
                Value::Integer(
                    value.map_err(|_| origin.error(Error::out_of_range(&key, integer, rule)))?,
                )
            }
            DeValue::Float(float) => {
                let value: f64 = float.as_str().parse().unwrap_or(f64::NAN);
                if value.is_infinite() && !float.as_str().contains("inf") {
                    let rule = "it is larger than a 64-bit float can hold";
                    return Err(origin.error(Error::out_of_range(&key, float, rule)));
                }
                Value::Float(value)
            }
            DeValue::Array(values) => Value::List(self.list(&key, values)?),
        };
        Ok(Item { key, origin, value })
    }

    fn list(&self, key: &str, values: &[Spanned<DeValue>]) -> Result<Vec<Item>> {
        let item = |(index, value): (usize, &Spanned<DeValue>)| {
            let origin = self.origin(value.span(), value.span());
            self.item(format!("{key}[{index}]"), origin, value.get_ref())
        };
        values.iter().enumerate().map(item).collect()
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

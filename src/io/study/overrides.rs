//! `--set KEY=VALUE`: one change to the document of a study, before it is read.

use super::document::{Item, Origin, Value, join};
use super::schema::shown;
use crate::error::{Result, StudyError, cut};
use crate::study::Study;
use crate::study::key::{self, Key, Purpose, children, split_node};

/// No key of a study has more parts.
const DEEPEST: usize = 4;

/// A parsed flag.
#[derive(Debug, Clone)]
pub(super) struct Override {
    /// The key's parts, at least one.
    pub parts: Vec<String>,
    /// One node of a per-node value.
    pub node: Option<usize>,
    pub item: Item,
}

impl Override {
    /// Reads `KEY=VALUE` or `KEY[NODE]=VALUE`.
    ///
    /// The value is TOML; what is no TOML and does not begin like a list, table or quoted text is a text (`model=wilson-cowan`).
    pub fn parse(flag: &str) -> Result<Self> {
        let origin = Origin::flag(flag);
        let Some((path, text)) = flag.split_once('=') else {
            return Err(origin.error(syntax(
                "expected KEY=VALUE",
                "write for example coupling.g=1.2",
            )));
        };
        let (path, text) = (path.trim(), text.trim());
        let not_a_key = || {
            let hint = "a key is written like coupling.g or parameters.alpha[12]";
            origin.key_error(syntax(format!("{:?} is not a key", cut(path)), hint))
        };
        let (key, node) = split_node(path).map_err(|_| not_a_key())?;
        let parts: Vec<String> = key.split('.').map(|part| part.trim().into()).collect();
        if parts.iter().any(String::is_empty) || parts.len() > DEEPEST {
            return Err(not_a_key());
        }
        if text.is_empty() {
            let hint = "write KEY=VALUE, for example coupling.g=1.2";
            return Err(origin.key_error(syntax(format!("no value after {}=", cut(path)), hint)));
        }
        let shown = parts.join(".");
        let item = match Item::parse_value(text, &shown, &origin) {
            Ok(item) => item,
            Err(_) if !text.starts_with(['[', '{', '"', '\'']) => Item {
                key: shown,
                origin,
                value: lenient(text),
            },
            Err(error) => return Err(error),
        };
        Ok(Self { parts, node, item })
    }

    /// Whether its key is a whole one: it begins with a section, or is a key at the top.
    pub fn is_whole(&self, keys: &[&'static Key]) -> bool {
        children(keys, "").contains(&self.parts[0].as_str())
    }

    /// Puts the whole key in place of the short one that a user wrote.
    ///
    /// # Errors
    /// If no key ends so, or several do.
    pub fn complete(
        &mut self,
        keys: &[&'static Key],
        study: &Study,
        purpose: Purpose,
    ) -> Result<()> {
        let short = self.parts.join(".");
        let found = key::find(keys, study, &short, purpose);
        let found = found.map_err(|error| self.item.origin.key_error(error))?;
        let Some(address) = found else {
            let meant = key::meant(keys, study, &short, purpose);
            return Err(self.item.origin.key_error(StudyError::UnknownKey {
                key: shown(&short),
                table: String::new(),
                known: Vec::new(),
                meant,
            }));
        };
        self.parts = address.path.split('.').map(String::from).collect();
        self.item.key = address.path;
        Ok(())
    }

    /// Changes `document`. Missing tables are made; a value in the way, as of `input.x` in that of `input.x.file`, is replaced.
    ///
    /// # Errors
    /// If something else is written where a whole section belongs: it would be lost without a word.
    pub fn apply(self, document: &mut Item) -> Result<()> {
        let (last, sections) = self.parts.split_last().expect("at least one part");
        if let Some(section) = sections.first()
            && let Some(written) = document.at(section)
            && !matches!(written.value, Value::Table(_))
        {
            return Err(written.wrong("a table"));
        }
        let mut table = document;
        for section in sections {
            let key = join(&table.key, section);
            let origin = self.item.origin.clone();
            table = entry(table, section, || Item::table(key, origin));
        }
        let Some(node) = self.node else {
            let fresh = self.item.clone();
            *entry(table, last, || fresh) = self.item;
            return Ok(());
        };
        let fresh = || Item {
            value: Value::Nodes {
                base: None,
                nodes: Vec::new(),
            },
            ..self.item.clone()
        };
        let item = entry(table, last, fresh);
        if !matches!(item.value, Value::Nodes { .. }) {
            let nodes = fresh();
            let base = std::mem::replace(item, nodes);
            item.value = Value::Nodes {
                base: Some(Box::new(base)),
                nodes: Vec::new(),
            };
        }
        if let Value::Nodes { nodes, .. } = &mut item.value {
            nodes.push((node, self.item));
        }
        Ok(())
    }
}

/// The entry `name` of `table`, made if it is missing; `table` becomes one if it is not.
fn entry<'a>(table: &'a mut Item, name: &str, make: impl FnOnce() -> Item) -> &'a mut Item {
    if !matches!(table.value, Value::Table(_)) {
        table.value = Value::Table(Vec::new());
    }
    let Value::Table(entries) = &mut table.value else {
        unreachable!("made so above")
    };
    let position = entries.iter().position(|(key, _)| key == name);
    let position = position.unwrap_or_else(|| {
        entries.push((name.into(), make()));
        entries.len() - 1
    });
    &mut entries[position].1
}

fn syntax(problem: impl Into<String>, hint: &str) -> StudyError {
    let (problem, hint) = (problem.into(), Some(hint.into()));
    StudyError::Syntax { problem, hint }
}

/// `.5` and `5.` are numbers to people, if not to TOML; the rest is text.
fn lenient(text: &str) -> Value {
    let number = text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
    match text.parse() {
        Ok(value) if number => Value::Float(value),
        _ => Value::Text(text.into()),
    }
}

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

    /// What a user wrote.
    fn written(&self) -> &str {
        &self.item.origin.source.text
    }

    /// What is said where it leaves nothing of an `earlier` flag.
    ///
    /// # Errors
    /// If it takes the place of a whole table, of which the other changes a part, or the other way round.
    fn overrules(&self, earlier: &Self) -> Result<Option<String>> {
        if self.parts == earlier.parts {
            let is_all = self.node.is_none() || self.node == earlier.node;
            let is_news = is_all && self.written() != earlier.written();
            let said = || format!("{} is overruled by {}", earlier.written(), self.written());
            return Ok(is_news.then(said));
        }
        let is_around = earlier.parts.starts_with(&self.parts);
        let is_number = matches!(earlier.item.value, Value::Integer(_) | Value::Float(_));
        let is_inside = self.parts.starts_with(&earlier.parts) && is_number;
        if !is_around && !is_inside {
            return Ok(None);
        }
        let (key, other) = (self.parts.join("."), earlier.parts.join("."));
        let problem = format!("{key} takes the place of {other}, which is set before it");
        let hint = match is_around {
            true => format!("set {key} first, and then {other}"),
            false => "leave out one of the two".into(),
        };
        Err(self.item.origin.key_error(syntax(problem, &hint)))
    }

    /// Changes `document`. Missing tables are made; a value in the way, as of `input.x` in that of `input.x.file`, is replaced. Gives the
    /// keys of a section that are lost with it.
    ///
    /// # Errors
    /// If something else is written where a whole section belongs: it would be lost without a word.
    pub fn apply(self, document: &mut Item) -> Result<Option<Lost>> {
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
            let lost = match sections {
                [] => self.loses(table.at(last)),
                _ => None,
            };
            *entry(table, last, || fresh) = self.item;
            return Ok(lost);
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
        Ok(None)
    }

    /// The keys that a `section` has and the table does not that takes its place. Which connectome it is, a new one says.
    fn loses(&self, section: Option<&Item>) -> Option<Lost> {
        let keys = |item: &Item| match &item.value {
            Value::Table(entries) => entries.iter().map(|(key, _)| key.clone()).collect(),
            _ => Vec::new(),
        };
        let (section, old) = (&self.item.key, keys(section?));
        let new = keys(&self.item);
        let which = [&key::CONNECTOME_FILE, &key::NODES];
        let which = |key: &String| which.iter().any(|one| one.path == join(section, key));
        let lost = old.into_iter();
        let lost = lost.filter(|key| !new.contains(key) && !which(key));
        Some(Lost {
            by: self.written().into(),
            section: section.clone(),
            keys: lost.collect(),
        })
    }
}

/// Keys of a section that a flag took the place of.
pub(super) struct Lost {
    by: String,
    section: String,
    keys: Vec<String>,
}

impl Lost {
    /// Those that nothing in the `document` sets again, as a sentence.
    pub fn said(self, document: &Item) -> Option<String> {
        let Self { by, section, keys } = self;
        let is_lost = |key: &String| document.at(&join(&section, key)).is_none();
        let keys: Vec<String> = keys.into_iter().filter(is_lost).collect();
        (!keys.is_empty()).then(|| {
            let keys = keys.join(", ");
            format!("{by} takes the place of all of {section}; what the study says of {keys} no longer counts")
        })
    }
}

/// What is said of flags that leave nothing of others before them, a sentence each.
///
/// # Errors
/// Where one takes the place of a whole table, of which one before it changes a part, or the other way round.
pub(super) fn overruled(flags: &[Override]) -> Result<Vec<String>> {
    let mut notes = Vec::new();
    for (k, earlier) in flags.iter().enumerate() {
        let mut said = None;
        for flag in &flags[k + 1..] {
            said = said.or(flag.overrules(earlier)?);
        }
        notes.extend(said);
    }
    Ok(notes)
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

//! Rules for numbers that differ between nodes: `{ formula = "tau0*(1 + k*map)", ... }` and `{ groups = ..., values = ... }`.

use super::document::{Item, Value};
use super::read::Reader;
use super::schema::Section;
use crate::error::{Error, Result, StudyError, nearest};
use crate::language;
use crate::study::key;
use crate::study::range::Range;
use crate::study::{MapFormula, Rule, RuleForm, Values};

const FORMULA: &str = "formula";
const MAP: &str = "map";
const FILE: &str = "file";
const KEY: &str = "key";
const GROUPS: &str = "groups";
const VALUES: &str = "values";

/// What may depend on the time.
const MOVING: [&key::Key; 2] = [&key::PARAMETER, &key::INPUT];

/// What a table of a rule may hold, in words.
const EXPECTED: &str = "{ formula = \"tau0*(1 + k*map)\", map = \"COLUMN\", file = \"maps.csv\", tau0 = 10.0, k = 0.1 } or \
                        { groups = \"COLUMN\", file = \"regions.csv\", values = { NAME = 10.0, ... } }";

/// Whether a value is written as a rule.
pub(super) fn is_rule(value: &Value) -> bool {
    let Value::Table(entries) = value else {
        return false;
    };
    entries
        .iter()
        .any(|(key, _)| key == FORMULA || key == GROUPS)
}

impl Reader {
    /// [`Reader::values`], or a rule, which is remembered.
    pub fn given(&mut self, item: Option<&Item>, range: Range, default: Values) -> Result<Values> {
        let Some(item) = item else { return Ok(default) };
        if let Value::Nodes {
            base: Some(base),
            nodes,
        } = &item.value
            && is_rule(&base.value)
            && let Some((_, node)) = nodes.first()
        {
            return Err(node.origin.error(self.rule(base)?.decides(&node.key)));
        }
        if !is_rule(&item.value) {
            return self.values(Some(item), range, default);
        }
        let rule = self.rule(item)?;
        if rule.moves() && !MOVING.iter().any(|key| item.key.starts_with(key.section())) {
            let rule = "only parameters and inputs of the model may depend on the time t";
            return Err(item.but("an expression of t", rule));
        }
        let values = rule.values(self.n_nodes, self.duration_ms);
        for (node, value) in values.iter().enumerate() {
            if let Some(objection) = range.objection(*value) {
                return Err(item.but(format!("{value} at node {node}"), objection));
            }
        }
        self.rules.push(rule);
        Ok(Values::PerNode(values))
    }

    fn rule(&mut self, item: &Item) -> Result<Rule> {
        let Value::Table(entries) = &item.value else {
            return Err(item.wrong(EXPECTED));
        };
        let entry = |name: &str| {
            let mut entries = entries.iter();
            entries.find(|(key, _)| key == name).map(|(_, item)| item)
        };
        match (entry(FORMULA), entry(GROUPS)) {
            (Some(formula), None) => self.formula(item, entries, formula),
            (None, Some(groups)) => self.groups(item, groups),
            _ => Err(item.wrong(EXPECTED)),
        }
    }

    fn formula(&mut self, item: &Item, entries: &[(String, Item)], formula: &Item) -> Result<Rule> {
        let of = |name: &str| {
            let mut entries = entries.iter();
            entries.find(|(key, _)| key == name).map(|(_, item)| item)
        };
        let (mut numbers, mut maps, mut called) = (Vec::new(), Vec::new(), Vec::new());
        match (of(MAP).or(of(KEY)), of(FILE)) {
            (key, Some(file)) => {
                let array = self.array_of(item, file, key)?;
                maps.push((MAP.to_string(), self.finite(item, &array)?));
                if let Some(key) = key {
                    called.push(key.text()?.to_owned());
                }
            }
            (Some(key), None) => {
                return Err(key.wrong("the name of a column, beside file = \"maps.csv\""));
            }
            (None, None) => {}
        }
        let own = [FORMULA, MAP, FILE, KEY];
        for (name, entry) in entries
            .iter()
            .filter(|(name, _)| !own.contains(&name.as_str()))
        {
            if !language::is_name(name) || [GROUPS, VALUES].contains(&name.as_str()) {
                let why = "it cannot be a name in a formula";
                let hint = Some("a name is a letter, then letters, digits and underscores");
                let error = Error::unusable(&entry.key, "used", why, hint);
                return Err(entry.origin.key_error(error));
            }
            match &entry.value {
                Value::Integer(_) | Value::Float(_) => {
                    numbers.push((name.clone(), entry.number(Range::Finite)?));
                }
                _ => {
                    let zero = Values::Uniform(0.0);
                    let map = self.values(Some(entry), Range::Finite, zero)?;
                    maps.push((name.clone(), map.expand(self.n_nodes)));
                    called.push(name.clone());
                    if let Value::Table(own) = &entry.value {
                        let own = own.iter().filter(|(name, _)| name == KEY);
                        let column = own.map(|(_, item)| Ok(item.text()?.to_owned()));
                        called.extend(column.collect::<Result<Vec<String>>>()?);
                    }
                }
            }
        }
        let names: Vec<String> = numbers.iter().map(|(name, _)| name.clone()).collect();
        let name = item.key.rsplit('.').next().unwrap_or_default();
        let text = formula.text()?;
        let made = MapFormula::new(name, text, &names, maps, called).map_err(|fault| {
            let problem = format!("{}: {}", item.key, fault.message);
            let hint = "numbers and maps of the formula stand beside it: k = 0.1, m = { file = \"maps.csv\", key = \"COLUMN\" }";
            let hint = Some(hint.into());
            let error = StudyError::Syntax { problem, hint };
            formula.origin.error_in_text(text, fault.span, error)
        })?;
        Ok(Rule {
            key: item.key.clone(),
            numbers,
            form: RuleForm::Formula(made),
        })
    }

    fn groups(&mut self, item: &Item, groups: &Item) -> Result<Rule> {
        let table = Section::inline(Some(item), &[GROUPS, FILE, VALUES])?;
        let of_nodes: Vec<String> = match (&groups.value, table.named(FILE)) {
            (Value::Text(column), Some(file)) => self.words_of(item, file, column)?,
            (Value::List(items), None) => {
                let names = items.iter().map(|item| item.text().map(String::from));
                names.collect::<Result<_>>()?
            }
            _ => {
                return Err(groups.wrong(
                    "the name of a column, beside file = \"regions.csv\", or a list of names, one per node",
                ));
            }
        };
        if of_nodes.len() != self.n_nodes {
            let found = format!("of {} nodes", of_nodes.len());
            return Err(groups.wrong_as(
                found,
                format!("one group for each of {} nodes", self.n_nodes),
            ));
        }
        let values = table.named(VALUES);
        let Some((values, Value::Table(entries))) = values.map(|item| (item, &item.value)) else {
            return Err(item.wrong(EXPECTED));
        };
        let numbers = entries.iter().map(|(name, entry)| {
            if !of_nodes.contains(name) {
                let known = || of_nodes.iter().map(String::as_str);
                let mut all: Vec<&str> = known().collect();
                all.sort_unstable();
                all.dedup();
                return Err(entry.origin.key_error(StudyError::UnknownKey {
                    key: entry.key.clone(),
                    table: values.key.clone(),
                    known: all.into_iter().map(String::from).collect(),
                    meant: nearest(name, known()).map(String::from),
                }));
            }
            Ok((name.clone(), entry.number(Range::Finite)?))
        });
        let numbers: Vec<(String, f64)> = numbers.collect::<Result<_>>()?;
        let index = of_nodes.iter().enumerate().map(|(node, group)| {
            let index = numbers.iter().position(|(name, _)| name == group);
            index.ok_or_else(|| {
                let found = format!("without {group:?}, the group of node {node}");
                values.wrong_as(found, "a number for every group")
            })
        });
        let index = index.collect::<Result<Vec<usize>>>()?;
        Ok(Rule {
            key: item.key.clone(),
            numbers,
            form: RuleForm::Groups(index),
        })
    }
}

//! From written values to typed ones, with every complaint at its line.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ndarray::{Array1, Array2, ArrayD, Axis, Ix2};

use super::document::{Item, Value};
use super::rule::is_rule;
use super::schema::Section;
use crate::error::{Error, Result, StudyError, nearest};
use crate::io::connectome::Shipped;
use crate::io::{connectome, npz, table};
use crate::study::key::shown;
use crate::study::range::Range;
use crate::study::{Past, Rule, Start, Values};
use crate::word::Word;

impl Item {
    /// A number inside `range`; integers count as numbers.
    pub fn number(&self, range: Range) -> Result<f64> {
        let value = match self.value {
            Value::Integer(value) => value as f64,
            Value::Float(value) => value,
            _ => return Err(self.wrong("a number")),
        };
        self.inside(range, value)
    }

    /// `value`, if it is inside `range`.
    fn inside(&self, range: Range, value: f64) -> Result<f64> {
        match range.objection(value) {
            None => Ok(value),
            Some(rule) => Err(self.but(shown(value), rule)),
        }
    }

    /// The error for a value that breaks a rule: "KEY is FOUND, but RULE".
    pub fn but(&self, found: impl std::fmt::Display, rule: impl std::fmt::Display) -> Error {
        let error = Error::out_of_range(&self.key, found, rule.to_string());
        self.origin.error(error)
    }

    /// A whole number from 0 to `most`.
    pub fn whole(&self, most: u64) -> Result<u64> {
        match self.value {
            Value::Integer(value) if (0..=i128::from(most)).contains(&value) => Ok(value as u64),
            Value::Integer(value) => {
                Err(self.but(value, format!("must be a whole number from 0 to {most}")))
            }
            _ => Err(self.wrong("a whole number")),
        }
    }

    /// A text.
    pub fn text(&self) -> Result<&str> {
        match &self.value {
            Value::Text(text) => Ok(text),
            _ => Err(self.wrong("a text in quotes")),
        }
    }

    /// The value that a word names.
    pub fn word<W: Word>(&self) -> Result<W> {
        let word = self.one_of(&W::words())?;
        W::from_word(word).ok_or_else(|| self.not_among(&W::words()))
    }

    /// One of a list of words.
    pub fn one_of(&self, words: &[&str]) -> Result<&str> {
        let Value::Text(text) = &self.value else {
            return Err(self.not_among(words));
        };
        match words.contains(&text.as_str()) {
            true => Ok(text),
            false => Err(self.not_among(words)),
        }
    }

    /// The error for a word that is not in its list.
    pub fn not_among(&self, names: &[&str]) -> Error {
        let text = if let Value::Text(text) = &self.value {
            text
        } else {
            ""
        };
        self.origin.error(StudyError::NotAmong {
            key: self.key.clone(),
            found: self.found(),
            known: names.iter().map(|name| name.to_string()).collect(),
            meant: nearest(text, names.iter().copied()).map(String::from),
        })
    }
}

/// Reads what depends on the number of nodes, and remembers which files it read.
pub(super) struct Reader {
    pub n_nodes: usize,
    /// How long the run is, ms.
    pub duration_ms: f64,
    /// The names of the regions, where the data give them.
    pub regions: Vec<String>,
    pub files: Vec<(String, PathBuf)>,
    /// The rules that were read.
    pub rules: Vec<Rule>,
    /// What is to be known of the files, a sentence each.
    pub notes: Vec<String>,
}

impl Reader {
    /// A number, a list of `n_nodes`, or a file of as many; left out: `default`.
    pub fn values(&mut self, item: Option<&Item>, range: Range, default: Values) -> Result<Values> {
        let Some(item) = item else { return Ok(default) };
        let n_nodes = self.n_nodes;
        match &item.value {
            Value::Integer(_) | Value::Float(_) => Ok(item.number(range)?.into()),
            Value::List(items) => {
                if items.len() != n_nodes {
                    return Err(item.wrong(format!("a list of {n_nodes} numbers, one per node")));
                }
                let values = items.iter().map(|item| item.number(range));
                Ok(Values::PerNode(values.collect::<Result<_>>()?))
            }
            Value::Table(_) => {
                let array = self.array(item)?;
                self.per_node(item, range, &array)
            }
            Value::Nodes { base, nodes } => {
                let mut values = self.values(base.as_deref(), range, default)?;
                self.set_nodes(&mut values, nodes, range)?;
                Ok(values)
            }
            _ => Err(item.wrong(format!(
                "a number, a list of {n_nodes} or {{ file = \"...\", key = \"...\" }}"
            ))),
        }
    }

    /// A state at t = 0: as [`Reader::values`], or drawn.
    pub fn start(&mut self, item: &Item, default: f64) -> Result<Start> {
        let default = Values::Uniform(default);
        if let Some((low, high)) = uniform(item)? {
            return Ok(Start::Uniform { low, high });
        }
        if let Value::Nodes {
            base: Some(base),
            nodes,
        } = &item.value
            && uniform(base)?.is_some()
            && let Some((_, node)) = nodes.first()
        {
            let why = "the start of the other nodes is drawn at random";
            let hint = Some("give them a number or a list first");
            let error = Error::unusable(&node.key, "set at one node", why, hint);
            return Err(node.origin.error(error));
        }
        self.given(Some(item), Range::Finite, default)
            .map(Start::Given)
    }

    /// The transmitted state before t = 0: as [`Reader::start`], or a file of `[n_rows, n_nodes]`.
    pub fn past(&mut self, item: Option<&Item>) -> Result<Option<Past>> {
        let Some(item) = item else { return Ok(None) };
        if let Some((low, high)) = uniform(item)? {
            return Ok(Some(Past::Uniform { low, high }));
        }
        if !matches!(item.value, Value::Table(_)) {
            let values = self.values(Some(item), Range::Finite, Values::Uniform(0.0))?;
            return Ok(Some(Past::Constant(values)));
        }
        let array = self.array(item)?;
        if array.ndim() == 1 {
            return Ok(Some(Past::Constant(self.per_node(
                item,
                Range::Finite,
                &array,
            )?)));
        }
        let expected = format!(
            "[n_rows, {}]: one row per past step, oldest first, one column per node",
            self.n_nodes
        );
        let rows = self.rows(item, array, 1, &expected)?;
        Ok(Some(Past::Stored(rows)))
    }

    /// `[n_rows, n_nodes]` finite numbers, at least `fewest` rows.
    pub fn rows(
        &self,
        item: &Item,
        array: ArrayD<f64>,
        fewest: usize,
        expected: &str,
    ) -> Result<Arc<Array2<f64>>> {
        let shape = array.shape().to_vec();
        let wrong = || item.wrong_as(format!("an array of shape {shape:?}"), expected);
        let array = array.into_dimensionality::<Ix2>().map_err(|_| wrong())?;
        if array.ncols() != self.n_nodes || array.nrows() < fewest {
            return Err(wrong());
        }
        if let Some(((row, node), value)) = array
            .indexed_iter()
            .find(|(_, v)| Range::Finite.objection(**v).is_some())
        {
            let rule = "only finite numbers below 3.4e38 are simulated";
            return Err(item.but(format!("{value} in row {row}, node {node}"), rule));
        }
        Ok(Arc::new(array))
    }

    /// What each of some sensors sees of each node, `[n_sensors, n_nodes]`: a file, or `{ file, key }`.
    pub fn matrix(&mut self, item: &Item) -> Result<Array2<f64>> {
        let array = match &item.value {
            Value::Table(_) => self.array(item)?,
            _ => {
                let path = self.path(item)?;
                table::read_array(&path).map_err(|error| item.within(error))?
            }
        };
        let expected = format!("[n_sensors, {}]", self.n_nodes);
        let rows = self.rows(item, array, 1, &expected)?;
        Ok(Arc::unwrap_or_clone(rows))
    }

    /// The array that `{ file = "...", key = "..." }` names.
    fn array(&mut self, item: &Item) -> Result<ArrayD<f64>> {
        let table = Section::inline(Some(item), &["file", "key"])?;
        let Some(file) = table.named("file") else {
            return Err(item.wrong("{ file = \"...\", key = \"...\" }"));
        };
        self.array_of(item, file, table.named("key"))
    }

    /// The array of a file, under a key if it has several.
    pub fn array_of(
        &mut self,
        item: &Item,
        file: &Item,
        key: Option<&Item>,
    ) -> Result<ArrayD<f64>> {
        let key = key.map(Item::text).transpose()?;
        let path = self.path(file)?;
        let is_npz = path
            .extension()
            .is_some_and(|ending| ending.eq_ignore_ascii_case("npz"));
        let array = match key {
            Some(key) if is_npz => self.of_npz(&path, key),
            None if !is_npz => table::read_array(&path),
            None => Err(Error::data_hint(
                path,
                "an npz file holds several arrays",
                "add key = \"...\" beside file",
            )),
            Some(key) => self.map(&path, key),
        };
        array.map_err(|error| item.within(error))
    }

    /// An array of an npz; a number for each region is matched by name where the file has names of regions.
    fn of_npz(&mut self, path: &Path, key: &str) -> Result<ArrayD<f64>> {
        let array = npz::read_f64(path, key)?;
        let names = connectome::labels_of(path)?.filter(|names| array.shape() == [names.len()]);
        Ok(match self.places(path, key, names.as_deref())? {
            Some(places) => array.select(Axis(0), &places),
            None => array,
        })
    }

    /// The column `key` of a table with a header line, a number for each region; rows are matched by name where both have names.
    fn map(&mut self, path: &Path, key: &str) -> Result<ArrayD<f64>> {
        let is_npy = path
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("npy"));
        if is_npy {
            let problem = "only npz files and tables with a header line have keys";
            return Err(Error::data_hint(
                path,
                problem,
                format!("leave out key = {key:?}"),
            ));
        }
        let column = table::column(path, key)?;
        let values = column.numbers();
        let values = Array1::from(values.map_err(|problem| Error::data(path, problem))?);
        let names = column.names(&self.regions);
        Ok(match self.places(path, key, names)? {
            Some(places) => values.select(Axis(0), &places).into_dyn(),
            None => values.into_dyn(),
        })
    }

    /// The text of each region in the column `key` of a table with a header line, matched by name as [`Reader::map`].
    pub fn words_of(&mut self, item: &Item, file: &Item, key: &str) -> Result<Vec<String>> {
        let path = self.path(file)?;
        let column = table::column(&path, key).map_err(|error| item.within(error))?;
        let names = column.names(&self.regions);
        let places = self.places(&path, key, names);
        let cells: Vec<String> = column.cells.iter().map(|(_, cell)| cell.clone()).collect();
        Ok(match places.map_err(|error| item.within(error))? {
            Some(places) => places
                .into_iter()
                .map(|place| cells[place].clone())
                .collect(),
            None => cells,
        })
    }

    /// Where each region stands in the array `key`, whose regions are called `names`; `None` where the order is that of the regions.
    fn places(
        &mut self,
        path: &Path,
        key: &str,
        names: Option<&[String]>,
    ) -> Result<Option<Vec<usize>>> {
        let Some(names) = names else { return Ok(None) };
        connectome::places_in_network(path, key, names, &self.regions, &mut self.notes)
    }

    /// The connectome that comes with the program and whose name is written at `item`; none where a file has that name.
    pub fn shipped_connectome(&self, item: &Item) -> Option<Shipped> {
        let path = match &item.value {
            Value::Path(path) => path.clone(),
            Value::Text(text) => item.origin.source.folder.join(text),
            _ => return None,
        };
        let name = match &item.value {
            Value::Text(text) => text.as_str(),
            _ => path.to_str()?,
        };
        Shipped::named(name).filter(|_| !path.exists())
    }

    /// A path written at `item`, relative to its file; remembered.
    pub fn path(&mut self, item: &Item) -> Result<PathBuf> {
        let path = match &item.value {
            Value::Path(path) => path.clone(),
            _ => item.origin.source.folder.join(item.text()?),
        };
        self.files.push((item.key.clone(), path.clone()));
        Ok(path)
    }

    /// One finite number per node.
    pub fn finite(&self, item: &Item, array: &ArrayD<f64>) -> Result<Vec<f64>> {
        let values = self.per_node(item, Range::Finite, array)?;
        Ok(values.expand(self.n_nodes))
    }

    fn per_node(&self, item: &Item, range: Range, array: &ArrayD<f64>) -> Result<Values> {
        let n_nodes = self.n_nodes;
        let shape = array.shape();
        let long = shape.iter().filter(|length| **length != 1).count() <= 1;
        if !long || array.len() != n_nodes {
            let expected = format!("[{n_nodes}], one number per node");
            return Err(item.wrong_as(format!("an array of shape {shape:?}"), expected));
        }
        let check = |(node, value): (usize, &f64)| match range.objection(*value) {
            None => Ok(*value),
            Some(rule) => Err(item.but(format!("{value} at node {node}"), rule)),
        };
        let values = array.iter().enumerate().map(check);
        Ok(Values::PerNode(values.collect::<Result<_>>()?))
    }

    fn set_nodes(&self, values: &mut Values, nodes: &[(usize, Item)], range: Range) -> Result<()> {
        for (node, item) in nodes {
            if *node >= self.n_nodes {
                let rule = format!("the network has nodes 0 to {}", self.n_nodes - 1);
                return Err(item.but(format!("set at node {node}"), rule));
            }
            values.set(*node, item.number(range)?, self.n_nodes);
        }
        Ok(())
    }
}

/// The ends of `{ uniform = [low, high] }`, if `item` is that.
fn uniform(item: &Item) -> Result<Option<(f64, f64)>> {
    let Value::Table(entries) = &item.value else {
        return Ok(None);
    };
    if !entries.iter().any(|(key, _)| key == "uniform") {
        if is_rule(&item.value) {
            return Ok(None);
        }
        let known = ["uniform", "file", "key"];
        return Section::inline(Some(item), &known).map(|_| None);
    }
    let table = Section::inline(Some(item), &["uniform"])?;
    let ends = table.named("uniform").expect("seen above");
    let (low, high) = match &ends.value {
        Value::List(items) if items.len() == 2 => (
            items[0].number(Range::Finite)?,
            items[1].number(Range::Finite)?,
        ),
        _ => return Err(ends.wrong("[low, high]")),
    };
    if low > high {
        return Err(ends.but(format!("[{low}, {high}]"), "low must not be above high"));
    }
    Ok(Some((low, high)))
}

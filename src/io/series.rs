//! Time series in files: a number of every region at every step.

use std::path::Path;

use ndarray::{Array2, ArrayView2, Ix2};
use serde_json::Value;

use super::connectome;
use super::formats::{Content, Numbers, Tree};
use super::npz::Writer;
use crate::{Error, Result};

/// Names under which files keep the names of regions: our own results' first.
const LABELS: [&str; 3] = ["node", "labels", "regions"];

/// A series of every region.
#[derive(Debug, Clone)]
pub struct Series {
    /// `[n_steps, n_nodes]`.
    pub values: Array2<f64>,
    /// Names of the regions, where the file has them.
    pub labels: Option<Vec<String>>,
    /// What was done to it, a sentence each.
    pub notes: Vec<String>,
}

/// Reads the series `key` of a file, `[n_steps, n_nodes]`; without a key the only array of two dimensions that the file has. One
/// dimension is a single region. A first column of times is left out, and a series whose rows are the regions is turned: where names
/// tell so, or the number of regions, `n_nodes`, where it is known.
///
/// # Errors
/// [`Error::Disk`] where the file cannot be read, [`Error::Unknown`] for a key that is not there, [`Error::Data`] where there are several
/// arrays and no key, where the array is no series, or holds what is no finite number.
pub fn read(path: &Path, key: Option<&str>, n_nodes: Option<usize>) -> Result<Series> {
    let tree = Tree::open(path)?;
    let names: Vec<&str> = tree.leaves.iter().map(|leaf| leaf.name.as_str()).collect();
    let leaf = match key {
        Some(key) => {
            let place = names.iter().position(|name| *name == key);
            let what = format!("array in {}", path.display());
            place.ok_or_else(|| Error::unknown(&what, key, names.iter().copied()))?
        }
        None => only_table(path, &tree)?,
    };
    let leaf = &tree.leaves[leaf];
    let mut numbers = connectome::numbers_of(leaf)?;
    let shape = numbers.values.shape().to_vec();
    let expected = "[n_steps, n_nodes]: a row for each step, a column for each region";
    if shape.len() == 1 {
        numbers.values.insert_axis_inplace(ndarray::Axis(1));
    }
    let mut leaves = tree.leaves.iter();
    let listed = leaves.find(|leaf| LABELS.contains(&leaf.name.as_str()));
    let listed = listed.and_then(|leaf| connectome::names_of(leaf).ok());
    let n_nodes = n_nodes.or(listed.as_ref().map(Vec::len));
    let mut notes = Vec::new();
    let (mut rest, mut said) = (numbers.clone(), Vec::new());
    connectome::without_times(leaf, &mut rest, &mut said)?;
    if !said.is_empty() && n_nodes.is_none_or(|n| !numbers.values.shape().contains(&n)) {
        match n_nodes.is_some() || is_named_time(&numbers) {
            true => {
                numbers = rest;
                notes.extend(said);
            }
            // A ramp is a signal, too.
            false => notes.push(format!(
                "{:?}: what comes first rises evenly, as times do, and is taken for a region: take it out if it is none",
                leaf.name
            )),
        }
    }
    let Numbers {
        values,
        rows,
        columns,
        ..
    } = numbers;
    let values = values
        .into_dimensionality::<Ix2>()
        .ok()
        .filter(|values| !values.is_empty())
        .ok_or_else(|| Error::wrong_shape(path, &leaf.name, &shape, expected))?;
    let (n_rows, n_columns) = values.dim();
    // Numbers in front of rows count the steps, or are their times.
    let are_names = |names: &Vec<String>| names.iter().any(|name| name.parse::<f64>().is_err());
    let is_turned = match n_nodes {
        Some(n) if (n == n_rows) != (n == n_columns) => n == n_rows,
        _ => rows.as_ref().is_some_and(are_names) && !columns.as_ref().is_some_and(are_names),
    };
    let (values, names) = match is_turned {
        true => {
            notes.push(format!(
                "{:?} has the regions in its rows: it is turned, {n_columns} steps of {n_rows} regions",
                leaf.name
            ));
            (values.reversed_axes(), rows)
        }
        false => (values, columns),
    };
    if n_rows < n_columns && n_nodes.is_none() && names.is_none() {
        notes.push(format!(
            "{:?} is taken for {n_rows} steps of {n_columns} regions: a row is a step; turn it if its rows are the regions",
            leaf.name
        ));
    }
    if let Some(((step, node), x)) = values.indexed_iter().find(|(_, x)| !x.is_finite()) {
        let problem = format!("{:?} is {x} at step {step}, region {node}", leaf.name);
        let hint = "every number must be finite";
        return Err(Error::data_hint(path, problem, hint));
    }
    let labels = names.or(listed);
    Ok(Series {
        labels: labels.filter(|labels| labels.len() == values.ncols()),
        values,
        notes,
    })
}

/// Whether the first column, or the first row, is called as times are, or as the names beside which it counts steps or regions.
fn is_named_time(numbers: &Numbers) -> bool {
    const TIMES: [&str; 5] = ["t", "time", "times", "step", "sample"];
    const HEADS: [&str; 8] = [
        "region", "regions", "roi", "node", "label", "name", "area", "channel",
    ];
    let names = [&numbers.columns, &numbers.rows].into_iter().flatten();
    let mut first = names.filter_map(|names| names.first());
    first.any(|name| {
        // `time (ms)`, `t_ms`.
        let name = name.to_ascii_lowercase();
        let word = name.split(|c: char| !c.is_alphanumeric()).next();
        word.is_some_and(|word| TIMES.contains(&word) || HEADS.contains(&word))
    })
}

/// The place of the only array of numbers with two dimensions.
fn only_table(path: &Path, tree: &Tree) -> Result<usize> {
    if let [_] = tree.leaves[..] {
        return Ok(0);
    }
    let mut found = Vec::new();
    for (place, leaf) in tree.leaves.iter().enumerate() {
        if let Content::Numbers(numbers) = leaf.read()?
            && numbers.values.ndim() == 2
        {
            found.push(place);
        }
    }
    match found[..] {
        [one] => Ok(one),
        _ => {
            let names = tree.names().join(", ");
            let problem = format!(
                "holds {} arrays of two dimensions, and one is the series; there are {names}",
                found.len()
            );
            Err(Error::data_hint(path, problem, "say which with --key NAME"))
        }
    }
}

/// Writes a series, `[n_samples, n_nodes]`, to the npz file at `path` under `name`, with the times of its samples `t` in ms, the names
/// of its columns `node` and, as a text in JSON, what it is, `about`.
///
/// # Errors
/// [`Error::Disk`] where the file cannot be written.
pub fn write(
    path: &Path,
    name: &str,
    samples: ArrayView2<f64>,
    t_ms: &[f64],
    labels: Option<&[String]>,
    about: &Value,
) -> Result<()> {
    let mut writer = Writer::create(path)?;
    writer.add("t", &ndarray::aview1(t_ms))?;
    writer.add(name, &samples)?;
    if let Some(labels) = labels {
        writer.add_texts("node", labels)?;
    }
    writer.add_texts("about", &[about.to_string()])?;
    writer.finish()
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_series_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bold.npz");
        let samples = array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]];
        let labels = ["V1".to_string(), "MT".into()];
        write(
            &path,
            "bold",
            samples.view(),
            &[2.0, 4.0, 6.0],
            Some(&labels),
            &json!({}),
        )
        .unwrap();
        for key in [None, Some("bold")] {
            let read = read(&path, key, None).unwrap();
            assert_eq!(read.values, samples);
            assert_eq!(read.labels.unwrap(), labels);
        }
        assert_eq!(read(&path, Some("t"), None).unwrap().values.dim(), (3, 1));
        let error = read(&path, Some("bodl"), None).unwrap_err().report();
        assert!(error.contains("did you mean \"bold\"?"), "{error}");
    }

    #[test]
    fn what_is_no_series_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("two.npz");
        let mut writer = Writer::create(&path).unwrap();
        writer.add("x", &array![[1.0, f64::NAN]]).unwrap();
        writer.add("fc", &array![[1.0]]).unwrap();
        writer.finish().unwrap();
        let error = read(&path, None, None).unwrap_err().report();
        assert!(
            error.contains("2 arrays") && error.contains("--key"),
            "{error}"
        );
        let error = read(&path, Some("x"), None).unwrap_err().report();
        assert!(error.contains("NaN at step 0, region 1"), "{error}");
    }

    #[test]
    fn times_are_left_out_and_regions_in_rows_are_turned_with_a_word() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.csv");
        let read = |text: &str, n_nodes| {
            std::fs::write(&path, text).unwrap();
            read(&path, None, n_nodes).unwrap()
        };
        let expected = array![[1.0, 5.0], [2.0, 3.0], [4.0, 4.0], [3.0, 1.0], [0.0, 2.0]];
        let timed = read("t,V1,MT\n0,1,5\n1,2,3\n2,4,4\n3,3,1\n4,0,2\n", None);
        assert_eq!((&timed.values, timed.notes.len()), (&expected, 1));
        assert!(timed.notes[0].contains("times"), "{:?}", timed.notes);
        assert_eq!(timed.labels.unwrap(), ["V1", "MT"]);
        // A ramp may be a signal.
        let ramp = read("0,1,5\n1,2,3\n2,4,4\n3,3,1\n4,0,2\n", None);
        assert_eq!(ramp.values.dim(), (5, 3));
        assert!(ramp.notes[0].contains("rises evenly"), "{:?}", ramp.notes);
        let named = read("region,0,1,2,3,4\nV1,0.5,2,4,3,0\nMT,5,3,4,1,2\n", None);
        assert_eq!(named.values.column(0), array![0.5, 2.0, 4.0, 3.0, 0.0]);
        assert_eq!(named.labels.unwrap(), ["V1", "MT"]);
        let bare = "1,2,4,3,0\n5,3,4,1,2\n";
        let counted = read(bare, Some(2));
        assert_eq!(counted.values, expected);
        assert!(counted.notes[0].contains("turned"), "{:?}", counted.notes);
        let doubtful = read(bare, None);
        assert_eq!(doubtful.values.dim(), (2, 5));
        assert!(doubtful.notes[0].contains("2 steps of 5 regions"));
        // As many steps as regions, and nothing that tells: as the command's help says.
        assert!(read("1,2\n5,3\n", Some(2)).notes.is_empty());
    }
}

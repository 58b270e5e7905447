//! Time series in files: a number of every region at every step.

use std::path::Path;

use ndarray::{Array2, ArrayView2, Ix2};
use serde_json::Value;

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
}

/// Reads the series `key` of a file, `[n_steps, n_nodes]`; without a key the only array of two dimensions that the file has. One
/// dimension is a single region.
///
/// # Errors
/// [`Error::Disk`] where the file cannot be read, [`Error::Unknown`] for a key that is not there, [`Error::Data`] where there are several
/// arrays and no key, where the array is no series, or holds what is no finite number.
pub fn read(path: &Path, key: Option<&str>) -> Result<Series> {
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
    let Content::Numbers(numbers) = leaf.read()? else {
        return Err(Error::data(path, format!("{:?} is text", leaf.name)));
    };
    let Numbers {
        values, columns, ..
    } = numbers;
    let shape = values.shape().to_vec();
    let expected = "[n_steps, n_nodes]: a row for each step, a column for each region";
    let table = match shape.len() {
        1 => values.insert_axis(ndarray::Axis(1)),
        _ => values,
    };
    let values = table
        .into_dimensionality::<Ix2>()
        .ok()
        .filter(|values| !values.is_empty())
        .ok_or_else(|| Error::wrong_shape(path, &leaf.name, &shape, expected))?;
    if let Some(((step, node), x)) = values.indexed_iter().find(|(_, x)| !x.is_finite()) {
        let problem = format!("{:?} is {x} in row {step}, region {node}", leaf.name);
        return Err(Error::data_hint(
            path,
            problem,
            "every number must be finite",
        ));
    }
    let named = |tree: &Tree| {
        let mut leaves = tree.leaves.iter();
        let leaf = leaves.find(|leaf| LABELS.contains(&leaf.name.as_str()))?;
        match leaf.read() {
            Ok(Content::Texts(texts)) => Some(texts),
            _ => None,
        }
    };
    let labels = columns.or_else(|| named(&tree));
    Ok(Series {
        labels: labels.filter(|labels| labels.len() == values.ncols()),
        values,
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
            let read = read(&path, key).unwrap();
            assert_eq!(read.values, samples);
            assert_eq!(read.labels.unwrap(), labels);
        }
        assert_eq!(read(&path, Some("t")).unwrap().values.dim(), (3, 1));
        let error = read(&path, Some("bodl")).unwrap_err().report();
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
        let error = read(&path, None).unwrap_err().report();
        assert!(
            error.contains("2 arrays") && error.contains("--key"),
            "{error}"
        );
        let error = read(&path, Some("x")).unwrap_err().report();
        assert!(error.contains("NaN in row 0, region 1"), "{error}");
    }
}

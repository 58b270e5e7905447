//! Writes what a run leaves, one function for each format.

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde_json::{Map, Value, json};

use super::folder::{GrowingFolder, NewFolder};
use super::store::Store;
use super::{atomic_write, npz};
use crate::error::{Error, Result};
use crate::output::{Array, Manifest, Output, Table, Values};
use crate::plot::Figure;
use crate::report::{Page, Sheet};

/// Pixels per point in png files: 200 per inch.
const PNG_SCALE: f64 = 200.0 / 72.0;

/// Writes everything into `folder` and gives it its name; where it is.
///
/// # Errors
/// [`Error::Disk`] if it cannot be written, [`Error::Data`] if the folder's place was taken meanwhile.
pub fn write(output: &Output, folder: NewFolder) -> Result<PathBuf> {
    folder.fill(|path| {
        if !output.arrays.is_empty() {
            arrays(&output.arrays, &path.join(format!("{}.npz", output.name)))?;
        }
        tables_and_figures(output, path, |name, bytes| {
            atomic_write(&path.join(name), bytes)
        })?;
        folder.write_manifest(manifest(output).into())
    })?;
    folder.finish()
}

/// Writes tables and figures next to the arrays of a store, which has a manifest already.
///
/// # Errors
/// [`Error::Disk`] if they cannot be written.
pub fn write_into(output: &Output, store: &Store) -> Result<()> {
    tables_and_figures(output, store.path(), |name, bytes| {
        store.write_file(name, bytes)
    })
}

/// Writes tables and figures into a folder that grows, its manifest last. Its arrays, if it has any, are in a group
/// ([`Whole`](super::store::Whole)).
///
/// # Errors
/// [`Error::Disk`] if they cannot be written.
pub fn write_growing(output: &Output, folder: &GrowingFolder) -> Result<()> {
    tables_and_figures(output, folder.path(), |name, bytes| {
        folder.write(name, bytes)
    })?;
    folder.write_manifest(&manifest(output))
}

/// Every table, file and figure through `put`, by the name of its file; `folder` is where errors say.
fn tables_and_figures(
    output: &Output,
    folder: &Path,
    put: impl Fn(&str, &[u8]) -> Result<()> + Sync,
) -> Result<()> {
    for table in &output.tables {
        let name = format!("{}.csv", table.name);
        put(&name, &csv(table, &folder.join(&name))?)?;
    }
    for (name, bytes) in &output.files {
        put(name, bytes)?;
    }
    put("report.html", report(output).as_bytes())?;
    figures(&output.figures, put)
}

/// html: one page with all of it, which needs no other file.
pub fn report(output: &Output) -> String {
    let tables = output.tables.iter().map(|table| Sheet {
        name: table.name,
        header: &table.header,
        rows: &table.rows,
    });
    let figures = output.figures.iter();
    let page = Page {
        manifest: &manifest(output),
        study_words: &output.study_words,
        labels: &output.labels,
        figures: figures
            .map(|(name, figure)| (*name, figure.svg()))
            .collect(),
        tables: tables.collect(),
        views: &output.views,
    };
    page.html()
}

/// The manifest, with what the arrays are.
fn manifest(output: &Output) -> Map<String, Value> {
    let mut manifest = Manifest::to_map(&output.manifest);
    if !output.arrays.is_empty() {
        let arrays = output.arrays.iter().map(|array| &array.description);
        manifest.insert("arrays".into(), json!(arrays.collect::<Vec<_>>()));
    }
    if !output.labels.is_empty() {
        let labels = output.labels.iter();
        let labels: Map<_, _> = labels
            .map(|(name, of)| (name.to_string(), json!(of)))
            .collect();
        manifest.insert("labels".into(), labels.into());
    }
    manifest
}

/// npz: arrays by their names.
fn arrays(arrays: &[Array], path: &Path) -> Result<()> {
    let mut file = npz::Writer::create(path)?;
    for array in arrays {
        let name = &array.description.name;
        match &array.values {
            Values::Double(values) => file.add(name, values),
            Values::Single(values) => file.add(name, values),
            Values::Whole(values) => file.add(name, values),
            Values::Flag(values) => file.add(name, values),
            Values::Complex(values) => file.add(name, values),
        }?;
    }
    file.finish()
}

/// csv: a header and rows; `path` is what errors call it.
fn csv(table: &Table, path: &Path) -> Result<Vec<u8>> {
    let failed = |error: csv::Error| Error::data(path, error.to_string());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&table.header).map_err(failed)?;
    for row in &table.rows {
        writer.write_record(row).map_err(failed)?;
    }
    writer
        .into_inner()
        .map_err(|error| Error::data(path, error.to_string()))
}

/// svg and png: every figure by its name with either ending, through `put`.
fn figures(
    figures: &[(&'static str, Figure)],
    put: impl Fn(&str, &[u8]) -> Result<()> + Sync,
) -> Result<()> {
    figures.par_iter().try_for_each(|(name, figure)| {
        put(&format!("{name}.svg"), figure.svg().as_bytes())?;
        put(&format!("{name}.png"), &figure.png(PNG_SCALE)?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::{Lines, Series};
    use crate::report::Views;

    #[test]
    fn a_folder_holds_every_format_and_a_manifest_that_lists_them() {
        let home = tempfile::tempdir().unwrap();
        let labels = ["V1".to_string(), "MT".into()];
        let output = Output {
            name: "numbers",
            arrays: vec![Array::new(
                "x",
                &["node"],
                "mV",
                "potential",
                vec![0.5, 1.5],
            )],
            labels: vec![("node", &labels)],
            tables: vec![Table {
                name: "best",
                header: vec!["g".into(), "score".into()],
                rows: vec![vec!["1".into(), "0.5".into()]],
            }],
            figures: vec![(
                "line",
                Lines::new()
                    .add(Series::new("", [0.0, 1.0], [0.0, 1.0]))
                    .figure()
                    .unwrap(),
            )],
            files: vec![("b.numbers", b"0".to_vec())],
            views: Views::default(),
            study_words: Vec::new(),
            manifest: Manifest::new("test", &json!({})),
        };
        let folder = NewFolder::named(&home.path().join("out"), false).unwrap();
        let out = write(&output, folder).unwrap();
        let x = npz::read_f64(&out.join("numbers.npz"), "x").unwrap();
        assert_eq!(x.as_slice(), Some(&[0.5, 1.5][..]));
        let read = |name: &str| std::fs::read(out.join(name)).unwrap();
        assert_eq!(read("best.csv"), b"g,score\n1,0.5\n");
        assert!(read("line.svg").starts_with(b"<svg") && read("line.png").starts_with(b"\x89PNG"));
        let manifest: Value = serde_json::from_slice(&read("manifest.json")).unwrap();
        assert_eq!(manifest["schema"], 1);
        assert_eq!(manifest["arrays"][0]["units"], "mV");
        assert_eq!(manifest["labels"]["node"][1], "MT");
        assert_eq!(
            manifest["files"],
            json!([
                "b.numbers",
                "best.csv",
                "line.png",
                "line.svg",
                "manifest.json",
                "numbers.npz",
                "report.html"
            ])
        );
    }
}

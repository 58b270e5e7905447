//! Writes what a run leaves, one function for each format.

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde_json::{Map, Value, json};

use super::folder::{GrowingFolder, NewFolder};
use super::store::Store;
use super::{atomic_write, npz};
use crate::control::Control;
use crate::error::{Error, Result};
use crate::output::{Array, Manifest, Output, Table, Values};
use crate::plot::Figure;
use crate::report::{Page, Sheet};

/// Pixels per point in png files: 200 per inch.
const PNG_SCALE: f64 = 200.0 / 72.0;
/// The file of the page.
const PAGE: &str = "report.html";

/// What was not drawn because it was stopped: names of files.
pub type LeftOut = Vec<String>;

/// Writes everything into `folder` and gives it its name; where it is. Where `control` is stopped, pictures are left out.
///
/// # Errors
/// [`Error::Disk`] if it cannot be written, [`Error::Data`] if the folder's place was taken meanwhile, [`Error::Figure`] if a figure cannot
/// be drawn.
pub fn write(output: &Output, folder: NewFolder, control: &Control) -> Result<(PathBuf, LeftOut)> {
    let mut left_out = LeftOut::new();
    folder.fill(|path| {
        if !output.arrays.is_empty() {
            arrays(&output.arrays, &path.join(format!("{}.npz", output.name)))?;
        }
        let put = |name: &str, bytes: &[u8]| atomic_write(&path.join(name), bytes);
        tables(output, path, put)?;
        left_out = pictures(output, control, put)?;
        folder.write_manifest(manifest(output).into())
    })?;
    Ok((folder.finish()?, left_out))
}

/// Writes tables and figures next to the arrays of a store, which has a manifest already. Where `control` is stopped, pictures are left
/// out.
///
/// # Errors
/// [`Error::Disk`] if they cannot be written, [`Error::Figure`] if a figure cannot be drawn.
pub fn write_into(output: &Output, store: &Store, control: &Control) -> Result<LeftOut> {
    let put = |name: &str, bytes: &[u8]| store.write_file(name, bytes);
    tables(output, store.path(), put)?;
    pictures(output, control, put)
}

/// Writes tables and figures into a folder that grows, its manifest last. Its arrays, if it has any, are in a group
/// ([`Whole`](super::store::Whole)). Where `control` is stopped, pictures are left out, those of earlier numbers too.
///
/// # Errors
/// [`Error::Disk`] if they cannot be written, [`Error::Figure`] if a figure cannot be drawn.
pub fn write_growing(
    output: &Output,
    folder: &GrowingFolder,
    control: &Control,
) -> Result<LeftOut> {
    let put = |name: &str, bytes: &[u8]| folder.write(name, bytes);
    tables(output, folder.path(), put)?;
    let left_out = pictures(output, control, put)?;
    left_out.iter().try_for_each(|name| folder.remove(name))?;
    folder.write_manifest(&manifest(output))?;
    Ok(left_out)
}

/// Every table and file through `put`, by the name of its file; `folder` is where errors say.
fn tables(output: &Output, folder: &Path, put: impl Fn(&str, &[u8]) -> Result<()>) -> Result<()> {
    for table in &output.tables {
        let name = format!("{}.csv", table.name);
        put(&name, &csv(table, &folder.join(&name))?)?;
    }
    let files = &mut output.files.iter();
    files.try_for_each(|(name, bytes)| put(name, bytes))
}

/// svg and png: every figure by its name with either ending; html: the page with all of it. Through `put`, until `control` is stopped.
fn pictures(
    output: &Output,
    control: &Control,
    put: impl Fn(&str, &[u8]) -> Result<()> + Sync,
) -> Result<LeftOut> {
    let files = |name: &str| [format!("{name}.svg"), format!("{name}.png")];
    let (mut drawn, mut left_out) = (Vec::new(), LeftOut::new());
    for drawing in &output.figures {
        match drawing.draw(control) {
            Err(Error::Interrupted) => left_out.extend(files(drawing.name)),
            figure => drawn.extend(figure?.map(|figure| (drawing.name, figure))),
        }
    }
    let stopped = drawn.par_iter().map(|(name, figure)| {
        let [svg, png] = files(name);
        put(&svg, figure.svg().as_bytes())?;
        if control.is_stopped() {
            return Ok(Some(png));
        }
        put(&png, &figure.png(PNG_SCALE)?)?;
        Ok(None)
    });
    let stopped: Vec<Option<String>> = stopped.collect::<Result<_>>()?;
    left_out.extend(stopped.into_iter().flatten());
    match control.is_stopped() || !left_out.is_empty() {
        true => left_out.push(PAGE.into()),
        false => put(PAGE, page(output, &drawn).as_bytes())?,
    }
    Ok(left_out)
}

/// html: one page with all of it, which needs no other file.
///
/// # Errors
/// [`Error::Figure`] if a figure cannot be drawn.
pub fn report(output: &Output) -> Result<String> {
    Ok(page(output, &output.drawn(&Control::default())?))
}

fn page(output: &Output, figures: &[(&'static str, Figure)]) -> String {
    let tables = output.tables.iter().map(|table| Sheet {
        name: table.name,
        header: &table.header,
        rows: &table.rows,
    });
    let figures = figures.iter();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::Drawing;
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
            figures: vec![Drawing::new("line", || {
                let line = Series::new("", [0.0, 1.0], [0.0, 1.0]);
                Lines::new().add(line).figure().map(Some)
            })],
            files: vec![("b.numbers", b"0".to_vec())],
            views: Views::default(),
            study_words: Vec::new(),
            manifest: Manifest::new("test", &json!({})),
        };
        let folder = NewFolder::named(&home.path().join("out"), false).unwrap();
        let (out, left_out) = write(&output, folder, &Control::default()).unwrap();
        assert!(left_out.is_empty());
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

    /// Where drawing is stopped, the numbers are there all the same, and what is there is whole.
    #[test]
    fn what_is_not_drawn_is_named_and_left_out() {
        let home = tempfile::tempdir().unwrap();
        let line = || {
            let line = Series::new("", [0.0, 1.0], [0.0, 1.0]);
            Lines::new().add(line).figure().map(Some)
        };
        let stops = |control: &Control| {
            control.stop();
            line()
        };
        let output = |figures| Output {
            name: "numbers",
            arrays: vec![Array::new("x", &["node"], "mV", "potential", vec![0.5])],
            labels: Vec::new(),
            tables: vec![Table {
                name: "best",
                header: vec!["g".into()],
                rows: Vec::new(),
            }],
            figures,
            files: Vec::new(),
            views: Views::default(),
            study_words: Vec::new(),
            manifest: Manifest::new("test", &json!({})),
        };
        let all = output(vec![
            Drawing::new("first", line),
            Drawing::new("none", || Ok(None)),
            Drawing::simulated("second", stops),
            Drawing::new("third", line),
        ]);
        let folder = NewFolder::named(&home.path().join("out"), false).unwrap();
        let (out, left_out) = write(&all, folder, &Control::default()).unwrap();
        let undrawn = [
            "second.svg",
            "second.png",
            "third.svg",
            "third.png",
            "first.png",
            "report.html",
        ];
        assert_eq!(left_out, undrawn);
        let manifest = std::fs::read(out.join("manifest.json")).unwrap();
        let manifest: Value = serde_json::from_slice(&manifest).unwrap();
        let there = ["best.csv", "first.svg", "manifest.json", "numbers.npz"];
        assert_eq!(manifest["files"], json!(there));
        // In a folder that grows, pictures of earlier numbers go.
        let (place, known) = (home.path().join("grown"), undrawn.map(String::from));
        let ours = json!({ "brainsweep": "0" });
        let ours = ours.as_object().unwrap();
        let grown = GrowingFolder::create_or_open(&place, "test", ours, &known, false).unwrap();
        undrawn
            .iter()
            .for_each(|name| grown.write(name, b"earlier").unwrap());
        let stopped = Control::default();
        stopped.stop();
        let left_out = write_growing(&all, &grown, &stopped).unwrap();
        assert_eq!(left_out.len(), 9);
        assert!(undrawn.iter().all(|name| grown.existing(name).is_none()));
        assert!(grown.existing("best.csv").is_some());
    }
}

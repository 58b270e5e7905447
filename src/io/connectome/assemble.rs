//! From what was found to a connectome: regions matched by name, every entry checked, doubts said.

use std::path::Path;

use ndarray::{Array2, ArrayD, Axis};

use super::functional::{Regions, functional};
use super::join::places;
use super::parts::{Found, Parts, one_order};
use super::{Measured, Options, no_weights};
use crate::connectome::check::{self, Place};
use crate::connectome::{
    Connectome, Delays, LengthUnit, MissingLengths, Orientation, Symmetric, doubts, numbered,
    self_connections,
};
use crate::{Error, Result};

/// The largest tract length of a brain, mm, below which lengths look like metres.
const METRES: f64 = 0.5;
/// The same for centimetres: a human brain has tracts of 150 mm and more.
const CENTIMETRES: f64 = 30.0;
/// A parcellation of this many regions spans a brain.
const WHOLE_BRAIN: usize = 20;

/// The connectome that the parts make.
pub(super) fn connectome(path: &Path, mut parts: Parts, options: &Options) -> Result<Connectome> {
    let mut notes = std::mem::take(&mut parts.notes);
    let Some(mut found) = parts.weights.take() else {
        if parts.functional.is_empty() && parts.bold.is_empty() {
            return Err(no_weights(path));
        }
        let problem = "holds functional connectivity or time series, and no weights";
        let hint = "name it as connectome.functional, beside a connectome.file with weights";
        return Err(Error::data_hint(path, problem, hint));
    };
    let own_names = one_order(&found)?;
    let key = found.place.key.clone();
    notes.extend(doubts::correlations(&key, &found.numbers.values));
    notes.extend(doubts::nan_for_none(&key, &mut found.numbers.values));
    let names = match found.numbers.values.shape() {
        [rows, columns] if rows == columns => names(&parts, own_names, *rows)?,
        _ => None,
    };
    found.place.regions = names.clone().unwrap_or_default();
    let (mut weights, self_connected) = check::weights(&found.place, found.numbers.values)?;
    let n_nodes = weights.nrows();
    let labels = names.clone().unwrap_or_else(|| numbered(n_nodes));
    let regions = Regions {
        names: names.as_deref(),
        n: Some(n_nodes),
    };
    notes.extend(self_connections(&key, &self_connected, &labels));
    notes.extend(mirrored(options.symmetric, &key, &mut weights));
    let weights = options.orientation.apply(weights);
    let mut matrices = Vec::new();
    for (name, found) in std::mem::take(&mut parts.matrices) {
        let values = in_order(&found, &regions, &mut notes)?;
        let (mut matrix, self_connected) = check::weights(&found.place, values)?;
        check::same_size(&found.place, matrix.nrows(), n_nodes)?;
        let key = &found.place.key;
        notes.extend(self_connections(key, &self_connected, &labels));
        notes.extend(mirrored(options.symmetric, key, &mut matrix));
        matrices.push((name, options.orientation.apply(matrix)));
    }
    let centres = match &parts.centres {
        Some(found) => {
            let place = &found.place;
            let values = centres_in_order(found, &regions)?;
            Some(check::centres(place, values, n_nodes)?)
        }
        None => None,
    };
    let all = matrices.iter().map(|(_, matrix)| matrix);
    let mut is_connected = weights.mapv(|weight| weight != 0.0);
    for matrix in all {
        is_connected.zip_mut_with(matrix, |is, weight| *is |= *weight != 0.0);
    }
    let distances = Distances {
        options,
        regions: &regions,
        labels: &labels,
        is_connected,
        centres: centres.as_ref(),
    };
    let delays = distances.of(path, &mut parts, &mut notes)?;
    let (functional, bold) = functional(&mut parts, &regions, &mut notes)?;
    notes.extend(doubts::unconnected(&labels, &weights));
    // Scaled last, so that what stands above speaks of entries as they stand in the file.
    let mut weights = weights;
    notes.extend(options.normalise.apply(&mut weights)?);
    notes.extend(doubts::counts(&weights));
    let mut connectome = Connectome {
        labels,
        weights,
        matrices: Vec::new(),
        delays,
        functional,
        bold,
        centres,
        self_connections_removed: self_connected.len(),
        notes,
    };
    for (name, matrix) in matrices {
        connectome.take_matrix(&name, matrix)?;
    }
    Ok(connectome)
}

/// The measured data that the parts make, in the order of their own names.
pub(super) fn measured(path: &Path, mut parts: Parts) -> Result<Measured> {
    let mut notes = std::mem::take(&mut parts.notes);
    let mut labels = parts.labels.take().map(|(_, labels)| labels);
    labels = labels.or_else(|| parts.functional_labels.clone());
    for found in parts.functional.iter().chain(&parts.bold) {
        let (rows, columns) = (&found.numbers.rows, &found.numbers.columns);
        labels = labels.or_else(|| columns.clone()).or_else(|| rows.clone());
    }
    let regions = Regions {
        names: labels.as_deref(),
        n: labels.as_ref().map(Vec::len),
    };
    let (functional, bold) = functional(&mut parts, &regions, &mut notes)?;
    let Some(functional) = functional else {
        let problem = "holds neither functional connectivity nor time series under a usual name";
        let hint = "name them with functional = NAME";
        return Err(Error::data_hint(path, problem, hint));
    };
    Ok(Measured {
        path: path.into(),
        labels,
        functional,
        bold,
        notes,
    })
}

/// The names of the regions: those of a list, else those of the weights' table, else those of the centres.
fn names(parts: &Parts, own: Option<Vec<String>>, n_nodes: usize) -> Result<Option<Vec<String>>> {
    if let Some((place, labels)) = &parts.labels {
        // A colour table names the background, too.
        let is_background = labels.len() == n_nodes + 1
            && ["unknown", "background", "???"].contains(&labels[0].to_ascii_lowercase().as_str());
        let labels = labels[usize::from(is_background)..].to_vec();
        return check::labels(place, labels, n_nodes).map(Some);
    }
    let centres = parts.centres.as_ref();
    let of_centres = || centres.and_then(|found| found.numbers.rows.clone());
    let names = own.or_else(of_centres);
    Ok(names.filter(|names| names.len() == n_nodes))
}

fn mirrored(symmetric: Symmetric, key: &str, matrix: &mut Array2<f64>) -> Vec<String> {
    let mut notes: Vec<String> = symmetric.apply(key, matrix).into_iter().collect();
    if symmetric == Symmetric::Auto {
        notes.extend(doubts::rounded_apart(key, matrix));
    }
    notes
}

/// A square array with its regions in the order of the weights.
fn in_order(found: &Found, regions: &Regions, notes: &mut Vec<String>) -> Result<ArrayD<f64>> {
    let values = found.numbers.values.clone();
    let (Some(own), Some(names)) = (one_order(found)?, regions.names) else {
        return Ok(values);
    };
    let is_matrix = values.ndim() == 2 && values.shape()[0] == values.shape()[1];
    if !is_matrix || own.len() != values.shape()[0] {
        return Ok(values);
    }
    Ok(match places(&found.place, &own, names)? {
        Some(places) => {
            let key = &found.place.key;
            notes.push(format!(
                "{key:?} is brought into the order of the weights by name"
            ));
            values.select(Axis(0), &places).select(Axis(1), &places)
        }
        None => values,
    })
}

fn centres_in_order(found: &Found, regions: &Regions) -> Result<ArrayD<f64>> {
    let values = found.numbers.values.clone();
    let (Some(own), Some(names)) = (&found.numbers.rows, regions.names) else {
        return Ok(values);
    };
    Ok(match places(&found.place, own, names)? {
        Some(places) => values.select(Axis(0), &places),
        None => values,
    })
}

/// What lengths and delays are checked against.
struct Distances<'a> {
    options: &'a Options,
    regions: &'a Regions<'a>,
    labels: &'a [String],
    /// `[target, source]`, by any of the weights.
    is_connected: Array2<bool>,
    centres: Option<&'a Array2<f64>>,
}

impl Distances<'_> {
    fn n_nodes(&self) -> usize {
        self.labels.len()
    }

    fn orientation(&self) -> Orientation {
        let options = self.options;
        options.tract_orientation.unwrap_or(options.orientation)
    }

    /// The delays: lengths in mm, ms, or steps. What is done to them goes into `notes`.
    fn of(&self, path: &Path, parts: &mut Parts, notes: &mut Vec<String>) -> Result<Delays> {
        let found = [
            ("tract lengths", parts.tract_lengths.take()),
            ("delays in ms", parts.delays.take()),
            ("delays in steps", parts.delay_steps.take()),
        ];
        let mut found = found
            .into_iter()
            .filter_map(|(what, found)| Some((what, found?)));
        let (first, second) = (found.next(), found.next());
        if let (Some((a, first)), Some((b, second))) = (&first, &second) {
            let (first, second) = (&first.place.key, &second.place.key);
            let problem = format!("{a} ({first}) and {b} ({second}) exclude each other");
            return Err(Error::data_hint(path, problem, "name one of them"));
        }
        let Some((what, mut found)) = first else {
            return self.none(parts.lengths_are_empty, notes);
        };
        found.place.regions = self.regions.names.unwrap_or_default().to_vec();
        let values = in_order(&found, self.regions, notes)?;
        let (key, symmetric) = (&found.place.key, self.options.symmetric);
        match what {
            "delays in steps" => {
                let mut steps = check::steps(&found.place, values, self.n_nodes())?;
                notes.extend(symmetric.apply(key, &mut steps));
                Ok(Delays::Steps(self.orientation().apply(steps)))
            }
            "delays in ms" => {
                let values = self.without_nan(values);
                let mut delays = check::delays_ms(&found.place, values, self.n_nodes())?;
                notes.extend(symmetric.apply(key, &mut delays));
                Ok(Delays::Milliseconds(self.orientation().apply(delays)))
            }
            _ => {
                let lengths = self.lengths(&found.place, values, parts.length_unit, notes)?;
                Ok(Delays::TractLengths(lengths))
            }
        }
    }

    /// No lengths and no delays, unless the centres are to give them.
    fn none(&self, are_empty: bool, notes: &mut Vec<String>) -> Result<Delays> {
        let wants_centres = self.options.missing_lengths == MissingLengths::Euclidean;
        match (self.centres, are_empty || wants_centres) {
            (Some(centres), true) => {
                let why = match are_empty {
                    true => "the file of tract lengths is empty",
                    false => "there are no tract lengths",
                };
                notes.push(format!(
                    "{why}: they are the distances of the centres, as The Virtual Brain takes them"
                ));
                Ok(Delays::TractLengths(euclidean(centres)))
            }
            (None, true) => {
                notes.push("there are no tract lengths: no connection has a delay".into());
                Ok(Delays::None)
            }
            (_, false) => Ok(Delays::None),
        }
    }

    /// 0 in place of what is not finite where there is no connection: no tract, no length.
    fn without_nan(&self, mut values: ArrayD<f64>) -> ArrayD<f64> {
        let n = self.n_nodes();
        if values.shape() == [n, n] {
            let is_turned = self.orientation() == Orientation::SourceTarget;
            for row in 0..n {
                for column in 0..n {
                    let place = if is_turned {
                        [column, row]
                    } else {
                        [row, column]
                    };
                    let value = &mut values[[row, column]];
                    if !value.is_finite() && !self.is_connected[place] {
                        *value = 0.0;
                    }
                }
            }
        }
        values
    }

    fn lengths(
        &self,
        place: &Place,
        values: ArrayD<f64>,
        unit_of_file: Option<LengthUnit>,
        notes: &mut Vec<String>,
    ) -> Result<Array2<f64>> {
        let values = self.without_nan(values);
        let mut lengths = check::lengths(place, values, self.n_nodes())?;
        notes.extend(self.options.symmetric.apply(&place.key, &mut lengths));
        // Of streamlines that come back to their region.
        lengths.diag_mut().fill(0.0);
        let mut lengths = self.orientation().apply(lengths);
        let unit = self.options.length_unit.or(unit_of_file);
        match unit {
            Some(unit) => lengths *= unit.mm(),
            None => self.are_plausible(place, &lengths)?,
        }
        self.complete(place, &mut lengths, notes)?;
        Ok(lengths)
    }

    /// Refuses lengths that are too short for a brain.
    fn are_plausible(&self, place: &Place, lengths: &Array2<f64>) -> Result<()> {
        let largest = lengths.iter().copied().fold(0.0, f64::max);
        let (unit, of_which) = match largest {
            0.0 => return Ok(()),
            largest if largest < METRES => ("m", "metres"),
            largest if largest < CENTIMETRES && self.n_nodes() >= WHOLE_BRAIN => {
                ("cm", "centimetres")
            }
            _ => return Ok(()),
        };
        let problem = format!(
            "{:?} has no tract length above {largest}: taken as mm that is too short, it looks like {of_which}",
            place.key
        );
        let hint = format!(
            "say length_unit = {unit:?}, or length_unit = \"mm\" if they are mm of a small brain"
        );
        Err(Error::data_hint(&place.path, problem, hint))
    }

    /// Gives connections without a length what they are to have.
    fn complete(
        &self,
        place: &Place,
        lengths: &mut Array2<f64>,
        notes: &mut Vec<String>,
    ) -> Result<()> {
        let missing = doubts::without_length(&self.is_connected, lengths);
        if missing.is_empty() {
            return Ok(());
        }
        let key = &place.key;
        if lengths.iter().all(|length| *length == 0.0) {
            notes.push(format!(
                "{key:?} is 0 everywhere: no connection has a delay"
            ));
            return Ok(());
        }
        let n = missing.len();
        let pairs = doubts::pairs(self.labels, &missing);
        let have = if n == 1 { "has" } else { "have" };
        let given = match self.options.missing_lengths {
            MissingLengths::Refuse => {
                let problem = format!(
                    "{n} of the connected pairs of regions {have} no length in {key:?} (0): {pairs}"
                );
                let hint = "say missing_lengths = \"euclidean\" (between the centres), a length in mm, or \"zero\" for no delay";
                return Err(Error::data_hint(&place.path, problem, hint));
            }
            MissingLengths::Zero => {
                notes.push(format!(
                    "{n} of the connected pairs of regions {have} no length, and so no delay: {pairs}"
                ));
                return Ok(());
            }
            MissingLengths::Fixed(mm) => Array2::from_elem(lengths.dim(), mm),
            MissingLengths::Euclidean => match self.centres {
                Some(centres) => euclidean(centres),
                None => {
                    let problem = format!(
                        "{n} of the connected pairs of regions {have} no length, and there are no centres to take it from: {pairs}"
                    );
                    let hint = "name the centres with centres = NAME, or say missing_lengths = a length in mm";
                    return Err(Error::data_hint(&place.path, problem, hint));
                }
            },
        };
        for [a, b] in missing {
            for place in [[a, b], [b, a]] {
                if self.is_connected[place] && lengths[place] == 0.0 {
                    lengths[place] = given[place];
                }
            }
        }
        let from = match self.options.missing_lengths {
            MissingLengths::Fixed(mm) => format!("{mm} mm"),
            _ => "the distance of their centres".into(),
        };
        notes.push(format!(
            "{n} of the connected pairs of regions {have} no length in {key:?}: it is set to {from}: {pairs}"
        ));
        Ok(())
    }
}

/// Distances of all centres, mm.
fn euclidean(centres: &Array2<f64>) -> Array2<f64> {
    let n = centres.nrows();
    Array2::from_shape_fn((n, n), |(a, b)| {
        let between = &centres.row(a) - &centres.row(b);
        between.dot(&between).sqrt()
    })
}

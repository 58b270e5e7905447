//! Tract lengths and delays: their unit, what is missing, what is implausible.

use std::path::Path;

use ndarray::{Array2, ArrayD};

use super::Options;
use super::functional::Regions;
use super::join::in_order;
use super::parts::Parts;
use crate::connectome::check::{self, Place};
use crate::connectome::{Delays, LengthUnit, MissingLengths, Orientation, doubts};
use crate::word::Word;
use crate::{Error, Result};

/// The largest tract length of a brain, mm, below which lengths look like metres.
const METRES: f64 = 0.5;
/// The same for centimetres: a human brain has tracts of 150 mm and more.
const CENTIMETRES: f64 = 30.0;
/// A parcellation of this many regions spans a brain.
const WHOLE_BRAIN: usize = 20;
/// Fewer regions than this are no brain's.
const FEWEST: usize = 5;
/// The longest tract of any animal's brain is shorter, mm.
const LONGEST: f64 = 2000.0;
/// A brain's longest delay lies between these, ms: below it looks like seconds, above like microseconds.
const DELAYS: [f64; 2] = [0.5, 5000.0];

/// What lengths and delays are checked against.
pub(super) struct Distances<'a> {
    pub(super) options: &'a Options,
    pub(super) regions: &'a Regions<'a>,
    pub(super) labels: &'a [String],
    /// `[target, source]`, by any of the weights.
    pub(super) is_connected: Array2<bool>,
    pub(super) centres: Option<&'a Array2<f64>>,
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
    pub(super) fn of(
        &self,
        path: &Path,
        parts: &mut Parts,
        notes: &mut Vec<String>,
    ) -> Result<Delays> {
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
        let values = in_order(&mut found, self.regions, notes)?;
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
                are_plausible_delays(&found.place, &delays)?;
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
            Some(unit) => {
                lengths *= unit.mm();
                no_longer_than_a_brain(place, unit, &lengths)?;
            }
            None => notes.extend(self.are_plausible(place, &lengths)?),
        }
        self.complete(place, &mut lengths, notes)?;
        Ok(lengths)
    }

    /// Refuses lengths that are too short or too long for a brain; says where they may be.
    fn are_plausible(&self, place: &Place, lengths: &Array2<f64>) -> Result<Option<String>> {
        let largest = largest(lengths);
        let key = &place.key;
        let (unit, of_which) = match largest {
            0.0 => return Ok(None),
            largest if largest < METRES => ("m", "metres"),
            largest if largest < CENTIMETRES && self.n_nodes() >= WHOLE_BRAIN => {
                ("cm", "centimetres")
            }
            largest if largest < CENTIMETRES && self.n_nodes() >= FEWEST => {
                return Ok(Some(format!(
                    "{key:?} has no tract length above {largest} mm, as in a small brain: say length_unit = \"cm\" if they are centimetres"
                )));
            }
            largest if largest > LONGEST => ("um", "micrometres"),
            _ => return Ok(None),
        };
        let (side, wrong, brain) = match largest > LONGEST {
            true => ("a tract length of", "long", "one that large"),
            false => ("no tract length above", "short", "a small brain"),
        };
        let problem = format!(
            "{key:?} has {side} {largest}: taken as mm that is too {wrong}, it looks like {of_which}"
        );
        let hint = format!(
            "say length_unit = {unit:?}, or length_unit = \"mm\" if they are mm of {brain}"
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

fn largest(values: &Array2<f64>) -> f64 {
    values.iter().copied().fold(0.0, f64::max)
}

/// Refuses a unit, other than mm, in which tracts would be longer than any brain.
fn no_longer_than_a_brain(place: &Place, unit: LengthUnit, lengths: &Array2<f64>) -> Result<()> {
    let largest = largest(lengths);
    if unit == LengthUnit::Millimetres || largest <= LONGEST {
        return Ok(());
    }
    let (key, word) = (&place.key, unit.word());
    let problem = format!(
        "{key:?} has a tract length of {largest} mm if its unit is {word}: longer than any brain"
    );
    let hint = "say length_unit = \"mm\" if that is the unit";
    Err(Error::data_hint(&place.path, problem, hint))
}

/// Refuses delays that are too short or too long to be ms.
fn are_plausible_delays(place: &Place, delays: &Array2<f64>) -> Result<()> {
    let largest = largest(delays);
    let (unit, factor) = match largest {
        largest if largest > 0.0 && largest < DELAYS[0] => ("seconds", "multiply them by 1000"),
        largest if largest > DELAYS[1] => ("microseconds", "divide them by 1000"),
        _ => return Ok(()),
    };
    let problem = format!(
        "{:?} has delays of up to {largest}: no brain's in ms, it looks like {unit}",
        place.key
    );
    let hint = format!(
        "{factor}; if they are ms, give tract lengths of as many mm and coupling.conduction_speed = 1"
    );
    Err(Error::data_hint(&place.path, problem, hint))
}

/// Distances of all centres, mm.
fn euclidean(centres: &Array2<f64>) -> Array2<f64> {
    let n = centres.nrows();
    Array2::from_shape_fn((n, n), |(a, b)| {
        let between = &centres.row(a) - &centres.row(b);
        between.dot(&between).sqrt()
    })
}

//! Numbers in a row that a program looks up.

use std::hash::{Hash, Hasher};

/// Numbers in a row; a table in two directions is stored row after row.
///
/// Two tables are equal if they are one and the same: programs refer to tables, they do not hold them.
pub struct Table {
    name: String,
    doubles: Vec<f64>,
    singles: Vec<f32>,
}

impl Table {
    /// The most entries: places are counted in 32-bit numbers.
    pub const MOST: usize = 1 << 22;

    /// The table of these entries. `name` is a word; the tables of a program have different names.
    ///
    /// # Panics
    /// If there are no entries, or more than [`Table::MOST`].
    pub fn new(name: &str, entries: Vec<f64>) -> Self {
        assert!(
            (1..=Self::MOST).contains(&entries.len()),
            "from one entry to 2^22"
        );
        Self {
            name: name.into(),
            singles: entries.iter().map(|&entry| entry as f32).collect(),
            doubles: entries,
        }
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The number of entries.
    #[expect(clippy::len_without_is_empty, reason = "a table has an entry")]
    pub fn len(&self) -> usize {
        self.doubles.len()
    }

    /// The place of the last entry.
    pub fn last(&self) -> u32 {
        self.doubles.len() as u32 - 1
    }

    /// Its entries.
    pub fn entries(&self) -> &[f64] {
        &self.doubles
    }

    /// The entry nearest to this place; see [`Scalar::look`](super::Scalar::look).
    pub fn at(&self, place: f64) -> f64 {
        if place.is_nan() {
            return place;
        }
        let place = place.clamp(0.0, f64::from(self.last()));
        self.doubles[place.round_ties_even() as usize]
    }

    /// Its entries in 32 bits.
    pub fn singles(&self) -> &[f32] {
        &self.singles
    }

    /// The entry in this place in 32 bits, the last one if there are not so many.
    #[inline(always)]
    pub fn single(&self, place: u32) -> f32 {
        self.singles[(place as usize).min(self.singles.len() - 1)]
    }
}

impl PartialEq for Table {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Table {}

impl Hash for Table {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::ptr::from_ref(self).hash(state);
    }
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Table({}, {} entries)", self.name, self.len())
    }
}

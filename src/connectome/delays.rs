//! How far apart regions are, and what holds where a file does not say.

use ndarray::Array2;

use crate::word::words;

/// How far apart the regions are.
#[derive(Debug, Clone)]
pub enum Delays {
    /// `lengths[[target, source]]`, mm, finite, not negative.
    TractLengths(Array2<f64>),
    /// `delays[[target, source]]`, ms, finite, not negative: whatever the conduction speed.
    Milliseconds(Array2<f64>),
    /// `steps[[target, source]]`: delays given in steps.
    Steps(Array2<u32>),
    /// Not known: only networks without delays can run.
    None,
}

/// The unit of the tract lengths of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LengthUnit {
    /// Micrometres.
    Micrometres,
    /// Millimetres.
    Millimetres,
    /// Centimetres.
    Centimetres,
    /// Metres.
    Metres,
}

words!(LengthUnit {
    Micrometres = "um",
    Millimetres = "mm",
    Centimetres = "cm",
    Metres = "m",
});

impl LengthUnit {
    /// How many mm the unit is.
    pub fn mm(self) -> f64 {
        match self {
            Self::Micrometres => 0.001,
            Self::Millimetres => 1.0,
            Self::Centimetres => 10.0,
            Self::Metres => 1000.0,
        }
    }
}

/// What becomes of connections without a length.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum MissingLengths {
    /// They are an error.
    #[default]
    Refuse,
    /// Their length is 0: no delay.
    Zero,
    /// Their length is the distance of the centres of their regions.
    Euclidean,
    /// They have this length, mm.
    Fixed(f64),
}

impl MissingLengths {
    /// What a text names: `refuse`, `zero`, `euclidean`, or a length in mm.
    pub fn from_text(text: &str) -> Option<Self> {
        match text {
            "refuse" => Some(Self::Refuse),
            "zero" => Some(Self::Zero),
            "euclidean" => Some(Self::Euclidean),
            _ => {
                let mm: f64 = text.parse().ok()?;
                (mm.is_finite() && mm >= 0.0).then_some(Self::Fixed(mm))
            }
        }
    }
}

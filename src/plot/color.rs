//! Colours that stay apart with any colour vision and in print.

/// A colour, as red, green and blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Color(pub [u8; 3]);

impl Color {
    /// Frames, ticks and text.
    pub const INK: Self = Self([0x22, 0x22, 0x22]);
    /// What a figure is drawn on.
    pub(super) const PAPER: Self = Self([0xff; 3]);
    /// A cell without a value.
    pub const MISSING: Self = Self([0xbd, 0xbd, 0xbd]);

    /// The set of Okabe & Ito (2008) in an order that suits thin curves; its yellow is left out, which white paper swallows.
    pub const QUALITATIVE: [Self; 7] = [
        Self([0x00, 0x72, 0xb2]), // blue
        Self([0xd5, 0x5e, 0x00]), // vermilion
        Self([0x00, 0x9e, 0x73]), // bluish green
        Self([0xcc, 0x79, 0xa7]), // reddish purple
        Self([0xe6, 0x9f, 0x00]), // orange
        Self([0x56, 0xb4, 0xe9]), // sky blue
        Self([0x00, 0x00, 0x00]), // black
    ];

    /// The colour of curve `index` of `n`: [`Color::QUALITATIVE`] for a few, viridis in order for many.
    pub fn of_series(index: usize, n: usize) -> Self {
        if n <= Self::QUALITATIVE.len() {
            return Self::QUALITATIVE[index % Self::QUALITATIVE.len()];
        }
        // Up to 0.9 only: viridis ends in the yellow that white paper swallows.
        Colormap::Viridis.at(0.9 * index as f64 / (n - 1) as f64)
    }

    /// As SVG writes it, `#0072b2`.
    pub(crate) fn hex(self) -> String {
        let [r, g, b] = self.0;
        format!("#{r:02x}{g:02x}{b:02x}")
    }
}

/// How a number becomes a colour: maps whose lightness rises evenly, so that they survive grey printing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Colormap {
    /// Blue over green to yellow.
    #[default]
    Viridis,
    /// Blue over magenta to yellow; the tutorial's weights.
    Plasma,
    /// Black over red to pale yellow; the tutorial's tract lengths.
    Inferno,
}

impl Colormap {
    /// The colour at `fraction` of the way from 0 (least) to 1 (most); held at the ends beyond.
    pub fn at(self, fraction: f64) -> Color {
        let gradient = match self {
            Self::Viridis => colorous::VIRIDIS,
            Self::Plasma => colorous::PLASMA,
            Self::Inferno => colorous::INFERNO,
        };
        Color(
            gradient
                .eval_continuous(fraction.clamp(0.0, 1.0))
                .as_array(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_maps_are_those_of_matplotlib() {
        // First and last entries of matplotlib's tables.
        for (map, first, last) in [
            (Colormap::Viridis, [68, 1, 84], [253, 231, 37]),
            (Colormap::Plasma, [13, 8, 135], [240, 249, 33]),
            (Colormap::Inferno, [0, 0, 4], [252, 255, 164]),
        ] {
            for (fraction, expected) in [(0.0, first), (1.0, last)] {
                let Color(found) = map.at(fraction);
                let off = found
                    .iter()
                    .zip(expected)
                    .map(|(a, b): (&u8, u8)| a.abs_diff(b))
                    .max();
                assert!(
                    off <= Some(1),
                    "{map:?} at {fraction}: {found:?}, not {expected:?}"
                );
            }
        }
    }

    #[test]
    fn every_curve_has_its_own_colour() {
        for n in [1, 2, 7, 8, 20] {
            let colors: Vec<_> = (0..n).map(|i| Color::of_series(i, n).0).collect();
            let distinct: std::collections::BTreeSet<_> = colors.iter().collect();
            assert_eq!(distinct.len(), n);
        }
    }
}

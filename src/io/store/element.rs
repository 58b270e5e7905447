//! Elements as the bytes of a chunk.

use super::Kind;

/// A number that a variable holds.
pub trait Element: Copy {
    /// The variables that hold it.
    const KIND: Kind;

    /// What stands where nothing was written.
    const FILL: Self;

    /// Little-endian, one after another.
    fn to_bytes(elements: &[Self]) -> Vec<u8>;

    /// The same backwards.
    fn from_bytes(bytes: &[u8]) -> Vec<Self>;
}

macro_rules! element {
    ($number:ty, $kind:ident, $fill:expr) => {
        impl Element for $number {
            const KIND: Kind = Kind::$kind;
            const FILL: Self = $fill;

            fn to_bytes(elements: &[Self]) -> Vec<u8> {
                let mut bytes = Vec::with_capacity(size_of_val(elements));
                for element in elements {
                    bytes.extend_from_slice(&element.to_le_bytes());
                }
                bytes
            }

            fn from_bytes(bytes: &[u8]) -> Vec<Self> {
                let (elements, _) = bytes.as_chunks();
                elements.iter().copied().map(Self::from_le_bytes).collect()
            }
        }
    };
}

element!(f64, Double, f64::NAN);
element!(f32, Single, f32::NAN);
element!(u8, Flag, 0);

//! Numbers as the page has them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::ser::{Serialize, SerializeMap, Serializer};

/// Numbers in the order that their view says: base64 of little-endian floats.
#[derive(Debug, Clone, PartialEq)]
pub struct Numbers {
    /// The key that tells how wide they are.
    width: &'static str,
    text: String,
    n: usize,
}

impl Numbers {
    /// With 24 bits of precision: what is drawn.
    pub fn single(values: impl IntoIterator<Item = f32>) -> Self {
        let (bytes, n) = bytes(values, f32::to_le_bytes);
        Self::of("f4", &bytes, n)
    }

    /// With 53 bits: what is written into commands, and what is zoomed into.
    pub fn double(values: impl IntoIterator<Item = f64>) -> Self {
        let (bytes, n) = bytes(values, f64::to_le_bytes);
        Self::of("f8", &bytes, n)
    }

    fn of(width: &'static str, bytes: &[u8], n: usize) -> Self {
        Self {
            width,
            text: STANDARD.encode(bytes),
            n,
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.n
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.n == 0
    }
}

fn bytes<T, const N: usize>(
    values: impl IntoIterator<Item = T>,
    little_endian: fn(T) -> [u8; N],
) -> (Vec<u8>, usize) {
    let bytes: Vec<u8> = values.into_iter().flat_map(little_endian).collect();
    let n = bytes.len() / N;
    (bytes, n)
}

impl Serialize for Numbers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(self.width, &self.text)?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_little_endian_in_base64() {
        let one = Numbers::single([1.0]);
        assert_eq!(serde_json::to_string(&one).unwrap(), r#"{"f4":"AACAPw=="}"#);
        let two = Numbers::double([1.0, f64::NAN]);
        assert_eq!(two.len(), 2);
        let json = serde_json::to_value(&two).unwrap();
        let bytes = STANDARD.decode(json["f8"].as_str().unwrap()).unwrap();
        assert_eq!(bytes[..8], 1.0_f64.to_le_bytes());
        assert!(f64::from_le_bytes(bytes[8..].try_into().unwrap()).is_nan());
    }
}

//! CRC-32C, the checksum that Zarr's codec `crc32c` puts after the bytes of a chunk.
//!
//! The polynomial is that of Castagnoli, Bräuer & Herrmann (1993), IEEE Trans. Commun. 41, 883; the
//! form (reflected, inverted before and after) that of RFC 3720, appendix B.4. Eight tables take
//! eight bytes at a time (Kounavis & Berry, 2008, IEEE Trans. Comput. 57, 1550).

/// Bytes of a checksum.
pub(super) const BYTES: usize = 4;

/// The polynomial, its lowest power in the highest bit.
const POLYNOMIAL: u32 = 0x82f6_3b78;

/// `TABLES[k][b]`: what byte `b` adds, seen `k` bytes before the end.
static TABLES: [[u32; 256]; 8] = tables();

const fn tables() -> [[u32; 256]; 8] {
    let mut tables = [[0; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let mut rest = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            rest = (rest >> 1) ^ (POLYNOMIAL * (rest & 1));
            bit += 1;
        }
        tables[0][byte] = rest;
        byte += 1;
    }
    let mut k = 1;
    while k < 8 {
        let mut byte = 0;
        while byte < 256 {
            let before: u32 = tables[k - 1][byte];
            tables[k][byte] = (before >> 8) ^ tables[0][(before & 0xff) as usize];
            byte += 1;
        }
        k += 1;
    }
    tables
}

/// The checksum of `bytes`.
pub(super) fn of(bytes: &[u8]) -> u32 {
    let (eights, rest) = bytes.as_chunks::<8>();
    let mut sum = !0_u32;
    for eight in eights {
        let word = u64::from_le_bytes(*eight) ^ u64::from(sum);
        sum = 0;
        for k in 0..8 {
            sum ^= TABLES[7 - k][(word >> (8 * k)) as usize & 0xff];
        }
    }
    for byte in rest {
        sum = (sum >> 8) ^ TABLES[0][((sum ^ u32::from(*byte)) & 0xff) as usize];
    }
    !sum
}

/// Puts the checksum of `bytes` after them, and gives it.
pub(super) fn seal(bytes: &mut Vec<u8>) -> u32 {
    let sum = of(bytes);
    bytes.extend(sum.to_le_bytes());
    sum
}

/// The checksum with which sealed bytes end, right or not.
///
/// # Panics
/// If they are shorter than a checksum.
pub(super) fn last(sealed: &[u8]) -> u32 {
    let sum = sealed.last_chunk::<BYTES>();
    u32::from_le_bytes(*sum.expect("sealed bytes end with a checksum"))
}

/// The bytes before the checksum; `None` if the checksum is another's.
pub(super) fn opened(sealed: &[u8]) -> Option<&[u8]> {
    let (bytes, sum) = sealed.split_last_chunk::<BYTES>()?;
    (of(bytes) == u32::from_le_bytes(*sum)).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 3720, appendix B.4, and the usual check of catalogues of checksums.
    #[test]
    fn published_values() {
        assert_eq!(of(&[0; 32]), 0x8a91_36aa);
        assert_eq!(of(&[0xff; 32]), 0x62a8_ab43);
        let up: Vec<u8> = (0..32).collect();
        assert_eq!(of(&up), 0x46dd_794e);
        let down: Vec<u8> = (0..32).rev().collect();
        assert_eq!(of(&down), 0x113f_db5c);
        assert_eq!(of(b"123456789"), 0xe306_9283);
        assert_eq!(of(b""), 0);
    }

    #[test]
    fn every_flipped_bit_and_every_cut_shows() {
        let mut sealed: Vec<u8> = (0..45).map(|k| (k * 37 % 251) as u8).collect();
        let bytes = sealed.clone();
        seal(&mut sealed);
        assert_eq!(opened(&sealed), Some(&bytes[..]));
        for bit in 0..8 * sealed.len() {
            let mut flipped = sealed.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(opened(&flipped), None, "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert_eq!(opened(&sealed[..length]), None, "cut to {length}");
        }
    }
}

//! A short name for bytes, by which equal ones are known.

/// Fowler, Noll and Vo's hash, variant 1a, 64 bits, in 16 hexadecimal digits.
pub(super) fn fnv1a(bytes: impl IntoIterator<Item = u8>) -> String {
    let hash = bytes
        .into_iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    format!("{hash:016x}")
}

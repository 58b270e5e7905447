//! The checksum of HDF5's metadata: Bob Jenkins's lookup3 of 2006, `hashlittle` from 0.

/// The checksum of `bytes`.
pub(super) fn lookup3(bytes: &[u8]) -> u32 {
    let start = 0xdead_beef_u32.wrapping_add(bytes.len() as u32);
    let [mut a, mut b, mut c] = [start; 3];
    if bytes.is_empty() {
        return c;
    }
    // The last block, full or not, is finished in another way than those before it are mixed.
    let (before, last) = bytes.split_at((bytes.len() - 1) / 12 * 12);
    for block in before.as_chunks::<12>().0 {
        [a, b, c] = plus([a, b, c], block);
        // After six rounds each has its own place again.
        for turn in [4, 6, 8, 16, 19, 4] {
            a = a.wrapping_sub(c) ^ c.rotate_left(turn);
            c = c.wrapping_add(b);
            [a, b, c] = [b, c, a];
        }
    }
    let mut block = [0; 12];
    block[..last.len()].copy_from_slice(last);
    [a, b, c] = plus([a, b, c], &block);
    for turn in [14, 11, 25, 16, 4, 14, 24] {
        c = (c ^ b).wrapping_sub(b.rotate_left(turn));
        [a, b, c] = [b, c, a];
    }
    b
}

fn plus(state: [u32; 3], block: &[u8; 12]) -> [u32; 3] {
    let words = block.as_chunks().0;
    std::array::from_fn(|k| state[k].wrapping_add(u32::from_le_bytes(words[k])))
}

#[cfg(test)]
mod tests {
    /// The values that the comments of lookup3.c name.
    #[test]
    fn known_values() {
        let text = b"Four score and seven years ago";
        assert_eq!(super::lookup3(b""), 0xdead_beef);
        assert_eq!(super::lookup3(text), 0x1777_0551);
    }
}

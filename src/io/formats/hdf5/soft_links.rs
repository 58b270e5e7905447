//! Soft links in groups of HDF5's first form, on which `hdf5_pure` gives up the whole file.
//!
//! They are taken out of the bytes in memory. What they lead to keeps its own name and is read under it;
//! groups of the later form need nothing.

use std::ops::Range;

use super::older::number;

/// A node of a group: its signature, version 1, nothing, the number of its entries, and these.
const NODE: &[u8] = b"SNOD\x01\x00";
const PREFIX: usize = 8;
const ENTRY: usize = 40;
/// Within an entry: where its object lies, and what kind of entry it is.
const OBJECT: Range<usize> = 8..16;
const KIND: Range<usize> = 16..20;
const SOFT_LINK: u64 = 2;

pub(super) fn removed(file: &mut [u8]) {
    let mut at = 0;
    while let Some(next) = file[at..].windows(NODE.len()).position(|b| b == NODE) {
        let start = at + next;
        at = start + NODE.len();
        let n = file.get(at..at + 2).map_or(0, number) as usize;
        let entries = start + PREFIX;
        let Some(node) = file.get_mut(entries..entries + n * ENTRY) else {
            continue;
        };
        // A soft link has no object of its own.
        let is_link =
            |entry: &[u8]| number(&entry[KIND]) == SOFT_LINK && number(&entry[OBJECT]) == u64::MAX;
        let kept: Vec<u8> = node
            .chunks_exact(ENTRY)
            .filter(|entry| !is_link(entry))
            .flatten()
            .copied()
            .collect();
        if kept.len() < node.len() {
            node[..kept.len()].copy_from_slice(&kept);
            let n = (kept.len() / ENTRY) as u16;
            file[at..at + 2].copy_from_slice(&n.to_le_bytes());
        }
    }
}

//! The B-tree of version 2 in which HDF5 keeps the chunks of arrays with two or more growing axes.

use super::older::{checked, number};

const WORD: usize = 8;
/// Signature, version and kind before the records of a node.
const PREFIX: usize = 6;
const CHECKSUM: usize = 4;
/// Levels of a tree; each holds some fifty times the records of the one below.
const DEEPEST: usize = 12;

/// A chunk as it lies in the file.
#[derive(Clone)]
pub(super) struct ChunkRecord {
    pub(super) address: u64,
    /// Bytes, 0 of chunks that are not packed.
    pub(super) size: u64,
    /// The filters that were left out.
    pub(super) filter_mask: u32,
    /// Along each axis, which chunk it is.
    pub(super) place: Vec<u64>,
}

pub(super) struct ChunkTree {
    pub(super) is_packed: bool,
    pub(super) records: Vec<ChunkRecord>,
}

struct Shape<'a> {
    file: &'a [u8],
    base: usize,
    kind: u8,
    rank: usize,
    record: usize,
    /// Bytes of the number of records of a node.
    width: usize,
    /// Of each level from the leaves up: bytes of the number of records below a node, with its own.
    widths_below: Vec<usize>,
}

/// Reads the tree whose header is at `address`, of at most `most` chunks; none where it is damaged or of
/// another kind.
pub(super) fn read(
    file: &[u8],
    base: usize,
    address: u64,
    rank: usize,
    most: usize,
) -> Option<ChunkTree> {
    let at = usize::try_from(address).ok()?.checked_add(base)?;
    let header = checked(
        file,
        at..at.checked_add(PREFIX + 10 + 2 + 2 * WORD + CHECKSUM)?,
    )?;
    let kind = header[5];
    if !header.starts_with(b"BTHD\0") || !matches!(kind, 10 | 11) {
        return None;
    }
    let node_size = number(&header[6..10]) as usize;
    let record = number(&header[10..12]) as usize;
    let depth = number(&header[12..14]) as usize;
    let root = number(&header[16..24]);
    let n_in_root = number(&header[24..26]) as usize;
    let n_in_all = number(&header[26..34]) as usize;
    let least = match kind {
        10 => WORD + rank * WORD,
        _ => WORD + 1 + 4 + rank * WORD,
    };
    let is_sound = match kind {
        10 => record == least,
        _ => (least..=least + WORD - 1).contains(&record),
    };
    if !is_sound || depth > DEEPEST || n_in_all > most {
        return None;
    }
    let room = node_size.checked_sub(PREFIX + CHECKSUM)?;
    let most_in_leaf = (room / record) as u64;
    let width = bytes_of(most_in_leaf);
    let mut widths_below = vec![0];
    let mut most_below = most_in_leaf;
    for _ in 0..depth {
        let pointer = WORD + width + widths_below.last()?;
        let most = (room.checked_sub(pointer)? / (record + pointer)) as u64;
        most_below = (most + 1).checked_mul(most_below)?.checked_add(most)?;
        widths_below.push(bytes_of(most_below));
    }
    let shape = Shape {
        file,
        base,
        kind,
        rank,
        record,
        width,
        widths_below,
    };
    let mut records = Vec::with_capacity(n_in_all);
    if n_in_all > 0 {
        shape.node(root, n_in_root, depth, n_in_all, &mut records)?;
    }
    (records.len() == n_in_all).then_some(ChunkTree {
        is_packed: kind == 11,
        records,
    })
}

/// How many bytes the numbers up to `most` take.
fn bytes_of(most: u64) -> usize {
    (most.max(1).ilog2() / 8 + 1) as usize
}

impl Shape<'_> {
    /// Adds the records of a node and of all below it, `most` in all.
    fn node(
        &self,
        address: u64,
        n: usize,
        level: usize,
        most: usize,
        records: &mut Vec<ChunkRecord>,
    ) -> Option<()> {
        let at = usize::try_from(address).ok()?.checked_add(self.base)?;
        let pointer = match level {
            0 => 0,
            _ => WORD + self.width + self.widths_below[level - 1],
        };
        let in_records = n.checked_mul(self.record)?;
        let n_pointers = if level == 0 { 0 } else { n + 1 };
        if n > most - records.len() {
            return None;
        }
        let size = PREFIX + in_records + n_pointers * pointer + CHECKSUM;
        let node = checked(self.file, at..at.checked_add(size)?)?;
        let signature: &[u8] = if level == 0 { b"BTLF\0" } else { b"BTIN\0" };
        if !node.starts_with(signature) || node[5] != self.kind {
            return None;
        }
        let (own, pointers) = node[PREFIX..].split_at(in_records);
        records.extend(own.chunks_exact(self.record).map(|bytes| self.chunk(bytes)));
        if level == 0 {
            return Some(());
        }
        for child in pointers.chunks_exact(pointer) {
            let n = number(&child[WORD..WORD + self.width]) as usize;
            self.node(number(&child[..WORD]), n, level - 1, most, records)?;
        }
        Some(())
    }

    fn chunk(&self, record: &[u8]) -> ChunkRecord {
        let (fields, places) = record.split_at(self.record - self.rank * WORD);
        // Of packed chunks: size and mask after the address.
        let (size, mask) = match self.kind {
            10 => (0, 0),
            _ => {
                let (size, mask) = fields[WORD..].split_at(fields.len() - WORD - 4);
                (number(size), number(mask) as u32)
            }
        };
        ChunkRecord {
            address: number(&fields[..WORD]),
            size,
            filter_mask: mask,
            place: places.chunks_exact(WORD).map(number).collect(),
        }
    }
}

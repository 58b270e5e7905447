//! Files in HDF5's newest forms, turned in memory into forms that `hdf5_pure` reads.
//!
//! Two forms are turned. Packed arrays under `libver="latest"` of HDF5 2.0 have a data layout of version 5,
//! which differs from version 4 in one thing: the indices of their chunks count bytes in 8 bytes, as the
//! indices themselves say. And arrays with two or more growing axes find their chunks in a B-tree of
//! version 2; it becomes a fixed array, appended to the file.
//!
//! Only metadata whose checksums are right are touched, and get new checksums. Whatever else is met is left
//! as it is, for `hdf5_pure` to refuse.
//!
//! Names of fields are those of the HDF5 file format specification, version 4.0.

use std::ops::Range;

use super::checksum::lookup3;
use super::chunk_tree::{self, ChunkRecord};
use super::soft_links;

/// Bytes of an address and of a length, in all files of libraries that write these forms.
const WORD: usize = 8;
const CHECKSUM: usize = 4;
/// What may be appended beyond the file's own length, bytes.
const APPENDED: usize = 16 << 20;
/// Continuations of one object header.
const MOST_BLOCKS: usize = 1000;

const DATASPACE: u8 = 1;
const DATA_LAYOUT: u8 = 8;
const CONTINUATION: u8 = 16;

const CHUNKED: u8 = 2;
const FIXED_ARRAY: u8 = 3;
const B_TREE_2: u8 = 5;

/// The unsigned number in `bytes`, at most 8 of them, the lowest first.
pub(super) fn number(bytes: &[u8]) -> u64 {
    let digits = bytes.iter().rev();
    digits.fold(0, |number, &byte| number << 8 | u64::from(byte))
}

/// The bytes of `range`, whose last four are the checksum of the others.
pub(super) fn checked(bytes: &[u8], range: Range<usize>) -> Option<&[u8]> {
    let block = bytes.get(range)?;
    let (body, sum) = block.split_last_chunk::<CHECKSUM>()?;
    (lookup3(body) == u32::from_le_bytes(*sum)).then_some(body)
}

/// Turns the newest forms in `file` into older ones.
pub(super) fn made_older(file: &mut Vec<u8>) {
    let Some(base) = base_address(file) else {
        return;
    };
    soft_links::removed(file);
    let limit = file.len().saturating_mul(2).saturating_add(APPENDED);
    let mut work = file.len().saturating_mul(8).saturating_add(APPENDED);
    let headers: Vec<usize> = file
        .windows(4)
        .enumerate()
        .filter(|(_, bytes)| *bytes == b"OHDR")
        .map(|(at, _)| at)
        .collect();
    for at in headers {
        if let Some(header) = Header::read(file, at, base, &mut work) {
            header.make_older(file, base, limit, &mut work);
        }
    }
}

/// Takes `n` bytes from what may be looked at, so that no file asks for more than a few times its length.
fn spend(work: &mut usize, n: usize) -> Option<()> {
    *work = work.checked_sub(n)?;
    Some(())
}

/// What addresses count from; none in a file whose addresses or lengths have other than 8 bytes.
fn base_address(file: &[u8]) -> Option<usize> {
    let starts = std::iter::once(0).chain((9..40).map(|power| 1 << power));
    let start = starts
        .take_while(|&at| at < file.len())
        .find(|&at| file[at..].starts_with(b"\x89HDF\r\n\x1a\n"))?;
    let superblock = file.get(start..)?;
    let (sizes, address) = match superblock.get(8)? {
        0 => (13, 24),
        1 => (13, 28),
        2 | 3 => (9, 12),
        _ => return None,
    };
    if superblock.get(sizes..sizes + 2)? != [WORD as u8; 2] {
        return None;
    }
    usize::try_from(number(superblock.get(address..address + WORD)?)).ok()
}

/// The messages of an object header of version 2.
struct Header {
    /// The header and its continuations, each with its checksum.
    blocks: Vec<Range<usize>>,
    dataspace: Option<Range<usize>>,
    layout: Option<Range<usize>>,
}

impl Header {
    fn read(file: &[u8], at: usize, base: usize, work: &mut usize) -> Option<Self> {
        let start = file.get(at..)?;
        if *start.get(4)? != 2 {
            return None;
        }
        let flags = *start.get(5)?;
        let times = if flags & 32 == 0 { 0 } else { 16 };
        let phases = if flags & 16 == 0 { 0 } else { 4 };
        let width = 1 << (flags & 3);
        let size_at = 6 + times + phases;
        let size = usize::try_from(number(start.get(size_at..size_at + width)?)).ok()?;
        let body = at + size_at + width;
        let end = body.checked_add(size)?.checked_add(CHECKSUM)?;
        let mut header = Self {
            blocks: Vec::new(),
            dataspace: None,
            layout: None,
        };
        let prefix = if flags & 4 == 0 { 4 } else { 6 };
        // Blocks that are still to be read, and where their messages begin.
        let mut blocks = vec![(at..end, body)];
        while let Some((block, body)) = blocks.pop() {
            spend(work, block.len())?;
            checked(file, block.clone())?;
            let messages = body..block.end - CHECKSUM;
            for (kind, message) in Self::messages(file, messages, prefix)? {
                match kind {
                    DATASPACE => header.dataspace = Some(message),
                    DATA_LAYOUT => header.layout = Some(message),
                    CONTINUATION => {
                        let fields = file.get(message)?;
                        let start = number(fields.get(..WORD)?) as usize;
                        let length = number(fields.get(WORD..2 * WORD)?) as usize;
                        let start = start.checked_add(base)?;
                        let end = start.checked_add(length)?;
                        let messages = start.checked_add(4)?;
                        if file.get(start..messages)? != b"OCHK" {
                            return None;
                        }
                        blocks.push((start..end, messages));
                    }
                    _ => {}
                }
            }
            header.blocks.push(block);
            if header.blocks.len() + blocks.len() > MOST_BLOCKS {
                return None;
            }
        }
        Some(header)
    }

    /// Kind and place of each message; those that lie elsewhere, shared, are left out.
    fn messages(
        file: &[u8],
        range: Range<usize>,
        prefix: usize,
    ) -> Option<Vec<(u8, Range<usize>)>> {
        let mut messages = Vec::new();
        let mut at = range.start;
        // What is too small for another message is a gap.
        while at + prefix <= range.end {
            let head = file.get(at..at + prefix)?;
            let end = at + prefix + number(&head[1..3]) as usize;
            if end > range.end {
                return None;
            }
            let is_shared = head[3] & 2 != 0;
            if !is_shared {
                messages.push((head[0], at + prefix..end));
            }
            at = end;
        }
        Some(messages)
    }

    /// Turns the layout of this dataset, if it is of a newest form, and makes the checksums right again.
    fn make_older(&self, file: &mut Vec<u8>, base: usize, limit: usize, work: &mut usize) {
        let Some(layout) = self.layout.clone() else {
            return;
        };
        let Some(chunks) = Chunks::read(&file[layout.clone()]) else {
            return;
        };
        let array = match chunks.index {
            B_TREE_2 => self.array_of_tree(file, &chunks, base, limit, work),
            _ => None,
        };
        if let (Some(array), Some(dataspace)) = (array, &self.dataspace) {
            let address = (file.len() - base) as u64;
            let at = layout.start + chunks.index_at;
            file[at] = FIXED_ARRAY;
            file[at + 1] = array.page_bits;
            file[at + 2..at + 2 + WORD].copy_from_slice(&address.to_le_bytes());
            file.extend(array.bytes(address));
            // Without its largest extent, a dataset has its chunks counted over what it is now.
            file[dataspace.start + 2] &= !1;
        }
        file[layout.start] = 4;
        for block in &self.blocks {
            let end = block.end - CHECKSUM;
            let sum = lookup3(&file[block.start..end]);
            file[end..block.end].copy_from_slice(&sum.to_le_bytes());
        }
    }

    fn array_of_tree(
        &self,
        file: &[u8],
        chunks: &Chunks,
        base: usize,
        limit: usize,
        work: &mut usize,
    ) -> Option<FixedArray> {
        let tree = chunks.tree(file, self.dataspace.as_ref()?, self.layout.as_ref()?)?;
        let room = limit.saturating_sub(file.len()) / FixedArray::PACKED;
        if tree.n_chunks > room {
            return None;
        }
        spend(work, tree.n_chunks * FixedArray::PACKED)?;
        tree.fixed_array(file, base)
    }
}

/// What a data layout of version 4 or 5 says of chunks, where one of them has to be turned.
struct Chunks {
    /// Of each axis.
    shape: Vec<u64>,
    index: u8,
    /// Where in the message the index is named.
    index_at: usize,
}

impl Chunks {
    fn read(message: &[u8]) -> Option<Self> {
        let &[version, CHUNKED, _, n_axes, width, ref rest @ ..] = message else {
            return None;
        };
        let (n_axes, width) = (usize::from(n_axes), usize::from(width));
        if !(1..=WORD).contains(&width) || n_axes < 2 {
            return None;
        }
        let sizes = rest.get(..n_axes * width)?;
        // The last axis is the bytes of an element.
        let shape = sizes.chunks_exact(width).take(n_axes - 1).map(number);
        let index = *rest.get(n_axes * width)?;
        let is_new = version == 5 || (version == 4 && index == B_TREE_2);
        is_new.then(|| Self {
            shape: shape.collect(),
            index,
            index_at: 5 + n_axes * width,
        })
    }

    /// The B-tree of this layout.
    fn tree(&self, file: &[u8], dataspace: &Range<usize>, layout: &Range<usize>) -> Option<Tree> {
        let &[version, rank, _, ref rest @ ..] = &file[dataspace.clone()] else {
            return None;
        };
        let before_extents = if version == 1 { 5 } else { 1 };
        let rank = usize::from(rank);
        let extents = rest.get(before_extents..before_extents + rank * WORD)?;
        if rank != self.shape.len() || self.shape.contains(&0) {
            return None;
        }
        let counts: Vec<u64> = extents
            .chunks_exact(WORD)
            .zip(&self.shape)
            .map(|(extent, &chunk)| number(extent).div_ceil(chunk))
            .collect();
        let n_chunks = counts
            .iter()
            .try_fold(1_u64, |n, &count| n.checked_mul(count))?;
        // Node size and percentages of split and merge are told by the tree once more.
        let address = layout.start + self.index_at + 1 + 6;
        let address = file[..layout.end].get(address..address + WORD)?;
        Some(Tree {
            address: number(address),
            counts,
            n_chunks: usize::try_from(n_chunks).ok()?,
        })
    }
}

/// A B-tree of chunks.
struct Tree {
    address: u64,
    /// Chunks along each axis.
    counts: Vec<u64>,
    n_chunks: usize,
}

impl Tree {
    /// Its chunks in the order of their places.
    fn fixed_array(&self, file: &[u8], base: usize) -> Option<FixedArray> {
        let tree = chunk_tree::read(file, base, self.address, self.counts.len(), self.n_chunks)?;
        let mut slots = vec![None; self.n_chunks];
        for record in tree.records {
            let slot = record.place.iter().zip(&self.counts).try_fold(
                0_usize,
                |slot, (&place, &count)| {
                    (place < count).then(|| slot * count as usize + place as usize)
                },
            )?;
            slots[slot] = Some(record);
        }
        Some(FixedArray {
            is_packed: tree.is_packed,
            page_bits: self.n_chunks.next_power_of_two().trailing_zeros().max(1) as u8,
            slots,
        })
    }
}

/// A chunk index of the kind "fixed array": one page of all chunks.
struct FixedArray {
    is_packed: bool,
    page_bits: u8,
    slots: Vec<Option<ChunkRecord>>,
}

impl FixedArray {
    /// Bytes of an entry of packed chunks: address, size, mask of filters.
    const PACKED: usize = WORD + WORD + 4;

    /// Header and data block, the header at `address`.
    fn bytes(&self, address: u64) -> Vec<u8> {
        let is_packed = u8::from(self.is_packed);
        let entry = if self.is_packed { Self::PACKED } else { WORD };
        let mut bytes = b"FAHD\0".to_vec();
        bytes.extend([is_packed, entry as u8, self.page_bits]);
        bytes.extend((self.slots.len() as u64).to_le_bytes());
        let block = bytes.len() + WORD + CHECKSUM;
        bytes.extend((address + block as u64).to_le_bytes());
        bytes.extend(lookup3(&bytes).to_le_bytes());
        bytes.extend(b"FADB\0");
        bytes.push(is_packed);
        bytes.extend(address.to_le_bytes());
        for slot in &self.slots {
            let address = slot.as_ref().map_or(u64::MAX, |chunk| chunk.address);
            bytes.extend(address.to_le_bytes());
            if self.is_packed {
                let (size, mask) = slot.as_ref().map_or((0, 0), |c| (c.size, c.filter_mask));
                bytes.extend(size.to_le_bytes());
                bytes.extend(mask.to_le_bytes());
            }
        }
        bytes.extend(lookup3(&bytes[block..]).to_le_bytes());
        bytes
    }
}

//! How a body goes over the places of a block: vectors read and written, places repeated, operands found.
#![expect(
    unsafe_code,
    reason = "operands are addresses in several arrays, some of them the same; `run` checks their ends once instead of every access"
)]

use super::Op;
use crate::backend::cpu::pack::Pack;
use crate::backend::cpu::two::Two;

/// The vector at `from`.
///
/// # Safety
/// As many numbers as a vector has can be read there.
#[inline(always)]
pub(super) unsafe fn load<V: Pack>(from: *const f32) -> V {
    // SAFETY: the caller's.
    V::load(unsafe { std::slice::from_raw_parts(from, V::WIDTH) })
}

/// Writes a vector.
///
/// # Safety
/// As many numbers as a vector has can be written there, and nothing else refers to them.
#[inline(always)]
pub(super) unsafe fn store<V: Pack>(to: *mut f32, x: V) {
    // SAFETY: the caller's.
    x.store(unsafe { std::slice::from_raw_parts_mut(to, V::WIDTH) });
}

/// The vector of place `i` of a block, or the uniform one.
///
/// # Safety
/// As [`load`], at the place.
#[inline(always)]
pub(super) unsafe fn get<V: Pack, const UNIFORM: bool>(
    from: *const f32,
    uniform: V,
    i: usize,
) -> V {
    if UNIFORM {
        uniform
    } else {
        // SAFETY: the caller's.
        unsafe { load(from.add(i * V::WIDTH)) }
    }
}

/// Repeats the body for every place, four at a time written out.
macro_rules! places {
    ($n:expr, $i:ident => $body:expr) => {{
        let n = $n;
        let mut at = 0;
        while at + 4 <= n {
            {
                let $i = at;
                $body;
            }
            {
                let $i = at + 1;
                $body;
            }
            {
                let $i = at + 2;
                $body;
            }
            {
                let $i = at + 3;
                $body;
            }
            at += 4;
        }
        while at < n {
            let $i = at;
            $body;
            at += 1;
        }
    }};
}

/// Repeats the body for the places, four, two or one vectors at a time, held as one `W`; `all` makes one of a uniform vector. So long
/// chains of operations are interleaved.
macro_rules! wide_places {
    ($n:expr, $i:ident, $w:ident, $all:ident => $body:expr) => {{
        let n = $n;
        let mut $i = 0;
        while $i + 4 <= n {
            type $w<V> = Two<Two<V>>;
            let $all = four::<V>;
            $body
            $i += 4;
        }
        if $i + 2 <= n {
            type $w<V> = Two<V>;
            let $all = two::<V>;
            $body
            $i += 2;
        }
        if $i < n {
            type $w<V> = V;
            let $all = one::<V>;
            $body
        }
    }};
}

/// The addresses of the operands of an operation.
macro_rules! operands {
    ($op:ident, $block:ident => $($name:ident),*) => {
        let mut each = $op.at.iter();
        $(let $name = $block.at(*each.next().expect("as many operands as the operation takes"));)*
    };
}

pub(super) use {operands, places, wide_places};

/// How far apart the places of an operand lie.
#[inline(always)]
pub(super) fn stride<V: Pack>(op: &Op, operand: usize) -> usize {
    if op.uniform[operand] { 0 } else { V::WIDTH }
}

/// The same vector, four times.
#[inline(always)]
pub(super) fn four<V: Copy>(x: V) -> Two<Two<V>> {
    Two(Two(x, x), Two(x, x))
}

/// The same vector, twice.
#[inline(always)]
pub(super) fn two<V: Copy>(x: V) -> Two<V> {
    Two(x, x)
}

/// The vector itself.
#[inline(always)]
pub(super) fn one<V>(x: V) -> V {
    x
}

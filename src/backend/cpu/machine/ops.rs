//! What the operations do, each over all places of a block.
//!
//! Every body is written once for any [`Pack`] and is a function of its own in each kind of lane (one large function for all of them takes
//! the compiler many minutes). A body reads all operands of a place before it writes a result, so that a result may take the place of an
//! operand.
#![expect(
    unsafe_code,
    reason = "operands are addresses in several arrays, some of them the same; `run` checks their ends once instead of every access"
)]

mod access;
mod frames;
mod plain;

use super::{Arrays, At, Machine, N_BASES, Op};
use crate::backend::cpu::lanes::Lanes;
use crate::backend::cpu::pack::Pack;
use crate::program::Function;
use crate::scalar::Table;
use frames::{Coupled, Drive, DriveFirst, Process, Settle, SettleExponential};
use plain::{Call, Look, Move, Negative, Pair, Products, Select, Settled, Single, Splat, Tree};

/// The most operands that an operation has.
pub(super) const MOST_OPERANDS: usize = 12;

/// `a + b`
pub(super) const ADD: u8 = 0;
/// `a - b`
pub(super) const SUB: u8 = 1;
/// `a * b`
pub(super) const MUL: u8 = 2;
/// `b - a`
pub(super) const RSUB: u8 = 3;

/// The operations. Operands in the order of the equations, results first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    /// `d = a . b`
    Single(u8),
    /// `d = (a . b) . c`. Of a and b one at most is uniform: a, where they can change places.
    Pair(u8, u8),
    /// `d = (a . b) . (c . e)`
    Tree(u8, u8, u8),
    /// `d = (a b . c e) . f`
    Products(u8, u8),
    /// `d = -a`
    Negative,
    /// `d = f(a)`
    Call(Function),
    /// `d` is the entry of the table in place `a`.
    Look(&'static Table),
    /// `d = a < b ? c : e`
    Select,
    /// `d = a`
    Copy,
    /// `d = a`, one number in all lanes.
    Splat,
    /// `next, rest = compensated(total, carry, addend)`
    Compensated,
    /// `next = (process + (mean - process) rate) + amplitude normal`
    OrnsteinUhlenbeck,
    /// `input = (constant + g (sum - row_sum x)) + process`
    Coupled,
    /// `input, next = constant, g, sum, row_sum, x, process, mean, rate, amplitude, normal`: the two above at once.
    DriveFirst,
    /// `input, next = constant, process, mean, rate, amplitude, normal`: the process, and the constant plus its new value.
    Drive,
    /// `next, rest = total, carry, dt, own, f`: the change is `(dt exprel(dt own)) f`.
    SettleExponential,
    /// `next, rest = total, carry, factor, f`: the change is `factor f`.
    Settle,
}

/// Where the operands of a block begin.
pub(in crate::backend::cpu) struct Block {
    bases: [*mut f32; N_BASES],
    n: usize,
}

/// Performs an operation on a block.
pub(in crate::backend::cpu) type Perform = unsafe fn(&Op, &Block);

/// What an operation does, in any lanes.
pub(in crate::backend::cpu) trait Body {
    /// # Safety
    /// All operands lie within the arrays of the block for its places, the results where nothing else refers to them.
    unsafe fn perform<V: Pack>(op: &Op, block: &Block);
}

impl Block {
    #[inline(always)]
    fn at(&self, at: At) -> *mut f32 {
        // Never dereferenced here.
        self.bases[at.base as usize].wrapping_add(at.offset)
    }
}

/// One step of all blocks.
pub(super) fn run(machine: &mut Machine, arrays: Arrays) {
    let Machine {
        ops,
        blocks,
        lanes,
        n_quantities,
        n_varying,
        scratch,
        uniform,
        varying,
        ends,
        common_normals,
    } = machine;
    let width = lanes.width();
    let normal_width = if *common_normals { 1 } else { width };
    let padded = blocks.len() * blocks.n_in_block * width;
    // What every operand's offset was checked against when the machine was made.
    let has_room = arrays.kept.len() >= *n_quantities * padded
        && varying.len() >= *n_varying * padded
        && arrays.sums.len() >= ends[0]
        && arrays.predicted.len() >= ends[1]
        && arrays.feedback.len() >= ends[2]
        && arrays.waves.len() >= ends[3]
        && arrays.normal.len() >= ends[4];
    assert!(has_room, "arrays as long as the machine was made for");
    for block in 0..blocks.len() {
        let first = block * blocks.n_in_block;
        let n = blocks.n_in_block.min(blocks.n_places - first);
        let per_block = blocks.n_in_block * width;
        let bases = [
            scratch.as_mut_ptr(),
            uniform.as_mut_ptr(),
            arrays
                .kept
                .as_mut_ptr()
                .wrapping_add(block * *n_quantities * per_block),
            arrays.sums.as_ptr().cast_mut().wrapping_add(first * width),
            arrays
                .predicted
                .as_ptr()
                .cast_mut()
                .wrapping_add(first * width),
            arrays
                .feedback
                .as_ptr()
                .cast_mut()
                .wrapping_add(first * width),
            arrays.waves.as_ptr().cast_mut().wrapping_add(first * width),
            varying
                .as_mut_ptr()
                .wrapping_add(block * *n_varying * per_block),
            arrays
                .normal
                .as_ptr()
                .cast_mut()
                .wrapping_add(first * normal_width),
        ];
        let block = Block { bases, n };
        for op in ops.iter() {
            // SAFETY: `compile::machine` checked every offset against the lengths asserted above; results lie in what is kept or in
            // scratch only, of which this function has the only references. The function was taken for lanes that this machine has.
            unsafe { (op.run)(op, &block) }
        }
    }
}

/// The function that performs an operation in these lanes.
pub(super) fn function_of(
    kind: Kind,
    uniform: &[bool; MOST_OPERANDS],
    common_normals: bool,
    lanes: Lanes,
) -> Perform {
    /// Turns what is known only now into constants of the code: operators of three kinds, of four kinds, truths.
    macro_rules! with {
        ($body:ident: $three:tt $four:tt $truths:tt) => { with!(@3 $body [] $three $four $truths) };
        (@3 $body:ident [$($done:tt)*] [$o:expr $(, $rest:expr)*] $four:tt $truths:tt) => {
            match $o {
                ADD => with!(@3 $body [$($done)* ADD,] [$($rest),*] $four $truths),
                SUB => with!(@3 $body [$($done)* SUB,] [$($rest),*] $four $truths),
                _ => with!(@3 $body [$($done)* MUL,] [$($rest),*] $four $truths),
            }
        };
        (@3 $body:ident $done:tt [] $four:tt $truths:tt) => { with!(@4 $body $done $four $truths) };
        (@4 $body:ident [$($done:tt)*] [$o:expr] $truths:tt) => {
            match $o {
                ADD => with!(@t $body [$($done)* ADD,] $truths),
                SUB => with!(@t $body [$($done)* SUB,] $truths),
                MUL => with!(@t $body [$($done)* MUL,] $truths),
                _ => with!(@t $body [$($done)* RSUB,] $truths),
            }
        };
        (@4 $body:ident $done:tt [] $truths:tt) => { with!(@t $body $done $truths) };
        (@t $body:ident [$($done:tt)*] [$u:expr $(, $rest:expr)*]) => {
            if $u {
                with!(@t $body [$($done)* true,] [$($rest),*])
            } else {
                with!(@t $body [$($done)* false,] [$($rest),*])
            }
        };
        (@t $body:ident [$($done:tt)*] []) => { lanes.function::<$body<$($done)*>>() };
    }
    /// The inner operations of a pair: see [`Kind::Pair`].
    macro_rules! pair {
        ($i:expr, $o:expr, $last:expr; $($inner:ident $a:literal $b:literal),*) => {
            match ($i, uniform[1], uniform[2]) {
                $(($inner, $a, $b) => with!(@4 Pair [$inner, $a, $b,] [$o] [$last]),)*
                other => unreachable!("{other:?} is no inner operation of a pair"),
            }
        };
    }
    let u = uniform;
    match kind {
        Kind::Single(o) => with!(Single: [o] [] [u[1], u[2]]),
        Kind::Pair(i, o) => pair!(i, o, u[3]; ADD false false, ADD true false, MUL false false,
            MUL true false, SUB false false, SUB true false, SUB false true),
        Kind::Tree(i, j, o) => with!(Tree: [i, j, o] [] []),
        Kind::Products(o, q) => with!(Products: [o] [q] []),
        Kind::Negative => lanes.function::<Negative>(),
        Kind::Call(function) => match function {
            Function::Exp => lanes.function::<Call<0>>(),
            Function::Exprel => lanes.function::<Call<1>>(),
            Function::Log => lanes.function::<Call<2>>(),
            Function::Recip => lanes.function::<Call<3>>(),
            Function::Sqrt => lanes.function::<Call<4>>(),
            Function::Tanh => lanes.function::<Call<5>>(),
            Function::Sigmoid => lanes.function::<Call<6>>(),
            Function::Sin => lanes.function::<Call<7>>(),
            Function::Cos => lanes.function::<Call<8>>(),
            Function::Erfc => lanes.function::<Call<9>>(),
            Function::Floor => lanes.function::<Call<10>>(),
        },
        Kind::Look(_) => lanes.function::<Look>(),
        Kind::Select => lanes.function::<Select>(),
        Kind::Copy => lanes.function::<Move>(),
        Kind::Splat => lanes.function::<Splat>(),
        Kind::Compensated => lanes.function::<Settled>(),
        Kind::OrnsteinUhlenbeck => with!(Process: [] [] [common_normals]),
        Kind::Coupled => lanes.function::<Coupled>(),
        Kind::DriveFirst => with!(DriveFirst: [] [] [common_normals]),
        Kind::Drive => with!(Drive: [] [] [common_normals]),
        Kind::SettleExponential => lanes.function::<SettleExponential>(),
        Kind::Settle => with!(Settle: [] [] [u[4]]),
    }
}

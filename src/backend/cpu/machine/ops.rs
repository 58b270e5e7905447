//! What the operations do, each over all places of a block.
//!
//! Every body is written once for any [`Pack`] and is a function of its own in each kind of lane (one large function for all of them takes
//! the compiler many minutes). A body reads all operands of a place before it writes a result, so that a result may take the place of an
//! operand.
#![expect(
    unsafe_code,
    reason = "operands are addresses in several arrays, some of them the same; `run` checks their ends once instead of every access"
)]

use super::{Arrays, At, Machine, N_BASES, Op};
use crate::backend::cpu::lanes::Lanes;
use crate::backend::cpu::pack::Pack;
use crate::backend::cpu::two::Two;
use crate::program::Function;
use crate::scalar::{Scalar, Table, compensated};

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

/// The vector at `from`.
///
/// # Safety
/// As many numbers as a vector has can be read there.
#[inline(always)]
unsafe fn load<V: Pack>(from: *const f32) -> V {
    // SAFETY: the caller's.
    V::load(unsafe { std::slice::from_raw_parts(from, V::WIDTH) })
}

/// Writes a vector.
///
/// # Safety
/// As many numbers as a vector has can be written there, and nothing else refers to them.
#[inline(always)]
unsafe fn store<V: Pack>(to: *mut f32, x: V) {
    // SAFETY: the caller's.
    x.store(unsafe { std::slice::from_raw_parts_mut(to, V::WIDTH) });
}

/// The vector of place `i` of a block, or the uniform one.
///
/// # Safety
/// As [`load`], at the place.
#[inline(always)]
unsafe fn get<V: Pack, const UNIFORM: bool>(from: *const f32, uniform: V, i: usize) -> V {
    if UNIFORM {
        uniform
    } else {
        // SAFETY: the caller's.
        unsafe { load(from.add(i * V::WIDTH)) }
    }
}

#[inline(always)]
fn apply<V: Scalar, const O: u8>(a: V, b: V) -> V {
    match O {
        ADD => a + b,
        SUB => a - b,
        MUL => a * b,
        _ => b - a,
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

/// The addresses of the operands of an operation.
macro_rules! operands {
    ($op:ident, $block:ident => $($name:ident),*) => {
        let mut each = $op.at.iter();
        $(let $name = $block.at(*each.next().expect("as many operands as the operation takes"));)*
    };
}

struct Single<const O: u8, const UA: bool, const UB: bool>;

impl<const O: u8, const UA: bool, const UB: bool> Body for Single<O, UA, UB> {
    #[inline(always)]
    unsafe fn perform<V: Pack>(op: &Op, block: &Block) {
        operands!(op, block => d, a, b);
        // SAFETY: the caller's.
        unsafe {
            let (ua, ub) = (load::<V>(a), load::<V>(b));
            places!(block.n, i => store(
                d.add(i * V::WIDTH),
                apply::<V, O>(get::<V, UA>(a, ua, i), get::<V, UB>(b, ub, i)),
            ));
        }
    }
}

struct Pair<const I: u8, const UA: bool, const UB: bool, const O: u8, const UC: bool>;

impl<const I: u8, const UA: bool, const UB: bool, const O: u8, const UC: bool> Body
    for Pair<I, UA, UB, O, UC>
{
    #[inline(always)]
    unsafe fn perform<V: Pack>(op: &Op, block: &Block) {
        operands!(op, block => d, a, b, c);
        // SAFETY: the caller's.
        unsafe {
            let (ua, ub, uc) = (load::<V>(a), load::<V>(b), load::<V>(c));
            places!(block.n, i => {
                let inner = apply::<V, I>(get::<V, UA>(a, ua, i), get::<V, UB>(b, ub, i));
                store(d.add(i * V::WIDTH), apply::<V, O>(inner, get::<V, UC>(c, uc, i)));
            });
        }
    }
}

/// How far apart the places of an operand lie.
#[inline(always)]
fn stride<V: Pack>(op: &Op, operand: usize) -> usize {
    if op.uniform[operand] { 0 } else { V::WIDTH }
}

struct Tree<const I: u8, const J: u8, const O: u8>;

impl<const I: u8, const J: u8, const O: u8> Body for Tree<I, J, O> {
    #[inline(always)]
    unsafe fn perform<V: Pack>(op: &Op, block: &Block) {
        operands!(op, block => d, a, b, c, e);
        let (sa, sb, sc, se) = (
            stride::<V>(op, 1),
            stride::<V>(op, 2),
            stride::<V>(op, 3),
            stride::<V>(op, 4),
        );
        // SAFETY: the caller's.
        unsafe {
            places!(block.n, i => {
                let left = apply::<V, I>(load(a.add(i * sa)), load(b.add(i * sb)));
                let right = apply::<V, J>(load(c.add(i * sc)), load(e.add(i * se)));
                store(d.add(i * V::WIDTH), apply::<V, O>(left, right));
            });
        }
    }
}

struct Products<const O: u8, const Q: u8>;

impl<const O: u8, const Q: u8> Body for Products<O, Q> {
    #[inline(always)]
    unsafe fn perform<V: Pack>(op: &Op, block: &Block) {
        operands!(op, block => d, a, b, c, e, f);
        let (sa, sb, sc, se, sf) = (
            stride::<V>(op, 1),
            stride::<V>(op, 2),
            stride::<V>(op, 3),
            stride::<V>(op, 4),
            stride::<V>(op, 5),
        );
        // SAFETY: the caller's.
        unsafe {
            places!(block.n, i => {
                let left = load::<V>(a.add(i * sa)) * load(b.add(i * sb));
                let right = load::<V>(c.add(i * sc)) * load(e.add(i * se));
                let inner = apply::<V, O>(left, right);
                store(d.add(i * V::WIDTH), apply::<V, Q>(inner, load(f.add(i * sf))));
            });
        }
    }
}

struct Negative;

impl Body for Negative {
    #[inline(always)]
    unsafe fn perform<V: Pack>(op: &Op, block: &Block) {
        operands!(op, block => d, a);
        let sa = stride::<V>(op, 1);
        // SAFETY: the caller's.
        unsafe {
            places!(block.n, i => store(d.add(i * V::WIDTH), -load::<V>(a.add(i * sa))));
        }
    }
}

#[inline(always)]
fn function<V: Scalar, const F: u8>(x: V) -> V {
    match F {
        0 => x.exp(),
        1 => x.exprel(),
        2 => x.log(),
        3 => x.recip(),
        4 => x.sqrt(),
        5 => x.tanh(),
        6 => x.sigmoid(),
        7 => x.sin(),
        8 => x.cos(),
        9 => x.erfc(),
        _ => x.floor(),
    }
}

/// The argument is a block.
struct Call<const F: u8>;

impl<const F: u8> Body for Call<F> {
    #[inline(always)]
    unsafe fn perform<V: Pack>(op: &Op, block: &Block) {
        operands!(op, block => d, a);
        // SAFETY: the caller's.
        unsafe {
            wide_places!(block.n, i, W, _all => {
                let x = function::<W<V>, F>(load(a.add(i * V::WIDTH)));
                store(d.add(i * V::WIDTH), x);
            });
        }
    }
}

/// The table is the operation's own.
struct Look;

impl Body for Look {
    #[inline(always)]
    unsafe fn perform<V: Pack>(op: &Op, block: &Block) {
        operands!(op, block => d, a);
        let sa = stride::<V>(op, 1);
        let Kind::Look(table) = op.kind else { return };
        // SAFETY: the caller's.
        unsafe {
            places!(block.n, i => store(d.add(i * V::WIDTH), load::<V>(a.add(i * sa)).look(table)));
        }
    }
}

struct Select;

impl Body for Select {
    #[inline(always)]
    unsafe fn perform<V: Pack>(op: &Op, block: &Block) {
        operands!(op, block => d, a, b, yes, no);
        let (sa, sb, sy, sn) = (
            stride::<V>(op, 1),
            stride::<V>(op, 2),
            stride::<V>(op, 3),
            stride::<V>(op, 4),
        );
        // SAFETY: the caller's.
        unsafe {
            places!(block.n, i => {
                let mask = load::<V>(a.add(i * sa)).less(load(b.add(i * sb)));
                let (yes, no) = (load::<V>(yes.add(i * sy)), load(no.add(i * sn)));
                store(d.add(i * V::WIDTH), V::select(mask, yes, no));
            });
        }
    }
}

struct Move;

impl Body for Move {
    #[inline(always)]
    unsafe fn perform<V: Pack>(op: &Op, block: &Block) {
        operands!(op, block => d, a);
        let sa = stride::<V>(op, 1);
        // SAFETY: the caller's.
        unsafe {
            places!(block.n, i => store(d.add(i * V::WIDTH), load::<V>(a.add(i * sa))));
        }
    }
}

struct Splat;

impl Body for Splat {
    #[inline(always)]
    unsafe fn perform<V: Pack>(op: &Op, block: &Block) {
        operands!(op, block => d, a);
        // SAFETY: the caller's.
        unsafe {
            places!(block.n, i => store(d.add(i * V::WIDTH), V::splat(*a.add(i))));
        }
    }
}

struct Settled;

impl Body for Settled {
    #[inline(always)]
    unsafe fn perform<V: Pack>(op: &Op, block: &Block) {
        operands!(op, block => next, rest, total, carry, addend);
        let sa = stride::<V>(op, 4);
        // SAFETY: the caller's.
        unsafe {
            places!(block.n, i => {
                let at = i * V::WIDTH;
                let (total, carry) = (load::<V>(total.add(at)), load(carry.add(at)));
                let (x, y) = compensated(total, carry, load(addend.add(i * sa)));
                store(next.add(at), x);
                store(rest.add(at), y);
            });
        }
    }
}

/// The normal number of a place.
///
/// # Safety
/// It can be read.
#[inline(always)]
unsafe fn normal_at<V: Pack, const COMMON: bool>(normal: *const f32, i: usize) -> V {
    // SAFETY: the caller's.
    unsafe {
        if COMMON {
            V::splat(*normal.add(i))
        } else {
            load(normal.add(i * V::WIDTH))
        }
    }
}

#[inline(always)]
fn next_of_process<V: Scalar>(process: V, [mean, rate, amplitude]: [V; 3], normal: V) -> V {
    (process + (mean - process) * rate) + amplitude * normal
}

/// Mean, rate and amplitude are uniform.
struct Process<const COMMON: bool>;

impl<const COMMON: bool> Body for Process<COMMON> {
    #[inline(always)]
    unsafe fn perform<V: Pack>(op: &Op, block: &Block) {
        operands!(op, block => next, process, mean, rate, amplitude, normal);
        // SAFETY: the caller's.
        unsafe {
            let numbers = [load::<V>(mean), load(rate), load(amplitude)];
            places!(block.n, i => {
                let at = i * V::WIDTH;
                let normal = normal_at::<V, COMMON>(normal, i);
                store(next.add(at), next_of_process(load(process.add(at)), numbers, normal));
            });
        }
    }
}

/// The constant and g are uniform.
struct Coupled;

impl Body for Coupled {
    #[inline(always)]
    unsafe fn perform<V: Pack>(op: &Op, block: &Block) {
        operands!(op, block => input, constant, g, sum, row_sum, x, process);
        let sr = stride::<V>(op, 4);
        // SAFETY: the caller's.
        unsafe {
            let (constant, g) = (load::<V>(constant), load::<V>(g));
            places!(block.n, i => {
                let at = i * V::WIDTH;
                let received = load::<V>(row_sum.add(i * sr)) * load(x.add(at));
                let c = constant + g * (load::<V>(sum.add(at)) - received);
                store(input.add(at), c + load(process.add(at)));
            });
        }
    }
}

/// All but the sum, the row sum, x, the process and the normal numbers are uniform.
struct DriveFirst<const COMMON: bool>;

impl<const COMMON: bool> Body for DriveFirst<COMMON> {
    #[inline(always)]
    unsafe fn perform<V: Pack>(op: &Op, block: &Block) {
        operands!(op, block => input, next, constant, g, sum, row_sum, x, process, mean, rate, amplitude, normal);
        let sr = stride::<V>(op, 5);
        // SAFETY: the caller's.
        unsafe {
            let (constant, g) = (load::<V>(constant), load::<V>(g));
            let numbers = [load::<V>(mean), load(rate), load(amplitude)];
            places!(block.n, i => {
                let at = i * V::WIDTH;
                let before = load::<V>(process.add(at));
                let normal = normal_at::<V, COMMON>(normal, i);
                let received = load::<V>(row_sum.add(i * sr)) * load(x.add(at));
                let c = constant + g * (load::<V>(sum.add(at)) - received);
                store(input.add(at), c + before);
                store(next.add(at), next_of_process(before, numbers, normal));
            });
        }
    }
}

/// All but the process and the normal numbers are uniform.
struct Drive<const COMMON: bool>;

impl<const COMMON: bool> Body for Drive<COMMON> {
    #[inline(always)]
    unsafe fn perform<V: Pack>(op: &Op, block: &Block) {
        operands!(op, block => input, next, constant, process, mean, rate, amplitude, normal);
        // SAFETY: the caller's.
        unsafe {
            let constant = load::<V>(constant);
            let numbers = [load::<V>(mean), load(rate), load(amplitude)];
            places!(block.n, i => {
                let at = i * V::WIDTH;
                let normal = normal_at::<V, COMMON>(normal, i);
                let after = next_of_process(load(process.add(at)), numbers, normal);
                store(next.add(at), after);
                store(input.add(at), constant + after);
            });
        }
    }
}

/// The step is uniform.
struct SettleExponential;

impl Body for SettleExponential {
    #[inline(always)]
    unsafe fn perform<V: Pack>(op: &Op, block: &Block) {
        operands!(op, block => next, rest, total, carry, dt, own, f);
        // SAFETY: the caller's.
        unsafe {
            let step = load::<V>(dt);
            wide_places!(block.n, i, W, all => {
                let at = i * V::WIDTH;
                let dt: W<V> = all(step);
                let own: W<V> = load(own.add(at));
                let change = (dt * (dt * own).exprel()) * load(f.add(at));
                let (x, y) = compensated(load(total.add(at)), load(carry.add(at)), change);
                store(next.add(at), x);
                store(rest.add(at), y);
            });
        }
    }
}

struct Settle<const UNIFORM: bool>;

impl<const UNIFORM: bool> Body for Settle<UNIFORM> {
    #[inline(always)]
    unsafe fn perform<V: Pack>(op: &Op, block: &Block) {
        operands!(op, block => next, rest, total, carry, factor, f);
        // SAFETY: the caller's.
        unsafe {
            let uniform = load::<V>(factor);
            places!(block.n, i => {
                let at = i * V::WIDTH;
                let change = get::<V, UNIFORM>(factor, uniform, i) * load(f.add(at));
                let (x, y) = compensated(load(total.add(at)), load(carry.add(at)), change);
                store(next.add(at), x);
                store(rest.add(at), y);
            });
        }
    }
}

/// The same vector, four times.
#[inline(always)]
fn four<V: Copy>(x: V) -> Two<Two<V>> {
    Two(Two(x, x), Two(x, x))
}

/// The same vector, twice.
#[inline(always)]
fn two<V: Copy>(x: V) -> Two<V> {
    Two(x, x)
}

/// The vector itself.
#[inline(always)]
fn one<V>(x: V) -> V {
    x
}

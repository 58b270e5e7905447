//! The bodies of plain operations, pairs and trees of them.
#![expect(
    unsafe_code,
    reason = "operands are addresses in several arrays, some of them the same; `run` checks their ends once instead of every access"
)]

use super::access::{four, get, load, one, operands, places, store, stride, two, wide_places};
use super::{ADD, Block, Body, Kind, MUL, Op, SUB};
use crate::backend::cpu::pack::Pack;
use crate::backend::cpu::two::Two;
use crate::scalar::{Scalar, compensated};

#[inline(always)]
fn apply<V: Scalar, const O: u8>(a: V, b: V) -> V {
    match O {
        ADD => a + b,
        SUB => a - b,
        MUL => a * b,
        _ => b - a,
    }
}

pub(super) struct Single<const O: u8, const UA: bool, const UB: bool>;

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

pub(super) struct Pair<const I: u8, const UA: bool, const UB: bool, const O: u8, const UC: bool>;

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

pub(super) struct Tree<const I: u8, const J: u8, const O: u8>;

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

pub(super) struct Products<const O: u8, const Q: u8>;

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

pub(super) struct Negative;

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
pub(super) struct Call<const F: u8>;

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
pub(super) struct Look;

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

pub(super) struct Select;

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

pub(super) struct Move;

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

pub(super) struct Splat;

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

pub(super) struct Settled;

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

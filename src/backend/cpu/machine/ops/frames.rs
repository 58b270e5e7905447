//! The bodies of frames: what stands between the sums over connections and the new state of a node, in one operation each.
#![expect(
    unsafe_code,
    reason = "operands are addresses in several arrays, some of them the same; `run` checks their ends once instead of every access"
)]

use super::access::{four, get, load, one, operands, places, store, stride, two, wide_places};
use super::{Block, Body, Op};
use crate::backend::cpu::pack::Pack;
use crate::backend::cpu::two::Two;
use crate::scalar::{Scalar, compensated};

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
pub(super) struct Process<const COMMON: bool>;

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
pub(super) struct Coupled;

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
pub(super) struct DriveFirst<const COMMON: bool>;

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
pub(super) struct Drive<const COMMON: bool>;

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
pub(super) struct SettleExponential;

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

pub(super) struct Settle<const UNIFORM: bool>;

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

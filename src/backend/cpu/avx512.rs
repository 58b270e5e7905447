//! Sixteen lanes in AVX-512 registers.
//!
//! As in `avx2.rs`, but twice as wide; truths are bits of a mask register. (Plain arrays of sixteen are no way here: the compiler
//! takes them apart into single numbers.) The functions of this type may run only where AVX-512 (F, DQ, BW, VL) is: its home is the code behind
//! `Lanes::run` in `lanes.rs`, which is entered after the feature was found, and into which all of this is inlined.
#![expect(
    unsafe_code,
    reason = "instructions of a CPU feature that the type system does not know of"
)]

use std::arch::asm;
use std::arch::x86_64::*;
use std::ops::{Add, Mul, Neg, Sub};

use super::pack::Pack;
use crate::noise::Word;
use crate::scalar::{Bits, Scalar, Single, Table, forward_to_functions};

/// Sixteen `f32`.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(super) struct F32x16(__m512);

/// Sixteen `u32`.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(super) struct U32x16(__m512i);

/// Sixteen truths.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(super) struct Mask16(__mmask16);

/// The odd lanes.
const ODD: __mmask16 = 0b1010_1010_1010_1010;

macro_rules! operator {
    ($trait:ident, $method:ident, $instruction:ident) => {
        impl $trait for F32x16 {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                // SAFETY: see the top of this file; no memory is touched.
                Self(unsafe { $instruction(self.0, other.0) })
            }
        }
    };
}
operator!(Add, add, _mm512_add_ps);
operator!(Sub, sub, _mm512_sub_ps);
operator!(Mul, mul, _mm512_mul_ps);

impl Neg for F32x16 {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        // SAFETY: see the top of this file; no memory is touched.
        Self(unsafe { _mm512_xor_ps(self.0, _mm512_set1_ps(-0.0)) })
    }
}

impl Scalar for F32x16 {
    type Mask = Mask16;

    #[inline(always)]
    fn lit(value: f64) -> Self {
        Self::splat(value as f32)
    }
    #[inline(always)]
    fn less(self, other: Self) -> Mask16 {
        // SAFETY: see the top of this file; no memory is touched.
        Mask16(unsafe { _mm512_cmp_ps_mask::<_CMP_LT_OQ>(self.0, other.0) })
    }
    #[inline(always)]
    fn select(mask: Mask16, yes: Self, no: Self) -> Self {
        // SAFETY: see the top of this file; no memory is touched.
        Self(unsafe { _mm512_mask_blend_ps(mask.0, no.0, yes.0) })
    }
    #[inline(always)]
    fn at_least(self, bound: Self) -> Self {
        // SAFETY: see the top of this file; no memory is touched. The larger, or the second if there is none.
        Self(unsafe { _mm512_max_ps(bound.0, self.0) })
    }
    #[inline(always)]
    fn at_most(self, bound: Self) -> Self {
        // SAFETY: see the top of this file; no memory is touched. The smaller, or the second if there is none.
        Self(unsafe { _mm512_min_ps(bound.0, self.0) })
    }
    forward_to_functions!(
        exp, exprel, log, recip, sqrt, tanh, sigmoid, sin, cos, erfc, floor
    );
}

impl Single for F32x16 {
    type Bits = U32x16;

    #[inline(always)]
    fn to_bits(self) -> U32x16 {
        // SAFETY: see the top of this file; no memory is touched.
        U32x16(unsafe { _mm512_castps_si512(self.0) })
    }
    #[inline(always)]
    fn from_bits(bits: U32x16) -> Self {
        // SAFETY: see the top of this file; no memory is touched.
        Self(unsafe { _mm512_castsi512_ps(bits.0) })
    }
    #[inline(always)]
    fn entry(table: &'static Table, place: U32x16) -> Self {
        // SAFETY: see the top of this file. No place is beyond the last entry, and there are no more than 2^22.
        Self(unsafe {
            let last = _mm512_set1_epi32(table.last() as i32);
            let place = _mm512_min_epu32(place.0, last);
            _mm512_i32gather_ps::<4>(place, table.singles().as_ptr())
        })
    }
    #[inline(always)]
    fn all(mask: Mask16) -> bool {
        mask.0 == __mmask16::MAX
    }
}

/// One instruction on two vectors of integers.
macro_rules! integer_operation {
    ($method:ident, $instruction:ident) => {
        #[inline(always)]
        fn $method(self, other: Self) -> Self {
            // SAFETY: see the top of this file; no memory is touched.
            Self(unsafe { $instruction(self.0, other.0) })
        }
    };
}

impl Bits for U32x16 {
    type Single = F32x16;

    #[inline(always)]
    fn lit(value: u32) -> Self {
        // SAFETY: see the top of this file; no memory is touched.
        Self(unsafe { _mm512_set1_epi32(value.cast_signed()) })
    }
    integer_operation!(add, _mm512_add_epi32);
    integer_operation!(sub, _mm512_sub_epi32);
    integer_operation!(mul, _mm512_mullo_epi32);
    integer_operation!(and, _mm512_and_si512);
    integer_operation!(xor, _mm512_xor_si512);
    #[inline(always)]
    fn mul_high(self, other: Self) -> Self {
        // SAFETY: see the top of this file; no memory is touched.
        Self(unsafe {
            // Products of 64 bits of the even lanes, and of the odd ones.
            let even = _mm512_mul_epu32(self.0, other.0);
            let odd = _mm512_mul_epu32(
                _mm512_srli_epi64::<32>(self.0),
                _mm512_srli_epi64::<32>(other.0),
            );
            _mm512_mask_blend_epi32(ODD, _mm512_srli_epi64::<32>(even), odd)
        })
    }
    #[inline(always)]
    fn shl(self, by: u32) -> Self {
        // SAFETY: see the top of this file; no memory is touched.
        Self(unsafe { _mm512_sll_epi32(self.0, _mm_cvtsi32_si128(by.cast_signed())) })
    }
    #[inline(always)]
    fn shr(self, by: u32) -> Self {
        // SAFETY: see the top of this file; no memory is touched.
        Self(unsafe { _mm512_srl_epi32(self.0, _mm_cvtsi32_si128(by.cast_signed())) })
    }
    #[inline(always)]
    fn signed_to_float(self) -> F32x16 {
        // SAFETY: see the top of this file; no memory is touched.
        F32x16(unsafe { _mm512_cvtepi32_ps(self.0) })
    }
    #[inline(always)]
    fn is_zero(self) -> Mask16 {
        // SAFETY: see the top of this file; no memory is touched.
        Mask16(unsafe { _mm512_testn_epi32_mask(self.0, self.0) })
    }
}

impl Pack for F32x16 {
    const WIDTH: usize = 16;
    type Words = WideU32x16;
    #[inline(always)]
    fn load(from: &[f32]) -> Self {
        let from = &from[..16];
        // SAFETY: see the top of this file; the slice holds sixteen numbers.
        Self(unsafe { _mm512_loadu_ps(from.as_ptr()) })
    }
    #[inline(always)]
    fn store(self, to: &mut [f32]) {
        let to = &mut to[..16];
        // SAFETY: see the top of this file; the slice holds sixteen numbers.
        unsafe { _mm512_storeu_ps(to.as_mut_ptr(), self.0) }
    }
    #[inline(always)]
    fn splat(x: f32) -> Self {
        // SAFETY: see the top of this file; no memory is touched.
        Self(unsafe { _mm512_set1_ps(x) })
    }
    #[inline(always)]
    fn side_by_side([first, second]: [Self; 2]) -> [Self; 2] {
        // SAFETY: see the top of this file; there is no instruction in it.
        let (first, second) = unsafe { hold(first.0, second.0) };
        [Self(first), Self(second)]
    }
    #[inline(always)]
    fn load_words(from: &[u32]) -> WideU32x16 {
        let from = &from[..16];
        // SAFETY: see the top of this file; the slice holds sixteen numbers.
        let even = unsafe { _mm512_loadu_si512(from.as_ptr().cast()) };
        // Not a shift, which the compiler would move to where it costs more.
        // SAFETY: see the top of this file; no memory is touched.
        let odd = unsafe { _mm512_shuffle_epi32::<_MM_PERM_DDBB>(even) };
        WideU32x16 { even, odd }
    }
    #[inline(always)]
    fn bits(words: WideU32x16) -> U32x16 {
        // SAFETY: see the top of this file; no memory is touched.
        U32x16(unsafe { _mm512_mask_shuffle_epi32::<_MM_PERM_CCAA>(words.even, ODD, words.odd) })
    }
}

/// Nothing, of which the compiler knows only that either result needs both numbers.
#[inline]
#[target_feature(enable = "avx512f")]
fn hold(mut a: __m512, mut b: __m512) -> (__m512, __m512) {
    // SAFETY: no instruction.
    unsafe {
        asm!("/* {a} {b} */", a = inout(zmm_reg) a, b = inout(zmm_reg) b,
            options(pure, nomem, nostack, preserves_flags));
    }
    (a, b)
}

/// Sixteen `u32`, each in the low half of 64 bits; the high halves mean nothing. A product is one instruction and leaves both of its
/// words where the next round of Philox wants them.
#[derive(Clone, Copy)]
pub(super) struct WideU32x16 {
    even: __m512i,
    odd: __m512i,
}

impl Word for WideU32x16 {
    #[inline(always)]
    fn literal(value: u32) -> Self {
        let U32x16(all) = Bits::lit(value);
        Self {
            even: all,
            odd: all,
        }
    }
    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        // SAFETY: see the top of this file; no memory is touched.
        unsafe {
            Self {
                even: _mm512_add_epi32(self.even, other.even),
                odd: _mm512_add_epi32(self.odd, other.odd),
            }
        }
    }
    #[inline(always)]
    fn exclusive_or(self, other: Self) -> Self {
        // SAFETY: see the top of this file; no memory is touched.
        unsafe {
            Self {
                even: _mm512_xor_si512(self.even, other.even),
                odd: _mm512_xor_si512(self.odd, other.odd),
            }
        }
    }
    #[inline(always)]
    fn product(self, other: Self) -> [Self; 2] {
        // SAFETY: see the top of this file; no memory is touched.
        unsafe {
            let even = _mm512_mul_epu32(self.even, other.even);
            let odd = _mm512_mul_epu32(self.odd, other.odd);
            let high = Self {
                even: _mm512_srli_epi64::<32>(even),
                // Not a shift as well: shifts and shuffles have an execution unit each.
                odd: _mm512_shuffle_epi32::<_MM_PERM_DDBB>(odd),
            };
            [high, Self { even, odd }]
        }
    }
}

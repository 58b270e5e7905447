//! Eight lanes in AVX2 registers.
//!
//! [`Lanes8`](crate::scalar::Lanes8) leaves it to the compiler to find vectors in arrays, which it does not always do; here every operation is one
//! instruction, with the same results. The functions of this type may run only where AVX2 is: its home is the code behind
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

/// Eight `f32`.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(super) struct F32x8(__m256);

/// Eight `u32`.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(super) struct U32x8(__m256i);

/// Eight truths: the sign bits.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(super) struct Mask8(__m256);

macro_rules! operator {
    ($trait:ident, $method:ident, $instruction:ident) => {
        impl $trait for F32x8 {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                // SAFETY: see the top of this file; no memory is touched.
                Self(unsafe { $instruction(self.0, other.0) })
            }
        }
    };
}
operator!(Add, add, _mm256_add_ps);
operator!(Sub, sub, _mm256_sub_ps);
operator!(Mul, mul, _mm256_mul_ps);

impl Neg for F32x8 {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        // SAFETY: see the top of this file; no memory is touched.
        Self(unsafe { _mm256_xor_ps(self.0, _mm256_set1_ps(-0.0)) })
    }
}

impl Scalar for F32x8 {
    type Mask = Mask8;

    #[inline(always)]
    fn lit(value: f64) -> Self {
        Self::splat(value as f32)
    }
    #[inline(always)]
    fn less(self, other: Self) -> Mask8 {
        // SAFETY: see the top of this file; no memory is touched.
        Mask8(unsafe { _mm256_cmp_ps::<_CMP_LT_OQ>(self.0, other.0) })
    }
    #[inline(always)]
    fn select(mask: Mask8, yes: Self, no: Self) -> Self {
        // SAFETY: see the top of this file; no memory is touched.
        Self(unsafe { _mm256_blendv_ps(no.0, yes.0, mask.0) })
    }
    #[inline(always)]
    fn at_least(self, bound: Self) -> Self {
        // SAFETY: see the top of this file; no memory is touched. The larger, or the second if there is none.
        Self(unsafe { _mm256_max_ps(bound.0, self.0) })
    }
    #[inline(always)]
    fn at_most(self, bound: Self) -> Self {
        // SAFETY: see the top of this file; no memory is touched. The smaller, or the second if there is none.
        Self(unsafe { _mm256_min_ps(bound.0, self.0) })
    }
    forward_to_functions!(
        exp, exprel, log, recip, sqrt, tanh, sigmoid, sin, cos, erfc, floor
    );
}

impl Single for F32x8 {
    type Bits = U32x8;

    #[inline(always)]
    fn to_bits(self) -> U32x8 {
        // SAFETY: see the top of this file; no memory is touched.
        U32x8(unsafe { _mm256_castps_si256(self.0) })
    }
    #[inline(always)]
    fn from_bits(bits: U32x8) -> Self {
        // SAFETY: see the top of this file; no memory is touched.
        Self(unsafe { _mm256_castsi256_ps(bits.0) })
    }
    #[inline(always)]
    fn entry(table: &'static Table, place: U32x8) -> Self {
        // SAFETY: see the top of this file. No place is beyond the last entry, and there are no more than 2^22.
        Self(unsafe {
            let last = _mm256_set1_epi32(table.last() as i32);
            let place = _mm256_min_epu32(place.0, last);
            _mm256_i32gather_ps::<4>(table.singles().as_ptr(), place)
        })
    }
    #[inline(always)]
    fn all(mask: Mask8) -> bool {
        // SAFETY: see the top of this file; no memory is touched.
        unsafe { _mm256_movemask_ps(mask.0) == 0b1111_1111 }
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

impl Bits for U32x8 {
    type Single = F32x8;

    #[inline(always)]
    fn lit(value: u32) -> Self {
        // SAFETY: see the top of this file; no memory is touched.
        Self(unsafe { _mm256_set1_epi32(value.cast_signed()) })
    }
    integer_operation!(add, _mm256_add_epi32);
    integer_operation!(sub, _mm256_sub_epi32);
    integer_operation!(mul, _mm256_mullo_epi32);
    integer_operation!(and, _mm256_and_si256);
    integer_operation!(xor, _mm256_xor_si256);
    #[inline(always)]
    fn mul_high(self, other: Self) -> Self {
        // SAFETY: see the top of this file; no memory is touched.
        Self(unsafe {
            // Products of 64 bits of the even lanes, and of the odd ones.
            let even = _mm256_mul_epu32(self.0, other.0);
            let odd = _mm256_mul_epu32(
                _mm256_srli_epi64::<32>(self.0),
                _mm256_srli_epi64::<32>(other.0),
            );
            _mm256_blend_epi32::<0b1010_1010>(_mm256_srli_epi64::<32>(even), odd)
        })
    }
    #[inline(always)]
    fn shl(self, by: u32) -> Self {
        // SAFETY: see the top of this file; no memory is touched.
        Self(unsafe { _mm256_sll_epi32(self.0, _mm_cvtsi32_si128(by.cast_signed())) })
    }
    #[inline(always)]
    fn shr(self, by: u32) -> Self {
        // SAFETY: see the top of this file; no memory is touched.
        Self(unsafe { _mm256_srl_epi32(self.0, _mm_cvtsi32_si128(by.cast_signed())) })
    }
    #[inline(always)]
    fn signed_to_float(self) -> F32x8 {
        // SAFETY: see the top of this file; no memory is touched.
        F32x8(unsafe { _mm256_cvtepi32_ps(self.0) })
    }
    #[inline(always)]
    fn is_zero(self) -> Mask8 {
        // SAFETY: see the top of this file; no memory is touched.
        Mask8(unsafe { _mm256_castsi256_ps(_mm256_cmpeq_epi32(self.0, _mm256_setzero_si256())) })
    }
}

impl Pack for F32x8 {
    const WIDTH: usize = 8;
    type Words = WideU32x8;
    #[inline(always)]
    fn load(from: &[f32]) -> Self {
        let from = &from[..8];
        // SAFETY: see the top of this file; the slice holds eight numbers.
        Self(unsafe { _mm256_loadu_ps(from.as_ptr()) })
    }
    #[inline(always)]
    fn store(self, to: &mut [f32]) {
        let to = &mut to[..8];
        // SAFETY: see the top of this file; the slice holds eight numbers.
        unsafe { _mm256_storeu_ps(to.as_mut_ptr(), self.0) }
    }
    #[inline(always)]
    fn splat(x: f32) -> Self {
        // SAFETY: see the top of this file; no memory is touched.
        Self(unsafe { _mm256_set1_ps(x) })
    }
    #[inline(always)]
    fn side_by_side([first, second]: [Self; 2]) -> [Self; 2] {
        // SAFETY: see the top of this file; there is no instruction in it.
        let (first, second) = unsafe { hold(first.0, second.0) };
        [Self(first), Self(second)]
    }
    #[inline(always)]
    fn load_words(from: &[u32]) -> WideU32x8 {
        let from = &from[..8];
        // SAFETY: see the top of this file; the slice holds eight numbers.
        let even = unsafe { _mm256_loadu_si256(from.as_ptr().cast()) };
        // Not a shift, which the compiler would move to where it costs more.
        // SAFETY: see the top of this file; no memory is touched.
        let odd = unsafe { _mm256_shuffle_epi32::<0b1111_0101>(even) };
        WideU32x8 { even, odd }
    }
    #[inline(always)]
    fn bits(words: WideU32x8) -> U32x8 {
        // SAFETY: see the top of this file; no memory is touched.
        U32x8(unsafe {
            _mm256_blend_epi32::<0b1010_1010>(words.even, _mm256_slli_epi64::<32>(words.odd))
        })
    }
}

/// Nothing, of which the compiler knows only that either result needs both numbers.
#[inline]
#[target_feature(enable = "avx2")]
fn hold(mut a: __m256, mut b: __m256) -> (__m256, __m256) {
    // SAFETY: no instruction.
    unsafe {
        asm!("/* {a} {b} */", a = inout(ymm_reg) a, b = inout(ymm_reg) b,
            options(pure, nomem, nostack, preserves_flags));
    }
    (a, b)
}

/// Eight `u32`, each in the low half of 64 bits; the high halves mean nothing. A product is one instruction and leaves both of its
/// words where the next round of Philox wants them.
#[derive(Clone, Copy)]
pub(super) struct WideU32x8 {
    even: __m256i,
    odd: __m256i,
}

impl Word for WideU32x8 {
    #[inline(always)]
    fn literal(value: u32) -> Self {
        let U32x8(all) = Bits::lit(value);
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
                even: _mm256_add_epi32(self.even, other.even),
                odd: _mm256_add_epi32(self.odd, other.odd),
            }
        }
    }
    #[inline(always)]
    fn exclusive_or(self, other: Self) -> Self {
        // SAFETY: see the top of this file; no memory is touched.
        unsafe {
            Self {
                even: _mm256_xor_si256(self.even, other.even),
                odd: _mm256_xor_si256(self.odd, other.odd),
            }
        }
    }
    #[inline(always)]
    fn product(self, other: Self) -> [Self; 2] {
        // SAFETY: see the top of this file; no memory is touched.
        unsafe {
            let even = _mm256_mul_epu32(self.even, other.even);
            let odd = _mm256_mul_epu32(self.odd, other.odd);
            let high = Self {
                even: _mm256_srli_epi64::<32>(even),
                // Not a shift as well: shifts and shuffles have an execution unit each.
                odd: _mm256_shuffle_epi32::<0b1111_0101>(odd),
            };
            [high, Self { even, odd }]
        }
    }
}

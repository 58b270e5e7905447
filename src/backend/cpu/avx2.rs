//! Eight lanes in AVX2 registers; truths are the sign bits of their lanes.
#![expect(
    unsafe_code,
    reason = "instructions of a CPU feature that the type system does not know of"
)]

use std::arch::asm;
use std::arch::x86_64::{
    __m256, __m256i, _CMP_LT_OQ, _mm_cvtsi32_si128, _mm256_add_epi32 as add_epi32,
    _mm256_add_ps as add_ps, _mm256_and_si256 as and_si, _mm256_blend_epi32, _mm256_blendv_ps,
    _mm256_castps_si256 as castps_si, _mm256_castsi256_ps as castsi_ps, _mm256_cmp_ps,
    _mm256_cmpeq_epi32, _mm256_cvtepi32_ps as cvtepi32_ps, _mm256_i32gather_ps,
    _mm256_loadu_ps as loadu_ps, _mm256_loadu_si256 as loadu_si, _mm256_max_ps as max_ps,
    _mm256_min_epu32 as min_epu32, _mm256_min_ps as min_ps, _mm256_movemask_ps,
    _mm256_mul_epu32 as mul_epu32, _mm256_mul_ps as mul_ps, _mm256_mullo_epi32 as mullo_epi32,
    _mm256_set1_epi32 as set1_epi32, _mm256_set1_ps as set1_ps, _mm256_setzero_si256,
    _mm256_shuffle_epi32, _mm256_sll_epi32 as sll_epi32, _mm256_slli_epi64,
    _mm256_srl_epi32 as srl_epi32, _mm256_srli_epi64 as srli_epi64, _mm256_storeu_ps as storeu_ps,
    _mm256_sub_epi32 as sub_epi32, _mm256_sub_ps as sub_ps, _mm256_xor_ps as xor_ps,
    _mm256_xor_si256 as xor_si,
};
use std::ops::{Add, Mul, Neg, Sub};

use super::pack::Pack;
use super::vector::{integer_operation, operator, own, vector};
use crate::noise::Word;
use crate::scalar::{Bits, Scalar, Single, Table, forward_to_functions};

vector! {
    width: 8,
    types: F32x8, U32x8, Mask8, WideU32x8,
    registers: __m256, __m256i, __m256,
}

own! {
    fn less(a: __m256, b: __m256) -> __m256 { _mm256_cmp_ps::<_CMP_LT_OQ>(a, b) }
    fn blend(no: __m256, yes: __m256, mask: __m256) -> __m256 { _mm256_blendv_ps(no, yes, mask) }
    fn gather(from: *const f32, place: __m256i) -> __m256 { _mm256_i32gather_ps::<4>(from, place) }
    fn odd_lanes_of(even: __m256i, odd: __m256i) -> __m256i {
        _mm256_blend_epi32::<0b1010_1010>(even, odd)
    }
    fn odd_to_both(words: __m256i) -> __m256i { _mm256_shuffle_epi32::<0b1111_0101>(words) }
    fn low_halves(even: __m256i, odd: __m256i) -> __m256i {
        _mm256_blend_epi32::<0b1010_1010>(even, _mm256_slli_epi64::<32>(odd))
    }
    fn zeros(words: __m256i) -> __m256 {
        castsi_ps(_mm256_cmpeq_epi32(words, _mm256_setzero_si256()))
    }
    fn all_true(mask: __m256) -> bool { _mm256_movemask_ps(mask) == 0b1111_1111 }
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

//! Sixteen lanes in AVX-512 registers (F, DQ, BW, VL); truths are bits of a mask register.
//!
//! Plain arrays of sixteen are no way here: the compiler takes them apart into single numbers.
#![expect(
    unsafe_code,
    reason = "instructions of a CPU feature that the type system does not know of"
)]

use std::arch::asm;
use std::arch::x86_64::{
    __m512, __m512i, __mmask16, _CMP_LT_OQ, _MM_PERM_CCAA, _MM_PERM_DDBB, _mm_cvtsi32_si128,
    _mm512_add_epi32 as add_epi32, _mm512_add_ps as add_ps, _mm512_and_si512 as and_si,
    _mm512_castps_si512 as castps_si, _mm512_castsi512_ps as castsi_ps, _mm512_cmp_ps_mask,
    _mm512_cvtepi32_ps as cvtepi32_ps, _mm512_i32gather_ps, _mm512_loadu_ps as loadu_ps,
    _mm512_loadu_si512 as loadu_si, _mm512_mask_blend_epi32, _mm512_mask_blend_ps,
    _mm512_mask_shuffle_epi32, _mm512_max_ps as max_ps, _mm512_min_epu32 as min_epu32,
    _mm512_min_ps as min_ps, _mm512_mul_epu32 as mul_epu32, _mm512_mul_ps as mul_ps,
    _mm512_mullo_epi32 as mullo_epi32, _mm512_set1_epi32 as set1_epi32, _mm512_set1_ps as set1_ps,
    _mm512_shuffle_epi32, _mm512_sll_epi32 as sll_epi32, _mm512_srl_epi32 as srl_epi32,
    _mm512_srli_epi64 as srli_epi64, _mm512_storeu_ps as storeu_ps, _mm512_sub_epi32 as sub_epi32,
    _mm512_sub_ps as sub_ps, _mm512_testn_epi32_mask, _mm512_xor_ps as xor_ps,
    _mm512_xor_si512 as xor_si,
};
use std::ops::{Add, Mul, Neg, Sub};

use super::pack::Pack;
use super::vector::{integer_operation, operator, own, vector};
use crate::noise::Word;
use crate::scalar::{Bits, Scalar, Single, Table, forward_to_functions};

vector! {
    width: 16,
    types: F32x16, U32x16, Mask16, WideU32x16,
    registers: __m512, __m512i, __mmask16,
}

/// The odd lanes.
const ODD: __mmask16 = 0b1010_1010_1010_1010;

own! {
    fn less(a: __m512, b: __m512) -> __mmask16 { _mm512_cmp_ps_mask::<_CMP_LT_OQ>(a, b) }
    fn blend(no: __m512, yes: __m512, mask: __mmask16) -> __m512 { _mm512_mask_blend_ps(mask, no, yes) }
    fn gather(from: *const f32, place: __m512i) -> __m512 { _mm512_i32gather_ps::<4>(place, from) }
    fn odd_lanes_of(even: __m512i, odd: __m512i) -> __m512i { _mm512_mask_blend_epi32(ODD, even, odd) }
    fn odd_to_both(words: __m512i) -> __m512i { _mm512_shuffle_epi32::<_MM_PERM_DDBB>(words) }
    fn low_halves(even: __m512i, odd: __m512i) -> __m512i {
        _mm512_mask_shuffle_epi32::<_MM_PERM_CCAA>(even, ODD, odd)
    }
    fn zeros(words: __m512i) -> __mmask16 { _mm512_testn_epi32_mask(words, words) }
}

/// Whether every lane is true. Unsafe as its twin in `avx2.rs` is.
#[inline(always)]
unsafe fn all_true(mask: __mmask16) -> bool {
    mask == __mmask16::MAX
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

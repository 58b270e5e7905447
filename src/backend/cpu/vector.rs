//! Lanes in one register: what AVX2 and AVX-512 have in common, written once.
//!
//! [`Lanes8`](crate::scalar::Lanes8) leaves it to the compiler to find vectors in arrays, which it does
//! not always do; here every operation is one instruction, with the same results. A file for each
//! width names its instructions as the macro calls them. The functions of these types may run only
//! where the CPU feature is: their home is the code behind `Lanes::run` in `lanes.rs`, which is
//! entered after the feature was found, and into which all of this is inlined.

/// One instruction on two vectors of numbers.
macro_rules! operator {
    ($F32:ident, $trait:ident, $method:ident, $instruction:ident) => {
        impl $trait for $F32 {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                // SAFETY: see the top of this file; no memory is touched.
                Self(unsafe { $instruction(self.0, other.0) })
            }
        }
    };
}
pub(super) use operator;

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
pub(super) use integer_operation;

/// The types of one width and what they do.
macro_rules! vector {
    (
        width: $WIDTH:literal,
        types: $F32:ident, $U32:ident, $Mask:ident, $Wide:ident,
        registers: $Floats:ident, $Integers:ident, $Truths:ident $(,)?
    ) => {
        /// A register of `f32`.
        #[derive(Clone, Copy)]
        #[repr(transparent)]
        pub(super) struct $F32($Floats);

        /// A register of `u32`.
        #[derive(Clone, Copy)]
        #[repr(transparent)]
        pub(super) struct $U32($Integers);

        /// A truth for each lane.
        #[derive(Clone, Copy)]
        #[repr(transparent)]
        pub(super) struct $Mask($Truths);

        operator!($F32, Add, add, add_ps);
        operator!($F32, Sub, sub, sub_ps);
        operator!($F32, Mul, mul, mul_ps);

        impl Neg for $F32 {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                // SAFETY: see the top of this file; no memory is touched.
                Self(unsafe { xor_ps(self.0, set1_ps(-0.0)) })
            }
        }

        impl Scalar for $F32 {
            type Mask = $Mask;

            #[inline(always)]
            fn lit(value: f64) -> Self {
                Self::splat(value as f32)
            }
            #[inline(always)]
            fn less(self, other: Self) -> $Mask {
                // SAFETY: see the top of this file; no memory is touched.
                $Mask(unsafe { less(self.0, other.0) })
            }
            #[inline(always)]
            fn select(mask: $Mask, yes: Self, no: Self) -> Self {
                // SAFETY: see the top of this file; no memory is touched.
                Self(unsafe { blend(no.0, yes.0, mask.0) })
            }
            #[inline(always)]
            fn at_least(self, bound: Self) -> Self {
                // SAFETY: see the top of this file; no memory is touched. The larger, or the second if there is none.
                Self(unsafe { max_ps(bound.0, self.0) })
            }
            #[inline(always)]
            fn at_most(self, bound: Self) -> Self {
                // SAFETY: see the top of this file; no memory is touched. The smaller, or the second if there is none.
                Self(unsafe { min_ps(bound.0, self.0) })
            }
            forward_to_functions!(
                exp, exprel, log, recip, sqrt, tanh, sigmoid, sin, cos, erfc, floor
            );
        }

        impl Single for $F32 {
            type Bits = $U32;

            #[inline(always)]
            fn to_bits(self) -> $U32 {
                // SAFETY: see the top of this file; no memory is touched.
                $U32(unsafe { castps_si(self.0) })
            }
            #[inline(always)]
            fn from_bits(bits: $U32) -> Self {
                // SAFETY: see the top of this file; no memory is touched.
                Self(unsafe { castsi_ps(bits.0) })
            }
            #[inline(always)]
            fn entry(table: &'static Table, place: $U32) -> Self {
                // SAFETY: see the top of this file. No place is beyond the last entry, and there are no more than 2^22.
                Self(unsafe {
                    let last = set1_epi32(table.last() as i32);
                    let place = min_epu32(place.0, last);
                    gather(table.singles().as_ptr(), place)
                })
            }
            #[inline(always)]
            fn all(mask: $Mask) -> bool {
                // SAFETY: see the top of this file; no memory is touched.
                unsafe { all_true(mask.0) }
            }
        }

        impl Bits for $U32 {
            type Single = $F32;

            #[inline(always)]
            fn lit(value: u32) -> Self {
                // SAFETY: see the top of this file; no memory is touched.
                Self(unsafe { set1_epi32(value.cast_signed()) })
            }
            integer_operation!(add, add_epi32);
            integer_operation!(sub, sub_epi32);
            integer_operation!(mul, mullo_epi32);
            integer_operation!(and, and_si);
            integer_operation!(xor, xor_si);
            #[inline(always)]
            fn mul_high(self, other: Self) -> Self {
                // SAFETY: see the top of this file; no memory is touched.
                Self(unsafe {
                    // Products of 64 bits of the even lanes, and of the odd ones.
                    let even = mul_epu32(self.0, other.0);
                    let odd = mul_epu32(srli_epi64::<32>(self.0), srli_epi64::<32>(other.0));
                    odd_lanes_of(srli_epi64::<32>(even), odd)
                })
            }
            #[inline(always)]
            fn shl(self, by: u32) -> Self {
                // SAFETY: see the top of this file; no memory is touched.
                Self(unsafe { sll_epi32(self.0, _mm_cvtsi32_si128(by.cast_signed())) })
            }
            #[inline(always)]
            fn shr(self, by: u32) -> Self {
                // SAFETY: see the top of this file; no memory is touched.
                Self(unsafe { srl_epi32(self.0, _mm_cvtsi32_si128(by.cast_signed())) })
            }
            #[inline(always)]
            fn signed_to_float(self) -> $F32 {
                // SAFETY: see the top of this file; no memory is touched.
                $F32(unsafe { cvtepi32_ps(self.0) })
            }
            #[inline(always)]
            fn is_zero(self) -> $Mask {
                // SAFETY: see the top of this file; no memory is touched.
                $Mask(unsafe { zeros(self.0) })
            }
        }

        impl Pack for $F32 {
            const WIDTH: usize = $WIDTH;
            type Words = $Wide;
            #[inline(always)]
            fn load(from: &[f32]) -> Self {
                let from = &from[..$WIDTH];
                // SAFETY: see the top of this file; the slice holds as many numbers.
                Self(unsafe { loadu_ps(from.as_ptr()) })
            }
            #[inline(always)]
            fn store(self, to: &mut [f32]) {
                let to = &mut to[..$WIDTH];
                // SAFETY: see the top of this file; the slice holds as many numbers.
                unsafe { storeu_ps(to.as_mut_ptr(), self.0) }
            }
            #[inline(always)]
            fn splat(x: f32) -> Self {
                // SAFETY: see the top of this file; no memory is touched.
                Self(unsafe { set1_ps(x) })
            }
            #[inline(always)]
            fn side_by_side([first, second]: [Self; 2]) -> [Self; 2] {
                // SAFETY: see the top of this file; there is no instruction in it.
                let (first, second) = unsafe { hold(first.0, second.0) };
                [Self(first), Self(second)]
            }
            #[inline(always)]
            fn load_words(from: &[u32]) -> $Wide {
                let from = &from[..$WIDTH];
                // SAFETY: see the top of this file; the slice holds as many numbers.
                let even = unsafe { loadu_si(from.as_ptr().cast()) };
                // Not a shift, which the compiler would move to where it costs more.
                // SAFETY: see the top of this file; no memory is touched.
                let odd = unsafe { odd_to_both(even) };
                $Wide { even, odd }
            }
            #[inline(always)]
            fn bits(words: $Wide) -> $U32 {
                // SAFETY: see the top of this file; no memory is touched.
                $U32(unsafe { low_halves(words.even, words.odd) })
            }
        }

        /// As many `u32` in two registers, each in the low half of 64 bits; the high halves mean nothing. A product is one instruction and leaves both of its
        /// words where the next round of Philox wants them.
        #[derive(Clone, Copy)]
        pub(super) struct $Wide {
            even: $Integers,
            odd: $Integers,
        }

        impl Word for $Wide {
            #[inline(always)]
            fn literal(value: u32) -> Self {
                let $U32(all) = Bits::lit(value);
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
                        even: add_epi32(self.even, other.even),
                        odd: add_epi32(self.odd, other.odd),
                    }
                }
            }
            #[inline(always)]
            fn exclusive_or(self, other: Self) -> Self {
                // SAFETY: see the top of this file; no memory is touched.
                unsafe {
                    Self {
                        even: xor_si(self.even, other.even),
                        odd: xor_si(self.odd, other.odd),
                    }
                }
            }
            #[inline(always)]
            fn product(self, other: Self) -> [Self; 2] {
                // SAFETY: see the top of this file; no memory is touched.
                unsafe {
                    let even = mul_epu32(self.even, other.even);
                    let odd = mul_epu32(self.odd, other.odd);
                    let high = Self {
                        even: srli_epi64::<32>(even),
                        // Not a shift as well: shifts and shuffles have an execution unit each.
                        odd: odd_to_both(odd),
                    };
                    [high, Self { even, odd }]
                }
            }
        }
    };
}
pub(super) use vector;

/// What the two features say in different instructions. Each may run only where its feature is;
/// `gather` alone touches memory.
macro_rules! own {
    ($(fn $name:ident($($argument:ident: $type:ty),*) -> $result:ty { $body:expr })*) => {
        $(
            #[inline(always)]
            unsafe fn $name($($argument: $type),*) -> $result {
                // SAFETY: the caller's.
                unsafe { $body }
            }
        )*
    };
}
pub(super) use own;

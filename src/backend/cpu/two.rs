//! Two vectors as one number: work on them is interleaved, so that neither waits for its own last result.
//!
//! A function like `exprel` is one long chain, in which every operation waits four cycles for the one before. A processor looks ahead,
//! but not a whole chain far (its scheduler holds about a hundred operations), and compilers like to finish one chain before they
//! begin the next, to save registers. So the halves are held together at every product ([`Pack::side_by_side`]).

use std::ops::{Add, Mul, Neg, Sub};

use super::pack::Pack;
use crate::noise::Word;
use crate::scalar::{Bits, Scalar, Single, Table, forward_to_functions};

/// Two of something, worked on side by side.
#[derive(Clone, Copy)]
pub(super) struct Two<T>(pub(super) T, pub(super) T);

macro_rules! operator {
    ($($trait:ident :: $method:ident),*) => {$(
        impl<T: $trait<Output = T>> $trait for Two<T> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Self(self.0.$method(other.0), self.1.$method(other.1))
            }
        }
    )*};
}
operator!(Add::add, Sub::sub);

impl<T: Pack> Mul for Two<T> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        let [a, b] = T::side_by_side([self.0 * other.0, self.1 * other.1]);
        Self(a, b)
    }
}

impl<T: Neg<Output = T>> Neg for Two<T> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self(-self.0, -self.1)
    }
}

impl<T: Pack> Scalar for Two<T> {
    type Mask = Two<T::Mask>;

    #[inline(always)]
    fn lit(value: f64) -> Self {
        Self(T::lit(value), T::lit(value))
    }
    #[inline(always)]
    fn less(self, other: Self) -> Self::Mask {
        Two(self.0.less(other.0), self.1.less(other.1))
    }
    #[inline(always)]
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self {
        Self(
            T::select(mask.0, yes.0, no.0),
            T::select(mask.1, yes.1, no.1),
        )
    }
    #[inline(always)]
    fn at_least(self, bound: Self) -> Self {
        Self(self.0.at_least(bound.0), self.1.at_least(bound.1))
    }
    #[inline(always)]
    fn at_most(self, bound: Self) -> Self {
        Self(self.0.at_most(bound.0), self.1.at_most(bound.1))
    }
    forward_to_functions!(
        exp, exprel, log, recip, sqrt, tanh, sigmoid, sin, cos, erfc, floor
    );
}

impl<T: Pack> Single for Two<T> {
    type Bits = Two<T::Bits>;

    #[inline(always)]
    fn to_bits(self) -> Self::Bits {
        Two(self.0.to_bits(), self.1.to_bits())
    }
    #[inline(always)]
    fn from_bits(bits: Self::Bits) -> Self {
        Self(T::from_bits(bits.0), T::from_bits(bits.1))
    }
    #[inline(always)]
    fn entry(table: &'static Table, place: Self::Bits) -> Self {
        Self(T::entry(table, place.0), T::entry(table, place.1))
    }
    #[inline(always)]
    fn all(mask: Self::Mask) -> bool {
        T::all(mask.0) & T::all(mask.1)
    }
}

macro_rules! integer_operation {
    ($($method:ident),*) => {$(
        #[inline(always)]
        fn $method(self, other: Self) -> Self {
            Self(self.0.$method(other.0), self.1.$method(other.1))
        }
    )*};
}

impl<B: Bits> Bits for Two<B>
where
    B::Single: Pack,
{
    type Single = Two<B::Single>;

    #[inline(always)]
    fn lit(value: u32) -> Self {
        Self(B::lit(value), B::lit(value))
    }
    integer_operation!(add, sub, mul, mul_high, and, xor);
    #[inline(always)]
    fn shl(self, by: u32) -> Self {
        Self(self.0.shl(by), self.1.shl(by))
    }
    #[inline(always)]
    fn shr(self, by: u32) -> Self {
        Self(self.0.shr(by), self.1.shr(by))
    }
    #[inline(always)]
    fn signed_to_float(self) -> Self::Single {
        Two(self.0.signed_to_float(), self.1.signed_to_float())
    }
    #[inline(always)]
    fn is_zero(self) -> <Self::Single as Scalar>::Mask {
        Two(self.0.is_zero(), self.1.is_zero())
    }
}

/// The words of two packs: apart from [`Two`], whose words are bits.
#[derive(Clone, Copy)]
pub(super) struct TwoWords<W>(W, W);

impl<W: Word> Word for TwoWords<W> {
    #[inline(always)]
    fn literal(value: u32) -> Self {
        Self(W::literal(value), W::literal(value))
    }
    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        Self(self.0.plus(other.0), self.1.plus(other.1))
    }
    #[inline(always)]
    fn exclusive_or(self, other: Self) -> Self {
        Self(self.0.exclusive_or(other.0), self.1.exclusive_or(other.1))
    }
    #[inline(always)]
    fn product(self, other: Self) -> [Self; 2] {
        let ([a, b], [c, d]) = (self.0.product(other.0), self.1.product(other.1));
        [Self(a, c), Self(b, d)]
    }
}

impl<P: Pack> Pack for Two<P> {
    const WIDTH: usize = 2 * P::WIDTH;
    type Words = TwoWords<P::Words>;
    #[inline(always)]
    fn load(from: &[f32]) -> Self {
        let (first, second) = from[..Self::WIDTH].split_at(P::WIDTH);
        Self(P::load(first), P::load(second))
    }
    #[inline(always)]
    fn store(self, to: &mut [f32]) {
        let (first, second) = to[..Self::WIDTH].split_at_mut(P::WIDTH);
        self.0.store(first);
        self.1.store(second);
    }
    #[inline(always)]
    fn splat(x: f32) -> Self {
        Self(P::splat(x), P::splat(x))
    }
    #[inline(always)]
    fn side_by_side([first, second]: [Self; 2]) -> [Self; 2] {
        let [a, b] = P::side_by_side([first.0, second.0]);
        let [c, d] = P::side_by_side([first.1, second.1]);
        [Self(a, c), Self(b, d)]
    }
    #[inline(always)]
    fn load_words(from: &[u32]) -> Self::Words {
        let (first, second) = from[..Self::WIDTH].split_at(P::WIDTH);
        TwoWords(P::load_words(first), P::load_words(second))
    }
    #[inline(always)]
    fn bits(words: Self::Words) -> Self::Bits {
        Two(P::bits(words.0), P::bits(words.1))
    }
}

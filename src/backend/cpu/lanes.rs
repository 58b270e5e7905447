//! Which instructions the lanes are made of, chosen when the program runs.

use super::machine::{Block, Body, Op, Perform};
use super::pack::Pack;
use crate::scalar::Lanes8;

/// Instructions for numbers side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lanes {
    /// Eight lanes as any CPU has them.
    Portable,
    /// Eight lanes in AVX2 registers.
    Avx2,
    /// Sixteen lanes in AVX-512 registers.
    Avx512,
}

/// Something to be done in lanes `V`.
///
/// What is hot in it goes by indices. The compiler does not at first inline the methods of adapters such as `zip` into code for more CPU
/// features than theirs.
pub(super) trait Work {
    fn run<V: Pack>(self);
}

impl Lanes {
    /// All, the widest first.
    const ALL: [Self; 3] = [Self::Avx512, Self::Avx2, Self::Portable];

    /// Those that this machine has, the widest first.
    pub fn available() -> Vec<Self> {
        Self::ALL
            .into_iter()
            .filter(|lanes| lanes.is_available())
            .collect()
    }

    /// The widest that this machine has.
    pub fn widest() -> Self {
        Self::available()[0]
    }

    #[inline(always)]
    fn is_available(self) -> bool {
        match self {
            Self::Portable => true,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => is_x86_feature_detected!("avx2"),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => {
                is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512vl")
            }
            #[cfg(not(target_arch = "x86_64"))]
            _ => false,
        }
    }

    /// How many.
    pub fn width(self) -> usize {
        match self {
            Self::Portable | Self::Avx2 => 8,
            Self::Avx512 => 16,
        }
    }

    /// In words: `portable`, `avx2`, `avx512`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }

    /// Does the work in these lanes.
    #[inline(always)]
    pub(super) fn run(self, work: impl Work) {
        #[cfg(target_arch = "x86_64")]
        {
            #[target_feature(enable = "avx2")]
            fn with_avx2(work: impl Work) {
                work.run::<super::avx2::F32x8>();
            }
            #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl")]
            fn with_avx512(work: impl Work) {
                work.run::<super::avx512::F32x16>();
            }
            #[expect(unsafe_code, reason = "calls code compiled for a CPU feature")]
            match self {
                // SAFETY: these lanes are taken only where the features were found.
                Self::Avx2 if self.is_available() => return unsafe { with_avx2(work) },
                // SAFETY: as above.
                Self::Avx512 if self.is_available() => return unsafe { with_avx512(work) },
                _ => {}
            }
        }
        assert_eq!(
            self,
            Self::Portable,
            "kernels are taken only where they can run"
        );
        work.run::<Lanes8>();
    }

    /// A function that does `B` in these lanes; it may be called where they are available.
    pub(super) fn function<B: Body>(self) -> Perform {
        #[cfg(target_arch = "x86_64")]
        {
            #[target_feature(enable = "avx2")]
            #[expect(unsafe_code, reason = "operands are addresses")]
            unsafe fn with_avx2<B: Body>(op: &Op, block: &Block) {
                // SAFETY: the caller's.
                unsafe { B::perform::<super::avx2::F32x8>(op, block) }
            }
            #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl")]
            #[expect(unsafe_code, reason = "operands are addresses")]
            unsafe fn with_avx512<B: Body>(op: &Op, block: &Block) {
                // SAFETY: the caller's.
                unsafe { B::perform::<super::avx512::F32x16>(op, block) }
            }
            match self {
                Self::Avx2 => return with_avx2::<B>,
                Self::Avx512 => return with_avx512::<B>,
                Self::Portable => {}
            }
        }
        B::perform::<Lanes8>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::cpu::two::Two;
    use crate::scalar::{Scalar, Table};

    /// Compares every function of pairs of vectors with that of single numbers.
    struct Compare<'a>(&'a [f32]);

    impl Work for Compare<'_> {
        #[inline(always)]
        fn run<V: Pack>(self) {
            let entries = (0..5000u16).map(|k| f64::from(k).sqrt()).collect();
            let table: &'static Table = Box::leak(Box::new(Table::new("t", entries)));
            let mut found = [0.0; 32];
            for numbers in self.0.chunks_exact(2 * V::WIDTH) {
                let x = Two::<V>::load(numbers);
                macro_rules! compare {
                    ($($name:ident $argument:expr),*) => {$(
                        Scalar::$name($argument(x)).store(&mut found);
                        for (&number, found) in numbers.iter().zip(found) {
                            let expected: f32 = Scalar::$name($argument(number));
                            let name = stringify!($name);
                            assert_eq!(found.to_bits(), expected.to_bits(), "{name} of {number}");
                        }
                    )*};
                }
                compare!(exp same, exprel same, log square, recip same, sqrt square);
                compare!(tanh same, sigmoid same, sin same, cos same, erfc same, floor same);
                x.look(table).store(&mut found);
                for (&number, found) in numbers.iter().zip(found) {
                    let expected = number.look(table);
                    assert_eq!(found.to_bits(), expected.to_bits(), "entry {number}");
                }
            }
        }
    }

    #[inline(always)]
    fn same<S: Scalar>(x: S) -> S {
        x
    }

    #[inline(always)]
    fn square<S: Scalar>(x: S) -> S {
        x * x
    }

    #[test]
    fn functions_have_the_bits_of_single_numbers_in_all_lanes() {
        let numbers: Vec<f32> = (1..=1u16 << 12)
            .flat_map(|k| {
                let x = f32::from(k) / 200.0;
                [x, -x, x * x * x, 1e-6 * x]
            })
            .collect();
        for lanes in Lanes::available() {
            lanes.run(Compare(&numbers));
        }
    }
}

//! Hot loops in the widest registers that a machine has.

/// A function that is compiled for several CPUs, of which the program takes one when it runs.
///
/// They give the same bits: each does the same additions and multiplications in the same order, and none fuses the two. Only how many
/// are done at once differs.
macro_rules! wide {
    ($(#[$meta:meta])* fn $name:ident($($argument:ident: $type:ty),* $(,)?) $body:block) => {
        $(#[$meta])*
        fn $name($($argument: $type),*) {
            #[inline(always)]
            fn work($($argument: $type),*) $body
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                fn with_avx2($($argument: $type),*) {
                    work($($argument),*);
                }
                #[target_feature(enable = "avx512f")]
                fn with_avx512($($argument: $type),*) {
                    work($($argument),*);
                }
                #[expect(unsafe_code, reason = "calls code compiled for a CPU feature")]
                if is_x86_feature_detected!("avx512f") {
                    // SAFETY: the feature was found.
                    return unsafe { with_avx512($($argument),*) };
                } else if is_x86_feature_detected!("avx2") {
                    // SAFETY: the feature was found.
                    return unsafe { with_avx2($($argument),*) };
                }
            }
            work($($argument),*);
        }
    };
}

pub(crate) use wide;

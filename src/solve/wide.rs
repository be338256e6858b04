//! Loops compiled for any machine, and again for the wider vectors of one that has them.
//!
//! The arithmetic is that of the source, in its order and without fused steps, so all give the same
//! bits.

/// Defines a function whose body is compiled for every machine, for AVX2 and for AVX-512, and chosen
/// at the call.
macro_rules! wide {
    ($(#[$doc:meta])* $scope:vis fn $name:ident($($given:ident: $kind:ty),*) $(-> $out:ty)? $body:block) => {
        $(#[$doc])*
        $scope fn $name($($given: $kind),*) $(-> $out)? {
            #[inline(always)]
            fn body($($given: $kind),*) $(-> $out)? $body

            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                fn avx2($($given: $kind),*) $(-> $out)? {
                    body($($given),*)
                }
                #[target_feature(enable = "avx512f,avx512dq")]
                fn avx512($($given: $kind),*) $(-> $out)? {
                    body($($given),*)
                }
                if std::arch::is_x86_feature_detected!("avx512f") && std::arch::is_x86_feature_detected!("avx512dq") {
                    // SAFETY: the features were just detected.
                    return unsafe { avx512($($given),*) };
                }
                if std::arch::is_x86_feature_detected!("avx2") {
                    // SAFETY: the feature was just detected.
                    return unsafe { avx2($($given),*) };
                }
            }
            body($($given),*)
        }
    };
}
pub(crate) use wide;

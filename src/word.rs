//! Enumerations whose values have names in study files, flags and manifests.

/// A value that study files and flags name by a word.
pub trait Word: Copy + PartialEq + 'static {
    /// Every value, in the order in which help lists them.
    const VALUES: &'static [Self];

    /// The word, for example `exponential-euler`.
    fn word(self) -> &'static str;

    /// The words of all values, in order.
    fn words() -> Vec<&'static str> {
        Self::VALUES.iter().map(|value| value.word()).collect()
    }

    /// The value that a word names.
    fn from_word(word: &str) -> Option<Self> {
        let mut values = Self::VALUES.iter().copied();
        values.find(|value| value.word() == word)
    }
}

/// Gives an enumeration its words: the one list that study files, flags, help and manifests use.
macro_rules! words {
    ($type:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl $type {
            /// Every value, in the order in which help lists them.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$variant),+];

            /// Its name in study files and flags.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }

        impl $crate::word::Word for $type {
            const VALUES: &'static [Self] = &Self::ALL;

            fn word(self) -> &'static str {
                self.name()
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }
    };
}
pub(crate) use words;

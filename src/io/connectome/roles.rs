//! What an array is, by its name.

/// What an array of a connectome is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Weights,
    TractLengths,
    Delays,
    DelaySteps,
    Functional,
    FunctionalLabels,
    Bold,
    Labels,
    Centres,
}

impl Role {
    /// All of them; where parts of names count, those whose names are clearer come first.
    pub(super) const ALL: [Self; 9] = [
        Self::FunctionalLabels,
        Self::DelaySteps,
        Self::Delays,
        Self::TractLengths,
        Self::Functional,
        Self::Bold,
        Self::Labels,
        Self::Centres,
        Self::Weights,
    ];

    /// As errors and notes call it.
    pub(super) fn what(self) -> &'static str {
        match self {
            Self::Weights => "weights",
            Self::TractLengths => "tract lengths",
            Self::Delays => "delays in ms",
            Self::DelaySteps => "delays in steps",
            Self::Functional => "functional connectivity",
            Self::FunctionalLabels => "labels of the functional connectivity",
            Self::Bold => "time series",
            Self::Labels => "labels",
            Self::Centres => "centres",
        }
    }

    /// The usual names, of toolboxes and papers. Case does not count.
    pub(super) fn usual(self) -> &'static [&'static str] {
        match self {
            Self::Weights => &[
                "weights",
                "Cmat",
                "SC",
                "W",
                "C",
                "connectivity",
                "structural_connectivity",
                "connectome",
                "strength",
                "struc_matrix",
                "counts",
                "count",
                "adjacency",
                "fdt_network_matrix",
                "CM",
            ],
            Self::TractLengths => &[
                "tract_lengths",
                "Dmat",
                "lengths",
                "tract_lengths_mm",
                "distances",
                "D",
                "length",
                "len",
                "mean_length",
                "mean_lengths",
                "tract_length",
                "fiber_lengths",
                "fibre_lengths",
                "dist",
                "distance",
                "dist_mat",
            ],
            Self::Delays => &["delays", "delays_ms", "delay_ms"],
            Self::DelaySteps => &["delay_steps"],
            Self::Functional => &[
                "functional",
                "FCs",
                "FC",
                "functional_connectivity",
                "func_matrix",
                "relmat",
                "empirical_fc",
            ],
            Self::FunctionalLabels => &["func_labels", "functional_labels", "fc_labels"],
            Self::Bold => &[
                "bold",
                "tc",
                "timeseries",
                "time_series",
                "bolds",
                "time_courses",
                "roi_signals",
            ],
            Self::Labels => &[
                "labels",
                "region_labels",
                "names",
                "name",
                "struc_labels",
                "roi_names",
                "region_names",
                "parcel_names",
                "regions",
            ],
            Self::Centres => &[
                "centres",
                "centers",
                "coordinates",
                "coords",
                "centroids",
                "xyz",
            ],
        }
    }

    /// Whether `name` is a usual one.
    pub(super) fn is_named(self, name: &str) -> bool {
        let is = |usual: &&str| usual.eq_ignore_ascii_case(name) || plain(usual) == plain(name);
        self.usual().iter().any(is)
    }

    /// Whether a usual name, of two letters at least, is part of `name`: words that stand together.
    pub(super) fn is_part_of(self, name: &str) -> bool {
        self.usual().iter().any(|usual| has_part(name, usual))
    }
}

/// Names of lengths that are nothing else, whatever stands beside them.
const LENGTHS: [&str; 4] = [
    "mean_length",
    "mean_lengths",
    "tract_length",
    "tract_lengths",
];

/// Whether a name may be that of weights as well as of lengths: `weights_distance_corrected`.
pub(super) fn is_doubtful(name: &str) -> bool {
    let is_both = Role::Weights.is_part_of(name) && Role::TractLengths.is_part_of(name);
    is_both && !LENGTHS.iter().any(|lengths| has_part(name, lengths))
}

fn has_part(name: &str, usual: &str) -> bool {
    let usual = plain(usual);
    let words: Vec<String> = name
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    usual.len() > 1
        && (0..words.len()).any(|first| {
            let mut ends = first..words.len().min(first + 3);
            ends.any(|last| words[first..=last].concat() == usual)
        })
}

/// A name without capitals and underscores.
fn plain(name: &str) -> String {
    name.to_ascii_lowercase().replace('_', "")
}

/// What a leaf is called within its group, struct or file: the last part of its path.
pub(super) fn key(name: &str) -> &str {
    let last = name.rsplit('/').next().unwrap_or(name);
    last.rsplit('.').next().unwrap_or(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first role whose names are part of `name`.
    fn role(name: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.is_part_of(name))
    }

    #[test]
    fn names_of_toolboxes_say_what_an_array_is() {
        for (name, expected) in [
            ("ctx_parc-six_desc-strength", Some(Role::Weights)),
            ("ctx_parc-six_desc-length", Some(Role::TractLengths)),
            ("ctx_parc-six_desc-fcdtril", None),
            ("strucMatrix_ctx", Some(Role::Weights)),
            ("strucLabels_ctx", Some(Role::Labels)),
            ("funcLabels_ctx", Some(Role::FunctionalLabels)),
            (
                "sub-01_stat-pearsoncorrelation_relmat",
                Some(Role::Functional),
            ),
            ("sub-01_stat-mean_timeseries", Some(Role::Bold)),
            (
                "aal_radius2_meanlength_connectivity",
                Some(Role::TractLengths),
            ),
            ("functional_connectivity", Some(Role::Functional)),
            ("my_structural_connectivity", Some(Role::Weights)),
            ("average_orientations", None),
            ("areas", None),
        ] {
            assert_eq!(role(name), expected, "{name}");
        }
        assert!(is_doubtful("weights_distance_corrected") && is_doubtful("sc_len_norm"));
        assert!(!is_doubtful("sub-01_connectome_meanlength") && !is_doubtful("distances"));
        assert!(Role::Weights.is_named("sc") && !Role::Weights.is_part_of("a_w_c"));
        assert_eq!((key("data.SC"), key("DTI_CM/sc")), ("SC", "sc"));
    }
}

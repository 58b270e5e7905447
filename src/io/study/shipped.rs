//! The studies that come with the program.

use std::path::Path;

use crate::error::{Error, Result};
use crate::io::model as texts;

/// A study in the binary.
#[derive(Debug, Clone, Copy)]
pub struct Shipped {
    /// What a user types.
    pub name: &'static str,
    /// One line on what it is.
    pub summary: &'static str,
    /// The TOML text.
    pub text: &'static str,
}

/// The studies that come with the program; the first is what runs when none is named.
pub const SHIPPED: &[Shipped] = &[
    Shipped {
        name: "hcp_network",
        summary: "80 FitzHugh-Nagumo regions on the HCP connectome, 6 s, scored against measured FC",
        text: include_str!("../../../data/studies/hcp_network.toml"),
    },
    Shipped {
        name: "hcp_bold",
        summary: "80 balanced mean fields on the HCP connectome, BOLD of 5 min, scored against measured FC",
        text: include_str!("../../../data/studies/hcp_bold.toml"),
    },
    Shipped {
        name: "wilson_cowan",
        summary: "one Wilson-Cowan node from two starts, into its two stable states",
        text: include_str!("../../../data/studies/wilson_cowan.toml"),
    },
    Shipped {
        name: "fitzhugh_nagumo",
        summary: "one FitzHugh-Nagumo node on its limit cycle",
        text: include_str!("../../../data/studies/fitzhugh_nagumo.toml"),
    },
];

/// The shipped study called `path`, with or without `.toml`.
pub(super) fn find(path: &Path) -> Result<&'static Shipped> {
    let name = path.to_string_lossy();
    let bare = name.strip_suffix(".toml").unwrap_or(&name);
    let shipped = SHIPPED.iter().find(|study| study.name == bare);
    shipped.ok_or_else(|| {
        let underscored = bare.replace('-', "_");
        let kind = texts::kind_of_name(bare);
        if let Some(kind) = kind.filter(|_| SHIPPED.iter().all(|study| study.name != underscored)) {
            return kind.name_instead_of_study(bare);
        }
        Error::unknown(
            "study file or shipped study",
            &name,
            SHIPPED.iter().map(|study| study.name),
        )
    })
}

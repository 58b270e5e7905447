//! Connectomes that come with the crate. `data/README.md` tells where they come from and what to cite.

use std::sync::{Arc, LazyLock};

use super::{Options, assemble, named};
use crate::connectome::Connectome;
use crate::io::formats::Tree;

/// A connectome that comes with the crate.
#[derive(Debug, Clone, Copy)]
pub struct Shipped {
    /// What `connectome.file` calls it.
    pub name: &'static str,
    /// What it is, in a few words.
    pub meaning: &'static str,
    /// Unpacks it once; later calls share it.
    pub read: fn() -> Arc<Connectome>,
}

impl Shipped {
    /// The connectome of a name.
    pub fn named(name: &str) -> Option<Self> {
        SHIPPED.into_iter().find(|shipped| shipped.name == name)
    }
}

/// Every connectome that comes with the crate; the first is that of studies without one.
pub const SHIPPED: [Shipped; 2] = [
    Shipped {
        name: "hcp",
        meaning: "80 cortical regions of AAL2, 7 people of the Human Connectome Project, the FC of each",
        read: hcp,
    },
    Shipped {
        name: "schaefer100",
        meaning: "100 cortical regions of Schaefer's atlas, mean of 706 people of the Human Connectome Project, their mean FC",
        read: schaefer100,
    },
];

/// The connectome of studies without one: 80 cortical regions, group mean of 7 people, with their functional connectivity.
///
/// It is unpacked once; later calls share it.
pub fn hcp() -> Arc<Connectome> {
    static HCP: LazyLock<Arc<Connectome>> = LazyLock::new(|| {
        let labels = include_str!("../../../data/hcp_labels.txt").lines();
        Arc::new(Connectome {
            labels: labels.map(String::from).collect(),
            ..embedded(include_bytes!("../../../data/hcp.npz"), "data/hcp.npz")
        })
    });
    HCP.clone()
}

/// 100 cortical regions of Schaefer's atlas in seven networks: mean over 706 people, with their mean functional connectivity.
///
/// It is unpacked once; later calls share it.
pub fn schaefer100() -> Arc<Connectome> {
    static SCHAEFER: LazyLock<Arc<Connectome>> = LazyLock::new(|| {
        let bytes = include_bytes!("../../../data/schaefer100.npz");
        Arc::new(embedded(bytes, "data/schaefer100.npz"))
    });
    SCHAEFER.clone()
}

fn embedded(bytes: &'static [u8], name: &str) -> Connectome {
    let options = Options::default();
    let parts = Tree::embedded(bytes, name).and_then(|tree| named::parts(&tree, &options));
    let connectome = parts.and_then(|parts| assemble::connectome(name.as_ref(), parts, &options));
    connectome.expect("the embedded connectome is checked by the tests")
}

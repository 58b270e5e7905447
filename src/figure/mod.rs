//! The figures of the field, made from its data: connectomes, functional connectivity, time series,
//! score maps, bifurcation diagrams. [`plot`](crate::plot) draws them.
//!
//! A new figure is a function here that takes data and gives a [`Figure`](crate::plot::Figure), and
//! a line where an [`Output`](crate::output::Output) is filled; it then appears as svg and png.

mod branches;
mod connectome;
mod evoked;
mod fc;
mod fcd;
mod fit;
mod node_maps;
mod observed;
mod phase_plane;
mod points;
mod ramp;
mod regions;
mod spectra;
mod step_error;
mod time_series;

pub use branches::{BRANCHES, views as branch_views};
pub use connectome::connectome;
pub use evoked::evoked;
pub use fc::{SubjectFc, fc, fc_of_subjects};
pub use fcd::{Histogram, fcd};
pub use fit::{
    Curves, Ellipse, Finals, Front, Generations, OfRegions, Pairs, Profiles, Truths, recovery,
    regions, subjects,
};
pub use node_maps::{NodeMap, node_maps};
pub use observed::observed;
pub(crate) use phase_plane::cycle_kind;
pub use phase_plane::{phase_plane, view as phase_plane_view};
pub use points::Points;
pub use ramp::Ramp;
pub use regions::Regions;
pub use spectra::Spectra;
pub use step_error::{ErrorCurve, step_error};
pub use time_series::Traces;

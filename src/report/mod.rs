//! `report.html`: one page with all that a run leaves, to be clicked through without a network.
//!
//! What can be looked into is described by [`Views`]: plain numbers with names and units. The page has
//! them inline, with figures, tables and the manifest, and draws them by the scripts in
//! `src/report/page`. Those know no model and no command, and load nothing.

mod numbers;
mod page;
mod thin;
mod view;

pub use numbers::Numbers;
pub use page::{Page, Sheet};
pub use thin::{MOST_NUMBERS, Thinned, every, thinned};
pub use view::{
    Axis, Coordinate, Curve, Curves, Dash, Details, Mark, Matrices, Matrix, Number, Orbit, Points,
    Quantity, Regional, Regions, Setting, Trace, Traces, View, Views,
};

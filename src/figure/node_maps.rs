//! The figure of what differs from region to region.

use crate::error::Result;
use crate::plot::{Color, Figure, Lines, Marker, Panels, Series, Stroke};

use super::Regions;

/// A number of each region.
#[derive(Debug, Clone)]
pub struct NodeMap {
    /// What it is, with its unit.
    pub label: String,
    /// `[n_nodes]`.
    pub values: Vec<f64>,
}

/// Draws maps under each other, region by region, in the order of matrices of the same regions: by groups, where there are groups, each
/// in a colour of its own.
///
/// # Errors
/// [`Error::Figure`](crate::Error::Figure) if it cannot be drawn.
pub fn node_maps(maps: &[NodeMap], regions: Regions, title: &str) -> Result<Figure> {
    let ranks = regions.ranks();
    // Groups as their first regions come, which is how the ranks have them.
    let mut groups: Vec<&str> = Vec::new();
    for group in regions.groups {
        if !groups.contains(group) {
            groups.push(group);
        }
    }
    let of_group = |group: Option<&str>, map: &NodeMap| -> (Vec<f64>, Vec<f64>) {
        let nodes = (0..map.values.len())
            .filter(|&node| group.is_none_or(|group| regions.groups[node] == group));
        nodes
            .map(|node| (ranks[node] as f64, map.values[node]))
            .unzip()
    };
    let panel = |(place, map): (usize, &NodeMap)| {
        let series = |name: &str, group: Option<&str>, color: Color| {
            let (x, y) = of_group(group, map);
            Series::new(name, x, y)
                .stroke(Stroke::None)
                .marker(Marker::Disc)
                .color(color)
        };
        let lines = Lines::new()
            .x_label("region")
            // As matrices count them, with room for the first and the last.
            .x_range(-1.0, map.values.len() as f64)
            .y_label(&map.label)
            .size_pt(430.0, 110.0);
        if groups.is_empty() {
            return lines.add(series("", None, Color::QUALITATIVE[0]));
        }
        lines.extend(groups.iter().enumerate().map(|(k, &group)| {
            let name = if place == 0 { group } else { "" };
            series(name, Some(group), Color::of_series(k, groups.len()))
        }))
    };
    let panels = maps.iter().enumerate().map(panel);
    Panels::stack(panels).title(title).figure()
}

//! Branches of another program, in dotted lines on top of those that were found, with its
//! bifurcations as open squares.

use super::marks;
use crate::branches::{Beside, Found, Piece};
use crate::plot::{Marker, Series, Stroke};

/// Equilibria and cycles in the panel of a state.
pub(super) fn state(found: &Found, index: usize) -> Vec<Series> {
    let name = &found.states[index];
    drawn(found, false, |piece| piece.columns_of_state(index, name))
}

/// Periods of cycles.
pub(super) fn period(found: &Found) -> Vec<Series> {
    drawn(found, false, |piece| {
        piece.period_column().into_iter().collect()
    })
}

/// Curves in two parameters.
pub(super) fn curves(found: &Found) -> Vec<Series> {
    let second = |piece: &Piece| piece.column_of(&found.varied, 1);
    drawn(found, true, |piece| second(piece).into_iter().collect())
}

/// The branches or curves over the first parameter, each in the columns that `heights` says.
fn drawn(found: &Found, curves: bool, heights: impl Fn(&Piece) -> Vec<usize>) -> Vec<Series> {
    let mut series = Vec::new();
    for Beside { name, pieces } in &found.beside {
        for piece in pieces.iter().filter(|piece| piece.is_curve == curves) {
            let Some(first) = piece.column_of(&found.varied, 0) else {
                continue;
            };
            for height in heights(piece) {
                let rows = piece.points.iter();
                let points: Vec<[f64; 2]> = rows
                    .map(|row| [row.numbers[first], row.numbers[height]])
                    .collect();
                let stable: Vec<bool> = piece.points.iter().map(|row| row.is_stable).collect();
                series.extend(marks::runs(&points, &stable, |stable| {
                    let (word, color) = match (curves, stable) {
                        (true, _) => ("", marks::BESIDE),
                        (false, true) => (", stable", marks::BESIDE),
                        (false, false) => (", unstable", marks::BESIDE_UNSTABLE),
                    };
                    Some((format!("{name}{word}"), color, Stroke::Dotted))
                }));
                let marked = points.iter().zip(&piece.points);
                let marked = marked.filter(|(_, row)| row.is_bifurcation);
                if marked.clone().next().is_none() {
                    continue;
                }
                let [x, y] = [0, 1].map(|axis| marked.clone().map(move |(p, _)| p[axis]));
                let mark = Series::new(format!("{name}, bifurcation"), x, y);
                let mark = mark.color(marks::BESIDE).stroke(Stroke::None);
                series.push(mark.marker(Marker::OpenSquare));
            }
        }
    }
    series
}

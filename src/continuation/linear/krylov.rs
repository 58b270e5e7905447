//! GMRES (Saad & Schultz 1986, SIAM J. Sci. Stat. Comput. 7, 856) without restarts, preconditioned
//! from the right.

use super::{add_scaled, dot, norm};

/// A solution of `A y = b` and the residual that is left, relative to b.
pub(crate) struct GmresSolution {
    pub y: Vec<f64>,
    pub residual: f64,
}

/// Solves `A y = b` for a linear map and an approximate inverse of it.
pub(crate) fn gmres(
    apply: impl Fn(&[f64]) -> Vec<f64>,
    precondition: impl Fn(&[f64]) -> Vec<f64>,
    b: &[f64],
    tolerance: f64,
    max_vectors: usize,
) -> GmresSolution {
    let size = norm(b);
    if size == 0.0 {
        return GmresSolution {
            y: vec![0.0; b.len()],
            residual: 0.0,
        };
    }
    let mut basis = vec![b.iter().map(|b| b / size).collect::<Vec<f64>>()];
    let mut tried: Vec<Vec<f64>> = Vec::new();
    // Columns of the triangular factor, the rotations that made it, and the rotated right-hand
    // side.
    let mut upper: Vec<Vec<f64>> = Vec::new();
    let mut rotations: Vec<(f64, f64)> = Vec::new();
    let mut right = vec![size];
    for step in 0..max_vectors.min(b.len()) {
        tried.push(precondition(&basis[step]));
        let mut next = apply(&tried[step]);
        let before = norm(&next);
        let mut column = vec![0.0; step + 2];
        for _ in 0..2 {
            for (row, vector) in basis.iter().enumerate() {
                let part = dot(&[], vector, &next);
                column[row] += part;
                add_scaled(&mut next, -part, vector);
            }
        }
        let left = norm(&next);
        column[step + 1] = left;
        for (row, &(c, s)) in rotations.iter().enumerate() {
            let (a, b) = (column[row], column[row + 1]);
            (column[row], column[row + 1]) = (c * a + s * b, c * b - s * a);
        }
        let radius = column[step].hypot(column[step + 1]);
        let (c, s) = if radius > 0.0 {
            (column[step] / radius, column[step + 1] / radius)
        } else {
            (1.0, 0.0)
        };
        column[step] = radius;
        column.truncate(step + 1);
        upper.push(column);
        rotations.push((c, s));
        let last = right[step];
        right[step] = c * last;
        right.push(-s * last);
        let residual = right[step + 1].abs() / size;
        if residual <= tolerance || left <= 1e-15 * before || !residual.is_finite() {
            break;
        }
        basis.push(next.into_iter().map(|y| y / left).collect());
    }
    let steps = upper.len();
    let mut weights = vec![0.0; steps];
    for row in (0..steps).rev() {
        let rest: f64 = (row + 1..steps).map(|k| upper[k][row] * weights[k]).sum();
        weights[row] = (right[row] - rest) / upper[row][row];
    }
    let mut y = vec![0.0; b.len()];
    for (weight, vector) in weights.iter().zip(&tried) {
        add_scaled(&mut y, *weight, vector);
    }
    GmresSolution {
        y,
        residual: right[steps].abs() / size,
    }
}

#[cfg(test)]
mod tests {
    use super::gmres;

    /// A rotation by 90 degrees scaled by 2 and 3: two vectors reach the exact solution without any
    /// preconditioner.
    #[test]
    fn two_unknowns_take_two_vectors() {
        let apply = |y: &[f64]| vec![-3.0 * y[1], 2.0 * y[0]];
        let solved = gmres(apply, <[f64]>::to_vec, &[6.0, 10.0], 1e-15, 2);
        assert!((solved.y[0] - 5.0).abs() < 1e-14 && (solved.y[1] + 2.0).abs() < 1e-14);
        assert!(solved.residual < 1e-14);
    }
}

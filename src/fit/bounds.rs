//! Maps all numbers into the unit interval, so that a search needs to know of no bounds.
//!
//! ```text
//! x in [a, 1 - a]     y = x
//! x in [-a, a]        y = (x + a)^2 / 4a            likewise at the upper bound
//! elsewhere           mirrored at -a and 1 + a
//! ```
//!
//! The map is smooth, but at the mirrors, and the identity in most of the interval. It reaches a bound at a finite x, with slope 0: an
//! optimum on a bound is found. This is the map of Hansen's `pycma` (`BoxConstraintsLinQuadTransformation`), where it is
//! described.

/// How far inside a bound the map begins to bend.
const MARGIN: f64 = 0.05;

/// The point of the unit interval for any `x`.
pub(super) fn inside(x: f64) -> f64 {
    let length = 1.0 + 2.0 * MARGIN;
    let along = (x + MARGIN).rem_euclid(2.0 * length);
    let x = along.min(2.0 * length - along) - MARGIN;
    let bent = |x: f64| (x + MARGIN) * (x + MARGIN) / (4.0 * MARGIN);
    let y = if x < MARGIN {
        bent(x)
    } else if x > 1.0 - MARGIN {
        1.0 - bent(1.0 - x)
    } else {
        x
    };
    y.clamp(0.0, 1.0)
}

/// The number nearest to the interval that [`inside`] maps to `y`.
pub(super) fn outside(y: f64) -> f64 {
    let unbent = |y: f64| 2.0 * (MARGIN * y).sqrt() - MARGIN;
    if y < MARGIN {
        unbent(y)
    } else if y > 1.0 - MARGIN {
        1.0 - unbent(1.0 - y)
    } else {
        y
    }
}

/// The nearest number that is not mirrored.
pub(super) fn clamped(x: f64) -> f64 {
    x.clamp(-MARGIN, 1.0 + MARGIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_map_is_continuous_reaches_its_bounds_and_comes_back() {
        assert_eq!((inside(-MARGIN), inside(1.0 + MARGIN)), (0.0, 1.0));
        assert_eq!(
            (inside(0.5), inside(MARGIN), inside(0.3)),
            (0.5, MARGIN, 0.3)
        );
        let step = 1e-4;
        let mut last = inside(-4.0);
        for k in 1..90_000 {
            let x = -4.0 + step * f64::from(k);
            let y = inside(x);
            assert!((0.0..=1.0).contains(&y));
            // Its slope is never above 1.
            assert!((y - last).abs() <= step * (1.0 + 1e-9), "{x}");
            last = y;
        }
        for y in [0.0, 0.001, 0.049, 0.05, 0.4, 0.96, 0.9999, 1.0] {
            assert!((inside(outside(y)) - y).abs() < 1e-15, "{y}");
        }
        // Mirrored, and so periodic.
        assert!((inside(-MARGIN - 0.3) - inside(-MARGIN + 0.3)).abs() < 1e-15);
        assert!((inside(0.3 + 2.2) - 0.3).abs() < 1e-15);
    }
}

//! Smooth curves through points.

/// Straight pieces that are drawn from one point to the next.
const PIECES: usize = 8;

/// A smooth curve through `points`, each new point with the class of the given one before it.
///
/// Centripetal Catmull-Rom splines: knots lie apart by the root of the distance of their points, so that a curve with
/// sharp bends has no loops (Yuksel, Schaefer and Keyser 2011, Comput. Aided Des. 43, 747).
pub(super) fn curve<C: Copy>(points: &[[f64; 2]], classes: &[C]) -> (Vec<[f64; 2]>, Vec<C>) {
    let size = [0, 1].map(|axis| {
        let values = points.iter().map(|p| p[axis]);
        let [low, high] = values.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], v| {
            [low.min(v), high.max(v)]
        });
        if high > low { high - low } else { 1.0 }
    });
    let minus = |a: [f64; 2], b: [f64; 2]| [a[0] - b[0], a[1] - b[1]];
    // By how much the knots of neighbours are apart; 0 of points that are one.
    let gap = |k: usize| {
        let [x, y] = minus(points[k + 1], points[k]);
        (x / size[0]).hypot(y / size[1]).sqrt()
    };
    let gaps: Vec<f64> = (1..points.len()).map(|k| gap(k - 1)).collect();
    let speed = |k: usize| minus(points[k + 1], points[k]).map(|d| d / gaps[k]);
    // In the middle of three points, on the parabola through them.
    let middle = |k: usize| {
        let (before, after) = (gaps[k - 1], gaps[k]);
        let [a, b] = [speed(k - 1), speed(k)];
        [0, 1].map(|i| (after * a[i] + before * b[i]) / (before + after))
    };
    let regular = |k: usize| gaps.get(k).is_some_and(|gap| *gap > 0.0);
    let (mut curve, mut of_class) = (Vec::new(), Vec::new());
    for k in 0..points.len() {
        curve.push(points[k]);
        of_class.push(classes[k]);
        if !regular(k) {
            continue;
        }
        // At an end the parabola of the next point goes on.
        let own = [
            (k > 0 && regular(k - 1)).then(|| middle(k)),
            regular(k + 1).then(|| middle(k + 1)),
        ];
        let chord = speed(k);
        let beyond = |other: Option<[f64; 2]>| {
            other.map_or(chord, |other| [0, 1].map(|i| 2.0 * chord[i] - other[i]))
        };
        let [begin, end] = [
            own[0].unwrap_or_else(|| beyond(own[1])),
            own[1].unwrap_or_else(|| beyond(own[0])),
        ];
        for piece in 1..PIECES {
            let t = piece as f64 / PIECES as f64;
            let (t2, t3) = (t * t, t * t * t);
            curve.push([0, 1].map(|i| {
                points[k][i]
                    + (3.0 * t2 - 2.0 * t3) * (points[k + 1][i] - points[k][i])
                    + gaps[k] * ((t3 - 2.0 * t2 + t) * begin[i] + (t3 - t2) * end[i])
            }));
            of_class.push(classes[k]);
        }
    }
    (curve, of_class)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Between sixteen points of a circle the curve stays on it to a thousandth; straight lines miss it by 0.02. A point that stands twice, and
    /// one that is no number, are left as they are.
    #[test]
    fn a_circle_is_round() {
        let at = |k: usize| {
            let angle = std::f64::consts::TAU * k as f64 / 16.0;
            [angle.cos(), angle.sin()]
        };
        let mut points: Vec<[f64; 2]> = (0..16).map(at).collect();
        let classes: Vec<usize> = (0..16).collect();
        let (round, of_class) = curve(&points, &classes);
        assert_eq!(round.len(), 15 * PIECES + 1);
        assert_eq!((of_class[PIECES - 1], of_class[PIECES]), (0, 1));
        for [x, y] in round {
            assert!((x.hypot(y) - 1.0).abs() < 2e-3, "{x} {y}");
        }
        points[5] = points[4];
        points[10] = [f64::NAN; 2];
        let (broken, _) = curve(&points, &classes);
        assert_eq!(broken.len(), 12 * PIECES + 4);
        let finite = broken.iter().filter(|p| p[0].is_finite()).count();
        assert_eq!(finite, broken.len() - 1);
    }
}

//! Two roots followed together over a step: two real ones, or a complex pair, at either end.
//!
//! Where two real roots meet and become a pair, or a pair comes down to the real axis, their speeds
//! are infinite. Their sum and their product stay smooth, and tell all: the product is 0 where a
//! real root is, the sum where a pair crosses the imaginary axis.

use num_complex::Complex64;

use super::track::{Near, hump, sign_changes};

/// Two roots at one end of a step.
#[derive(Clone, Copy)]
pub(super) enum Two<'a> {
    Pair(&'a Near),
    Real(&'a Near, &'a Near),
}

impl<'a> Two<'a> {
    /// All there are among `free` roots, with their indices.
    pub(super) fn among(near: &'a [Near], free: &[usize]) -> Vec<(Self, Vec<usize>)> {
        let (real, complex): (Vec<usize>, Vec<usize>) =
            free.iter().partition(|&&k| near[k].root.lambda.im == 0.0);
        let pairs = complex.iter().map(|&k| (Self::Pair(&near[k]), vec![k]));
        let mut all: Vec<_> = pairs.collect();
        for (n, &i) in real.iter().enumerate() {
            for &j in &real[n + 1..] {
                all.push((Self::Real(&near[i], &near[j]), vec![i, j]));
            }
        }
        all
    }

    /// Sum and product, and their changes per unit of the branch.
    fn symmetric(self) -> ([f64; 2], [f64; 2]) {
        match self {
            Self::Pair(Near { root, speed }) => {
                let z = root.lambda;
                let product = 2.0 * (z.conj() * speed).re;
                ([2.0 * z.re, z.norm_sqr()], [2.0 * speed.re, product])
            }
            Self::Real(a, b) => {
                let [x, y] = [a, b].map(|near| near.root.lambda.re);
                let [dx, dy] = [a, b].map(|near| near.speed.re);
                ([x + y, x * y], [dx + dy, dx * y + x * dy])
            }
        }
    }

    /// How many have a positive real part.
    fn n_right(self) -> usize {
        let right = |near: &Near| usize::from(near.root.lambda.re > 0.0);
        match self {
            Self::Pair(near) => 2 * right(near),
            Self::Real(a, b) => right(a) + right(b),
        }
    }
}

/// Two roots over a step.
pub(super) struct Couple<'a> {
    from: Two<'a>,
    to: Two<'a>,
    /// Sum and product at the beginning and at the end, and their slopes over the step.
    values: [[f64; 2]; 2],
    slopes: [[f64; 2]; 2],
}

impl<'a> Couple<'a> {
    pub(super) fn new(from: Two<'a>, to: Two<'a>, (step, cosine): (f64, f64)) -> Self {
        let ((a, da), (b, db)) = (from.symmetric(), to.symmetric());
        Self {
            from,
            to,
            values: [a, b],
            slopes: [da.map(|d| d * step), db.map(|d| d * (step / cosine))],
        }
    }

    /// The sum (0) or the product (1) a fraction `t` of the step on.
    fn at(&self, which: usize, t: f64) -> f64 {
        let [a, b] = self.values.map(|values| values[which]);
        let [da, db] = self.slopes.map(|slopes| slopes[which]);
        let u = 1.0 - t;
        a * (u * u * (1.0 + 2.0 * t)) + b * (t * t * (3.0 - 2.0 * t)) + da * (t * u * u)
            - db * (t * t * u)
    }

    /// The root nearer the imaginary axis; of a pair the upper one.
    pub(super) fn value(&self, t: f64) -> Complex64 {
        let (half, product) = (0.5 * self.at(0, t), self.at(1, t));
        let square = half * half - product;
        if square < 0.0 {
            return Complex64::new(half, (-square).sqrt());
        }
        let far = half + square.sqrt().copysign(half);
        let near = if far == 0.0 { 0.0 } else { product / far };
        near.into()
    }

    /// A vector near that of the root.
    pub(super) fn x(&self) -> &[Complex64] {
        let nearer = |a: &'a Near, b: &'a Near| {
            let closer = a.root.lambda.re.abs() <= b.root.lambda.re.abs();
            if closer { a } else { b }
        };
        match (self.from, self.to) {
            (Two::Real(a, b), _) | (Two::Pair(_), Two::Real(a, b)) => &nearer(a, b).root.x,
            (Two::Pair(near), _) => &near.root.x,
        }
    }

    /// By how much sum and product may be wrong half way: how far they are from straight lines.
    fn bends(&self) -> [f64; 2] {
        [0, 1].map(|which| {
            let [a, b] = self.values.map(|values| values[which]);
            let [da, db] = self.slopes.map(|slopes| slopes[which]);
            (b - a - 0.5 * (da + db)).abs()
        })
    }

    /// The bends that are left of what sum and product are.
    pub(super) fn crookedness(&self) -> f64 {
        let bends = self.bends();
        let size = |which: usize| self.values[0][which].abs() + self.values[1][which].abs();
        bends[0] / (1e-300 + size(0)) + bends[1] / (1e-300 + size(1))
    }

    /// True if shifting both by what they may be wrong by, up or down, leaves the number of crossings
    /// unchanged, and it explains the ends.
    pub(super) fn is_certain(&self) -> bool {
        let [sum, product] = self.bends().map(|bend| 0.5 * bend);
        if !(sum + product).is_finite() {
            return false;
        }
        let n_crossings = |a: f64, b: f64| self.crossings_of(a * sum, b * product).len();
        let n = n_crossings(0.0, 0.0);
        let shifts = [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)];
        shifts.into_iter().all(|(a, b)| n_crossings(a, b) == n)
    }

    /// Fractions of the step at which a root crosses; where that is uncertain, only what the ends
    /// show.
    pub(super) fn crossings(&self) -> Vec<f64> {
        if self.from.n_right() == self.to.n_right() && !self.is_certain() {
            return Vec::new();
        }
        self.crossings_of(0.0, 0.0)
    }

    /// The same of cubics that are off by so much half way.
    fn crossings_of(&self, sum_by: f64, product_by: f64) -> Vec<f64> {
        let sum = |t: f64| self.at(0, t) + sum_by * hump(t);
        let product = |t: f64| self.at(1, t) + product_by * hump(t);
        let mut crossings = sign_changes(product);
        let pairs = sign_changes(sum);
        crossings.extend(pairs.into_iter().filter(|&t| product(t) > 0.0));
        crossings.sort_by(f64::total_cmp);
        crossings
    }
}

//! Roots near the imaginary axis followed over a step: which root becomes which, and where the
//! cubic between crosses. Two roots that may meet on the way are followed together
//! ([`Couple`]).

use num_complex::Complex64;

use super::NetworkPoint;
use super::couple::{Couple, Two};
use crate::continuation::delay::root::Root;
use crate::continuation::linear::inner;

/// A root near the imaginary axis and its speed along the branch.
#[derive(Debug, Clone)]
pub(super) struct Near {
    pub(super) root: Root,
    pub(super) speed: Complex64,
}

/// What is followed over a step.
pub(super) enum Track<'a> {
    /// One root, or a complex pair.
    One(Single<'a>),
    /// Two roots that may meet.
    Two(Couple<'a>),
}

impl Track<'_> {
    /// Where the root is a fraction `t` of the step on; of two, the one nearer the axis.
    pub(super) fn value(&self, t: f64) -> Complex64 {
        match self {
            Self::One(track) => track.value(t),
            Self::Two(couple) => couple.value(t),
        }
    }

    /// A vector near that of the root.
    pub(super) fn x(&self) -> &[Complex64] {
        match self {
            Self::One(track) => &track.from.root.x,
            Self::Two(couple) => couple.x(),
        }
    }

    /// Fractions of the step at which a real part changes its sign; where that is uncertain, only
    /// what the ends show.
    pub(super) fn crossings(&self) -> Vec<f64> {
        match self {
            Self::One(track) => track.crossings(),
            Self::Two(couple) => couple.crossings(),
        }
    }

    fn is_certain(&self) -> bool {
        match self {
            Self::One(track) => track.is_certain(),
            Self::Two(couple) => couple.is_certain(),
        }
    }
}

/// A root near the axis at both ends of a step.
pub(super) struct Single<'a> {
    from: &'a Near,
    to: &'a Near,
    step: f64,
    cosine: f64,
}

impl Single<'_> {
    /// By the cubic through both ends and their speeds.
    fn value(&self, t: f64) -> Complex64 {
        let (a, b) = (self.from.root.lambda, self.to.root.lambda);
        let (da, db) = (
            self.from.speed * self.step,
            self.to.speed * (self.step / self.cosine),
        );
        let u = 1.0 - t;
        a * (u * u * (1.0 + 2.0 * t)) + b * (t * t * (3.0 - 2.0 * t)) + da * (t * u * u)
            - db * (t * t * u)
    }

    /// How far the ends are from a straight track: what the cubic may be wrong by.
    fn bend(&self) -> f64 {
        let mean = (self.from.speed + self.to.speed / self.cosine) * (0.5 * self.step);
        (self.to.root.lambda - self.from.root.lambda - mean).norm()
    }

    /// How far the root moves, but for rounding.
    fn reach(&self) -> f64 {
        let speeds = self.from.speed.norm() + self.to.speed.norm() / self.cosine;
        0.5 * self.step * speeds + 4e-9 * (1.0 + self.from.root.lambda.norm())
    }

    /// The bend that is left of the way, as a fraction.
    fn crookedness(&self) -> f64 {
        self.bend() / self.reach()
    }

    /// Cosine of the angle between the modes at both ends.
    fn likeness(&self) -> f64 {
        let (a, b) = (&self.from.root.x, &self.to.root.x);
        inner(a, b).norm()
    }

    /// By how much the cubic may be wrong half way. Where modes mix, the speeds at the ends say
    /// little about those between.
    fn uncertainty(&self) -> f64 {
        let change = (self.from.speed - self.to.speed / self.cosine) * self.step;
        0.5 * (self.bend() + (1.0 - self.likeness()) * change.norm())
    }

    /// Whether the root stays on the imaginary axis, to rounding.
    fn stays(&self) -> bool {
        self.from.root.lambda.re == 0.0 && self.to.root.lambda.re == 0.0
    }

    /// True if shifting the cubic by its error bound, up or down, leaves the number of crossings
    /// unchanged.
    fn is_certain(&self) -> bool {
        if self.stays() {
            return true;
        }
        let n_crossings = |by: f64| self.crossings_of(by).len();
        let (by, n) = (self.uncertainty(), n_crossings(0.0));
        n_crossings(by) == n && n_crossings(-by) == n
    }

    fn crossings(&self) -> Vec<f64> {
        let [before, after] = [self.from, self.to].map(|near| near.root.lambda.re > 0.0);
        if self.stays() || before == after && !self.is_certain() {
            return Vec::new();
        }
        self.crossings_of(0.0)
    }

    /// The same of a cubic that is off `by` half way; values and speeds at the ends are exact.
    fn crossings_of(&self, by: f64) -> Vec<f64> {
        sign_changes(|t| self.value(t).re + by * hump(t))
    }
}

/// What a cubic may be off by, as a share of that half way.
pub(super) fn hump(t: f64) -> f64 {
    (4.0 * t * (1.0 - t)).powi(2)
}

/// Where in [0, 1] a smooth function changes its sign.
pub(super) fn sign_changes(f: impl Fn(f64) -> f64) -> Vec<f64> {
    let mut changes = Vec::new();
    for k in 0..N_SAMPLES {
        let place = |k: usize| k as f64 / N_SAMPLES as f64;
        let (mut a, mut b) = (place(k), place(k + 1));
        if (f(a) > 0.0) != (f(b) > 0.0) {
            for _ in 0..30 {
                let middle = 0.5 * (a + b);
                if (f(middle) > 0.0) == (f(a) > 0.0) {
                    a = middle
                } else {
                    b = middle
                }
            }
            changes.push(0.5 * (a + b));
        }
    }
    changes
}

/// Samples of a cubic that find its sign changes.
const N_SAMPLES: usize = 16;

/// A track as straight as this belongs to one root, whatever its mode looks like.
const STRAIGHT: f64 = 0.25;
/// Modes as alike as this are the same: where two mix, no other is as much like either.
const ALIKE: f64 = 0.6;
/// A track that is more crooked than this joins two roots that have nothing to do with each other.
const CROOKED: f64 = 2.0;

/// Pairs roots near the axis at both ends of a step; `None` if that is not certain enough for those
/// that may cross.
///
/// In a step that is `short` no pairing is refused: there the crossings that the ends show have to
/// account for the change in the number of unstable roots, which is certified.
pub(super) fn matched<'a>(
    from: &'a NetworkPoint,
    to: &'a NetworkPoint,
    (step, cosine): (f64, f64),
    short: bool,
) -> Option<Vec<Track<'a>>> {
    let single = |i: usize, j: usize| Single {
        from: &from.near[i],
        to: &to.near[j],
        step,
        cosine,
    };
    let is_real = |near: &Near| near.root.lambda.im == 0.0;
    let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
    for i in 0..from.near.len() {
        for j in 0..to.near.len() {
            if is_real(&from.near[i]) != is_real(&to.near[j]) {
                continue;
            }
            // Modes keep their shape; that tells apart roots that pass each other. Where shapes
            // mix, straight tracks are likelier.
            let track = single(i, j);
            let (likeness, crookedness) = (track.likeness(), track.crookedness());
            if crookedness <= STRAIGHT || likeness >= ALIKE && crookedness <= CROOKED {
                pairs.push((1.0 - likeness + crookedness, i, j));
            }
        }
    }
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut taken = (vec![false; from.near.len()], vec![false; to.near.len()]);
    let mut tracks = Vec::new();
    let mut doubtful = Vec::new();
    for (_, i, j) in pairs {
        let in_doubt = doubtful.iter().any(|&(a, b)| a == i || b == j);
        if taken.0[i] || taken.1[j] || in_doubt {
            continue;
        }
        let track = single(i, j);
        if track.is_certain() {
            (taken.0[i], taken.1[j]) = (true, true);
            tracks.push(Track::One(track));
        } else {
            doubtful.push((i, j));
        }
    }
    let free = |near: &'a [Near], taken: &[bool]| -> Vec<usize> {
        (0..near.len()).filter(|&k| !taken[k]).collect()
    };
    let free = (free(&from.near, &taken.0), free(&to.near, &taken.1));
    let mut couples: Vec<(f64, [Vec<usize>; 2], Couple<'a>)> = Vec::new();
    for (a, is) in Two::among(&from.near, &free.0) {
        for (b, js) in Two::among(&to.near, &free.1) {
            // A pair that stays one is a single track: which becomes which, the modes tell.
            if matches!((a, b), (Two::Pair(_), Two::Pair(_))) {
                continue;
            }
            let couple = Couple::new(a, b, (step, cosine));
            if couple.crookedness() <= STRAIGHT && couple.is_certain() {
                couples.push((couple.crookedness(), [is.clone(), js], couple));
            }
        }
    }
    couples.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (_, [is, js], couple) in couples {
        if is.iter().all(|&i| !taken.0[i]) && js.iter().all(|&j| !taken.1[j]) {
            is.iter().for_each(|&i| taken.0[i] = true);
            js.iter().for_each(|&j| taken.1[j] = true);
            tracks.push(Track::Two(couple));
        }
    }
    for (i, j) in doubtful {
        if !taken.0[i] && !taken.1[j] {
            (taken.0[i], taken.1[j]) = (true, true);
            tracks.push(Track::One(single(i, j)));
        }
    }
    // A root without a partner must be too far from the axis to cross it.
    let harmless = |near: &Near| near.root.lambda.re.abs() > 2.0 * step * near.speed.re.abs();
    let ends = from.near.iter().zip(&taken.0);
    let mut lonely = ends
        .chain(to.near.iter().zip(&taken.1))
        .filter(|(_, taken)| !**taken);
    let certain = lonely.all(|(near, _)| harmless(near)) && tracks.iter().all(Track::is_certain);
    (certain || short).then_some(tracks)
}

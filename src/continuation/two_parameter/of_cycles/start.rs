//! From an event of a branch of cycles onto the curve of its kind.

use faer::Mat;
use num_complex::Complex64;

use super::planar::Planar;
use super::turning::Turning;
use super::twofold::Twofold;
use super::{Critical, CycleCurve};
use crate::continuation::curve::{Convergence, Curve, along, correct};
use crate::continuation::cycle::Motion;
use crate::continuation::cycle::collocation::Collocation;
use crate::continuation::event::{Cycle, Event, EventKind};
use crate::continuation::linear::{ComplexLu, norm};
use crate::continuation::problem::{Problem, describe};
use crate::continuation::settings::Settings;
use crate::continuation::two_parameter::locus::{Bifurcations, Locus, check_parameters, trace};
use crate::error::{ContinuationError, Error, Result};

impl Locus {
    /// The curve of folds of cycles, period doublings or tori through `event`, where the second
    /// parameter has the value `second`. `event` is one of a branch of cycles in the first
    /// parameter, `cycle` a cycle of that branch near it. The curve has at most
    /// [`Settings::max_cycles`] points to a side.
    ///
    /// # Errors
    /// [`Error::Continuation`] for a problem without two parameters and for other kinds of events,
    /// [`NotConverged`](crate::error::ContinuationError::NotConverged) if the curve is not found from there.
    pub fn of_cycles(
        problem: &dyn Problem,
        event: &Event,
        cycle: &Cycle,
        second: f64,
        ranges: [[f64; 2]; 2],
        settings: &Settings,
    ) -> Result<Self> {
        check_parameters(problem)?;
        let n = problem.dimension();
        let degree = settings.collocation.clamp(2, 7);
        let at = event.cycle.as_deref().unwrap_or(cycle);
        let settings = Settings {
            max_points: settings.max_points.min(settings.max_cycles),
            // Near the ends the system's condition leaves no more digits.
            newton_tolerance: settings.newton_tolerance.max(1e-9),
            ..settings.clone()
        };
        // The mesh of the cycle: its times are `degree` to an interval.
        let mesh: Vec<f64> = at.times.iter().copied().step_by(degree).collect();
        let angle = match event.kind {
            EventKind::CycleFold if n == 2 => {
                let weights = vec![at.period.powi(-2), 1.0, 1.0];
                let system = Collocation::new(Planar { problem }, degree, mesh, weights);
                let mut x = at.profile[..at.profile.len() - 1].concat();
                x.extend([at.period, at.parameter, second]);
                return follow(system, x, ranges, &settings);
            }
            EventKind::CycleFold => None,
            EventKind::PeriodDoubling => Some(std::f64::consts::PI),
            EventKind::Torus => event.omega.map(|omega| omega * at.period),
            kind => {
                let rule = "it must be a fold of cycles, a period doubling or a torus";
                return Err(ContinuationError::WrongEvent {
                    branch: "curve of bifurcations of cycles",
                    event: kind.to_string(),
                    rule,
                }
                .into());
            }
        };
        let weights = vec![at.period.powi(-2), 1.0, 1.0, 1.0];
        match angle {
            Some(angle) => {
                let kind = event.kind;
                let x = with_turning(problem, at, (second, angle, degree));
                let turning = Turning { problem, kind };
                let system = Collocation::new(turning, degree, mesh, weights);
                let x = scaled(&system, x, n, None);
                follow(system, x, ranges, &settings)
            }
            None => {
                let x = with_direction(event, at, second);
                let system = Collocation::new(Twofold { problem }, degree, mesh, weights);
                let x = scaled(&system, x, n, Some(1));
                follow(system, x, ranges, &settings)
            }
        }
    }
}

/// A cycle with the direction of its branch at a fold, or, where that is not known, as it grows
/// about its centre.
fn with_direction(fold: &Event, at: &Cycle, second: f64) -> Vec<f64> {
    let profile = &at.profile[..at.profile.len() - 1];
    let n = profile[0].len();
    let mean = |i: usize| profile.iter().map(|w| w[i]).sum::<f64>() / profile.len() as f64;
    let centre: Vec<f64> = (0..n).map(mean).collect();
    let growing = profile.iter().flat_map(|w| along(w, &centre, -1.0));
    let mut critical: Vec<f64> = growing.collect();
    let mut slope = 0.0;
    let length = critical.len();
    if fold.tangent.len() == length + 2 {
        critical.copy_from_slice(&fold.tangent[..length]);
        slope = fold.tangent[length];
    }
    let pairs = profile.iter().zip(critical.chunks_exact(n));
    let mut x: Vec<f64> = pairs
        .flat_map(|(w, v)| w.iter().chain(v).copied())
        .collect();
    x.extend([at.period, slope, at.parameter, second]);
    x
}

/// A cycle with the critical direction of its multiplier `exp(i angle)`: its eigenvector, carried
/// once round by the maps of the mesh intervals and turned back; straight within an interval.
fn with_turning(
    problem: &dyn Problem,
    at: &Cycle,
    (second, angle, degree): (f64, f64, usize),
) -> Vec<f64> {
    let profile = &at.profile[..at.profile.len() - 1];
    let n = profile[0].len();
    let motion = Motion {
        problem,
        parameters: vec![at.parameter, second],
        active: 0,
    };
    let mesh: Vec<f64> = at.times.iter().copied().step_by(degree).collect();
    let system = Collocation::new(motion, degree, mesh.clone(), vec![1.0; 2]);
    let mut orbit = profile.concat();
    orbit.extend([at.period, at.parameter]);
    let transfers = system.transfers(&orbit);
    let mut round = Mat::<f64>::identity(n, n);
    for transfer in &transfers {
        round = transfer * &round;
    }
    let mut direction = vec![eigenvector(&round, Complex64::from_polar(1.0, angle))];
    for transfer in &transfers {
        let last = &direction[direction.len() - 1];
        let image = (0..n).map(|r| (0..n).map(|c| last[c] * transfer[(r, c)]).sum());
        direction.push(image.collect::<Vec<Complex64>>());
    }
    for (v, t) in direction.iter_mut().zip(&mesh) {
        let back = Complex64::from_polar(1.0, -angle * t);
        v.iter_mut().for_each(|v| *v *= back);
    }
    let mut x = Vec::with_capacity(3 * n * profile.len() + 4);
    for (k, w) in profile.iter().enumerate() {
        let (interval, share) = (k / degree, (k % degree) as f64 / degree as f64);
        let [from, to] = [0, 1].map(|end| &direction[interval + end]);
        let v = (0..n).map(|i| from[i] * (1.0 - share) + to[i] * share);
        let v: Vec<Complex64> = v.collect();
        x.extend(w);
        x.extend(v.iter().map(|v| v.re));
        x.extend(v.iter().map(|v| v.im));
    }
    x.extend([at.period, angle, at.parameter, second]);
    x
}

/// The eigenvector of a matrix that belongs to the eigenvalue nearest `near`, by inverse iteration.
fn eigenvector(matrix: &Mat<f64>, near: Complex64) -> Vec<Complex64> {
    let n = matrix.nrows();
    let own = near * (1.0 + 1e-8);
    let shifted = Mat::from_fn(n, n, |r, c| match r == c {
        true => matrix[(r, c)] - own,
        false => matrix[(r, c)].into(),
    });
    let lu = ComplexLu::new(shifted.as_ref());
    let mut v: Vec<Complex64> = (0..n)
        .map(|k| Complex64::new(1.0, 0.1 * k as f64))
        .collect();
    for _ in 0..4 {
        lu.solve(&mut v);
        let size = norm(&v);
        v.iter_mut().for_each(|v| *v /= size);
    }
    v
}

/// `x` with its critical direction, all functions beyond the `n` of the cycle and the scalar `slope`,
/// of length 1.
fn scaled<'a, F: Critical<'a>>(
    system: &Collocation<F>,
    mut x: Vec<f64>,
    n: usize,
    slope: Option<usize>,
) -> Vec<f64> {
    let (each, at) = (system.n(), system.n_points() * system.n());
    let slope = slope.map(|k| at + k);
    let critical = (0..x.len()).filter(|&k| (k < at && k % each >= n) || Some(k) == slope);
    let critical: Vec<usize> = critical.collect();
    let weight = |k: usize| {
        if k < at {
            system.weights()[k] / system.field.share()
        } else {
            1.0
        }
    };
    let square: f64 = critical.iter().map(|&k| weight(k) * x[k] * x[k]).sum();
    for k in critical {
        x[k] /= square.sqrt();
    }
    x
}

/// Follows the curve through the cycle near `x`.
fn follow<'a, F: Critical<'a>>(
    mut system: Collocation<F>,
    x: Vec<f64>,
    ranges: [[f64; 2]; 2],
    settings: &Settings,
) -> Result<Locus> {
    system.refer_to(&x);
    let mut curve = CycleCurve {
        first_mesh: system.mesh.clone(),
        system,
        way: [0.0; 2],
    };
    let mut across = vec![0.0; x.len()];
    across[x.len() - 1] = 1.0;
    let convergence = Convergence {
        tolerance: 1e-10,
        max_iterations: 40,
        early: false,
    };
    let parameters = curve.parameters(&x);
    let on = correct(&mut curve, x, &across, convergence).map_err(|failure| {
        Error::not_converged(
            format!("a curve of {} points", curve.kind()),
            describe(curve.system.field.problem(), &parameters),
            failure.residual,
            "take a cycle nearer to the event, or more mesh intervals",
        )
    })?;
    trace(curve, on.x, ranges, settings)
}

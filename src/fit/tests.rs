//! What the searches promise beside their numbers of evaluations, which `tests/library/fit.rs` measures.

use super::*;

/// Runs generations of a search on one loss; every point with its loss.
fn run(
    search: &mut impl Search,
    generations: usize,
    loss: impl Fn(&[f64]) -> f64,
) -> Vec<(Vec<f64>, f64)> {
    let mut all = Vec::new();
    for _ in 0..generations {
        let points = search.ask();
        let losses: Vec<Vec<f64>> = points.iter().map(|point| vec![loss(point)]).collect();
        search.tell(&losses);
        all.extend(
            points
                .into_iter()
                .zip(losses)
                .map(|(point, loss)| (point, loss[0])),
        );
    }
    all
}

fn bowl(point: &[f64]) -> f64 {
    let squares = point.iter().enumerate();
    squares
        .map(|(k, x)| 10f64.powi(k as i32) * (x - 0.4) * (x - 0.4))
        .sum()
}

/// Only the order of the losses counts, so that a loss and its exponential are searched alike.
#[test]
fn a_search_sees_the_order_of_losses_alone() {
    let search = || Cma::new(&[0.8, 0.1, 0.5], 0.2, 8, 3, 0);
    let plain = run(&mut search(), 40, bowl);
    let bent = run(&mut search(), 40, |point| (bowl(point) * 7.0).exp());
    let points = |all: &[(Vec<f64>, f64)]| -> Vec<Vec<f64>> {
        all.iter().map(|(point, _)| point.clone()).collect()
    };
    assert_eq!(points(&plain), points(&bent));
    let other = run(&mut Cma::new(&[0.8, 0.1, 0.5], 0.2, 8, 4, 0), 1, bowl);
    assert_ne!(points(&plain)[..8], points(&other)[..]);
}

/// On a quadratic loss the covariance becomes the inverse of its matrix, up to a factor: here diag(1, 1/10, 1/100). Of one run it scatters
/// by a factor of 2 about that, of the geometric mean over 40 by a tenth.
#[test]
fn the_covariance_becomes_the_inverse_of_the_hessian() {
    let mut means = [0.0; 2];
    for seed in 0..40 {
        let mut search = Cma::new(&[0.5, 0.5, 0.5], 0.1, 8, seed, 0);
        run(&mut search, 60, bowl);
        assert!(search.mean().iter().all(|x| (x - 0.4).abs() < 1e-3));
        let covariance = search.covariance();
        for k in 0..2 {
            means[k] += (covariance[0] / covariance[(k + 1) * 4]).ln() / 40.0;
        }
    }
    for (mean, expected) in means.iter().zip([10.0f64, 100.0]) {
        assert!((mean - expected.ln()).abs() < 0.4, "{}", mean.exp());
    }
}

#[test]
fn an_optimum_on_a_bound_is_found() {
    let mut search = Cma::new(&[0.5, 0.5], 0.2, 8, 5, 0);
    let all = run(&mut search, 60, |point| point[0] - 2.0 * point[1]);
    let least = all.iter().min_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
    assert!(least.0[0] < 1e-4 && least.0[1] > 1.0 - 1e-4, "{least:?}");
    assert!(
        all.iter()
            .all(|(point, _)| point.iter().all(|x| (0.0..=1.0).contains(x)))
    );
}

/// What has no loss is worse than all that has one; where nothing has one, the search stays where it is, and ends.
#[test]
fn a_candidate_without_a_loss_is_the_worst() {
    let mut search = Cma::new(&[0.6, 0.5, 0.5], 0.2, 8, 2, 0);
    let half = |point: &[f64]| match point[0] {
        x if x > 0.5 => f64::NAN,
        _ => bowl(point),
    };
    let all = run(&mut search, 60, half);
    let least = all.iter().map(|(_, loss)| *loss).fold(f64::NAN, f64::min);
    assert!(least < 1e-4, "{least}");
    let mut lost = Cma::new(&[0.3, 0.6], 0.2, 6, 2, 0);
    let mean = lost.mean();
    run(&mut lost, 50, |_| f64::INFINITY);
    assert_eq!((lost.mean(), lost.stop()), (mean, Some(Stop::Alike)));
}

#[test]
fn restarts_begin_elsewhere_with_other_numbers_of_candidates() {
    let flat = |_: &[f64]| 1.0;
    for (policy, expected) in [
        (Policy::Ipop, vec![6, 12, 24]),
        (Policy::Bipop, vec![6, 12]),
    ] {
        let mut search = Restarts::new(policy, &[0.5; 2], 0.2, 6, 9);
        let mut sizes = vec![search.run().n_candidates()];
        let mut starts = vec![search.run().mean()];
        while search.n_restarts() < 2 {
            let before = search.n_restarts();
            run(&mut search, 1, flat);
            if search.n_restarts() > before {
                sizes.push(search.run().n_candidates());
                starts.push(search.run().mean());
            }
        }
        assert_eq!(sizes[..expected.len()], expected);
        // A run with few lies between the first and the half of the largest.
        assert!(
            policy == Policy::Ipop || (6..=6).contains(&sizes[2]),
            "{sizes:?}"
        );
        assert!(starts[1] != starts[0] && starts[2] != starts[1]);
    }
}

/// Of 16 points every sixteenth of every axis has one, whatever the seed; other seeds have other points.
#[test]
fn sobol_points_fill_every_axis_evenly() {
    let mut first = Vec::new();
    for seed in 0..5 {
        let mut search = Sobol::new(6, 16, seed);
        for _ in 0..2 {
            let points = search.ask();
            for axis in 0..6 {
                let mut parts: Vec<usize> = points
                    .iter()
                    .map(|point| (point[axis] * 16.0) as usize)
                    .collect();
                parts.sort_unstable();
                assert_eq!(parts, (0..16).collect::<Vec<_>>());
            }
            first.push(points[0].clone());
            search.tell(&[]);
        }
    }
    for k in 0..first.len() {
        assert!(!first[..k].contains(&first[k]));
    }
}

#[test]
fn fronts_and_hypervolumes_of_a_few_points() {
    let nan = f64::NAN;
    let points = [
        [0.0, 2.0],
        [1.0, 1.0],
        [2.0, 0.0],
        [1.0, 2.0],
        [2.0, 2.0],
        [nan, 0.0],
    ];
    let points: Vec<&[f64]> = points.iter().map(|p| &p[..]).collect();
    let found = fronts(&points);
    assert_eq!(found, [vec![0, 1, 2], vec![3, 5], vec![4]]);
    assert_eq!(hypervolume(&points, [3.0, 3.0]), 6.0);
    assert_eq!(hypervolume(&points[3..4], [3.0, 3.0]), 2.0);
    assert_eq!(hypervolume(&points, [0.0, 0.0]), 0.0);
}

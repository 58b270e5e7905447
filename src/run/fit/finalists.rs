//! The best candidates on seeds that the search has not seen, and how high a score can be at all.

use ndarray::{Array2, Array3, ArrayView2, Axis, s};

use super::Fit;
use super::held_out::HeldOut;
use super::search::Job;
use super::state::Evaluations;
use crate::control::{Control, Progress};
use crate::error::{Error, Result};
use crate::fit::fronts;
use crate::io::folder::GrowingFolder;
use crate::measure::{mean, scores};
use crate::run::OverSeeds;
use crate::run::sweep::machine::Machine;

/// Finalists lie further apart than this part of some range, as long as there are such candidates: neighbours share their luck.
const APART: f64 = 0.1;

/// One of the best candidates, run again on unseen seeds.
#[derive(Debug, Clone)]
pub struct Finalist {
    /// Which candidate it is, in the order in which they were tried.
    pub candidate: usize,
    /// Its free numbers.
    pub values: Vec<f64>,
    /// What it reaches of each objective.
    pub objectives: Vec<Reached>,
    /// Unseen seeds on which it diverged, or lacks an objective.
    pub n_diverged: usize,
    /// The correlation of its functional connectivity between unseen seeds, the mean over pairs of them: no fit to data as long
    /// as these can be expected to exceed it.
    pub between_seeds: f64,
    /// Its functional connectivity, `[n_nodes, n_nodes]`, the mean over unseen seeds, and over subjects where each has a connectome of its
    /// own.
    pub fc: Array2<f64>,
}

/// What a candidate reaches of one objective.
#[derive(Debug, Clone, Copy)]
pub struct Reached {
    /// On the seeds of the search.
    pub in_sample: f64,
    /// On unseen seeds; those that diverged do not count.
    pub held_out: OverSeeds,
    /// For the subjects that were kept out, on unseen seeds; none where none were.
    pub validation: Option<OverSeeds>,
}

impl Finalist {
    /// What it reaches of the first objective, by which finalists are ranked.
    pub fn first(&self) -> &Reached {
        &self.objectives[0]
    }
}

/// What the measured subjects allow: the mean score that any one functional connectivity can have against all of them.
///
/// ```text
/// lower   correlation of each subject with the mean of the others
/// upper   correlation of each subject with the mean of all
/// ```
///
/// H. Nili et al. (2014), A toolbox for representational similarity analysis, PLoS Comput. Biol. 10, e1003553.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ceiling {
    /// What the mean of the others reaches.
    pub lower: f64,
    /// What nothing exceeds, where the subjects' correlations are spread alike.
    pub upper: f64,
}

impl Ceiling {
    /// That of some `subjects` of `functional`, `[n_subjects, n_nodes, n_nodes]`; none of fewer than two.
    pub fn new(functional: &Array3<f64>, subjects: &[usize]) -> Option<Self> {
        if subjects.len() < 2 {
            return None;
        }
        let chosen = functional.select(Axis(0), subjects);
        let n = subjects.len() as f64;
        let sum = chosen.sum_axis(Axis(0));
        let against = |fc: ArrayView2<f64>, subject: usize| {
            let one = chosen.slice(s![subject..subject + 1, .., ..]);
            scores(fc, one).map_or(f64::NAN, |scores| scores[0])
        };
        let all = 0..subjects.len();
        let lower: Vec<f64> = all
            .clone()
            .map(|k| {
                let others = (&sum - &chosen.index_axis(Axis(0), k)) / (n - 1.0);
                against(others.view(), k)
            })
            .collect();
        let mean_of_all = &sum / n;
        let upper: Vec<f64> = all.map(|k| against(mean_of_all.view(), k)).collect();
        Some(Self {
            lower: mean(&lower),
            upper: mean(&upper),
        })
    }
}

impl Fit {
    /// Runs the best candidates on unseen seeds: the finalists of all subjects together, the best first, and those of each subject where
    /// each is fitted for itself. To these belongs the best of all subjects together, so that no subject does worse than with it.
    pub(super) fn run_finalists(
        &self,
        folder: &GrowingFolder,
        machine: &Machine,
        evaluations: &Evaluations,
        control: &Control,
    ) -> Result<(Vec<Finalist>, Vec<Vec<Finalist>>)> {
        let choose = |subjects: &[usize]| {
            let objectives = evaluations.objectives(self, subjects);
            match self.objectives.len() {
                1 => self.choose(evaluations, &objectives.concat()),
                _ => along_front(&objectives, self.settings.finalists),
            }
        };
        let of_group = choose(&self.subjects);
        let of_each: Vec<Vec<usize>> = match self.is_of_each_subject() {
            true => self
                .targets
                .iter()
                .map(|subjects| choose(subjects))
                .collect(),
            false => Vec::new(),
        };
        let mut pool = of_group.clone();
        for &candidate in of_each.iter().flatten() {
            if !pool.contains(&candidate) {
                pool.push(candidate);
            }
        }
        if pool.is_empty() {
            return Ok((Vec::new(), vec![Vec::new(); of_each.len()]));
        }
        let rows = pool.iter().map(|&k| evaluations.values(k).to_vec());
        let values: Vec<Vec<f64>> = rows.collect();
        let shape = (pool.len(), self.ends().axes().len());
        let values_of = Array2::from_shape_vec(shape, values.concat()).expect("a row for each");
        let brains: Vec<Vec<usize>> = pool
            .iter()
            .map(|&k| self.brains_of_finalists(evaluations.asked[k].search))
            .collect();
        let n_runs = brains[0].len() * self.settings.held_out;
        let kept = HeldOut::load(folder)
            .filter(|kept| kept.values == values_of && kept.features.len_of(Axis(1)) == n_runs);
        let held_out = match kept {
            Some(kept) => kept,
            None => {
                let first = self.settings.replicas;
                let seeds = first..first + self.settings.held_out;
                let progress = Progress::Finalists {
                    n_candidates: pool.len(),
                    n_seeds: seeds.len(),
                };
                if !control.goes_on(progress) {
                    return Err(Error::Interrupted);
                }
                let candidates = values.iter().zip(&brains);
                let jobs = candidates.flat_map(|(values, brains)| {
                    brains.iter().map(move |brain| Job {
                        brain: *brain,
                        values,
                    })
                });
                let jobs: Vec<Job> = jobs.collect();
                let rows = self.simulate(machine, &jobs, seeds, control)?;
                let made = self.held_out(values_of, &rows);
                made.save(folder)?;
                made
            }
        };
        let ranked = |candidates: &[usize], subjects: &[usize]| {
            let finalist = |&candidate: &usize| {
                let place = pool.iter().position(|other| *other == candidate);
                let in_sample = evaluations.objectives_of(self, candidate, subjects);
                let place = place.expect("all of them ran");
                self.finalist(
                    &held_out,
                    (place, &brains[place]),
                    candidate,
                    &in_sample,
                    subjects,
                )
            };
            let mut all: Vec<Finalist> = candidates.iter().map(finalist).collect();
            // Those without a single number last; equals in the order of their objectives on seen seeds.
            all.sort_by(|a, b| {
                let mean = |finalist: &Finalist| match finalist.first().held_out.mean {
                    mean if mean.is_nan() => f64::NEG_INFINITY,
                    mean => mean,
                };
                mean(b).total_cmp(&mean(a))
            });
            all
        };
        let group = ranked(&of_group, &self.subjects);
        let each = of_each.iter().zip(&self.targets).map(|(own, subjects)| {
            let mut all = own.clone();
            if let Some(best) = group.first().filter(|best| !own.contains(&best.candidate)) {
                all.push(best.candidate);
            }
            ranked(&all, subjects)
        });
        let each = each.collect();
        Ok((group, each))
    }

    /// The best candidates by their objectives, apart from each other where there are enough of them.
    fn choose(&self, evaluations: &Evaluations, objectives: &[f64]) -> Vec<usize> {
        let known = (0..objectives.len()).filter(|&k| !objectives[k].is_nan());
        let mut order: Vec<usize> = known.collect();
        order.sort_by(|&a, &b| objectives[b].total_cmp(&objectives[a]).then(a.cmp(&b)));
        let distance = |a: usize, b: usize| {
            let (a, b) = (evaluations.values(a), evaluations.values(b));
            let (a, b) = (self.shares(a), self.shares(b));
            a.iter()
                .zip(&b)
                .map(|(a, b)| (a - b).abs())
                .fold(0.0, f64::max)
        };
        let mut chosen: Vec<usize> = Vec::new();
        for least in [APART, 0.0] {
            for &k in &order {
                let is_apart = chosen.iter().all(|&other| distance(k, other) > least);
                if chosen.len() < self.settings.finalists && is_apart {
                    chosen.push(k);
                }
            }
        }
        chosen
    }

    fn finalist(
        &self,
        held_out: &HeldOut,
        (k, brains): (usize, &[usize]),
        candidate: usize,
        in_sample: &[f64],
        subjects: &[usize],
    ) -> Finalist {
        let runs = held_out.features.index_axis(Axis(0), k);
        let rows: Vec<Vec<f64>> = runs.outer_iter().map(|row| row.to_vec()).collect();
        let n_seeds = self.settings.held_out;
        let over = |subjects: &[usize]| {
            let values = self.objectives_by_seed((brains, n_seeds), |run| &rows[run], subjects);
            move |objective: usize| OverSeeds::of(values.iter().map(|of| of[objective]))
        };
        let (fitted, kept_out) = (over(subjects), over(&self.validated));
        let is_validated = !self.validated.is_empty();
        let reached = in_sample.iter().enumerate().map(|(k, in_sample)| Reached {
            in_sample: *in_sample,
            held_out: fitted(k),
            validation: is_validated.then(|| kept_out(k)),
        });
        let objectives: Vec<Reached> = reached.collect();
        let n_seeds = objectives.iter().map(|of| of.held_out.n_seeds).min();
        Finalist {
            candidate,
            values: held_out.values.row(k).to_vec(),
            n_diverged: self.settings.held_out - n_seeds.expect("an objective"),
            objectives,
            between_seeds: held_out.between_seeds[k],
            fc: held_out.fc.index_axis(Axis(0), k).to_owned(),
        }
    }
}

/// Those than which no other is better in all objectives, `[n_candidates][n_objectives]`; of equals the first. What is NaN is on no front.
pub(super) fn front_of(objectives: &[Vec<f64>]) -> Vec<usize> {
    let known = (0..objectives.len()).filter(|&k| objectives[k].iter().all(|x| x.is_finite()));
    let known: Vec<usize> = known.collect();
    let losses: Vec<Vec<f64>> = known
        .iter()
        .map(|&k| objectives[k].iter().map(|value| -value).collect())
        .collect();
    let losses: Vec<&[f64]> = losses.iter().map(Vec::as_slice).collect();
    let first = fronts(&losses).into_iter().next().unwrap_or_default();
    let mut front: Vec<usize> = Vec::new();
    for k in first.into_iter().map(|k| known[k]) {
        if front
            .iter()
            .all(|&other| objectives[other] != objectives[k])
        {
            front.push(k);
        }
    }
    front
}

/// So many candidates of the front of all, by their objectives, `[n_candidates][n_objectives]`: those with the largest of each, then one
/// after the other the one that is farthest from those that are chosen, each objective in units of the front's range.
fn along_front(objectives: &[Vec<f64>], n: usize) -> Vec<usize> {
    let front = front_of(objectives);
    if front.is_empty() {
        return front;
    }
    let range = |of: usize| {
        let values = || front.iter().map(|&k| objectives[k][of]);
        let range = values().fold(f64::MIN, f64::max) - values().fold(f64::MAX, f64::min);
        if range > 0.0 { range } else { 1.0 }
    };
    let ranges: Vec<f64> = (0..objectives[front[0]].len()).map(range).collect();
    let apart = |a: usize, b: usize| -> f64 {
        let parts = ranges.iter().enumerate();
        let squares =
            parts.map(|(of, range)| ((objectives[a][of] - objectives[b][of]) / range).powi(2));
        squares.sum()
    };
    let mut chosen: Vec<usize> = Vec::new();
    for of in 0..ranges.len() {
        let by_value = |&a: &usize, &b: &usize| objectives[a][of].total_cmp(&objectives[b][of]);
        let largest = front.iter().copied().max_by(by_value);
        chosen.extend(largest.filter(|k| !chosen.contains(k)));
    }
    chosen.truncate(n);
    while chosen.len() < n.min(front.len()) {
        let from_chosen = |k: usize| {
            let all = chosen.iter().map(|&other| apart(k, other));
            all.fold(f64::INFINITY, f64::min)
        };
        let left = front.iter().copied().filter(|k| !chosen.contains(k));
        let farthest = left.max_by(|&a, &b| from_chosen(a).total_cmp(&from_chosen(b)));
        chosen.extend(farthest);
    }
    chosen
}

#[cfg(test)]
mod tests {
    use ndarray::{array, stack};

    use super::super::held_out::between;
    use super::*;

    #[test]
    fn finalists_of_several_objectives_lie_along_the_front() {
        // A quarter of a circle, a candidate inside it, one without objectives, and an equal.
        let on_circle = |k: usize| {
            let angle = std::f64::consts::FRAC_PI_2 * k as f64 / 10.0;
            vec![angle.cos(), angle.sin()]
        };
        let mut all: Vec<Vec<f64>> = (0..=10).map(on_circle).collect();
        all.push(vec![0.3, 0.3]);
        all.push(vec![f64::NAN, f64::NAN]);
        all.push(all[5].clone());
        assert_eq!(along_front(&all, 3), [0, 10, 5]);
        assert_eq!(along_front(&all, 1), [0]);
        let mut whole = along_front(&all, 20);
        whole.sort_unstable();
        assert_eq!(whole, (0..=10).collect::<Vec<_>>());
        assert!(along_front(&all[12..13], 3).is_empty());
    }

    #[test]
    fn ceilings_of_subjects_are_those_of_the_definition() {
        let matrix = |a: f64, b: f64, c: f64| array![[1.0, a, b], [a, 1.0, c], [b, c, 1.0]];
        let subjects = [
            matrix(0.1, 0.2, 0.6),
            matrix(0.3, 0.2, 0.5),
            matrix(0.0, 0.4, 0.9),
        ];
        let views: Vec<ArrayView2<f64>> = subjects.iter().map(|m| m.view()).collect();
        let functional = stack(Axis(0), &views).unwrap();
        // Pearson correlations of (0.1, 0.2, 0.6) with (0.15, 0.3, 0.7), and so on, by numpy.
        let found = Ceiling::new(&functional, &[0, 1, 2]).unwrap();
        assert!(
            (found.lower - 0.8874220384991135).abs() < 1e-12,
            "{found:?}"
        );
        assert!(
            (found.upper - 0.9379356438650522).abs() < 1e-12,
            "{found:?}"
        );
        assert!(Ceiling::new(&functional, &[1]).is_none());
        let pair = Ceiling::new(&functional, &[0, 2]).unwrap();
        assert!(pair.lower < pair.upper);
        assert!((between(&functional) - 0.8438858133650525).abs() < 1e-12);
    }
}

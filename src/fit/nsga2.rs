//! Several losses at once: a front of points, none of which is better than another in all of them.
//!
//! NSGA-II: K. Deb, A. Pratap, S. Agarwal & T. Meyarivan (2002), IEEE Trans. Evol. Comput. 6, 182, doi 10.1109/4235.996017. Children
//! are made by simulated binary crossover (Deb & Agrawal 1995, Complex Systems 9, 115) and polynomial mutation (Deb & Goyal 1996), each
//! with the bounds taken into account, with the constants of the paper.

use super::random::{Draws, Generation};
use super::{Search, Sobol, by_loss};

/// How alike children are to their parents: the larger, the more.
const CROSSOVER: f64 = 15.0;
const MUTATION: f64 = 20.0;
/// The share of pairs that are crossed.
const CROSSED: f64 = 0.9;

/// A member of the population.
#[derive(Debug, Clone, PartialEq)]
struct Member {
    point: Vec<f64>,
    losses: Vec<f64>,
    /// The number of its front, the best 0.
    front: usize,
    /// How far its neighbours on the front are apart.
    crowding: f64,
}

/// The search.
#[derive(Debug, Clone)]
pub struct Nsga2 {
    n: usize,
    n_candidates: usize,
    seed: u64,
    generation: u32,
    population: Vec<Member>,
}

impl Nsga2 {
    /// A search over `n` numbers that keeps, and tries, so many candidates in a generation.
    ///
    /// # Panics
    /// Without a number, or with fewer than two candidates.
    pub fn new(n: usize, n_candidates: usize, seed: u64) -> Self {
        assert!(n > 0 && n_candidates >= 2);
        Self {
            n,
            n_candidates,
            seed,
            generation: 0,
            population: Vec::new(),
        }
    }

    fn draws(&self) -> Generation {
        Generation {
            seed: self.seed,
            restart: 0,
            number: self.generation,
        }
    }

    /// The better of two members, drawn at random.
    fn parent(&self, draws: &mut Draws) -> &Member {
        let [a, b] = [(); 2].map(|()| &self.population[draws.below(self.population.len())]);
        let order = a.front.cmp(&b.front);
        match order.then(b.crowding.total_cmp(&a.crowding)) {
            std::cmp::Ordering::Greater => b,
            _ => a,
        }
    }

    /// Two children of two parents.
    fn children(&self, draws: &mut Draws) -> [Vec<f64>; 2] {
        let parents = [(); 2].map(|()| self.parent(draws).point.clone());
        let mut children = parents.clone();
        if draws.uniform() < CROSSED {
            for k in 0..self.n {
                let pair = [parents[0][k], parents[1][k]];
                if draws.uniform() < 0.5 && pair[0] != pair[1] {
                    let crossed = crossed(pair, draws);
                    let swapped = draws.uniform() < 0.5;
                    children[0][k] = crossed[usize::from(swapped)];
                    children[1][k] = crossed[usize::from(!swapped)];
                }
            }
        }
        for child in &mut children {
            for x in child.iter_mut() {
                if draws.uniform() * (self.n as f64) < 1.0 {
                    *x = mutated(*x, draws);
                }
            }
        }
        children
    }
}

impl Search for Nsga2 {
    fn ask(&self) -> Vec<Vec<f64>> {
        let draws = self.draws();
        if self.population.is_empty() {
            if self.n <= Sobol::MOST {
                return Sobol::new(self.n, self.n_candidates, self.seed).ask();
            }
            let point = |k| {
                let mut draws = draws.candidate(k);
                (0..self.n).map(|_| draws.uniform()).collect()
            };
            return (0..self.n_candidates).map(point).collect();
        }
        let pairs = 0..self.n_candidates.div_ceil(2);
        let mut all: Vec<Vec<f64>> = pairs
            .flat_map(|pair| self.children(&mut draws.candidate(pair)))
            .collect();
        all.truncate(self.n_candidates);
        all
    }

    fn tell(&mut self, losses: &[Vec<f64>]) {
        let points = self.ask();
        assert_eq!(losses.len(), points.len());
        let children = points
            .into_iter()
            .zip(losses)
            .map(|(point, losses)| Member {
                point,
                losses: losses.clone(),
                front: 0,
                crowding: 0.0,
            });
        self.population.extend(children);
        self.population = survivors(std::mem::take(&mut self.population), self.n_candidates);
        self.generation += 1;
    }
}

/// The best `n` members, by front and then by crowding.
fn survivors(mut members: Vec<Member>, n: usize) -> Vec<Member> {
    let losses: Vec<&[f64]> = members.iter().map(|member| &member.losses[..]).collect();
    let fronts = fronts(&losses);
    let mut chosen: Vec<usize> = Vec::with_capacity(n);
    let mut ranks = vec![(0, 0.0); members.len()];
    for (number, front) in fronts.iter().enumerate() {
        let crowding = crowding(&losses, front);
        let mut ranked: Vec<usize> = (0..front.len()).collect();
        ranked.sort_by(|&a, &b| crowding[b].total_cmp(&crowding[a]));
        for &k in ranked.iter().take(n - chosen.len()) {
            ranks[front[k]] = (number, crowding[k]);
            chosen.push(front[k]);
        }
    }
    let mut all = Vec::with_capacity(n);
    for k in chosen {
        let member = &mut members[k];
        all.push(Member {
            point: std::mem::take(&mut member.point),
            losses: std::mem::take(&mut member.losses),
            front: ranks[k].0,
            crowding: ranks[k].1,
        });
    }
    all
}

/// Whether `a` is better than `b` in one loss and worse in none.
fn dominates(a: &[f64], b: &[f64]) -> bool {
    let orders = || a.iter().zip(b).map(|(a, b)| by_loss(*a, *b));
    orders().all(|order| order.is_le()) && orders().any(|order| order.is_lt())
}

/// Sorts points by their losses into fronts: no point of the first is worse than another in all its losses, none of the second than
/// another of those that are left, and so on. The numbers of the points of each front, in order.
pub fn fronts(losses: &[&[f64]]) -> Vec<Vec<usize>> {
    let n = losses.len();
    let mut n_better = vec![0; n];
    let mut worse: Vec<Vec<usize>> = vec![Vec::new(); n];
    for a in 0..n {
        for b in 0..n {
            if dominates(losses[a], losses[b]) {
                worse[a].push(b);
                n_better[b] += 1;
            }
        }
    }
    let mut front: Vec<usize> = (0..n).filter(|&k| n_better[k] == 0).collect();
    let mut all = Vec::new();
    while !front.is_empty() {
        let mut next = Vec::new();
        for &k in &front {
            for &other in &worse[k] {
                n_better[other] -= 1;
                if n_better[other] == 0 {
                    next.push(other);
                }
            }
        }
        next.sort_unstable();
        all.push(std::mem::replace(&mut front, next));
    }
    all
}

/// For each point of a front, how far its neighbours are apart, summed over losses, each in units of the front's range; infinite at the
/// ends.
fn crowding(losses: &[&[f64]], front: &[usize]) -> Vec<f64> {
    let mut all = vec![0.0; front.len()];
    for loss in 0..losses[front[0]].len() {
        let of = |k: usize| losses[front[k]][loss];
        let mut order: Vec<usize> = (0..front.len()).collect();
        order.sort_by(|&a, &b| by_loss(of(a), of(b)));
        let (first, last) = (order[0], order[order.len() - 1]);
        let range = of(last) - of(first);
        all[first] = f64::INFINITY;
        all[last] = f64::INFINITY;
        if range > 0.0 && range.is_finite() {
            for k in 1..order.len() - 1 {
                all[order[k]] += (of(order[k + 1]) - of(order[k - 1])) / range;
            }
        }
    }
    all
}

/// Two numbers about the two of the parents, which lie as far apart as these in the mean.
fn crossed(parents: [f64; 2], draws: &mut Draws) -> [f64; 2] {
    let (low, high) = (parents[0].min(parents[1]), parents[0].max(parents[1]));
    let u = draws.uniform();
    let spread = |room: f64| {
        let beta = 1.0 + 2.0 * room / (high - low);
        let alpha = 2.0 - libm::pow(beta, -(CROSSOVER + 1.0));
        let base = match u <= 1.0 / alpha {
            true => u * alpha,
            false => 1.0 / (2.0 - u * alpha),
        };
        libm::pow(base, 1.0 / (CROSSOVER + 1.0))
    };
    let (middle, half) = (0.5 * (low + high), 0.5 * (high - low));
    let children = [
        middle - spread(low) * half,
        middle + spread(1.0 - high) * half,
    ];
    children.map(|x| x.clamp(0.0, 1.0))
}

/// A number about `x`.
fn mutated(x: f64, draws: &mut Draws) -> f64 {
    let u = draws.uniform();
    let power = 1.0 / (MUTATION + 1.0);
    let change = if u < 0.5 {
        let base = 2.0 * u + (1.0 - 2.0 * u) * libm::pow(1.0 - x, MUTATION + 1.0);
        libm::pow(base, power) - 1.0
    } else {
        let base = 2.0 * (1.0 - u) + (2.0 * u - 1.0) * libm::pow(x, MUTATION + 1.0);
        1.0 - libm::pow(base, power)
    };
    (x + change).clamp(0.0, 1.0)
}

/// The area between points, `[n][2]` losses, and a point that is worse than all of them in both.
pub fn hypervolume(losses: &[&[f64]], worst: [f64; 2]) -> f64 {
    let mut points: Vec<[f64; 2]> = losses.iter().map(|l| [l[0], l[1]]).collect();
    points.retain(|p| p[0] < worst[0] && p[1] < worst[1]);
    points.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    let (mut area, mut least) = (0.0, worst[1]);
    for [x, y] in points {
        if y < least {
            area += (worst[0] - x) * (least - y);
            least = y;
        }
    }
    area
}

impl Nsga2 {
    /// The first front of the population: points and losses.
    pub fn front(&self) -> Vec<(&[f64], &[f64])> {
        let first = self.population.iter().filter(|member| member.front == 0);
        first
            .map(|member| (&member.point[..], &member.losses[..]))
            .collect()
    }
}

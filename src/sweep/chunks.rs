//! The order of work: replicas by chunks of the results, chunks by batches that run together.
//!
//! A chunk is what is written at once, and the unit of work that a killed sweep repeats. It holds whole points, with all their seeds
//! unless those are very many. Its size depends on the study and the sweep only, never on the machine, so that any machine can go on
//! where another stopped, and fills the same files.

use super::Sweep;

/// Replicas of a chunk, at least (where there are so many) and at most.
const FEWEST: usize = 64;
const MOST: usize = 4096;
/// Node updates and edge sums worth a chunk: some seconds of one core.
const WORK: f64 = 1.4e11;
/// A node's update in units of one edge.
const WORK_OF_A_NODE: usize = 32;
/// Chunks of a sweep: at least so many where it has the replicas, so that it can stop and go on; about so many where replicas are
/// short, so that there are not too many files.
const SOME: usize = 64;
const MANY: usize = 1024;
/// Bytes of a chunk's results, at most, if a point's fit.
const MOST_BYTES: u64 = 64 << 20;

/// How a sweep's replicas are cut into chunks.
#[derive(Debug, Clone)]
pub struct Chunks {
    /// Points along each dimension, then seeds.
    shape: Vec<usize>,
    /// The same of one chunk; those at the far ends may hold fewer.
    chunk: Vec<usize>,
}

/// One replica of a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replica {
    /// The number of its chunk.
    pub chunk: usize,
    /// Its point.
    pub point: usize,
    /// The number of its seed.
    pub seed: usize,
    /// Its index in the chunk's arrays.
    pub index: usize,
}

/// Replicas that share their delays, by seed and then by point: side by side, those of one seed share their random numbers, unless
/// every point has seeds of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The replicas.
    pub replicas: Vec<Replica>,
}

impl Chunks {
    /// The chunks of a sweep whose results take `bytes_per_replica`.
    pub fn new(sweep: &Sweep, bytes_per_replica: u64) -> Self {
        let study = sweep.base();
        let n_nodes = study.connectome.n_nodes();
        let per_step = n_nodes * (n_nodes + WORK_OF_A_NODE);
        let by_work = WORK / (study.protocol.n_steps() as f64 * per_step as f64);
        let n = sweep.n_replicas();
        let target = (by_work as usize)
            .min(n / SOME)
            .max(n / MANY)
            .clamp(FEWEST, MOST);
        let by_bytes = (MOST_BYTES / bytes_per_replica.max(1)) as usize;
        let mut shape = sweep.shape();
        shape.push(sweep.n_seeds());
        // Axes that move delays last, so that a chunk is one batch where it can be.
        let moving = |d: &usize| {
            sweep.is_grid() && sweep.axes().get(*d).is_some_and(|axis| axis.moves_delays)
        };
        let mut order: Vec<usize> = (0..shape.len()).rev().collect();
        order.sort_by_key(moving);
        let chunk = cut(&shape, &order, target.min(by_bytes).max(1));
        Self { shape, chunk }
    }

    /// The number of chunks.
    pub fn len(&self) -> usize {
        self.counts().iter().product()
    }

    /// Never: a sweep has at least one replica.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Points along each dimension of the results, then seeds.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The same of one chunk.
    pub fn chunk_shape(&self) -> &[usize] {
        &self.chunk
    }

    /// Replicas for which a chunk has room.
    pub fn room(&self) -> usize {
        self.chunk.iter().product()
    }

    /// Where chunk number `chunk` stands in the grid of chunks.
    pub fn indices(&self, chunk: usize) -> Vec<usize> {
        unravel(chunk, &self.counts())
    }

    /// The number of the chunk at `indices` in the grid of chunks; `None` if there is none.
    pub fn number(&self, indices: &[usize]) -> Option<usize> {
        let counts = self.counts();
        if indices.len() != counts.len() || indices.iter().zip(&counts).any(|(i, n)| i >= n) {
            return None;
        }
        Some(
            indices
                .iter()
                .zip(&counts)
                .fold(0, |number, (i, n)| number * n + i),
        )
    }

    /// The chunks that hold replicas of a point.
    pub fn of_point(&self, point: usize) -> impl Iterator<Item = usize> + '_ {
        let dimensions = self.shape.len() - 1;
        let place = unravel(point, &self.shape[..dimensions]);
        let counts = self.counts();
        (0..counts[dimensions]).map(move |seeds| {
            let indices = place
                .iter()
                .zip(&self.chunk)
                .map(|(i, n)| i / n)
                .chain([seeds]);
            indices
                .zip(&counts)
                .fold(0, |number, (i, n)| number * n + i)
        })
    }

    /// The replicas of a chunk, in the order of its arrays.
    pub fn replicas(&self, chunk: usize) -> impl Iterator<Item = Replica> + '_ {
        let first: Vec<usize> = self
            .indices(chunk)
            .iter()
            .zip(&self.chunk)
            .map(|(i, n)| i * n)
            .collect();
        (0..self.room()).filter_map(move |index| {
            let offset = unravel(index, &self.chunk);
            let mut number = 0;
            for (d, (first, offset)) in first.iter().zip(&offset).enumerate() {
                if first + offset >= self.shape[d] {
                    return None;
                }
                number = number * self.shape[d] + first + offset;
            }
            let n_seeds = *self.shape.last().unwrap_or(&1);
            Some(Replica {
                chunk,
                point: number / n_seeds,
                seed: number % n_seeds,
                index,
            })
        })
    }

    /// The replicas of some chunks, cut into batches.
    pub fn batches(&self, sweep: &Sweep, chunks: &[usize]) -> Vec<Batch> {
        let mut keyed: Vec<(Vec<u64>, Replica)> = chunks
            .iter()
            .flat_map(|&chunk| self.replicas(chunk))
            .map(|replica| (sweep.delay_key(replica.point), replica))
            .collect();
        keyed.sort_by(|(a, c), (b, d)| (a, c.seed, c.point).cmp(&(b, d.seed, d.point)));
        let batches = keyed.chunk_by(|(a, _), (b, _)| a == b);
        batches
            .map(|members| Batch {
                replicas: members.iter().map(|(_, replica)| *replica).collect(),
            })
            .collect()
    }

    /// Chunks along each dimension.
    fn counts(&self) -> Vec<usize> {
        self.shape
            .iter()
            .zip(&self.chunk)
            .map(|(n, c)| n.div_ceil(*c))
            .collect()
    }
}

/// Lengths of a chunk of about `target` replicas: dimensions are taken whole in the given `order` while they fit, the first that does
/// not is cut into equal parts, the rest into single replicas.
fn cut(shape: &[usize], order: &[usize], target: usize) -> Vec<usize> {
    let mut chunk = vec![1; shape.len()];
    let mut room = target;
    for &d in order {
        let parts = shape[d].div_ceil(room.max(1));
        chunk[d] = shape[d].div_ceil(parts);
        room /= chunk[d];
    }
    chunk
}

/// Position of a number in an array of this shape, the last dimension fastest.
pub(crate) fn unravel(number: usize, shape: &[usize]) -> Vec<usize> {
    let mut rest = number;
    let mut indices: Vec<usize> = shape
        .iter()
        .rev()
        .map(|n| {
            let index = rest % n;
            rest /= n;
            index
        })
        .collect();
    indices.reverse();
    indices
}

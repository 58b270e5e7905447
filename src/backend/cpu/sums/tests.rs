use rand::RngExt;

use super::{Sums, blocks};
use crate::backend::cpu::line::DelayLine;
use crate::backend::cpu::pack::Pack;
use crate::noise::{Philox, stream};
use crate::plan::{RowEdges, delay_class};
use crate::scalar::Lanes8;

#[test]
fn blocks_are_as_long_as_most_lags_and_the_least_allow() {
    assert_eq!(blocks(&[100, 31, 4], &[32, 16]), (32, 4));
    assert_eq!(blocks(&[100, 15, 4], &[32, 16]), (16, 4));
    assert_eq!(blocks(&[100, 15, 3], &[8]), (8, 4));
    assert_eq!(blocks(&[100, 15, 2], &[16]), (16, 2));
    assert_eq!(blocks(&[100, 15, 0], &[16]), (16, 1));
    // Most are near.
    assert_eq!(blocks(&[14, 14, 15], &[16]), (4, 4));
    assert_eq!(blocks(&[0, 0, 0], &[16]), (1, 1));
    assert_eq!(blocks(&[7], &[1]), (1, 1));
}

/// Edges between `n_rows` rows with these lags, in their canonical order.
fn random_edges(rng: &mut Philox, n_rows: usize, density: f64, lags: [u32; 2]) -> RowEdges {
    let mut edges = RowEdges {
        first: vec![0],
        ..RowEdges::default()
    };
    for _ in 0..n_rows {
        let mut incoming: Vec<(u32, u32)> = Vec::new();
        for source in 0..n_rows as u32 {
            if rng.random_bool(density) {
                incoming.push((rng.random_range(lags[0]..=lags[1]), source));
            }
        }
        incoming.sort_by_key(|&(lag, source)| (std::cmp::Reverse(delay_class(lag)), source));
        for (lag, source) in incoming {
            edges.lag.push(lag);
            edges.source.push(source);
            edges.weight.push(rng.random_range(-1.0..1.0));
        }
        edges.first.push(edges.lag.len() as u32);
    }
    edges
}

/// The sums of every step, row and lane are those of adding the edges one after the other, bit for bit. Blocks of sixteen steps, which
/// only sixteen lanes have otherwise, are tried on eight.
#[test]
fn blocks_add_as_one_edge_after_the_other() {
    const WIDTH: usize = Lanes8::WIDTH;
    const RANGES: [[u32; 2]; 9] = [
        [0, 70],
        [1, 30],
        [3, 200],
        [7, 20],
        [15, 40],
        [0, 3],
        [1, 5],
        [3, 6],
        [31, 90],
    ];
    let mut rng = Philox::new(7, 0, stream::NOISE);
    let mut seen = std::collections::BTreeSet::new();
    for case in 0..54 {
        let n_rows = rng.random_range(1..40);
        let density = rng.random_range(0.05..1.0);
        let lags = RANGES[case % RANGES.len()];
        let edges = random_edges(&mut rng, n_rows, density, lags);
        let max_lag = edges.lag.iter().max().copied().unwrap_or(0) as usize;
        let mut line = DelayLine::new(n_rows, max_lag, WIDTH, usize::MAX);
        for x in line.samples.iter_mut() {
            *x = rng.random_range(-1.0..1.0);
        }
        let is_long = case % 2 == 0;
        let mut sums = Sums::new(&edges, &line, if is_long { &[16] } else { &[8] });
        seen.insert(sums.block);
        for step in 0..150 {
            if is_long {
                sums.next_of_members::<Lanes8, 16>(&line, step);
            } else {
                sums.next_of_members::<Lanes8, 8>(&line, step);
            }
            for row in 0..n_rows {
                for lane in 0..WIDTH {
                    let mut sum = 0.0_f32;
                    for e in edges.of(row) {
                        let source = edges.source[e] as usize;
                        sum += edges.weight[e] * line.read(source, step, edges.lag[e])[lane];
                    }
                    let found = sums.of_step()[row * WIDTH + lane];
                    assert_eq!(
                        found.to_bits(),
                        sum.to_bits(),
                        "case {case}, step {step}, row {row}"
                    );
                }
            }
            line.begin(step + 1);
            for row in 0..n_rows {
                let at = line.place(row, 0) + line.now(step + 1);
                for lane in 0..WIDTH {
                    line.samples[at + lane] = rng.random_range(-1.0..1.0);
                }
            }
        }
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), [1, 2, 4, 8, 16]);
}

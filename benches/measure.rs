//! Measures of a series as long as a resting-state scan of 15 minutes: 1250 samples of 80 nodes, TR 0.72 s.

use std::f64::consts::TAU;
use std::hint::black_box;

use brainsweep::measure::{self, Distribution, FcdConvention, Windows};
use criterion::{Criterion, criterion_group, criterion_main};
use ndarray::Array2;

const N_SAMPLES: usize = 1250;
const N_NODES: usize = 80;

/// Slow waves of several lengths that the nodes share in different parts: correlations of all sizes, which change with time.
fn series() -> Array2<f64> {
    Array2::from_shape_fn((N_SAMPLES, N_NODES), |(sample, node)| {
        let (t, k) = (sample as f64 * 0.72, node as f64);
        let wave = |period: f64, shift: f64| (TAU * (t / period + shift)).sin();
        wave(31.0, 0.01 * k) + wave(17.0, 0.02 * k * k) + 0.5 * wave(7.0 + 0.1 * k, 0.0)
    })
}

/// Windows of a minute, every three seconds.
const WINDOWS: Windows = Windows {
    window: 83,
    step: 4,
    convention: FcdConvention::Plain,
};

fn measures(criterion: &mut Criterion) {
    let series = series();
    let mut group = criterion.benchmark_group("measure");
    group.sample_size(20);
    group.bench_function("fc", |b| b.iter(|| measure::fc(black_box(series.view()))));
    group.bench_function("fcd", |b| {
        b.iter(|| measure::fcd(black_box(series.view()), &WINDOWS))
    });
    let fcd = measure::fcd(series.view(), &WINDOWS);
    let measured = Distribution::new(measure::fcd_entries(fcd.view()));
    group.bench_function("fcd distribution and ks", |b| {
        b.iter(|| {
            let entries = measure::fcd_entries(black_box(fcd.view()));
            Distribution::new(entries).kolmogorov_smirnov(&measured)
        })
    });
    group.finish();
}

criterion_group!(benches, measures);
criterion_main!(benches);

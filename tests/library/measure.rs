//! The measures against numpy's numbers for the same arrays, `tests/reference/measures.npz`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use brainsweep::measure::{
    Analyses, Analysis, Band, BandPass, Cleaning, FcdConvention, MEASURES, Measures, Moments,
    Scope, Segments, Windows,
};
use brainsweep::record::MomentsStream;
use brainsweep::{io, measure};
use ndarray::{Array1, Array2, ArrayD, ArrayView2, Axis, Ix1, Ix2, Ix3};

/// Both sides are f64; what is left is the order of additions.
const TOLERANCE: f64 = 1e-12;

fn reference(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/reference")
        .join(file)
}

fn golden(key: &str) -> ArrayD<f64> {
    io::npz::read_f64(&reference("measures.npz"), key).unwrap()
}

fn matrix(key: &str) -> Array2<f64> {
    golden(key).into_dimensionality::<Ix2>().unwrap()
}

fn vector(key: &str) -> Array1<f64> {
    golden(key).into_dimensionality::<Ix1>().unwrap()
}

fn number(key: &str) -> f64 {
    *golden(key).first().unwrap()
}

fn assert_near<'a>(
    found: impl IntoIterator<Item = &'a f64>,
    expected: impl IntoIterator<Item = &'a f64>,
) {
    let (mut found, mut expected) = (found.into_iter(), expected.into_iter());
    loop {
        match (found.next(), expected.next()) {
            (None, None) => return,
            (Some(a), Some(b)) => assert!((a - b).abs() <= TOLERANCE, "{a} is not {b}"),
            (a, b) => panic!("different lengths: {a:?} against {b:?}"),
        }
    }
}

/// Both sides filter in f64; narrow bands of high order amplify its rounding.
const FILTER_TOLERANCE: f64 = 1e-10;

/// An array of `filter.npz`.
fn filter_reference(key: &str) -> ArrayD<f64> {
    io::npz::read_f64(&reference("filter.npz"), key).unwrap()
}

fn filter_matrix(key: &str) -> Array2<f64> {
    filter_reference(key).into_dimensionality().unwrap()
}

fn furthest(a: &Array2<f64>, b: ArrayView2<f64>) -> f64 {
    assert_eq!(a.dim(), b.dim());
    (a - &b).iter().fold(0.0, |most, d| d.abs().max(most))
}

#[test]
fn filters_give_the_numbers_of_scipy() {
    let (x, bands) = (filter_matrix("x"), filter_matrix("bands"));
    let rate = *filter_reference("rate_hz").first().unwrap();
    let filtered = filter_reference("filtered");
    let filtered = filtered.into_dimensionality::<Ix3>().unwrap();
    assert_eq!(bands.nrows(), 20);
    for (k, band) in bands.outer_iter().enumerate() {
        let band = BandPass {
            low_hz: band[0],
            high_hz: band[1],
            order: band[2] as usize,
        };
        let found = band.filter(rate).unwrap().zero_phase(x.view()).unwrap();
        let off = furthest(&found, filtered.index_axis(Axis(0), k));
        assert!(off < FILTER_TOLERANCE, "{band:?}: {off:e}");
    }
}

#[test]
fn nuisance_signals_leave_what_least_squares_leave() {
    let (x, nuisance) = (filter_matrix("x"), filter_matrix("nuisance"));
    let band = BandPass {
        low_hz: 0.01,
        high_hz: 0.1,
        order: 2,
    };
    for (name, band, global_signal, nuisance) in [
        ("cleaned", None, false, Some(&nuisance)),
        ("cleaned_of_global", None, true, None),
        ("filtered_and_cleaned", Some(band), true, Some(&nuisance)),
    ] {
        let cleaning = Cleaning {
            band,
            global_signal,
        };
        let nuisance = nuisance.map(|nuisance| nuisance.view());
        let found = cleaning.apply(x.view(), nuisance, Some(2.0)).unwrap();
        let off = furthest(&found, filter_matrix(name).view());
        assert!(off < FILTER_TOLERANCE, "{name}: {off:e}");
    }
}

#[test]
fn fc_of_the_whole_run() {
    assert_near(&measure::fc(matrix("x").view()), &matrix("fc"));
}

#[test]
fn fc_of_single_precision_samples() {
    let found = measure::fc(matrix("x").mapv(|x| x as f32).view());
    let furthest = found
        .iter()
        .zip(&matrix("fc"))
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f64::max);
    // The samples are rounded at 3e-8 of about 0.5; they vary by about 0.3.
    assert!(furthest < 1e-6, "{furthest}");
}

#[test]
fn fc_with_a_node_that_never_changes() {
    let mut x = matrix("x");
    x.column_mut(3).fill(0.25);
    let mut fc = measure::fc(x.view());
    assert_eq!(measure::constant_nodes(fc.view()), [3]);
    // As numpy.corrcoef, with 0 in place of its NaN.
    fc.mapv_inplace(|r| if r.is_nan() { 0.0 } else { r });
    assert_near(&fc, &matrix("fc_const_node"));
}

#[test]
fn scores_against_every_subject() {
    let connectome = io::connectome::hcp();
    let functional = connectome.functional.as_ref().unwrap();
    let scores = measure::scores(matrix("fc").view(), functional.view()).unwrap();
    assert_near(&scores, &vector("scores"));
    assert_near(&[measure::mean(&scores)], &[number("mean_score")]);
}

/// BrainPy calls it `voltage_fluctuation`.
#[test]
fn synchrony_of_the_run() {
    let measures = Measures::new(Moments::of(matrix("x").view()), None).unwrap();
    assert_near(&[measures.synchrony()], &[number("voltage_fluctuation")]);
}

/// What `simulate` says of its samples is numpy's; a sweep's sums in 32 bits differ by their rounding
/// only, and by the same code.
#[test]
fn every_measure_of_sums_in_either_precision() {
    let connectome = io::connectome::hcp();
    let functional = connectome.functional.as_ref();
    let x = matrix("x").mapv(|x| x as f32);
    let mut stream = MomentsStream::new(x.ncols());
    x.outer_iter().for_each(|row| stream.push(row));
    let kept = Measures::new(Moments::of(x.view()), functional).unwrap();
    let summed = Measures::new(stream.finish(), functional).unwrap();
    for measure in MEASURES.iter().filter(|measure| measure.is_of_sums()) {
        let (a, b) = ((measure.values)(&kept), (measure.values)(&summed));
        for (a, b) in a.iter().zip(b.iter()) {
            assert!((a - b).abs() < 1e-6, "{}: {a} and {b}", measure.name);
        }
    }
}

/// Dynamics of functional connectivity by the conventions of other packages, `tests/reference/fcd.npz`.
#[test]
fn fcd_is_that_of_each_convention() {
    let read = |key: &str| io::npz::read_f64(&reference("fcd.npz"), key).unwrap();
    let series = |key: &str| {
        let array = read(key).into_dimensionality::<Ix2>().unwrap();
        array.t().mapv(|q| q / 1024.0)
    };
    let (x, y) = (series("x_q"), series("y_q"));
    for convention in FcdConvention::ALL {
        let name = convention.name();
        let windows = Windows {
            window: 30,
            step: 5,
            convention,
        };
        let ranges = windows.of(400);
        let expected = read(&format!("{name}_windows"));
        assert_eq!(expected.shape(), [ranges.len(), 2], "{name}");
        for (range, row) in ranges.iter().zip(expected.outer_iter()) {
            assert_eq!(
                [range.start as f64, range.end as f64],
                [row[0], row[1]],
                "{name}"
            );
        }
        let [of_x, of_y] =
            [&x, &y].map(|x| measure::fcd_entries(measure::fcd(x.view(), &windows).view()));
        let [distribution, other] =
            [&of_x, &of_y].map(|entries| measure::Distribution::new(entries.clone()));
        if convention != FcdConvention::VirtualBrain {
            assert_near(&of_x, &read(name));
        }
        let ks = distribution.kolmogorov_smirnov(&other);
        assert_near(&[ks], &read(&format!("{name}_ks")));
        if convention == FcdConvention::Plain {
            let distance = distribution.wasserstein(&other);
            assert_near(&[distance], &read("plain_wasserstein"));
        }
    }
}

/// Everything that is made of samples, and what compares FC with measured FC, against numpy and SciPy: `tests/reference/analyses.npz`.
#[test]
fn what_is_made_of_samples_is_that_of_numpy_and_scipy() {
    let read = |key: &str| io::npz::read_f64(&reference("analyses.npz"), key).unwrap();
    let x = read("x").into_dimensionality::<Ix2>().unwrap();
    let measured = read("measured").into_dimensionality::<Ix3>().unwrap();
    let band = read("band");
    let mut connectome = brainsweep::connectome::Connectome::uncoupled(x.ncols());
    connectome.functional = Some(measured.clone());
    let analyses = Analyses {
        make: Analysis::ALL.to_vec(),
        band: BandPass {
            low_hz: band[[0]],
            high_hz: band[[1]],
            order: band[[2]] as usize,
        },
        segment: 128,
        ..Analyses::default()
    };
    let step_ms = *read("step_ms").first().unwrap();
    let scope = Scope::of(&connectome, &analyses, step_ms, x.nrows()).unwrap();
    let coordinates = scope.coordinates();
    let frequency = coordinates.iter().find(|one| one.name == "frequency");
    assert_near(&frequency.unwrap().values, &read("frequency"));
    assert_eq!(scope.band_names(), ["slow-5", "slow-4", "slow-3", "slow-2"]);
    let wide = |bands: Vec<Band>| {
        let analyses = Analyses {
            bands,
            ..analyses.clone()
        };
        Scope::of(&connectome, &analyses, step_ms, x.nrows())
    };
    let band = |name: &'static str, low: f64, high: f64| Band {
        name: name.into(),
        edges_hz: [low, high],
    };
    // Two bands of the field make a band of one's own, and what is between no two frequencies is none.
    let own = wide(vec![band("slow", 0.01, 0.073), band("fast", 0.198, 0.25)]).unwrap();
    assert_eq!(own.band_names(), ["slow", "fast"]);
    let power = |scope: &Scope| {
        let measures = Measures::new(Moments::of(x.view()), Some(&measured)).unwrap();
        let measures = measures.with_samples(x.clone(), Arc::new(scope.clone()));
        let power = MEASURES.iter().find(|one| one.name == "band_power");
        (power.unwrap().values)(&measures).into_owned()
    };
    for (field, own) in power(&scope).chunks(4).zip(power(&own).chunks(2)) {
        assert_near(&[own[0], own[1]], &[field[0] + field[1], field[3]]);
    }
    for missed in [band("high", 0.2, 300.0), band("narrow", 0.0501, 0.0502)] {
        let error = wide(vec![missed.clone()]).unwrap_err().report();
        let expected = format!("the band {} of measure.bands", missed.name);
        assert!(error.contains(&expected), "{error}");
    }
    let odd = Segments::of(75, x.nrows(), scope.rate_hz());
    assert_near(&odd.frequencies_hz(), &read("odd_frequency"));
    let spectrum = odd.spectrum(x.view());
    assert_close("odd_spectrum", spectrum.iter(), &read("odd_spectrum"));
    let measures = Measures::new(Moments::of(x.view()), Some(&measured)).unwrap();
    let measures = measures.with_samples(x, Arc::new(scope.clone()));
    let mut n_compared = 0;
    for measure in MEASURES.iter().filter(|measure| measure.applies(&scope)) {
        // FCD and sums have references of their own.
        let others = [
            "score",
            "mean_score",
            "synchrony",
            "mean",
            "sd",
            "min",
            "max",
            "fc",
        ];
        if measure.name.starts_with("fcd") || others.contains(&measure.name) {
            continue;
        }
        let found = (measure.values)(&measures);
        assert_close(measure.name, &*found, &read(measure.name));
        n_compared += 1;
    }
    assert_eq!(n_compared, 19);
}

/// 1e-10 of the largest number: both sides are f64, and filters of narrow bands amplify its rounding.
fn assert_close<'a>(name: &str, found: impl IntoIterator<Item = &'a f64>, expected: &ArrayD<f64>) {
    let found: Vec<f64> = found.into_iter().copied().collect();
    assert_eq!(found.len(), expected.len(), "{name}");
    let scale = expected.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
    for (a, b) in found.iter().zip(expected) {
        assert!((a - b).abs() <= 1e-10 * scale, "{name}: {a} is not {b}");
    }
}

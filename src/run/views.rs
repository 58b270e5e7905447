//! What a page lets one look into, made of the arrays of an output by their dimensions.

use ndarray::{ArrayViewD, Axis, Ix2, s};

use crate::connectome::{Connectome, Delays};
use crate::output::{Array, Values};
use crate::report::{
    Coordinate, MOST_NUMBERS, Matrices, Matrix, Numbers, Regional, Regions, Thinned, Trace, Traces,
    View, Views, thinned,
};

/// The dimension of regions, and what stands before the name of a dimension whose pairs an array has.
const NODE: &str = "node";
const OTHER: &str = "other_";

/// Arrays over regions, pairs, and time or frequency, as views; others are in the files only.
pub(super) fn of_arrays(arrays: &[Array], connectome: &Connectome) -> Views {
    let mut views = Views::default();
    let (mut traces, mut matrices) = (Vec::<Traces>::new(), Vec::<Matrices>::new());
    let mut of_regions = Vec::new();
    for array in arrays {
        let about = &array.description;
        let dimensions: Vec<&str> = about.dimensions.iter().map(String::as_str).collect();
        let is_known = |name: &str| arrays.iter().any(|one| one.description.name == name);
        match dimensions[..] {
            [NODE] => {
                if let Some(values) = singles(&array.values) {
                    of_regions.push(Regional {
                        name: about.name.clone(),
                        unit: about.units.clone(),
                        meaning: about.long_name.clone(),
                        values: Numbers::single(values),
                    });
                }
            }
            [row, column] if column.strip_prefix(OTHER) == Some(row) => {
                let Some((n, one)) = of_pairs(array) else {
                    continue;
                };
                match matrices.iter_mut().find(|all| all.along == row) {
                    Some(all) => all.of.push(one),
                    None => matrices.push(Matrices {
                        title: title_of(row).into(),
                        along: row.into(),
                        n,
                        of: vec![one],
                    }),
                }
                if row != NODE {
                    coordinate(&mut views.coordinates, arrays, row, None);
                }
            }
            [x, along] if is_known(x) && !is_known(along) => {
                add_trace(&mut views, &mut traces, arrays, array, x, along);
            }
            [NODE, x] if is_known(x) => {
                add_trace(&mut views, &mut traces, arrays, array, x, NODE);
            }
            _ => {}
        }
    }
    let measured = matrices_of(connectome);
    match matrices.iter_mut().find(|all| all.along == NODE) {
        Some(all) => all.of.extend(measured),
        None if measured.is_empty() => {}
        None => matrices.push(Matrices {
            title: title_of(NODE).into(),
            along: NODE.into(),
            n: connectome.n_nodes(),
            of: measured,
        }),
    }
    views.all.extend(matrices.into_iter().map(View::Matrices));
    views.all.extend(traces.into_iter().map(View::Traces));
    if connectome.n_nodes() > 1 && !of_regions.is_empty() {
        // Measures are looked at before where a run ended.
        of_regions.sort_by_key(|of| of.name.ends_with("_final"));
        let of_regions = regions(connectome, of_regions);
        views.all.push(View::Regions(of_regions));
    }
    views
}

/// A connectome: its pairs, and what each region has in sum.
pub(super) fn of_connectome(connectome: &Connectome) -> Views {
    let n = connectome.n_nodes();
    let mut views = Views {
        labels: vec![(NODE.into(), connectome.labels.clone())],
        ..Views::default()
    };
    let of = matrices_of(connectome);
    if of.is_empty() {
        return views;
    }
    let sums = [
        (
            1,
            "strength in",
            "sum of the weights of what a region receives",
        ),
        (
            0,
            "strength out",
            "sum of the weights of what a region sends",
        ),
    ];
    let of_regions = sums.map(|(axis, name, meaning)| Regional {
        name: name.into(),
        unit: "1".into(),
        meaning: meaning.into(),
        values: Numbers::single(
            connectome
                .weights
                .sum_axis(Axis(axis))
                .iter()
                .map(|sum| *sum as f32),
        ),
    });
    let of_regions = regions(connectome, of_regions.into());
    views.all.push(View::Regions(of_regions));
    views.all.push(View::Matrices(Matrices {
        title: title_of(NODE).into(),
        along: NODE.into(),
        n,
        of,
    }));
    views
}

/// Numbers of regions, with the regions' centres where the connectome has them.
pub(super) fn regions(connectome: &Connectome, of: Vec<Regional>) -> Regions {
    let centres = connectome.centres.as_ref();
    Regions {
        along: NODE.into(),
        centres: centres.map(|all| Numbers::single(all.iter().map(|&mm| mm as f32))),
        of,
    }
}

fn title_of(along: &str) -> &str {
    match along {
        NODE => "pairs of regions",
        "window" => "pairs of windows",
        other => other,
    }
}

/// Adds curves over `x`, one for each of `along`, thinned; to those over the same coordinate if there are any.
fn add_trace(
    views: &mut Views,
    traces: &mut Vec<Traces>,
    arrays: &[Array],
    array: &Array,
    x: &str,
    along: &str,
) {
    let about = &array.description;
    let is_turned = about.dimensions[0] != x;
    let Some(thin) = thin(&array.values, is_turned) else {
        return;
    };
    let one = Trace {
        name: about.name.clone(),
        unit: about.units.clone(),
        meaning: about.long_name.clone(),
        values: Numbers::single(thin.values),
    };
    if let Some(all) = traces
        .iter_mut()
        .find(|all| all.x == x && all.along == along)
    {
        all.of.push(one);
        return;
    }
    coordinate(&mut views.coordinates, arrays, x, Some(&thin.rows));
    let is_spectrum = x == "frequency";
    traces.push(Traces {
        title: match is_spectrum {
            true => "power spectra".into(),
            false => format!("over {}", meaning_of(arrays, x)),
        },
        x: x.into(),
        along: along.into(),
        log: is_spectrum,
        remark: thin.remark,
        of: vec![one],
    });
}

fn meaning_of(arrays: &[Array], name: &str) -> String {
    let mut all = arrays.iter().map(|array| &array.description);
    let found = all.find(|about| about.name == name);
    found.map_or(name.into(), |about| about.long_name.clone())
}

/// Adds what stands along a dimension, once; some rows of it where they are said.
fn coordinate(all: &mut Vec<Coordinate>, arrays: &[Array], name: &str, rows: Option<&[usize]>) {
    if all.iter().any(|one| one.name == name) {
        return;
    }
    let Some(array) = arrays.iter().find(|array| array.description.name == name) else {
        return;
    };
    let values = doubles(&array.values);
    let values = match rows {
        Some(rows) => Numbers::double(rows.iter().map(|&row| values[row])),
        None => Numbers::double(values),
    };
    all.push(Coordinate {
        name: name.into(),
        meaning: array.description.long_name.clone(),
        unit: array.description.units.clone(),
        values,
    });
}

/// A matrix over pairs, read where it lies; none of more numbers than a page takes.
pub(super) fn matrix(
    name: &str,
    unit: &str,
    meaning: &str,
    n: usize,
    value: impl Fn(usize, usize) -> f32,
) -> Option<Matrix> {
    let is_same = |i: usize, k: usize| value(i, k).to_bits() == value(k, i).to_bits();
    let symmetric = (0..n).all(|i| (0..i).all(|k| is_same(i, k)));
    let in_row = |i: usize| if symmetric { i + 1 } else { n };
    let n_numbers: usize = (0..n).map(in_row).sum();
    (n_numbers <= 2 * MOST_NUMBERS).then(|| Matrix {
        name: name.into(),
        unit: unit.into(),
        meaning: meaning.into(),
        symmetric,
        values: Numbers::single(
            (0..n)
                .flat_map(|i| (0..in_row(i)).map(move |k| (i, k)))
                .map(|(i, k)| value(i, k)),
        ),
    })
}

/// What is known of the pairs of a connectome: measured functional connectivity, weights, tract lengths.
pub(super) fn matrices_of(connectome: &Connectome) -> Vec<Matrix> {
    let mut all = Vec::new();
    if connectome.weights.iter().all(|weight| *weight == 0.0) {
        return all;
    }
    let n = connectome.n_nodes();
    if let Some(functional) = &connectome.functional {
        let n_subjects = functional.len_of(Axis(0));
        let meaning = match n_subjects {
            1 => "measured functional connectivity".to_string(),
            n => format!("measured functional connectivity, mean over {n} subjects"),
        };
        let mean = |i: usize, k: usize| {
            let of_subjects = functional.slice(s![.., i, k]);
            (of_subjects.sum() / n_subjects as f64) as f32
        };
        all.extend(matrix("measured fc", "1", &meaning, n, mean));
    }
    let meaning = "structural connectivity, rows are targets and columns sources";
    let weight = |i: usize, k: usize| connectome.weights[[i, k]] as f32;
    all.extend(matrix("weights", "1", meaning, n, weight));
    let meaning = "tract lengths, rows are targets and columns sources";
    if let Delays::TractLengths(mm) = &connectome.delays {
        let length = |i: usize, k: usize| mm[[i, k]] as f32;
        all.extend(matrix("tract lengths", "mm", meaning, n, length));
    }
    all
}

/// A matrix of pairs as a view, with the number of what the pairs are of.
fn of_pairs(array: &Array) -> Option<(usize, Matrix)> {
    fn of<T: Copy>(array: &Array, all: ArrayViewD<T>, to: fn(T) -> f32) -> Option<(usize, Matrix)> {
        let about = &array.description;
        let all = all.into_dimensionality::<Ix2>().ok()?;
        let n = all.nrows();
        let value = |i: usize, k: usize| to(all[[i, k]]);
        let one = matrix(&about.name, &about.units, &about.long_name, n, value)?;
        Some((n, one))
    }
    match &array.values {
        Values::Double(all) => of(array, all.view(), |value| value as f32),
        Values::Single(all) => of(array, all.view(), |value| value),
        Values::Whole(all) => of(array, all.view(), |value| value as f32),
        Values::Flag(_) | Values::Complex(_) => None,
    }
}

/// Curves in the columns of a matrix, or in its rows if it `is_turned`, thinned where they lie.
fn thin(values: &Values, is_turned: bool) -> Option<Thinned> {
    fn of<T: Copy>(all: ArrayViewD<T>, is_turned: bool, to: fn(T) -> f32) -> Option<Thinned> {
        let all = all.into_dimensionality::<Ix2>().ok()?;
        let all = if is_turned { all.reversed_axes() } else { all };
        let value = |row: usize, column: usize| to(all[[row, column]]);
        Some(thinned(all.nrows(), all.ncols(), MOST_NUMBERS, value))
    }
    match values {
        Values::Double(all) => of(all.view(), is_turned, |value| value as f32),
        Values::Single(all) => of(all.view(), is_turned, |value| value),
        Values::Whole(all) => of(all.view(), is_turned, |value| value as f32),
        Values::Flag(_) | Values::Complex(_) => None,
    }
}

/// Real numbers as the page draws them.
fn singles(values: &Values) -> Option<ndarray::ArrayD<f32>> {
    fn of<T: Copy>(all: ArrayViewD<T>, to: impl Fn(T) -> f32) -> Option<ndarray::ArrayD<f32>> {
        Some(all.mapv(to))
    }
    match values {
        Values::Double(all) => of(all.view(), |value| value as f32),
        Values::Single(all) => of(all.view(), |value| value),
        Values::Whole(all) => of(all.view(), |value| value as f32),
        Values::Flag(_) | Values::Complex(_) => None,
    }
}

fn doubles(values: &Values) -> Vec<f64> {
    match values {
        Values::Double(all) => all.iter().copied().collect(),
        Values::Single(all) => all.iter().map(|&value| f64::from(value)).collect(),
        Values::Whole(all) => all.iter().map(|&value| value as f64).collect(),
        Values::Flag(_) | Values::Complex(_) => Vec::new(),
    }
}

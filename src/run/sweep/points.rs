//! The points of a sweep to be looked into on a page: their numbers, and what the store keeps of some.

use super::StoredSweep;
use super::arrays::{Array, Content, DONE, STATUS};
use super::summary::{RANKING, Summary};
use crate::error::Result;
use crate::io::store::{Kind, Store};
use crate::measure::{MEASURES, Measure};
use crate::report::{
    Axis, Coordinate, Details, Matrices, Number, Numbers, Points, Regional, Setting, Trace, Traces,
    View, Views, every, thinned,
};
use crate::run::views::{matrices_of, matrix, regions};
use crate::study::key;
use crate::sweep::{self, Sweep};

/// Points of a page, at most.
const MOST_POINTS: usize = 20_000;
/// Numbers of a page that are details of points, at most, and those of one trace among them.
const MOST_DETAILS: usize = 1_200_000;
const MOST_OF_TRACE: usize = 12_000;

/// The points, and what the store keeps of them beyond numbers.
pub(super) fn views(of: &StoredSweep, store: &Store, summary: &Summary) -> Result<Views> {
    let sweep = &of.sweep;
    let n_points = sweep.n_points();
    if n_points < 2 {
        return Ok(Views::default());
    }
    let kept = kept_points(summary, n_points);
    let is_whole = kept.len() == n_points;
    let shown = |values: &[f64]| Numbers::double(kept.iter().map(|&point| values[point]));
    let mut numbers = vec![Number {
        name: summary.label(),
        unit: summary.unit().into(),
        meaning: "mean over seeds".into(),
        values: shown(&summary.mean),
    }];
    if sweep.n_seeds() > 1 {
        for (end, name) in [(0, "lowest seed"), (1, "highest seed")] {
            let values: Vec<f64> = summary.range.iter().map(|range| range[end]).collect();
            numbers.push(Number {
                name: name.into(),
                unit: summary.unit().into(),
                meaning: format!("{} of the {name}", summary.label()),
                values: shown(&values),
            });
        }
    }
    // Of very many points only the number that ranks them is read.
    let others = match is_whole {
        true => measured(of, store)?,
        false => Vec::new(),
    };
    for (measure, name, values) in others {
        let state = of.plan.measured_observable();
        let (unit, meaning) = measure.described(state.unit, state.name, state.meaning);
        numbers.push(Number {
            name,
            unit,
            meaning,
            values: shown(&values),
        });
    }
    let best = summary.best.first().map(|best| best.point);
    let mut views = Views::default();
    let is_grid = sweep.is_grid() && is_whole;
    let (details, coordinates) = details(of, store, summary)?;
    views.coordinates = coordinates;
    let labels = sweep.base().connectome.labels.clone();
    views.labels.push(("node".into(), labels));
    views.all.push(View::Points(Points {
        title: format!("{}: {}", sweep.base().name, summary.label()),
        each: "point".into(),
        axes: sweep
            .axes()
            .iter()
            .enumerate()
            .map(|(d, axis)| match is_grid {
                true => axis_of(axis, axis.values.iter().copied()),
                false => axis_of(axis, kept.iter().map(|&point| sweep.values(point)[d])),
            })
            .collect(),
        shape: if is_grid { sweep.shape() } else { Vec::new() },
        numbers,
        best: best.and_then(|best| kept.iter().position(|&point| point == best)),
        only: if is_whole { Vec::new() } else { kept },
        seeds: (0..sweep.n_seeds()).map(|k| sweep.seed(0, k)).collect(),
        own_seeds: sweep.has_own_seeds(),
        settings: settings(sweep),
        details,
    }));
    Ok(views)
}

/// All points, or the best ones and some of the others, in order.
fn kept_points(summary: &Summary, n_points: usize) -> Vec<usize> {
    if n_points <= MOST_POINTS {
        return (0..n_points).collect();
    }
    let mut kept: Vec<usize> = (0..n_points)
        .step_by(every(n_points, MOST_POINTS))
        .collect();
    kept.extend(summary.best.iter().map(|best| best.point));
    kept.sort_unstable();
    kept.dedup();
    kept
}

/// An axis with these values of it.
pub(in crate::run) fn axis_of(axis: &sweep::Axis, values: impl Iterator<Item = f64>) -> Axis {
    let values: Vec<f64> = values.collect();
    let paths: Vec<String> = axis.paths().map(String::from).collect();
    let sets = paths.iter().enumerate().map(|(k, path)| {
        let of = |value: &f64| axis.settings(*value).nth(k).map_or(f64::NAN, |(_, v)| v);
        Setting {
            path: path.clone(),
            values: Numbers::double(values.iter().map(of)),
        }
    });
    Axis {
        sets: sets.collect(),
        label: axis.label(),
        log: axis.log,
        values: Numbers::double(values.iter().copied()),
    }
}

/// What a simulation sets to be measured as the sweep's were.
pub(in crate::run) fn settings(sweep: &Sweep) -> Vec<String> {
    let every = sweep.base().record.every;
    vec![format!("{}={every}", key::RECORD_EVERY.path)]
}

/// Measures that are a number, or one for each subject, at every point: means over the seeds that have them.
fn measured(of: &StoredSweep, store: &Store) -> Result<Vec<(&'static Measure, String, Vec<f64>)>> {
    let n_points = of.sweep.n_points();
    let mut all = Vec::new();
    for measure in MEASURES {
        if !measure.shape.is_listed() || measure.name == RANKING || !measure.applies(&of.scope) {
            continue;
        }
        let dimensions = measure.dimensions(&of.scope);
        let length: usize = dimensions.iter().map(|(_, n)| n).product();
        let (mut sums, mut counts) = (vec![0.0; n_points * length], vec![0.0; n_points * length]);
        for chunk in 0..of.chunks.len() {
            let mut indices = of.chunks.indices(chunk);
            let status: Vec<u8> = store.read(STATUS, &indices)?;
            indices.resize(indices.len() + dimensions.len(), 0);
            let read: Vec<f64> = store.read(measure.name, &indices)?;
            for replica in of.chunks.replicas(chunk) {
                if status[replica.index] != DONE {
                    continue;
                }
                let read = &read[replica.index * length..][..length];
                for (k, value) in read.iter().enumerate().filter(|(_, value)| !value.is_nan()) {
                    sums[replica.point * length + k] += value;
                    counts[replica.point * length + k] += 1.0;
                }
            }
        }
        for k in 0..length {
            let name = match length {
                1 => measure.name.to_string(),
                _ => format!("{}_{k}", measure.name),
            };
            let of_points = (0..n_points).map(|point| point * length + k);
            let means = of_points.map(|place| sums[place] / counts[place]).collect();
            all.push((measure, name, means));
        }
    }
    Ok(all)
}

/// The arrays that are kept of each replica and can be drawn.
fn drawn(of: &StoredSweep) -> Vec<&Array> {
    let arrays = of.arrays.all.iter();
    let arrays = arrays.filter(|array| match array.content {
        Content::Measure(measure) => !measure.shape.is_listed(),
        Content::Samples(_) | Content::Observed(_) => true,
        Content::Held(of_held) => of_held.is_of_nodes(),
        Content::DivergedAt | Content::Features | Content::Status => false,
    });
    let is_drawn = |array: &&Array| Drawing::of(array).is_some();
    arrays.filter(is_drawn).collect()
}

/// How an array of a replica is drawn.
enum Drawing {
    /// A number for each region.
    Regions,
    /// A number for each pair.
    Pairs { n: usize },
    /// Curves over the first dimension, or over the second if `is_turned`.
    Curves {
        rows: usize,
        columns: usize,
        is_turned: bool,
    },
}

impl Drawing {
    fn of(array: &Array) -> Option<Self> {
        let inner: Vec<(&str, usize)> = array
            .inner
            .iter()
            .map(|(name, n)| (name.as_str(), *n))
            .collect();
        match inner[..] {
            [("node", _)] => Some(Self::Regions),
            [("node", n), ("other_node", _)] => Some(Self::Pairs { n }),
            [("frequency", rows)] => Some(Self::Curves {
                rows,
                columns: 1,
                is_turned: false,
            }),
            [("node", columns), ("frequency", rows)] => Some(Self::Curves {
                rows,
                columns,
                is_turned: true,
            }),
            [(x, rows), ("node", columns)] if x == "time" || x.starts_with("t_") => {
                Some(Self::Curves {
                    rows,
                    columns,
                    is_turned: false,
                })
            }
            _ => None,
        }
    }

    /// Numbers of a page that it takes.
    fn cost(&self, length: usize) -> usize {
        match self {
            Self::Regions => length,
            Self::Pairs { n } => n * (n + 1) / 2,
            Self::Curves { .. } => length.min(MOST_OF_TRACE),
        }
    }
}

/// What the store keeps of the points, as much as a page takes: of the best ones first, then evenly.
fn details(
    of: &StoredSweep,
    store: &Store,
    summary: &Summary,
) -> Result<(Option<Details>, Vec<Coordinate>)> {
    let arrays = drawn(of);
    let n_points = of.sweep.n_points();
    let costs = arrays
        .iter()
        .map(|array| Drawing::of(array).map_or(0, |drawing| drawing.cost(array.length())));
    let cost: usize = costs.sum();
    if cost == 0 || arrays.is_empty() {
        return Ok((None, Vec::new()));
    }
    let most = MOST_DETAILS / cost;
    let mut points: Vec<usize> = match most {
        0 => Vec::new(),
        most => (0..n_points).step_by(every(n_points, most)).collect(),
    };
    points.extend(summary.best.iter().map(|best| best.point).take(most.max(1)));
    points.sort_unstable();
    points.dedup();
    let places = places(of, store, &points)?;
    let mut coordinates = Vec::new();
    let mut of_points: Vec<(usize, Vec<View>)> = Vec::new();
    // A chunk is read once for all its points.
    for together in places.chunk_by(|a, b| a.chunk == b.chunk) {
        let mut read = Vec::new();
        for array in &arrays {
            read.push(whole_chunk(of, store, array, together[0].chunk)?);
        }
        for place in together {
            let of_point = of_point(of, place.index, &arrays, &read, &mut coordinates);
            of_points.push((place.point, of_point));
        }
    }
    of_points.sort_by_key(|(point, _)| *point);
    let (with, views): (Vec<usize>, Vec<Vec<View>>) = of_points.into_iter().unzip();
    let left_out = match with.len() == n_points {
        true => String::new(),
        false => format!(
            "; this page has those of {} of {n_points} points",
            with.len()
        ),
    };
    let connectome = &of.sweep.base().connectome;
    let measured = matrices_of(connectome);
    let measured: Vec<_> = measured.into_iter().take(1).collect();
    let beside = Matrices {
        title: "measured".into(),
        along: "node".into(),
        n: connectome.n_nodes(),
        of: measured
            .into_iter()
            .filter(|one| one.name == "measured fc")
            .collect(),
    };
    let details = Details {
        remark: format!("of the point's first seed that did not diverge{left_out}"),
        points: with,
        views,
        beside: match beside.of.is_empty() {
            true => Vec::new(),
            false => vec![View::Matrices(beside)],
        },
    };
    Ok((Some(details), coordinates))
}

/// A replica in its chunk.
struct Place {
    chunk: usize,
    index: usize,
    point: usize,
}

/// Of each point the first seed that did not diverge, if there is one; by chunks.
fn places(of: &StoredSweep, store: &Store, points: &[usize]) -> Result<Vec<Place>> {
    let mut places = Vec::new();
    let mut last: Option<(usize, Vec<u8>)> = None;
    for &point in points {
        for chunk in of.chunks.of_point(point) {
            let status = match last.take() {
                Some((same, status)) if same == chunk => status,
                _ => store.read(STATUS, &of.chunks.indices(chunk))?,
            };
            let mut replicas = of.chunks.replicas(chunk);
            let is_done =
                |replica: &sweep::Replica| replica.point == point && status[replica.index] == DONE;
            let found = replicas.find(is_done).map(|replica| replica.index);
            last = Some((chunk, status));
            if let Some(index) = found {
                places.push(Place {
                    chunk,
                    index,
                    point,
                });
                break;
            }
        }
    }
    places.sort_by_key(|place| (place.chunk, place.point));
    Ok(places)
}

/// All numbers of an array's chunk.
fn whole_chunk(of: &StoredSweep, store: &Store, array: &Array, chunk: usize) -> Result<Vec<f32>> {
    let mut indices = of.chunks.indices(chunk);
    indices.resize(indices.len() + array.inner.len(), 0);
    Ok(match array.kind {
        Kind::Double => {
            let all: Vec<f64> = store.read(&array.name, &indices)?;
            all.into_iter().map(|value| value as f32).collect()
        }
        _ => store.read(&array.name, &indices)?,
    })
}

/// What is kept of the replica at `index` of a chunk, of which the arrays were `read`.
fn of_point(
    of: &StoredSweep,
    index: usize,
    arrays: &[&Array],
    read: &[Vec<f32>],
    coordinates: &mut Vec<Coordinate>,
) -> Vec<View> {
    let connectome = &of.sweep.base().connectome;
    let (mut of_regions, mut matrices, mut curves) = (Vec::new(), Vec::new(), Vec::new());
    for (array, read) in arrays.iter().zip(read) {
        let length = array.length();
        let all = &read[index * length..][..length];
        let (unit, meaning) = array.about();
        match Drawing::of(array) {
            Some(Drawing::Regions) => of_regions.push(Regional {
                name: array.name.clone(),
                unit,
                meaning,
                values: Numbers::single(all.iter().copied()),
            }),
            Some(Drawing::Pairs { n }) => {
                let value = |i: usize, k: usize| all[i * n + k];
                matrices.extend(matrix(&array.name, &unit, &meaning, n, value));
            }
            Some(Drawing::Curves {
                rows,
                columns,
                is_turned,
            }) => {
                let value = |row: usize, column: usize| match is_turned {
                    true => all[column * rows + row],
                    false => all[row * columns + column],
                };
                let thin = thinned(rows, columns, MOST_OF_TRACE, value);
                let x = match is_turned {
                    true => &array.inner[1].0,
                    false => &array.inner[0].0,
                };
                let name = coordinate(of, x, &thin.rows, coordinates);
                curves.push(View::Traces(Traces {
                    title: array.name.clone(),
                    log: x == "frequency",
                    x: name,
                    along: if columns == 1 {
                        String::new()
                    } else {
                        "node".into()
                    },
                    remark: thin.remark,
                    of: vec![Trace {
                        name: array.name.clone(),
                        unit,
                        meaning,
                        values: Numbers::single(thin.values),
                    }],
                }));
            }
            None => {}
        }
    }
    let mut views = Vec::new();
    if !matrices.is_empty() {
        views.push(View::Matrices(Matrices {
            title: "pairs of regions".into(),
            along: "node".into(),
            n: connectome.n_nodes(),
            of: matrices,
        }));
    }
    views.extend(curves);
    if !of_regions.is_empty() && connectome.n_nodes() > 1 {
        views.push(View::Regions(regions(connectome, of_regions)));
    }
    views
}

/// Adds what stands along a dimension, once; its name.
fn coordinate(of: &StoredSweep, name: &str, rows: &[usize], all: &mut Vec<Coordinate>) -> String {
    if all.iter().any(|one| one.name == name) {
        return name.into();
    }
    let mut known = of.scope.coordinates().into_iter();
    let (meaning, unit, values): (&str, &str, Vec<f64>) = match known.find(|one| one.name == name) {
        Some(one) => (
            one.meaning,
            one.unit,
            rows.iter().map(|&k| one.values[k]).collect(),
        ),
        None => {
            let monitors = of.sweep.kept_monitors().iter();
            let mut monitors = monitors.map(|&index| &of.plan.monitors[index]);
            let monitor = monitors.find(|one| format!("t_{}", one.array) == name);
            let time = |&k: &usize| match monitor {
                Some(monitor) => monitor.sample_time_ms(k),
                None => of.plan.sample_time_ms(k),
            };
            ("time", "ms", rows.iter().map(time).collect())
        }
    };
    all.push(Coordinate {
        name: name.into(),
        meaning: meaning.into(),
        unit: unit.into(),
        values: Numbers::double(values),
    });
    name.into()
}

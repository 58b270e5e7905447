//! The arrays of a branch.

use ndarray::{Array1, Array2};
use num_complex::Complex64;

use crate::branches::{Branch, Kind, Measure, Point};
use crate::output::{Array, Values};

/// The arrays of a branch, their names and those of its points with the branch's name before them.
///
/// `varied_units` and `state_units` are those of what varies and of the states.
pub(super) fn of_branch<'a>(
    branch: &Branch,
    measures: &[Measure],
    varied_units: &str,
    state_units: &str,
) -> Vec<Array<'a>> {
    let points = &branch.points;
    let mut all = Arrays {
        branch: &branch.name,
        state_units,
        all: Vec::new(),
    };
    let parameters = rows(points, |p| &p.parameters);
    all.add(
        "parameters",
        &[POINT, "parameter"],
        varied_units,
        "in the order of vary",
        parameters,
    );
    let states = rows(points, |p| &p.state);
    all.add(
        "state",
        &[POINT, "state"],
        state_units,
        "states; of a cycle at time 0",
        states,
    );
    if !measures.is_empty() {
        all.add_measures(points, measures);
    }
    if points.iter().any(|p| p.cycle.is_some()) {
        all.add_cycles(points);
    }
    let widest = points.iter().map(|p| p.eigenvalues.len()).max();
    let nan = Complex64::new(f64::NAN, f64::NAN);
    let eigenvalues = Array2::from_shape_fn((points.len(), widest.unwrap_or(0)), |(i, k)| {
        points[i].eigenvalues.get(k).copied().unwrap_or(nan)
    });
    let (units, meaning) = match branch.kind {
        Kind::Cycles => (
            "1",
            "Floquet multipliers, largest first; NaN where there are fewer",
        ),
        _ => (
            "1/ms",
            "eigenvalues, rightmost first; NaN where there are fewer",
        ),
    };
    all.add(
        "eigenvalues",
        &[POINT, "eigenvalue"],
        units,
        meaning,
        eigenvalues,
    );
    let counts = points.iter().map(|p| p.n_unstable.map_or(-1, |n| n as i64));
    let meaning = "eigenvalues right of the imaginary axis, multipliers outside the unit circle; -1 where \
                   they are not computed, as of cycles of large delayed networks";
    all.add(
        "n_unstable",
        &[POINT],
        "1",
        meaning,
        counts.collect::<Array1<i64>>(),
    );
    let meaning = "largest residual of the equations before the last correction";
    all.add_column("residual", "1", meaning, points, |p| Some(p.residual));
    let meaning = "period of cycles, and of curves of Hopf points; of homoclinic connections that of the cycles that stand for them";
    all.add_column("period", "ms", meaning, points, |p| p.period_ms);
    let meaning = "of cycles: by how much the flow misses the next point of the profile, from any of its points, as a \
                   share of the amplitude";
    let mesh_error = |p: &Point| p.cycle.as_ref()?.mesh_error;
    all.add_column("mesh_error", "1", meaning, points, mesh_error);
    let meaning = "of curves: a of a fold, first Lyapunov coefficient of a Hopf point, exactly 0 where it is 0 to \
                   rounding, saddle quantity of a homoclinic connection (1/ms)";
    all.add_column("coefficient", "1", meaning, points, |p| p.coefficient);
    if points.iter().all(|p| p.stability.is_some()) {
        let codes = points.iter().filter_map(|p| p.stability);
        let codes: Array1<i64> = codes.map(|s| s as i64).collect();
        let meaning = "0 stable node, 1 stable focus, 2 saddle, 3 unstable node, 4 unstable focus, 5 centre (on the \
                       imaginary axis to rounding)";
        all.add("stability", &[POINT], "1", meaning, codes);
    }
    if branch.kind.is_curve() {
        let flags: Array1<bool> = points.iter().map(|p| p.is_bifurcation).collect();
        let meaning = "false where a curve of Hopf points goes on as neutral saddles";
        all.add("is_bifurcation", &[POINT], "1", meaning, flags);
    }
    if branch.kind == Kind::Folds {
        let flags: Array1<bool> = points.iter().map(|p| p.is_on_cycle).collect();
        let meaning = "true where a cycle of infinite period passes the fold (a SNIC)";
        all.add("is_on_cycle", &[POINT], "1", meaning, flags);
    }
    all.all
}

/// The dimension of a branch's points.
const POINT: &str = "point";
/// The dimension of the points in time of all its cycles, one cycle after the other.
const MOMENT: &str = "moment";
/// The dimension of the cycles' ends among those.
const END: &str = "end";

struct Arrays<'a, 'b> {
    branch: &'b str,
    state_units: &'b str,
    all: Vec<Array<'a>>,
}

impl<'a> Arrays<'a, '_> {
    /// Adds an array; dimensions of a length of the branch's own get its name.
    fn add(
        &mut self,
        name: &str,
        dimensions: &[&str],
        units: &str,
        meaning: &str,
        values: impl Into<Values<'a>>,
    ) {
        let own = |name: &&str| match *name {
            POINT | MOMENT | END | "eigenvalue" => format!("{}_{name}", self.branch),
            shared => shared.into(),
        };
        let dimensions: Vec<String> = dimensions.iter().map(own).collect();
        let dimensions: Vec<&str> = dimensions.iter().map(String::as_str).collect();
        let name = format!("{}_{name}", self.branch);
        let array = Array::new(name, &dimensions, units, meaning, values);
        self.all.push(array);
    }

    /// Adds a number for each point, if any point has it; NaN for the others.
    fn add_column(
        &mut self,
        name: &str,
        units: &str,
        meaning: &str,
        points: &[Point],
        value: fn(&Point) -> Option<f64>,
    ) {
        if points.iter().any(|p| value(p).is_some()) {
            let values = points.iter().map(|p| value(p).unwrap_or(f64::NAN));
            let values: Array1<f64> = values.collect();
            self.add(name, &[POINT], units, meaning, values);
        }
    }

    /// Adds what was chosen to be recorded.
    fn add_measures(&mut self, points: &[Point], measures: &[Measure]) {
        let table = |value: &dyn Fn(&Measure, &Point) -> f64| {
            Array2::from_shape_fn((points.len(), measures.len()), |(i, k)| {
                value(&measures[k], &points[i])
            })
        };
        let dimensions = [POINT, "measure"];
        let meaning = "what was recorded; of a cycle its mean over the period";
        let mean = table(&|measure, point| measure.mean(point));
        self.add("measured", &dimensions, "1", meaning, mean);
        if points.iter().any(|p| p.cycle.is_some()) {
            for (end, name) in ["measured_minima", "measured_maxima"]
                .into_iter()
                .enumerate()
            {
                let meaning = ["its lowest value on a cycle", "its highest value"][end];
                let values = table(&|measure, point| measure.extrema(point)[end]);
                self.add(name, &dimensions, "1", meaning, values);
            }
        }
    }

    /// Adds what only cycles have.
    fn add_cycles(&mut self, points: &[Point]) {
        let units = self.state_units;
        let swings = || points.iter().filter_map(|p| p.cycle.as_ref());
        let minima = table(swings().map(|s| s.minima.as_slice()));
        self.add(
            "minima",
            &[POINT, "state"],
            units,
            "lowest value of each state",
            minima,
        );
        let maxima = table(swings().map(|s| s.maxima.as_slice()));
        self.add(
            "maxima",
            &[POINT, "state"],
            units,
            "highest value of each state",
            maxima,
        );
        let profile = table(swings().flat_map(|s| s.profile.iter().map(Vec::as_slice)));
        let meaning = "points in time of the cycles, one cycle after the other";
        self.add("profile", &[MOMENT, "state"], units, meaning, profile);
        let times: Array1<f64> = swings().flat_map(|s| s.times.iter().copied()).collect();
        let meaning = "when, as a fraction of the period, from 0 to 1";
        self.add("profile_time", &[MOMENT], "1", meaning, times);
        let ends = swings().scan(0, |end, s| {
            *end += s.times.len() as i64;
            Some(*end)
        });
        let firsts: Array1<i64> = std::iter::once(0).chain(ends).collect();
        let meaning = "row of profile where each cycle begins, and the end of the last";
        self.add("profile_first", &[END], "1", meaning, firsts);
    }
}

fn rows(points: &[Point], row: fn(&Point) -> &Vec<f64>) -> Array2<f64> {
    table(points.iter().map(|p| row(p).as_slice()))
}

/// Rows of equal length.
fn table<'a>(rows: impl Iterator<Item = &'a [f64]>) -> Array2<f64> {
    let rows: Vec<&[f64]> = rows.collect();
    let width = rows.first().map_or(0, |row| row.len());
    Array2::from_shape_fn((rows.len(), width), |(i, k)| rows[i][k])
}

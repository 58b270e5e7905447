//! The files of AUTO-07p: `b.NAME`, a line for every point, and `s.NAME`, the solutions that have a label.
//!
//! E. J. Doedel & B. E. Oldeman, *AUTO-07P: Continuation and Bifurcation Software for Ordinary Differential Equations*, sections on
//! output files and restart data. Numbers have the 11 digits that AUTO writes; the exact ones are in `branches.npz`.

use std::fmt::Write;

use super::{Orbit, Row, mesh, rows};
use crate::branches::{Branch, Found, Kind, STOPPED};
use crate::continuation::{EventKind, Settings};

/// The number of the parameter that AUTO keeps the period in.
const PERIOD: usize = 11;
/// AUTO counts points up to this, and then from 1 again.
const MOST_POINTS: usize = 9999;
/// The narrowest column of numbers.
const COLUMN: usize = 19;
/// Numbers in a line of a solution.
const PER_LINE: usize = 7;

/// Both files, by their names.
pub(super) fn files(found: &Found, settings: &Settings) -> [(&'static str, Vec<u8>); 2] {
    let mut file = Files {
        found,
        settings,
        diagram: String::new(),
        solutions: String::new(),
        n_labels: 0,
    };
    for (k, branch) in found.branches.iter().enumerate() {
        file.add(k + 1, branch);
    }
    let [diagram, solutions] = [file.diagram, file.solutions].map(String::into_bytes);
    [("b.branches", diagram), ("s.branches", solutions)]
}

struct Files<'a> {
    found: &'a Found,
    settings: &'a Settings,
    diagram: String,
    solutions: String,
    n_labels: usize,
}

impl Files<'_> {
    fn add(&mut self, number: usize, branch: &Branch) {
        let rows = rows(branch);
        let columns = self.columns(branch.kind);
        let widest = columns.iter().map(|name| name.chars().count() + 2).max();
        let width = widest.unwrap_or(0).max(COLUMN);
        self.head(branch.kind, rows.len());
        self.diagram += "   0    PT  TY  LAB ";
        for name in columns {
            write(&mut self.diagram, format_args!("{name:<width$}"));
        }
        self.diagram.push('\n');
        let last = rows.len() - 1;
        for (k, row) in rows.iter().enumerate() {
            let ends = [(0, &branch.ends[0]), (last, &branch.ends[1])];
            let end = ends.iter().find(|(at, _)| *at == k);
            let code = match (row.event, end) {
                (Some(kind), _) => code(branch.kind, kind),
                (None, Some((_, end))) => signed(branch.kind, if *end == STOPPED { -9 } else { 9 }),
                (None, None) => 10 * family(branch.kind),
            };
            let is_labelled = row.event.is_some() || end.is_some();
            self.n_labels += usize::from(is_labelled);
            let label = if is_labelled { self.n_labels } else { 0 };
            let point = (k % MOST_POINTS + 1) as i64;
            let is_stable = row.n_unstable == Some(0);
            let sign = if is_stable { -1 } else { 1 };
            write(
                &mut self.diagram,
                format_args!("{number:4}{:6}{code:4}{label:5}", sign * point),
            );
            for number in self.numbers(branch.kind, row) {
                write(
                    &mut self.diagram,
                    format_args!("{:>width$}", scientific(number)),
                );
            }
            self.diagram.push('\n');
            if is_labelled {
                self.solution([number as i64, point, code, label as i64], branch.kind, row);
            }
        }
    }

    /// What stands above the columns of a branch: bounds, constants, names.
    fn head(&mut self, kind: Kind, n_points: usize) {
        let [low, high] = self.settings.range;
        let bounds = [low, high, 0.0, self.settings.state_max].map(scientific);
        let quoted = |names: Vec<&str>| -> String {
            let pairs = names.iter().enumerate();
            let pairs = pairs.map(|(k, name)| format!("{}: '{name}'", k + 1));
            pairs.collect::<Vec<_>>().join(", ")
        };
        let varied = self.found.varied.iter().map(|varied| varied.name.as_str());
        let states = self.found.states.iter().map(String::as_str);
        let text = &mut self.diagram;
        write(text, format_args!("   0 {}\n", bounds.join(" ")));
        write(
            text,
            format_args!(
                "   0   NDIM= {:4}   IPS = {:4}   ILP = {:4}   ISW = {:4}\n",
                self.found.states.len(),
                problem(kind),
                1,
                switch(kind)
            ),
        );
        write(
            text,
            format_args!(
                "   0   NTST= {:4}   NCOL= {:4}   NMX= {:5}\n",
                self.settings.mesh, self.settings.collocation, n_points
            ),
        );
        let names = quoted(varied.collect());
        write(text, format_args!("   0   parnames = {{{names}}}\n"));
        let names = quoted(states.collect());
        write(text, format_args!("   0   unames   = {{{names}}}\n"));
        let free: String = free(kind).iter().map(|k| format!("   {k}")).collect();
        write(
            text,
            format_args!("   0   User-specified parameters: {free}\n"),
        );
        write(
            text,
            format_args!("   0   Active continuation parameters: {free}\n"),
        );
        if family(kind) != 0 {
            let family = family(kind);
            let name = match kind {
                Kind::Hopfs => "HB",
                Kind::PeriodDoublings => "PD",
                Kind::Tori => "TR",
                _ => "LP",
            };
            write(
                text,
                format_args!("   0   Branch type: {family:2}    TY = '{name}'\n"),
            );
        }
        text.push_str("   0\n");
    }

    /// The names of the columns: in AUTO's order, and behind them what AUTO does not write.
    fn columns(&self, kind: Kind) -> Vec<String> {
        let of_states = |word: &str| -> Vec<String> {
            let states = self.found.states.iter();
            states.map(|state| format!("{word}{state}")).collect()
        };
        let varied = |k: usize| self.found.varied[k].name.clone();
        let mut columns = vec![varied(0), "L2-NORM".into()];
        columns.extend(of_states(if kind == Kind::Cycles { "MAX " } else { "" }));
        columns.extend((1..self.found.varied.len()).map(varied));
        if has_period(kind) {
            columns.push("PERIOD".into());
        }
        if kind == Kind::Cycles {
            columns.extend(of_states("MIN "));
        }
        columns
    }

    /// The numbers of a point in these columns.
    fn numbers(&self, kind: Kind, row: &Row) -> Vec<f64> {
        let mut numbers = vec![row.parameters[0]];
        numbers.push(match &row.orbit {
            Some(orbit) => norm_of_cycle(orbit, self.settings.collocation),
            None => row.state.iter().map(|x| x * x).sum::<f64>().sqrt(),
        });
        numbers.extend(row.orbit.as_ref().map_or(row.state, |orbit| orbit.maxima));
        numbers.extend(&row.parameters[1..]);
        if has_period(kind) {
            numbers.push(row.period.unwrap_or(f64::NAN));
        }
        if let Some(orbit) = &row.orbit {
            numbers.extend(orbit.minima);
        }
        numbers
    }

    /// A solution with its label: a head of integers, the points in time with the states there, the parameters. There are no
    /// directions, as AUTO has none of solutions that it did not compute itself.
    fn solution(&mut self, [number, point, code, label]: [i64; 4], kind: Kind, row: &Row) {
        let n_states = self.found.states.len();
        let mut parameters = row.parameters.to_vec();
        let ((n_intervals, n_inside), n_times) = match &row.orbit {
            Some(orbit) => (
                mesh(orbit.times, self.settings.collocation),
                orbit.times.len(),
            ),
            None => ((1, 0), 1),
        };
        if let Some(period) = row.period {
            parameters.resize(parameters.len().max(PERIOD), 0.0);
            parameters[PERIOD - 1] = period;
        }
        let lines = |n: usize| n.div_ceil(PER_LINE);
        let n_lines = n_times * lines(1 + n_states) + lines(parameters.len());
        let text = &mut self.solutions;
        write(
            text,
            format_args!(
                "{number:6}{point:6}{code:6}{label:6}{:6}{:6}{n_times:8}{:6}{n_lines:8}{n_intervals:5}{n_inside:5}\
                 {:5}{:5}{n_states:5}{:5}{:5}\n",
                free(kind).len(),
                switch(kind),
                1 + n_states,
                parameters.len(),
                0,
                problem(kind),
                0
            ),
        );
        match &row.orbit {
            Some(orbit) => {
                for (&time, states) in orbit.times.iter().zip(orbit.profile) {
                    block(text, std::iter::once(time).chain(states.iter().copied()));
                }
            }
            None => block(text, std::iter::once(0.0).chain(row.state.iter().copied())),
        }
        block(text, parameters.into_iter());
    }
}

fn write(text: &mut String, arguments: std::fmt::Arguments) {
    text.write_fmt(arguments)
        .expect("texts take whatever is written");
}

/// Numbers in lines of seven.
fn block(text: &mut String, numbers: impl Iterator<Item = f64>) {
    let numbers: Vec<f64> = numbers.collect();
    for line in numbers.chunks(PER_LINE) {
        text.push_str("    ");
        for &number in line {
            write(text, format_args!("{:>COLUMN$}", scientific(number)));
        }
        text.push('\n');
    }
}

/// With 11 digits and an exponent of at least two, as Fortran's ES19.10.
fn scientific(number: f64) -> String {
    let text = format!("{number:.10e}");
    match text.split_once('e') {
        Some((digits, exponent)) => {
            let (sign, size) = match exponent.strip_prefix('-') {
                Some(size) => ('-', size),
                None => ('+', exponent),
            };
            format!("{digits}E{sign}{size:0>2}")
        }
        None => text,
    }
}

/// The norm over a period: the root of the integral of the sum of squares over the time from 0 to 1.
fn norm_of_cycle(orbit: &Orbit, degree: usize) -> f64 {
    let squares = |k: usize| orbit.profile[k].iter().map(|x| x * x).sum::<f64>();
    let (n_intervals, n_inside) = mesh(orbit.times, degree);
    let weights = newton_cotes(n_inside);
    let mut integral = 0.0;
    for first in (0..n_intervals).map(|interval| interval * n_inside) {
        let length = orbit.times[first + n_inside] - orbit.times[first];
        let weighted = weights.iter().enumerate();
        integral += length * weighted.map(|(k, w)| w * squares(first + k)).sum::<f64>();
    }
    integral.max(0.0).sqrt()
}

/// The weights of the closed Newton-Cotes rule of a degree on [0, 1]: those that integrate its powers exactly.
fn newton_cotes(degree: usize) -> Vec<f64> {
    let node = |k: usize| k as f64 / degree as f64;
    let weight = |k: usize| {
        // Lagrange's polynomial of the node by its coefficients, lowest first.
        let mut polynomial = vec![1.0];
        for i in (0..=degree).filter(|&i| i != k) {
            let scale = 1.0 / (node(k) - node(i));
            let mut next = vec![0.0; polynomial.len() + 1];
            for (power, c) in polynomial.iter().enumerate() {
                next[power] -= c * scale * node(i);
                next[power + 1] += c * scale;
            }
            polynomial = next;
        }
        let integrals = polynomial.iter().enumerate();
        integrals.map(|(power, c)| c / (power + 1) as f64).sum()
    };
    (0..=degree).map(weight).collect()
}

/// Whether points of this kind have a period.
fn has_period(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Cycles | Kind::CycleFolds | Kind::PeriodDoublings | Kind::Tori
    )
}

/// AUTO's number for the problem that is solved (IPS).
fn problem(kind: Kind) -> i64 {
    match kind {
        Kind::Homoclinics => 9,
        kind if has_period(kind) => 2,
        _ => 1,
    }
}

/// AUTO's number for curves in two parameters (ISW).
fn switch(kind: Kind) -> i64 {
    if family(kind) != 0 { 2 } else { 1 }
}

/// The numbers of the parameters that are free.
fn free(kind: Kind) -> Vec<usize> {
    match kind {
        Kind::Equilibria => vec![1],
        Kind::Cycles => vec![1, PERIOD],
        Kind::Folds | Kind::Hopfs | Kind::Homoclinics => vec![1, 2],
        Kind::CycleFolds | Kind::PeriodDoublings | Kind::Tori => vec![1, 2, PERIOD],
    }
}

/// The type of the bifurcations that a curve consists of; 0 for branches.
fn family(kind: Kind) -> i64 {
    match kind {
        Kind::Equilibria | Kind::Cycles | Kind::Homoclinics => 0,
        Kind::Folds => 2,
        Kind::Hopfs => 3,
        Kind::CycleFolds => 5,
        Kind::PeriodDoublings => 7,
        Kind::Tori => 8,
    }
}

/// A type of a point, with that of its curve.
fn signed(kind: Kind, code: i64) -> i64 {
    code + code.signum() * 10 * family(kind)
}

/// AUTO's type for an event; its "user's point" for those that it does not know.
fn code(kind: Kind, event: EventKind) -> i64 {
    let of_cycles = has_period(kind);
    let code = match event {
        EventKind::BranchPoint if of_cycles => 6,
        EventKind::BranchPoint => 1,
        EventKind::Fold => 2,
        EventKind::Hopf | EventKind::DegenerateHopf => 3,
        EventKind::CycleFold => 5,
        EventKind::PeriodDoubling => 7,
        EventKind::Torus => 8,
        EventKind::BogdanovTakens => -1,
        EventKind::Cusp | EventKind::GeneralizedHopf => -2,
        EventKind::ZeroHopf => -3,
        EventKind::SaddleNodeLoop
        | EventKind::Resonance1
        | EventKind::Resonance2
        | EventKind::Resonance3
        | EventKind::Resonance4
        | EventKind::HopfHopf
        | EventKind::Homoclinic
        | EventKind::NeutralHomoclinic
        | EventKind::Snic
        | EventKind::NeutralSaddle
        | EventKind::NodeFocus => -4,
    };
    signed(kind, code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_look_as_fortran_writes_them() {
        assert_eq!(scientific(-0.276_854_123_456_7), "-2.7685412346E-01");
        assert_eq!(scientific(0.0), "0.0000000000E+00");
        assert_eq!(scientific(1e-120), "1.0000000000E-120");
        let mut text = String::new();
        block(&mut text, (1..=8).map(f64::from));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0].len(), 4 + 7 * 19);
    }

    /// Simpson's rule and Boole's; sin has the norm sqrt(1/2).
    #[test]
    fn the_norm_of_a_cycle_is_the_integral_over_its_period() {
        let simpson = newton_cotes(2);
        let right = [1.0 / 6.0, 4.0 / 6.0, 1.0 / 6.0];
        assert!(
            simpson
                .iter()
                .zip(right)
                .all(|(a, b)| (a - b).abs() < 1e-15)
        );
        let times: Vec<f64> = (0..=80).map(|k| f64::from(k) / 80.0).collect();
        let profile = times
            .iter()
            .map(|t| vec![(std::f64::consts::TAU * t).sin()]);
        let profile: Vec<Vec<f64>> = profile.collect();
        let orbit = Orbit {
            minima: &[-1.0],
            maxima: &[1.0],
            times: &times,
            profile: &profile,
        };
        assert!((norm_of_cycle(&orbit, 4) - 0.5f64.sqrt()).abs() < 1e-7);
    }

    #[test]
    fn types_are_those_of_auto() {
        assert_eq!(code(Kind::Equilibria, EventKind::Fold), 2);
        assert_eq!(code(Kind::Cycles, EventKind::BranchPoint), 6);
        assert_eq!(code(Kind::Folds, EventKind::Cusp), -22);
        assert_eq!(code(Kind::Hopfs, EventKind::GeneralizedHopf), -32);
        assert_eq!(signed(Kind::Folds, 9), 29);
        assert_eq!(signed(Kind::CycleFolds, -9), -59);
    }
}

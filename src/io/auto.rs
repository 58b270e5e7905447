//! Reads the `b.` files of AUTO-07p: a line for every point of every branch.
//!
//! ```text
//! BRANCH POINT TYPE LABEL numbers ...      a point; POINT is negative where it is stable
//! 0 ...                                    a header; the one with PT TY LAB names the columns
//! ```
//!
//! E. J. Doedel & B. E. Oldeman, *AUTO-07P: Continuation and Bifurcation Software for Ordinary Differential Equations*, section on
//! output files.

use std::path::Path;

use super::text::read_bytes;
use crate::branches::{Beside, Piece, Row};
use crate::error::{Error, Result};

const HINT: &str = "name a b. file of AUTO-07p, as b.branches of --export auto";

/// Reads a `b.` file.
///
/// # Errors
/// [`Error::Disk`] if it cannot be read, [`Error::Data`] with the line if it is no such file.
pub fn read(path: &Path) -> Result<Beside> {
    let bytes = read_bytes(path, HINT)?;
    let text = String::from_utf8_lossy(&bytes);
    let fault = |(line, what): (usize, String)| {
        Error::data_hint(path, format!("line {line}: {what}"), HINT)
    };
    let pieces = pieces(&text).map_err(fault)?;
    if pieces.is_empty() {
        return Err(Error::data_hint(path, "has no point of a branch", HINT));
    }
    let name = path.file_name().unwrap_or(path.as_os_str());
    Ok(Beside {
        name: name.to_string_lossy().into_owned(),
        pieces,
    })
}

/// The branches of a text; a fault with its line, counted from 1.
fn pieces(text: &str) -> std::result::Result<Vec<Piece>, (usize, String)> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut head = Piece::default();
    let mut number = None;
    for (k, line) in text.lines().enumerate() {
        let fault = |what: String| (k + 1, what);
        let mut words = line.split_whitespace();
        let Some(first) = words.next() else {
            continue;
        };
        let branch = first.parse::<i64>();
        let branch = branch.map_err(|_| fault(format!("{first:?} is no number of a branch")))?;
        if branch == 0 {
            // A header ends the branch before it.
            number = None;
            let parameters = line.split_once("Active continuation parameter");
            if let Some((_, names)) = parameters.and_then(|(_, rest)| rest.split_once(':')) {
                let names = names
                    .split_whitespace()
                    .map(|name| name.trim_matches(['\'', ',']));
                head.is_curve = names
                    .filter(|n| !matches!(*n, "10" | "11" | "PERIOD"))
                    .count()
                    > 1;
            }
            if let Some((_, names)) = line.split_once(" LAB") {
                let names = names
                    .split("  ")
                    .map(str::trim)
                    .filter(|name| !name.is_empty());
                head.columns = names.map(str::to_owned).collect();
            }
            continue;
        }
        if head.columns.is_empty() {
            return Err(fault(
                "a point before the line that names the columns".into(),
            ));
        }
        let mut whole = |what: &str| -> std::result::Result<i64, (usize, String)> {
            let word = words.next().unwrap_or("");
            let number = word.parse();
            number.map_err(|_| fault(format!("{word:?} is no {what}")))
        };
        let (point, kind, _) = (whole("point")?, whole("type")?, whole("label")?);
        let numbers = words.map(|word| {
            let number = real(word);
            number.ok_or_else(|| fault(format!("{word:?} is no number")))
        });
        let numbers = numbers.collect::<std::result::Result<Vec<f64>, _>>()?;
        if numbers.len() != head.columns.len() {
            let (has, named) = (numbers.len(), head.columns.len());
            return Err(fault(format!("{has} numbers under the names of {named}")));
        }
        if number.replace(branch) != Some(branch) {
            pieces.push(head.clone());
        }
        if let Some(piece) = pieces.last_mut() {
            // On a curve the tens say of what; 9 and -9 are ends, 4 and -4 values asked for.
            piece.is_curve |= kind.abs() >= 10;
            piece.points.push(Row {
                is_stable: point < 0,
                is_bifurcation: !matches!(kind.abs() % 10, 0 | 4 | 9),
                numbers,
            });
        }
    }
    Ok(pieces)
}

/// A number as Fortran writes it: of an exponent of three digits it leaves out the E.
fn real(word: &str) -> Option<f64> {
    let bare = || {
        let sign = word.rfind(['+', '-']).filter(|at| *at > 0)?;
        format!("{}E{}", &word[..sign], &word[sign..]).parse().ok()
    };
    let number = word.replace(['D', 'd'], "E").parse().ok().or_else(bare);
    // What does not fit its column is written in stars.
    number.or_else(|| word.bytes().all(|b| b == b'*').then_some(f64::NAN))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two runs as AUTO-07p lays them out, names of columns in the middle of their columns: equilibria of two states up to a Hopf
    /// point, and folds in two parameters.
    const RUNS: &str = "\
   0  0.00000E+00  2.00000E+00  0.00000E+00  1.00000E+02
   0   EPSL= 1.0E-07  EPSU = 1.0E-07  EPSS = 1.0E-05
   0   NDIM=   2   IPS =   1   IRS =   0   ILP =   1
   0   User-specified parameter:       1
   0   Active continuation parameter:  1
   0
   0    PT  TY  LAB       PAR(1)            L2-NORM             U(1)               U(2)
   1    -1   9    1   0.0000000000E+00   1.5000000000E+00  -9.0000000000E-01  -1.2000000000E+00
   1    -2   0    0   5.0000000000E-01   1.0000000000-101  -5.0000000000E-01  -9.0000000000E-01
   1     3   3    2   7.2605829000E-01   6.2000000000E-01   2.7685400000E-01   5.5370900000E-01
   0   User-specified parameters:      1   2
   0   Active continuation parameters: 1   2
   0    PT  TY  LAB       PAR(1)            L2-NORM           MAX U(1)           PAR(2)
   2     1  20    0   1.0000000000E-01   1.0000000000E+00   2.0000000000E-01   3.0000000000E-01
   2     2 -22    3   2.0000000000E-01   1.0000000000E+00   2.0000000000E-01  -4.0000000000E-01
";

    #[test]
    fn a_file_of_auto_is_read() {
        let pieces = pieces(RUNS).unwrap();
        assert_eq!(pieces.len(), 2);
        let [one, two] = [&pieces[0], &pieces[1]];
        assert_eq!(one.columns, ["PAR(1)", "L2-NORM", "U(1)", "U(2)"]);
        assert_eq!(two.columns, ["PAR(1)", "L2-NORM", "MAX U(1)", "PAR(2)"]);
        assert_eq!((one.is_curve, two.is_curve), (false, true));
        let stable: Vec<bool> = one.points.iter().map(|row| row.is_stable).collect();
        assert_eq!(stable, [true, true, false]);
        let bifurcations = pieces.iter().flat_map(|piece| &piece.points);
        let bifurcations: Vec<bool> = bifurcations.map(|row| row.is_bifurcation).collect();
        assert_eq!(bifurcations, [false, false, true, false, true]);
        assert_eq!(one.points[1].numbers, [0.5, 1e-101, -0.5, -0.9]);
        assert_eq!(one.points[2].numbers[0], 0.72605829);
        let varied = ["a", "b"].map(|name| crate::branches::Varied {
            name: name.into(),
            path: format!("parameters.{name}"),
            unit: "1".into(),
            range: [0.0, 1.0],
        });
        let columns = [0, 1].map(|index| two.column_of(&varied, index));
        assert_eq!(columns, [Some(0), Some(3)]);
        assert_eq!(one.columns_of_state(1, "y"), [3]);
        assert_eq!(two.columns_of_state(0, "x"), [2]);
    }

    #[test]
    fn what_is_no_such_file_is_refused_with_its_line() {
        let of = |text: &str| pieces(text).unwrap_err();
        assert_eq!(of("x,y\n1,2\n").0, 1);
        assert_eq!(
            of("   1   1   9   1   0.5\n").1,
            "a point before the line that names the columns"
        );
        let short = RUNS.replace("  -9.0000000000E-01", "");
        assert_eq!(of(&short), (8, "3 numbers under the names of 4".into()));
        let word = RUNS.replace("7.2605829000E-01", "0.7x");
        assert_eq!(of(&word), (10, "\"0.7x\" is no number".into()));
    }
}

//! Matrices as text: csv, tsv and plain columns, with or without a header line and a column of labels.

use std::collections::HashSet;
use std::path::Path;

use ndarray::{Array2, ArrayD};

use crate::{Error, Result};

/// Endings of the files that hold one array each.
const ENDINGS: [&str; 4] = ["npy", "csv", "tsv", "txt"];

/// A matrix and what its rows and columns are called.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// The numbers, `[n_rows, n_columns]`.
    pub values: Array2<f64>,
    /// The first column, where it is no numbers or its header is empty.
    pub row_labels: Option<Vec<String>>,
    /// The header line without the cell above the row labels.
    pub column_labels: Option<Vec<String>>,
}

/// Whether the name ends like a file that holds one array: npy, csv, tsv or txt.
pub fn is_array_file(name: &str) -> bool {
    let ending = Path::new(name)
        .extension()
        .and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| ENDINGS.contains(&ending.to_ascii_lowercase().as_str()))
}

/// Reads the array of a `.npy` file, or the matrix of a text file, as `f64`.
///
/// # Errors
/// [`Error::Disk`] where the file cannot be read, [`Error::Data`] where it holds something else.
pub fn read_array(path: &Path) -> Result<ArrayD<f64>> {
    if path
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("npy"))
    {
        return super::npy::read_f64(path);
    }
    Ok(read(path)?.values.into_dyn())
}

/// Reads the non-empty lines of a text file.
///
/// # Errors
/// [`Error::Disk`] where the file cannot be read or is not text.
pub fn read_lines(path: &Path) -> Result<Vec<String>> {
    let text = std::fs::read_to_string(path).map_err(Error::io("read", path))?;
    let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    Ok(lines
        .filter(|line| !line.is_empty())
        .map(String::from)
        .collect())
}

/// Reads a matrix from text.
///
/// Cells are separated by commas, semicolons or tabs, else by blanks (as `numpy.savetxt` writes); lines that begin with `#` are
/// comments. A first line that is no numbers is the header; a first column that is no numbers, or that stands below an empty
/// header cell, holds the row labels. Beside an empty cell, numbers are names only where they can be nothing else: whole, all
/// different, or in quotes.
///
/// # Errors
/// [`Error::Disk`] where the file cannot be read or is not text; [`Error::Data`] with line and column where a cell is no number or a
/// line has more or fewer cells than the first.
pub fn read(path: &Path) -> Result<Table> {
    let text = std::fs::read_to_string(path).map_err(Error::io("read", path))?;
    parse(&text).map_err(|message| Error::data(path, message))
}

fn parse(text: &str) -> Result<Table, String> {
    let text = text.trim_start_matches('\u{feff}');
    let mut rows = split(text)?;
    let header = match &rows[..] {
        [] => return Err("holds no numbers".into()),
        [first, below @ ..] => is_header(text, first, below).then(|| rows.remove(0).1),
    };
    if rows.is_empty() {
        return Err("holds a header line, but no numbers".into());
    }
    let below_empty = header.as_ref().is_some_and(|header| header[0].is_empty());
    let labelled = below_empty
        || rows
            .iter()
            .all(|(_, row)| row.len() > 1 && is_word(&row[0]));
    let first_number = usize::from(labelled);
    let n_columns = rows[0].1.len();
    let mut values = Vec::with_capacity(rows.len() * n_columns);
    for (line, row) in &rows {
        if row.len() != n_columns {
            return Err(format!(
                "line {line} has {} cells, but line {} has {n_columns}",
                row.len(),
                rows[0].0
            ));
        }
        for (column, cell) in row.iter().enumerate().skip(first_number) {
            let number = cell.parse::<f64>();
            values.push(number.map_err(|_| {
                format!("line {line}, column {}: {cell:?} is no number", column + 1)
            })?);
        }
    }
    let column_labels = match header {
        None => None,
        // A header may or may not have a cell above the row labels.
        Some(header) if header.len() == n_columns => Some(header[first_number..].to_vec()),
        Some(header) if labelled && header.len() + 1 == n_columns => Some(header),
        Some(header) => {
            return Err(format!(
                "the header line has {} cells, but line {} has {n_columns}",
                header.len(),
                rows[0].0
            ));
        }
    };
    let shape = (rows.len(), n_columns - first_number);
    Ok(Table {
        values: Array2::from_shape_vec(shape, values).map_err(|e| e.to_string())?,
        row_labels: labelled.then(|| {
            rows.into_iter()
                .map(|(_, mut row)| row.swap_remove(0))
                .collect()
        }),
        column_labels,
    })
}

fn is_number(cell: &str) -> bool {
    cell.parse::<f64>().is_ok()
}

/// Whether a cell can only be a name.
fn is_word(cell: &str) -> bool {
    !cell.is_empty() && !is_number(cell)
}

/// Whether the `first` line of cells holds names, beside those `below` it.
fn is_header(text: &str, (line, first): &Line, below: &[Line]) -> bool {
    let (corner, rest) = match &first[..] {
        [] => return false,
        [only] => return !is_number(only),
        [corner, rest @ ..] => (corner, rest),
    };
    let n_numbers = rest.iter().filter(|cell| is_number(cell)).count();
    // A typing error in the first line should not turn it into a header: most of its cells must be names.
    if !corner.is_empty() || n_numbers < rest.len() {
        return corner.is_empty() || 2 * n_numbers < rest.len();
    }
    // Numbers beside an empty cell are names, or a matrix that lost its first number.
    let written = |line: &usize| text.lines().nth(line - 1).unwrap_or("").trim();
    // Quotes mark names where the numbers have none.
    let is_marked = |line: &str| line.starts_with('"') && !line.ends_with('"');
    let are_marked =
        || written(line).contains('"') && below.iter().all(|(line, _)| is_marked(written(line)));
    let row_names: Vec<&String> = below.iter().filter_map(|(_, row)| row.first()).collect();
    let are_words = || row_names.iter().all(|name| is_word(name));
    are_marked() || are_counted(rest) && (are_words() || are_counted(row_names))
}

/// Whether these are whole numbers, all different, as names of regions are.
fn are_counted<'a>(names: impl IntoIterator<Item = &'a String>) -> bool {
    let mut seen = HashSet::new();
    let mut names = names.into_iter();
    names.all(|name| name.parse::<u64>().is_ok_and(|number| seen.insert(number)))
}

/// A line's number in the file, and its cells.
type Line = (usize, Vec<String>);

/// The cells of every line that holds any.
fn split(text: &str) -> Result<Vec<Line>, String> {
    let is_comment = |line: &str| line.is_empty() || line.starts_with('#');
    let lines = (1..)
        .zip(text.lines())
        .filter(|(_, line)| !is_comment(line.trim()));
    let first = lines.clone().next().map_or("", |(_, line)| line);
    let delimiter = [b',', b'\t', b';']
        .into_iter()
        .find(|&d| first.as_bytes().contains(&d));
    let cells = |line: &str| match delimiter {
        Some(delimiter) => quoted_cells(line, delimiter),
        None => Ok(line.split_whitespace().map(String::from).collect()),
    };
    lines
        .map(|(number, line)| match cells(line) {
            Ok(cells) => Ok((number, cells)),
            Err(e) => Err(format!("line {number}: {e}")),
        })
        .collect()
}

/// The cells of one line, which may stand in quotes.
fn quoted_cells(line: &str, delimiter: u8) -> csv::Result<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .trim(csv::Trim::All)
        .delimiter(delimiter)
        .from_reader(line.as_bytes());
    let mut record = csv::StringRecord::new();
    reader.read_record(&mut record)?;
    Ok(record.iter().map(String::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn the_usual_layouts_give_the_same_numbers() {
        let expected = array![[0.0, 0.5], [2e-3, 1.0]];
        let plain = [
            "0,0.5\n2e-3,1\n",
            "0\t0.5\n0.002\t1",
            "0;0.5\n0.002;1\n",
            "# sc\n 0.0  5e-1\n\n2e-3 1\n",
            "\u{feff}0,0.5\r\n2e-3,1\r\n",
        ];
        for text in plain {
            let table = parse(text).unwrap();
            assert_eq!(
                (table.values, table.row_labels, table.column_labels),
                (expected.clone(), None, None),
                "{text:?}"
            );
        }
        let names = Some(vec!["left, A".to_string(), "B".to_string()]);
        for (text, rows, columns) in [
            ("\"left, A\",B\n0,0.5\n2e-3,1\n", &None, &names),
            ("\"left, A\",0,0.5\nB,2e-3,1\n", &names, &None),
            (
                ",\"left, A\",B\n\"left, A\",0,0.5\nB,2e-3,1\n",
                &names,
                &names,
            ),
            (
                "\"left, A\",B\n\"left, A\",0,0.5\nB,2e-3,1\n",
                &names,
                &names,
            ),
        ] {
            let table = parse(text).unwrap();
            assert_eq!(
                (&table.values, &table.row_labels, &table.column_labels),
                (&expected, rows, columns),
                "{text:?}"
            );
        }
        let numbered = parse(",0,1\n0,0,0.5\n1,2e-3,1\n").unwrap();
        assert_eq!(
            (numbered.values, numbered.row_labels),
            (expected, Some(vec!["0".into(), "1".into()]))
        );
    }

    #[test]
    fn numbers_beside_an_empty_cell_are_names_only_where_they_can_be() {
        for names in ["1,2", "1002,1001", "0,1"] {
            let (a, b) = names.split_once(',').unwrap();
            for (a_row, b_row) in [(a, b), ("V1", "MT")] {
                let table = parse(&format!(",{names}\n{a_row},0,5\n{b_row},5,0\n")).unwrap();
                assert_eq!(table.values, array![[0.0, 5.0], [5.0, 0.0]]);
                assert_eq!(table.column_labels.unwrap(), [a, b]);
                assert_eq!(table.row_labels.unwrap(), [a_row, b_row]);
            }
        }
        let quoted = parse("\"\",\"0.5\",\"1.5\"\n\"0.5\",0,5\n\"1.5\",5,0\n").unwrap();
        assert_eq!(quoted.column_labels.unwrap(), ["0.5", "1.5"]);
        for lost in [
            ",0.5,0.2\n0.5,0,0.1\n0.2,0.1,0\n",
            ",5,5\n5,0,1\n5,1,0\n",
            ",1,2\n3.5,0,1\n2.5,1,0\n",
            ",1,2\n,0,1\n,1,0\n",
        ] {
            assert_eq!(
                parse(lost).unwrap_err(),
                "line 1, column 1: \"\" is no number",
                "{lost:?}"
            );
        }
    }

    #[test]
    fn errors_tell_line_and_column() {
        assert_eq!(
            parse("1,2\n\n3,x\n").unwrap_err(),
            "line 3, column 2: \"x\" is no number"
        );
        assert_eq!(
            parse("1,2\n3\n").unwrap_err(),
            "line 2 has 1 cells, but line 1 has 2"
        );
        assert_eq!(
            parse("1 2\n3,\n").unwrap_err(),
            "line 2 has 1 cells, but line 1 has 2"
        );
        assert_eq!(
            parse("a,b,c\n1,2\n").unwrap_err(),
            "the header line has 3 cells, but line 2 has 2"
        );
        assert_eq!(parse("# nothing\n").unwrap_err(), "holds no numbers");
        assert_eq!(
            parse("a,b\n").unwrap_err(),
            "holds a header line, but no numbers"
        );
    }

    #[test]
    fn a_single_number_is_a_matrix() {
        assert_eq!(parse("3\n").unwrap().values, array![[3.0]]);
    }

    #[test]
    fn array_files_are_known_by_their_ending() {
        assert!(
            is_array_file("a/weights.CSV")
                && is_array_file("D.npy")
                && !is_array_file("Dmat")
                && !is_array_file("hcp.npz")
        );
    }
}

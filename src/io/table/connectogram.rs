//! Connectograms of DSI Studio: two lines with the sums and names of the regions, then a line for each.
//!
//! ```text
//! data  data  14    9     ...
//! data  data  L_V1  R_V1  ...
//! 14    L_V1  0     7     ...
//! ```

use ndarray::Array2;

use super::Table;
use super::split::{Line, number};

/// Reads a connectogram; `None` where the lines are none.
///
/// # Errors
/// Where a line has fewer numbers than there are regions, or a cell is no number.
pub(super) fn connectogram(lines: &[Line]) -> Result<Option<Table>, String> {
    let begins_so = |(_, row): &Line| row.len() > 2 && row[..2] == ["data", "data"];
    let [sums, (_, names), rows @ ..] = lines else {
        return Ok(None);
    };
    if !begins_so(sums) || names.len() < 3 || names[..2] != ["data", "data"] {
        return Ok(None);
    }
    // Every line ends with a tab.
    let names: Vec<String> = names[2..]
        .iter()
        .filter(|name| !name.is_empty())
        .cloned()
        .collect();
    let n = names.len();
    let mut values = Vec::new();
    for (line, row) in rows {
        let Some(cells) = row.get(2..n + 2) else {
            return Err(format!(
                "line {line} has fewer numbers than there are regions, {n}"
            ));
        };
        for (column, cell) in cells.iter().enumerate() {
            let value = number(cell);
            values.push(value.ok_or_else(|| {
                format!("line {line}, column {}: {cell:?} is no number", column + 3)
            })?);
        }
    }
    let values = Array2::from_shape_vec((rows.len(), n), values).map_err(|e| e.to_string())?;
    let rows = rows.iter().map(|(_, row)| row[1].clone()).collect();
    Ok(Some(Table {
        values,
        row_labels: Some(rows),
        column_labels: Some(names),
    }))
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::super::parse;

    #[test]
    fn a_connectogram_is_a_matrix_with_names() {
        let text =
            "data\tdata\t14\t9\t\ndata\tdata\tL_V1\tR_V1\t\n14\tL_V1\t0\t7\t\n9\tR_V1\t2.5\t0\t\n";
        let table = parse(text).unwrap();
        assert_eq!(table.values, array![[0.0, 7.0], [2.5, 0.0]]);
        assert_eq!(table.row_labels.unwrap(), ["L_V1", "R_V1"]);
        assert_eq!(table.column_labels.unwrap(), ["L_V1", "R_V1"]);
        let cut = "data\tdata\t14\t9\t\ndata\tdata\tL_V1\tR_V1\t\n14\tL_V1\t0\n";
        assert!(parse(cut).unwrap_err().contains("line 3"));
        let wrong = text.replace("2.5", "x");
        assert_eq!(
            parse(&wrong).unwrap_err(),
            "line 4, column 3: \"x\" is no number"
        );
    }
}

//! One column of a table whose other columns may hold anything.

use super::is_word;
use super::split::{Line, number, split};

/// A column, cell by cell.
#[derive(Debug, PartialEq)]
pub struct Column {
    /// The number of each cell's line in the file, and the cell.
    pub cells: Vec<(usize, String)>,
    /// The names in the table's first column, if it holds names and is another one.
    pub rows: Option<Vec<String>>,
}

/// The column under the header `key`, or the headers that there are.
pub(super) fn column(text: &str, key: &str) -> Result<Result<Column, Vec<String>>, String> {
    let mut lines = split(text)?.into_iter();
    let Some((_, mut header)) = lines.next() else {
        return Err("holds no table".into());
    };
    let lines: Vec<Line> = lines.collect();
    let n_columns = lines.first().map_or(0, |(_, row)| row.len());
    // A header may have no cell above the names of the rows.
    if header.len() + 1 == n_columns {
        header.insert(0, String::new());
    }
    let wrong = lines.iter().find(|(_, row)| row.len() != header.len());
    if let Some((line, row)) = wrong {
        let (found, expected) = (row.len(), header.len());
        return Err(format!(
            "line {line} has {found} cells, but the header line has {expected}"
        ));
    }
    if header.iter().all(|cell| number(cell).is_some()) {
        return Ok(Err(Vec::new()));
    }
    let Some(place) = header.iter().position(|name| name == key) else {
        header.retain(|name| !name.is_empty());
        return Ok(Err(header));
    };
    let are_names = place > 0 && lines.iter().all(|(_, row)| is_word(&row[0]));
    let has_names = are_names || place > 0 && header[0].is_empty();
    let cells = lines.iter().map(|(line, row)| (*line, row[place].clone()));
    Ok(Ok(Column {
        cells: cells.collect(),
        rows: has_names.then(|| lines.iter().map(|(_, row)| row[0].clone()).collect()),
    }))
}

impl Column {
    /// The cells as numbers.
    pub fn numbers(&self) -> Result<Vec<f64>, String> {
        let number = |(line, cell): &(usize, String)| {
            number(cell).ok_or_else(|| format!("line {line}: {cell:?} is no number"))
        };
        self.cells.iter().map(number).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_read_beside_others_of_any_kind() {
        let text = "region,network,myelin\nL_V1,Visual,1.5\nR_V1,Visual,1.25\n";
        let of = |key: &str| column(text, key).unwrap();
        let myelin = of("myelin").unwrap();
        assert_eq!(myelin.numbers().unwrap(), [1.5, 1.25]);
        assert_eq!(myelin.rows.unwrap(), ["L_V1", "R_V1"]);
        let network = of("network").unwrap();
        assert_eq!(network.cells[1], (3, "Visual".into()));
        assert_eq!(
            network.numbers().unwrap_err(),
            "line 2: \"Visual\" is no number"
        );
        assert_eq!(of("region").unwrap().rows, None);
        assert_eq!(of("mylein").unwrap_err(), ["region", "network", "myelin"]);
        // A header without a cell above the names, as R writes it; and none at all.
        let r = column("a b\nx 1 2\ny 3 4\n", "b").unwrap().unwrap();
        assert_eq!(r.numbers().unwrap(), [2.0, 4.0]);
        assert_eq!(r.rows.unwrap(), ["x", "y"]);
        assert_eq!(column("1,2\n3,4\n", "a").unwrap().unwrap_err().len(), 0);
        assert!(column("", "a").is_err() && column("a,b\n1\n", "a").is_err());
    }
}

//! One column of a table whose other columns may hold anything.

use std::collections::HashSet;

use super::is_word;
use super::split::{Line, number, split};

/// A column, cell by cell.
#[derive(Debug, PartialEq)]
pub struct Column {
    /// The number of each cell's line in the file, and the cell.
    pub cells: Vec<(usize, String)>,
    /// What the rows may be called, likeliest first: the first column, if it holds names and is another one, then all others whose
    /// cells differ.
    pub rows: Vec<Vec<String>>,
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
    let mut places = (0..header.len()).filter(|&place| header[place] == key);
    let Some(place) = places.next() else {
        header.retain(|name| !name.is_empty());
        return Ok(Err(header));
    };
    if places.next().is_some() {
        return Err(format!("two columns are called {key:?}"));
    }
    let names = |column: usize| lines.iter().map(move |(_, row)| row[column].clone());
    let is_first = |column: usize| {
        column == 0 && (header[0].is_empty() || names(0).all(|name| is_word(&name)))
    };
    let are_different = |column: usize| {
        let mut seen = HashSet::new();
        names(column).all(|name| !name.is_empty() && seen.insert(name))
    };
    let columns = (0..header.len()).filter(|&column| column != place);
    let columns = columns.filter(|&column| is_first(column) || are_different(column));
    let rows = columns.map(|column| names(column).collect()).collect();
    let cells = lines.iter().map(|(line, row)| (*line, row[place].clone()));
    Ok(Ok(Column {
        cells: cells.collect(),
        rows,
    }))
}

impl Column {
    /// What the rows are called, by the column that has the most of `regions`; if none has any, by the first that holds words; `None`
    /// where there is none.
    pub fn names(&self, regions: &[String]) -> Option<&[String]> {
        let regions: HashSet<&String> = regions.iter().collect();
        let n_known =
            |names: &&Vec<String>| names.iter().filter(|name| regions.contains(name)).count();
        // Of equals the last is the largest.
        let best = self
            .rows
            .iter()
            .rev()
            .max_by_key(n_known)
            .filter(|names| n_known(names) > 0);
        let are_words = |names: &&Vec<String>| names.iter().all(|name| is_word(name));
        let found = best.or_else(|| self.rows.iter().find(are_words));
        found.map(Vec::as_slice)
    }

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
        let regions = |names: &[&str]| names.iter().map(|n| n.to_string()).collect::<Vec<_>>();
        assert_eq!(myelin.names(&[]).unwrap(), ["L_V1", "R_V1"]);
        let network = of("network").unwrap();
        assert_eq!(network.cells[1], (3, "Visual".into()));
        assert_eq!(
            network.numbers().unwrap_err(),
            "line 2: \"Visual\" is no number"
        );
        assert_eq!(of("region").unwrap().names(&regions(&["L_V1"])), None);
        // Names may stand in any column, and numbers may be names.
        let text = "myelin,network,region,id\n1.5,A,L_V1,12\n1.25,A,R_V1,11\n";
        let myelin = column(text, "myelin").unwrap().unwrap();
        for names in [["R_V1", "L_V1"], ["11", "12"]] {
            let found = myelin.names(&regions(&names)).unwrap();
            assert_eq!(found, [names[1], names[0]]);
        }
        assert_eq!(myelin.names(&regions(&["V2"])).unwrap(), ["L_V1", "R_V1"]);
        let twice = column("a,b,b\nx,1,2\n", "b").unwrap_err();
        assert_eq!(twice, "two columns are called \"b\"");
        assert_eq!(of("mylein").unwrap_err(), ["region", "network", "myelin"]);
        // A header without a cell above the names, as R writes it; and none at all.
        let r = column("a b\nx 1 2\ny 3 4\n", "b").unwrap().unwrap();
        assert_eq!(r.numbers().unwrap(), [2.0, 4.0]);
        assert_eq!(r.names(&[]).unwrap(), ["x", "y"]);
        assert_eq!(column("1,2\n3,4\n", "a").unwrap().unwrap_err().len(), 0);
        assert!(column("", "a").is_err() && column("a,b\n1\n", "a").is_err());
    }
}

//! Lists of connections: a line for each, with its ends, its weight and perhaps its length.

use ndarray::Array2;

use super::split::{number, split};

const SOURCES: [&str; 5] = ["source", "from", "pre", "sender", "node1"];
const TARGETS: [&str; 5] = ["target", "to", "post", "receiver", "node2"];
const WEIGHTS: [&str; 6] = ["weight", "weights", "w", "strength", "count", "value"];
const LENGTHS: [&str; 5] = ["length", "tract_length", "length_mm", "distance", "len"];

/// The connections of a list as matrices.
#[derive(Debug)]
pub(in crate::io) struct Edges {
    /// In order of first appearance, the source of a line before its target; numbers are sorted.
    pub(in crate::io) names: Vec<String>,
    /// `[target, source]`; 0 where no connection is listed.
    pub(in crate::io) weights: Array2<f64>,
    /// `[target, source]`, where the list has a column of lengths.
    pub(in crate::io) lengths: Option<Array2<f64>>,
}

/// Reads a list of connections; `None` where the header does not name both ends and a weight.
///
/// # Errors
/// Where a cell is no number, a connection is listed twice, or the list has too many regions for a matrix.
pub(in crate::io) fn edges(text: &str) -> Result<Option<Edges>, String> {
    const MOST: usize = 20_000;
    // Most texts are none: their first line says so.
    let first = text
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with('#') && !line.starts_with("sep="));
    let first = split(first.unwrap_or_default())?;
    let Some((_, header)) = first.first() else {
        return Ok(None);
    };
    let column = |names: &[&str]| {
        header
            .iter()
            .position(|cell| names.contains(&cell.to_ascii_lowercase().as_str()))
    };
    let (Some(source), Some(target), Some(weight)) =
        (column(&SOURCES), column(&TARGETS), column(&WEIGHTS))
    else {
        return Ok(None);
    };
    let lines = split(text)?;
    let rows = lines.get(1..).unwrap_or_default();
    let length = column(&LENGTHS);
    let mut names: Vec<String> = Vec::new();
    let mut places = std::collections::HashMap::new();
    let mut place = |name: &String| {
        *places.entry(name.clone()).or_insert_with(|| {
            names.push(name.clone());
            names.len() - 1
        })
    };
    let mut edges = Vec::new();
    for (line, row) in rows {
        let cell = |column: usize| {
            let cell = row.get(column);
            cell.ok_or_else(|| {
                format!(
                    "line {line} has {} cells, but the header has {}",
                    row.len(),
                    header.len()
                )
            })
        };
        let value = |column: usize| {
            let cell = cell(column)?;
            number(cell)
                .ok_or_else(|| format!("line {line}, column {}: {cell:?} is no number", column + 1))
        };
        let from = place(cell(source)?);
        let ends = (place(cell(target)?), from);
        let length = length.map(value).transpose()?;
        edges.push((*line, ends, value(weight)?, length));
    }
    let n = names.len();
    if n == 0 || n > MOST {
        return Err(format!("lists connections of {n} regions"));
    }
    let mut weights = Array2::zeros((n, n));
    let mut lengths = length.map(|_| Array2::zeros((n, n)));
    let mut seen = std::collections::HashSet::new();
    let (names, place_of) = in_order(names);
    for (line, (target, source), weight, length) in edges {
        let (target, source) = (place_of[target], place_of[source]);
        if !seen.insert((target, source)) {
            return Err(format!(
                "line {line} lists the connection from {:?} to {:?} a second time",
                names[source], names[target]
            ));
        }
        weights[[target, source]] = weight;
        if let (Some(lengths), Some(length)) = (&mut lengths, length) {
            lengths[[target, source]] = length;
        }
    }
    Ok(Some(Edges {
        names,
        weights,
        lengths,
    }))
}

/// The names in the order that they are to have, and the place of each in it.
fn in_order(names: Vec<String>) -> (Vec<String>, Vec<usize>) {
    let n = names.len();
    let numbers: Option<Vec<u64>> = names.iter().map(|name| name.parse().ok()).collect();
    let mut order: Vec<usize> = (0..n).collect();
    if let Some(numbers) = numbers {
        order.sort_by_key(|&index| numbers[index]);
    }
    let mut place_of = vec![0; n];
    for (place, &index) in order.iter().enumerate() {
        place_of[index] = place;
    }
    let names = order.iter().map(|&index| names[index].clone()).collect();
    (names, place_of)
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn names_keep_their_order_and_numbers_are_sorted() {
        let text = "from\tto\tweight\n3\t1\t2\n1\t10\t5\n";
        let found = edges(text).unwrap().unwrap();
        assert_eq!(found.names, ["1", "3", "10"]);
        assert_eq!(
            found.weights,
            array![[0.0, 2.0, 0.0], [0.0; 3], [5.0, 0.0, 0.0]]
        );
        let found = edges("source,target,w,length\nV1,MT,2,30\n")
            .unwrap()
            .unwrap();
        assert_eq!(found.names, ["V1", "MT"]);
        assert_eq!(
            (found.weights[[1, 0]], found.lengths.unwrap()[[1, 0]]),
            (2.0, 30.0)
        );
        assert!(edges("a,b\n1,2\n").unwrap().is_none());
        for (wrong, part) in [
            ("source,target,weight\nA,B,1\nA,B,2\n", "a second time"),
            ("source,target,weight\nA,B,x\n", "no number"),
            ("source,target,weight\nA,B\n", "has 2 cells"),
        ] {
            assert!(edges(wrong).unwrap_err().contains(part), "{wrong}");
        }
    }
}

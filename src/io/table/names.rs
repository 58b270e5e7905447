//! Names of regions as text: one a line, all in one line, or a column of a table.

use super::is_word;
use super::split::{number, split};

/// What columns of names are called.
const HEADERS: [&str; 8] = [
    "name",
    "names",
    "label",
    "labels",
    "region",
    "regions",
    "labelname",
    "region_name",
];

/// The names that a text lists.
///
/// Taken are the column with a usual header (`name`, `label`), the second column behind a number (colour tables of MRtrix and
/// FreeSurfer), the first column before numbers (`centres.txt` of The Virtual Brain), the cells of a single line, or whole lines.
pub(in crate::io) fn names(text: &str) -> Vec<String> {
    let Ok(lines) = split(text) else {
        return whole_lines(text);
    };
    let rows: Vec<&Vec<String>> = lines.iter().map(|(_, row)| row).collect();
    let column = |column: usize, skip: usize| {
        let cells = rows[skip..].iter().map(|row| row.get(column).cloned());
        cells.collect::<Option<Vec<String>>>()
    };
    let is_header = |cell: &String| HEADERS.contains(&cell.to_ascii_lowercase().as_str());
    let all = |rule: &dyn Fn(&[String]) -> bool| rows.iter().all(|row| rule(row));
    let [first, below @ ..] = &rows[..] else {
        return Vec::new();
    };
    let titled = (0..first.len()).filter(|&place| is_header(&first[place]));
    let titled = titled.filter(|_| !below.is_empty());
    // Beside a name, a label may be a number.
    let are_words =
        |&place: &usize| column(place, 1).is_some_and(|all| all.iter().all(|cell| is_word(cell)));
    let place = titled.clone().find(are_words).or(titled.clone().next());
    let found = if let Some(place) = place {
        column(place, 1)
    } else if all(&|row| row.len() > 1 && number(&row[0]).is_some() && is_word(&row[1])) {
        column(1, 0)
    } else if all(&|row| {
        row.len() > 1 && is_word(&row[0]) && row[1..].iter().all(|cell| number(cell).is_some())
    }) {
        column(0, 0)
    } else if below.is_empty() {
        Some((*first).clone())
    } else {
        None
    };
    found.unwrap_or_else(|| whole_lines(text))
}

/// The lines that hold anything, without quotes around them.
fn whole_lines(text: &str) -> Vec<String> {
    let lines = text.lines().map(|line| line.trim().trim_matches('"'));
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(String::from).collect()
}

//! From a text to the cells of its lines.

/// A line's number in the file, and its cells.
pub(super) type Line = (usize, Vec<String>);

/// The number that a cell holds. What is missing, as R and BIDS write it, is NaN.
pub(super) fn number(cell: &str) -> Option<f64> {
    match cell {
        "n/a" | "N/A" | "NA" => Some(f64::NAN),
        _ => cell.parse().ok(),
    }
}

/// The cells of every line that holds any; those with decimal commas have points.
pub(super) fn split(text: &str) -> Result<Vec<Line>, String> {
    let is_comment = |line: &str| line.is_empty() || line.starts_with('#');
    let mut lines = (1..)
        .zip(text.lines())
        .filter(|(_, line)| !is_comment(line.trim()))
        .peekable();
    let first = lines.peek().map_or("", |(_, line)| line);
    let delimiter = match said(first) {
        Some(delimiter) => {
            lines.next();
            Some(delimiter)
        }
        None => delimiter(first),
    };
    let cells = |line: &str| match delimiter {
        Some(delimiter) => quoted_cells(line, delimiter).map_err(|error| error.to_string()),
        None => Ok(blank_cells(line)),
    };
    let mut all = Vec::new();
    for (number, line) in lines {
        let cells = cells(line).map_err(|error| format!("line {number}: {error}"))?;
        all.push((number, cells));
    }
    if delimiter != Some(b',') {
        no_thousands(&all, delimiter)?;
        decimal_commas(&mut all)?;
    }
    Ok(all)
}

/// Refuses tables whose commas, or between semicolons points, may separate thousands: three digits stand behind every one of them, and
/// whole numbers stand in the same column.
fn no_thousands(lines: &[Line], delimiter: Option<u8>) -> Result<(), String> {
    let marks: &[char] = match delimiter {
        Some(b';') => &[',', '.'],
        _ => &[','],
    };
    for &mark in marks {
        let cells = lines
            .iter()
            .flat_map(|(line, cells)| cells.iter().map(move |cell| (line, cell)));
        let mut marked =
            cells.filter(|(_, cell)| cell.contains(mark) && is_written_as_number(cell));
        let Some((line, first)) = marked.clone().next() else {
            continue;
        };
        if !marked.all(|(_, cell)| has_thousands(cell, mark)) {
            continue;
        }
        let n_columns = lines.iter().map(|(_, cells)| cells.len()).max();
        let is_doubtful = (0..n_columns.unwrap_or(0)).any(|column| {
            let cells = || lines.iter().filter_map(|(_, cells)| cells.get(column));
            let is_whole = |cell: &String| cell.parse::<u64>().is_ok_and(|number| number > 0);
            cells().any(|cell| has_thousands(cell, mark) && cell.contains(mark))
                && cells().any(is_whole)
        });
        if is_doubtful {
            let name = if mark == ',' { "comma" } else { "point" };
            return Err(format!(
                "line {line}: the {name} in {first:?} may separate thousands or decimals, and so in all numbers of the table; \
                 write thousands without it, or the whole numbers of a table with decimals as 2.0"
            ));
        }
    }
    Ok(())
}

/// Whether a cell holds digits and marks alone.
fn is_written_as_number(cell: &str) -> bool {
    let cell = cell.strip_prefix(['-', '+']).unwrap_or(cell);
    cell.starts_with(|c: char| c.is_ascii_digit())
        && cell
            .chars()
            .all(|c| c.is_ascii_digit() || ",.eE+-".contains(c))
}

/// Whether a cell is written as thousands are: 1,234 or 12,345,678.
fn has_thousands(cell: &str, mark: char) -> bool {
    let mut parts = cell.split(mark);
    let first = parts.next().unwrap_or_default();
    let are_digits = |part: &str| part.bytes().all(|c| c.is_ascii_digit());
    (1..=3).contains(&first.len())
        && !first.starts_with('0')
        && are_digits(first)
        && parts.all(|part| part.len() == 3 && are_digits(part))
}

/// What a first line says that separates the cells of the others, as Excel's `sep=;`.
fn said(line: &str) -> Option<u8> {
    match line.trim_end().strip_prefix("sep=")?.as_bytes() {
        [delimiter] => Some(*delimiter),
        // A tab.
        [] => line.ends_with('\t').then_some(b'\t'),
        _ => None,
    }
}

/// What separates the cells of a line; `None` for blanks.
fn delimiter(line: &str) -> Option<u8> {
    // Between blanks, "0,5" is a number.
    let blanks = blank_cells(line);
    let is_decimal = blanks.len() > 1 && blanks.iter().all(|cell| has_decimal_comma(cell));
    let candidates = match is_decimal {
        true => &b";\t"[..],
        false => b";\t,|",
    };
    let mut candidates = candidates.iter().copied();
    candidates.find(|&delimiter| line.as_bytes().contains(&delimiter))
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

/// The cells of one line between blanks; quotes hold a cell with blanks together.
fn blank_cells(line: &str) -> Vec<String> {
    if !line.contains('"') {
        return line.split_whitespace().map(String::from).collect();
    }
    let mut cells = Vec::new();
    let mut rest = line.trim();
    while !rest.is_empty() {
        let quoted = rest.strip_prefix('"').and_then(|rest| rest.split_once('"'));
        let (cell, after) = match quoted {
            Some(found) => found,
            None => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
        };
        cells.push(cell.into());
        rest = after.trim_start();
    }
    cells
}

/// Whether a cell is a number with a decimal comma: digits on both sides of one comma.
fn has_decimal_comma(cell: &str) -> bool {
    let Some((whole, rest)) = cell.split_once(',') else {
        return false;
    };
    let whole = whole.strip_prefix(['-', '+']).unwrap_or(whole);
    let digits = rest.split(['e', 'E']).next().unwrap_or_default();
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
    are_digits(whole) && are_digits(digits) && cell.replacen(',', ".", 1).parse::<f64>().is_ok()
}

/// Turns decimal commas into points.
///
/// # Errors
/// Where other numbers of the table have decimal points: a comma may then part thousands.
fn decimal_commas(lines: &mut [Line]) -> Result<(), String> {
    let cells = || {
        lines
            .iter()
            .flat_map(|(line, cells)| cells.iter().map(move |cell| (line, cell)))
    };
    let Some((line, comma)) = cells().find(|(_, cell)| has_decimal_comma(cell)) else {
        return Ok(());
    };
    let has_point = |cell: &str| cell.contains('.') && cell.parse::<f64>().is_ok();
    if let Some((_, point)) = cells().find(|(_, cell)| has_point(cell)) {
        return Err(format!(
            "line {line}: {comma:?} has a decimal comma, but {point:?} has a decimal point; write one of them everywhere"
        ));
    }
    for (_, cells) in lines {
        for cell in cells.iter_mut().filter(|cell| has_decimal_comma(cell)) {
            *cell = cell.replacen(',', ".", 1);
        }
    }
    Ok(())
}

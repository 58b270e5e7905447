//! Reads the text files that people write: studies, models, couplings.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::error::{Error, Result};

/// The longest text, in bytes. What is longer is a device, or data under a wrong name.
const LONGEST: u64 = 16 << 20;

/// The most values of a text in TOML. Each keeps where it was written, which takes 150 bytes.
const MOST_VALUES: usize = 1 << 18;

/// Reads all of a file's bytes, up to the longest text.
///
/// # Errors
/// [`Error::Disk`] if it cannot be read; [`Error::Data`] with the `hint` if it is a folder or too long.
pub(super) fn read_bytes(path: &Path, hint: &str) -> Result<Vec<u8>> {
    if path.is_dir() {
        return Err(Error::data_hint(path, "is a folder", hint));
    }
    let file = File::open(path).map_err(Error::io("read", path))?;
    let mut bytes = Vec::new();
    let read = file.take(LONGEST + 1).read_to_end(&mut bytes);
    let n_bytes = read.map_err(Error::io("read", path))? as u64;
    if n_bytes > LONGEST {
        let problem = format!("is longer than {} MiB", LONGEST >> 20);
        return Err(Error::data_hint(path, problem, hint));
    }
    Ok(bytes)
}

/// Reads a text in TOML.
///
/// # Errors
/// As [`read_bytes`]; [`Error::Data`] with the `hint` if it is not UTF-8, and if it holds too many values.
pub(super) fn read_text(path: &Path, hint: &str) -> Result<String> {
    let bytes = read_bytes(path, hint)?;
    let text = String::from_utf8(bytes);
    let text = text.map_err(|_| Error::data_hint(path, "is no text in UTF-8", hint))?;
    match line_of_too_many(&text) {
        None => Ok(text),
        Some(line) => {
            let problem = format!("line {line}: more than {MOST_VALUES} values");
            let hint = "write long lists into a file of their own: { file = \"values.npy\" }";
            Err(Error::data_hint(path, problem, hint))
        }
    }
}

/// The line in which a text in TOML comes to hold too many values, by the commas, equals signs and brackets outside strings and
/// comments. Counted before the text is parsed, which takes some hundred bytes of memory for each value.
fn line_of_too_many(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut n_values, mut line) = (0, 0, 1);
    while at < bytes.len() {
        let end = match bytes[at] {
            b'#' => {
                at + bytes[at..]
                    .iter()
                    .position(|&c| c == b'\n')
                    .unwrap_or(bytes.len() - at)
            }
            b'"' | b'\'' => end_of_string(bytes, at),
            _ => at + 1,
        };
        n_values += usize::from(b",=[".contains(&bytes[at]));
        if n_values > MOST_VALUES {
            return Some(line);
        }
        line += bytes[at..end].iter().filter(|&&c| c == b'\n').count();
        at = end;
    }
    None
}

/// Where a string of TOML ends that begins at `start`: behind its quotes, or at the end of the line or text that lacks them.
fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let quote = bytes[start];
    let is_long = bytes[start..].starts_with(&[quote; 3]);
    let quotes = if is_long { 3 } else { 1 };
    let mut at = start + quotes;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quote == b'"' => at += 1,
            b'\n' if !is_long => return at,
            c if c == quote && (!is_long || bytes[at..].starts_with(&[quote; 3])) => {
                return at + quotes;
            }
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_outside_strings_and_comments() {
        let many = MOST_VALUES + 1;
        assert_eq!(
            line_of_too_many(&format!("a = 1\nx = [{}]", "1,".repeat(many))),
            Some(2)
        );
        assert_eq!(line_of_too_many(&"a=1\n".repeat(many)), Some(many));
        let marks = ",".repeat(many);
        for text in [
            format!("x = \"{marks}\""),
            format!("x = '{marks}'"),
            format!("# {marks}\nx = 1"),
            format!("x = \"\"\"\n\" {marks} \"\"\""),
            format!("x = '''\n' {marks} '''"),
            format!("x = \"\\\" {marks}\""),
        ] {
            assert_eq!(line_of_too_many(&text), None, "{:.20}", text);
            // What comes after the string counts again.
            let more = format!("{text}\ny = [{marks}]");
            assert!(line_of_too_many(&more).is_some(), "{:.20}", more);
        }
    }

    #[test]
    fn what_is_no_text_or_too_long_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            read_text(&path, "write one")
        };
        assert_eq!(file("a", b"x = 1").unwrap(), "x = 1");
        let error = file("b", b"\xff\xfe").unwrap_err().report();
        assert!(
            error.ends_with("is no text in UTF-8\nhint: write one"),
            "{error}"
        );
        let long = vec![b' '; LONGEST as usize];
        assert_eq!(file("c", &long).unwrap().len(), long.len());
        let error = file("d", &[&long[..], b" "].concat()).unwrap_err();
        assert!(error.report().contains("longer than 16 MiB"), "{error}");
        assert!(read_text(folder.path(), "write one").is_err());
    }
}

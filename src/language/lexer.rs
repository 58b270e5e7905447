//! From characters to words.

use std::ops::Range;

use super::text::Fault;

/// A word of the language.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Number(f64),
    Name(String),
    /// An operator or a bracket.
    Sign(&'static str),
    /// The end of a line outside brackets.
    Newline,
    /// The end of the text.
    End,
}

/// Longer signs first.
const SIGNS: [&str; 18] = [
    "**", "<=", ">=", "==", "!=", "+", "-", "*", "/", "^", "(", ")", ",", "=", "<", ">", "'", "&",
];
/// Operators after which a line goes on.
const GOES_ON: [&str; 11] = ["+", "-", "*", "/", "^", ",", "=", "<", ">", "<=", ">="];

/// The words of a text, each with its place; [`Token::End`] last.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, Range<usize>)>, Fault> {
    let mut tokens: Vec<(Token, Range<usize>)> = Vec::new();
    let mut at = 0;
    let mut depth = 0usize;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let length = if c == '#' {
            rest.find('\n').unwrap_or(rest.len())
        } else if c == '\n' {
            let goes_on =
                matches!(tokens.last(), Some((Token::Sign(sign), _)) if GOES_ON.contains(sign));
            if depth == 0 && !goes_on {
                tokens.push((Token::Newline, at..at + 1));
            }
            1
        } else if c.is_whitespace() {
            c.len_utf8()
        } else if c.is_ascii_digit()
            || (c == '.' && rest[1..].starts_with(|d: char| d.is_ascii_digit()))
        {
            let length = number_length(rest);
            let number = rest[..length].parse().ok().filter(|x: &f64| x.is_finite());
            let Some(number) = number else {
                return Err(Fault::at(
                    at..at + length,
                    format!("`{}` is no number", &rest[..length]),
                ));
            };
            if rest[length..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
                let word =
                    rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.'));
                let word = &rest[..word.unwrap_or(rest.len())];
                return Err(Fault::at(
                    at..at + word.len(),
                    format!(
                        "`{word}` is neither a number nor a name; write `*` between a number and what it multiplies"
                    ),
                ));
            }
            tokens.push((Token::Number(number), at..at + length));
            length
        } else if c.is_ascii_alphabetic() {
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            let length = end.unwrap_or(rest.len());
            tokens.push((Token::Name(rest[..length].into()), at..at + length));
            length
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            let advice = match *sign {
                "**" => Some("a power is written `^`"),
                "==" | "!=" | "&" => {
                    Some("conditions are `<`, `<=`, `>` or `>=` between two numbers")
                }
                _ => None,
            };
            if let Some(advice) = advice {
                return Err(Fault::at(
                    at..at + sign.len(),
                    format!("`{sign}` is not known here; {advice}"),
                ));
            }
            match *sign {
                "(" => depth += 1,
                ")" => depth = depth.saturating_sub(1),
                _ => {}
            }
            tokens.push((Token::Sign(sign), at..at + sign.len()));
            sign.len()
        } else {
            let advice = match c {
                '[' | '{' => "; only round brackets group",
                '·' | '×' => "; a product is written `*`",
                '−' | '–' => "; a difference is written `-`",
                _ if c.is_alphabetic() || c == '_' => {
                    "; names are of the letters a to z, digits and `_`, a letter first"
                }
                _ => "",
            };
            return Err(Fault::at(
                at..at + c.len_utf8(),
                format!("`{c}` means nothing here{advice}"),
            ));
        };
        at += length;
    }
    tokens.push((Token::End, text.len()..text.len()));
    Ok(tokens)
}

/// How many bytes at the front of `text` make a number: digits, a point, an exponent.
pub(crate) fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        let length = bytes[from..]
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count();
        from + length
    };
    let mut end = digits(0);
    if bytes.get(end) == Some(&b'.') {
        end = digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        if exponent > end + 1 + sign {
            end = exponent;
        }
    }
    end
}

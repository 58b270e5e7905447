//! What a user asks of a sweep, as written in flags or in a study's `[sweep]` table.

use std::fmt;

use super::SetKeys;
use super::axis::too_many;
use crate::error::{Error, Result};

/// A sweep as asked for. Empty: one point, one seed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Description {
    /// What is varied.
    pub vary: Vec<Vary>,
    /// Whether the lists are walked together, in place of a grid over all of them.
    pub zip: bool,
    /// Points drawn from the ranges, in place of a grid.
    pub sample: Option<Sample>,
    /// Replicas per point, each with a seed of its own; left out: 1.
    pub seeds: Option<u32>,
    /// Whether every point has seeds of its own, in place of seeds that all points share.
    pub own_seeds: bool,
    /// Time between the samples that the measures are taken of, ms; left out: 1, or the step if that is longer.
    pub every_ms: Option<f64>,
    /// What is kept of every replica besides the measures: matrices such as `fc`, states and samples of monitors by name, `features`.
    pub keep: Vec<String>,
    /// What of it `--set` says.
    pub set: SetKeys,
}

/// One number of a study and the values it takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Vary {
    /// The number's path, or the end of it (see [`crate::study::key::resolve`]); several with commas take the same values. `KEY=FORMULA`
    /// among them follows from the first: `tau_e, tau_i=2*tau_e`.
    pub path: String,
    /// Its values.
    pub values: Spread,
}

impl Vary {
    /// Reads `PATH=VALUES`, as in `coupling.g=0:2:41`.
    ///
    /// # Errors
    /// [`UsageError::Malformed`](crate::error::UsageError::Malformed) with the text and how it should be written.
    pub fn parse(text: &str) -> Result<Self> {
        let (path, values) = text.rsplit_once('=').ok_or_else(|| {
            let hint = "write PATH=a:b:n, PATH=a:b:n:log or PATH=v1,v2,...";
            Error::malformed("--vary", text, hint)
        })?;
        let path = path.trim();
        if path.is_empty() {
            let hint = "write the key before the =, as in coupling.g=0:2:41";
            return Err(Error::malformed("--vary", text, hint));
        }
        Ok(Self {
            path: path.into(),
            values: Spread::parse(path, values)?,
        })
    }

    /// Reads `PATH=LOW:HIGH` or `PATH=LOW:HIGH:log`, a range to search in.
    ///
    /// # Errors
    /// As [`Vary::parse`]; also where the first end is not the lower one.
    pub fn parse_range(text: &str) -> Result<Self> {
        let hint = "write KEY=LOW:HIGH or KEY=LOW:HIGH:log, as in coupling.g=0:3";
        let wrong = || Error::malformed("--free", text, hint);
        let (path, values) = text.rsplit_once('=').ok_or_else(wrong)?;
        let path = path.trim();
        if path.is_empty() {
            return Err(wrong());
        }
        let range = Spread::parse_range(values).ok_or_else(wrong)?;
        Ok(Self {
            path: path.into(),
            values: range,
        })
    }
}

/// Values of a number, as written.
#[derive(Debug, Clone, PartialEq)]
pub enum Spread {
    /// One after the other.
    List(Vec<f64>),
    /// From one end to the other, both included.
    Range {
        /// First value.
        from: f64,
        /// Last value.
        to: f64,
        /// How many; `None` for a sample's range.
        n: Option<u32>,
        /// Whether equal steps are equal ratios.
        log: bool,
    },
}

impl Spread {
    /// The lowest and highest value: the ends of a range, or of the `values` that it gave.
    pub(super) fn range(&self, values: &[f64]) -> [f64; 2] {
        let ends = match self {
            Self::Range { from, to, .. } => vec![*from, *to],
            _ => values.to_vec(),
        };
        let fold = |f: fn(f64, f64) -> f64| ends.iter().copied().fold(f64::NAN, f);
        [fold(f64::min), fold(f64::max)]
    }

    /// Reads `a:b:n`, `a:b:n:log`, `v1,v2,...`, and for samples `a:b` and `a:b:log`. `key` is named in errors.
    ///
    /// # Errors
    /// [`UsageError::Malformed`](crate::error::UsageError::Malformed) for anything else, and for ranges that are empty or cannot be on a logarithmic scale.
    pub fn parse(key: &str, text: &str) -> Result<Self> {
        let wrong =
            |hint: &str| Error::malformed_part("--vary", &format!("{key}={text}"), text, hint);
        let number = |part: &str| match part.trim().parse::<f64>() {
            Ok(value) if !value.is_nan() => Ok(value),
            _ => Err(wrong(
                "write values as a:b:n, a:b:n:log or v1,v2,..., all of them numbers",
            )),
        };
        if !text.contains(':') {
            let values = text.split(',').map(number).collect::<Result<_>>()?;
            return Ok(Self::List(values));
        }
        let mut parts: Vec<&str> = text.split(':').map(str::trim).collect();
        let log = parts.last() == Some(&"log");
        if log {
            parts.pop();
        }
        let (from, to, n) = match parts[..] {
            [from, to] => (number(from)?, number(to)?, None),
            [from, to, n] => {
                let n = count(n, key)?.ok_or_else(|| {
                    wrong("the third number says how many values: a whole number from 1")
                })?;
                (number(from)?, number(to)?, Some(n))
            }
            _ => return Err(wrong("a range is written a:b:n or a:b:n:log")),
        };
        if !from.is_finite() || !to.is_finite() {
            return Err(wrong(
                "a range has finite ends; list infinity as in 5,10,inf",
            ));
        }
        if log && (from <= 0.0 || to <= 0.0) {
            return Err(wrong("a logarithmic range has ends above 0"));
        }
        if from == to {
            return Err(wrong(
                "a range has two ends; a single value is written PATH=v",
            ));
        }
        if n == Some(1) {
            return Err(wrong(
                "a range has at least two values; a single one is written PATH=v",
            ));
        }
        Ok(Self::Range { from, to, n, log })
    }

    /// Reads `LOW:HIGH` or `LOW:HIGH:log`, finite and in this order; `None` for anything else.
    pub fn parse_range(text: &str) -> Option<Self> {
        match Self::parse("", text).ok()? {
            range @ Self::Range {
                from, to, n: None, ..
            } if from < to => Some(range),
            _ => None,
        }
    }

    /// The point at `share` of the way, from 0 to 1, of a range.
    pub fn at(from: f64, to: f64, log: bool, share: f64) -> f64 {
        match share {
            0.0 => from,
            1.0 => to,
            _ if log => (from.ln() * (1.0 - share) + to.ln() * share).exp(),
            _ => from * (1.0 - share) + to * share,
        }
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::List(values) => {
                let values: Vec<_> = values.iter().map(f64::to_string).collect();
                f.write_str(&values.join(","))
            }
            Self::Range { from, to, n, log } => {
                write!(f, "{from}:{to}")?;
                if let Some(n) = n {
                    write!(f, ":{n}")?;
                }
                f.write_str(if *log { ":log" } else { "" })
            }
        }
    }
}

/// How many points are drawn, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// How.
    pub method: Method,
    /// How many.
    pub n: u32,
}

/// How points are drawn from ranges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// A Sobol sequence: evenly filling, best with 2^k points.
    Sobol,
    /// Independent uniform numbers.
    Random,
    /// A Latin hypercube: each axis cut into as many equal parts as there are points, a point in each.
    Lhs,
}

impl Method {
    const ALL: [(&'static str, Self); 3] = [
        ("sobol", Self::Sobol),
        ("random", Self::Random),
        ("lhs", Self::Lhs),
    ];
}

impl Sample {
    /// Reads `sobol:4096`, `random:4096` or `lhs:4096`.
    ///
    /// # Errors
    /// [`UsageError::Malformed`](crate::error::UsageError::Malformed) for anything else;
    /// [`StudyError::Conflict`](crate::error::StudyError::Conflict) for more points than can be counted.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = || {
            let hint = "write METHOD:N, as in sobol:4096; the methods are sobol, random and lhs (Latin hypercube)";
            Error::malformed("--sample", text, hint)
        };
        let (method, n) = text.split_once(':').ok_or_else(wrong)?;
        let method = Method::ALL.iter().find(|(name, _)| *name == method.trim());
        let Some((_, method)) = method else {
            return Err(wrong());
        };
        let n = count(n.trim(), "a sample")?.ok_or_else(wrong)?;
        Ok(Self { method: *method, n })
    }
}

/// How many values of `what` a text asks for; none where it is no whole number from 1.
///
/// # Errors
/// [`StudyError::Conflict`](crate::error::StudyError::Conflict) for more than can be counted.
fn count(text: &str, what: &str) -> Result<Option<u32>> {
    let is_whole = !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    match text.parse() {
        Ok(n) => Ok(Some(n).filter(|n| *n > 0)),
        Err(_) if is_whole => Err(too_many(what, text)),
        Err(_) => Ok(None),
    }
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let name = Method::ALL
            .iter()
            .find(|(_, method)| *method == self.method);
        write!(f, "{}:{}", name.expect("all are listed").0, self.n)
    }
}

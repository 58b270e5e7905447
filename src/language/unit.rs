//! Units: products of powers of the usual symbols. They are checked and shown, never converted.

/// Symbols that take a prefix.
const BASE: [&str; 21] = [
    "s", "Hz", "V", "A", "S", "F", "m", "g", "mol", "M", "Pa", "J", "W", "C", "T", "K", "N", "L",
    "l", "ohm", "Ohm",
];
/// Symbols that take none.
const WHOLE: [&str; 7] = ["1", "rad", "deg", "min", "h", "%", "spikes"];
const PREFIXES: [&str; 12] = ["f", "p", "n", "u", "µ", "m", "c", "d", "k", "M", "G", "T"];

/// Whether `unit` reads as a unit: factors joined by `*`, `/` or a space, each a symbol with an optional whole power.
///
/// # Errors
/// What does not read, in words.
pub fn check(unit: &str) -> Result<(), String> {
    if unit.trim().is_empty() {
        return Err("a unit is missing; \"1\" stands for none".into());
    }
    let plain: String = unit.chars().filter(|c| !matches!(c, '(' | ')')).collect();
    for factor in plain
        .split(['*', '/', ' '])
        .filter(|factor| !factor.is_empty())
    {
        let (symbol, power) = factor.split_once('^').unwrap_or((factor, "1"));
        if power.parse::<f64>().is_err() {
            return Err(format!("{power:?} is no power in the unit {unit:?}"));
        }
        let prefixed = PREFIXES.iter().any(|prefix| {
            symbol
                .strip_prefix(prefix)
                .is_some_and(|rest| BASE.contains(&rest))
        });
        if !(BASE.contains(&symbol) || WHOLE.contains(&symbol) || prefixed) {
            return Err(format!(
                "{symbol:?} is no unit that is known here (in {unit:?}); write ms, s, Hz, mV, nA, 1/ms, mV/ms and the like, or \"1\""
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn usual_units_read() {
        for unit in [
            "1",
            "ms",
            "1/ms",
            "mV/ms",
            "nA",
            "uF/cm^2",
            "rad/ms",
            "kHz",
            "mV ms^-1",
            "pA*ms",
            "1/(mV ms)",
        ] {
            assert_eq!(check(unit), Ok(()), "{unit}");
        }
        for unit in ["", "bananas", "ms^x", "mVolt"] {
            assert!(check(unit).is_err(), "{unit}");
        }
    }
}

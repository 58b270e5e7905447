//! What a study says that is the same at no point of a sweep, since every point sets it anew.

use super::Sweep;
use crate::study::key::{self, Purpose, resolve};
use crate::study::{Study, Values};

impl Sweep {
    /// What is said of numbers that are set by flags, `KEY=VALUE`, or differ between nodes, and that every point sets anew at all nodes,
    /// and of the time between samples, which is the sweep's or fit's own: a sentence each.
    pub fn overruled(&self, flags: &[String], purpose: Purpose) -> Vec<String> {
        let base = self.base();
        let paths: Vec<&str> = self.axes().iter().flat_map(|axis| axis.paths()).collect();
        let mut notes = Vec::new();
        let mut left = paths.clone();
        for flag in flags {
            let (name, value) = flag.split_once('=').unwrap_or((flag, ""));
            let Ok(address) = resolve(base, name.trim(), purpose) else {
                continue;
            };
            let is_same = value.trim().parse() == Ok(base.record.every);
            if address.path == key::RECORD_EVERY.path && !is_same {
                let own = match purpose {
                    Purpose::SetInFit => key::FIT_SAMPLING.path,
                    _ => key::SWEEP_EVERY.path,
                };
                notes.push(format!(
                    "--set {flag} has no effect: how often samples are taken, {own} says"
                ));
            }
            let is_set = |path: &str| path == address.full() || path == address.path;
            if paths.iter().any(|path| is_set(path)) {
                left.retain(|path| !is_set(path));
                notes.push(format!(
                    "--set {flag} has no effect: every point sets {} anew",
                    address.path
                ));
            }
        }
        notes.extend(left.into_iter().filter_map(|path| levelled(base, path)));
        notes
    }
}

/// What is said of the number at `path`, of all nodes, that is varied at all of them and is not the same at each in the study.
pub fn levelled(study: &Study, path: &str) -> Option<String> {
    let of_all = study.number(path).ok().filter(|(_, node)| node.is_none());
    let Values::PerNode(values) = of_all?.0.get(study) else {
        return None;
    };
    let differs = values.iter().any(|value| *value != values[0]);
    differs.then(|| {
        format!("{path} differs between nodes in the study; where it varies, all have one value")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::study;
    use crate::sweep::{Description, Vary};

    fn said(flags: &[&str], vary: &[&str]) -> Vec<String> {
        let text = "connectome.nodes = 3\ninput.y = [1, 2, 1]";
        let study = study::parse(text, "study.toml", "".as_ref(), flags).unwrap();
        let description = Description {
            vary: vary.iter().map(|text| Vary::parse(text).unwrap()).collect(),
            ..Description::default()
        };
        let flags: Vec<String> = flags.iter().map(|flag| flag.to_string()).collect();
        let sweep = Sweep::new(&study, &description).unwrap();
        sweep.overruled(&flags, Purpose::SetInSweep)
    }

    #[test]
    fn the_time_between_samples_is_that_of_the_sweep() {
        let vary = &["input.x=0:1:3"];
        let without_effect =
            "--set record.every=5 has no effect: how often samples are taken, sweep.every says";
        assert_eq!(said(&["record.every=5"], vary), [without_effect]);
        assert!(said(&["record.every=1"], vary).is_empty());
    }

    #[test]
    fn what_is_set_and_varied_is_said() {
        let anew = |flag: &str, path: &str| {
            format!("--set {flag} has no effect: every point sets {path} anew")
        };
        let all = "input.x=0:1:3";
        assert_eq!(said(&["input=3"], &[all]), [anew("input=3", "input.x")]);
        assert_eq!(
            said(&["input[1]=3"], &[all]),
            [anew("input[1]=3", "input.x")]
        );
        let one = "input[1]=0:1:3";
        assert_eq!(
            said(&["input[1]=3"], &[one]),
            [anew("input[1]=3", "input.x")]
        );
        for flags in [["input=3"], ["input[2]=3"], ["alpha=3"]] {
            assert!(said(&flags, &[one]).is_empty(), "{flags:?}");
        }
        let differs =
            "input.y differs between nodes in the study; where it varies, all have one value";
        assert_eq!(said(&["alpha=3"], &["input.y=0:1:3"]), [differs]);
        assert!(said(&[], &["input.y[1]=0:1:3", "input.x=0,1"]).is_empty());
    }
}

//! The axes of a sweep, from what describes it.

use super::axis::{self, Axis};
use super::sample;
use super::tie::{Keys, Tie};
use super::{Description, MOST_VALUES, Sample, Spread, Vary};
use crate::error::{Error, Result};
use crate::study::Study;
use crate::study::key::{self, Address, Purpose};

/// The axes that a description asks for, and whether they make a grid.
pub(super) fn of(study: &Study, description: &Description) -> Result<(Vec<Axis>, bool)> {
    let Description {
        vary, zip, sample, ..
    } = description;
    let mut axes: Vec<Axis> = Vec::with_capacity(vary.len());
    for (k, Vary { path, values }) in vary.iter().enumerate() {
        let keys = Keys::parse(path)?;
        let find = |name: &str| key::resolve(study, name, Purpose::Vary);
        let plain = keys.plain.iter().map(|name| find(name));
        let mut addresses = plain.collect::<Result<Vec<_>>>()?;
        let followed = addresses[0].full();
        let mut ties = vec![None; addresses.len()];
        for (name, formula) in &keys.tied {
            let address = find(name)?;
            let tie = Tie::new(&address.full(), formula, &followed, keys.plain[0])?;
            ties.push(Some(tie));
            addresses.push(address);
        }
        for (k, address) in addresses.iter().enumerate() {
            let path = address.full();
            let is_there = |axis: &Axis| axis.paths().any(|other| other == path);
            let is_tied = addresses[..k].iter().any(|other| other.full() == path);
            if is_tied || axes.iter().any(is_there) {
                let problem = format!("{path} is varied twice");
                return Err(Error::conflict(problem, "leave out one of the two"));
            }
        }
        let plain = addresses[..keys.plain.len()].iter().map(Address::full);
        let path = &plain.collect::<Vec<_>>().join(",");
        if let Some(sample) = sample
            && sample.n as usize > MOST_VALUES
        {
            return Err(axis::too_many("a sample", sample.n));
        }
        let (values, log) = match sample {
            None => axis::values(path, values)?,
            Some(sample) => sampled(path, values, *sample, k, study.protocol.seed)?,
        };
        axes.push(Axis::new(
            study,
            addresses.into_iter().zip(ties),
            values,
            log,
        ));
    }
    if *zip && sample.is_some() {
        let problem = "--zip does not go with --sample: drawn points are no grid";
        return Err(Error::usage(problem, "leave out --zip"));
    }
    if (*zip || sample.is_some()) && axes.is_empty() {
        let problem = "no number is varied, so --zip and --sample have nothing to act on";
        return Err(Error::usage(
            problem,
            "say which numbers, with --vary PATH=...",
        ));
    }
    if *zip
        && axes
            .iter()
            .any(|axis| axis.values.len() != axes[0].values.len())
    {
        let found: Vec<String> = axes
            .iter()
            .map(|axis| format!("{} values of {}", axis.values.len(), axis.path))
            .collect();
        let problem = format!("--zip has {}", found.join(", "));
        let hint = "give all lists the same number of values";
        return Err(Error::usage(problem, hint));
    }
    Ok((axes, !*zip && sample.is_none()))
}

/// Values drawn from a range.
fn sampled(
    path: &str,
    values: &Spread,
    sample: Sample,
    k: usize,
    seed: u64,
) -> Result<(Vec<f64>, bool)> {
    let Spread::Range {
        from,
        to,
        n: None,
        log,
    } = *values
    else {
        let flag = format!("{path}={values}");
        let hint = "with --sample, write a range as PATH=a:b or PATH=a:b:log";
        return Err(Error::malformed_part(
            "--vary",
            &flag,
            &values.to_string(),
            hint,
        ));
    };
    let shares = sample::coordinates(sample, k, seed)?;
    let value = |share| axis::short(Spread::at(from, to, log, share));
    Ok((shares.into_iter().map(value).collect(), log))
}

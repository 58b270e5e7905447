//! What a coupling's equations say in a small network.

use std::path::Path;

use super::evaluated::Evaluated;
use crate::cli::output::{PrintArgs, note};
use crate::cli::texts;
use crate::error::{Error, Result};
use crate::io::connectome::{self, Options};
use crate::io::model as file;
use crate::run::{counted, data_notes};

/// Arguments of `brainsweep couplings eval`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  brainsweep couplings eval diffusive --at 0.1,0.5
  brainsweep couplings eval linear --at 1,2,3 --weights weights.csv --set a=1,b=0.5
  brainsweep couplings eval kuramoto --at 0,1.5 --arriving 0.2,1.2 --weights '[[0,1],[2,0]]' --json")]
pub(super) struct Args {
    /// The coupling: a name of `brainsweep couplings`, or a file.
    #[arg(value_name = "NAME|FILE")]
    name: String,
    /// What every node transmits, as 0.1,0.5: its x_i.
    #[arg(long, value_name = "NUMBERS", allow_hyphen_values = true)]
    at: String,
    /// What arrives of every node, where that is something else because it is late: its x_j; left out: as --at.
    #[arg(long, value_name = "NUMBERS", allow_hyphen_values = true)]
    arriving: Option<String>,
    /// A connectome's file, or the weights as '[[0,1],[2,0]]': rows receive, columns send; left out: 1 between all nodes.
    #[arg(long, value_name = "FILE|ROWS")]
    weights: Option<String>,
    /// Parameters, as g=2; left out they are the defaults.
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
}

pub(super) fn run(args: &Args, printed: PrintArgs) -> Result<()> {
    let form = file::named_coupling(&args.name)?;
    let own = numbers("--at", &args.at)?;
    let n = own.len();
    let arriving = match &args.arriving {
        Some(text) => numbers("--arriving", text)?,
        None => own.clone(),
    };
    if arriving.len() != n {
        let found = counted(arriving.len(), "number");
        let problem = format!("--arriving has {found}, but --at has {n}");
        return Err(Error::usage(problem, "give both one number for each node"));
    }
    let weights = weights(args.weights.as_deref(), n)?;
    let mut parameters = form.defaults();
    for (name, value) in texts::assignments("--set", &args.set)? {
        let name = name.strip_prefix("coupling.").unwrap_or(name);
        let index = form.parameter(name)?;
        texts::check_parameter(&form.parameters[index], form.name, value)?;
        parameters[index] = value;
    }
    let found = Evaluated {
        received: form.network(&weights, &own, &arriving, &parameters),
        form,
        parameters,
        weights,
        own,
        arriving,
    };
    printed.print(|| found.text(), || found.to_json())
}

/// One number for each node.
fn numbers(flag: &str, text: &str) -> Result<Vec<f64>> {
    let number = |part: &str| part.trim().parse().ok().filter(|x: &f64| x.is_finite());
    let numbers: Option<Vec<f64>> = text.split(',').map(number).collect();
    numbers.ok_or_else(|| {
        Error::malformed(
            flag,
            text,
            "write one finite number for each node, as in 0.1,0.5",
        )
    })
}

/// `[n, n]` row by row.
fn weights(written: Option<&str>, n: usize) -> Result<Vec<f64>> {
    let Some(text) = written else {
        let pairs = (0..n * n).map(|index| f64::from(index / n != index % n));
        return Ok(pairs.collect());
    };
    let unfit = |size: String| {
        let problem = format!("--weights has {size}, but --at has {}", counted(n, "node"));
        Err(Error::usage(
            problem,
            "give as many rows and columns as nodes",
        ))
    };
    if !text.trim_start().starts_with('[') {
        let connectome = connectome::load(Path::new(text), &Options::default())?;
        data_notes(&connectome).iter().for_each(|text| note(text));
        if connectome.n_nodes() != n {
            return unfit(counted(connectome.n_nodes(), "node"));
        }
        return Ok(connectome.weights.iter().copied().collect());
    }
    let Ok(rows) = serde_json::from_str::<Vec<Vec<f64>>>(text) else {
        let hint = "write rows as in '[[0,1],[2,0]]'";
        return Err(Error::malformed("--weights", text, hint));
    };
    if rows.len() != n || rows.iter().any(|row| row.len() != n) {
        return unfit(format!("the value {text:?}"));
    }
    Ok(rows.concat())
}

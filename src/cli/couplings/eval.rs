//! What a coupling's equations say in a small network.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::show;
use crate::cli::texts::{self, aligned, number};
use crate::cli::{data_notes, note, print, print_json};
use crate::coupling::Form;
use crate::error::{Error, Result};
use crate::io::connectome::{self, Options};
use crate::io::model as file;

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
    /// A connectome's file, or the weights as '[[0,1],[2,0]]': rows hear, columns send; left out: 1 between all nodes.
    #[arg(long, value_name = "FILE|ROWS")]
    weights: Option<String>,
    /// Parameters, as g=2; left out they are the defaults.
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// Print JSON, for other programs.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, json: bool) -> Result<()> {
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
        let place = form.parameter(name)?;
        texts::check_parameter(&form.parameters[place], form.name, value)?;
        parameters[place] = value;
    }
    let found = Found {
        heard: form.network(&weights, &own, &arriving, &parameters),
        form,
        parameters,
        weights,
        own,
        arriving,
    };
    match args.json || json {
        true => print_json(&found.to_json()),
        false => print(&found.text()),
    }
}

fn counted(n: usize, what: &str) -> String {
    match n {
        1 => format!("1 {what}"),
        n => format!("{n} {what}s"),
    }
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
        let pairs = (0..n * n).map(|place| f64::from(place / n != place % n));
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

struct Found {
    form: &'static Form,
    parameters: Vec<f64>,
    weights: Vec<f64>,
    own: Vec<f64>,
    arriving: Vec<f64>,
    /// `[n_nodes][c, c_squares]`
    heard: Vec<Vec<f64>>,
}

impl Found {
    fn text(&self) -> String {
        let set = self.form.parameters.iter().zip(&self.parameters);
        let set: Vec<String> = set
            .map(|(parameter, &value)| format!("{} = {}", parameter.name, number(value)))
            .collect();
        let heard = show::heard(self.form);
        let columns = ["node", "x_i", "x_j", "row_sum"].into_iter().chain(heard);
        let mut rows: Vec<Vec<String>> = vec![columns.map(String::from).collect()];
        let n = self.own.len();
        for (node, heard) in self.heard.iter().enumerate() {
            let row_sum: f64 = self.weights[node * n..(node + 1) * n].iter().sum();
            let numbers = [self.own[node], self.arriving[node], row_sum];
            let numbers = numbers.iter().chain(heard).map(|&value| number(value));
            rows.push([node.to_string()].into_iter().chain(numbers).collect());
        }
        let with = if set.is_empty() {
            String::new()
        } else {
            format!(" with {}", set.join(", "))
        };
        format!("{}{with}\n\n{}", self.form.name, aligned(&rows, "  "))
    }

    fn to_json(&self) -> Value {
        let set = self.form.parameters.iter().zip(&self.parameters);
        let set: Map<String, Value> = set
            .map(|(parameter, &value)| (parameter.name.into(), value.into()))
            .collect();
        let rows: Vec<&[f64]> = self.weights.chunks(self.own.len()).collect();
        let mut all = json!({
            "coupling": self.form.name,
            "parameters": set,
            "weights": rows,
            "x_i": self.own,
            "x_j": self.arriving,
        });
        for (k, name) in show::heard(self.form).into_iter().enumerate() {
            all[name] = self.heard.iter().map(|heard| heard[k]).collect();
        }
        all
    }
}

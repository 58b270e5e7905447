//! What a model's equations say at a state, or at arrays of states.

use std::path::Path;

use serde_json::{Value, json};

use super::evaluated;
use crate::cli::file::FileArgs;
use crate::cli::output::{PrintArgs, print};
use crate::cli::texts;
use crate::error::{Error, Result};
use crate::io::model as file;
use crate::io::points::Points;
use crate::model::Model;
use crate::run::counted;

/// Points that are written out; more go to a file.
const WRITTEN_OUT: usize = 20;

/// Arguments of `brainsweep models eval`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  brainsweep models eval wilson-cowan --at x=0.1,y=0.2 --input x=0.5
  brainsweep models eval fitzhugh-nagumo --set tau=15 --json
  brainsweep models eval feedback-fitzhugh-nagumo --at x=0.1,delayed.x=0.3
  brainsweep models eval wilson-cowan --at states.npz --out derivatives.npz

An npz file of states holds one array for each state, all of one shape, and optionally input.NAME, parameters.NAME and \
delayed.NAME, of that shape or single numbers. --out writes d.STATE, the outputs by their names, amplitude.STATE of noise \
that has one, and jacobian, whose last two axes are the equations and the states.",
    mut_arg("out", |out| out.help("Write the numbers to this npz file."))
)]
pub(super) struct Args {
    /// The model: a name of `brainsweep models`, or a file.
    #[arg(value_name = "NAME|FILE")]
    name: String,
    /// The states, as x=0.1,y=0.2, or an npz file of arrays; what is left out takes its start.
    ///
    /// delayed.x is the value that x had: left out, it is the value that x has.
    #[arg(long, value_name = "STATES")]
    at: Vec<String>,
    /// The inputs, as x=0.5,y=0; left out they are 0.
    #[arg(long, value_name = "NAME=VALUE")]
    input: Vec<String>,
    /// Parameters, as tau=20; left out they are the defaults.
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    #[command(flatten)]
    file: FileArgs,
}

pub(super) fn run(args: &Args, printed: PrintArgs) -> Result<()> {
    let model = file::named(&args.name)?;
    let points = points(args, model)?;
    let out = args.file.free()?;
    let evaluations = points.evaluate(model);
    if let Some(out) = out {
        points.write(model, &evaluations, out)?;
        return print(&format!(
            "{} holds what {} says at {}",
            out.display(),
            model.name,
            counted(points.points.len(), "point")
        ));
    }
    let each = || points.points.iter().zip(&evaluations);
    let text = || {
        let each = each().take(WRITTEN_OUT);
        let mut texts: Vec<String> = each
            .map(|(point, found)| evaluated::text(model, point, found))
            .collect();
        match points.points.len() {
            0 => texts.push("no points: the arrays are empty".into()),
            n if n > WRITTEN_OUT => texts.push(format!(
                "{} more: --json prints and --out FILE.npz writes them all",
                n - WRITTEN_OUT
            )),
            _ => {}
        }
        texts.join("\n")
    };
    let json = || {
        let mut each: Vec<Value> = each()
            .map(|(point, found)| evaluated::to_json(model, point, found))
            .collect();
        match points.shape.is_empty() && each.len() == 1 {
            true => each.swap_remove(0),
            false => json!({ "model": model.name, "shape": points.shape, "points": each }),
        }
    };
    printed.print(text, json)
}

fn points(args: &Args, model: &Model) -> Result<Points> {
    let is_file = |text: &&String| {
        !text.contains('=') || Path::new(text).extension().is_some_and(|e| e == "npz")
    };
    let (files, texts): (Vec<&String>, Vec<&String>) = args.at.iter().partition(is_file);
    let mut points = match files.as_slice() {
        [] => Points::start(model),
        [one] if Path::new(one).extension().is_some_and(|e| e == "npz") => {
            Points::load(model, Path::new(one))?
        }
        [one] => {
            let hint = "write states as x=0.1,y=0.2, or name a file.npz";
            return Err(Error::malformed("--at", one, hint));
        }
        _ => {
            let problem = "--at names more than one file";
            return Err(Error::usage(problem, "put the states into one npz file"));
        }
    };
    for (flag, prefix, texts) in [
        ("--at", "", texts),
        ("--input", "input.", args.input.iter().collect()),
        ("--set", "parameters.", args.set.iter().collect()),
    ] {
        for (name, value) in texts::assignments(flag, texts)? {
            let name = format!("{prefix}{}", name.strip_prefix(prefix).unwrap_or(name));
            points.set(model, &name, value)?;
        }
    }
    for (k, parameter) in model.parameters.iter().enumerate() {
        for point in &points.points {
            texts::check_parameter(parameter, model.name, point.parameters[k])?;
        }
    }
    Ok(points)
}

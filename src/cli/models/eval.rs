//! What a model's equations say at a state, or at arrays of states.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::cli::texts::{self, aligned, is_free, listed, number};
use crate::cli::{print, print_json};
use crate::error::{Error, Result};
use crate::io::model as file;
use crate::io::points::Points;
use crate::model::{Evaluation, Model, Point};

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
that has one, and jacobian, whose last two axes are the equations and the states.")]
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
    /// Print JSON, for other programs.
    #[arg(long)]
    json: bool,
    /// Write the numbers to this npz file.
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    out: Option<PathBuf>,
    /// Replace --out if it exists.
    #[arg(long, requires = "out")]
    force: bool,
}

pub(super) fn run(args: &Args, json: bool) -> Result<()> {
    let model = file::named(&args.name)?;
    let points = points(args, model)?;
    if let Some(out) = &args.out {
        is_free(out, args.force)?;
    }
    let evaluations = points.evaluate(model);
    if let Some(out) = &args.out {
        points.write(model, &evaluations, out)?;
        return print(&format!(
            "{} holds what {} says at {}",
            out.display(),
            model.name,
            count(points.points.len())
        ));
    }
    let each = points.points.iter().zip(&evaluations);
    if args.json || json {
        let each: Vec<Value> = each
            .map(|(point, found)| to_json(model, point, found))
            .collect();
        return match each.as_slice() {
            [only] if points.shape.is_empty() => print_json(only),
            _ => print_json(&json!({ "model": model.name, "shape": points.shape, "points": each })),
        };
    }
    let mut texts: Vec<String> = each
        .take(WRITTEN_OUT)
        .map(|(point, found)| text(model, point, found))
        .collect();
    if points.points.len() > WRITTEN_OUT {
        let more = points.points.len() - WRITTEN_OUT;
        texts.push(format!(
            "{more} more: --json prints and --out FILE.npz writes them all"
        ));
    }
    if texts.is_empty() {
        texts.push("no points: the arrays are empty".into());
    }
    print(&texts.join("\n"))
}

fn count(n: usize) -> String {
    match n {
        1 => "1 point".into(),
        n => format!("{n} points"),
    }
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

fn text(model: &Model, point: &Point, found: &Evaluation) -> String {
    let pairs = |names: Vec<String>, values: &[f64]| {
        let pairs = names.iter().zip(values);
        let pairs: Vec<String> = pairs
            .map(|(name, &value)| format!("{name} = {}", number(value)))
            .collect();
        pairs.join(", ")
    };
    let states: Vec<String> = model.states.iter().map(|state| state.name.into()).collect();
    let mut text = format!(
        "{} at {}\n",
        model.name,
        pairs(states.clone(), &point.state)
    );
    if !model.inputs.is_empty() {
        let names = model
            .inputs
            .iter()
            .map(|input| input.symbol.into())
            .collect();
        _ = writeln!(text, "under {}", pairs(names, &point.input));
    }
    if !model.feedback.is_empty() {
        let names = (0..model.feedback.len())
            .map(|k| model.delayed_name(k))
            .collect();
        _ = writeln!(text, "with {}", pairs(names, &found.delayed));
    }
    let changed = model.parameters.iter().zip(&point.parameters);
    let changed: Vec<String> = changed
        .filter(|(parameter, value)| parameter.default != **value)
        .map(|(parameter, &value)| format!("{} = {}", parameter.name, number(value)))
        .collect();
    if !changed.is_empty() {
        _ = writeln!(text, "for {}", changed.join(", "));
    }
    let rates = states.iter().map(|name| format!("d{name}/dt"));
    let outputs = model.outputs.iter().map(|output| output.name.to_owned());
    let rows = rates
        .chain(outputs)
        .zip(found.rates.iter().chain(&found.outputs));
    let rows: Vec<Vec<String>> = rows
        .map(|(name, &value)| vec![name, number(value)])
        .collect();
    text += "\n";
    text += &aligned(&rows, "  ");
    for (k, &value) in found.transmitted.iter().enumerate() {
        let signal = model.signal_name(model.transmits[k]);
        let hears = [Some(model.hears[k]), model.hears_squares.get(k).copied()];
        let hears = hears
            .into_iter()
            .flatten()
            .map(|input| model.inputs[input].symbol);
        _ = writeln!(
            text,
            "  transmitted: {signal} = {}, which others hear through {}",
            number(value),
            listed(&hears.collect::<Vec<_>>())
        );
    }
    for (state, amplitude) in states.iter().zip(&found.amplitudes) {
        if let Some(amplitude) = amplitude {
            _ = writeln!(
                text,
                "  the noise on {state} is multiplied by {}",
                number(*amplitude)
            );
        }
    }
    let n = states.len();
    let mut rows = vec![
        [
            &["Jacobian".to_owned()],
            &states.iter().map(|s| format!("by {s}")).collect::<Vec<_>>()[..],
        ]
        .concat(),
    ];
    for (row, name) in states.iter().enumerate() {
        let entries = found.jacobian[row * n..(row + 1) * n]
            .iter()
            .map(|&entry| number(entry));
        rows.push([format!("d{name}/dt")].into_iter().chain(entries).collect());
    }
    text + "\n" + &aligned(&rows, "  ")
}

fn to_json(model: &Model, point: &Point, found: &Evaluation) -> Value {
    let map = |names: Vec<String>, values: &[f64]| -> Map<String, Value> {
        names
            .into_iter()
            .zip(values.iter().map(|&value| value.into()))
            .collect()
    };
    let states: Vec<String> = model.states.iter().map(|state| state.name.into()).collect();
    let rows: Vec<&[f64]> = found.jacobian.chunks(states.len()).collect();
    let amplitudes = states.iter().zip(&found.amplitudes);
    let amplitudes: Map<String, Value> = amplitudes
        .filter_map(|(state, amplitude)| Some((state.clone(), (*amplitude)?.into())))
        .collect();
    json!({
        "model": model.name,
        "state": map(states.clone(), &point.state),
        "input": map(model.inputs.iter().map(|input| input.name.into()).collect(), &point.input),
        "parameters": map(model.parameters.iter().map(|parameter| parameter.name.into()).collect(), &point.parameters),
        "delayed": map((0..model.feedback.len()).map(|k| model.delayed_name(k)).collect(), &found.delayed),
        "derivatives": map(states, &found.rates),
        "outputs": map(model.outputs.iter().map(|output| output.name.into()).collect(), &found.outputs),
        "transmitted": map(model.transmits.iter().map(|&signal| model.signal_name(signal).into()).collect(), &found.transmitted),
        "amplitudes": amplitudes,
        "jacobian": rows,
    })
}

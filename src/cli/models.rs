//! `brainsweep models`: which there are, and everything about one.

use std::fmt::Write;

use clap::Subcommand;
use serde_json::{Value, json};

use super::{print, print_json};
use crate::backend::gpu::{Build, Dialect, Kernel, Network, Program};
use crate::coupling::CouplingKind;
use crate::dynamics::{Recipe, Step};
use crate::error::Result;
use crate::integrator::Integrator;
use crate::io::model as file;
use crate::model::{Bounds, MODELS, Model, ParameterRange, Signal};
use crate::study::NoiseKind;

/// Arguments of `brainsweep models`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  brainsweep models
  brainsweep models show wilson-cowan
  brainsweep models show montbrio-pazo-roxin --wgsl")]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// Print JSON, for other programs.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Equations, states, parameters with units and defaults, paper.
    ///
    /// States and parameters are written here as in study files ([parameters], [input], [initial]) and in --set.
    Show {
        /// The model, for example wilson-cowan.
        name: String,
        /// Print JSON, for other programs.
        #[arg(long)]
        json: bool,
        /// Print the GPU kernel instead, with the code made from the equations.
        ///
        /// With exponential Euler, diffusive coupling and Ornstein-Uhlenbeck noise on every input.
        #[arg(long, conflicts_with = "json")]
        wgsl: bool,
    },
}

/// Lists the models or shows one.
///
/// # Errors
/// [`crate::Error::Unknown`] for a model that is not there.
pub(super) fn run(args: Args) -> Result<()> {
    match args.command {
        None if args.json => print_json(
            &MODELS
                .iter()
                .map(|model| to_json(model))
                .collect::<Vec<_>>(),
        ),
        None => print(&list()),
        Some(Command::Show {
            name, wgsl: true, ..
        }) => print(&wgsl(file::named(&name)?)),
        Some(Command::Show { name, json, .. }) if json || args.json => {
            print_json(&to_json(file::named(&name)?))
        }
        Some(Command::Show { name, .. }) => print(&show(file::named(&name)?)),
    }
}

fn list() -> String {
    let mut rows = vec![["model", "states", "parameters", "what it is"].map(String::from)];
    for model in MODELS.iter() {
        let states: Vec<_> = model.states.iter().map(|state| state.name).collect();
        rows.push([
            model.name.into(),
            states.join(", "),
            model.parameters.len().to_string(),
            model.summary.into(),
        ]);
    }
    format!(
        "{}\n`brainsweep models show NAME` has equations, units and defaults.",
        aligned(&rows, "")
    )
}

fn show(model: &Model) -> String {
    let mut text = format!("{}: {}\n\n", model.name, model.summary);
    for line in model.equations.lines() {
        _ = writeln!(text, "  {line}");
    }
    _ = writeln!(text);
    for paper in &model.papers {
        _ = writeln!(text, "{paper}");
    }
    if !model.notes.is_empty() {
        _ = writeln!(text, "\n{}", model.notes);
    }
    _ = writeln!(text, "\nStates");
    let states = model.states.iter().enumerate().map(|(index, state)| {
        let mut meaning = state.meaning.to_string();
        if model.transmits.contains(&Signal::State(index)) {
            meaning += "; what the network transmits";
        }
        meaning += &match state.bounds {
            Bounds::Free => String::new(),
            Bounds::Clipped { low, high } if high.is_infinite() => format!("; never below {low}"),
            Bounds::Clipped { low, high } if low.is_infinite() => format!("; never above {high}"),
            Bounds::Clipped { low, high } => format!("; kept between {low} and {high}"),
            Bounds::Angle => "; an angle, kept between -pi and pi".into(),
        };
        [state.name.into(), unit(state.unit), meaning]
    });
    text += &aligned(&states.collect::<Vec<_>>(), "  ");
    text += "\nParameters (default)\n";
    let parameters = model.parameters.iter().map(|parameter| {
        let meaning = format!("{}{}", parameter.meaning, allowed(parameter.range));
        [
            parameter.name.into(),
            parameter.default.to_string(),
            unit(parameter.unit),
            meaning,
        ]
    });
    text += &aligned(&parameters.collect::<Vec<_>>(), "  ");
    for feedback in &model.feedback {
        let (state, delay) = (
            model.signal_name(feedback.signal),
            model.parameters[feedback.delay].name,
        );
        _ = writeln!(
            text,
            "\nDelayed self feedback: the node hears its own {state} of `{delay}` ms ago; `initial.feedback` is {state} before t = 0."
        );
    }
    if let Some(reason) = model.not_smooth {
        _ = writeln!(text, "\nNot smooth: {reason}.");
    }
    text
}

/// What a parameter may be, as the end of its meaning.
fn allowed(range: ParameterRange) -> String {
    match range {
        ParameterRange::Any => String::new(),
        ParameterRange::NonZero => "; not 0".into(),
        ParameterRange::Positive => "; above 0".into(),
        ParameterRange::NonNegative => "; 0 or above".into(),
        ParameterRange::Between(low, high) => format!("; from {low} to {high}"),
    }
}

fn unit(unit: &str) -> String {
    if unit == "1" { "-".into() } else { unit.into() }
}

/// Columns as wide as their widest cell; the last one ends where it ends.
fn aligned<const COLUMNS: usize>(rows: &[[String; COLUMNS]], indent: &str) -> String {
    let mut text = String::new();
    for row in rows {
        text += indent;
        for (column, cell) in row.iter().enumerate() {
            let width = rows
                .iter()
                .map(|row| row[column].chars().count())
                .max()
                .unwrap_or(0);
            let width = if column + 1 == COLUMNS { 0 } else { width + 2 };
            _ = write!(text, "{cell:<width$}");
        }
        text.push('\n');
    }
    text
}

fn to_json(model: &Model) -> Value {
    let states = model.states.iter().map(|state| {
        json!({ "name": state.name, "unit": state.unit, "meaning": state.meaning, "non_negative": state.is_non_negative() })
    });
    let parameters = model.parameters.iter().map(|parameter| {
        json!({
            "name": parameter.name, "unit": parameter.unit, "default": parameter.default, "meaning": parameter.meaning,
            "non_zero": parameter.range == ParameterRange::NonZero,
        })
    });
    json!({
        "name": model.name,
        "summary": model.summary,
        "equations": model.equations,
        "papers": model.papers,
        "states": states.collect::<Vec<_>>(),
        "parameters": parameters.collect::<Vec<_>>(),
    })
}

fn wgsl(model: &Model) -> String {
    let every_input =
        (0..model.inputs.len()).fold(0, |bits, i| bits | 1 << model.noise_target_of_input(i));
    let recipe = Recipe {
        integrator: Integrator::ExponentialEuler,
        coupling: CouplingKind::Diffusive,
        noise: NoiseKind::OrnsteinUhlenbeck,
        process: every_input,
        random: every_input,
    };
    let program = Program {
        model,
        recipe,
        step: &Step::new(model, &recipe),
        recorded: &[0],
        replayed: &[],
        network: Network {
            n_nodes: 80,
            min_lag: 3,
            max_lag: 124,
            max_feedback_lag: 0,
        },
        kernel: Kernel::Global {
            lanes: 32,
            team: 8,
            block: 8,
        },
        uniform_edges: None,
        dialect: Dialect::narrow(Build::NoContraction),
    };
    program.wgsl()
}

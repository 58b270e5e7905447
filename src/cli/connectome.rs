//! `brainsweep connectome show`: what is in a connectome, before anything is simulated on it.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Subcommand, ValueEnum};
use serde_json::json;

use super::{positive, print, print_json, results_folder};
use crate::connectome::{Connectome, Normalise, Symmetric};
use crate::error::Result;
use crate::io::connectome::{Options, Orientation, hcp, load};
use crate::output::{Manifest, Output};
use crate::run::data_notes;
use crate::{figure, io};

/// Arguments of `brainsweep connectome`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Regions, weights, tract lengths, delays, measured functional connectivity.
    ///
    /// Reads npz files, folders of matrix files (csv, tsv, txt, npy) and single matrices. Arrays are found under their usual names
    /// (weights, Cmat, SC; tract_lengths, Dmat, lengths; functional, FCs, FC); name them where yours differ. Region names are also
    /// found in mine_labels.txt beside mine.npz, one a line.
    Show(Show),
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  brainsweep connectome show                    the embedded HCP data
  brainsweep connectome show mine.npz --speed 10
  brainsweep connectome show mine.npz --weights SC --out pictures")]
struct Show {
    /// An npz file, a matrix file or a folder of them; left out: the embedded HCP data.
    file: Option<PathBuf>,
    /// Conduction speed, mm/ms, for the delays.
    #[arg(long, default_value_t = 20.0, value_parser = positive)]
    speed: f64,
    /// Step, ms, for the delays in steps.
    #[arg(long, default_value_t = 0.1, value_parser = positive)]
    dt: f64,
    /// Name of the weights in the file.
    #[arg(long, value_name = "NAME", requires = "file")]
    weights: Option<String>,
    /// Name of the tract lengths, mm.
    #[arg(
        long,
        value_name = "NAME",
        requires = "file",
        conflicts_with = "delay_steps"
    )]
    tract_lengths: Option<String>,
    /// Name of delays given in steps.
    #[arg(long, value_name = "NAME", requires = "file")]
    delay_steps: Option<String>,
    /// Name of the functional connectivity.
    #[arg(long, value_name = "NAME", requires = "file")]
    functional: Option<String>,
    /// Name of the region names.
    #[arg(long, value_name = "NAME", requires = "file")]
    labels: Option<String>,
    /// What rows and columns of the weights are: the row receives (target-source), or sends.
    #[arg(long, requires = "file", default_value = "target-source")]
    orientation: OrientationArg,
    /// The same for lengths or delays; left out: as the weights.
    #[arg(long, requires = "file")]
    tract_orientation: Option<OrientationArg>,
    /// Which half of weights, lengths or delays is mirrored; auto: the only one that is filled, if one is; as-is: neither.
    #[arg(long, requires = "file", default_value = "auto")]
    symmetric: SymmetricArg,
    /// Scale the weights.
    #[arg(long, default_value = "none")]
    normalise: NormaliseArg,
    /// Folder for the picture (svg and png) and the numbers; left out: the first free of out/connectome-1, ...
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace the results in --out; a folder with anything else in it is left alone.
    #[arg(long, requires = "out")]
    force: bool,
    /// Print JSON, for other programs.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum OrientationArg {
    TargetSource,
    SourceTarget,
}

impl From<OrientationArg> for Orientation {
    fn from(orientation: OrientationArg) -> Self {
        match orientation {
            OrientationArg::TargetSource => Self::TargetSource,
            OrientationArg::SourceTarget => Self::SourceTarget,
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum SymmetricArg {
    Auto,
    Upper,
    Lower,
    AsIs,
}

impl From<SymmetricArg> for Symmetric {
    fn from(symmetric: SymmetricArg) -> Self {
        match symmetric {
            SymmetricArg::Auto => Self::Auto,
            SymmetricArg::Upper => Self::Upper,
            SymmetricArg::Lower => Self::Lower,
            SymmetricArg::AsIs => Self::AsIs,
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum NormaliseArg {
    None,
    Max,
    RowSum,
    SpectralRadius,
}

impl From<NormaliseArg> for Normalise {
    fn from(normalise: NormaliseArg) -> Self {
        match normalise {
            NormaliseArg::None => Self::None,
            NormaliseArg::Max => Self::Max,
            NormaliseArg::RowSum => Self::RowSum,
            NormaliseArg::SpectralRadius => Self::SpectralRadius,
        }
    }
}

/// Shows a connectome.
///
/// # Errors
/// Those of [`load`]; [`crate::Error::Exists`] where pictures are in the way, [`crate::Error::Io`] where they cannot be written.
pub(super) fn run(args: Args) -> Result<()> {
    let Command::Show(args) = args.command;
    let connectome = read(&args)?;
    let mut summary = connectome.summary(args.speed, args.dt);
    summary.notes = data_notes(&connectome);
    let name = match &args.file {
        Some(file) => file
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        None => "HCP group connectome".into(),
    };
    let folder = results_folder(args.out.as_deref(), args.force, "connectome")?;
    let facts = json!({
        "file": args.file.as_ref().map(|file| file.display().to_string()),
        "conduction_speed": args.speed,
        "dt": args.dt,
        "summary": summary,
    });
    let output = Output {
        name: "connectome",
        arrays: Vec::new(),
        labels: Vec::new(),
        tables: Vec::new(),
        figures: vec![("connectome", figure::connectome(&connectome, &name)?)],
        manifest: Manifest::new("connectome show", &facts),
    };
    let out = io::output::write(&output, folder)?;
    if args.json {
        let mut summary = serde_json::to_value(&summary).expect("plain values are JSON");
        summary["out"] = json!(out.display().to_string());
        print_json(&summary)
    } else {
        print(&format!("{summary}\n\ndrawn in {}", out.display()))
    }
}

fn read(args: &Show) -> Result<Arc<Connectome>> {
    let normalise = Normalise::from(args.normalise);
    let Some(file) = &args.file else {
        let mut connectome = hcp();
        if normalise != Normalise::None {
            normalise.apply(&mut Arc::make_mut(&mut connectome).weights)?;
        }
        return Ok(connectome);
    };
    let options = Options {
        weights: args.weights.clone(),
        matrices: Vec::new(),
        tract_lengths: args.tract_lengths.clone(),
        delay_steps: args.delay_steps.clone(),
        functional: args.functional.clone(),
        labels: args.labels.clone(),
        orientation: args.orientation.into(),
        tract_orientation: args.tract_orientation.map(Into::into),
        symmetric: args.symmetric.into(),
        normalise,
    };
    load(file, &options).map(Arc::new)
}

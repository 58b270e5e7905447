//! `brainsweep connectome show`: what is in a connectome, before anything is simulated on it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Subcommand, ValueEnum};
use ndarray::{Array2, Axis};

use super::{print, print_json};
use crate::connectome::{Connectome, Delays, Normalise};
use crate::error::{Error, Result};
use crate::io::atomic_write;
use crate::io::connectome::{Options, Orientation, hcp, load};
use crate::plot::{Figure, Heatmap};

/// Pixels per point in png files: 200 per inch.
const PNG_SCALE: f64 = 200.0 / 72.0;

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
  brainsweep connectome show                                   the embedded HCP data
  brainsweep connectome show mine.npz --speed 10
  brainsweep connectome show mine.npz --weights SC --orientation source-target --out pictures")]
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
    /// Scale the weights.
    #[arg(long, default_value = "none")]
    normalise: NormaliseArg,
    /// Also write the matrices as pictures (svg and png) and the numbers as summary.json into this folder.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace pictures that are there already.
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
/// Those of [`load`]; [`Error::Exists`] where pictures are in the way, [`Error::Io`] where they cannot be written.
pub(super) fn run(args: Args) -> Result<()> {
    let Command::Show(args) = args.command;
    let connectome = read(&args)?;
    let summary = connectome.summary(args.speed, args.dt);
    if let Some(folder) = &args.out {
        let json = serde_json::to_vec_pretty(&summary).expect("plain values are JSON");
        write(folder, "summary.json", &json, args.force)?;
        for (name, figure) in figures(&connectome)? {
            write(
                folder,
                &format!("{name}.svg"),
                figure.svg().as_bytes(),
                args.force,
            )?;
            write(
                folder,
                &format!("{name}.png"),
                &figure.png(PNG_SCALE)?,
                args.force,
            )?;
        }
    }
    if args.json {
        print_json(&summary)
    } else {
        print(&summary.to_string())
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
        tract_lengths: args.tract_lengths.clone(),
        delay_steps: args.delay_steps.clone(),
        functional: args.functional.clone(),
        labels: args.labels.clone(),
        orientation: args.orientation.into(),
        tract_orientation: args.tract_orientation.map(Into::into),
        normalise,
    };
    load(file, &options).map(Arc::new)
}

/// Each matrix that is there, named after its file.
fn figures(connectome: &Connectome) -> Result<Vec<(&'static str, Figure)>> {
    let heatmap = |matrix: &Array2<f64>, title: &str, bar: &str| {
        let map = Heatmap::new(matrix.view())
            .title(title)
            .x_label("source")
            .y_label("target")
            .bar_label(bar);
        map.x_names(connectome.labels.clone())
            .y_names(connectome.labels.clone())
            .figure()
    };
    let mut figures = vec![(
        "weights",
        heatmap(&connectome.weights, "Structural connectivity", "weight")?,
    )];
    match &connectome.delays {
        Delays::TractLengths(mm) => figures.push((
            "tract_lengths",
            heatmap(mm, "Tract lengths", "length (mm)")?,
        )),
        Delays::Steps(steps) => figures.push((
            "delay_steps",
            heatmap(&steps.mapv(f64::from), "Delays", "delay (steps)")?,
        )),
        Delays::None => {}
    }
    if let Some(mean) = connectome
        .functional
        .as_ref()
        .and_then(|all| all.mean_axis(Axis(0)))
    {
        figures.push((
            "functional",
            heatmap(
                &mean,
                "Functional connectivity, mean over subjects",
                "correlation",
            )?,
        ));
    }
    Ok(figures)
}

fn write(folder: &Path, name: &str, bytes: &[u8], force: bool) -> Result<()> {
    let path = folder.join(name);
    if path.exists() && !force {
        return Err(Error::Exists { path });
    }
    std::fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    atomic_write(&path, bytes)
}

/// A finite number above 0.
fn positive(text: &str) -> std::result::Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value > 0.0 && value.is_finite() => Ok(value),
        _ => Err("expected a number above 0".into()),
    }
}

//! `brainsweep connectome show`: what is in a connectome, before anything is simulated on it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Subcommand;
use serde_json::json;

use super::{positive, print, print_json, results_folder, word};
use crate::connectome::{Connectome, Normalise, Orientation, Summary, Symmetric};
use crate::error::Result;
use crate::io::connectome::{Options, hcp, load};
use crate::output::{Manifest, Output};
use crate::run::data_notes;
use crate::study::key::{CONDUCTION_SPEED, DT};
use crate::study::{CONDUCTION_SPEED_MM_PER_MS, DT_MS};
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
  brainsweep connectome show mine.npz --weights SC --out pictures

The flags are the keys of [connectome] in a study (`brainsweep keys connectome`).
With --out it leaves in that folder, which appears whole: connectome.svg and .png,
manifest.json.")]
struct Show {
    /// An npz file, a matrix file or a folder of them; left out: the embedded HCP data.
    file: Option<PathBuf>,
    /// Conduction speed, mm/ms, for the delays.
    #[arg(long, value_name = "MM_PER_MS", default_value_t = CONDUCTION_SPEED_MM_PER_MS, value_parser = positive)]
    speed: f64,
    /// Step, ms, for the delays in steps.
    #[arg(long, value_name = "MS", default_value_t = DT_MS, value_parser = positive)]
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
    #[arg(long, requires = "file", default_value = "target-source", value_parser = word::<Orientation>())]
    orientation: Orientation,
    /// The same for lengths or delays; left out: as the weights.
    #[arg(long, requires = "file", value_parser = word::<Orientation>())]
    tract_orientation: Option<Orientation>,
    /// Which half of weights, lengths or delays is mirrored; auto: the only one that is filled, if one is; as-is: neither.
    #[arg(long, requires = "file", default_value = "auto", value_parser = word::<Symmetric>())]
    symmetric: Symmetric,
    /// Scale the weights.
    #[arg(long, default_value = "none", value_parser = word::<Normalise>())]
    normalise: Normalise,
    /// Draw it, into this folder: a picture (svg and png) and the numbers; left out: nothing is written.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace the results in --out; a folder with anything else in it is left alone.
    #[arg(long, requires = "out")]
    force: bool,
    /// Print JSON, for other programs.
    #[arg(long)]
    json: bool,
}

/// Shows a connectome.
///
/// # Errors
/// Those of [`load`]; [`crate::Error::Disk`] where pictures are in the way, [`crate::Error::Disk`] where they cannot be written.
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
    let out = match &args.out {
        Some(out) => Some(draw(&args, out, &connectome, &name, &summary)?),
        None => None,
    };
    if args.json {
        let mut summary = serde_json::to_value(&summary).expect("plain values are JSON");
        summary["out"] = json!(out.map(|out| out.display().to_string()));
        return print_json(&summary);
    }
    let drawn = out.map(|out| format!("\n\ndrawn in {}", out.display()));
    print(&format!("{summary}{}", drawn.unwrap_or_default()))
}

/// Writes the picture and the numbers.
fn draw(
    args: &Show,
    out: &Path,
    connectome: &Connectome,
    name: &str,
    summary: &Summary,
) -> Result<PathBuf> {
    let folder = results_folder(Some(out), args.force, "connectome")?;
    let facts = json!({
        "file": args.file.as_ref().map(|file| file.display().to_string()),
        CONDUCTION_SPEED.name(): args.speed,
        DT.name(): args.dt,
        "summary": summary,
    });
    let output = Output {
        name: "connectome",
        arrays: Vec::new(),
        labels: Vec::new(),
        tables: Vec::new(),
        figures: vec![("connectome", figure::connectome(connectome, name)?)],
        manifest: Manifest::new("connectome show", &facts),
    };
    io::output::write(&output, folder)
}

fn read(args: &Show) -> Result<Arc<Connectome>> {
    let normalise = args.normalise;
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
        orientation: args.orientation,
        tract_orientation: args.tract_orientation,
        symmetric: args.symmetric,
        normalise,
    };
    load(file, &options).map(Arc::new)
}

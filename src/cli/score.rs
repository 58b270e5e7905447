//! `brainsweep score`: how alike two files' functional connectivity is.

mod dynamics;
mod features;
mod scored;

use std::path::{Path, PathBuf};

use serde_json::json;

use super::output::{PrintArgs, note};
use crate::error::Result;
use crate::io::connectome::{Functional, Measured, Options, hcp, load_measured};
use crate::measure::{FcdConvention, Undefined, scores};
use crate::word::Word;

/// Arguments of `brainsweep score`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  brainsweep score fc.csv --against bold.csv
  brainsweep score mine.csv --functional fc.csv --against bold.csv --json
  brainsweep score bold.csv --against bold.csv --fcd 2,1

A score is the Pearson correlation of two matrices below their diagonals. Time series give their
functional connectivity by the code that simulations go through. Regions are matched by name where
both files have names. Dynamics of functional connectivity (--fcd) correlate windows of time: what is
compared is the distribution of these correlations, by the Kolmogorov-Smirnov and the Wasserstein
distance, 0 where they are alike.")]
pub struct Args {
    /// A file or folder with functional connectivity or time series.
    file: PathBuf,
    /// What it is compared with; left out: the 7 people of the embedded HCP data.
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// Name of the functional connectivity or time series in the first file.
    #[arg(long, value_name = "NAME")]
    functional: Option<String>,
    /// Name of them in the second.
    #[arg(long, value_name = "NAME", requires = "against")]
    against_functional: Option<String>,
    /// Also compare the dynamics of functional connectivity of time series: windows of so many samples, so many apart.
    #[arg(long, value_name = "WINDOW,STEP", value_parser = dynamics::windows)]
    fcd: Option<[usize; 2]>,
    /// Which windows there are, and what of each is compared: plain, or as other programs do.
    #[arg(long, value_name = "NAME", default_value = "plain", requires = "fcd", value_parser = FcdConvention::words())]
    fcd_convention: String,
    /// Also print the features of each time series of the first file: what a sweep of STUDY keeps with `--keep features`.
    #[arg(long, value_name = "STUDY")]
    features: Option<PathBuf>,
    #[command(flatten)]
    printed: PrintArgs,
}

/// Scores one file against another.
///
/// # Errors
/// Those of [`load_measured`]; [`crate::Error::Data`] where the numbers of regions differ or a region is missing in one of them.
pub(super) fn run(args: Args) -> Result<()> {
    let first = read(&args.file, args.functional.as_deref())?;
    let second = match &args.against {
        Some(path) => read(path, args.against_functional.as_deref())?,
        None => embedded(),
    };
    let second = match &first.labels {
        Some(labels) => second.in_order_of(labels)?,
        None => second,
    };
    for text in first.notes.iter().chain(&second.notes) {
        note(text);
    }
    let mut all = Vec::new();
    for (number, fc) in first.functional.outer_iter().enumerate() {
        let scores = scores(fc, second.functional.view())?;
        let why = Undefined::of(fc, second.functional.view());
        if let Some(why) = why {
            let labels = first.labels.clone();
            let labels = labels.unwrap_or_else(|| crate::connectome::numbered(fc.nrows()));
            note(&format!("matrix {number}: {}", why.why(&labels)));
        }
        all.push(scores);
    }
    let dynamics = match args.fcd {
        Some(numbers) => dynamics::compared(&first, &second, numbers, &args.fcd_convention)?,
        None => Vec::new(),
    };
    let features = match &args.features {
        Some(study) => Some(features::of_series(&first, study)?),
        None => None,
    };
    let features_to_text = || features.as_ref().map(features::to_text);
    args.printed.print(
        || {
            let text = scored::to_text(&all) + &dynamics::to_text(&dynamics);
            text + &features_to_text().unwrap_or_default()
        },
        || {
            let mut json = scored::to_json(&all);
            if args.fcd.is_some() {
                json["fcd"] = json!(dynamics);
            }
            if let Some(features) = &features {
                json["features"] = json!(features);
            }
            json
        },
    )
}

fn read(path: &Path, name: Option<&str>) -> Result<Measured> {
    let options = Options {
        functional: name.map(Functional::from),
        ..Options::default()
    };
    load_measured(path, &options)
}

/// The measured data that come with the program.
fn embedded() -> Measured {
    let hcp = hcp();
    Measured {
        path: "the embedded HCP data".into(),
        labels: Some(hcp.labels.clone()),
        functional: hcp.functional.clone().unwrap_or_default(),
        bold: Vec::new(),
        notes: Vec::new(),
    }
}

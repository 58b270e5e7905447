//! `brainsweep score`: how alike two files' functional connectivity is.

mod cleaning;
mod dynamics;
mod features;
mod scored;
mod source;

use std::path::PathBuf;

use serde_json::json;

use cleaning::CleaningArgs;
use source::{embedded, measured};

use super::output::{PrintArgs, note};
use crate::error::{Error, Result};
use crate::io::connectome::SHIPPED;
use crate::measure::{FcdConvention, Undefined, scores};
use crate::word::Word;

/// Arguments of `brainsweep score`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  brainsweep score fc.csv --against bold.csv
  brainsweep score mine.csv --functional fc.csv --against bold.csv --json
  brainsweep score bold.csv --against bold.csv --fcd 2,1
  brainsweep score bold.csv --against bold.csv --tr 2 --band-pass 0.01,0.1 --global-signal

A score is the Pearson correlation of two matrices below their diagonals. Time series give their
functional connectivity by the code that simulations go through; --band-pass, --nuisance and
--global-signal clean them first, the nuisance signals filtered as the series are. Regions are
matched by name where both files have names. Dynamics of functional connectivity (--fcd) correlate
windows of time: what is compared is the distribution of these correlations, by the
Kolmogorov-Smirnov and the Wasserstein distance, 0 where they are alike.")]
pub struct Args {
    /// A file or folder with functional connectivity or time series, or the name of a connectome that comes along.
    file: PathBuf,
    /// What it is compared with; left out: `hcp`, the 7 people of the embedded data.
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// Name of the functional connectivity or time series in the first file.
    #[arg(long, value_name = "NAME")]
    functional: Option<String>,
    /// Name of them in the second.
    #[arg(long, value_name = "NAME", requires = "against")]
    against_functional: Option<String>,
    #[command(flatten)]
    cleaning: CleaningArgs,
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
/// Those of [`measured`]; [`crate::Error::Data`] where the numbers of regions differ or a region is missing in one of them.
pub(super) fn run(args: Args) -> Result<()> {
    let name = args.functional.as_deref();
    let first = measured(&args.file, &args.cleaning.options(name, false))?;
    let name = args.against_functional.as_deref();
    let second = match &args.against {
        Some(path) => measured(path, &args.cleaning.options(name, true))?,
        None => embedded(SHIPPED[0]),
    };
    if args.cleaning.is_any() && first.bold.is_empty() && second.bold.is_empty() {
        let problem =
            "there are no time series that could be filtered or freed of nuisance signals";
        let hint = "leave out the flags that ask for it, or name time series with --functional";
        return Err(Error::data_hint(&args.file, problem, hint));
    }
    let unnamed = match (&first.labels, &second.labels) {
        (None, Some(_)) => Some((&args.file, "the other")),
        (Some(_), None) => Some((args.against.as_ref().unwrap_or(&args.file), "the first")),
        _ => None,
    };
    if let Some((file, other)) = unnamed {
        note(&format!(
            "{}: has no names of regions, and {other} file has: its regions are taken to stand in that order",
            file.display()
        ));
    }
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

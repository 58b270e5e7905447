//! Flags that say what is taken out of time series before they are compared.

use crate::io::connectome::{Functional, Nuisance, Options};
use crate::measure::{BandPass, Cleaning};

/// What is taken out of the time series of both files.
#[derive(Debug, clap::Args)]
pub(super) struct CleaningArgs {
    /// Leave in these frequencies of time series, Hz; 0 or inf where there is no edge.
    #[arg(long, value_name = "LOW,HIGH", value_parser = edges)]
    band_pass: Option<[f64; 2]>,
    /// The filter's order (Butterworth's, run forwards and backwards).
    #[arg(long, value_name = "N", default_value_t = BandPass::USUAL_ORDER, requires = "band_pass")]
    filter_order: usize,
    /// Time between two samples, s, where the files do not say it.
    #[arg(long, value_name = "S", value_parser = crate::cli::flag::positive)]
    tr: Option<f64>,
    /// Take the mean over all regions out of time series.
    #[arg(long)]
    global_signal: bool,
    /// Take the columns of this file out of the time series of the first file; with `*`: of one file for each series.
    #[arg(long, value_name = "FILE")]
    nuisance: Option<String>,
    /// The same for the second file.
    #[arg(long, value_name = "FILE", requires = "against")]
    against_nuisance: Option<String>,
    /// Which columns; left out: all.
    #[arg(long, value_name = "NAME,NAME", value_delimiter = ',')]
    nuisance_columns: Option<Vec<String>>,
}

/// A path of the command line: of a file here, else of one beside the data.
fn from_here(name: &str) -> String {
    let is_pattern = name.contains('*') && name.contains(std::path::MAIN_SEPARATOR);
    let here = std::path::absolute(name).ok();
    match here.filter(|path| is_pattern || path.exists()) {
        Some(path) => path.to_string_lossy().into_owned(),
        None => name.into(),
    }
}

/// Two frequencies in order.
fn edges(text: &str) -> Result<[f64; 2], String> {
    let numbers = text.split_once(',').and_then(|(low, high)| {
        let number = |text: &str| text.trim().parse::<f64>().ok();
        Some([number(low)?, number(high)?])
    });
    match numbers {
        Some([low, high]) if low >= 0.0 && low < high => Ok([low, high]),
        _ => Err("expected a lower and a higher frequency in Hz, as in 0.01,0.1".into()),
    }
}

impl CleaningArgs {
    /// Whether the flags ask for anything.
    pub(super) fn is_any(&self) -> bool {
        let cleaning = self.cleaning();
        cleaning != Cleaning::default()
            || self.nuisance.is_some()
            || self.against_nuisance.is_some()
    }

    /// How the first file (or the second) is read whose data are called `name`.
    pub(super) fn options(&self, name: Option<&str>, is_second: bool) -> Options {
        let nuisance = match is_second {
            false => &self.nuisance,
            true => &self.against_nuisance,
        };
        Options {
            functional: name.map(Functional::from),
            step_s: self.tr,
            cleaning: self.cleaning(),
            nuisance: nuisance.as_deref().map(|file| Nuisance {
                names: vec![from_here(file)],
                columns: self.nuisance_columns.clone(),
            }),
            ..Options::default()
        }
    }

    fn cleaning(&self) -> Cleaning {
        Cleaning {
            band: self.band_pass.map(|[low_hz, high_hz]| BandPass {
                low_hz,
                high_hz,
                order: self.filter_order,
            }),
            global_signal: self.global_signal,
        }
    }
}

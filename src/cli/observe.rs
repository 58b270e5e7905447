//! `brainsweep observe`: what a monitor makes of a series in a file.

use std::path::PathBuf;

use ndarray::Array2;
use serde_json::json;

use super::file::NpzArgs;
use super::output::{PrintArgs, command, note};
use super::{positive, texts};
use crate::error::{Error, Result};
use crate::io::{model as file, series, table};
use crate::run::{self, Outside, counted};
use crate::study::Observation;

/// Arguments of `brainsweep observe`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  brainsweep observe rates.csv --monitor balloon-windkessel --dt 1 --tr 2000 --out bold.npz
  brainsweep observe simulation.npz --key x --monitor temporal-average --dt 0.1 --tr 10 --out x.npz
  brainsweep observe rates.npy --monitor balloon-windkessel --set-name cubnm --dt 1 --tr 720 --out bold.npz

The series has a row for each step and a column for each region; row k holds from k to k + 1 steps. Files are csv, npz, npy, mat, h5 \
and more. Sample k comes after (k + 1) times --tr. `brainsweep monitors` lists the monitors. The npz holds t (ms), what the monitor \
shows, and the names of the regions.")]
pub struct Args {
    /// The file with the series.
    file: PathBuf,
    /// The monitor: a name of `brainsweep monitors`, or a file.
    #[arg(long, value_name = "NAME|FILE")]
    monitor: String,
    /// Time between two rows of the series, ms.
    #[arg(long, value_name = "MS", value_parser = positive)]
    dt: f64,
    /// Time between samples, ms.
    #[arg(long, value_name = "MS", value_parser = positive)]
    tr: f64,
    /// The monitor's own step, ms; left out: the monitor's.
    #[arg(long, value_name = "MS", value_parser = positive)]
    step: Option<f64>,
    /// A set of the monitor's parameters, by its name.
    #[arg(long, value_name = "NAME")]
    set_name: Option<String>,
    /// Parameters of the monitor, and scale and offset, which map the signal into its range: tau=1.2,scale=0.5.
    #[arg(long = "set", value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// Name of the series in the file.
    #[arg(long, value_name = "NAME")]
    key: Option<String>,
    /// File with what each sensor sees of each region, [sensor, region].
    #[arg(long, value_name = "FILE")]
    matrix: Option<PathBuf>,
    #[command(flatten)]
    target: NpzArgs,
    #[command(flatten)]
    printed: PrintArgs,
}

/// Applies a monitor to a series, and writes what it shows.
///
/// # Errors
/// Bad files and numbers; [`DiskError::Exists`](crate::error::DiskError::Exists) where a file is in the way.
pub(super) fn run(args: &Args) -> Result<()> {
    let out = args.target.free()?;
    let observation = observation(args)?;
    let seen = observation.matrix.as_ref().map(|matrix| matrix.ncols());
    let read = series::read(&args.file, args.key.as_deref(), seen)?;
    read.notes.iter().for_each(|text| note(text));
    let observed = run::observe(read.values.view(), &observation, args.dt)?;
    let node = &observation.monitor.node;
    let shown = node.outputs[observation.monitor.shows];
    let takes = node.inputs[observation.monitor.input].symbol;
    let remark = observed.outside.as_ref();
    let remark = remark.and_then(|outside: &Outside| outside.remark(&observation.name, takes));
    remark.iter().for_each(|text| note(text));
    let about = json!({
        "brainsweep": env!("CARGO_PKG_VERSION"),
        "command": command(),
        "monitor": observation.name,
        "set": observation.set().name,
        "units": { "t": "ms", shown.name: shown.unit },
        "outside": observed.outside,
    });
    let labels = read.labels.filter(|_| observation.matrix.is_none());
    let (samples, t) = (observed.samples.view(), &observed.t_ms);
    series::write(out, shown.name, samples, t, labels.as_deref(), &about)?;
    let out = out.display();
    let (n, n_nodes) = observed.samples.dim();
    args.printed.print(
        || {
            format!(
                "{} of {} written to {out}: {} ({}), every {} ms",
                counted(n, "sample"),
                counted(
                    n_nodes,
                    if observation.matrix.is_some() {
                        "sensor"
                    } else {
                        "region"
                    }
                ),
                shown.name,
                shown.meaning,
                args.tr,
            )
        },
        || {
            json!({
                "out": out.to_string(), "name": shown.name, "n_samples": n, "n_nodes": n_nodes,
                "tr_ms": args.tr, "outside": observed.outside,
            })
        },
    )
}

/// The monitor with what the flags say of it.
fn observation(args: &Args) -> Result<Observation> {
    let monitor = file::named_monitor(&args.monitor)?;
    let mut observation = Observation::new(monitor, 0, args.tr, args.dt);
    if let Some(name) = &args.set_name {
        observation = observation.with_set(name)?;
    }
    if let Some(step) = args.step {
        observation.step = step;
    }
    for (name, value) in texts::assignments("--set", &args.set)? {
        observation.set_number(name, value)?;
    }
    if let Some(path) = &args.matrix {
        let array = table::read_array(path)?;
        let shape = array.shape().to_vec();
        let matrix: Result<Array2<f64>> = array
            .into_dimensionality()
            .map_err(|_| Error::wrong_shape(path, "matrix", &shape, "[n_sensors, n_nodes]"));
        observation.matrix = Some(matrix?.into());
    }
    Ok(observation)
}

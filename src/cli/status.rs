//! `brainsweep status`: how far a sweep is, and who is at work on it.

use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use super::output::PrintArgs;
use super::progress::duration;
use crate::error::Result;
use crate::run::{Watched, counted};

/// Arguments of `brainsweep status`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  brainsweep status out/hcp_network-sweep-1
  watch -n 60 brainsweep status /shared/s.zarr
  brainsweep status /shared/s.zarr --json

It looks at the files of the store only: at any time, on any machine that sees them. A process
that gives no sign of life for two minutes is taken for dead, and others take over its chunks.")]
pub struct Args {
    /// The --out of a sweep.
    store: PathBuf,
    #[command(flatten)]
    printed: PrintArgs,
}

/// Says how far a store is filled.
///
/// # Errors
/// A place that is no store, or cannot be read.
pub(super) fn run(args: Args) -> Result<()> {
    let watched = Watched::new(&args.store)?;
    args.printed
        .print(|| to_text(&args, &watched), || to_json(&args, &watched))
}

fn to_json(args: &Args, watched: &Watched) -> Value {
    let seconds = |silent: Option<Duration>| silent.map(|silent| silent.as_secs());
    let holders = watched.holders.iter().map(|holder| {
        json!({
            "host": holder.process.as_ref().map(|(host, _)| host),
            "process": holder.process.as_ref().map(|(_, process)| process),
            "alive": holder.is_alive,
            "silent_s": seconds(holder.silent),
            "chunks": holder.parts,
        })
    });
    json!({
        "out": args.store.display().to_string(),
        "replicas": watched.n_replicas,
        "chunks": watched.n_chunks,
        "chunks_done": watched.n_done,
        "chunks_damaged": watched.n_damaged,
        "chunks_with_checkpoints": watched.n_kept,
        "checkpoint_age_s": seconds(watched.kept),
        "complete": watched.is_complete(),
        "chunks_per_s": watched.rate,
        "expected_s": watched.left_s(),
        "processes": holders.collect::<Vec<_>>(),
    })
}

fn to_text(args: &Args, watched: &Watched) -> String {
    let mut text = format!(
        "{}: {} of {} done ({:.1} %), {} in all\n",
        args.store.display(),
        watched.n_done,
        counted(watched.n_chunks, "chunk"),
        100.0 * watched.n_done as f64 / watched.n_chunks as f64,
        counted(watched.n_replicas, "replica"),
    );
    match watched.n_damaged {
        0 => {}
        1 => text += "1 chunk is damaged; the next run makes it again\n",
        n => {
            let _ = writeln!(
                text,
                "{n} chunks are damaged; the next run makes them again"
            );
        }
    }
    if let Some(age) = watched.kept {
        let have = if watched.n_kept == 1 { "has" } else { "have" };
        let chunks = counted(watched.n_kept, "chunk");
        let age = duration(age.as_secs_f64());
        let _ = writeln!(
            text,
            "{chunks} {have} checkpoints, the last written {age} ago"
        );
    }
    for holder in &watched.holders {
        let who = match &holder.process {
            Some((host, process)) => format!("{host}, process {process}"),
            None => "a process that is gone".into(),
        };
        let chunks = counted(holder.parts.len(), "chunk");
        let silent = holder.silent.map(|silent| duration(silent.as_secs_f64()));
        let _ = match (holder.is_alive, silent) {
            (true, Some(silent)) => {
                writeln!(
                    text,
                    "  {who}: {chunks} claimed, last sign of life {silent} ago"
                )
            }
            (true, None) => writeln!(text, "  {who}: {chunks} claimed"),
            (false, silent) => {
                let silent =
                    silent.map_or(String::new(), |silent| format!(", silent for {silent}"));
                let what = match holder.parts.len() {
                    0 => "it has claimed nothing".into(),
                    _ => format!("its {chunks} will be taken over"),
                };
                writeln!(text, "  {who}: ended{silent}; {what}")
            }
        };
    }
    if watched.is_complete() {
        return text;
    }
    if let Some(rate) = watched.rate {
        let _ = write!(text, "{:.1} chunks an hour lately", 3600.0 * rate);
        text += &match watched.left_s() {
            Some(left) => format!(", {} left at this rate\n", duration(left)),
            None => "\n".into(),
        };
    }
    if watched.n_alive() == 0 {
        text += "nobody is at work; the sweep's command goes on from here\n";
    }
    text
}

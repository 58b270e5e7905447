//! What `brainsweep sweep --help` says after the flags.

use crate::cli::measures;

/// Examples, and what a sweep leaves.
pub(super) fn after_help() -> String {
    let measures = measures::listed(false);
    format!(
        "Examples:
  brainsweep sweep --vary coupling.g=0:2:41 --vary input=0.6:0.9:31 --seeds 4 --out s.zarr
  brainsweep sweep --vary speed=1,2,5,10,20,inf --vary g=0.01:10:20:log --dry-run
  brainsweep sweep mine.toml --vary g=0:2 --vary 'alpha[12]=2:4' --sample sobol:4096
  brainsweep sweep --vary g=0:2:41 --seeds 8 --step-error
  brainsweep sweep --vary g=0:2:401 --seeds 100 --out /shared/s.zarr      (on every machine)
  brainsweep sweep --vary g=0:2:401 --seeds 100 --out /shared/s.zarr --slurm --array 16
  brainsweep sweep --vary g=0:2:401 --seeds 100 --out /shared/s.zarr --verify

Numbers go by their keys, or the ends of these where no other number ends so (`brainsweep
keys --of STUDY` lists them); alpha[12] is node 12 alone. The same in a study:

  [sweep]
  seeds = 4
  [sweep.vary]
  \"coupling.g\" = \"0:2:41\"
  input = [0.6, 0.7, 0.8]

Seed k of every point runs with the study's seed + k, so that all points share their
random numbers. With --own-seeds point i has the seeds from the study's seed +
i * (seeds of a point) on; they stand in the array `seed`. Any replica can be had again,
with all its samples:
  brainsweep simulate --set coupling.g=0.15 --seed 2 --set record.every=1

What it leaves in --out, a Zarr v3 group (xarray.open_zarr opens it), chunk by chunk:
  MEASURE                  the measures below
  status, diverged_at      1 done, 2 diverged (its measures are NaN); ms
  fc, STATE                with --keep
  best.csv, *.svg, *.png   once all is done
  report.html              once all is done: every point on one page, to be clicked through
  manifest.json, runs/     what was swept; who ran when, on what, how fast

Measures of the first recorded state:
{measures}
The same command goes on where the last one stopped, whatever stopped it. Ctrl-C ends
within two seconds and keeps every finished chunk, and what was done of one that took longer
than ten; figures that it leaves out are drawn by the same command. Several processes that fill
one --out share the work, on one machine or many; `brainsweep status DIR` says how far they are."
    )
}

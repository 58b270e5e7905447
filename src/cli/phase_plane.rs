//! `brainsweep phase-plane`: nullclines, flow, fixed points, cycles and orbits of a node with two states.

mod text;

use super::output::{OutputArgs, note, note_data};
use super::target::{TargetArgs, range};
use super::{interruption, positive, threads, whole};
use crate::continuation::PlaneSettings;
use crate::error::{Error, Result};
use crate::io;
use crate::run;
use crate::study::Study;

/// Without `--out`.
const OUT: &str = "Folder for the results; left out: the first free of out/NAME-phase-plane-1, \
                   out/NAME-phase-plane-2, ...";

/// Arguments of `brainsweep phase-plane`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  brainsweep phase-plane fitzhugh-nagumo --set x_ext=1
  brainsweep phase-plane wilson-cowan --set wEE=16 --set x_ext=1.5 --window x=-0.1:0.6
  brainsweep phase-plane stuart-landau --from 0.1,0 --from -1,1 --duration 100
  brainsweep phase-plane mine.toml --node 12      that node, uncoupled

Fixed points are found by a search with deflation and wherever nullclines cross; cycles,
stable and unstable, from the return map round every fixed point but saddles and from
orbits that leave fixed points, forward and backward in time, and then corrected by
collocation. A note says where fixed points and cycles do not fit together, so that one is
missing. Saddles are drawn with their stable and unstable manifolds.

What it leaves in its folder, which appears whole when all is written:
  phase_plane.npz  nullcline_STATE [n, 2] (a row of NaN between curves), field
                   [n, 4] (states, rates per ms), equilibria [n, 2], eigenvalues
                   complex [n, 2]; cycle_K, orbit_K, separatrix_K [n, 3] (ms, states)
  manifest.json    version, every key of the study, fixed points, cycles
  phase_plane.svg, phase_plane.png, report.html (to be clicked through)", mut_arg("out", |out| out.help(OUT)))]
pub struct Args {
    #[command(flatten)]
    target: TargetArgs,
    /// A node of a network, counted from 0; it is looked at uncoupled and without noise.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = whole::<usize>)]
    node: usize,
    /// From where to where a state goes, once per state; left out: so that all fixed points and cycles are in.
    #[arg(long = "window", value_name = "STATE=LOW:HIGH")]
    windows: Vec<String>,
    /// Where an orbit starts, as often as needed; left out: near corners and edges of the window.
    #[arg(long = "from", value_name = "X,Y", allow_hyphen_values = true)]
    starts: Vec<String>,
    /// How long orbits are followed, ms; they end before where they come to rest.
    #[arg(long, value_name = "MS", default_value_t = 500.0, value_parser = positive)]
    duration: f64,
    #[command(flatten)]
    output: OutputArgs,
}

impl Args {
    fn settings(&self, study: &Study) -> Result<PlaneSettings> {
        let mut settings = PlaneSettings {
            control: interruption::control(),
            ..PlaneSettings::default()
        };
        for (lowest, state) in settings.lowest.iter_mut().zip(&study.model.states) {
            *lowest = state.is_non_negative().then_some(0.0);
        }
        for text in &self.windows {
            let (name, values) = text.split_once('=').ok_or_else(|| {
                Error::malformed("--window", text, "write STATE=LOW:HIGH, as in x=-0.5:1.5")
            })?;
            let state = study.model.state(name.trim())?;
            if let Some(window) = settings.window.get_mut(state) {
                *window = Some(range("--window", values)?);
            }
        }
        for text in &self.starts {
            let numbers = text.split(',').map(|part| part.trim().parse().ok());
            let numbers: Option<Vec<f64>> = numbers.collect();
            let start = numbers.and_then(|numbers| <[f64; 2]>::try_from(numbers).ok());
            let start = start.filter(|start| start.iter().all(|v| v.is_finite()));
            settings.starts.push(start.ok_or_else(|| {
                Error::malformed(
                    "--from",
                    text,
                    "write two finite numbers, as in --from 0.1,-2",
                )
            })?);
        }
        settings.duration_ms = self.duration;
        Ok(settings)
    }
}

/// Draws a phase plane.
///
/// # Errors
/// Bad input, models that have not two states or are not smooth, places that cannot be written to.
pub(super) fn run(args: Args) -> Result<()> {
    threads::start(None)?;
    let study = args.target.study()?;
    note_data(&study);
    let settings = args.settings(&study)?;
    interruption::note_interruption()?;
    let folder = args.output.folder(&format!("{}-phase-plane", study.name))?;
    let plane = run::phase_plane(&study, args.node, &settings, &args.target.set)?;
    interruption::work_is_over(true);
    let (out, left_out) = io::output::write(&plane.output(), folder, interruption::drawing())?;
    args.output.printed.print(
        || text::to_text(&plane, &out),
        || text::to_json(&plane, &out),
    )?;
    for stopped in &plane.plane().stopped {
        note(&stopped.report());
    }
    interruption::check_drawn(&left_out, interruption::RUNS)
}

//! The flags of `brainsweep bifurcate`, and what they ask for.

use std::path::PathBuf;

use super::at::values;
use super::beside::beside;
use super::help::HELP;
use super::words::{named, parse};
use crate::cli::output::OutputArgs;
use crate::cli::target::{TargetArgs, range};
use crate::cli::{positive, whole};
use crate::error::Result;
use crate::run::{Request, branch_measure};
use crate::study::Study;

/// Without `--out`.
const OUT: &str = "Folder for the results; left out: the first free of out/NAME-bifurcate-1, \
                   out/NAME-bifurcate-2, ...";

/// Arguments of `brainsweep bifurcate`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP, mut_arg("out", |out| out.help(OUT)))]
pub struct Args {
    #[command(flatten)]
    pub(super) target: TargetArgs,
    /// The number that varies, and its range.
    #[arg(long, value_name = "NUMBER=LOW:HIGH", allow_hyphen_values = true)]
    vary: String,
    /// A second one: curves of bifurcations in both.
    #[arg(long, value_name = "NUMBER=LOW:HIGH", allow_hyphen_values = true)]
    and: Option<String>,
    /// Go on from a point of a branch that an earlier run left, counted from 0, with the numbers that varied there; it is
    /// followed both ways.
    #[arg(long, value_name = "branches.npz:BRANCH:POINT")]
    pub(super) from: Option<String>,
    /// Values of the number that varies at which every branch's solutions are wanted exactly: solutions.csv, and arrays.
    #[arg(long, value_name = "NUMBER=VALUE,...", allow_hyphen_values = true)]
    at: Option<String>,
    /// Write each of these solutions as a study that starts from it: FILE, or FILE-1, FILE-2, ... if there are several.
    #[arg(long, value_name = "FILE", requires = "at")]
    pub(super) write_initial: Option<PathBuf>,
    /// What is recorded and drawn of every solution, as often as needed: norm, mean(x), sum(x[V1,V2]), x[12], an output.
    #[arg(long, value_name = "MEASURE")]
    measure: Vec<String>,
    /// Write the branches for other programs, too: auto, mat, csv, or several.
    #[arg(long, value_name = "FORMAT,...", value_delimiter = ',')]
    export: Vec<String>,
    /// Draw the branches of a b. file of AUTO-07p beside those of one node, as often as needed.
    #[arg(long, value_name = "FILE")]
    pub(super) beside: Vec<PathBuf>,
    /// Follow the cycle, too, on which the study settles from its initial state, at its own value of the number that varies.
    #[arg(long, conflicts_with = "no_cycles")]
    pub(super) settle: bool,
    /// Let the delays take part: stability by the characteristic roots of the delayed network.
    #[arg(long)]
    pub(super) delays: bool,
    /// Of one node: leave the cycles out.
    #[arg(long, conflicts_with = "cycles")]
    pub(super) no_cycles: bool,
    /// Of one node, and with delays: how many times in a row cycles are followed that branch off from cycles, as where periods
    /// double; 0 for never [default: 1].
    #[arg(long, value_name = "N", value_parser = whole::<usize>)]
    pub(super) switches: Option<usize>,
    /// Of a network: follow the cycles born at its first N Hopf points [default: 0].
    #[arg(long, value_name = "N", value_parser = whole::<usize>)]
    pub(super) cycles: Option<usize>,
    /// The longest step along a branch; left out: a hundredth of the range, with delays a twentieth. Where states are far larger than that, as in mV, steps
    /// are longer, in proportion. Shorter steps cost time and make it surer that no pair of close events is missed.
    #[arg(long, value_name = "LENGTH", value_parser = positive)]
    step_max: Option<f64>,
    /// The shortest step, below which a branch is given up [default: 1e-9, less over a narrow range].
    #[arg(long, value_name = "LENGTH", value_parser = positive)]
    step_min: Option<f64>,
    /// Of one node: a point is found when Newton's correction is below this, relative to 1 + |x| [default: 1e-11].
    #[arg(long, value_name = "SIZE", value_parser = positive)]
    pub(super) tolerance: Option<f64>,
    /// Of one node: where unconnected equilibria are looked for, the same for all states [default: -2:2].
    #[arg(long, value_name = "LOW:HIGH", allow_hyphen_values = true)]
    pub(super) search: Option<String>,
    /// Mesh intervals of a cycle to begin with; more where it needs them [default: 40 of one node, 20 of a network].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(8..=2000))]
    pub(super) mesh: Option<u32>,
    /// The most points of a branch, and the most cycles [default: 20000 points, 2000 cycles].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..))]
    points: Option<u32>,
    /// A branch of cycles ends where the period passes this [default: 1000].
    #[arg(long, value_name = "MS", value_parser = positive)]
    pub(super) period_max: Option<f64>,
    #[command(flatten)]
    pub output: OutputArgs,
}

impl Args {
    /// The study: that of the target, or a node of a model, with what is set.
    pub(super) fn study(&self) -> Result<Study> {
        self.target.study()
    }

    /// What is to be followed.
    pub fn request(&self, study: &Study) -> Result<Request> {
        let mut varied = vec![parse(study, "--vary", &self.vary)?];
        if let Some(and) = &self.and {
            varied.push(parse(study, "--and", and)?);
        }
        let at = self.at.as_deref();
        let at = at.map_or(Ok(Vec::new()), |text| values(study, text, &varied[0]))?;
        let mut request = Request::new(study, varied).with_steps(self.step_min, self.step_max);
        request.at = at;
        let measures = self.measure.iter();
        let measures = measures.map(|text| branch_measure(study, &request.varied, text));
        request.measures = measures.collect::<Result<_>>()?;
        let exports = self.export.iter();
        request.exports = exports.map(|word| named(word)).collect::<Result<_>>()?;
        request.beside = beside(&self.beside, &request.varied)?;
        (request.delays, request.settle) = (self.delays, self.settle);
        request.network_cycles = self.cycles.unwrap_or(0);
        request.settings.cycles = !self.no_cycles;
        self.check_start(study, &request.varied[0])?;
        let settings = &mut request.settings;
        if let Some(tolerance) = self.tolerance {
            settings.newton_tolerance = tolerance;
        }
        if let Some(points) = self.points {
            (settings.max_points, settings.max_cycles) = (points as usize, points as usize);
        }
        settings.switches = self.switches.unwrap_or(settings.switches);
        if let Some(period_max) = self.period_max {
            settings.period_max = period_max;
        }
        if let Some(search) = &self.search {
            settings.search_box = range("--search", search)?;
        }
        if let Some(mesh) = self.mesh {
            settings.mesh = mesh as usize;
        }
        match request.is_of_network(study) {
            true => self.check_for_network(study)?,
            false => self.check_for_node()?,
        }
        Ok(request)
    }
}

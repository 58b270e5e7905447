//! The flags of `brainsweep bifurcate`, and what they ask for.

use std::path::{Path, PathBuf};

use crate::branches::Varied;
use crate::cli::output::OutputArgs;
use crate::cli::target::{TargetArgs, range};
use crate::cli::{positive, whole};
use crate::continuation::network::Network;
use crate::error::{Error, Result};
use crate::io::branches::read_point;
use crate::run::{Request, Start, branch_measure, varied};
use crate::study::Study;
use crate::study::key::{self, Purpose};

/// Without `--out`.
const OUT: &str = "Folder for the results; left out: the first free of out/NAME-bifurcate-1, \
                   out/NAME-bifurcate-2, ...";

/// Arguments of `brainsweep bifurcate`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  brainsweep bifurcate fitzhugh-nagumo --vary x_ext=0:2
  brainsweep bifurcate wilson-cowan --set wEE=16 --vary x_ext=-2:4 --and y_ext=-5:5
  brainsweep bifurcate mine.toml --vary parameters.gamma=-3:1 --no-cycles --out gamma
  brainsweep bifurcate hcp_network --vary x_ext=0.7:0.95 --delays --cycles 1
  brainsweep bifurcate hcp_network --set coupling.kind=additive --vary x_ext=-1:1.5
  brainsweep bifurcate hcp_network --set input=0.9 --vary coupling.g=0:2
  brainsweep bifurcate hcp_network --vary x_ext=0.8:1.3 --and coupling.g=0.5:1.5 --delays
  brainsweep bifurcate fitzhugh-nagumo --vary x_ext=0:2 --at x_ext=0.5,0.9
  brainsweep bifurcate fitzhugh-nagumo --from out/run/branches.npz:equilibria_1:40 --vary gamma=-2:-0.5
  brainsweep bifurcate hcp_network --vary x_ext=0.7:1.4 --measure 'mean(x)' --measure 'x[31]'
  brainsweep bifurcate fitzhugh-nagumo --vary x_ext=0:2 --at x_ext=0.5 --write-initial rest.toml

Numbers go by their keys, or the ends of these where no other number that moves an
equilibrium ends so: gamma for parameters.gamma, x_ext for input.x, the constant input x.

With --vary alone: all equilibria over the range, with every fold, Hopf point and branch
point on them, and the cycles born at Hopf points until they end, with theirs. With --and
also the curves on which folds, Hopf points and folds of cycles lie in both parameters,
and the points of codimension two on these. Of a network --and gives the curves of folds and
Hopf points of all nodes at once, with --delays those of the delayed network.

With --from the branch through a saved point is followed both ways, over the same number or
another one, at the numbers that varied there; those that cross it, and cycles, as else. Of a
cycle of one node its branch is followed.

With --at x_ext=0.5,0.9 also the solutions of every branch at exactly these values.
--measure chooses what is recorded of every solution, next to its states, and drawn in
measures.svg: the root of the sum of squares of all states (norm), the mean or the sum of a
state or output over all regions or some, one region.

Of a network: the equilibrium that the study's start leads to, of all nodes at once, over
any number of a coupling (coupling.g, coupling.WHICH.NAME where there are several), an
input or a parameter, of all nodes or of one (x_ext[12]); with --delays also
coupling.conduction_speed. Couplings are of any form that is smooth, through one signal or
several, of states or of outputs that depend on states alone. Every Hopf point, fold and
branch point, with its frequency, first Lyapunov coefficient, and where in the network its
eigenvector sits. Equilibria do not depend on delays; their stability does. With --cycles 2 also the cycles born at the
first two Hopf points: without delays by collocation, with their Floquet multipliers and
bifurcations (about half a second each for 80 nodes of two states); with --delays by
harmonic balance, without multipliers.

What it leaves in its folder, which appears whole when all is written:
  branches.npz     for every branch BRANCH_parameters [n_points, n_parameters],
                   BRANCH_state [n_points, n_states], BRANCH_n_unstable, ...;
                   the documentation of its arrays is in manifest.json
  events.csv       one line per event
  points.csv       one line per point of every branch
  solutions.csv    with --at: one line per solution; a cycle by its state at time 0
  modes.csv        networks: on how many nodes each event's eigenvector sits
                   (participation), and the share of every node
  manifest.json    version, every key of the study, settings, how branches end
  *.svg, *.png     figures

Ctrl-C keeps what is finished; a second one ends the program at once.", mut_arg("out", |out| out.help(OUT)))]
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
    /// Let the delays take part: stability by the characteristic roots of the delayed network.
    #[arg(long)]
    pub(super) delays: bool,
    /// Of one node: leave the cycles out.
    #[arg(long, conflicts_with = "cycles")]
    pub(super) no_cycles: bool,
    /// Of a network: follow the cycles born at its first N Hopf points [default: 0].
    #[arg(long, value_name = "N", value_parser = whole::<usize>)]
    pub(super) cycles: Option<usize>,
    /// The longest step along a branch; left out: a hundredth of the range. Shorter steps cost time and make it surer that no
    /// pair of close events is missed.
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
    pub(super) output: OutputArgs,
}

impl Args {
    /// The study: that of the target, or a node of a model, with what is set.
    pub(super) fn study(&self) -> Result<Study> {
        self.target.study()
    }

    /// The point that is gone on from, with its numbers set in `study`; those of `--set` go before.
    /// Also how these are set by flags.
    pub(super) fn start(&self, study: &mut Study) -> Result<(Option<Start>, Vec<String>)> {
        let Some(text) = &self.from else {
            return Ok((None, Vec::new()));
        };
        let hint = "write branches.npz:BRANCH:POINT, as in out/run/branches.npz:equilibria_1:12";
        let malformed = || Error::malformed("--from", text, hint);
        let mut parts = text.rsplitn(3, ':');
        let (Some(point), Some(branch), Some(file)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(malformed());
        };
        let point = point.parse().map_err(|_| malformed())?;
        let saved = read_point(Path::new(file), branch, point)?;
        if saved.state.len() != study.connectome.n_nodes() * study.model.states.len() {
            let hint = "name the model or study of the run that left it";
            let why = format!(
                "{branch} has {} states, and the study has {} nodes of {}",
                saved.state.len(),
                study.connectome.n_nodes(),
                study.model.states.len()
            );
            return Err(Error::not_applicable("--from", why, hint));
        }
        let of = |name: &str| key::resolve(study, name, Purpose::Follow).map(|a| a.full());
        let names = self
            .target
            .set
            .iter()
            .filter_map(|text| text.split('=').next());
        let set: Vec<String> = names.filter_map(|name| of(name.trim()).ok()).collect();
        let mut paths = Vec::new();
        for (name, value) in &saved.numbers {
            paths.push((of(name)?, *value));
        }
        paths.retain(|(path, _)| !set.contains(path));
        let mut flags = Vec::new();
        for (path, value) in paths {
            study.set_number(&path, value)?;
            flags.push(format!("{path}={value:?}"));
        }
        let orbit = saved
            .orbit
            .map(|orbit| (orbit.times, orbit.states, orbit.period));
        let state = saved.state;
        Ok((Some(Start { state, orbit }), flags))
    }

    /// What is to be followed.
    pub(super) fn request(&self, study: &Study) -> Result<Request> {
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
        request.delays = self.delays;
        request.network_cycles = self.cycles.unwrap_or(0);
        request.settings.cycles = !self.no_cycles;
        let own = Network::new(study, &request.varied[0].path);
        if let (Some(_), Ok(network)) = (&self.from, own) {
            let (own, [low, high]) = (network.parameter_start(), request.varied[0].range);
            if !(low..=high).contains(&own) {
                let why = format!("it lies at {own}, outside the range of --vary");
                let hint = "take a range that holds it, or say --set with a value within";
                return Err(Error::not_applicable("--from", why, hint));
            }
        }
        let settings = &mut request.settings;
        if let Some(tolerance) = self.tolerance {
            settings.newton_tolerance = tolerance;
        }
        if let Some(points) = self.points {
            (settings.max_points, settings.max_cycles) = (points as usize, points as usize);
        }
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

/// Reads `NUMBER=VALUE,VALUE`, values within the range of the number that varies.
fn values(study: &Study, text: &str, varied: &Varied) -> Result<Vec<f64>> {
    let hint = "write NUMBER=VALUE,VALUE with the number of --vary, as in x_ext=0.5,0.7";
    let malformed = |part: &str| Error::malformed_part("--at", text, part, hint);
    let (name, list) = text.split_once('=').ok_or_else(|| malformed(text))?;
    if key::resolve(study, name.trim(), Purpose::Follow)?.full() != varied.path {
        return Err(malformed(name));
    }
    let [low, high] = varied.range;
    let mut values: Vec<f64> = Vec::new();
    for part in list.split(',') {
        let value: f64 = part.trim().parse().map_err(|_| malformed(part))?;
        if !(low..=high).contains(&value) {
            let hint = format!("give values from {low} to {high}, the range of --vary");
            return Err(Error::malformed_part("--at", text, part, hint));
        }
        if !values.contains(&value) {
            values.push(value);
        }
    }
    Ok(values)
}

/// Reads `NUMBER=LOW:HIGH`.
fn parse(study: &Study, flag: &str, text: &str) -> Result<Varied> {
    let (name, values) = text
        .split_once('=')
        .ok_or_else(|| Error::malformed(flag, text, "write NUMBER=LOW:HIGH, as in x_ext=0:2"))?;
    varied(study, name.trim(), range(flag, values)?)
}

//! How much a fit tries, and for whom: what was asked for, with every default filled in.

use serde::Serialize;

use crate::error::{Error, Result};
use crate::fit::{Cma, Description, Features, Method, Objective, Sobol, Start};
use crate::measure::{MEASURES, Scope};
use crate::run::counted;
use crate::run::scope::lacking;
use crate::sweep::check_seeds;

/// Candidates of a generation are a multiple of this: half the lanes of a thread, so that few go empty.
const LANES: usize = 8;
/// Points that fill the ranges before the search, at least.
const FEWEST_AT_START: usize = 16;
/// Simulations for each free number, and at least.
const RUNS_PER_NUMBER: usize = 80;
const FEWEST_RUNS: usize = 160;
/// The same where several objectives are to be large, and candidates of a generation.
const RUNS_PER_NUMBER_OF_FRONTS: usize = 200;
const FEWEST_RUNS_OF_FRONTS: usize = 400;
const POPULATION_OF_FRONTS: usize = 32;
/// Candidates that are run again, of one objective and of several, and unseen seeds of each.
const FINALISTS: usize = 4;
const FINALISTS_OF_FRONTS: usize = 8;
const HELD_OUT: usize = 16;

/// How much a fit tries, with every default filled in.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Settings {
    /// How it searches.
    pub method: Method,
    /// Simulations, at most, those on unseen seeds among them.
    #[serde(skip)]
    pub runs: usize,
    /// Simulations of every candidate on each of its connectomes.
    pub replicas: usize,
    /// Connectomes on which every candidate runs: those of all subjects together where each has one, else 1.
    #[serde(skip)]
    pub connectomes: usize,
    /// Candidates of a generation.
    pub population: usize,
    /// Candidates of the first generation, which fill the ranges.
    pub start: usize,
    /// Where these lie.
    #[serde(skip_serializing_if = "is_default")]
    pub start_at: Start,
    /// Which of its own random numbers the search takes.
    pub search: u64,
    /// Candidates that are run again on unseen seeds.
    #[serde(skip)]
    pub finalists: usize,
    /// How many seeds those are.
    #[serde(skip)]
    pub held_out: usize,
    /// Simulations that every search leaves to the finalists: its own, and its share of those of all subjects together where each is
    /// fitted for itself.
    #[serde(skip)]
    pub last: usize,
}

/// What has to run beside a single search on one connectome.
pub(super) struct Load {
    /// Searches side by side.
    pub searches: usize,
    /// Connectomes on which every candidate runs.
    pub connectomes: usize,
    /// Connectomes on which finalists run besides.
    pub kept_out: usize,
    /// Whether finalists of all subjects together are run, too.
    pub with_group: bool,
}

/// Fills in the defaults, for `n` free numbers.
pub(super) fn settings(asked: &Description, n: usize, load: &Load, seed: u64) -> Result<Settings> {
    let or = |asked: Option<u32>, default: usize| asked.map_or(default, |n| n as usize);
    let method = method(asked)?;
    let is_front = asked.objectives.len() > 1;
    let start_at = asked.start.unwrap_or_default();
    if start_at == Start::Hopf && !matches!(method, Method::Cma | Method::Bipop | Method::Guided) {
        let why = format!("{} has no points to begin with of its own", method.name());
        let hint = "take guided, cma or bipop, or leave it out";
        return Err(Error::not_applicable("--start hopf", why, hint));
    }
    let replicas = or(asked.replicas, 1);
    let for_strategy = Cma::population(n).next_multiple_of(LANES);
    let (population, finalists, per_number, fewest_by_default) = match is_front {
        true => (
            POPULATION_OF_FRONTS,
            FINALISTS_OF_FRONTS,
            RUNS_PER_NUMBER_OF_FRONTS,
            FEWEST_RUNS_OF_FRONTS,
        ),
        false => (for_strategy, FINALISTS, RUNS_PER_NUMBER, FEWEST_RUNS),
    };
    let population = or(asked.population, population);
    let (finalists, held_out) = (or(asked.finalists, finalists), or(asked.held_out, HELD_OUT));
    for (flag, value, fewest) in [
        ("--replicas", replicas, 1),
        ("--population", population, 4),
        ("--finalists", finalists, 1),
        ("--held-out", held_out, 2),
    ] {
        if value < fewest {
            let rule = format!("must be {fewest} or more");
            return Err(Error::flag_range(flag, value, rule));
        }
    }
    let start = match method {
        Method::Sobol | Method::Nsga2 => population,
        Method::Cma | Method::Bipop | Method::Guided => {
            FEWEST_AT_START.max((4 * n).next_multiple_of(LANES))
        }
    };
    let connectomes = load.connectomes;
    let of_finalists = finalists * held_out * (connectomes + load.kept_out);
    let last = match load.with_group {
        true => of_finalists + of_finalists.div_ceil(load.searches),
        false => of_finalists,
    };
    let fewest = (start + population) * replicas * connectomes + last;
    let default = fewest_by_default.max(per_number * n) * replicas * connectomes;
    let runs = or(asked.runs, default.max(fewest));
    if runs < fewest {
        let of_all = match (load.with_group, connectomes) {
            (true, _) => ", a part of the finalists for all subjects together included".into(),
            (false, 1) => String::new(),
            (false, n) => format!(", each on the connectomes of {n} subjects"),
        };
        let rule = format!(
            "that is too few: {start} candidates to begin with and {population} in a generation, seeds for each: {replicas}, and {finalists} \
             finalists on {held_out} unseen seeds take {fewest}{of_all}; raise it, or lower these"
        );
        return Err(Error::flag_range("--runs", runs, rule));
    }
    if n > Sobol::MOST {
        let most = Sobol::MOST;
        let problem = format!("{n} numbers are free, and a fit takes at most {most}");
        return Err(Error::usage(
            problem,
            "tie some together, as in --free 'a,b=0:1'",
        ));
    }
    check_seeds(seed, replicas + held_out)?;
    Ok(Settings {
        method,
        runs,
        replicas,
        connectomes,
        population,
        start,
        start_at,
        search: asked.search.unwrap_or(0),
        finalists,
        held_out,
        last,
    })
}

/// A manifest leaves it out: so fits go on that were begun before there was a choice.
fn is_default(start: &Start) -> bool {
    *start == Start::default()
}

/// How to search: what was asked for, if it goes with the number of objectives.
fn method(asked: &Description) -> Result<Method> {
    let n = asked.objectives.len();
    let default = match n > 1 {
        true => Method::Nsga2,
        false => Method::default(),
    };
    let method = asked.method.unwrap_or(default);
    match method {
        Method::Cma | Method::Bipop | Method::Guided if n > 1 => {
            let why = format!(
                "{} makes one objective large, and there are {n}",
                method.name()
            );
            let hint = "take nsga2 or sobol, or add the objectives up in one expression";
            Err(Error::not_applicable("--method", why, hint))
        }
        Method::Nsga2 if n < 2 => {
            let why = "nsga2 searches the front of several objectives, and there is one";
            let hint = "give a second --objective, or take guided";
            Err(Error::not_applicable("--method", why, hint))
        }
        _ => Ok(method),
    }
}

/// The subjects one by one; whether each has a connectome of its own decides what must tell them apart.
pub(super) fn each(
    subjects: &[usize],
    features: &Features,
    objectives: &[Objective],
    have_own: bool,
) -> Result<Vec<Vec<usize>>> {
    let [objective] = objectives else {
        let why = format!(
            "each subject gets the numbers of one objective, and there are {}",
            objectives.len()
        );
        let hint = "leave it out, or add the objectives up in one expression";
        return Err(Error::not_applicable("--each-subject", why, hint));
    };
    if subjects.len() < 2 {
        let why = format!(
            "the fit has {}",
            counted(subjects.len(), "measured subject")
        );
        let hint = "leave it out, or give the study several (connectome.functional)";
        return Err(Error::not_applicable("--each-subject", why, hint));
    }
    let mut terms = 0..features.terms().len();
    if !have_own && !terms.any(|term| objective.uses(term) && features.is_of_subjects(term)) {
        let why = format!("{:?} is the same for every subject", objective.text());
        let hint = "leave it out, or take fc into the objective";
        return Err(Error::not_applicable("--each-subject", why, hint));
    }
    Ok(subjects.iter().map(|subject| vec![*subject]).collect())
}

/// The subjects that are fitted, and those that are not.
pub(super) fn subjects(n: usize, validated: &[usize]) -> Result<(Vec<usize>, Vec<usize>)> {
    for (k, subject) in validated.iter().enumerate() {
        if *subject >= n {
            let rule = match n {
                0 => "the study has no measured subjects".into(),
                n => format!("the study has measured subjects 0 to {}", n - 1),
            };
            return Err(Error::flag_range("--validate", subject, rule));
        }
        if validated[..k].contains(subject) {
            let rule = "the subject is named twice; leave out one of the two";
            return Err(Error::flag_range("--validate", subject, rule));
        }
    }
    if n > 0 && validated.len() == n {
        let problem = "all measured subjects are kept out, and none is left to fit";
        return Err(Error::usage(problem, "name fewer with --validate"));
    }
    let fitted = (0..n).filter(|subject| !validated.contains(subject));
    let mut validated = validated.to_vec();
    validated.sort_unstable();
    Ok((fitted.collect(), validated))
}

/// Checks that no objective speaks of a measure that the runs do not have.
pub(super) fn check_terms(objectives: &[&str], scope: &Scope) -> Result<()> {
    let is_between = |c: char| !c.is_ascii_alphanumeric() && c != '_';
    for word in objectives.iter().flat_map(|text| text.split(is_between)) {
        let name = word.strip_suffix("_data").unwrap_or(word);
        let mut measures = MEASURES.iter();
        if let Some(measure) = measures.find(|one| one.name == name && !one.applies(scope)) {
            let (why, hint) = lacking(measure, scope);
            return Err(Error::unusable(name, "in an objective", why, Some(&hint)));
        }
    }
    Ok(())
}

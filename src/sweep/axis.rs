//! One swept number: which it is, its values, its unit.

use crate::error::{Error, Result};
use crate::study::Study;

use super::description::Spread;

/// A number of the study and the values it takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// The whole path, as [`Study::set_number`] takes it.
    pub path: String,
    /// The values, in order.
    pub values: Vec<f64>,
    /// Whether equal steps are equal ratios.
    pub log: bool,
    /// Unit; "1" for none.
    pub unit: String,
    /// What it is.
    pub meaning: String,
}

impl Axis {
    /// Path and unit, for the axes of figures.
    pub fn label(&self) -> String {
        if self.unit == "1" {
            self.path.clone()
        } else {
            format!("{} ({})", self.path, self.unit)
        }
    }

    /// One of its values, as "coupling.conduction_speed = 10 mm/ms".
    pub fn setting(&self, value: f64) -> String {
        let unit = if self.unit == "1" { "" } else { &self.unit };
        format!("{} = {value} {unit}", self.path).trim_end().into()
    }

    /// An axis of `study` that takes `values`.
    pub(super) fn new(study: &Study, path: String, values: Vec<f64>, log: bool) -> Self {
        let (unit, meaning) = describe(study, &path);
        Self {
            path,
            values,
            log,
            unit,
            meaning,
        }
    }

    /// Whether it moves delays, so that its values cannot stand side by side in one batch.
    pub(super) fn moves_delays(&self, study: &Study) -> bool {
        let (key, _) = split(&self.path);
        let parameter = |name: &str| study.model.parameter(name).ok();
        key == "coupling.conduction_speed"
            || key
                .strip_prefix("parameters.")
                .and_then(parameter)
                .is_some_and(|index| study.model.is_delay(index))
    }
}

/// The values of a grid's axis. Those between the ends of a range have 12 digits, so that what is printed is what ran.
pub(super) fn values(key: &str, spread: &Spread) -> Result<(Vec<f64>, bool)> {
    match *spread {
        Spread::List(ref values) => Ok((values.clone(), false)),
        Spread::Range {
            from,
            to,
            n: Some(n),
            log,
        } => {
            let last = f64::from(n - 1);
            let value = |k: u32| match k {
                0 => from,
                k if k + 1 == n => to,
                k => short(Spread::at(from, to, log, f64::from(k) / last)),
            };
            Ok(((0..n).map(value).collect(), log))
        }
        Spread::Range { .. } => {
            let rule = format!("how many values? write {spread}:n, or draw points with --sample");
            Err(Error::bad_value(key, format!("\"{spread}\""), rule))
        }
    }
}

/// `value` with 12 digits.
pub(super) fn short(value: f64) -> f64 {
    format!("{value:.11e}").parse().unwrap_or(value)
}

/// The whole path of what a user writes: `coupling.g` or `g`, `coupling.conduction_speed` or `speed`, `parameters.alpha[12]` or `alpha[12]`.
///
/// An end of a path will do where no other path of the study ends so; a bare `input` is the first state's.
///
/// # Errors
/// [`Error::BadValue`] if several paths end so, or for numbers that cannot be varied, with the reason; [`Error::Unknown`] for the rest.
pub fn resolve(study: &Study, text: &str) -> Result<String> {
    let (key, node) = split(text);
    if let Some(reason) = fixed(key) {
        return Err(Error::bad_value(text, "varied", reason));
    }
    let first = study.model.inputs.first().map(|input| input.name);
    let first = format!("input.{}", first.unwrap_or_default());
    let paths: Vec<String> = study
        .number_paths()
        .into_iter()
        .filter(|path| path != "input")
        .collect();
    let ends_so = |path: &&String| {
        let rest = path.strip_suffix(key);
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with(['.', '_']))
    };
    let starts_so = |path: &&String| {
        path.rsplit_once('.')
            .is_some_and(|(start, _)| start == key || start.ends_with(&format!(".{key}")))
    };
    let mut found: Vec<&String> = if key == "input" {
        vec![&first]
    } else {
        paths.iter().filter(|path| *path == key).collect()
    };
    if found.is_empty() {
        found = paths.iter().filter(ends_so).collect();
    }
    if found.is_empty() {
        // `sigma`, where only one state has noise.
        found = paths
            .iter()
            .filter(starts_so)
            .filter(|path| acts(study, path))
            .collect();
    }
    if let (true, Some(name)) = (found.is_empty(), key.strip_prefix("coupling.")) {
        // `coupling.g`, where there are several couplings.
        let of_term = |path: &&String| {
            let rest = path.strip_prefix("coupling.");
            rest.and_then(|rest| rest.split_once('.'))
                .is_some_and(|(_, last)| last == name)
        };
        found = paths.iter().filter(of_term).collect();
    }
    match found[..] {
        [path] => Ok(format!("{path}{node}")),
        [] => Err(Error::unknown(
            "number",
            text,
            paths.iter().map(String::as_str),
        )),
        _ => {
            let names: Vec<&str> = found.iter().map(|path| path.as_str()).collect();
            let rule = format!(
                "several numbers are called so; say which: {}",
                names.join(", ")
            );
            Err(Error::bad_value("--vary", text, rule))
        }
    }
}

/// Whether the study gives a number another value than 0 as it is.
fn acts(study: &Study, path: &str) -> bool {
    let Some(name) = path.strip_prefix("noise.sigma.") else {
        return true;
    };
    let state = study
        .model
        .states
        .iter()
        .position(|state| state.name == name);
    let n_nodes = study.connectome.n_nodes();
    state.is_some_and(|s| (0..n_nodes).any(|node| study.noise.sigma[s].at(node) != 0.0))
}

/// Why a number of the study cannot be varied, if it is one of those.
fn fixed(key: &str) -> Option<&'static str> {
    match key.strip_prefix("protocol.").unwrap_or(key) {
        "dt" => Some(
            "the step cannot be: all replicas of a sweep take their steps and samples together, and a result that moves with \
             the step is the integrator's; compare steps with `brainsweep simulate --set protocol.dt=...`",
        ),
        "seed" | "simulation" => Some("replicas with other seeds are asked for with --seeds N"),
        "duration" | "transient" => Some(
            "all replicas of a sweep are equally long; set it for all with --set, or make a sweep for each",
        ),
        _ => None,
    }
}

/// Unit and meaning of the number at `path`.
fn describe(study: &Study, path: &str) -> (String, String) {
    let (key, node) = split(path);
    let state = |name: &str| study.model.states.iter().find(|state| state.name == name);
    let input = |name: &str| {
        let index = study.model.input_index(name);
        index.map_or("1", |i| study.model.inputs[i].unit).to_owned()
    };
    // An input drives its state's derivative.
    let per = |unit: &str, time: &str| {
        if unit == "1" {
            time.into()
        } else {
            format!("{unit} {time}")
        }
    };
    let (unit, meaning): (String, String) = match key.split('.').collect::<Vec<_>>()[..] {
        ["coupling", "conduction_speed"] => ("mm/ms".into(), "conduction speed".into()),
        ["coupling", ref number @ ..] => {
            let number = study.coupling.number(number);
            number.map_or(("1".into(), key.into()), |(t, p)| {
                let parameter = &study.coupling.terms[t].form.parameters[p];
                (parameter.unit.into(), parameter.meaning.into())
            })
        }
        ["noise", "tau"] => ("ms".into(), "correlation time of the noise".into()),
        ["noise", "sigma", name] => {
            let unit = state(name).map_or("1", |state| state.unit);
            (
                per(unit, "ms^-0.5"),
                format!("strength of the noise on {name}"),
            )
        }
        ["noise", "mean", name] => (input(name), format!("mean of the noise on {name}")),
        ["input", name] => (input(name), format!("constant input to {name}")),
        ["initial", name] => {
            let unit = state(name).map_or("1", |state| state.unit);
            (unit.into(), format!("{name} at t = 0"))
        }
        ["parameters", name] => {
            let parameter = study.model.parameters.iter().find(|p| p.name == name);
            parameter.map_or(("1".into(), name.into()), |p| {
                (p.unit.into(), p.meaning.into())
            })
        }
        _ => ("1".into(), key.into()),
    };
    match node.trim_matches(['[', ']']).parse::<usize>() {
        Ok(node) => {
            let label = study.connectome.labels.get(node).map_or("", String::as_str);
            (unit, format!("{meaning}, node {node} ({label}) alone"))
        }
        Err(_) => (unit, meaning),
    }
}

/// `alpha[12]` to `("alpha", "[12]")`.
fn split(path: &str) -> (&str, &str) {
    path.split_at(path.find('[').unwrap_or(path.len()))
}

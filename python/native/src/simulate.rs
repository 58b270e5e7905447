//! Simulations: one by one as the command line does, or several side by side.

use std::path::{Path, PathBuf};

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::output::{Arrays, arrays, rest, states};
use crate::raise::{Raised, note};
use crate::study::Study;
use crate::watch::{drawing, ending, undrawn, watched};
use brainsweep::Control;
use brainsweep::backend::Backend;
use brainsweep::cli::wrong_usage::{Asked, asked};
use brainsweep::cli::{Command, threads};
use brainsweep::error::{Error, Result};
use brainsweep::io;
use brainsweep::io::folder::NewFolder;
use brainsweep::output::Description;
use brainsweep::plan::Plan;
use brainsweep::run::{Simulated, Simulation, simulate_batch};

/// Where a run without a folder keeps what it has.
const PARTIAL: &str = "the exception's `partial`";

/// What flags of a command ask for.
pub(crate) fn command(words: Vec<String>) -> Result<Command> {
    let program = "brainsweep".into();
    let all: Vec<_> = std::iter::once(program)
        .chain(words.into_iter().map(Into::into))
        .collect();
    match asked(&all)? {
        Asked::Work(cli) => Ok(cli.command),
        Asked::Help(help) => Err(Error::usage(
            help.render().to_string(),
            "leave out the help",
        )),
    }
}

/// Tells how work ended: none where it is done, else report, hint and exit code.
pub(crate) fn set_failure(result: &Bound<'_, PyDict>, ended: Result<()>) -> PyResult<()> {
    let failure = ended.err().map(|e| (e.report(), e.hint(), e.exit_code()));
    result.set_item("failure", failure)
}

/// Simulates studies; several of them in one batch. `words` are those of `brainsweep simulate`.
#[pyfunction]
pub(crate) fn simulate<'py>(
    py: Python<'py>,
    studies: Vec<PyRef<'py, Study>>,
    words: Vec<String>,
    bar: Py<PyAny>,
) -> PyResult<Vec<Bound<'py, PyDict>>> {
    threads::start(None).raised(py)?;
    let studies: Vec<_> = studies.iter().map(|study| study.study.clone()).collect();
    let Command::Simulate(args) = command(words).raised(py)? else {
        unreachable!("the package asks for a simulation")
    };
    let choose = |plan: &Plan| -> PyResult<Box<dyn Backend>> {
        let selected = args.backend.choose(studies.len(), plan).raised(py)?;
        note(py, selected.reason)?;
        Ok(selected.backend)
    };
    if let [study] = &studies[..] {
        let simulation = Simulation::new(study).raised(py)?;
        let backend = choose(simulation.plan())?;
        let out = args.output.out.as_deref();
        let folder = out.map(|out| NewFolder::named_or_beside(out, args.output.force));
        let folder = folder.transpose().raised(py)?;
        note(
            py,
            folder.iter().filter_map(NewFolder::note).map(String::from),
        )?;
        let n_steps = u64::from(simulation.plan().n_steps);
        let run = |control: &Control| {
            let simulated = simulation.run(&*backend, control)?;
            let write = |folder| io::output::write(&simulated.output(), folder, &drawing(control));
            let written = folder.map(write).transpose()?;
            Ok((simulated, written.unzip()))
        };
        let (stopped, ran) = watched(py, &bar, n_steps, run)?;
        let (simulated, (out, left_out)) = ran.raised(py)?;
        note(py, undrawn(&left_out.unwrap_or_default()))?;
        return Ok(vec![result(py, simulated, stopped, out)?]);
    }
    if args.output.out.is_some() {
        let hint = "simulate them one by one, or as a sweep";
        let error = Error::not_applicable("out", "several studies have no folder together", hint);
        return Err(crate::raise::exception(py, &error, None));
    }
    let plan = Plan::batch(&studies).raised(py)?;
    let backend = choose(&plan)?;
    let n_steps = u64::from(plan.n_steps) * plan.n_simulations() as u64;
    let run = |control: &Control| simulate_batch(&studies, &*backend, control);
    let (stopped, all) = watched(py, &bar, n_steps, run)?;
    let all = all.raised(py)?.into_iter();
    all.map(|one| result(py, one, stopped, None)).collect()
}

fn result<'py>(
    py: Python<'py>,
    simulated: Simulated,
    stopped: bool,
    out: Option<PathBuf>,
) -> PyResult<Bound<'py, PyDict>> {
    let (result, all, place, of_states) = numbers(py, &simulated)?;
    note(py, simulated.remarks())?;
    let kept = out.as_deref().unwrap_or(Path::new(PARTIAL));
    let (recorded, ended) = simulated.into_recorded(kept);
    result.set_item("arrays", all)?;
    result.set_item("states", states(place, recorded.samples, of_states))?;
    result.set_item("path", out)?;
    set_failure(&result, ending(stopped, ended))?;
    Ok(result)
}

/// Everything but the samples of the recorded states: all else, the arrays, and where among them those states stand and what they are.
fn numbers<'py>(
    py: Python<'py>,
    simulated: &Simulated,
) -> PyResult<(Bound<'py, PyDict>, Arrays, usize, Vec<Description>)> {
    let plan = simulated.plan();
    let recorded = plan.recording.states.iter();
    let names: Vec<&str> = recorded
        .map(|&state| plan.model.observable(state).name)
        .collect();
    let is_state = |name: &str| names.contains(&name);
    let output = simulated.numbers();
    let mut of_all = output.arrays.iter().map(|array| &array.description);
    let place = of_all.position(|of| is_state(&of.name)).unwrap_or(0);
    let of_states = output.arrays.iter().map(|array| &array.description);
    let of_states = of_states.filter(|of| is_state(&of.name)).cloned().collect();
    let result = rest(py, &output)?;
    Ok((result, arrays(output.arrays, is_state), place, of_states))
}

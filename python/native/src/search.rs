//! Sweeps, fits and continuation, asked for in the words of the command line.

use std::path::Path;

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::output::{arrays, rest};
use crate::raise::{Raised, note};
use crate::simulate::{command, set_failure};
use crate::study::Study;
use crate::watch::{drawing, ending, undrawn, watched};
use brainsweep::Control;
use brainsweep::backend::Backend;
use brainsweep::cli::bifurcate::said_of_nodes;
use brainsweep::cli::fit::found;
use brainsweep::cli::sweep::said;
use brainsweep::cli::{Command, threads};
use brainsweep::error::Error;
use brainsweep::io;
use brainsweep::io::folder::NewFolder;
use brainsweep::io::output::LeftOut;
use brainsweep::run::{self, FillOptions, Fit, FitOptions};
use brainsweep::study::key::Purpose;

/// Where results go that are told no place.
const OUT: &str = "out";

/// Fills a store. `words` are those of `brainsweep sweep`.
#[pyfunction]
pub(crate) fn sweep<'py>(
    py: Python<'py>,
    study: PyRef<'py, Study>,
    words: Vec<String>,
    bar: Py<PyAny>,
) -> PyResult<Bound<'py, PyDict>> {
    threads::start(None).raised(py)?;
    let asked_by = words.clone();
    let Command::Sweep(args) = command(words).raised(py)? else {
        unreachable!("the package asks for a sweep")
    };
    let read = study
        .read(&args.settings(), Purpose::SetInSweep)
        .raised(py)?;
    let stored = args.stored(&read.study, read.sweep).raised(py)?;
    let settings = args.settings();
    let overruled = stored.sweep().overruled(&settings, Purpose::SetInSweep);
    note(py, overruled)?;
    let n_replicas = stored.sweep().n_replicas();
    let selected = args.backend.choose(n_replicas, stored.plan()).raised(py)?;
    note(py, selected.reason)?;
    let backend = selected.backend;
    let available = io::memory::available_bytes();
    stored.check_memory(&*backend, available).raised(py)?;
    let store = match &args.output.out {
        Some(path) => stored.create(path, args.output.force, backend.device()),
        None => stored.create_numbered(Path::new(OUT), backend.device()),
    };
    let store = store.raised(py)?;
    let n_unsound = match stored.is_small() {
        true => stored.verify(&store, None).raised(py)?,
        false => 0,
    };
    let todo = stored.todo(&store, None).raised(py)?;
    note(py, said::of_damage(&store, todo.n_damaged + n_unsound))?;
    let options = FillOptions {
        command: asked_by,
        ..FillOptions::default()
    };
    let n_steps = stored.n_steps(&todo);
    let (stopped, filled) = watched(py, &bar, n_steps, |control| {
        let mut left_out = LeftOut::new();
        let filled = stored.fill(&store, backend, &options, control)?;
        let is_whole = filled.is_complete() && filled.outcome.is_ok();
        let mut summary = is_whole.then(|| stored.summary(&store)).transpose()?;
        if let Some(summary) = &mut summary {
            if args.step_error {
                summary.halve_step(control)?;
            }
            let drawing = drawing(control);
            left_out = io::output::write_into(&summary.output(), &store, &drawing)?;
        }
        Ok((filled, summary, left_out))
    })?;
    let (filled, summary, left_out) = filled.raised(py)?;
    note(py, undrawn(&left_out))?;
    note(py, said::of_checkpoints(&filled))?;
    let result = match &summary {
        Some(summary) => {
            note(py, summary.remarks.iter().cloned())?;
            if summary.scored {
                note(py, summary.undefined.sentences())?;
            }
            let result = rest(py, &summary.output())?;
            result.set_item("best", summary.best_json().map(|best| best.to_string()))?;
            result
        }
        None => PyDict::new(py),
    };
    let axes = stored.sweep().axes().iter();
    let paths: Vec<&str> = axes.map(|axis| axis.path.as_str()).collect();
    result.set_item("axes", paths)?;
    result.set_item("path", store.path())?;
    let ended = match filled.interrupted && !filled.missing.is_empty() {
        true => Err(Error::Interrupted),
        false => filled.outcome,
    };
    set_failure(
        &result,
        ending(
            stopped && (summary.is_none() || !left_out.is_empty()),
            ended,
        ),
    )?;
    Ok(result)
}

/// Fits a study. `words` are those of `brainsweep fit`.
#[pyfunction]
pub(crate) fn fit<'py>(
    py: Python<'py>,
    study: PyRef<'py, Study>,
    words: Vec<String>,
    bar: Py<PyAny>,
) -> PyResult<Bound<'py, PyDict>> {
    threads::start(None).raised(py)?;
    let Command::Fit(args) = command(words).raised(py)? else {
        unreachable!("the package asks for a fit")
    };
    let read = study.read(&args.settings(), Purpose::SetInFit).raised(py)?;
    let description = args.description(read.fit).raised(py)?;
    let reports_hopf = args.reports_hopf().raised(py)?;
    let fit = Fit::new(&read.study, &description).raised(py)?;
    if reports_hopf {
        fit.hopf_axes().raised(py)?;
    }
    let n_runs = fit.settings().population * fit.settings().replicas;
    let plan = fit.plan().raised(py)?;
    let selected = args.backend.choose(n_runs, &plan).raised(py)?;
    note(py, selected.reason)?;
    let backend = selected.backend;
    let available = io::memory::available_bytes();
    fit.check_memory(&*backend, available).raised(py)?;
    let folder = match &args.output.out {
        Some(path) => fit.create(path, args.output.force, backend.device()),
        None => fit.create_numbered(Path::new(OUT), backend.device()),
    };
    let folder = folder.raised(py)?;
    note(py, fit.outdated(&folder))?;
    let overruled = fit.ends().overruled(&args.settings(), Purpose::SetInFit);
    note(py, overruled)?;
    let reopen = |attempt: usize, failed: &dyn Backend, _: &Error| run::reopen(attempt, failed);
    let options = FitOptions { reopen: &reopen };
    let (study, settings, name) = (&*study, args.settings(), study.called());
    let text = |found: &[String]| {
        let flags = [&settings, found].concat();
        Ok(study.read(&flags, Purpose::SetInFit)?.to_toml())
    };
    let (_, fitted) = watched(py, &bar, fit.n_steps(), |control| {
        let mut fitted = fit.run(&folder, backend, &options, control)?;
        if reports_hopf {
            fitted.find_hopf(control)?;
        }
        let output = (&fitted.output(), &drawing(control));
        found::leave(&fitted, (&name, &text), output, &folder)
    })?;
    let left_out = fitted.raised(py)?;
    note(py, undrawn(&left_out))?;
    let result = PyDict::new(py);
    result.set_item("path", folder.path())?;
    set_failure(&result, ending(!left_out.is_empty(), Ok(())))?;
    Ok(result)
}

/// Follows equilibria and cycles. `words` are those of `brainsweep bifurcate`.
#[pyfunction]
pub(crate) fn bifurcate<'py>(
    py: Python<'py>,
    study: PyRef<'py, Study>,
    words: Vec<String>,
    bar: Py<PyAny>,
) -> PyResult<Bound<'py, PyDict>> {
    threads::start(None).raised(py)?;
    let Command::Bifurcate(args) = command(words).raised(py)? else {
        unreachable!("the package asks for branches")
    };
    let read = study.read(&[], Purpose::SetInContinuation).raised(py)?;
    let mut study = read.study;
    let (start, _) = args.start(&mut study).raised(py)?;
    let mut request = args.request(&study).raised(py)?;
    request.from = start;
    note(py, said_of_nodes(&study, &request))?;
    let out = args.output.out.as_deref();
    let folder = out.map(|out| NewFolder::named_or_beside(out, args.output.force));
    let folder = folder.transpose().raised(py)?;
    let (stopped, found) = watched(py, &bar, 0, |control: &Control| {
        let found = run::bifurcate(&study, &request, control)?;
        let write = |folder| io::output::write(&found.output(), folder, &drawing(control));
        let written = folder.map(write).transpose()?;
        Ok((found, written.unzip()))
    })?;
    let (found, (out, left_out)) = found.raised(py)?;
    note(py, undrawn(&left_out.unwrap_or_default()))?;
    let output = found.output();
    let result = rest(py, &output)?;
    result.set_item("arrays", arrays(output.arrays, |_| false))?;
    result.set_item("path", &out)?;
    note(
        py,
        found.found.stopped.iter().map(|stopped| stopped.report()),
    )?;
    let ended = match found.interrupted {
        true => Err(Error::Interrupted),
        false => {
            let kept = out.unwrap_or_else(|| "the exception's `partial`".into());
            found.found.stopped_short(kept).map_or(Ok(()), Err)
        }
    };
    set_failure(&result, ending(stopped, ended))?;
    Ok(result)
}

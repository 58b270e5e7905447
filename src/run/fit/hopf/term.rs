//! The distance from the first Hopf points as a term of objectives, and candidates that lie on them.
//!
//! One set of curves has to serve for all candidates. So beside the two numbers that are followed only those are free that do not move
//! them: strengths and times of the noise, and numbers of monitors.

use ndarray::{Array1, Array2};
use rayon::prelude::*;

use super::super::Fit;
use super::super::search::Job;
use super::HopfCurves;
use crate::control::Control;
use crate::error::{Error, Result};
use crate::fit::Start;
use crate::io::folder::GrowingFolder;
use crate::io::npz::{Archive, Writer};

/// What objectives call the distance from the nearest first Hopf point, in units of both ranges, positive where rest is unstable.
pub(in super::super) const DISTANCE: &str = "distance.hopf";
/// What asks for candidates on the curves.
const START: &str = "--start hopf";
/// Keys that move neither an equilibrium nor its roots begin with one of these, but for the means of noise.
const STILL: [&str; 2] = ["noise.", "monitor."];
const MEANS: &str = "noise.mean.";

/// The file of the curves: a fit that goes on has the same ones.
pub(in super::super) const CURVES: &str = "state/hopf.npz";

impl Fit {
    /// Whether it needs the curves before it begins.
    pub(in super::super) fn needs_curves(&self) -> bool {
        self.has_distance || self.settings.start_at == Start::Hopf
    }

    /// The two numbers over which one set of curves serves for all candidates.
    ///
    /// # Errors
    /// Those of [`Fit::hopf_axes`]; [`Error::Usage`] where another free number moves the curves.
    pub(in super::super) fn axes_of_curves(&self) -> Result<[usize; 2]> {
        let asks = match self.has_distance {
            true => DISTANCE,
            false => START,
        };
        let axes = self.followed(asks)?;
        let others = self.ends().axes().iter().enumerate();
        let others = others.filter(|(k, _)| !axes.contains(k));
        let mut paths = others.flat_map(|(_, axis)| axis.paths());
        let is_still = |path: &str| STILL.iter().any(|still| path.starts_with(still));
        let moves = |path: &&str| path.starts_with(MEANS) || !is_still(path);
        let Some(path) = paths.find(moves) else {
            return Ok(axes);
        };
        let [a, b] = axes.map(|k| self.ends().axes()[k].path.as_str());
        let problem = format!(
            "{asks} needs one curve over {a} and {b} for all candidates, and {path} is free, which may move it"
        );
        let hint =
            "leave one of the three fixed; strengths of the noise may be free beside two numbers";
        Err(Error::usage(problem, hint))
    }

    /// Follows the curves, or reads those that an earlier run left in the `folder`.
    ///
    /// # Errors
    /// Those of [`HopfCurves::follow`]; [`Error::Usage`] where there are none.
    pub(in super::super) fn find_curves(
        &self,
        folder: &GrowingFolder,
        control: &Control,
    ) -> Result<()> {
        if !self.needs_curves() || self.curves.get().is_some() {
            return Ok(());
        }
        let axes = self.axes_of_curves()?;
        let curves = match self.load_curves(folder, axes) {
            Some(curves) => curves,
            None => {
                let centre = self.values(&vec![0.5; self.ends().axes().len()]);
                let curves = HopfCurves::follow(self, axes, &centre, control)?;
                if curves.curves.is_empty() {
                    let [a, b] = axes.map(|k| self.ends().axes()[k].path.as_str());
                    // What was not followed to its end may have one all the same.
                    let problem = match curves.stopped.first() {
                        Some(remark) => format!(
                            "no curve of first Hopf points was found over {a} and {b}, so there is no distance from one; the search was stopped: {remark}"
                        ),
                        None => format!(
                            "no Hopf point bounds the stable part of the ranges of {a} and {b}, so there is no distance from one"
                        ),
                    };
                    let hint = "leave out distance.hopf and --start hopf, or take other ranges";
                    return Err(Error::usage(problem, hint));
                }
                if curves.stopped.is_empty() {
                    save_curves(folder, &curves)?;
                }
                curves
            }
        };
        // Whoever was first had the same ones.
        let _ = self.curves.set(curves);
        Ok(())
    }

    /// The distance of every job; NaN where no equilibrium was found.
    ///
    /// # Errors
    /// [`Error::Interrupted`] if `control` stopped it.
    pub(in super::super) fn distances(&self, jobs: &[Job], control: &Control) -> Result<Vec<f64>> {
        let curves = self
            .curves
            .get()
            .expect("they were found before the search");
        let distance = |job: &Job| {
            let beyond = self.beyond(curves, job.values, control);
            beyond.and_then(|of| of.distance).unwrap_or(f64::NAN)
        };
        let found = jobs.par_iter().map(distance).collect();
        match control.is_stopped() {
            true => Err(Error::Interrupted),
            false => Ok(found),
        }
    }

    fn load_curves(&self, folder: &GrowingFolder, axes: [usize; 2]) -> Option<HopfCurves> {
        let mut archive = Archive::open(&folder.existing(CURVES)?).ok()?;
        let mut read = |key: &str| archive.read_f64(key).ok();
        let numbers: Array1<f64> = read("curve")?.into_dimensionality().ok()?;
        let points: Array2<f64> = read("points")?.into_dimensionality().ok()?;
        let has_delays = *read("delays")?.first()? > 0.0;
        if points.ncols() != 3 || points.nrows() != numbers.len() {
            return None;
        }
        let mut curves: Vec<Vec<[f64; 3]>> = Vec::new();
        for (number, point) in numbers.iter().zip(points.outer_iter()) {
            if *number as usize == curves.len() {
                curves.push(Vec::new());
            }
            curves.last_mut()?.push([point[0], point[1], point[2]]);
        }
        (!curves.is_empty()).then(|| HopfCurves::new(self, axes, has_delays, curves))
    }
}

fn save_curves(folder: &GrowingFolder, curves: &HopfCurves) -> Result<()> {
    let numbers = curves.curves.iter().enumerate();
    let numbers = numbers.flat_map(|(k, curve)| vec![k as f64; curve.len()]);
    let points = curves.curves.concat().concat();
    let points = Array2::from_shape_vec((points.len() / 3, 3), points).expect("three of each");
    let mut writer = Writer::create(&folder.place(CURVES)?)?;
    writer.add("curve", &numbers.collect::<Array1<f64>>())?;
    writer.add("points", &points)?;
    writer.add(
        "delays",
        &Array1::from_elem(1, f64::from(curves.has_delays)),
    )?;
    writer.finish()
}

//! Where the points of a sweep have to rest so that the mean of an output is at its target.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use super::fill::lock;
use super::machine::Machine;
use crate::control::Control;
use crate::error::{Error, Result};
use crate::plan::Plan;
use crate::record::Recorder;
use crate::run::MeanHeld;
use crate::run::on_mean::rounds;
use crate::sweep::{Replica, Sweep};

/// Points that are remembered, about. What is found of one that was forgotten has the same bits.
const MOST: usize = 1024;

/// Simulations of a round that run together, about.
const SIMULATIONS: usize = 4096;

/// What was found for each point; all its replicas share it, whatever their seeds.
#[derive(Default)]
pub(super) struct Means {
    points: Mutex<HashMap<usize, Arc<Found>>>,
}

/// What was found for one point, once it is.
type Found = Mutex<Option<Arc<Mean>>>;

/// What brings the mean of a point to its target, or why nothing does.
pub(super) type Mean = Result<MeanHeld>;

impl Means {
    /// What is found for the point of each replica, by rounds of simulations for those that are new, side by side; nothing where no mean
    /// is held. The replicas are of one batch.
    ///
    /// # Errors
    /// Of the device, and [`Error::Interrupted`], with the number of the machine's attempt.
    pub fn of(
        &self,
        sweep: &Sweep,
        replicas: &[Replica],
        (machine, control): (&Machine, &Control),
    ) -> std::result::Result<Vec<Option<Arc<Mean>>>, (usize, Error)> {
        let Some(hold) = sweep
            .base()
            .hold
            .as_ref()
            .filter(|_| sweep.base().holds_mean())
        else {
            return Ok(vec![None; replicas.len()]);
        };
        let control = control.aside();
        let attempt = Cell::new(0);
        let run = |plan: &Plan, recorder: &dyn Recorder| {
            let ran = machine.run(plan, recorder, &control);
            ran.map_err(|(number, error)| {
                attempt.set(number);
                error
            })
        };
        let points: BTreeSet<usize> = replicas.iter().map(|replica| replica.point).collect();
        let points: Vec<usize> = points.into_iter().collect();
        let together = SIMULATIONS.div_ceil(hold.mean.n_seeds.max(1) as usize);
        let mut all = BTreeMap::new();
        for points in points.chunks(together) {
            let places: Vec<Arc<Found>> = points.iter().map(|&point| self.place(point)).collect();
            // Others that need these points wait here; all take them in order.
            let mut found: Vec<_> = places.iter().map(|place| lock(place)).collect();
            let new: Vec<usize> = (0..points.len()).filter(|&k| found[k].is_none()).collect();
            let studies = new.iter().map(|&k| sweep.study(points[k], 0));
            let studies = studies
                .collect::<Result<Vec<_>>>()
                .map_err(|error| (0, error))?;
            let means = rounds(&studies, &run, &control).map_err(|error| (attempt.get(), error))?;
            for (k, mean) in new.into_iter().zip(means) {
                *found[k] = Some(Arc::new(mean));
            }
            all.extend(
                points
                    .iter()
                    .copied()
                    .zip(found.iter().map(|one| (*one).clone())),
            );
        }
        let of_point = |replica: &Replica| all[&replica.point].clone();
        Ok(replicas.iter().map(of_point).collect())
    }

    fn place(&self, point: usize) -> Arc<Found> {
        let mut points = lock(&self.points);
        if points.len() >= MOST && !points.contains_key(&point) {
            points.clear();
        }
        points.entry(point).or_default().clone()
    }
}

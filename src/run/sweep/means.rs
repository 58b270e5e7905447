//! Where the points of a sweep have to rest so that the mean of an output is at its target.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use super::fill::lock;
use super::machine::Machine;
use crate::control::Control;
use crate::error::Error;
use crate::plan::Plan;
use crate::record::Recorder;
use crate::run::MeanHeld;
use crate::run::on_mean::rounds;
use crate::sweep::{Replica, Sweep};

/// Points that are remembered, about. What is found of one that was forgotten has the same bits.
const MOST: usize = 1024;

/// What was found for each point; all its replicas share it, whatever their seeds.
#[derive(Default)]
pub(super) struct Means {
    points: Mutex<HashMap<usize, Arc<Found>>>,
}

/// What was found for one point, once it is.
type Found = Mutex<Option<Arc<MeanHeld>>>;

impl Means {
    /// What is found for the point of each replica, by rounds of simulations for those that are new; nothing where no mean is held.
    ///
    /// # Errors
    /// Those of [`hold_on_mean`](crate::run::hold_on_mean), with the number of the machine's attempt.
    pub fn of(
        &self,
        sweep: &Sweep,
        replicas: &[Replica],
        (machine, control): (&Machine, &Control),
    ) -> std::result::Result<Vec<Option<Arc<MeanHeld>>>, (usize, Error)> {
        let control = control.aside();
        let of_point = |replica: &Replica| {
            let found = self.place(replica.point);
            // Others that need this point wait here.
            let mut found = lock(&found);
            if found.is_none() {
                let attempt = Cell::new(0);
                let run = |plan: &Plan, recorder: &dyn Recorder| {
                    machine
                        .run(plan, recorder, &control)
                        .map_err(|(number, error)| {
                            attempt.set(number);
                            error
                        })
                };
                let study = sweep.study(replica.point, 0).map_err(|error| (0, error))?;
                let mean = rounds(&study, &run, &control);
                *found = mean.map_err(|error| (attempt.get(), error))?.map(Arc::new);
            }
            Ok(found.clone())
        };
        match sweep.base().holds_mean() {
            true => replicas.iter().map(of_point).collect(),
            false => Ok(vec![None; replicas.len()]),
        }
    }

    fn place(&self, point: usize) -> Arc<Found> {
        let mut points = lock(&self.points);
        if points.len() >= MOST && !points.contains_key(&point) {
            points.clear();
        }
        points.entry(point).or_default().clone()
    }
}

//! The connection of a saddle with itself in which a branch of orbits ends.

use std::f64::consts::TAU;

use num_complex::Complex64;

use super::{OrbitBranch, PeriodicOrbit};
use crate::continuation::cycle::infinite_period::SaddleRates;
use crate::continuation::delay::characteristic::Characteristic;
use crate::continuation::event::{Event, EventKind};
use crate::continuation::linear::{distance, norm};

/// So many roots of a saddle are asked for: one on each side of the axis is needed, and few of a
/// saddle's are unstable.
const N_ROOTS: usize = 8;

impl OrbitBranch<'_> {
    /// The connection that orbits near `here` lead to, along `tangent`: the orbit rests as `near` a
    /// saddle, as a share of its amplitude, for as long as any signal is on its way, and its
    /// parameter is that of the connection to `settled`, relative to 1 + |parameter|.
    pub(super) fn connection(
        &self,
        here: &PeriodicOrbit,
        tangent: &[f64],
        (near, settled): (f64, f64),
    ) -> Option<Event> {
        let network = self.network;
        let (turns, profile) = here.profile();
        let rate = |&turn: &f64| -> f64 {
            let rates: Vec<f64> = (0..here.dim).map(|k| here.at(k, turn).1).collect();
            norm(&rates)
        };
        let rates = turns.iter().map(rate).enumerate();
        let (slowest, _) = rates.min_by(|a, b| a.1.total_cmp(&b.1))?;
        let saddle = network
            .nearest_equilibrium(&profile[slowest], here.p)
            .ok()?;
        let reach = near * amplitude(&profile);
        let is_near = |state: &Vec<f64>| distance(state, &saddle.u) <= reach;
        // The first and the last point are the same one.
        let n = profile.len() - 1;
        let onward = (0..n).take_while(|k| is_near(&profile[(slowest + k) % n]));
        let back = (0..n).take_while(|k| is_near(&profile[(slowest + n - k) % n]));
        let rest = (onward.count() + back.count()).saturating_sub(2) as f64 / n as f64;
        let characteristic = Characteristic::new(network, &saddle.u, saddle.p);
        if rest * here.period_ms() <= characteristic.longest_delay() {
            return None;
        }
        let spectrum: Vec<Complex64> = match characteristic.longest_delay() == 0.0 {
            true => characteristic.spectrum().ok()?,
            false => {
                let found = characteristic.rightmost(N_ROOTS).ok()?;
                let roots = found.roots.iter().chain(&found.beyond);
                roots.map(|root| root.lambda).collect()
            }
        };
        let saddle_rates = SaddleRates::of(&spectrum)?;
        let &[.., turned, moved] = tangent else {
            return None;
        };
        let longer = -TAU / (here.omega * here.omega) * turned;
        let left = moved / longer / saddle_rates.of_period();
        let is_settled = left.abs() <= settled * (1.0 + here.p.abs());
        if !is_settled {
            return None;
        }
        let p = here.p + left;
        let there = network.nearest_equilibrium(&saddle.u, p).ok()?;
        let connection = Event {
            period: Some(here.period_ms()),
            residual: there.residual,
            eigenvalues: spectrum,
            ..Event::new(EventKind::Homoclinic, &[p], &there.u)
        };
        Some(saddle_rates.describe(connection))
    }
}

/// Half of what the states of a profile swing through, as the length of a vector.
fn amplitude(profile: &[Vec<f64>]) -> f64 {
    let swing = |k: usize| {
        let values = || profile.iter().map(|state| state[k]);
        let high = values().fold(f64::NEG_INFINITY, f64::max);
        0.5 * (high - values().fold(f64::INFINITY, f64::min))
    };
    norm(&(0..profile[0].len()).map(swing).collect::<Vec<_>>())
}

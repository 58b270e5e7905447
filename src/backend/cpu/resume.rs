//! Groups that are kept on their way, and go on from there: with any kernel, in any company of the same step.

use super::group::Group;
use super::{Fusion, Kernel};
use crate::backend::{Control, Delivery};
use crate::plan::Plan;
use crate::record::{Checkpoints, Passage, Recorder, Snapshot};

/// A group, and what is delivered of each member.
pub(super) type Begun<'p> = (Group<'p>, Vec<Delivery<'p>>);

/// The group where its members were kept, or else at the start; `None` if it is stopped before.
pub(super) fn begin<'p>(
    plan: &'p Plan,
    how: (Kernel, Fusion),
    members: &[usize],
    recorder: &'p dyn Recorder,
    control: &Control,
) -> Option<Begun<'p>> {
    let new = || {
        let group = Group::new(plan, how, members, recorder.takes(), control)?;
        let delivery = |&k: &usize| Delivery::with_moments_made(plan, recorder, k);
        Some((group, members.iter().map(delivery).collect::<Vec<_>>()))
    };
    let mut begun = new()?;
    let Some(checkpoints) = recorder.checkpoints() else {
        return Some(begun);
    };
    let n_steps = checkpoints.n_steps(members[0]);
    if n_steps == 0 {
        return Some(begun);
    }
    if !put_back(&mut begun, n_steps, members, checkpoints) {
        return new();
    }
    members.iter().for_each(|&member| checkpoints.go_on(member));
    control.add_steps(u64::from(n_steps) * members.len() as u64);
    Some(begun)
}

/// Puts the members of a group back where they were after `n_steps`; whether what was kept was whole.
fn put_back(
    (group, deliveries): &mut Begun,
    n_steps: u32,
    members: &[usize],
    checkpoints: &dyn Checkpoints,
) -> bool {
    let words = members.iter().map(|&member| checkpoints.words(member));
    let Some(words) = words.collect::<Option<Vec<_>>>() else {
        return false;
    };
    group.go_to(n_steps);
    (0..group.width()).all(|lane| {
        let member = lane.min(members.len() - 1);
        let mut passage = Passage::back(&words[member]);
        group.pass(lane, &mut passage);
        deliveries[member].pass(&mut passage);
        passage.is_whole()
    })
}

/// Keeps the members of a group that has begun and that are not over.
pub(super) fn keep((group, deliveries): &mut Begun, checkpoints: &dyn Checkpoints) {
    let mut snapshots = Vec::new();
    for (lane, delivery) in deliveries.iter_mut().enumerate() {
        if delivery.is_over() || group.step() == 0 {
            continue;
        }
        let mut words = Vec::new();
        let mut passage = Passage::out(&mut words);
        group.pass(lane, &mut passage);
        delivery.pass(&mut passage);
        snapshots.push(Snapshot {
            simulation: delivery.simulation,
            n_steps: group.step(),
            words,
        });
    }
    checkpoints.keep(snapshots);
}

#[cfg(test)]
mod tests;

//! The studies that `brainsweep fit` leaves, with the numbers found.

use super::Args;
use crate::error::Result;
use crate::io::folder::GrowingFolder;
use crate::io::study as studies;
use crate::run::{Finalist, Fitted};

/// Writes a study for the winner, for each member of a front, and for each subject that was fitted for itself.
pub(super) fn write(args: &Args, fitted: &Fitted, folder: &GrowingFolder) -> Result<()> {
    if let Some(winner) = fitted.winner() {
        folder.write("best.toml", study_of(args, fitted, winner)?.as_bytes())?;
    }
    for (k, on_front) in fitted.front().into_iter().enumerate() {
        let name = format!("front-{}.toml", k + 1);
        folder.write(&name, study_of(args, fitted, on_front)?.as_bytes())?;
    }
    for of in &fitted.each {
        if let Some(winner) = of.winner() {
            let name = format!("best-subject-{}.toml", of.subject);
            folder.write(&name, study_of(args, fitted, winner)?.as_bytes())?;
        }
    }
    Ok(())
}

/// The study with a winner's numbers.
fn study_of(args: &Args, fitted: &Fitted, winner: &Finalist) -> Result<String> {
    let flags = [args.settings(), fitted.settings_of(winner)].concat();
    let study = studies::to_toml(args.study.as_deref(), &flags)?;
    let reached = fitted.objectives().into_iter().zip(&winner.objectives);
    let reached: Vec<String> = reached
        .map(|(objective, of)| {
            let over = of.held_out;
            format!(
                "{objective} is {:.4} +- {:.4} on {} unseen seeds, {:.4} on the seeds of the search",
                over.mean, over.standard_error, over.n_seeds, of.in_sample
            )
        })
        .collect();
    let head = format!("# Found by `brainsweep fit`: {}.\n\n", reached.join("; "));
    Ok(head + &study)
}

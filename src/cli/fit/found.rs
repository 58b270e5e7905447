//! What a fit leaves: its arrays, tables and figures, its report, and studies with the numbers found.

use crate::control::Control;
use crate::error::Result;
use crate::io::folder::GrowingFolder;
use crate::io::output::LeftOut;
use crate::output::Output;
use crate::run::{Finalist, Fitted};

/// Gives the study with some flags more as the text of a study file.
type Text<'a> = &'a dyn Fn(&[String]) -> Result<String>;

/// Leaves all of it in the `folder`, without the pictures once `drawing` is stopped. `name` is what the user calls the study.
pub fn leave(
    fitted: &Fitted,
    (name, text): (&str, Text),
    (output, drawing): (&Output, &Control),
    folder: &GrowingFolder,
) -> Result<LeftOut> {
    write_studies(text, fitted, folder)?;
    folder.write("report.md", fitted.report(name).as_bytes())?;
    fitted.write(output, folder, drawing)
}

/// Writes a study for the winner, for each member of a front, and for each subject that was fitted for itself.
fn write_studies(text: Text, fitted: &Fitted, folder: &GrowingFolder) -> Result<()> {
    if let Some(winner) = fitted.winner() {
        folder.write(
            "best.toml",
            study_of(text, fitted, winner, None)?.as_bytes(),
        )?;
    }
    for (k, on_front) in fitted.front().into_iter().enumerate() {
        let name = format!("front-{}.toml", k + 1);
        folder.write(&name, study_of(text, fitted, on_front, None)?.as_bytes())?;
    }
    for of in &fitted.each {
        if let Some(winner) = of.winner() {
            let name = format!("best-subject-{}.toml", of.subject);
            folder.write(
                &name,
                study_of(text, fitted, winner, Some(of.subject))?.as_bytes(),
            )?;
        }
    }
    Ok(())
}

/// The study with a winner's numbers, that of a `subject` on its connectome.
fn study_of(
    text: Text,
    fitted: &Fitted,
    winner: &Finalist,
    subject: Option<usize>,
) -> Result<String> {
    let study = text(&fitted.settings_of(winner, subject))?;
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

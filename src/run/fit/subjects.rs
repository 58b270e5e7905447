//! What the report of a fit says of each subject, and of how much subjects are alike.

use std::fmt::Write;

use super::Fitted;
use crate::study::key::shown;

impl Fitted<'_> {
    pub(super) fn write_subjects(&self, text: &mut String) {
        if self.each.is_empty() {
            return;
        }
        let paths = self.fit.ends().axes().iter().map(|axis| axis.path.as_str());
        let paths: Vec<String> = paths.map(|path| format!("`{path}`")).collect();
        // Numbers of all together are there where all run on one connectome.
        let has_group = !self.fit.has_own_connectomes();
        let (said, column) = match has_group {
            true => (
                ", with its own numbers and with those of all together",
                " with those of all |",
            ),
            false => (", on its own connectome", " between seeds |"),
        };
        _ = writeln!(text, "## Each subject\n\nOn unseen seeds{said}.\n");
        _ = writeln!(
            text,
            "| subject | its own | standard error |{column} {} |",
            paths.join(" | ")
        );
        _ = writeln!(text, "|{}", "---|".repeat(paths.len() + 4));
        for of in &self.each {
            let subject = self.fit.called(of.subject);
            let Some(winner) = of.winner() else {
                _ = writeln!(text, "| {subject} | none |");
                continue;
            };
            let values: Vec<String> = winner.values.iter().map(|value| shown(*value)).collect();
            let beside = match has_group {
                true => of.with_group,
                false => winner.between_seeds,
            };
            _ = writeln!(
                text,
                "| {subject} | {:.4} | {:.4} | {beside:.4} | {} |",
                winner.first().held_out.mean,
                winner.first().held_out.standard_error,
                values.join(" | ")
            );
        }
        if !has_group {
            *text += "\n\"Between seeds\" is the correlation of the functional connectivity of two unseen seeds: against data that are as \
                noisy as one run no correlation can be expected to be higher.\n";
        }
        text.push('\n');
    }

    pub(super) fn write_ceilings(&self, text: &mut String) {
        let between = self.winner().map(|winner| winner.between_seeds);
        let between = between.filter(|between| !between.is_nan());
        if between.is_none() && self.ceiling.is_none() {
            return;
        }
        *text += "## How high a correlation can be\n\n";
        if let Some(between) = between {
            _ = writeln!(
                text,
                "- Between two seeds of the winner, functional connectivity correlates by {between:.3}. Against data that \
                 are as noisy as one of its runs no score can be expected to be higher; against a mean over many runs or subjects it can."
            );
        }
        if let Some(ceiling) = self.ceiling {
            let so = match self.fit.has_own_connectomes() {
                false => "no one model of all scores much higher",
                true => {
                    "a model that made the same of every connectome would not score much higher"
                }
            };
            _ = writeln!(
                text,
                "- The measured subjects correlate with the mean of the others by {:.3} in the mean, with the mean of all by {:.3}: {so} \
                 (Nili et al. 2014).",
                ceiling.lower, ceiling.upper
            );
        }
        text.push('\n');
    }
}

//! What `brainsweep fit` prints of subjects.

use super::text::WIDTH;
use crate::run::{Fit, Fitted};

/// Names of subjects that are written out, at most.
const MOST_NAMES: usize = 10;

/// What was found for each subject.
pub(super) fn found(fitted: &Fitted) -> String {
    if fitted.each.is_empty() {
        return String::new();
    }
    let has_own = fitted.fit().has_own_connectomes();
    let (on, beside) = match has_own {
        true => (", each on its own connectome", "+-"),
        false => ("", "with all"),
    };
    let mut text = format!(
        "\neach subject on unseen seeds{on}\n  {:>WIDTH$}{:>WIDTH$}{:>WIDTH$}\n",
        "subject", "its own", beside
    );
    for of in &fitted.each {
        let Some(winner) = of.winner() else { continue };
        let axes = fitted.ends().axes().iter().zip(&winner.values);
        let values: Vec<String> = axes.map(|(axis, value)| axis.setting(*value)).collect();
        let over = winner.first().held_out;
        let beside = match has_own {
            true => over.standard_error,
            false => of.with_group,
        };
        text += &format!(
            "  {:>WIDTH$}{:>WIDTH$.4}{beside:>WIDTH$.4}   {}\n",
            fitted.fit().called(of.subject),
            over.mean,
            values.join(", ")
        );
    }
    text
}

/// Who is fitted, and on what: a line with its name each.
pub(super) fn planned(fit: &Fit) -> Vec<(&'static str, String)> {
    let settings = fit.settings();
    let mut lines = Vec::new();
    let own = match fit.has_own_connectomes() {
        true => " and a connectome of its own",
        false => "",
    };
    match (fit.n_searches(), settings.connectomes) {
        (1, 1) => {}
        (1, n) => lines.push((
            "subjects",
            format!("{n}, each candidate runs on the connectome of each"),
        )),
        (n, _) => lines.push((
            "subjects",
            format!("{n}, each with a search of its own{own}"),
        )),
    }
    let names: Vec<String> = (0..)
        .map_while(|k| fit.name_of(k).map(|_| fit.called(k)))
        .collect();
    let more = names.len().saturating_sub(MOST_NAMES);
    if !names.is_empty() {
        let shown = names[..names.len() - more].join(", ");
        let more = match more {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        lines.push(("connectomes", shown + &more));
    }
    lines
}

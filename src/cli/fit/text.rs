//! What `brainsweep fit` prints.

use std::path::Path;

use serde_json::{Value, json};

use super::subjects;
use crate::run::Fitted;

/// Columns of numbers are so wide.
pub(super) const WIDTH: usize = 12;

/// What was found, for other programs.
pub(super) fn to_json(fitted: &Fitted, out: &Path) -> Value {
    let mut json = fitted.to_json();
    json["backend"] = json!(fitted.device.backend);
    json["device"] = json!(fitted.device.name);
    json["device_class"] = json!(fitted.device.class);
    json["cautions"] = json!(fitted.cautions());
    json["out"] = json!(out.display().to_string());
    json
}

/// What was found, for people.
pub(super) fn to_text(fitted: &Fitted, out: &Path) -> String {
    let ends = fitted.ends();
    let mut text = format!(
        "{}: {} candidates, {} runs on the {} ({})\n",
        ends.base().name,
        fitted.n_candidates(),
        fitted.n_runs(),
        fitted.device.backend,
        fitted.device.name
    );
    match fitted.winner() {
        None if !fitted.front().is_empty() => text += &front(fitted),
        None if fitted.fit().has_own_connectomes() && !fitted.each.is_empty() => {}
        None => text += "\nno candidate has an objective on unseen seeds\n",
        Some(winner) => {
            let over = winner.first().held_out;
            text += &format!(
                "\n{} is {:.4} +- {:.4} on {} unseen seeds (on the seeds of the search {:.4}) at\n",
                fitted.objectives_in_words(),
                over.mean,
                over.standard_error,
                over.n_seeds,
                winner.first().in_sample
            );
            for (axis, value) in ends.axes().iter().zip(&winner.values) {
                text += &format!("  {}\n", axis.setting(*value));
            }
            if let Some(over) = winner.first().validation {
                text += &format!(
                    "  for the subjects that were kept out {:.4} +- {:.4}\n",
                    over.mean, over.standard_error
                );
            }
        }
    }
    if fitted.finalists.len() > 1 && fitted.front().is_empty() {
        text += &format!(
            "\nfinalists\n  {:>WIDTH$}{:>WIDTH$}{:>WIDTH$}\n",
            "seen seeds", "unseen", "+-"
        );
        for finalist in &fitted.finalists {
            let axes = ends.axes().iter().zip(&finalist.values);
            let values: Vec<String> = axes.map(|(axis, value)| axis.setting(*value)).collect();
            let over = finalist.first().held_out;
            text += &format!(
                "  {:>WIDTH$.4}{:>WIDTH$.4}{:>WIDTH$.4}   {}\n",
                finalist.first().in_sample,
                over.mean,
                over.standard_error,
                values.join(", ")
            );
        }
    }
    text += &subjects::found(fitted);
    text += &hopf(fitted);
    for caution in fitted.cautions() {
        text += &format!("\n{caution}\n");
    }
    text + &format!("\nwritten to {}; report.md says more", out.display())
}

/// How far each finalist lies beyond the first Hopf point, and which regions begin to oscillate there.
fn hopf(fitted: &Fitted) -> String {
    let Some(hopf) = &fitted.hopf else {
        return String::new();
    };
    if hopf.found.curves.is_empty() {
        return match hopf.found.stopped.first() {
            Some(remark) => format!("\nno curve of first Hopf points was found: {remark}\n"),
            None => "\nno Hopf point bounds the stable part of the ranges\n".into(),
        };
    }
    let mut text = "\nfinalists beyond the first Hopf point, in units of the ranges (before it: below 0), and the regions of the rightmost \
                    mode\n"
        .to_string();
    let labels = &fitted.ends().base().connectome.labels;
    for of in &hopf.finalists {
        let Some(of) = of else {
            text += "  no equilibrium was found\n";
            continue;
        };
        let distance = of.distance.unwrap_or(f64::NAN);
        text += &format!("  {distance:>WIDTH$.3}   {}\n", of.regions_in_words(labels));
    }
    text
}

/// The front of several objectives on unseen seeds.
fn front(fitted: &Fitted) -> String {
    let mut text = "\nthe front on unseen seeds\n".to_string();
    for (k, finalist) in fitted.front().into_iter().enumerate() {
        let reached = fitted.objectives().into_iter().zip(&finalist.objectives);
        let reached: Vec<String> = reached
            .map(|(of, on)| {
                let over = on.held_out;
                format!("{of} {:.4} +- {:.4}", over.mean, over.standard_error)
            })
            .collect();
        let axes = fitted.ends().axes().iter().zip(&finalist.values);
        let values: Vec<String> = axes.map(|(axis, value)| axis.setting(*value)).collect();
        text += &format!(
            "  {}  {}   {}\n",
            k + 1,
            reached.join("   "),
            values.join(", ")
        );
    }
    text
}

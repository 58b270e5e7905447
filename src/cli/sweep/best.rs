//! What `brainsweep sweep` prints of its best points.

use crate::run::{Best, HalfStep, Summary};
use crate::sweep::Sweep;

/// Points that are shown with half the step.
const SHOWN: usize = 5;

/// How far to trust the best point's score, and its being the best.
pub(super) fn seeds_to_text(sweep: &Sweep, summary: &Summary, best: &Best) -> String {
    let mut text = String::new();
    let score = best.score;
    if !score.standard_error.is_nan() {
        text += &format!(
            "  standard error {:.4} over {} seeds, which spread by {:.4} (sd)\n",
            score.standard_error, score.n_seeds, score.sd
        );
    }
    if let Some(second) = summary.best.get(1) {
        let below = second.below_best;
        text += &format!("  {:.4} above the runner-up", below.mean);
        if !below.standard_error.is_nan() {
            text += &format!(", standard error {:.4}", below.standard_error);
            if below.n_seeds > 0 {
                text += &format!(" on the {} seeds they share", below.n_seeds);
            }
        }
        text += &format!(" ({})\n", settings(sweep, second.point).join(", "));
    }
    if let Some(caution) = summary.caution() {
        text += &format!("  {caution}\n");
    }
    text
}

/// The best points with half the step; nothing unless they were run.
pub(super) fn half_steps_to_text(sweep: &Sweep, summary: &Summary) -> String {
    let halved = summary.best.iter();
    let halved: Vec<(&Best, HalfStep)> = halved
        .filter_map(|best| Some((best, best.half_step?)))
        .collect();
    let Some((best, _)) = halved.first() else {
        return String::new();
    };
    let mut text = format!(
        "\nthe best points with half the step, on the same noise\n  {:>10}{:>12}{:>11}{:>10}{:>13}\n",
        "mean score", "half step", "moved by", "+-", "step of 0"
    );
    for (best, half) in halved.iter().take(SHOWN) {
        let change = half.change;
        let error = match change.standard_error.is_nan() {
            true => String::new(),
            false => format!("{:.4}", change.standard_error),
        };
        text += &format!(
            "  {:>10.4}{:>12.4}{:>+11.4}{error:>10}{:>13.4}   {}\n",
            best.score.mean,
            half.mean_score,
            change.mean,
            half.limit,
            settings(sweep, best.point).join(", ")
        );
    }
    text +=
        "  +-: standard error over seeds; with a step of 0: by the order of the scheme in theory\n";
    if halved.len() > SHOWN {
        text += &format!("  all {} are in best.csv\n", halved.len());
    }
    let limits = halved.iter().filter(|(_, half)| !half.limit.is_nan());
    let first = limits.max_by(|(_, a), (_, b)| a.limit.total_cmp(&b.limit));
    text += &match first {
        Some((first, _)) if first.point != best.point => format!(
            "  with a step of 0 another point is the best: {}\n",
            settings(sweep, first.point).join(", ")
        ),
        Some(_) => "  with a step of 0 the best point stays the best\n".into(),
        None => String::new(),
    };
    text
}

/// The values of a point, as in `coupling.g = 1`.
pub(super) fn settings(sweep: &Sweep, point: usize) -> Vec<String> {
    let values = sweep.axes().iter().zip(sweep.values(point));
    values.map(|(axis, value)| axis.setting(value)).collect()
}

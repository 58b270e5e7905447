//! What `brainsweep simulate --step-error` prints.

use crate::run::{Basis, Estimate, SCORE_TOLERANCE, StepError};

/// A step error for people; `labels` are the names of the nodes.
pub(super) fn to_text(error: &StepError, labels: &[String]) -> String {
    let mut text =
        String::from("\nstep error: the same run with smaller steps, on one path of noise\n");
    text += &runs(error);
    let mut line = |name: &str, value: String| text += &format!("  {name:<34}{value}\n");
    let dt = error.runs[0].dt_ms;
    if let Some(score) = &error.mean_score {
        line(
            "order of the mean score",
            order(score, error.theoretical_order),
        );
    }
    if error.runs.len() > 2 && error.runs.iter().any(|run| run.fc_change.is_some()) {
        let found = error
            .fc_order
            .map_or("not seen".into(), |order| format!("{order:.2}"));
        let theory = error.theoretical_order;
        line("order of FC", format!("{found} (in theory {theory})"));
    }
    if let Some(score) = &error.mean_score {
        match (score.limit, score.error) {
            (Some(limit), Some(off)) => line(
                "mean score with a step of 0",
                format!("{limit:.4}: with {dt} ms it is off by {}", signed(off, 4)),
            ),
            _ => line("mean score with a step of 0", unknown(score).into()),
        }
        let limits = error.scores.iter().map(|score| match score.limit {
            Some(limit) => format!("{limit:.3}"),
            None => "unknown".into(),
        });
        let limits: Vec<String> = limits.collect();
        line("per subject with a step of 0", limits.join("  "));
        let name = format!("mean score right to {SCORE_TOLERANCE}");
        match error.step_ms {
            Some(step) if step < dt => line(&name, format!("with a step of {}", shown(step))),
            Some(_) => line(&name, format!("with {dt} ms, as it is")),
            None => line(&name, "with a step that is not known".into()),
        }
    }
    for state in &error.states {
        let unit = match state.unit {
            "1" => String::new(),
            unit => format!(" {unit}"),
        };
        let place = format!("in {} at {} ms", labels[state.node], shown_time(state.t_ms));
        let name = format!("largest error of {}", state.name);
        line(&name, format!("about {:.2e}{unit}, {place}", state.largest));
    }
    text
}

/// A line for each run.
fn runs(error: &StepError) -> String {
    let mut text = format!(
        "  {:>11}{:>13}{:>12}{:>18}{:>12}\n",
        "step (ms)", "mean score", "moved by", "FC moved: at most", "on average"
    );
    for (k, run) in error.runs.iter().enumerate() {
        text += &format!("  {:>11}", shown(run.dt_ms).trim_end_matches(" ms"));
        if let Some(time) = run.diverged_at_ms {
            text += &format!("   diverged at {} ms\n", shown_time(time));
            continue;
        }
        let score = error.mean_score.as_ref().map(|score| &score.values);
        text += &match score {
            Some(values) => format!("{:>13.4}", values[k]),
            None => format!("{:>13}", "-"),
        };
        text += &match score.filter(|_| k > 0) {
            Some(values) => format!("{:>12}", signed(values[k] - values[k - 1], 4)),
            None => format!("{:>12}", ""),
        };
        if let Some(fc) = run.fc_change {
            text += &format!("{:>18.4}{:>12.4}", fc.max, fc.mean);
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    if let (Some(_), [_, _, ..]) = (&error.mean_score, error.runs.as_slice()) {
        let last = error
            .scores
            .iter()
            .filter_map(|score| score.changes().last());
        let last: Vec<String> = last.map(|change| signed(change, 3)).collect();
        text += &format!("  per subject, by the last halving   {}\n", last.join("  "));
    }
    text
}

/// The order that an estimate rests on, and why.
fn order(score: &Estimate, theory: f64) -> String {
    match (score.basis, score.measured_order) {
        (Basis::Measured, Some(order)) => format!("{order:.2} (in theory {theory})"),
        (Basis::Rounding, _) => "not seen: the last change is rounding".into(),
        (Basis::Theory, _) if score.values.len() == 2 => {
            format!("{theory} in theory; --step-error 2 measures it")
        }
        (Basis::Theory, Some(order)) => format!("{order:.2}; taken to be {theory}, as in theory"),
        (Basis::Theory, None) => format!("not seen; taken to be {theory}, as in theory"),
        _ => format!("not seen (in theory {theory})"),
    }
}

/// Why there is no limit.
fn unknown(score: &Estimate) -> &'static str {
    match score.values.iter().any(|value| value.is_nan()) {
        true => "unknown: a score is undefined",
        false => {
            "unknown: the changes do not shrink with the step, as they do not where runs part \
             by chaos, or where steps are far too large"
        }
    }
}

/// A change with its sign; one that vanishes in so many digits has none.
fn signed(change: f64, digits: usize) -> String {
    let text = format!("{change:+.digits$}");
    match text.trim_start_matches(['+', '-', '0', '.']).is_empty() {
        true => text[1..].into(),
        false => text,
    }
}

/// A step in two or three digits.
fn shown(step_ms: f64) -> String {
    let digits = (2 - step_ms.log10().floor() as i32).max(0) as usize;
    let text = format!("{step_ms:.digits$}");
    let text = match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => &text,
    };
    format!("{text} ms")
}

/// A time without the noise of its last digits.
fn shown_time(ms: f64) -> f64 {
    (ms * 1e6).round() / 1e6
}

//! The report of a fit, in Markdown: what was found, and how far to trust it.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::Reached;
use super::output::{Fitted, of_front};
use crate::study::key::{self, shown};

impl Fitted<'_> {
    /// What was found, in a page. `study` is what the user calls the study.
    pub fn report(&self, study: &str) -> String {
        let mut text = format!("# Fit of {}\n\n", self.fit.ends().base().name);
        match self.objectives().len() {
            1 if self.fit.has_own_connectomes() && !self.each.is_empty() => {
                _ = writeln!(
                    text,
                    "Each of {} subjects was fitted on its own connectome. `best-subject-*.toml` are {study} with the numbers and the \
                     connectome of each: `brainsweep simulate best-subject-{}.toml`.\n",
                    self.each.len(),
                    self.each[0].subject
                );
            }
            1 => {
                self.write_result(&mut text, study);
                self.write_finalists(&mut text);
            }
            _ => self.write_front(&mut text, study),
        }
        self.write_subjects(&mut text);
        self.write_ceilings(&mut text);
        self.write_hopf(&mut text);
        self.write_axes(&mut text);
        self.write_cautions(&mut text);
        self.write_search(&mut text);
        text
    }

    fn write_result(&self, text: &mut String, study: &str) {
        let Some(winner) = self.winner() else {
            *text += "No candidate has an objective on unseen seeds: nothing was found.\n\n";
            return;
        };
        let over = winner.first().held_out;
        _ = writeln!(
            text,
            "`{}` is **{:.4}** +- {:.4} (standard error) on {} unseen seeds at\n",
            self.objectives_in_words(),
            over.mean,
            over.standard_error,
            over.n_seeds
        );
        *text += "| number | value | unit | range |\n|---|---|---|---|\n";
        for (axis, value) in self.fit.ends().axes().iter().zip(&winner.values) {
            let log = if axis.log { ", logarithmic" } else { "" };
            _ = writeln!(
                text,
                "| `{}` | {} | {} | {} to {}{log} |",
                axis.path,
                shown(*value),
                if axis.unit == "1" { "" } else { &axis.unit },
                axis.values[0],
                axis.values[1]
            );
        }
        let in_sample = winner.first().in_sample;
        let flatters = match in_sample > over.mean {
            true => ": the search chose it there, so that number flatters it",
            false => "",
        };
        let run = match self
            .fit
            .subjects
            .first()
            .and_then(|&first| self.fit.name_of(first))
        {
            Some(name) => format!(
                "`brainsweep simulate best.toml --set {}={name}` runs it on the connectome of one subject. The objective is the mean over \
                 {} subjects, each simulated on its own",
                key::SUBJECT.path,
                self.fit.subjects.len()
            ),
            None => "`brainsweep simulate best.toml`".into(),
        };
        _ = writeln!(
            text,
            "\nOn the seeds of the search it was {in_sample:.4}{flatters}.\n\n\
             `best.toml` is {study} with these numbers: {run}.\n"
        );
    }

    /// Of several objectives: what each finalist reaches of each.
    fn write_front(&self, text: &mut String, study: &str) {
        let front = self.front();
        if front.is_empty() {
            *text += "No candidate has all objectives on unseen seeds: nothing was found.\n\n";
            return;
        }
        let texts = self.objectives();
        let objectives: Vec<String> = texts.iter().map(|of| format!("`{of}`")).collect();
        _ = writeln!(
            text,
            "A finalist is on the front if no other is better in all objectives. Each objective is the mean over {} unseen seeds with \
             its standard error. In brackets is what it was on the seeds of the search, which chose it there: that tends to be too good.\n",
            self.fit.settings.held_out
        );
        let paths = self
            .fit
            .ends()
            .axes()
            .iter()
            .map(|axis| format!("`{}`", axis.path));
        let header: Vec<String> = paths.chain(objectives.iter().cloned()).collect();
        _ = writeln!(text, "| | {} | diverged |", header.join(" | "));
        _ = writeln!(text, "|{}", "---|".repeat(header.len() + 2));
        for finalist in &self.finalists {
            let place = front
                .iter()
                .position(|of| of.candidate == finalist.candidate);
            let name = place.map_or("not on it".into(), |k| format!("`{}`", of_front(k + 1)));
            let values = finalist.values.iter().map(|value| shown(*value));
            let reached = finalist.objectives.iter().map(|of| {
                let over = of.held_out;
                format!(
                    "{:.4} +- {:.4} ({:.4})",
                    over.mean, over.standard_error, of.in_sample
                )
            });
            let cells: Vec<String> = values.chain(reached).collect();
            _ = writeln!(
                text,
                "| {name} | {} | {} |",
                cells.join(" | "),
                finalist.n_diverged
            );
        }
        _ = writeln!(
            text,
            "\n`front-1.toml` and so on are {study} with these numbers; `front.png` shows the front.\n"
        );
    }

    fn write_finalists(&self, text: &mut String) {
        if self.finalists.is_empty() {
            return;
        }
        *text += "## Finalists\n\n";
        let paths = self.fit.ends().axes().iter().map(|axis| axis.path.as_str());
        let paths: Vec<String> = paths.map(|path| format!("`{path}`")).collect();
        let is_validated = !self.fit.validated.is_empty();
        let (kept_out, rule) = match is_validated {
            true => (" kept out |", "---|"),
            false => ("", ""),
        };
        _ = writeln!(
            text,
            "| {} | seen seeds | unseen seeds | standard error | diverged |{kept_out}",
            paths.join(" | ")
        );
        let n_columns = paths.len() + 4;
        _ = writeln!(text, "|{}{rule}", "---|".repeat(n_columns));
        for finalist in &self.finalists {
            let values = finalist.values.iter().map(|value| shown(*value));
            let values: Vec<String> = values.collect();
            let over = finalist.first().held_out;
            let validation = finalist.first().validation.map_or(String::new(), |over| {
                format!(" {:.4} +- {:.4} |", over.mean, over.standard_error)
            });
            _ = writeln!(
                text,
                "| {} | {:.4} | {:.4} | {:.4} | {} |{validation}",
                values.join(" | "),
                finalist.first().in_sample,
                over.mean,
                over.standard_error,
                finalist.n_diverged
            );
        }
        if is_validated {
            let subjects = self.fit.validated.iter();
            let subjects: Vec<String> = subjects.map(|&k| self.fit.called(k)).collect();
            _ = writeln!(
                text,
                "\n\"Kept out\" is the objective for the subjects that had no part in the fit ({}).",
                subjects.join(", ")
            );
        }
        text.push('\n');
    }

    /// Where the network begins to oscillate, and how far from there the finalists lie.
    fn write_hopf(&self, text: &mut String) {
        let Some(hopf) = &self.hopf else { return };
        let [first, second] = self.paths_of(hopf);
        let delays = if hopf.found.has_delays {
            "with the network's delays"
        } else {
            "without delays"
        };
        let curves = match hopf.found.curves.len() {
            0 if !hopf.found.stopped.is_empty() => {
                "No curve of first Hopf points was found, for the search was stopped (below),"
                    .into()
            }
            0 => "No Hopf point bounds the stable part of the ranges".into(),
            1 => {
                "The Hopf points at which rest becomes unstable lie on a curve (`hopf.csv`)".into()
            }
            n => format!(
                "The Hopf points at which rest becomes unstable lie on {n} curves (`hopf.csv`)"
            ),
        };
        _ = writeln!(
            text,
            "## Where it begins to oscillate\n\n{curves} over `{first}` and `{second}`, {delays}, the other numbers as in the first \
             finalist. Distances are in units of both ranges, positive where rest is unstable.\n\n\
             | `{first}` | `{second}` | distance | unstable roots | period, ms | regions of the rightmost mode |\n|---|---|---|---|---|---|"
        );
        let labels = &self.fit.ends().base().connectome.labels;
        for (finalist, of) in self.finalists.iter().zip(&hopf.finalists) {
            let [a, b] = hopf.found.axes.map(|k| shown(finalist.values[k]));
            let Some(of) = of else {
                _ = writeln!(text, "| {a} | {b} | no equilibrium was found | | | |");
                continue;
            };
            let number = |value: Option<f64>, digits: usize| {
                value.map_or(String::new(), |value| format!("{value:.digits$}"))
            };
            _ = writeln!(
                text,
                "| {a} | {b} | {} | {} | {} | {} |",
                number(of.distance, 3),
                of.n_unstable,
                number(of.period_ms, 1),
                of.regions_in_words(labels)
            );
        }
        text.push('\n');
        for remark in &hopf.found.stopped {
            _ = writeln!(text, "- {remark}");
        }
        if !hopf.found.stopped.is_empty() {
            text.push('\n');
        }
    }

    fn write_axes(&self, text: &mut String) {
        let Some(axes) = self.axes() else {
            if self.each.is_empty() && self.objectives().len() == 1 {
                *text += "## What the data tell\n\nThe search was too short to learn along which directions the objective hardly changes.\n\n";
            }
            return;
        };
        *text += "## What the data tell\n\n\
            The axes of the search's last distribution, each number in units of its range. Along a long axis \
            the objective hardly changes.\n\n\
            | standard deviation | direction |\n|---|---|\n";
        for (k, sd) in axes.sd.iter().enumerate() {
            _ = writeln!(text, "| {sd:.4} | {} |", axes.direction(k));
        }
        let ratio = axes.ratio();
        _ = writeln!(
            text,
            "\nThe longest axis is {ratio:.1} times the shortest (condition {:.0}).",
            ratio * ratio
        );
        if let Some(ridge) = axes.ridge() {
            _ = writeln!(
                text,
                "**A ridge**: along {ridge} the data hardly tell one value from another."
            );
        }
        text.push('\n');
    }

    fn write_cautions(&self, text: &mut String) {
        let cautions = self.cautions();
        if cautions.is_empty() {
            return;
        }
        *text += "## Cautions\n\n";
        for caution in cautions {
            _ = writeln!(text, "- {caution}");
        }
        text.push('\n');
    }

    /// What a reader should know before they trust the result, a sentence each.
    pub fn cautions(&self) -> Vec<String> {
        let mut all = Vec::new();
        let wider = "a wider range may hold a better fit";
        let on_bounds = self.on_bounds().into_iter();
        all.extend(on_bounds.map(|bound| format!("{}: {wider}", bound.in_words())));
        let mut of_subjects: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for of in &self.each {
            for bound in of.winner().map_or(Vec::new(), |own| self.bounds_of(own)) {
                let subjects = of_subjects.entry(bound.in_words()).or_default();
                subjects.push(self.fit.called(of.subject));
            }
        }
        all.extend(of_subjects.iter().map(|(bound, subjects)| {
            let which = match subjects.len() {
                1 => "subject",
                _ => "subjects",
            };
            format!("of {which} {}, {bound}: {wider}", subjects.join(", "))
        }));
        if let Some(winner) = self.winner() {
            let &Reached {
                in_sample,
                held_out,
                ..
            } = winner.first();
            let lost = in_sample - held_out.mean;
            if lost > 2.0 * held_out.standard_error && lost > 0.0 {
                all.push(format!(
                    "on unseen seeds the objective is {lost:.3} lower than on the seeds of the search: the search fitted their noise, too"
                ));
            }
            if winner.n_diverged > 0 {
                all.push(format!(
                    "the winner has no objective on {} of {} unseen seeds: it diverged there, or is undefined",
                    winner.n_diverged, self.fit.settings.held_out
                ));
            }
        }
        let stopped = self.fit.curves.get().map_or(&[][..], |of| &of.stopped);
        all.extend(stopped.iter().map(|remark| {
            format!("a curve of first Hopf points may be missing or end too early: {remark}")
        }));
        let (n, of) = (self.n_without_objective(), self.n_candidates());
        if n > 0 {
            let why = match self.fit.ends().base().hold {
                Some(_) => "diverged or could not be held at their target",
                None => "diverged",
            };
            all.push(format!(
                "{n} of {of} candidates have no objective, {} of their runs {why}: they count as worse than all others",
                self.n_diverged()
            ));
        }
        all
    }

    fn write_search(&self, text: &mut String) {
        let s = &self.fit.settings;
        let n_generations = self
            .evaluations
            .generation
            .last()
            .map_or(0.0, |last| last + 1.0);
        let first = self.fit.ends().base().protocol.seed;
        let seeds = |first: u64, n: usize| match n {
            1 => format!("seed {first}"),
            n => format!("seeds {first} to {}", first + n as u64 - 1),
        };
        let on_each = match s.connectomes {
            1 => String::new(),
            n => format!(" on the connectomes of {n} subjects"),
        };
        *text += "## The search\n\n";
        _ = writeln!(
            text,
            "- {} candidates in {n_generations} generations, {} of each{on_each}; then {} finalists on {}: {} simulations of {} steps\n\
             - method {}, {} candidates to fill the ranges, {} in each later generation, search {}",
            self.n_candidates(),
            seeds(first, s.replicas),
            self.n_finalists(),
            seeds(first + s.replicas as u64, s.held_out),
            self.n_runs(),
            self.fit.steps_of_a_run(),
            s.method.name(),
            s.start,
            s.population,
            s.search
        );
        let (table, figures) = match self.fit.has_own_connectomes() && !self.each.is_empty() {
            true => ("subjects.csv", "`objective.png` and `pairs.png`"),
            false => (
                "best.csv",
                "`objective.png`, `pairs.png` and `profiles.png`",
            ),
        };
        _ = writeln!(
            text,
            "\nThe folder is a Zarr group with every candidate; `{table}` has the finalists; {figures} show them."
        );
    }
}

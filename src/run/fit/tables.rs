//! The tables of a fit: finalists, and first Hopf points.

use super::{Finalist, FirstHopf, Fitted, OfSubject};
use crate::output::{Table, cell};

impl Fitted<'_> {
    /// The finalists, and where each subject is fitted for itself those of each.
    pub(super) fn tables(&self) -> Vec<Table> {
        let mut tables = Vec::new();
        // Where each candidate is of one subject, nothing is the best of all.
        if self.each.is_empty() || !self.fit.has_own_connectomes() {
            tables.push(self.table("best", &[(None, &self.finalists[..])]));
        }
        if let Some(hopf) = &self.hopf {
            tables.push(hopf.table(self.paths_of(hopf)));
        }
        if !self.each.is_empty() {
            let of = |of: &'_ OfSubject| Some(of.subject);
            let rows = self.each.iter().map(|each| (of(each), &each.finalists[..]));
            let rows: Vec<(Option<usize>, &[Finalist])> = rows.collect();
            tables.push(self.table("subjects", &rows));
        }
        tables
    }

    /// The two numbers over which Hopf points were followed.
    pub(super) fn paths_of(&self, hopf: &FirstHopf) -> [&str; 2] {
        hopf.found
            .axes
            .map(|k| self.fit.ends().axes()[k].path.as_str())
    }

    /// Finalists, each row with its subject where it has one.
    fn table(&self, name: &'static str, of: &[(Option<usize>, &[Finalist])]) -> Table {
        let is_of_subjects = of.iter().any(|(subject, _)| subject.is_some());
        let paths = self.fit.ends().axes().iter().map(|axis| axis.path.clone());
        let mut header: Vec<String> = Vec::new();
        header.extend(is_of_subjects.then(|| "subject".into()));
        let is_named = is_of_subjects && self.fit.has_own_connectomes();
        header.extend(is_named.then(|| "name".into()));
        header.extend(paths);
        header.push("candidate".into());
        let is_validated = !self.fit.validated.is_empty();
        let validated = ["validation", "validation_standard_error"];
        let n_objectives = self.fit.objectives.len();
        // Of several objectives each column has its number behind it.
        let numbered = |names: &[&str], k: usize| -> Vec<String> {
            let of = |name: &&str| match n_objectives {
                1 => name.to_string(),
                _ => format!("{name}_{}", k + 1),
            };
            names.iter().map(of).collect()
        };
        for k in 0..n_objectives {
            header.extend(numbered(
                &[
                    "in_sample",
                    "held_out",
                    "held_out_sd",
                    "held_out_standard_error",
                ],
                k,
            ));
        }
        header.extend(["n_seeds", "n_diverged", "between_seeds"].map(String::from));
        for k in (0..n_objectives).filter(|_| is_validated) {
            header.extend(numbered(&validated, k));
        }
        let all = of.iter().flat_map(|(subject, finalists)| {
            let finalists = finalists.iter();
            finalists.map(move |finalist| (*subject, finalist))
        });
        let rows = all.map(|(subject, finalist)| {
            let mut row: Vec<String> = Vec::new();
            row.extend(subject.map(|subject| subject.to_string()));
            let name = subject.and_then(|subject| self.fit.name_of(subject));
            row.extend(name.map(String::from));
            row.extend(finalist.values.iter().map(f64::to_string));
            row.push(finalist.candidate.to_string());
            for of in &finalist.objectives {
                let over = of.held_out;
                row.extend([of.in_sample, over.mean, over.sd, over.standard_error].map(cell));
            }
            let n_seeds = self.fit.settings.held_out - finalist.n_diverged;
            row.extend([n_seeds, finalist.n_diverged].map(|n| n.to_string()));
            row.push(cell(finalist.between_seeds));
            for over in finalist.objectives.iter().filter_map(|of| of.validation) {
                row.extend([over.mean, over.standard_error].map(cell));
            }
            row
        });
        Table {
            name,
            rows: rows.collect(),
            header,
        }
    }
}

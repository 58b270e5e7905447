//! Numbers that differ between nodes by a rule: a formula over regional maps, or one number for each group of regions.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::key::{Number, Slot};
use super::{Start, Study, Values};
use crate::error::{Error, Result};
use crate::language::{self, Compiler, Fault, Meaning, Statement};
use crate::program::Program;

/// A rule that gives a key one number per node, from a few numbers of its own.
///
/// The numbers are keys too: number `k` of the rule for `parameters.tau` is `parameters.tau.k`. Whoever sets one sets the values
/// at the rule's key anew.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The key that it gives values to, such as `parameters.tau`.
    pub key: String,
    /// Its numbers, by name.
    pub numbers: Vec<(String, f64)>,
    /// How values follow from the numbers.
    pub form: RuleForm,
}

/// How values per node follow from the numbers of a [`Rule`].
#[derive(Debug, Clone)]
pub enum RuleForm {
    /// A formula over numbers and maps.
    Formula(Formula),
    /// Each node takes the number of its group: indices into the numbers, `[n_nodes]`.
    Groups(Vec<usize>),
}

/// A formula over numbers and maps.
#[derive(Debug, Clone)]
pub struct Formula {
    /// As it was written.
    pub text: String,
    /// The maps by name, each `[n_nodes]`.
    pub maps: Vec<(String, Vec<f64>)>,
    /// From the numbers, the maps at a node, and the coefficients to the value there.
    program: Arc<Program>,
    coefficients: Arc<[f64]>,
}

impl Formula {
    /// Reads `text`, a formula for the quantity `name` in the language of models, over `numbers` and `maps`.
    ///
    /// # Errors
    /// A fault in `name = text`: unknown names, wrong syntax, numbers and maps that do not occur.
    pub fn new(
        name: &str,
        text: &str,
        numbers: &[String],
        maps: Vec<(String, Vec<f64>)>,
    ) -> Result<Self, Fault> {
        let written = Self::written(name, text);
        let all = 0..written.len();
        let statements = language::parse(&written)?;
        let [Statement { expression, .. }] = statements.as_slice() else {
            return Err(Fault::at(all, "a formula is one expression".to_string()));
        };
        let names = numbers.iter().chain(maps.iter().map(|(name, _)| name));
        let symbols = names.clone().enumerate();
        let symbols: HashMap<String, Meaning> = symbols
            .map(|(k, name)| (name.clone(), Meaning::Varying(k)))
            .collect();
        let compiler = Compiler::new(&statements, symbols, BTreeSet::new())?;
        let mut prepared = compiler.programs(&[vec![expression]])?;
        if let Some(unused) = names
            .into_iter()
            .find(|name| !prepared.used.contains(*name))
        {
            return Err(Fault::at(
                all,
                format!("`{unused}` does not occur in the formula"),
            ));
        }
        Ok(Self {
            text: text.into(),
            maps,
            coefficients: prepared.prepare.evaluate::<f64>(&[&[]]).into(),
            program: Arc::new(prepared.programs.swap_remove(0)),
        })
    }

    /// The formula as errors show it.
    pub fn written(name: &str, text: &str) -> String {
        format!("{name} = {text}")
    }

    fn value(&self, numbers: &[f64], node: usize) -> f64 {
        let maps: Vec<f64> = self.maps.iter().map(|(_, map)| map[node]).collect();
        let arguments: [&[f64]; 3] = [numbers, &maps, &self.coefficients];
        self.program.evaluate(&arguments)[0]
    }
}

impl Rule {
    /// The values that it gives, `[n_nodes]`.
    pub fn values(&self, n_nodes: usize) -> Vec<f64> {
        let numbers: Vec<f64> = self.numbers.iter().map(|(_, value)| *value).collect();
        let value = |node: usize| match &self.form {
            RuleForm::Formula(formula) => formula.value(&numbers, node),
            RuleForm::Groups(group) => numbers[group[node]],
        };
        (0..n_nodes).map(value).collect()
    }

    /// The whole keys of its numbers.
    pub fn paths(&self) -> impl Iterator<Item = String> {
        let names = self.numbers.iter();
        names.map(|(name, _)| format!("{}.{name}", self.key))
    }

    /// The error for `key`, which was to be set or varied in place of the numbers that it follows from.
    pub(crate) fn decides(&self, key: &str) -> Error {
        let why = format!("{} follows from a rule over maps or groups", self.key);
        let paths: Vec<String> = self.paths().collect();
        let hint = match paths.is_empty() {
            true => "change the rule in the study".to_owned(),
            false => format!("set its numbers: {}", paths.join(", ")),
        };
        Error::unusable(key, "set", why, Some(hint.as_str()))
    }
}

impl Study {
    /// The rule of number `index` of all rules, and its index there.
    fn rule_at(&self, index: usize) -> (usize, usize) {
        let mut left = index;
        for (r, rule) in self.rules.iter().enumerate() {
            if left < rule.numbers.len() {
                return (r, left);
            }
            left -= rule.numbers.len();
        }
        unreachable!("the table of keys counts the numbers of rules")
    }

    /// The rule of number `index` of all rules, and its name there.
    pub(super) fn rule_of(&self, index: usize) -> (&Rule, &str) {
        let (rule, k) = self.rule_at(index);
        let rule = &self.rules[rule];
        (rule, &rule.numbers[k].0)
    }

    /// Number `index` of all rules.
    pub(super) fn rule_number(&self, index: usize) -> f64 {
        let (rule, k) = self.rule_at(index);
        self.rules[rule].numbers[k].1
    }

    /// Where number `index` of all rules is written.
    pub(super) fn rule_slot(&mut self, index: usize) -> &mut f64 {
        let (rule, k) = self.rule_at(index);
        &mut self.rules[rule].numbers[k].1
    }

    /// The number whose values the rule of number `index` gives.
    pub(super) fn ruled(&self, index: usize) -> Option<Number> {
        let (rule, _) = self.rule_at(index);
        self.number(&self.rules[rule].key)
            .ok()
            .map(|(number, _)| number)
    }

    /// Gives the values of the rule of number `index` anew.
    pub(super) fn follow_rule(&mut self, index: usize) {
        let (rule, _) = self.rule_at(index);
        let values = Values::PerNode(self.rules[rule].values(self.connectome.n_nodes()));
        let Some(number) = self.ruled(index) else {
            return;
        };
        match number.slot(self) {
            Slot::PerNode(slot) => *slot = values,
            Slot::Start(start) => *start = Start::Given(values),
            Slot::Single(_) => {}
        }
    }

    /// Refuses to set what a rule decides.
    pub(super) fn check_rules(&self, path: &str) -> Result<()> {
        let rule = self.rules.iter().find(|rule| rule.key == path);
        rule.map_or(Ok(()), |rule| Err(rule.decides(path)))
    }
}

//! Numbers that follow a rule: a formula over regional maps and the time, or one number for each group of regions.

use super::key::{Number, Role, Slot};
use super::{Start, Study, Values};
use crate::error::{Error, Result};
use crate::language::{Fault, Formula};

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
    Formula(MapFormula),
    /// Each node takes the number of its group: indices into the numbers, `[n_nodes]`.
    Groups(Vec<usize>),
}

/// A formula over numbers and maps.
#[derive(Debug, Clone)]
pub struct MapFormula {
    /// As it was written.
    pub text: String,
    /// The maps by name, each `[n_nodes]`.
    pub maps: Vec<(String, Vec<f64>)>,
    /// What keys may call the maps: `myelin` in `myelin.k`.
    pub called: Vec<String>,
    /// Over the numbers of the rule, the maps at a node, and what `clock` lists.
    formula: Formula,
    /// Which of the time and the duration the formula may name: those that no number or map is called.
    clock: Vec<usize>,
}

/// What formulas call the time since the start, ms, and the duration of the run, ms.
const CLOCK: [&str; 2] = ["t", "duration"];

impl MapFormula {
    /// Reads `text`, the formula of the quantity `name`, over `numbers` and `maps`, which keys may call what is `called`.
    ///
    /// # Errors
    /// A fault at its place in `text`: what does not read, unknown names, numbers and maps that do not occur.
    pub fn new(
        name: &str,
        text: &str,
        numbers: &[String],
        maps: Vec<(String, Vec<f64>)>,
        called: Vec<String>,
    ) -> Result<Self, Fault> {
        let names = numbers.iter().chain(maps.iter().map(|(name, _)| name));
        let mut names: Vec<&str> = names.map(String::as_str).collect();
        let own = names.clone();
        let clock: Vec<usize> = (0..CLOCK.len())
            .filter(|&k| !own.contains(&CLOCK[k]))
            .collect();
        names.extend(clock.iter().map(|&k| CLOCK[k]));
        let unknown = |name: &str| {
            let known = match own.is_empty() {
                true => "there are none".into(),
                false => format!("there are {}", own.join(", ")),
            };
            format!("`{name}` is neither a number nor a map of the rule; {known}")
        };
        let formula = Formula::new(name, text, &names, unknown)?;
        let mut all = own.iter().enumerate();
        if let Some((_, unused)) = all.find(|(k, _)| !formula.uses(*k)) {
            let message = format!("`{unused}` does not occur in the formula");
            return Err(Fault::at(0..text.len(), message));
        }
        let text = text.into();
        Ok(Self {
            text,
            maps,
            called,
            formula,
            clock,
        })
    }

    fn value(&self, numbers: &[f64], node: usize, clock: [f64; 2]) -> f64 {
        let maps: Vec<f64> = self.maps.iter().map(|(_, map)| map[node]).collect();
        let clock: Vec<f64> = self.clock.iter().map(|&k| clock[k]).collect();
        self.formula.value(&[numbers, &maps, &clock])
    }

    /// Whether the time occurs.
    fn moves(&self) -> bool {
        let first = self.formula.n_names() - self.clock.len();
        let mut clock = self.clock.iter().enumerate();
        clock.any(|(place, &k)| k == 0 && self.formula.uses(first + place))
    }
}

impl Rule {
    /// The values that it gives at t = 0 of a run of `duration_ms`, `[n_nodes]`.
    pub fn values(&self, n_nodes: usize, duration_ms: f64) -> Vec<f64> {
        let clock = [0.0, duration_ms];
        (0..n_nodes).map(|node| self.value(node, clock)).collect()
    }

    /// The value that it gives a node, at the time `clock[0]` of a run as long as `clock[1]`, in ms.
    pub(crate) fn value(&self, node: usize, clock: [f64; 2]) -> f64 {
        let numbers: Vec<f64> = self.numbers.iter().map(|(_, value)| *value).collect();
        match &self.form {
            RuleForm::Formula(formula) => formula.value(&numbers, node, clock),
            RuleForm::Groups(group) => numbers[group[node]],
        }
    }

    /// The formula as it was written; empty where there is none.
    pub(crate) fn written(&self) -> String {
        match &self.form {
            RuleForm::Formula(formula) => formula.text.clone(),
            RuleForm::Groups(_) => String::new(),
        }
    }

    /// Whether its values depend on the time.
    pub fn moves(&self) -> bool {
        match &self.form {
            RuleForm::Formula(formula) => formula.moves(),
            RuleForm::Groups(_) => false,
        }
    }

    /// Whether its values differ between nodes.
    pub(crate) fn has_maps(&self) -> bool {
        match &self.form {
            RuleForm::Formula(formula) => !formula.maps.is_empty(),
            RuleForm::Groups(_) => true,
        }
    }

    /// Whether it is a formula over the map of this name.
    pub(super) fn is_over(&self, map: &str) -> bool {
        match &self.form {
            RuleForm::Formula(formula) => formula.called.iter().any(|name| name == map),
            RuleForm::Groups(_) => false,
        }
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
    /// The rules whose values depend on the time, and what each is in the equations.
    pub(crate) fn moving_rules(&self) -> Vec<(Role, &Rule)> {
        let moving = self.rules.iter().filter(|rule| rule.moves());
        let role = |rule: &Rule| {
            let (number, _) = self.number(&rule.key).ok()?;
            number.role(self)
        };
        let all = moving.filter_map(|rule| Some((role(rule)?, rule)));
        all.collect()
    }

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
        let values = Values::PerNode(
            self.rules[rule].values(self.connectome.n_nodes(), self.protocol.duration),
        );
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

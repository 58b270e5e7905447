//! What was understood of a coupling's text.

use serde_json::{Map, Value, json};

use super::show;
use crate::cli::layout::{aligned, listed, number};
use crate::cli::output::PrintArgs;
use crate::cli::texts;
use crate::coupling::Form;
use crate::error::Result;
use crate::io::model as file;
use crate::program::Program;

/// The network that is tried: the first node receives from the second.
const AT: [f64; 2] = [0.25, 0.5];
const WEIGHTS: [f64; 4] = [0.0, 2.0, 0.0, 0.0];

pub(super) fn run(name: &str, printed: PrintArgs) -> Result<()> {
    let form = file::named_coupling(name)?;
    let received = form
        .network(&WEIGHTS, AT, AT, &form.defaults())
        .swap_remove(0);
    let mut warnings = form.warnings.clone();
    let named = show::received(form).into_iter().zip(&received);
    for (name, value) in named.clone().filter(|(_, value)| !value.is_finite()) {
        warnings.push(format!(
            "{name} is {value} at x_i = {}, x_j = {} with the defaults: look for a division by 0, or the logarithm or root of a negative number",
            AT[0], AT[1]
        ));
    }
    let costs = [form.sent_program(), form.received_program()].map(Program::cost);
    let text = || {
        let named = named.clone();
        let rows: Vec<Vec<String>> = named
            .map(|(name, &value)| vec![name.into(), number(value)])
            .collect();
        format!(
            "{name} is the coupling {}: {}\n\n{}\n\
             A node that transmits {} receives from one that transmits {} over a weight of {}, with the defaults\n{}{}",
            form.name,
            form.summary,
            understood(form, costs),
            AT[0],
            AT[1],
            WEIGHTS[1],
            aligned(&rows, "  "),
            texts::warnings(&warnings),
        )
    };
    let json = || {
        let mut all = show::to_json(form);
        let named = named.clone();
        let received: Map<String, Value> =
            named.map(|(name, &c)| (name.into(), c.into())).collect();
        all["operations"] = json!({ "sender": costs[0], "receiver": costs[1] });
        all["at"] =
            json!({ "x_i": AT[0], "x_j": AT[1], "weight": WEIGHTS[1], "received": received });
        all["warnings"] = json!(warnings);
        all
    };
    printed.print(text, json)
}

fn understood(form: &Form, costs: [usize; 2]) -> String {
    let parameters = form.parameters.iter();
    let parameters: Vec<String> = parameters
        .map(|parameter| format!("{} = {}", parameter.name, number(parameter.default)))
        .collect();
    let formulas = form.sent_formulas();
    let sums: Vec<String> = show::sums(form, &formulas)
        .into_iter()
        .map(|row| row.join(" "))
        .collect();
    let shared = formulas.shared.iter();
    let shared: String = shared
        .map(|(name, formula)| format!("; {name} = {formula}"))
        .collect();
    let rows = [
        ("parameters", listed(&parameters)),
        ("sums", sums.join("; ") + &shared),
        (
            "receives",
            format!(
                "{} of {}",
                listed(&show::received(form)),
                show::made_of(form)
            ),
        ),
        ("smooth", texts::smooth(form.not_smooth)),
        (
            "operations",
            format!("{} of a sender, {} of a receiver", costs[0], costs[1]),
        ),
    ];
    let rows: Vec<Vec<String>> = rows
        .into_iter()
        .map(|(what, is)| vec![what.into(), is])
        .collect();
    aligned(&rows, "  ")
}

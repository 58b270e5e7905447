//! The section `[coupling]`: what is transmitted, and which inputs receive it.

use std::ops::Range;

use super::Reading;
use crate::language::{Fault, nearest};
use crate::model::Signal;
use crate::model::section::{Entry, Outcome, Section};
use crate::model::symbols::kept;

/// How the network enters a model.
pub(super) struct Coupled {
    pub(super) transmits: Vec<Signal>,
    pub(super) receives: Vec<usize>,
    pub(super) receives_squares: Vec<usize>,
    pub(super) kind: Option<&'static str>,
}

impl Reading<'_> {
    /// How the network enters: the first state into the first input where the text does not say.
    pub(super) fn coupling(&self, top: &Section) -> Outcome<Coupled> {
        let Some(section) = top.section("coupling")? else {
            let receives = if self.inputs.is_empty() {
                Vec::new()
            } else {
                vec![0]
            };
            return Ok(Coupled {
                transmits: vec![Signal::State(0); receives.len()],
                receives,
                receives_squares: Vec::new(),
                kind: None,
            });
        };
        section.only(&["transmits", "receives", "receives_squares", "kind"])?;
        let texts = |key: &str, why: &str| {
            section
                .get(key)
                .ok_or_else(|| section.missing(key, why))
                .and_then(Entry::texts)
        };
        let transmits = texts("transmits", "the state or output that the network carries")?
            .into_iter()
            .map(|(name, at)| {
                self.signal(name).ok_or_else(|| {
                    let states = self.states.iter().map(|(state, _)| state.name);
                    let known = states.chain(self.outputs.iter().map(|output| output.name));
                    Fault::at(
                        at,
                        format!("`{name}` is no state and no output{}", nearest(name, known)),
                    )
                })
            })
            .collect::<Outcome<Vec<_>>>()?;
        let input = |(name, at): (&str, Range<usize>)| {
            self.inputs
                .iter()
                .position(|input| input.symbol == name)
                .ok_or_else(|| {
                    let known = self.inputs.iter().map(|input| input.symbol);
                    Fault::at(at, format!("`{name}` is no input{}", nearest(name, known)))
                })
        };
        let receives = texts("receives", "the input that the network enters")?;
        let receives: Vec<usize> = receives.into_iter().map(input).collect::<Outcome<_>>()?;
        if transmits.len() != receives.len() {
            let message = format!(
                "{} are transmitted and {} receive: as many are needed",
                transmits.len(),
                receives.len()
            );
            return Err(Fault::at(section.at, message));
        }
        let mut receives_squares = Vec::new();
        if let Some(entry) = section.get("receives_squares") {
            for (name, at) in entry.texts()? {
                let index = input((name, at.clone()))?;
                if receives.contains(&index) {
                    let message =
                        format!("`{name}` receives the network already; name another input");
                    return Err(Fault::at(at, message));
                }
                receives_squares.push(index);
            }
            if receives_squares.len() != receives.len() {
                let message = format!(
                    "{} are transmitted and {} receive squared weights: as many are needed",
                    receives.len(),
                    receives_squares.len()
                );
                return Err(Fault::at(entry.value.span(), message));
            }
        }
        Ok(Coupled {
            transmits,
            receives,
            receives_squares,
            kind: section.text("kind")?.map(kept),
        })
    }
}

//! The neural mass models, each written once.

/// A model without its type: what the registry, the command line and the figures know of it.
#[derive(Debug)]
pub struct ModelSpec {
    /// The name in study files, for example `fitzhugh-nagumo`.
    pub name: &'static str,
    /// One line on what it is.
    pub summary: &'static str,
    /// Its equations, as text.
    pub equations: &'static str,
    /// Paper and equation.
    pub reference: &'static str,
    /// Its states, in order.
    pub states: &'static [State],
    /// Its parameters, in order.
    pub parameters: &'static [Parameter],
}

/// What evolves.
#[derive(Debug, Clone, Copy)]
pub struct State {
    /// Symbol.
    pub name: &'static str,
    /// Unit; "1" for none.
    pub unit: &'static str,
    /// Rectified after each step: the model's own max(., 0).
    pub non_negative: bool,
}

/// What is set.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// Symbol, as in study files.
    pub name: &'static str,
    /// Unit; "1" for none.
    pub unit: &'static str,
    /// Default.
    pub default: f64,
    /// What it means.
    pub meaning: &'static str,
}

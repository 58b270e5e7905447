//! Simulates a network of a model of one's own and prints which regions are correlated most.
//!
//! `cargo run --release --example simulate`

use std::sync::Arc;

use brainsweep::backend::cpu::Cpu;
use brainsweep::connectome::synthetic;
use brainsweep::run::simulate;
use brainsweep::study::{NoiseKind, Study};
use brainsweep::{Control, model};

/// Noise round a limit cycle: the Van der Pol oscillator as a text, the form of a model's file.
const OSCILLATOR: &str = r#"
name = "my-oscillator"
summary = "relaxation oscillations"
paper = ["van der Pol (1926), Philosophical Magazine 2, 978"]
equations = """
dx/dt = y + x_ext
dy/dt = mu*(1 - x^2)*y - omega^2*x
"""
[states]
x = { unit = "1", start = 0.1, meaning = "position" }
y = { unit = "1/ms", start = 0.0, meaning = "velocity" }
[parameters]
mu = { unit = "1/ms", default = 0.1, meaning = "strength of the damping" }
omega = { unit = "rad/ms", default = 0.25, meaning = "frequency" }
[inputs]
x_ext = { unit = "1/ms", meaning = "input" }
[coupling]
transmits = "x"
receives = "x_ext"
"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let model = model::intern("my-oscillator", OSCILLATOR)?;
    let mut study = Study::new(model, Arc::new(synthetic::random(20, 0.3, 100.0, 1)));
    study.noise.kind = NoiseKind::White;
    study.set_number("noise.sigma.x", 0.05)?;
    study.set_g(0.02);
    study.protocol.duration = 2000.0;

    let simulated = simulate(&study, &Cpu::new(), &Control::default())?;
    let fc = simulated.measures().fc();
    let pairs = (0..20).flat_map(|i| (0..i).map(move |j| (i, j)));
    let (i, j) = pairs
        .max_by(|a, b| fc[*a].total_cmp(&fc[*b]))
        .expect("pairs");
    let labels = &study.connectome.labels;
    println!("{} and {}: {:.3}", labels[i], labels[j], fc[(i, j)]);
    Ok(())
}

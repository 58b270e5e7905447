//! Simulates a study that comes along, by the library, and writes the bits of what it gives: samples of the first recorded state as
//! little-endian 32-bit floats, then functional connectivity as 64-bit floats. `python/tests/test_bits.py` compares them with those of
//! Python and of the command line.
//!
//! `cargo run --release --example bits -- FILE STUDY KEY=VALUE ...`

use std::path::Path;

use brainsweep::Control;
use brainsweep::backend::cpu::Cpu;
use brainsweep::io::study;
use brainsweep::run::simulate;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [file, name, flags @ ..] = &words[..] else {
        return Err("give a file, a study, and what is set of it".into());
    };
    let study = study::load(Some(Path::new(name)), flags)?;
    let simulated = simulate(&study, &Cpu::new(), &Control::default())?;
    let samples = &simulated.recorded().samples;
    let first = samples.index_axis(ndarray::Axis(1), 0);
    let mut bytes: Vec<u8> = first.iter().flat_map(|x| x.to_le_bytes()).collect();
    let fc = simulated.measures().fc();
    bytes.extend(fc.iter().flat_map(|r| r.to_le_bytes()));
    std::fs::write(file, bytes)?;
    Ok(())
}

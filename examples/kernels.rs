//! Writes the SPIR-V of GPU kernels for the tutorial's network, as drivers get it: for a compiler that
//! needs no card (`benches/amd_counts.py`).
//!
//! ```sh
//! cargo run --release --example kernels -- FOLDER resident-256-32 global-32x8-8
//! ```

use std::path::Path;

use brainsweep::backend::gpu::{Build, Dialect, Kernel, spirv};
use brainsweep::plan::Plan;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("say into which folder")?;
    let plan = Plan::new(&brainsweep::io::study::load(None, &[] as &[&str])?)?;
    let dialect = Dialect {
        build: Build::NoContraction,
        wide_integers: true,
    };
    for name in arguments {
        let kernel: Kernel = name.parse()?;
        let words = spirv(&kernel.wgsl(&plan, dialect), dialect.build)?;
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        std::fs::write(Path::new(&folder).join(format!("{name}.spv")), bytes)?;
    }
    Ok(())
}

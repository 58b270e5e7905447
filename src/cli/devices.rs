//! `brainsweep devices`: what there is to run on, and whether its bits can be trusted.

use super::output::PrintArgs;
use crate::backend::cpu::Cpu;
use crate::backend::{Backend, gpu};
use crate::error::Result;

/// Arguments of `brainsweep devices`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A device's class says how its numbers relate to the CPU's:
  exact                     the same bits
  exact-barrier             the same bits, every operation shielded from the shader compiler (slower)
  exact-but-for-subnormals  the same bits while no number is subnormal (between 0 and 1.2e-38), which this device takes for 0
  tolerance                 the same up to rounding; long runs agree in their statistics only
Every result's manifest names the class it was made under.

`--device` takes a number of this list, a PCI address or words of name and driver (docs/gpu.md)."
)]
pub struct Args {
    /// Also print how many results of each conformance probe differ from the CPU's, per way of building shaders.
    #[arg(long)]
    probes: bool,
    #[command(flatten)]
    printed: PrintArgs,
}

/// Lists the devices.
///
/// # Errors
/// If nothing can be printed.
pub(super) fn run(args: Args) -> Result<()> {
    let cpu = Cpu::new();
    let adapters = gpu::list();
    let json = || serde_json::json!({ "cpu": cpu.device(), "gpus": adapters });
    args.printed
        .print(|| text(&cpu, &adapters, args.probes), json)
}

/// A line for each device, and what is to be known of it.
fn text(cpu: &Cpu, adapters: &[gpu::AdapterSummary], with_probes: bool) -> String {
    let mut text = format!("cpu   {} (exact)\n", cpu.device().name);
    for adapter in adapters {
        let class = adapter.class.map_or("not usable", |class| class.name());
        text += &format!(
            "gpu {} {} ({class})\n      {}, {}\n",
            adapter.number, adapter.name, adapter.api, adapter.driver
        );
        if !adapter.pci.is_empty() {
            text += &format!("      PCI {}\n", adapter.pci);
        }
        if let Some(build) = adapter.build {
            text += &format!("      shaders: {build}\n");
        }
        if adapter.software {
            text += "      software renderer: for tests only, --backend auto never takes it\n";
        }
        if let Some(limit) = adapter.iteration_limit {
            text += &format!(
                "      ends a shader after 65 535 loop iterations without a word; dispatches are kept below {limit}\n"
            );
        }
        if let Some(error) = &adapter.error {
            text += &format!("      {error}\n");
        }
        if with_probes && !adapter.conformance.is_empty() {
            text += &probes(&adapter.conformance);
        }
    }
    if adapters.is_empty() {
        text += "gpu   none found; `--backend gpu` says what to install\n";
    }
    text
}

/// A table of mismatches: a row per probe, a column per way of building shaders.
fn probes(builds: &[gpu::Conformance]) -> String {
    let mut text = format!("      {:<34}", "results that differ from the CPU's");
    for build in builds {
        text += &format!("{:>16}", build.build);
    }
    text.push('\n');
    for (row, probe) in gpu::conformance::PROBES.iter().enumerate() {
        text += &format!("      {probe:<34}");
        for build in builds {
            let cell = match build.mismatches.get(row) {
                Some((_, n)) => format!("{n} of {}", build.n_inputs),
                None => "refused".into(),
            };
            text += &format!("{cell:>16}");
        }
        text.push('\n');
    }
    text
}

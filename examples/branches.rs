//! Follows the equilibrium of the delayed 80-node HCP network in its input and prints where the
//! equilibrium loses its stability; Ctrl-C ends the branch between two points.
//!
//! `cargo run --release --example branches`

use brainsweep::continuation::delay::branch::{NetworkBranch, NetworkBranchSettings};
use brainsweep::continuation::network::Network;
use brainsweep::{Control, io};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let study = io::study::load(None, &["g=0.5"])?;
    let network = Network::new(&study, "x_ext")?;
    let start = network.start(&study);
    eprintln!("the study has x_ext = {}", network.parameter_start());

    let control = Control::default();
    let on_ctrl_c = control.clone();
    ctrlc::set_handler(move || on_ctrl_c.stop())?;

    let settings = NetworkBranchSettings::new((0.7, 0.95));
    for point in NetworkBranch::watched(&network, &start, settings, control)? {
        let point = point?;
        let (x_ext, n_unstable) = (point.equilibrium.p, point.n_unstable);
        eprintln!("x_ext = {x_ext:.4}: {n_unstable} unstable roots");
        for event in &point.events {
            println!(
                "{} at x_ext = {:.6}, omega = {:.4} rad/ms, largest in {}",
                event.kind.name(),
                event.equilibrium.p,
                event.root.lambda.im,
                study.connectome.labels[event.root.leading_node()]
            );
        }
    }
    Ok(())
}

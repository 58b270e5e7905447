//! What `brainsweep simulate` prints of the noise.

use crate::study::{Noise, NoiseScheme, Study, key};

/// How far Ornstein-Uhlenbeck noise strays, a line for all inputs where it strays equally; nothing of other noise.
pub(super) fn to_lines(study: &Study) -> Vec<String> {
    let (noise, dt) = (&study.noise, study.protocol.dt);
    let exact = Noise {
        scheme: NoiseScheme::Exact,
        ..noise.clone()
    };
    let sd = |noise: &Noise, target: usize| {
        let nodes = 0..study.connectome.n_nodes();
        let all = nodes.map(|node| noise.stationary_sd(target, node, dt));
        let all: Vec<f64> = all.collect::<Option<_>>()?;
        let low = all.iter().copied().fold(f64::INFINITY, f64::min);
        let high = all.iter().copied().fold(0.0, f64::max);
        Some(match low == high {
            true => digits(low),
            false => format!("{} to {}", digits(low), digits(high)),
        })
    };
    // [(what is said, of which inputs)]
    let mut said: Vec<(String, Vec<&str>)> = Vec::new();
    for (target, name) in study.model.noise_targets().into_iter().enumerate() {
        if noise.sigma[target].is_zero() {
            continue;
        }
        let (Some(sd), Some(limit)) = (sd(noise, target), sd(&exact, target)) else {
            continue;
        };
        let text = match noise.scheme {
            NoiseScheme::Exact => sd,
            NoiseScheme::Euler => format!(
                "{sd} in Euler steps of {dt} ms, {limit} with {} = {:?}",
                key::NOISE_SCHEME.path,
                NoiseScheme::Exact.name()
            ),
        };
        match said.iter_mut().find(|(other, _)| *other == text) {
            Some((_, names)) => names.push(name),
            None => said.push((text, vec![name])),
        }
    }
    let line = |(text, names): &(String, Vec<&str>)| {
        format!("noise on {}: stationary sd {text}\n", names.join(" and "))
    };
    said.iter().map(line).collect()
}

/// A size in three digits.
fn digits(x: f64) -> String {
    match x < 1e-3 {
        true => format!("{x:.2e}"),
        false => {
            let places = (2 - x.log10().floor() as i32).max(0) as usize;
            format!("{x:.places$}")
        }
    }
}

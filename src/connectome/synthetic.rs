//! Small made-up connectomes, for tests, benchmarks and examples.

use ndarray::{Array2, array};

use super::{Connectome, Delays, numbered};

/// Two nodes that receive from each other with weight 1 over a tract of `length_mm`.
pub fn pair(length_mm: f64) -> Connectome {
    made_up(
        array![[0.0, 1.0], [1.0, 0.0]],
        array![[0.0, length_mm], [length_mm, 0.0]],
    )
}

/// `n_nodes` nodes; every directed connection exists with probability `density`.
///
/// Weights are uniform in (0, 1], tract lengths uniform in (0, `max_length_mm`], both drawn for each direction of its own, so
/// that a mistaken orientation shows. The same arguments always give the same connectome.
pub fn random(n_nodes: usize, density: f64, max_length_mm: f64, seed: u64) -> Connectome {
    let mut state = seed;
    let mut connected = Array2::zeros((n_nodes, n_nodes));
    let mut lengths = Array2::zeros((n_nodes, n_nodes));
    for target in 0..n_nodes {
        for source in 0..n_nodes {
            let (chance, weight, length) = (
                uniform(&mut state),
                uniform(&mut state),
                uniform(&mut state),
            );
            if target != source {
                lengths[[target, source]] = length * max_length_mm;
                if chance <= density {
                    connected[[target, source]] = weight;
                }
            }
        }
    }
    made_up(connected, lengths)
}

fn made_up(weights: Array2<f64>, lengths: Array2<f64>) -> Connectome {
    Connectome {
        labels: numbered(weights.nrows()),
        weights,
        matrices: Vec::new(),
        delays: Delays::TractLengths(lengths),
        functional: None,
        bold: Vec::new(),
        centres: None,
        self_connections_removed: 0,
        notes: Vec::new(),
    }
}

/// A number in (0, 1] from Steele, Lea & Flood's SplitMix64 (2014), Fast splittable pseudorandom number generators, OOPSLA.
fn uniform(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^= z >> 31;
    ((z >> 11) + 1) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_is_what_it_says() {
        let connectome = random(60, 0.3, 150.0, 7);
        let edges = connectome.weights.iter().filter(|&&w| w > 0.0).count() as f64 / (60.0 * 59.0);
        assert!((edges - 0.3).abs() < 0.04, "{edges}");
        assert_ne!(connectome.weights, connectome.weights.t());
        assert_eq!(connectome.weights, random(60, 0.3, 150.0, 7).weights);
        assert_ne!(connectome.weights, random(60, 0.3, 150.0, 8).weights);
        let Delays::TractLengths(lengths) = &connectome.delays else {
            panic!("no lengths")
        };
        assert!(
            lengths.iter().all(|&l| (0.0..=150.0).contains(&l))
                && lengths.sum() / (60.0 * 59.0) > 70.0
        );
        assert_eq!(
            random(5, 1.0, 1.0, 0)
                .weights
                .iter()
                .filter(|&&w| w > 0.0)
                .count(),
            20
        );
        assert_eq!(random(5, 0.0, 1.0, 0).weights.sum(), 0.0);
        let checked = Connectome::new(
            None,
            connectome.weights.clone(),
            connectome.delays.clone(),
            None,
        )
        .unwrap();
        assert_eq!(checked.weights, connectome.weights);
    }
}

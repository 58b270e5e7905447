//! Backends that fail on the way.

use super::*;
use crate::backend::Backend;
use crate::backend::cpu::Cpu;
use crate::error::DeviceError;
use crate::record::{End, Recorder};
use crate::run::{FillOptions, Reopen};
use crate::sweep::{Description, Vary};

/// A backend that fails from its second run on.
struct Flaky {
    cpu: Cpu,
    runs: AtomicUsize,
}

impl Backend for Flaky {
    fn device(&self) -> &Device {
        self.cpu.device()
    }

    fn run(&self, plan: &Plan, recorder: &dyn Recorder, control: &Control) -> Result<()> {
        if self.runs.fetch_add(1, Ordering::Relaxed) > 0 {
            // Half of a batch has come before it is known.
            recorder.finish(
                0,
                End {
                    outside: Vec::new(),
                    n_steps: plan.n_steps,
                    state: ndarray::Array2::zeros((2, 80)),
                    divergence: None,
                },
            );
            return Err(DeviceError::NotFound {
                problem: "gone".into(),
                hint: None,
            }
            .into());
        }
        self.cpu.run(plan, recorder, control)
    }
}

/// Fills a store of three chunks on a flaky backend; how it ended, which chunks are there, and all mean scores.
fn fill(reopen: Reopen) -> (Result<()>, usize, Vec<u64>) {
    let settings = ["protocol.duration=5"];
    let study = crate::io::study::load(None, &settings).unwrap();
    let description = Description {
        vary: vec![Vary::parse("g=0:1:150").unwrap()],
        ..Description::default()
    };
    let stored = StoredSweep::new(&study, &description).unwrap();
    let flaky = Flaky {
        cpu: Cpu::new(),
        runs: AtomicUsize::new(0),
    };
    let home = tempfile::tempdir().unwrap();
    let store = stored.create(&home.path().join("s"), false, flaky.device());
    let store = store.unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let options = FillOptions {
        reopen: Some(reopen),
        ..FillOptions::default()
    };
    let control = Control::default();
    let fill = || stored.fill(&store, Box::new(flaky), &options, &control);
    let filled = pool.unwrap().install(fill).unwrap();
    assert_eq!(stored.chunks().len(), 3);
    assert_eq!(filled.n_replicas, 50 * (3 - filled.missing.len()));
    let scores = (0..3).flat_map(|chunk| {
        let indices = stored.chunks().indices(chunk);
        store.read::<f64>("mean_score", &indices).unwrap()
    });
    let scores = scores.map(f64::to_bits).collect();
    (filled.outcome, 3 - filled.missing.len(), scores)
}

#[test]
fn a_device_that_fails_is_opened_again_and_nothing_shows_of_it() {
    let (outcome, done, mended) = fill(&|attempt, _, error| {
        assert_eq!((attempt, error.to_string().as_str()), (1, "gone"));
        Some(Ok(Box::new(Cpu::new())))
    });
    outcome.unwrap();
    assert_eq!(done, 3);
    let (outcome, done, kept) = fill(&|_, _, _| None);
    assert_eq!(outcome.unwrap_err().exit_code(), 3);
    assert_eq!(done, 1, "what was whole is kept");
    assert_eq!(kept[..50], mended[..50]);
    assert!(mended.iter().all(|bits| f64::from_bits(*bits).is_finite()));
}

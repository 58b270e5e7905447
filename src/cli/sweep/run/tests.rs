//! Backends that fail on the way.

use serde_json::Map;

use super::*;
use crate::backend::cpu::Cpu;
use crate::error::DeviceError;
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
    let sweep = Sweep::new(&study, &description).unwrap();
    let plan = Plan::new(&sweep.study(0, 0).unwrap()).unwrap();
    let results = Results::new(&sweep, &plan);
    let chunks = Chunks::new(&sweep, results.bytes_per_replica());
    let home = tempfile::tempdir().unwrap();
    let mut attributes = Map::new();
    attributes.insert("brainsweep".into(), "test".into());
    attributes.insert("sweep".into(), Map::new().into());
    let skeleton = results.skeleton(&sweep, &chunks, &plan, attributes);
    let store = Store::create_or_open(&home.path().join("s"), &skeleton, false).unwrap();
    let flaky = Flaky {
        cpu: Cpu::new(),
        runs: AtomicUsize::new(0),
    };
    let work = Work {
        sweep: &sweep,
        chunks: &chunks,
        results: &results,
        store: &store,
        machine: &Machine::new(Box::new(flaky), 1, reopen),
        control: &Control::default(),
        tally: &Tally::default(),
    };
    let todo: Vec<usize> = (0..chunks.len()).collect();
    assert_eq!(todo.len(), 3);
    let outcome = work.run(&todo);
    let scores = todo.iter().flat_map(|&chunk| {
        store
            .read::<f64>("mean_score", &chunks.indices(chunk))
            .unwrap()
    });
    (
        outcome,
        3 - journal::Todo::new(&store, &chunks, None)
            .unwrap()
            .chunks
            .len(),
        scores.map(f64::to_bits).collect(),
    )
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

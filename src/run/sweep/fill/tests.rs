//! Backends that fail on the way.

use super::*;
use crate::backend::Backend;
use crate::backend::cpu::Cpu;
use crate::error::DeviceError;
use crate::plan::Plan;
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

/// A backend that is stopped once so many steps were done.
struct Stopped {
    cpu: Cpu,
    after: u64,
}

impl Backend for Stopped {
    fn device(&self) -> &Device {
        self.cpu.device()
    }

    fn run(&self, plan: &Plan, recorder: &dyn Recorder, control: &Control) -> Result<()> {
        let is_over = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while control.steps_done() < self.after && !is_over.load(Ordering::Relaxed) {
                    std::thread::yield_now();
                }
                if control.steps_done() >= self.after {
                    control.stop();
                }
            });
            let outcome = self.cpu.run(plan, recorder, control);
            is_over.store(true, Ordering::Relaxed);
            outcome
        })
    }
}

/// Every chunk of a store, by its file.
fn chunks(store: &Store) -> std::collections::BTreeMap<std::path::PathBuf, Vec<u8>> {
    let mut found = std::collections::BTreeMap::new();
    for array in std::fs::read_dir(store.path()).unwrap().flatten() {
        let files = std::fs::read_dir(array.path()).into_iter().flatten();
        for file in files.flatten().map(|file| file.path()) {
            let name = file.strip_prefix(store.path()).unwrap().to_path_buf();
            if !name.starts_with("runs") && !name.to_string_lossy().starts_with('.') {
                found.insert(name, std::fs::read(&file).unwrap());
            }
        }
    }
    found
}

/// One of its two points diverges on the way.
#[test]
fn a_chunk_that_is_stopped_again_and_again_ends_with_the_same_bytes() {
    let text = "model = \"fitzhugh-nagumo\"\nconnectome.nodes = 3\ncoupling.kind = \"none\"\n\
                initial.x = 0.6\nnoise.sigma.x = 0.02\nprotocol.duration = 2000\nrecord.every = 1\n\
                [measure]\nmake = [\"kuramoto\"]\nband_low = 1\nband_high = 10";
    let study = crate::io::study::parse::<&str>(text, "stopped", std::path::Path::new(""), &[]);
    let study = study.unwrap();
    let description = Description {
        vary: vec![Vary::parse("alpha=-0.5,3").unwrap()],
        seeds: Some(20),
        every_ms: Some(1.0),
        keep: vec!["x".into()],
        ..Description::default()
    };
    let stored = StoredSweep::new(&study, &description).unwrap();
    assert_eq!(stored.chunks().len(), 1);
    let home = tempfile::tempdir().unwrap();
    let device = Cpu::new();
    let store = |name: &str| {
        stored
            .create(&home.path().join(name), false, device.device())
            .unwrap()
    };
    let fill = |store: &Store, n_threads: usize, after: u64| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(n_threads)
            .build();
        let cpu = Cpu::new();
        let options = FillOptions {
            checkpoint_every: Some(Duration::from_nanos(1)),
            ..FillOptions::default()
        };
        let backend = Box::new(Stopped { cpu, after });
        let control = Control::default();
        let fill = || stored.fill(store, backend, &options, &control);
        let filled = pool.unwrap().install(fill).unwrap();
        filled.outcome.as_ref().unwrap();
        assert!(filled.n_unsound == 0 && filled.unkept.is_none());
        filled
    };
    let (whole, stopped) = (store("whole"), store("stopped"));
    assert!(fill(&whole, 1, u64::MAX).is_complete());
    let mut resumed = Vec::new();
    for k in 0.. {
        // Side by side, one by one.
        let filled = fill(&stopped, [1, 3][k % 2], 100_000 * (k as u64 + 1));
        resumed.push(filled.n_resumed);
        if filled.is_complete() {
            break;
        }
        assert!(filled.interrupted && filled.n_replicas == 0);
    }
    assert!(resumed.len() > 3 && resumed[0] == 0, "{resumed:?}");
    // Those that diverged, and others.
    assert!(resumed[resumed.len() - 1] > 20, "{resumed:?}");
    assert!(chunks(&stopped) == chunks(&whole));
    assert!(!stopped.path().join(".checkpoints").exists());
}

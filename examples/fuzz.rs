//! Feeds the program's readers with damaged inputs: every one must give a result or an error, without
//! a panic, in less than 10 s of CPU time and 1 GB of memory.
//!
//! `cargo run --release --example fuzz -- SECONDS [SEED [FOLDER]]`
//!
//! With a FOLDER, studies and files of data that are accepted are kept there with what was read of
//! them; `tests/oracles.py` reads them again with Python's tomllib, numpy and scipy.
//!
//! Inputs are the project's own studies, models, couplings, samples of data and a sweep's store, each
//! damaged by a generator that the seed and the number of the case determine. What fails is written
//! to `fuzz-failures/` with its number. A limit of the shell, `ulimit -v 8000000`, turns requests for
//! memory that is never touched into failures, too.

use std::collections::BTreeMap;
use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use brainsweep::backend::{Backend, cpu::Cpu};
use brainsweep::error::Error;
use brainsweep::io::{self, connectome, model, study};
use brainsweep::plan::Plan;
use brainsweep::run::{FillOptions, StoredSweep, Watched};
use brainsweep::sweep::{Description, Sample, Vary};
use brainsweep::{Control, error::Result};

/// CPU seconds that one case may take.
const LONGEST: f64 = 10.0;
/// Memory that one case may add, KiB.
const MOST_MEMORY: u64 = 1 << 20;
/// Longer inputs are left out of the collection, bytes: they would be most of the time.
const LONGEST_INPUT: u64 = 300 << 10;

/// Steele, Lea & Flood's SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    fn one<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }
}

/// Pieces of text that readers may stumble over.
const PIECES: &[&str] = &[
    "0",
    "-1",
    "1e999",
    "nan",
    "inf",
    "-0.0",
    "4000000000",
    "1e-320",
    "18446744073709551616",
    "0x1f",
    ":",
    "::",
    ",",
    ";",
    "=",
    "\"",
    "'",
    "[",
    "]",
    "{",
    "}",
    "(",
    ")",
    "((((((((",
    "\n",
    "\r\n",
    "\t",
    "\0",
    "\u{feff}",
    "é",
    "𝛼",
    "#",
    "\\",
    "/",
    "../",
    "**",
    "^",
    "[[coupling]]",
    "[sweep.vary]",
    "nodes = 100000",
    "log",
    "sobol:",
    "x",
    "\"\"\"",
    "NaN",
    "null",
    "true",
    "{\"a\":[",
    "e",
    "E+",
    "..",
];

/// Cuts, flips, overwrites, repeats or inserts, up to three times.
fn damage(mut bytes: Vec<u8>, is_text: bool, random: &mut Random) -> Vec<u8> {
    for _ in 0..random.below(4) {
        let at = random.below(bytes.len() + 1);
        let end = (at + 1 + random.below(40)).min(bytes.len());
        match random.below(8) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at.min(end)..end)),
            2 => {
                let copy = bytes[at.min(end)..end].to_vec();
                let to = random.below(bytes.len() + 1);
                bytes.splice(to..to, copy);
            }
            3 if !is_text => bytes[at.min(end)..end].fill([0x00, 0x7f, 0xff][random.below(3)]),
            4 if !is_text => {
                for byte in &mut bytes[at.min(end)..end] {
                    *byte = random.next() as u8;
                }
            }
            5 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            _ => {
                let piece = random.one(PIECES);
                bytes.splice(at..end.min(at + random.below(6)).max(at), piece.bytes());
            }
        }
    }
    bytes
}

/// What inputs are made from, by the kind of reader.
struct Collection {
    studies: Vec<Vec<u8>>,
    models: Vec<Vec<u8>>,
    couplings: Vec<Vec<u8>>,
    odes: Vec<Vec<u8>>,
    /// Files of data, with their names.
    data: Vec<(PathBuf, Vec<u8>)>,
    /// A sweep's store, whole.
    store: BTreeMap<PathBuf, Vec<u8>>,
}

/// Files under `folder` that are not too long.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if entry
                .metadata()
                .is_ok_and(|found| found.len() <= LONGEST_INPUT)
            {
                let bytes = fs::read(&path).unwrap_or_default();
                found.push((path, bytes));
            }
        }
    }
    found.sort();
    found
}

impl Collection {
    fn new(work: &Path) -> Result<Self> {
        let project = Path::new(env!("CARGO_MANIFEST_DIR"));
        let texts = |folder: &str, ending: &str| -> Vec<Vec<u8>> {
            let all = files(&project.join(folder)).into_iter();
            let all = all.filter(|(path, _)| path.extension().is_some_and(|found| found == ending));
            all.map(|(_, bytes)| bytes).collect()
        };
        let store = work.join("whole.zarr");
        let stored = sweep(&["g=0:1:3".into()], None)?;
        let whole = stored.create(&store, false, Cpu::new().device())?;
        let filled = stored.fill(
            &whole,
            Box::new(Cpu::new()),
            &FillOptions::default(),
            &Control::default(),
        )?;
        filled.outcome?;
        drop(whole);
        let inside = |(path, bytes): (PathBuf, Vec<u8>)| {
            let name = path.strip_prefix(&store).unwrap_or(&path).to_path_buf();
            (name, bytes)
        };
        let is_data = |path: &Path| {
            let ending = path
                .extension()
                .map(|ending| ending.to_string_lossy().into_owned());
            !matches!(ending.as_deref(), Some("md" | "py") | None)
        };
        let data = files(&project.join("tests/samples")).into_iter();
        Ok(Self {
            studies: texts("data/studies", "toml"),
            models: texts("data/models", "toml"),
            couplings: texts("data/couplings", "toml"),
            odes: texts("tests/ode", "ode"),
            data: data.filter(|(path, _)| is_data(path)).collect(),
            store: files(&store).into_iter().map(inside).collect(),
        })
    }
}

/// A short sweep of the shipped network.
fn sweep(vary: &[String], sample: Option<&str>) -> Result<StoredSweep> {
    let study = study::load(None, &["protocol.duration=2", "record.every=1"])?;
    let description = Description {
        vary: vary
            .iter()
            .map(|text| Vary::parse(text))
            .collect::<Result<_>>()?,
        sample: sample.map(Sample::parse).transpose()?,
        ..Description::default()
    };
    StoredSweep::new(&study, &description)
}

/// One of the readers, and the input that it is given.
enum Case {
    Study(Vec<u8>),
    Settings(Vec<String>),
    Vary(Vec<String>, Option<String>),
    Model(Vec<u8>),
    Coupling(Vec<u8>),
    Ode(Vec<u8>),
    Data(PathBuf, Vec<u8>),
    Store(PathBuf, Vec<u8>),
}

const KINDS: [&str; 8] = [
    "study", "set", "vary", "model", "coupling", "ode", "data", "store",
];

const SETTINGS: &[&str] = &[
    "coupling.g=1",
    "model=\"jansen-rit\"",
    "connectome={nodes=3}",
    "input.x=[1,2]",
    "noise.sigma.x=0.1",
    "protocol.duration=1e3",
    "alpha[3]=2",
    "record.states=[\"x\",\"y\"]",
    "initial.x={uniform=[0,1]}",
    "g=-1",
    "coupling.kind=\"additive\"",
    "protocol.dt=0.05",
];
const VARY: &[&str] = &[
    "g=0:2:41",
    "g=0.01:10:20:log",
    "speed=1,2,inf",
    "alpha[12]=2:4",
    "input.x=0.6:0.9:31",
    "protocol.seed=1,2",
    "g=1:1:1",
    "tau=1e-3:1e3:7",
];

impl Case {
    /// The case of a number.
    fn new(of: &Collection, seed: u64, number: u64) -> (usize, Self) {
        let mut random = Random(seed.wrapping_mul(0x2545_f491_4f6c_dd1d) ^ number);
        let random = &mut random;
        // Files of data, of which there are the most readers, every other time.
        let kind = [0, 1, 2, 3, 4, 5, 6, 6, 6, 6, 6, 6, 7][random.below(13)];
        let text = |all: &[Vec<u8>], random: &mut Random| {
            let whole = all[random.below(all.len())].clone();
            damage(whole, true, random)
        };
        let flags = |all: &[&str], random: &mut Random| -> Vec<String> {
            let n = 1 + random.below(3);
            let flag = |_| {
                let whole = random.one(all).as_bytes().to_vec();
                String::from_utf8_lossy(&damage(whole, true, random)).into_owned()
            };
            (0..n).map(flag).collect()
        };
        let case = match kind {
            0 => Self::Study(text(&of.studies, random)),
            1 => Self::Settings(flags(SETTINGS, random)),
            2 => {
                let sample = (random.below(3) == 0).then(|| flags(&["sobol:8", "lhs:100"], random));
                Self::Vary(flags(VARY, random), sample.map(|mut all| all.remove(0)))
            }
            3 => Self::Model(text(&of.models, random)),
            4 => Self::Coupling(text(&of.couplings, random)),
            5 => Self::Ode(text(&of.odes, random)),
            6 => {
                let (path, whole) = &of.data[random.below(of.data.len())];
                let is_text = std::str::from_utf8(whole).is_ok();
                Self::Data(path.clone(), damage(whole.clone(), is_text, random))
            }
            _ => {
                let names: Vec<&PathBuf> = of.store.keys().collect();
                let name = random.one(&names).clone();
                let is_text = name.extension().is_some_and(|ending| ending == "json");
                let damaged = damage(of.store[&name].clone(), is_text, random);
                Self::Store(name, damaged)
            }
        };
        (kind, case)
    }

    /// What is kept of one that fails.
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Study(bytes) | Self::Model(bytes) | Self::Coupling(bytes) | Self::Ode(bytes) => {
                bytes.clone()
            }
            Self::Data(_, bytes) | Self::Store(_, bytes) => bytes.clone(),
            Self::Settings(flags) => flags.join("\n").into_bytes(),
            Self::Vary(flags, sample) => format!("{}\n{sample:?}", flags.join("\n")).into_bytes(),
        }
    }

    /// Reads it; whether it was accepted.
    fn run(&self, of: &Collection, work: &Path) -> Result<()> {
        let file = |name: &str, bytes: &[u8]| {
            let path = work.join(name);
            fs::write(&path, bytes)
                .map(|()| path)
                .expect("the temporary folder can be written to")
        };
        let planned = |study: brainsweep::study::Study| Plan::new(&study).map(drop);
        match self {
            Self::Study(bytes) => planned(study::load::<&str>(Some(&file("s.toml", bytes)), &[])?),
            Self::Settings(flags) => planned(study::load(None, flags)?),
            Self::Vary(flags, sample) => sweep(flags, sample.as_deref()).map(drop),
            Self::Model(bytes) => model::load(&file("m.toml", bytes)).map(drop),
            Self::Coupling(bytes) => model::load_coupling(&file("c.toml", bytes)).map(drop),
            Self::Ode(bytes) => model::import_ode(&file("m.ode", bytes)).map(drop),
            Self::Data(path, bytes) => {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let path = file(&name, bytes);
                let options = connectome::Options::default();
                let read = connectome::load(&path, &options).map(drop);
                let measured = connectome::load_measured(&path, &options).map(drop);
                let table = io::table::read(&path).map(drop);
                fs::remove_file(path).expect("it was just written");
                read.or(measured).or(table)
            }
            Self::Store(name, bytes) => {
                let store = work.join("damaged.zarr");
                for (name, bytes) in &of.store {
                    let path = store.join(name);
                    fs::create_dir_all(path.parent().unwrap_or(&store))
                        .expect("a folder can be made");
                    fs::write(path, bytes).expect("a file can be written");
                }
                fs::write(store.join(name), bytes).expect("a file can be written");
                let seen = Watched::new(&store).map(drop);
                let stored = sweep(&["g=0:1:3".into()], None)?;
                let opened = stored.create(&store, false, Cpu::new().device());
                let todo = opened.and_then(|store| {
                    stored.verify(&store, None)?;
                    stored.todo(&store, None)
                });
                fs::remove_dir_all(&store).expect("a folder can be removed");
                seen.and(todo.map(drop))
            }
        }
    }
}

/// Keeps an accepted study or file of data in `folder` with what is read of it.
fn keep(case: &Case, folder: &Path, number: u64) -> Result<()> {
    let write = |name: String, bytes: &[u8]| {
        fs::create_dir_all(folder).and_then(|()| fs::write(folder.join(name), bytes))
    };
    let kept = match case {
        Case::Study(bytes) => {
            let path = folder.join(format!("{number}.toml"));
            write(format!("{number}.toml"), bytes).expect("inputs can be kept");
            let read = study::to_toml::<&str>(Some(&path), &[])?;
            write(format!("{number}.toml.read"), read.as_bytes())
        }
        Case::Data(path, bytes) => {
            let ending = path.extension().unwrap_or_default().to_string_lossy();
            let name = format!("{number}.{ending}");
            write(name.clone(), bytes).expect("inputs can be kept");
            // An array that is not needed for a connectome may still be damaged.
            let Ok(arrays) = brainsweep::testing::arrays_of(&folder.join(&name)) else {
                return Ok(());
            };
            let mut read = serde_json::Map::new();
            for (key, values) in arrays {
                // JSON has no NaN: such numbers are texts.
                let json = match values {
                    Ok(array) => {
                        let values: Vec<String> = array.iter().map(f64::to_string).collect();
                        serde_json::json!({ "shape": array.shape(), "numbers": values })
                    }
                    Err(texts) => serde_json::json!({ "texts": texts }),
                };
                read.insert(key, json);
            }
            let text = serde_json::Value::Object(read).to_string();
            write(format!("{name}.read"), text.as_bytes())
        }
        _ => Ok(()),
    };
    kept.expect("inputs can be kept");
    Ok(())
}

/// CPU seconds of this process; those of the wall where the system does not tell.
fn cpu_s(started: Instant) -> f64 {
    let text = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = text
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let ticks = |k: usize| fields.get(k)?.parse::<f64>().ok();
    // Fields 14 and 15 of `man proc_pid_stat`, in hundredths of a second.
    match (ticks(11), ticks(12)) {
        (Some(user), Some(system)) => (user + system) / 100.0,
        _ => started.elapsed().as_secs_f64(),
    }
}

/// Memory of this process in KiB: that of now, or the most since it was last reset.
fn memory(field: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.unwrap_or(0)
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let mut number = || arguments.next().map(|text| text.parse::<u64>());
    let (Some(Ok(seconds)), Ok(seed)) = (number(), number().unwrap_or(Ok(1))) else {
        eprintln!("usage: fuzz SECONDS [SEED [FOLDER]]");
        return ExitCode::from(2);
    };
    let kept = arguments.next().map(PathBuf::from);
    let work = tempfile::tempdir().expect("there is a folder for temporary files");
    let collection = match Collection::new(work.path()) {
        Ok(collection) => collection,
        Err(error) => {
            eprintln!("error: {}", error.report());
            return ExitCode::from(error.exit_code());
        }
    };
    // What a panic says goes into the report, not to the terminal.
    static SAID: Mutex<String> = Mutex::new(String::new());
    panic::set_hook(Box::new(|panic| {
        if let Ok(mut said) = SAID.lock() {
            *said = panic.to_string();
        }
    }));
    static NOW: AtomicU64 = AtomicU64::new(u64::MAX);
    let started = Instant::now();
    std::thread::spawn(move || {
        // A case that does not end cannot be ended: it is named, and the run is over.
        let mut seen = (u64::MAX, 0.0);
        loop {
            std::thread::sleep(Duration::from_millis(200));
            let (now, cpu) = (NOW.load(Ordering::Relaxed), cpu_s(started));
            if now != seen.0 {
                seen = (now, cpu);
            } else if cpu - seen.1 > LONGEST {
                eprintln!("case {now} of seed {seed} takes more than {LONGEST} s");
                std::process::exit(1);
            }
        }
    });
    let (mut accepted, mut refused) = ([0_u64; KINDS.len()], [0_u64; KINDS.len()]);
    let mut n_failed = 0;
    let mut case_number = 0;
    while started.elapsed() < Duration::from_secs(seconds) {
        NOW.store(case_number, Ordering::Relaxed);
        let (kind, case) = Case::new(&collection, seed, case_number);
        // From here on the peak is that of this case.
        let _ = fs::write("/proc/self/clear_refs", "5");
        let before = memory("VmRSS:");
        let outcome = panic::catch_unwind(AssertUnwindSafe(|| {
            case.run(&collection, work.path())?;
            match &kept {
                Some(folder) => keep(&case, folder, case_number),
                None => Ok(()),
            }
        }));
        let grown = memory("VmHWM:").saturating_sub(before);
        let failure = match outcome {
            _ if grown > MOST_MEMORY => Some(format!("took {} MiB", grown >> 10)),
            Err(_) => SAID.lock().ok().map(|said| said.clone()),
            Ok(Err(error)) if error.report().trim().is_empty() => {
                Some("an error without words".into())
            }
            Ok(Err(error @ Error::Device(_))) => Some(error.report()),
            Ok(outcome) => {
                let counts = if outcome.is_ok() {
                    &mut accepted
                } else {
                    &mut refused
                };
                counts[kind] += 1;
                None
            }
        };
        if let Some(failure) = failure {
            n_failed += 1;
            let name = format!("fuzz-failures/{}-{seed}-{case_number}", KINDS[kind]);
            eprintln!("{name}: {failure}");
            let kept =
                fs::create_dir_all("fuzz-failures").and_then(|()| fs::write(name, case.bytes()));
            kept.expect("failures can be kept");
        }
        case_number += 1;
    }
    for (kind, name) in KINDS.iter().enumerate() {
        println!(
            "{name:<10} {:>8} accepted {:>8} refused",
            accepted[kind], refused[kind]
        );
    }
    println!("{case_number} cases of seed {seed}, {n_failed} failed");
    ExitCode::from(u8::from(n_failed > 0))
}

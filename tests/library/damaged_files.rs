//! Damaged files are an error, or load: no panic, no hang, no memory that the file does not warrant.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use brainsweep::io::connectome::{Options, load, load_measured};

/// Files of every format, and how they are called so that their formats are looked at.
const FILES: [&str; 16] = [
    "tvb/connectivity_6.zip",
    "tvb/connectivity_bz2.zip",
    "tvb/connectivity_6.h5",
    "../cases/hdf5_newest.h5",
    "../cases/hdf5_two_growing.h5",
    "matlab/v73.mat",
    "matlab/flat_v5.mat",
    "matlab/struct_v5.mat",
    "matlab/dsi_studio_v4.mat",
    "qsirecon/sub-01_connectivity.mat",
    "cifti/fc.pconn.nii",
    "cifti/rest.ptseries.nii",
    "tables/fcs.npy",
    "cubnm/hcp/ctx_parc-six_desc-strength.npz",
    "tables/edges.csv",
    "tables/excel_german.csv",
];
/// Damages of each file.
const TIMES: u64 = 300;
/// One file may not take longer; a whole one takes milliseconds.
const LONGEST: Duration = Duration::from_secs(10);
/// Memory beyond what the test had, KiB.
const MOST_MEMORY: u64 = 800 << 10;

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
}

/// Cuts, flips bits, overwrites with large numbers or noise, or takes a piece out.
fn damage(bytes: &mut Vec<u8>, random: &mut Random) {
    let at = random.below(bytes.len());
    match random.below(6) {
        0 => bytes.truncate(at),
        1 => {
            for _ in 0..=random.below(8) {
                let at = random.below(bytes.len());
                bytes[at] ^= 1 << random.below(8);
            }
        }
        // Where sizes stand, mostly.
        2 => {
            let at = random.below(bytes.len().min(700));
            let end = (at + [1, 2, 4, 8][random.below(4)]).min(bytes.len());
            let value = [0x00, 0x7f, 0xff][random.below(3)];
            bytes[at..end].fill(value);
        }
        3 => {
            let end = (at + random.below(64)).min(bytes.len());
            bytes[at..end]
                .iter_mut()
                .for_each(|byte| *byte = random.next() as u8);
        }
        4 => {
            let end = (at + random.below(64)).min(bytes.len());
            bytes.drain(at..end);
        }
        _ => {
            let end = (at + random.below(64)).min(bytes.len());
            let copy = bytes[at..end].to_vec();
            let at = random.below(bytes.len());
            bytes.splice(at..at, copy);
        }
    }
}

/// The most memory that this process has had, KiB; 0 where the system does not tell.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.unwrap_or(0)
}

#[test]
fn damage_of_every_format_is_survived() {
    let folder = tempfile::tempdir().unwrap();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    let mut random = Random(22);
    let before = peak_memory();
    let (mut loaded, mut refused) = (0, 0);
    for file in FILES {
        let whole = std::fs::read(samples.join(file)).unwrap();
        let path: PathBuf = folder.path().join(Path::new(file).file_name().unwrap());
        for round in 0..TIMES {
            let mut bytes = whole.clone();
            damage(&mut bytes, &mut random);
            std::fs::write(&path, &bytes).unwrap();
            let started = Instant::now();
            let options = Options {
                weights: file
                    .starts_with("qsirecon")
                    .then(|| "sift_radius2_count".into()),
                ..Options::default()
            };
            let read = |which: bool| match which {
                true => load(&path, &options).map(drop),
                false => load_measured(&path, &options).map(drop),
            };
            for which in [true, false] {
                match read(which) {
                    Ok(()) => loaded += 1,
                    Err(error) => {
                        refused += 1;
                        assert!(!error.report().is_empty());
                    }
                }
            }
            assert!(started.elapsed() < LONGEST, "{file}, round {round}");
        }
        std::fs::remove_file(&path).unwrap();
    }
    assert!(
        loaded > 100 && refused > 1000,
        "{loaded} loaded, {refused} refused"
    );
    let grown = peak_memory().saturating_sub(before);
    assert!(grown < MOST_MEMORY, "{grown} KiB");
}

//! Stores to which something happened: mended with a word, or refused, never taken for done.

use brainsweep::measure::Needs;

use super::*;

/// Two points, of which the first diverges; scored. One chunk.
const SWEEP: &[&str] = &[
    "--vary",
    "alpha=-0.5,3",
    "--seeds",
    "2",
    "--set",
    "protocol.duration=100",
    "--set",
    "initial.x=0.6",
    "--threads",
    "1",
];

/// The same of a sweep that takes less time, for many damages.
const SHORT: &[&str] = &[
    "--vary",
    "g=0,1",
    "--set",
    "protocol.duration=5",
    "--threads",
    "1",
];

/// A sweep of three chunks.
const LONG: &[&str] = &[
    "--vary",
    "g=0:1:150",
    "--set",
    "protocol.duration=5",
    "--threads",
    "1",
];

/// A whole store `whole.zarr` of a sweep, and what a damage to a copy of it came to.
struct Damaged(Home, &'static [&'static str]);

impl Damaged {
    fn new() -> Self {
        Self::of(SWEEP)
    }

    fn of(sweep: &'static [&'static str]) -> Self {
        let home = Home::new();
        home.json(&[sweep, &["--out", "whole.zarr"]].concat());
        Self(home, sweep)
    }

    /// Runs the same command on a copy that `damage` was done to; how it ended and what it said on stderr.
    fn run(&self, damage: impl Fn(&Path)) -> (Option<i32>, String) {
        self.run_with(&[], damage)
    }

    /// The same with more `flags`.
    fn run_with(&self, flags: &[&str], damage: impl Fn(&Path)) -> (Option<i32>, String) {
        let copy = self.0.at("copy.zarr");
        let _ = std::fs::remove_dir_all(&copy);
        for (name, bytes) in contents(&self.0.at("whole.zarr")) {
            std::fs::create_dir_all(copy.join(&name).parent().unwrap()).unwrap();
            std::fs::write(copy.join(name), bytes).unwrap();
        }
        damage(&copy);
        let command = [self.1, &["--out", "copy.zarr"], flags].concat();
        let (code, _, stderr) = self.0.run(&command);
        (code, stderr)
    }

    /// The damage is mended, and said to be.
    fn is_mended(&self, said: &str, damage: impl Fn(&Path)) {
        let (code, stderr) = self.run(damage);
        assert_eq!(code, Some(0), "{said}: {stderr}");
        let lines: Vec<&str> = stderr.lines().collect();
        assert!(
            lines.len() == 1 && lines[0].starts_with("note: ") && lines[0].contains(said),
            "{said}: {stderr}"
        );
        assert_same(&self.0.at("whole.zarr"), &self.0.at("copy.zarr"));
    }
}

/// Ways to damage a file.
const DAMAGES: [fn(&Path); 4] = [
    |file| std::fs::remove_file(file).unwrap(),
    |file| {
        let length = std::fs::metadata(file).unwrap().len();
        let file = std::fs::File::options().write(true).open(file).unwrap();
        file.set_len(length / 2).unwrap();
    },
    |file| {
        let mut bytes = std::fs::read(file).unwrap();
        bytes.push(b' ');
        std::fs::write(file, bytes).unwrap();
    },
    |file| std::fs::write(file, "").unwrap(),
];

#[test]
fn metadata_and_coordinates_are_mended_from_the_command() {
    let store = Damaged::new();
    let files = contents(&store.0.at("whole.zarr")).into_keys();
    let names: Vec<String> = files.map(|name| name.to_str().unwrap().into()).collect();
    let known = names.iter().filter(|name| {
        name.ends_with("zarr.json") || name.ends_with("/c.0") || *name == "manifest.json"
    });
    let known: Vec<&String> = known.collect();
    assert!(known.len() > 14, "{known:?}");
    for name in known {
        for damage in DAMAGES {
            store.is_mended(&format!("copy.zarr: {name} was"), |copy| {
                damage(&copy.join(name))
            });
        }
    }
    let replaced = |name: &'static str, from: &'static str, to: &'static str| {
        store.is_mended(&format!("copy.zarr: {name} was"), move |copy| {
            let text = std::fs::read_to_string(copy.join(name)).unwrap();
            assert!(text.contains(from));
            std::fs::write(copy.join(name), text.replace(from, to)).unwrap();
        });
    };
    replaced("zarr.json", "float32", "float64");
    replaced("mean/zarr.json", "float32", "float64");
    replaced("manifest.json", "\"seeds\": 2", "\"seeds\": 3");
    store.is_mended("copy.zarr: seed/c.0 was", |copy| {
        let mut bytes = std::fs::read(copy.join("seed/c.0")).unwrap();
        bytes[8] ^= 1;
        std::fs::write(copy.join("seed/c.0"), bytes).unwrap();
    });
}

#[test]
fn a_chunk_that_is_gone_or_of_another_length_is_made_again() {
    let store = Damaged::new();
    let whole = store.0.at("whole.zarr");
    let names = contents(&whole).into_keys();
    let chunks = names.filter(|name| {
        name.file_name()
            .unwrap()
            .to_string_lossy()
            .starts_with("c.0.0")
    });
    let chunks: Vec<PathBuf> = chunks.collect();
    // Every measure of sums but fc, which is kept where asked for, `status` and `diverged_at`.
    let of_sums = brainsweep::measure::MEASURES.iter().filter(|measure| {
        let needs = [Needs::Nothing, Needs::Network, Needs::Functional];
        needs.contains(&measure.needs)
    });
    let n_arrays = of_sums.count() - 1 + 2;
    assert_eq!(chunks.len(), n_arrays, "{chunks:?}");
    for chunk in chunks.iter().filter(|name| !name.starts_with("status")) {
        for damage in DAMAGES {
            store.is_mended("1 chunk that was done is damaged", |copy| {
                damage(&copy.join(chunk));
            });
        }
    }
    // Without its status a chunk was never done, which is nothing to tell of.
    for damage in DAMAGES {
        let (code, stderr) = store.run(|copy| damage(&copy.join("status/c.0.0")));
        assert_eq!((code, stderr.as_str()), (Some(0), ""));
        assert_same(&whole, &store.0.at("copy.zarr"));
    }
}

#[test]
fn a_status_that_cannot_be_is_not_believed() {
    let store = Damaged::new();
    let status = unsealed(&store.0.at("whole.zarr/status/c.0.0"));
    assert_eq!(status, [2, 2, 1, 1]);
    let write = |chunk: &Path, bytes: &[u8]| {
        let sum = crc32c(bytes).to_le_bytes();
        std::fs::write(chunk, [bytes, &sum].concat()).unwrap();
    };
    for wrong in [
        [0, 0, 0, 0],
        [1, 1, 1, 1],
        [2, 2, 2, 2],
        [2, 2, 1, 0],
        [2, 2, 1, 3],
        [2, 255, 1, 1],
        [1, 2, 1, 1],
    ] {
        store.is_mended("1 chunk that was done is damaged", |copy| {
            write(&copy.join("status/c.0.0"), &wrong);
        });
    }
    store.is_mended("1 chunk that was done is damaged", |copy| {
        write(&copy.join("diverged_at/c.0.0"), &[0; 32]);
    });
}

/// A flipped bit changes no length. A small store is read through whenever it is opened; of a large one, what is drawn.
#[test]
fn a_flipped_bit_is_never_read_as_a_number() {
    let store = Damaged::new();
    let flip = |file: PathBuf| {
        let mut bytes = std::fs::read(&file).unwrap();
        bytes[5] ^= 16;
        std::fs::write(file, bytes).unwrap();
    };
    for name in [
        "mean_score/c.0.0",
        "sd/c.0.0.0",
        "status/c.0.0",
        "diverged_at/c.0.0",
    ] {
        store.is_mended("1 chunk that was done is damaged", |copy| {
            flip(copy.join(name))
        });
    }
}

/// A chunk that is whole, but another's, has a right checksum and a right length. It is found nevertheless, without `--verify`.
#[test]
fn a_chunk_in_the_place_of_another_is_made_again() {
    let store = Damaged::new();
    let copied = |copy: &Path, from: &str, to: &str| {
        let (from, to) = (copy.join(from), copy.join(to));
        assert_ne!(std::fs::read(&from).unwrap(), std::fs::read(&to).unwrap());
        std::fs::copy(from, to).unwrap();
    };
    // Of another array.
    store.is_mended("1 chunk that was done is damaged", |copy| {
        copied(copy, "synchrony/c.0.0", "mean_score/c.0.0");
    });
    // Of another place, one over the other, and two that change places.
    let store = Damaged::of(LONG);
    store.is_mended("1 chunk that was done is damaged", |copy| {
        copied(copy, "mean/c.0.0.0", "mean/c.1.0.0");
    });
    store.is_mended("2 chunks that were done are damaged", |copy| {
        let [one, other] = ["sd/c.0.0.0", "sd/c.1.0.0"].map(|name| copy.join(name));
        let (kept, moved) = (std::fs::read(&one).unwrap(), std::fs::read(&other).unwrap());
        assert_ne!(kept, moved);
        std::fs::write(one, moved).unwrap();
        std::fs::write(other, kept).unwrap();
    });
}

/// So is one that was copied, with all that belongs to it, from another sweep of the same shapes.
#[test]
fn a_part_of_another_sweep_is_made_again() {
    let store = Damaged::new();
    let other = [SWEEP, &["--set", "input.x=0.9", "--out", "other.zarr"]].concat();
    store.0.json(&other);
    let other = store.0.at("other.zarr");
    store.is_mended("1 chunk that was done is damaged", |copy| {
        let files = contents(&other);
        let is_of_part = |name: &Path| {
            let name = name.to_string_lossy();
            name.contains("/c.0") || name.starts_with(".record/0")
        };
        let of_part: Vec<_> = files
            .iter()
            .filter(|(name, _)| is_of_part(name.as_ref()))
            .collect();
        assert!(of_part.len() > 4, "{}", of_part.len());
        for (name, bytes) in of_part {
            std::fs::write(copy.join(name), bytes).unwrap();
        }
    });
}

/// Stores that earlier versions filled have no records: what they hold stays, once it is found whole.
#[test]
fn a_store_without_records_gets_them_and_loses_nothing() {
    let store = Damaged::new();
    let whole = store.0.at("whole.zarr");
    let (code, stderr) = store.run(|copy| std::fs::remove_dir_all(copy.join(".record")).unwrap());
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert_same(&whole, &store.0.at("copy.zarr"));
    store.is_mended("1 chunk that was done is damaged", |copy| {
        std::fs::remove_dir_all(copy.join(".record")).unwrap();
        let chunk = copy.join("mean_score/c.0.0");
        let mut bytes = std::fs::read(&chunk).unwrap();
        bytes[5] ^= 16;
        std::fs::write(chunk, bytes).unwrap();
    });
}

/// What somebody else put into a store is named and stays; `--force` does not touch a store that holds such a thing.
#[test]
fn what_is_not_of_the_store_is_named_and_left_alone() {
    let store = Damaged::of(SHORT);
    let notes = store.0.at("copy.zarr/notes.txt");
    let inside = store.0.at("copy.zarr/mean/mine");
    let (code, stderr) = store.run(|_| {
        std::fs::write(&notes, "mine").unwrap();
        std::fs::create_dir(&inside).unwrap();
    });
    assert_eq!(code, Some(0));
    assert!(
        stderr.starts_with("note: copy.zarr holds ") && stderr.lines().count() == 1,
        "{stderr}"
    );
    let named = [
        "\"notes.txt\"",
        "\"mean/mine/\"",
        "brainsweep did not write",
    ];
    assert!(named.iter().all(|part| stderr.contains(part)), "{stderr}");
    let message = store
        .0
        .error(&[SHORT, &["--out", "copy.zarr", "--force"]].concat(), 2);
    assert!(message.contains("notes.txt"), "{message}");
    assert!(inside.is_dir() && std::fs::read_to_string(&notes).unwrap() == "mine");
}

/// Nor is what somebody put among the files that come and go with the work, or under a name that is nearly theirs.
#[test]
fn what_is_not_of_the_work_is_left_alone_in_its_folders() {
    let store = Damaged::of(SHORT);
    for name in [
        ".claims/notes.txt",
        ".checkpoints/notes.txt",
        ".checkpoints/0/notes.txt",
        ".record/notes.txt",
        ".work-mine/notes.txt",
        ".unfinished-mine/notes.txt",
        "mean/.unfinished-host-0badc0de-1-2-A1b2C3/notes.txt",
    ] {
        let notes = store.0.at("copy.zarr").join(name);
        for flags in [&[][..], &["--force"]] {
            let (code, stderr) = store.run_with(flags, |copy| {
                std::fs::create_dir_all(notes.parent().unwrap()).unwrap();
                std::fs::write(&notes, "mine").unwrap();
                // A claim that a process left behind is removed nevertheless.
                std::fs::create_dir_all(copy.join(".claims")).unwrap();
                std::fs::write(copy.join(".claims/7.0"), "").unwrap();
            });
            let expected = if flags.is_empty() { 0 } else { 2 };
            assert_eq!(code, Some(expected), "{name} {flags:?}: {stderr}");
            assert!(stderr.contains("brainsweep did not write"), "{stderr}");
            assert_eq!(std::fs::read_to_string(&notes).unwrap(), "mine", "{name}");
            let claim = store.0.at("copy.zarr/.claims/7.0");
            assert_eq!(claim.exists(), flags == ["--force"], "{name}");
        }
    }
}

/// What nobody writes to is never waited for, and a claim that is none is nobody's.
#[cfg(unix)]
#[test]
fn pipes_and_links_to_nowhere_in_a_store_are_not_waited_for() {
    let store = Damaged::of(SHORT);
    let pipe = |path: &Path| {
        let _ = std::fs::remove_file(path);
        let made = Command::new("mkfifo").arg(path).status();
        assert!(made.unwrap().success());
    };
    for name in ["zarr.json", "mean/zarr.json", "node/c.0"] {
        store.is_mended(&format!("copy.zarr: {name} was"), |copy| {
            pipe(&copy.join(name));
        });
    }
    for name in ["mean/c.0.0.0", "diverged_at/c.0.0"] {
        store.is_mended("1 chunk that was done is damaged", |copy| {
            pipe(&copy.join(name));
        });
    }
    let (code, stderr) = store.run(|copy| pipe(&copy.join(".record/0.0")));
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert_same(&store.0.at("whole.zarr"), &store.0.at("copy.zarr"));
}

/// Steele, Lea & Flood's SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n as u64) as usize
    }
}

/// Damages a file in one of the ways in which files are damaged.
fn damage_somehow(file: &Path, random: &mut Random) -> &'static str {
    let mut bytes = std::fs::read(file).unwrap();
    let at = random.below(bytes.len().max(1));
    let what = match random.below(6) {
        0 => {
            std::fs::remove_file(file).unwrap();
            return "deleted";
        }
        1 => {
            bytes.truncate(at);
            "cut"
        }
        2 => {
            bytes[at] ^= 1 << random.below(8);
            "one bit flipped"
        }
        3 => {
            let end = (at + 1 + random.below(64)).min(bytes.len());
            bytes[at..end].iter_mut().for_each(|byte| *byte ^= 0x5a);
            "a piece flipped"
        }
        4 => {
            // What is all zeros by itself, such as seed 0, becomes another thing.
            let other = if bytes.iter().all(|byte| *byte == 0) {
                7
            } else {
                0
            };
            bytes.iter_mut().for_each(|byte| *byte = other);
            "all one byte"
        }
        _ => {
            bytes.extend(vec![7; 1 + random.below(9)]);
            "longer"
        }
    };
    std::fs::write(file, bytes).unwrap();
    what
}

/// Of every array and of everything beside them, one file at a time and several together: the next
/// run ends with the same bytes, and says something of whatever was not simply missing.
#[test]
fn whatever_is_damaged_the_next_run_ends_with_the_same_bytes() {
    let store = Damaged::of(SHORT);
    let whole = store.0.at("whole.zarr");
    let names: Vec<PathBuf> = contents(&whole).into_keys().collect();
    let mut random = Random(2026);
    let mended = |names: &[&PathBuf], random: &mut Random| {
        let random = std::cell::RefCell::new(random);
        let what = std::cell::RefCell::new(Vec::new());
        let (code, stderr) = store.run_with(&["--verify"], |copy| {
            for name in names {
                let how = damage_somehow(&copy.join(name), &mut random.borrow_mut());
                what.borrow_mut().push((name.display().to_string(), how));
            }
        });
        assert_eq!(code, Some(0), "{what:?}: {stderr}");
        assert!(
            contents(&whole) == contents(&store.0.at("copy.zarr")),
            "{what:?}: {stderr}"
        );
        let is_told = |name: &PathBuf| {
            let name = name.to_string_lossy();
            (name.contains("/c.") || name.ends_with(".json")) && !name.starts_with("status/c.")
        };
        assert!(
            stderr.contains("damaged") || !names.iter().any(|name| is_told(name)),
            "{what:?} without a word: {stderr}"
        );
    };
    for name in &names {
        for _ in 0..3 {
            mended(&[name], &mut random);
        }
    }
    // Which sweep it was must be left to be read in one of two files.
    let others = names
        .iter()
        .filter(|name| *name != Path::new("manifest.json"));
    let others: Vec<&PathBuf> = others.collect();
    for _ in 0..30 {
        let some = others.iter().filter(|_| random.below(4) == 0);
        let some: Vec<&PathBuf> = some.copied().collect();
        mended(&some, &mut random);
    }
}

#[test]
fn a_store_that_cannot_be_told_is_refused_and_left_as_it_is() {
    let store = Damaged::new();
    let copy = store.0.at("copy.zarr");
    for damage in DAMAGES {
        let (code, stderr) = store.run(|copy| {
            std::fs::write(copy.join("zarr.json"), "{\"zarr_format\": 3").unwrap();
            damage(&copy.join("manifest.json"));
            if copy.join("manifest.json").exists() {
                std::fs::write(copy.join("manifest.json"), "{\"brainsweep\": \"0.1").unwrap();
            }
        });
        assert_eq!(code, Some(2), "{stderr}");
        assert!(
            stderr.contains("zarr.json and manifest.json are damaged"),
            "{stderr}"
        );
        assert_eq!(std::fs::read(copy.join("zarr.json")).unwrap().len(), 17);
    }
    // Zarr groups of others, and results of another command.
    for (name, text) in [
        (
            "zarr.json",
            "{\"zarr_format\": 3, \"node_type\": \"group\", \"attributes\": {}}",
        ),
        (
            "manifest.json",
            "{\"brainsweep\": \"0.1.0\", \"command\": \"simulate\"}",
        ),
    ] {
        std::fs::remove_dir_all(&copy).unwrap();
        std::fs::create_dir(&copy).unwrap();
        std::fs::write(copy.join(name), text).unwrap();
        let message = store.0.error(&[SWEEP, &["--out", "copy.zarr"]].concat(), 2);
        assert!(message.contains("neither empty nor a sweep"), "{message}");
        assert_eq!(std::fs::read_to_string(copy.join(name)).unwrap(), text);
    }
}

/// Damage outside a shard is not its own to mend, and the sweep is not called complete.
#[test]
fn a_shard_tells_of_the_damage_in_others() {
    let home = Home::new();
    let sweep = [
        "wilson_cowan",
        "--vary",
        "input.x=0:1:150",
        "--set",
        "protocol.duration=5",
        "--out",
        "s.zarr",
    ];
    let whole = home.json(&sweep);
    assert_eq!(whole["chunks"], 3);
    let before = contents(&home.at("s.zarr"));
    std::fs::remove_file(home.at("s.zarr/mean/c.1.0.0")).unwrap();
    let json = home.json(&[&sweep[..], &["--shard", "1/3"]].concat());
    assert_eq!(
        (&json["complete"], &json["shards_missing"]),
        (&false.into(), &serde_json::json!(["2/3"]))
    );
    let (code, stdout, stderr) = home.run(&[&sweep[..], &["--shard", "2/3", "--json"]].concat());
    assert!(
        code == Some(0) && stderr.contains("1 chunk that was done"),
        "{stderr}"
    );
    let json: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(
        (&json["complete"], &json["replicas_run"]),
        (&true.into(), &50.into())
    );
    assert!(contents(&home.at("s.zarr")) == before);
}

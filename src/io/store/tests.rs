//! A group is made once, filled from several sides, and never mixed with another.

use super::*;

fn skeleton(version: &str) -> Skeleton {
    let object = |value: Value| value.as_object().unwrap().clone();
    Skeleton {
        attributes: object(serde_json::json!({ "brainsweep": version, "sweep": { "n": 3 } })),
        coordinates: vec![Coordinate::along(
            "coupling.g",
            "coupling.g",
            Numbers::Float(vec![0.0, 0.0, 0.0]),
            object(serde_json::json!({ "units": "1" })),
        )],
        variables: [
            ("score", Kind::Double),
            ("mean", Kind::Single),
            ("status", Kind::Flag),
        ]
        .map(|(name, kind)| Variable {
            name: name.into(),
            kind,
            dimensions: vec!["coupling.g".into()],
            shape: vec![3],
            chunk: vec![2],
            attributes: Map::new(),
        })
        .into(),
        beside: vec!["best.csv".into()],
    }
}

#[test]
fn what_one_process_wrote_another_finds() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("s.zarr");
    let one = Store::create_or_open(&path, &skeleton("1"), false).unwrap();
    let two = Store::create_or_open(&path, &skeleton("1"), false).unwrap();
    one.write("score", &[1], &[0.5, f64::NAN]).unwrap();
    one.write("mean", &[1], &[0.25_f32, 0.0]).unwrap();
    assert!(two.has("mean", &[1]) && !two.has("status", &[1]) && !two.is_whole(&[1]));
    one.write("status", &[1], &[1_u8, 0]).unwrap();
    assert!(two.is_whole(&[1]) && !two.is_whole(&[0]));
    assert_eq!(two.read::<f64>("score", &[1]).unwrap()[0], 0.5);
    assert_eq!(two.read::<f32>("mean", &[1]).unwrap(), [0.25, 0.0]);
    assert!(
        two.read::<f64>("score", &[0])
            .unwrap()
            .iter()
            .all(|x| x.is_nan())
    );
    drop((one, two));
    let left: Vec<_> = fs::read_dir(&path)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert!(
        left.iter()
            .all(|name| !name.to_string_lossy().starts_with('.')),
        "{left:?}"
    );
}

#[test]
fn another_sweep_in_the_same_place_is_refused_with_what_differs() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("s.zarr");
    let store = Store::create_or_open(&path, &skeleton("1"), false).unwrap();
    store.write("status", &[0], &[1_u8, 1]).unwrap();
    drop(store);
    let refused = |skeleton| match Store::create_or_open(&path, &skeleton, false) {
        Ok(_) => panic!("opened"),
        Err(error) => error.report(),
    };
    let mut other = skeleton("1");
    other.attributes["sweep"]["n"] = 4.into();
    let message = refused(other);
    assert!(
        message.contains("sweep.n: there 3, here 4") && message.contains("--force"),
        "{message}"
    );
    let replaced = Store::create_or_open(&path, &skeleton("2"), true).unwrap();
    assert!(!replaced.is_whole(&[0]));
    fs::write(home.path().join("thesis.tex"), "").unwrap();
    let error = Store::create_or_open(home.path(), &skeleton("1"), false)
        .err()
        .unwrap();
    assert!(
        error.to_string().contains("neither empty nor a sweep"),
        "{error}"
    );
}

/// Rather than with a list of all keys that have been added since.
#[test]
fn a_store_of_another_schema_is_refused_in_one_clear_word() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("s.zarr");
    Store::create_or_open(&path, &skeleton("1"), false).unwrap();
    let mut later = skeleton("1");
    later.attributes.insert("schema".into(), 1.into());
    let refused = Store::create_or_open(&path, &later, false).err().unwrap();
    let message = refused.report();
    assert!(message.contains("(schema none there, 1 here)"), "{message}");
    assert!(message.contains("--force"), "{message}");
    Store::create_or_open(&path, &later, true).unwrap();
    // Of another form, of other bits.
    for (key, what) in [(FORM, "another form"), (NUMERICS, "other bits")] {
        let mut other = later.clone();
        other.attributes.insert(key.into(), 2.into());
        let refused = Store::create_or_open(&path, &other, false).err().unwrap();
        let message = refused.to_string();
        assert!(message.contains(what), "{message}");
        assert!(message.contains("none there, 2 here"), "{message}");
    }
}

/// The metadata are the same bytes each time, and a reader that knows of consolidated metadata needs no other file.
#[test]
fn metadata_are_whole_and_the_same_each_time() {
    let home = tempfile::tempdir().unwrap();
    let make = |name: &str| {
        let path = home.path().join(name);
        Store::create_or_open(&path, &skeleton("1"), false).unwrap();
        fs::read(path.join(METADATA)).unwrap()
    };
    let (one, two) = (make("1.zarr"), make("2.zarr"));
    assert_eq!(one, two);
    let metadata: Value = serde_json::from_slice(&one).unwrap();
    let arrays = metadata["consolidated_metadata"]["metadata"]
        .as_object()
        .unwrap();
    let names: Vec<&str> = arrays.keys().map(String::as_str).collect();
    assert_eq!(names, ["coupling.g", "score", "mean", "status"]);
    let of = |name: &str| -> Value {
        let text = fs::read(home.path().join("1.zarr").join(name).join(METADATA)).unwrap();
        serde_json::from_slice(&text).unwrap()
    };
    for name in names {
        assert_eq!(arrays[name], of(name));
    }
    assert_eq!(of("score")["fill_value"], "NaN");
}

/// What another process reads of a chunk is what was written, or nothing.
#[test]
fn a_chunk_whose_checksum_is_another_s_is_not_read() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("s.zarr");
    let store = Store::create_or_open(&path, &skeleton("1"), false).unwrap();
    store.write("score", &[0], &[0.5, 0.25]).unwrap();
    let file = path.join("score/c.0");
    let sealed = fs::read(&file).unwrap();
    assert_eq!(sealed.len(), 20);
    let found = |bytes: &[u8]| {
        fs::write(&file, bytes).unwrap();
        store.sound::<f64>("score", &[0]).unwrap()
    };
    assert_eq!(found(&sealed), Ok(vec![0.5, 0.25]));
    assert_eq!(found(&sealed[..19]), Err(Unsound::Length(19, 20)));
    let mut flipped = sealed.clone();
    flipped[3] ^= 1;
    assert_eq!(found(&flipped), Err(Unsound::Checksum));
    let error = store.read::<f64>("score", &[0]).unwrap_err().report();
    assert!(error.contains("--verify"), "{error}");
    fs::remove_file(&file).unwrap();
    let missing = store.sound::<f64>("score", &[0]).unwrap();
    assert_eq!(missing, Err(Unsound::Missing));
}

/// A whole part of another sweep of the same shapes, with its record, is none of this one. A record that names no sweep, as
/// earlier versions wrote them, is taken for this one's and written anew.
#[test]
fn a_part_of_another_sweep_is_not_done() {
    let home = tempfile::tempdir().unwrap();
    let filled = |name: &str, n: usize| {
        let mut skeleton = skeleton("1");
        skeleton.attributes["sweep"]["n"] = n.into();
        let store = Store::create_or_open(&home.path().join(name), &skeleton, false).unwrap();
        let value = n as f64;
        let sums = [
            ("score", store.write("score", &[0], &[value, value])),
            ("mean", store.write("mean", &[0], &[value as f32, 0.0])),
            ("status", store.write("status", &[0], &[1_u8, 1])),
        ];
        let sums = sums.map(|(name, sum)| (name.to_string(), sum.unwrap()));
        store.write_record(&[0], &sums.clone().into()).unwrap();
        assert!(store.is_whole(&[0]) && store.is_sound(&[0]).unwrap());
        (store, sums)
    };
    let ((one, sums), (other, _)) = (filled("1.zarr", 3), filled("2.zarr", 4));
    let record = |store: &Store| store.path().join(".record/0");
    let own = fs::read(record(&one)).unwrap();

    let unsigned = record::written(&[0], None, &sums.into());
    fs::write(record(&one), unsigned).unwrap();
    assert!(one.is_whole(&[0]) && one.is_sound(&[0]).unwrap());
    assert!(one.ensure_record(&[0]).unwrap());
    assert_eq!(fs::read(record(&one)).unwrap(), own);

    for file in ["score/c.0", "mean/c.0", "status/c.0", ".record/0"] {
        fs::copy(other.path().join(file), one.path().join(file)).unwrap();
    }
    assert!(!one.is_whole(&[0]) && !one.is_sound(&[0]).unwrap());
    assert!(!one.ensure_record(&[0]).unwrap());
    let looked = Contents::look(one.path(), &["sweep"]);
    assert!(looked.is_err() || !looked.unwrap().is_whole(&[0]));
}

/// In whatever order its attributes stand, a sweep is the same.
#[test]
fn a_sweep_is_known_by_what_its_attributes_hold() {
    let of = |text: &str| {
        record::sweep(
            serde_json::from_str::<Value>(text)
                .unwrap()
                .as_object()
                .unwrap(),
        )
    };
    let one = of(r#"{"a": {"b": 0.1, "c": [1, {"d": 2, "e": 3}]}, "f": 4}"#);
    assert_eq!(
        one,
        of(r#"{"f": 4, "a": {"c": [1, {"e": 3, "d": 2}], "b": 0.1}}"#)
    );
    assert_ne!(
        one,
        of(r#"{"a": {"b": 0.1, "c": [1, {"d": 3, "e": 2}]}, "f": 4}"#)
    );
}

/// Whatever another process takes for a dead one's comes back, and what is left of the store goes on.
#[test]
fn folders_that_vanish_are_made_again() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("s.zarr");
    let store = Store::create_or_open(&path, &skeleton("1"), false).unwrap();
    for entry in fs::read_dir(&path).unwrap().flatten() {
        if entry.file_name().to_string_lossy().starts_with(".work-") {
            fs::remove_dir_all(entry.path()).unwrap();
        }
    }
    fs::remove_dir_all(path.join("mean")).unwrap();
    store.write("mean", &[1], &[0.25_f32, 0.0]).unwrap();
    assert!(store.has("mean", &[1]));
    assert!(store.claim(0).unwrap());
    fs::remove_dir_all(&path).unwrap();
    let gone = store.write("mean", &[1], &[0.25_f32, 0.0]).unwrap_err();
    assert!(
        gone.report().contains("gone while it was being filled"),
        "{gone}"
    );
    assert!(!path.exists());
}

#[test]
fn a_checkpoint_is_found_by_its_own_sweep_only_and_only_whole() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("s.zarr");
    let store = Store::create_or_open(&path, &skeleton("1"), false).unwrap();
    assert!(store.kept(3).words.is_empty() && checkpoints(&path).is_empty());
    store.keep(3, 7, &[1, 2]).unwrap();
    store.keep(3, 8, &[u32::MAX]).unwrap();
    store.keep(3, 7, &[5, 6, 7]).unwrap();
    let found = |store: &Store| {
        let mut kept = store.kept(3);
        kept.words.sort();
        (kept.words, kept.n_unsound)
    };
    assert_eq!(found(&store), (vec![vec![5, 6, 7], vec![u32::MAX]], 0));
    let parts: Vec<usize> = checkpoints(&path).iter().map(|(part, _)| *part).collect();
    assert_eq!((parts, store.kept(4).words.len()), (vec![3], 0));

    let file = path.join(".checkpoints/3/7");
    let sealed = fs::read(&file).unwrap();
    let mut damaged: Vec<Vec<u8>> = (0..sealed.len()).map(|n| sealed[..n].to_vec()).collect();
    damaged.extend((0..8 * sealed.len()).map(|bit| {
        let mut flipped = sealed.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        flipped
    }));
    damaged.push([&sealed[..], &[0]].concat());
    for bytes in damaged {
        fs::write(&file, bytes).unwrap();
        assert_eq!(found(&store), (vec![vec![u32::MAX]], 1));
    }
    let other = home.path().join("other.zarr");
    let mut another = skeleton("1");
    another.attributes["sweep"]["n"] = 4.into();
    let other = Store::create_or_open(&other, &another, false).unwrap();
    other.keep(3, 7, &[1]).unwrap();
    fs::copy(other.path().join(".checkpoints/3/7"), &file).unwrap();
    assert_eq!(found(&store), (vec![vec![u32::MAX]], 1));
    store.forget(3);
    assert!(!path.join(".checkpoints").exists());
}

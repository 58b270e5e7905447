//! A folder appears whole or not at all, replaces results only, and is kept whatever becomes of its place.

use super::*;

#[test]
fn nothing_is_there_until_it_is_finished_and_nothing_is_overwritten() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("results");
    let folder = NewFolder::named(&path, false).unwrap();
    folder.write_manifest(json!({ "brainsweep": 1 })).unwrap();
    assert!(!path.exists());
    folder.finish().unwrap();
    assert!(matches!(
        NewFolder::named(&path, false),
        Err(Error::Disk(DiskError::Exists { .. }))
    ));

    let folder = NewFolder::named(&path, true).unwrap();
    folder.write_manifest(json!({ "brainsweep": 2 })).unwrap();
    drop(folder);
    let written = || json_object(&path.join(MANIFEST)).unwrap();
    assert_eq!(
        written()["brainsweep"],
        1,
        "an unfinished folder replaces nothing"
    );
    let folder = NewFolder::named(&path, true).unwrap();
    folder.write_manifest(json!({ "brainsweep": 2 })).unwrap();
    folder.finish().unwrap();
    assert_eq!(written()["brainsweep"], 2);
    assert_eq!(written()[FILES], json!([MANIFEST]));
    assert_eq!(
        fs::read_dir(home.path()).unwrap().count(),
        1,
        "no leftovers"
    );
}

#[test]
fn force_leaves_a_folder_of_other_things_alone() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("thesis.tex"), "").unwrap();
    let error = NewFolder::named(home.path(), true).unwrap_err();
    assert!(error.report().contains("choose another --out"), "{error}");
}

#[test]
fn an_unfinished_folder_takes_the_way_to_it_along() {
    let home = tempfile::tempdir().unwrap();
    let folder = NewFolder::named(&home.path().join("a/b/c"), false).unwrap();
    assert!(home.path().join("a/b").is_dir());
    drop(folder);
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
    let folder = NewFolder::named(&home.path().join("a/b/c"), false).unwrap();
    assert!(folder.finish().unwrap().is_dir());
}

#[test]
fn results_whose_place_was_taken_meanwhile_are_kept_beside_it() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("results");
    let folder = NewFolder::named(&path, false).unwrap();
    fs::write(folder.path().join(MANIFEST), "ours").unwrap();
    fs::write(&path, "theirs").unwrap();
    let error = folder.finish().unwrap_err().report();
    assert!(error.contains("results-1 instead"), "{error}");
    let kept = home.path().join("results-1").join(MANIFEST);
    assert_eq!(fs::read_to_string(kept).unwrap(), "ours");
    assert_eq!(fs::read_to_string(path).unwrap(), "theirs");
}

#[cfg(unix)]
#[test]
fn a_link_to_nowhere_is_in_the_way() {
    let home = tempfile::tempdir().unwrap();
    let link = home.path().join("link");
    std::os::unix::fs::symlink("nowhere", &link).unwrap();
    let error = NewFolder::named(&link, false).unwrap_err();
    assert!(
        matches!(error, Error::Disk(DiskError::Exists { .. })),
        "{error}"
    );
}

#[test]
fn numbers_count_up() {
    let home = tempfile::tempdir().unwrap();
    for n in 1..4 {
        let folder = NewFolder::numbered(home.path(), "a study").unwrap();
        assert_eq!(
            folder.finish().unwrap(),
            home.path().join(format!("a study-{n}"))
        );
    }
}

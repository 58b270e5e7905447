//! What `--force` replaces: results, and nothing that anybody else put there.

use super::*;

/// Every command that leaves a folder, as short as it can be.
const COMMANDS: &[&[&str]] = &[
    &[
        "simulate",
        "fitzhugh_nagumo",
        "--set",
        "protocol.duration=5",
    ],
    &[
        "sweep",
        "wilson_cowan",
        "--vary",
        "input.x=0:1:2",
        "--set",
        "protocol.duration=5",
        "--backend",
        "cpu",
    ],
    &[
        "bifurcate",
        "fitzhugh-nagumo",
        "--vary",
        "x_ext=0:2",
        "--no-cycles",
    ],
    &["phase-plane", "fitzhugh-nagumo"],
    &["connectome", "show"],
    // Scored, with every file that a sweep can leave beside its arrays.
    &[
        "sweep",
        "hcp_network",
        "--vary",
        "coupling.g=0:1:2",
        "--set",
        "protocol.duration=5",
        "--set",
        "protocol.transient=0",
        "--every",
        "0.1",
        "--step-error",
        "--backend",
        "cpu",
    ],
];

fn forced(home: &Home, command: &[&str], out: &str) -> Output {
    home.run(&[command, &["--out", out, "--force"]].concat())
}

/// Every file under `folder`, with its bytes.
fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    for name in entries(folder) {
        let path = folder.join(name);
        if path.is_dir() && !path.is_symlink() {
            files.extend(contents(&path));
            files.push((path, Vec::new()));
        } else {
            let bytes = std::fs::read(&path).unwrap_or_default();
            files.push((path, bytes));
        }
    }
    files
}

#[test]
fn no_command_replaces_a_folder_whose_manifest_is_not_ours() {
    let home = Home::new();
    let web = home.path().join("web");
    let manifests: &[&[u8]] = &[
        b"{\"name\": \"my web app\"}",
        b"{}",
        b"[\"brainsweep\"]",
        b"\"brainsweep\"",
        b"{\"brainsweep\": \"0.1.0\"",
        b"brainsweep",
        b"",
        b"\xff\xfe",
    ];
    for manifest in manifests {
        std::fs::create_dir_all(&web).unwrap();
        std::fs::write(web.join("manifest.json"), manifest).unwrap();
        std::fs::write(web.join("precious"), "precious").unwrap();
        let before = contents(home.path());
        // The first manifest is shown to all.
        let n = if *manifest == manifests[0] { 5 } else { 1 };
        for command in &COMMANDS[..n] {
            let output = forced(&home, command, "web");
            let message = output.error(2);
            assert!(
                message.starts_with("web: is neither empty nor a folder of results")
                    && message.contains("choose another --out"),
                "{message}"
            );
            assert!(contents(home.path()) == before, "{command:?}");
        }
    }
}

#[test]
fn every_command_replaces_its_own_results_and_those_of_the_others() {
    let home = Home::new();
    for command in COMMANDS.iter().chain(COMMANDS) {
        let output = forced(&home, command, "r");
        assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""));
        assert_eq!(home.entries(), ["r"], "{command:?}: nothing is left beside");
    }
}

#[test]
fn files_of_somebody_elses_are_named_and_kept() {
    let home = Home::new();
    for command in COMMANDS {
        assert_eq!(forced(&home, command, "r").code, Some(0));
        let r = home.path().join("r");
        for (name, shown) in [
            ("notes.md", "\"notes.md\""),
            ("figures/final.svg", "\"figures/\""),
            (".hidden", "\".hidden\""),
            ("manifest.json.bak", "\"manifest.json.bak\""),
        ] {
            let path = r.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, "mine").unwrap();
            let before = contents(home.path());
            let output = forced(&home, command, "r");
            let message = output.error(2);
            assert!(
                message.contains(shown) && message.contains("brainsweep did not write"),
                "{command:?}: {message}"
            );
            assert!(contents(home.path()) == before, "{command:?}");
            std::fs::remove_file(&path).unwrap();
            let _ = std::fs::remove_dir(r.join("figures"));
        }
        // A file manager's droppings are nobody's.
        std::fs::write(r.join(".DS_Store"), "").unwrap();
    }
    let r = home.path().join("r");
    for n in 0..5 {
        std::fs::write(r.join(format!("note-{n}\n")), "mine").unwrap();
    }
    let output = forced(&home, COMMANDS[0], "r");
    assert!(output.error(2).contains(" and 2 more, "), "{output:?}");
}

/// Among the chunks and the notes of runs, too.
#[test]
fn files_within_a_store_are_somebody_elses_unless_they_are_its_own() {
    let home = Home::new();
    let sweep = COMMANDS[1];
    assert_eq!(forced(&home, sweep, "s").code, Some(0));
    let s = home.path().join("s");
    for name in [
        "mean/notes.md",
        "mean/c.0.0.bak",
        "runs/notes.json",
        "mine/zarr.json",
    ] {
        std::fs::create_dir_all(s.join(name).parent().unwrap()).unwrap();
        std::fs::write(s.join(name), "mine").unwrap();
        let output = forced(&home, sweep, "s");
        let shown = if name.starts_with("mine") {
            "mine/"
        } else {
            name
        };
        assert!(output.error(2).contains(shown), "{name}: {output:?}");
        std::fs::remove_file(s.join(name)).unwrap();
    }
    std::fs::remove_dir(s.join("mine")).unwrap();
    // What a killed process leaves is ours.
    std::fs::create_dir(s.join(".work-other-0badc0de-12-345-A1b2C3")).unwrap();
    std::fs::write(s.join(".work-other-0badc0de-12-345-A1b2C3/lock"), "").unwrap();
    std::fs::write(s.join(".work-other-0badc0de-12-345-A1b2C3/0"), "half").unwrap();
    std::fs::write(s.join(".best.csv.aB3dE6.tmp"), "half").unwrap();
    std::fs::write(s.join("runs/.1795925478123-4242.json.aB3dE6.tmp"), "half").unwrap();
    assert_eq!(forced(&home, sweep, "s").code, Some(0));
    assert!(!s.join(".work-other-0badc0de-12-345-A1b2C3").exists());
}

#[test]
fn results_whose_manifest_lists_no_files_stay() {
    let home = Home::new();
    let command = COMMANDS[3];
    assert_eq!(forced(&home, command, "r").code, Some(0));
    let r = home.path().join("r");
    let mut manifest = Results(r.clone()).manifest();
    assert!(manifest.as_object_mut().unwrap().remove("files").is_some());
    std::fs::write(r.join("manifest.json"), manifest.to_string()).unwrap();
    let before = contents(home.path());
    let output = forced(&home, command, "r");
    assert!(output.error(2).contains("lists no files"), "{output:?}");
    assert!(contents(home.path()) == before);
}

#[cfg(unix)]
#[test]
fn a_link_is_followed_to_results_and_is_none_itself() {
    use std::os::unix::fs::symlink;
    let home = Home::new();
    let at = |name: &str| home.path().join(name);
    std::fs::create_dir(at("disk")).unwrap();
    let command = COMMANDS[3];
    assert_eq!(forced(&home, command, "disk/r").code, Some(0));
    symlink("disk/r", at("link")).unwrap();
    assert_eq!(forced(&home, command, "link").code, Some(0));
    assert!(at("link").is_symlink() && at("disk/r/manifest.json").is_file());
    assert_eq!(entries(&at("disk")), ["r"]);

    // A link among the results is somebody's own, be it in the place of one of ours.
    symlink("phase_plane.svg", at("disk/r/latest.svg")).unwrap();
    let output = forced(&home, command, "link");
    assert!(output.error(2).contains("\"latest.svg\""), "{output:?}");
    std::fs::remove_file(at("disk/r/latest.svg")).unwrap();
    for name in ["phase_plane.npz", "manifest.json"] {
        std::fs::rename(at("disk/r").join(name), at("elsewhere")).unwrap();
        symlink(at("elsewhere"), at("disk/r").join(name)).unwrap();
        assert_eq!(forced(&home, command, "link").code, Some(2), "{name}");
        std::fs::remove_file(at("disk/r").join(name)).unwrap();
        std::fs::rename(at("elsewhere"), at("disk/r").join(name)).unwrap();
    }
    // A manifest that is a folder, or endless, is none.
    std::fs::remove_file(at("disk/r/manifest.json")).unwrap();
    std::fs::create_dir(at("disk/r/manifest.json")).unwrap();
    assert_eq!(forced(&home, command, "link").code, Some(2));
    std::fs::remove_dir(at("disk/r/manifest.json")).unwrap();
    symlink("/dev/zero", at("disk/r/manifest.json")).unwrap();
    assert_eq!(forced(&home, command, "link").code, Some(2));
    std::fs::remove_file(at("disk/r/manifest.json")).unwrap();
    let sparse = std::fs::File::create(at("disk/r/manifest.json")).unwrap();
    sparse.set_len(1 << 32).unwrap();
    assert_eq!(forced(&home, command, "link").code, Some(2));
}

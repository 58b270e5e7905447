//! The same store, whatever fills it.

use super::*;

/// Speeds among the axes, so that a chunk holds several sets of delays; what is kept is compared, too.
const SPEEDS: &[&str] = &[
    "--vary",
    "speed=2,5,inf",
    "--vary",
    "g=0.5,1",
    "--vary",
    "alpha[3]=2.5,3",
    "--seeds",
    "2",
    "--keep",
    "fc,y",
    "--set",
    "protocol.duration=40",
    "--set",
    "protocol.transient=5",
];

#[test]
fn cpu_and_gpu_fill_the_same_bytes() {
    let Some(gpu) = common::gpu_of_equal_bits() else {
        return;
    };
    let home = Home::new();
    for (backend, out) in [("cpu", "cpu.zarr"), ("gpu", "gpu.zarr")] {
        let json = home.json(&[SPEEDS, &["--backend", backend, "--out", out]].concat());
        assert_eq!(
            (&json["backend"], &json["complete"]),
            (&backend.into(), &true.into())
        );
    }
    if !gpu.device_class().is_exact() {
        // The store names such a class; the numbers are the same.
        for (store, expected) in [
            ("cpu.zarr", "exact"),
            ("gpu.zarr", gpu.device_class().name()),
        ] {
            let path = home.at(store).join("zarr.json");
            let group: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            let class = group["attributes"]["device_class"].as_str().unwrap();
            assert_eq!(class.split(',').next(), Some(expected));
            std::fs::remove_file(path).unwrap();
            std::fs::remove_file(home.at(store).join("manifest.json")).unwrap();
        }
    }
    assert_same(&home.at("cpu.zarr"), &home.at("gpu.zarr"));
}

/// By flags, by a table, by the same points walked together and in another chunk: the same numbers.
#[test]
fn threads_and_the_way_of_asking_do_not_show_in_the_numbers() {
    let home = Home::new();
    home.json(&[SPEEDS, &["--out", "one.zarr", "--threads", "1"]].concat());
    home.json(&[SPEEDS, &["--out", "two.zarr", "--threads", "2"]].concat());
    assert_same(&home.at("one.zarr"), &home.at("two.zarr"));

    let study = "[protocol]\nduration = 40\ntransient = 5\n[sweep]\nzip = true\nseeds = 2\n[sweep.vary]\ncoupling.g = [1]\nspeed = \"5\"\n\"alpha[3]\" = [3]\n";
    let shipped = brainsweep::io::study::SHIPPED[0]
        .text
        .replace("[protocol]", "[unused]");
    let head = shipped.split("[unused]").next().unwrap();
    std::fs::write(home.at("hcp_network.toml"), format!("{head}{study}")).unwrap();
    home.json(&["hcp_network.toml", "--out", "zip.zarr"]);
    let grid = home.doubles("one.zarr/score");
    let zip = home.doubles("zip.zarr/score");
    // Speed 5, g 1, alpha 3 is point 1 * 4 + 1 * 2 + 1; two seeds, seven subjects.
    assert_eq!(zip[..14], grid[7 * 14..8 * 14]);
}

/// What is swept is its numbers, not the way to its files.
#[test]
fn a_store_is_filled_from_anywhere_and_only_with_the_same_content() {
    let home = Home::new();
    let write = |name: &str, text: &str| std::fs::write(home.at(name), text).unwrap();
    write("w.csv", "0,1\n1,0\n");
    write(
        "s.toml",
        "model = \"wilson-cowan\"\n[connectome]\nfile = \"w.csv\"\n[protocol]\nduration = 5\n",
    );
    std::fs::create_dir(home.at("sub")).unwrap();
    let fill = |folder: &str, study: &str, shard: &str| {
        let out = if folder == "sub" { "../z" } else { "z" };
        let arguments = [study, "--vary", "g=0:1:200", "--shard", shard, "--out", out];
        let output = home
            .command(&arguments)
            .current_dir(home.at(folder))
            .output();
        let output = output.unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let absolute = home.at("s.toml");
    let done = (Some(0), String::new());
    assert_eq!(fill("", "s.toml", "1/3"), done);
    assert_eq!(fill("sub", "../s.toml", "2/3"), done);
    assert_eq!(fill("", absolute.to_str().unwrap(), "3/3"), done);
    let runs = std::fs::read_dir(home.at("z/runs")).unwrap();
    let noted = runs.map(|run| std::fs::read_to_string(run.unwrap().path()).unwrap());
    assert!(
        noted
            .filter(|note| note.contains("\"connectome.file\""))
            .count()
            == 3
    );

    let refused = |expected: &str| {
        let (code, stderr) = fill("", "s.toml", "1/3");
        assert_eq!(code, Some(2));
        assert!(
            stderr.contains("holds another sweep") && stderr.contains(expected),
            "{stderr}"
        );
    };
    write("w.csv", "0,1\n2,0\n");
    refused("study.connectome.weights.fnv1a");
    write("w.csv", ",left,right\nleft,0,1\nright,1,0\n");
    refused("study.connectome.labels");
}

/// A missing chunk is one that is not done, so there is one of every array, be it of fill values only.
#[test]
fn chunks_of_nothing_but_fill_values_are_written_like_any_other() {
    let home = Home::new();
    home.json(&["wilson_cowan", "--vary", "input=0:1:2", "--out", "s.zarr"]);
    assert!(
        home.doubles("s.zarr/diverged_at")
            .iter()
            .all(|x| x.is_nan())
    );
    // A coordinate whose only value is its fill value.
    assert_eq!(std::fs::read(home.at("s.zarr/seed/c.0")).unwrap(), [0; 8]);
}

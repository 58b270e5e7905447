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
    let Some(gpu) = common::gpu() else { return };
    if gpu.device_class() == brainsweep::backend::DeviceClass::Tolerance {
        println!("skipped: {} promises no equal bits", gpu.name());
        return;
    }
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

//! Which backend runs, and that it does not matter to the numbers.

use brainsweep::backend::gpu;
use brainsweep::backend::select::{Choice, select};
use brainsweep::plan::Plan;

use super::*;

#[test]
fn without_an_adapter_the_gpu_is_an_error_that_names_the_package() {
    let home = Home::new();
    for arguments in [&["--backend", "gpu"][..], &["--device", "any"]] {
        let output = home.run_without_gpu(&[&["simulate"], arguments].concat());
        let message = output.error(3);
        for part in ["no GPU adapter", "mesa-vulkan-drivers", "--backend cpu"] {
            assert!(message.contains(part), "{message}");
        }
    }
    assert!(home.entries().is_empty());
}

#[test]
fn without_an_adapter_auto_runs_on_the_cpu_in_silence() {
    let home = Home::new();
    for backend in ["auto", "cpu"] {
        let output = home.run_without_gpu(&[
            "simulate",
            "fitzhugh_nagumo",
            "--backend",
            backend,
            "--json",
        ]);
        assert_eq!(
            (output.code, output.stderr.as_str()),
            (Some(0), ""),
            "{output:?}"
        );
        let json: Value = serde_json::from_str(&output.stdout).unwrap();
        assert_eq!(json["backend"], "cpu");
    }
    let output = home.run_without_gpu(&["devices"]);
    assert_eq!(output.code, Some(0));
    assert!(output.stdout.contains("none found"), "{output:?}");
}

#[test]
fn auto_takes_the_cpu_for_one_and_never_a_software_adapter() {
    let study = brainsweep::io::study::load(None, &["protocol.duration=20"]).unwrap();
    let plan = Plan::new(&study).unwrap();
    let one = select(Choice::Auto, None, 1, &plan).unwrap();
    assert_eq!((one.backend.device().backend, one.reason), ("cpu", None));
    let many = select(Choice::Auto, None, 1000, &plan).unwrap();
    let taken = many.backend.device();
    let real = gpu::list()
        .iter()
        .any(|adapter| !adapter.software && adapter.error.is_none());
    if real {
        assert_eq!(taken.backend, "gpu");
        assert!(
            gpu::list()
                .iter()
                .any(|adapter| adapter.name == taken.name && !adapter.software)
        );
    } else {
        assert_eq!(taken.backend, "cpu");
        let reason = many.reason.expect("a reason why a sweep runs on the CPU");
        assert!(reason.starts_with("running on the CPU: "), "{reason}");
    }
}

#[test]
fn a_device_that_is_not_there_is_answered_with_those_that_are() {
    let Some(gpu) = common::gpu() else { return };
    let home = Home::new();
    let output = home.run(&["simulate", "--device", "no such device"]);
    let message = output.error(3);
    assert!(
        message.contains("no such device") && message.contains(gpu.name()),
        "{message}"
    );
    // A part of the name, in any case, is enough.
    let part = gpu.name().split(' ').next().unwrap().to_uppercase();
    let json = home.json(&["simulate", "fitzhugh_nagumo", "--device", &part, "--json"]);
    assert_eq!(
        (&json["backend"], &json["device"]),
        (&"gpu".into(), &gpu.name().into())
    );
}

#[test]
fn cpu_and_gpu_write_the_same_bytes() {
    if common::gpu_of_equal_bits().is_none() {
        return;
    }
    let home = Home::new();
    let run = |arguments: &[&str], backend: &str| {
        let fixed = [
            "simulate",
            "--backend",
            backend,
            "--force",
            "--out",
            backend,
        ];
        home.prints(&[&fixed, arguments].concat());
        Results(home.path().join(backend)).bytes()
    };
    for arguments in [
        &["hcp_network", "--set", "protocol.duration=40"][..],
        &[
            "hcp_network",
            "--set",
            "protocol.duration=20",
            "--set",
            "integrator=heun",
            "--seed",
            "9",
            "--set",
            "record.every=0.7",
        ],
        &["wilson_cowan"],
        &["fitzhugh_nagumo", "--set", "record.states=[\"y\", \"x\"]"],
    ] {
        assert!(
            run(arguments, "cpu") == run(arguments, "gpu"),
            "{arguments:?}"
        );
    }
}

//! A driver that refuses shaders is told so, never takes the program down, and never leaves zeros for results.
//!
//! A small Vulkan layer (`refusals/layer.c`, compiled here by `cc`) plays that driver, and one that keeps subnormals if asked.
#![cfg(target_os = "linux")]

use crate::common;

use std::path::{Path, PathBuf};
use std::process::Command;

use brainsweep::backend::gpu::{Build, Gpu};
use serde_json::Value;
use tempfile::TempDir;

/// VK_ERROR_OUT_OF_DEVICE_MEMORY, VK_ERROR_DEVICE_LOST, VK_ERROR_UNKNOWN.
const CODES: [&str; 3] = ["-2", "-4", "-13"];

const SWEEP: [&str; 9] = [
    "sweep",
    "--vary",
    "g=0.5,1",
    "--seeds",
    "2",
    "--set",
    "protocol.duration=30",
    "--set",
    "protocol.transient=5",
];

/// A folder to run in, and the layer in it.
struct Home(TempDir);

/// What the layer refuses.
#[derive(Clone, Copy)]
struct Refused {
    /// Pipelines of this entry point; empty: of all.
    entry: &'static str,
    /// How many, the first ones; empty: every one.
    times: &'static str,
    code: &'static str,
}

const NOTHING: Refused = Refused {
    entry: "none of this name",
    times: "",
    code: "-13",
};

struct Output {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Home {
    /// `None` if there is no GPU to stand before.
    fn new() -> Option<Self> {
        common::gpu()?;
        let home = tempfile::tempdir().unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gpu/refusals/layer.c");
        let library = home.path().join("librefuse.so");
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"])
            .args([&library, &source])
            .status()
            .expect("cc, which links Rust programs, too");
        assert!(compiled.success());
        let manifest = serde_json::json!({
            "file_format_version": "1.2.0",
            "layer": {
                "name": "VK_LAYER_BRAINSWEEP_refuse",
                "type": "GLOBAL",
                "library_path": library,
                "api_version": "1.3.0",
                "implementation_version": "1",
                "description": "refuses compute pipelines",
            }
        });
        std::fs::write(home.path().join("refuse.json"), manifest.to_string()).unwrap();
        Some(Self(home))
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// `brainsweep ARGUMENTS` behind the layer, or, where nothing is refused, without it.
    fn run(&self, refused: Option<Refused>, arguments: &[&str]) -> Output {
        self.run_with(refused, &[], arguments)
    }

    fn run_with(
        &self,
        refused: Option<Refused>,
        set: &[(&str, &str)],
        arguments: &[&str],
    ) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_brainsweep"));
        command.args(arguments).current_dir(self.0.path());
        command.env("XDG_RUNTIME_DIR", std::env::temp_dir());
        if let Some(Refused { entry, times, code }) = refused {
            command.env("VK_LAYER_PATH", self.0.path());
            command.env("VK_INSTANCE_LAYERS", "VK_LAYER_BRAINSWEEP_refuse");
            command.env("REFUSE_CODE", code);
            for (variable, value) in [("REFUSE_ENTRY", entry), ("REFUSE_TIMES", times)] {
                if !value.is_empty() {
                    command.env(variable, value);
                }
            }
        }
        command.envs(set.iter().copied());
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let output = Output {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        };
        assert!(!output.stderr.contains("panicked"), "{}", output.stderr);
        output
    }

    /// The samples that `simulate` writes.
    fn simulated(&self, refused: Option<Refused>, backend: &str) -> Vec<u8> {
        let out = format!("{backend}-{}", refused.map_or("", |refused| refused.code));
        let arguments = ["hcp_network", "--set", "protocol.duration=20"];
        let arguments = [
            &["simulate", "--backend", backend, "--out", &out],
            &arguments[..],
        ]
        .concat();
        let output = self.run(refused, &arguments);
        assert_eq!(
            (output.code, output.stderr.as_str()),
            (Some(0), ""),
            "{arguments:?}"
        );
        std::fs::read(self.at(&out).join("simulation.npz")).unwrap()
    }

    /// Every chunk of a sweep's arrays, by name.
    fn arrays(&self, out: &str) -> Vec<(PathBuf, Vec<u8>)> {
        let mut arrays = Vec::new();
        for array in std::fs::read_dir(self.at(out)).unwrap().flatten() {
            for file in std::fs::read_dir(array.path())
                .into_iter()
                .flatten()
                .flatten()
            {
                let name = file.file_name().into_string().unwrap();
                if name.starts_with("c.") {
                    let path = Path::new(&array.file_name()).join(name);
                    arrays.push((path, std::fs::read(file.path()).unwrap()));
                }
            }
        }
        arrays.sort();
        arrays
    }
}

fn all_of(entry: &'static str, code: &'static str) -> Option<Refused> {
    Some(Refused {
        entry,
        times: "",
        code,
    })
}

fn the_first_of(entry: &'static str, code: &'static str) -> Option<Refused> {
    Some(Refused {
        entry,
        times: "1",
        code,
    })
}

/// The layer is there: what passes it is as without it.
#[test]
fn a_layer_that_refuses_nothing_changes_nothing() {
    let Some(home) = Home::new() else { return };
    assert!(home.simulated(Some(NOTHING), "gpu") == home.simulated(None, "gpu"));
}

#[test]
fn after_a_refused_kernel_the_next_of_the_list_runs_and_the_manifest_names_both() {
    let Some(home) = Home::new() else { return };
    let kernels = |refused: Option<Refused>| {
        let out = format!("gpu-{}", refused.map_or("", |refused| refused.code));
        let manifest = std::fs::read(home.at(&out).join("manifest.json")).unwrap();
        let manifest: Value = serde_json::from_slice(&manifest).unwrap();
        let device = &manifest["device"];
        (device["kernels"].clone(), device["refused_kernels"].clone())
    };
    let expected = home.simulated(None, "gpu");
    let (first, none) = kernels(None);
    assert_eq!((first.as_array().unwrap().len(), none), (1, Value::Null));
    for code in CODES {
        let refused = the_first_of("simulate", code);
        let found = home.simulated(refused, "gpu");
        assert!(found == expected, "refused with {code}");
        let (second, refused) = kernels(refused);
        assert_eq!(refused, first);
        assert_eq!(second.as_array().unwrap().len(), 1);
        assert_ne!(second, first);
    }
}

#[test]
fn a_driver_that_refuses_every_kernel_is_an_error_that_says_so() {
    let Some(home) = Home::new() else { return };
    for (entry, kernel) in [("simulate", "the kernel "), ("", "the kernel conformance")] {
        for code in CODES {
            let arguments = [
                "simulate",
                "hcp_network",
                "--set",
                "protocol.duration=5",
                "--backend",
                "gpu",
            ];
            let output = home.run(all_of(entry, code), &arguments);
            assert_eq!(
                (output.code, output.stdout.as_str()),
                (Some(3), ""),
                "{}",
                output.stderr
            );
            let refuses = output.stderr.contains("refuses") && output.stderr.contains(kernel);
            assert!(
                refuses && output.stderr.contains("--backend cpu"),
                "{}",
                output.stderr
            );
        }
    }
}

#[test]
fn a_sweep_goes_on_on_the_cpu_when_the_driver_refuses() {
    let Some(home) = Home::new() else { return };
    let run = |refused, more: &[&str]| home.run(refused, &[&SWEEP, more].concat());
    let expected = run(None, &["--backend", "cpu", "--out", "cpu.zarr"]);
    assert_eq!(expected.code, Some(0), "{}", expected.stderr);
    let expected = home.arrays("cpu.zarr");
    assert!(
        expected
            .iter()
            .any(|(_, bytes)| bytes.iter().any(|&byte| byte != 0))
    );
    // A simulation kernel, the kernel of moments, all there are.
    for (entry, code) in [("simulate", "-2"), ("accumulate", "-13"), ("", "-4")] {
        let out = format!("refused{code}.zarr");
        let gpu = ["--backend", "gpu", "--out", &out, "--json"];
        let alone = run(all_of(entry, code), &gpu);
        assert_eq!(alone.code, Some(3), "{}", alone.stderr);
        assert!(
            alone.stderr.contains("refuses the kernel"),
            "{}",
            alone.stderr
        );
        let or_cpu = ["--force", "--or-cpu"];
        let output = run(all_of(entry, code), &[&gpu[..], &or_cpu].concat());
        assert_eq!(output.code, Some(0), "{}", output.stderr);
        assert!(
            output.stderr.contains("going on on the CPU"),
            "{}",
            output.stderr
        );
        let json: Value = serde_json::from_str(&output.stdout).unwrap();
        assert_eq!(
            (&json["backend"], &json["complete"]),
            (&"cpu".into(), &true.into())
        );
        assert!(home.arrays(&out) == expected, "{entry} refused with {code}");
    }
}

/// A device that is lost for good, on the way or from the start: an error, or the CPU where it may stand in.
#[test]
fn a_device_that_is_lost_for_good_is_an_error_or_gives_way_to_the_cpu() {
    let Some(home) = Home::new() else { return };
    let arguments = |more: &[&'static str]| [&SWEEP, more].concat();
    let expected = home.run(None, &arguments(&["--backend", "cpu", "--out", "cpu.zarr"]));
    assert_eq!(expected.code, Some(0), "{}", expected.stderr);
    let expected = home.arrays("cpu.zarr");
    for after in ["0", LATE] {
        let run =
            |arguments: &[&str]| home.run_with(Some(NOTHING), &[("LOSE_AFTER", after)], arguments);
        let gpu = [
            "--backend",
            "gpu",
            "--out",
            "lost.zarr",
            "--json",
            "--force",
        ];
        let alone = run(&arguments(&gpu));
        assert_eq!(alone.code, Some(3), "{after}: {}", alone.stderr);
        assert!(alone.stderr.contains("lost"), "{after}: {}", alone.stderr);
        let output = run(&[&arguments(&gpu)[..], &["--or-cpu"]].concat());
        assert_eq!(output.code, Some(0), "{after}: {}", output.stderr);
        assert!(
            output.stderr.contains("going on on the CPU"),
            "{after}: {}",
            output.stderr
        );
        assert!(home.arrays("lost.zarr") == expected, "{after}");
        let simulate = ["simulate", "--backend", "gpu", "--out", "one", "--force"];
        let simulated = run(&simulate);
        assert_eq!(simulated.code, Some(3), "{after}: {}", simulated.stderr);
    }
}

/// Submissions after which the conformance test is over, and a simulation has begun.
const LATE: &str = "10";

/// The best way of building shaders is refused, the next one is taken; all are, and the device is not usable.
#[test]
fn a_refused_way_of_building_shaders_is_passed_over() {
    let Some(home) = Home::new() else { return };
    let devices = |refused| -> Vec<Value> {
        let output = home.run(refused, &["devices", "--json"]);
        assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""));
        let json: Value = serde_json::from_str(&output.stdout).unwrap();
        json["gpus"].as_array().unwrap().clone()
    };
    let sound = devices(None);
    for code in CODES {
        for entry in ["probe", "count"] {
            // The layer refuses the first adapter's first way only.
            let (sound, found) = (&sound[0], &devices(the_first_of(entry, code))[0]);
            assert_eq!(found["error"], Value::Null, "{found}");
            assert_ne!(found["build"], sound["build"], "{found}");
            let first = &found["conformance"][0];
            assert_eq!(first["build"], sound["conformance"][0]["build"]);
            assert!(
                first["refused"]
                    .as_str()
                    .unwrap()
                    .contains("refuses the kernel"),
                "{first}"
            );
            assert_eq!(found["conformance"][1], sound["conformance"][1]);
        }
        for adapter in devices(all_of("", code)) {
            assert_eq!(
                (&adapter["class"], &adapter["build"]),
                (&Value::Null, &Value::Null)
            );
            let error = adapter["error"].as_str().unwrap();
            assert!(error.contains("refuses the kernel conformance"), "{error}");
        }
    }
    let output = home.run(all_of("", "-13"), &["devices", "--probes"]);
    assert!(output.stdout.contains("(not usable)"), "{}", output.stdout);
    let output = home.run(the_first_of("probe", "-13"), &["devices", "--probes"]);
    assert!(output.stdout.contains("refused"), "{}", output.stdout);
}

/// Mesa's software renderer keeps subnormal numbers anyway, and takes a shader that asks for them.
#[test]
fn a_device_that_can_be_asked_to_keep_subnormals_is_asked() {
    let Some(home) = Home::new() else { return };
    if !common::gpu().is_some_and(|gpu| gpu.name().contains("llvmpipe")) {
        common::skipped(
            "only Mesa's renderer is known to take shaders that ask for what it does not offer",
        );
        return;
    }
    let devices = |refused| -> Value {
        let output = home.run_with(refused, &[("KEEP", "1")], &["devices", "--json"]);
        assert_eq!(output.code, Some(0), "{}", output.stderr);
        let json: Value = serde_json::from_str(&output.stdout).unwrap();
        json["gpus"][0].clone()
    };
    let asked = devices(Some(NOTHING));
    assert_eq!(
        (&asked["build"], &asked["class"]),
        (&"DenormPreserve".into(), &"exact".into())
    );
    assert_eq!(asked["conformance"].as_array().unwrap().len(), 4);
    let refused = devices(the_first_of("probe", "-13"));
    assert_eq!(
        (&refused["build"], &refused["class"]),
        (&"NoContraction".into(), &"exact".into())
    );
}

/// The device that is taken has the best class of its kind, and says which shaders it takes.
#[test]
fn the_best_way_of_building_shaders_is_taken() {
    let Some(gpu) = common::gpu() else { return };
    for build in [Build::NoContraction, Build::Barrier, Build::Plain] {
        if let Ok(other) = Gpu::with_build(build) {
            assert!(gpu.device_class() <= other.device_class(), "{build:?}");
        }
    }
}

//! A key in the table is known everywhere.

use std::path::Path;

use super::document::Origin;
use super::*;
use crate::study::key::{KEYS, Numeric, Slot, Value, children, help, reference, resolve_in};
use crate::study::range::Range;

/// A key of no study: its value is kept where the transient is.
static PATIENCE: Key = Key {
    path: "protocol.patience",
    unit: "ms",
    meaning: "how long a reader waits",
    default: "0",
    value: Value::Number(Numeric {
        per_node: false,
        range: |_, _| Range::NotNegative,
        about: None,
        get: |study, _| study.protocol.transient.into(),
        slot: |study, _| Slot::Single(&mut study.protocol.transient),
        role: |_, _| None,
        fixed: None,
    }),
    names: None,
    idle: |_, _| None,
};

fn read(keys: &[&'static Key], text: &str, flags: &[&str]) -> Result<Study> {
    let origin = Origin::file("test.toml", Path::new(""), text);
    Ok(interpret(keys, text, "test", origin, flags, Purpose::Set)?.study)
}

#[test]
fn a_new_row_is_in_schema_help_vary_manifest_and_reference_page() {
    let keys: Vec<&'static Key> = KEYS.iter().copied().chain([&PATIENCE]).collect();
    assert!(children(&keys, "protocol").contains(&"patience"));
    let text = "[protocol]\npatience = 3.5\n";
    let study = read(&keys, text, &[]).unwrap();
    assert_eq!(study.protocol.transient, 3.5);
    assert!(
        read(KEYS, text, &[]).is_err(),
        "the key is known without its row"
    );
    let flagged = read(&keys, "", &["patience=4"]).unwrap();
    assert_eq!(flagged.protocol.transient, 4.0);
    let below = read(&keys, "", &["protocol.patience=-1"])
        .unwrap_err()
        .to_string();
    assert!(
        below.contains("protocol.patience is -1, but must be 0 or more"),
        "{below}"
    );
    let address = resolve_in(&keys, &study, "patience", Purpose::Vary).unwrap();
    assert_eq!(address.full(), "protocol.patience");
    let (unit, meaning) = address.number.unwrap().about(&study);
    assert_eq!(
        (unit.as_str(), meaning.as_str()),
        ("ms", "how long a reader waits")
    );
    assert_eq!(
        describe::described(&keys, &study)["protocol"]["patience"],
        3.5
    );
    assert!(help(&keys).contains("patience"));
    assert!(reference(&keys).contains("| `protocol.patience` | how long a reader waits |"));
}

/// Whatever is read somewhere complains about a date there.
#[test]
fn every_key_of_the_table_is_read() {
    for key in KEYS {
        let path = match key.path {
            // These stand for names of the default model and coupling, or of the user.
            "parameters.NAME" => "parameters.tau",
            "connectome.matrices.NAME" => "connectome.matrices.other",
            "coupling.NAME" => "coupling.g",
            "input.NAME" => "input.x",
            "noise.mean.NAME" => "noise.mean.x",
            "noise.sigma.NAME" => "noise.sigma.x",
            "initial.STATE" => "initial.x",
            "initial.history.SIGNAL" => "initial.history.x",
            "monitor.NAME" => "monitor.kappa",
            "stimulus.NAME" => "stimulus.amplitude",
            path => path,
        };
        if std::ptr::eq(*key, &crate::study::key::RULE_NUMBER) {
            // Its path is that of another key's rule; see `tests/library/study/rules.rs`.
            continue;
        }
        let mut text = format!("{path} = 1979-05-27\n");
        // Other keys of a connectome are those of a file.
        let of_file = path.starts_with("connectome.") && !["file", "nodes"].contains(&key.name());
        if of_file && key.name() != "normalise" {
            text += "connectome.file = \"absent.npz\"\n";
        }
        // A monitor is of a kind, which the other keys belong to.
        if path.starts_with("monitor.") && key.name() != "kind" {
            text += "monitor.kind = \"balloon-windkessel\"\n";
            if key.name() != "tr" {
                text += "monitor.tr = 2000.0\n";
            }
        }
        // So is a stimulus of a waveform; what is held needs all three keys.
        if path.starts_with("stimulus.") && key.name() != "waveform" {
            let waveform = match key.name() {
                "formula" => "expression",
                "file" => "samples",
                _ => "pulse",
            };
            text += &format!("stimulus.waveform = \"{waveform}\"\n");
        }
        for other in ["output = \"x\"", "target = 0.3", "by = \"tau\""] {
            if path.starts_with("hold.") && !other.starts_with(&format!("{} =", key.name())) {
                text += &format!("hold.{other}\n");
            }
        }
        let error = read(KEYS, &text, &[]).unwrap_err().report();
        let refused = error.contains("date") || error.contains("delayed self feedback");
        assert!(refused && error.contains(path), "{path}: {error}");
    }
}

/// Words that mean something else in `[coupling]` cannot be parameters of a coupling.
#[test]
fn no_coupling_can_have_a_parameter_that_is_called_like_a_key() {
    for name in children(KEYS, "coupling") {
        let text = format!("name = \"mine\"\n[parameters.{name}]\n[equations]\nc = \"sum(x_j)\"\n");
        let error = crate::coupling::Form::read("mine", &text)
            .unwrap_err()
            .to_string();
        assert!(error.contains(name), "{name}: {error}");
    }
}

//! Whatever is read as a coupling, it reads or it is an error: no panic, no hang.

use brainsweep::coupling::{FORMS, Form};
use proptest::prelude::*;

use crate::common_rubbish::changed;

/// Pieces that mean something to the language.
const PIECES: [&str; 36] = [
    "(",
    ")",
    "((((",
    "^",
    "-",
    "*",
    "/",
    "=",
    ",",
    "\"",
    "\"\"\"",
    "\n",
    "[",
    "]",
    "{",
    "}",
    "c = ",
    "c_squares = ",
    "sum(",
    "sum_squares(",
    "x_j",
    "x_i",
    "row_sum",
    "row_sum_squares",
    "n",
    "dx/dt = ",
    "piecewise(",
    "<",
    "1e999",
    "0",
    "9",
    "sigmoid(",
    "delayed(x_j, g)",
    "g = { unit = \"1\", default = 1, meaning = \"\" }",
    "u = ",
    "\u{3bc}",
];

/// Reads it; what reads is looked at from all sides, and keeps its promises.
fn read(text: &str) {
    let form = match Form::read("rubbish", text) {
        Ok(form) => form,
        Err(error) => {
            assert!(error.to_string().starts_with("rubbish:"), "{error}");
            return;
        }
    };
    let n_received = 1 + usize::from(form.has_squares());
    let received = form.network(
        &[0.0, 2.0, 0.5, 0.0],
        [0.25, -1.0],
        [0.5, 1.5],
        &form.defaults(),
    );
    assert!(
        received.iter().all(|received| received.len() == n_received),
        "{text}"
    );
    assert_eq!(form.sent_formulas().results.len(), form.n_sent(), "{text}");
    assert!(
        form.sums.iter().all(|sum| sum.sent < form.n_sent()),
        "{text}"
    );
    for with_squares in [false, true] {
        assert_eq!(
            form.sums_needed(with_squares).len(),
            form.sums.len(),
            "{text}"
        );
        let _ = form.uses_squares(with_squares);
    }
    // A node without connections receives what does not come of sums, whatever others send.
    let alone = form.network(&[0.0; 4], [0.25, 0.25], [7.0, -3.0], &form.defaults());
    assert!(
        alone[0]
            .iter()
            .zip(&alone[1])
            .all(|(a, b)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()),
        "{text}"
    );
    assert_eq!(form.needs_own(), form.needs().contains(&"x_i"), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2048, ..ProptestConfig::default() })]

    #[test]
    fn changed_couplings_never_panic(
        which in 0..16usize,
        changes in prop::collection::vec((0.0..1.0f64, 0..20usize, 0..2 * PIECES.len()), 1..6),
    ) {
        read(&changed(FORMS[which % FORMS.len()].text, &PIECES, &changes));
    }

    #[test]
    fn random_equations_never_panic(pieces in prop::collection::vec(0..PIECES.len(), 0..30)) {
        let right: String = pieces.iter().map(|&piece| PIECES[piece]).collect();
        let right = right.replace('"', "");
        let head = "name = \"m\"\nsummary = \"\"\nequations = \"\"\"\n";
        let tail = "\n\"\"\"\n[parameters]\ng = { unit = \"1\", default = 1, meaning = \"\" }\n";
        read(&format!("{head}c = {right}{tail}"));
        read(&format!("{head}c = g*sum({right}){tail}"));
        read(&right);
    }
}

#[test]
fn too_many_sums_and_too_deep_ones_are_errors() {
    let equation = |right: &str| {
        let text = format!("name = \"m\"\nsummary = \"\"\nequations = \"c = {right}\"\n");
        Form::read("m", &text).map_err(|error| error.to_string())
    };
    let sums = |n: usize| {
        (1..=n)
            .map(|k| format!("sum(sin({k}*x_j))"))
            .collect::<Vec<_>>()
            .join(" + ")
    };
    assert!(equation(&sums(16)).is_ok());
    let message = equation(&sums(17)).unwrap_err();
    assert!(message.contains("more than 16 different sums"), "{message}");
    assert!(
        equation(&format!(
            "sum({}x_j{})",
            "(".repeat(50_000),
            ")".repeat(50_000)
        ))
        .is_err()
    );
    assert!(equation(&format!("sum(x_j{})", "+x_j".repeat(50_000))).is_err());
}

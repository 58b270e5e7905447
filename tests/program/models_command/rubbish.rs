//! Whatever is read, it reads or it is an error: no panic, no hang.

use std::path::Path;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use brainsweep::model::Model;
use brainsweep::ode::translate;
use proptest::prelude::*;

use crate::common_rubbish::{Change, changed};

/// The files in a folder with this ending.
fn texts(folder: &str, ending: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths.retain(|path| path.extension().is_some_and(|e| e == ending));
    paths
        .iter()
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect()
}

static MODELS: LazyLock<Vec<String>> = LazyLock::new(|| texts("data/models", "toml"));
static ODES: LazyLock<Vec<String>> = LazyLock::new(|| texts("tests/ode", "ode"));

/// Pieces that mean something to one of the languages.
const PIECES: [&str; 32] = [
    "(",
    ")",
    "((((",
    "^",
    "**",
    "-",
    "=",
    "'",
    "\"",
    "\"\"\"",
    "\n",
    "\\\n",
    "[",
    "]",
    "{",
    "}",
    "dx/dt = ",
    "x'=",
    "if(",
    ")then(",
    ")else(",
    "delayed(x, tau)",
    "delay(x,1)",
    "piecewise(",
    "<",
    "&",
    "|",
    "1e999",
    "9",
    "par ",
    "!a=",
    "\u{3bc}",
];

/// Reads it both ways; what reads is looked at.
fn read(text: &str) {
    /// Far above what any of these needs, on a machine that does something else too.
    const PATIENCE: Duration = Duration::from_secs(20);
    let begun = Instant::now();
    if let Ok(model) = Model::read("rubbish", text) {
        let _ = model.evaluate(&model.start());
        let _ = model.jacobian_formulas();
    }
    match translate(text, "rubbish", "rubbish.ode") {
        Ok(translated) => assert!(Model::read("rubbish", &translated.text).is_ok(), "{text}"),
        Err(faults) => assert!(!faults.to_string().is_empty()),
    }
    assert!(begun.elapsed() < PATIENCE, "{:?}: {text}", begun.elapsed());
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let n_pieces = 2 * PIECES.len();
    prop::collection::vec((0.0..1.0f64, 0..30usize, 0..n_pieces), 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        read(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn random_pieces_never_panic(pieces in prop::collection::vec(0..PIECES.len(), 0..120)) {
        let text: String = pieces.iter().map(|&piece| PIECES[piece]).collect();
        read(&text);
        read(&format!("x'={text}"));
        let escaped = text.replace(['\\', '"'], "");
        read(&format!("name = \"m\"\nsummary = \"\"\nequations = \"\"\"\ndx/dt = {escaped}\n\"\"\"\n[states]\nx = {{ unit = \"1\", meaning = \"\" }}\n"));
    }

    #[test]
    fn changed_models_never_panic(which in any::<prop::sample::Index>(), changes in changes()) {
        let text: &String = which.get(&MODELS[..]);
        read(&changed(text, &PIECES, &changes));
    }

    #[test]
    fn changed_ode_files_never_panic(which in any::<prop::sample::Index>(), changes in changes()) {
        let text: &String = which.get(&ODES[..]);
        read(&changed(text, &PIECES, &changes));
    }
}

#[test]
fn what_is_deep_long_or_multiplies_is_an_error_soon() {
    let n = 50_000;
    let equation = |right: &str| {
        let text = format!(
            "name = \"m\"\nsummary = \"\"\nequations = \"\"\"\ndx/dt = {right}\n\"\"\"\n[states]\nx = {{ unit = \"1\", meaning = \"\" }}\n"
        );
        assert!(Model::read("deep", &text).is_err(), "{}", &right[..20]);
        assert!(
            translate(&format!("x'={right}\n"), "deep", "deep.ode").is_err(),
            "{}",
            &right[..20]
        );
    };
    equation(&format!("{}x{}", "(".repeat(n), ")".repeat(n)));
    equation(&format!("{}x", "exp(".repeat(n)));
    equation(&format!("x{}", "^x".repeat(n / 2)));
    equation(&format!("x{}", "+x".repeat(n)));
    equation(&format!("({}x", "- ".repeat(n)));
    // Functions of functions: 2^40 operations.
    let mut doubling = String::from("f0(a)=a*a+1\n");
    for k in 1..40 {
        doubling += &format!("f{k}(a)=f{0}(f{0}(a))\n", k - 1);
    }
    read(&format!("{doubling}x'=f39(x)\n"));
    // Near the limit: it reads, and with every definition once more it would not.
    let mut near = String::from("f0(a) = a\n");
    for k in 1..20 {
        near += &format!("f{k}(a) = f{0}(a) + f{0}(a)\n", k - 1);
    }
    let mut n_read = 0;
    for k in 14..20 {
        let text = format!(
            "name = \"m\"\nsummary = \"\"\nequations = \"\"\"\n{near}u = f{k}(x)\ndx/dt = u\n\"\"\"\n[states]\nx = {{ unit = \"1\", meaning = \"\" }}\n"
        );
        if let Ok(model) = Model::read("near", &text) {
            n_read += 1;
            assert_eq!(model.jacobian_formulas().results, [(1u32 << k).to_string()]);
        }
    }
    assert!((1..6).contains(&n_read), "{n_read}");
    let many: String = (0..30_000).map(|k| format!("x{k}'=y\n")).collect();
    read(&many);
    let conditions = format!(
        "x'={}1{}",
        "if((x==1)|(x!=2))then(".repeat(40),
        ")else(x)".repeat(40)
    );
    read(&conditions);
}

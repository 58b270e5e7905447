//! Every complaint names the line or the flag, the key, what is there and what would be right.

use super::*;

/// The message of a study that must not read.
pub fn complaint(study: Result<Study>) -> String {
    match study {
        Err(error) => error.report(),
        Ok(_) => panic!("this study must not read"),
    }
}

/// Every one of `parts` is in `message`.
#[track_caller]
pub fn says(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "{part:?} is not in: {message}");
    }
}

/// (text, what its complaint must hold); lines are counted from 1.
const TEXTS: &[(&str, &[&str])] = &[
    // Unknown keys: line, nearest key, the keys there are.
    (
        "\nmodle = \"x\"",
        &["study.toml:2:", "unknown key modle", "did you mean model?"],
    ),
    (
        "[coupling]\ng = 1\nconduction_sped = 20",
        &[
            "study.toml:3:",
            "unknown key coupling.conduction_sped",
            "did you mean coupling.conduction_speed?",
        ],
    ),
    (
        "[noise]\nsigma.z = 1",
        &[
            "study.toml:2:",
            "unknown key noise.sigma.z",
            "the keys x, y",
        ],
    ),
    (
        "noise.tua = 5",
        &["study.toml:1:", "did you mean noise.tau?"],
    ),
    (
        "[parameters]\n\nalhpa = 1",
        &["study.toml:3:", "did you mean parameters.alpha?"],
    ),
    (
        "[measure]\nbands = { mine = [13, 8] }",
        &[
            "study.toml:2:",
            "measure.bands.mine",
            "from a lower to a higher",
        ],
    ),
    (
        "[measure]\nbands = { mine = 8 }",
        &[
            "study.toml:2:",
            "measure.bands.mine is the number 8",
            "[8, 13]",
        ],
    ),
    (
        "[measure]\nbands = [8, 13]",
        &[
            "study.toml:2:",
            "measure.bands is a list of 2",
            "by its name",
        ],
    ),
    ("dt = 0.1", &["unknown key dt", "did you mean protocol.dt?"]),
    ("\"a key\" = 1", &["unknown key \"a key\""]),
    (
        "model = \"montbrio-pazo-roxin\"\n[input]\nx = 1",
        &["study.toml:3:", "unknown key input.x", "v, r"],
    ),
    (
        "[initial]\nx = { unifrom = [0, 1] }",
        &["study.toml:2:", "did you mean initial.x.uniform?"],
    ),
    (
        "[initial]\nx = { uniform = [0, 1], key = \"a\" }",
        &["study.toml:2:", "unknown key initial.x.key"],
    ),
    (
        "initial.history.y = 0",
        &["unknown key initial.history.y", "the keys x"],
    ),
    (
        "[[coupling]]\ng = 1",
        &["study.toml:1:", "each [[coupling]] needs a kind"],
    ),
    (
        "coupling = 3",
        &[
            "study.toml:1:",
            "coupling is the number 3, expected a table",
        ],
    ),
    // Words.
    (
        "model = \"wilson-cowen\"",
        &[
            "study.toml:1:",
            "model is the text \"wilson-cowen\"",
            "did you mean \"wilson-cowan\"?",
            "\"stuart-landau\"",
        ],
    ),
    ("model = 3", &["model is the number 3, expected a text"]),
    (
        "integrator = \"rk5\"",
        &[
            "integrator is the text \"rk5\"",
            "\"heun\"",
            "did you mean \"rk4\"?",
        ],
    ),
    (
        "coupling.kind = true",
        &["coupling.kind is the truth value true, expected one of \"diffusive\""],
    ),
    (
        "coupling.delay_rounding = \"floor\"",
        &["expected one of \"nearest\", \"truncate\", \"interpolate\""],
    ),
    (
        "noise.scheme = \"heun\"",
        &["expected one of \"euler\", \"exact\""],
    ),
    (
        "protocol.coupling_at = \"end\"",
        &["expected one of \"start\", \"stages\""],
    ),
    (
        "noise.kind = \"pink\"",
        &["expected one of \"ornstein-uhlenbeck\", \"white\", \"none\""],
    ),
    (
        "record.states = \"x\"",
        &[
            "record.states is the text \"x\", expected a list of states",
            "\"y\"",
        ],
    ),
    ("record.states = []", &["record.states is a list of 0"]),
    (
        "record.states = [\"x\",\n \"z\"]",
        &[
            "study.toml:2:",
            "record.states[1] is the text \"z\"",
            "\"x\", \"y\"",
        ],
    ),
    (
        "record.states = [\"x\", \"x\"]",
        &["record.states[1] is \"x\"", "already"],
    ),
    ("name = \"a/b\"", &["name is \"a/b\"", "output folder"]),
    // Types.
    (
        "[protocol]\nduration = \"long\"",
        &[
            "study.toml:2:",
            "protocol.duration is the text \"long\", expected a number",
        ],
    ),
    (
        "[coupling]\ng = [1, 2]",
        &[
            "study.toml:2:",
            "coupling.g is a list of 2, expected a list of 80 numbers",
        ],
    ),
    (
        "coupling.g = 2026-11-23",
        &["coupling.g is the date 2026-11-23, expected a number"],
    ),
    (
        "parameters.alpha = \"high\"",
        &["parameters.alpha is the text \"high\", expected a number, a list of 80"],
    ),
    (
        "parameters.alpha = {}",
        &["parameters.alpha is an empty table", "file"],
    ),
    (
        "protocol.seed = 1.5",
        &["protocol.seed is the number 1.5, expected a whole number"],
    ),
    (
        "noise.sigma = 0.01",
        &["noise.sigma is the number 0.01, expected a table with the keys x, y"],
    ),
    (
        "initial.x = { uniform = 1 }",
        &["initial.x.uniform is the number 1, expected [low, high]"],
    ),
    // Ranges.
    (
        "protocol.dt = 0",
        &["protocol.dt is 0, but must be greater than 0"],
    ),
    ("protocol.dt = -0.1", &["protocol.dt is -0.1"]),
    (
        "\n[protocol]\nduration = 0.05",
        &[
            "study.toml:3:",
            "protocol.duration is 0.05 ms",
            "protocol.dt = 0.1 ms",
        ],
    ),
    (
        "protocol.dt = 1e4",
        &[
            "study.toml:1:",
            "protocol.duration is 6000 ms",
            "protocol.dt = 10000 ms",
        ],
    ),
    ("protocol.duration = 1e30", &["steps"]),
    (
        "protocol.seed = -1",
        &["protocol.seed is -1, but must be a whole number from 0"],
    ),
    (
        "protocol.transient = -1",
        &["protocol.transient is -1, but must be 0 or more"],
    ),
    (
        "protocol = { duration = 10, transient = 10 }",
        &["protocol.transient is 10 ms", "protocol.duration (10 ms)"],
    ),
    (
        "record.every = 0.05",
        &[
            "record.every is 0.05 ms",
            "protocol.dt = 0.1 ms",
            "for example 0.1",
        ],
    ),
    (
        "record.every = 0.25",
        &["record.every is 0.25 ms", "for example 0.2"],
    ),
    (
        "record.every = 6001",
        &["record.every is 6001 ms", "protocol.duration = 6000 ms"],
    ),
    (
        "noise.sigma.x = -0.1",
        &["noise.sigma.x is -0.1, but must be 0 or more"],
    ),
    (
        "noise.tau = 0",
        &["noise.tau is 0, but must be greater than 0"],
    ),
    (
        "coupling.conduction_speed = 0",
        &["coupling.conduction_speed is 0", "inf means no delays"],
    ),
    (
        "coupling.conduction_speed = -3",
        &["coupling.conduction_speed is -3", "inf means no delays"],
    ),
    (
        "coupling.conduction_speed = nan",
        &["coupling.conduction_speed is NaN"],
    ),
    (
        "coupling.conduction_speed = 1e999",
        &["coupling.conduction_speed is 1e999", "64-bit"],
    ),
    ("coupling.g = inf", &["coupling.g is inf, but only finite"]),
    (
        "parameters.alpha = nan",
        &["parameters.alpha is NaN, but only finite"],
    ),
    (
        "parameters.tau = 0",
        &["parameters.tau is 0, but the model divides by it"],
    ),
    (
        "model = \"feedback-fitzhugh-nagumo\"\nparameters.delay = -1",
        &[
            "study.toml:2:",
            "parameters.delay is -1, but must be 0 or more",
        ],
    ),
    ("input.x = 1e39", &["input.x is 1", "32-bit floats"]),
    (
        "initial.x = { uniform = [1, 0] }",
        &["initial.x.uniform is [1, 0], but low must not be above high"],
    ),
    (
        "initial.feedback = 0",
        &[
            "initial.feedback",
            "fitzhugh-nagumo has no delayed self feedback",
        ],
    ),
    (
        "parameters.alpha = [1, 2]",
        &["parameters.alpha is a list of 2, expected a list of 80 numbers"],
    ),
    (
        "connectome.nodes = 0",
        &["connectome.nodes is 0", "at least one"],
    ),
    (
        "connectome.nodes = 100000000",
        &["connectome.nodes is 100000000", "4096"],
    ),
    (
        "connectome = { nodes = 3, file = \"a.npz\" }",
        &["leave out nodes or file"],
    ),
    ("connectome.normalise = \"sum\"", &["\"row-sum\""]),
    (
        "connectome.weights = \"w\"",
        &["connectome.weights", "connectome.file"],
    ),
    (
        "connectome = { file = \"a.npz\", tract_lengths = \"l\", delay_steps = \"d\" }",
        &["not both"],
    ),
    (
        "connectome = { file = \"a.npz\", orientation = \"row\" }",
        &[
            "connectome.orientation is the text \"row\"",
            "\"target-source\", \"source-target\"",
        ],
    ),
    (
        "connectome = { file = \"a.npz\", symmetric = true }",
        &[
            "connectome.symmetric is the truth value true",
            "\"auto\", \"upper\", \"lower\", \"either\", \"as-is\"",
        ],
    ),
    // Files.
    (
        "\n\nconnectome.file = \"absent.npz\"",
        &["study.toml:3:", "absent.npz"],
    ),
    (
        "parameters.alpha = { file = \"absent.npy\" }",
        &["study.toml:1:", "parameters.alpha: ", "absent.npy"],
    ),
    (
        "parameters.alpha = { key = \"a\" }",
        &["parameters.alpha is a table (key), expected { file"],
    ),
    (
        "noise.replay = { x = \"zx\" }",
        &["noise.replay is a table (x), expected { file"],
    ),
    // TOML itself.
    ("a = 1\nb = = 2", &["study.toml:2:", "not valid TOML"]),
    ("input = 1\ninput = 2", &["study.toml:2:", "not valid TOML"]),
];

#[test]
fn every_wrong_text_is_told_what_is_wrong_where() {
    for (text, parts) in TEXTS {
        says(&complaint(read(text)), parts);
        assert_eq!(read(text).unwrap_err().exit_code(), 2);
    }
}

//! The commands in `README.md` and `docs/` work as they are printed.

use std::fs;
use std::path::Path;
use std::process::Command;

/// Commands that are not run, each with its reason.
const NOT_RUN: &[(&str, &str)] = &[
    ("cargo install --path .", "the build itself"),
    ("cargo build --release", "the build itself"),
    (
        "brainsweep status /shared/s.zarr",
        "of a store on a disk that machines share; queue.rs runs it",
    ),
    (
        "brainsweep sweep --vary g=0:2:401 --seeds 100 --out /shared/s.zarr --slurm --array 16 \
         --time 1:00:00 --cpus 8 --sbatch=--partition=short > job.sh",
        "goes to a file; queue.rs runs it",
    ),
    ("pip install maturin", "python/test.sh does"),
    (
        "maturin build --release",
        "minutes; python/test.sh builds the wheel without optimising the crate",
    ),
    (
        "pip install target/wheels/brainsweep-*.whl",
        "python/test.sh does",
    ),
    ("sbatch job.sh", "wants Slurm; tests/slurm.sh runs it"),
    (
        "python3 benches/peers/run.py",
        "minutes, and it wants the other simulators",
    ),
];

/// Commands that take minutes as printed, with what makes them short: a text of the command, and what
/// stands there in its place.
const SHORTENED: &[(&str, &str, &str)] = &[
    // Hours of replicas: everything up to the first step.
    (
        "brainsweep sweep ",
        "brainsweep sweep ",
        "brainsweep sweep --dry-run ",
    ),
    // Minutes of candidates: everything up to the first generation.
    (
        "brainsweep fit ",
        "brainsweep fit ",
        "brainsweep fit --dry-run ",
    ),
    // Curves in two parameters, over a corner of their plane. `bifurcate.rs` tests what is found.
    (
        "--vary x_ext=-4:8 --and y_ext=-5:5",
        "-4:8 --and y_ext=-5:5",
        "-4:-3 --and y_ext=-5:-4.5",
    ),
    // Branches of a whole network, over a part of the range. `bifurcate_network.rs` tests what is found.
    (
        "bifurcate hcp_network --vary x_ext=0.8:0.95",
        "0.8:0.95",
        "0.8:0.801",
    ),
    (
        "bifurcate hcp_network --vary x_ext=0.7:1.4",
        "0.7:1.4",
        "0.7:0.701",
    ),
    (
        "--set coupling.kind=additive --vary x_ext=-1:1.5",
        "-1:1.5",
        "-1:-0.99",
    ),
    ("--vary coupling.conduction_speed=2:30", "2:30", "29.9:30"),
    // Cycles with delays, near their birth. `continuation_delay::doubling` tests what is found.
    ("--vary delay=3:16.2", "3:16.2", "3:4.75"),
    (
        "--vary x_ext=0.8:1.3 --and coupling.g=0.5:1.5 --delays",
        "0.8:1.3 --and coupling.g=0.5:1.5",
        "0.8:0.801 --and coupling.g=0.999:1.001",
    ),
    (
        "--vary coupling.g=0.5:2 --and coupling.conduction_speed=5:40 --delays",
        "0.5:2 --and coupling.conduction_speed=5:40",
        "0.999:1 --and coupling.conduction_speed=19.9:20.1",
    ),
];

/// The pages with commands: README.md, and those of docs/ in the order of their names.
fn pages() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = vec![root.join("README.md")];
    let docs = fs::read_dir(root.join("docs")).unwrap();
    paths.extend(docs.map(|entry| entry.unwrap().path()));
    paths[1..].sort();
    let page = |path: &Path| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        Some((name, fs::read_to_string(path).ok()?))
    };
    paths.iter().filter_map(|path| page(path)).collect()
}

/// The commands of a page: the lines of its shell blocks, without what is said about them.
fn commands(page: &str) -> Vec<String> {
    let mut commands: Vec<String> = Vec::new();
    let (mut in_block, mut goes_on) = (false, false);
    for line in page.lines() {
        if line.starts_with("```") {
            in_block = ["```sh", "```console", "```bash"].contains(&line);
            continue;
        }
        let typed = line.split(" #").next().unwrap_or_default().trim();
        if !in_block || typed.is_empty() {
            continue;
        }
        let part = typed.trim_start_matches("$ ").trim_end_matches('\\').trim();
        match commands.last_mut().filter(|_| goes_on) {
            Some(begun) => *begun += &format!(" {part}"),
            None => commands.push(part.into()),
        }
        let is_quote_open = commands
            .last()
            .is_some_and(|begun| begun.matches('\'').count() % 2 == 1);
        goes_on = typed.ends_with('\\') || is_quote_open;
    }
    commands
}

/// The words of a command, as a shell takes them: what stands in single quotes is not divided.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for (k, part) in command.split('\'').enumerate() {
        if k % 2 == 1 {
            *words.last_mut().unwrap() += part;
            continue;
        }
        for (j, piece) in part.split(' ').enumerate() {
            if j > 0 {
                words.push(String::new());
            }
            *words.last_mut().unwrap() += piece;
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// What the examples name as the reader's own: two regions, a study of 13 nodes, a model of XPPAUT, files of other programs.
fn own_files(folder: &Path) {
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
    fs::create_dir(folder.join("mine.npz")).unwrap();
    for name in ["weights", "tract_lengths"] {
        write(&format!("mine.npz/{name}.csv"), "0,1\n1,0\n");
    }
    let row = vec!["1"; 13].join(",") + "\n";
    // As a folder, so that it has tract lengths: the page varies the conduction speed.
    fs::create_dir(folder.join("thirteen")).unwrap();
    for name in ["weights", "tract_lengths"] {
        write(&format!("thirteen/{name}.csv"), &row.repeat(13));
    }
    write("mine.ode", "x'=-a*x\npar a=2\ninit x=1\ndone\n");
    for (sample, name) in [
        ("tvb/connectivity_6.zip", "connectivity_76.zip"),
        (
            "qsirecon/sub-01_connectivity.mat",
            "sub-01_connectivity.mat",
        ),
    ] {
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
        fs::copy(samples.join(sample), folder.join(name)).unwrap();
    }
}

#[test]
fn the_commands_of_the_documents_work_when_typed() {
    let mut n_run = 0;
    let mut is_used = (vec![false; NOT_RUN.len()], vec![false; SHORTENED.len()]);
    for (page, text) in pages() {
        let folder = tempfile::tempdir().unwrap();
        own_files(folder.path());
        if ["studies.md", "sweeps.md"].contains(&page.as_str()) {
            let study = "connectome.file = \"thirteen\"\nprotocol.duration = 10\n";
            let map = vec!["0.5"; 13].join(", ");
            let rule = format!("formula = \"tau0*(1 + k*m)\", m = [{map}], tau0 = 12.5, k = 0.3");
            let study = format!("{study}parameters.tau = {{ {rule} }}\n");
            fs::write(folder.path().join("mine.toml"), study).unwrap();
        }
        if page == "stimulation.md" {
            let pulse = "waveform = \"pulse\", amplitude = 0.5, onset = 1000, duration = 5";
            let study = format!(
                "connectome.file = \"thirteen\"\nprotocol.duration = 1200\nstimulus = {{ {pulse} }}\n"
            );
            fs::write(folder.path().join("mine.toml"), study).unwrap();
        }
        if page == "bifurcations.md" {
            let blocks = text.split("```toml\n").skip(1);
            for (name, after) in ["mackey-glass.toml", "phases.toml"].iter().zip(blocks) {
                let block = after.split_once("```").unwrap().0;
                fs::write(folder.path().join(name), block).unwrap();
            }
        }
        for command in commands(&text) {
            if let Some(at) = NOT_RUN.iter().position(|(line, _)| *line == command) {
                is_used.0[at] = true;
                continue;
            }
            let mut typed = command.clone();
            for (at, (of, from, to)) in SHORTENED.iter().enumerate() {
                if command.contains(of) && !command.contains("--dry-run") {
                    typed = typed.replacen(from, to, 1);
                    is_used.1[at] = true;
                }
            }
            let arguments = typed.strip_prefix("brainsweep ");
            let arguments = arguments.unwrap_or_else(|| panic!("{page}: `{command}` is not run"));
            let output = Command::new(env!("CARGO_BIN_EXE_brainsweep"))
                .args(words(arguments))
                .current_dir(folder.path())
                .output()
                .unwrap();
            assert!(output.status.success(), "{page}: {typed}: {output:?}");
            n_run += 1;
        }
    }
    assert!(n_run >= 20, "{n_run}");
    for (used, (line, reason)) in is_used.0.iter().zip(NOT_RUN) {
        assert!(used, "no page says `{line}` any more ({reason})");
    }
    for (used, (line, ..)) in is_used.1.iter().zip(SHORTENED) {
        assert!(used, "no page says `{line}` any more");
    }
}

#[test]
fn blocks_comments_and_continued_lines_are_read() {
    let page = "a\n```sh\nx --y 1   # why\n\nlong \\\n    line\n```\n```toml\nz = 1\n```\n```console\n$ w\n```\n";
    assert_eq!(commands(page), ["x --y 1", "long line", "w"]);
}

/// Width and height of a picture, and its bytes of colour.
fn pixels(file: &Path) -> ([u32; 2], Vec<u8>) {
    let file = std::io::BufReader::new(fs::File::open(file).unwrap());
    let mut reader = png::Decoder::new(file).read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut bytes).unwrap();
    bytes.truncate(frame.buffer_size());
    ([frame.width, frame.height], bytes)
}

/// The chart on the first page is what the command above it in `docs/bifurcations.md` draws.
/// `UPDATE_FIGURES=1` stores it anew: look at it before it is committed.
#[test]
fn the_chart_of_the_documents_is_what_its_command_draws() {
    const PICTURE: &str = "data/pictures/bifurcations.png";
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |page: &str| fs::read_to_string(root.join(page)).unwrap();
    assert!(read("README.md").contains(&format!("({PICTURE})")));
    let page = read("docs/bifurcations.md");
    let (before, _) = page.split_once(&format!("(../{PICTURE})")).unwrap();
    let command = commands(before).pop().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_brainsweep"))
        .args(command.split_whitespace().skip(1))
        .args(["--out", "drawn"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{command}: {output:?}");
    let (drawn, stored) = (folder.path().join("drawn/chart.png"), root.join(PICTURE));
    if std::env::var("UPDATE_FIGURES").is_ok_and(|value| value == "1") {
        fs::copy(&drawn, &stored).unwrap();
    }
    let ([size, size_stored], [drawn, stored]) = {
        let ((a, drawn), (b, stored)) = (pixels(&drawn), pixels(&stored));
        ([a, b], [drawn, stored])
    };
    assert_eq!(size, size_stored, "width and height of the chart");
    // Another machine may round an edge of a line otherwise.
    let pairs = drawn.iter().zip(&stored);
    let other = pairs.filter(|(a, b)| a.abs_diff(**b) > 32).count();
    assert!(
        other * 2000 < drawn.len(),
        "{other} of {} bytes differ",
        drawn.len()
    );
}

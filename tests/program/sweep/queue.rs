//! Several processes that fill one store: they share the work, and do what one of them leaves behind.

use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use super::*;
use crate::running::{Running, until};

/// Sixteen chunks of 64 replicas, each of three regions.
const GRID: [&str; 7] = [
    "ring.toml",
    "--vary",
    "g=0:2:16",
    "--vary",
    "input.x=0.6:0.9:16",
    "--seeds",
    "4",
];
const N_REPLICAS: u64 = 1024;
const REPLICAS_OF_A_CHUNK: u64 = 64;

/// How many ms each simulation lasts: the first of these at which the sweep was still at work when a
/// test wanted to disturb it. How soon a sweep is done, the machine and its load decide.
const DURATIONS: [&str; 5] = [
    "protocol.duration=100",
    "protocol.duration=1e3",
    "protocol.duration=1e4",
    "protocol.duration=1e5",
    "protocol.duration=1e6",
];

fn sweep<'a>(duration: &'a str, out: &'a str) -> Vec<&'a str> {
    let how = ["--threads", "1", "--set", duration, "--out", out];
    [&GRID[..], &how].concat()
}

/// Where there is the study of a ring of three regions.
fn home() -> Home {
    let home = Home::new();
    fs::write(home.at("ring.csv"), "0,1,0\n0,0,1\n1,0,0\n").unwrap();
    let study = "model = \"fitzhugh-nagumo\"\nconnectome = { file = \"ring.csv\", symmetric = \"as-is\" }\n\
        noise = { kind = \"ornstein-uhlenbeck\", tau = 5, sigma.x = 0.01 }\n";
    fs::write(home.at("ring.toml"), study).unwrap();
    home
}

/// Starts the command, to print JSON in the end.
fn start(home: &Home, command: &[&str]) -> Running {
    Running::start(home.command(command).arg("--json"))
}

fn json_of(running: Running) -> Value {
    let output = running.end();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// `brainsweep status`, as JSON.
fn status(home: &Home, out: &str) -> Option<Value> {
    let program = env!("CARGO_BIN_EXE_brainsweep");
    let mut command = Command::new(program);
    let output = command
        .args(["status", out, "--json"])
        .current_dir(home.0.path())
        .output();
    serde_json::from_slice(&output.unwrap().stdout).ok()
}

#[test]
fn four_workers_share_one_store() {
    let home = home();
    let command = sweep("protocol.duration=1000", "shared.zarr");
    let workers = [(); 4].map(|()| start(&home, &command));
    let mut n_replicas = 0;
    for worker in workers {
        let json = json_of(worker);
        assert_eq!(json["complete"], true, "all wait for the last chunk");
        n_replicas += json["replicas_run"].as_u64().unwrap();
    }
    let most = N_REPLICAS + 4 * REPLICAS_OF_A_CHUNK;
    assert!((N_REPLICAS..=most).contains(&n_replicas), "{n_replicas}");
    home.json(&sweep("protocol.duration=1000", "one.zarr"));
    assert_same(&home.at("shared.zarr"), &home.at("one.zarr"));
    let all = status(&home, "shared.zarr").unwrap();
    assert_eq!(
        (&all["complete"], &all["chunks_done"]),
        (&true.into(), &16.into())
    );
    assert_eq!(all["processes"], serde_json::json!([]));
}

/// Starts two workers and kills the first with a chunk half done; what the second says in the end.
/// `None` if the work was done before both were at it.
fn taken_over(home: &Home, duration: &str, out: &str) -> Option<Value> {
    let command = sweep(duration, out);
    let mut killed = start(home, &command);
    let n_claiming = || {
        let status = status(home, out)?;
        let all = status["processes"].as_array()?.iter();
        let has_claim = |p: &&Value| p["alive"] == true && p["chunks"] != serde_json::json!([]);
        Some(all.filter(has_claim).count())
    };
    let mut claims = |n: usize| {
        until("chunks are claimed, or done", || {
            (killed.is_over() || n_claiming() == Some(n)).then_some(())
        })
    };
    claims(1);
    let other = start(home, &command);
    claims(2);
    let is_late = killed.is_over();
    killed.kill();
    let json = json_of(other);
    (!is_late).then_some(json)
}

/// By one that had begun before.
#[test]
fn what_a_killed_worker_had_claimed_is_taken_over() {
    let home = home();
    let mut tried = DURATIONS.iter().enumerate().filter_map(|(k, duration)| {
        let out = format!("{k}.zarr");
        Some((*duration, taken_over(&home, duration, &out)?, out))
    });
    let (duration, json, out) = tried
        .next()
        .expect("a sweep longer than it takes to kill it");
    assert_eq!(json["complete"], true);
    assert!(json["replicas_run"].as_u64().unwrap() <= N_REPLICAS);
    home.json(&sweep(duration, "one.zarr"));
    assert_same(&home.at(&out), &home.at("one.zarr"));
}

/// The folder of a process on another host, which gave its last sign of life so long ago and has
/// claimed a chunk.
fn elsewhere(store: &Path, host: &str, silent: Duration, chunk: usize) {
    let name = format!(".work-{host}-0badc0de-12-345-A1b2C3");
    fs::create_dir(store.join(&name)).unwrap();
    let sign = File::create(store.join(&name).join("alive")).unwrap();
    sign.set_modified(SystemTime::now() - silent).unwrap();
    fs::create_dir_all(store.join(".claims")).unwrap();
    fs::write(store.join(format!(".claims/{chunk}.0")), name).unwrap();
}

#[test]
fn a_worker_on_another_host_is_left_its_chunk_as_long_as_it_gives_signs_of_life() {
    let home = home();
    let command = sweep("protocol.duration=5", "s.zarr");
    home.json(&command);
    let store = home.at("s.zarr");
    fs::remove_file(store.join("mean/c.1.0.0.0")).unwrap();
    fs::remove_file(store.join("mean/c.2.0.0.0")).unwrap();
    elsewhere(&store, "awake", Duration::from_secs(5), 1);
    elsewhere(&store, "asleep", Duration::from_secs(600), 2);
    let seen = status(&home, "s.zarr").unwrap();
    let of = |host: &str| {
        let all = seen["processes"].as_array().unwrap().iter();
        let mut own = all.filter(|process| process["host"] == host);
        own.next().unwrap().clone()
    };
    assert_eq!(
        (&of("awake")["alive"], &of("awake")["chunks"][0]),
        (&true.into(), &1.into())
    );
    assert_eq!(
        (&of("asleep")["alive"], &of("asleep")["chunks"][0]),
        (&false.into(), &2.into())
    );
    assert_eq!(seen["chunks_damaged"], 2);

    let (code, stdout, stderr) = home.run(&[&command[..], &["--no-wait", "--json"]].concat());
    assert_eq!(code, Some(0), "{stderr}");
    let json: Value = serde_json::from_str(&stdout).unwrap();
    let run = (
        &json["complete"],
        &json["replicas_run"],
        &json["chunks_missing"],
    );
    assert_eq!(run, (&false.into(), &REPLICAS_OF_A_CHUNK.into(), &1.into()));
    let message = home.error(&["--vary", "g=1,2", "--out", "s.zarr", "--force"], 2);
    assert!(
        message.contains("is being filled by another process"),
        "{message}"
    );
    // It falls silent.
    let sign = store.join(".work-awake-0badc0de-12-345-A1b2C3/alive");
    let sign = File::options().write(true).open(sign).unwrap();
    sign.set_modified(SystemTime::now() - Duration::from_secs(600))
        .unwrap();
    let (code, stdout, _) = home.run(&[&command[..], &["--json"]].concat());
    assert_eq!(code, Some(0));
    let json: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(
        (&json["complete"], &json["replicas_run"]),
        (&true.into(), &REPLICAS_OF_A_CHUNK.into())
    );
}

/// Two containers, say, whose processes do not see each other and have the same numbers: they share
/// the work by what the store says.
#[cfg(target_os = "linux")]
#[test]
fn hosts_that_see_nothing_of_each_other_but_the_store_share_it() {
    let home = home();
    let apart = |command: &[&str]| {
        let mut unshare = Command::new("unshare");
        unshare.args([
            "--user",
            "--map-root-user",
            "--pid",
            "--fork",
            "--mount-proc",
        ]);
        unshare.current_dir(home.0.path()).args(command);
        unshare
    };
    if !apart(&["true"])
        .output()
        .is_ok_and(|output| output.status.success())
    {
        println!("skipped: this machine makes no namespaces");
        return;
    }
    let swept = sweep("protocol.duration=1000", "shared.zarr");
    let program = env!("CARGO_BIN_EXE_brainsweep");
    let command = [
        &[program, "sweep", "--json", "--backend", "cpu"][..],
        &swept,
    ]
    .concat();
    let mut workers = vec![Running::start(&mut apart(&command))];
    until("there is a store", || {
        (workers[0].is_over() || home.at("shared.zarr").exists()).then_some(())
    });
    workers.push(Running::start(&mut apart(&command)));
    workers.push(start(&home, &swept));
    let json = workers.into_iter().map(json_of);
    let n_replicas: Vec<u64> = json
        .map(|json| json["replicas_run"].as_u64().unwrap())
        .collect();
    let total: u64 = n_replicas.iter().sum();
    let most = N_REPLICAS + 3 * REPLICAS_OF_A_CHUNK;
    assert!((N_REPLICAS..=most).contains(&total), "{n_replicas:?}");
    home.json(&sweep("protocol.duration=1000", "one.zarr"));
    assert_same(&home.at("shared.zarr"), &home.at("one.zarr"));
}

#[test]
fn an_array_says_which_shard_and_without_one_auto_is_refused() {
    let home = home();
    let command = [
        &sweep("protocol.duration=5", "s.zarr")[..],
        &["--shard", "auto"],
    ]
    .concat();
    let message = home.error(&command, 2);
    assert!(message.contains("no task of an array"), "{message}");
    let mut task = home.command(&command);
    task.arg("--json");
    task.envs([
        ("SLURM_ARRAY_TASK_ID", "3"),
        ("SLURM_ARRAY_TASK_MIN", "0"),
        ("SLURM_ARRAY_TASK_MAX", "3"),
    ]);
    let json: Value = serde_json::from_slice(&task.output().unwrap().stdout).unwrap();
    assert_eq!(json["replicas_run"], 4 * REPLICAS_OF_A_CHUNK);
    assert_eq!(
        json["shards_missing"],
        serde_json::json!(["1/4", "2/4", "3/4"])
    );
}

/// What is printed is what a shell reads as the same command.
#[test]
fn the_script_for_slurm_runs_this_command() {
    let home = home();
    let swept = [
        "--vary",
        "alpha[3]=2:3:4",
        "--set",
        "protocol.duration=5",
        "--out",
        "s.zarr",
    ];
    let slurm = [
        "--slurm",
        "--array",
        "4",
        "--time=1:00:00",
        "--cpus",
        "2",
        "--sbatch=--partition=short",
    ];
    let (code, script, stderr) = home.run(&[&swept[..], &slurm].concat());
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    for line in [
        "#SBATCH --array=1-4",
        "#SBATCH --time=1:00:00",
        "#SBATCH --cpus-per-task=2",
        "#SBATCH --requeue",
        "#SBATCH --partition=short",
    ] {
        assert!(
            script.lines().any(|found| found == line),
            "{line} is not in\n{script}"
        );
    }
    assert!(!home.at("s.zarr").exists(), "nothing is run");
    // The same store as that of the command itself.
    fs::write(home.at("job.sh"), &script).unwrap();
    let ran = Command::new("bash")
        .arg(home.at("job.sh"))
        .output()
        .unwrap();
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    home.json(&[&swept[..4], &["--out", "t.zarr"]].concat());
    assert_same(&home.at("s.zarr"), &home.at("t.zarr"));
    for wrong in [
        &["--array", "4"][..],
        &["--slurm", "--time", "an hour"],
        &["--slurm", "--array", "0"],
        &["--slurm", "--force"],
        // Its tasks share all of the work.
        &["--slurm", "--shard", "1/2"],
    ] {
        home.error(&[&swept[..], wrong].concat(), 2);
    }
}

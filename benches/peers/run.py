#!/usr/bin/env python3
"""Times neurolib, BrainPy and cuBNM beside brainsweep: the same network and duration, one after the other, on this machine.

    cargo build --release
    python3 benches/peers/run.py [--only brainsweep,neurolib,...]

Each package is installed from PyPI, at the version pinned below, into a virtual environment of its own under
target/peers. Prints a Markdown table and writes all figures to target/peers/results.json.
"""

import argparse
import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
import time
import venv

from workload import BOLD_MS, BOLD_REPLICAS, DT_MS, N_STEPS

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FOLDER = ROOT / "target" / "peers"
BINARY = ROOT / "target" / "release" / "brainsweep"
PEERS = {
    "neurolib": ["neurolib==0.6.2"],
    "brainpy": ["brainpy==2.8.2", "jax[cuda12]==0.10.2" if pathlib.Path("/dev/nvidia0").exists() else "jax==0.10.2"],
    "cubnm": ["cubnm==0.1.0", "numpy<2"],
}


def environment(name, packages):
    """The Python of a virtual environment that holds these packages."""
    folder = FOLDER / name
    python = folder / "bin" / "python"
    stamp = folder / "installed.txt"
    if not stamp.exists() or stamp.read_text() != "\n".join(packages):
        print(f"installing {', '.join(packages)}", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True)
        stamp.write_text("\n".join(packages))
    return python


def peer(name):
    """The measurements of one package; none, with the reason on stderr, if it does not run here."""
    python = environment(name, PEERS[name])
    script = HERE / f"with_{name}.py"
    done = subprocess.run([python, script], capture_output=True, text=True)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode != 0:
        print(f"{name} failed:\n{done.stderr[-2000:]}", file=sys.stderr)
    return lines


def brainsweep(backend):
    """Whole processes, from start to written results: one run, and a sweep that scores every replica."""
    version = subprocess.run([BINARY, "--version"], capture_output=True, text=True, check=True)
    version = version.stdout.split()[-1]
    replicas = 512 if backend == "cpu" else 65536
    sweep = ["sweep", "--vary", f"coupling.g=0:2:{replicas // 4}", "--seeds", "4", "--backend", backend]
    bold = ["sweep", HERE / "bold.toml", "--vary", f"coupling.g=0.3:0.5:{BOLD_REPLICAS}", "--backend", backend]
    processes = os.cpu_count()
    commands = {
        "one run": (1, 1, N_STEPS, ["simulate", "--backend", backend, "--set", "record.every=1"]),
        "batch": (replicas, processes, N_STEPS, sweep),
        "BOLD batch": (BOLD_REPLICAS, processes, round(BOLD_MS / DT_MS), bold),
    }
    for what, (replicas, processes, n_steps, command) in commands.items():
        if what == "one run" and backend == "gpu":
            continue
        seconds = []
        for _ in range(3):
            with tempfile.TemporaryDirectory() as folder:
                start = time.perf_counter()
                out = ["--out", os.path.join(folder, "out"), "--json"]
                subprocess.run([BINARY, *command, *out], check=True, capture_output=True)
                seconds.append(time.perf_counter() - start)
        best = min(seconds)
        yield {
            "package": "brainsweep",
            "version": version,
            "what": what,
            "replicas": replicas,
            "processes": processes,
            "seconds": best,
            "seconds_per_run": best / replicas,
            "replica_steps_per_s": n_steps * replicas / best,
            "note": f"{backend}; process start, FC{', FCD' if what == 'BOLD batch' else ''}, scores, figures and files included",
        }


def processor():
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()


def table(results):
    rows = [
        "| package | what | replicas | processes or threads | s per run | replica-steps/s | |",
        "|---|---|---|---|---|---|---|",
    ]
    for r in results:
        rows.append(
            f"| {r['package']} {r['version']} | {r['what']} | {r['replicas']} | {r['processes']} "
            f"| {r['seconds_per_run']:.3g} | {r['replica_steps_per_s']:.3g} | {r['note']} |"
        )
    return "\n".join(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="brainsweep,neurolib,brainpy,cubnm", help="which, separated by commas")
    parser.add_argument("--gpu", action="store_true", help="time brainsweep's GPU backend too")
    arguments = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    results = []
    for name in arguments.only.split(","):
        if name == "brainsweep":
            for backend in ["cpu", "gpu"] if arguments.gpu else ["cpu"]:
                results.extend(brainsweep(backend))
        else:
            results.extend(peer(name))
    (FOLDER / "results.json").write_text(json.dumps(results, indent=1))
    print(f"{processor()}, {os.cpu_count()} processors; 80-node HCP network, 60 000 steps of 0.1 ms, 600 000 with BOLD\n")
    print(table(results))


if __name__ == "__main__":
    main()

"""What every package is timed on: the 80-node HCP network of `data/hcp.npz` with its tract lengths as delays.

FitzHugh-Nagumo nodes (cuBNM: its own Wilson-Cowan nodes), diffusive coupling, 20 mm/ms, Ornstein-Uhlenbeck noise on both
states, 6 s in steps of 0.1 ms. Each `with_*.py` prints one JSON line per measurement.

With cuBNM also what it is made for, as in `bold.toml`: 64 runs of 60 s of its balanced mean field, with BOLD, FC and FCD.
"""

import json
import pathlib
import time

DURATION_MS, DT_MS, SPEED_MM_PER_MS = 6000.0, 0.1, 20.0
N_STEPS = round(DURATION_MS / DT_MS)
BOLD_MS, BOLD_REPLICAS = 60_000.0, 64
DATA = pathlib.Path(__file__).parents[2] / "data" / "hcp.npz"


def connectome():
    """Weights [target, source] and tract lengths in mm."""
    import numpy as np  # which `run.py` does without

    with np.load(DATA) as file:
        return file["Cmat"], file["Dmat"]


def best_of(repeats, run):
    """Seconds of the fastest of `repeats` calls; compilation falls into the first, so more than one is asked for."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def report(package, version, what, replicas, processes, seconds, note="", n_steps=N_STEPS):
    per_run = seconds / replicas
    print(
        json.dumps(
            {
                "package": package,
                "version": version,
                "what": what,
                "replicas": replicas,
                "processes": processes,
                "seconds": seconds,
                "seconds_per_run": per_run,
                "replica_steps_per_s": n_steps / per_run,
                "note": note,
            }
        ),
        flush=True,
    )

"""neurolib: FHNModel, Euler, numba; a batch is one process per core, as its users run explorations."""

import multiprocessing
import os
from importlib.metadata import version

import numpy as np
from workload import DT_MS, DURATION_MS, SPEED_MM_PER_MS, best_of, connectome, report

from neurolib.models.fhn import FHNModel


def one_run(seed):
    weights, lengths = connectome()
    model = FHNModel(Cmat=weights, Dmat=lengths, seed=seed)
    model.params.update(duration=DURATION_MS, dt=DT_MS, signalV=SPEED_MM_PER_MS, K_gl=1.0)
    model.params.update(sigma_ou=0.01, tau_ou=5.0, x_ext=np.full(len(weights), 0.72))
    model.run()
    return float(model.x[0, -1])


if __name__ == "__main__":
    installed = version("neurolib")
    report("neurolib", installed, "one run", 1, 1, best_of(4, lambda: one_run(0)))
    processes = os.cpu_count()
    replicas = 8 * processes
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        pool.map(one_run, range(4 * processes), chunksize=1)
        seconds = best_of(2, lambda: pool.map(one_run, range(replicas), chunksize=1))
    report("neurolib", installed, "batch", replicas, processes, seconds)

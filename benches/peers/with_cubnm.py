"""cuBNM: its Wilson-Cowan nodes with delays, BOLD included (it always is), on the CPU, or on CUDA where it finds a GPU.

Then its balanced mean fields with BOLD, FC and FCD, as in `bold.toml`. `REPLICAS=8` runs fewer of these than 64.
"""

import os
import tempfile
from importlib.metadata import version

import numpy as np
from workload import BOLD_MS, BOLD_REPLICAS, DT_MS, DURATION_MS, SPEED_MM_PER_MS, best_of, connectome, report

from cubnm import sim, utils

if __name__ == "__main__":
    weights, lengths = connectome()
    with tempfile.TemporaryDirectory() as folder:
        sc, sc_dist = os.path.join(folder, "sc.txt"), os.path.join(folder, "dist.txt")
        np.savetxt(sc, weights)
        np.savetxt(sc_dist, lengths)
        on_gpu = utils.avail_gpus() > 0

        def group_of(replicas):
            group = sim.WCSimGroup(
                duration=DURATION_MS / 1000,
                TR=1,
                dt=str(DT_MS),
                bw_dt="1.0",
                sc=sc,
                sc_dist=sc_dist,
                out_dir=None,
                do_fc=False,
                do_fcd=False,
                gof_terms=[],
                force_cpu=not on_gpu,
                sim_verbose=False,
                window_size=2,
                window_step=1,
            )
            group.N = replicas
            group.param_lists["G"] = np.full(replicas, 1.0)
            group.param_lists["v"] = np.full(replicas, SPEED_MM_PER_MS)
            group._set_default_params()
            return group

        note = "Wilson-Cowan with BOLD, " + ("CUDA" if on_gpu else "CPU")
        processes = os.cpu_count()
        sizes = {"one run": 1, "batch": 4096 if on_gpu else 8 * processes}
        for what, replicas in sizes.items():
            group = group_of(replicas)
            seconds = best_of(2, group.run)
            report("cuBNM", version("cubnm"), what, replicas, 1 if what == "one run" else processes, seconds, note)

        bold = sim.rWWSimGroup(
            duration=BOLD_MS / 1000,
            TR=1,
            dt=str(DT_MS),
            bw_dt="1.0",
            sc=sc,
            sc_dist=sc_dist,
            out_dir=None,
            do_fic=False,
            do_fc=True,
            do_fcd=True,
            bold_remove_s=BOLD_MS / 2000,
            window_size=10,
            window_step=2,
            exc_interhemispheric=False,
            gof_terms=[],
            force_cpu=not on_gpu,
            sim_verbose=False,
        )
        bold.N = int(os.environ.get("REPLICAS", BOLD_REPLICAS))
        bold.param_lists["G"] = np.linspace(0.3, 0.5, bold.N)
        bold.param_lists["v"] = np.full(bold.N, SPEED_MM_PER_MS)
        bold._set_default_params()
        # What is made once, noise among it, is made in the first call.
        seconds = best_of(2, bold.run)
        note = "balanced mean field with BOLD, FC, FCD, " + ("CUDA" if on_gpu else "CPU")
        what, n_steps = "BOLD batch", round(BOLD_MS / DT_MS)
        report("cuBNM", version("cubnm"), what, bold.N, processes, seconds, note, n_steps)

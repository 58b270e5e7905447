"""BrainPy: the tutorial's network, exponential Euler, compiled by JAX for the CPU (or the GPU, where JAX finds one)."""

from importlib.metadata import version

import numpy as np
from workload import DT_MS, N_STEPS, SPEED_MM_PER_MS, best_of, connectome, report

import brainpy as bp
import brainpy.math as bm
import jax

bm.set_dt(DT_MS)


class Network(bp.DynSysGroup):
    def __init__(self, seed):
        super().__init__()
        weights, lengths = connectome()
        delays = bm.asarray((lengths / SPEED_MM_PER_MS / DT_MS).astype(int))
        weights = bm.asarray(weights)
        self.fhn = bp.rates.FHN(
            len(lengths),
            x_ou_sigma=0.01,
            y_ou_sigma=0.01,
            method="exp_auto",
        )
        self.coupling = bp.synapses.DiffusiveCoupling(
            self.fhn.x,
            self.fhn.x,
            var_to_output=self.fhn.input,
            conn_mat=weights,
            delay_steps=delays,
            initial_delay_data=bp.init.Uniform(0, 0.05, seed=seed),
        )

    def update(self):
        self.coupling()
        self.fhn.input += 0.72
        self.fhn()


def one_run():
    runner = bp.DSRunner(Network(0), monitors=["fhn.x"], progress_bar=False)
    runner.run(N_STEPS * DT_MS)
    np.asarray(runner.mon["fhn.x"])
    return runner


if __name__ == "__main__":
    device = jax.devices()[0].platform
    runner = one_run()

    def again():
        runner.run(N_STEPS * DT_MS)
        np.asarray(runner.mon["fhn.x"])

    note = f"JAX on {device}, threads of its own"
    seconds = best_of(2, again)
    report("BrainPy", version("brainpy"), "one run", 1, 1, seconds, note)

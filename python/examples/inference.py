"""Draws numbers from a prior, simulates each with noise of its own, and infers the numbers of a known run from what was measured.

With the packages torch and sbi a network learns the posterior; without them, the nearest of the draws is told.
"""

import importlib.util

import numpy as np
import numpy.typing as npt

import brainsweep as bs

N = 32
LOW, HIGH = [0.1, 0.6], [1.5, 0.8]
study = bs.Study("hcp_network", duration=300, transient=100)


def measured(numbers: npt.NDArray[np.float64], first_seed: int) -> npt.NDArray[np.float64]:
    """A few measures of each run, `[n_runs, 5]`. Every run has a seed of its own: noise that all runs share would be taken for known, and
    what is inferred for surer than it is."""
    rows = []
    for k in range(0, len(numbers), 16):
        batch = list(enumerate(numbers[k : k + 16], first_seed + k))
        for run in bs.simulate([study.set(g=g, input=i, seed=seed) for seed, (g, i) in batch]):
            of_nodes = [run.numpy(name).mean() for name in ("mean", "sd", "global_connectivity")]
            rows.append([*of_nodes, float(run.numpy("synchrony")), run.mean_score])
    return np.array(rows)


theta = np.random.default_rng(0).uniform(LOW, HIGH, (N, 2))
x = measured(theta, first_seed=1000)
known = np.array([[0.7, 0.7]])
seen = measured(known, first_seed=1)

if importlib.util.find_spec("sbi") is None:
    distance = np.linalg.norm((x - seen) / x.std(axis=0), axis=1)
    print("nearest draw:", theta[distance.argmin()].round(3).tolist())
else:
    import torch
    from sbi.inference import NPE
    from sbi.utils import BoxUniform

    def tensor(of: npt.ArrayLike) -> torch.Tensor:
        return torch.tensor(of, dtype=torch.float32)

    inference = NPE(BoxUniform(tensor(LOW), tensor(HIGH)))
    inference.append_simulations(tensor(theta), tensor(x)).train()
    draws = inference.build_posterior().sample((1000,), x=tensor(seen))
    print("posterior mean:", draws.mean(0).tolist(), "standard deviation:", draws.std(0).tolist())

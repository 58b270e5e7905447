"""Draws numbers from a prior, simulates each with noise of its own, and infers the numbers of a known run from what was measured.

With the packages torch and sbi a network learns the posterior; without them, the nearest of the draws is told.
"""

import importlib.util
import tempfile

import numpy as np
import numpy.typing as npt

import brainsweep as bs

N = 32
LOW, HIGH = [0.1, 0.6], [1.5, 0.8]
FEATURES = ["mean", "sd", "global_connectivity", "synchrony", "mean_score"]
study = bs.Study("hcp_network", duration=300, transient=100)


def features(of: bs.Sweep) -> npt.NDArray[np.float64]:
    """Some of the features of every run, `[n_runs, 5]`."""
    return of.x[:, [of.x_names.index(name) for name in FEATURES]]


folder = tempfile.TemporaryDirectory()
# Noise that all runs share would be taken for known, and what is inferred for surer than it is.
draws = study.sweep(
    g=(LOW[0], HIGH[0]),
    input=(LOW[1], HIGH[1]),
    sample=f"random:{N}",
    own_seeds=True,
    keep=["features"],
    out=f"{folder.name}/draws.zarr",
)
theta, x = draws.theta[draws.mask], features(draws)[draws.mask]
# The run whose numbers are to be found has a seed that no draw has.
target = study.sweep(
    g=[0.7], input=[0.7], seed=1_000_000, keep=["features"], out=f"{folder.name}/target.zarr"
)
seen = features(target)

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
    posterior = inference.build_posterior().sample((1000,), x=tensor(seen))
    print("posterior mean:", posterior.mean(0).tolist(), "standard deviation:", posterior.std(0).tolist())

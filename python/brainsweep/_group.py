"""Zarr groups of results: the store of a sweep, the candidates of a fit."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _native
from ._errors import UsageError
from ._named import Named
from ._page import Page

_DONE = 1
_FEATURES = "features"


class Group(Named):
    """Arrays by name, xarray's where xarray is installed, else numpy's; read when they are asked for."""

    _what = "results"
    """What it holds, in words."""
    _key = ""
    """What its attributes have if it holds that."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        """The folder, a Zarr group."""
        try:
            group = json.loads((self.path / "zarr.json").read_text(encoding="utf-8"))
            self._of = group["consolidated_metadata"]["metadata"]
            self.manifest: dict[str, Any] = group["attributes"]
            self._asked = self.manifest[self._key]
        except (OSError, ValueError, KeyError, TypeError):
            raise UsageError(f"{self.path} is no store of a {self._what}") from None
        self._coordinates = self.manifest.get("coordinates", "").split()

    def numpy(self, name: str) -> npt.NDArray[Any]:
        """The numbers of an array; NaN of points that are not done."""
        of = self._of[self._known(name)]
        filled = _native.store(self.path, name)
        return _coordinate(self.path, name, of) if filled is None else np.asarray(filled)

    def dims(self, name: str) -> tuple[str, ...]:
        """The names of an array's dimensions."""
        return tuple(self._of[self._known(name)]["dimension_names"])

    def units(self, name: str) -> str:
        """The unit of an array."""
        return str(self._of[self._known(name)]["attributes"].get("units", "1"))

    def meaning(self, name: str) -> str:
        """What an array holds."""
        return str(self._of[self._known(name)]["attributes"].get("long_name", ""))

    def _known(self, name: str) -> str:
        if name not in self._of:
            raise KeyError(f"no array {name!r}; there are {', '.join(self)}")
        return name

    def __getitem__(self, name: str) -> Any:
        values = self.numpy(name)
        try:
            import xarray
        except ImportError:
            return values
        dims = self.dims(name)
        there = {}
        for of in self._of:
            if self._is_coordinate(of) and set(self.dims(of)) <= set(dims) and of != name:
                there[of] = (self.dims(of), self.numpy(of))
        attributes = self._of[name]["attributes"]
        return xarray.DataArray(values, dims=dims, coords=there, attrs=attributes, name=name)

    def _is_coordinate(self, name: str) -> bool:
        is_filled = any(codec["name"] == "crc32c" for codec in self._of[name]["codecs"])
        return not is_filled or name in self._coordinates

    def __iter__(self) -> Iterator[str]:
        return iter(self._of)

    def __len__(self) -> int:
        return len(self._of)

    @property
    def axes(self) -> list[str]:
        """The numbers that differ between points, by their whole keys."""
        raise NotImplementedError

    @property
    def prior(self) -> list[dict[str, Any]] | None:
        """The ranges from which points were drawn, a dict for each of `axes`: `name`, `low`, `high`, `scale` ("linear" or "log").
        None of a sweep that keeps no features."""
        if _FEATURES not in self._of:
            return None
        return list(self._of[_FEATURES]["attributes"]["prior"])

    @property
    def theta(self) -> npt.NDArray[np.float64]:
        """The numbers of every replica, `[n_replicas, n_axes]`."""
        dims, shape = self.dims("status"), tuple(self._of["status"]["shape"])
        columns = []
        for name in self.axes:
            values = self.numpy(name)
            along = dims.index(self.dims(name)[0])
            spread = values.reshape([-1 if k == along else 1 for k in range(len(dims))])
            columns.append(np.broadcast_to(spread, shape).reshape(-1))
        replicas = math.prod(shape)
        return np.stack(columns, axis=1) if columns else np.empty((replicas, 0))

    @property
    def x_names(self) -> list[str]:
        """The columns of `x`: the features, which every fit has and a sweep with `keep=["features"]`, else every measure that is
        one number of a replica."""
        if _FEATURES in self._of:
            return [str(name) for name in self.numpy(self.dims(_FEATURES)[-1])]
        dims = self.dims("status")
        kept = (n for n in self._of if not self._is_coordinate(n) and self.dims(n) == dims)
        return [name for name in kept if name not in ("status", "diverged_at")]

    @property
    def x(self) -> npt.NDArray[np.float64]:
        """What was measured of every replica, `[n_replicas, n_measures]`."""
        if _FEATURES in self._of:
            return np.asarray(self.numpy(_FEATURES)).reshape(-1, len(self.x_names))
        columns = [np.asarray(self.numpy(name), float).reshape(-1) for name in self.x_names]
        return np.stack(columns, axis=1)

    @property
    def mask(self) -> npt.NDArray[np.bool_]:
        """Which replicas are done and have a number in every column of `x`."""
        done = self.numpy("status").reshape(-1) == _DONE
        return np.asarray(done & np.isfinite(self.x).all(axis=1))

    def page(self, height: int = 700) -> Page:
        """`report.html` of the store: a notebook shows it so many pixels high, `.open()` shows it in a browser."""
        return Page(self.path, height)

    def to_xarray(self) -> Any:
        """All arrays as one `xarray.Dataset`."""
        import xarray

        return xarray.Dataset({name: self[name] for name in self if not self._is_coordinate(name)})


def _coordinate(path: Path, name: str, of: Mapping[str, Any]) -> npt.NDArray[Any]:
    """A coordinate, which lies in one chunk without a checksum."""
    data = (path / name / ("c" + len(of["shape"]) * ".0")).read_bytes()
    if of["data_type"] != "string":
        numbers = np.frombuffer(data, {"float64": "<f8", "int64": "<i8"}[of["data_type"]])
        return numbers.reshape(of["shape"])
    texts, at = [], 4
    for _ in range(int.from_bytes(data[:4], "little")):
        end = at + 4 + int.from_bytes(data[at : at + 4], "little")
        texts.append(data[at + 4 : end].decode())
        at = end
    return np.array(texts, dtype=object)

"""What a run leaves: named arrays with dimensions and units, tables, a manifest."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from . import _table
from ._named import Named
from ._page import Page

if TYPE_CHECKING:
    from collections.abc import Sequence

    Described = Sequence[tuple[str, list[str], str, str, Any]]


class Results(Named):
    """Arrays by name: xarray's where xarray is installed, else numpy's. `numpy(name)` is numpy's in any case.

    Arrays are also attributes, and so is what the manifest says: `run.fc`, `run.mean_score`.
    """

    def __init__(
        self,
        arrays: Described,
        labels: Mapping[str, list[str]],
        manifest: dict[str, Any],
        path: str | None = None,
    ) -> None:
        self._arrays = {
            name: (dims, units, meaning, np.asarray(values))
            for name, dims, units, meaning, values in arrays
        }
        self._labels = dict(labels)
        self.manifest = manifest
        """What ran, and how it ended."""
        self.path = None if path is None else Path(path)
        """The folder of the results, if there is one."""

    def numpy(self, name: str) -> npt.NDArray[Any]:
        """The numbers of an array, without a copy."""
        return self._arrays[self._known(name)][3]

    def dims(self, name: str) -> tuple[str, ...]:
        """The names of an array's dimensions."""
        return tuple(self._arrays[self._known(name)][0])

    def units(self, name: str) -> str:
        """The unit of an array."""
        return self._arrays[self._known(name)][1]

    def meaning(self, name: str) -> str:
        """What an array holds."""
        return self._arrays[self._known(name)][2]

    @property
    def labels(self) -> dict[str, list[str]]:
        """The names along dimensions that have names: those of regions along `node`."""
        return dict(self._labels)

    def _known(self, name: str) -> str:
        if name not in self._arrays:
            raise KeyError(f"no array {name!r}; there are {', '.join(self._arrays)}")
        return name

    def __getitem__(self, name: str) -> Any:
        dims, units, meaning, values = self._arrays[self._known(name)]
        if values.ndim == 0:
            return values.item()
        try:
            import xarray
        except ImportError:
            return values
        attributes = {"units": units, "long_name": meaning}
        coordinates = {dim: self._coordinate(dim) for dim in dims}
        there = {dim: values for dim, values in coordinates.items() if values is not None}
        return xarray.DataArray(values, dims=dims, coords=there, attrs=attributes, name=name)

    def _coordinate(self, dim: str) -> Any:
        along = dim.removeprefix("other_")
        if along in self._labels:
            return self._labels[along]
        if along in self._arrays and self._arrays[along][3].ndim == 1:
            return self._arrays[along][3]
        return None

    def _beside(self) -> Mapping[str, Any]:
        return self.manifest

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)

    def to_xarray(self) -> Any:
        """All arrays as one `xarray.Dataset`."""
        import xarray

        return xarray.Dataset({name: self[name] for name in self})

    def page(self, height: int = 700) -> Page:
        """`report.html` of their folder: a notebook shows it so many pixels high, `.open()` shows it in a browser."""
        return Page(self.path, height)

    def _head(self) -> str:
        return type(self).__name__

    def __repr__(self) -> str:
        rows = [f"<{self._head()}>"]
        for name, (dims, units, meaning, values) in self._arrays.items():
            shape = ", ".join(f"{dim}: {n}" for dim, n in zip(dims, values.shape, strict=True))
            rows.append(f"  {name:<24} ({shape})  {units}  {meaning}")
        return "\n".join(rows)

    def _repr_html_(self) -> str:
        cell = "<td style='text-align:left'>"
        rows = [
            "<tr>"
            + "".join(
                f"{cell}{html.escape(text)}</td>"
                for text in (
                    name,
                    " x ".join(
                        f"{dim} ({n})" for dim, n in zip(dims, values.shape, strict=True)
                    ),
                    units,
                    meaning,
                )
            )
            + "</tr>"
            for name, (dims, units, meaning, values) in self._arrays.items()
        ]
        head = "<tr>" + "".join(f"<th>{t}</th>" for t in ("array", "dimensions", "unit", "what"))
        return f"<p><b>{html.escape(self._head())}</b></p><table>{head}</tr>{''.join(rows)}</table>"


class Run(Results):
    """A simulation: its samples, and what was measured of them."""

    def _head(self) -> str:
        ran = f"{self.manifest['study']['name']}, seed {self.manifest['seed']}"
        score = self.manifest.get("mean_score")
        return f"Run of {ran}" + ("" if score is None else f", mean score {score:.3f}")

    @property
    def wall_s(self) -> float:
        """Seconds that the simulation took."""
        return float(self.manifest["wall_s"])

    def plot(self) -> Any:
        """Draws the first recorded state and functional connectivity by matplotlib; gives the figure."""
        import matplotlib.pyplot as plt

        series = [n for n, (dims, *_) in self._arrays.items() if len(dims) == 2 and dims[1] == "node"
                  and (dims[0] == "t" or dims[0].startswith("t_"))]
        shown = series[:1] + (["fc"] if "fc" in self else [])
        if not shown:
            raise ValueError("nothing was recorded that could be drawn")
        figure, axes = plt.subplots(1, len(shown), figsize=(5 * len(shown), 4), squeeze=False)
        for name, axis in zip(shown, axes[0], strict=True):
            dims, units, meaning, values = self._arrays[name]
            unit = "" if units == "1" else f" ({units})"
            if name == "fc":
                image = axis.imshow(values, cmap="RdBu_r", vmin=-1, vmax=1)
                figure.colorbar(image, ax=axis)
                axis.set(xlabel="region", ylabel="region", title=meaning)
            else:
                axis.plot(self.numpy(dims[0]), values, linewidth=0.5, alpha=0.5)
                axis.set(xlabel="time (ms)", ylabel=f"{name}{unit}", title=meaning)
        figure.tight_layout()
        return figure


class Tables(Results):
    """Results with tables: pandas' where pandas is installed, else columns by name."""

    def __init__(
        self,
        arrays: Described,
        labels: Mapping[str, list[str]],
        manifest: dict[str, Any],
        path: str | None = None,
        tables: Mapping[str, tuple[list[str], list[list[str]]]] | None = None,
    ) -> None:
        super().__init__(arrays, labels, manifest, path)
        self._tables = dict(tables or {})

    def table(self, name: str) -> Any:
        """A table by its name, as in the file of that name in a folder of results."""
        if name not in self._tables:
            raise KeyError(f"no table {name!r}; there are {', '.join(self._tables) or 'none'}")
        return _table.table(*self._tables[name])


class Bifurcations(Tables):
    """Branches of equilibria and cycles, and the bifurcations on them."""

    @property
    def branches(self) -> Any:
        """Every point of every branch."""
        return self.table("points")

    @property
    def events(self) -> Any:
        """The bifurcations that were located."""
        return self.table("events")

    @property
    def modes(self) -> Any:
        """Which regions take part in the bifurcations of a network."""
        return self.table("modes")

    def _head(self) -> str:
        names = ", ".join(one["name"] for one in self.manifest["vary"])
        n_events = len(self._tables["events"][1])
        return f"Bifurcations in {names}: {len(self.manifest['branches'])} branches, {n_events} events"

    def plot(self, of: str | None = None, ax: Any = None) -> Any:
        """Draws the branches by matplotlib: stable points solid, unstable ones dotted; events as marks. `of` is a column of
        `branches`, the first state where it is left out. Gives the axes."""
        import matplotlib.pyplot as plt

        header, rows = self._tables["points"]
        number = header[1]
        of = of or header[header.index("residual") + 1]
        columns = {name: _table.column([row[k] for row in rows]) for k, name in enumerate(header)}
        if of not in columns:
            raise KeyError(f"no column {of!r}; there are {', '.join(header)}")
        axis = ax if ax is not None else plt.subplots()[1]
        for k, branch in enumerate(dict.fromkeys(columns["branch"])):
            here = columns["branch"] == branch
            x, y = columns[number][here], columns[of][here].astype(float)
            is_stable = columns["n_unstable"][here] == 0
            color = f"C{k % 10}"
            axis.plot(x, np.where(is_stable, y, np.nan), color=color, label=branch)
            axis.plot(x, np.where(is_stable, np.nan, y), ":", color=color)
        named, events = self._tables["events"]
        marks = {name: _table.column([row[k] for row in events]) for k, name in enumerate(named)}
        if of in marks and events:
            for kind in dict.fromkeys(marks["type"]):
                here = marks["type"] == kind
                axis.plot(marks[number][here], marks[of][here], "o", markersize=4, label=kind)
        axis.set(xlabel=number, ylabel=of)
        axis.legend(fontsize="small")
        return axis


def made(kind: type[Results], told: Mapping[str, Any]) -> Any:
    """Results from what the native part gives."""
    arrays = list(told.get("arrays", []))
    if "states" in told:
        place, described, samples = told["states"]
        whole = np.asarray(samples)
        arrays[place:place] = [(*one, whole[:, k, :]) for k, one in enumerate(described)]
    manifest = json.loads(told["manifest"]) if "manifest" in told else {}
    path = told.get("path")
    where = None if path is None else str(path)
    if issubclass(kind, Tables):
        return kind(arrays, told.get("labels", {}), manifest, where, told.get("tables"))
    return kind(arrays, told.get("labels", {}), manifest, where)


def finished(results: Any, failure: tuple[str, str | None, int] | None) -> Any:
    """The results, or the exception that has them."""
    if failure is not None:
        from ._errors import of

        raise of(*failure, results)
    return results

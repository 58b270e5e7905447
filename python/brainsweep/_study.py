"""A study: what is simulated, in the words of study files."""

from __future__ import annotations

import html
import json
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from . import _native
from ._bar import Bar
from ._connectome import Connectome
from ._errors import UsageError
from ._model import Model
from ._results import Bifurcations, Run, finished, made
from ._words import InFile, files, flags, parted, settings, spread

if TYPE_CHECKING:
    from ._fit import Fit
    from ._sweep import Sweep

_Path = str | os.PathLike[str]

_SIMULATE = {"backend", "device", "out", "force"}
_SWEEP = {*_SIMULATE, "zip", "sample", "seeds", "own_seeds", "every", "keep", "seed", "step_error"}
_BIFURCATE = {
    *("from_", "at", "measure", "delays", "no_cycles", "cycles", "step_max", "step_min", "tolerance"),
    *("search", "mesh", "points", "period_max", "settle", "switches", "out", "force"),
}


class Study:
    """A study: a model at every region, a connectome, coupling, noise, protocol.

    `study` is a study file, the name of a study that comes along, or a model; left out, it is `hcp_network`. A model without a
    connectome is one node; a list of connectomes has one for each subject of a fit. Keywords are the keys of study files, sections as
    dicts; the end of a key will do where no other key ends so. A study is a value: `set` gives a new one.

        bs.Study("fitzhugh-nagumo", connectome=bs.hcp(), coupling=dict(g=1.0), noise=dict(sigma=dict(x=0.01)), duration=6000)
    """

    def __init__(self, study: _Path | Model | None = None, /, **keys: Any) -> None:
        target = study.path if isinstance(study, Model) else study
        is_node = not any(key.split(".")[0] in ("connectome", "nodes") for key in keys)
        self._native = _native.Study.named(target, settings(keys), is_node)
        self._kept = _in_memory([study, keys])

    @classmethod
    def _of(cls, native: _native.Study, kept: tuple[InFile, ...]) -> Study:
        self = cls.__new__(cls)
        self._native, self._kept = native, kept
        return self

    @classmethod
    def from_toml(cls, text: str, *, folder: _Path = "", name: str = "study") -> Study:
        """A study from the text of a study file; `folder` is what the paths in it are relative to."""
        return cls._of(_native.Study.of_text(text, name, os.fspath(folder), []), ())

    @classmethod
    def from_tvb(cls, simulator: Any, functional: Any = None) -> Study:
        """A study that simulates what The Virtual Brain's `Simulator` says: its model, connectivity, coupling, integrator, noise and
        monitors. What has no counterpart is an error that names it.

        Without `initial_conditions` regions start anywhere within the model's ranges, as they do there, but not at the same numbers.
        """
        from . import _tvb

        connectome = Connectome.from_tvb(simulator.connectivity, functional)
        keys = _tvb.keys_of(simulator)
        return cls(keys.pop("model"), connectome=connectome, **keys)

    @classmethod
    def from_neurolib(cls, model: Any, functional: Any = None) -> Study:
        """A study that simulates what a `Model` of neurolib says in its `params`. What has no counterpart is an error that names it."""
        from . import _neurolib

        keys = _neurolib.keys_of(model)
        weights = np.atleast_2d(np.asarray(model.params["Cmat"], float))
        if weights.shape == (1, 1):
            return cls(keys.pop("model"), **{key: value for key, value in keys.items() if key != "coupling"})
        connectome = Connectome(weights, np.asarray(model.params["lengthMat"], float), functional)
        return cls(keys.pop("model"), connectome=connectome, **keys)

    def set(self, keys: Mapping[str, Any] | None = None, /, **more: Any) -> Study:
        """The same study with some keys set: `set(g=1.2)`, `set({"coupling.g": 1.2})`, `set({"alpha[12]": 3.1})`."""
        both = {**(keys or {}), **more}
        return Study._of(self._native.set(settings(both)), (*self._kept, *_in_memory([both])))

    def to_toml(self, path: _Path | None = None) -> str:
        """The text of a study file that stands for itself, which is also written to `path` if one is given.

        What lies in memory, a connectome or a model, is written beside that file.
        """
        text = self._native.to_toml()
        kept = [one for one in self._kept if json.dumps(one.path) in text]
        if path is None:
            if kept:
                raise UsageError(
                    f"{kept[0]!r} lies in memory, and a text can only name its file\n"
                    "hint: give to_toml a path; it is written beside"
                )
            return text
        place = Path(path)
        copies = [(one, f"{place.stem}-{os.path.basename(one.path)}") for one in kept]
        for taken in [place, *(place.with_name(name) for _, name in copies)]:
            if taken.exists():
                raise FileExistsError(f"{taken} exists already")
        for one, name in copies:
            shutil.copyfile(one.path, place.with_name(name))
            text = text.replace(json.dumps(one.path), json.dumps(name))
        place.write_text(text, encoding="utf-8")
        return text

    @property
    def name(self) -> str:
        """What results are called after."""
        return self._native.name

    @property
    def model(self) -> str:
        """The name of its model."""
        return self._native.model

    @property
    def connectome(self) -> Connectome:
        """Its wiring, as it is simulated: scaled, if the study says so."""
        return Connectome._of(self._native.connectome, self.name)

    def to_dict(self) -> dict[str, Any]:
        """Every key that has an effect, with its value, as in manifests."""
        return cast("dict[str, Any]", json.loads(self._native.to_json()))

    def __getitem__(self, key: str) -> Any:
        """The value of a key, or of the end of one; a list where nodes differ, None of a key that has no effect."""
        whole, values = self._native.number(key)
        if not values:
            said: Any = self.to_dict()
            for part in whole.split("."):
                said = said.get(part) if isinstance(said, dict) else None
            return said
        return values[0] if len(values) == 1 else values

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Study) and self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash(self._native.to_json())

    def __repr__(self) -> str:
        return f"<Study {self.name}: {self.model} at {self._native.n_nodes} nodes>"

    def _repr_html_(self) -> str:
        shown = {k: v for k, v in self.to_dict().items() if k not in ("files", "notes")}
        rows = "".join(
            f"<tr><td style='text-align:left'>{html.escape(key)}</td><td style='text-align:left'>"
            f"{html.escape(_short(json.dumps(value, ensure_ascii=False)))}</td></tr>"
            for key, value in shown.items()
        )
        return f"<p><b>{html.escape(repr(self)[1:-1])}</b></p><table>{rows}</table>"

    def simulate(
        self,
        *,
        seed: int | None = None,
        backend: str = "auto",
        device: str | None = None,
        out: _Path | None = None,
        force: bool = False,
        progress: bool | None = None,
    ) -> Run:
        """Simulates it; with `out`, the folder that the command line would leave is left there.

        Ctrl-C raises `Interrupted`, and a simulation whose numbers grow beyond all bounds `NumericsError`; what there was until then
        is in the exception's `partial`.
        """
        study = self if seed is None else self.set({"protocol.seed": seed})
        words = flags(dict(backend=backend, device=device, out=out, force=force))
        with Bar(progress) as bar:
            told = _native.simulate([study._native], ["simulate", *words], bar)[0]
        return cast(Run, finished(made(Run, told), told["failure"]))

    def sweep(
        self,
        vary: Mapping[str, Any] | None = None,
        /,
        *,
        progress: bool | None = None,
        **numbers: Any,
    ) -> Sweep:
        """Simulates it at many points and keeps what is measured in a store, the Zarr group `out`; the same call goes on where it
        stopped.

        Numbers are varied by their keys or ends of keys: a list or an array has the values, `(0, 2, 41)` is 41 values from 0 to 2,
        `(0.1, 10, 20, "log")` the same by equal ratios. Other keywords are the flags of `brainsweep sweep`: `seeds`, `own_seeds`,
        `zip`, `sample`, `every`, `keep`, `seed`, `step_error`, `backend`, `device`, `out`, `force`.
        """
        from ._sweep import Sweep

        given, varied = parted(numbers, _SWEEP)
        all_varied = {**(vary or {}), **varied}
        words = flags({**given, "vary": [f"{k}={spread(v)}" for k, v in all_varied.items()]})
        with Bar(progress) as bar:
            told = _native.sweep(self._native, ["sweep", *words], bar)
        return cast("Sweep", finished(Sweep(told["path"]), told["failure"]))

    def fit(
        self,
        free: Mapping[str, Any] | None = None,
        *,
        objective: str | Sequence[str] | None = None,
        method: str | None = None,
        start: str | None = None,
        runs: int | None = None,
        replicas: int | None = None,
        population: int | None = None,
        search: int | None = None,
        finalists: int | None = None,
        held_out: int | None = None,
        sampling: float | None = None,
        validate: Sequence[int] | None = None,
        each_subject: bool = False,
        seed: int | None = None,
        report: str | None = None,
        backend: str = "auto",
        device: str | None = None,
        out: _Path | None = None,
        force: bool = False,
        progress: bool | None = None,
    ) -> Fit:
        """Finds the numbers that make an objective large: `free` gives their ranges, `dict(g=(0, 3), tau=(1, 100, "log"))`.

        The other keywords are the flags of `brainsweep fit`. The same call goes on where it stopped.
        """
        from ._fit import Fit

        given = dict(
            free=[f"{key}={spread(value)}" for key, value in (free or {}).items()],
            objective=[objective] if isinstance(objective, str) else objective,
            validate=None if validate is None else ",".join(str(one) for one in validate),
            **dict(method=method, start=start, runs=runs, replicas=replicas),
            **dict(population=population, search=search),
            **dict(finalists=finalists, held_out=held_out, sampling=sampling, each_subject=each_subject),
            **dict(seed=seed, report=report, backend=backend, device=device, out=out, force=force),
        )
        with Bar(progress) as bar:
            told = _native.fit(self._native, ["fit", *flags(given)], bar)
        return cast("Fit", finished(Fit(told["path"]), told["failure"]))

    def bifurcate(
        self, vary: Mapping[str, Any] | None = None, /, *, progress: bool | None = None, **numbers: Any
    ) -> Bifurcations:
        """Follows equilibria and cycles in one number, or two, and locates their bifurcations: `bifurcate(x_ext=(0, 2))`.

        Other keywords are the flags of `brainsweep bifurcate`: `delays`, `cycles` (False for none), `measure`, `at` (a dict), `from_`,
        `step_max`, `step_min`, `tolerance`, `search`, `mesh`, `points`, `period_max`, `settle`, `switches`, `out`, `force`.
        """
        given, varied = parted(numbers, _BIFURCATE)
        if given.get("cycles") is False:
            given["no_cycles"] = True
        if isinstance(given.get("at"), Mapping):
            [(name, values)] = given["at"].items()
            given["at"] = f"{name}={spread(values)}"
        axes = [f"{key}={spread(value)}" for key, value in {**(vary or {}), **varied}.items()]
        if not 1 <= len(axes) <= 2:
            raise UsageError("one number varies, or two: bifurcate(x_ext=(0, 2))")
        given["vary"] = axes[0]
        given["and"] = axes[1] if len(axes) > 1 else None
        with Bar(progress) as bar:
            # The target stands for the study, which is handed over beside.
            told = _native.bifurcate(self._native, ["bifurcate", "hcp_network", *flags(given)], bar)
        return cast(Bifurcations, finished(made(Bifurcations, told), told["failure"]))


def simulate(
    studies: Iterable[Study],
    *,
    backend: str = "auto",
    device: str | None = None,
    progress: bool | None = None,
) -> list[Run]:
    """Simulates several studies side by side, which share their delays; each has the bits that it has alone.

    A run that diverged raises `NumericsError`, whose `partial` is the list of all runs.
    """
    all_of_them = [one._native for one in studies]
    if not all_of_them:
        return []
    words = flags(dict(backend=backend, device=device))
    with Bar(progress) as bar:
        told = _native.simulate(all_of_them, ["simulate", *words], bar)
    runs = [made(Run, one) for one in told]
    failures = [one["failure"] for one in told if one["failure"] is not None]
    return cast("list[Run]", finished(runs, failures[0] if failures else None))


def _in_memory(values: list[Any]) -> tuple[InFile, ...]:
    found = files(values)
    return tuple(one for one in found if getattr(one, "is_in_memory", False))


def _short(text: str) -> str:
    return text if len(text) <= 200 else text[:200] + " ..."

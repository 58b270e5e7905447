"""The wiring of a network: from arrays, from files, from other programs' objects."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _native
from ._errors import UsageError, note
from ._folder import folder_of
from ._results import Results

_Path = str | os.PathLike[str]
Matrix = npt.NDArray[np.float64]


class Connectome:
    """Weights, tract lengths, measured functional connectivity and region names.

    `weights[target, source]`: rows receive. `tract_lengths` are in mm, `delays` in ms; `functional` is one matrix, or
    `[n_subjects, n_nodes, n_nodes]`. The arrays are checked as those of a file are, and lie in a temporary file as long as this or a
    study of it is there.
    """

    def __init__(
        self,
        weights: npt.ArrayLike,
        tract_lengths: npt.ArrayLike | None = None,
        functional: npt.ArrayLike | None = None,
        labels: Sequence[str] | None = None,
        *,
        delays: npt.ArrayLike | None = None,
    ) -> None:
        self._path = os.path.join(folder_of(self), "connectome.npz")
        self._is_in_memory = True
        if functional is not None and np.ndim(functional) == 2:
            functional = np.asarray(functional)[np.newaxis]
        named = None if labels is None else [str(label) for label in labels]
        notes = _native.save_connectome(
            self._path,
            _raw(weights),
            None if tract_lengths is None else _raw(tract_lengths),
            None if delays is None else _raw(delays),
            None if functional is None else _raw(functional),
            named,
        )
        note(notes)
        self._told = _native.connectome(self._path)

    @classmethod
    def _of(cls, told: _native.Told, path: str) -> Connectome:
        self = cls.__new__(cls)
        self._path, self._told, self._is_in_memory = path, told, False
        return self

    @classmethod
    def load(cls, path: _Path) -> Connectome:
        """A connectome from any file or folder that the program reads."""
        whole = os.path.abspath(path)
        self = cls._of(_native.connectome(whole), whole)
        note(self.notes)
        return self

    @classmethod
    def from_tvb(cls, connectivity: Any, functional: npt.ArrayLike | None = None) -> Connectome:
        """A connectome from The Virtual Brain's `Connectivity`: its weights, tract lengths and region labels."""
        weights = np.asarray(connectivity.weights, float)
        if not weights.size:
            connectivity.configure()
            weights = np.asarray(connectivity.weights, float)
        lengths = np.asarray(connectivity.tract_lengths, float)
        return cls(weights, lengths, functional, [str(name) for name in connectivity.region_labels])

    @classmethod
    def from_neurolib(cls, dataset: Any) -> Connectome:
        """A connectome from neurolib's `Dataset`: its `Cmat`, `Dmat` and the `FCs` of its subjects."""
        functional = getattr(dataset, "FCs", None)
        has_any = functional is not None and len(functional) > 0
        return cls(
            np.asarray(dataset.Cmat, float),
            np.asarray(dataset.Dmat, float),
            np.asarray(functional, float) if has_any else None,
        )

    @property
    def path(self) -> str:
        """Its file, or the name of what comes along."""
        return self._path

    @property
    def is_in_memory(self) -> bool:
        """Whether its file goes when this goes."""
        return self._is_in_memory

    @property
    def _arrays(self) -> dict[str, Any]:
        return {name: np.asarray(values) for name, _, _, _, values in self._told[0]}

    @property
    def weights(self) -> Matrix:
        """`[target, source]`."""
        return np.asarray(self._arrays["weights"])

    @property
    def tract_lengths(self) -> Matrix | None:
        """`[target, source]`, mm."""
        return self._arrays.get("tract_lengths")

    @property
    def delays(self) -> Matrix | None:
        """`[target, source]`, ms, where those are given in place of lengths."""
        return self._arrays.get("delays")

    @property
    def functional(self) -> Matrix | None:
        """Measured functional connectivity, `[n_subjects, n_nodes, n_nodes]`."""
        return self._arrays.get("functional")

    @property
    def labels(self) -> list[str]:
        """The names of the regions."""
        return list(self._told[1])

    @property
    def notes(self) -> list[str]:
        """What is not as it was in the data."""
        return list(self._told[2])

    @property
    def n_nodes(self) -> int:
        """The number of regions."""
        return len(self._told[1])

    def arrays(self) -> Results:
        """The same with dimensions and units."""
        labels = {"target": self.labels, "source": self.labels, "node": self.labels}
        return Results(self._told[0], labels, {})

    def save(self, path: _Path) -> None:
        """Writes an npz that every study can name."""
        with open(path, "xb") as file:
            if self.is_in_memory:
                with open(self._path, "rb") as own:
                    file.write(own.read())
            else:
                named: dict[str, Any] = {**self._arrays, "labels": np.array(self.labels)}
                np.savez(file, **named)

    def __repr__(self) -> str:
        functional = self.functional
        subjects = 0 if functional is None else len(functional)
        return f"<Connectome of {self.n_nodes} regions, {subjects} measured subjects>"


def hcp() -> Connectome:
    """The connectome that comes along: 80 cortical regions, 7 people of the Human Connectome Project, the FC of each."""
    return Connectome._of(_native.hcp(), "hcp")


def _raw(array: npt.ArrayLike) -> tuple[bytes, list[int]]:
    try:
        numbers = np.ascontiguousarray(array, dtype="<f8")
    except (TypeError, ValueError) as error:
        raise UsageError(f"an array of numbers is needed: {error}") from None
    return numbers.tobytes(), list(numbers.shape)

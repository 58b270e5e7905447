"""The store of a sweep: measures of a study at many points."""

from __future__ import annotations

import html
import math

from ._group import Group


class Sweep(Group):
    """The store of a sweep: its arrays by name, xarray's where xarray is installed, else numpy's; read when they are asked for."""

    _what = _key = "sweep"

    @property
    def axes(self) -> list[str]:
        """The numbers that vary, by their whole keys."""
        written = list(self._asked["vary"])
        # Behind the name of the array there may be numbers that follow from it, with their formulas.
        return [
            next(name for name in sorted(self._of, key=len, reverse=True) if f"{key},".startswith(f"{name},"))
            for key in written
        ]

    def __repr__(self) -> str:
        shape = self._of["status"]["shape"]
        sizes = ", ".join(f"{d}: {n}" for d, n in zip(self.dims("status"), shape, strict=True))
        done = int((self.numpy("status") > 0).sum())
        return f"<Sweep {self.path}: {sizes}; {done} of {math.prod(shape)} replicas done>"

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(repr(self)[1:-1])}</p><p>{html.escape(', '.join(self))}</p>"

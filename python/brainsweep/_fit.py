"""A fit: its candidates, its finalists, and what is said of them."""

from __future__ import annotations

import html
import json
import os
from collections.abc import Mapping
from typing import Any

from . import _table
from ._errors import UsageError
from ._group import Group


class Fit(Group):
    """The numbers of a study that fit data best. Every candidate is in arrays over `point`, by name, as in a `Sweep`.

    What the manifest says are attributes, too: `fit.result`.
    """

    _what = _key = "fit"

    def __init__(self, path: str | os.PathLike[str]) -> None:
        super().__init__(path)
        try:
            text = (self.path / "manifest.json").read_text(encoding="utf-8")
            self.manifest = json.loads(text)
            self._result = self.manifest["result"]
        except (OSError, ValueError, KeyError):
            raise UsageError(
                f"{self.path} has no manifest.json of a fit: the same brainsweep fit again writes it"
            ) from None

    def _beside(self) -> Mapping[str, Any]:
        return self.manifest

    @property
    def axes(self) -> list[str]:
        """The numbers that were free, by their whole keys."""
        return [str(one["name"]) for one in self.prior or []]

    @property
    def report(self) -> str:
        """What was found, and how far to trust it, in Markdown."""
        return (self.path / "report.md").read_text(encoding="utf-8")

    def best(self, subject: int | None = None) -> dict[str, Any]:
        """The numbers that are best on unseen seeds, as `Study.set` takes them; of one subject where each is fitted for itself, with whose
        connectome it is where each has its own."""
        found = self._result["best"]
        if subject is not None:
            of = [one for one in self._result["subjects"] if one["subject"] == subject]
            if not of:
                raise ValueError(f"subject {subject} was not fitted for itself: say each_subject=True")
            found = of[0]["best"]
        if found is None:
            raise ValueError("there is no single best: no candidate has an objective, there are several objectives, or each subject has its own")
        numbers = {key: value for keys, value in found["point"].items() for key in keys.split(",")}
        whose = {} if subject is None or of[0].get("name") is None else {"connectome.subject": of[0]["name"]}
        return {**numbers, **whose}

    def table(self, name: str) -> Any:
        """A table by its name, as in the file of that name in the folder: pandas' where pandas is installed, else columns by name."""
        file = self.path / f"{name}.csv"
        if not file.exists():
            there = sorted(one.stem for one in self.path.glob("*.csv"))
            raise KeyError(f"no table {name!r}; there are {', '.join(there) or 'none'}")
        return _table.table(*_table.read(file))

    @property
    def subjects(self) -> Any:
        """The finalists of each subject that was fitted for itself."""
        return self.table("subjects")

    @property
    def finalists(self) -> Any:
        """The finalists, with their objectives on seen and on unseen seeds."""
        return self.table("best")

    def __repr__(self) -> str:
        runs = zip(self.dims("status"), self._of["status"]["shape"], strict=True)
        lengths = ", ".join(f"{name}: {n}" for name, n in runs)
        objective = self._result["objective"]
        of = objective if isinstance(objective, str) else "; ".join(objective)
        return f"<Fit of {of}, {self.path}: {lengths}>"

    def _repr_markdown_(self) -> str:
        return self.report

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(repr(self)[1:-1])}</p><p>{html.escape(', '.join(self))}</p>"

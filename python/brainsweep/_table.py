"""Tables of results: pandas' where pandas is installed, else columns by name."""

from __future__ import annotations

import csv
import html
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

_ROWS = 10
_COLUMNS = 8


class Columns(dict[str, npt.NDArray[Any]]):
    """The columns of a table by their names, each a numpy array. What a notebook or a terminal shows is its beginning."""

    def _shown(self) -> tuple[list[str], list[list[str]]]:
        """The first columns and rows as texts; what is left out, as dots."""
        names = list(self)[:_COLUMNS]
        n_rows = max((len(column) for column in self.values()), default=0)
        rows = [[_text(self[name][k]) for name in names] for k in range(min(n_rows, _ROWS))]
        if len(self) > len(names):
            names = [*names, "..."]
            rows = [[*row, "..."] for row in rows]
        if n_rows > _ROWS:
            rows.append(["..."] * len(names))
        return names, rows

    def _sizes(self) -> str:
        n_rows = max((len(column) for column in self.values()), default=0)
        return f"{n_rows} rows, {len(self)} columns"

    def __repr__(self) -> str:
        header, rows = self._shown()
        widths = [max(len(cell) for cell in column) for column in zip(header, *rows, strict=True)]
        lines = ["  ".join(c.rjust(w) for c, w in zip(row, widths, strict=True)) for row in [header, *rows]]
        return "\n".join([*lines, f"<{self._sizes()}>"])

    def _repr_html_(self) -> str:
        header, rows = self._shown()

        def line(cells: list[str], of: str) -> str:
            return "<tr>" + "".join(f"<{of}>{html.escape(cell)}</{of}>" for cell in cells) + "</tr>"

        body = "".join(line(row, "td") for row in rows)
        return f"<table>{line(header, 'th')}{body}</table><p>{self._sizes()}</p>"


def _text(cell: Any) -> str:
    return f"{cell:.6g}" if isinstance(cell, float) else str(cell)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Any:
    """A table from its cells: a `pandas.DataFrame` where pandas is installed, else `Columns`."""
    columns = Columns({of: column([row[k] for row in rows]) for k, of in enumerate(header)})
    try:
        import pandas
    except ImportError:
        return columns
    return pandas.DataFrame(dict(columns))


def column(cells: Sequence[str]) -> npt.NDArray[Any]:
    """Numbers where all cells are numbers or empty, else texts."""
    try:
        return np.array([float(cell) if cell else np.nan for cell in cells])
    except ValueError:
        return np.array(cells, dtype=object)


def read(file: Path) -> tuple[list[str], list[list[str]]]:
    """The header and the rows of a csv file."""
    with file.open(newline="", encoding="utf-8") as text:
        header, *rows = csv.reader(text)
    return header, rows

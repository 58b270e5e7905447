"""The page of results, `report.html`."""

from __future__ import annotations

import html
import webbrowser
from pathlib import Path

from ._errors import UsageError


class Page:
    """One page with all that a run left, to be clicked through. A notebook shows it; `open` shows it in a browser."""

    def __init__(self, folder: Path | None, height: int) -> None:
        if folder is None:
            raise UsageError("these results have no folder, and so no page\nhint: say out=... when they are made")
        self.path = folder / "report.html"
        """The file."""
        self.height = height
        """Of what a notebook shows, pixels."""
        if not self.path.exists():
            raise UsageError(f"{self.path} is not there: a sweep has it once all is done, and older results have none")

    def open(self) -> None:
        """Shows it in the browser of this machine."""
        webbrowser.open(self.path.resolve().as_uri())

    def __repr__(self) -> str:
        return f"<Page {self.path}>"

    def _repr_html_(self) -> str:
        text = html.escape(self.path.read_text(encoding="utf-8"))
        return f'<iframe srcdoc="{text}" width="100%" height="{self.height}" style="border:0"></iframe>'

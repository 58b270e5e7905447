"""A model of one's own."""

from __future__ import annotations

import os
import re

from . import _native
from ._folder import folder_of

_NAME = re.compile(r"""^\s*name\s*=\s*["']([^"']+)["']""", re.MULTILINE)


class Model:
    """A model from its text, as in a model file: equations, states, parameters, inputs.

    It goes where a model's name goes: `bs.Study(model, ...)`. Its text is read at once, and an error shows the line.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        found = _NAME.search(text)
        self.name = found.group(1) if found else "model"
        file = re.sub(r"[^A-Za-z0-9_-]", "_", self.name) + ".toml"
        self._path = os.path.join(folder_of(self), file)
        with open(self._path, "w", encoding="utf-8") as written:
            written.write(text)
        _native.Study.named(self._path, [], True)

    @property
    def path(self) -> str:
        """Its file, which is there as long as this or a study of it."""
        return self._path

    @property
    def is_in_memory(self) -> bool:
        """Whether its file goes when this goes."""
        return True

    def __repr__(self) -> str:
        return f"<Model {self.name}>"

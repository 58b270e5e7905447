"""A model of one's own."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any

from . import _native
from ._folder import folder_of
from ._symbols import text_of

_NAME = re.compile(r"""^\s*name\s*=\s*["']([^"']+)["']""", re.MULTILINE)


class Model:
    """A model from its text, as in a model file: equations, states, parameters, inputs; or from a function that writes one.

    It goes where a model's name goes: `bs.Study(model, ...)`. Its text is read at once, and an error shows the line.

    A function is called once, with symbols: its first arguments are the states, keywords with a number are parameters with that default,
    keywords with None are inputs. It gives the change of each state per ms. `text` is what it wrote.

        def decay(x, *, tau=10.0, x_ext=None):
            return (x_ext - x) / tau
        bs.Study(bs.Model(decay), tau=20.0)
    """

    def __init__(self, text: str | Callable[..., Any]) -> None:
        text = text if isinstance(text, str) else text_of(text)
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

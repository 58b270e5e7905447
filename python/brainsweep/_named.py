"""Arrays by name that are attributes, too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Named(Mapping[str, Any]):
    """Arrays by name. Each is an attribute, too, and so is what `_beside` has."""

    def _beside(self) -> Mapping[str, Any]:
        """What else goes by a name."""
        return {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        # Not `in self`, which would read the array.
        if name in list(self):
            return self[name]
        beside = self._beside()
        if name in beside:
            return beside[name]
        raise AttributeError(f"nothing here is called {name!r}; there are {', '.join([*self, *beside])}")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self, *self._beside()]

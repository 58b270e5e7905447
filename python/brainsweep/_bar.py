"""A bar while work goes on: tqdm's where it is there."""

from __future__ import annotations

import sys
import time
import warnings
from types import TracebackType
from typing import Any

# Shorter work shows none.
_QUIET_S = 0.5


class Bar:
    """Is called with steps done, all steps and words."""

    def __init__(self, shown: bool | None) -> None:
        self._shown = _is_watched() if shown is None else shown
        self._start = time.monotonic()
        self._bar: Any = None
        self._last = 0

    def __call__(self, n_done: int, n_steps: int, words: str) -> None:
        if not self._shown or time.monotonic() - self._start < _QUIET_S:
            return
        if self._bar is None:
            try:
                with warnings.catch_warnings():
                    # Without ipywidgets it is a bar of text.
                    warnings.simplefilter("ignore")
                    from tqdm.auto import tqdm
            except ImportError:
                share = f"{100 * n_done // n_steps:3d} %" if n_steps else ""
                sys.stderr.write(f"\r{share}  {words}\x1b[K")
                self._last = 1
                return
            self._bar = tqdm(total=n_steps or None, unit="step", unit_scale=True, leave=False)
        self._bar.update(n_done - self._bar.n)
        self._bar.set_postfix_str(words, refresh=False)

    def __enter__(self) -> Bar:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()
        elif self._last:
            sys.stderr.write("\r\x1b[K")


def _is_watched() -> bool:
    return "ipykernel" in sys.modules or sys.stderr.isatty()

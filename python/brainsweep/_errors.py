"""Exceptions that say what the command line would."""

from __future__ import annotations

import warnings
from typing import Any


class Note(UserWarning):
    """Something that is to be known of data or results."""


class _Told:
    """What every exception of brainsweep has."""

    hint: str | None = None
    """What can be done about it."""
    exit_code: int = 1
    """What the program would end with."""
    partial: Any = None
    """The results that are there all the same."""


class Error(_Told, Exception):
    """Whatever brainsweep refuses or fails to do."""


class UsageError(Error, ValueError):
    """Wrong usage or bad input; exit code 2."""


class DeviceError(Error, RuntimeError):
    """No device that can do it, or a device that failed; exit code 3."""


class NumericsError(Error, ArithmeticError):
    """Diverged, did not converge, or stopped short; exit code 4."""


class DiskError(Error, OSError):
    """The system refused to read or to write; exit code 5."""


class Bug(Error):
    """A bug of brainsweep; please report it. Exit code 1."""


class Interrupted(_Told, KeyboardInterrupt):
    """Ctrl-C; what was finished is in `partial` and, where results go to a folder, there. Exit code 130."""


_CLASSES: dict[int, type[Error] | type[Interrupted]] = {
    2: UsageError,
    3: DeviceError,
    4: NumericsError,
    5: DiskError,
    130: Interrupted,
}


def of(
    report: str, hint: str | None, exit_code: int, partial: Any = None
) -> Error | Interrupted:
    """The exception for an error of the native part."""
    error = _CLASSES.get(exit_code, Bug)(report)
    error.hint, error.exit_code, error.partial = hint, exit_code, partial
    return error


def note(notes: list[str]) -> None:
    """Warns, from the line outside of this package that asked."""
    for text in notes:
        warnings.warn(text, Note, stacklevel=_outside())


def _outside() -> int:
    import sys

    level, frame = 1, sys._getframe(1)
    while frame.f_back and frame.f_globals.get("__name__", "").startswith("brainsweep."):
        level, frame = level + 1, frame.f_back
    return level

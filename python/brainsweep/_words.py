"""Python's values as the words of study files and of the command line."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol, runtime_checkable

import numpy as np

_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")
# Tables with one of these are values; all others hold keys.
_VALUES = {"formula", "groups", "file", "uniform"}


@runtime_checkable
class InFile(Protocol):
    """What stands in a study by the path of a file."""

    @property
    def path(self) -> str:
        """Where the file lies."""


def toml(value: Any) -> str:
    """A value as TOML."""
    if isinstance(value, InFile):
        return toml(value.path)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, os.PathLike):
        return toml(os.path.abspath(value))
    if isinstance(value, Mapping):
        entries = (f"{_key(str(key))} = {toml(one)}" for key, one in value.items())
        return "{ " + ", ".join(entries) + " }"
    if isinstance(value, Iterable):
        return "[" + ", ".join(toml(one) for one in value) + "]"
    raise TypeError(f"a study cannot hold a {type(value).__name__}: {value!r}")


def _key(name: str) -> str:
    return name if _BARE.match(name) else json.dumps(name, ensure_ascii=False)


def settings(keys: Mapping[str, Any]) -> list[str]:
    """What is set, as KEY=VALUE: a mapping below a section holds its keys."""
    return [setting for key, value in keys.items() for setting in _settings(key, value)]


def _settings(key: str, value: Any) -> Iterator[str]:
    is_section = (
        isinstance(value, Mapping) and ("." not in key or not _VALUES & set(value))
    )
    if is_section:
        for name, inner in value.items():
            yield from _settings(f"{key}.{name}", inner)
    else:
        yield f"{key}={toml(value)}"


def files(value: Any) -> Iterator[InFile]:
    """All that stands by its file in some settings."""
    if isinstance(value, InFile):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from files(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from files(inner)


def spread(value: Any) -> str:
    """Values of a number: a tuple is a range (low, high), (low, high, n), with "log" behind; a list or an array holds them all."""
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return ":".join(_number(part) for part in value)
    if isinstance(value, Iterable):
        return ",".join(_number(part) for part in value)
    return _number(value)


def _number(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"a number is needed, not {value!r}")
    return repr(value)


def flags(given: Mapping[str, Any]) -> list[str]:
    """Flags of the command line: True is the flag alone, a list is the flag once for each."""
    words: list[str] = []
    for name, value in given.items():
        flag = "--" + name.rstrip("_").replace("_", "-")
        if value is None or value is False:
            continue
        if value is True:
            words.append(flag)
        elif isinstance(value, list | tuple):
            words += [f"{flag}={_word(one)}" for one in value]
        else:
            words.append(f"{flag}={_word(value)}")
    return words


def _word(value: Any) -> str:
    if isinstance(value, str | os.PathLike):
        return os.fspath(value)
    return _number(value)


def parted(
    given: Mapping[str, Any], known: Iterable[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The flags of a command that are among keywords, and the numbers of the study that are."""
    known = set(known)
    of_command = {name: value for name, value in given.items() if name in known}
    return of_command, {n: v for n, v in given.items() if n not in known}

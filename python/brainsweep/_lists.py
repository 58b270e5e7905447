"""What comes along."""

from __future__ import annotations

from . import _native


def models() -> dict[str, str]:
    """The models that come along, each with what it is."""
    return dict(_native.models())


def couplings() -> list[str]:
    """The couplings that come along."""
    return _native.couplings()


def monitors() -> list[str]:
    """The monitors that come along."""
    return _native.monitors()


def studies() -> dict[str, str]:
    """The studies that come along, each with what it is."""
    return dict(_native.shipped())


def keys() -> dict[str, str]:
    """The keys of a study, each with its meaning."""
    return dict(_native.keys())

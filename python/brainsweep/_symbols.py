"""Functions of Python as the text of a model: called once, with symbols in place of numbers."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ._errors import UsageError

_FUNCTIONS = ("exp", "log", "sqrt", "sin", "cos", "tanh", "abs", "floor")
# By the names of numpy.
_UFUNCS = {
    **{name: name for name in _FUNCTIONS},
    **{"absolute": "abs", "minimum": "min", "maximum": "max", "fmin": "min", "fmax": "max"},
    **{"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "^", "negative": "neg"},
    **{"less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">=", "square": "square", "reciprocal": "reciprocal"},
}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")


class Symbol:
    """A term of an equation. Operators, numpy's functions and those of this module make new ones."""

    def __init__(self, kind: str, *parts: Any) -> None:
        self._kind = kind
        self._parts = parts

    def __add__(self, other: Any) -> Symbol:
        return _made("+", self, other)

    def __radd__(self, other: Any) -> Symbol:
        return _made("+", other, self)

    def __sub__(self, other: Any) -> Symbol:
        return _made("-", self, other)

    def __rsub__(self, other: Any) -> Symbol:
        return _made("-", other, self)

    def __mul__(self, other: Any) -> Symbol:
        return _made("*", self, other)

    def __rmul__(self, other: Any) -> Symbol:
        return _made("*", other, self)

    def __truediv__(self, other: Any) -> Symbol:
        return _made("/", self, other)

    def __rtruediv__(self, other: Any) -> Symbol:
        return _made("/", other, self)

    def __pow__(self, other: Any) -> Symbol:
        return _made("^", self, other)

    def __neg__(self) -> Symbol:
        return _made("neg", self)

    def __pos__(self) -> Symbol:
        return self

    def __abs__(self) -> Symbol:
        return _made("abs", self)

    def __lt__(self, other: Any) -> Symbol:
        return _made("<", self, other)

    def __le__(self, other: Any) -> Symbol:
        return _made("<=", self, other)

    def __gt__(self, other: Any) -> Symbol:
        return _made(">", self, other)

    def __ge__(self, other: Any) -> Symbol:
        return _made(">=", self, other)

    def __bool__(self) -> bool:
        raise UsageError("an equation cannot branch by `if`: it is read once\nhint: write bs.where(x > 0, a, b)")

    def __float__(self) -> float:
        raise UsageError("a term of an equation has no number: use operators, numpy's functions or those of bs")

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **more: Any) -> Any:
        name = _UFUNCS.get(ufunc.__name__)
        if method != "__call__" or more or name is None:
            raise UsageError(f"equations have no numpy.{ufunc.__name__}; there are {', '.join(_FUNCTIONS)}, minimum and maximum")
        if name == "square":
            return inputs[0] * inputs[0]
        return 1.0 / inputs[0] if name == "reciprocal" else _made(name, *inputs)


def _made(kind: str, *parts: Any) -> Symbol:
    return Symbol(kind, *(part if isinstance(part, Symbol) else _number(part) for part in parts))


def _number(value: Any) -> Symbol:
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise UsageError(f"an equation cannot have {value!r} as a term")
    if not np.isfinite(value):
        raise UsageError("an equation cannot have a number that is not finite")
    return Symbol("number", float(value))


def sigmoid(x: Any) -> Any:
    """`1/(1 + exp(-x))` of a term of a model's equations."""
    return _made("sigmoid", x)


def exprel(x: Any) -> Any:
    """`(exp(x) - 1)/x`, also near 0, of a term of a model's equations."""
    return _made("exprel", x)


def erfc(x: Any) -> Any:
    """The complementary error function of a term of a model's equations."""
    return _made("erfc", x)


def heaviside(x: Any) -> Any:
    """0 below 0, else 1, of a term of a model's equations."""
    return _made("heaviside", x)


def where(condition: Any, value: Any, otherwise: Any) -> Any:
    """`value` where a condition on terms holds, as `x > 0`, else `otherwise`."""
    if not isinstance(condition, Symbol) or condition._kind not in ("<", "<=", ">", ">="):
        raise UsageError("where needs a condition on terms, as x > 0")
    return _made("piecewise", condition, value, otherwise)


_BINARY = {"+": 1, "-": 1, "*": 2, "/": 2, "neg": 3, "^": 4}


class _Writer:
    """Terms as text; one that is used more than once is a definition of its own."""

    def __init__(self, taken: set[str]) -> None:
        self._uses: dict[int, int] = {}
        self._names: dict[int, str] = {}
        self._taken = taken
        self.lines: list[str] = []

    def count(self, term: Symbol) -> None:
        self._uses[id(term)] = self._uses.get(id(term), 0) + 1
        if self._uses[id(term)] == 1:
            for part in term._parts:
                if isinstance(part, Symbol):
                    self.count(part)

    def text(self, term: Symbol, least: int = 0) -> str:
        """The term, in parentheses where it binds less than `least`."""
        if id(term) in self._names:
            return self._names[id(term)]
        text, binds = self._whole(term)
        is_leaf = term._kind in ("number", "name", "<", "<=", ">", ">=")
        if self._uses.get(id(term), 0) > 1 and not is_leaf:
            name = next(name for k in range(1, 10_000) if (name := f"v{k}") not in self._taken)
            self._taken.add(name)
            self._names[id(term)] = name
            self.lines.append(f"{name} = {text}")
            return name
        return f"({text})" if binds < least else text

    def _whole(self, term: Symbol) -> tuple[str, int]:
        kind, parts = term._kind, term._parts
        if kind == "number":
            return _written(parts[0]), 3 if parts[0] < 0 else 9
        if kind == "name":
            return str(parts[0]), 9
        if kind == "neg":
            return f"-{self.text(parts[0], 4)}", 3
        if kind == "^":
            if parts[1]._kind != "number":
                raise UsageError("an exponent is a number: of a term, write exp(p*log(x))")
            return f"{self.text(parts[0], 5)}^{self.text(parts[1], 4)}", 4
        if kind in _BINARY:
            own = _BINARY[kind]
            # What stands behind keeps its parentheses: the order of operations is that of Python.
            return f"{self.text(parts[0], own)} {kind} {self.text(parts[1], own + 1)}", own
        if kind in ("<", "<=", ">", ">="):
            return f"{self.text(parts[0], 1)} {kind} {self.text(parts[1], 1)}", 0
        return f"{kind}({', '.join(self.text(part) for part in parts)})", 9


def _written(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def text_of(function: Callable[..., Any]) -> str:
    """The text of the model that a function of symbols describes.

    Its arguments in front are the states; keywords with a number are parameters with that default, those with None are inputs. It gives
    the change of each state per ms, in the states' order or by name.
    """
    states, parameters, inputs = [], {}, []
    for name, of in inspect.signature(function).parameters.items():
        if not _NAME.match(name):
            raise UsageError(f"{name!r} cannot be a name in a model: letters, digits and underscores, a letter first")
        if of.kind in (of.VAR_POSITIONAL, of.VAR_KEYWORD):
            raise UsageError("a model's function names its states, parameters and inputs one by one")
        if of.kind is not of.KEYWORD_ONLY:
            if of.default is not of.empty:
                raise UsageError(f"{name} stands before the `*`, so it is a state, and has no default\nhint: put parameters behind a `*`")
            states.append(name)
        elif of.default is None:
            inputs.append(name)
        elif isinstance(of.default, (int, float)) and not isinstance(of.default, bool):
            parameters[name] = float(of.default)
        else:
            raise UsageError(f"{name} needs a default: a number makes it a parameter, None an input")
    if not states:
        raise UsageError("a model's function has its states as first arguments: def f(x, y, *, tau=10.0, x_ext=None)")
    symbols = {name: Symbol("name", name) for name in [*states, *parameters, *inputs]}
    given = function(*(symbols[name] for name in states), **{name: symbols[name] for name in [*parameters, *inputs]})
    rates = dict(given) if isinstance(given, Mapping) else dict(zip(states, _listed(given), strict=False))
    if set(rates) != set(states) or (not isinstance(given, Mapping) and len(_listed(given)) != len(states)):
        raise UsageError(f"a model's function gives the change of each of its states: {', '.join(states)}")
    terms = {name: rate if isinstance(rate, Symbol) else _number(rate) for name, rate in rates.items()}
    writer = _Writer(set(symbols))
    for term in terms.values():
        writer.count(term)
    equations = [f"d{name}/dt = {writer.text(terms[name])}" for name in states]
    own = (function.__name__ if function.__name__ != "<lambda>" else "model").strip("_").lower().replace("_", "-")
    about = (inspect.getdoc(function) or "a model written in Python").splitlines()[0].rstrip(".")
    # Words of a summary, not of TOML.
    lines = [f"name = {json.dumps(own)}", 'family = "own"', f"summary = {json.dumps(about, ensure_ascii=False)}", ""]
    lines += ['equations = """', *writer.lines, *equations, '"""', "", "[states]"]
    lines += [f'{name} = {{ unit = "1", meaning = "state {name}" }}' for name in states]
    if parameters:
        lines += ["", "[parameters]"]
        lines += [f'{name} = {{ unit = "1", default = {value!r}, meaning = "parameter {name}" }}' for name, value in parameters.items()]
    if inputs:
        lines += ["", "[inputs]", *(f'{name} = {{ unit = "1", meaning = "input {name}" }}' for name in inputs)]
    return "\n".join(lines) + "\n"


def _listed(given: Any) -> list[Any]:
    return list(given) if isinstance(given, (list, tuple)) else [given]

"""A `Model` of neurolib as the keys of a study: its `params`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ._errors import UsageError

_Keys = dict[str, Any]


class _Model(NamedTuple):
    """A model of ours, what its parameters, constant inputs, means of noise and starts are called there, and its couplings. Where noise
    enters otherwise than ours, it has no counterpart."""

    name: str
    parameters: Mapping[str, str]
    inputs: Mapping[str, str]
    means: Mapping[str, str]
    starts: Mapping[str, str]
    couplings: Mapping[str, str]
    has_noise: bool = True


def _same(names: str, **others: str) -> dict[str, str]:
    return {**{name: name for name in names.split()}, **others}


MODELS = {
    "fhn": _Model(
        "fitzhugh-nagumo",
        _same("alpha beta gamma delta epsilon tau"),
        {"x": "x_ext", "y": "y_ext"},
        {"x": "x_ou_mean", "y": "y_ou_mean"},
        {"x": "xs_init", "y": "ys_init"},
        {"diffusive": "diffusive", "additive": "additive"},
    ),
    "hopf": _Model(
        "stuart-landau",
        _same("a w"),
        {"x": "x_ext", "y": "y_ext"},
        {"x": "x_ou_mean", "y": "y_ou_mean"},
        {"x": "xs_init", "y": "ys_init"},
        {"diffusive": "diffusive", "additive": "additive"},
    ),
    "wc": _Model(
        "wilson-cowan-neurolib",
        _same("tau_exc tau_inh c_excexc c_excinh c_inhexc c_inhinh a_exc a_inh mu_exc mu_inh"),
        {"exc": "exc_ext", "inh": "inh_ext"},
        {"exc": "exc_ou_mean", "inh": "inh_ou_mean"},
        {"exc": "exc_init", "inh": "inh_init"},
        {"": "additive"},
        has_noise=False,
    ),
}


def keys_of(model: Any) -> _Keys:
    """Everything but the connectome, from the model's name and its `params`."""
    name, params = str(model.name), dict(model.params)
    if name not in MODELS:
        raise UsageError(f"the model {name} has no counterpart; those with one are {', '.join(MODELS)}")
    ours = MODELS[name]
    coupling = str(params.get("coupling", ""))
    if coupling not in ours.couplings:
        raise UsageError(f"the coupling {coupling!r} has no counterpart; those with one are {', '.join(ours.couplings)}")
    speed = float(params["signalV"])
    return {
        "model": ours.name,
        "parameters": {mine: _values(params[theirs]) for mine, theirs in ours.parameters.items()},
        "coupling": {
            "kind": ours.couplings[coupling],
            "g": _values(params["K_gl"]),
            "conduction_speed": speed if speed > 0 else float("inf"),
            "delay_rounding": "nearest",
            "delay_reads": "x[n-d]",
        },
        "input": {mine: _values(params[theirs]) for mine, theirs in ours.inputs.items()},
        "noise": _noise(name, ours, params),
        "initial": {mine: _start(params[theirs], theirs) for mine, theirs in ours.starts.items() if theirs in params},
        "integrator": "euler",
        "protocol": {"duration": float(params["duration"]), "dt": float(params["dt"])},
        "record": {"every": float(params.get("sampling_dt") or params["dt"])},
    }


def _noise(name: str, ours: _Model, params: Mapping[str, Any]) -> _Keys:
    sigma = _values(params["sigma_ou"])
    means = {mine: _values(params[theirs]) for mine, theirs in ours.means.items()}
    is_none = not np.any(np.asarray(sigma)) and not any(np.any(np.asarray(mean)) for mean in means.values())
    if is_none:
        return {"kind": "none"}
    if ours.has_noise:
        return {
            "kind": "ornstein-uhlenbeck",
            "scheme": "euler",
            "tau": float(params["tau_ou"]),
            "sigma": dict.fromkeys(ours.means, sigma),
            "mean": means,
        }
    raise UsageError(
        f"the noise of {name} has no counterpart: neurolib adds it beside the leak, and here it goes into the sigmoid\n"
        "hint: set sigma_ou and the means of the noise to 0, and give the study noise of its own"
    )


def _start(values: Any, name: str) -> Any:
    """The state at t = 0 and before, which has to be constant."""
    rows = np.atleast_2d(np.asarray(values, float))
    if np.any(rows != rows[:, -1:]):
        raise UsageError(f"{name} changes over time, which is not translated\nhint: give it as initial.history")
    return _values(rows[:, -1])


def _values(values: Any) -> Any:
    """One number, or one for each region."""
    all_of_them = np.asarray(values, float)
    if all_of_them.ndim > 1 and min(all_of_them.shape) > 1:
        raise UsageError("an input over time is not translated\nhint: take it out, and give the study a [[stimulus]]")
    return float(all_of_them.ravel()[0]) if all_of_them.size == 1 else all_of_them.ravel().tolist()

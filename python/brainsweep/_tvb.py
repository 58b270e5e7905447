"""A `Simulator` of The Virtual Brain as the keys of a study."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ._errors import UsageError, note

_Keys = dict[str, Any]


class _Model(NamedTuple):
    """A model of ours and what each of its parameters is called there; `fixed` are theirs that ours lacks, with the value they must have."""

    name: str
    parameters: Mapping[str, str]
    fixed: Mapping[str, float] = {}
    inputs: Mapping[str, str] = {}
    states: Mapping[str, str] = {}


def _same(names: str, **others: str) -> dict[str, str]:
    return {**{name: name for name in names.split()}, **others}


MODELS = {
    "Generic2dOscillator": _Model("generic-2d-oscillator", _same("tau I a b c d e f g alpha beta gamma")),
    "Linear": _Model("linear", _same("gamma")),
    "Kuramoto": _Model("kuramoto", _same("omega")),
    "SupHopf": _Model("hopf", _same("a omega")),
    "WilsonCowan": _Model(
        "wilson-cowan-tvb",
        _same(
            "c_ee c_ei c_ie c_ii tau_e tau_i a_e b_e c_e theta_e a_i b_i theta_i c_i r_e r_i k_e k_i P Q alpha_e alpha_i shift_sigmoid"
        ),
    ),
    "MontbrioPazoRoxin": _Model(
        "montbrio-pazo-roxin-tvb", _same("tau Delta eta J cr cv"), {"Gamma": 0.0}, {"V": "I"}
    ),
    "JansenRit": _Model(
        "jansen-rit",
        _same("A B a b v0 r", e0="nu_max", C="J", p="mu", alpha_1="a_1", alpha_2="a_2", alpha_3="a_3", alpha_4="a_4"),
    ),
    "ReducedWongWang": _Model("reduced-wong-wang", _same("a b d gamma w J_N", tau_S="tau_s", I_0="I_o")),
}


class _Coupling(NamedTuple):
    """A coupling of ours and what each of its parameters is called there."""

    kind: str
    parameters: Mapping[str, str]


COUPLINGS = {
    "Linear": _Coupling("linear", _same("a b")),
    "Scaling": _Coupling("scaling", _same("a")),
    "Difference": _Coupling("diffusive", {"g": "a"}),
    "HyperbolicTangent": _Coupling("hyperbolic-tangent", _same("a b midpoint sigma")),
    "Sigmoidal": _Coupling("sigmoidal", _same("cmin cmax midpoint a sigma")),
    "SigmoidalJansenRit": _Coupling("sigmoidal-jansen-rit", _same("cmin cmax midpoint r a")),
    "Kuramoto": _Coupling("kuramoto", {"g": "a"}),
}

INTEGRATORS = {
    "EulerDeterministic": ("euler", False),
    "EulerStochastic": ("euler", True),
    "HeunDeterministic": ("heun", False),
    "HeunStochastic": ("heun", True),
    "RungeKutta4thOrderDeterministic": ("rk4", False),
}


def keys_of(simulator: Any) -> _Keys:
    """Everything but the connectome."""
    model, name = simulator.model, type(simulator.model).__name__
    if name not in MODELS:
        raise _none("model", name, MODELS)
    if getattr(simulator, "surface", None) is not None:
        raise UsageError("a surface has no counterpart: regions alone are simulated")
    if getattr(simulator, "stimulus", None) is not None:
        raise UsageError("a stimulus is not translated\nhint: take it out, and give the study a [[stimulus]]")
    ours = MODELS[name]
    for theirs, value in ours.fixed.items():
        if np.any(np.asarray(getattr(model, theirs)) != value):
            raise UsageError(f"{name}.{theirs} has no counterpart unless it is {value:g}")
    n_modes = getattr(model, "number_of_modes", 1)
    if n_modes != 1:
        raise UsageError(f"{name} has {n_modes} modes; nodes of one mode are simulated")
    integrator, has_noise = _integrator(simulator.integrator)
    dt = float(simulator.integrator.dt)
    keys: _Keys = {
        "model": ours.name,
        "parameters": {mine: _values(getattr(model, theirs)) for mine, theirs in ours.parameters.items()},
        "coupling": _coupling(simulator, name),
        "integrator": integrator,
        "noise": _noise(simulator.integrator.noise, model) if has_noise else {"kind": "none"},
        "protocol": {"duration": float(simulator.simulation_length), "dt": dt},
        **_monitors(simulator.monitors, model, dt),
    }
    if ours.inputs:
        keys["input"] = {mine: _values(getattr(model, theirs)) for mine, theirs in ours.inputs.items()}
    _note_shift(simulator, dt)
    start = _initial(simulator, model)
    if start:
        keys["initial"] = start
    return keys


def _none(what: str, name: str, known: Mapping[str, Any]) -> UsageError:
    return UsageError(f"the {what} {name} has no counterpart; those with one are {', '.join(known)}")


def _values(values: Any) -> Any:
    """One number, or one for each region."""
    all_of_them = np.asarray(values, float).ravel()
    return float(all_of_them[0]) if all_of_them.size == 1 else all_of_them.tolist()


def _integrator(integrator: Any) -> tuple[str, bool]:
    name = type(integrator).__name__
    if name not in INTEGRATORS:
        raise _none("integrator", name, INTEGRATORS)
    return INTEGRATORS[name]


def _coupling(simulator: Any, model: str) -> _Keys:
    coupling, name = simulator.coupling, type(simulator.coupling).__name__
    if name not in COUPLINGS:
        raise _none("coupling", name, COUPLINGS)
    ours = COUPLINGS[name]
    keys: _Keys = {"kind": ours.kind, "delay_rounding": "nearest", "delay_reads": "x[n-d]"}
    keys.update({mine: _values(getattr(coupling, theirs)) for mine, theirs in ours.parameters.items()})
    if ours.kind == "kuramoto":
        # Its sum is divided by the number of coupling variables, which is 1, though its words say by that of regions.
        keys["per_node"] = 0.0
    if model == "JansenRit" and name != "SigmoidalJansenRit":
        # The first of the states that its coupling may read.
        keys["source"] = "y1"
    # The Virtual Brain simulates with the speed of the simulator, not with the connectivity's own.
    keys["conduction_speed"] = float(np.asarray(simulator.conduction_speed).ravel()[0])
    return keys


def _noise(noise: Any, model: Any) -> _Keys:
    """White noise: `nsig` is half the square of sigma."""
    name = type(noise).__name__
    if name != "Additive":
        raise UsageError(f"the noise {name} has no counterpart; Additive has one")
    if float(getattr(noise, "ntau", 0.0)) != 0.0:
        raise UsageError("noise with a correlation time (ntau) has no counterpart: The Virtual Brain adds it to states")
    states = list(model.state_variables)
    nsig = np.asarray(noise.nsig, float)
    if nsig.size not in (1, len(states)):
        raise UsageError(f"nsig has {nsig.size} numbers; 1, or one for each of {len(states)} states, has a counterpart")
    sigma = np.broadcast_to(np.sqrt(2.0 * nsig.ravel()), len(states))
    return {"kind": "white", "sigma": {state: float(value) for state, value in zip(states, sigma, strict=True)}}


def _monitors(monitors: Any, model: Any, dt: float) -> _Keys:
    """What is kept: samples of states, and what monitors show of the first variable of interest."""
    watched = [str(name) for name in model.variables_of_interest]
    states = list(model.state_variables)
    unknown = [name for name in watched if name not in states]
    if unknown:
        raise UsageError(f"the variable of interest {unknown[0]!r} is no state of ours\nhint: watch some of {', '.join(states)}")
    every, others = None, []
    for one in monitors:
        name = type(one).__name__
        period = float(getattr(one, "period", None) or dt)
        if name == "Raw":
            every = dt
        elif name == "SubSample":
            every = period
        elif name == "TemporalAverage":
            others += [{"kind": "temporal-average", "tr": period, "source": source} for source in watched[:1]]
        elif name == "Bold" and type(one.hrf_kernel).__name__ == "FirstOrderVolterra":
            others += [{"kind": "hrf-volterra", "set": "tvb", "tr": period, "source": source} for source in watched[:1]]
        elif name == "ProgressLogger":
            continue
        else:
            raise UsageError(
                f"the monitor {name} has no counterpart; Raw, SubSample, TemporalAverage and Bold with FirstOrderVolterra have one"
            )
    keys: _Keys = {"record": {"states": watched if every is not None or not others else [], "every": every or dt}}
    if others:
        keys["monitor"] = others
    return keys


def _note_shift(simulator: Any, dt: float) -> None:
    """Says where samples stand at other times: The Virtual Brain counts periods from the first of its initial conditions."""
    given = getattr(simulator, "initial_conditions", None)
    before = 0.0 if given is None else (len(given) - 1) * dt
    for one in simulator.monitors:
        periods = before / float(getattr(one, "period", None) or dt)
        if abs(periods - round(periods)) > 1e-6:
            name = type(one).__name__
            note([f"samples of {name} are taken at other times: The Virtual Brain counts its periods from the first of initial_conditions"])


def _initial(simulator: Any, model: Any) -> _Keys:
    """The start, where it is given, and constant before that."""
    given = getattr(simulator, "initial_conditions", None)
    if given is None:
        ranges = {name: np.asarray(model.state_variable_range[name], float) for name in model.state_variables}
        return {name: {"uniform": [float(low), float(high)]} for name, (low, high) in ranges.items()}
    # [time, state, node, mode]
    given = np.asarray(given, float)[..., 0]
    if np.any(given != given[-1]):
        raise UsageError("initial_conditions that change over time are not translated\nhint: give them as initial.history")
    return {name: _values(given[-1, k]) for k, name in enumerate(model.state_variables)}



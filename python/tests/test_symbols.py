"""Models written as functions of Python."""

import numpy as np
import pytest

import brainsweep as bs


def fitzhugh(x, y, *, alpha=3.0, beta=4.0, gamma=-1.5, delta=0.0, epsilon=0.5, tau=20.0, x_ext=None, y_ext=None):
    """Excitable and oscillating node."""
    return {
        "y": (x - delta - epsilon * y) / tau + y_ext,
        "x": ((beta - alpha * x) * x + gamma) * x - y + x_ext,
    }


def test_a_function_has_the_bits_of_the_text_that_says_the_same():
    model = bs.Model(fitzhugh)
    assert model.name == "fitzhugh" and 'summary = "Excitable and oscillating node"' in model.text
    keys = dict(connectome=bs.hcp(), coupling=dict(kind="diffusive", g=1.0), input=dict(x=0.72), duration=20, seed=3)
    ours = bs.Study(model, **keys).simulate().numpy("x")
    theirs = bs.Study("fitzhugh-nagumo", **keys).simulate().numpy("x")
    assert ours.tobytes() == theirs.tobytes() and np.ptp(ours) > 0.01
    branches = bs.Study(model).bifurcate(x_ext=(0, 2))
    assert (branches.events.type == "hopf").sum() == 2


def test_every_operation_is_that_of_python():
    def odd(x, y, z, *, a=0.3, b=2.0, x_ext=None):
        shared = np.exp(-(x - a) ** 2 / b) - 1 / (2 - y)
        first = shared - (x - (y - z)) - 3 * -z + (a / (b / x)) + np.square(x) ** 2 + x_ext
        second = shared * bs.sigmoid(x) + np.tanh(y) * np.cos(z) - np.sin(a * x) + np.sqrt(np.abs(x) + 1) / np.log(b + 1) - np.floor(z)
        third = bs.where(x > y, np.minimum(x, 0.1), np.maximum(y, z)) + bs.heaviside(x) + bs.exprel(y) + bs.erfc(z) - abs(y) + -(x**2) + (-x) ** 3
        return first, second, third

    model = bs.Model(odd)
    assert model.text.count("exp(") == 1, "what is used twice is written once"
    rng = np.random.default_rng(8)
    from math import erfc

    for x, y, z in rng.uniform(0.05, 0.9, size=(6, 3)):
        a, b = 0.3, 2.0
        shared = np.exp(-((x - a) ** 2) / b) - 1 / (2 - y)
        expected = [
            shared - (x - (y - z)) + 3 * z + a / (b / x) + x**4 + 0.25,
            shared / (1 + np.exp(-x)) + np.tanh(y) * np.cos(z) - np.sin(a * x) + np.sqrt(x + 1) / np.log(b + 1) - np.floor(z),
            (min(x, 0.1) if x > y else max(y, z)) + 1 + np.expm1(y) / y + erfc(z) - y - x**2 - x**3,
        ]
        dt = 1e-3
        start = dict(x=x, y=y, z=z)
        study = bs.Study(model, initial=start, input=dict(x=0.25), integrator="euler", dt=dt, duration=dt, states=["x", "y", "z"])
        run = study.simulate()
        for name, rate in zip("xyz", expected, strict=True):
            step = float(run.numpy(name)[0, 0]) - start[name]
            assert step / dt == pytest.approx(rate, abs=3e-4)  # 32 bits over a step of 1e-3


def test_what_no_equation_can_be_is_said():
    def branches(x, *, tau=1.0):
        return -x if x > 0 else x / tau

    def powers(x, *, p=1.0):
        return x**p

    def too_few(x, y):
        return (x,)

    def no_default(x, *, tau):
        return -x / tau

    def parameter_in_front(x, tau=10.0):
        return -x / tau

    def number(x):
        return float(x)

    def unknown(x):
        return np.arctan(x)

    def typo(x, *, tau=1.0):
        return "-x/tau"

    for function, words in [
        (branches, "bs.where"),
        (powers, "exponent"),
        (too_few, "x, y"),
        (no_default, "tau needs a default"),
        (parameter_in_front, "behind a `\\*`"),
        (number, "has no number"),
        (unknown, "no numpy.arctan"),
        (typo, "as a term"),
        (lambda: 0.0, "first arguments"),
        (lambda x, *rest: -x, "one by one"),
    ]:
        with pytest.raises(bs.UsageError, match=words):
            bs.Model(function)

"""Configurations of The Virtual Brain and neurolib as studies: against numpy here, against the programs where they are installed."""

from types import SimpleNamespace

import numpy as np
import pytest

import brainsweep as bs

WEIGHTS = np.array([[0.0, 0.5, 0.2], [0.3, 0.0, 0.1], [0.7, 0.4, 0.0]])
LENGTHS = np.array([[0.0, 10.0, 31.0], [10.0, 0.0, 22.0], [31.0, 22.0, 0.0]])


def made(name, **attributes):
    """An object whose class has this name, as the translation knows those of other programs."""
    return type(name, (), attributes)()


def simulator(**changes):
    """What a Simulator of The Virtual Brain has: a linear model, coupled with delays."""
    model = made(
        "Linear",
        gamma=np.array([-0.2]),
        state_variables=("x",),
        variables_of_interest=("x",),
        state_variable_range={"x": np.array([-1.0, 1.0])},
        number_of_modes=1,
    )
    return SimpleNamespace(
        **{
            "model": model,
            "connectivity": SimpleNamespace(weights=WEIGHTS, tract_lengths=LENGTHS, region_labels=np.array(["a", "b", "c"])),
            "conduction_speed": 4.0,
            "coupling": made("Linear", a=np.array([0.15]), b=np.array([0.02])),
            "integrator": made("EulerDeterministic", dt=0.5),
            "monitors": (made("Raw", period=0.5),),
            "initial_conditions": np.array([0.3, -0.2, 0.9]).reshape(1, 1, 3, 1),
            "simulation_length": 40.0,
            "stimulus": None,
            "surface": None,
            **changes,
        }
    )


def test_a_simulator_becomes_a_study_that_runs_as_numpy_does():
    run = bs.Study.from_tvb(simulator()).simulate()
    steps = np.rint(LENGTHS / 4.0 / 0.5).astype(int)
    x = [np.array([0.3, -0.2, 0.9])]
    for n in range(80):
        late = np.array([[x[max(0, n - steps[i, j])][j] for j in range(3)] for i in range(3)])
        coupling = 0.15 * (WEIGHTS * late).sum(axis=1) + 0.02
        x.append(x[n] + 0.5 * (-0.2 * x[n] + coupling))
    assert run.numpy("x").shape == (80, 3)
    np.testing.assert_allclose(run.numpy("x"), x[1:], atol=1e-6)
    assert list(run.x.coords["node"].values) == ["a", "b", "c"]


def test_noise_monitors_and_starts_are_translated():
    noise = made("Additive", nsig=np.array([0.02]), ntau=0.0)
    monitors = (made("SubSample", period=2.0), made("TemporalAverage", period=1.0), made("ProgressLogger", period=100.0))
    integrator = made("HeunStochastic", dt=0.5, noise=noise)
    study = bs.Study.from_tvb(simulator(integrator=integrator, monitors=monitors, initial_conditions=None))
    said = study.to_dict()
    assert said["integrator"] == "heun" and said["noise"]["kind"] == "white"
    assert study["noise.sigma.x"] == pytest.approx(np.sqrt(2 * 0.02))
    assert study["record.every"] == 2.0 and study["duration"] == 40.0
    run = study.simulate()
    assert run.numpy("x").shape == (20, 3) and run.numpy("average").shape == (40, 3)
    start = run.numpy("x")[0]
    assert len(set(start)) == 3


def test_samples_at_other_times_are_noted():
    given = np.tile(np.array([0.3, -0.2, 0.9]).reshape(1, 1, 3, 1), (4, 1, 1, 1))
    monitors = (made("SubSample", period=2.0),)
    with pytest.warns(bs.Note, match="samples of SubSample"):
        bs.Study.from_tvb(simulator(initial_conditions=given, monitors=monitors))
    bs.Study.from_tvb(simulator(initial_conditions=given[:1], monitors=monitors))


def test_what_has_no_counterpart_is_named():
    model = simulator().model
    odd = made("Epileptor3D", **{name: getattr(model, name) for name in ("state_variables", "variables_of_interest")})
    many = made("Linear", **{**{n: getattr(model, n) for n in ("gamma", "state_variables", "variables_of_interest")}, "number_of_modes": 3})
    coloured = made("EulerStochastic", dt=0.5, noise=made("Additive", nsig=np.array([0.1]), ntau=5.0))
    for changes, words in [
        ({"model": odd}, "the model Epileptor3D has no counterpart"),
        ({"model": many}, "3 modes"),
        ({"coupling": made("Sine", a=1.0)}, "the coupling Sine has no counterpart"),
        ({"integrator": made("VODE", dt=0.1)}, "the integrator VODE has no counterpart"),
        ({"integrator": coloured}, "ntau"),
        ({"monitors": (made("EEG", period=1.0),)}, "the monitor EEG has no counterpart"),
        ({"stimulus": object()}, "stimulus"),
        ({"surface": object()}, "surface"),
        ({"initial_conditions": np.arange(6.0).reshape(2, 1, 3, 1)}, "change over time"),
    ]:
        with pytest.raises(bs.UsageError, match=words):
            bs.Study.from_tvb(simulator(**changes))


def neurolib_model(**changes):
    params = {
        **dict(alpha=3.0, beta=4.0, gamma=-1.5, delta=0.0, epsilon=0.5, tau=20.0),
        **dict(x_ext=np.array([0.7, 0.8, 0.9]), y_ext=0.0, x_ou_mean=0.0, y_ou_mean=0.0),
        **dict(coupling="diffusive", K_gl=0.6, signalV=20.0, sigma_ou=0.0, tau_ou=5.0, dt=0.1, duration=30.0),
        **dict(Cmat=WEIGHTS, lengthMat=LENGTHS, xs_init=np.array([[0.1], [0.2], [0.3]]), ys_init=np.array([[0.0], [0.1], [0.2]])),
    }
    return SimpleNamespace(name="fhn", params={**params, **changes})


def test_params_of_neurolib_become_a_study_that_runs_as_numpy_does():
    study = bs.Study.from_neurolib(neurolib_model())
    run = study.set(states=["x", "y"]).simulate()
    steps = np.around(LENGTHS / 20.0 / 0.1).astype(int)
    x, y = [np.array([0.1, 0.2, 0.3])], [np.array([0.0, 0.1, 0.2])]
    for n in range(300):
        late = np.array([[x[max(0, n - steps[i, j])][j] for j in range(3)] for i in range(3)])
        coupling = 0.6 * (WEIGHTS * (late - x[n][:, None])).sum(axis=1)
        dx = -3 * x[n] ** 3 + 4 * x[n] ** 2 - 1.5 * x[n] - y[n] + coupling + [0.7, 0.8, 0.9]
        dy = (x[n] - 0.5 * y[n]) / 20
        x.append(x[n] + 0.1 * dx)
        y.append(y[n] + 0.1 * dy)
    np.testing.assert_allclose(run.numpy("x"), x[1:], atol=2e-5)
    np.testing.assert_allclose(run.numpy("y"), y[1:], atol=2e-5)


def test_what_neurolib_has_and_we_have_not_is_named():
    with pytest.raises(bs.UsageError, match="the model aln has no counterpart"):
        bs.Study.from_neurolib(SimpleNamespace(name="aln", params={}))
    with pytest.raises(bs.UsageError, match="the coupling 'odd' has no counterpart"):
        bs.Study.from_neurolib(neurolib_model(coupling="odd"))
    with pytest.raises(bs.UsageError, match="xs_init changes over time"):
        bs.Study.from_neurolib(neurolib_model(xs_init=np.arange(6.0).reshape(3, 2)))
    with pytest.raises(bs.UsageError, match="input over time"):
        bs.Study.from_neurolib(neurolib_model(x_ext=np.ones((3, 300)) * np.arange(300)))


TVB_CASES = [
    *[("Generic2dOscillator", "Linear", integrator) for integrator in ("EulerDeterministic", "HeunDeterministic", "RungeKutta4thOrderDeterministic")],
    ("Generic2dOscillator", "Difference", "HeunDeterministic"),
    ("Generic2dOscillator", "Sigmoidal", "EulerDeterministic"),
    ("Generic2dOscillator", "HyperbolicTangent", "EulerDeterministic"),
    ("Linear", "Scaling", "HeunDeterministic"),
    ("Kuramoto", "Kuramoto", "EulerDeterministic"),
    ("SupHopf", "Linear", "HeunDeterministic"),
    ("WilsonCowan", "Linear", "HeunDeterministic"),
    ("MontbrioPazoRoxin", "Linear", "HeunDeterministic"),
    ("JansenRit", "SigmoidalJansenRit", "HeunDeterministic"),
    ("JansenRit", "Linear", "HeunDeterministic"),
    ("ReducedWongWang", "Linear", "HeunDeterministic"),
]


def wiring(lab):
    """Five regions as The Virtual Brain has them, and more random numbers."""
    rng = np.random.default_rng(3)
    n = 5
    weights = rng.uniform(size=(n, n)) * (1 - np.eye(n))
    lengths = rng.uniform(1, 40, size=(n, n))
    lengths += lengths.T
    connectivity = lab.connectivity.Connectivity(
        weights=weights,
        tract_lengths=lengths,
        centres=np.zeros((n, 3)),
        region_labels=np.array([f"r{k}" for k in range(n)]),
        speed=np.array([4.0]),
    )
    connectivity.configure()
    return connectivity, rng


@pytest.mark.parametrize(("model", "coupling", "integrator"), TVB_CASES, ids=["-".join(case) for case in TVB_CASES])
def test_the_virtual_brain_simulates_the_same(model, coupling, integrator):
    lab = pytest.importorskip("tvb.simulator.lab")
    connectivity, rng = wiring(lab)
    n = 5
    of = getattr(lab.models, model)()
    of.variables_of_interest = list(of.state_variables)
    spans = [of.state_variable_range[name] for name in of.state_variables]
    start = np.array([low + (high - low) * rng.uniform(0.3, 0.6, size=n) for low, high in spans])
    dt = 0.1
    horizon = int(np.rint(connectivity.tract_lengths.max() / 4.0 / dt)) + 2
    theirs = lab.simulator.Simulator(
        model=of,
        connectivity=connectivity,
        conduction_speed=4.0,
        coupling=getattr(lab.coupling, coupling)(),
        integrator=getattr(lab.integrators, integrator)(dt=dt),
        monitors=(lab.monitors.Raw(),),
        initial_conditions=np.tile(start[None, :, :, None], (horizon, 1, 1, 1)),
        simulation_length=30.0,
    )
    ours = bs.Study.from_tvb(theirs).simulate()
    theirs.configure()
    ((_, raw),) = theirs.run()
    for k, name in enumerate(of.state_variables):
        expected, found = raw[:, k, :, 0], ours.numpy(name)
        assert found.shape == expected.shape
        if model == "Kuramoto":
            # Phases are wrapped here.
            expected, found = np.exp(1j * expected), np.exp(1j * found.astype(float))
        scale = np.abs(expected).max() or 1.0
        # 32 bits here, 64 there.
        assert np.abs(found - expected).max() < 2e-4 * scale, name


def test_monitors_of_the_virtual_brain_show_the_same():
    lab = pytest.importorskip("tvb.simulator.lab")
    connectivity, rng = wiring(lab)
    of = lab.models.Generic2dOscillator(variables_of_interest=["V"])
    start = rng.uniform(-0.5, 0.5, size=(2, 5))
    theirs = lab.simulator.Simulator(
        model=of,
        connectivity=connectivity,
        conduction_speed=4.0,
        coupling=lab.coupling.Linear(a=np.array([0.01])),
        integrator=lab.integrators.HeunDeterministic(dt=0.5),
        monitors=(lab.monitors.SubSample(period=5.0), lab.monitors.TemporalAverage(period=10.0), lab.monitors.Bold(period=500.0)),
        initial_conditions=np.tile(start[None, :, :, None], (1001, 1, 1, 1)),
        simulation_length=3000.0,
    )
    ours = bs.Study.from_tvb(theirs).simulate()
    theirs.configure()
    (_, sampled), (_, averaged), (_, bold) = theirs.run()
    for name, expected in [("V", sampled), ("average", averaged), ("bold", bold)]:
        expected, found = expected[:, 0, :, 0], ours.numpy(name)
        assert found.shape == expected.shape, name
        assert np.abs(found - expected).max() < 2e-4 * np.abs(expected).max(), name


@pytest.mark.parametrize(("name", "coupling"), [("fhn", "diffusive"), ("fhn", "additive"), ("hopf", "diffusive"), ("wc", None)])
def test_neurolib_simulates_the_same(name, coupling):
    pytest.importorskip("neurolib")
    import importlib

    kind = {"fhn": "FHNModel", "hopf": "HopfModel", "wc": "WCModel"}[name]
    of = getattr(importlib.import_module(f"neurolib.models.{name}"), kind)
    model = of(Cmat=WEIGHTS, Dmat=LENGTHS, seed=1)
    model.params["sigma_ou"] = 0.0
    model.params["duration"] = 30.0
    if coupling:
        model.params["coupling"] = coupling
    ours = bs.Study.from_neurolib(model)
    states = {"wc": ["exc", "inh"]}.get(name, ["x", "y"])
    run = ours.set(states=states).simulate()
    model.run()
    for state, output in zip(states, model.output_vars, strict=True):
        found, expected = run.numpy(state), np.asarray(model.outputs[output]).T
        assert np.abs(found - expected).max() < 2e-4 * np.abs(expected).max(), state

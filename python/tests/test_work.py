"""Sweeps, fits, continuation; Ctrl-C; failures keep what is there."""

import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import brainsweep as bs


def test_a_sweep_has_theta_x_and_mask(tmp_path):
    study = bs.Study(duration=50)
    g = np.linspace(0.5, 1.5, 3)
    sweep = study.sweep({"input.x": (0.6, 0.8, 2)}, g=g, seeds=2, out="s.zarr")
    assert sweep.axes == ["input.x", "coupling.g"]
    assert sweep.theta.shape == (12, 2) and sweep.mask.all()
    np.testing.assert_array_equal(np.unique(sweep.theta[:, 1]), g)
    # The last dimension is the seed: rows 0 and 1 are one point.
    np.testing.assert_array_equal(sweep.theta[0], sweep.theta[1])
    column = sweep.x_names.index("mean_score")
    np.testing.assert_array_equal(sweep.x[:, column], sweep.numpy("mean_score").reshape(-1))
    # Each row is what a sweep of that point alone gives.
    x, point = sweep.x[5, column], sweep.theta[5]
    one = study.set({"input.x": point[0]}).sweep(g=[point[1], 9.0], seeds=2, out="one.zarr")
    assert one.numpy("mean_score")[0, 1] == x
    # It goes on where it stopped: nothing is left to do.
    again = study.sweep({"input.x": (0.6, 0.8, 2)}, g=g, seeds=2, out="s.zarr")
    assert again.x.tobytes() == sweep.x.tobytes()
    with pytest.raises(bs.UsageError, match="input.x"):
        study.sweep(g=g, out="s.zarr")


def test_drawn_points_have_one_dimension(tmp_path):
    sweep = bs.Study(duration=50).sweep(
        g=(0.5, 1.5), input=(0.6, 0.8), sample="sobol:4", out="s.zarr"
    )
    assert sweep.theta.shape == (4, 2)
    assert ((sweep.theta > [0.5, 0.6]) & (sweep.theta < [1.5, 0.8])).mean() > 0.7


def test_points_may_have_seeds_of_their_own(tmp_path):
    study = bs.Study(duration=50, seed=3)
    sweep = study.sweep(g=[0.5, 1.0], seeds=2, own_seeds=True, out="s.zarr", backend="cpu")
    assert sweep.dims("mean_score") == sweep.dims("seed") == ("coupling.g", "replica")
    np.testing.assert_array_equal(sweep.seed, [[3, 4], [5, 6]])
    assert sweep.theta.shape == (4, 1) and sweep.mask.all()
    # The second point alone, from its first seed on.
    alone = study.set(seed=5).sweep(g=[1.0], seeds=2, out="one.zarr", backend="cpu")
    np.testing.assert_array_equal(alone.numpy("mean_score")[0], sweep.numpy("mean_score")[1])
    with pytest.raises(AttributeError, match="nothing here is called 'seeds'; there are .*status"):
        sweep.seeds


def test_flags_that_do_not_apply_are_refused_as_on_the_command_line(tmp_path):
    pair = bs.Study("fitzhugh-nagumo", connectome=bs.Connectome(weights=[[0, 1], [1, 0]]), duration=50)
    with pytest.raises(bs.UsageError, match="nothing is scored"):
        pair.sweep(g=[0.5, 1.0], step_error=True, out="s.zarr")
    with pytest.raises(bs.UsageError, match="nowhere"):
        bs.Study(duration=50).fit(free=dict(g=(0, 1)), start="nowhere", out="f")


def test_features_are_x_where_they_are_kept(tmp_path):
    study = bs.Study(duration=50)
    sweep = study.sweep(g=[0.5, 1.0], keep=["features"], out="s.zarr", backend="cpu")
    assert sweep.x.shape == (2, len(sweep.x_names)) and len(sweep.x_names) > 5
    column = sweep.x_names.index("mean_score") if "mean_score" in sweep.x_names else None
    np.testing.assert_array_equal(sweep.x, sweep.numpy("features")[:, 0])
    if column is not None:
        np.testing.assert_array_equal(sweep.x[:, column], sweep.numpy("mean_score")[:, 0])


def test_a_fit_finds_what_is_known(tmp_path):
    network = bs.Study(duration=100, transient=50)
    fit = network.fit(
        free=dict(g=(0.1, 1.0)), objective="-abs(mean - 0.1)", runs=32, finalists=1, held_out=2
    )
    best = fit.best()
    assert list(best) == ["coupling.g"] and 0.1 <= best["coupling.g"] <= 1.0
    reached = network.set(**best)
    assert reached["g"] == best["coupling.g"]
    assert "objective" in fit.report and fit.path.name == "hcp_network-fit-1"
    again = bs.open(fit.path)
    assert again.best() == best and list(again) == list(fit)
    assert again.result == fit.result and "point: " in repr(again)
    # What a stopped fit or an earlier version leaves is named.
    (fit.path / "zarr.json").unlink()
    with pytest.raises(bs.UsageError, match="a fit without its candidates"):
        bs.open(fit.path)


def test_candidates_are_draws_and_features_as_those_of_a_sweep(tmp_path):
    study = bs.Study(duration=50)
    free = {"g": (0.5, 1.5), "parameters.tau": (10.0, 40.0, "log")}
    fit = study.fit(free, method="sobol", runs=36, replicas=2, finalists=1, held_out=2, out="f")
    n = len(fit.numpy("generation"))
    assert fit.axes == ["coupling.g", "parameters.tau"] and fit.theta.shape == (2 * n, 2)
    assert fit.prior == [
        dict(name="coupling.g", low=0.5, high=1.5, scale="linear"),
        dict(name="parameters.tau", low=10.0, high=40.0, scale="log"),
    ]
    assert fit.mask.all() and fit.x.shape == (2 * n, len(fit.x_names))
    np.testing.assert_array_equal(fit.theta[::2, 0], fit.numpy("coupling.g"))
    # A sweep of the same points has the same features.
    points = {key: list(fit.theta[::2, k]) for k, key in enumerate(fit.axes)}
    sweep = study.sweep(points, zip=True, seeds=2, keep=["features"], out="s")
    assert sweep.x_names == fit.x_names and sweep.axes == fit.axes
    np.testing.assert_allclose(sweep.x, fit.x, rtol=1e-13, atol=1e-15)
    np.testing.assert_array_equal(sweep.theta, fit.theta)
    score = fit.numpy("score")
    assert fit.dims("score") == ("point", "seed", "subject") and score.shape == (n, 2, 7)
    np.testing.assert_array_equal(score.reshape(2 * n, 7), fit.x[:, :7])
    objective = score.mean(axis=(1, 2))
    np.testing.assert_allclose(fit.numpy("objective"), objective, atol=1e-14)
    assert fit.objective.coords["coupling.g"].dims == ("point",)
    assert fit.numpy("restart").tolist() == [-1] * n


def test_numbers_that_follow_from_an_axis_are_no_columns(tmp_path):
    sweep = bs.Study(duration=50).sweep({"alpha,beta=2*alpha": [1.0, 2.0]}, out="s")
    assert sweep.axes == ["parameters.alpha"] and sweep.theta.tolist() == [[1.0], [2.0]]


def test_each_subject_has_numbers_of_its_own(ring, tmp_path):
    study = bs.Study(
        "fitzhugh-nagumo", connectome=ring, duration=200, noise=dict(sigma=dict(x=0.05)), input=0.7
    )
    fit = study.fit(dict(g=(0.0, 1.0)), each_subject=True, runs=32, finalists=1, held_out=2)
    assert set(fit.best(0)) == set(fit.best(1)) == {"coupling.g"}
    with pytest.raises(ValueError, match="subject 5"):
        fit.best(5)
    assert (fit.path / "best-subject-1.toml").exists()
    assert bs.Study(fit.path / "best-subject-1.toml")["g"] == fit.best(1)["coupling.g"]


def test_branches_have_the_bifurcations_of_the_command_line(tmp_path):
    d = bs.Study("fitzhugh-nagumo").bifurcate(x_ext=(0, 2), out="there")
    header, rows = d._tables["events"]
    hopf = [row for row in rows if row[header.index("type")] == "hopf"]
    x_ext = sorted(float(row[header.index("x_ext")]) for row in hopf)
    # The tutorial's node begins to oscillate at 0.726.
    assert abs(x_ext[0] - 0.726) < 1e-3
    again = bs.open(tmp_path / "there")
    assert again._tables["events"] == d._tables["events"]
    with pytest.raises(bs.UsageError, match="one number varies"):
        bs.Study("fitzhugh-nagumo").bifurcate()


def test_what_diverged_is_in_the_exception(tmp_path):
    study = bs.Study("hcp_network", dt=20, every=20, duration=2000, g=50)
    with pytest.raises(bs.NumericsError, match="diverged") as raised:
        study.simulate()
    partial = raised.value.partial
    assert isinstance(partial, bs.Run) and raised.value.exit_code == 4
    assert np.isfinite(partial.numpy("x")).all()
    assert "partial" in str(raised.value)


def interrupt_after(seconds):
    threading.Timer(seconds, os.kill, [os.getpid(), signal.SIGINT]).start()


def test_ctrl_c_keeps_what_is_there(tmp_path):
    study = bs.Study("hcp_network", duration=1e6, every=10)
    before = signal.getsignal(signal.SIGINT)
    interrupt_after(0.5)
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt) as raised:
        study.simulate()
    assert time.monotonic() - start < 5
    assert isinstance(raised.value, bs.Interrupted) and raised.value.exit_code == 130
    partial = raised.value.partial
    assert 0 < len(partial.numpy("t")) < 100_000 and partial.manifest["interrupted"]
    assert signal.getsignal(signal.SIGINT) is before


def test_a_sweep_goes_on_after_ctrl_c(tmp_path):
    study = bs.Study("hcp_network", duration=3000)
    ask = dict(g=np.linspace(0.1, 2, 500), out="s.zarr", backend="cpu")
    interrupt_after(0.5)
    with pytest.raises(bs.Interrupted) as raised:
        study.sweep(**ask)
    assert isinstance(raised.value.partial, bs.Sweep)
    assert (raised.value.partial.numpy("status") == 0).any()


def test_other_threads_run_while_work_goes_on(tmp_path):
    ticks = []
    stop = threading.Event()

    def tick():
        while not stop.wait(0.01):
            ticks.append(None)

    threading.Thread(target=tick).start()
    bs.Study("hcp_network", duration=3000).simulate()
    stop.set()
    assert len(ticks) > 5


def test_the_import_is_quick_and_opens_nothing():
    script = """
import sys, time, signal
before = signal.getsignal(signal.SIGINT)
import numpy
start = time.process_time()
import brainsweep
assert time.process_time() - start < 0.2, time.process_time() - start
assert not {'xarray', 'pandas', 'matplotlib', 'tqdm'} & set(sys.modules)
assert signal.getsignal(signal.SIGINT) is before
maps = open('/proc/self/maps').read() if sys.platform == 'linux' else ''
assert 'vulkan' not in maps
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_no_handler_of_signals_is_installed_by_work():
    script = """
import brainsweep as bs
caught = lambda: [l for l in open('/proc/self/status') if l.startswith(('SigCgt', 'SigIgn'))]
before = caught()
bs.Study('hcp_network', duration=20).simulate()
bs.Study('hcp_network', duration=20).sweep(g=[0.5, 1.0], out='s.zarr')
assert caught() == before, (before, caught())
"""
    if sys.platform == "linux":
        subprocess.run([sys.executable, "-c", script], check=True)

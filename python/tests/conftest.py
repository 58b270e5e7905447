import signal

import numpy as np
import pytest

import brainsweep as bs

# What a shell runs in the background ignores Ctrl-C, which some tests send.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _somewhere(tmp_path, monkeypatch):
    """Results without a place go to out/ of the working folder."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def short():
    """The tutorial, 0.2 s of it."""
    return bs.Study("hcp_network", duration=200, transient=100)


@pytest.fixture
def ring():
    """Six regions in a ring, measured in two people."""
    weights = np.roll(np.eye(6), 1, axis=1) + np.roll(np.eye(6), -1, axis=1)
    lengths = 10.0 * weights
    measured = np.corrcoef(np.random.default_rng(1).normal(size=(6, 40)))
    other = np.corrcoef(np.random.default_rng(2).normal(size=(6, 40)))
    return bs.Connectome(weights, lengths, [measured, other], list("abcdef"))

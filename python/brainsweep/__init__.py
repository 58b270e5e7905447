"""Whole-brain networks of neural mass models, on CPU and GPU with the same bits.

    import brainsweep as bs

    study = bs.Study("hcp_network", coupling=dict(g=1.2), seed=3)
    run = study.simulate()
    run.mean_score, run.fc

Times are in ms, lengths in mm, speeds in mm/ms. `bs.keys()` lists what can be said of a study.
"""

import os as _os

# Mesa's layer that sorts devices by their display writes to stderr where there is none. We sort them ourselves.
_os.environ.setdefault("NODEVICE_SELECT", "1")

from ._connectome import Connectome, hcp
from ._errors import (
    Bug,
    DeviceError,
    DiskError,
    Error,
    Interrupted,
    Note,
    NumericsError,
    UsageError,
)
from ._fit import Fit
from ._lists import couplings, keys, models, monitors, studies
from ._model import Model
from ._native import version as __version__
from ._open import open
from ._results import Bifurcations, Results, Run
from ._study import Study, simulate
from ._sweep import Sweep
from ._symbols import erfc, exprel, heaviside, sigmoid, where

__all__ = [
    "Bifurcations",
    "Bug",
    "Connectome",
    "DeviceError",
    "DiskError",
    "Error",
    "Fit",
    "Interrupted",
    "Model",
    "Note",
    "NumericsError",
    "Results",
    "Run",
    "Study",
    "Sweep",
    "UsageError",
    "__version__",
    "couplings",
    "erfc",
    "exprel",
    "hcp",
    "heaviside",
    "keys",
    "models",
    "monitors",
    "open",
    "sigmoid",
    "simulate",
    "studies",
    "where",
]

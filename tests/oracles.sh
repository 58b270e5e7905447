#!/usr/bin/env bash
# Damaged inputs that the program accepts are read the same by Python's tomllib, numpy and scipy. Needs Python 3.11 or later and PyPI.
#
#     bash tests/oracles.sh [SECONDS [SEED]]
set -euo pipefail
cd "$(dirname "$0")/.."

home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
# tests/xarray.sh, which runs before, sees to it that Python can make virtual environments.
python3 -m venv "$home/venv"
"$home/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 scipy==1.17.1

cargo run --release --example fuzz -- "${1:-20}" "${2:-3}" "$home/kept"
"$home/venv/bin/python" tests/oracles.py "$home/kept"

#!/usr/bin/env bash
# Builds the wheel, installs it in a fresh environment, and runs there: the package's tests, its types and those of the examples,
# the examples, the notebooks. Needs Python 3.10 or later and a network for pip; installs Debian's python3-venv and chromium where
# they are missing.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
home=$PWD/target/python

"$python" -c 'import ensurepip, venv' 2>/dev/null || bash tests/debian.sh python3-venv
# The pages of results are tested in a browser; without one these tests are skipped.
if ! command -v chromium >/dev/null && command -v apt-get >/dev/null; then
    bash tests/debian.sh chromium >/dev/null || echo "No Chromium here: the pages of results are not tested."
fi
mkdir -p "$home"
[ -x "$home/tools/bin/maturin" ] || {
    "$python" -m venv "$home/tools"
    "$home/tools/bin/pip" install -q 'maturin>=1.9.4,<2'
}
rm -rf "$home/wheels" "$home/env"
# The library is the program's, built already where its tests ran.
"$home/tools/bin/maturin" build --quiet --release --out "$home/wheels" --interpreter "$python"
"$python" -m venv "$home/env"
in_env=$home/env/bin
# The wheel asks for numpy alone; the rest is for the tests.
"$in_env/pip" install -q "$home"/wheels/brainsweep-*.whl
"$in_env/pip" install -q pytest mypy nbclient ipykernel xarray zarr pandas matplotlib tqdm

# The crate itself, whose bits are compared with those of the package; built already where the program's tests ran.
cargo build --quiet --release --example bits
"$in_env/python" -m pytest -q python/tests
"$in_env/python" -m mypy python/brainsweep python/examples
mkdir -p "$home/somewhere"
for example in "$PWD"/python/examples/*.py; do
    rm -rf "$home/somewhere/"*
    (cd "$home/somewhere" && "$in_env/python" "$example")
done
"$in_env/python" python/run_notebooks.py

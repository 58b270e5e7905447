"""Runs every notebook from its first cell to its last in a folder of its own, and says how long each took."""

import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

for path in sorted((Path(__file__).parent / "notebooks").glob("*.ipynb")):
    notebook = nbformat.read(path, as_version=4)
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": folder}})
        client.execute()
    print(f"{path.name}: {time.monotonic() - start:.1f} s", flush=True)
    if len(sys.argv) > 1:
        # With a folder: what it shows is kept there.
        nbformat.write(notebook, Path(sys.argv[1]) / path.name)

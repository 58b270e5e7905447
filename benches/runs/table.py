"""Prints the Markdown table of RESULTS.md that belongs to one file of `brainsweep bench --json`.

    python3 benches/runs/table.py benches/runs/2026-11-30-epyc/kernels.json

A cell is the time of one run of 60 000 steps in milliseconds: wall time divided by replicas.
"""

import json
import sys

COLUMNS = {
    ("own", False): "own",
    ("own", True): "own, moments",
    ("common", False): "common",
    ("common", True): "common, moments",
}

rows = {}
for entry in json.load(open(sys.argv[1])):
    row = tuple(entry[name] for name in ("kernel", "n_nodes", "max_lag", "replicas", "threads"))
    rows.setdefault(row, {})[entry["seeds"], entry["moments"]] = entry["ms_per_run"]

print("| kernel | nodes | longest delay, steps | replicas | threads |", " | ".join(COLUMNS.values()), "|")
print("|---" * (5 + len(COLUMNS)) + "|")
for row, times in rows.items():
    cells = [f"{times[column]:#.3g}".rstrip(".") if column in times else "" for column in COLUMNS]
    print("|", " | ".join(map(str, row)), "|", " | ".join(cells), "|")

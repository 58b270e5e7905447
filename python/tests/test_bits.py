"""A run has the same bits from Python, from the command line, from the crate, and whatever else runs beside it."""

import re
import subprocess
import sysconfig
from pathlib import Path

import numpy as np
import pytest

import brainsweep as bs

PROGRAM = Path(sysconfig.get_path("scripts")) / "brainsweep"


def program(*arguments, **options):
    return subprocess.run(
        [PROGRAM, *arguments], check=True, capture_output=True, text=True, **options
    )


def test_python_and_the_command_line_leave_the_same_arrays(short, tmp_path):
    run = short.set(g=1.2).simulate(seed=3)
    keys = ["duration=200", "transient=100", "g=1.2"]
    sets = [word for key in keys for word in ("--set", key)]
    program("simulate", *sets, "--seed", "3", "--out", "there")
    there = bs.open(tmp_path / "there")
    assert list(there) == list(run)
    assert there.numpy("x").shape == (2000, 80)
    for name in run:
        mine, theirs = run.numpy(name), there.numpy(name)
        assert mine.dtype == theirs.dtype
        assert mine.tobytes() == theirs.tobytes(), name
        assert run.dims(name) == there.dims(name)
        assert run.units(name) == there.units(name)
    assert run.labels == there.labels
    assert run.manifest["study"] == there.manifest["study"]


def test_python_the_command_line_and_the_crate_give_the_same_bits(short, tmp_path):
    example = Path(__file__).parents[2] / "target/release/examples/bits"
    if not example.exists():
        pytest.skip("needs cargo build --release --example bits, which python/test.sh does")
    keys = ["duration=200", "transient=100", "g=1.2", "protocol.seed=3"]
    subprocess.run([example, "crate", "hcp_network", *keys], check=True)
    sets = [word for key in keys for word in ("--set", key)]
    program("simulate", *sets, "--backend", "cpu", "--out", "there")
    there = bs.open(tmp_path / "there")
    run = short.set(g=1.2).simulate(seed=3, backend="cpu")
    bits = (tmp_path / "crate").read_bytes()
    assert len(bits) == 4 * 2000 * 80 + 8 * 80 * 80
    for of in (run, there):
        assert of.numpy("x").astype("<f4").tobytes() + of.numpy("fc").astype("<f8").tobytes() == bits


def test_a_folder_that_python_leaves_is_that_of_the_command_line(short, tmp_path):
    short.simulate(out="mine")
    program(
        "simulate", "--set", "duration=200", "--set", "transient=100", "--out", "theirs"
    )
    names = lambda folder: sorted(file.name for file in Path(folder).iterdir())
    assert names("mine") == names("theirs")
    for name in names("mine"):
        if name not in ("manifest.json", "report.html"):
            assert (Path("mine") / name).read_bytes() == (Path("theirs") / name).read_bytes()


    # The page of the command line knows how it calls the study.
    mine, theirs = [
        re.sub(r'"study_words":\[[^\]]*\]', "", (Path(folder) / "report.html").read_text())
        for folder in ("mine", "theirs")
    ]
    assert mine == theirs and len(mine) > 1e5


def test_studies_side_by_side_have_the_bits_that_they_have_alone(short):
    studies = [short.set(g=g, seed=seed) for g, seed in [(0.5, 1), (1.0, 2), (1.5, 3)]]
    together = bs.simulate(studies)
    for study, run in zip(studies, together, strict=True):
        alone = study.simulate()
        assert alone.numpy("x").tobytes() == run.numpy("x").tobytes()
        assert alone.numpy("fc").tobytes() == run.numpy("fc").tobytes()


def test_samples_are_not_copied(short):
    run = short.set(states=["x", "y"]).simulate()
    x, y = run.numpy("x"), run.numpy("y")
    assert x.dtype == np.float32
    # Both states are views of the memory that the engine filled.
    owner = lambda array: owner(array.base) if isinstance(array.base, np.ndarray) else array
    assert owner(x) is owner(y)
    assert type(owner(x).base).__name__ == "Buffer"
    assert np.shares_memory(x, run["x"].values if hasattr(run["x"], "values") else run["x"])


def test_a_store_is_the_same_from_both(tmp_path):
    study = bs.Study(duration=50)
    sweep = study.sweep(g=[0.5, 1.0], seeds=2, out="mine")
    program(
        "sweep", "--set", "duration=50", "--vary", "g=0.5,1", "--seeds", "2", "--out", "theirs"
    )
    theirs = bs.open(tmp_path / "theirs")
    assert list(sweep) == list(theirs)
    for name in sweep:
        mine, other = sweep.numpy(name), theirs.numpy(name)
        if mine.dtype == object:
            assert list(mine) == list(other), name
        else:
            assert mine.tobytes() == other.tobytes(), name
    # Seed k of a point is the study's seed + k: the last replica, run alone.
    alone = study.set(g=1.0, every=1.0).simulate(seed=1)
    assert np.allclose(alone.mean_score, sweep.numpy("mean_score")[1, 1], rtol=0, atol=1e-6)

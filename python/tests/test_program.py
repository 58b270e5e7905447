"""The console script is the program."""

import importlib.metadata
import os
import signal
import subprocess
import sys
import time

from test_bits import PROGRAM

import brainsweep as bs


def run(*arguments):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True)


def test_help_version_and_exit_codes():
    assert run("--version").stdout.strip() == f"brainsweep {bs.__version__}"
    assert bs.__version__ == importlib.metadata.version("brainsweep")
    helped = run("simulate", "--help")
    assert helped.returncode == 0 and "--step-error" in helped.stdout
    assert run().returncode == 2
    wrong = run("simulate", "--set", "duratoin=3")
    assert wrong.returncode == 2 and wrong.stderr.startswith("error: ")
    assert run("simulate", "nothing.toml").returncode == 2
    assert run("models").stdout.count("\n") > 29


def test_ctrl_c_is_caught_and_what_there_is_is_kept(tmp_path):
    command = [PROGRAM, "simulate", "--set", "duration=1e6", "--set", "every=10", "--out", "o"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert bs.open("o").manifest["interrupted"]


def test_what_a_driver_has_to_say_stays_with_it():
    lines = "s = bs.Study(duration=10); s.sweep(g=(0, 1, 20), out='s.zarr')"
    command = [sys.executable, "-W", "ignore", "-c", f"import brainsweep as bs; {lines}"]
    environment = {key: value for key, value in os.environ.items() if key != "XDG_RUNTIME_DIR"}
    said = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert (said.returncode, said.stderr) == (0, "")


def test_a_script_for_slurm_names_the_console_script():
    said = run("sweep", "--vary", "g=0:2:5", "--out", "s", "--slurm")
    assert said.returncode == 0, said.stderr
    assert f"exec {os.path.abspath(PROGRAM)} " in said.stdout
    assert sys.executable not in said.stdout

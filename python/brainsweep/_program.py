"""The console script `brainsweep`: the program itself."""

from __future__ import annotations

import signal
import sys


def main() -> int:
    """Runs the program with the arguments of this process."""
    # Before the program catches it, Ctrl-C ends the process, as that of any program.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from . import _native

    return _native.main(sys.argv)

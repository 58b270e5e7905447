"""The console script `brainsweep`: the program itself."""

from __future__ import annotations

import os
import signal
import sys


def main() -> int:
    """Runs the program with the arguments of this process."""
    # Before the program catches it, Ctrl-C ends the process, as that of any program.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # Mesa's layer that sorts devices writes to stderr where there is no display.
    os.environ.setdefault("NODEVICE_SELECT", "1")
    from . import _native

    return _native.main(sys.argv)

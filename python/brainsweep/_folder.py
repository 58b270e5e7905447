"""A folder that goes when its owner goes."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref


def folder_of(owner: object) -> str:
    """A new folder, removed when nothing holds `owner` any more, or when Python ends."""
    folder = os.path.realpath(tempfile.mkdtemp(prefix="brainsweep-"))
    weakref.finalize(owner, shutil.rmtree, folder, ignore_errors=True)
    return folder

"""What `examples/fuzz.rs` accepted, read again by others: studies by tomllib, arrays by numpy and scipy.

    python tests/oracles.py FOLDER        # needs numpy, scipy, Python 3.11 or later; tests/oracles.sh runs both

An input counts where another program reads that kind of file. It fails where the other program refuses what was accepted, or reads
other keys, shapes or numbers.
"""

import io
import json
import pathlib
import re
import sys
import tomllib
import warnings
import zipfile

import numpy as np
import scipy.io

warnings.simplefilter("ignore")


def numbers(entry):
    """The array that was read."""
    return np.array([float(text) for text in entry["numbers"]]).reshape(entry["shape"])


def same(found, expected):
    """Whether two arrays have one shape and the same numbers; NaN is NaN."""
    return found.shape == expected.shape and bool(((found == expected) | (np.isnan(found) & np.isnan(expected))).all())


def compare(read, key, theirs):
    """What is wrong with one array or list of texts, if anything."""
    entry, theirs = read[key], np.asarray(theirs)
    if "texts" in entry:
        if theirs.dtype.kind not in "US":
            return f"{key}: texts here, {theirs.dtype} there"
        return None if entry["texts"] == [str(text) for text in theirs.ravel()] else f"{key}: other texts"
    if theirs.dtype.kind not in "fiub":
        return f"{key}: numbers here, {theirs.dtype} there"
    return None if same(numbers(entry), theirs.astype("f8")) else f"{key}: other numbers"


def npy(path, read):
    """One array, named after its file."""
    return compare(read, path.stem, np.load(path, allow_pickle=False))


def npz(path, read):
    """All arrays by their keys."""
    try:
        zipfile.ZipFile(path).close()
    except zipfile.BadZipFile:
        # Of a damaged list of entries Python finds none; the entries themselves have checksums.
        return NotImplemented
    with np.load(path, allow_pickle=False) as archive:
        wrong = [compare(read, key, archive[key]) for key in read]
        return next(filter(None, wrong), None) or (None if set(archive.files) == set(read) else f"keys {archive.files}")


def mat(path, read):
    """Numbers of MATLAB's files of version 4 and 5; version 7.3 is HDF5, which scipy does not read."""
    if b"MATLAB 7.3" in path.read_bytes()[:128]:
        return NotImplemented
    content = scipy.io.loadmat(path, struct_as_record=False, chars_as_strings=True)
    for key in read:
        value = content
        for part in key.split("."):
            value = value[part] if isinstance(value, dict) else getattr(value.ravel()[0], part)
        if scipy.sparse.issparse(value):
            value = value.toarray()
        # Cells and rows of letters are lists of names here: their form differs, not what is read.
        if "texts" in read[key]:
            continue
        if wrong := compare(read, key, value):
            return wrong
    return None


def text(path, read):
    """A table of numbers alone: one of the separators of the field must give the same numbers."""
    (entry,) = read.values()
    if "texts" in entry or not all(re.fullmatch(r"[-+0-9.eE]+", number) for number in entry["numbers"]):
        return NotImplemented
    try:
        content = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        return NotImplemented
    tables = []
    for separator in (",", ";", "\t", None):
        try:
            tables.append(np.loadtxt(io.StringIO(content), delimiter=separator, comments="#", ndmin=2))
        except ValueError:
            continue
    if not tables:
        return NotImplemented  # names, headers, decimal commas: numpy reads none of these
    ours = numbers(entry)
    return None if any(same(ours, table) for table in tables) else f"{ours.shape} here, {[table.shape for table in tables]} there"


def without_paths(value):
    """The same with numbers as floats, and texts that may be paths left out: those are written out from the root."""
    if isinstance(value, dict):
        return {key: without_paths(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [without_paths(inner) for inner in value]
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return value
    if isinstance(value, str):
        return None if "/" in value or "." in value else value
    return repr(float(value))


def study(path, _):
    """Every key that is written, by tomllib; sweeps and fits are left out of what was written, and a name is put in."""
    theirs = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    ours = tomllib.loads(pathlib.Path(f"{path}.read").read_text())
    for key in ("sweep", "fit", "name"):
        ours.pop(key, None)
        theirs.pop(key, None)
    for section, kind in (("monitor", "kind"), ("stimulus", "waveform")):
        # One or several of them are written by name.
        entries = theirs.get(section)
        entries = [entries] if isinstance(entries, dict) and kind in entries else entries
        if isinstance(entries, list):
            theirs[section] = {one.get("name", one[kind]): {k: v for k, v in one.items() if k != "name"} for one in entries}
    ours, theirs = without_paths(ours), without_paths(theirs)
    return None if ours == theirs else f"{ours} here, {theirs} there"


READERS = {".toml": study, ".npy": npy, ".npz": npz, ".mat": mat, ".csv": text, ".tsv": text, ".txt": text}


def main(folder):
    """Reads all, prints counts; whether all agree."""
    counts, failed = {}, 0
    for path in sorted(pathlib.Path(folder).iterdir()):
        reader = READERS.get(path.suffix)
        kept = pathlib.Path(f"{path}.read")
        if reader is None or not kept.exists():
            continue
        same_numbers, passed_over = counts.setdefault(path.suffix, [0, 0])
        try:
            wrong = reader(path, None if reader is study else json.loads(kept.read_text()))
        except Exception as error:  # whatever the other program says of the file
            wrong = f"accepted here, refused there: {type(error).__name__}: {error}"
        if wrong is NotImplemented:
            counts[path.suffix][1] = passed_over + 1
        elif wrong:
            failed += 1
            print(f"{path}: {wrong[:300]}", file=sys.stderr)
        else:
            counts[path.suffix][0] = same_numbers + 1
    for suffix, (same_numbers, passed_over) in counts.items():
        print(f"{suffix:<6} {same_numbers:>6} read the same {passed_over:>6} that others do not read")
    print(f"{failed} read differently")
    return failed == 0 and all(suffix in counts and counts[suffix][0] > 0 for suffix in READERS)


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1]) else 1)

#!/usr/bin/env python3
"""The licences of all crates that end up in the program, on any platform.

    python3 .ci/licences.py                    fails where one is not among those that we accept
    python3 .ci/licences.py --texts FILE       also writes all their texts
    python3 .ci/licences.py --sbom FILE        also writes a bill of materials (CycloneDX 1.5, JSON)
"""

import argparse
import hashlib
import json
import pathlib
import re
import subprocess
import sys

# Licences that ask for no more than their text, which a release carries.
ACCEPTED = {
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
    "bzip2-1.0.6",
}
TEXTS = re.compile(r"(licen[cs]e|copying|copyright|notice|unlicense)", re.IGNORECASE)


def accepts(expression: str) -> bool:
    """Whether an SPDX expression can be met with accepted licences alone."""
    tokens = re.findall(r"[()]|[^\s()/]+|/", expression)
    at = 0

    def peek() -> str:
        return tokens[at] if at < len(tokens) else ""

    def step() -> str:
        nonlocal at
        at += 1
        return tokens[at - 1]

    def one() -> bool:
        if peek() == "(":
            step()
            inner = alternatives()
            step()
            return inner
        name = step()
        if peek() == "WITH":
            step()
            name += " WITH " + step()
        return name in ACCEPTED

    def all_of() -> bool:
        met = one()
        while peek() == "AND":
            step()
            met = one() and met
        return met

    def alternatives() -> bool:
        met = all_of()
        # "MIT/Apache-2.0" is how older crates write OR.
        while peek() in ("OR", "/"):
            step()
            met = all_of() or met
        return met

    return alternatives()


def dependencies() -> list[dict]:
    """The packages that the program or the Python package is made of, without what only tests and builds need."""
    command = ["cargo", "metadata", "--format-version", "1", "--locked"]
    metadata = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    ours = [package["id"] for package in packages.values() if package["source"] is None]
    found, to_visit = set(), list(ours)
    while to_visit:
        for dependency in nodes[to_visit.pop()]["deps"]:
            is_in_it = any(kind["kind"] is None for kind in dependency["dep_kinds"])
            if is_in_it and dependency["pkg"] not in found:
                found.add(dependency["pkg"])
                to_visit.append(dependency["pkg"])
    of_others = [packages[package] for package in found - set(ours)]
    return sorted(of_others, key=lambda package: (package["name"], package["version"]))


def texts(packages: list[dict]) -> str:
    """Names, licences and texts; a text that several packages share stands there once."""
    shared: dict[str, tuple[str, list[str]]] = {}
    out = ["brainsweep contains these packages of others.", ""]
    for package in packages:
        name = f"{package['name']} {package['version']}"
        folder = pathlib.Path(package["manifest_path"]).parent
        files = [path for path in folder.iterdir() if path.is_file() and TEXTS.match(path.name)]
        without = "" if files else " (its package has no text of the licence)"
        where = package["repository"] or "crates.io"
        out.append(f"{name}: {package['license']}, {where}{without}")
        for path in sorted(files):
            text = path.read_text(errors="replace").strip()
            key = hashlib.sha256(" ".join(text.split()).encode()).hexdigest()
            shared.setdefault(key, (text, []))[1].append(name)
    for text, names in shared.values():
        out += ["", "-" * 79, ", ".join(dict.fromkeys(names)), "-" * 79, "", text]
    return "\n".join(out) + "\n"


def sbom(packages: list[dict]) -> dict:
    lock = pathlib.Path("Cargo.lock").read_text()
    entries = re.findall(r'name = "(.+)"\nversion = "(.+)"\nsource = .+\nchecksum = "(.+)"', lock)
    checksums = {(name, version): checksum for name, version, checksum in entries}
    version = re.search(r'^version = "(.+)"', pathlib.Path("Cargo.toml").read_text(), re.MULTILINE)
    components = [
        {
            "type": "library",
            "bom-ref": f"pkg:cargo/{package['name']}@{package['version']}",
            "purl": f"pkg:cargo/{package['name']}@{package['version']}",
            "name": package["name"],
            "version": package["version"],
            "licenses": [{"expression": package["license"].replace("/", " OR ")}],
            "hashes": [
                {"alg": "SHA-256", "content": checksums[package["name"], package["version"]]}
            ],
        }
        for package in packages
    ]
    program = {"type": "application", "name": "brainsweep", "version": version[1]}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": program},
        "components": components,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=pathlib.Path)
    parser.add_argument("--sbom", type=pathlib.Path)
    arguments = parser.parse_args()
    packages = dependencies()
    refused = [p for p in packages if not accepts(p["license"] or "none given")]
    for package in refused:
        print(f"{package['name']} {package['version']}: {package['license']}", file=sys.stderr)
    if refused:
        sys.exit("these licences are not among those accepted in .ci/licences.py")
    if arguments.texts:
        arguments.texts.write_text(texts(packages))
    if arguments.sbom:
        arguments.sbom.write_text(json.dumps(sbom(packages), indent=1) + "\n")
    print(f"{len(packages)} packages, all under accepted licences")


if __name__ == "__main__":
    main()

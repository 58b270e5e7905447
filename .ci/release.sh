#!/usr/bin/env bash
# Makes what a release consists of, for Linux on x86-64 from glibc 2.17 on (2014): RELEASING.md says what to do with it.
#
#     bash .ci/release.sh            # leaves target/dist/
#
# Needs Python with venv, and a network for pip. zig links against the old glibc.
set -euo pipefail
cd "$(dirname "$0")/.."

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
for file in python/native/Cargo.toml CITATION.cff; do
    grep -q "^version[ :=]*\"\?$version\"\?$" "$file" || {
        echo "$file does not say version $version, as Cargo.toml does" >&2
        exit 1
    }
done
[ -z "$(git status --porcelain)" ] || {
    echo "There are changes that are not committed: a release is made of a commit." >&2
    exit 1
}

dist=$PWD/target/dist
tools=$PWD/target/release-tools
target=x86_64-unknown-linux-gnu
rm -rf "$dist"
mkdir -p "$dist"
[ -x "$tools/bin/cargo-zigbuild" ] || {
    python3 -m venv "$tools"
    "$tools/bin/pip" install -q 'maturin[zig]>=1.9.4,<2' cargo-zigbuild auditwheel
}
export PATH=$tools/bin:$PATH

# The wheel, the sources, and what auditwheel says of the wheel.
maturin build --release --zig --target "$target" --compatibility manylinux2014 --out "$dist"
maturin sdist --out "$dist"
auditwheel show "$dist"/brainsweep-*.whl

# The program, with man pages, completions for shells and the licences of all that is in it.
cargo zigbuild --release --locked --target "$target.2.17" --bins --example man
name=brainsweep-$version-$target
mkdir "$dist/$name"
cp "target/$target/release/brainsweep" README.md CHANGELOG.md LICENSE-MIT LICENSE-APACHE "$dist/$name/"
strip "$dist/$name/brainsweep"
python3 .ci/licences.py --texts "$dist/$name/LICENSES-OF-OTHERS.txt" --sbom "$dist/$name.cdx.json"
"target/$target/release/examples/man" "$dist/$name"
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$(git log -1 --format=%ct)" \
    -C "$dist" -cf - "$name" | gzip -n9 >"$dist/$name.tar.gz"
rm -r "${dist:?}/$name"

(cd "$dist" && sha256sum ./* >SHA256SUMS)
ls -l "$dist"

#!/usr/bin/env bash
# Makes one book of the README and the pages in docs/, as HTML with a table of contents: target/book/html/index.html.
#
#     cargo install mdbook
#     bash docs/book.sh
set -euo pipefail
cd "$(dirname "$0")/.."
command -v mdbook >/dev/null || {
    echo "mdbook is not installed: cargo install mdbook" >&2
    exit 1
}

book=target/book
rm -rf "$book"
mkdir -p "$book/pages/docs" "$book/pages/data" "$book/pages/benches"
# The pages keep their places, so that their links to one another hold.
cp README.md CHANGELOG.md ARCHITECTURE.md CONTRIBUTING.md "$book/pages/"
cp -r docs/. "$book/pages/docs/"
cp -r data/pictures data/README.md "$book/pages/data/"
for texts in models couplings monitors; do
    mkdir "$book/pages/data/$texts"
    cp "data/$texts/README.md" "$book/pages/data/$texts/"
done
cp benches/RESULTS.md "$book/pages/benches/"
# In docs/SUMMARY.md links start from docs/; mdbook's start from all pages.
sed -e 's#](\([^.]\)#](docs/\1#' -e 's#](\.\./#](#' docs/SUMMARY.md >"$book/pages/SUMMARY.md"
rm "$book/pages/docs/SUMMARY.md" "$book/pages/docs/book.sh"
cat >"$book/book.toml" <<'TOML'
[book]
title = "brainsweep"
description = "Whole-brain networks of neural masses on CPU and GPU"
language = "en"
src = "pages"

[build]
build-dir = "html"
create-missing = false

[output.html]
default-theme = "light"
preferred-dark-theme = "navy"
TOML
mdbook build "$book"
echo "$book/html/index.html"

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
mkdir -p "$book/pages"
# The pages keep their places, so that their links to one another hold; what else they link to lies there, too.
for what in README.md CHANGELOG.md ARCHITECTURE.md CONTRIBUTING.md RELEASING.md docs data/README.md data/pictures \
    data/studies data/{models,couplings,monitors}/README.md benches/RESULTS.md \
    benches/runs/README.md tests/README.md tests/reference/README.md src/lib.rs src/continuation/mod.rs \
    src/record/checkpoint.rs examples python/examples python/notebooks; do
    mkdir -p "$book/pages/$(dirname "$what")"
    cp -r "$what" "$book/pages/$what"
done
# In docs/SUMMARY.md links start from docs/; mdbook's start from all pages.
sed -e 's#](\([^.]\)#](docs/\1#' -e 's#](\.\./#](#' docs/SUMMARY.md >"$book/pages/SUMMARY.md"
cat >>"$book/pages/SUMMARY.md" <<'PAGES'

# For developers

- [Architecture](ARCHITECTURE.md)
- [Contributing](CONTRIBUTING.md)
- [Releases](RELEASING.md)
- [Tests](tests/README.md)
- [Reference values](tests/reference/README.md)
- [Benchmarks](benches/RESULTS.md)
  - [Their runs](benches/runs/README.md)
PAGES
# The order of the pages is the book's own contents.
sed -i 's#docs/SUMMARY.md#docs/concepts.md#' "$book/pages/README.md"
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
# With them every README.md is an index.html, which the links to it do not know.
use-default-preprocessors = false

[output.html]
default-theme = "light"
preferred-dark-theme = "navy"
TOML
mdbook build "$book"
echo "$book/html/index.html"

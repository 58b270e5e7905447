#!/usr/bin/env bash
# Installs packages of Debian or Ubuntu, one caller after the other: apt-get gives up where another holds its lock.
#
#     bash tests/debian.sh PACKAGE...
#
# Fails where there is no apt-get, and where the packages cannot be had.
set -euo pipefail
command -v apt-get >/dev/null || { echo "There is no apt-get here." >&2; exit 1; }
as_root=()
[ "$(id -u)" = 0 ] || as_root=(sudo)
exec 9>"${TMPDIR:-/tmp}/brainsweep-tests-apt-$(id -u).lock"
flock 9
"${as_root[@]}" apt-get update -qq 9>&-
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" 9>&-

#!/usr/bin/env bash
# Every test, those of the GPU backend included, on a machine with or without a GPU.
#
#     bash tests/run.sh [arguments of cargo test]
#
# Without an adapter it installs Mesa's software Vulkan (Debian, Ubuntu; elsewhere it says what to install).
set -euo pipefail
cd "$(dirname "$0")/.."

# Vulkan's loader complains on stderr where there is none.
if [ -z "${XDG_RUNTIME_DIR:-}" ]; then
    XDG_RUNTIME_DIR=$(mktemp -d)
    export XDG_RUNTIME_DIR
    trap 'rm -rf "$XDG_RUNTIME_DIR"' EXIT
fi

has_adapter() {
    "${CARGO_TARGET_DIR:-target}/release/brainsweep" devices --json | grep -q '"software"'
}

# The program, too; a build of its own would make many dependencies twice, with the features of the tests and without.
cargo test --release --no-run
if ! has_adapter; then
    if command -v apt-get >/dev/null; then
        echo "No Vulkan adapter here: installing Mesa's software renderer."
        bash tests/debian.sh mesa-vulkan-drivers libvulkan1
    fi
    if ! has_adapter; then
        echo "No Vulkan adapter found. Install your GPU's Vulkan driver, or Mesa's software renderer lavapipe:" >&2
        echo "  Debian, Ubuntu: apt-get install mesa-vulkan-drivers    Fedora: dnf install mesa-vulkan-drivers" >&2
        echo "  Arch: pacman -S vulkan-swrast vulkan-icd-loader        macOS, Windows: the system's own driver will do" >&2
        echo "Or run the tests that need none:  cargo test --release" >&2
        exit 1
    fi
fi

# Mesa's software renderer compiles each shader anew on a fresh machine. Without LLVM's optimisation, which changes no bit, the
# kernels' tests take half the processor time there. `GALLIVM_PERF= bash tests/run.sh` optimises.
export GALLIVM_PERF="${GALLIVM_PERF-nopt}"
REQUIRE_GPU=1 cargo test --release "$@"

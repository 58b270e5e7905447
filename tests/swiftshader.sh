#!/usr/bin/env bash
# The conformance test and one parity test on SwiftShader, the other Vulkan driver in software.
#
#     bash tests/swiftshader.sh
#
# As many GPUs and unlike Mesa's renderer, it takes subnormal numbers for 0 and has no integers of 64 bits. Debian has it in
# chromium-common, which this installs if need be; elsewhere say where it is: SWIFTSHADER=/path/of/libvk_swiftshader.so.
set -euo pipefail
cd "$(dirname "$0")/.."

library=${SWIFTSHADER:-/usr/lib/chromium/libvk_swiftshader.so}
if [ ! -e "$library" ] && [ -z "${SWIFTSHADER:-}" ] && command -v apt-get >/dev/null; then
    bash tests/debian.sh chromium-common libvulkan1
fi
if [ ! -e "$library" ]; then
    echo "No SwiftShader at $library; say SWIFTSHADER=/path/of/libvk_swiftshader.so" >&2
    exit 1
fi

# Vulkan's loader is told of this driver only.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/icd.json" <<ICD
{"file_format_version": "1.0.0", "ICD": {"library_path": "$library", "api_version": "1.3.0"}}
ICD
export VK_DRIVER_FILES=$folder/icd.json VK_ICD_FILENAMES=$folder/icd.json
export XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-$folder}

cargo test --release --test gpu --no-run
devices=$("${CARGO_TARGET_DIR:-target}/release/brainsweep" devices --probes)
echo "$devices"
for expected in "SwiftShader" "(exact-but-for-subnormals)" "shaders: NoContraction"; do
    if ! grep -qF "$expected" <<<"$devices"; then
        echo "brainsweep devices does not say: $expected" >&2
        exit 1
    fi
done

# Of two adapters of a kind the exact one is taken, whichever comes first.
for mesa in /usr/share/vulkan/icd.d/lvp_icd*.json; do
    [ -e "$mesa" ] || continue
    both=$folder/icd.json:$mesa
    taken=$(VK_DRIVER_FILES=$both VK_ICD_FILENAMES=$both "${CARGO_TARGET_DIR:-target}/release/brainsweep" \
        simulate fitzhugh_nagumo --backend gpu --json --out "$folder/both")
    if ! grep -q llvmpipe <<<"$taken"; then
        echo "Mesa's renderer is exact and was not taken: $taken" >&2
        exit 1
    fi
done

# The tutorial's study makes no subnormal number: this device, too, gives the CPU's bytes.
for backend in cpu gpu; do
    "${CARGO_TARGET_DIR:-target}/release/brainsweep" simulate --backend "$backend" --set protocol.duration=100 \
        --set protocol.transient=10 --out "$folder/$backend" >/dev/null
done
cmp "$folder/cpu/simulation.npz" "$folder/gpu/simulation.npz"

export REQUIRE_GPU=1
cargo test --release --test gpu -- functions_have_the_hosts_bits any_number_of_nodes_has_equal_bits any_model \
    every_kind_of_kernel_runs the_tutorials_network_runs_in_32_kib

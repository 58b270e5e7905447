#!/usr/bin/env bash
# What the Khronos group's tools say of every shader and kernel.
#
#     bash tests/vulkan.sh
#
# spirv-val reads every module. The validation layer watches over every kind of kernel on a device, with its checks of what waits for
# what switched on. A message of either is a failure. Debian has them in spirv-tools and vulkan-validationlayers, which this installs
# if need be.
set -euo pipefail
cd "$(dirname "$0")/.."

manifest=/usr/share/vulkan/explicit_layer.d/VkLayer_khronos_validation.json
if { [ ! -e "$manifest" ] || ! command -v spirv-val >/dev/null; } && command -v apt-get >/dev/null; then
    bash tests/debian.sh spirv-tools vulkan-validationlayers
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-$folder}

REQUIRE_SPIRV_VAL=1 cargo test --release --lib every_module_passes_spirv_val

cat >"$folder/vk_layer_settings.txt" <<SETTINGS
khronos_validation.debug_action = VK_DBG_LAYER_ACTION_LOG_MSG
khronos_validation.report_flags = error,warn,perf,info
khronos_validation.log_filename = $folder/messages.txt
khronos_validation.enables = VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT
SETTINGS
VK_INSTANCE_LAYERS=VK_LAYER_KHRONOS_validation VK_LAYER_SETTINGS_PATH=$folder REQUIRE_GPU=1 \
    cargo test --release --test gpu -- every_kind_of_kernel_runs

# A message has a line with its severity. One says that the layer is there, and what it checks.
if ! grep -q 'SYNCHRONIZATION_VALIDATION' "$folder/messages.txt"; then
    echo "The validation layer was not there:" >&2
    cat "$folder/messages.txt" >&2
    exit 1
fi
if grep -E '\((ERROR|WARN|PERF)' -A 4 "$folder/messages.txt" >&2; then
    echo "The validation layer has messages." >&2
    exit 1
fi
echo "The validation layer has no messages."

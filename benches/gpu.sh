#!/usr/bin/env bash
# Measures a GPU and checks its bits, in about five minutes after the build.
#
#     bash benches/gpu.sh                    # the default device
#     bash benches/gpu.sh "h200 nvk"         # another: number, PCI address or words of `brainsweep devices`
#     SHORT=1 bash benches/gpu.sh            # everything once, in a minute on a software renderer
#     PROGRAM=./brainsweep bash benches/gpu.sh   # a program that is there: nothing is built, no tests run
#
# At the end it prints a block of Markdown to paste into benches/RESULTS.md and into an issue. Nothing is sent anywhere.
set -euo pipefail
PROGRAM=${PROGRAM:+$(realpath "$(command -v "$PROGRAM")")}
cd "$(dirname "$0")/.."

device=(${1:+--device "$1"})
if [ -n "${SHORT:-}" ]; then
    duration=100 points=2 seeds=2 seconds=0.05 replicas=8 sizes=20 many=8 tests=functions_have_the_hosts_bits
else
    duration=6000 points=16 seeds=16 seconds=0.5 replicas=132,660,2640,10560 sizes=20,80,200,400 many=1024
    tests='functions_have_the_hosts_bits any_number_of_nodes_has_equal_bits any_lag moments_made long_dispatches'
fi

program=${PROGRAM:-}
if [ -z "$program" ]; then
    cargo build --release
    cargo test --release --test gpu --no-run
    target=${CARGO_TARGET_DIR:-target}
    program=$target/release/brainsweep
fi
program=$(realpath "$program")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-$folder}

# A line with what runs, then what it prints, whatever its outcome: one that fails says so and the others go on.
step() {
    local limit=$1
    shift
    echo "\$ ${*/#$program/brainsweep}"
    ended=0
    timeout "$limit" "$@" 2>&1 || ended=$?
    [ $ended = 0 ] || echo "(ended with code $ended)"
    echo
}

same() {
    if [ "$1" != 00 ]; then
        echo "GPU and CPU are not compared: a sweep did not end in time (SHORT=1 makes short ones)."
    elif diff -rq --exclude=runs "$folder/gpu.zarr" "$folder/cpu.zarr" >"$folder/differences"; then
        echo "GPU and CPU: every byte of the sweep's arrays and description is the same."
    else
        echo "GPU and CPU differ in:"
        sed "s|$folder/||g" "$folder/differences"
    fi
    echo
}

sweep=(sweep --vary "coupling.g=0.2:2:$points" --vary "input.x=0.6:0.9:$points" --seeds "$seeds"
    --set "protocol.duration=$duration" --set "protocol.transient=$((duration / 6))" --force)
bench=(bench --backend gpu --seconds "$seconds")

{
    commit=$(git rev-parse --short HEAD 2>/dev/null || echo unknown)
    echo "### $(date -u +%Y-%m-%d), $("$program" --version), ${PROGRAM:+tree at }commit $commit"
    echo '```text'
    uname -srm
    grep -m 1 'model name' /proc/cpuinfo 2>/dev/null || true
    command -v nvidia-smi >/dev/null && nvidia-smi --query-gpu=name,pci.bus_id,driver_version,memory.total,clocks.max.sm --format=csv
    step 60 "$program" devices --probes
    # shellcheck disable=SC2086 # one name each
    [ -n "${PROGRAM:-}" ] || step 120 env REQUIRE_GPU=1 cargo test --quiet --release --test gpu -- $tests
    step 90 "$program" "${sweep[@]}" --backend gpu "${device[@]}" --out "$folder/gpu.zarr"
    both=$ended
    step 90 "$program" "${sweep[@]}" --backend cpu --out "$folder/cpu.zarr"
    same "$both$ended"
    step 60 "$program" "${bench[@]}" --kernel resident-256-32 --replicas "$replicas" --steps 320
    step 60 "$program" "${bench[@]}" --kernel x8-16 --nodes "$sizes" --replicas "$many" --steps 320
    echo '```'
} | tee "$folder/block"

echo "Everything between the line that begins with ### and the last \`\`\` is the block to paste."

#!/usr/bin/env bash
# An array of four tasks of a real Slurm fills one store: one task is killed, one cancelled and requeued, and the store ends with the
# bytes of one that a single process filled.
#
#     bash tests/slurm.sh
#
# Slurm runs on this machine only, from Debian's or Ubuntu's packages, in a temporary folder, and ends with this script. That needs
# root and apt-get. Without them nothing is tested; with REQUIRE_SLURM=1 that is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."

cannot() {
    echo "no Slurm here, nothing was tested: $1" >&2
    [ "${REQUIRE_SLURM:-0}" != 1 ] && exit 0 || exit 1
}

[ "$(id -u)" = 0 ] || cannot "it is started by root only"
if ! { command -v slurmctld && command -v slurmd && command -v sbatch && command -v munged; } >/dev/null; then
    command -v apt-get >/dev/null || cannot "there is no apt-get to install it with"
    echo "Installing Slurm."
    bash tests/debian.sh slurmctld slurmd slurm-client munge >/dev/null 2>&1 || cannot "apt-get cannot install it"
fi

home=$(mktemp -d)
# Its daemons enter it under other names of users.
chmod 755 "$home"
down() {
    status=$?
    for daemon in slurmd slurmctld munged; do
        pid=$(cat "$home/$daemon.pid" 2>/dev/null || true)
        [ -n "$pid" ] && kill "$pid" 2>/dev/null || continue
        for _ in $(seq 100); do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.1
        done
    done
    [ $status = 0 ] || tail -n 20 "$home"/*.log >&2 || true
    rm -rf "$home"
}
trap down EXIT
trap 'exit 143' INT TERM

# A Slurm of one node with four CPUs, whatever the machine has, on ports that another Slurm is not likely to have.
port=$((20000 + RANDOM % 10000))
host=$(hostname -s)
mkdir "$home/state" "$home/spool"
(umask 077 && head -c 1024 /dev/urandom >"$home/munge.key")
cat >"$home/slurm.conf" <<CONF
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$home/munge.socket
CryptoType=crypto/munge
SlurmctldPort=$port
SlurmdPort=$((port + 1))
StateSaveLocation=$home/state
SlurmdSpoolDir=$home/spool
SlurmctldPidFile=$home/slurmctld.pid
SlurmdPidFile=$home/slurmd.pid
SlurmctldLogFile=$home/slurmctld.log
SlurmdLogFile=$home/slurmd.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0
KillWait=5
ReturnToService=2
PropagateResourceLimits=NONE
NodeName=$host NodeAddr=127.0.0.1 CPUs=4 RealMemory=1000 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF=$home/slurm.conf
{ munged --force --key-file="$home/munge.key" --socket="$home/munge.socket" --pid-file="$home/munged.pid" \
    --log-file="$home/munged.log" --seed-file="$home/munge.seed" && slurmctld -c && slurmd -c; } ||
    cannot "its daemons do not start"
for _ in $(seq 300); do
    [ "$(sinfo -h -o %T 2>/dev/null)" = idle ] && break
    sleep 0.1
done
[ "$(sinfo -h -o %T)" = idle ] || cannot "its node does not come up"

program=$PWD/${CARGO_TARGET_DIR:-target}/release/brainsweep
[ -x "$program" ] || cargo build --release
cd "$home"

field() {
    python3 -c "import json, sys; print(eval(sys.argv[1], {'s': json.load(sys.stdin)}))" "$1"
}
until_true() {
    for _ in $(seq 6000); do
        "$@" && return
        sleep 0.1
    done
    echo "waited in vain: $*" >&2
    return 1
}
# Tasks that have claimed a part of the store, which need not be there yet.
at_work() {
    { "$program" status shared.zarr --json 2>/dev/null || echo '{"processes": []}'; } |
        field "sum(p['alive'] and p['chunks'] != [] for p in s['processes'])"
}
all_at_work() {
    [ "$(at_work)" = 4 ] || [ "$(squeue -h -r | wc -l)" = 0 ]
}
idle() {
    [ "$(squeue -h -r | wc -l)" = 0 ]
}
task_is() {
    scontrol show job "$1" | grep -qE "JobState=($2)"
}
ended() {
    task_is "$1" "FAILED|CANCELLED|COMPLETED"
}
disturbed() {
    task_is "${job}_1" FAILED && task_is "${job}_2" "CANCELLED|FAILED"
}

printf '0,1,0\n0,0,1\n1,0,0\n' >ring.csv
printf 'model = "fitzhugh-nagumo"\nconnectome = { file = "ring.csv", symmetric = "as-is" }\n' >ring.toml
printf 'noise = { kind = "ornstein-uhlenbeck", tau = 5, sigma.x = 0.01 }\n' >>ring.toml
# 32 chunks. How long they take depends on the machine: a sweep whose tasks are done before they are disturbed is made longer.
for duration in 1e3 1e4 1e5 1e6; do
    rm -rf shared.zarr
    sweep=(sweep ring.toml --vary g=0:2:32 --vary input.x=0.6:0.9:16 --seeds 4 --backend cpu --set "protocol.duration=$duration")
    "$program" "${sweep[@]}" --out shared.zarr --slurm --array 4 --time 30 --cpus 1 >job.sh
    job=$(sbatch --parsable job.sh)
    until_true all_at_work
    # The first is killed as by a machine that runs out of memory, the second cancelled as for somebody more important.
    scancel --signal=KILL --batch "${job}_1" || true
    scancel "${job}_2" || true
    until_true ended "${job}_1"
    until_true ended "${job}_2"
    disturbed && break
    until_true idle
done
disturbed || { echo "no sweep was long enough to be disturbed" >&2 && exit 1; }
echo "four tasks of job $job were at work, two of them end early"
scontrol requeue "${job}_2"
# Slurm lets a requeued task wait for two minutes.
scontrol update JobId="${job}_2" StartTime=now
until_true idle

"$program" status shared.zarr
[ "$("$program" status shared.zarr --json | field "s['complete']")" = True ]
"$program" "${sweep[@]}" --out one.zarr >/dev/null
rm -r shared.zarr/runs one.zarr/runs
diff -r one.zarr shared.zarr
# Nothing hidden is left but the checksums of the chunks.
[ "$(ls -A shared.zarr | grep '^[.]')" = .record ] || { ls -A shared.zarr >&2 && exit 1; }
echo "slurm: fine"

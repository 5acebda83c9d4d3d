# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Shared by the scripts that run in the emulated machine: drives in user space, what was sent to them,
# and what is on them. Sources cli.sh.
# shellcheck source=../support/cli.sh
. "${BASH_SOURCE[0]%/*}/cli.sh"
drives=/run/drives
share=/run/share
began=$SECONDS

load_modules() { modprobe -d "$KERNEL" -a "$@" || { echo "no module: $*"; exit 1; }; }

# run_both COMMAND...: run, with standard error behind standard output.
run_both() {
  run "$@"
  cat "$err" >>"$out"
}

# part NAME: a heading, with the time.
part() { echo "-- $* ($((SECONDS - began)) s)"; }

# parts FUNCTION...: all, or those that were asked for.
parts() {
  local one
  for one in ${QUIETUS_VM_PARTS:-"$@"}; do
    part "${one//_/ }"
    "$one"
  done
}

emulator() { /usr/bin/python3 -I "$support/$1" "${@:2}"; }

# start_scsi_drives [--state DIR] "NAME option ..."...: and waits for their devices.
start_scsi_drives() {
  local one
  mkdir -p "$drives"
  mountpoint -q /sys/kernel/config || { load_modules configfs; mount -t configfs configfs /sys/kernel/config; }
  load_modules sd_mod sg target_core_user tcm_loop
  emulator tcmu_drive.py "$@" >>"$drives/.tcmu" 2>&1 &
  children+=("$!")
  for one in "$@"; do
    case "$one" in --state | /*) continue ;; esac
    wait_for 60 test -e "$drives/${one%% *}" || { cat "$drives/.tcmu"; dmesg | tail; echo "no drive: $one"; exit 1; }
  done
}

# device NAME: /dev/sdX or /dev/nvmeXnY.
device() { readlink "$drives/$1"; }

# log_of NAME: what was sent to it.
log_of() { if [ -e "$share/state/$1.log" ]; then echo "$share/state/$1.log"; else echo "$drives/$1.log"; fi; }

# tell NAME COMMAND...: to the drive itself, not through its interface.
tell() {
  local name=$1 before
  shift
  before=$(grep -c 'control:' "$(log_of "$name")")
  echo "$*" >"$drives/$name.control"
  wait_for 10 was_told "$name" "$before" || fail "drive $name was told: $*"
}
was_told() { [ "$(grep -c 'control:' "$(log_of "$1")")" -gt "$2" ]; }

# let_end NAME...: the sanitize that it runs is over now; the next one takes as long as it likes.
let_end() {
  local name
  for name in "$@"; do
    tell "$name" set sanitize_s=0
    tell "$name" set sanitize_s=600
  done
}

# sent NAME PATTERN: how many lines of its log match.
sent() { grep -cE -- "$2" "$(log_of "$1")"; }
expect_sent() {  # NAME COUNT PATTERN
  expect_equal "sent to $1, $3" "$2" "$(sent "$1" "$3")"
}

# block NAME LBA: one block as hex digits, past every cache.
block() { dd if="$(device "$1")" bs=512 skip="$2" count=1 iflag=direct status=none 2>/dev/null | xxd -p -c 512; }
zero_block=$(printf '%01024d' 0)
factory_block=${zero_block//00/e5}
expect_block() {  # NAME LBA zero|factory|other
  local found
  found=$(block "$1" "$2")
  case "$found" in
    "$zero_block") found=zero ;;
    "$factory_block") found=factory ;;
    '') found=unreadable ;;
    *) found=other ;;
  esac
  expect_equal "block $2 of $1" "$3" "$found"
}

# start_nvme_drives [--state DIR] "NAME option ..."...: and connects to each once.
start_nvme_drives() {
  local one
  mkdir -p "$drives"
  load_modules nvme_tcp
  emulator nvme_drive.py "$@" >>"$drives/.nvme" 2>&1 &
  children+=("$!")
  for one in "$@"; do
    case "$one" in --state | /*) continue ;; esac
    wait_for 60 test -s "$drives/${one%% *}.port" || { cat "$drives/.nvme"; echo "no drive: $one"; exit 1; }
    connect "${one%% *}"
  done
}

# take_off NAME...: the system loses these drives. Whoever looks at all of its devices is quicker then.
take_off() {
  local name node
  for name in "$@"; do
    if [ -e "$drives/$name.controller" ]; then
      node=$(readlink "$drives/$name.controller")
      echo 1 >"/sys/class/nvme/${node##*/}/delete_controller"
      rm -f "$drives/$name.controller" "$drives/$name" "$drives/$name".[0-9]
      continue
    fi
    for node in "$drives/$name" "$drives/$name".[0-9]; do
      [ -L "$node" ] || continue
      echo 1 >"/sys/block/$(basename "$(readlink "$node")")/device/delete"
      rm "$node"
    done
  done
}

# connect NAME: another controller of the subsystem. Links NAME to its first namespace, NAME.N to the
# others, NAME.controller to the controller itself.
connect() {
  local nqn=nqn.2026-01.org.example:$1 options
  options="transport=tcp,traddr=127.0.0.1,trsvcid=$(cat "$drives/$1.port"),nqn=$nqn,nr_io_queues=1,ctrl_loss_tmo=600,duplicate_connect"
  echo "$options" >/dev/nvme-fabrics || { dmesg | tail -n 5; echo "cannot connect to $1"; exit 1; }
  wait_for 30 link_namespaces "$1" "$nqn" || { dmesg | tail -n 5; echo "no namespace of $1"; exit 1; }
}
link_namespaces() {  # NAME NQN
  local controller namespace number
  for controller in /sys/class/nvme/nvme*; do
    [ "$(cat "$controller/subsysnqn" 2>/dev/null)" = "$2" ] || continue
    ln -sfn "/dev/${controller##*/}" "$drives/$1.controller"
  done
  for namespace in /sys/class/nvme-subsystem/*/nvme*n* /sys/class/nvme/*/nvme*n*; do
    [ -b "/dev/${namespace##*/}" ] || continue
    [ "$(cat "$namespace/device/subsysnqn" 2>/dev/null)" = "$2" ] || continue
    number=$(cat "$namespace/nsid")
    ln -sfn "/dev/${namespace##*/}" "$drives/$1$([ "$number" = 1 ] || echo ".$number")"
  done
  [ -e "$drives/$1" ]
}

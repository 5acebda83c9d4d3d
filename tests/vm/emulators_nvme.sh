#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# In the emulated machine: the NVMe drives in user space, as nvme-cli and the kernel's Opal code see them.
# shellcheck source=../support/vm_guest.sh
. "${BASH_SOURCE[0]%/*}/../support/vm_guest.sh"
psid=PSIDPSIDPSIDPSIDPSIDPSIDPSIDPSID

common="sanitize_s=600"
start_nvme_drives "good $common unique=1 namespaces=2 serial=NVME-GOOD" "fails $common fail_sanitize=once" "leaves $common fail_sanitize=always" \
  "stuck $common stuck=655" "liar $common liar" "kept $common residue=777" \
  "inhibited $common no_deallocate_inhibited" "plain $common sanicap=0 fna=0" \
  "bad $common fail_format" "twin $common controllers=2 namespaces=2 fna=7" \
  "opal $common opal=$psid opal_locked"
part "started"
controller() { readlink "$drives/$1.controller"; }
# Raw: progress, status, command.
sanitize_log() { nvme get-log "$(controller "$1")" --log-id=0x81 --log-len=8 --raw-binary | xxd -p; }
# shellcheck disable=SC2317  # by expect_exit
sanitize() { nvme sanitize "$(controller "$1")" --sanact="$2" "${@:3}"; }  # 2 block, 3 overwrite, 4 crypto

expect_exit 0 nvme id-ctrl "$(device good)"
expect_line "$out" 'sn *: NVME-GOOD' 'sanicap *: 0x7' 'fna *: 0x4'
expect_exit 0 nvme id-ns "$(device good)"
expect_line "$out" 'nsze *: 0x8000' 'eui64 *: 0025385b71000101'
expect_exit 0 nvme ns-descs "$(device good)"
expect_exit 0 nvme list-ns "$(device good)"
expect_line "$out" '0\]:0x1' '1\]:0x2'
expect_exit 0 nvme smart-log "$(device good)"
expect_line "$out" 'available_spare\s*: 100%'
expect_exit 0 nvme fw-log "$(device good)"
expect_equal "sanitize log of a new drive" ffff000100000000 "$(sanitize_log good)"

part "format"
expect_exit 0 nvme format "$(device good)" --ses=1 --force
expect_block good 0 zero
expect_block good.2 0 factory
expect_exit 0 nvme format "$(device good.2)" --ses=2 --force
expect_block good.2 0 other
expect_exit 0 nvme format "$(device twin)" --ses=1 --force
expect_block twin.2 0 zero
expect_exit 0 nvme format "$(device plain)" --ses=0 --force
expect_block plain 0 factory
expect_exit 1 nvme format "$(device plain)" --ses=2 --force
expect_exit 1 nvme format "$(device bad)" --ses=1 --force
expect_block bad 0 factory

part "sanitize"
expect_exit 0 sanitize good 2
expect_equal "state" 02 "$(sanitize_log good | cut -c5-6)"
expect_block good 0 unreadable
expect_exit 1 nvme format "$(device good)" --ses=1 --force
expect_exit 1 sanitize good 4
let_end good
expect_equal "log" ffff010102000000 "$(sanitize_log good)"
expect_block good 0 zero
expect_block good.2 32767 zero
head -c 512 /dev/urandom | dd of="$(device good)" oflag=direct status=none
expect_equal "log after a write" ffff010002000000 "$(sanitize_log good)"
expect_exit 0 sanitize good 3 --ovrpat=0xa5a5a5a5 --owpass=2
let_end good
expect_equal "log" ffff1101 "$(sanitize_log good | cut -c1-8)"
expect_equal "pattern" a5a5a5a5 "$(block good 4711 | cut -c1-8)"
expect_exit 0 sanitize good 4 --no-dealloc
let_end good
expect_equal "log without deallocation" ffff040104020000 "$(sanitize_log good)"
expect_block good 0 other
expect_sent good 3 'sanitize start'

part "failure, lies"
expect_exit 0 sanitize fails 2
expect_exit 0 sanitize stuck 2
expect_exit 0 sanitize liar 2
expect_exit 0 sanitize kept 2
expect_exit 1 sanitize inhibited 2 --no-dealloc
expect_exit 1 sanitize plain 2
let_end fails kept
expect_equal "log" ffff0300 "$(sanitize_log fails | cut -c1-8)"
expect_block fails 0 unreadable
expect_exit 1 sanitize fails 1
expect_exit 0 sanitize fails 2 --ause
let_end fails
expect_equal "log" ffff010109000000 "$(sanitize_log fails | sed 's/0a/09/')"
expect_equal "log" 8f020200 "$(sanitize_log stuck | cut -c1-8)"
expect_equal "log" ffff0101 "$(sanitize_log liar | cut -c1-8)"
expect_block liar 0 factory
expect_block kept 776 zero
expect_block kept 777 factory

part "failure mode left"
expect_exit 0 sanitize leaves 2 --ause
let_end leaves
expect_exit 0 sanitize leaves 1
expect_block leaves 0 factory
expect_equal "log after failure mode was left" ffff03 "$(sanitize_log leaves | cut -c1-6)"

part "two controllers, confusion, power cycle"
connect twin
expect_equal "controllers" 2 "$(nvme list-subsys -o json | jq '[.. | objects | select(.NQN? // "" | endswith(":twin")) | .Paths[]] | length')"
tell good set swapped_namespace
expect_exit 0 nvme id-ns "$(device good)"
expect_line "$out" 'eui64 *: 0025385b71000181'
expect_exit 0 sanitize kept 2
tell kept power_cycle
expect_sent kept 1 'resumed'
let_end kept
expect_sent kept 2 'sanitize done'

part "Opal, as the kernel sees it"
if [ "$(uname -r | cut -d. -f1)" -ge 6 ] && [ "$(uname -r | cut -d. -f2)" -ge 2 ]; then
  expect_exit 0 emulator sed_ioctl.py status "$(device opal)"
  expect_line "$out" '^supported locking_supported locking_enabled locked$'
  expect_block opal 0 unreadable
  expect_exit 1 emulator sed_ioctl.py revert "$(device opal)" wrong
  expect_line "$err" 'status 0x1$'
  expect_exit 0 emulator sed_ioctl.py revert "$(device opal)" "$psid"
  expect_block opal 0 other
  expect_exit 0 emulator sed_ioctl.py status "$(device opal)"
  expect_line "$out" '^supported locking_supported$'
else
  fail "this kernel has no Opal for NVMe over TCP"
fi
finish

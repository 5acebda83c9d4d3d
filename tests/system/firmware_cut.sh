#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The power goes while drives sanitize themselves; the program takes them up: see tests/vm/firmware_cut.sh.
# shellcheck source=../support/vm.sh
. "$(dirname "$0")/../support/vm.sh"
need_vm
need hdparm
vm_use recent
vm_start cut firmware_cut.sh
wait_for 300 test -e "$share/cut" || { cat "$share/output"; fail "nothing was started"; }
vm_cut
vm_runs cut firmware_cut.sh 1400
finish

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The emulated drives keep medium and state when the power goes in the middle of a sanitize.
# shellcheck source=../support/vm.sh
. "$(dirname "$0")/../support/vm.sh"
need_vm
need sg_sanitize hdparm nvme
vm_use recent
vm_start cut emulators_cut.sh
wait_for 200 test -e "$share/cut" || { cat "$share/output"; fail "nothing was started"; }
vm_cut
vm_runs cut emulators_cut.sh 800
finish

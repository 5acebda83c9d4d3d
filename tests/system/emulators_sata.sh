#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The emulated SATA drives behave as hdparm and smartctl expect of drives.
# shellcheck source=../support/vm.sh
. "$(dirname "$0")/../support/vm.sh"
need_vm
need sg_sanitize hdparm smartctl
vm_use stable
vm_runs sata emulators_sata.sh 800
finish

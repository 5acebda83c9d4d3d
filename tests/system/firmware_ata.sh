#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The program in a machine of its own, with emulated SATA drives: see tests/vm/firmware_ata.sh.
# shellcheck source=../support/vm.sh
. "$(dirname "$0")/../support/vm.sh"
need_vm
vm_use stable
vm_runs ata firmware_ata.sh 1400
finish

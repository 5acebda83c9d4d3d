#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The program in a machine of its own, with emulated SAS drives: see tests/vm/firmware_scsi.sh.
# shellcheck source=../support/vm.sh
. "$(dirname "$0")/../support/vm.sh"
need_vm
vm_use stable
vm_runs scsi firmware_scsi.sh 1400
finish

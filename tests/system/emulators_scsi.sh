#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The emulated SAS drives behave as sg3-utils expects of drives.
# shellcheck source=../support/vm.sh
. "$(dirname "$0")/../support/vm.sh"
need_vm
need sg_sanitize
vm_use stable
vm_runs scsi emulators_scsi.sh 800
finish

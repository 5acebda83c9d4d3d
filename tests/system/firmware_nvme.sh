#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The program in a machine of its own, with emulated NVMe drives: see tests/vm/firmware_nvme.sh.
# shellcheck source=../support/vm.sh
. "$(dirname "$0")/../support/vm.sh"
need_vm
vm_use recent
vm_runs nvme firmware_nvme.sh 1400
finish

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The emulated NVMe drives behave as nvme-cli and the kernel expect of drives.
# shellcheck source=../support/vm.sh
. "$(dirname "$0")/../support/vm.sh"
need_vm
need nvme
vm_use recent
vm_runs nvme emulators_nvme.sh 800
finish

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Encrypted volumes on emulated drives open with their passphrase, and from copies of their headers.
# shellcheck source=../support/vm.sh
. "$(dirname "$0")/../support/vm.sh"
need_vm
need cryptsetup
vm_use stable
vm_runs luks emulators_luks.sh 800
finish

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs the test's script in the emulated machine, leaves its exit code for the host, and switches off.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb
# shellcheck source=/dev/null
. /run/share/environment
ln -sfn /proc/self/fd /dev/fd
for one in 0:stdin 1:stdout 2:stderr; do ln -sfn "/proc/self/fd/${one%:*}" "/dev/${one#*:}"; done
# shellcheck disable=SC2154  # named there
bash "$vm_script" </dev/null >>/run/share/output 2>&1
echo $? >/run/share/status.new
mv /run/share/status.new /run/share/status
sync
echo o >/proc/sysrq-trigger
sleep 60

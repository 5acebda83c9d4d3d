#!/bin/busybox sh
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=dash
# The first program in the emulated machine: layers memory over the host's root file system and goes
# on there with vm_main.sh.
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t sysfs sys /sys
$b mount -t devtmpfs dev /dev
for module in /modules/*.ko; do $b insmod "$module"; done
$b mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=512000 host /host
$b mount -t tmpfs layer /layer
$b mkdir /layer/upper /layer/work
$b mount -t overlay -o lowerdir=/host,upperdir=/layer/upper,workdir=/layer/work root /new
for one in dev proc sys; do $b mount --move "/$one" "/new/$one"; done
$b mount -t tmpfs run /new/run
$b mount -t tmpfs tmp /new/var/tmp
$b mkdir -p /new/dev/pts /new/dev/shm /new/run/share
$b mount -t devpts pts /new/dev/pts
# Without a cache: what was written here outlives the machine.
$b mount -t 9p -o trans=virtio,version=9p2000.L,cache=none,access=any,msize=512000 share /new/run/share
$b ip link set lo up
# shellcheck source=/dev/null
. /new/run/share/environment
# shellcheck disable=SC2154  # named there
exec $b switch_root /new /bin/bash "${vm_script%/vm/*}/support/vm_main.sh"

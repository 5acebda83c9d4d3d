# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Shared by the tests of drives: block devices of their own (loop devices over files of theirs, zram),
# partition tables, and programs that hold a device. Never names a device that it did not make.
# Sources system.sh.
# shellcheck source=../support/system.sh
. "${BASH_SOURCE[0]%/*}/system.sh"

swaps=()
stacked=()
zrams=()

clean_up() {
  local one
  for one in "${swaps[@]}"; do
    ! grep -q "^$one " /proc/swaps || swapoff "$one"
  done
  # Loop devices over block devices, by what they are attached to; these still stand.
  for one in "${stacked[@]}"; do
    [ "$(losetup -n -O BACK-FILE "${one%%:*}" 2>/dev/null)" != "${one#*:}" ] || losetup -d "${one%%:*}"
  done
  release_all
  for one in "${zrams[@]}"; do
    echo 1 >"/sys/block/zram$one/reset"
    echo "$one" >/sys/class/zram-control/hot_remove
  done
}

# make_drive SIZE [losetup options]: a loop device over a new file of random bytes. Sets $image, $loop.
make_drive() {
  local size
  size=$(numfmt --from=iec "$1")
  shift
  images=$((images + 1))
  image=$work/drive-$images
  random_file "$image" "$size"
  attach "$image" "$@"
}

# make_zram BYTES: sets $zram.
make_zram() {
  local number
  number=$(cat /sys/class/zram-control/hot_add) || { echo "cannot add a zram device"; exit 1; }
  zrams+=("$number")
  zram=/dev/zram$number
  echo "$1" >"/sys/block/zram$number/disksize" || { echo "cannot size $zram"; exit 1; }
}

# use_as_swap DEVICE: the least that there may be. What the system swaps out meanwhile lies in bytes
# 4096 to 65535.
use_as_swap() {
  mkswap "$1" 64 >/dev/null 2>&1 || { echo "cannot make swap space on $1"; exit 1; }
  swaps+=("$1")
  swapon --priority 0 "$1" || { echo "cannot swap to $1"; exit 1; }
}

# drop_drives: detaches and removes all of make_drive, for those that look at all of them.
drop_drives() {
  release_all
  rm -f "$work"/drive-*
}

# write_table dos|gpt DEVICE: two partitions, of 1 MiB at 1 MiB and of 2 MiB at 3 MiB; sectors 2048 to
# 4095 and 6144 to 10239. By hand, since not every machine has sfdisk.
write_table() {
  "$python" - "$@" <<'END'
import binascii, os, struct, sys
kind, path = sys.argv[1:]
parts = [(2048, 2048), (6144, 4096)]  # first sector, sectors
file = os.open(path, os.O_RDWR)
last = os.lseek(file, 0, os.SEEK_END) // 512 - 1
master = bytearray(512)
entries = [(start, count, 0x83) for start, count in parts] if kind == "dos" else [(1, last, 0xEE)]
for i, (start, count, code) in enumerate(entries):
    struct.pack_into("<BxxxBxxxII", master, 446 + 16 * i, 0, code, start, count)
master[510:] = b"\x55\xaa"
os.pwrite(file, master, 0)
if kind == "gpt":
    linux = bytes.fromhex("af3dc60f838472478e793d69d8477de4")
    table = b"".join(struct.pack("<16s16sQQQ72x", linux, bytes([7 + i]) * 16, start, start + count - 1, 0)
                     for i, (start, count) in enumerate(parts)).ljust(128 * 128, b"\0")
    for here, other, where in ((1, last, 2), (last, 1, last - 32)):
        def header(own_sum):
            return struct.pack("<8sIIIIQQQQ16sQIII", b"EFI PART", 0x10000, 92, own_sum, 0, here, other, 34,
                               last - 33, b"q" * 16, where, 128, 128, binascii.crc32(table))
        os.pwrite(file, header(binascii.crc32(header(0))).ljust(512, b"\0"), here * 512)
        os.pwrite(file, table, where * 512)
os.fsync(file)
END
}

# make_partitions dos|gpt: on $loop, which was attached with --partscan. By partx, since not every
# kernel reads tables.
make_partitions() {
  write_table "$1" "$loop"
  partx --update "$loop" || { echo "no partitions on $loop"; exit 1; }
  wait_for 5 test -b "${loop}p2" || { echo "no ${loop}p2"; exit 1; }
}

# hold DEVICE: a program of its own that has the device open, exclusively, until let_go. Sets $holder.
hold() {
  rm -f "$work/held"
  "$python" - "$1" "$work/held" <<'END' &
import os, sys, time
descriptor = os.open(sys.argv[1], os.O_RDWR | os.O_EXCL)
open(sys.argv[2], "w").close()
time.sleep(600)
END
  holder=$!
  children+=("$holder")
  wait_for 10 test -e "$work/held" || { echo "cannot hold $1"; exit 1; }
}
let_go() {
  kill "$holder"
  wait "$holder" 2>/dev/null
}

size_of() { if [ -b "$1" ]; then blockdev --getsize64 "$1"; else stat -c %s "$1"; fi; }

# content_of DEVICE|FILE [FROM [COUNT]]: the digest of so many sectors of 512 bytes.
content_of() {
  dd if="$1" bs=1M iflag=skip_bytes,count_bytes skip=$((${2:-0} * 512)) \
    count=$((${3:-8388608} * 512)) status=none | sha256sum | cut -d ' ' -f 1
}

# signatures DEVICE: types that libblkid's low-level probe finds.
signatures() { blkid -p -c /dev/null -o value -s TYPE -s PTTYPE "$1" 2>/dev/null | xargs; }

# has_finding CODE: in $err, where refusals are told.
has_finding() { expect_line "$err" "\\[$1\\]$"; }

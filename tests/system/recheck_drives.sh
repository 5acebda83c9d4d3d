#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `quietus recheck` on drives: from the certificate alone, a foreign byte, a rewritten drive and another
# drive are found and located. It never writes.
# shellcheck source=../support/drives.sh
. "$(dirname "$0")/../support/drives.sh"
need_root_and losetup mkfs.ext4 numfmt addpart
make_drive 6M --partscan
size=$(size_of "$loop")
expect_run 0 sanitized quietus drives --yes --json --scheme random --expect-size "$size" "$loop"
cert=$(certificate)

# flip DEVICE OFFSET: another byte there.
flip() {
  "$python" - "$@" <<'END'
import os, sys
file, at = os.open(sys.argv[1], os.O_RDWR), int(sys.argv[2])
os.pwrite(file, bytes([os.pread(file, 1, at)[0] ^ 255]), at)
os.fsync(file)
END
}

# rechecks CODE [OPTIONS] DEVICE: with that exit code, and the drive is neither written nor certified.
rechecks() {
  local want=$1 device=${*: -1} written before
  shift
  sync "$device"
  written=$(sectors_written "$loop")
  before=$(content_of "$device")
  expect_exit "$want" quietus recheck --json "$cert" "$@"
  expect_equal "sectors written by a recheck" "$written" "$(sectors_written "$loop")"
  expect_equal "content after a recheck" "$before" "$(content_of "$device")"
  expect_equal "certificates" 1 "$(certificates)"
}
places() { told recheck '.places[] | "\(.offset_bytes) \(.length_bytes) \(.state)"' | xargs; }
expect_told() { expect_equal "told, $1" "$2" "$(told recheck "$1")"; }
refusal() { told recheck '.reasons[].code' | xargs; }

rechecks 0 "$loop"
expect_told '"\(.result) \(.mode) \(.compared_bytes) \(.mismatched_bytes)"' "matches full $size 0"
expect_told '.cache_bypass' direct_io
expect_said '.predicate.comparison | .disk_bytes_read >= .compared_bytes' true "$(told recheck .statement)"
expect_exit 0 quietus certificate verify "$(told recheck .statement)"
expect_line "$out" '^outcome: matches$'

# By another name, by somebody else with the public key only, and as an image, too.
ln -s "$loop" by-id
rechecks 0 by-id
expect_exit 0 "$QUIETUS" recheck --state-dir "$work/other" --trust "$state/keys/machine.pem" "$cert" "$loop"
sync "$loop"
expect_exit 0 quietus recheck "$cert" "$image"

# One foreign byte: in the first, a middle and the last sector.
for at in 0 511 $((size / 2 + 77)) $((size - 512)) $((size - 1)); do
  flip "$loop" "$at"
  rechecks 4 "$loop"
  expect_told .result differs
  expect_equal "places of a byte at $at" "$((at / 512 * 512)) 512 mismatch" "$(places)"
  flip "$loop" "$at"
done
flip "$loop" 0
flip "$loop" $((size - 1))
rechecks 4 --sample 1 "$loop"
expect_equal "places in a sample with both ends" "0 512 mismatch $((size - 512)) 512 mismatch" "$(places)"
flip "$loop" 0
flip "$loop" $((size - 1))
rechecks 0 --sample 10 "$loop"
expect_told '.mode == "sample" and .strata >= 1000 and .compared_bytes >= 629145 and .compared_bytes < 3145728' true

# It was used again.
cp "$image" kept
mkfs.ext4 -q "$loop"
rechecks 4 "$loop"
expect_told '.mismatched_bytes > 0 and .places[0].offset_bytes <= 1024' true
# In use, it can be read all the same.
mount_at "$work/mount" -o ro,noload "$loop"
rechecks 4 "$loop"
umount "$work/mount"
dd if=kept of="$loop" bs=1M conv=fsync status=none
rechecks 0 "$loop"

# Another drive: of the same size nothing matches; of another size, or a part, it is none of ours.
first=$loop
make_drive "$size"
expect_exit 4 quietus recheck --json "$cert" "$loop"
expect_told '.mismatched_bytes' "$size"
make_drive 5M
expect_exit 3 quietus recheck --json "$cert" "$loop"
expect_equal "why another drive is refused" size_differs "$(refusal)"
loop=$first
addpart "$loop" 1 2048 2048
expect_exit 3 quietus recheck --json "$cert" "${loop}p1"
expect_equal "why a partition is refused" size_differs "$(refusal)"
expect_exit 3 quietus recheck --json "$cert" "$work/missing"
expect_equal "why nothing is refused" not_found "$(refusal)"

# A partition's own certificate holds for the partition.
expect_run 0 sanitized quietus drives --yes --json --scheme zero --expect-size "$(size_of "${loop}p1")" "${loop}p1"
expect_exit 0 quietus recheck --json "$(certificate)" "${loop}p1"
# The disk's no longer does: another content is within, at exactly that place.
expect_exit 4 quietus recheck --json "$cert" "$loop"
expect_equal "the place of the partition" "1048576 1048576 mismatch" "$(places)"

# With its key withheld there is nothing to compare with.
expect_run 0 sanitized quietus drives --yes --json --scheme random --withhold-final-key --expect-size "$size" "$loop"
expect_exit 3 quietus recheck --json "$(certificate)" "$loop"
expect_equal "why it can't be rechecked" nothing_to_compare_with "$(refusal)"
expect_exit 0 quietus ledger verify
finish

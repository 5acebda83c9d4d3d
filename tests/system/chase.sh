#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# files --chase where a file system does not overwrite in place: without it nothing is written, exit code
# 6; with it old blocks are followed until they hold something else, and in every case an independent
# scan of the raw image says what the certificate says.
# shellcheck source=../support/system.sh
. "$(dirname "$0")/../support/system.sh"
need_root_and losetup mkfs.xfs mkfs.btrfs btrfs xfs_repair
need_plain_disk
count=64

# data_blocks IMAGE: a digest of each block of 4 KiB in the places that a btrfs uses for data, by its
# own chunk tree. What compression made of a file is only found so.
data_blocks() {
  btrfs inspect-internal dump-tree -t 3 "$1" >"$work/.chunks"
  "$python" - "$1" "$work/.chunks" <<'END_OF_BLOCKS'
import hashlib, re, sys
length, data, places = 0, False, []
for line in open(sys.argv[2]):
    hit = re.search(r"length (\d+) owner \d+ stripe_len \d+ type (\S+)", line)
    if hit:
        length, data = int(hit.group(1)), hit.group(2).startswith("DATA")
    hit = re.search(r"stripe \d+ devid \d+ offset (\d+)", line)
    if hit and data:
        places.append((int(hit.group(1)), length))
with open(sys.argv[1], "rb") as image:
    for start, length in sorted(places):
        for offset in range(start, start + length, 4096):
            image.seek(offset)
            block = image.read(4096)
            if block.strip(b"\0"):
                print(offset, hashlib.sha256(block).hexdigest())
END_OF_BLOCKS
}

# still_there: how many blocks that the file added are as they were.
still_there() { comm -12 <(sort "$work/added") <(data_blocks "$image" | sort) | wc -l; }

# filled LABEL TYPE SIZE [mkfs options]: a file system with some live files.
filled() {
  label=$1
  shift
  make_fs "$@"
  random_file "$mnt/live" $((20 << 20))
  plant_markers "$mnt/also-live" 16 live
  sync -f "$mnt"
  [ "$1" != btrfs ] || data_blocks "$image" | sort >"$work/without"
}

# doomed FILE: with the markers, all of them in the image.
doomed() {
  plant_markers "$1" "$count"
  sync -f "$mnt"
}

note_added() { data_blocks "$image" | sort | comm -13 "$work/without" - >"$work/added"; }

# expect_untouched FILE: without --chase it stays as it is.
expect_untouched() {
  local before
  before=$(fingerprint "$1")
  expect_run 6 not_effective quietus files --yes --json --scheme random "$1"
  expect_equal "$label: $1 without --chase" "$before" "$(fingerprint "$1")"
}

# chased FILE: destroyed with --chase; then certificate and image are compared.
chased() {
  local live discarded
  live=$(fingerprint "$mnt/live" "$mnt/also-live")
  discarded=$(sectors_discarded "$loop")
  run quietus files --yes --json --chase --scheme random "$1"
  ended=$code
  file_gone=yes
  ! exists "$1" || file_gone=no
  sync -f "$mnt"
  expect_equal "$label: live files" "$live" "$(fingerprint "$mnt/live" "$mnt/also-live")"
  expect_equal "$label: what is left over" "" "$(find "$mnt" -name '.quietus*' -print)"
  expect_equal "$label: sectors discarded" 0 $(($(sectors_discarded "$loop") - discarded))
  device=$(($(stat -c '0x%t * 256 + 0x%T' "$loop")))
  settle_fs
  blocks=$(said '.predicate.chase.blocks // 0')
  changed=$(said '.predicate.chase.changed // 0')
  unchanged=$(said '.predicate.chase.unchanged.bytes // 0')
  inline=$(said '.predicate.chase.inline_bytes // 0')
  markers=$(count_markers "$image")
  echo "$label: exit code $ended, file gone: $file_gone; $changed of $blocks blocks changed, $unchanged bytes" \
    "not, $inline inline; markers left $markers of $count"
  expect_exit 0 quietus certificate verify "$(certificate)"
}

# expect_agreement: nothing left by the certificate, and by the image; or both know that something is.
expect_agreement() {
  local left
  if [ "$blocks" -gt 0 ] && [ "$unchanged" = 0 ] && [ "$inline" = 0 ] && [ "$changed" = "$blocks" ]; then
    left=0
  else
    left=1
  fi
  expect_equal "$label: nothing left by the certificate, and by the image" $((left == 0)) $((markers == 0))
  if [ "$markers" = 0 ]; then
    [ "$ended" = 0 ] || [ "$ended" = 5 ] || { fail "$label: exit code $ended where nothing is left"; show; }
  else
    expect_different "$label: outcome where $markers are left" sanitized "$(said .predicate.outcome)"
    expect_different "$label: exit code where $markers are left" 0 "$ended"
    expect_listed
  fi
}

# expect_listed: each marker that is left in a block lies in a place that the certificate lists.
expect_listed() {
  [ "$inline" = 0 ] || return 0
  said '.predicate.chase.unchanged.listed[] | "\(.device) \(.offset_bytes) \(.length_bytes)"' >"$work/listed"
  expect_equal "$label: markers in places that are not listed" 0 "$("$python" - "$image" "$work/listed" "$device" <<'END_OF_PLACES'
import mmap, re, sys
listed = [tuple(map(int, line.split())) for line in open(sys.argv[2])]
with open(sys.argv[1], "rb") as file:
    data = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
    print(sum(not any(device == int(sys.argv[3]) and start <= hit.start() < start + length
                      for device, start, length in listed)
              for hit in re.finditer(rb"<marker \d{8}>", data)))
END_OF_PLACES
)"
}

expect_btrfs_clean() {
  run btrfs check "$image"
  expect_equal "$label: btrfs check" 0 "$code"
}

filled "btrfs" btrfs 300M
doomed "$mnt/file"
expect_at_least "$label: control: markers in the image" "$count" "$(count_markers "$image")"
expect_untouched "$mnt/file"
chased "$mnt/file"
expect_equal "$label: the file is gone" yes "$file_gone"
expect_agreement
expect_btrfs_clean

filled "btrfs, data twice" btrfs 400M -d dup
doomed "$mnt/file"
expect_untouched "$mnt/file"
chased "$mnt/file"
expect_agreement
expect_btrfs_clean

mount_options=compress-force=zlib
filled "btrfs, compressed" btrfs 300M
doomed "$mnt/file"
note_added
expect_at_least "$label: control: blocks that hold the file" 1 "$(wc -l <"$work/added")"
expect_untouched "$mnt/file"
chased "$mnt/file"
# The text itself is not to be found where it is stored compressed.
markers=$(still_there)
echo "$label: blocks with compressed content that are left: $markers of $(wc -l <"$work/added")"
[ "$blocks" = 0 ] || expect_agreement
[ "$blocks" != 0 ] || expect_different "$label: outcome where nothing was looked at" 0 "$ended"
expect_btrfs_clean
mount_options=rw

filled "btrfs, snapshot" btrfs 300M
doomed "$mnt/file"
btrfs -q subvolume snapshot "$mnt" "$mnt/snapshot"
sync -f "$mnt"
expect_untouched "$mnt/file"
chased "$mnt/file"
expect_at_least "$label: markers that the snapshot keeps" "$count" "$markers"
expect_agreement

filled "btrfs, inline" btrfs 300M
count=4
plant_markers "$mnt/file" 1 marker 60
sync -f "$mnt"
expect_untouched "$mnt/file"
chased "$mnt/file"
expect_agreement
expect_btrfs_clean
count=64

# Rewritten in the middle: extents are kept for a part of them.
filled "btrfs, rewritten" btrfs 300M
doomed "$mnt/file"
dd if=/dev/urandom of="$mnt/file" bs=4096 count=8 seek=20 conv=notrunc status=none
sync -f "$mnt"
chased "$mnt/file"
expect_agreement
expect_btrfs_clean

# xfs: blocks shared with a clone stay with the clone; once it is gone they can be reached.
filled "xfs, with a clone" xfs 400M -m reflink=1
doomed "$mnt/file"
cp --reflink=always "$mnt/file" "$mnt/clone"
sync -f "$mnt"
expect_untouched "$mnt/file"
chased "$mnt/file"
expect_at_least "$label: markers that the clone keeps" "$count" "$markers"
expect_agreement

# What was shared is not any more: an overwrite in place, with nothing to follow.
filled "xfs, the clone removed before" xfs 400M -m reflink=1
doomed "$mnt/file"
cp --reflink=always "$mnt/file" "$mnt/clone"
sync -f "$mnt"
rm "$mnt/clone"
sync -f "$mnt"
chased "$mnt/file"
expect_equal "$label: exit code" 0 "$code"
expect_equal "$label: markers left" 0 "$markers"
[ "$blocks" = 0 ] || expect_agreement
run xfs_repair -n -f "$image"
expect_equal "$label: xfs_repair" 0 "$code"
finish

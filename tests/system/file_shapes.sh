#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Files of every shape: holes stay holes, space allocated ahead is overwritten too, odd lengths lose
# their last byte, and the data stay where they are.
# shellcheck source=../support/system.sh
. "$(dirname "$0")/../support/system.sh"
need_root_and losetup mkfs.ext4 mkfs.xfs filefrag fallocate
need_plain_disk

blocks_of() { stat -c %b "$1"; }

# The bytes of the device where the file's byte at OFFSET lies.
byte_on_disk() {  # FILE OFFSET
  extents "$1" | while read -r logical physical length; do
    if [ "$2" -ge "$logical" ] && [ "$2" -lt $((logical + length)) ]; then
      sync -f "$1"
      dd if="$loop" iflag=direct bs=512 skip=$(((physical + $2 - logical) / 512)) count=1 2>/dev/null |
        od -An -tx1 -j $((($2 - logical) % 512)) -N1 | tr -d ' '
    fi
  done
}

sparse() {
  truncate -s 2G "$mnt/sparse"
  plant_markers "$work/data" 1 sparse
  dd if="$work/data" of="$mnt/sparse" bs=4096 seek=300000 conv=notrunc status=none
  sync -f "$mnt"
  local before places started=$SECONDS
  before=$(blocks_of "$mnt/sparse")
  places=$(extents "$mnt/sparse")
  expect_run 0 sanitized quietus files --yes --json --keep "$mnt/sparse"
  expect_at_most "seconds for a file of holes" 10 $((SECONDS - started))
  expect_equal "blocks of the file of holes" "$before" "$(blocks_of "$mnt/sparse")"
  expect_equal "places of the file of holes" "$places" "$(extents "$mnt/sparse")"
  expect_equal "length of the file of holes" $((2 << 30)) "$(stat -c %s "$mnt/sparse")"
  expect_said '.predicate.files.content_bytes' 4096
  expect_said '.predicate.files.bytes' $((2 << 30))
  expect_equal "markers in the file of holes" 0 \
    "$(dd if="$mnt/sparse" bs=4096 skip=300000 count=1 status=none | grep -ac '<sparse')"
  rm "$mnt/sparse"
}

# Unwritten extents may hold what lay there before.
preallocated() {
  plant_markers "$mnt/ahead" 4 ahead
  fallocate -l 1M "$mnt/ahead"
  sync -f "$mnt"
  local places before
  places=$(extents "$mnt/ahead")
  before=$(blocks_of "$mnt/ahead")
  expect_run 0 sanitized quietus files --yes --json --keep "$mnt/ahead"
  expect_said '.predicate.files.content_bytes' $((1 << 20))
  expect_equal "blocks of the preallocated file" "$before" "$(blocks_of "$mnt/ahead")"
  expect_equal "first and last place of the preallocated file" \
    "$(ends "$places")" "$(ends "$(extents "$mnt/ahead")")"
  expect_equal "zero blocks left in the preallocated file" 0 "$("$python" - "$mnt/ahead" <<'END'
import sys
data = open(sys.argv[1], "rb").read()
print(sum(not any(data[at:at + 4096]) for at in range(0, len(data), 4096)))
END
)"
  rm "$mnt/ahead"
}
# Extents may be merged or split by what is written; where they begin and end may not change.
ends() { awk 'NR == 1 { first = $2 } { last = $2 + $3 } END { print first, last }' <<<"$1"; }

# Lengths in bytes: one file of each is kept and looked at on the disk, another one is removed.
odd_lengths() {
  local bytes kept=() removed=()
  declare -A places
  for bytes in "$@"; do
    kept+=("$mnt/length-$bytes")
    removed+=("$mnt/marked-$bytes")
    head -c "$bytes" /dev/zero | tr '\0' Z >"$mnt/length-$bytes"
    plant_markers "$mnt/marked-$bytes" $(((bytes + 4095) / 4096)) "length$bytes" "$bytes"
  done
  sync -f "$mnt"
  for bytes in "$@"; do
    places[$bytes]=$(extents "$mnt/length-$bytes")
    expect_equal "last byte of $bytes on the disk, before" 5a \
      "$(byte_on_disk "$mnt/length-$bytes" $((bytes - 1)))"
  done
  expect_run 0 sanitized quietus files --yes --json --keep --scheme zero "${kept[@]}"
  for bytes in "$@"; do check_kept "$mnt/length-$bytes" "$bytes" "${places[$bytes]}"; done
  expect_run 0 sanitized quietus files --yes --json "${removed[@]}"
  expect_gone "${removed[@]}"
  expect_said '.predicate.run.passes[2].verification.compared_bytes' $(($(tr ' ' + <<<"$*")))
  expect_said '.predicate.files.names_removed' $#
}

check_kept() {  # FILE BYTES PLACES
  expect_equal "places of a file of $2" "$3" "$(extents "$1")"
  expect_equal "length of a file of $2" "$2" "$(stat -c %s "$1")"
  expect_equal "bytes of $2 left in the file" 0 "$(tr -d '\0' <"$1" | wc -c)"
  expect_equal "first byte of $2 on the disk" 00 "$(byte_on_disk "$1" 0)"
  expect_equal "last byte of $2 on the disk" 00 "$(byte_on_disk "$1" $(($2 - 1)))"
}

empty() {
  : >"$mnt/empty"
  expect_run 0 sanitized quietus files --yes --json "$mnt/empty"
  expect_gone "$mnt/empty"
  expect_said '.predicate.files.content_bytes' 0
}

for type in ext4 xfs; do
  make_fs "$type" 320M
  sparse
  preallocated
  odd_lengths 1 511 512 513 4095 4096 4097 1000003
  empty
  settle_fs
  expect_equal "$type: markers left" 0 "$(count_markers "$image" '(?:sparse|ahead|length\d+)')"
done
finish

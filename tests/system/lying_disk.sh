#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A disk that lies or fails, through a real kernel and file system: what was dropped, misdirected or
# changed fails the verification at the right place; what can't be written or read is named, and
# nothing else is.
# shellcheck source=../support/system.sh
. "$(dirname "$0")/../support/system.sh"
need_root_and losetup mkfs.ext4 filefrag gcc pkg-config mountpoint
[ -c /dev/fuse ] || skip "no /dev/fuse"
pkg-config --exists fuse3 || skip "no libfuse3"
need_plain_disk

read -ra fuse_flags < <(pkg-config --cflags --libs fuse3)
gcc -O1 -o "$work/lying_fs" "$support/lying_fs.c" "${fuse_flags[@]}" || exit 1
daemon=
# shellcheck disable=SC2317  # called at the end
clean_up() {
  release_all
  ! mountpoint -q "$work/fuse" || umount "$work/fuse" || umount -l "$work/fuse"
  [ -z "$daemon" ] || kill "$daemon" 2>/dev/null
}
truncate -s 48M "$work/backing"
mkdir "$work/fuse"
"$work/lying_fs" "$work/backing" "$work/fuse" -f >"$work/.lies" 2>"$work/.fuse" &
daemon=$!
wait_for 10 mountpoint -q "$work/fuse" || skip "FUSE does not work here"
attach "$work/fuse/disk"
mkfs.ext4 -q "$loop"
mnt=$work/disk
mount_at "$mnt" "$loop"

# In one write: each replaces all rules.
rules() {
  printf '%s\n' "$@" >"$work/rules"
  cat "$work/rules" >"$work/fuse/ctl"
}
kib=1024
bytes=$((1024 * kib))

# A file of 1 MiB in one piece, and where it lies. Sets $file and $at.
fresh_file() {
  rules 'drop 0 0'
  file=$mnt/$1
  fallocate -l "$bytes" "$file"
  plant_markers "$file" 256 "$1"
  sync -f "$mnt"
  expect_equal "pieces of the file" 1 "$(extents "$file" | wc -l)"
  at=$(extents "$file" | cut -d ' ' -f 2)
}

# said_extents: the bad ranges of the one entry, one a line: offset, length, state.
said_extents() {
  said '.predicate.exceptions[0].extents[] | "\(.offset_bytes) \(.length_bytes) \(.state)"'
}

# lies EXIT OUTCOME EXTENTS RULE...: destroys $file under the rules; the certificate names exactly the
# extents, the name stays, and the certificate itself holds.
lies() {
  local code=$1 outcome=$2 extents=$3
  shift 3
  rules "$@"
  expect_run "$code" "$outcome" quietus files --yes --json "$file"
  rules 'drop 0 0'
  [ -z "$extents" ] || expect_equal "extents under '$*'" "$extents" "$(said_extents)"
  expect_there "$file"
  expect_said '.predicate.files.names_removed' 0
  expect_exit 0 quietus certificate verify "$(certificate)"
}

place=$((300 * kib))

fresh_file honest
rules 'drop 0 0'
expect_run 0 sanitized quietus files --yes --json "$file"

fresh_file dropped
lies 4 verification_failed "$place 1024 mismatch" "drop $((at + place)) 1024"
expect_said '.predicate.run.passes[2].verification.mismatched_bytes' 1024
expect_equal "markers left where the disk dropped the writes" 1 \
  "$(count_markers "$work/backing" dropped)"

fresh_file flipped
lies 4 verification_failed "$place 512 mismatch" "flip $((at + place + 100)) 1"
expect_equal "markers left under the flipped bit" 0 "$(count_markers "$work/backing" flipped)"

# The odd end of a file goes through the cache, where it would look well.
fresh_file tail
truncate -s $((bytes + 100)) "$file"
plant_markers "$file" 257 tail $((bytes + 100))
sync -f "$mnt"
tail_at=$(extents "$file" | awk -v at="$bytes" '$1 <= at && at < $1 + $3 { print $2 + at - $1 }')
lies 4 verification_failed "$bytes 100 mismatch" "drop $tail_at 512"

fresh_file unwritable
lies 5 sanitized_with_exceptions "$place 1024 write_failed" "write_error $((at + place)) 1024"
expect_said '.predicate.exceptions[0].extents[0].os_code' 5
expect_said '.predicate.exceptions[0].extents[0].passes | join(" ")' '1 2 3'
expect_said '.predicate.run.passes[2].failed_bytes' 1024
expect_said '.predicate.run.passes[2].written_bytes' $((bytes - 1024))
expect_equal "markers left in sectors that can't be written" 1 \
  "$(count_markers "$work/backing" unwritable)"

fresh_file unreadable
lies 5 sanitized_with_exceptions "$place 512 read_failed" "read_error $((at + place)) 512"
expect_said '.predicate.run.passes[2].verification.unreadable_bytes' 512
expect_equal "markers left in sectors that can't be read" 0 \
  "$(count_markers "$work/backing" unreadable)"

fresh_file misdirected
lies 4 verification_failed '' "misdirect $at 512 $((512 * kib))"
expect_line <(said_extents) '^0 [0-9]+ mismatch$'

fresh_file wrapped
lies 4 verification_failed '' "wrap $((at + 512 * kib)) $((512 * kib)) $((512 * kib))"
expect_at_least "bytes that differ on a disk that wraps" $((512 * kib)) \
  "$(said '.predicate.run.passes[2].verification.mismatched_bytes')"

fresh_file dead
lies 1 failed "0 $bytes write_failed" "write_error $at $bytes"

# An image names its bad ranges itself.
fresh_file image
rules "write_error $((at + place)) 512" "flip $((at + 2 * place)) 1"
expect_run 4 verification_failed quietus drives --yes --json "$file"
rules 'drop 0 0'
expect_equal "extents of the image" "$place 512 write_failed
$((2 * place)) 512 mismatch" \
  "$(said '.predicate.exceptions[] | "\(.offset_bytes) \(.length_bytes) \(.state)"')"
expect_equal "events of bad extents" "$place 512 write_failed
$((2 * place)) 512 mismatch" "$(told bad_extent '"\(.offset_bytes) \(.length_bytes) \(.state)"' | sort -u)"
finish

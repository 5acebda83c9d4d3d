#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What belongs to a file besides its bytes: slack behind its end, attributes and access control lists,
# space taken ahead, other names, marks that forbid changes. And the proof on the block device.
# shellcheck source=../support/system.sh
. "$(dirname "$0")/../support/system.sh"
need_root_and losetup mkfs.ext4 mkfs.xfs filefrag fallocate setfattr getfattr chattr lsattr
need_plain_disk

# Where the byte behind the file's end lies on the device.
end_on_disk() {
  local size
  size=$(stat -c %s "$1")
  extents "$1" | awk -v size="$size" '$1 < size && size <= $1 + $3 { print $2 + size - $1 }'
}

# Odd ends, ends at a sector but not at a block, and ends of files that are written directly.
slack() {
  local bytes place file files=() places=()
  for bytes in 100 1000 4608 5120 66048 1049088 1049001; do
    head -c "$bytes" /dev/zero | tr '\0' Z >"$mnt/slack-$bytes"
    files+=("$mnt/slack-$bytes")
  done
  sync -f "$mnt"
  for file in "${files[@]}"; do places+=("$(end_on_disk "$file")"); done
  umount "$mnt"
  local number=0
  for place in "${places[@]}"; do
    printf '<slack %08d>' "$number" |
      dd of="$loop" bs=1 seek="$place" conv=notrunc,fsync status=none
    number=$((number + 1))
  done
  mount "$loop" "$mnt"
  expect_equal "planted slack" "$number" "$(count_markers "$image" slack)"
  # One alone, and several at once, which are written another way.
  expect_run 0 sanitized quietus files --yes --json --keep "$mnt/slack-1049088"
  expect_run 0 sanitized quietus files --yes --json --scheme zero "${files[@]}"
  expect_proven
}

expect_proven() {
  expect_at_least "bytes proven on the block device" 1 "$(said .predicate.proof.proven_bytes)"
  expect_equal "bytes that are not proven" 0 "$(said .predicate.proof.unproven_bytes)"
}

attributes() {
  mkdir "$mnt/tree"
  plant_markers "$mnt/tree/file" 1
  setfattr -n user.small -v '<attr 00000001>' "$mnt/tree/file"
  setfattr -n user.long -v "<attr 00000002>$(head -c 600 /dev/zero | tr '\0' l)" "$mnt/tree/file"
  setfattr -n user.folder -v '<attr 00000003>' "$mnt/tree"
  setfattr -n trusted.one -v '<attr 00000004>' "$mnt/tree/file"
  # Read, write and execute for user 4711: an access control list with a mask.
  setfattr -n system.posix_acl_access \
    -v 0x0200000001000600ffffffff020007006712000004000400ffffffff10000700ffffffff20000400ffffffff \
    "$mnt/tree/file"
  sync -f "$mnt"
  expect_run 0 sanitized quietus files --yes --json --recursive "$mnt/tree"
  expect_gone "$mnt/tree"
  plant_markers "$mnt/kept" 1
  setfattr -n user.kept -v '<attr 00000005>' "$mnt/kept"
  sync -f "$mnt"
  expect_run 0 sanitized quietus files --yes --json --keep "$mnt/kept"
  expect_equal "attributes of the kept file" '' "$(getfattr -d "$mnt/kept")"
  rm "$mnt/kept"
}

ahead() {
  plant_markers "$mnt/ahead" 3 front 9000
  fallocate -n -l 2M "$mnt/ahead"
  sync -f "$mnt"
  local place places
  # What lay in the space that was taken.
  place=$(extents "$mnt/ahead" | awk '$1 <= 1048576 && 1048576 < $1 + $3 { print $2 + 1048576 - $1 }')
  umount "$mnt"
  printf '<behind 00000001>' | dd of="$loop" bs=1 seek="$place" conv=notrunc,fsync status=none
  mount "$loop" "$mnt"
  expect_equal "planted behind the end" 1 "$(count_markers "$image" behind)"
  places=$(extents "$mnt/ahead" | awk '{ sum += $3 } END { print sum }')
  expect_equal "space of the file" $((2 << 20)) "$places"
  expect_run 0 sanitized quietus files --yes --json "$mnt/ahead"
  expect_gone "$mnt/ahead"
  expect_said '.predicate.files.content_bytes' $((2 << 20))
  plant_markers "$mnt/ahead" 3 front 9000
  fallocate -n -l 1M "$mnt/ahead"
  expect_run 0 sanitized quietus files --yes --json --keep "$mnt/ahead"
  expect_equal "length that is set back" 9000 "$(stat -c %s "$mnt/ahead")"
  rm "$mnt/ahead"
}

links() {
  mkdir "$mnt/a" "$mnt/b"
  plant_markers "$mnt/a/one" 4 linked
  plant_markers "$mnt/a/plain" 1
  ln "$mnt/a/one" "$mnt/b/two"
  expect_exit 5 quietus files --yes --json --recursive --all-links --skip-refused "$mnt/a"
  expect_equal "markers of a file with a name elsewhere" 4 "$(count_markers "$mnt/b/two" linked)"
  expect_run 0 sanitized quietus files --yes --json --recursive --all-links "$mnt/a" "$mnt/b"
  expect_gone "$mnt/a" "$mnt/b"
  plant_markers "$mnt/one" 4 linked
  ln "$mnt/one" "$mnt/two"
  expect_run 6 not_effective quietus files --yes --json --this-link "$mnt/one"
  expect_gone "$mnt/one"
  expect_said '.predicate.exceptions[0].facts[0].code' data_reachable
  expect_equal "markers of the file that stays" 4 "$(count_markers "$mnt/two" linked)"
  expect_run 0 sanitized quietus files --yes --json "$mnt/two"
}

marks() {
  if ! chattr +i "$mnt" 2>/dev/null || ! chattr -i "$mnt"; then
    echo "no chattr here"
    return
  fi
  mkdir "$mnt/marked"
  plant_markers "$mnt/marked/fixed" 2 marked
  plant_markers "$mnt/marked/appended" 2 marked
  plant_markers "$mnt/marked/protected" 2 marked
  chattr +i "$mnt/marked/fixed"
  chattr +a "$mnt/marked/appended"
  chmod 0444 "$mnt/marked/protected"
  expect_exit 3 quietus files --yes --json "$mnt/marked/fixed" "$mnt/marked/appended"
  expect_exit 0 quietus files --dry-run --json --clear-attributes "$mnt/marked/fixed"
  expect_equal "the mark after a dry run" 1 "$(lsattr "$mnt/marked/fixed" | cut -d ' ' -f 1 | grep -c i)"
  expect_run 0 sanitized quietus files --yes --json --recursive --clear-attributes "$mnt/marked"
  expect_gone "$mnt/marked"
}

everything() {  # TYPE SIZE OPTIONS...
  make_fs "$@"
  slack
  attributes
  ahead
  links
  [ "$1" = xfs ] || marks
  settle_fs
  expect_equal "$*: markers left" 0 \
    "$(count_markers "$image" '(?:slack|marker|front|behind|linked|marked)')"
}

everything ext4 64M -b 4096
everything ext4 48M -b 1024
everything xfs 300M
finish

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Where a file system does not overwrite in place: nothing is written, the file stays, exit code 6;
# with --best-effort it is overwritten and removed and the code is still 6.
# shellcheck source=../support/system.sh
. "$(dirname "$0")/../support/system.sh"
need_root_and losetup mkfs.ext4 mkfs.xfs mkfs.btrfs btrfs chattr lsattr debugfs
need_plain_disk

# stays CODE FILE: left alone, and the certificate names the obstacle.
stays() {
  local before file=$2
  before=$(fingerprint "$file")
  expect_run 6 not_effective quietus files --yes --json "$file"
  expect_there "$file"
  expect_equal "$file" "$before" "$(fingerprint "$file")"
  expect_equal "obstacle of $file" "$1" "$(said '.predicate.asset.roots[0].obstacles | join(" ")')"
  expect_said '.predicate.method.category' none
  expect_said '.predicate.files.names_removed' 0
  expect_said '.predicate.run.passes | length' 0
}

# goes CODE FILE: overwritten and removed as well as it can be.
goes() {
  local size
  size=$(stat -c %s "$2")
  expect_run 6 not_effective quietus files --yes --json --best-effort "$2"
  expect_gone "$2"
  expect_said '.predicate.exceptions[0].facts[0].code' "$1"
  expect_said '.predicate.run.passes[2].written_bytes' "$size"
}

# btrfs
make_fs btrfs 160M
plant_markers "$mnt/plain" 64
stays copy_on_write "$mnt/plain"
goes copy_on_write "$mnt/plain"
printf 'tiny' >"$mnt/tiny"
sync "$mnt/tiny"
stays 'copy_on_write inline_data' "$mnt/tiny"

# btrfs, marked so that it overwrites in place
nocow() {
  touch "$1"
  chattr +C "$1"
  plant_markers "$1" 64 "$2"
}
nocow "$mnt/nocow" nocow
nocow "$mnt/nocow-control" control
# Whether or not reads of the file past the cache can be told from others: it is read back from the
# block device, at the places that the file system named before the first write.
expect_run 0 sanitized quietus files --yes --json "$mnt/nocow"
expect_gone "$mnt/nocow"
expect_said '.predicate.verification.cache_bypass' direct_io
rm "$mnt/nocow-control"

# ... until a snapshot keeps the old blocks
nocow "$mnt/snapped" snapped
btrfs -q subvolume snapshot "$mnt" "$mnt/snapshot"
sync -f "$mnt"
stays shared_extents "$mnt/snapped"
settle_fs
expect_equal "markers left of the file marked no-cow" 0 "$(count_markers "$image" nocow)"
expect_equal "markers left of the removed file" 64 "$(count_markers "$image" control)"

# xfs with a clone
make_fs xfs 300M -m reflink=1
plant_markers "$mnt/original" 64
cp --reflink=always "$mnt/original" "$mnt/clone"
sync -f "$mnt"
stays shared_extents "$mnt/original"
stays shared_extents "$mnt/clone"
goes shared_extents "$mnt/clone"
expect_equal "blocks of the original that are whole" 64 "$(count_markers "$mnt/original")"
settle_fs

# ext4 whose journal takes contents
mount_options=data=journal
make_fs ext4 64M
plant_markers "$mnt/journalled" 64
stays journalled_data "$mnt/journalled"
goes journalled_data "$mnt/journalled"
settle_fs

# ... for one file
mount_options=rw
make_fs ext4 64M
plant_markers "$mnt/marked" 64
umount "$mnt"
# As chattr +j, which some containers forbid even to root: EXT4_EXTENTS_FL and EXT4_JOURNAL_DATA_FL.
debugfs -w -R 'set_inode_field marked flags 0x84000' "$loop" 2>"$work/.debugfs"
mount "$loop" "$mnt"
expect_equal "the file's attributes" 1 "$(lsattr "$mnt/marked" | cut -d ' ' -f 1 | grep -c j)"
stays journalled_data "$mnt/marked"
settle_fs

# ext4 with content among the metadata
make_fs ext4 64M -O inline_data -I 256
printf 'forty bytes that lie in the inode itself' >"$mnt/inline"
sync "$mnt/inline"
stays inline_data "$mnt/inline"
goes inline_data "$mnt/inline"
settle_fs
finish

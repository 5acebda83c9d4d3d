#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# files --deep: neither data nor names, attributes and inline content in the raw image; what remains is
# named and then never plain success. Without it the data is gone, and what may remain is a remark.
# shellcheck source=../support/system.sh
. "$(dirname "$0")/../support/system.sh"
# shellcheck source=../support/residue.sh
. "$support/residue.sh"
need_root_and losetup mkfs.ext4 mkfs.xfs e2fsck xfs_repair
need_plain_disk

# doomed LABEL TYPE SIZE [mkfs options]: live files, a directory "erase" that is to go, and files to go
# in a directory "stays" that keeps others.
doomed() {
  label=$1
  shift
  make_fs "$@"
  tokens=$work/tokens-$images
  residue lives "$mnt" "$tokens"
  sync -f "$mnt"
  remember_fs
  residue erase "$mnt" "$tokens"
  count_residue "$image"
  print_residue "before"
}

# expect_deep TYPE CLASS...: destroyed, and none of these classes has survivors.
expect_deep() {
  local type=$1
  shift
  run quietus files --yes --json --deep --recursive --scheme random "$mnt/erase"
  fill_code=$code
  fill_outcome=$(told finished .outcome)
  expect_gone "$mnt/erase"
  expect_unharmed
  expect_clean_fs "$type"
  count_residue "$image"
  print_residue "after --deep"
  expect_residue 0 "$@"
  expect_named
  expect_exit 0 quietus certificate verify "$(certificate)"
}

# The control, too: what a plain run leaves can be seen, is remarked, and is no exception.
doomed "ext4, plain" ext4 128M -b 4096
expect_run 0 sanitized quietus files --yes --json --recursive --scheme random "$mnt/erase"
expect_gone "$mnt/erase"
settle_fs
count_residue "$image"
print_residue "after"
expect_residue 0 L S
expect_at_least "$label: names that a plain run leaves" 1 "${survivors[N]}"
expect_equal "$label: names may remain" false \
  "$(said '.predicate.facts[] | select(.code == "names_may_remain") | .exception')"

doomed "ext4, ordered" ext4 128M -b 4096
expect_deep ext4 L S X N K
doomed "ext4, inline data" ext4 128M -b 4096 -O inline_data -I 1024
expect_deep ext4 L S X N K
mount_options=data=journal
doomed "ext4, journalled data" ext4 128M -b 4096
contents() { find "$mnt/erase" -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum; }
before=$(contents)
expect_run 6 not_effective quietus files --yes --json --recursive --scheme random "$mnt/erase"
expect_equal "journalled data without --deep stays" "$before" "$(contents)"
expect_deep ext4 L S X N K
mount_options=rw

# On xfs attributes may stay inside inodes next to live ones.
doomed "xfs" xfs 300M
expect_deep xfs L S N K

# The plan states what it will cost.
make_fs ext4 64M
random_file "$mnt/file" 5000
expect_exit 0 quietus files --dry-run --deep "$mnt/file"
expect_line "$out" 'free space|deep'
expect_there "$mnt/file"

# Single files, out of a directory that stays with many others in it.
mkdir "$mnt/stays"
"$python" - "$mnt/stays" <<'END_OF_FILES'
import sys
for number in range(500):
    for kind in ("kept", "gone"):
        with open(f"{sys.argv[1]}/<{kind} {number:08d}>", "wb") as file:
            file.write(b"x")
END_OF_FILES
sync -f "$mnt"
run quietus files --yes --json --deep --scheme random "$mnt/stays/<gone "*
expect_equal "names that are kept" 500 "$(find "$mnt/stays" -name '<kept *' | wc -l)"
settle_fs
expect_equal "names kept, in the raw image" 500 "$(count_markers "$image" kept)"
left=$(count_markers "$image" gone)
echo "names left of 500 in a directory that stays: $left (exit code $code)"
expect_equal "names gone, in the raw image" 0 "$left"
run e2fsck -fn "$image"
expect_equal "e2fsck" 0 "$code"
finish

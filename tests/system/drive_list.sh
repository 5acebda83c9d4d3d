#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `quietus list` on devices of our own: what they are, what is on them, who uses them; with 512 and 4096
# bytes a sector, up to 20 TiB; as root and as nobody. It changes nothing.
# shellcheck source=../support/drives.sh
. "$(dirname "$0")/../support/drives.sh"
need_root_and losetup mkfs.ext4 mkswap swapon partx numfmt flock setpriv

# look: the list, of which listed() tells.
look() {
  run quietus list --json
  expect_equal "exit code of list" 0 "$code"
  expect_empty "$err"
}
# listed DEVICE FILTER
listed() { jq -r --arg path "$1" "select(.path == \$path) | $2" "$out"; }
expect_listed() {  # DEVICE FILTER EXPECTED
  expect_equal "list, $2 of $1" "$3" "$(listed "$1" "$2")"
}

plain() {
  make_drive 5M --sector-size 4096
  local name=${loop##*/}
  look
  expect_listed "$loop" '"\(.name) \(.disk) \(.kind) \(.bus) \(.storage) \(.zoned) \(.hidden_area)"' \
    "$name $name loop loop virtual none none"
  expect_listed "$loop" '"\(.size_bytes) \(.logical_block_bytes) \(.offset_on_disk_bytes) \(.length_on_disk_bytes)"' \
    "5242880 4096 0 5242880"
  expect_listed "$loop" '"\(.vendor)\(.model)\(.serial)\(.serial_source)\(.wwn)\(.firmware)\(.stable_path)"' ''
  expect_listed "$loop" '"\(.read_only) \(.backing_file) \(.backing_is_buffered)"' "false $image true"
  expect_listed "$loop" '"\(.content) \(.uses) \(.system_roles) \(.partitions) \(.root_would_add)"' '[] [] [] [] []'
  expect_listed "$loop" '.takes | "\(.scheme) \(.passes) \(.bytes_to_write) \(.bytes_to_read)"' \
    'moj-3r 3 15728640 5242880'
  expect_listed "$loop" .sequence "$(cat "/sys/block/$name/diskseq")"
  losetup -d "$loop"
  wait_for 5 test ! -e "/sys/block/$name/loop/backing_file"
  look
  expect_listed "$loop" .path ''
}

# shellcheck disable=SC2317  # called by wait_for
is_locked() { ! flock --nonblock "$1" true; }
uses() {
  make_drive 6M --partscan
  local mounted=$loop locked name=${loop##*/}
  make_partitions gpt
  mkfs.ext4 -q -O ^has_journal -L quiet "${loop}p1"
  mount_at "$work/mount" "${loop}p1"
  mkswap "${loop}p2" >/dev/null 2>&1
  use_as_swap "${loop}p2"
  make_drive 4M --read-only
  locked=$loop
  flock --no-fork "$locked" sleep 60 &
  local lock=$!
  children+=("$lock")
  wait_for 5 is_locked "$locked" || fail "$locked is not locked"
  look
  expect_listed "$mounted" '.partitions | join(" ")' "${name}p1 ${name}p2"
  expect_listed "$mounted" '[.content[] | "\(.usage) \(.type)"] | join(", ")' "partition_table gpt"
  expect_listed "$mounted" '[.uses[] | "\(.kind) \(.device) \(.by)"] | sort | join(", ")' \
    "mount ${name}p1 $work/mount, swap ${name}p2 ${mounted}p2"
  expect_listed "${mounted}p1" '"\(.kind) \(.disk) \(.offset_on_disk_bytes) \(.size_bytes)"' \
    "partition $name 1048576 1048576"
  expect_listed "${mounted}p1" '[.content[] | "\(.usage) \(.type) \(.label)"] | join(", ")' "filesystem ext4 quiet"
  expect_listed "${mounted}p2" '[.content[].type] | join(" ")' swap
  expect_listed "${mounted}p2" '[.uses[].kind] | join(" ")' swap
  expect_listed "$locked" .read_only true
  expect_listed "$locked" '.uses[] | "\(.kind) \(.device) \(.by)"' "lock ${locked##*/} sleep (pid $lock)"

  run quietus list
  expect_equal "exit code of list" 0 "$code"
  expect_line "$out" '^DEVICE +SIZE +KIND +MODEL +SERIAL$' "^$mounted +6 MiB +virtual loop +- +-$" \
    "mounted on $work/mount" "^ +$mounted""p2 +2 MiB +partition" 'ext4'
  swapoff "${mounted}p2"
  umount "$work/mount"
}

in_memory() {
  if ! [ -e /sys/class/zram-control/hot_add ]; then
    echo "left out: there is no zram here"
    return
  fi
  make_zram $((64 << 20))
  look
  expect_listed "$zram" '"\(.kind) \(.size_bytes) \(.logical_block_bytes) \(.storage) \(.hidden_area)"' \
    "zram 67108864 4096 virtual none"
}

# 20 TiB: more than 2^32 sectors.
huge() {
  mount_at "$work/huge" -t tmpfs -o size=16M quietus-test
  local size=$((20 << 40)) sector
  truncate -s "$size" "$work/huge/file" || { echo "left out: no file of 20 TiB here"; return; }
  for sector in 512 4096; do
    attach "$work/huge/file" --sector-size "$sector"
    look
    expect_listed "$loop" '"\(.size_bytes) \(.logical_block_bytes) \(.length_on_disk_bytes)"' "$size $sector $size"
    expect_listed "$loop" '.takes | "\(.bytes_to_write) \(.bytes_to_read)"' "$((3 * size)) $size"
    expect_exit 0 quietus drives --dry-run --json "$loop"
    expect_equal "size in the plan" "$size" "$(told plan '.plan.targets[0].roots[0].size_bytes')"
    losetup -d "$loop"
  done
  expect_equal "blocks of the sparse file" 0 "$(stat -c %b "$work/huge/file")"
}

# What sysfs gives needs no root; it is said what root would add.
as_nobody() {
  make_drive 4M
  setpriv --reuid 65534 --regid 65534 --clear-groups "$QUIETUS" list --json >"$out" 2>"$err"
  code=$?
  if [ "$code" -ge 126 ]; then
    echo "left out: nobody may not run the program here"
    return
  fi
  expect_equal "exit code of list as nobody" 0 "$code"
  expect_listed "$loop" '"\(.size_bytes) \(has("content")) \(.content_unknown)"' "4194304 false needs root"
  expect_listed "$loop" '.root_would_add | length > 0' true
}

plain
uses
in_memory
huge
as_nobody
expect_gone "$state"
finish

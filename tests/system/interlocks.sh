#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What is in use or protected, and what another mount shows, is refused and not touched.
# shellcheck source=../support/system.sh
. "$(dirname "$0")/../support/system.sh"
need_root_and losetup mkfs.ext4 chattr mkswap swapon swapoff
need_plain_disk
mount_options=rw
make_fs ext4 64M

# untouched CODE ARGUMENTS...: refused for that reason, and everything is as before.
untouched() {
  local code=$1 before
  shift
  before=$(fingerprint "$mnt")
  refuses "$code" quietus files --yes "$@"
  expect_equal "$*" "$before" "$(fingerprint "$mnt")"
}

protected() {
  random_file "$mnt/immutable" 5000
  chattr +i "$mnt/immutable"
  untouched immutable "$mnt/immutable"
  chattr -i "$mnt/immutable"
  random_file "$mnt/append" 5000
  chattr +a "$mnt/append"
  untouched append_only "$mnt/append"
  chattr -a "$mnt/append"
}

in_use() {
  random_file "$mnt/open" 5000
  exec 7<"$mnt/open"  # this shell is another process than the program, but it would inherit the file
  sleep 60 7<&7 &
  children+=($!)
  exec 7<&-
  untouched open_elsewhere "$mnt/open"
  cp "$(command -v sleep)" "$mnt/running"
  "$mnt/running" 60 &
  children+=($!)
  wait_for 5 grep -qz running "/proc/$!/cmdline"
  untouched running_program "$mnt/running"
}

swapped_to() {
  random_file "$mnt/swap" $((8 << 20))
  chmod 600 "$mnt/swap"
  mkswap -q "$mnt/swap" 2>/dev/null || mkswap "$mnt/swap" >/dev/null
  if ! swapon "$mnt/swap"; then
    skip "no swap file can be used here"
  fi
  local before after
  before=$(stat -c '%i %s %Y %Z' "$mnt/swap")
  run quietus files --yes "$mnt/swap"
  after=$(stat -c '%i %s %Y %Z' "$mnt/swap")
  swapoff "$mnt/swap"
  expect_equal "exit code for a swap file in use" 3 "$code"
  expect_line "$err" '\[(active_swap|running_program)\]$'
  expect_equal "the swap file" "$before" "$after"
}

# Another mount shows the same file, or lies in the tree: directories, and single files too.
mounts_in_the_way() {
  mkdir -p "$mnt/tree/inside" "$mnt/tree/border" "$mnt/elsewhere"
  random_file "$mnt/tree/inside/file" 5000
  random_file "$mnt/elsewhere/kept" 5000
  random_file "$mnt/elsewhere/single" 5000
  : >"$mnt/tree/cover"
  mount_at "$mnt/tree/border" --bind "$mnt/elsewhere"
  mkdir "$work/view"
  mount_at "$work/view" --bind "$mnt/tree"
  mounts+=("$mnt/tree/cover")
  mount --bind "$mnt/elsewhere/single" "$mnt/tree/cover"

  untouched mount_point "$mnt/tree/cover"
  untouched mount_point "$mnt/elsewhere/single" "$mnt/tree/cover"
  untouched duplicate_target "$mnt/tree/inside/file" "$work/view/inside/file"
  untouched mount_point --recursive "$work/view"
  untouched mount_point --recursive "$mnt"

  local before
  before=$(fingerprint "$mnt/elsewhere")
  expect_run 5 sanitized_with_exceptions quietus files --yes --json --recursive "$mnt/tree"
  expect_gone "$mnt/tree/inside"
  expect_there "$mnt/tree/border/kept" "$mnt/tree/cover"
  expect_equal "what is mounted in the tree" "$before" "$(fingerprint "$mnt/elsewhere")"
  expect_equal "exceptions" "mount_border mount_border" \
    "$(said '[.predicate.exceptions[].facts[].code] | join(" ")')"
}

# Files in memory: written, but nothing says where, and no read can pass the cache.
in_memory() {
  mount_at "$work/memory" -t tmpfs -o size=4M quietus-test
  random_file "$work/memory/file" 5000
  local before
  before=$(sum "$work/memory/file")
  expect_run 5 unverified quietus files --yes --json "$work/memory/file"
  expect_there "$work/memory/file"
  expect_different "content of the file in memory" "$before" "$(sum "$work/memory/file")"
  expect_said '.predicate.exceptions[0].facts[0].code' placement_unknown
  expect_said '.predicate.verification.cache_bypass' none
}

protected
in_use
swapped_to
mounts_in_the_way
in_memory
finish

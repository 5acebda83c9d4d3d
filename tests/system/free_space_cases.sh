#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# free-space under limits and beside others: a reserve, no root, few descriptors, large sectors, our own
# state on the file system that is being filled, other mounts, and what is refused.
# shellcheck source=../support/system.sh
. "$(dirname "$0")/../support/system.sh"
# shellcheck source=../support/residue.sh
. "$support/residue.sh"
need_root_and losetup mkfs.ext4 e2fsck setpriv
need_plain_disk
mib=$((1 << 20))
space=(free-space --yes --json --scheme random)

small_fs() {  # LABEL SIZE [mkfs options]: with live files
  label=$1
  shift
  make_fs ext4 "$@"
  mkdir "$mnt/deep" "$mnt/deep/er"
  random_file "$mnt/one" 50000
  random_file "$mnt/deep/er/two" 700000
  sync -f "$mnt"
  remember_fs
}

# Refused, and nothing was written.
make_fs ext4 32M
mkdir "$mnt/here" "$mnt/there"
random_file "$mnt/file" 5000
before=$(fingerprint "$mnt")
# refused_as CODE DIR...
refused_as() {
  local want=$1
  shift
  expect_exit 3 quietus "${space[@]}" "$@"
  expect_line "$out" "\"code\":\"$want\""
}
refused_as duplicate_target "$mnt/here" "$mnt/there"
expect_exit 3 quietus "${space[@]}" "$mnt/file"
refused_as not_found "$mnt/not-there"
mount_at "$work/memory" -t tmpfs -o size=16M quietus-test
refused_as no_medium "$work/memory"
expect_equal "what is left in memory" 0 "$(find "$work/memory" -mindepth 1 | wc -l)"
mount -o remount,ro "$mnt"
refused_as read_only "$mnt/here"
mount -o remount,rw "$mnt"
expect_equal "the file system after refusals" "$before" "$(fingerprint "$mnt")"
expect_exit 2 quietus "${space[@]}" --reserve 1M --to-the-last-block "$mnt"
expect_exit 2 quietus "${space[@]}"
expect_exit 0 quietus free-space --dry-run --json "$mnt/here"
expect_equal "the file system after a dry run" "$before" "$(fingerprint "$mnt")"
settle_fs

# A reserve is left, and said.
small_fs "reserve" 96M
expect_exit 5 quietus "${space[@]}" --reserve 32M "$mnt"
expect_unharmed
expect_said .predicate.space.reserved_bytes $((32 * mib))
expect_said .predicate.outcome sanitized_with_exceptions
expect_at_most "bytes filled beside the reserve" \
  $((blocks_before * 4096 - 32 * mib)) "$(said .predicate.space.filled_bytes)"
expect_equal "what is an exception" space_reserved \
  "$(said '[.predicate.facts[] | select(.exception) | .code] | join(" ")')"
expect_clean_fs ext4

# DIR is not the top; another mount below it is none of ours.
small_fs "not the top" 64M
outer=$mnt outer_loop=$loop outer_image=$image outer_live=$live_before
outer_facts=("$blocks_before" "$nodes_before" "$written_before" "$discarded_before" "$reserved_before")
mkdir "$outer/deep/other"
make_fs ext4 16M
random_file "$mnt/inner" 100000
settle_fs
inner=$(sum "$image")
attach "$image"
mount_at "$outer/deep/other" -o ro,noload "$loop"
inner_written=$(sectors_written "$loop") inner_loop=$loop
# Names elsewhere on that file system were not dealt with, and the outcome says so.
expect_exit 5 quietus "${space[@]}" --slack --to-the-last-block "$outer/deep"
expect_equal "that only a part was reached is an exception" true \
  "$(said '.predicate.facts[] | select(.code == "part_of_file_system") | .exception')"
expect_equal "sectors written to the other mount" "$inner_written" "$(sectors_written "$inner_loop")"
umount "$outer/deep/other"
losetup -d "$inner_loop"
expect_equal "the image of the other mount" "$inner" "$(sum "$image")"
rmdir "$outer/deep/other"
mnt=$outer loop=$outer_loop image=$outer_image live_before=$outer_live
read -r blocks_before nodes_before written_before discarded_before reserved_before <<<"${outer_facts[*]}"
expect_unharmed
expect_clean_fs ext4

# Few descriptors.
small_fs "64 descriptors" 64M
# shellcheck disable=SC2016  # for the inner shell
expect_exit 0 bash -c 'ulimit -n 64; exec "$@"' limited "$QUIETUS" "${space[@]}" --slack \
  --to-the-last-block --prove --state-dir "$state" "$mnt"
expect_unharmed
expect_filled 90
expect_said '[.predicate.space.canaries.classes[].survivors] | add' 0
expect_clean_fs ext4

# Sectors of 4,096 bytes.
loop_options=(-b 4096)
make_residue "sectors of 4,096 bytes" ext4 96M -b 4096 -J size=8
loop_options=()
fill_space --slack --to-the-last-block --prove
expect_outcome 0 sanitized
expect_unharmed
expect_filled 90
expect_clean_fs ext4
count_residue "$image"
print_residue "after"
# shellcheck disable=SC2086  # a list
expect_residue 0 $residue_classes
expect_agreement

# Our own state on the file system that is being filled: certificate and ledger are written all the same.
make_residue "own state inside" ext4 128M -b 4096
outside=$state
state=$mnt/state
fill_space --slack --to-the-last-block --prove
sync -f "$mnt"
file=$(certificate)
expect_there "$file"
expect_exit 0 quietus certificate verify "$file"
expect_exit 0 quietus ledger verify
cp -r "$state" "$work/state-copy"
rm -r "$state"
live_now=$(residue digest "$mnt")
expect_equal "live files beside our state" "$live_before" "$live_now"
expect_equal "reserved clusters" "$reserved_before" "$(reserved_clusters)"
expect_clean_fs ext4
state=$work/state-copy
count_residue "$image"
print_residue "after"
expect_residue 0 L T S X D K W A
expect_named
state=$outside

# Without root: only what this account may fill, and the outcome says what was not looked at.
small_fs "without root" 64M
chmod 755 "$work"
cp "$QUIETUS" "$work/program"
mkdir "$mnt/mine" "$work/nobody"
chown 65534:65534 "$mnt/mine" "$work/nobody"
sync -f "$mnt"
remember_fs
run setpriv --reuid 65534 --regid 65534 --clear-groups "$work/program" "${space[@]}" --prove \
  --state-dir "$work/nobody/state" "$mnt/mine"
expect_equal "exit code without root" 5 "$code"
[ "$code" = 5 ] || show
expect_unharmed
file=$(find "$work/nobody/state/certificates" -name '*.cert.json' | tail -n 1)
expect_said .predicate.space.canaries.scanned false "$file"
expect_different "why nothing was scanned" "" "$(said .predicate.space.canaries.why_not "$file")"
expect_different "outcome" sanitized "$(said .predicate.outcome "$file")"
expect_clean_fs ext4

# Within a quota, where the kernel has them: it ends there, takes everything back, and says that it was a
# quota.
label="within a quota"
make_fs ext4 128M
umount "$mnt"
tune2fs -Q usrquota "$loop" >/dev/null 2>&1
if ! mount -o usrquota "$loop" "$mnt" 2>/dev/null || ! setquota -u 65534 0 24576 0 0 "$mnt"; then
  echo "$label: not tried: no quotas here"
  finish
fi
mkdir "$mnt/mine"
chown 65534:65534 "$mnt/mine"
sync -f "$mnt"
remember_fs
run setpriv --reuid 65534 --regid 65534 --clear-groups "$work/program" "${space[@]}" \
  --state-dir "$work/nobody/state" "$mnt/mine"
expect_equal "exit code within a quota" 5 "$code"
[ "$code" = 5 ] || show
file=$(find "$work/nobody/state/certificates" -name '*.cert.json' | sort | tail -n 1)
expect_at_most "bytes filled within a quota" $((24 * mib)) "$(said .predicate.space.filled_bytes "$file")"
expect_equal "a quota is said" 1 \
  "$(said '[.predicate.facts[] | select(.code == "quota_reached" and .exception)] | length' "$file")"
expect_unharmed
expect_clean_fs ext4
finish

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Drives that are in use, protected, part of something larger, or not the ones that are meant: refused
# with a code of its own, exit 3, nothing claimed, and every byte as before.
# shellcheck source=../support/drives.sh
. "$(dirname "$0")/../support/drives.sh"
need_root_and losetup blkid partx mkfs.ext4 mkswap swapon swapoff flock strace numfmt findmnt
strace -o "$work/probe" true 2>/dev/null || skip "strace may not trace here"

# Nothing but a reading open of a device: no claim, no writing.
claims() { grep -aE 'openat?\(.*"/dev/(loop|zram|vd|sd|nvme)[^"]*".*(O_EXCL|O_RDWR|O_WRONLY)' "$work/trace"; }

# Everything on all drives, but for the bytes from..to of each where the system may swap meanwhile.
swapping=
contents() {
  local file
  sync "$work"/drive-*
  for file in "$work"/drive-*; do
    if [ -n "$swapping" ]; then
      head -c "${swapping%..*}" "$file"
      tail -c +$((${swapping#*..} + 1)) "$file"
    else
      cat "$file"
    fi
  done | sha256sum | cut -d ' ' -f 1
}

# refused CODE ARGUMENTS...: the images stay as they were, no pass begins, nothing is certified.
refused() {
  local code=$1 before certified
  shift
  before=$(contents)
  certified=$(certificates)
  refuses "$code" strace -f -o "$work/trace" -e trace=open,openat \
    "$QUIETUS" drives --yes --state-dir "$state" "$@"
  expect_equal "claims by drives $*" "" "$(claims)"
  expect_equal "content after drives $*" "$before" "$(contents)"
  expect_equal "certificates after drives $*" "$certified" "$(certificates)"
}

# refused_drive CODE DEVICE...: each named rightly by its size, so that only the interlock stands.
refused_drive() {
  local code=$1 device sizes=()
  shift
  for device in "$@"; do [ ! -b "$device" ] || sizes+=(--expect-size "$(size_of "$device")"); done
  refused "$code" "${sizes[@]}" "$@"
}

# destroyed DEVICE [OPTIONS]: the interlock was all that stood in its way.
destroyed() {
  local device=$1
  shift
  expect_run 0 sanitized quietus drives --yes --json --scheme random --expect-size "$(size_of "$device")" \
    "$@" "$device"
}

mounted() {
  make_drive 6M
  mkfs.ext4 -q -E lazy_itable_init=0,lazy_journal_init=0 "$loop"
  mount_at "$work/mount" "$loop"
  refused_drive mounted "$loop"
  expect_line "$err" "^hint: umount $work/mount$"
  umount "$work/mount"
  destroyed "$loop"

  make_drive 6M --partscan
  make_partitions dos
  mkfs.ext4 -q -E lazy_itable_init=0,lazy_journal_init=0 "${loop}p2"
  mount_at "$work/mount" "${loop}p2"
  refused_drive mounted "$loop"
  expect_line "$err" "${loop##*/}p2 is mounted on "
  refused_drive mounted "${loop}p2"
  refused_drive mounted "${loop}p1" "${loop}p2"
  # Its neighbour is another matter.
  local before
  before=$(content_of "$loop" 6144)
  destroyed "${loop}p1"
  expect_equal "what is mounted beside it" "$before" "$(content_of "$loop" 6144)"
  umount "$work/mount"
}

swapped_to() {
  drop_drives
  make_drive 6M
  use_as_swap "$loop"
  swapping=4096..65536
  refused_drive active_swap "$loop"
  swapoff "$loop"
  destroyed "$loop"
  drop_drives
  make_drive 6M --partscan
  make_partitions dos
  use_as_swap "${loop}p2"
  swapping=$((6144 * 512 + 4096))..$((6144 * 512 + 65536))
  refused_drive active_swap "$loop"
  refused_drive active_swap "${loop}p2"
  swapoff "${loop}p2"
  swapping=
}

# write_member TYPE DEVICE: what libblkid knows a member by.
write_member() {
  "$python" - "$@" <<'END'
import os, struct, sys, zlib
kind, path = sys.argv[1:]

def crc64(data):
    value = (1 << 64) - 1
    for byte in data:
        value ^= byte << 56
        for _ in range(8):
            value = (value << 1 ^ (0x42F0E1EBA9EA3693 if value >> 63 else 0)) & (1 << 64) - 1
    return value ^ (1 << 64) - 1

def lvm():
    rest = struct.pack("<I8s32s", 32, b"LVM2 001", b"q" * 32).ljust(492, b"\0")
    seed = 0xF597A6CF ^ 0xFFFFFFFF
    return [(512, struct.pack("<8sQI", b"LABELONE", 1, zlib.crc32(rest, seed) ^ 0xFFFFFFFF) + rest)]

def raid():  # version 1.2
    return [(4096, struct.pack("<IIII16s32s", 0xA92B4EFC, 1, 0, 0, b"q" * 16, b"host:0").ljust(128, b"\0") +
             struct.pack("<QQQ", 4096, 8192, 8).ljust(128, b"\0"))]

def zfs():  # a label's uberblocks
    return [((128 + i) * 1024, struct.pack("<QQQQQ", 0x00BAB10C, 5000, i + 1, 1, 1).ljust(1024, b"\0"))
            for i in range(64)]

def bcache():
    magic = bytes.fromhex("c68573f64e1a45ca8265f57f48ba6d81")
    body = struct.pack("<QQ16s16s16s", 8, 1, magic, b"q" * 16, b"s" * 16).ljust(200, b"\0")
    return [(4096, struct.pack("<Q", crc64(body)) + body)]

def luks():  # version 1
    return [(0, struct.pack(">6sH32s32s32sII20s32sI40s", b"LUKS\xba\xbe", 1, b"aes", b"xts-plain64", b"sha256",
                            4096, 64, b"d" * 20, b"s" * 32, 1000, b"71717171-7171-7171-7171-717171717171"))]

writers = {"LVM2_member": lvm, "linux_raid_member": raid, "zfs_member": zfs, "bcache": bcache, "crypto_LUKS": luks}
file = os.open(path, os.O_RDWR)
for offset, data in writers[kind]():
    os.pwrite(file, data, offset)
os.fsync(file)
END
}

members() {
  drop_drives
  local kind
  for kind in LVM2_member linux_raid_member zfs_member bcache; do
    make_drive 4M
    # libblkid looks for a pool on 64 MiB or more only.
    [ "$kind" != zfs_member ] || { truncate -s 64M "$image" && losetup --set-capacity "$loop"; }
    write_member "$kind" "$loop"
    expect_equal "what blkid finds" "$kind" "$(signatures "$loop")"
    refused_drive raid_member "$loop"
    expect_line "$err" "member of a larger whole: $kind"
    destroyed "$loop" --allow-member
    expect_equal "what blkid finds afterwards" "" "$(signatures "$loop")"
    expect_said '.predicate.asset.content_before[].type' "$kind"
    expect_said '.predicate.afterwards.signatures' '[]'
  done
  # On a partition it speaks for the disk, too.
  make_drive 6M --partscan
  make_partitions gpt
  write_member LVM2_member "${loop}p2"
  refused_drive raid_member "$loop"
  refused_drive raid_member "${loop}p2"
  destroyed "${loop}p1"
}

# Encrypted data stand on their own.
encrypted() {
  drop_drives
  make_drive 4M
  write_member crypto_LUKS "$loop"
  expect_equal "what blkid finds" crypto_LUKS "$(signatures "$loop")"
  expect_exit 0 quietus drives --dry-run "$loop"
  expect_line "$out" 'on it: crypto_LUKS \(crypto\)$'
  destroyed "$loop"
  expect_said '.predicate.asset.content_before[].type' crypto_LUKS
}

backed() {
  drop_drives
  make_drive 4M
  local first=$loop size
  size=$(size_of "$loop")
  refused loop_backing_file "$image"
  refused_drive overlapping_targets "$loop" "$image"
  has_finding loop_backing_file
  # Another loop device, over the device or over its file.
  loop=$(losetup --find --show "$first") || exit 1
  stacked+=("$loop:$first")
  refused_drive loop_backing_file "$first"
  refused_drive overlapping_targets "$first" "$loop"
  losetup -d "$loop"
  attach "$image"
  refused_drive loop_backing_file "$first"
  refused_drive loop_backing_file "$loop"
  refused_drive overlapping_targets "$first" "$loop"
  mkfs.ext4 -q -E lazy_itable_init=0,lazy_journal_init=0 "$loop"
  mount_at "$work/mount" "$loop"
  refused_drive loop_backing_file "$first"
  umount "$work/mount"
  losetup -d "$loop"
  expect_equal "size" "$size" "$(size_of "$first")"
  destroyed "$first"
}

our_own() {
  drop_drives
  make_drive 6M
  mkfs.ext4 -q -E lazy_itable_init=0,lazy_journal_init=0 "$loop"
  mount_at "$work/mount" "$loop"
  mkdir "$work/mount/state"
  local usual=$state
  state=$work/mount/state
  expect_exit 3 quietus drives --yes --expect-size "$(size_of "$loop")" "$loop"
  has_finding own_state
  has_finding mounted
  state=$usual
  umount "$work/mount"
  # A device over a file in our folder.
  expect_exit 0 quietus ledger verify
  random_file "$state/inside" 1000448
  attach "$state/inside"
  local before
  before=$(sum "$state/inside")
  refused_drive own_state "$loop"
  expect_equal "a file in the state folder" "$before" "$(sum "$state/inside")"
  losetup -d "$loop"
  rm "$state/inside"
}

protected() {
  drop_drives
  make_drive 4M --read-only
  refused_drive read_only "$loop"
  make_drive 4M
  blockdev --setro "$loop"
  refused_drive read_only "$loop"
  blockdev --setrw "$loop"
  destroyed "$loop"
  : >"$work/empty"
  attach "$work/empty" 2>/dev/null
  refused zero_size "$loop"
  : >"$work/nothing"
  refused zero_size "$work/nothing"
}

# What no look tells is found by the claim; the plan is agreed to by then.
claimed() {
  drop_drives
  make_drive 4M
  local before
  before=$(sum "$image")
  hold "$loop"
  refuses open_elsewhere quietus drives --yes --expect-size "$(size_of "$loop")" "$loop"
  let_go
  exec 8<"$loop"
  flock 8
  refused_drive locked "$loop"
  exec 8<&-
  flock --nonblock "$loop" true || fail "the lock was not freed"
  expect_equal "a drive that somebody holds" "$before" "$(sum "$image")"
  destroyed "$loop"
}

another_quietus() {
  drop_drives
  make_drive 6M
  local first size
  size=$(size_of "$loop")
  "$QUIETUS" drives --yes --json --rounds 100 --scheme gutmann35 --expect-size "$size" --state-dir "$state" \
    "$loop" >"$work/first" 2>&1 &
  first=$!
  children+=("$first")
  wait_for 20 grep -qs '"event":"pass_finished"' "$work/first" || fail "no pass in 20 seconds"
  refuses locked quietus drives --yes --expect-size "$size" "$loop"
  expect_line "$err" "another quietus works on it: quietus \\(pid $first\\)"
  kill -0 "$first" || fail "the first one ended"
  kill -TERM "$first"
  wait "$first" 2>/dev/null
  expect_equal "exit code of the one that was at work" 130 $?
  expect_line "$work/first" '"outcome":"interrupted"'
}

# One thing by two names, a part and the whole; parts beside each other are no such thing.
named_twice() {
  drop_drives
  make_drive 6M --partscan
  make_partitions dos
  local number size before
  number=$(stat -c '%Hr %Lr' "$loop")
  size=$(size_of "$loop")
  ln -s "$loop" "$work/by-id"
  # shellcheck disable=SC2086  # major and minor
  mknod "$work/node" b $number
  refused_drive duplicate_target "$loop" "$loop"
  refused_drive duplicate_target "$loop" "$work/by-id"
  refused_drive duplicate_target "$work/node" "$loop"
  rm "$work/node"
  refused_drive overlapping_targets "$loop" "${loop}p1"
  refused_drive overlapping_targets "${loop}p2" "$work/by-id"
  rm "$work/by-id"

  before=$(content_of "$loop" 0 2048; content_of "$loop" 4096 2048; content_of "$loop" 10240)
  expect_exit 0 quietus drives --yes --json --scheme random --expect-size 1M --expect-size 2M "${loop}p1" "${loop}p2"
  expect_equal "outcomes of two partitions" "sanitized sanitized" "$(told finished .outcome | xargs)"
  expect_equal "the rest of their disk" "$before" \
    "$(content_of "$loop" 0 2048; content_of "$loop" 4096 2048; content_of "$loop" 10240)"
  expect_equal "size" "$size" "$(size_of "$loop")"
}

bound_to_an_identity() {
  drop_drives
  make_drive 4M
  local first=$loop size
  size=$(size_of "$loop")
  make_drive 5M
  refused identity_unbound "$loop"
  expect_line "$err" "^hint: add --expect-size $(size_of "$loop")$"
  refused identity_unexpected --expect-size $((5 << 20 | 512)) "$loop"
  has_finding identity_not_found
  refused identity_unexpected --expect-serial "$size" "$loop"
  refused identity_unexpected --expect-wwn "$size" "$loop"
  # The set of those expected is the set of those named.
  refused identity_unexpected --expect-size "$size" "$first" "$loop"
  refused identity_not_found --expect-size "$size" --expect-size 5M "$first"
  expect_exit 3 quietus drives --expect-size "$size" --dry-run "$first" "$loop"
  has_finding identity_unexpected
}

# No spelling means "all drives".
never_all() {
  drop_drives
  local nothing='/dev/loop*'
  make_drive 5M
  refused is_directory /dev
  refused is_directory /dev/
  refused is_directory /sys/block
  refused not_found "$nothing"
  refused not_found "${loop}*"
  refused not_found /dev/disk/by-id/
  for nothing in '' '--expect-size=5M' '--allow-member'; do
    # shellcheck disable=SC2086  # no argument where there is none
    expect_exit 2 quietus drives --yes $nothing
  done
  expect_exit 2 quietus drives --yes ''
  expect_exit 2 quietus drives --yes "$loop" ''
  expect_exit 2 quietus drives --yes --all
  expect_exit 2 quietus drives --yes --recursive /dev
}

# A plan is of one drive as it was: not of what is there once it was agreed to.
# answered_after CODE COMMAND...: runs it between the question and its answer, which is then right.
answered_after() {
  local program answer=$work/answer before want=$1
  shift
  rm -f "$answer" "$work/seen"
  mkfifo "$answer"
  "$python" - "$answer" "$QUIETUS" drives --scheme random --state-dir "$state" "$loop" >"$work/seen" 2>&1 <<'END' &
import os, pty, sys
child, terminal = pty.fork()
if child == 0:
    os.execv(sys.argv[2], sys.argv[2:])
seen, answered = b"", False
while True:
    try:
        piece = os.read(terminal, 65536)
    except OSError:
        break
    if not piece:
        break
    seen += piece
    sys.stdout.buffer.write(piece)
    sys.stdout.flush()
    if b"To destroy it, type" in seen and seen.endswith(b": ") and not answered:
        answered = True
        with open(sys.argv[1], "rb") as answer:
            os.write(terminal, answer.read())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
END
  program=$!
  children+=("$program")
  wait_for 20 grep -qs 'To destroy it, type' "$work/seen" || { fail "no question"; cat "$work/seen"; }
  before=$(size_of "$loop")
  "$@"
  echo "$before" >"$answer"
  wait "$program"
  expect_equal "exit code after $*" "$want" $?
}
# shellcheck disable=SC2317  # called by answered_after
grow() { truncate -s +1M "$image" && losetup --set-capacity "$loop"; }
# shellcheck disable=SC2317
replug() {
  losetup -d "$loop"
  wait_for 5 losetup "$loop" "$image" 2>/dev/null || fail "not attached again"
}
changed() {
  drop_drives
  local before
  make_drive 4M
  before=$(head -c 4M "$image" | sha256sum)
  answered_after 3 grow
  expect_line "$work/seen" 'size was 4194304 and is 5242880'
  expect_equal "a drive that grew" "$before" "$(head -c 4M "$image" | sha256sum)"
  expect_line "$work/seen" '\[changed\]'
  answered_after 3 replug
  expect_line "$work/seen" 'it was removed, and it or another one attached \[changed\]'
  expect_equal "a drive that was detached" "$before" "$(head -c 4M "$image" | sha256sum)"
  answered_after 0 true
  expect_different "a drive that is as it was planned for" "$before" "$(head -c 4M "$image" | sha256sum)"
}

# Only ever planned: --dry-run is part of the function.
# shellcheck disable=SC2317  # called by refuses
plan_only() { "$QUIETUS" drives --dry-run --state-dir "$state" "$1"; }
system_disk() {
  local source disk
  source=$(findmnt -n -o SOURCE --nofsroot /)
  if ! [ -b "$source" ]; then
    echo "left out: $source, which is mounted on /, is no block device"
    return
  fi
  refuses system_disk plan_only "$source"
  expect_line "$err" 'holds the root file system'
  disk=$(lsblk -n -d -o PKNAME "$source" | head -n 1)
  [ -z "$disk" ] || refuses system_disk plan_only "/dev/$disk"
}

mounted
swapped_to
members
encrypted
backed
our_own
protected
claimed
another_quietus
named_twice
bound_to_an_identity
never_all
changed
system_disk
expect_exit 0 quietus ledger verify
finish

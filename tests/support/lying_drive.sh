# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Shared by the tests of drives that lie or fail: loop devices over lying_fs, the runs on them, and
# what really lies on them. Sources system.sh.
# shellcheck source=../support/system.sh
. "${BASH_SOURCE[0]%/*}/system.sh"

drives=()
daemons=()
clean_up() {
  local each
  # What hangs must be let go first, or nothing that waits for it ends.
  for each in "${drives[@]}"; do
    ! mountpoint -q "$each/fuse" || echo 'drop 0 0' >"$each/fuse/ctl"
  done
  release_all
  for each in "${drives[@]}"; do
    ! mountpoint -q "$each/fuse" || umount "$each/fuse" 2>/dev/null || umount -l "$each/fuse"
  done
  for each in "${daemons[@]}"; do
    kill "$each" 2>/dev/null
    wait "$each" 2>/dev/null
  done
}

need_lying_fs() {
  need_root_and losetup gcc pkg-config mountpoint openssl
  [ -c /dev/fuse ] || skip "no /dev/fuse"
  pkg-config --exists fuse3 || skip "no libfuse3"
  local flags
  read -ra flags < <(pkg-config --cflags --libs fuse3)
  gcc -O1 -o "$work/lying_fs" "$support/lying_fs.c" "${flags[@]}" || exit 1
}

# shellcheck disable=SC2034  # for those that source this
mib=$((1 << 20))

# new_drive NAME MIB [losetup options]: a loop device over a file that lies, full of markers with its
# name. use_drive makes it the one that the other functions are about.
new_drive() {
  local name=$1 folder=$work/$1 blocks=$(($2 * 256))
  shift 2
  mkdir -p "$folder/fuse"
  plant_markers "$folder/before" "$blocks" "$name"
  cp "$folder/before" "$folder/backing"
  "$work/lying_fs" "$folder/backing" "$folder/fuse" -f >>"$folder/told" 2>"$folder/errors" &
  daemons+=($!)
  drives+=("$folder")
  wait_for 10 mountpoint -q "$folder/fuse" || skip "FUSE does not work here"
  attach "$folder/fuse/disk" "$@"
  losetup --direct-io=on "$loop" 2>/dev/null  # otherwise it is the same, only slower
  echo "$loop" >"$folder/loop"
  use_drive "$name"
}

# Sets $drive, $loop, $bytes, and $told: what the drive did.
use_drive() {
  drive=$work/$1
  loop=$(<"$drive/loop")
  bytes=$(stat -c %s "$drive/backing")
  told=$drive/told
}

# In one write: each replaces all rules.
rules() {
  printf '%s\n' "$@" >"$work/.rules"
  : >"$told"
  cat "$work/.rules" >"$drive/fuse/ctl"
}
# shellcheck disable=SC2034  # for those that source this
honest='drop 0 0'

scheme=random
destroy_it() {  # [OPTIONS...]
  quietus drives --yes --json --progress none --expect-size "$bytes" --scheme "$scheme" "$@" "$loop"
}

# The bad ranges by the certificate, one a line: offset, length, state.
said_extents() {
  said '.predicate.exceptions[] | "\(.offset_bytes) \(.length_bytes) \(.state)"'
}

# The same by the events: what touches is one range.
told_extents() {
  told bad_extent '"\(.offset_bytes) \(.length_bytes) \(.state)"' | sort -nu | awk '
    NR > 1 && $1 == end && $3 == state { end += $2; next }
    NR > 1 { print from, end - from, state }
    { from = $1; end = $1 + $2; state = $3 }
    END { if (NR > 0) print from, end - from, state }'
}

# sectors_that agree|differ ONE OTHER: in which of their sectors the files are equal or differ, joined.
sectors_that() {
  "$python" - "$@" <<'END'
import sys
one, other = (open(name, "rb").read() for name in sys.argv[2:])
runs = []
for at in range(0, len(one), 512):
    if (one[at:at + 512] == other[at:at + 512]) != (sys.argv[1] == "agree"):
        continue
    if runs and sum(runs[-1]) == at:
        runs[-1][1] += 512
    else:
        runs.append([at, 512])
print("\n".join("%d %d" % tuple(run) for run in runs))
END
}

# What doesn't hold what the key in the certificate gives.
not_as_certified() {
  head -c "$bytes" /dev/zero |
    openssl enc -aes-256-ctr -K "$(said .predicate.final_content.key_hex)" \
      -iv 00000000000000000000000000000000 >"$work/.expected"
  sectors_that differ "$drive/backing" "$work/.expected"
}

# What still holds the markers that the drive was filled with by new_drive or fill_again.
never_written() { sectors_that agree "$drive/backing" "$drive/before"; }
fill_again() { cp "$drive/before" "$drive/backing"; }

# ends EXIT OUTCOME EXTENTS RULE... [-- OPTION...]: destroys the drive under the rules. Certificate
# and events name exactly the extents, and the certificate holds.
ends() {
  local code=$1 outcome=$2 extents=$3 under=()
  shift 3
  while [ $# -gt 0 ] && [ "$1" != -- ]; do
    under+=("$1")
    shift
  done
  rules "${under[@]}"
  expect_run "$code" "$outcome" destroy_it "${@:2}"
  expect_equal "extents under '${under[*]}'" "$extents" "$(said_extents)"
  expect_equal "events under '${under[*]}'" "$extents" "$(told_extents)"
  expect_exit 0 quietus certificate verify "$(certificate)"
}

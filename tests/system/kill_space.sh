#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# free-space ended in each of its phases. SIGKILL: bulk space comes back at once, what is left is one
# folder of our own and names of ours, and the next start or --clean-up removes them and restores every
# setting. SIGINT and SIGTERM: everything is undone. Live files are never harmed.
# shellcheck source=../support/system.sh
. "$(dirname "$0")/../support/system.sh"
# shellcheck source=../support/residue.sh
. "$support/residue.sh"
need_root_and losetup mkfs.ext4 mkfs.xfs e2fsck
need_plain_disk
random_file "$work/unrelated" 5000

# A fresh file system with live files, and directories in which names were removed.
fresh() {  # LABEL TYPE SIZE [mkfs options]
  label=$1
  shift
  make_fs "$@"
  tokens=$work/tokens-$images
  residue lives "$mnt" "$tokens"
  mkdir "$mnt/many"
  "$python" - "$mnt/many" <<'END_OF_NAMES'
import os, sys
open(sys.argv[1] + "/anchor", "w").close()
for number in range(3000):
    os.link(sys.argv[1] + "/anchor", f"{sys.argv[1]}/a-name-that-goes-{number:06d}")
os.sync()
for number in range(3000):
    os.unlink(f"{sys.argv[1]}/a-name-that-goes-{number:06d}")
END_OF_NAMES
  sync -f "$mnt"
  RESIDUE_LIST=$work/lines-before residue digest "$mnt" >/dev/null
  remember_fs
}

# shellcheck disable=SC2317  # called by name, like those below
free_blocks() { stat -f -c %f "$mnt"; }
# shellcheck disable=SC2317
free_nodes() { stat -f -c %d "$mnt"; }
# shellcheck disable=SC2317
names_seen() { find "$mnt/many" -mindepth 1 -print | head -n 50 | wc -l; }

# shellcheck disable=SC2317
in_phase() {  # PHASE: true while it lasts, by what can be seen from outside
  case "$1" in
    begin) [ -n "$(find "$mnt" -maxdepth 2 -name '.quietus-*' -print -quit)" ] ;;
    bulk) [ "$(free_blocks)" -lt $((blocks_before / 2)) ] ;;
    full) [ "$(free_blocks)" -lt 64 ] ;;
    nodes) [ "$(free_nodes)" -lt $((nodes_before / 2)) ] ;;
    names) [ "$(names_seen)" -gt 20 ] ;;
    # Names came and have gone again.
    after_names) [ "$(names_seen)" -gt 20 ] && wait_for 60 without_names ;;
  esac
}
# shellcheck disable=SC2317
without_names() { [ "$(names_seen)" -le 20 ]; }
ended() { ! kill -0 "$program" 2>/dev/null; }
# shellcheck disable=SC2317
reached() { in_phase "$1" || ended; }
# Small files, attributes and links take up what only --clean-up gives back.
# shellcheck disable=SC2317
space_is_back() { [ "$(free_blocks)" -gt $((blocks_before / 2)) ]; }

# end_in PHASE SIGNAL: starts it, waits for the phase, sends the signal; leaves the exit code.
end_in() {
  : >"$out"
  env --default-signal=INT "$QUIETUS" free-space --yes --json --slack --to-the-last-block --prove \
    --scheme random --state-dir "$state" "$mnt" >"$out" 2>"$err" &
  program=$!
  children+=("$program")
  wait_for 120 reached "$1" || fail "$label: phase $1 was not seen in 120 seconds"
  ! ended || { fail "$label: it ended before phase $1 was seen"; show; }
  kill "-$2" "$program" 2>/dev/null
  wait "$program" 2>/dev/null
  code=$?
}

# What lives is there line by line; links to it may be more.
expect_lives() {
  RESIDUE_LIST=$work/lines-after residue digest "$mnt" >/dev/null
  expect_equal "$label: lines of live files that changed" 0 \
    "$(comm -23 "$work/lines-before" "$work/lines-after" | wc -l)"
}

# killed PHASE HOW: ended by SIGKILL, then removed by a next start or by --clean-up.
killed() {
  local phase=$1 how=$2
  end_in "$phase" KILL
  expect_equal "$label: exit code" 137 "$code"
  # The last descriptor is closed with the process; a file that is that long goes in a moment.
  wait_for 10 space_is_back || fail "$label: free blocks: $blocks_before before, $(free_blocks) now"
  expect_lives
  echo "$label: after SIGKILL: $(find "$mnt" -maxdepth 1 -name '.quietus-*' | wc -l) folders of ours," \
    "$(comm -13 "$work/lines-before" "$work/lines-after" | wc -l) lines more, reserved clusters $(reserved_clusters)"
  if [ "$how" = next ]; then
    random_file "$work/next" 5000
    expect_exit 0 quietus files --yes --scheme random "$work/next"
  else
    expect_exit 0 quietus free-space --clean-up "$mnt"
  fi
  expect_equal "$label: marks of ours that are left" "" "$(find "$mnt" -name '.quietus-*' -print)"
  expect_unharmed
  expect_exit 0 quietus free-space --clean-up "$mnt"
  expect_exit 0 quietus ledger verify
  expect_clean_fs "$type"
}

# stopped PHASE SIGNAL: everything is undone by the run itself.
stopped() {
  end_in "$1" "$2"
  expect_equal "$label: exit code" 130 "$code"
  expect_equal "$label: outcome" interrupted "$(told finished .outcome)"
  expect_said .predicate.outcome interrupted
  expect_unharmed
  expect_clean_fs "$type"
}

type=ext4
ways=(clean next)
turn=0
for phase in begin bulk full nodes names after_names; do
  fresh "SIGKILL, $phase" ext4 200M
  killed "$phase" "${ways[$turn]}"
  turn=$((1 - turn))
done
fresh "SIGINT, bulk" ext4 200M
stopped bulk INT
fresh "SIGTERM, names" ext4 200M
stopped names TERM
type=xfs
fresh "SIGKILL, bulk, xfs" xfs 300M
killed bulk next
fresh "SIGTERM, bulk, xfs" xfs 300M
stopped bulk TERM
expect_there "$work/unrelated"
finish

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Killed at twenty random moments and taken up again: the medium ends byte for byte as the certificate
# says, nothing that was recorded as read back is read again, and the ledger stays whole. A medium that
# was rewritten or exchanged meanwhile is refused.
# shellcheck source=../support/system.sh
. "$(dirname "$0")/../support/system.sh"
need_root_and losetup openssl jq
need_plain_disk

# Before the memory goes, or the loop device would keep it under a name that nobody finds.
# shellcheck disable=SC2317  # called at the end
clean_up() {
  [ -z "${loop-}" ] || losetup -d "$loop"
  release_all
}

# Two stretches: a record comes after the first gibibyte, and at the end.
mib=1280
bytes=$((mib << 20))
mkdir "$work/memory"
mount_at "$work/memory" -t tmpfs -o size=$((mib + 64))m tmpfs
head -c "$bytes" /dev/zero | tr '\0' '\245' >"$work/memory/disk"
attach "$work/memory/disk" --direct-io=on

destroy() { exec "$QUIETUS" drives --yes --expect-size "$bytes" --scheme random --json --state-dir "$state" "$loop"; }

milliseconds() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }

# killed MS: starts a run and kills it so many milliseconds later. False: nothing was begun yet, or
# all was done (then the code is 0).
killed() {
  (destroy >"$out" 2>"$err") &
  local program=$!
  children+=("$program")
  sleep "$(($1 / 1000)).$(printf %03d $(($1 % 1000)))"
  kill -KILL "$program" 2>/dev/null
  wait "$program" 2>/dev/null
  code=$?
  [ -n "$(ls "$state/jobs")" ]
}

# The last pass again, by OpenSSL alone.
expect_content() {
  local key
  key=$(said .predicate.final_content.key_hex)
  head -c "$bytes" /dev/zero | openssl enc -aes-256-ctr -K "$key" -iv 0 2>/dev/null |
    cmp -s - "$work/memory/disk" || fail "$1: the medium is not what the certificate says"
}

seed=${RANDOM_SEED:-$((RANDOM * 32768 + RANDOM))}
echo "random seed: $seed"
RANDOM=$seed
# The moments are random parts of the time that a run takes here; most are to come after the first
# record, so the earliest of those is put off while they do not.
begin=$(milliseconds)
(destroy >"$out" 2>"$err") || fail "a run that nobody kills: exit code $?"
whole_ms=$(($(milliseconds) - begin))
earliest=50
kills=0
after_records=0
for _ in $(seq 100); do
  [ "$kills" -lt 20 ] || [ "$after_records" -lt 15 ] || break
  from=$((kills % 5 == 4 ? 0 : earliest))
  if ! killed $((whole_ms * (from + RANDOM % (101 - from)) / 100)); then
    [ "$code" -ne 0 ] || whole_ms=$((whole_ms * 19 / 20))
    continue
  fi
  kills=$((kills + 1))
  run quietus resume --json
  written=$(jq .written_bytes "$out")
  verified=$(jq .verified_bytes "$out")
  job=$(jq -r .job "$out")
  if [ "$written" -gt 0 ]; then
    after_records=$((after_records + 1))
  elif [ "$from" -gt 0 ]; then
    earliest=$((earliest + (95 - earliest) / 5))
  fi
  read_before=$(sectors_read "$loop")
  written_before=$(sectors_written "$loop")
  expect_run 0 sanitized quietus resume --json "$job"
  expect_content "kill $kills"
  # The sample that is read back and what probes read is small beside a stretch.
  allowed=$((bytes - verified + (64 << 20)))
  expect_at_most "bytes read after kill $kills" "$allowed" $((($(sectors_read "$loop") - read_before) * 512))
  expect_at_most "bytes written after kill $kills" $((bytes - written + (1 << 20))) \
    $((($(sectors_written "$loop") - written_before) * 512))
  expect_equal "unfinished jobs" "" "$(ls "$state/jobs")"
  expect_said '.predicate.run.resumed_at | length' 1
done
expect_at_least "runs that were killed" 20 "$kills"
expect_at_least "of them after a record" 15 "$after_records"
expect_exit 0 quietus ledger verify
expect_exit 0 quietus certificate verify "$(certificate)"

# A medium that was changed meanwhile, or is another one, is not gone on with.
rewritten() {  # CODE: the job is there and stays
  run quietus resume --json
  job=$(jq -r .job "$out")
  expect_exit 3 quietus resume --json "$job"
  expect_equal "reason" "$1" "$(jq -r 'select(.event == "finished") | .reasons[].code' "$out")"
  expect_there "$state/jobs/$job.job"
}
for _ in $(seq 100); do
  if ! killed $((whole_ms * (earliest + RANDOM % (101 - earliest)) / 100)); then
    [ "$code" -ne 0 ] || whole_ms=$((whole_ms * 19 / 20))
    continue
  fi
  run quietus resume --json
  [ "$(jq .written_bytes "$out")" = 0 ] || break
  # Nothing was recorded that could be missed later.
  expect_exit 0 quietus resume --json "$(jq -r .job "$out")"
done
printf 'a new owner' | dd of="$loop" bs=1M oflag=seek_bytes seek=4096 conv=notrunc status=none
sync "$loop"
rewritten job_rewritten
other=$loop
truncate -s $((bytes + 4096)) "$work/memory/disk"
losetup -c "$other"
rewritten job_other_medium
rm "$state"/jobs/*.job
finish

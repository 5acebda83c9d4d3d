#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What a person and what a script gets to see: text, JSON lines, --quiet, the question before the first
# write, and the progress bar of a terminal.
# shellcheck source=../support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
need_python pty
need_plain_disk

# Text: plan and result on standard output, progress on standard error.
random_file "$work/file" 5000
expect_exit 0 quietus files --yes "$work/file"
expect_gone "$work/file"
expect_line "$out" '^Plan$' '^.*/file: sanitized$' 'written: 3 of 3 passes' 'of which equal' \
  '^  remark: .*\[names_may_remain\]$' '^  certificate: .*\.cert\.json$' '^  ledger entry: [0-9]+$'
expect_line "$err" 'pass 1 of 3, write' 'pass 3 of 3, verify'
expect_no_line "$out" $'\x1b'
expect_no_line "$err" $'\x1b'

# --quiet: nothing at all on success, errors as ever.
random_file "$work/file" 5000
expect_exit 0 quietus files --yes --quiet "$work/file"
expect_empty "$out"
expect_empty "$err"
expect_exit 3 quietus files --yes --quiet "$work/missing"
expect_empty "$out"
expect_line "$err" '\[not_found\]$'

# --verify none: written, not read back; that is an exception, and the name goes since it was asked for.
random_file "$work/file" 5000
expect_run 5 unverified quietus files --yes --json --verify none "$work/file"
expect_gone "$work/file"
expect_said '.predicate.verification.mode' none
expect_said '[.predicate.run.passes[] | select(.verification)] | length' 0
random_file "$work/image" 5000
expect_run 5 unverified quietus drives --yes --json --verify none "$work/image"
expect_line <(said .predicate.verification.would_have_missed) 'Nothing was read back'

# --keep
random_file "$work/file" 5000
before=$(sum "$work/file")
expect_run 0 sanitized quietus files --yes --json --keep --scheme zero "$work/file"
expect_different "content" "$before" "$(sum "$work/file")"
expect_equal "bytes that are not zero" 0 "$(tr -d '\0' <"$work/file" | wc -c)"
rm "$work/file"

# --json: every line is an object of a known kind, in order; the bytes add up. The run is stopped for a
# moment so that progress is told on any machine.
random_file "$work/image" $((48 << 20))
: >"$out"
"$QUIETUS" drives --yes --json --scheme vsitr --rounds 3 --state-dir "$state" "$work/image" >"$out" 2>"$err" &
program=$!
children+=("$program")
wait_for 20 grep -q '"pass":2' "$out"
for _ in 1 2 3; do
  kill -STOP "$program"
  sleep 0.6
  kill -CONT "$program"
  sleep 0.05
done
wait "$program"
expect_equal "exit code" 0 "$?"
expect_empty "$err"
expect_equal "lines that are not JSON objects" 0 \
  "$(jq -R 'fromjson? // "bad" | select(type != "object")' "$out" | wc -l)"
expect_equal "kinds of events" "condition finished pass_finished pass_started plan progress" \
  "$(jq -r .event "$out" | sort -u | xargs)"
expect_equal "first and last event" "plan finished" \
  "$(jq -r .event "$out" | sed -n '1p;$p' | xargs)"
expect_equal "events of sweeps that are not in order" 0 "$(jq -r .event "$out" | grep pass_ |
  awk '{ if ($1 != (NR % 2 ? "pass_started" : "pass_finished")) ++wrong } END { print wrong + 0 }')"
expect_equal "passes" "$(seq 21 | xargs)" \
  "$(told pass_started 'select(.kind == "write") | .pass' | xargs)"
expect_equal "passes read back" \
  "$(told plan '[.plan.rules.passes[].verify] | . + . + . | .[20] = true | to_entries[] | select(.value) | .key + 1' | xargs)" \
  "$(told pass_started 'select(.kind == "verify") | .pass' | xargs)"
expect_equal "bytes of each sweep" $((48 << 20)) "$(told pass_finished .bytes | sort -u)"
expect_equal "seconds that are no decimal numbers" 0 \
  "$(grep pass_finished "$out" | grep -Evc '"seconds":[0-9]+\.[0-9]+[,}]')"
expect_at_least "progress events" 1 "$(told progress .pass | wc -l)"
expect_equal "progress beyond the end" 0 "$(told progress 'select(.done_bytes > .total_bytes)' | wc -l)"
expect_equal "certificate in the event" "$(certificate)" "$(told finished .certificate)"
expect_equal "digest of the plan" "$(said .predicate.method.plan_sha256)" "$(told plan .plan_sha256)"

# Events and refusals in JSON; nothing but JSON on standard output.
expect_exit 3 quietus files --yes --json "$work/missing"
expect_equal "kinds of events of a refusal" "plan finished" "$(jq -r .event "$out" | xargs)"
expect_equal "finding" "refusal not_found" "$(told plan '.plan.findings[] | "\(.level) \(.code)"')"

# on_terminal COLUMNS ANSWER FREEZES ARGUMENTS...: leaves the screen in $work/screen and the code in $code.
on_terminal() {
  local columns=$1 answer=$2 freezes=$3
  shift 3
  "$python" "$support/on_terminal.py" "$columns" "$answer" "$freezes" "$QUIETUS" "$@" --state-dir "$state" \
    >"$work/screen" </dev/null
  code=$?
}

# The question: only the word itself goes on.
random_file "$work/file" 5000
before=$(fingerprint "$work/file")
for answer in '' y yes Destroy 'destroy ' 'destroy it'; do
  on_terminal 80 "$answer" 0 files "$work/file"
  expect_equal "exit code after '$answer'" 3 "$code"
  expect_line "$work/screen" "Type 'destroy'" '\[not_confirmed\]'
done
expect_equal "the file" "$before" "$(fingerprint "$work/file")"
certificates_before=$(certificates)
on_terminal 80 destroy 0 files "$work/file"
expect_equal "exit code after 'destroy'" 0 "$code"
expect_gone "$work/file"
expect_equal "certificates" $((certificates_before + 1)) "$(certificates)"
# What is refused is not asked about.
on_terminal 80 destroy 0 files "$work/missing"
expect_equal "exit code" 3 "$code"
expect_no_line "$work/screen" "Type 'destroy'"

# The bar: as wide as the terminal at most, wiped at the end, and no colour where none is wanted.
random_file "$work/image" $((32 << 20))
widest() { tr '\r' '\n' <"$work/screen" | sed 's/\x1b\[[0-9;]*[a-zA-Z]//g' | grep -aE "$1" | awk '{ if (length > most) most = length } END { print most + 0 }'; }
for columns in 40 100; do
  NO_COLOR=1 on_terminal "$columns" - 4 drives --yes --scheme gutmann35 --rounds 2 "$work/image"
  expect_equal "exit code" 0 "$code"
  expect_line "$work/screen" $'\r\x1b\\[K.*pass [0-9]+ of 70'
  expect_at_most "columns of the bar on $columns" "$((columns - 1))" "$(widest 'pass [0-9]+ of 70')"
  expect_no_line "$work/screen" $'\x1b\\[[0-9;]*m'
done
expect_line "$work/screen" '\[[#.]+\] pass'
on_terminal 80 - 0 drives --yes --scheme zero "$work/image"
expect_line "$work/screen" $'\x1b\\[32m.*: sanitized\x1b\\[0m'
on_terminal 80 - 0 drives --yes --scheme zero --progress none "$work/image"
expect_no_line "$work/screen" 'pass [0-9]+ of'
finish

# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Shared by the tests of the schemas: both validators, over signed bodies and over full statements. To be
# sourced after cli.sh.
# shellcheck disable=SC2154  # support, work, python and err are set there
schemas=$(realpath "$support/../../schema")
validators=$(realpath "$support/../schema")

need_python jsonschema
need node npm

# ajv is fetched once for each run, by the lock file. Without the npm registry there is nothing to test.
need_ajv() {
  mkdir "$work/ajv"
  cp "$validators"/package.json "$validators"/package-lock.json "$work/ajv"
  (cd "$work/ajv" && npm ci --ignore-scripts --no-audit --no-fund >npm.log 2>&1) ||
    skip "ajv can't be installed: $(tail -n 1 "$work/ajv/npm.log")"
}

# verdicts SCHEMA FILE...: a line of each validator for each file.
verdicts() {
  local schema=$schemas/$1.schema.json
  shift
  "$python" "$validators/validate.py" "$schema" "$@" 2>"$err" || echo "error python $schema"
  node "$validators/validate.mjs" "$work/ajv" "$schema" "$@" 2>>"$err" || echo "error ajv $schema"
}

# takes SCHEMA ENVELOPE...: both validators take the signed body and the full statement of each.
takes() {
  local schema=$1 envelope
  shift
  local files=()
  for envelope in "$@"; do
    [ -s "$envelope" ] || fail "no statement to validate: $envelope"
    body "$envelope" >"$work/body-$(basename "$envelope")"
    full "$envelope" >"$work/full-$(basename "$envelope")"
    files+=("$work/body-$(basename "$envelope")" "$work/full-$(basename "$envelope")")
  done
  local found
  found=$(verdicts "$schema" "${files[@]}" | cut -d ' ' -f 1 | sort | uniq -c | sed 's/^ *//')
  [ "$found" = "$((4 * $#)) valid" ] && return
  fail "verdicts of $schema on $*: $found"
  show
}

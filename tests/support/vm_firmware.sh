# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Shared by the scripts in the emulated machine that have drives sanitize themselves: run the program,
# and compare what it says with its certificate, with what the drive was sent and with what is on it.
# Sources vm_guest.sh.
# shellcheck source=../support/vm_guest.sh
. "${BASH_SOURCE[0]%/*}/vm_guest.sh"

# destroy NAME METHOD [options]: of the drive with that name, known by its serial.
destroy() {
  quietus drives --method "$2" --expect-serial "EMU-${1^^}" --yes --json "${@:3}" "$(device "$1")"
}

# ends CODE OUTCOME CATEGORY NAME METHOD [options]: exit code, event and certificate agree, and the
# certificate stands on its own.
ends() {
  local code_wanted=$1 outcome=$2 category=$3
  shift 3
  expect_run "$code_wanted" "$outcome" destroy "$@"
  expect_said .predicate.method.category "$category"
  expect_said .predicate.method.method "${2//-/_}"
  expect_exit 0 quietus certificate verify "$(certificate)"
}

# refused FINDING NAME METHOD [options]: with a finding of that code, and nothing was sent.
refused() {
  local finding=$1
  shift
  expect_exit 3 quietus drives --method "$2" --expect-serial "EMU-${1^^}" --yes "${@:3}" "$(device "$1")"
  expect_line "$err" "\\[$finding\\]$"
  nothing_sent "$1"
}
nothing_sent() { expect_sent "$1" 0 'sanitize start|SECURITY (SET|ERASE)|FORMAT|OPAL revert|SET (ACCESSIBLE )?MAX|RESTORE'; }

# not_sanitized NAME METHOD [options]: whatever it says, it is no success, neither in words nor in code.
not_sanitized() {
  run destroy "$@"
  expect_different "exit code of $*" 0 "$code"
  expect_equal "successes of $*" 0 "$(grep -c '"outcome":"sanitized' "$out")"
}

# listed NAME FILTER: what `list` says of it.
listed() { quietus list --json | jq -r --arg path "$(device "$1")" "select(.path == \$path) | $2"; }

# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Shared by the scripts in the emulated machine that have drives sanitize themselves: run the program,
# and compare what it says with its certificate, with what the drive was sent and with what is on it.
# Sources vm_guest.sh.
# shellcheck source=../support/vm_guest.sh
. "${BASH_SOURCE[0]%/*}/vm_guest.sh"
# On the host: what lies in memory is refused.
state=$share/program

# destroy NAME METHOD [options]: of the drive with that name.
destroy() { drives_of "$1" --method "$2" --yes --json "${@:3}"; }

# drives_of NAME [options]: known by its serial, or by its world wide name where siblings share that.
drives_of() {
  local path known=(--expect-serial "EMU-${1^^}")
  path=$(device "$1")
  if [ -e "$drives/$1.1" ] || [ -e "$drives/$1.2" ]; then
    known=(--expect-wwn "$(cat "/sys/block/${path##*/}/"{,device/}wwid 2>/dev/null)")
  fi
  quietus drives "${known[@]}" "${@:2}" "$path"
}

# ends CODE OUTCOME CATEGORY NAME METHOD [options]: exit code, event and certificate agree, and the
# certificate stands on its own.
ends() {
  local code_wanted=$1 outcome=$2 category=$3 method=${5//-/_} basis=.
  shift 3
  [ "$2" != auto ] || method='[a-z_]*'
  expect_exit "$code_wanted" destroy "$@"
  expect_equal "outcome told by $*" "$outcome" "$(told finished .outcome)"
  # One look at it: each program takes its time here.
  said '.predicate | "\(.outcome) \(.method.category) \(.method.method) \(.method.category_basis)"' >"$work/said"
  [ "$category" = none ] || basis="${category^}: .*(NIST|IEEE)"
  expect_line "$work/said" "^$outcome $category $method $basis"
  expect_exit 0 quietus certificate verify "$(certificate)"
}

# refused FINDING NAME METHOD [options]: with a finding of that code, and it sent nothing.
refused() {
  local finding=$1 before
  shift
  before=$(sent "$1" "$changes")
  expect_exit 3 drives_of "$1" --method "$2" --yes "${@:3}"
  expect_line "$err" "\\[$finding\\]$"
  expect_sent "$1" "$before" "$changes"
}
# Whatever changes a drive.
changes='sanitize start|SECURITY (SET|ERASE)|FORMAT|OPAL revert|SET (ACCESSIBLE )?MAX|RESTORE'
nothing_sent() { expect_sent "$1" 0 "$changes"; }

# not_sanitized NAME METHOD [options]: whatever it says, it is no success, neither in words nor in code.
not_sanitized() {
  run destroy "$@"
  expect_different "exit code of $*" 0 "$code"
  expect_equal "successes of $*" 0 "$(grep -c '"outcome":"sanitized' "$out")"
}

# listed NAME FILTER: what `list` says of it.
listed() { quietus list --json | jq -r --arg path "$(device "$1")" "select(.path == \$path) | $2"; }

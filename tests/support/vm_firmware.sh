# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Shared by the scripts in the emulated machine that have drives sanitize themselves: run the program,
# and compare what it says with its certificate, with what the drive was sent and with what is on it.
# Sources vm_guest.sh.
# shellcheck source=../support/vm_guest.sh
. "${BASH_SOURCE[0]%/*}/vm_guest.sh"
# state_on_disk: the program's own folder gets a file system of its own. In memory it would be refused,
# and in the folder on the host each flush is slow.
state_on_disk() {
  load_modules ext4
  modprobe -d "$KERNEL" loop max_loop=1
  truncate -s 64M "$work/disk"
  mkdir -p /run/state
  if ! losetup /dev/loop0 "$work/disk" || ! mkfs.ext4 -q /dev/loop0 || ! mount /dev/loop0 /run/state; then
    echo "no file system for the state"
    exit 1
  fi
  state=/run/state/program
}

# destroy NAME METHOD [options]: of the drive with that name.
destroy() {
  local process=${begun["$*"]-} status
  [ -n "$process" ] || { drives_of "$1" --method "$2" --yes --json "${@:3}"; return; }
  begun["$*"]=
  wait "$process"
  status=$?
  cat "$work/$1.out"
  cat "$work/$1.err" >&2
  return "$status"
}

# meanwhile NAME METHOD [options]: begins to destroy it; whoever destroys it later with the same words
# waits for that, and gets what came of it. Most of a destruction is waiting for the drive.
declare -A begun=()
meanwhile() {
  destroy "$@" >"$work/$1.out" 2>"$work/$1.err" </dev/null &
  begun["$*"]=$!
  children+=("$!")
}

# certificate: of the run that was looked at last.
certificate() { echo "$last_certificate"; }
last_certificate=

# drives_of NAME [options]: known by its serial, or by its world wide name where siblings share that.
drives_of() {
  local path known=(--expect-serial "EMU-${1^^}")
  path=$(device "$1")
  if [ -e "$drives/$1.1" ] || [ -e "$drives/$1.2" ]; then
    known=(--expect-wwn "$(cat "/sys/block/${path##*/}/"{,device/}wwid 2>/dev/null)")
  fi
  quietus drives "${known[@]}" "${@:2}" "$path"
}

# ends CODE OUTCOME CATEGORY NAME METHOD [options]: exit code, event and certificate agree.
ends() {
  local code_wanted=$1 outcome=$2 category=$3 method=${5//-/_} basis=. told
  shift 3
  [ "$2" != auto ] || method='[a-z_]*'
  expect_exit "$code_wanted" destroy "$@"
  # One look at each: every program takes its time here.
  told=$(told finished '"\(.outcome) \(.certificate)"')
  expect_equal "outcome told by $*" "$outcome" "${told%% *}"
  last_certificate=${told#* }
  said '.predicate | "\(.outcome) \(.method.category) \(.method.method) \(.method.category_basis)"' >"$work/said"
  [ "$category" = none ] || basis="${category^}: .*(NIST|IEEE)"
  expect_line "$work/said" "^$outcome $category $method $basis"
}

# certificates_hold: all that were written stand on their own.
certificates_hold() {
  part "certificates"
  find "$state/certificates" -name '*.cert.json' -print0 |
    xargs -0 -n 1 -P 2 "$QUIETUS" certificate verify --quiet --state-dir "$state" || fail "a certificate does not hold"
  expect_at_least "certificates" 1 "$(certificates)"
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

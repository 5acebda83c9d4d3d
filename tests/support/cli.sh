# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Shared by the scripted tests: a folder of their own, running the program, and expectations that say
# what was expected and what was found. To be sourced; a script ends with `finish`.
set -u
export LC_ALL=C.UTF-8
unset XDG_STATE_HOME XDG_CONFIG_HOME NO_COLOR CREDENTIALS_DIRECTORY
failures=0

# skip WHY: nothing may be skipped where nobody would notice.
skip() {
  if [ "${CI-}" = true ] && [ "${QUIETUS_CI_MAY_SKIP-}" != 1 ]; then
    echo "FAILED: may not be skipped in CI: $1"
    exit 1
  fi
  echo "skipped: $1"
  exit 77
}

need() {
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null || skip "no $tool"
  done
}

# Sets $python to the first one that has the module. The system's own starts fastest.
need_python() {
  for python in /usr/bin/python3 python3; do
    "$python" -c "import $1" 2>/dev/null && return
  done
  skip "no Python with the module $1"
}

[ -x "${QUIETUS-}" ] || skip "QUIETUS does not name the program"
QUIETUS=$(realpath "$QUIETUS")
need jq sha256sum realpath
# It would decide on every run; unit tests have a machine of their own.
[ ! -e /etc/quietus/site.toml ] || skip "this machine has a site file, /etc/quietus/site.toml"
# shellcheck disable=SC2034  # for those that source this
support=$(cd "${BASH_SOURCE[0]%/*}" && pwd)

work=$(mktemp -d "${TMPDIR:-/var/tmp}/quietus-test-XXXXXX") || exit 1
state=$work/state
out=$work/.out
err=$work/.err
children=()

clean_up() { :; }  # a script or system.sh may have more to do
end_test() {
  local child
  for child in "${children[@]}"; do
    kill -KILL "$child" 2>/dev/null
    wait "$child" 2>/dev/null
  done
  clean_up
  cd /
  rm -rf --one-file-system "$work"
}
trap end_test EXIT
trap 'exit 130' INT TERM HUP
cd "$work" || exit 1

# Files overwritten in place, read back past the cache: what "sanitized" needs.
need_plain_disk() {
  case "$(stat -f -c %T "$work")" in
    ext2/ext3 | xfs) ;;
    *) skip "$work is not on ext4 or xfs; TMPDIR chooses another place" ;;
  esac
  local major minor
  IFS=. read -r major minor _ < <(uname -r)
  [ "$major" -gt 6 ] || { [ "$major" -eq 6 ] && [ "${minor%%[!0-9]*}" -ge 1 ]; } ||
    skip "Linux before 6.1 does not tell how direct I/O is aligned"
}

# Where in the test's own script we are, innermost first.
here() {
  local i place=
  for ((i = 1; i < ${#FUNCNAME[@]}; ++i)); do
    case "${BASH_SOURCE[$i]}" in */support/*) continue ;; esac
    place+="${place:+ from }${BASH_LINENO[$((i - 1))]}"
  done
  echo "line $place"
}

fail() {
  echo "FAILED: $(here): $*"
  failures=$((failures + 1))
}

show() {
  [ ! -s "$out" ] || { echo "  standard output:"; head -n 20 "$out" | cut -c1-400 | cat -v | sed 's/^/    /'; }
  [ ! -s "$err" ] || { echo "  standard error:"; head -n 20 "$err" | cut -c1-400 | cat -v | sed 's/^/    /'; }
}

finish() {
  [ "$failures" = 0 ] || echo "$failures expectations failed"
  [ "$failures" = 0 ]
  exit
}

# run COMMAND...: leaves exit code, standard output and standard error in $code, $out, $err.
run() {
  "$@" >"$out" 2>"$err" </dev/null
  code=$?
}

# quietus COMMAND...: the program with the test's own state folder.
quietus() { "$QUIETUS" "$@" --state-dir "$state"; }

expect_exit() {  # CODE COMMAND...
  local want=$1
  shift
  run "$@"
  [ "$code" = "$want" ] && return
  fail "$*: expected exit code $want, found $code"
  show
}

expect_equal() {  # WHAT EXPECTED FOUND
  [ "$2" = "$3" ] || fail "$1: expected $2, found $3"
}

expect_different() {  # WHAT UNEXPECTED FOUND
  [ "$2" != "$3" ] || fail "$1: expected anything but $2"
}

expect_at_least() {  # WHAT LEAST FOUND
  [ "$3" -ge "$2" ] || fail "$1: expected at least $2, found $3"
}

expect_at_most() {  # WHAT MOST FOUND
  [ "$3" -le "$2" ] || fail "$1: expected at most $2, found $3"
}

expect_line() {  # FILE PATTERN...: each extended regular expression matches a line
  local file=$1 pattern
  shift
  for pattern in "$@"; do
    grep -aEq -- "$pattern" "$file" && continue
    fail "expected a line like: $pattern"
    echo "  found:"
    head -n 20 "$file" | cut -c1-400 | cat -v | sed 's/^/    /'
  done
}

expect_no_line() {  # FILE PATTERN...
  local file=$1 pattern
  shift
  for pattern in "$@"; do
    ! grep -aEq -- "$pattern" "$file" ||
      fail "expected no line like: $pattern; found: $(grep -aE -m 1 -- "$pattern" "$file" | cat -v)"
  done
}

expect_empty() {  # FILE
  [ ! -s "$1" ] && return
  fail "expected nothing, found:"
  head -n 20 "$1" | cat -v | sed 's/^/    /'
}

exists() { [ -e "$1" ] || [ -L "$1" ]; }
expect_gone() {
  local path
  for path in "$@"; do
    ! exists "$path" || fail "expected to be gone, but is there: $path"
  done
}
expect_there() {
  local path
  for path in "$@"; do
    exists "$path" || fail "expected to be there, but is gone: $path"
  done
}

# refuses CODE COMMAND...: exit code 3, a finding with that code, no certificate.
refuses() {
  local want=$1
  shift
  expect_exit 3 "$@"
  expect_line "$err" "\\[$want\\]$"
}

# Everything about a tree that a write could change: kinds, modes, lengths, times, links, contents.
fingerprint() {  # PATH...
  {
    find "$@" -printf '%p %y %m %U %s %T@ %C@ %n %l\0' | sort -z
    find "$@" -type f -readable -print0 | sort -z | xargs -0r sha256sum
  } 2>/dev/null | sha256sum | cut -d ' ' -f 1
}

sum() { sha256sum <"$1" | cut -d ' ' -f 1; }

# The newest certificate; their names begin with the time.
certificate() { find "$state/certificates" -maxdepth 1 -name "*.cert.json" | sort | tail -n 1; }
certificates() { find "$state/certificates" -maxdepth 1 -name '*.cert.json' 2>/dev/null | wc -l; }

# body CERTIFICATE: what is signed, byte for byte. full CERTIFICATE: with what is disclosed put back.
body() { jq -r .payload "$1" | base64 -d; }
full() { jq -c "$disclosed" "$1"; }
# shellcheck disable=SC2016  # jq's own variables
disclosed='
  def text: gsub("-"; "+") | gsub("_"; "/") | . + "==="[0:(4 - length % 4) % 4] | @base64d;
  def place: ltrimstr("/") | split("/") | map(if test("^[0-9]+$") then tonumber else . end);
  (.payload | @base64d | fromjson) as $body
  | reduce ((.disclosures // [])[] | text | fromjson) as $one ($body; setpath($one[1] | place; $one[2]))'

# said FILTER [CERTIFICATE]: what the certificate says there.
said() { jq -r "$disclosed | $1" "${2:-$(certificate)}"; }

# told EVENT FILTER: what an event in $out says there.
told() { jq -r "select(.event == \"$1\") | $2" "$out"; }

expect_said() {  # FILTER EXPECTED [CERTIFICATE]
  expect_equal "certificate, $1" "$2" "$(said "$1" "${3:-$(certificate)}")"
}

# expect_run CODE OUTCOME COMMAND...: exit code, event and certificate agree. The command has --json.
expect_run() {
  local want=$1 outcome=$2
  shift 2
  expect_exit "$want" "$@"
  expect_equal "outcome told by $*" "$outcome" "$(told finished .outcome | sort -u)"
  expect_said .predicate.outcome "$outcome"
}

# wait_for SECONDS COMMAND...: until it succeeds.
wait_for() {
  local tries=$(($1 * 50))
  shift
  until "$@"; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || return 1
    sleep 0.02
  done
}

random_file() { head -c "$2" /dev/urandom >"$1"; }  # FILE BYTES

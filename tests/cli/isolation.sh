#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What the program does to the rest of the system, by the system calls it makes: writes only to the
# target, the state and the certificate folder; runs no other program, loads no configuration of a
# library, and asks no network.
# shellcheck source=../support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
need strace
need_plain_disk
mkdir "$work/target" "$work/certificates" "$work/beside"
random_file "$work/target/file" 5000
random_file "$work/target/image" 70000
random_file "$work/beside/file" 5000
beside=$(fingerprint "$work/beside")
export OPENSSL_CONF=$work/beside/openssl.cnf HOME=$work/beside
# Under a sanitizer the search for leaks would trace the program itself.
export ASAN_OPTIONS=${ASAN_OPTIONS-}${ASAN_OPTIONS:+:}detect_leaks=0
# The program forbids core dumps, and so whoever is not root to look into its memory.
[ "$(id -u)" = 0 ] || skip "needs root"
strace -o "$work/probe" true 2>/dev/null || skip "strace may not trace here"

# traced COMMAND...: all threads, all calls that name a file or make a connection or a process.
traced() {
  strace -f -y -o "$work/trace" -e trace=%file,%network,%process "$QUIETUS" "$@" --state-dir "$state" \
    --certificate-dir "$work/certificates" >"$out" 2>"$err" </dev/null
  code=$?
  expect_equal "exit code of $*" 0 "$code"
  expect_equal "programs started by $*" 1 "$(grep -cE '\bexecve(at)?\(' "$work/trace")"
  expect_equal "processes made by $*" 0 "$(grep -E '\b(fork|vfork|clone3?)\(' "$work/trace" | grep -vc 'CLONE_THREAD')"
  expect_no_line "$work/trace" 'openssl\.cnf' '\bsocket\(AF_(INET|INET6|NETLINK|PACKET)'
  # What is opened for writing, with the folder that the call is relative to.
  grep -E '\bopen(at2?)?\(|\bcreat\(' "$work/trace" | grep -E 'O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND' >"$work/written"
  grep -vF -e "$work/target/" -e "<$work/target>" -e "$state" -e "$work/certificates" -e '/proc/self/fd/' \
    "$work/written" >"$work/elsewhere"
  expect_empty "$work/elsewhere"
  expect_at_least "files opened for writing by $*" 2 "$(wc -l <"$work/written")"
  expect_no_line "$work/written" O_TRUNC
  # Names that are made, changed or removed.
  grep -E '\b(rename|unlink|mkdir|rmdir|link|symlink|mknod|truncate|chmod|chown)[a-z0-9]*\(' "$work/trace" |
    grep -vF -e "$work/target" -e "$state" -e "$work>, \"state\"" -e "$work/certificates" >"$work/elsewhere"
  expect_empty "$work/elsewhere"
}

traced files --yes "$work/target/file"
traced drives --yes "$work/target/image"
expect_gone "$work/target/file"
expect_equal "what lies beside" "$beside" "$(fingerprint "$work/beside")"
expect_equal "what is left behind" "beside certificates state target" \
  "$(find "$work" -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sort | xargs)"
expect_equal "drafts left behind" "" "$(find "$work/certificates" "$state" -name '*.tmp' -o -name '.quietus*' -o -name '.*.key*')"

# The target is opened without truncation and without following links.
expect_equal "ways of opening the target that follow links" 0 \
  "$(grep '"image"' "$work/trace" | grep -E '\bopenat2?\(' | grep -vc O_NOFOLLOW)"
finish

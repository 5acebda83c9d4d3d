#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What is refused: exit code 3, a stable code, no certificate, and no target is touched, not even those
# beside it that could have been destroyed; unless --skip-refused says so.
# shellcheck source=../support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
need flock
need_python socket
need_plain_disk
place=$work/place
mkdir -p "$place/folder/below" "$place/empty"
cd "$place" || exit 1
random_file plain 5000
random_file other 5000
random_file folder/below/file 5000
random_file linked 5000
ln linked second-name
ln -s plain link
ln -s folder folder-link
ln -s nowhere dangling
mkfifo pipe
"$python" -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket")'
random_file protected 5000
chmod 0444 protected
: >zero.img

# untouched CODE ARGUMENTS...: refused for that reason; the whole place is as it was.
untouched() {
  local code=$1 before
  shift
  before=$(fingerprint "$place")
  refuses "$code" quietus "$@"
  expect_equal "the place after $*" "$before" "$(fingerprint "$place")"
  expect_equal "certificates after $*" 0 "$(certificates)"
}

untouched not_found files --yes missing
untouched not_found files --yes missing/deeper
untouched not_found files --yes plain missing
untouched is_directory files --yes folder
expect_line "$err" '^hint: add --recursive'
untouched is_directory files --yes plain folder
untouched is_directory drives --yes folder
untouched device_node files --yes /dev/null
untouched device_node drives --yes /dev/null
untouched special_file files --yes pipe
untouched special_file files --yes socket
untouched is_symlink files --yes link
untouched is_symlink files --yes --recursive folder-link
untouched is_symlink files --yes dangling
untouched is_symlink drives --yes link
untouched hard_links files --yes linked
untouched hard_links files --yes --best-effort linked
untouched read_only files --yes protected
untouched duplicate_target files --yes plain plain
untouched duplicate_target files --yes plain "$place/./plain"
untouched duplicate_target files --yes plain folder/../plain
untouched duplicate_target drives --yes plain "$place/plain"
untouched duplicate_target files --yes --recursive folder folder/
untouched overlapping_targets files --yes --recursive folder folder/below/file
untouched overlapping_targets files --yes --recursive folder/below folder
untouched mount_point files --yes --recursive /
untouched mount_point files --yes --recursive /proc
untouched zero_size drives --yes zero.img

# No spelling means all drives, and what is expected must be there.
for spelling in all '*' '/dev/*' '/dev/disk/by-id/*'; do
  untouched not_found drives --yes "$spelling"
  untouched not_found drives --yes --expect-size 5000 "$spelling"
done
for folder in . / /dev /dev/ /sys/block; do
  untouched is_directory drives --yes "$folder"
done
untouched identity_not_found drives --yes --expect-serial S3Z8NX0K plain
untouched identity_not_found drives --yes --expect-wwn 0x5000c500a1b2c3d4 plain
untouched identity_not_found drives --yes --expect-size 5000 plain
expect_equal "reasons in the ledger" 'sanitize.refused' \
  "$(quietus ledger show --json | jq -r 'select(.index > 0) | .type' | sort -u)"

# Several refusals are all told at once.
expect_exit 3 quietus files --yes missing folder linked pipe
expect_line "$err" '\[not_found\]$' '\[is_directory\]$' '\[hard_links\]$' '\[special_file\]$'

# The script's own account may not be root.
if [ "$(id -u)" != 0 ]; then
  random_file locked 5000
  chmod 0200 locked
  untouched no_permission files --yes locked
fi

# Without --skip-refused nothing is destroyed, with it the rest is, and the code stays 3.
cp plain plain-1
expect_exit 3 quietus files --yes --json --skip-refused plain-1 linked missing
expect_gone plain-1
expect_there linked second-name
expect_equal "outcomes" "sanitized refused refused" "$(told finished .outcome | xargs)"
expect_equal "exit codes" "0 3 3" "$(told finished .exit | xargs)"
expect_said .predicate.outcome sanitized
expect_equal "certificates" 1 "$(certificates)"
expect_exit 3 quietus files --yes --skip-refused linked missing
expect_equal "certificates" 1 "$(certificates)"

# What is ours is never a target, and not with --skip-refused or --best-effort either.
own() {
  local what=$1
  shift
  refuses own_state quietus files --yes --best-effort "$@"
  expect_line "$err" "$what"
  expect_exit 0 quietus ledger verify
}
own 'the state folder' --recursive "$state"
own 'the state folder' --recursive "$work"
own 'the state folder' "$state/keys/machine.key"
own 'the state folder' "$state/ledger/entries.jsonl"
own 'folder' "$(certificate)"
mkdir certificates
cp other to-go
expect_exit 0 quietus files --yes --certificate-dir certificates to-go
own 'the certificate folder' --certificate-dir certificates certificates/*.cert.json
expect_there certificates/*.cert.json certificates/*.tlog-proof
cp "$QUIETUS" copy
before=$(sum copy)
expect_exit 3 ./copy files --yes --state-dir "$state" copy
expect_line "$err" '\[(own_state|running_program)\]$'
expect_equal "the program" "$before" "$(sum copy)"
printf 'id = "mine"\ntitle = "Mine"\n\n[[pass]]\nhex = "00"\n' >mine.toml
own 'the scheme file' --scheme-file mine.toml mine.toml

# A file that somebody has open.
exec 8<plain
sleep 30 &
children+=($!)
exec 8<&-
refuses open_elsewhere quietus files --yes plain
kill "${children[0]}"
wait "${children[0]}" 2>/dev/null

# Nobody gets the ledger while another holds it: refused after a while, before the first write.
before=$(sum plain)
{ flock 9 && exec sleep 60; } 9>"$state/ledger/lock" &
children+=($!)
# shellcheck disable=SC2317  # called by wait_for
held() { ! flock -n "$state/ledger/lock" true; }
wait_for 5 held
expect_exit 3 quietus files --yes plain
expect_line "$err" '^error: .*lock'
expect_equal "the target while the ledger was locked" "$before" "$(sum plain)"
kill "${children[1]}"
wait "${children[1]}" 2>/dev/null
expect_exit 0 quietus files --yes plain
expect_gone plain
finish
